"""The constructed small group: a twin in plain NumPy, its criteria, and that it says what it is."""

from __future__ import annotations

import numpy as np
import pytest

from prioritering.dossier import CaseRun, check_case, find_case, run_case
from prioritering.errors import PrioriteringError

from .conftest import Changed, run_example

NAME = "constructed-small-group"
CYCLES = 98


@pytest.fixture(scope="module")
def run() -> CaseRun:
    return run_example(NAME)


def trapezoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (values[:-1] + values[1:])


def twin(run: CaseRun, strategy: str) -> dict[str, float]:
    """Cost in the extended perspective, QALYs and prognosis of the base case."""
    p = {name: parameter.value for name, parameter in run.parameters.items()}
    t = np.arange(CYCLES + 1.0)
    alive = run.rules.life_tables["pooled"].survival(2, t)
    q = 1 - alive[1:] / alive[:-1]
    treated = strategy == "gene therapy"
    decline = 1 - np.exp(-p["decline_treated" if treated else "decline_untreated"])
    dying = 1 - np.exp(-p["death_impaired"]) * (1 - q)
    stable, ill = [1.0], [0.0]
    for c in range(CYCLES):
        moved = stable[-1] * (1 - q[c]) * decline
        ill.append(ill[-1] * (1 - dying[c]) + moved)
        stable.append(stable[-1] * (1 - q[c]) * (1 - decline))
    factor = np.exp(
        -np.log(1.04) * np.minimum(t, 40)
        - np.log(1.03) * np.clip(t - 40, 0, 35)
        - np.log(1.02) * np.maximum(t - 75, 0)
    )
    bands = {0: 0.9, 40: 0.853, 50: 0.870, 60: 0.885, 70: 0.859, 80: 0.811}
    norm = np.array([bands[max(b for b in bands if b <= 2 + a)] for a in t[:-1]]) / 0.9
    years_ill = trapezoid(factor * ill).sum()
    yearly = p["hospital_days"] * p["day_price"] + p["home_visits"] * p["visit_price"] + p["travel"]
    start = treated * (p["price_dose"] + p["days_of_dose"] * p["day_price"])
    s, i = np.array(stable), np.array(ill)
    health = p["u_stable"] * s, p["u_impaired"] * i
    return {
        "cost": start + years_ill * yearly,
        "qaly": sum(float((norm * trapezoid(factor * h)).sum()) for h in health),
        "qaly_undiscounted": sum(float((norm * trapezoid(h)).sum()) for h in health),
    }


def test_the_base_case_agrees_with_a_numpy_twin(run: CaseRun) -> None:
    for row in run.results["strategies"]:
        for key, value in twin(run, row["name"]).items():
            assert row[key] == pytest.approx(value, rel=1e-11), (row["name"], key)


def test_it_says_that_it_is_constructed_everywhere(run: CaseRun) -> None:
    assert run.case.title.startswith("CONSTRUCTED")
    assert "made-up" in run.case.description
    assert all(p.assumption for p in run.parameters.values())
    assert any("whole case is constructed" in a.what for a in run.assumptions)
    assert run.page is not None
    for language in ("en", "no"):
        assert "CONSTRUCTED" in run.page.html(language)
    told = [f.text for f in check_case(run.case.folder) if f.level in ("error", "warning")]
    assert all("value-added tax excluded" in text for text in told)


def test_all_criteria_of_a_very_small_group_are_met_with_their_margins(run: CaseRun) -> None:
    assert run.decisions is not None
    group = run.decisions.small_group
    assert group is not None
    assert {c.standing for c in group.criteria} == {"met"}
    margins = {c.key: c.margin for c in group.criteria}
    assert margins["worldwide"] == pytest.approx(0.8)
    assert margins["in_country"] == 38
    assert margins["absolute_shortfall"] is not None
    assert margins["absolute_shortfall"] > 30
    assert margins["expected_gain"] is not None
    assert margins["expected_gain"] > 5


def test_the_norm_below_40_is_an_assumption_on_the_record(run: CaseRun) -> None:
    told = {a.what: a.why for a in run.assumptions}
    assert "below 40" in told["population norm 0.9 from age 0 to where it begins"]
    assert run.severity is not None
    assert run.severity.expected.severity_class == 6


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"computed"', '"printed"', "found 2.*Write population = .computed. under"),
        ("age_from = 0", "age_from = 20", "age.*norm"),
    ],
)
def test_age_2_is_beyond_the_printed_table_and_the_published_norm(
    changed: Changed, old: str, new: str, said: str
) -> None:
    with pytest.raises(PrioriteringError, match=said):
        run_case(changed(NAME, (old, new)))


def test_what_the_perspectives_count_differs(run: CaseRun) -> None:
    assert run.decisions is not None
    seen = run.decisions.perspectives
    assert seen is not None
    assert seen.not_counted["extended"] == ("parents' work",)
    assert seen.not_counted["health_service"] == ("travel", "parents' work")
    assert seen.not_counted["society"] == ()
    assert seen.carers is not None
    assert seen.carers.value > 0


def test_the_readme_tells_the_results(run: CaseRun) -> None:
    readme = (find_case(NAME) / "README.md").read_text("utf-8")
    for row in run.results["strategies"]:
        shown = f"| {row['name']} | {row['cost']:,.0f} | {row['qaly']:.3f} | {row['ly']:.3f} |"
        assert shown.replace(",", " ") in readme
    assert run.severity is not None
    assert f"{run.severity.expected.shortfall_rounded:.2f}" in readme
