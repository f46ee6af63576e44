import pytest

import prioritering as pr
from tests.reference import reference

REFERENCE = reference("hiv")
INPUTS = REFERENCE["inputs"]
STATES = ("A", "B", "C", "D")


def transitions(p, strategy, t):
    rr = (
        1.0
        if strategy == "mono"
        else 1.0 + (INPUTS["relative_risk"] - 1.0) * (t.start < INPUTS["relative_risk_years"])
    )
    moves = {}
    for k, state in enumerate("ABC"):
        counts = INPUTS["counts_transitions"][state]
        for j in range(k + 1, 4):
            moves[state, STATES[j]] = counts[j] / sum(counts) * rr
    return moves


def costs(p, strategy, t):
    lamivudine = 0.0 if strategy == "mono" else INPUTS["cost_lamivudine"] * (t.start < 2)
    drugs = INPUTS["cost_zidovudine"] + lamivudine
    return {
        "health": {s: INPUTS["state_cost_health"][s] for s in STATES},
        "drugs": dict.fromkeys("ABC", drugs),
    }


MODEL = {
    "states": STATES,
    "strategies": ("mono", "comb"),
    "cycle": pr.years(1),
    "horizon": pr.years(INPUTS["cycles"]),
    "transitions": transitions,
    "costs": costs,
    "utilities": dict.fromkeys("ABC", 1.0),
    "dead": "D",
}
RULES = {"end": "none-end", "beginning": "none-start", "life-table": "life-table"}
NOTHING_DRAWN = pr.Draws.from_arrays({"unused": [0.0]})


@pytest.mark.parametrize("method", list(RULES))
def test_chancellor_under_each_counting_method(method):
    out = pr.MarkovModel(**MODEL, correction=pr.CycleCorrection(RULES[method])).run(
        NOTHING_DRAWN,
        discounting=pr.Discounting.flat(0.06).at("end"),
        discounting_effects=pr.Discounting.none().at("end"),
    )
    expected = REFERENCE["totals_by_counting_method"][method]
    for s in (0, 1):
        assert out.cost[s, 0] == pytest.approx(expected["cost_total"][s], rel=1e-13)
        assert out.life_years[s, 0] == pytest.approx(expected["life_year"][s], rel=1e-13)
        assert out.cost_by_category_undiscounted[0, s, 0] == pytest.approx(
            expected["cost_health"][s], rel=1e-13
        )
        assert out.cost_by_category_undiscounted[1, s, 0] == pytest.approx(
            expected["cost_drugs"][s], rel=1e-13
        )


def test_published_icer():
    out = pr.MarkovModel(**MODEL, correction=pr.CycleCorrection("none-end")).run(
        NOTHING_DRAWN,
        discounting=pr.Discounting.flat(0.06).at("end"),
        discounting_effects=pr.Discounting.none(),
    )
    icer = (out.cost[1, 0] - out.cost[0, 0]) / (out.qaly[1, 0] - out.qaly[0, 0])
    assert icer == pytest.approx(REFERENCE["icer_per_life_year"], rel=1e-12)
    # printed by Chancellor 1997 / heemod as 44 663.4536, 50 601.6513 and 6 275.956
    assert (round(out.cost[0, 0], 4), round(out.cost[1, 0], 4), round(icer, 3)) == (
        44663.4536,
        50601.6513,
        6275.956,
    )
