"""Kaplan-Meier against R's survival package, closed forms, and odd data."""

import pickle

import numpy as np
import pytest

from prioritering.errors import CurveError, DataError, PrioriteringWarning, UnknownNameError
from prioritering.survival import weibull
from prioritering.survival.observed import SurvivalData, kaplan_meier, kaplan_meier_by_group

YEAR = 365.25
KINDS = ["lung", "lung_truncated", "lung_weighted"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("interval", ["plain", "log", "log-log"])
def test_estimates_and_intervals_agree_with_r(lung, r, kind, interval):
    expected = r[kind]
    estimate = kaplan_meier(lung(kind), interval=interval)
    at = estimate.at(np.array(expected["days"]) / YEAR)
    limits = expected["intervals"][interval]
    np.testing.assert_allclose(at.survival, expected["survival"], rtol=1e-12)
    np.testing.assert_allclose(at.se, expected["se"], rtol=1e-12)
    np.testing.assert_allclose(at.low, limits["low"], rtol=1e-12)
    np.testing.assert_allclose(at.high, limits["high"], rtol=1e-12)
    at_90 = kaplan_meier(lung(kind), interval=interval, level=0.9).at(at.times)
    np.testing.assert_allclose(at_90.low, limits["low_90"], rtol=1e-12)
    np.testing.assert_allclose(at_90.high, limits["high_90"], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("interval", ["plain", "log", "log-log"])
def test_quartiles_and_their_limits_agree_with_r(lung, r, kind, interval):
    expected = r[kind]["intervals"][interval]["quartiles"]
    estimate = kaplan_meier(lung(kind), interval=interval)
    for i, p in enumerate((0.25, 0.5, 0.75)):
        found = [None if x is None else x * YEAR for x in estimate.quantile(p)]
        wanted = [expected[name][i] for name in ("value", "lower", "upper")]
        assert found == pytest.approx(wanted, rel=1e-12)
    assert estimate.median == estimate.quantile(0.5)


@pytest.mark.parametrize("kind", ["lung", "lung_weighted"])
def test_numbers_at_risk_agree_with_r(lung, r, kind):
    at = kaplan_meier(lung(kind)).at(np.array(r[kind]["days"]) / YEAR)
    assert at.at_risk.tolist() == r[kind]["at_risk"]


@pytest.mark.parametrize("kind", KINDS)
def test_restricted_means_agree_with_r(lung, r, kind):
    estimate = kaplan_meier(lung(kind))
    for row in r[kind]["rmean"]:
        mean = estimate.restricted_mean(row["horizon"] / YEAR)
        assert mean.value * YEAR == pytest.approx(row["mean"], rel=1e-12)
        assert mean.se * YEAR == pytest.approx(row["se"], rel=1e-12)


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
@pytest.mark.parametrize("arm", ["control", "tamoxifen"])
def test_gbsg2_agrees_with_r(gbsg2, r, endpoint, arm):
    expected = r["gbsg2_years"][f"{endpoint} {arm}"]
    at = kaplan_meier_by_group(gbsg2(endpoint))[arm].at(expected["t"])
    np.testing.assert_allclose(at.survival, expected["S"], rtol=1e-12)
    np.testing.assert_allclose(at.se, expected["se"], rtol=1e-12)
    assert at.at_risk.tolist() == expected["n_risk"]


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
def test_quantiles_that_are_not_reached_are_none(gbsg2, r, endpoint):
    by_arm = kaplan_meier_by_group(gbsg2(endpoint))
    for estimate, expected in zip(
        by_arm.values(), r["gbsg2_quartiles_log_log"][endpoint], strict=True
    ):
        for i, p in enumerate((0.25, 0.5, 0.75)):
            found = [None if x is None else x * YEAR for x in estimate.quantile(p)]
            wanted = [expected[name][i] for name in ("value", "lower", "upper")]
            for a, b in zip(found, wanted, strict=True):
                assert (a is None and b is None) or a == pytest.approx(b, rel=1e-12)


def test_median_of_a_curve_that_rests_at_one_half(r):
    expected = r["median_when_flat_at_half"]
    even = SurvivalData.from_arrays([1, 2, 3, 4], event=[1, 1, 1, 1])
    assert kaplan_meier(even).median.value == expected["events at 1, 2, 3, 4"] == 2.5
    ends = SurvivalData.from_arrays([1, 2, 5, 7], event=[1, 1, 0, 0])
    assert kaplan_meier(ends).median.value == expected["events at 1, 2, censored at 5, 7"] == 4.5


def test_who_is_censored_at_an_event_time_was_at_risk_then():
    data = SurvivalData.from_arrays([1, 2, 2, 3, 5], event=[1, 1, 0, 1, 0])
    estimate = kaplan_meier(data)
    assert estimate.at_risk.tolist() == [5, 4, 2, 1]
    np.testing.assert_allclose(estimate.survival, [0.8, 0.6, 0.3, 0.3], rtol=1e-15)
    assert estimate.at([0, 0.99, 1, 5]).survival.tolist() == pytest.approx([1, 1, 0.8, 0.3])


def test_who_enters_at_an_event_time_was_not_at_risk_then():
    data = SurvivalData.from_arrays([2, 3, 4, 4], event=[1, 1, 0, 0], entry=[0, 2, 2, 1])
    estimate = kaplan_meier(data)
    assert estimate.at_risk.tolist() == [2, 3, 2]
    assert estimate.survival.tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 3])
    assert estimate.numbers_at_risk([0, 1, 1.5, 2, 2.5, 4, 9]).tolist() == [1, 1, 2, 2, 3, 2, 0]


def test_when_all_have_had_the_event_the_limits_are_of_the_time_before():
    estimate = kaplan_meier(SurvivalData.from_arrays([1, 2, 3], event=[1, 1, 1]))
    assert estimate.survival[-1] == estimate.low[-1] == estimate.se[-1] == 0.0
    assert estimate.high[-1] == estimate.high[-2]
    assert estimate.at([9.0]).survival[0] == 0.0
    assert estimate.restricted_mean(9.0).value == pytest.approx(2.0, rel=1e-15)


def test_before_the_first_event_survival_and_limits_are_one():
    estimate = kaplan_meier(SurvivalData.from_arrays([1, 2, 3], event=[0, 1, 1]))
    first = estimate.at([1.5])
    assert (first.survival[0], first.low[0], first.high[0], first.se[0]) == (1, 1, 1, 0)


def test_weights_that_do_not_add_up_exactly_still_end_at_zero():
    data = SurvivalData.from_arrays([1, 2, 3, 3], event=[1, 1, 1, 1], weight=[0.3, 0.1, 0.1, 0.1])
    assert kaplan_meier(data).survival[-1] == 0.0


def test_curve_goes_on_into_a_parametric_tail(gbsg2):
    estimate = kaplan_meier_by_group(gbsg2("os"))["control"]
    tail = weibull(shape=1.3, scale=9.0)
    joined = estimate.curve().switch(at=5.0, to=tail)
    times = np.array([0.0, 1.0, 3.3, 5.0])
    np.testing.assert_allclose(
        joined.survival(times)[:, 0], estimate.at(times).survival, rtol=1e-13
    )
    ratio = tail.survival([20.0]) / tail.survival([5.0])
    np.testing.assert_allclose(
        joined.survival([20.0]), estimate.at([5.0]).survival[0] * ratio, rtol=1e-13
    )


def test_curve_has_the_restricted_mean_of_the_estimate(gbsg2):
    estimate = kaplan_meier(gbsg2("rfs"))
    expected = estimate.restricted_mean(6.0).value
    assert estimate.curve().restricted_mean(6.0)[0] == pytest.approx(expected, rel=1e-10)


def test_no_events_is_a_flat_curve_and_a_warning():
    data = SurvivalData.from_arrays([1, 2], event=[0, 0], group=["new", "new"])
    with pytest.warns(PrioriteringWarning, match="no events among 2 patients in group new"):
        estimate = kaplan_meier(data)
    assert estimate.at([2.0]).survival[0] == 1.0
    assert estimate.median == (None, None, None)
    assert "median not reached" in repr(estimate)


def test_a_risk_set_that_runs_empty_before_late_entries_is_warned_of():
    data = SurvivalData.from_arrays([1, 3, 4], event=[1, 1, 0], entry=[0, 2, 2])
    with pytest.warns(PrioriteringWarning, match=r"everyone at risk at 1 years.*1 such times"):
        estimate = kaplan_meier(data)
    assert estimate.survival.tolist() == [0, 0, 0]


def test_a_join_beyond_follow_up_is_refused(gbsg2):
    """From where the curve has no estimate, and on to it from there."""
    curve = kaplan_meier_by_group(gbsg2("os"))["control"].curve()
    tail = weibull(shape=1.3, scale=9.0)
    reach = r"a switch at year 12, but the table ends at year 7.30459 \(draw 0\)"
    with pytest.raises(CurveError, match=reach):
        curve.switch(at=12.0, to=tail).survival([1.0, 20.0])
    with pytest.raises(CurveError, match=reach):
        tail.switch(at=12.0, to=curve)


@pytest.mark.parametrize("ask", ["at", "restricted_mean"])
def test_beyond_follow_up_is_refused(ask):
    estimate = kaplan_meier(SurvivalData.from_arrays([1, 2], event=[1, 0]))
    with pytest.raises(DataError, match=r"years up to 2; found 2.5.*\.curve\(\).*switch"):
        getattr(estimate, ask)(2.5)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda d: kaplan_meier(d, level=1.0), DataError, "between 0 and 1; found 1.0"),
        (lambda d: kaplan_meier(d, interval="loglog"), UnknownNameError, "mean 'log-log'"),
        (lambda d: kaplan_meier(d).quantile(0.0), DataError, "0 < p < 1; found 0.0"),
        (lambda d: kaplan_meier(d).restricted_mean(-1.0), DataError, "years above 0; found -1"),
        (lambda d: kaplan_meier(d).restricted_mean(np.nan), DataError, "found nan"),
        (lambda d: kaplan_meier_by_group(d), DataError, "data without groups"),
    ],
)
def test_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call(SurvivalData.from_arrays([1, 2, 3], event=[1, 0, 1]))


def test_interval_censored_rows_are_refused():
    data = SurvivalData.from_arrays([1, 2, 3], event=[1, 0, 1], upper=[1, 4, 3])
    with pytest.raises(DataError, match=r"row 1.*1 of 3 rows interval-censored"):
        kaplan_meier(data)


def test_frame_repr_and_pickle(lung):
    estimate = kaplan_meier(lung())
    frame = estimate.to_frame()
    assert frame["events"].sum() == 165
    assert frame["censored"].sum() == 63
    assert repr(estimate) == (
        "<KaplanMeier: 228 patients, 165 events, median 0.8487 years, followed to year 2.798>"
    )
    again = pickle.loads(pickle.dumps(estimate))
    np.testing.assert_array_equal(again.survival, estimate.survival)
    with pytest.raises(ValueError, match="read-only"):
        estimate.survival[0] = 0.5
