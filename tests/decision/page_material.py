"""A small case with everything a page can hold, built from arrays."""

from functools import cache

import numpy as np

from prioritering import guideline
from prioritering.decision import (
    Inventory,
    Patients,
    Row,
    StaffTime,
    assess,
    budget_impact,
    impact_inventory,
    in_perspective,
    judge_documentation,
    opportunity_cost,
    personnel,
    price_analysis,
)
from prioritering.decision.agreements import FlatDiscount
from prioritering.decision.routes import small_group
from prioritering.outcomes import Outcomes
from prioritering.severity import absolute_shortfall
from prioritering.yearly import YearlyOutcomes

RULES = guideline("no", as_of="2026-11-01")
PAIR = {"reference": "standard", "option": "new"}
N = 2_000
FIRST_YEARS = np.array([0.6, 0.3, 0.1, 0.0, 0.0, 0.0])
INVENTORY = Inventory(
    {
        "drug": Row("intervention_cost", level="specialist"),
        "other": Row("related_care_cost", level="specialist"),
    },
    left_out={"transport": "small"},
)


@cache
def outcomes(drug=620e3, width=0.14):
    rng = np.random.default_rng(7)
    base, gain = rng.normal(3.2, 0.25, N), rng.normal(0.62, width, N)
    spent, care = rng.normal(drug, 0.05 * drug, N), rng.normal(300e3, 20e3, N)
    run = Outcomes.from_arrays(
        ["standard", "new"],
        cost={"drug": [0 * spent, spent], "other": [care, care - rng.normal(40e3, 25e3, N)]},
        qaly=[base, base + gain],
        qaly_undiscounted=[1.2 * base, 1.2 * base + 1.3 * gain],
        life_years=[1.3 * base, 1.3 * base + 1.4 * gain],
        resource_use={"infusions": [0 * spent, 0 * spent + 14]},
        provenance={"source": "model of trial X"},
    )
    return in_perspective(run, INVENTORY, RULES)


def budget(run, incidence=180):
    by_year = run.cost_by_category[..., None] * FIRST_YEARS
    return budget_impact(
        YearlyOutcomes.from_arrays(
            run.strategies,
            cost=dict(zip(run.cost_categories, by_year, strict=True)),
            provenance=dict(run.provenance),
        ),
        patients=Patients(incidence=incidence, uptake=[0.3, 0.6, 0.8, 0.8, 0.8]),
        groups={"drug": "drug", "other": "service"},
        rules=RULES,
        first_year=2027,
        **PAIR,
    )


@cache
def needed(drug=620e3, width=0.14):
    """Only what a page cannot do without."""
    run = outcomes(drug, width)
    severity = absolute_shortfall(run["standard"], age=61, rules=RULES)
    return {
        "title": "Drug N for disease D",
        "outcomes": run,
        "severity": severity,
        "decision": assess(run, severity, RULES, **PAIR),
        "rules": RULES,
    }


@cache
def everything(drug=620e3, width=0.14):
    """Everything but a net price."""
    run, found = outcomes(drug, width), needed(drug, width)
    judged = judge_documentation(RULES, evidence="rct_head_to_head", event_share=0.7)
    nurse = StaffTime("nurse", level="specialist", hours=1.5, source="time study")
    return {
        **found,
        "decision": assess(run, found["severity"], RULES, documentation=judged, **PAIR),
        "patients": "adults with disease D",
        "price": price_analysis(
            run, category="drug", price=12_000.0, severity=found["severity"], rules=RULES, **PAIR
        ),
        "budget": budget(run),
        "opportunity_cost": opportunity_cost(
            run, rules=RULES, price_year=2026, patients=600, **PAIR
        ),
        "personnel": personnel(run, staff={"infusions": [nurse]}, rules=RULES, **PAIR),
        "inventory": impact_inventory(run, INVENTORY, RULES, **PAIR),
        "small_group": small_group(run, found["severity"], RULES, patients_in_country=300, **PAIR),
        "assumptions": ["no dose above the label"],
        "sources": ["Trial X (2025)"],
    }


def at_net(discount, drug=620e3, width=0.14):
    """What a page takes about a net price."""
    run = outcomes(drug, width)
    net = FlatDiscount(discount, "drug").apply(run, option="new", discounting=RULES.discounting)
    return {"net": net, "net_budget": budget(net.outcomes)}
