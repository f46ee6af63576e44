"""Dominance and frontier of plain arrays."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.cea import find_frontier
from prioritering.errors import ResultError

POINTS = st.lists(
    st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=8
)  # a small grid, so that ties, equals and straight lines are common


def test_herc_six_strategies(published):
    case = published["herc_six_strategies"]
    found = find_frontier(case["cost"], effect=case["effect"])
    named = dict(zip(case["strategies"], found.standing, strict=True))
    assert [case["strategies"][i] for i in found.members] == case["frontier"]
    assert named["C"] == "extendedly dominated"
    assert named["A"] == "dominated"
    assert [case["strategies"][j] for j in found.compared_with[2]] == ["B", "D"]
    assert [case["strategies"][j] for j in found.compared_with[4]] == ["B"]


def test_herc_icers_are_the_published_ones(published):
    case = published["herc_six_strategies"]
    cost, effect = np.array(case["cost"]), np.array(case["effect"])
    members = list(find_frontier(cost, effect=effect).members)
    icers = np.diff(cost[members]) / np.diff(effect[members])
    assert icers.tolist() == case["icer"] == [5_000, 12_500, 20_000]


@given(POINTS)
def test_members_are_the_corners_and_edges_of_the_brute_force_hull(points):
    """A strategy is on the frontier when some limit of 0 or more makes it best, of its twins the
    first: tried at every slope between two points, between neighbouring slopes and beyond.
    """
    distinct = list(dict.fromkeys(points))
    slopes = {
        Fraction(c2 - c1, e2 - e1)
        for (c1, e1), (c2, e2) in itertools.combinations(distinct, 2)
        if e1 != e2
    }
    ends = sorted({s for s in slopes if s >= 0} | {Fraction(0)})
    limits = [*ends, *((a + b) / 2 for a, b in itertools.pairwise(ends)), ends[-1] + 1]
    best = set()
    for limit in limits:
        values = [limit * e - c for c, e in distinct]
        top = max(values)
        best |= {p for p, value in zip(distinct, values, strict=True) if value == top}
    # at a limit of exactly 0 an equally cheap but less effective strategy is dominated
    best = {p for p in best if not any(c <= p[0] and e > p[1] for c, e in distinct)}
    cost, effect = (np.array(axis) for axis in zip(*points, strict=True))
    assert {points[i] for i in find_frontier(cost, effect=effect).members} == best


@pytest.mark.parametrize("shift", [0.0, -1e7])
def test_a_shift_of_all_costs_changes_nothing(shift):
    rng = np.random.default_rng(9)
    cost, effect = rng.normal(1e5, 1e4, 200), rng.normal(8, 1, 200)
    plain = find_frontier(cost, effect=effect)
    assert find_frontier(cost + shift, effect=effect).standing == plain.standing


def test_equal_effects_leave_the_cheapest():
    found = find_frontier([3, 1, 2, 1], effect=[5, 5, 5, 5])
    assert found.standing == ("dominated", "frontier", "dominated", "equal")
    assert found.compared_with == ((1,), (), (1,), (1,))


@given(POINTS)
def test_agrees_with_every_pair_and_every_mix(points):
    """Exact arithmetic over all pairs and mixes, straight from the definitions."""
    cost, effect = (np.array(axis) for axis in zip(*points, strict=True))
    found = find_frontier(cost, effect=effect)
    assert list(found.standing) == _by_definition(points)


@given(POINTS)
def test_icers_rise_along_the_frontier(points):
    cost, effect = (np.array(axis, dtype=float) for axis in zip(*points, strict=True))
    members = list(find_frontier(cost, effect=effect).members)
    steps = np.diff(cost[members]) / np.diff(effect[members])
    assert (np.diff(effect[members]) > 0).all()
    assert (np.diff(steps) >= -1e-12 * np.abs(steps[1:])).all()
    assert cost[members[0]] == cost.min()
    assert effect[members[-1]] == effect.max()


@given(POINTS, st.randoms(use_true_random=False))
def test_order_of_strategies_changes_nothing_but_which_equal_stays(points, random):
    shuffled = points.copy()
    random.shuffle(shuffled)
    standing = [_named(p) for p in (points, shuffled)]
    assert standing[0] == standing[1]


def test_all_dominated_by_one():
    found = find_frontier([-5, 0, 3, 3], effect=[9, 8, 9, 1])
    assert found.standing == ("frontier", "dominated", "dominated", "dominated")
    assert found.compared_with == ((), (0,), (0,), (0,))


def test_negative_costs_are_ordinary_costs():
    shifted = find_frontier([-100, -50, 20], effect=[1, 2, 3])
    assert shifted.members == (0, 1, 2)


def test_reference_keeps_its_place_among_equals():
    assert find_frontier([1, 1], effect=[2, 2]).standing == ("frontier", "equal")
    assert find_frontier([1, 1], effect=[2, 2], first=1).standing == ("equal", "frontier")


def test_a_twin_of_a_dominated_strategy_points_at_its_twin():
    found = find_frontier([1, 5, 5], effect=[2, 1, 1])
    assert found.standing == ("frontier", "dominated", "equal")
    assert found.compared_with[2] == (1,)


def test_the_last_digit_is_not_a_difference():
    cost = [0.1 + 0.2, 0.3]
    assert cost[0] != cost[1]
    assert find_frontier(cost, effect=[1.0, 1.0]).standing == ("frontier", "equal")


def test_points_on_a_straight_line_stay_on_the_frontier():
    effect = np.arange(11) / 10
    assert find_frontier(effect * 3e5, effect=effect).members == tuple(range(11))


def test_a_thousand_strategies_on_a_convex_curve_are_all_on_the_frontier():
    effect = np.random.default_rng(4).random(1000)
    assert len(find_frontier(effect**2, effect=effect).members) == 1000


@pytest.mark.parametrize(
    ("cost", "effect", "message"),
    [
        ([1, 2], [1], "differ in length; expected 2; found 1"),
        ([1, np.nan], [1, 2], r"cost is not finite \(strategy 1\)"),
        ([1, 2], [np.inf, 2], r"effect is not finite \(strategy 0\)"),
        ([], [], "one value per strategy"),
        ([[1]], [1], "one value per strategy"),
    ],
)
def test_bad_input(cost, effect, message):
    with pytest.raises(ResultError, match=message):
        find_frontier(cost, effect=effect)


def _named(points):
    cost, effect = (np.array(axis) for axis in zip(*points, strict=True))
    found = find_frontier(cost, effect=effect)
    return sorted(zip(points, found.standing, strict=True))


def _by_definition(points):
    standing = []
    for i, (c, e) in enumerate(points):
        if points.index((c, e)) < i:
            standing.append("equal")
        elif any(c2 <= c and e2 >= e and (c2, e2) != (c, e) for c2, e2 in points):
            standing.append("dominated")
        elif any(_mix_is_cheaper(c, e, a, b) for a, b in itertools.permutations(points, 2)):
            standing.append("extendedly dominated")
        else:
            standing.append("frontier")
    return standing


def _mix_is_cheaper(c, e, low, high):
    """Whether a mix of two strategies gives effect e at less than cost c."""
    if not low[1] < e < high[1]:
        return False
    share = Fraction(e - low[1], high[1] - low[1])
    return low[0] + share * (high[0] - low[0]) < c
