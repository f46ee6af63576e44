"""Log densities and log tails of the closed families, as jets in their parameters.

``eta`` holds the parameters on their scale of estimation, in the order of the family;
``log_t`` is log time, shape (n,).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prioritering.survival.fit import _special
from prioritering.survival.fit._jets import Floats, Jet, exp, of_many, of_two, softplus

Eta = Sequence[Jet]

# Standard laws of a location and scale: log S(w) and log f(w), f the density of w.


def extreme_tail(w: Jet) -> Jet:
    """``log S = -e**w``."""
    return -exp(w)


def extreme_density(w: Jet) -> Jet:
    """``log f = w - e**w``."""
    return w - exp(w)


def logistic_tail(w: Jet) -> Jet:
    """``log S = -log(1 + e**w)``."""
    return -softplus(w)


def logistic_density(w: Jet) -> Jet:
    """``log f = w - 2 log(1 + e**w)``."""
    return w - 2.0 * softplus(w)


def normal_tail(w: Jet) -> Jet:
    """``log S = log Phi(-w)``."""
    from scipy.special import log_ndtr

    value = log_ndtr(-w.value)
    rate = np.exp(-0.5 * w.value**2 - _LOG_ROOT_2PI - value)
    return w.chain(value, -rate, -rate * (rate - w.value))


def normal_density(w: Jet) -> Jet:
    """``log f = -w**2 / 2 - log(2 pi) / 2``."""
    return w.chain(-0.5 * w.value**2 - _LOG_ROOT_2PI, -w.value, np.array(-1.0))


_LOG_ROOT_2PI = 0.5 * np.log(2 * np.pi)


def exponential_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the exponential law; eta: log rate."""
    return -exp(eta[0] + log_t)


def exponential_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the exponential law; eta: log rate."""
    return eta[0] - exp(eta[0] + log_t)


def shape_scale(log_t: Floats, eta: Eta) -> Jet:
    """``shape * (log t - log scale)``."""
    return (log_t - eta[1]) * exp(eta[0])


def weibull_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the Weibull law; eta: log shape, log scale."""
    return extreme_tail(shape_scale(log_t, eta))


def weibull_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the Weibull law; eta: log shape, log scale."""
    return extreme_density(shape_scale(log_t, eta)) + eta[0] - log_t


def loglogistic_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the log-logistic law; eta: log shape, log scale."""
    return logistic_tail(shape_scale(log_t, eta))


def loglogistic_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the log-logistic law; eta: log shape, log scale."""
    return logistic_density(shape_scale(log_t, eta)) + eta[0] - log_t


def weibull_ph_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the proportional-hazards Weibull law; eta: log shape, log scale."""
    return extreme_tail(eta[1] + log_t * exp(eta[0]))


def weibull_ph_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the proportional-hazards Weibull law; eta: log shape, log scale."""
    return extreme_density(eta[1] + log_t * exp(eta[0])) + eta[0] - log_t


def location_scale(log_t: Floats, eta: Eta) -> Jet:
    """``(log t - location) / scale``."""
    return (log_t - eta[0]) * exp(-eta[1])


def lognormal_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the log-normal law; eta: meanlog, log sdlog."""
    return normal_tail(location_scale(log_t, eta))


def lognormal_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the log-normal law; eta: meanlog, log sdlog."""
    return normal_density(location_scale(log_t, eta)) - eta[1] - log_t


def gompertz_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the Gompertz law; eta: shape, log rate."""
    slope = eta[0] * np.exp(log_t)
    mean = slope.chain(*_special.exponential_means(slope.value, start=1))
    return -(mean * exp(eta[1] + log_t))


def gompertz_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the Gompertz law; eta: shape, log rate."""
    return eta[1] + eta[0] * np.exp(log_t) + gompertz_tail(log_t, eta)


def gamma_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the gamma law; eta: log shape, log rate."""
    log_x = eta[1] + log_t
    return of_two(eta[0], log_x, _special.log_gamma_survival(eta[0].value, log_x.value))


def gamma_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the gamma law; eta: log shape, log rate."""
    from scipy.special import gammaln, polygamma, psi

    log_x, shape = eta[1] + log_t, exp(eta[0])
    a = shape.value
    return shape * log_x - exp(log_x) - shape.chain(gammaln(a), psi(a), polygamma(1, a)) - log_t


def generalised_gamma_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the generalised gamma law; eta: mu, log sigma, Q."""
    w = location_scale(log_t, eta)
    return of_two(w, eta[2], _special.prentice_survival(w.value, eta[2].value))


def generalised_gamma_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the generalised gamma law; eta: mu, log sigma, Q."""
    w = location_scale(log_t, eta)
    density = of_two(w, eta[2], _special.prentice_density(w.value, eta[2].value))
    return density - eta[1] - log_t


def generalised_f_tail(log_t: Floats, eta: Eta) -> Jet:
    """Log survival of the generalised F law; eta: mu, log sigma, Q, log P."""
    inner = [location_scale(log_t, eta), eta[2], eta[3]]
    return of_many(inner, _special.f_survival(*(x.value for x in inner)))


def generalised_f_density(log_t: Floats, eta: Eta) -> Jet:
    """Log density of the generalised F law; eta: mu, log sigma, Q, log P."""
    inner = [location_scale(log_t, eta), eta[2], eta[3]]
    return of_many(inner, _special.f_density(*(x.value for x in inner))) - eta[1] - log_t
