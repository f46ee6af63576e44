"""One-way analysis: equal to separate runs, joint parameters, and what is refused."""

import pickle

import numpy as np
import pytest

import prioritering as pr
from prioritering.errors import (
    ParameterError,
    PrioriteringWarning,
    ResultError,
    UnknownNameError,
)
from prioritering.outcomes import Outcomes
from prioritering.psa.sensitivity import one_way
from prioritering.psa.sensitivity.moves import draws_of, find_number, point_of

from .conftest import UNCERTAIN, Formula, alone, assert_equal_to


def test_every_end_equals_a_run_of_its_own(model, question):
    found = one_way(model, **question)
    assert {row.name for row in found.rows} == set(UNCERTAIN)
    for row in found.rows:
        low, high = question["params"][row.name].distribution.ppf([0.025, 0.975])
        ends = (*row.low_values, *row.high_values)
        assert ends == pytest.approx((low, high), rel=1e-12)
        assert_equal_to(row.low, alone(question, model, **{row.name: ends[0]}))
        assert_equal_to(row.high, alone(question, model, **{row.name: ends[1]}))
        assert_equal_to(row.base, alone(question, model))
    assert_equal_to(found.base, alone(question, model))


def test_the_analysis_is_one_call_of_the_model(model, question):
    model.n_draws.clear()
    one_way(model, **question)
    assert model.n_draws == [1 + 10 * len(UNCERTAIN)]


def test_rows_fall_by_swing_and_fixed_numbers_are_listed(model, question):
    found = one_way(model, **question)
    swings = [row.swing("nmb") for row in found.rows]
    assert swings == sorted(swings, reverse=True)
    first = found.rows[0]
    ends = [first.low.nmb, first.base.nmb, first.high.nmb]
    assert first.swing("nmb") == max(ends) - min(ends)
    fixed = [n for n, p in question["params"].items() if n not in UNCERTAIN]
    assert dict(found.excluded) == dict.fromkeys(fixed, "fixed")
    assert found["u_S2"].name == "u_S2"
    by_cost = [row.swing("cost") for row in found.sorted("cost")]
    assert by_cost == sorted(by_cost, reverse=True)


def test_ranges_groups_and_names(model, question):
    found = one_way(
        model,
        ranges={"c_trtA": (1, 2e4), "u_S1": (0.6, 0.9)},
        groups={"utilities": ("u_S1", "u_S2")},
        names=["c_trtA", "hr_S1S2_trtB"],
        **question,
    )
    assert {row.name for row in found.rows} == {"c_trtA", "hr_S1S2_trtB", "utilities"}
    low, high = question["params"]["u_S2"].distribution.ppf([0.025, 0.975])
    assert_equal_to(found["utilities"].low, alone(question, model, u_S1=0.6, u_S2=low))
    assert_equal_to(found["utilities"].high, alone(question, model, u_S1=0.9, u_S2=high))
    assert found["c_trtA"].swing("nmb") == 0
    frame = found.to_frame()
    assert frame.query("name == 'utilities'").value.isna().all()
    assert list(frame.query("name == 'c_trtA'").value) == [1, 12_000, 2e4]


def test_the_decision_may_change_and_change_back_inside_the_range():
    """Net benefit x^2 - 1/4 is positive at -1, 1 and the base -0.9, and negative between."""
    params = pr.Parameters(x=pr.uniform(low=-1, high=1).__class__(
        pr.uniform(low=-1, high=1).distribution, stated=(-0.9,)))  # fmt: skip
    model = Formula(lambda p: -(p.x**2) + 0.25)
    row = one_way(model, params=params, reference="old", wtp=1.0, ranges={"x": (-1, 1)})["x"]
    assert min(row.low.nmb, row.base.nmb, row.high.nmb) > 0
    assert row.decision_changes
    steady = one_way(model, params=params, reference="old", wtp=1.0, ranges={"x": (-1, -0.6)})
    assert not steady["x"].decision_changes


def test_icers_that_mean_something_else_have_no_swing():
    """More effect always; the cost turns negative at low x."""
    params = pr.Parameters(x=pr.uniform(low=-1, high=3), y=pr.uniform(low=1, high=2))
    model = Formula(lambda p: p.x, lambda p: p.y)
    found = one_way(model, params=params, reference="old")
    assert found.wtp is None
    assert found["x"].low.status.startswith("dominant")
    assert found["x"].low.icer is None
    assert found["x"].swing("icer") is None
    low, high = params["y"].distribution.ppf([0.025, 0.975])
    assert found["y"].swing("icer") == pytest.approx(1 / low - 1 / high, rel=1e-12)
    assert [row.name for row in found.sorted("icer")] == ["x", "y"]
    assert found["x"].decision_changes is None
    assert found["x"].swing("nmb") is None
    with pytest.raises(ResultError, match="no willingness to pay"):
        found.sorted("nmb")
    with pytest.raises(UnknownNameError, match=r"unknown outcome 'nbm'.*'nmb'"):
        found.sorted("nbm")


def test_one_dirichlet_share_moves_and_the_others_are_rescaled():
    with pytest.warns(PrioriteringWarning, match="counts are 0"):
        params = pr.Parameters(p=pr.dirichlet({"A": 2, "B": 3, "C": 5, "D": 0}))
    seen = []

    def cost(p):
        seen.append(p.p.array)
        return p.p.A - 2 * p.p.B

    found = one_way(Formula(cost), params=params, reference="old", wtp=1.0)
    assert {row.name for row in found.rows} == {"p.A", "p.B", "p.C"}
    assert dict(found.excluded) == {"p.D": "fixed"}
    np.testing.assert_allclose(seen[0].sum(axis=0), 1.0, rtol=1e-14)
    assert np.all(seen[0] >= 0)
    q = found["p.A"].high_values[0]
    assert found["p.A"].high.incremental_cost == pytest.approx(q - 2 * 0.3 * (1 - q) / 0.8)


def test_a_normal_component_takes_the_others_to_their_conditional_means():
    """E[t | s] = 1.1 + 0.01 / 0.04 (s - 0.2)."""
    covariance = [[0.04, 0.01], [0.01, 0.09]]
    params = pr.Parameters(fit=pr.multivariate_normal({"s": 0.2, "t": 1.1}, covariance=covariance))
    point = point_of(params, {find_number(params, "fit.s"): 0.6})
    np.testing.assert_allclose(point["fit"], [0.6, 1.1 + 0.25 * 0.4], rtol=1e-14)
    draws = draws_of(params, [{}, point])
    np.testing.assert_allclose(draws.fit.array, [[0.2, 0.6], [1.1, 1.2]], rtol=1e-14)


def test_rows_drawn_together_move_only_on_request():
    params = pr.Parameters(
        r=pr.empirical({"a": [1.0, 2.0, 3.0], "b": [3.0, 5.0, 4.0]}), x=pr.uniform(low=0, high=1)
    )
    model = Formula(lambda p: p.r.a + p.r.b * p.x)
    found = one_way(model, params=params, reference="old", wtp=1.0)
    assert dict(found.excluded) == dict.fromkeys(("r.a", "r.b"), "rows drawn together")
    asked = one_way(model, params=params, reference="old", wtp=1.0, ranges={"r.a": (1, 3)})
    assert asked["r.a"].high.incremental_cost == 3 + 4 * 0.5


def test_a_distribution_without_width_between_the_ends_is_listed():
    same = pr.empirical([1.0] * 99 + [2.0])
    params = pr.Parameters(same=same, x=pr.uniform(low=0, high=1))
    found = one_way(Formula(lambda p: p.x), params=params, reference="old", interval=0.5)
    assert dict(found.excluded) == {"same": "no width"}


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"ranges": {"u_S1": (0.9, 0.6)}}, ParameterError, r"range of u_S1 does not rise.*0\.9"),
        ({"ranges": {"u_S1": (0.6, 0.6)}}, ParameterError, "range of u_S1 does not rise"),
        ({"ranges": {"u_S1": 0.6}}, ParameterError, "two finite numbers"),
        ({"ranges": {"u_S1": (0, float("inf"))}}, ParameterError, "two finite numbers"),
        ({"ranges": {"u_S3": (0, 1)}}, UnknownNameError, "unknown parameter 'u_S3'"),
        ({"names": ["u_S9"]}, UnknownNameError, "unknown parameter 'u_S9'"),
        ({"names": ["c_D"]}, ParameterError, r"c_D has no range.*fixed.*ranges=\{'c_D'"),
        ({"groups": {"u_S1": ("u_S2",)}}, ParameterError, "group 'u_S1' does not hold"),
        ({"groups": {"g": ()}}, ParameterError, "group 'g' does not hold together"),
        ({"groups": {"g": "u_S1"}}, ParameterError, "sequence of parameters"),
        ({"groups": {"g": ("c_D",)}}, ParameterError, "c_D has no range"),
        ({"interval": 1.0}, ParameterError, "interval is not a share"),
        ({"reference": "Standard"}, UnknownNameError, "unknown reference 'Standard'"),
        ({"option": "Strategy C"}, UnknownNameError, "unknown option 'Strategy C'"),
        ({"option": None}, ResultError, "no option to hold against the reference.*'Strategy A'"),
        ({"option": "Standard of care"}, ResultError, "no option to hold against the reference"),
        ({"wtp": -1.0}, ResultError, "finite amount above 0.*-1.0"),
        ({"names": []}, ParameterError, "nothing to move"),
    ],
)
def test_what_cannot_be_analysed_is_refused(model, question, changes, error, says):
    with pytest.raises(error, match=says):
        one_way(model, **{**question, **changes})


def test_only_fixed_parameters_leave_nothing_to_move(model, question):
    fixed = pr.Parameters({n: p.value for n, p in question["params"].items()})
    with pytest.raises(ParameterError, match=r"nothing to move.*r_HD: fixed.*ranges"):
        one_way(model, **{**question, "params": fixed})


def test_one_strategy_and_no_model_are_refused(params):
    with pytest.raises(ResultError, match=r"second strategy.*one strategy only"):
        one_way(Formula(lambda p: 0.0, strategies=("old",)), params=params, reference="old")
    with pytest.raises(ResultError, match=r"not a model.*\.run"):
        one_way(lambda p: p, params=params, reference="old")


def test_identical_strategies_differ_by_nothing_at_all(params):
    model = Formula(lambda p: 0.0 * p.u_S1)
    found = one_way(model, params=params, reference="old", wtp=1e5)
    assert {row.swing("nmb") for row in found.rows} == {0.0}
    assert not any(row.decision_changes for row in found.rows)
    assert found.base.status == "no difference in effect or cost"


def test_a_value_the_model_refuses_is_named(model, question):
    ranges = {"r_HS1": (-0.2, 0.3), "u_S1": (0.6, 0.8)}
    with pytest.raises(ParameterError, match=r"rate is out of range.*that is r_HS1 -0\.2"):
        one_way(model, ranges=ranges, names=["u_S1", "r_HS1"], **question)


def test_a_base_case_outside_its_range_is_warned_of(model, question):
    with pytest.warns(PrioriteringWarning, match="outside the range of 1: u_S1"):
        one_way(model, ranges={"u_S1": (0.1, 0.2)}, names=["u_S1"], **question)


def test_components_move_one_at_a_time(params):
    more = pr.Parameters({**params, "p": pr.dirichlet({"A": 2, "B": 3})})
    model = Formula(lambda p: p.p.A)
    with pytest.raises(ParameterError, match=r"holds components.*p.A, p.B"):
        one_way(model, params=more, reference="old", groups={"g": ("p.A", "p.B")})
    with pytest.raises(ParameterError, match=r"p is several numbers.*p.A, p.B"):
        one_way(model, params=more, reference="old", names=["p"])
    whole = more.replace(p=pr.dirichlet({"A": 2, "B": 3}, value={"A": 1.0, "B": 0.0}))
    with pytest.raises(ParameterError, match=r"p.A holds everything"):
        one_way(model, params=whole, reference="old", names=["p.A"], ranges={"p.A": (0.1, 1)})


def test_results_are_frozen_and_survive_pickle(model, question):
    found = one_way(model, **question)
    again = pickle.loads(pickle.dumps(found))
    assert again.rows == found.rows
    assert again.base == found.base
    with pytest.raises(TypeError):
        again.excluded["x"] = "fixed"
    with pytest.raises(UnknownNameError, match="unknown row 'u_S4'"):
        found["u_S4"]
    assert repr(found) == "OneWay(6 rows, 'Strategy B' against 'Standard of care')"


def test_a_difference_of_rounding_is_none():
    """Costs of 0.1, 0.2 and 0.3, added up from either end, differ in the last digit."""

    class Sums:
        def run(self, draws, rules=None, **options):
            x = draws.x
            costs = {"a": [0.1 * x, 0.3 * x], "b": [0.2 * x] * 2, "c": [0.3 * x, 0.1 * x]}
            return Outcomes.from_arrays(["old", "new"], cost=costs, qaly=[x, x])

    params = pr.Parameters(x=pr.uniform(low=0.5, high=1.5))
    plain = Sums().run(params.expected()).cost
    assert plain[0, 0] != plain[1, 0]
    found = one_way(Sums(), params=params, reference="old", wtp=1.0)
    assert found.base.incremental_cost == found.base.nmb == 0.0
    assert found["x"].decision_changes is False
