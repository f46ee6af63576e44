import numpy as np
import pytest
from scipy.integrate import simpson

import prioritering as pr
from tests.models.sick_sicker import NUMBERS, REFERENCE, STRATEGIES, model

FLAT3 = pr.Discounting.flat(0.03)
DRAWS = pr.Draws.from_arrays({k: [v] for k, v in NUMBERS.items()})


@pytest.mark.parametrize(
    ("rule", "key"), [("simpson-misindexed", "Simpson1/3"), ("half-cycle", "half-cycle")]
)
def test_published_totals_to_the_last_digits(rule, key):
    out = model(rule).run(DRAWS, discounting=FLAT3)
    expected = REFERENCE["variants"][key]
    for s, name in enumerate(STRATEGIES):
        assert out.cost[s, 0] == pytest.approx(expected["cost"][name], rel=1e-13)
        assert out.qaly[s, 0] == pytest.approx(expected["qaly"][name], rel=1e-13)
        assert out.life_years_undiscounted[s, 0] == pytest.approx(
            expected["life_years_undiscounted"][name], rel=1e-13
        )


def test_published_trace():
    out = model().run(DRAWS, discounting=FLAT3, trace=True)
    published = np.array(REFERENCE["trace_standard_of_care"])
    np.testing.assert_allclose(out.trace.occupancy[0, 0], published, atol=1e-14)


def test_correct_simpson_is_the_textbook_rule_and_not_the_published_digits():
    out = model("simpson").run(DRAWS, discounting=FLAT3, trace=True)
    years = np.arange(76)
    utility = [[NUMBERS[u] for u in ("u_H", sick, "u_S2", "u_D")] for sick in ("u_S1", "u_trtA")]
    for s, name in enumerate(STRATEGIES):
        treated = int(name in ("Strategy A", "Strategy AB"))
        value = out.trace.occupancy[s, 0] @ utility[treated] * 1.03**-years
        # an odd number of cycles: 1/3 over the first 72, 3/8 over the last three
        last = 3 / 8 * (value[72] + 3 * value[73] + 3 * value[74] + value[75])
        by_hand = simpson(value[:73], dx=1.0) + last
        assert out.qaly[s, 0] == pytest.approx(by_hand, rel=1e-13)
    published = REFERENCE["variants"]["Simpson1/3"]["qaly"]["Standard of care"]
    assert out.qaly[0, 0] - published > 0.3


def test_state_years_add_up_to_life_years_and_costs_by_category_to_the_cost():
    out = model().run(DRAWS, discounting=FLAT3)
    np.testing.assert_allclose(
        out.state_years[:, :, :3].sum(axis=2), out.life_years_undiscounted, rtol=1e-13
    )
    np.testing.assert_allclose(out.state_years.sum(axis=2), 75.0, rtol=1e-13)
    assert out.cost_categories == ("care", "drug")
    assert out.cost_by_category[1, 0, 0] == 0.0
    np.testing.assert_allclose(out.cost_by_category.sum(axis=0), out.cost, rtol=1e-15)
