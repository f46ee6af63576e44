"""Fits become curves, draws and parameters of a probabilistic analysis."""

import pickle

import numpy as np
import pytest

from prioritering.errors import CurveError, DataError, PrioriteringWarning, UnknownNameError
from prioritering.parameters import Parameters
from prioritering.survival import exponential, weibull
from prioritering.survival.fit import Specification, choose_family, fit, fit_all
from prioritering.survival.fit.curves import (
    ChosenByDraw,
    NonMixtureCure,
    count_falling,
    flattened_spline,
)
from prioritering.survival.observed import SurvivalData
from tests.survival_fit.patients import gbsg2, lung, simulated

TIMES = np.linspace(0, 20, 81)
CONTROL = gbsg2("os").subset(group="control")


def test_draws_have_the_mean_and_covariance_of_the_fit():
    result = fit(CONTROL, "weibull")
    curve = result.sample(40_000, seed=3)
    logs = np.log(np.stack([curve.shape, curve.scale]))
    np.testing.assert_allclose(logs.mean(axis=1), result.optimum, atol=2e-3)
    np.testing.assert_allclose(np.cov(logs), result.covariance, rtol=0.05, atol=1e-4)
    np.testing.assert_array_equal(curve.shape[:10], result.sample(10, seed=3).shape)


@pytest.mark.parametrize(
    "family",
    [
        "gompertz",
        "generalised_gamma",
        Specification("spline", knots=1, scale="odds"),
        Specification("piecewise_exponential", breaks=(1, 3)),
        Specification("weibull", cure="mixture"),
        Specification("lognormal", cure="non-mixture"),
    ],
    ids=str,
)
def test_a_parameter_drawn_in_a_psa_gives_the_curve(family):
    data = gbsg2("rfs").subset(group="control")
    result = fit(data, family)
    assert result.converged
    params = Parameters(rfs=result.parameter(source="GBSG-2"))
    draws = params.sample(50, seed=1)
    curve = result.curve_from(draws.rfs, flatten=True)
    survival = curve.survival(TIMES)
    assert survival.shape == (81, 50)
    assert (np.diff(survival, axis=0) <= 0).all()
    expected = result.curve_from(params.expected().rfs)
    np.testing.assert_allclose(expected.survival(TIMES), result.curve().survival(TIMES))
    again = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(
        again.sample(3, seed=1, flatten=True).survival(TIMES),
        result.sample(3, seed=1, flatten=True).survival(TIMES),
    )


def test_a_fit_with_one_coefficient_is_a_single_parameter():
    result = fit(CONTROL, "exponential")
    draws = Parameters(rate=result.parameter()).sample(20, seed=1)
    curve = result.curve_from(draws.rate)
    np.testing.assert_allclose(curve.rate, np.exp(draws.rate))
    with pytest.raises(DataError, match="draws of a fit have no names"):
        fit(CONTROL, "weibull").curve_from(draws.rate)


def test_covariates_shift_the_curve_and_average_to_the_marginal():
    result = fit(lung(), "weibull_ph", covariates=["age", "sex"])
    man = result.curve(covariates={"age": 60, "sex": 1})
    woman = result.curve(covariates={"age": 60, "sex": 2})
    ratio = np.exp(result.estimates["scale_sex"])
    np.testing.assert_allclose(
        woman.cumulative_hazard([300]), ratio * man.cumulative_hazard([300]), rtol=1e-12
    )
    marginal = result.marginal(lung())
    covariates = lung().covariates
    each = [
        result.curve(covariates={"age": a, "sex": s}).survival([100, 500, 900])[:, 0]
        for a, s in zip(covariates["age"], covariates["sex"], strict=True)
    ]
    np.testing.assert_allclose(
        marginal.survival([100, 500, 900])[:, 0], np.mean(each, axis=0), rtol=1e-12
    )
    step = 1e-3
    slope = marginal.cumulative_hazard([300 + step]) - marginal.cumulative_hazard([300 - step])
    np.testing.assert_allclose(marginal.hazard([300]), slope / (2 * step), rtol=1e-6)
    draws = dict(zip(result.names, np.tile(result.optimum[:, None], 4), strict=True))
    drawn = result.marginal(lung(), components=draws)
    assert drawn.n_draws == 4
    np.testing.assert_allclose(drawn.chunk(1, 3).survival([100]), marginal.survival([100])[0, 0])


def test_interval_and_table_columns():
    frame = fit(CONTROL, "weibull").to_frame()
    row = frame.set_index("parameter").loc["shape"]
    half = 1.959963984540054 * row["se"]
    assert row["lower"] == pytest.approx(np.exp(row["optimum"] - half), rel=1e-12)
    assert row["upper"] == pytest.approx(np.exp(row["optimum"] + half), rel=1e-12)
    assert list(frame["scale_of_estimation"]) == ["log_shape", "log_scale"]


def test_a_fit_prints_itself():
    result = fit(CONTROL, "lognormal")
    assert "lognormal" in repr(result)
    assert "meanlog" in repr(result)
    assert "meanlog" in result._repr_html_()
    table = fit_all(gbsg2("os"))
    assert repr(table) == "<FitTable: 7 families, control, tamoxifen>"
    assert "generalised_gamma" in table._repr_html_()


def test_table_of_fits():
    table = fit_all(gbsg2("os"), ("weibull", "lognormal"))
    frame = table.to_frame()
    assert list(frame["family"]) == ["weibull", "lognormal"] * 2
    assert (frame.groupby("arm")["aic_gap"].min() == 0).all()
    best = table.best(arm="control")
    assert best.aic == frame[frame["arm"] == "control"]["aic"].min()
    with pytest.raises(UnknownNameError, match="an arm is needed"):
        table["weibull"]
    with pytest.raises(UnknownNameError, match="unknown arm"):
        table["contrl", "weibull"]
    with pytest.raises(UnknownNameError, match=r"unknown family 'gamma'.*"):
        table["control", "gamma"]
    with pytest.raises(UnknownNameError, match="unknown criterion"):
        table.best(arm="control", by="dic")


def test_curve_refuses_wrong_covariates_and_components():
    result = fit(lung(), "exponential", covariates=["age"])
    with pytest.raises(DataError, match=r"covariates are missing.*age"):
        result.curve()
    with pytest.raises(UnknownNameError, match=r"unknown covariate 'agee'.*'age'"):
        result.curve(covariates={"agee": 60})
    with pytest.raises(DataError, match="not usable"):
        result.curve(covariates={"age": np.nan})
    with pytest.raises(DataError, match=r"coefficients are missing.*log_rate"):
        result.curve_from({"rate_age": [0.1]}, covariates={"age": 60})
    with pytest.raises(UnknownNameError, match="unknown coefficient 'rate'"):
        result.curve_from({"rate": [0.1]}, covariates={"age": 60})
    with pytest.raises(UnknownNameError, match="unknown covariate 'age'"):
        result.marginal(CONTROL)


# Splines that fall in some draws.


def test_draws_of_a_spline_that_fall_are_refused_or_flattened_and_counted():
    small = CONTROL.take(np.arange(0, CONTROL.n, 3))
    result = fit(small, "spline", knots=3)
    with pytest.raises(CurveError, match=r"of 2000 draws fall somewhere.*flatten=True"):
        result.sample(2000, seed=1)
    with pytest.warns(PrioriteringWarning, match="of 2000 draws of a spline fall somewhere"):
        curve = result.sample(2000, seed=1, flatten=True)
    survival = curve.survival(TIMES)
    assert (np.diff(survival, axis=0) <= 0).all()
    assert (curve.hazard(TIMES[1:]) >= 0).all()


@pytest.mark.parametrize("scale", ["hazard", "odds", "normal"])
def test_flattened_spline_is_the_running_maximum(scale):
    knots = tuple(np.log([0.1, 0.7, 2.0, 6.0]))
    gammas = np.array([[-0.6, 1.0, 0.9, -1.1], [-0.5, 0.8, 0.3, -0.35], [-0.4, 1.2, 0.01, 0.0]]).T
    assert count_falling(gammas, knots) == 2
    fine = np.geomspace(0.01, 30, 200_001)
    curve = flattened_spline(gammas, knots, scale)
    x = np.log(fine)[:, None]
    running = np.maximum.accumulate(curve._spline(x)[0], axis=0)
    np.testing.assert_allclose(curve._highest(x), running, atol=1e-7)
    hazard = curve.cumulative_hazard(fine)
    slope = np.diff(hazard, axis=0) / np.diff(fine)[:, None]
    middle = curve.hazard(0.5 * (fine[1:] + fine[:-1]))
    finite = np.isfinite(slope) & np.isfinite(middle) & (hazard[1:] < 30)
    close = np.isclose(slope, middle, rtol=1e-3, atol=1e-6) | ~finite
    assert close.mean() > 0.9999


def test_a_spline_that_falls_from_the_start_has_a_constant_hazard_there():
    gammas = np.array([[0.2, 0.2], [1.0, -0.4], [0.3, 0.5]])
    knots = (0.0, 0.5, 1.0)
    assert count_falling(gammas, knots) == 1
    curve = flattened_spline(gammas, knots, "hazard")
    at_knot = np.exp(0.2)
    np.testing.assert_allclose(
        curve.cumulative_hazard([0.0, 0.25, 1.0])[:, 1],
        at_knot * np.array([0.0, 0.25, 1.0]),
        rtol=1e-12,
    )
    np.testing.assert_allclose(curve.hazard([0.0, 0.25])[:, 1], at_knot, rtol=1e-12)
    assert (np.diff(curve.cumulative_hazard(TIMES), axis=0) >= 0).all()


# Structural uncertainty.


def test_choice_of_family_by_draw():
    table = fit_all(CONTROL.take(np.arange(CONTROL.n)), ("weibull", "lognormal", "gompertz"))
    weights = {"weibull": 0.5, "lognormal": 0.3, "gompertz": 0.2}
    curve = choose_family(table.fits, weights=weights, n=3000, seed=4)
    assert isinstance(curve, ChosenByDraw)
    shares = np.bincount(curve.choice) / 3000
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.2], atol=0.03)
    survival = curve.survival(TIMES)
    assert survival.shape == (81, 3000)
    mixed = sum(
        w * table["control", f].sample(3000, seed=8).survival([10]).mean()
        for f, w in weights.items()
    )
    assert survival[40].mean() == pytest.approx(mixed, abs=0.01)
    np.testing.assert_array_equal(curve.chunk(100, 250).survival(TIMES), survival[:, 100:250])
    np.testing.assert_allclose(curve.density([3.0]), curve.hazard([3.0]) * curve.survival([3.0]))
    means = curve.restricted_mean(10)
    assert means.shape == (3000,)
    time = curve.quantile([0.3])
    assert np.isfinite(time).all()
    again = pickle.loads(pickle.dumps(curve))
    np.testing.assert_array_equal(again.survival([5]), curve.survival([5]))


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([0.5, 0.6], "not probabilities"),
        ([1.2, -0.2], "not probabilities"),
        ([1.0], "not probabilities"),
        ([np.nan, 1.0], "not probabilities"),
        ({"weibull": 1.0}, "unknown family 'lognormal'"),
        ({"weibull": 0.5, "lognormal": 0.5, "gamm": 0}, "unknown family 'gamm'"),
    ],
)
def test_weights_of_families_are_probabilities(weights, match):
    fits = fit_all(CONTROL, ("weibull", "lognormal")).fits
    with pytest.raises((CurveError, UnknownNameError), match=match):
        choose_family(fits, weights=weights, n=10, seed=1)


# Cure by a power of the cured share.


def test_non_mixture_cure_curve():
    base = weibull(shape=1.5, scale=2.0)
    curve = NonMixtureCure(base, np.array([0.3, 0.5]))
    expected = np.array([0.3, 0.5]) ** (1 - base.survival(TIMES))
    np.testing.assert_allclose(curve.survival(TIMES), expected, rtol=1e-12)
    t = np.array([1.0, 3.0])
    slope = (curve.cumulative_hazard(t + 1e-6) - curve.cumulative_hazard(t - 1e-6)) / 2e-6
    np.testing.assert_allclose(curve.hazard(t), slope, rtol=1e-8)
    reached = curve.quantile([0.4, 0.6])
    np.testing.assert_allclose(curve.survival(reached[0])[[0, 1], [0, 1]], 0.6, rtol=1e-10)
    assert np.isinf(reached[1, 1])
    assert np.isfinite(reached[1, 0])


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_cured_share_outside_its_range(share):
    with pytest.raises(CurveError, match=r"cured of a non-mixture cure.*from 0 to 1"):
        NonMixtureCure(exponential(rate=0.2), np.array([share]))


def test_relative_survival_fit_adds_the_population():
    truth = weibull(shape=1.2, scale=5.0)
    population = exponential(rate=0.05)
    data = simulated(truth.plus_hazard_of(population), n=3000, seed=21)
    result = fit(data, "weibull", background_hazard=np.full(data.n, 0.05))
    all_cause = result.curve().with_background_mortality_of(population)
    expected = truth.plus_hazard_of(population).survival([2, 5])
    np.testing.assert_allclose(all_cause.survival([2, 5]), expected, atol=0.02)


def test_data_of_one_group_need_no_label():
    data = SurvivalData.from_arrays([1.0, 2.0, 3.0, 4.0], event=[1, 1, 0, 1])
    assert fit_all(data, ("exponential",))["exponential"].arm == ""
