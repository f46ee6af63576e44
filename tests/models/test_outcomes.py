"""Results: what a run or another program gives, frozen, and possibly without some arrays."""

import pickle

import numpy as np
import pandas as pd
import pytest

import prioritering as pr
from tests.models.sick_sicker import NUMBERS, model

RUN = model().run(
    pr.Draws.from_arrays({k: [v, v] for k, v in NUMBERS.items()}),
    discounting=pr.Discounting.flat(0.03),
    trace=True,
)
LEAN = pr.Outcomes.from_arrays(["old", "new"], cost=[[1, 2, 3], [4, 5, 6]], qaly=np.ones((2, 3)))
ABSENT = ("life_years", "cost_undiscounted", "qaly_undiscounted", "life_years_undiscounted")


def arrays_of(out):
    given = {name: value for name, value in vars(out).items() if isinstance(value, np.ndarray)}
    trace = {"occupancy": out.trace.occupancy, "years": out.trace.years}
    return {**given, **trace, "one": out["Strategy A"].qaly, "cost": out["Strategy A"].cost}


@pytest.mark.parametrize("copy", [lambda o: o, lambda o: pickle.loads(pickle.dumps(o))])
def test_nobody_writes_to_results_pickled_or_not(copy):
    out = copy(RUN)
    frozen = arrays_of(out)
    assert set(frozen) >= {"state_years", "qaly", "cost_by_category", "life_years", "years"}
    for name, array in frozen.items():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0
        np.testing.assert_array_equal(array, arrays_of(RUN)[name])
    for mapping in (out.provenance, out.diagnostics):
        with pytest.raises(TypeError):
            mapping["x"] = 1
    assert out.provenance == RUN.provenance


@pytest.mark.parametrize("copy", [lambda o: o, lambda o: pickle.loads(pickle.dumps(o))])
def test_nobody_writes_to_diagnostics(copy):
    counts = np.zeros((2, 3))
    given = {name: getattr(LEAN, name) for name in LEAN.__dataclass_fields__}
    out = copy(pr.Outcomes(**{**given, "diagnostics": {"crossings": counts}}))
    with pytest.raises(ValueError, match="read-only"):
        out.diagnostics["crossings"][0, 0] = 1.0
    counts[0, 0] = 1.0


def test_results_are_compared_by_identity():
    again = pickle.loads(pickle.dumps(RUN))
    assert RUN == RUN
    assert again != RUN
    assert again.trace != RUN.trace
    assert RUN["Strategy A"] != RUN["Strategy A"]
    assert len({RUN, again, RUN.trace}) == 3


def test_costs_and_qalys_are_enough():
    assert [getattr(LEAN, name) for name in ABSENT] == [None] * 4
    assert [getattr(LEAN["new"], name) for name in ABSENT] == [None] * 4
    assert LEAN["new"].cost.tolist() == [4.0, 5.0, 6.0]
    assert LEAN.to_frame().columns.tolist() == ["strategy", "draw", "cost", "qaly", "cost_total"]
    assert LEAN.require("cost").shape == (2, 3)
    row = pr.compare(LEAN, reference="old").pairwise[0]
    assert (row.incremental_cost, row.cost_per_life_year) == (3.0, None)


@pytest.mark.parametrize("name", ABSENT)
def test_what_needs_an_absent_array_names_it(name):
    remedy = rf"{name} was not given.*Outcomes\.from_arrays\(\.\.\., {name}=\.\.\.\)"
    with pytest.raises(pr.ResultError, match=remedy):
        LEAN.require(name)
    with pytest.raises(pr.ResultError, match=rf"{name} was not given \(strategy new\)"):
        LEAN["new"].require(name)


def test_all_arrays_given_are_all_there():
    names = ("cost", "qaly", *ABSENT)
    given = {name: np.full((2, 3), float(k)) for k, name in enumerate(names)}
    out = pr.Outcomes.from_arrays(["old", "new"], **given)
    for name in names:
        assert np.array_equal(out.require(name), given[name])
        assert np.array_equal(out["new"].require(name), given[name][1])
        given[name][0, 0] = 99.0
        assert out.require(name)[0, 0] != 99.0
    assert isinstance(out.to_frame(), pd.DataFrame)
    assert set(ABSENT) <= set(out.to_frame().columns)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost": [1.0, 2.0]}, r"cost has the wrong shape.*\(2, draws\); found \(2,\)"),
        ({"cost": np.ones((2, 0))}, r"cost has the wrong shape.*found \(2, 0\)"),
        ({"cost": [["a"], ["b"]]}, "cost is not an array of numbers"),
        ({"cost": [[1.0], [2.0, 3.0]]}, "cost is not an array of numbers"),
        ({"qaly": np.ones((2, 4))}, r"qaly has the wrong shape; expected \(2, 3\); found \(2, 4\)"),
        ({"life_years": np.ones((3, 3))}, r"life_years has the wrong shape"),
        (
            {"cost_undiscounted": np.ones((2, 1))},
            r"cost_undiscounted has the wrong shape; expected \(2, 3\)",
        ),
        ({"cost": [[1, 2, np.nan], [1, 2, 3]]}, r"^cost is not finite \(strategy 'old', draw 2\)"),
        (
            {"qaly_undiscounted": [[1, 2, 3], [1, np.inf, 3]]},
            r"qaly_undiscounted is not finite \(strategy 'new', draw 1\)",
        ),
    ],
)
def test_wrong_arrays_are_named_as_the_user_did(changes, message):
    given = {"cost": np.ones((2, 3)), "qaly": np.ones((2, 3)), **changes}
    with pytest.raises(pr.ResultError, match=message):
        pr.Outcomes.from_arrays(["old", "new"], **given)


def test_one_strategy_may_be_one_name_and_one_row():
    one = pr.Outcomes.from_arrays("only", cost=[1.0, 2.0], qaly=[1.0, 1.0])
    assert (one.strategies, one.n_draws) == (("only",), 2)


GIVEN = {"cost": np.ones((2, 3)), "qaly": np.ones((2, 3))}


def test_costs_by_category_add_up_and_keep_their_order():
    drug, care = np.arange(6.0).reshape(2, 3), np.full((2, 3), 10.0)
    out = pr.Outcomes.from_arrays(
        ["old", "new"],
        cost={"drug": drug, "care": care},
        cost_undiscounted={"care": care + 1, "drug": drug + 1},
        qaly=np.ones((2, 3)),
    )
    assert out.cost_categories == ("drug", "care")
    np.testing.assert_array_equal(out.cost, drug + care)
    np.testing.assert_array_equal(out.cost_by_category_undiscounted, [drug + 1, care + 1])
    np.testing.assert_array_equal(out["new"].cost_undiscounted, drug[1] + 12)
    assert {"cost_drug", "cost_care"} <= set(out.to_frame().columns)


def test_resource_use_of_another_program():
    hours = np.arange(6.0).reshape(2, 3)
    out = pr.Outcomes.from_arrays(["old", "new"], **GIVEN, resource_use={"nurse hours": hours})
    hours[:] = 9.0
    assert out.resources == ("nurse hours",)
    assert out.resource_use[0, 1].tolist() == [3.0, 4.0, 5.0]
    assert out.to_frame()["resource_nurse hours"].tolist() == list(range(6))
    again = pickle.loads(pickle.dumps(out))
    with pytest.raises(ValueError, match="read-only"):
        again.resource_use[0] = 0.0
    assert (LEAN.resources, LEAN.resource_use) == ((), None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost": {}}, r"cost is empty.*at least one category"),
        ({"cost": {"a": [[1], [2]], "b": np.ones((2, 2))}}, r"cost of 'b' has the wrong shape"),
        (
            {"cost": {"a": np.ones((2, 3))}, "cost_undiscounted": {"b": np.ones((2, 3))}},
            r"undiscounted costs have other categories.*expected 'a'; found 'b'",
        ),
        (
            {"cost": {"a": np.ones((2, 3))}, "cost_undiscounted": np.ones((2, 3))},
            r"other categories.*expected 'a'; found 'total'",
        ),
        (
            {"resource_use": {"hours": np.ones((2, 4))}},
            r"resource_use of 'hours' has the wrong shape; expected \(2, 3\); found \(2, 4\)",
        ),
        (
            {"resource_use": {"hours": [[1, 2, np.inf], [1, 2, 3]]}},
            r"resource_use of 'hours' is not finite \(strategy 'old', draw 2\)",
        ),
    ],
)
def test_wrong_categories_and_resources(changes, message):
    with pytest.raises(pr.ResultError, match=message):
        pr.Outcomes.from_arrays(["old", "new"], **{**GIVEN, **changes})


def test_resources_without_their_names_are_refused():
    given = {name: getattr(LEAN, name) for name in LEAN.__dataclass_fields__}
    with pytest.raises(pr.ResultError, match=r"resource_use has the wrong shape.*\(0, 2, 3\)"):
        pr.Outcomes(**{**given, "resource_use": np.ones((1, 2, 3))})
