"""Cox's hazard ratio and the test of proportional hazards against R; residuals and trends."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from prioritering.errors import DataError, PrioriteringWarning, UnknownNameError
from prioritering.survival.observed import (
    SurvivalData,
    cox_hazard_ratio,
    kaplan_meier_by_group,
    log_cumulative_hazard,
    proportional_hazards_test,
)

YEAR = 365.25
SETS = ["sex", "sex_truncated", "sex_weighted", "gbsg2_rfs", "gbsg2_os"]


@pytest.fixture
def data_sets(lung, gbsg2):
    return {
        "sex": (lung(), "male"),
        "sex_truncated": (lung("lung_truncated"), "male"),
        "sex_weighted": (lung("lung_weighted"), "male"),
        "gbsg2_rfs": (gbsg2("rfs"), "control"),
        "gbsg2_os": (gbsg2("os"), "control"),
    }


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_hazard_ratio_agrees_with_r(data_sets, r, name, ties):
    data, reference = data_sets[name]
    expected = r["cox"][name][ties]
    found = cox_hazard_ratio(data, reference=reference, ties=ties)
    assert found.log_ratio == pytest.approx(expected["coef"], rel=1e-12)
    assert found.se == pytest.approx(expected["se"], rel=1e-12)
    likelihoods = [found.log_likelihood_null, found.log_likelihood]
    assert likelihoods == pytest.approx(expected["loglik"], rel=1e-13)
    width = 1.959963984540054 * found.se
    logs = np.log([found.low, found.ratio, found.high])
    expected_logs = found.log_ratio + np.array([-width, 0, width])
    np.testing.assert_allclose(logs, expected_logs, atol=1e-13)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_the_test_agrees_with_cox_zph(data_sets, r, name, ties, transform):
    data, reference = data_sets[name]
    expected = r["cox"][name][ties]["zph"][transform]
    found = proportional_hazards_test(data, reference=reference, ties=ties, transform=transform)
    assert found.chi_square == pytest.approx(expected["chisq"], rel=1e-11)
    assert found.p_value == pytest.approx(expected["p"], rel=1e-11)
    first = np.array(expected["first"])
    if transform == "identity":
        first = first / YEAR
    if transform == "log":
        first = first - np.log(YEAR)
    np.testing.assert_allclose(found.transformed[:8], first, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_residuals_agree_with_r(data_sets, r, name, ties):
    data, reference = data_sets[name]
    expected = r["cox"][name][ties]
    found = proportional_hazards_test(data, reference=reference, ties=ties)
    np.testing.assert_allclose(found.residuals[:8], expected["schoenfeld"], rtol=1e-11)
    np.testing.assert_allclose(found.scaled[:8], expected["scaled_first"], rtol=1e-11)
    np.testing.assert_allclose(found.scaled[-3:], expected["scaled_last"], rtol=1e-11)
    assert (np.diff(found.times) >= 0).all()


def test_residuals_sum_to_zero_at_the_estimate(gbsg2):
    found = proportional_hazards_test(gbsg2("rfs"), reference="control")
    assert found.residuals.sum() == pytest.approx(0, abs=1e-11)
    assert found.scaled.mean() == pytest.approx(found.estimate.log_ratio, abs=1e-11)


def test_without_ties_the_estimate_maximises_the_partial_likelihood():
    rng = np.random.default_rng(4)
    time, event = rng.exponential(size=60), rng.random(60) < 0.7
    group = np.where(rng.random(60) < 0.5, "a", "b")
    data = SurvivalData.from_arrays(time, event=event, group=group)

    def minus(b):
        risk = np.exp(b * (group == "b"))
        rows = [np.log(risk[time >= t].sum()) for t in time]
        return np.sum((rows - b * (group == "b"))[event])

    best = minimize_scalar(minus, bounds=(-3, 3), method="bounded", options={"xatol": 1e-10})
    for ties in ("efron", "breslow"):
        found = cox_hazard_ratio(data, reference="a", ties=ties)
        assert found.log_ratio == pytest.approx(best.x, abs=1e-7)
        assert found.log_likelihood == pytest.approx(-best.fun, rel=1e-12)


def test_swapping_the_reference_turns_the_ratio_round(gbsg2):
    data = gbsg2("rfs")
    one = cox_hazard_ratio(data, reference="control")
    other = cox_hazard_ratio(data, reference="tamoxifen")
    assert (one.group, other.group) == ("tamoxifen", "control")
    assert one.log_ratio == pytest.approx(-other.log_ratio, rel=1e-12)
    assert one.se == pytest.approx(other.se, rel=1e-12)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-11)


def test_a_large_ratio_is_found():
    """One event of the reference in a crowd of the other: far from 1, and still a maximum."""
    time = np.concatenate([np.linspace(1, 2, 40), np.linspace(1.9, 9, 40)])
    data = SurvivalData.from_arrays(time, event=np.ones(80), group=["b"] * 40 + ["a"] * 40)
    found = cox_hazard_ratio(data, reference="a")
    assert found.ratio > 100
    shares = proportional_hazards_test(data, reference="a").residuals
    assert shares.sum() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(
    ("arrays", "options", "kind", "message"),
    [
        ({}, {"reference": "c"}, UnknownNameError, "unknown group 'c'"),
        ({}, {"reference": "a", "ties": "exact"}, UnknownNameError, "way with ties 'exact'"),
        ({}, {"reference": "a", "level": 0.0}, DataError, "between 0 and 1"),
        ({"group": list("abcabc")}, {"reference": "a"}, DataError, "two groups; found a, b, c"),
        ({"event": [0] * 6}, {"reference": "a"}, DataError, "no events for a hazard ratio"),
        (
            {"event": [1, 0, 1, 0, 1, 0]},
            {"reference": "a"},
            DataError,
            "no finite estimate.*none in group 'b'.*state a ratio",
        ),
        (
            {"event": [0, 1, 0, 1, 0, 1]},
            {"reference": "a"},
            DataError,
            "no finite estimate.*none in group 'a'",
        ),
        ({"upper": [1, 2, 3, 4, 5, 8]}, {"reference": "a"}, DataError, "interval-censored"),
    ],
)
def test_refused(arrays, options, kind, message):
    given = {"event": [1, 1, 1, 1, 1, 0], "group": list("ababab"), **arrays}
    data = SurvivalData.from_arrays([1, 2, 3, 4, 5, 6], **given)
    with pytest.raises(kind, match=message):
        cox_hazard_ratio(data, **options)


def test_groups_followed_one_after_the_other_have_no_ratio():
    data = SurvivalData.from_arrays(
        [1, 2, 4, 5], event=[1, 1, 1, 1], entry=[0, 0, 3, 3], group=list("aabb")
    )
    with pytest.raises(DataError, match="no finite estimate.*while the other is at risk"):
        cox_hazard_ratio(data, reference="a")


def test_one_event_time_cannot_show_a_change():
    data = SurvivalData.from_arrays([1, 1, 2, 2], event=[1, 1, 0, 0], group=list("abab"))
    with pytest.raises(DataError, match=r"events at one time.*found 1 event time\(s\)"):
        proportional_hazards_test(data, reference="a")


def test_unknown_transform(gbsg2):
    with pytest.raises(UnknownNameError, match="unknown transform 'time'"):
        proportional_hazards_test(gbsg2("os"), reference="control", transform="time")


def test_the_trend_is_a_weighted_least_squares_line_at_each_time(gbsg2):
    found = proportional_hazards_test(gbsg2("os"), reference="control")
    trend = found.smooth(times=[1.0, 2.5], span=0.5)
    for i, t in enumerate((1.0, 2.5)):
        distance = np.abs(found.times - t)
        reach = np.sort(distance)[int(np.ceil(0.5 * distance.size)) - 1] * (1 + 1e-9)
        weight = np.clip(1 - (distance / reach) ** 3, 0, None) ** 1.5
        design = np.column_stack([np.ones_like(distance), found.times - t])
        solve = np.linalg.pinv(design * weight[:, None])[0] * weight
        assert trend.log_ratio[i] == pytest.approx(solve @ found.scaled, rel=1e-9)
        spread = np.sqrt(found.times.size) * found.estimate.se * np.sqrt(solve @ solve)
        margin = 1.959963984540054 * spread
        assert trend.high[i] - trend.log_ratio[i] == pytest.approx(margin, rel=1e-9)


def test_a_falling_ratio_shows_in_the_trend_and_the_test():
    rng = np.random.default_rng(8)
    n = 1500
    # Hazards 1 and 3 until year 0.5, then 1 and 1/3: the log ratio falls by log 9.
    early = rng.exponential(1 / 3, n)
    time = np.where(early < 0.5, early, 0.5 + rng.exponential(3.0, n))
    data = SurvivalData.from_arrays(
        np.concatenate([rng.exponential(1.0, n), time]),
        event=np.ones(2 * n),
        group=["control"] * n + ["new"] * n,
    )
    found = proportional_hazards_test(data, reference="control")
    assert found.p_value < 1e-10
    trend = found.smooth(times=[0.1, 2.0], span=0.2)
    assert trend.log_ratio[0] == pytest.approx(np.log(3), abs=0.2)
    assert trend.log_ratio[1] == pytest.approx(-np.log(3), abs=0.2)


@pytest.mark.parametrize("span", [0.0, 1.5])
def test_span_outside_its_range(gbsg2, span):
    found = proportional_hazards_test(gbsg2("os"), reference="control")
    with pytest.raises(DataError, match="0 < span <= 1"):
        found.smooth(span=span)


def test_frame_and_default_times(gbsg2):
    found = proportional_hazards_test(gbsg2("os"), reference="control")
    assert list(found.to_frame()) == ["year", "transformed", "residual", "scaled"]
    trend = found.smooth()
    assert (trend.times[0], trend.times[-1]) == (found.times[0], found.times[-1])
    assert (trend.low < trend.high).all()


def test_log_cumulative_hazard_is_of_the_kaplan_meier_curves(gbsg2):
    data = gbsg2("rfs")
    found = log_cumulative_hazard(data)
    for group, estimate in kaplan_meier_by_group(data).items():
        survival = estimate.at(found.times[group]).survival
        np.testing.assert_allclose(np.exp(-np.exp(found.values[group])), survival, rtol=1e-13)
    frame = found.to_frame()
    assert list(frame) == ["group", "year", "log_year", "log_cumulative_hazard"]
    assert len(frame) == sum(times.size for times in found.times.values())


def test_weibull_quantiles_lie_on_a_line_of_their_shape():
    n = 2000
    shape, scale = 1.7, 3.0
    share = (np.arange(n) + 1.0) / (n + 1)
    time = scale * (-np.log(1 - share)) ** (1 / shape)
    data = SurvivalData.from_arrays(time, event=np.ones(n), group=["a"] * n)
    found = log_cumulative_hazard(data)
    middle = slice(200, 1800)
    slope = np.polyfit(np.log(found.times["a"][middle]), found.values["a"][middle], 1)[0]
    assert slope == pytest.approx(shape, rel=1e-3)


def test_a_group_without_events_has_no_points():
    data = SurvivalData.from_arrays([1, 2, 3, 4], event=[1, 1, 0, 0], group=list("aabb"))
    with pytest.warns(PrioriteringWarning, match="no events among 2 patients in group b"):
        found = log_cumulative_hazard(data)
    assert found.times["b"].size == 0
