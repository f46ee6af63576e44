"""Treatment effects: identities, closed forms and a plain NumPy twin of the period table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import prioritering.survival as ps
from prioritering.errors import CurveError
from prioritering.survival import Curve

YEARS = np.concatenate([[0.0], np.geomspace(1e-3, 50, 80)])
WEIBULL = ps.weibull(shape=np.array([0.7, 1.0, 1.6]), scale=np.array([3.0, 4.0, 5.0]))
RATIO = np.array([0.5, 0.8, 1.3])


@given(ratio=some.floats(1e-3, 1e3), shape=some.floats(0.2, 5), scale=some.floats(0.1, 50))
def test_hazard_ratio_multiplies_the_cumulative_hazard(
    ratio: float, shape: float, scale: float
) -> None:
    curve = ps.weibull(shape=shape, scale=scale)
    np.testing.assert_array_equal(
        curve.hazard_ratio(ratio).cumulative_hazard(YEARS), ratio * curve.cumulative_hazard(YEARS)
    )


@pytest.mark.parametrize("method", ["hazard_ratio", "acceleration_factor", "odds_ratio"])
def test_an_effect_of_one_is_no_effect(method: str) -> None:
    same = getattr(WEIBULL, method)(1.0)
    np.testing.assert_array_equal(same.cumulative_hazard(YEARS), WEIBULL.cumulative_hazard(YEARS))
    np.testing.assert_array_equal(same.hazard(YEARS), WEIBULL.hazard(YEARS))


def test_hazard_ratio_on_weibull_is_weibull() -> None:
    known = ps.weibull_ph(shape=1.3, scale=0.2 * RATIO)
    curve = ps.weibull_ph(shape=1.3, scale=0.2).hazard_ratio(RATIO)
    np.testing.assert_allclose(curve.survival(YEARS), known.survival(YEARS), rtol=1e-13)
    np.testing.assert_allclose(curve.hazard(YEARS), known.hazard(YEARS), rtol=1e-13)
    np.testing.assert_allclose(curve.quantile(0.3), known.quantile(0.3), rtol=1e-13)


@pytest.mark.parametrize(
    "curve",
    [
        ps.exponential(rate=0.2),
        ps.weibull(shape=1.3, scale=4),
        ps.weibull_ph(shape=1.3, scale=0.1),
        ps.gompertz(shape=np.array([0.1, 0.0, -0.1]), rate=0.1),
        ps.loglogistic(shape=1.3, scale=4),
        ps.lognormal(meanlog=1, sdlog=0.8),
        ps.gamma(shape=1.3, rate=0.4),
        ps.generalised_gamma(mu=1, sigma=0.8, Q=np.array([0.4, 0.0, -0.4])),
        ps.generalised_f(mu=1, sigma=0.8, Q=0.4, P=0.5),
        ps.spline(gammas=[-1.2, 1.3, 0.05], knots=[-2, 0.5, 2]),
    ],
)
def test_acceleration_factor_reads_the_curve_at_stretched_times(curve: Curve) -> None:
    factor = np.array([0.6, 1.5, 2.5])
    stretched = curve.acceleration_factor(factor)
    assert stretched.n_draws == 3
    for d in range(3):
        one = curve.chunk(d, d + 1)
        years = YEARS / factor[d]
        np.testing.assert_allclose(
            stretched.cumulative_hazard(YEARS)[:, d], one.cumulative_hazard(years)[:, 0], rtol=2e-12
        )
        hazard = one.hazard(years)[:, 0] / factor[d]
        np.testing.assert_allclose(stretched.hazard(YEARS)[:, d], hazard, rtol=2e-12)
        assert stretched.quantile(0.4)[0, d] == pytest.approx(factor[d] * one.quantile(0.4)[0, 0])
        mean = factor[d] * one.restricted_mean(6 / factor[d])[0]
        assert stretched.restricted_mean(6)[d] == pytest.approx(mean, rel=1e-10)


def test_odds_ratio_multiplies_the_odds_of_the_event() -> None:
    curve = WEIBULL.odds_ratio(RATIO)
    before, after = WEIBULL.survival(YEARS[1:-12]), curve.survival(YEARS[1:-12])
    odds = (1 - after) / after
    np.testing.assert_allclose(odds, RATIO * (1 - before) / before, rtol=1e-10)
    assert (curve.survival([2.0]) > WEIBULL.survival([2.0]))[0].tolist() == [True, True, False]


def test_odds_ratio_on_loglogistic_is_loglogistic() -> None:
    known = ps.loglogistic(shape=1.4, scale=3 * RATIO ** (-1 / 1.4))
    curve = ps.loglogistic(shape=1.4, scale=3).odds_ratio(RATIO)
    np.testing.assert_allclose(
        curve.cumulative_hazard(YEARS), known.cumulative_hazard(YEARS), rtol=1e-13
    )
    np.testing.assert_allclose(curve.hazard(YEARS), known.hazard(YEARS), rtol=1e-12)
    np.testing.assert_allclose(curve.quantile([1e-9, 0.4]), known.quantile([1e-9, 0.4]), rtol=1e-12)


def steps_twin(curve: Curve, starts: list[float], ratios: np.ndarray) -> np.ndarray:
    """``sum_k r_k (H(min(t, b_k)) - H(min(t, a_k)))``, one period after another."""
    total = np.zeros((YEARS.size, 3))
    for k, start in enumerate(starts):
        stop = starts[k + 1] if k + 1 < len(starts) else np.inf
        ends = curve.cumulative_hazard(np.minimum(YEARS, stop))
        total += ratios[k] * (ends - curve.cumulative_hazard(np.minimum(YEARS, start)))
    return total


def test_hazard_ratio_by_time_is_its_numpy_twin() -> None:
    ratios = np.array([RATIO, [0.9, 0.9, 0.9], [1.0, 1.1, 1.2]])
    table = {0: RATIO, 2: 0.9, 5.5: ratios[2]}
    curve = WEIBULL.hazard_ratio_by_time(table)
    got = curve.cumulative_hazard(YEARS)
    np.testing.assert_allclose(got, steps_twin(WEIBULL, [0, 2, 5.5], ratios), rtol=1e-13)
    assert (np.diff(got, axis=0) >= 0).all()
    np.testing.assert_allclose(curve.hazard([2.0])[0], 0.9 * WEIBULL.hazard([2.0])[0], rtol=1e-15)
    shuffled = np.random.default_rng(0).permutation(YEARS.size)
    np.testing.assert_array_equal(curve.cumulative_hazard(YEARS[shuffled]), got[shuffled])


def test_hazard_ratio_by_time_with_one_period_is_a_hazard_ratio() -> None:
    np.testing.assert_array_equal(
        WEIBULL.hazard_ratio_by_time({0: 0.7}).cumulative_hazard(YEARS),
        WEIBULL.hazard_ratio(0.7).cumulative_hazard(YEARS),
    )


def test_periods_beyond_a_table_are_not_asked_for() -> None:
    short = ps.tabulated([0, 3], survival=[1, 0.5]).hazard_ratio_by_time({0: 0.5, 10: 1.0})
    assert short.survival([3])[0, 0] == pytest.approx(0.5**0.5, rel=1e-14)


def test_hazard_ratio_by_time_of_stretched_and_floored_curves() -> None:
    """Times that differ by draw, and a curve that depends on its evaluation grid."""
    grid = np.linspace(0, 20, 241)
    population = ps.gompertz(shape=0.1, rate=0.02)
    factor = np.array([1.0, 2.0, 1.3])
    table = {0: 0.5, 3.01: 0.9}
    for inner in (WEIBULL, WEIBULL.at_least_mortality_of(population)):
        got = inner.hazard_ratio_by_time(table).acceleration_factor(factor).survival(grid)
        for d in range(3):
            one = inner.chunk(d, d + 1).hazard_ratio_by_time(table)
            np.testing.assert_allclose(got[:, d], one.survival(grid / factor[d])[:, 0], rtol=1e-13)
    floored = WEIBULL.at_least_mortality_of(population).hazard_ratio_by_time(table)
    assert (np.diff(floored.cumulative_hazard(grid), axis=0) > 0).all()


def test_extinct_curves_stay_extinct() -> None:
    gone = ps.tabulated([0, 1, 9], survival=[1, 0, 0], interpolation="linear")
    curve = gone.hazard_ratio_by_time({0: 2.0, 0.5: 1.0, 3: 0.5, 4: 0.4})
    survival = curve.survival([0.25, 0.5, 0.75, 2, 3, 4, 5])[:, 0]
    np.testing.assert_allclose(survival, [0.5625, 0.25, 0.125, 0, 0, 0, 0], rtol=1e-14)


def test_hazard_ratio_function_through_a_jump_of_the_hazard() -> None:
    table = ps.tabulated([0, 1.1, 4], survival=[1, 0.8, 0.3])
    first, second = -np.log(0.8) / 1.1, np.log(0.8 / 0.3) / 2.9
    curve = table.hazard_ratio_by_time(lambda years: years)
    expected = first * 1.1**2 / 2 + second * (9 - 1.1**2) / 2
    assert curve.cumulative_hazard([3.0])[0, 0] == pytest.approx(expected, rel=1e-13)


def test_hazard_ratio_function() -> None:
    """Exponential hazard times ``1 + t / 10`` is ``rate (t + t**2 / 20)``."""
    curve = ps.exponential(rate=RATIO).hazard_ratio_by_time(lambda years: 1 + years / 10)
    expected = RATIO * (YEARS + YEARS**2 / 20)[:, None]
    np.testing.assert_allclose(curve.cumulative_hazard(YEARS), expected, rtol=1e-13)
    alone = curve.cumulative_hazard([7.0])
    np.testing.assert_allclose(alone, RATIO[None] * (7 + 49 / 20), rtol=1e-13)


def test_hazard_ratio_function_on_a_hazard_that_is_infinite_at_zero() -> None:
    """Weibull of shape 1/2: ``h = 1 / (2 sqrt(s t))``, times ``exp(-t)``: an error function."""
    from scipy.special import erf

    curve = ps.weibull(shape=0.5, scale=3).hazard_ratio_by_time(lambda years: np.exp(-years))
    expected = np.sqrt(np.pi / 3) / 2 * erf(np.sqrt(YEARS))
    np.testing.assert_allclose(curve.cumulative_hazard(YEARS)[:, 0], expected, rtol=1e-9)


def test_hazard_ratio_function_at_times_of_each_draw() -> None:
    curve = WEIBULL.hazard_ratio_by_time(lambda years: 1 + years / 10)
    got = curve.acceleration_factor(RATIO).cumulative_hazard([1.0, 4.0])
    for d in range(3):
        expected = curve.cumulative_hazard(np.array([1.0, 4.0]) / RATIO[d])[:, d]
        np.testing.assert_allclose(got[:, d], expected, rtol=1e-12)


def test_hazard_ratio_function_must_keep_the_shape_and_sign() -> None:
    with pytest.raises(CurveError, match=r"wrong shape; expected shape .*found shape \(3,\)"):
        WEIBULL.hazard_ratio_by_time(lambda _: RATIO).survival([1])
    with pytest.raises(CurveError, match="hazard ratio of a function of time.*above 0; found -1"):
        WEIBULL.hazard_ratio_by_time(lambda years: years * 0 - 1).survival([1])
    step = ps.tabulated([0, 1], survival=[1, 0.5], interpolation="step")
    with pytest.raises(CurveError, match="step curve has no hazard"):
        step.hazard_ratio_by_time(lambda years: years + 1)


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ({}, r"rising years, the first of them 0; found \[\]"),
        ({1: 0.5}, r"rising years.*found \[1\].*\{0: 0.6, 2: 0.8, 5: 1.0\}"),
        ({0: 0.5, 3: 0.6, 2: 1.0}, "rising years"),
        ({0: 0.5, np.nan: 0.6}, "rising years"),
        ({0: 0.5, 2: 0.0}, "hazard ratio of a table by time.*above 0; found 0"),
        ({0: 0.5, 2: [0.1, np.nan]}, r"draw 1\).*found nan"),
        ({0: [0.5, 0.6, 0.7], 2: [0.1, 0.2]}, r"different numbers of draws.*\[3, 2\]"),
        ({0: "x"}, "hazard ratio from year 0 is not numeric"),
        ({"a": 1}, "starting years is not numeric"),
    ],
)
def test_impossible_tables_of_ratios(table, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        WEIBULL.hazard_ratio_by_time(table)
