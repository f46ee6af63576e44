"""The log-rank test against R's survdiff."""

import numpy as np
import pytest
from scipy.stats import chi2

from prioritering.errors import DataError
from prioritering.survival.observed import SurvivalData, log_rank


@pytest.fixture
def data_sets(lung, ecog, gbsg2):
    return {"sex": lung(), "ecog": ecog, "gbsg2_rfs": gbsg2("rfs"), "gbsg2_os": gbsg2("os")}


@pytest.mark.parametrize("name", ["sex", "ecog", "gbsg2_rfs", "gbsg2_os"])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_agrees_with_r(data_sets, r, name, k):
    expected = r["log_rank"][name][k]
    test = log_rank(data_sets[name], rho=expected["rho"])
    order = [1, 0] if name == "sex" else slice(None)  # R has men first
    assert test.chi_square == pytest.approx(expected["chisq"], rel=1e-11)
    np.testing.assert_allclose(test.observed, np.array(expected["obs"])[order], rtol=1e-12)
    np.testing.assert_allclose(test.expected, np.array(expected["exp"])[order], rtol=1e-12)
    variance = np.array(expected["var"])[order][:, order]
    np.testing.assert_allclose(test.covariance, variance, rtol=1e-11)
    assert test.degrees_of_freedom == len(test.groups) - 1
    assert test.p_value == pytest.approx(
        chi2.sf(test.chi_square, test.degrees_of_freedom), rel=1e-12
    )


def test_late_weights_by_hand():
    """Two event times with two patients each at risk in turn; weights 0 and 1 - S(t-) = 1/4."""
    data = SurvivalData.from_arrays([1, 2, 3, 4], event=[1, 1, 0, 0], group=["a", "b", "a", "b"])
    test = log_rank(data, gamma=1.0)
    # At year 1: S(0) = 1, so weight 0. At year 2: weight 1/4, one event among a: 1, b: 2 at risk.
    assert test.observed.tolist() == [0.0, 0.25]
    np.testing.assert_allclose(test.expected, [0.25 / 3, 0.5 / 3], rtol=1e-15)
    np.testing.assert_allclose(test.covariance[0, 0], (2 / 9) / 16, rtol=1e-15)
    assert test.chi_square == pytest.approx((1 / 12) ** 2 / (2 / 9 / 16), rel=1e-14)


def test_equal_groups_give_zero():
    times = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]
    data = SurvivalData.from_arrays(times, event=[1, 1, 0] * 2, group=["a"] * 3 + ["b"] * 3)
    test = log_rank(data)
    assert test.chi_square == pytest.approx(0, abs=1e-28)
    assert test.p_value == pytest.approx(1.0)
    assert test.to_frame()["n"].tolist() == [3, 3]
    assert "chi-square" in repr(test)


def test_a_group_without_events_is_still_compared():
    data = SurvivalData.from_arrays([1, 2, 5, 5], event=[1, 1, 0, 0], group=["a", "a", "b", "b"])
    test = log_rank(data)
    assert test.observed.tolist() == [2, 0]
    assert test.chi_square > 0


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"group": None}, {}, "two groups or more; found no groups"),
        ({"group": ["a"] * 4}, {}, "two groups or more; found a"),
        ({"event": [0] * 4}, {}, "no events for a log-rank test"),
        ({"time": [3, 4, 1, 2], "event": [1, 1, 0, 0]}, {}, r"never at risk.*\(group b\)"),
        ({}, {"rho": -1.0}, "rho outside its range; expected 0 or more; found -1.0"),
        ({}, {"gamma": np.inf}, "gamma outside its range"),
        ({"upper": [1, 2, 4, 4.5]}, {}, "interval-censored"),
    ],
)
def test_refused(arrays, options, message):
    given = {
        "time": [1, 2, 3, 4],
        "event": [1, 1, 0, 0],
        "group": ["a", "a", "b", "b"],
        **arrays,
    }
    data = SurvivalData.from_arrays(given.pop("time"), **given)
    with pytest.raises(DataError, match=message):
        log_rank(data, **options)


def test_groups_that_are_never_at_risk_together_are_refused():
    data = SurvivalData.from_arrays(
        [1, 2, 4, 5], event=[1, 1, 1, 1], entry=[0, 0, 3, 3], group=["a", "a", "b", "b"]
    )
    with pytest.raises(DataError, match="not at risk at the same times"):
        log_rank(data)
