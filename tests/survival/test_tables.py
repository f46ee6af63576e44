"""Curves given as tables."""

from __future__ import annotations

import numpy as np
import pytest

import prioritering.survival as ps
from prioritering.errors import CurveError

TIMES = [0.0, 1.0, 2.0, 4.0]
SURVIVAL = [1.0, 0.8, 0.8, 0.2]


def table(interpolation: str = "log-linear") -> ps.Curve:
    return ps.tabulated(TIMES, survival=SURVIVAL, interpolation=interpolation)


def test_log_linear() -> None:
    curve = table()
    expected = [1, 0.8**0.5, 0.8, 0.8, 0.8, 0.4, 0.2]
    got = curve.survival([0, 0.5, 1, 1.5, 2, 3, 4])[:, 0]
    np.testing.assert_allclose(got, expected, rtol=1e-15)
    hazard = curve.hazard([0, 0.9, 1, 2, 3.9, 4])[:, 0]
    first, last = -np.log(0.8), np.log(4) / 2
    np.testing.assert_allclose(hazard, [first, first, 0, last, last, last], rtol=1e-14)


def test_linear() -> None:
    curve = table("linear")
    np.testing.assert_allclose(curve.survival([0.5, 1.5, 3, 4])[:, 0], [0.9, 0.8, 0.5, 0.2])
    np.testing.assert_allclose(curve.density([0.5, 1.5, 3])[:, 0], [0.2, 0, 0.3], rtol=1e-14)


def test_steps() -> None:
    curve = table("step")
    years = [0, 0.999, 1, 1.999, 3.999, 4]
    np.testing.assert_allclose(curve.survival(years)[:, 0], [1, 1, 0.8, 0.8, 0.8, 0.2], rtol=1e-15)
    assert not curve.has_hazard
    with pytest.raises(CurveError, match=r"step curve has no hazard.*log-linear"):
        curve.hazard([1])


def test_quantiles() -> None:
    shares = [0, 0.1, 0.2, 0.5, 0.8]
    half = 2 + 2 * np.log(0.8 / 0.5) / np.log(4)
    expected = {
        "log-linear": [0, np.log(0.9) / np.log(0.8), 1, half, 4],
        "linear": [0, 0.5, 1, 3, 4],
        "step": [0, 1, 1, 4, 4],
    }
    for interpolation, times in expected.items():
        got = table(interpolation).quantile(shares)[:, 0]
        np.testing.assert_allclose(got, times, rtol=1e-14)


def test_restricted_means() -> None:
    first, last = 0.2 / -np.log(0.8), 0.6 / np.log(4) * 2
    assert table().restricted_mean(4)[0] == pytest.approx(first + 0.8 + last, rel=1e-12)
    assert table("linear").restricted_mean(4)[0] == pytest.approx(0.9 + 0.8 + 1.0, rel=1e-12)
    assert table("step").restricted_mean(4)[0] == pytest.approx(1 + 0.8 + 1.6, rel=1e-12)
    assert table("step").restricted_mean(2.5)[0] == pytest.approx(1 + 0.8 + 0.4, rel=1e-12)


def test_restricted_mean_in_blocks_of_draws(monkeypatch) -> None:
    from prioritering.survival import _numeric

    monkeypatch.setattr(_numeric, "MANY_BREAKS", 2)
    columns = np.array([SURVIVAL, [1.0, 0.7, 0.6, 0.5], [1.0, 1.0, 0.5, 0.5]]).T
    curve = ps.tabulated(TIMES, survival=columns, interpolation="step")
    np.testing.assert_allclose(curve.restricted_mean(4), [3.4, 2.9, 3.0], rtol=1e-12)


@pytest.mark.parametrize("interpolation", ["linear", "step"])
def test_tables_that_end_at_zero(interpolation: str) -> None:
    curve = ps.tabulated([0, 1, 2], survival=[1, 0.5, 0], interpolation=interpolation)
    assert curve.survival([2])[0, 0] == 0
    assert curve.cumulative_hazard([2])[0, 0] == np.inf
    assert curve.quantile([0.9, 1.0])[1, 0] == 2
    assert np.isfinite(curve.random(100, np.random.default_rng(0))).all()


def test_draws_and_shared_times() -> None:
    columns = np.array([[1.0, 1.0], [0.8, 0.6], [0.2, 0.1]])
    both = ps.tabulated([0, 1, 2], survival=columns)
    years = np.array([0.3, 1.7])
    for d in range(2):
        one = ps.tabulated([0, 1, 2], survival=columns[:, d])
        np.testing.assert_array_equal(both.survival(years)[:, d], one.survival(years)[:, 0])
    stretched = both.acceleration_factor(np.array([1.0, 2.0]))
    expected = [both.survival([1.0])[0, 0], both.survival([0.5])[0, 1]]
    np.testing.assert_allclose(stretched.survival([1.0])[0], expected, rtol=1e-15)


def test_the_table_given_is_copied() -> None:
    values = np.array(SURVIVAL)
    curve = ps.tabulated(TIMES, survival=values)
    values[1] = 0.1
    assert curve.survival([1])[0, 0] == pytest.approx(0.8)


def test_beyond_the_last_time() -> None:
    with pytest.raises(CurveError, match=r"times up to 4 years; found 4.5\. Continue the table"):
        table().survival([1, 4.5])
    with pytest.raises(CurveError, match=r"\(draw 0\); expected survival of 0.2.*found 0.1"):
        table().quantile(0.9)


def test_continued_by_another_curve() -> None:
    curve = table("step").switch(at=4, to=ps.exponential(rate=0.3))
    assert curve.survival([6])[0, 0] == pytest.approx(0.2 * np.exp(-0.6), rel=1e-14)
    assert curve.quantile(0.9)[0, 0] == pytest.approx(4 + np.log(2) / 0.3, rel=1e-14)


@pytest.mark.parametrize(
    ("times", "survival", "match"),
    [
        ([0, 1], [0.9, 0.8], r"year 0, draw 0\); expected survival 1 at time 0; found 0.9"),
        ([0, 1, 2], [1, 0.8, 0.9], r"year 2, draw 0\); expected survival never rising; found 0.9"),
        ([0, 1], [[1, 1], [0.9, 1.1]], r"year 1, draw 1\); expected survival between 0 and 1"),
        ([0, 1], [1, -0.1], "between 0 and 1; found -0.1"),
        ([0, 1], [1, np.nan], "between 0 and 1; found nan"),
        ([0, 1], [1, 0.0], r"above 0 for log-linear.*Use interpolation 'step' or 'linear'"),
        ([0.5, 1], [1, 0.9], r"years that rise from 0.*\[0.5, 1.0\]"),
        ([0, 2, 1], [1, 0.9, 0.8], "years that rise from 0"),
        ([0, np.nan], [1, 0.9], "years that rise from 0"),
        ([0, np.inf], [1, 0.9], "finite years"),
        ([0], [1], "two or more years"),
        ([0, 1], [1, 0.9, 0.8], r"\(2,\) or \(2, draws\); found shape \(3, 1\)"),
        ([0, 1], ["a", "b"], "survival is not numeric"),
    ],
)
def test_impossible_tables(times, survival, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        ps.tabulated(times, survival=survival)


def test_unknown_interpolation() -> None:
    with pytest.raises(CurveError, match="'log-linear', 'linear', 'step'.*found 'cubic'"):
        ps.tabulated([0, 1], survival=[1, 0.5], interpolation="cubic")
