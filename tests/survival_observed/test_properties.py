"""What must always hold."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prioritering.errors import PrioriteringWarning
from prioritering.survival.observed import (
    SurvivalData,
    kaplan_meier,
    log_rank,
    nelson_aalen,
    reconstruct,
    smoothed_hazard,
)

months = st.integers(min_value=1, max_value=24)


@st.composite
def patients(draw, groups=False, entries=False):
    """Follow-up in whole months, ties and all, with at least two events."""
    n = draw(st.integers(4, 25))
    time = np.array(draw(st.lists(months, min_size=n, max_size=n)), dtype=float)
    event = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    event[np.argsort(time)[:2]] = True
    more = {}
    if groups:
        more["group"] = np.array(["a", "b"])[np.arange(n) % 2]
    if entries:
        share = draw(st.lists(st.sampled_from([0.0, 0.25, 0.5]), min_size=n, max_size=n))
        more["entry"] = np.floor(time * np.array(share))
        more["entry"][:2] = 0.0  # somebody of each group is at risk at the first event
        time = np.append(time, 25.0)  # one patient outlives the rest, so nobody is at risk alone
        event = np.append(event, False)
        more["entry"] = np.append(more["entry"], 0.0)
        if groups:
            more["group"] = np.append(more["group"], "a")
    return time, event, more


@given(times=st.lists(months, min_size=2, max_size=40))
def test_without_censoring_kaplan_meier_is_the_share_alive(times):
    time = np.array(times, dtype=float)
    estimate = kaplan_meier(SurvivalData.from_arrays(time, event=np.ones(time.size)))
    share = np.array([(time > t).mean() for t in estimate.times])
    np.testing.assert_allclose(estimate.survival, share, atol=1e-13)
    binomial = np.sqrt(share * (1 - share) / time.size)
    np.testing.assert_allclose(estimate.se, binomial, atol=1e-13)
    assert estimate.restricted_mean(30.0).value == pytest.approx(time.mean(), rel=1e-12)
    assert estimate.median.value == pytest.approx(np.median(time), rel=1e-12)


@given(data=patients(groups=True, entries=True), weights=st.lists(st.integers(1, 4), min_size=26))
def test_a_weight_is_as_many_patients(data, weights):
    time, event, more = data
    weight = np.array(weights[: time.size])
    row = np.repeat(np.arange(time.size), weight)
    weighted = SurvivalData.from_arrays(time, event=event, weight=weight, unit="months", **more)
    repeated = SurvivalData.from_arrays(
        time[row], event=event[row], unit="months", **{k: v[row] for k, v in more.items()}
    )
    one, other = kaplan_meier(weighted), kaplan_meier(repeated)
    for name in ("survival", "se", "low", "high", "at_risk", "events", "censored"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        nelson_aalen(weighted).se, nelson_aalen(repeated).se, rtol=1e-12, atol=1e-14
    )
    assert log_rank(weighted, rho=0.5).chi_square == pytest.approx(
        log_rank(repeated, rho=0.5).chi_square, rel=1e-9, abs=1e-12
    )


@given(data=patients(entries=True), seed=st.integers(0, 1000))
def test_neither_the_order_of_rows_nor_empty_weights_matter(data, seed):
    time, event, more = data
    order = np.random.default_rng(seed).permutation(time.size)
    plain = kaplan_meier(SurvivalData.from_arrays(time, event=event, **more))
    shuffled = kaplan_meier(
        SurvivalData.from_arrays(
            np.append(time[order], 3.0),
            event=np.append(event[order], True),
            weight=np.append(np.ones(time.size), 0.0),
            entry=np.append(more["entry"][order], 0.0),
        )
    )
    np.testing.assert_array_equal(plain.survival, shuffled.survival)
    np.testing.assert_array_equal(plain.at_risk, shuffled.at_risk)


@given(data=patients(entries=True))
def test_the_unit_of_time_only_scales_time(data):
    time, event, more = data
    years = kaplan_meier(SurvivalData.from_arrays(time, event=event, **more))
    by_month = SurvivalData.from_arrays(time, event=event, unit="months", **more)
    months_too = kaplan_meier(by_month)
    np.testing.assert_array_equal(years.survival, months_too.survival)
    np.testing.assert_array_equal(years.high, months_too.high)
    horizon = years.last_time
    one, other = years.restricted_mean(horizon), months_too.restricted_mean(months_too.last_time)
    assert one.value == pytest.approx(12 * other.value, rel=1e-12)
    assert one.se == pytest.approx(12 * other.se, rel=1e-10, abs=1e-13)
    hazard = smoothed_hazard(by_month, bandwidth=0.5, times=[by_month.time[event].max() / 2])
    at = [time[event].max() / 2]
    same = smoothed_hazard(
        SurvivalData.from_arrays(time, event=event, **more), bandwidth=6.0, times=at
    )
    np.testing.assert_allclose(hazard.hazard, 12 * same.hazard, rtol=1e-9, atol=1e-12)


@given(data=patients(entries=True))
def test_limits_surround_survival_and_survival_never_rises(data):
    time, event, more = data
    for kind in ("plain", "log", "log-log"):
        estimate = kaplan_meier(SurvivalData.from_arrays(time, event=event, **more), interval=kind)
        assert (estimate.low <= estimate.survival + 1e-15).all()
        assert (estimate.survival <= estimate.high + 1e-15).all()
        assert (np.diff(estimate.survival, prepend=1.0) <= 0).all()
        assert (estimate.low >= 0).all()
        assert (estimate.high <= 1).all()


@given(data=patients(groups=True, entries=True))
def test_without_ties_the_log_rank_test_is_the_score_test_of_cox(data):
    time, event, more = data
    untied = SurvivalData.from_arrays(time + np.arange(time.size) / 100, event=event, **more)
    in_b, excess, information = untied.in_group("b"), 0.0, 0.0
    for t, x in zip(untied.time[untied.event], in_b[untied.event], strict=True):
        p = in_b[(untied.entry < t) & (untied.time >= t)].mean()
        excess, information = excess + x - p, information + p * (1 - p)
    assume(information > 0)
    test = log_rank(untied)
    assert test.observed.sum() == pytest.approx(test.expected.sum(), rel=1e-12)
    assert test.observed[1] - test.expected[1] == pytest.approx(excess, rel=1e-9, abs=1e-12)
    assert test.chi_square == pytest.approx(excess**2 / information, rel=1e-9, abs=1e-12)


@given(data=patients(), table=st.lists(st.integers(1, 23), max_size=4, unique=True))
def test_a_rebuilt_curve_goes_through_the_points_of_a_curve_without_censoring(data, table):
    time, _, _ = data
    estimate = kaplan_meier(SurvivalData.from_arrays(time, event=np.ones(time.size)))
    at = [0, *(t for t in sorted(table) if t <= time.max())]
    rebuilt = reconstruct(
        estimate.times,
        estimate.survival,
        risk_times=at,
        numbers_at_risk=[(time >= t).sum() for t in at],
        total_events=time.size,
    )
    assert rebuilt.data.time.tolist() == sorted(time.tolist())
    assert rebuilt.data.event.all()


@given(
    falls=st.lists(st.floats(0.0, 0.2), min_size=3, max_size=30),
    censored=st.integers(0, 40),
)
def test_rebuilt_patients_are_as_many_as_published(falls, censored):
    survival = np.maximum(1 - np.cumsum(falls), 0.0)
    times = np.arange(1.0, survival.size + 1)
    n = 100
    later = max(int(n * survival[-1]) - censored, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)  # they tell how well it matches
        rebuilt = reconstruct(
            times, survival, risk_times=[0, times[-1] + 1], numbers_at_risk=[n, later]
        )
    assert rebuilt.data.n == n
    assert rebuilt.data.time.max() <= times[-1] + 1
    assert rebuilt.report.events == rebuilt.data.n_events
