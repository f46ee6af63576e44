"""Two-way grids and thresholds: equal to separate runs and to closed forms."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import prioritering as pr
from prioritering.errors import ParameterError, ResultError, UnknownNameError
from prioritering.psa.sensitivity import threshold, two_way

from .conftest import Formula, alone

ONE = pr.Parameters(x=pr.fixed(0.3), y=pr.uniform(low=0, high=1))


def test_a_grid_equals_runs_of_its_own(model, question):
    xs, ys = [9_000.0, 13_000.0, 20_000.0], [0.5, 0.9]
    model.n_draws.clear()
    found = two_way(model, x="c_trtB", y="hr_S1S2_trtB", x_values=xs, y_values=ys, **question)
    assert model.n_draws == [7]
    for i, y in enumerate(ys):
        for j, x in enumerate(xs):
            row = alone(question, model, c_trtB=x, hr_S1S2_trtB=y)
            assert found.nmb[i, j] == pytest.approx(row.incremental_nmb, rel=1e-10)
            assert found.incremental_cost[i, j] == pytest.approx(row.incremental_cost, rel=1e-12)
            assert found.incremental_qaly[i, j] == pytest.approx(row.incremental_qaly, rel=1e-12)
    assert found.base.nmb == pytest.approx(alone(question, model).incremental_nmb, rel=1e-10)
    assert found.decision_changes
    assert found.base_values[0] == 13_000
    frame = found.to_frame()
    assert len(frame) == 6
    assert frame.nmb[4] == found.nmb[1, 1]
    assert pickle.loads(pickle.dumps(found)).nmb.tolist() == found.nmb.tolist()
    with pytest.raises(ValueError, match="read-only"):
        found.nmb[0, 0] = 1.0


def test_the_preferred_strategy_is_the_best_of_all(model, question):
    found = two_way(model, x="c_trtB", y="u_S1", x_values=[0, 1e5], y_values=[0.7, 0.8], **question)
    for (i, j), best in np.ndenumerate(found.preferred):
        values = {"c_trtB": found.x_values[j], "u_S1": found.y_values[i]}
        draws = question["params"].expected().with_values(**values)
        run = model.model.run(draws, discounting=question["discounting"])
        benefit = pr.compare(run, reference="Standard of care", wtp=80_000).net_benefit()
        assert found.strategies[best] == benefit.best


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"x": "y"}, ParameterError, "both axes are the same number.*'y'"),
        ({"x": "z"}, UnknownNameError, "unknown parameter 'z'"),
        ({"x_values": [1.0]}, ParameterError, r"x_values make no grid.*two finite.*\[1.0\]"),
        ({"y_values": [2.0, 1.0]}, ParameterError, "y_values make no grid.*above the one before"),
        ({"y_values": [1.0, 1.0]}, ParameterError, "y_values make no grid"),
        ({"y_values": [0.0, np.nan]}, ParameterError, "y_values make no grid"),
        ({"y_values": 3.0}, ParameterError, "y_values make no grid"),
        ({"wtp": -5.0}, ResultError, "above 0"),
        ({"wtp": None}, ResultError, "above 0"),
    ],
)
def test_what_makes_no_grid_is_refused(changes, error, says):
    given = {"x": "x", "y": "y", "x_values": [0, 1], "y_values": [0, 1], "wtp": 1.0}
    with pytest.raises(error, match=says):
        two_way(Formula(lambda p: p.x), params=ONE, reference="old", **{**given, **changes})


def test_two_shares_of_one_whole_make_no_grid():
    params = pr.Parameters(p=pr.dirichlet({"A": 1, "B": 2, "C": 3}))
    with pytest.raises(ParameterError, match=r"two components of p are moved.*p.A, p.B"):
        two_way(
            Formula(lambda p: p.p.A), params=params, reference="old", wtp=1.0,
            x="p.A", y="p.B", x_values=[0.1, 0.2], y_values=[0.1, 0.2],
        )  # fmt: skip


def solve(cost, low, high, **options):
    model = Formula(cost)
    return threshold(
        model, params=ONE, reference="old", wtp=1.0, name="x", low=low, high=high, **options
    )


def test_the_price_threshold_equals_the_closed_form(model, question):
    """Cost is linear in price: two runs give the threshold."""
    found = threshold(model, name="c_trtB", low=0, high=50_000, **question)
    at = [alone(question, model, c_trtB=price).incremental_nmb for price in (0.0, 1e4)]
    expected = 1e4 * at[0] / (at[0] - at[1])
    (crossing,) = found.crossings
    assert crossing.value == pytest.approx(expected, rel=1e-11)
    assert crossing.direction == "favourable below"
    assert found.verdict == "changes"
    there = alone(question, model, c_trtB=crossing.value)
    assert abs(there.incremental_nmb) < 1e-9 * there.incremental_cost


@settings(max_examples=30)
@given(some.lists(some.integers(-90, 90), min_size=1, max_size=4, unique=True))
def test_every_root_of_a_polynomial_is_found(tenths):
    roots = sorted(r / 10 + 0.0123 for r in tenths)
    found = solve(lambda p: -np.prod([p.x - r for r in roots], axis=0), -10, 10, n_grid=401)
    np.testing.assert_allclose([c.value for c in found.crossings], roots, rtol=1e-10, atol=1e-10)
    sides = [c.direction for c in found.crossings]
    assert sides[-1] == "favourable above"
    assert all(a != b for a, b in pairwise(sides))


@pytest.mark.parametrize(
    ("cost", "verdict"),
    [
        (lambda p: -1.0 - p.x**2, "favourable throughout"),
        (lambda p: 1.0 + p.x**2, "unfavourable throughout"),
        (lambda p: 0 * p.x, "no difference throughout"),
        (lambda p: -(p.x**2), "favourable throughout"),
    ],
)
def test_there_may_be_no_threshold(cost, verdict):
    found = solve(cost, -1, 1)
    assert (found.crossings, found.verdict) == ((), verdict)
    assert found.to_frame().empty
    assert verdict in repr(found)


def test_a_root_on_the_grid_a_plateau_and_a_jump():
    (on_grid,) = solve(lambda p: -p.x, -1, 1, n_grid=3).crossings
    assert on_grid.value == pytest.approx(0.0, abs=1e-15)
    (plateau,) = solve(lambda p: -np.minimum(p.x, 0) - np.maximum(p.x - 0.6, 0), -1, 1).crossings
    assert plateau.value == pytest.approx(0.0, abs=1e-9)
    (jump,) = solve(lambda p: np.where(p.x > 1 / 3, 7.0, -2.0), -1, 1).crossings
    assert jump.value == pytest.approx(1 / 3, rel=1e-9)
    assert jump.direction == "favourable below"


def test_a_threshold_takes_few_calls_of_the_model(model, question):
    model.n_draws.clear()
    threshold(model, name="hr_S1S2_trtB", low=0.1, high=2, **question)
    assert model.n_draws[0] == 102
    assert len(model.n_draws) < 10


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"low": 1.0, "high": 0.0}, "range of x does not rise"),
        ({"low": 1.0, "high": 1.0}, "range of x does not rise"),
        ({"low": -np.inf}, "two finite numbers"),
        ({"n_grid": 1}, "n_grid makes no grid.*2 or more"),
        ({"n_grid": 2.5}, "n_grid makes no grid"),
    ],
)
def test_what_cannot_be_searched_is_refused(changes, says):
    with pytest.raises(ParameterError, match=says):
        solve(lambda p: p.x, **{"low": 0.0, "high": 1.0, **changes})
