"""Every table and figure of a result at a secret price says that it is secret."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from prioritering import psa
from prioritering.cea import compare
from prioritering.conventions import Discounting
from prioritering.decision import (
    Inventory,
    Patients,
    Row,
    StaffTime,
    adjustment_effect,
    assess,
    budget_impact,
    classification_probability,
    cutoff_sensitivity,
    impact_inventory,
    opportunity_cost,
    personnel,
    perspectives,
    portfolio,
    price_analysis,
    scenario_by_price,
)
from prioritering.decision.agreements import FlatDiscount, TemporaryAdoption, compare_agreements
from prioritering.decision.routes import cost_minimisation, mini_hta, small_group
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import absolute_shortfall
from prioritering.yearly import YearlyOutcomes

RULES = guideline("no", as_of="2026-11-01")
PAIR = {"reference": "old", "option": "new"}
WTP = 385_000.0
LIMITS = [100_000.0, WTP]
WORDS = {"en": "CONFIDENTIAL", "no": "KONFIDENSIELT"}
N = 200


@pytest.fixture(scope="module", params=[True, False], ids=["secret", "open"])
def run(request):
    """Totals, yearly costs, severity and decision, and whether their price is secret."""
    rng = np.random.default_rng(1)
    mark = {"currency": "NOK"} | ({"confidential": "an agreement"} if request.param else {})
    drug = rng.normal([[0.0], [3e5]], [[0.0], [1e4]], (2, N))
    years = rng.normal(5.0, 0.3, (2, N))
    outcomes = Outcomes.from_arrays(
        ["old", "new"],
        cost={"drug": drug, "care": rng.normal(9e4, 1e4, (2, N))},
        qaly=rng.normal([[3.0], [4.0]], 0.3, (2, N)),
        qaly_undiscounted=years,
        life_years=years,
        provenance=mark,
    )
    yearly = YearlyOutcomes.from_arrays(
        ["old", "new"],
        cost={
            "drug": np.repeat(drug[..., np.newaxis], 5, axis=-1) / 5,
            "care": np.full((2, N, 5), 1e4),
        },
        resource_use={"visits": np.ones((2, N, 5)) * np.array([1, 2])[:, None, None]},
        provenance=mark,
    )
    severity = absolute_shortfall(outcomes["old"], age=61, rules=RULES)
    decision = assess(outcomes, severity, RULES, **PAIR)
    return {"o": outcomes, "y": yearly, "s": severity, "d": decision, "secret": request.param}


def budget(run):
    return budget_impact(
        run["y"],
        **PAIR,
        rules=RULES,
        groups={"drug": "drug", "care": "service"},
        patients=Patients(incidence=100, uptake=0.5),
    )


def hours(run):
    nurse = StaffTime("nurse", level="specialist", hours=0.5, source="a test")
    patients = Patients(incidence=100, uptake=0.5)
    return personnel(run["y"], **PAIR, rules=RULES, staff={"visits": [nurse]}, patients=patients)


def inventory():
    care = Row("related_care_cost", level="municipal")
    return Inventory({"drug": Row("intervention_cost", level="specialist"), "care": care})


def displaced(run):
    return opportunity_cost(run["o"], **PAIR, rules=RULES, price_year=2026, patients=10.0, name="a")


def timing(run):
    terms = TemporaryAdoption(2, confidential=run["secret"])
    agreed = FlatDiscount(0.4, "drug", confidential=run["secret"]).then(terms)
    how = {"yearly": run["y"], "patients": [10.0] * 5, "discounting": Discounting.flat(0.04)}
    found = compare_agreements(
        run["o"], run["s"], RULES, **PAIR, agreements={"agreed": agreed}, **how
    )
    return found["agreed"].timing


MADE = {
    "comparison": lambda r: compare(r["o"], reference="old", wtp=WTP),
    "decision": lambda r: r["d"],
    "price": lambda r: price_analysis(
        r["o"], **PAIR, category="drug", price=3e5, rules=RULES, severity=r["s"]
    ),
    "path": lambda r: scenario_by_price(r["o"], r["s"], RULES, reference="old", category="drug"),
    "budget": budget,
    "hours": hours,
    "perspectives": lambda r: perspectives(r["o"], inventory(), RULES, **PAIR, wtp=WTP),
    "inventory": lambda r: impact_inventory(r["o"], inventory(), RULES, **PAIR),
    "displaced": displaced,
    "portfolio": lambda r: portfolio([displaced(r)]),
    "small group": lambda r: small_group(
        r["o"], r["s"], RULES, **PAIR, per_100_000_worldwide=0.5, patients_in_country=3
    ),
    "cost minimisation": lambda r: cost_minimisation(
        r["o"], **PAIR, margin=0.1, reason="a test", despite="a test"
    ),
    "cut-offs": lambda r: cutoff_sensitivity(r["d"]),
    "classification": lambda r: classification_probability(r["d"], resamples=100),
    "adjustment": lambda r: adjustment_effect(r["o"], r["s"], RULES, adjustments=[-5e4], **PAIR),
    "mini-HTA": lambda r: mini_hta("x", {}, setting="hospital", decision=r["d"]),
    "mini-HTA without a decision": lambda r: mini_hta(
        "x", {}, setting="hospital", budget=budget(r)
    ),
    "timing": timing,
    "evpi": lambda r: psa.evpi(r["o"], wtp=LIMITS),
    "acceptability": lambda r: psa.acceptability(r["o"], limits=LIMITS),
    "loss": lambda r: psa.expected_loss(r["o"], limits=LIMITS),
    "ranks": lambda r: psa.rank_probabilities(r["o"], wtp=WTP),
    "increments": lambda r: psa.incremental(r["o"], reference="old"),
    "settling": lambda r: psa.settling(r["o"], reference="old", wtp=WTP),
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_secret_is_marked_wherever_it_is_shown_and_nothing_else_is(run, name):
    result = MADE[name](run)
    for language, word in WORDS.items():
        notes = result.table(language).attrs["notes"]
        assert sum(word in note for note in notes) == run["secret"]
    assert ("CONFIDENTIAL" in result._repr_html_()) == run["secret"]
    for method in (m for m in dir(result) if m == "plot" or m.startswith("plot_")):
        drawn = getattr(result, method)()
        axes = drawn[0] if isinstance(drawn, tuple) else drawn
        figure = axes.get_figure(root=True)
        shown = " ".join(text.get_text() for text in figure.findobj(Text))
        assert shown.count("CONFIDENTIAL") == run["secret"], method
        plt.close(figure)
