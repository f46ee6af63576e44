"""What a paper prints becomes the right distribution, or an error that says why not."""

from math import exp, log, sqrt

import numpy as np
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as some

from prioritering.errors import ParameterError, PrioriteringWarning, UnknownNameError
from prioritering.parameters import (
    Parameter,
    beta,
    dirichlet,
    empirical,
    fixed,
    gamma,
    lognormal,
    multivariate_normal,
    normal,
    triangular,
    uniform,
)

Z = 1.959963984540054  # scipy.stats.norm.ppf(0.975)
Z90 = 1.6448536269514722  # scipy.stats.norm.ppf(0.95)


@settings(deadline=None)
@given(mean=some.floats(1e-3, 0.999), share=some.floats(0.001, 0.99))
def test_beta_has_the_mean_and_error_asked_for(mean, share):
    se = share * sqrt(mean * (1 - mean))
    d = beta(mean=mean, se=se).distribution
    assert d.mean == pytest.approx(mean, rel=1e-10)
    assert d.sd == pytest.approx(se, rel=1e-10)


@settings(deadline=None)
@given(mean=some.floats(1e-6, 1e9), share=some.floats(1e-4, 5))
def test_gamma_and_lognormal_have_the_mean_and_error_asked_for(mean, share):
    for build in (gamma, lognormal):
        d = build(mean=mean, se=share * mean).distribution
        assert d.mean == pytest.approx(mean, rel=1e-10)
        assert d.sd == pytest.approx(share * mean, rel=1e-7)


def test_natural_parameters_pass_through():
    d = beta(a=3, b=4).distribution
    assert (d.a, d.b) == (3.0, 4.0)
    assert gamma(shape=2, rate=4).distribution == gamma(shape=2, scale=0.25).distribution
    assert (gamma(shape=2, rate=4).distribution.shape, gamma(shape=2, rate=4).value) == (2.0, 0.5)
    d = lognormal(meanlog=-0.3, sdlog=0.2).distribution
    assert (d.meanlog, d.sdlog) == (-0.3, 0.2)
    assert lognormal(median=2, sdlog=0.2).distribution.meanlog == log(2)
    d = uniform(low=1, high=2).distribution
    assert (d.low, d.high) == (1.0, 2.0)
    d = triangular(low=1, mode=1.5, high=2).distribution
    assert (d.low, d.mode, d.high) == (1.0, 1.5, 2.0)
    assert fixed(3).value == 3.0


@pytest.mark.parametrize("build", [beta, gamma, normal])
def test_interval_width_gives_the_error(build):
    d = build(mean=0.4, ci=(0.3, 0.5)).distribution
    assert d.mean == pytest.approx(0.4, rel=1e-12)
    assert d.sd == pytest.approx(0.2 / (2 * Z), rel=1e-12)
    d = build(mean=0.4, ci=np.array([0.3, 0.5]), level=0.9).distribution
    assert d.sd == pytest.approx(0.2 / (2 * Z90), rel=1e-12)


def test_lognormal_from_the_published_ratio_and_interval():
    d = lognormal(median=0.72, ci=(0.55, 0.94)).distribution
    sdlog = (log(0.94) - log(0.55)) / (2 * Z)
    assert d.median == pytest.approx(0.72, rel=1e-14)
    assert d.sdlog == pytest.approx(sdlog, rel=1e-12)
    assert d.mean == pytest.approx(0.72 * exp(sdlog**2 / 2), rel=1e-12)


def test_lognormal_from_mean_and_a_narrow_interval():
    d = lognormal(mean=0.72, ci=(0.55, 0.94)).distribution
    assert d.mean == pytest.approx(0.72, rel=1e-12)
    assert d.sdlog == pytest.approx((log(0.94) - log(0.55)) / (2 * Z), rel=1e-12)


def test_lognormal_mean_that_must_be_a_median_teaches_so():
    message = (
        r"do not belong to one lognormal.*median, not a mean: write median=0.72, ci=\(0.2, 2.6\)"
    )
    with pytest.raises(ParameterError, match=message):
        lognormal(mean=0.72, ci=(0.2, 2.6))


def test_exact_lognormal_interval_gives_the_distribution_back():
    theirs = st.lognorm(0.6, scale=exp(0.4))
    d = lognormal(mean=theirs.mean(), ci=tuple(theirs.ppf([0.025, 0.975]))).distribution
    assert (d.meanlog, d.sdlog) == pytest.approx((0.4, 0.6), rel=1e-10)


def test_estimate_far_from_the_middle_of_its_interval_warns():
    with pytest.warns(
        PrioriteringWarning, match="median 0.9 lies 84% of the interval's half-width"
    ):
        lognormal(median=0.9, ci=(0.55, 0.94))
    with pytest.warns(PrioriteringWarning, match="mean 1.8 lies 80%"):
        normal(mean=1.8, ci=(0.0, 2.0))


def test_warnings_point_at_the_users_line():
    for build in (
        lambda: lognormal(median=0.9, ci=(0.55, 0.94)),
        lambda: normal(mean=1.8, ci=(0.0, 2.0)),
        lambda: dirichlet({"a": 1, "b": 1, "c": 0}),
    ):
        with pytest.warns(PrioriteringWarning) as caught:
            build()
        assert [w.filename for w in caught] == [__file__]


def test_meta_keywords_stay_with_the_parameter():
    p = gamma(
        mean=250_000,
        se=20_000,
        unit="NOK/year",
        description="drug",
        source="price list",
        price_year=2024,
        assumption=True,
        value=240_000,
    )
    assert (p.unit, p.description, p.source) == ("NOK/year", "drug", "price list")
    assert (p.price_year, p.assumption, p.value) == (2024, True, 240_000.0)
    assert "prices of 2024" in repr(p)
    assert "assumption" in repr(p)
    assert "value 240000" in repr(p)


def test_repr_says_only_what_is_known():
    assert repr(beta(a=2, b=3)) == "<Parameter beta(a 2, b 3)>"


def test_value_of_a_joint_parameter():
    p = dirichlet({"B": 3, "C": 1}, value={"C": 0.3, "B": 0.7})
    assert p.value == {"B": 0.7, "C": 0.3}
    assert dirichlet({"B": 3, "C": 1}).value == {"B": 0.75, "C": 0.25}
    m = multivariate_normal({"a": 1, "b": 2}, covariance=np.eye(2), value={"a": 0, "b": 0})
    assert m.value == {"a": 0.0, "b": 0.0}
    assert empirical({"a": [1, 2], "b": [3, 4]}, value={"a": 1, "b": 4}).value == {"a": 1, "b": 4}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: beta(mean=1.2, se=0.1), "mean of a beta.*between 0 and 1; found 1.2"),
        (lambda: beta(mean=0.0, se=0.1), "mean of a beta.*found 0.0"),
        (lambda: beta(mean=0.2, se=0.4), r"too large.*below sqrt.* = 0.4; found 0.4.*standard dev"),
        (
            lambda: beta(mean=0.2, se=-0.1),
            "se is not positive; expected a number above 0; found -0.1",
        ),
        (lambda: beta(mean=0.2, se=0), r"se is not positive.*Use fixed\(\)"),
        (
            lambda: beta(mean=0.02, ci=(-0.01, 0.05)),
            "outside what the distribution allows.*from 0 to 1",
        ),
        (lambda: beta(mean=0.98, ci=(0.93, 1.02)), "outside what the distribution allows"),
        (lambda: beta(mean=0.5, se=1e-170), "beta shape a is not finite; expected a finite number"),
        (lambda: beta(a=-1, b=2), "beta shape a is not positive"),
        (lambda: beta(mean=np.nan, se=0.1), "mean is not finite"),
        (lambda: gamma(mean=-5, se=1), "mean of a gamma distribution is not positive"),
        (lambda: gamma(mean=5, se=np.inf), "se is not finite"),
        (
            lambda: gamma(mean=5, ci=(-1, 11)),
            "allows; expected limits from 0 to inf.*Give mean and se",
        ),
        (
            lambda: gamma(mean=5, ci=(6, 8)),
            r"not lie around the mean; expected lower < 5 < upper.*\(6, 8\)",
        ),
        (lambda: gamma(mean=5, ci=(8, 2)), r"ci does not rise.*found \(8, 2\)"),
        (lambda: gamma(mean=5, ci=(5, 5)), r"does not rise.*Use fixed\(\)"),
        (lambda: gamma(mean=5, ci=3), "ci is not an interval; expected two numbers"),
        (lambda: gamma(mean=5, ci="34"), "ci is not an interval"),
        (lambda: gamma(mean=5, ci=(1, 2, 3)), "ci is not an interval"),
        (lambda: gamma(mean=5, ci=(1, np.nan)), "upper limit of ci is not finite"),
        (lambda: gamma(shape=2, scale=0), "scale is not positive"),
        (lambda: lognormal(mean=-1, se=1), "mean is not positive"),
        (lambda: lognormal(mean=1, se=0), r"se is not positive.*Use fixed\(\)"),
        (lambda: lognormal(median=0, sdlog=1), "median is not positive"),
        (lambda: lognormal(median=0.7, ci=(0, 1)), "lower limit of ci is not positive"),
        (lambda: lognormal(median=0.7, ci=(0.8, 1)), "does not lie around the median"),
        (lambda: lognormal(median=2, sdlog=0), r"sdlog is not positive.*Use fixed\(\)"),
        (lambda: normal(mean=0, se=-2), "se is not positive"),
        (lambda: normal(mean=0, ci=(1, 2)), "does not lie around the mean"),
        (lambda: uniform(low=3, high=1), "does not rise"),
        (lambda: triangular(low=1, mode=5, high=3), "mode lies outside the range.*found 5"),
        (
            lambda: normal(mean=0, ci=(-1, 1), level=1.0),
            "level is not a coverage; expected between 0",
        ),
        (lambda: normal(mean=0, ci=(-1, 1), level=95), "level is not a coverage.*found 95"),
        (lambda: normal(mean=0, se=1, level=0.9), "level was given without an interval"),
    ],
)
def test_impossible_moments_say_why(build, message):
    with pytest.raises(ParameterError, match=message):
        build()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: beta(), r"one of \(mean, se\), \(mean, ci\), \(a, b\); found none"),
        (lambda: beta(mean=0.5), r"one of .*found \(mean\)"),
        (lambda: beta(mean=0.5, se=0.1, a=3), r"found \(mean, se, a\)"),
        (
            lambda: gamma(shape=1, rate=1, scale=1),
            r"\(shape, rate\), \(shape, scale\); found \(shape,",
        ),
        (lambda: gamma(mean=1, se=1, ci=(0, 2)), r"found \(mean, se, ci\)"),
        (lambda: lognormal(ci=(1, 2)), r"\(median, ci\).*\(meanlog, sdlog\); found \(ci\)"),
        (lambda: lognormal(mean=1, sdlog=1), r"found \(mean, sdlog\)"),
        (lambda: normal(se=1), r"found \(se\)"),
        (lambda: uniform(low=1), r"uniform cannot.*\(low, high\); found \(low\)"),
        (lambda: triangular(low=1, high=2), r"\(low, mode, high\); found \(low, high\)"),
    ],
)
def test_other_sets_of_arguments_list_the_accepted_ones(build, message):
    with pytest.raises(ParameterError, match=message):
        build()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: beta(men=0.5, se=0.1), "unknown keyword 'men'.*Did you mean 'mean'"),
        (lambda: gamma(mean=0.5, se=0.1, units="NOK"), "Did you mean 'unit'"),
        (lambda: dirichlet({"a": 1, "b": 1}, sourec="x"), "Did you mean 'source'"),
        (lambda: empirical([1, 2], colour="x"), "unknown keyword 'colour'"),
        (lambda: multivariate_normal({"a": 1, "b": 1}, covariance=np.eye(2), vlaue=1), "'value'"),
        (lambda: fixed(1, price_yaer=2024), "Did you mean 'price_year'"),
    ],
)
def test_misspelt_keywords_suggest_the_right_one(build, message):
    with pytest.raises(UnknownNameError, match=message):
        build()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: beta(a=1, b=1, value=1.2),
            r"impossible under the dist.*value of beta.*found value 1.2",
        ),
        (lambda: gamma(mean=1, se=1, value=-1), "impossible under the distribution"),
        (lambda: lognormal(median=1, sdlog=1, value=0), "impossible under the distribution"),
        (lambda: uniform(low=0, high=1, value=2), "impossible under the distribution"),
        (lambda: empirical([1, 2], value=3), "impossible under the distribution"),
        (lambda: normal(mean=1, se=1, value=np.nan), "value is not finite"),
        (
            lambda: dirichlet({"a": 1, "b": 1}, value={"a": 0.7, "b": 0.2}),
            "impossible under the dist",
        ),
        (
            lambda: dirichlet({"a": 1, "b": 1}, value={"a": 1.5, "b": -0.5}),
            "impossible under the dist",
        ),
        (lambda: dirichlet({"a": 1, "b": 1}, value={"a": 1.0}), "exactly the keys 'a', 'b'"),
        (lambda: dirichlet({"a": 1, "b": 1}, value=0.5), "does not name the components"),
        (lambda: normal(mean=1, se=1, value={"a": 1}), "value is not a number"),
        (
            lambda: fixed(1, price_year=24),
            "price_year is not usable; expected an integer of at least",
        ),
        (lambda: fixed(1, price_year=2024.0), "price_year is not usable"),
        (lambda: fixed(1, price_year=True), "price_year is not usable"),
        (lambda: fixed(1, unit=3), "unit is not usable; expected text; found 3"),
        (lambda: fixed(1, assumption="yes"), "assumption is not usable; expected True or False"),
        (
            lambda: beta(a=1, b=1, price_year=2024),
            "beta distribution is of a share and has no prices",
        ),
        (
            lambda: dirichlet({"a": 1, "b": 1}, price_year=2024),
            "Dirichlet distribution is of a share",
        ),
    ],
)
def test_impossible_meta_says_why(build, message):
    with pytest.raises(ParameterError, match=message):
        build()


def test_base_case_is_the_mean_unless_a_value_is_stated():
    assert lognormal(median=2, sdlog=0.5).value == pytest.approx(2 * exp(0.125), rel=1e-14)
    assert lognormal(median=2, sdlog=0.5, value=2).value == 2.0
    assert isinstance(normal(mean=1, se=1), Parameter)
