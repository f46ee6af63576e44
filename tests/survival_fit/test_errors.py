"""Bad input: each a clear error, or a counted warning."""

from dataclasses import replace

import numpy as np
import pytest

import prioritering as pr
from prioritering.errors import CurveError, DataError, PrioriteringWarning, UnknownNameError
from prioritering.psa.information import evppi
from prioritering.survival import exponential, generalised_gamma, weibull
from prioritering.survival.fit import Specification, bootstrap_fits, fit, fit_all
from prioritering.survival.observed import SurvivalData
from tests.survival_fit.patients import simulated

DATA = simulated(weibull(shape=1.4, scale=4.0), n=60, seed=5)


def patients(**covariates):
    return SurvivalData.from_arrays(DATA.time, event=DATA.event, covariates=covariates)


def test_no_events():
    data = SurvivalData.from_arrays([1.0, 2.0], event=[0, 0])
    with pytest.raises(DataError, match="no events for a fit"):
        fit(data, "weibull")


def test_all_censored_in_one_arm_names_the_arm():
    arm = np.where(np.arange(DATA.n) < 10, "new", "old")
    data = SurvivalData.from_arrays(DATA.time, event=DATA.event & (arm == "old"), group=arm)
    with pytest.raises(DataError, match=r"no events for a fit \(group new\)"):
        fit_all(data, ("exponential",))


def test_one_event_suffices_for_one_parameter_and_warns():
    data = SurvivalData.from_arrays([1.0, 2.0, 3.0], event=[1, 0, 0])
    with pytest.warns(PrioriteringWarning, match="1 event only"):
        assert fit(data, "exponential").estimates["rate"] == pytest.approx(1 / 6)


def test_one_event_does_not_suffice_for_two_parameters():
    data = SurvivalData.from_arrays([1.0, 2.0, 3.0], event=[1, 0, 0])
    with (
        pytest.warns(PrioriteringWarning, match="1 event only"),
        pytest.raises(DataError, match=r"too few events for weibull.*at least 2 events"),
    ):
        fit(data, "weibull")


def test_events_all_at_one_time():
    data = SurvivalData.from_arrays([2.0, 2.0, 2.0, 1.0], event=[1, 1, 1, 0])
    with pytest.raises(DataError, match=r"too few events.*3 events at 1 times"):
        fit(data, "weibull")


def test_event_time_of_zero_past_the_container():
    rows = {"upper": None, "group": None, "covariates": {}}
    zero = np.zeros(3)
    data = SurvivalData(
        np.array([1.0, 0.0, 2.0]), np.ones(3, bool), entry=zero, weight=zero + 1, **rows
    )
    with pytest.raises(DataError, match=r"an event time is not above 0 \(row 1\)"):
        fit(data, "weibull")


def test_more_knots_than_events_allow():
    data = DATA.take(np.flatnonzero(DATA.event)[:6])
    with pytest.raises(DataError, match=r"more knots than events allow.*at least 8.*found 6"):
        fit(data, "spline", knots=6)


@pytest.mark.parametrize(
    ("choices", "match"),
    [
        ({}, "knots missing for spline"),
        ({"knots": -1}, "number of knots"),
        ({"knots": [2.0, 1.0]}, "knots out of order"),
        ({"knots": [0.0, 1.0]}, "knots out of order"),
        ({"knots": [1.0, 500.0]}, "knots of a spline out of order.*first and last event"),
        ({"knots": 1, "scale": "hazzard"}, "unknown scale 'hazzard'.*Did you mean 'hazard'"),
        ({"knots": 1, "breaks": [1.0]}, "breaks given for spline"),
    ],
)
def test_wrong_splines(choices, match):
    with pytest.raises((CurveError, DataError, UnknownNameError), match=match):
        fit(DATA, "spline", **choices)


def test_wrong_pieces():
    with pytest.raises(CurveError, match="breaks missing for piecewise_exponential"):
        fit(DATA, "piecewise_exponential")
    with pytest.raises(DataError, match=r"no events \(piece 1\).*rate would be 0"):
        fit(DATA, "piecewise_exponential", breaks=(1.0, 1.0001))


@pytest.mark.parametrize(
    ("choices", "match"),
    [
        ({"family": "weibul"}, "unknown family 'weibul'.*Did you mean 'weibull'"),
        ({"family": "weibull", "cure": "mixed"}, "unknown kind of cure 'mixed'"),
        ({"family": "weibull", "knots": 1}, "knots given for weibull"),
        ({"family": "weibull", "covariates": {"shap": ["x"]}}, "unknown parameter 'shap'"),
        ({"family": "weibull", "covariates": ["agee"]}, "unknown covariate 'agee'.*'age'"),
    ],
)
def test_unknown_names(choices, match):
    data = patients(age=np.arange(60.0))
    with pytest.raises((UnknownNameError, CurveError), match=match):
        fit(data, **choices)


def test_separating_covariate():
    data = patients(treated=np.where(DATA.event, 0.0, np.arange(60) % 2))
    with pytest.raises(DataError, match=r"separates events from censoring \(covariate treated\)"):
        fit(data, "weibull", covariates=["treated"])


def test_separation_by_two_covariates_together_is_seen_in_the_fit():
    """No event where a = b = 1, though each has events on both sides."""
    a, b = np.arange(60) % 2, (np.arange(60) // 2) % 2
    data = SurvivalData.from_arrays(
        DATA.time,
        event=DATA.event & ~((a == 1) & (b == 1)),
        covariates={"a": a, "b": b, "both": a * b},
    )
    with pytest.raises(DataError, match=r"separates.*both"):
        fit(data, "weibull", covariates=["a", "b", "both"])
    lean = SurvivalData.from_arrays(
        data.time, event=data.event, covariates={"a": a, "b": b, "mix": a * b + 0.5 * a - 0.25 * b}
    )
    with pytest.warns(PrioriteringWarning, match="did not converge: the likelihood is flat"):
        result = fit(lean, "weibull", covariates=["a", "b", "mix"])
    assert not result.converged


def test_covariates_that_cannot_be_told_apart():
    x = np.arange(60.0)
    with pytest.raises(DataError, match=r"cannot be told apart.*x, y"):
        fit(patients(x=x, y=3 * x + 1), "weibull", covariates=["x", "y"])
    with pytest.raises(DataError, match=r"does not vary \(covariate x\)"):
        fit(patients(x=np.ones(60)), "weibull", covariates=["x"])


@pytest.mark.parametrize(
    ("background", "match"),
    [
        ([0.1], "background hazard is not usable"),
        (np.full(60, -0.1), "background hazard is not usable"),
        (np.full(60, np.nan), "background hazard is not usable"),
        ("rate", "unknown covariate 'rate'"),
    ],
)
def test_wrong_background_hazards(background, match):
    with pytest.raises((DataError, UnknownNameError), match=match):
        fit(DATA, "weibull", background_hazard=background)


def test_background_hazard_needs_event_times():
    data = SurvivalData.from_arrays([1.0, 2.0, 3.0], event=[1, 0, 1], upper=[np.inf, 3, np.inf])
    with pytest.raises(DataError, match="background hazard with interval-censored"):
        fit(data, "exponential", background_hazard=np.zeros(3))


def test_a_cured_share_the_data_do_not_show():
    data = simulated(exponential(rate=0.5), n=300, seed=3, follow_up=(20.0, 30.0))
    with pytest.warns(PrioriteringWarning, match="logit_cured"):
        result = fit(data, "exponential", cure="mixture")
    assert not result.converged


def no_maximum():
    """Patients whose generalised-gamma likelihood rises for ever with Q."""
    truth = generalised_gamma(mu=1.3, sigma=0.6, Q=1.8)
    rng = np.random.default_rng([10, sum(map(ord, "gg2"))])
    n = int(rng.integers(100, 500))
    time, censored = truth.random(n, rng)[:, 0], rng.uniform(1, 8, n)
    return SurvivalData.from_arrays(np.minimum(time, censored), event=time <= censored)


def test_a_fit_that_did_not_converge_is_not_drawn_from_silently():
    data = no_maximum()
    with pytest.warns(PrioriteringWarning, match=r"did not converge.*Q at .* plus infinity"):
        result = fit(data, "generalised_gamma")
    assert not result.converged
    with pytest.raises(CurveError, match=r"did not converge and is not drawn from.*flat"):
        result.sample(10, seed=1)
    with pytest.raises(CurveError, match="did not converge"):
        result.parameter()
    with pytest.warns(PrioriteringWarning, match="1 of 2 fits did not converge"):
        table = fit_all(data, ("generalised_gamma", "weibull"))
    assert table.best().family == "weibull"
    assert "not converged" in repr(result)


def test_a_fit_that_did_not_converge_is_drawn_from_if_told_so():
    data = simulated(exponential(rate=0.5), n=300, seed=3, follow_up=(20.0, 30.0))
    with pytest.warns(PrioriteringWarning, match="did not converge"):
        result = fit(data, "exponential", cure="mixture")
    with pytest.warns(PrioriteringWarning, match="1 fit that did not converge is drawn from"):
        parameter = result.parameter(allow_not_converged=True)
    assert "not converged" in parameter.description
    with pytest.warns(PrioriteringWarning, match="1 fit that did not converge is drawn from"):
        assert result.sample(5, seed=1, allow_not_converged=True).n_draws == 5


def test_a_singular_information_gives_no_covariance():
    result = replace(fit(DATA, "weibull"), covariance=None, converged=False, message="singular")
    for ask in (result.to_frame, lambda: result.standard_errors):
        with pytest.raises(CurveError, match="has no covariance.*singular.*simpler family"):
            ask()


def test_a_singular_hessian_is_seen():
    """A ridge: the function does not depend on its second variable."""
    from prioritering.survival.fit._newton import maximise

    def ridge(x):
        return -(x[0] ** 2), np.array([-2 * x[0], 0.0]), np.array([[-2.0, 0.0], [0.0, 0.0]])

    found = maximise(ridge, np.array([1.0, 1.0]))
    assert not found.regular
    assert not found.settled


# Bootstrap.


def test_bootstrap_keeps_endpoints_paired_and_agrees_with_theory():
    curve = weibull(shape=1.4, scale=4.0)
    os = simulated(curve, n=300, seed=2)
    pfs = SurvivalData.from_arrays(0.6 * os.time, event=os.event)
    data = {"progression-free": pfs, "alive": os}
    same = bootstrap_fits(data, {"progression-free": "weibull", "alive": "weibull"}, n=300, seed=1)
    shapes = [np.exp(same.coefficients[e][0]) for e in data]
    np.testing.assert_allclose(*shapes, rtol=1e-8)
    exact = fit(os, "weibull")
    rough = np.cov(same.coefficients["alive"])
    np.testing.assert_allclose(np.diag(rough), np.diag(exact.covariance), rtol=0.2)
    curves = same.curves()
    assert curves["alive"].n_draws == same.n_draws == 300
    assert (curves["progression-free"].survival([3]) <= curves["alive"].survival([3])).all()
    again = bootstrap_fits(data, {"progression-free": "weibull", "alive": "weibull"}, n=5, seed=1)
    np.testing.assert_array_equal(again.coefficients["alive"], same.coefficients["alive"][:, :5])


def test_bootstrap_fits_become_one_parameter_of_a_psa():
    os = simulated(weibull(shape=1.4, scale=4.0), n=60, seed=2)
    pfs = SurvivalData.from_arrays(0.6 * os.time, event=os.event)
    boot = bootstrap_fits(
        {"progression-free": pfs, "alive": os},
        {"progression-free": "weibull", "alive": "exponential"},
        n=25,
        seed=1,
    )
    params = pr.Parameters(fits=boot.parameter(source="trial X"))
    assert params["fits"].source == "trial X"
    assert params["fits"].description == "25 resamples of patients"
    draws = params.sample(400, seed=3)
    curves = boot.curves_from(draws.fits)
    rows = np.concatenate(list(boot.coefficients.values())).T
    drawn = np.array([draws.fits[name] for name in draws.fits]).T
    place = (drawn[:, None] == rows).all(axis=2)
    assert (place.sum(axis=1) >= 1).all()  # every draw is a resample, all endpoints of it
    times = [1.0, 4.0]
    for endpoint, curve in curves.items():
        at_rows = boot.curve(endpoint).survival(times)
        np.testing.assert_array_equal(curve.survival(times), at_rows[:, place.argmax(axis=1)])
    gain = curves["alive"].survival([4.0])[0] - 0.4
    pair = np.stack([0 * gain, 0 * gain]), np.stack([0 * gain, gain])
    known = evppi(pair, draws, parameters="fits.alive", wtp=1e5)
    assert known.parameters == ("fits.alive.log_rate",)
    assert known.value == pytest.approx(float(known.evpi), rel=1e-6)
    with pytest.raises(UnknownNameError, match=r"unknown coefficient 'alive.rate'"):
        boot.curves_from({"alive.rate": [1.0]})
    with pytest.raises(DataError, match=r"coefficients are missing"):
        boot.curves_from({"alive.log_rate": [1.0]})


def test_bootstrap_keeps_the_knots():
    fitted = bootstrap_fits(
        {"alive": DATA}, {"alive": Specification("spline", knots=1)}, n=8, seed=2
    )
    assert fitted.coefficients["alive"].shape == (3, 8)
    assert "8 resamples, 0 failed" in repr(fitted)


def test_bootstrap_counts_failures():
    few = DATA.take([*np.flatnonzero(DATA.event)[:2], *np.flatnonzero(~DATA.event)[:20]])
    with pytest.raises(CurveError, match=r"of 60 bootstrap fits failed.*allow_failed=True"):
        bootstrap_fits({"alive": few}, {"alive": "weibull"}, n=60, seed=1)
    with pytest.warns(PrioriteringWarning, match="of 60 bootstrap fits failed.*left out"):
        fitted = bootstrap_fits(
            {"alive": few}, {"alive": "weibull"}, n=60, seed=1, allow_failed=True
        )
    assert fitted.n_draws + fitted.n_failed == 60


def test_bootstrap_wants_the_same_patients():
    other = DATA.take(np.arange(50))
    with pytest.raises(DataError, match="not of the same patients.*50 rows against 60"):
        bootstrap_fits({"a": DATA, "b": other}, {"a": "weibull", "b": "weibull"}, n=2, seed=1)
    with pytest.raises(UnknownNameError, match="unknown endpoint"):
        bootstrap_fits({"a": DATA}, {"b": "weibull"}, n=2, seed=1)
    fitted = bootstrap_fits({"a": DATA}, {"a": "weibull"}, n=2, seed=1)
    with pytest.raises(UnknownNameError, match="unknown endpoint 'b'"):
        fitted.curve("b")
