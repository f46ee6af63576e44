"""Families against scipy.stats, closed forms of special cases, and their own limits."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st
from hypothesis import given
from hypothesis import strategies as some
from scipy.special import gammaln, logsumexp

import prioritering.survival as ps
from prioritering.survival import Curve

YEARS = np.concatenate([[0.0], np.geomspace(1e-6, 60, 200)])

CASES = {
    "exponential": (ps.exponential(rate=0.3), st.expon(scale=1 / 0.3)),
    "weibull": (ps.weibull(shape=0.7, scale=3.1), st.weibull_min(0.7, scale=3.1)),
    "weibull_ph": (
        ps.weibull_ph(shape=1.4, scale=0.2),
        st.weibull_min(1.4, scale=0.2 ** (-1 / 1.4)),
    ),
    "gompertz": (ps.gompertz(shape=0.2, rate=0.1), st.gompertz(0.5, scale=5)),
    "loglogistic": (ps.loglogistic(shape=1.7, scale=2.5), st.fisk(1.7, scale=2.5)),
    "lognormal": (ps.lognormal(meanlog=0.4, sdlog=0.9), st.lognorm(0.9, scale=np.exp(0.4))),
    "gamma": (ps.gamma(shape=1.8, rate=0.6), st.gamma(1.8, scale=1 / 0.6)),
    # Prentice: gengamma(a = Q**-2, c = Q / sigma, scale = exp(mu) * Q**(2 sigma / Q))
    "generalised_gamma": (
        ps.generalised_gamma(mu=0.7, sigma=0.8, Q=0.5),
        st.gengamma(4, 0.625, scale=np.exp(0.7) * 0.5**3.2),
    ),
    "generalised_gamma_negative": (
        ps.generalised_gamma(mu=0.7, sigma=0.8, Q=-0.4),
        st.gengamma(6.25, -0.5, scale=np.exp(0.7) * 0.4**-4),
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Curve, st.rv_continuous]:
    return CASES[request.param]


def test_survival_and_cumulative_hazard_against_scipy(
    case: tuple[Curve, st.rv_continuous],
) -> None:
    curve, law = case
    with np.errstate(all="ignore"):
        survival, log_survival = law.sf(YEARS), law.logsf(YEARS)
    kept = survival > 1e-250
    np.testing.assert_allclose(curve.survival(YEARS)[kept, 0], survival[kept], rtol=1e-12)
    late = kept & (survival < 0.5)
    got = curve.cumulative_hazard(YEARS)[:, 0]
    np.testing.assert_allclose(got[late], -log_survival[late], rtol=1e-12)
    early = survival > 0.5
    np.testing.assert_allclose(-np.expm1(-got[early]), law.cdf(YEARS[early]), rtol=1e-12)


def test_density_against_scipy(case: tuple[Curve, st.rv_continuous]) -> None:
    curve, law = case
    years = YEARS[1:]
    with np.errstate(all="ignore"):
        expected = law.pdf(years)
    kept = expected > 1e-250
    np.testing.assert_allclose(curve.density(years)[kept, 0], expected[kept], rtol=2e-12)


def test_quantile_against_scipy(case: tuple[Curve, st.rv_continuous]) -> None:
    curve, law = case
    p = np.array([0.0, 1e-9, 0.01, 0.3, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(curve.quantile(p)[:, 0], law.ppf(p), rtol=2e-12)
    assert curve.quantile(1.0)[0, 0] == np.inf


def test_restricted_mean_against_the_numerical_one(
    case: tuple[Curve, st.rv_continuous],
) -> None:
    from prioritering.survival._numeric import area_under

    curve, _ = case
    for horizon in (0.01, 3.0, 40.0):
        numeric = area_under(curve, horizon)
        np.testing.assert_allclose(curve.restricted_mean(horizon), numeric, rtol=1e-11)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (ps.exponential(rate=0.3), 0.3),
        (ps.weibull(shape=0.7, scale=3), np.inf),
        (ps.weibull(shape=1, scale=4), 0.25),
        (ps.weibull(shape=1.7, scale=3), 0.0),
        (ps.weibull_ph(shape=1, scale=0.2), 0.2),
        (ps.gompertz(shape=-0.1, rate=0.4), 0.4),
        (ps.loglogistic(shape=0.8, scale=2), np.inf),
        (ps.loglogistic(shape=1, scale=2), 0.5),
        (ps.loglogistic(shape=2, scale=2), 0.0),
        (ps.lognormal(meanlog=0, sdlog=1), 0.0),
        (ps.gamma(shape=0.8, rate=2), np.inf),
        (ps.gamma(shape=1, rate=2), 2.0),
        (ps.gamma(shape=1.2, rate=2), 0.0),
        (ps.generalised_gamma(mu=0.5, sigma=1, Q=1), np.exp(-0.5)),
        (ps.generalised_gamma(mu=0.5, sigma=0.5, Q=1), 0.0),
        (ps.generalised_gamma(mu=0.5, sigma=2, Q=1), np.inf),
        (ps.generalised_gamma(mu=0.5, sigma=1, Q=-1), 0.0),
        (ps.generalised_gamma(mu=0.5, sigma=1, Q=0), 0.0),
        (ps.generalised_f(mu=0, sigma=2**0.5, Q=0, P=1), 1.0),
        (ps.spline(gammas=[-0.5, 1], knots=[-1, 1]), np.exp(-0.5)),
        (ps.spline(gammas=[-0.5, 0.8], knots=[-1, 1], scale="odds"), np.inf),
        (ps.spline(gammas=[-0.5, 1.2], knots=[-1, 1], scale="odds"), 0.0),
        (ps.spline(gammas=[-0.5, 1.2], knots=[-1, 1], scale="normal"), 0.0),
    ],
)
def test_hazard_at_time_zero(curve: Curve, expected: float) -> None:
    assert curve.hazard([0])[0, 0] == pytest.approx(expected, rel=1e-13)


def test_gompertz_of_shape_zero_is_exponential() -> None:
    mixed = ps.gompertz(shape=np.array([0.0, 0.1]), rate=0.2)
    known = ps.exponential(rate=0.2)
    np.testing.assert_allclose(
        mixed.cumulative_hazard(YEARS)[:, :1], known.cumulative_hazard(YEARS), rtol=1e-15
    )
    assert mixed.quantile(0.5)[0, 0] == pytest.approx(np.log(2) / 0.2, rel=1e-15)
    near = ps.gompertz(shape=1e-12, rate=0.2)
    np.testing.assert_allclose(near.survival(YEARS), known.survival(YEARS), rtol=1e-9)


def test_gompertz_of_negative_shape_leaves_survivors() -> None:
    curve = ps.gompertz(shape=-0.3, rate=0.4)
    limit = np.exp(-0.4 / 0.3)
    assert curve.survival([1e4])[0, 0] == pytest.approx(limit, rel=1e-14)
    assert curve.quantile(1 - 1.001 * limit)[0, 0] < np.inf
    assert curve.quantile(1 - 0.999 * limit)[0, 0] == np.inf
    assert np.isinf(curve.random(500, np.random.default_rng(1))).mean() == pytest.approx(
        limit, abs=0.05
    )


def test_gompertz_far_beyond_any_age() -> None:
    curve = ps.gompertz(shape=1.0, rate=0.1)
    assert curve.cumulative_hazard([800])[0, 0] == np.inf
    assert curve.survival([800])[0, 0] == 0
    assert curve.density([800])[0, 0] == 0


def test_exponential_of_rate_zero_never_happens() -> None:
    curve = ps.exponential(rate=np.array([0.0, 0.5]))
    assert curve.survival([100])[0, 0] == 1
    assert curve.quantile(0.1)[0, 0] == np.inf
    assert curve.quantile(0.0)[0, 0] == 0
    assert curve.restricted_mean(30)[0] == 30
    assert np.isinf(curve.random(3, np.random.default_rng(0))[:, 0]).all()


def test_generalised_gamma_of_q_one_is_weibull() -> None:
    curve = ps.generalised_gamma(mu=0.7, sigma=0.8, Q=1)
    known = ps.weibull(shape=1.25, scale=np.exp(0.7))
    np.testing.assert_allclose(
        curve.cumulative_hazard(YEARS), known.cumulative_hazard(YEARS), rtol=2e-13
    )


def test_generalised_gamma_of_q_minus_one_is_frechet_also_where_survival_underflows() -> None:
    """``H = -log(1 - exp(-u))`` with ``u = exp(-w)``."""
    curve = ps.generalised_gamma(mu=0.0, sigma=0.002, Q=-1)
    years = np.array([0.999, 1.0, 1.5, 4.0, 40.0])
    u = np.exp(-np.log(years) / 0.002)
    expected = np.where(
        u > 1e-300, -np.log(-np.expm1(-np.maximum(u, 1e-300))), np.log(years) / 0.002
    )
    np.testing.assert_allclose(curve.cumulative_hazard(years)[:, 0], expected, rtol=1e-13)


def test_generalised_gamma_near_q_zero_is_lognormal() -> None:
    known = ps.lognormal(meanlog=0.7, sdlog=0.8).survival(YEARS)
    for q in (0.0, 1e-300, -1e-16, 1e-12):
        curve = ps.generalised_gamma(mu=0.7, sigma=0.8, Q=q)
        np.testing.assert_allclose(curve.survival(YEARS), known, rtol=1e-10)


# (Q, w): survival and its complement, by quadrature of the density with mpmath 1.4.1 at 40 digits.
NEAR_NORMAL = {
    (0.001, -6): (0.9999999989742283, 1.025771667737643e-9),
    (0.001, -2): (0.977195832081341, 0.02280416791865902),
    (0.001, 0.5): (0.3084055302722816, 0.6915944697277184),
    (0.001, 5): (2.800312115414363e-7, 0.9999997199687885),
    (0.001, 8): (5.688324113332758e-16, 0.9999999999999994),
    (-0.001, -6): (0.9999999990512049, 9.487951143872546e-10),
    (-0.001, -2): (0.9773038140373635, 0.0226961859626365),
    (-0.001, 0.5): (0.3086695792689784, 0.6913304207310216),
    (-0.001, 5): (2.934125545099068e-7, 0.9999997065874455),
    (-0.001, 8): (6.801113286812403e-16, 0.9999999999999993),
    (-1e-05, -6): (0.9999999990137971, 9.862029086850502e-10),
    (-1e-05, -2): (0.9772504079569867, 0.02274959204301331),
    (-1e-05, 0.5): (0.3085388589725667, 0.6914611410274333),
    (-1e-05, 5): (2.86718481288735e-7, 0.9999997132815187),
    (-1e-05, 8): (6.226520447675795e-16, 0.9999999999999994),
}


@pytest.mark.parametrize("q", sorted({q for q, _ in NEAR_NORMAL}))
def test_generalised_gamma_of_small_q_in_its_tails(q: float) -> None:
    w = np.array([point for size, point in NEAR_NORMAL if size == q], dtype=float)
    expected = np.array([value for (size, _), value in NEAR_NORMAL.items() if size == q])
    curve = ps.generalised_gamma(mu=0, sigma=1, Q=q)
    hazard = curve.cumulative_hazard(np.exp(w))[:, 0]
    np.testing.assert_allclose(np.exp(-hazard), expected[:, 0], rtol=2e-14)
    np.testing.assert_allclose(-np.expm1(-hazard), expected[:, 1], rtol=2e-14)


# (Q, w): survival and its complement where ``Q**-2 exp(Q w)`` underflows or nearly so, by mpmath
# 1.4.1 at 60 digits (gammainc, regularised).
LARGE_Q = {
    (5, -200): (1.0, 3.817418053998267e-18),
    (6, -100): (0.9999999468847247, 5.311527526911509e-8),
    (6, -113.2): (0.9999999941146597, 5.885340257102713e-9),
    (6, -150): (0.9999999999872327, 1.276729090631557e-11),
    (6, -400): (1.0, 1.024460790998674e-29),
    (10, -60): (0.9976193016117762, 0.002380698388223792),
    (10, -100): (0.9999563959880183, 4.360401198169848e-5),
    (30, -10): (0.2884084613362093, 0.7115915386637907),
    (30, -30): (0.6346567222912672, 0.3653432777087328),
    (30, -300): (0.9999549130576736, 4.508694232642007e-5),
    (100, -7): (0.06841078760751217, 0.9315892123924878),
    (100, -50): (0.3939927447925553, 0.6060072552074447),
    (-6, 120): (1.894833976587892e-9, 0.999999998105166),
    (-30, 25): (0.4316020853916769, 0.5683979146083231),
    (-30, 300): (4.508694232642007e-5, 0.9999549130576736),
}


@pytest.mark.parametrize(("q", "w"), sorted(LARGE_Q))
def test_generalised_gamma_of_large_q(q: float, w: float) -> None:
    """The event before a very early time is not rare where ``Q`` is large."""
    survival, complement = LARGE_Q[q, w]
    curve = ps.generalised_gamma(mu=0, sigma=1, Q=q)
    hazard = curve.cumulative_hazard([np.exp(w)])[0, 0]
    assert np.exp(-hazard) == pytest.approx(survival, rel=1e-13)
    assert -np.expm1(-hazard) == pytest.approx(complement, rel=1e-13)
    time = curve.hazard_ratio(0.5 / hazard).quantile(-np.expm1(-0.5))[0, 0]
    assert np.log(time) == pytest.approx(w, rel=1e-12)
    deviation = 1e-3 * np.abs(w)
    early, late = curve.cumulative_hazard(np.exp([w - deviation, w + deviation]))[:, 0]
    assert early < hazard < late


@pytest.mark.parametrize("q", [5.0, 6.0, 12.0, 40.0, -5.0, -12.0, -40.0])
def test_generalised_gamma_is_continuous_where_its_argument_underflows(q: float) -> None:
    """Each step of the cumulative hazard is the hazard times the step, from 1e-330 to 1e-270."""
    u = np.linspace(-330.0, -270.0, 100_001) * np.log(10)
    w = (u + 2 * np.log(np.abs(q))) / q
    curve = ps.generalised_gamma(mu=0, sigma=0.01, Q=q)
    times = np.exp(0.01 * w)
    total, rate = curve.cumulative_hazard(times)[:, 0], curve.hazard(times)[:, 0]
    middle = 0.5 * (rate[1:] * times[1:] + rate[:-1] * times[:-1]) * np.diff(np.log(times))
    np.testing.assert_allclose(np.diff(total), middle, rtol=1e-6, atol=4e-16 * total.max())


def test_large_gamma_shapes_keep_their_tails() -> None:
    """A gamma curve is a generalised gamma with ``Q = sigma = shape**-1/2``."""
    shape, years = 1e6, np.exp([-0.006, -0.001, 0.0, 0.002, 0.008])
    known = ps.generalised_gamma(mu=0, sigma=1e-3, Q=1e-3).cumulative_hazard(years)
    got = ps.gamma(shape=shape, rate=shape).cumulative_hazard(years)
    np.testing.assert_allclose(got, known, rtol=1e-10)
    assert got[0, 0] == pytest.approx(NEAR_NORMAL[0.001, -6][1], rel=1e-10)


def test_gamma_where_survival_underflows() -> None:
    """Erlang: ``S = exp(-x) sum_{k < n} x**k / k!`` for a whole shape ``n``."""
    years = np.array([100.0, 700.0, 750.0, 900.0, 5000.0])
    for n in (1, 3, 40):
        k = np.arange(n)
        terms = k * np.log(years)[:, None] - gammaln(k + 1)
        expected = years - logsumexp(terms, axis=1)
        got = ps.gamma(shape=n, rate=1).cumulative_hazard(years)[:, 0]
        np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_generalised_gamma_lower_tail_where_survival_underflows() -> None:
    """``P(n, u) = exp(-u) sum_{k >= n} u**k / k!`` for whole ``n = Q**-2``."""
    q, n = -0.25, 16
    w = np.array([50.0, 170.0, 180.0, 400.0])
    log_u = np.log(n) + q * w
    k = np.arange(n, n + 400)
    expected = np.exp(log_u) - logsumexp(k * log_u[:, None] - gammaln(k + 1), axis=1)
    curve = ps.generalised_gamma(mu=0, sigma=0.01, Q=q)
    got = curve.cumulative_hazard(np.exp(0.01 * w))[:, 0]
    np.testing.assert_allclose(got, expected, rtol=2e-12)


def test_generalised_f_with_whole_shapes() -> None:
    """Q = 0, P = 1 is log-logistic; Q = 0, P = 1/2 has ``S = x**2 (3 - 2 x)``."""
    years = np.array([0.1, 0.5, 1.0, 3.0, 20.0])
    first = ps.generalised_f(mu=0.3, sigma=0.9, Q=0, P=1)
    known = ps.loglogistic(shape=2**0.5 / 0.9, scale=np.exp(0.3))
    np.testing.assert_allclose(
        first.cumulative_hazard(years), known.cumulative_hazard(years), rtol=1e-13
    )
    second = ps.generalised_f(mu=0.3, sigma=0.9, Q=0, P=0.5)
    x = 1 / (1 + np.exp((np.log(years) - 0.3) / 0.9))
    np.testing.assert_allclose(second.survival(years)[:, 0], x**2 * (3 - 2 * x), rtol=1e-12)


def test_generalised_f_where_survival_underflows() -> None:
    curve = ps.generalised_f(mu=0.0, sigma=0.002, Q=0, P=1)
    years = np.array([1.5, 4.0, 40.0])
    expected = np.logaddexp(0, 2**0.5 * np.log(years) / 0.002)
    np.testing.assert_allclose(curve.cumulative_hazard(years)[:, 0], expected, rtol=1e-13)


# (Q, w): survival and its complement of the generalised F with P = 0.5, where the odds underflow,
# by mpmath 1.4.1 at 60 digits (betainc, regularised; w in units of sigma).
LARGE_Q_OF_F = {
    (6, -100): (0.999999940597942, 5.940205803281334e-8),
    (6, -130): (0.9999999995858069, 4.141931180881103e-10),
    (12, -70): (0.9971331928743678, 0.002866807125632233),
    (30, -30): (0.6346062750625795, 0.3653937249374205),
    (30, -300): (0.9999547940207799, 4.520597922014707e-5),
    (-30, 30): (0.3653937249374205, 0.6346062750625795),
    (-12, 70): (0.002866807125632233, 0.9971331928743678),
}


@pytest.mark.parametrize(("q", "w"), sorted(LARGE_Q_OF_F))
def test_generalised_f_of_large_q(q: float, w: float) -> None:
    survival, complement = LARGE_Q_OF_F[q, w]
    curve = ps.generalised_f(mu=0, sigma=1, Q=q, P=0.5)
    hazard = curve.cumulative_hazard([np.exp(w)])[0, 0]
    assert np.exp(-hazard) == pytest.approx(survival, rel=1e-13)
    assert -np.expm1(-hazard) == pytest.approx(complement, rel=1e-13)


def test_generalised_f_of_small_p_is_generalised_gamma() -> None:
    for q in (3.0, -3.0):
        curve = ps.generalised_f(mu=0.2, sigma=0.9, Q=q, P=1e-11)
        known = ps.generalised_gamma(mu=0.2, sigma=0.9, Q=q)
        np.testing.assert_allclose(curve.survival(YEARS), known.survival(YEARS), atol=1e-11)


def test_deep_quantiles_of_the_gamma_families() -> None:
    """A hazard ratio of 1/1000 asks its curve for a survival of exp(-693)."""
    for curve in (ps.gamma(shape=2, rate=0.5), ps.generalised_gamma(mu=1, sigma=0.8, Q=0.9)):
        slow = curve.hazard_ratio(1e-3)
        median = slow.quantile(0.5)[0, 0]
        assert slow.survival([median])[0, 0] == pytest.approx(0.5, rel=1e-12)


@given(
    shape=some.floats(0.05, 20),
    scale=some.floats(1e-3, 1e3),
    years=some.lists(some.floats(1e-200, 1e3), min_size=2, max_size=20),
)
def test_any_weibull_is_a_survival_curve(shape: float, scale: float, years: list[float]) -> None:
    times = np.sort(years)
    curve = ps.weibull(shape=shape, scale=scale)
    hazard, survival = curve.cumulative_hazard(times)[:, 0], curve.survival(times)[:, 0]
    assert (np.diff(hazard) >= 0).all()
    assert ((survival >= 0) & (survival <= 1)).all()
    ratio = times / scale
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(hazard, ratio**shape, rtol=1e-11, atol=1e-300)


@given(
    mu=some.floats(-3, 3),
    sigma=some.floats(0.1, 3),
    q=some.one_of(some.just(0.0), some.floats(-2, -0.01), some.floats(0.01, 2)),
)
def test_any_generalised_gamma_is_a_survival_curve(mu: float, sigma: float, q: float) -> None:
    curve = ps.generalised_gamma(mu=mu, sigma=sigma, Q=q)
    hazard = curve.cumulative_hazard(YEARS)[:, 0]
    assert hazard[0] == 0
    assert not np.isnan(hazard).any()
    assert (np.diff(hazard) >= -1e-13).all()
