"""What a user may not give, and what the error says."""

from __future__ import annotations

import numpy as np
import pytest

import prioritering.survival as ps
from prioritering.errors import CurveError

CURVE = ps.weibull(shape=1.2, scale=4)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (
            lambda: ps.weibull(shape=-1, scale=2),
            r"shape of Weibull.*parameter shape, draw 0.*above 0; found -1",
        ),
        (lambda: ps.weibull(shape=[1, 0, 2], scale=2), r"draw 1\); .*found 0 \(1 of 3 values\)"),
        (lambda: ps.weibull(shape=1, scale=[2, np.nan]), r"parameter scale, draw 1\).*found nan"),
        (lambda: ps.weibull(shape=np.inf, scale=2), "found inf"),
        (lambda: ps.weibull_ph(shape=1, scale=0), "scale of Weibull, proportional hazards"),
        (lambda: ps.exponential(rate=-0.1), "rate of exponential.*0 or more; found -0.1"),
        (lambda: ps.gompertz(shape=0.1, rate=0), "rate of Gompertz.*above 0"),
        (
            lambda: ps.gompertz(shape=np.nan, rate=1),
            "shape of Gompertz.*a finite number; found nan",
        ),
        (lambda: ps.loglogistic(shape=0, scale=1), "shape of log-logistic"),
        (lambda: ps.lognormal(meanlog=0, sdlog=0), "sdlog of log-normal"),
        (lambda: ps.gamma(shape=1, rate=-1), "rate of gamma"),
        (lambda: ps.generalised_gamma(mu=0, sigma=0, Q=1), "sigma of generalised gamma"),
        (lambda: ps.generalised_f(mu=0, sigma=1, Q=0, P=0), "P of generalised F.*above 0; found 0"),
        (lambda: ps.weibull(shape="steep", scale=1), "shape is not numeric.*found 'steep'"),
        (
            lambda: ps.weibull(shape=np.ones((2, 2)), scale=1),
            r"shape \(draws,\); found shape \(2, 2\)",
        ),
        (lambda: ps.weibull(shape=[], scale=1), r"found shape \(0,\)"),
        (
            lambda: ps.weibull(shape=np.ones(1000), scale=np.ones(10)),
            "draws of Weibull do not match.*found shape 1000, scale 10.*same sample",
        ),
        (lambda: CURVE.hazard_ratio(0), "ratio of a hazard ratio.*above 0; found 0"),
        (lambda: CURVE.acceleration_factor(-1), "factor of an acceleration factor.*found -1"),
        (lambda: CURVE.odds_ratio(np.nan), "ratio of an odds ratio.*found nan"),
        (
            lambda: ps.weibull(shape=[1, 2], scale=1).hazard_ratio([1, 2, 3]),
            "draws of a hazard ratio do not match.*curve 2, ratio 3",
        ),
        (
            lambda: ps.exponential(rate=[1, 2]).plus_hazard_of(ps.exponential(rate=[1, 2, 3])),
            "draws of a sum of hazards do not match.*curve 2, other 3",
        ),
    ],
)
def test_impossible_parameters(make, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        make()


@pytest.mark.parametrize(
    ("times", "match"),
    [
        ([0, -1], r"position 1\); expected finite years of 0 or more; found -1"),
        ([np.nan], "found nan"),
        ([np.inf], "found inf"),
        ([], r"found shape \(0,\)"),
        ([[1, 2]], r"found shape \(1, 2\)"),
        (["a"], "times is not numeric"),
    ],
)
def test_impossible_times(times, match: str) -> None:
    for method in (CURVE.survival, CURVE.cumulative_hazard, CURVE.hazard, CURVE.to_frame):
        with pytest.raises(CurveError, match=match):
            method(times)


def test_one_number_is_a_time_too() -> None:
    assert CURVE.survival(4).shape == (1, 1)


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_impossible_shares(p: float) -> None:
    with pytest.raises(CurveError, match="p of a quantile.*from 0 to 1"):
        CURVE.quantile(p)


@pytest.mark.parametrize("horizon", [0, -1, np.inf, np.nan])
def test_impossible_horizons(horizon: float) -> None:
    with pytest.raises(CurveError, match="horizon of a mean.*above 0"):
        CURVE.restricted_mean(horizon)


def test_one_horizon_for_all() -> None:
    with pytest.raises(CurveError, match="one horizon for all draws"):
        CURVE.restricted_mean([1, 2])


def test_parameters_are_copied_and_read_only() -> None:
    shape = np.array([1.0, 2.0])
    curve = ps.weibull(shape=shape, scale=1)
    shape[0] = 5
    assert curve.shape[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        curve.shape[0] = 2
