"""Nelson-Aalen against R; the smoothed hazard against its formulas written out."""

import numpy as np
import pytest
from scipy.integrate import quad

from prioritering.errors import CurveError, DataError, PrioriteringWarning
from prioritering.survival.observed import SurvivalData, nelson_aalen, smoothed_hazard

YEAR = 365.25


@pytest.mark.parametrize("kind", ["lung", "lung_truncated", "lung_weighted"])
def test_nelson_aalen_agrees_with_r(lung, r, kind):
    at = nelson_aalen(lung(kind)).at(np.array(r[kind]["days"]) / YEAR)
    np.testing.assert_allclose(at.cumulative_hazard, r[kind]["cumulative_hazard"], rtol=1e-12)
    np.testing.assert_allclose(at.se, r[kind]["cumulative_hazard_se"], rtol=1e-12)
    width = 1.959963984540054 * at.se / at.cumulative_hazard
    np.testing.assert_allclose(at.low, at.cumulative_hazard * np.exp(-width), rtol=1e-12)
    np.testing.assert_allclose(at.high, at.cumulative_hazard * np.exp(width), rtol=1e-12)


def test_nelson_aalen_is_zero_before_the_first_event_and_ends_with_follow_up():
    estimate = nelson_aalen(SurvivalData.from_arrays([1, 2, 4], event=[0, 1, 0]))
    assert [x[0] for x in estimate.at([1.5])[1:]] == [0, 0, 0, 0]
    with pytest.raises(DataError, match="the longest follow-up at 4; found 4.5"):
        estimate.at([4.5])
    with pytest.raises(CurveError, match="finite years of 0 or more"):
        estimate.at([-1.0])
    assert estimate.to_frame()["events"].tolist() == [0, 1, 0]
    assert repr(estimate) == "<NelsonAalen: cumulative hazard 0.5 at year 4>"


def steps_of(data):
    """Event times and the steps d / n and d / n**2, counted row by row."""
    times = np.unique(data.time[data.event])
    at_risk = np.array([data.weight[(data.entry < t) & (data.time >= t)].sum() for t in times])
    events = np.array([data.weight[data.event & (data.time == t)].sum() for t in times])
    return times, events / at_risk, events / at_risk**2


@pytest.mark.parametrize("kind", ["lung", "lung_truncated", "lung_weighted"])
def test_inside_the_kernel_is_epanechnikovs(lung, kind):
    data, b = lung(kind), 0.4
    times, steps, variances = steps_of(data)
    years = np.array([0.45, 0.8, 1.3, 1.9])
    estimate = smoothed_hazard(data, bandwidth=b, times=years)
    for i, t in enumerate(years):
        x = (t - times) / b
        kernel = np.where(np.abs(x) < 1, 0.75 * (1 - x**2), 0.0) / b
        assert estimate.hazard[i] == pytest.approx(kernel @ steps, rel=1e-12)
        assert estimate.se[i] == pytest.approx(np.sqrt(kernel**2 @ variances), rel=1e-12)


def boundary_kernel(x, q):
    """Klein and Moeschberger (2003), equations 6.2.4 and 6.2.5: within q bandwidths of the edge."""
    scale = (1 + q) ** 4 * (19 - 18 * q + 3 * q**2)
    alpha = 64 * (2 - 4 * q + 6 * q**2 - 3 * q**3) / scale
    beta = 240 * (1 - q) ** 2 / scale
    return np.where((x > -1) & (x <= q), 0.75 * (1 - x**2) * (alpha + beta * x), 0.0)


def test_at_both_ends_the_kernel_is_the_asymmetric_one(lung):
    data, b = lung(), 0.5
    times, steps, _ = steps_of(data)
    end = times[-1]
    early, late = np.array([0.0, 0.1, 0.49]), end - np.array([0.4, 0.2, 0.0])
    estimate = smoothed_hazard(data, bandwidth=b, times=np.concatenate([early, late]))
    expected = [boundary_kernel((t - times) / b, t / b) @ steps / b for t in early]
    expected += [boundary_kernel((times - t) / b, (end - t) / b) @ steps / b for t in late]
    np.testing.assert_allclose(estimate.hazard, expected, rtol=1e-11)


@pytest.mark.parametrize("q", [0.0, 0.3, 1.0])
def test_the_asymmetric_kernel_of_the_book_has_the_moments_it_should(q):
    assert quad(boundary_kernel, -1, q, args=(q,))[0] == pytest.approx(1, abs=1e-9)
    assert quad(lambda x: x * boundary_kernel(x, q), -1, q)[0] == pytest.approx(0, abs=1e-9)


def test_a_constant_hazard_is_found_constant():
    n = 4000
    quantiles = -np.log(1 - (np.arange(n) + 0.5) / n) / 0.25
    data = SurvivalData.from_arrays(quantiles, event=np.ones(n))
    estimate = smoothed_hazard(data, times=np.linspace(0, 8, 30), bandwidth=1.0)
    np.testing.assert_allclose(estimate.hazard, 0.25, rtol=2e-3)


def test_default_bandwidth_and_times(lung):
    data = lung()
    estimate = smoothed_hazard(data)
    events = data.time[data.event]
    assert estimate.bandwidth == pytest.approx(2.34 * events.std() * 165**-0.2, rel=1e-12)
    at_risk = np.array([(data.time >= t).sum() for t in np.sort(events)])
    last = np.sort(events)[at_risk >= 10][-1]
    assert (estimate.times[0], estimate.times[-1], estimate.times.size) == (0.0, last, 101)
    assert (estimate.low >= 0).all()
    np.testing.assert_allclose(estimate.high - estimate.hazard, 1.959963984540054 * estimate.se)
    assert repr(estimate).startswith("<SmoothedHazard: years 0 to ")
    assert list(estimate.to_frame()) == ["year", "hazard", "se", "low", "high"]


def test_default_bandwidth_is_at_most_half_the_range():
    data = SurvivalData.from_arrays([1.0, 5.0], event=[1, 1])
    assert smoothed_hazard(data).bandwidth == 2.5
    single = SurvivalData.from_arrays([3.0, 3.0], event=[1, 1])
    assert smoothed_hazard(single).bandwidth == 1.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bandwidth": 0.0}, "years above 0; found 0.0"),
        ({"bandwidth": np.nan}, "years above 0; found nan"),
        ({"times": [0.5, 3.5]}, "years from 0 to the last event at 3; found 3.5"),
        ({"level": 2.0}, "between 0 and 1; found 2.0"),
    ],
)
def test_refused(options, message):
    with pytest.raises(DataError, match=message):
        smoothed_hazard(SurvivalData.from_arrays([1, 2, 3, 4], event=[1, 1, 1, 0]), **options)


def test_events_are_needed():
    with pytest.raises(DataError, match="no events for a smoothed hazard"):
        smoothed_hazard(SurvivalData.from_arrays([1, 2], event=[0, 0]))
    with pytest.warns(PrioriteringWarning, match="1 event only"):
        smoothed_hazard(SurvivalData.from_arrays([1, 2], event=[1, 0]))
    with pytest.raises(DataError, match="interval-censored"):
        nelson_aalen(SurvivalData.from_arrays([1, 2], event=[1, 0], upper=[1, 3]))
