"""Fading treatment effects against closed forms and quadrature."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

import prioritering.survival as ps
from prioritering.errors import CurveError

RATE, RATIO = 0.3, np.array([0.4, 0.7, 1.2])
BASE = ps.exponential(rate=RATE)
YEARS = np.array([0.0, 1.0, 3.0, 3.4, 4.1, 4.99, 5.0, 8.0, 30.0])


def closed_form(start: float, end: float, shape: str) -> np.ndarray:
    """Cumulative hazard of a constant hazard whose ratio moves to 1."""
    length = end - start
    x = np.clip(YEARS - start, 0, length)[:, None]
    if shape == "linear":
        fading = RATIO * x + (1 - RATIO) * x**2 / (2 * length)
    else:
        fading = RATIO * length / -np.log(RATIO) * np.expm1(-np.log(RATIO) * x / length)
    early = RATIO * np.minimum(YEARS, start)[:, None]
    return RATE * (early + fading + np.maximum(YEARS - end, 0)[:, None])


@pytest.mark.parametrize("shape", ["linear", "log-linear"])
@pytest.mark.parametrize("start", [0.0, 3.0])
def test_a_hazard_ratio_moves_to_one(shape: str, start: float) -> None:
    curve = BASE.hazard_ratio(RATIO).waning(start=start, end=5, towards=BASE, shape=shape)
    expected = closed_form(start, 5.0, shape)
    np.testing.assert_allclose(curve.cumulative_hazard(YEARS), expected, rtol=2e-13)
    w = np.clip((YEARS - start) / (5 - start), 0, 1)[:, None]
    ratio = (1 - w) * RATIO + w if shape == "linear" else RATIO ** (1 - w)
    np.testing.assert_allclose(curve.hazard(YEARS), RATE * ratio, rtol=1e-14)


def test_the_result_does_not_depend_on_the_times_asked_for() -> None:
    treated = ps.weibull(shape=1.4, scale=6).waning(
        start=2, end=6, towards=ps.gompertz(shape=0.1, rate=0.1)
    )
    weekly = np.arange(0, 600) * 7 / 365.25
    many = treated.cumulative_hazard(np.sort(np.append(weekly, 5.03)))
    single = treated.cumulative_hazard([5.03])[0, 0]
    assert single == pytest.approx(many[np.searchsorted(weekly, 5.03), 0], rel=1e-13)
    np.testing.assert_allclose(
        treated.cumulative_hazard(weekly[::-1])[::-1], treated.cumulative_hazard(weekly), rtol=1e-12
    )


@pytest.mark.parametrize("shape", ["linear", "log-linear"])
@pytest.mark.parametrize("start", [0.0, 1.5])
def test_between_any_two_curves(shape: str, start: float) -> None:
    """A hazard that is infinite at time 0 fades into one that is 0 there."""
    own, other = ps.weibull(shape=0.6, scale=3), ps.weibull(shape=1.8, scale=5)
    curve = own.waning(start=start, end=6, towards=other, shape=shape)
    before = own.cumulative_hazard([start])[0, 0]
    for t in (2.0, 4.5, 6.0):
        # u = v**5 takes the singularity at time 0 away.
        low = max(start, 0.0) ** 0.2
        inside = quad(
            lambda v: 5 * v**4 * curve.hazard([v**5])[0, 0], low, t**0.2, epsabs=1e-13, epsrel=1e-13
        )[0]
        assert curve.cumulative_hazard([t])[0, 0] == pytest.approx(before + inside, rel=1e-9)
    late = curve.cumulative_hazard([6.0, 11.0])[:, 0]
    step = other.cumulative_hazard([6.0, 11.0])[:, 0]
    assert late[1] - late[0] == pytest.approx(step[1] - step[0], rel=1e-12)


@pytest.mark.parametrize("shape", ["linear", "log-linear"])
def test_through_a_jump_of_the_hazard(shape: str) -> None:
    table = ps.tabulated([0, 3.3, 4.2, 9], survival=[1, 0.7, 0.6, 0.1])
    curve = BASE.hazard_ratio(0.5).waning(start=3, end=5, towards=table, shape=shape)
    edges = [3, 3.3, 4.2, 5]
    inside = sum(
        quad(lambda t: curve.hazard([t])[0, 0], a, b, epsabs=1e-14)[0] for a, b in pairwise(edges)
    )
    assert curve.cumulative_hazard([5.0])[0, 0] == pytest.approx(0.45 + inside, rel=1e-13)


def test_times_per_draw() -> None:
    start, end = np.array([1.0, 2.0, 3.0]), np.array([4.0, 4.0, 7.0])
    curve = BASE.hazard_ratio(RATIO).waning(start=start, end=end, towards=BASE)
    for d in range(3):
        one = BASE.hazard_ratio(RATIO[d]).waning(start=start[d], end=end[d], towards=BASE)
        np.testing.assert_array_equal(curve.survival(YEARS)[:, d], one.survival(YEARS)[:, 0])


def test_towards_a_curve_that_depends_on_its_grid() -> None:
    """The reference is the disease with a mortality floor; the grid is the one asked for."""
    floor = ps.weibull(shape=0.8, scale=9).at_least_mortality_of(ps.gompertz(shape=0.1, rate=0.03))
    grid = np.linspace(0, 30, 361)
    curve = floor.hazard_ratio(0.5).waning(start=3, end=5, towards=floor)
    got = curve.cumulative_hazard(grid)[:, 0]
    base = floor.cumulative_hazard(grid)[:, 0]
    w = np.clip((0.5 * (grid[1:] + grid[:-1]) - 3) / 2, 0, 1)
    expected = np.append(0, np.cumsum((0.5 + 0.5 * w) * np.diff(base)))
    np.testing.assert_allclose(got, expected, rtol=2e-4)
    assert (np.diff(got) > 0).all()


def test_extinct_curves_stay_extinct() -> None:
    own = ps.tabulated([0, 4, 9], survival=[1, 0, 0], interpolation="linear")
    curve = own.waning(start=3, end=5, towards=BASE)
    survival = curve.survival([2, 3, 4.5, 6])[:, 0]
    np.testing.assert_allclose(survival, [0.5, 0.25, 0, 0], rtol=1e-13)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"start": 5, "end": 3}, r"draw 0\); expected start < end; found start 5, end 3.*switch"),
        ({"start": 3, "end": 3}, "start 3, end 3"),
        ({"start": [1, 2, 6], "end": 5}, r"\(draw 2\)"),
        ({"start": -1, "end": 3}, "start of a waning effect.*found -1"),
        ({"start": 1, "end": np.inf}, "end of a waning effect.*found inf"),
        ({"start": 1, "end": 3, "shape": "cubic"}, "'linear' or 'log-linear'; found 'cubic'"),
    ],
)
def test_impossible_waning(options, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        BASE.hazard_ratio(RATIO).waning(towards=BASE, **options)


def test_step_curves_do_not_fade() -> None:
    step = ps.tabulated([0, 9], survival=[1, 0.5], interpolation="step")
    with pytest.raises(CurveError, match="step curve has no hazard"):
        BASE.waning(start=1, end=2, towards=step)
