"""200 simulated trials from ten truths: every fit converges, or has no maximum to reach."""

import warnings

import numpy as np
import pytest

from prioritering.errors import PrioriteringWarning
from prioritering.survival import (
    exponential,
    gamma,
    generalised_gamma,
    gompertz,
    loglogistic,
    lognormal,
    weibull,
)
from prioritering.survival.fit import STANDARD, Specification, fit
from prioritering.survival.fit._likelihood import Layout, Likelihood
from prioritering.survival.fit._newton import maximise
from prioritering.survival.fit._prepare import prepare
from tests.survival_fit.patients import simulated

TRUTHS = {
    "rising Weibull": weibull(shape=1.4, scale=4),
    "falling Weibull": weibull(shape=0.7, scale=6),
    "rising Gompertz": gompertz(shape=0.15, rate=0.08),
    "falling Gompertz": gompertz(shape=-0.3, rate=0.5),
    "log-normal": lognormal(meanlog=1.2, sdlog=1.0),
    "log-logistic": loglogistic(shape=1.6, scale=3.5),
    "gamma": gamma(shape=2.5, rate=0.6),
    "generalised gamma, Q -0.7": generalised_gamma(mu=1.3, sigma=0.9, Q=-0.7),
    "generalised gamma, Q 1.8": generalised_gamma(mu=1.3, sigma=0.6, Q=1.8),
    "cured": weibull(shape=1.3, scale=2).mixture(exponential(rate=0.0), weight=0.6),
}
WITHOUT_MAXIMUM = {"rising Gompertz": 3}
"""Trials of 20 in which the generalised gamma's likelihood has no maximum; else none."""
SPLINES = [
    Specification("spline", knots=k, scale=scale)
    for k in (1, 2, 3)
    for scale in ("hazard", "odds", "normal")
]


@pytest.mark.study
@pytest.mark.parametrize("truth", TRUTHS)
def test_no_simulated_data_set_fails(truth):
    without = 0
    for trial in range(20):
        size = int(np.random.default_rng(trial).integers(100, 500))
        data = simulated(TRUTHS[truth], n=size, seed=1000 + trial)
        for family in (*STANDARD, *SPLINES):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PrioriteringWarning)
                result = fit(data, family)
            if result.converged:
                assert np.abs(result.gradient * np.sqrt(np.diag(result.covariance))).max() < 1e-4
                assert np.linalg.eigvalsh(result.covariance).min() > 0
            else:
                assert family == "generalised_gamma", (truth, trial, family, result.message)
                assert_likelihood_rises_with_q(data)
                without += 1
    assert without <= WITHOUT_MAXIMUM.get(truth, 0)


def assert_likelihood_rises_with_q(data):
    """The profile over Q never falls up to 40: the likelihood has no maximum."""
    prepared = prepare(data, None)
    law = fit_law()
    whole = Likelihood(law, Layout(law.parameters, {}, {}), prepared.blocks({}))
    profile = []
    start = np.array(law.starts(prepared.sketch)[0][:2])
    for q in (1.0, 2.0, 4.0, 8.0, 20.0, 40.0):

        def at_q(x, q=q):
            value, gradient, hessian = whole(np.array([*x, q]))
            return value, gradient[:2], hessian[:2, :2]

        best = maximise(at_q, start)
        profile.append(best.value)
        start = best.at
    assert (np.diff(profile) > -1e-6).all()


def fit_law():
    from prioritering.survival.fit.laws import CLOSED

    return CLOSED["generalised_gamma"]
