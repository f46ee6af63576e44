"""Every result of a run at a secret price says that it rests on one."""

import numpy as np
import pytest

from prioritering.decision.budget.impact import budget_impact
from prioritering.decision.budget.opportunity_cost import opportunity_cost, portfolio
from prioritering.decision.budget.patients import Patients
from prioritering.decision.budget.personnel import personnel
from prioritering.decision.budget.staff import StaffTime
from prioritering.decision.perspective.filled import impact_inventory
from prioritering.decision.perspective.inventory import Inventory, Row
from prioritering.decision.perspective.views import in_perspective, perspectives
from prioritering.decision.publication import CONFIDENTIAL, refuse_confidential
from prioritering.decision.secrecy import secrecy
from prioritering.errors import ConfidentialError
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

SECRET = {CONFIDENTIAL: "the price under agreement"}
PAIR = {"reference": "old", "option": "new"}
NURSE = StaffTime("nurse", level="specialist", hours=1.5, source="a test")
STATED = Inventory({"drug": Row("intervention_cost", level="specialist")})


def totals(provenance):
    return Outcomes.from_arrays(
        ["old", "new"],
        cost={"drug": [[1.0], [2.0]]},
        qaly=[[1.0], [2.0]],
        resource_use={"visits": [[1.0], [2.0]]},
        provenance=provenance,
    )


def by_year(provenance):
    years = np.ones((2, 1, 5))
    return YearlyOutcomes.from_arrays(
        ["old", "new"], cost={"drug": years}, resource_use={"visits": years}, provenance=provenance
    )


def displaced(provenance, rules, name="a"):
    return opportunity_cost(totals(provenance), **PAIR, rules=rules, price_year=2026, name=name)


RESULTS = {
    "budget": lambda p, rules: budget_impact(
        by_year(p),
        **PAIR,
        rules=rules,
        groups={"drug": "drug"},
        patients=Patients(incidence=1, uptake=1),
    ),
    "personnel": lambda p, rules: personnel(
        by_year(p), **PAIR, rules=rules, staff={"visits": [NURSE]}
    ),
    "in perspective": lambda p, rules: in_perspective(totals(p), STATED, rules),
    "perspectives": lambda p, rules: perspectives(totals(p), STATED, rules, **PAIR),
    "inventory": lambda p, rules: impact_inventory(totals(p), STATED, rules, **PAIR),
    "opportunity cost": displaced,
    "portfolio": lambda p, rules: portfolio(
        [displaced({"seed": 1}, rules, name="open"), displaced(p, rules)]
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_secret_price_stays_marked(name, rules):
    with pytest.raises(ConfidentialError, match="rests on a secret price"):
        refuse_confidential(name, RESULTS[name](SECRET, rules).provenance)


@pytest.mark.parametrize("name", RESULTS)
def test_an_open_price_is_not_marked(name, rules):
    refuse_confidential(name, RESULTS[name]({"seed": 1}, rules).provenance)


def test_a_mark_deep_in_a_provenance_is_handed_on():
    assert secrecy({"seed": 1}, {"cases": {"a": SECRET}}) == SECRET
