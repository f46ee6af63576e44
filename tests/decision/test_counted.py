"""Runs by year and whole models in one perspective."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import prioritering as pr
from prioritering.decision import (
    Counted,
    Inventory,
    Row,
    impact_inventory,
    in_perspective,
    perspectives,
)
from prioritering.decision.perspective.counted import check_one_view
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.psa.sensitivity import one_way
from prioritering.yearly import YearlyOutcomes

STATED = Inventory(
    {
        "drug": Row("intervention_cost", level="specialist"),
        "time": Row("patient_time", level="patient"),
        "work": Row("paid_production", level="other"),
    }
)
DRAWS = Draws.from_arrays({"price": [100.0, 120.0, 140.0]})
KEPT = {
    "extended": ("drug", "time"),
    "health_service": ("drug",),
    "society": ("drug", "time", "work"),
}


@dataclass(frozen=True)
class Small:
    """A drug at a price, and the same time and work in every draw."""

    def run(self, draws, rules, *, factor=1.0):
        one = np.ones(draws.n_draws)
        costs = {"drug": draws["price"] * factor, "time": 7 * one, "work": -50 * one}
        return Outcomes.from_arrays(
            ["old", "new"],
            cost={name: [0 * one, cost] for name, cost in costs.items()},
            cost_undiscounted={name: [0 * one, 2 * cost] for name, cost in costs.items()},
            qaly=[one, 2 * one],
            provenance={"rules": rules.id},
        )

    def run_by_year(self, draws, rules, *, years):
        out = self.run(draws, rules)
        spread = np.repeat(out.cost_by_category[..., None] / years, years, axis=-1)
        use = {"visits": np.ones((2, draws.n_draws, years))}
        return YearlyOutcomes.from_arrays(
            out.strategies,
            cost=dict(zip(out.cost_categories, spread, strict=True)),
            resource_use=use,
            provenance={"rules": rules.id},
        )


@pytest.mark.parametrize("view", [None, *KEPT])
def test_a_run_by_year_is_counted_as_the_totals_are(rules, view):
    total = in_perspective(Small().run(DRAWS, rules), STATED, rules, view=view)
    plain = Small().run_by_year(DRAWS, rules, years=4)
    yearly = in_perspective(plain, STATED, rules, view=view)
    assert isinstance(yearly, YearlyOutcomes)
    assert yearly.cost_categories == total.cost_categories == KEPT[view or "extended"]
    np.testing.assert_allclose(yearly.cost.sum(axis=-1), total.cost, rtol=1e-14)
    np.testing.assert_array_equal(yearly.resource_use, plain.resource_use)
    assert yearly.provenance["perspective"] == total.provenance["perspective"]


def test_a_run_by_year_has_no_inventory_of_its_own(rules):
    yearly = Small().run_by_year(DRAWS, rules, years=4)
    for call in (impact_inventory, perspectives):
        with pytest.raises(ResultError, match="outcomes of the wrong kind.*found YearlyOutcomes"):
            call(yearly, STATED, rules, reference="old")
    with pytest.raises(ResultError, match="expected Outcomes or YearlyOutcomes; found Small"):
        in_perspective(Small(), STATED, rules)


def test_carers_and_categories_are_checked_for_a_run_by_year_too(rules):
    yearly = Small().run_by_year(DRAWS, rules, years=4)
    with pytest.raises(ResultError, match=r"carers' QALYs do not fit the run.*\(2, 3\)"):
        in_perspective(yearly, Inventory(STATED.rows, carers=[[1.0], [2.0]]), rules)
    fewer = Inventory({name: STATED.rows[name] for name in ("drug", "time")})
    with pytest.raises(ResultError, match="without a row in the inventory.*'work'"):
        in_perspective(yearly, fewer, rules)


def test_a_counted_model_runs_as_the_model_with_the_costs_counted(rules):
    counted = Counted(Small(), STATED, rules, "health_service")
    found = counted.run(DRAWS, factor=3.0)
    assert found.cost_categories == ("drug",)
    np.testing.assert_array_equal(found.cost[1], 3 * DRAWS["price"])
    np.testing.assert_array_equal(found.require("cost_undiscounted")[1], 6 * DRAWS["price"])
    assert found.provenance["perspective"]["view"] == "health_service"
    yearly = counted.run_by_year(DRAWS, years=2)
    np.testing.assert_allclose(yearly.cost[1].sum(axis=-1), DRAWS["price"], rtol=1e-15)
    again = pickle.loads(pickle.dumps(counted)).run(DRAWS, rules)
    np.testing.assert_array_equal(again.cost[1], DRAWS["price"])


def test_a_counted_model_stands_in_for_the_model_in_a_sensitivity_analysis(rules):
    """The drug's price and 7 of time; work is not counted."""
    params = pr.Parameters(price=pr.gamma(mean=100, se=10, unit="NOK", source="a test"))
    found = one_way(
        Counted(Small(), STATED, rules),
        params=params,
        rules=rules,
        reference="old",
        ranges={"price": (80, 130)},
    )
    (row,) = found.rows
    costs = [at.incremental_cost for at in (row.low, row.base, row.high)]
    assert costs == pytest.approx([87, 107, 137], rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"model": "model"}, ResultError, r"not a model; expected an object with \.run.*'model'"),
        ({"inventory": 1}, ResultError, r"inventory of the wrong kind.*found int"),
        ({"view": "payer"}, UnknownNameError, r"'payer'.*'extended'"),
    ],
)
def test_a_counted_model_is_checked_when_it_is_made(rules, changes, kind, message):
    given = {"model": Small(), "inventory": STATED, "rules": rules, "view": None, **changes}
    with pytest.raises(kind, match=message):
        Counted(**given)


def test_runs_of_one_view_pass_and_of_several_do_not():
    extended = {"perspective": {"view": "extended"}}
    check_one_view({"a": extended, "b": extended})
    check_one_view({"a": {}, "b": {}})
    with pytest.raises(ResultError, match=r"found a: extended, b: all costs.*Counted\(model"):
        check_one_view({"a": extended, "b": {}})
