"""Fits against flexsurv, as polished to its true optima and as it returns them."""

import numpy as np
import pytest

from prioritering.survival.fit import STANDARD, fit, fit_all
from tests.survival_fit.patients import gbsg2, lung, reference

LUNG = reference("fit_lung.json")
GBSG2 = reference("fit_gbsg2.json")


def name(case):
    knots = f" {case['scale']} {case['knots']}" if "knots" in case else ""
    return f"{case['family']}{knots}{' age sex' if case['covariates'] else ''}"


def fitted(case):
    choices = {k: case[k] for k in ("knots", "scale") if k in case}
    return fit(lung(), case["family"], covariates=case["covariates"] or None, **choices)


@pytest.mark.parametrize("case", LUNG["fits"], ids=name)
def test_lung_optimum_and_covariance(case):
    result = fitted(case)
    deviation = np.sqrt(np.diag(np.atleast_2d(case["covariance"])))
    assert result.converged
    assert result.loglik == pytest.approx(case["loglik"], abs=1e-9)
    np.testing.assert_allclose(result.optimum, case["optimum"], rtol=1e-7)
    scaled = result.covariance / np.outer(deviation, deviation)
    expected = np.atleast_2d(case["covariance"]) / np.outer(deviation, deviation)
    np.testing.assert_allclose(scaled, expected, atol=2e-5)
    assert np.abs(result.gradient * deviation).max() < 1e-7


@pytest.mark.parametrize("case", LUNG["fits"], ids=name)
def test_lung_is_never_below_flexsurv_and_predicts_the_same(case):
    result, theirs = fitted(case), case["flexsurv"]
    gain = result.loglik - theirs["loglik"]
    assert gain >= -1e-9
    p = result.optimum.size
    assert result.aic == pytest.approx(theirs["aic"] - 2 * gain, abs=1e-8)
    assert result.bic == pytest.approx(theirs["bic"] - 2 * gain, abs=1e-8)
    assert result.aic == pytest.approx(2 * p - 2 * result.loglik, abs=1e-9)
    if case["covariates"]:
        rows = [dict(zip(case["covariates"], row, strict=True)) for row in LUNG["rows"]]
        curves = [result.curve(covariates=row) for row in rows]
    else:
        curves = [result.curve()]
    survival = np.concatenate([c.survival(LUNG["times"])[:, 0] for c in curves])
    # A gain g moves nothing by more than sqrt(2 g) of its standard error, here at most 0.07.
    tolerance = 0.07 * np.sqrt(2 * max(gain, 0.0)) + 1e-6
    np.testing.assert_allclose(survival, theirs["survival"], atol=tolerance)


def test_flexsurv_stops_short_of_the_maximum_in_some_lung_fits():
    """Where ours is the better optimum, with its gain in log-likelihood."""
    gains = {name(c): fitted(c).loglik - c["flexsurv"]["loglik"] for c in LUNG["fits"]}
    short = {k for k, gain in gains.items() if gain > 1e-3}
    assert short == {"gamma age sex", "generalised_gamma age sex", "generalised_f age sex"}
    assert gains["generalised_gamma age sex"] == pytest.approx(0.0068982, abs=1e-6)
    assert gains["gompertz"] == pytest.approx(1.8414e-5, abs=1e-8)


@pytest.mark.parametrize("knots", [1, 2, 3])
def test_knots_are_where_flexsurv_puts_them(knots):
    case = next(c for c in LUNG["fits"] if c.get("knots") == knots)
    expected = case["flexsurv"]["log_knots"]
    np.testing.assert_allclose(fitted(case).law.knots, expected, rtol=1e-14)


SHORT = {("os", "control", "gompertz"): 3e-6, ("os", "tamoxifen", "generalised_gamma"): 1.2e-9}
"""Fits in which flexsurv stopped short, with what ours gains in log-likelihood."""


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
def test_gbsg2_fits(endpoint):
    table = fit_all(gbsg2(endpoint))
    cases = [c for c in GBSG2["fits"] if c["endpoint"] == endpoint]
    assert len(cases) == len(table) == 14
    for case in cases:
        result = table[case["arm"], case["family"]]
        gain = result.loglik - case["loglik"]
        short = SHORT.get((endpoint, case["arm"], case["family"]), 0.0)
        assert -1e-10 < gain < max(1.05 * short, 1.5e-8)
        assert (result.n_patients, result.n_events) == (case["patients"], case["events"])
        assert result.aic == pytest.approx(case["aic"], abs=1e-6 + 2 * short)
        assert result.bic == pytest.approx(case["bic"], abs=1e-6 + 2 * short)
        loose = 1e-4 if not short else 1e-3
        estimates = list(result.estimates.values())
        np.testing.assert_allclose(estimates, case["estimates"], rtol=loose)
        deviation = np.sqrt(np.diag(case["covariance"]))
        gap = (result.covariance - case["covariance"]) / np.outer(deviation, deviation)
        assert np.abs(gap).max() < 1e-3
        survival = result.curve().survival(case["years"])[:, 0]
        np.testing.assert_allclose(survival, case["survival"], atol=1e-5 + loose / 10)
        mean = result.curve().restricted_mean(40)[0]
        assert mean == pytest.approx(case["restricted_mean_40"], rel=3e-5)


@pytest.mark.parametrize("place", SHORT)
def test_where_flexsurv_is_short_on_gbsg2_the_gradient_says_so(place):
    """The log-likelihood of flexsurv's own estimates is lower, and its slope there is not 0."""
    from prioritering.survival.fit._likelihood import Layout, Likelihood
    from prioritering.survival.fit._prepare import prepare

    endpoint, arm, family = place
    case = next(c for c in GBSG2["fits"] if (c["endpoint"], c["arm"], c["family"]) == place)
    data = gbsg2(endpoint).subset(group=arm)
    result = fit(data, family)
    likelihood = Likelihood(
        result.law, Layout(result.law.parameters, {}, {}), prepare(data, None).blocks({})
    )
    value, gradient, _ = likelihood(np.array(case["optimum"]))
    assert value == pytest.approx(case["loglik"], abs=1e-8)
    assert value < result.loglik
    assert np.abs(gradient).max() > 1e-4 > 1e-8 > np.abs(result.gradient).max()


def test_standard_families_are_the_seven():
    assert {c["family"] for c in GBSG2["fits"]} == set(STANDARD)
