"""The likelihood against closed forms, and against plain twins maximised by SciPy."""

import numpy as np
import pytest
from scipy import optimize, stats

from prioritering.errors import PrioriteringWarning
from prioritering.survival import exponential, weibull
from prioritering.survival.fit import Specification, fit
from prioritering.survival.fit._likelihood import Likelihood
from prioritering.survival.fit._prepare import layout_of, prepare
from prioritering.survival.observed import SurvivalData
from tests.survival_fit.patients import simulated

DATA = simulated(weibull(shape=1.4, scale=4.0), n=150, seed=5)


def maximum(objective, start):
    """Maximise by a simplex, then BFGS on differences: nothing in common with Newton."""

    def loss(x):
        value = objective(x)
        return -value if np.isfinite(value) else 1e10

    with np.errstate(all="ignore"):
        rough = optimize.minimize(
            loss,
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20000},
        )
        fine = optimize.minimize(
            loss,
            rough.x,
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20000},
        )
    return -fine.fun, fine.x


def test_exponential_is_events_per_time():
    result = fit(DATA, "exponential")
    events, time = DATA.event.sum(), DATA.time.sum()
    assert result.estimates["rate"] == pytest.approx(events / time, rel=1e-13)
    assert result.covariance[0, 0] == pytest.approx(1 / events, rel=1e-12)
    assert result.loglik == pytest.approx(events * np.log(events / time) - events, rel=1e-13)


def test_uncensored_lognormal_is_mean_and_deviation_of_logs():
    times = weibull(shape=2, scale=3).random(80, np.random.default_rng(3))[:, 0]
    result = fit(SurvivalData.from_arrays(times, event=np.ones(80)), "lognormal")
    logs = np.log(times)
    expected = {"meanlog": logs.mean(), "sdlog": logs.std()}
    assert result.estimates == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(result.covariance, np.diag([logs.var() / 80, 1 / 160]), atol=1e-12)


def test_piecewise_exponential_is_events_per_time_in_each_piece():
    result = fit(DATA, "piecewise_exponential", breaks=(1.0, 2.5))
    edges = np.array([0, 1.0, 2.5, np.inf])
    for j in range(3):
        spent = (np.clip(DATA.time, edges[j], edges[j + 1]) - edges[j]).sum()
        inside = DATA.event & (DATA.time > edges[j]) & (DATA.time <= edges[j + 1])
        assert result.estimates[f"rate{j}"] == pytest.approx(inside.sum() / spent, rel=1e-12)
        assert result.covariance[j, j] == pytest.approx(1 / inside.sum(), rel=1e-11)


def test_weibull_forms_and_a_spline_without_knots_are_one_fit():
    aft, ph = fit(DATA, "weibull"), fit(DATA, "weibull_ph")
    spline = fit(DATA, "spline", knots=0)
    assert aft.loglik == pytest.approx(ph.loglik, abs=1e-10)
    assert aft.loglik == pytest.approx(spline.loglik, abs=1e-10)
    shape, scale = aft.estimates["shape"], aft.estimates["scale"]
    assert ph.estimates["scale"] == pytest.approx(scale**-shape, rel=1e-9)
    assert spline.estimates["gamma1"] == pytest.approx(shape, rel=1e-9)


def test_weights_are_patients():
    weight = np.random.default_rng(1).integers(0, 4, DATA.n)
    weighted = SurvivalData.from_arrays(DATA.time, event=DATA.event, weight=weight)
    repeated = DATA.take(np.repeat(np.arange(DATA.n), weight))
    a, b = (fit(data, "generalised_gamma") for data in (weighted, repeated))
    assert a.loglik == pytest.approx(b.loglik, abs=1e-9)
    np.testing.assert_allclose(a.optimum, b.optimum, rtol=1e-7)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-6)
    assert a.bic == pytest.approx(b.bic, abs=1e-8)


def test_left_truncation_conditions_on_entry():
    rng = np.random.default_rng(7)
    entry = rng.uniform(0, 0.9, DATA.n) * DATA.time
    data = SurvivalData.from_arrays(DATA.time, event=DATA.event, entry=entry)

    def loglik(x):
        law = stats.weibull_min(np.exp(x[0]), scale=np.exp(x[1]))
        terms = np.where(data.event, law.logpdf(data.time), law.logsf(data.time))
        return (terms - law.logsf(entry)).sum()

    result = fit(data, "weibull")
    value, at = maximum(loglik, np.array([0.2, 1.2]))
    assert loglik(result.optimum) == pytest.approx(result.loglik, abs=1e-9)
    assert result.loglik == pytest.approx(value, abs=1e-8)
    np.testing.assert_allclose(result.optimum, at, atol=1e-5)
    constant = fit(data, "exponential")
    assert constant.estimates["rate"] == pytest.approx(
        data.event.sum() / (data.time - entry).sum(), rel=1e-12
    )


@pytest.mark.parametrize("family", ["lognormal", "gamma"])
def test_interval_censoring(family):
    """Half the events known to the half-year only, some before the first visit."""
    inside = DATA.event & (np.arange(DATA.n) % 2 == 0)
    lower = np.where(inside, np.floor(2 * DATA.time) / 2, DATA.time)
    upper = np.where(inside, lower + 0.5, np.inf)
    data = SurvivalData.from_arrays(lower, event=DATA.event & ~inside, upper=upper)
    assert (inside & (lower == 0)).any()

    def loglik(x):
        law = (
            stats.lognorm(np.exp(x[1]), scale=np.exp(x[0]))
            if family == "lognormal"
            else stats.gamma(np.exp(x[0]), scale=np.exp(-x[1]))
        )
        known = np.where(data.event, law.logpdf(np.maximum(lower, 1e-9)), law.logsf(lower))
        between = np.log(np.maximum(law.sf(lower) - law.sf(np.where(inside, upper, 1e9)), 1e-300))
        return np.where(inside, between, known).sum()

    result = fit(data, family)
    value, at = maximum(loglik, np.array([0.4, 0.1]))
    assert result.converged
    assert loglik(result.optimum) == pytest.approx(result.loglik, abs=1e-8)
    assert result.loglik == pytest.approx(value, abs=1e-8)
    np.testing.assert_allclose(result.optimum, at, atol=2e-5)


def test_interval_censored_splines_use_both_ends():
    inside = DATA.event
    lower = np.where(inside, DATA.time - 0.01, DATA.time)
    upper = np.where(inside, DATA.time + 0.01, np.inf)
    lower = np.where(lower <= 0, 0.001, lower)
    narrow = SurvivalData.from_arrays(lower, event=np.zeros(DATA.n), upper=upper)
    exact = fit(DATA, "spline", knots=1, scale="odds")
    result = fit(narrow, "spline", knots=1, scale="odds")
    assert result.n_events == exact.n_events
    np.testing.assert_allclose(
        result.curve().survival([1, 3, 6]), exact.curve().survival([1, 3, 6]), atol=1e-3
    )


def test_background_hazard_gives_the_excess():
    """The likelihood of relative survival: log(h + background) + log S at events."""
    background = np.random.default_rng(11).uniform(0.0, 0.1, DATA.n)

    def loglik(x):
        law = stats.weibull_min(np.exp(x[0]), scale=np.exp(x[1]))
        hazard = np.exp(law.logpdf(DATA.time) - law.logsf(DATA.time)) + background
        return np.where(DATA.event, np.log(hazard), 0.0).sum() + law.logsf(DATA.time).sum()

    result = fit(DATA, "weibull", background_hazard=background)
    value, at = maximum(loglik, np.array([0.2, 1.2]))
    assert result.loglik == pytest.approx(value, abs=1e-8)
    np.testing.assert_allclose(result.optimum, at, atol=1e-5)
    assert result.relative
    with pytest.warns(PrioriteringWarning, match="implausible per year: all are below 1e-06"):
        none = fit(DATA, "weibull", background_hazard=np.zeros(DATA.n))
    np.testing.assert_allclose(none.optimum, fit(DATA, "weibull").optimum, rtol=1e-10)


@pytest.mark.parametrize("kind", ["mixture", "non-mixture"])
def test_cure(kind):
    curve = weibull(shape=1.3, scale=1.5).mixture(exponential(rate=0.0), weight=0.6)
    data = simulated(curve, n=400, seed=9, follow_up=(4.0, 9.0))

    def loglik(x):
        law, c = stats.weibull_min(np.exp(x[1]), scale=np.exp(x[2])), 1 / (1 + np.exp(-x[0]))
        tail, density = law.sf(data.time), law.pdf(data.time)
        if kind == "mixture":
            terms = np.where(data.event, (1 - c) * density, c + (1 - c) * tail)
        else:
            survival = c ** (1 - tail)
            terms = np.where(data.event, -np.log(c) * density * survival, survival)
        return np.log(terms).sum()

    result = fit(data, "weibull", cure=kind)
    value, at = maximum(loglik, np.array([-0.4, 0.2, 0.4]))
    assert result.converged
    assert loglik(result.optimum) == pytest.approx(result.loglik, abs=1e-9)
    assert result.loglik == pytest.approx(value, abs=1e-8)
    np.testing.assert_allclose(result.optimum, at, atol=1e-5)
    assert result.estimates["cured"] == pytest.approx(0.4, abs=0.06)
    far = result.curve().survival([500.0])[0, 0]
    assert far == pytest.approx(result.estimates["cured"], rel=1e-9)


def test_covariates_on_two_parameters():
    rng = np.random.default_rng(2)
    x, z = rng.normal(60, 8, DATA.n), rng.integers(0, 2, DATA.n).astype(float)
    data = SurvivalData.from_arrays(DATA.time, event=DATA.event, covariates={"age": x, "new": z})

    def loglik(b):
        shape, scale = np.exp(b[0] + b[2] * z), np.exp(b[1] + b[3] * (x - 60) + b[4] * z)
        ratio = (data.time / scale) ** shape
        return (data.event * np.log(shape / data.time * ratio) - ratio).sum()

    result = fit(data, "weibull", covariates={"scale": ["age", "new"], "shape": "new"})
    assert result.names == ("log_shape", "log_scale", "shape_new", "scale_age", "scale_new")
    b = result.optimum.copy()
    b[1] += 60 * b[3]
    assert loglik(b) == pytest.approx(result.loglik, abs=1e-9)
    value, at = maximum(loglik, b + 0.05 * np.array([1, -1, 1, 0.01, 1]))
    assert result.loglik == pytest.approx(value, abs=1e-7)
    np.testing.assert_allclose(b, at, atol=2e-4)


def test_covariates_on_a_piecewise_hazard_are_proportional():
    data = SurvivalData.from_arrays(
        DATA.time, event=DATA.event, covariates={"new": np.arange(DATA.n) % 2}
    )
    result = fit(data, "piecewise_exponential", breaks=(2.0,), covariates=["new"])
    old, new = (result.curve(covariates={"new": v}).hazard([1.0, 3.0]) for v in (0, 1))
    ratio = np.exp(result.estimates["rate_new"])
    np.testing.assert_allclose(new / old, ratio, rtol=1e-12)


def test_time_scale_changes_nothing_but_the_unit():
    days = SurvivalData.from_arrays(DATA.time * 365.25, event=DATA.event, unit="days")
    for family in ("gompertz", "generalised_gamma", "generalised_f"):
        a, b = fit(DATA, family), fit(days, family)
        np.testing.assert_allclose(a.optimum, b.optimum, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("family", "choices", "covariates"),
    [
        ("generalised_gamma", {}, {"mu": "y", "Q": "z"}),
        ("gompertz", {}, {"shape": "y", "rate": ["y", "z"]}),
        ("spline", {"knots": 2, "scale": "normal"}, {"gamma0": "z", "gamma1": "y"}),
        ("weibull", {"cure": "non-mixture"}, {"cured": "z", "scale": "y"}),
        ("piecewise_exponential", {"breaks": (2.0,)}, {"rate": "y", "rate1": "z"}),
    ],
)
def test_derivatives_in_all_coefficients(family, choices, covariates):
    """Gradient and Hessian with covariates, entries, intervals and weights at once."""
    rng = np.random.default_rng(6)
    inside = DATA.event & (np.arange(DATA.n) % 3 == 0)
    data = SurvivalData.from_arrays(
        DATA.time,
        event=DATA.event & ~inside,
        upper=np.where(inside, DATA.time + 0.4, np.inf),
        entry=np.where(np.arange(DATA.n) % 4 == 0, 0.3 * DATA.time, 0.0),
        weight=rng.uniform(0.5, 2.0, DATA.n),
        covariates={"y": rng.normal(size=DATA.n), "z": rng.integers(0, 2, DATA.n)},
    )
    prepared = prepare(data, None)
    law = Specification(family, **choices).law(prepared)
    layout = layout_of(law, covariates, prepared)
    likelihood = Likelihood(law, layout, prepared.blocks(data.covariates))
    start = law.starts(prepared.sketch)[-1]
    at = np.concatenate([start, 0.05 * np.ones(len(layout.effects))])
    value, gradient, hessian = likelihood(at)
    assert np.isfinite(value)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-9, atol=1e-9)
    for k in range(at.size):
        move = 1e-5 * np.eye(at.size)[k]
        above, below = likelihood(at + move), likelihood(at - move)
        slope = (above[0] - below[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=1e-6, abs=1e-5)
        np.testing.assert_allclose(
            hessian[k], (above[1] - below[1]) / 2e-5, rtol=1e-5, atol=1e-5 * np.abs(hessian).max()
        )
