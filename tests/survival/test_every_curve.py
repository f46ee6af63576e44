"""What must hold for every curve there is."""

from __future__ import annotations

import pickle
from itertools import pairwise

import matplotlib
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

import prioritering.survival as ps
from prioritering.errors import CurveError
from prioritering.survival import Curve
from tests.survival.catalogue import DRAWS, GRID_NAMES, NAMES, SMOOTH_NAMES, catalogue

matplotlib.use("Agg")

CURVES = catalogue()
YEARS = np.concatenate([[0.0], np.geomspace(1e-4, 40, 120)])


@pytest.fixture(params=NAMES)
def curve(request: pytest.FixtureRequest) -> Curve:
    return CURVES[request.param]


@pytest.fixture(params=SMOOTH_NAMES)
def smooth(request: pytest.FixtureRequest) -> Curve:
    return CURVES[request.param]


def test_shape_layout_and_range(curve: Curve) -> None:
    assert curve.n_draws == DRAWS
    for values in (curve.cumulative_hazard(YEARS), curve.survival(YEARS)):
        assert values.shape == (YEARS.size, DRAWS)
        assert values.dtype == np.float64
        assert values.flags.c_contiguous
        assert values.flags.writeable
    assert np.all(curve.cumulative_hazard(YEARS)[0] == 0)
    assert np.all(curve.survival(YEARS)[0] == 1)
    assert np.all(np.diff(curve.cumulative_hazard(YEARS), axis=0) >= -1e-14)
    assert np.all((curve.survival(YEARS) >= 0) & (curve.survival(YEARS) <= 1))


def test_survival_is_the_exponential_of_minus_the_hazard(curve: Curve) -> None:
    hazard = curve.cumulative_hazard(YEARS)
    np.testing.assert_allclose(curve.survival(YEARS), np.exp(-hazard), rtol=1e-14, atol=1e-300)


def test_evaluation_leaves_the_curve_as_it_was(curve: Curve) -> None:
    first = curve.cumulative_hazard(YEARS)
    kept = first.copy()
    first[:] = -1.0
    np.testing.assert_array_equal(curve.cumulative_hazard(YEARS), kept)


@pytest.mark.parametrize("step", [1, 5, 16, 36])
def test_chunks_change_no_bit(curve: Curve, step: int) -> None:
    for method in ("cumulative_hazard", "survival", "hazard", "density"):
        whole = getattr(curve, method)(YEARS)
        parts = [
            getattr(curve.chunk(a, min(a + step, DRAWS)), method)(YEARS)
            for a in range(0, DRAWS, step)
        ]
        np.testing.assert_array_equal(np.hstack(parts), whole)


def test_pickle(curve: Curve) -> None:
    if "function" in curve.describe():
        with pytest.raises((AttributeError, pickle.PicklingError)):
            pickle.dumps(curve)
        return
    again = pickle.loads(pickle.dumps(curve))
    np.testing.assert_array_equal(again.survival(YEARS), curve.survival(YEARS))
    assert again.describe() == curve.describe()


def test_hazard_is_the_slope_of_the_cumulative_hazard(smooth: Curve) -> None:
    years = np.array([1.13, 1.83, 3.61, 7.3, 11.9, 23.7])
    step = 1e-3
    ahead, behind = (smooth.cumulative_hazard(years + k * step) for k in (1, -1))
    far, back = (smooth.cumulative_hazard(years + k * step) for k in (2, -2))
    slope = (8 * (ahead - behind) - (far - back)) / (12 * step)
    np.testing.assert_allclose(smooth.hazard(years), slope, rtol=1e-8, atol=1e-10)


def test_density_is_hazard_times_survival(curve: Curve) -> None:
    years = YEARS[1:]
    expected = curve.hazard(years) * curve.survival(years)
    np.testing.assert_allclose(curve.density(years), expected, rtol=1e-15)


def test_quantile_inverts_survival(smooth: Curve) -> None:
    shares = np.array([1e-6, 0.05, 0.4, 0.8])
    times = smooth.quantile(shares)
    assert times.shape == (4, DRAWS)
    assert np.all(np.diff(times, axis=0) >= 0)
    for d in (0, 11, 36):
        known = np.isfinite(times[:, d])
        if "cured" not in smooth.describe():
            assert known.all()
        events = -np.expm1(-smooth.chunk(d, d + 1).cumulative_hazard(times[known, d])[:, 0])
        exact = not smooth.loops_over_draws
        np.testing.assert_allclose(
            events, shares[known], rtol=2e-12 if exact else 1e-10, atol=2e-15
        )


@pytest.mark.parametrize("name", GRID_NAMES)
def test_quantile_of_a_curve_on_a_grid(name: str) -> None:
    curve = CURVES[name].chunk(0, 3)
    median = curve.quantile(0.5)[0]
    for d in range(3):
        grid = np.append(np.arange(0, median[d], 7 / 365.25), median[d])
        assert curve.chunk(d, d + 1).survival(grid)[-1, 0] == pytest.approx(0.5, abs=3e-5)


def test_restricted_mean_is_the_area_under_survival(smooth: Curve) -> None:
    for d in (0, 23):
        one = smooth.chunk(d, d + 1)
        inner = sorted({float(b) for b in one._breaks() if 0 < b < 17.3} | {1e-4, 1e-2, 1.0})
        area = sum(_area(one, a, b) for a, b in pairwise([0.0, *inner, 17.3]))
        assert smooth.restricted_mean(17.3)[d] == pytest.approx(area, rel=1e-10)


def _area(curve: Curve, a: float, b: float) -> float:
    def survival(t: float) -> float:
        return curve.survival([t])[0, 0]

    return quad(survival, a, b, epsabs=1e-12, epsrel=1e-12, limit=200)[0]


@pytest.mark.parametrize("name", GRID_NAMES)
def test_restricted_mean_of_a_curve_on_a_grid(name: str) -> None:
    """A constant hazard within each week has the area ``(S0 - S1) / (H1 - H0)`` per year of it."""
    curve = CURVES[name]
    grid = np.append(np.arange(0, 20, 7 / 365.25), 20)
    hazard = curve.cumulative_hazard(grid)
    weekly = -np.diff(np.exp(-hazard), axis=0) / np.diff(hazard, axis=0)
    area = weekly.T @ np.diff(grid)
    np.testing.assert_allclose(curve.restricted_mean(20), area, rtol=1e-11)
    fine = np.linspace(0, 20, 20_001)
    nearly = np.trapezoid(curve.survival(fine), fine, axis=0)
    np.testing.assert_allclose(curve.restricted_mean(20), nearly, rtol=1e-4)


@pytest.mark.parametrize("name", ["weibull", "switch_draws", "mixture", "waning", "spline_odds"])
def test_random_times_follow_the_curve(name: str) -> None:
    one = CURVES[name].chunk(5, 6)
    times = one.random(4000, np.random.default_rng(11))
    assert times.shape == (4000, 1)
    result = kstest(times[:, 0], lambda t: 1 - one.survival(t)[:, 0])
    assert result.pvalue > 0.01


def test_random_times_are_one_column_per_draw() -> None:
    times = CURVES["weibull"].random(10, np.random.default_rng(3))
    assert times.shape == (10, DRAWS)
    assert np.unique(times).size == times.size


def test_text_and_table(curve: Curve) -> None:
    text = curve.describe()
    assert "\n" not in text
    assert repr(curve) == f"<{text}; {DRAWS} draws>"
    frame = curve.to_frame([0, 1, 2.5])
    assert list(frame.columns) == ["year", "draw", "survival", "cumulative_hazard"]
    assert len(frame) == 3 * DRAWS
    row = frame[(frame["year"] == 2.5) & (frame["draw"] == 4)].iloc[0]
    assert row["survival"] == curve.survival([0, 1, 2.5])[2, 4]


def test_plot_draws_on_the_axes_given() -> None:
    from matplotlib import pyplot as plt

    _, axes = plt.subplots()
    assert CURVES["weibull"].plot(np.linspace(0, 10, 11), ax=axes) is axes
    assert axes.lines
    plt.close("all")


def test_a_single_draw_is_a_column_of_the_whole() -> None:
    """One path: one number per parameter gives the same as that draw among many."""
    shape, scale = np.array([0.9, 1.3, 1.1]), np.array([4.0, 2.0, 3.0])
    whole = ps.weibull(shape=shape, scale=scale).survival(YEARS)
    for d in range(3):
        single = ps.weibull(shape=shape[d], scale=scale[d])
        assert single.n_draws == 1
        assert single.chunk(0, 99) is single
        np.testing.assert_array_equal(single.survival(YEARS)[:, 0], whole[:, d])


def test_chunk_is_a_view() -> None:
    curve = ps.weibull(shape=np.linspace(1, 2, 8), scale=3.0)
    part = curve.chunk(2, 5)
    assert np.shares_memory(part.shape, curve.shape)
    assert part.n_draws == 3
    assert part.scale is curve.scale


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (3, 3), (5, 2), (0, 38)])
def test_chunk_outside_the_draws(start: int, stop: int) -> None:
    with pytest.raises(CurveError, match=r"draws outside the curve.*<= 37; found start"):
        CURVES["weibull"].chunk(start, stop)


def test_a_subclass_needs_only_its_cumulative_hazard() -> None:
    """The defaults of the base class, against the closed forms of the same curve."""

    class Own(Curve):
        def _cumulative(self, t: np.ndarray) -> np.ndarray:
            return np.asarray((t / 4.0) ** 1.3)

        def _describe(self) -> str:
            return "a curve of one's own"

    own, known = Own(), ps.weibull(shape=1.3, scale=4)
    years = np.array([0.5, 2.0, 9.0])
    np.testing.assert_allclose(own.survival(years), known.survival(years), rtol=1e-13)
    np.testing.assert_allclose(own.hazard(years), known.hazard(years), rtol=1e-7)
    np.testing.assert_allclose(own.quantile([0.1, 0.9]), known.quantile([0.1, 0.9]), rtol=1e-9)
    np.testing.assert_allclose(own.restricted_mean(12), known.restricted_mean(12), rtol=1e-11)
