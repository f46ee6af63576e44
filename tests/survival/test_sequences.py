"""Curves after one another, moved in time, mixed and added."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import prioritering.survival as ps
from prioritering.errors import CurveError, PrioriteringWarning

YEARS = np.concatenate([[0.0], np.geomspace(1e-3, 50, 80), [3.0]])
FIRST = ps.weibull(shape=np.array([0.7, 1.0, 1.6]), scale=np.array([3.0, 4.0, 5.0]))
SECOND = ps.gompertz(shape=0.08, rate=0.05)


def test_switch_follows_one_curve_and_then_the_other() -> None:
    curve = FIRST.switch(at=3, to=SECOND)
    before, after = YEARS <= 3, YEARS > 3
    np.testing.assert_array_equal(curve.survival(YEARS[before]), FIRST.survival(YEARS[before]))
    expected = FIRST.survival([3]) * SECOND.survival(YEARS[after]) / SECOND.survival([3])
    np.testing.assert_allclose(curve.survival(YEARS[after]), expected, rtol=1e-13)
    np.testing.assert_array_equal(curve.hazard([2.999]), FIRST.hazard([2.999]))
    np.testing.assert_array_equal(curve.hazard([3.0])[:, :1], SECOND.hazard([3.0]))


@given(at=some.floats(0.01, 30))
def test_switch_is_continuous(at: float) -> None:
    curve = FIRST.switch(at=at, to=SECOND)
    below, here, above = curve.cumulative_hazard([at * (1 - 1e-12), at, at * (1 + 1e-12)])
    np.testing.assert_allclose(below, here, rtol=1e-9)
    np.testing.assert_allclose(above, here, rtol=1e-9)


def test_switch_at_time_zero_is_the_other_curve() -> None:
    curve = FIRST.switch(at=0, to=SECOND)
    expected = np.repeat(SECOND.cumulative_hazard(YEARS), 3, axis=1)
    np.testing.assert_array_equal(curve.cumulative_hazard(YEARS), expected)


def test_switch_at_a_time_per_draw() -> None:
    at = np.array([1.0, 3.0, 12.0])
    curve = FIRST.switch(at=at, to=SECOND)
    for d in range(3):
        one = FIRST.chunk(d, d + 1).switch(at=at[d], to=SECOND)
        np.testing.assert_allclose(
            curve.cumulative_hazard(YEARS)[:, d], one.cumulative_hazard(YEARS)[:, 0], rtol=1e-14
        )
        assert curve.quantile(0.7)[0, d] == pytest.approx(one.quantile(0.7)[0, 0], rel=1e-12)


def test_switch_needs_survivors_on_the_other_curve() -> None:
    gone = ps.tabulated([0, 1, 4], survival=[1, 0, 0], interpolation="step")
    with pytest.raises(
        CurveError, match=r"nobody left on the curve to switch to \(draw 0\).*year 3"
    ):
        FIRST.switch(at=3, to=gone)


TABLE = ps.tabulated([0, 1, 2], survival=[1, 0.8, 0.6])


@pytest.mark.parametrize(
    ("join", "match"),
    [
        (
            lambda: TABLE.switch(at=3, to=SECOND),
            r"a switch at year 3, but the table ends at year 2 \(draw 0\).*up to 2 years; found 3",
        ),
        (
            lambda: TABLE.switch(at=[1.0, 2.0, 2.5, 9.0], to=SECOND),
            r"a switch at year 2.5, but the table ends at year 2 \(draw 2\)",
        ),
        (
            lambda: TABLE.hazard_ratio([0.5, 0.8]).switch(at=5, to=SECOND),
            r"a switch at year 5, but the curve does not reach so far \(draw 0\).*up to 2 years",
        ),
        (
            lambda: SECOND.switch(at=4, to=TABLE),
            r"a switch at year 4, but the table ends at year 2 \(draw 0\)",
        ),
        (lambda: TABLE.cure(at=5), r"a cure at year 5, but the table ends at year 2 \(draw 0\)"),
        (
            lambda: TABLE.cure(at=[1.0, 2.1]),
            r"a cure at year 2.1, but the table ends at year 2 \(draw 1\)",
        ),
        (lambda: TABLE.shift([-1.0, -3.0]), r"shift in time at year 3.*ends at year 2 \(draw 1\)"),
    ],
)
def test_a_join_outside_a_curve_is_refused_when_it_is_made(join, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        join()


def test_a_join_at_the_end_of_a_table() -> None:
    np.testing.assert_allclose(TABLE.cure(at=2).survival([1, 2, 30])[:, 0], [0.8, 0.6, 0.6])
    curve = TABLE.switch(at=[1.5, 2.0], to=ps.exponential(rate=0.1))
    last = TABLE.survival([1.5, 2.0])[:, 0]
    expected = last * np.exp(-0.1 * (7 - np.array([1.5, 2.0])))
    np.testing.assert_allclose(curve.survival([7.0])[0], expected, rtol=1e-13)


def test_a_join_where_nobody_is_left_is_counted_and_stays_at_zero() -> None:
    gone = ps.tabulated(
        [0, 1, 4], survival=[[1, 1, 1], [0.5, 0.5, 0.5], [0.2, 0, 0]], interpolation="step"
    )
    for join, kind in (
        (lambda: gone.switch(at=4, to=SECOND), "a switch"),
        (lambda: gone.switch(at=[4.0, 4.0, 4.0], to=SECOND), "a switch"),
        (lambda: gone.cure(at=4), "a cure"),
    ):
        match = rf"already 0 at {kind} in 2 of 3 draws and stays 0 \(first: draw 1, year 4\)"
        with pytest.warns(PrioriteringWarning, match=match) as caught:
            curve = join()
        assert (len(caught), caught[0].filename) == (1, __file__)
        later = curve.survival([4, 10])
        np.testing.assert_array_equal(later[:, 1:], 0)
        assert (later[:, 0] > 0).all()
    gone.switch(at=2, to=SECOND)


def test_cure_stops_the_hazard() -> None:
    curve = FIRST.cure(at=4)
    np.testing.assert_array_equal(curve.survival([1, 4]), FIRST.survival([1, 4]))
    np.testing.assert_array_equal(curve.survival([50]), FIRST.survival([4]))
    assert (curve.hazard([4, 10]) == 0).all()
    cured = FIRST.survival([4])[0]
    assert np.isinf(curve.quantile(1 - 0.99 * cured[0])[0, 0])
    np.testing.assert_allclose(curve.quantile(0.2), FIRST.quantile(0.2), rtol=1e-13)


def test_delay() -> None:
    curve = FIRST.shift(2)
    assert (curve.survival([0, 1, 2]) == 1).all()
    assert (curve.hazard([0, 1.99]) == 0).all()
    np.testing.assert_array_equal(curve.survival([2.5, 7]), FIRST.survival([0.5, 5]))
    np.testing.assert_allclose(curve.quantile(0.5), FIRST.quantile(0.5) + 2, rtol=1e-14)
    assert (curve.quantile(0) == 0).all()


def test_conditional_on_having_survived() -> None:
    curve = FIRST.shift(-2)
    expected = FIRST.survival(YEARS + 2) / FIRST.survival([2])
    np.testing.assert_allclose(curve.survival(YEARS), expected, rtol=1e-13)
    np.testing.assert_array_equal(curve.hazard([1.0]), FIRST.hazard([3.0]))
    memoryless = ps.exponential(rate=0.3)
    np.testing.assert_allclose(
        memoryless.shift(-5).survival(YEARS), memoryless.survival(YEARS), rtol=1e-13
    )


def test_shift_per_draw_there_and_back() -> None:
    years = np.array([0.5, 1.0, 2.0])
    again = FIRST.shift(years).shift(-years)
    np.testing.assert_allclose(again.survival(YEARS), FIRST.survival(YEARS), rtol=1e-12)


def test_conditional_needs_survivors() -> None:
    gone = ps.tabulated([0, 1, 4], survival=[1, 0.5, 0], interpolation="linear")
    with pytest.raises(CurveError, match="nobody left on the curve to condition on.*year 4"):
        gone.shift(-4)


def test_mixture_is_the_weighted_mean_of_survival() -> None:
    weight = np.array([0.0, 0.3, 1.0])
    curve = FIRST.mixture(SECOND, weight=weight)
    expected = weight * FIRST.survival(YEARS) + (1 - weight) * SECOND.survival(YEARS)
    np.testing.assert_allclose(curve.survival(YEARS), expected, rtol=1e-13)
    density = weight * FIRST.density(YEARS[1:]) + (1 - weight) * SECOND.density(YEARS[1:])
    np.testing.assert_allclose(curve.density(YEARS[1:]), density, rtol=1e-12)


def test_mixture_keeps_small_and_large_hazards() -> None:
    fast, slow = ps.exponential(rate=2.0), ps.exponential(rate=1.0)
    curve = fast.mixture(slow, weight=0.25)
    small, large = 1e-12, 1e4
    got = curve.cumulative_hazard([small, large])[:, 0]
    np.testing.assert_allclose(got, [1.25 * small, large - np.log(0.75)], rtol=1e-11)


def test_mixture_cure() -> None:
    """A share that never has the event, by a curve of rate 0."""
    cured = ps.exponential(rate=0.0).mixture(FIRST, weight=0.2)
    np.testing.assert_allclose(cured.survival([1e4])[0], 0.2, rtol=1e-14)
    assert np.isinf(cured.quantile(0.9)).all()
    inside = (0.5 - 0.2) / 0.8
    np.testing.assert_allclose(cured.quantile(0.5), FIRST.quantile(1 - inside), rtol=1e-11)


def test_mixture_where_both_are_extinct() -> None:
    gone = ps.tabulated([0, 1, 4], survival=[1, 0, 0], interpolation="step")
    curve = gone.mixture(gone, weight=0.5)
    np.testing.assert_array_equal(curve.survival([0, 0.5, 2])[:, 0], [1, 1, 0])


def test_hazards_add() -> None:
    curve = FIRST.plus_hazard_of(SECOND)
    np.testing.assert_allclose(
        curve.survival(YEARS), FIRST.survival(YEARS) * SECOND.survival(YEARS), rtol=1e-13
    )
    wide = SECOND.plus_hazard_of(FIRST)
    np.testing.assert_allclose(wide.survival(YEARS), curve.survival(YEARS), rtol=1e-13)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: FIRST.switch(at=-1, to=SECOND), r"at of a switch.*0 or more; found -1"),
        (lambda: FIRST.switch(at=[1, np.nan, 2], to=SECOND), r"draw 1\).*found nan"),
        (lambda: FIRST.cure(at=-0.5), "at of a cure.*found -0.5"),
        (lambda: FIRST.shift(np.inf), "years of a shift in time.*found inf"),
        (lambda: FIRST.mixture(SECOND, weight=1.2), "weight of a mixture.*from 0 to 1; found 1.2"),
        (
            lambda: FIRST.mixture(ps.exponential(rate=0), weight=[0.4, -0.1, 0.2]),
            r"weight of a mixture.*draw 1\); expected a number from 0 to 1; found -0.1 \(1 of 3",
        ),
        (
            lambda: FIRST.mixture(ps.exponential(rate=0), weight=np.nan),
            "weight of a mixture.*found nan",
        ),
        (
            lambda: FIRST.switch(at=[1, 2], to=SECOND),
            "draws of a switch do not match.*curve 3, at 2",
        ),
    ],
)
def test_impossible_combinations(make, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        make()
