"""Choices are used or refused: options, counts, endpoints, fits to choose among, backgrounds."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest

from prioritering.errors import CurveError, DataError, PrioriteringWarning, UnknownNameError
from prioritering.survival import exponential, weibull
from prioritering.survival.fit import (
    Specification,
    bootstrap_fits,
    choose_family,
    fit,
    fit_all,
)
from prioritering.survival.fit._newton import Optimum
from prioritering.survival.fit._prepare import layout_of, prepare
from prioritering.survival.fit.curves import Average, ChosenByDraw
from prioritering.survival.fit.fitting import FLAT, _verdict
from prioritering.survival.observed import SurvivalData, bootstrap_index
from tests.survival_fit.patients import simulated

DATA = simulated(weibull(shape=1.4, scale=4.0), n=60, seed=5)
AGE = np.random.default_rng(3).normal(60, 9, DATA.n)
AGED = SurvivalData.from_arrays(DATA.time, event=DATA.event, covariates={"age": AGE})
SPLINE = Specification("spline", knots=1)


# Options.


@pytest.mark.parametrize(
    "choice", [{"knots": 5}, {"scale": "hazard"}, {"breaks": [1.0]}, {"cure": "mixture"}]
)
def test_choices_beside_a_specification_are_refused(choice):
    with pytest.raises(CurveError, match=f"beside a Specification.*found {next(iter(choice))}="):
        fit(DATA, SPLINE, **choice)


@pytest.mark.parametrize("scale", ["odds", "hazard"])
def test_a_scale_belongs_to_splines(scale):
    with pytest.raises(CurveError, match="scale given for weibull"):
        fit(DATA, "weibull", scale=scale)


def test_fixed_knots_belong_to_splines_and_replace_knots():
    with pytest.raises(CurveError, match="fixed_knots given for weibull"):
        Specification("weibull", fixed_knots=(0.0, 1.0))
    with pytest.raises(CurveError, match="both knots and fixed_knots"):
        Specification("spline", knots=1, fixed_knots=(0.0, 0.5, 1.0))
    quantiles = fit(DATA, "spline", knots=1)
    fixed = fit(DATA, Specification("spline", fixed_knots=quantiles.law.knots))
    np.testing.assert_array_equal(fixed.optimum, quantiles.optimum)


@pytest.mark.parametrize(
    "knots", [(0.0, 0.0, 1.0), (0.0, np.nan, 1.0), (1.0, 0.0), (1.0,), (), (0.0, np.inf)]
)
def test_fixed_knots_rise(knots):
    with pytest.raises(CurveError, match=r"fixed_knots out of order.*finite log times that rise"):
        Specification("spline", fixed_knots=knots)


@pytest.mark.parametrize("knots", [-3, True, 2.0, "2"])
def test_a_number_of_knots_is_whole(knots):
    with pytest.raises(CurveError, match="number of knots is not usable.*whole number of 0"):
        fit(DATA, "spline", knots=knots)


@pytest.mark.parametrize("n", [0, -1, True, 2.0, None])
def test_a_number_of_draws_is_whole(n):
    result = fit(DATA, "weibull")
    for ask in (
        lambda: bootstrap_fits({"a": DATA}, {"a": "weibull"}, n=n, seed=1),
        lambda: result.sample(n, seed=1),
        lambda: choose_family([result], weights=[1.0], n=n, seed=1),
    ):
        with pytest.raises(CurveError, match="n is not usable.*whole number of 1 or more"):
            ask()


def test_a_seed_is_whole():
    with pytest.raises(CurveError, match="seed is not usable"):
        fit(DATA, "weibull").sample(3, seed=-1)


def test_coefficients_that_overflow_or_do_not_match():
    result = fit(DATA, "weibull")
    with pytest.raises(
        CurveError, match=r"fit weibull, parameter shape\).*1 of 2 draws not finite"
    ):
        result.curve_from({"log_shape": [0.1, 1e3], "log_scale": 1.0})
    with pytest.raises(CurveError, match=r"not finite \(fit weibull, parameter scale\)"):
        result.curve_from({"log_shape": 0.1, "log_scale": np.nan})
    with pytest.raises(DataError, match=r"numbers of draws differ.*log_shape \(2,\)"):
        result.curve_from({"log_shape": [0.1, 0.2], "log_scale": [1.0, 1.0, 1.0]})


# Bootstrap.


def test_bootstrap_covariates_name_their_endpoint_and_are_used():
    with pytest.raises(UnknownNameError, match=r"unknown endpoint 'A' .*'a'"):
        bootstrap_fits({"a": AGED}, {"a": "weibull"}, n=2, seed=1, covariates={"A": "age"})
    fitted = bootstrap_fits({"a": AGED}, {"a": "weibull"}, n=3, seed=1, covariates={"a": "age"})
    rng = np.random.default_rng(1)
    for own in fitted.coefficients["a"].T:
        again = fit(AGED.take(bootstrap_index(AGED.n, rng)), "weibull", covariates="age")
        np.testing.assert_array_equal(own, again.optimum)


def test_bootstrap_refits_with_the_knots_of_all_patients():
    fitted = bootstrap_fits({"a": DATA}, {"a": SPLINE}, n=4, seed=2)
    fixed = Specification("spline", fixed_knots=fit(DATA, SPLINE).law.knots)
    rng = np.random.default_rng(2)
    for own in fitted.coefficients["a"].T:
        resample = DATA.take(bootstrap_index(DATA.n, rng))
        np.testing.assert_array_equal(own, fit(resample, fixed).optimum)
        assert np.abs(own - fit(resample, SPLINE).optimum).max() > 1e-3


def test_bootstrap_keeps_the_size_of_every_group():
    group = np.where(np.arange(DATA.n) < 7, "few", "many")
    data = SurvivalData.from_arrays(DATA.time, event=DATA.event, group=group)
    fitted = bootstrap_fits({"a": data}, {"a": "exponential"}, n=5, seed=4)
    rng = np.random.default_rng(4)
    for own in fitted.coefficients["a"].T:
        rows = bootstrap_index(data.n, rng, group=group)
        assert (group[rows] == "few").sum() == 7
        np.testing.assert_array_equal(own, fit(data.take(rows), "exponential").optimum)


def test_paired_endpoints_differ_by_their_scale_alone():
    pfs = SurvivalData.from_arrays(0.6 * DATA.time, event=DATA.event)
    names = {"pfs": "weibull", "os": "weibull"}
    fitted = bootstrap_fits({"pfs": pfs, "os": DATA}, names, n=20, seed=1)
    gap = fitted.coefficients["pfs"] - fitted.coefficients["os"]
    np.testing.assert_allclose(gap[0], 0.0, atol=1e-8)
    np.testing.assert_allclose(gap[1], np.log(0.6), atol=1e-8)


def test_results_stay_frozen_after_pickling():
    result = fit(DATA, "weibull")
    fitted = bootstrap_fits({"a": DATA}, {"a": "weibull"}, n=2, seed=1)
    for one in (result, pickle.loads(pickle.dumps(result))):
        for array in (one.optimum, one.covariance, one.gradient):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0
    for one in (fitted, pickle.loads(pickle.dumps(fitted))):
        with pytest.raises(ValueError, match="read-only"):
            one.coefficients["a"][0, 0] = 1.0
        with pytest.raises(TypeError, match="does not support item assignment"):
            one.fits["a"] = result


# Choosing among families.


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"relative": True}, "expected relative False"),
        ({"n_patients": 61.0}, r"expected n_patients 60\.0"),
        ({"n_events": 3}, "expected n_events"),
        ({"last_time": 99.0}, r"found 99\.0"),
        ({"arm": "new"}, r"expected arm ''.*found 'new'"),
    ],
)
def test_fits_to_choose_among_are_of_the_same_patients(change, match):
    first, second = fit(DATA, "weibull"), fit(DATA, "lognormal")
    with pytest.raises(DataError, match=r"not of the same patients.*" + match):
        choose_family([first, replace(second, **change)], weights=[0.5, 0.5], n=5, seed=1)


def test_weights_by_name_find_their_family():
    fits = [fit(DATA, "weibull"), fit(DATA, "exponential")]
    curve = choose_family(fits, weights={"exponential": 1.0, "weibull": 0.0}, n=20, seed=1)
    assert (curve.choice == 1).all()


def test_times_by_draw_reach_the_draw_they_belong_to():
    first, second = exponential(rate=[0.1, 0.2]), exponential(rate=[0.5])
    curve = ChosenByDraw((first, second), ("a", "b"), np.array([0, 1, 0]))
    times = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(curve._cumulative(times), [[0.1, 1.0, 0.6]], rtol=1e-14)
    shifted = curve._time_at(np.array([[0.1, 0.2, 0.3]]))
    np.testing.assert_allclose(shifted, [[1.0, 0.4, 1.5]], rtol=1e-14)


# Background hazards and weights.


@pytest.mark.parametrize(
    ("background", "match"),
    [([1e-7, 1e-8], "all are below 1e-06"), ([6.0, 0.01], "1 of 60 are above 5")],
)
def test_a_background_hazard_in_the_wrong_unit_warns(background, match):
    hazard = np.where(np.arange(DATA.n) == 0, *background)
    with pytest.warns(PrioriteringWarning, match="implausible per year: " + match):
        fit_all(DATA, ["exponential"], background_hazard=hazard)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(DATA, "exponential", background_hazard=np.full(DATA.n, 0.01))


def test_every_arm_gets_its_own_background():
    group = np.where(np.arange(DATA.n) % 2 == 0, "even", "odd")
    data = SurvivalData.from_arrays(DATA.time, event=DATA.event, group=group)
    hazard = np.linspace(0.001, 0.2, DATA.n)
    table = fit_all(data, ["weibull"], background_hazard=hazard)
    for arm in ("even", "odd"):
        own = fit(data.subset(group=arm), "weibull", background_hazard=hazard[group == arm])
        np.testing.assert_array_equal(table[arm, "weibull"].optimum, own.optimum)


def test_a_relative_fit_is_drawn_with_its_population(plt):
    net = fit(DATA, "exponential", background_hazard=np.full(DATA.n, 0.05))
    with pytest.raises(CurveError, match=r"net survival is not of all causes.*Give population="):
        net.plot(DATA)
    with pytest.raises(CurveError, match=r"a population for a fit that is of all causes"):
        fit(DATA, "exponential").plot(DATA, population=exponential(rate=0.05))
    axes = net.plot(DATA, population=exponential(rate=0.05))
    (line,) = [one for one in axes.lines if len(one.get_xdata()) == 401]
    expected = np.exp(-(net.estimates["rate"] + 0.05) * line.get_xdata())
    np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-10)


def test_left_truncation_is_weighted():
    rng = np.random.default_rng(2)
    entry = rng.uniform(0, 0.9, DATA.n) * DATA.time
    weight = rng.integers(1, 4, DATA.n).astype(float)
    data = SurvivalData.from_arrays(DATA.time, event=DATA.event, entry=entry, weight=weight)
    rate = (weight * DATA.event).sum() / (weight * (DATA.time - entry)).sum()
    assert fit(data, "exponential").estimates["rate"] == pytest.approx(rate, rel=1e-12)


# Averages over covariates.


def test_a_marginal_curve_uses_weights():
    result = fit(AGED, "weibull", covariates="age")
    weight = np.random.default_rng(1).integers(1, 5, DATA.n).astype(float)
    data = replace(AGED, weight=weight)
    each = [result.curve(covariates={"age": a}).survival([2.0, 5.0])[:, 0] for a in AGE]
    found = result.marginal(data).survival([2.0, 5.0])[:, 0]
    np.testing.assert_allclose(found, np.average(each, axis=0, weights=weight), rtol=1e-12)


def test_an_average_of_patterns_is_exact_early_late_and_in_any_order():
    rates, weights = [0.9, 0.001, 30.0], (0.5, 0.2, 0.3)
    times = np.array([1e-12, 0.1, 5.0, 200.0])
    survival = np.exp(-np.outer(times, rates)) @ weights
    hazard = np.exp(-np.outer(times, rates)) @ (np.array(weights) * rates) / survival
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        curve = Average(
            tuple(exponential(rate=rates[k]) for k in order), tuple(weights[k] for k in order)
        )
        np.testing.assert_allclose(curve.survival(times)[:, 0], survival, rtol=1e-13)
        np.testing.assert_allclose(curve.hazard(times)[:, 0], hazard, rtol=1e-13)
        early = 1e-12 * np.dot(rates, weights)
        np.testing.assert_allclose(curve.cumulative_hazard(times[:1]), early, rtol=1e-9)


def test_a_marginal_curve_of_draws():
    result = fit(AGED, "weibull", covariates="age")
    drawn = result.marginal(AGED, n=4, seed=7)
    each = [result.sample(4, seed=7, covariates={"age": a}).survival([3.0]) for a in AGE]
    np.testing.assert_allclose(drawn.survival([3.0]), np.mean(each, axis=0), rtol=1e-12)
    for wrong in ({"n": 4}, {"seed": 1}, {"n": 4, "seed": 1, "components": {}}):
        with pytest.raises(CurveError, match="components, or n and seed together"):
            result.marginal(AGED, **wrong)


def test_a_marginal_curve_of_spline_draws_is_flattened_with_one_warning():
    data = AGED.take(np.arange(30))
    result = fit(data, "spline", knots=3, covariates="age")
    with pytest.raises(CurveError, match="flatten=True"):
        result.marginal(data, n=50, seed=1)
    with pytest.warns(PrioriteringWarning, match="draws of a spline fall") as caught:
        curve = result.marginal(data, n=50, seed=1, flatten=True)
    assert len(caught) == 1
    assert (np.diff(curve.survival(np.linspace(0, 9, 50)), axis=0) <= 0).all()


# Verdicts.


def verdict(family, at, *, drift=None, deviation=1.0, back=None, **choices):
    """Verdict on a made-up end of a search: settled if nothing drifts."""
    prepared = prepare(AGED, None)
    law = Specification(family, **choices).law(prepared)
    covariates = "age" if len(at) > len(law.parameters) else None
    size = len(at)
    information = np.eye(size) / np.broadcast_to(deviation, size) ** 2
    optimum = Optimum(
        at=np.array(at),
        value=-1.0,
        gradient=np.zeros(size),
        information=information,
        decrement=0.0 if drift is None else 1.0,
        regular=True,
        steps=7,
        drift=np.zeros(size) if drift is None else np.array(drift),
    )
    layout = layout_of(law, covariates, prepared)
    return _verdict(law, layout, optimum, np.eye(size) if back is None else back)


def test_a_flat_likelihood_is_judged_by_its_standard_error():
    below, above = (np.array([1.0, FLAT * k]) for k in (0.99, 1.01))
    assert verdict("weibull", [0.1, 1.0], deviation=below)[0]
    converged, message = verdict("weibull", [0.1, 1.0], deviation=above)
    assert not converged
    assert message == "the likelihood is flat in log_scale: the data cannot place it"


def test_the_verdict_is_on_the_scale_of_the_user():
    back = np.array([[1.0, 0, 0], [0, 1, -6.0], [0, 0, 0.1]])
    converged, message = verdict("weibull", [0.1, 1.0, 5.0], drift=[0, 0, 2.0], back=back)
    assert not converged
    assert "after 7 steps scale_age at 0.5 still goes towards plus infinity" in message


def test_the_verdict_names_the_family_at_the_limit():
    flat = np.array([1, 1, 1, 50.0])
    limit = "P is going to 0: use generalised_gamma"
    at = [1.0, 0.1, 0.5, -9.0]
    assert verdict("generalised_f", at, drift=[0, 0, 0, -3.0])[1].endswith(limit)
    assert verdict("generalised_f", at, deviation=flat)[1].endswith(limit)
    assert verdict("generalised_f", at, drift=[0, 0, 0, 3.0])[1].endswith(limit)
    for other in ([1.0, 0.1, 0.5, 9.0], [1.0, 0.1, -9.0, 0.5]):
        assert "use" not in verdict("generalised_f", other, drift=np.sign(other))[1]
        assert "use" not in verdict("generalised_f", other, deviation=50.0)[1]
    cured = verdict("weibull", [-9.0, 0.1, 1.0], drift=[-2.0, 0, 0], cure="mixture")[1]
    assert cured.endswith("the cured share is going to 0: use weibull")


@pytest.mark.parametrize("seed", [0, 3])
def test_weibull_patients_have_no_generalised_f(seed):
    data = simulated(weibull(shape=1.4, scale=4.0), n=150, seed=seed)
    with pytest.warns(PrioriteringWarning, match="P is going to 0: use generalised_gamma"):
        fit(data, "generalised_f")


def test_data_without_a_cured_share_name_the_family_without_one():
    data = simulated(exponential(rate=0.5), n=300, seed=3, follow_up=(20.0, 30.0))
    with pytest.warns(PrioriteringWarning, match="cured share is going to 0: use exponential"):
        fit(data, "exponential", cure="mixture")
