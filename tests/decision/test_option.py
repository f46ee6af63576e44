"""With two strategies the option is clear; with more it must be named, everywhere alike."""

import numpy as np
import pytest

from prioritering import absolute_shortfall
from prioritering.decision import (
    Inventory,
    Patients,
    Row,
    StaffTime,
    agreements,
    budget_impact,
    impact_inventory,
    opportunity_cost,
    personnel,
    perspectives,
    routes,
)
from prioritering.errors import ResultError
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

STATED = Inventory({"drug": Row("intervention_cost", level="specialist")})
GROUP = {"per_100_000_worldwide": 0.1, "patients_in_country": 10}


def runs(names):
    """Totals and years of strategies of rising cost and gain, two draws each."""
    level = np.arange(1.0, len(names) + 1)[:, None] + np.array([0.0, 0.1])
    use = {"visits": level}
    total = Outcomes.from_arrays(
        names, cost={"drug": 1e5 * level}, qaly=level, qaly_undiscounted=level, resource_use=use
    )
    return total, YearlyOutcomes.from_arrays(names, cost={"drug": 1e5 * level[..., None]})


CALLS = {
    "perspectives": lambda t, y, rules, how: perspectives(t, STATED, rules, **how),
    "inventory": lambda t, y, rules, how: impact_inventory(t, STATED, rules, **how),
    "budget": lambda t, y, rules, how: budget_impact(
        y, patients=Patients(incidence=1, uptake=1.0), groups={"drug": "drug"}, rules=rules,
        years=1, **how,
    ),
    "opportunity cost": lambda t, y, rules, how: opportunity_cost(
        t, rules=rules, price_year=2026, **how
    ),
    "personnel": lambda t, y, rules, how: personnel(
        t, staff={"visits": [StaffTime("nurse", level="specialist", hours=1, source="x")]},
        rules=rules, **how,
    ),
    "agreements": lambda t, y, rules, how: agreements.compare_agreements(
        t, absolute_shortfall(t["old"], age=61, rules=rules), rules,
        agreements={"A": agreements.FlatDiscount(0.5, "drug")}, **how,
    ),
    "small group": lambda t, y, rules, how: routes.small_group(
        t, absolute_shortfall(t["old"], age=61, rules=rules), rules, **GROUP, **how
    ),
    "cost minimisation": lambda t, y, rules, how: routes.cost_minimisation(
        t, margin=3.0, reason="a test", **how
    ),
    "subgroups": lambda t, y, rules, how: routes.subgroups(
        routes.Subgroup(outcomes=t), {"a": routes.Subgroup(outcomes=t)}, rules, age=61, **how
    ).whole.decision,
    "exceptional patient": lambda t, y, rules, how: routes.exceptional_patient(
        routes.Subgroup(outcomes=t, age=61), routes.Subgroup(outcomes=t, age=61), rules,
        why="a test", **how,
    ).patient,
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_the_option_may_be_left_out_where_it_is_clear(rules, name):
    call = CALLS[name]
    assert call(*runs(["old", "new"]), rules, {"reference": "old"}).option == "new"
    three = runs(["old", "new", "newest"])
    named = {"reference": "old", "option": "newest"}
    assert call(*three, rules, named).option == "newest"
    for option in (None, "old"):
        with pytest.raises(ResultError, match="no option to hold against.*'new', 'newest'"):
            call(*three, rules, {"reference": "old", "option": option})
