"""What holds for any data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering.survival import weibull
from prioritering.survival.fit import fit
from prioritering.survival.fit._jets import (
    exp,
    log,
    log_add,
    log_one_minus_exp,
    softplus,
    variables,
)
from prioritering.survival.observed import SurvivalData
from tests.survival_fit.patients import simulated


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    factor=st.floats(1e-3, 1e3),
    family=st.sampled_from(["exponential", "weibull", "gompertz", "gamma", "lognormal"]),
)
def test_another_unit_of_time_moves_the_likelihood_by_a_constant(seed, factor, family):
    """f(c t) = f(t) / c, so log L changes by minus events times log c, and nothing else."""
    data = simulated(weibull(shape=1.2, scale=0.5), n=80, seed=seed, follow_up=(0.1, 1.0))
    other = SurvivalData(data.time * factor, data.event, None, data.entry, data.weight, None, {})
    a, b = fit(data, family), fit(other, family)
    shift = data.event.sum() * np.log(factor)
    assert b.loglik + shift == pytest.approx(a.loglik, abs=1e-8 * max(1.0, abs(shift)))
    years = np.array([0.2, 0.6])
    np.testing.assert_allclose(
        b.curve().survival(factor * years), a.curve().survival(years), rtol=1e-6, atol=1e-12
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-50, 50), scale=st.floats(0.01, 100))
def test_moving_and_stretching_a_covariate_changes_only_its_coefficients(seed, shift, scale):
    rng = np.random.default_rng(seed)
    data = simulated(weibull(shape=1.2, scale=3.0), n=80, seed=seed)
    x = rng.normal(size=80)
    fits = [
        fit(
            SurvivalData.from_arrays(data.time, event=data.event, covariates={"x": v}),
            "weibull",
            covariates="x",
        )
        for v in (x, shift + scale * x)
    ]
    assert fits[1].loglik == pytest.approx(fits[0].loglik, abs=1e-9)
    effects = [f.estimates["scale_x"] for f in fits]
    assert effects[1] * scale == pytest.approx(effects[0], rel=1e-6, abs=1e-8)
    curves = [f.curve(covariates={"x": v}) for f, v in zip(fits, (1.0, shift + scale), strict=True)]
    np.testing.assert_allclose(curves[0].survival([2.0]), curves[1].survival([2.0]), rtol=1e-6)


@given(st.floats(-3, 3), st.floats(0.1, 3))
def test_jets_follow_the_rules_of_calculus(a, b):
    """A formula in jets against its derivatives written out."""
    x, y = variables([np.array([a]), np.array([b])])
    product = exp(x) * log(y) + 2.0 * x - y
    e, ln = np.exp(a), np.log(b)
    np.testing.assert_allclose(product.value, e * ln + 2 * a - b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(product.d[:, 0], [e * ln + 2, e / b - 1], rtol=1e-12, atol=1e-12)
    expected = [[e * ln, e / b], [e / b, -e / b**2]]
    np.testing.assert_allclose(product.h[:, :, 0], expected, rtol=1e-12, atol=1e-12)
    p = 1 / (1 + np.exp(-a))
    soft = softplus(x)
    np.testing.assert_allclose([soft.d[0, 0], soft.h[0, 0, 0]], [p, p * (1 - p)], rtol=1e-10)
    share = e / (e + b)
    added = log_add(x, np.array([b]))
    np.testing.assert_allclose([added.d[0, 0], added.h[0, 0, 0]], [share, share * (1 - share)])
    below = log_one_minus_exp(-y)
    rate = 1 / np.expm1(b)
    np.testing.assert_allclose(below.value[0], np.log(1 - np.exp(-b)), rtol=1e-9)
    np.testing.assert_allclose(below.d[1, 0], rate, rtol=1e-9)
    np.testing.assert_allclose(below.h[1, 1, 0], -rate - rate**2, rtol=1e-9)
