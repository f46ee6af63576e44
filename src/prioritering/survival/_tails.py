"""Logarithms of incomplete gamma and beta functions, right also where they underflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.survival._inputs import Floats

UNDERFLOW = 1e-290
NEAR_NORMAL_Q = 0.01

# Taylor coefficients of Temme's c_0, c_1 and c_2 in eta, from the recursion DLMF 8.12.12.
_C0 = (-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600, 1 / 25515)
_C1 = (-1 / 540, -1 / 288, 1 / 378, -77 / 77760, 1 / 4860)
_C2 = (25 / 6048, -139 / 51840, 1 / 1296)


def minus_log_upper(a: Floats, x: Floats) -> Floats:
    """``-log Q(a, x)``, the cumulative hazard of a gamma curve; arrays of one shape.

    From P where the event is the rarer outcome, from Q otherwise, by Legendre's continued
    fraction (DLMF 8.9.2) where Q underflows, and for ``a`` above 10 000, where the functions
    of SciPy 1.17 lose their tails, by :func:`minus_log_near_normal`.
    """
    from scipy.special import gammainc, gammaincc, gammaln

    large = a > NEAR_NORMAL_Q**-2
    if large.any():
        out = np.empty(a.shape)
        out[~large] = minus_log_upper(a[~large], x[~large])
        root = np.sqrt(a[large])
        with np.errstate(divide="ignore"):
            out[large] = minus_log_near_normal(1 / root, root * np.log(x[large] / a[large]))
        return out
    upper = gammaincc(a, x)
    out = _minus_log(upper)
    early, far = upper > 0.5, (upper < UNDERFLOW) & np.isfinite(x)
    out[early] = -np.log1p(-gammainc(a[early], x[early]))
    if far.any():
        af, xf = a[far], x[far]
        out[far] = xf - af * np.log(xf) + gammaln(af) - np.log(_legendre(af, xf))
    return out


def minus_log_lower(a: Floats, x: Floats, log_x: Floats) -> Floats:
    """``-log P(a, x)`` for ``a`` up to 10 000; ``log_x`` is needed where ``x`` underflows.

    By the confluent series (DLMF 8.7.1) where P underflows.
    """
    from scipy.special import gammainc, gammaincc, gammaln

    lower = gammainc(a, x)
    out = _minus_log(lower)
    early, far = lower > 0.5, (lower < UNDERFLOW) & np.isfinite(log_x)
    out[early] = -np.log1p(-gammaincc(a[early], x[early]))
    if far.any():
        af, xf = a[far], x[far]
        out[far] = gammaln(af + 1) + xf - af * log_x[far] - np.log(_series(af, xf))
    return out


def minus_log_near_normal(q: Floats, w: Floats) -> Floats:
    """Cumulative hazard of a standardised generalised gamma with ``|q|`` up to 0.01.

    Temme's uniform expansion of the incomplete gamma functions (DLMF 8.12.3-8.12.12) with
    ``a = q**-2`` and ``lambda = exp(q w)``. With ``eta**2 / 2 = lambda - 1 - log(lambda)`` and
    ``z = eta / q``, survival is ``Phi(-z) + q phi(z) (c_0 + c_1 q**2 + c_2 q**4)``: the
    log-normal curve for ``q = 0``. Taken on the rarer side, as a factor of the normal tail.
    """
    from scipy.special import erfcx, log_ndtr

    with np.errstate(all="ignore"):
        z, correction = near_normal_terms(q, w)
        inverse_mills = np.sqrt(2 / np.pi) / erfcx(np.abs(z) / np.sqrt(2))
        side = np.where(z > 0, 1.0, -1.0)
        tail = -log_ndtr(-np.abs(z)) - np.log1p(side * q * correction * inverse_mills)
        out = np.where(z > 0, tail, -np.log1p(-np.exp(-tail)))
    return np.where(np.isneginf(w), 0.0, out)


def near_normal_terms(q: Floats, w: Floats) -> tuple[Floats, Floats]:
    """``z`` and ``c_0 + c_1 q**2 + c_2 q**4`` of :func:`minus_log_near_normal`."""
    x = q * w
    series = np.zeros(np.shape(x))
    for k in range(19, 1, -1):
        series = 1.0 + series * x / (k + 1)
    far = np.abs(x) > 1
    eta = np.sign(x) * np.sqrt(2 * (np.expm1(x) - x))
    z = np.where(far, eta / q, w * np.sqrt(series))
    eta = np.where(far, eta, q * z)
    near = np.clip(eta, -1, 1)
    c0, c1, c2 = (np.polynomial.polynomial.polyval(near, c) for c in (_C0, _C1, _C2))
    c0 = np.where(np.abs(eta) > 0.5, 1 / np.expm1(x) - 1 / eta, c0)
    return z, c0 + c1 * q**2 + c2 * q**4


def minus_log_beta_tail(s1: Floats, s2: Floats, log_odds: Floats) -> Floats:
    """``-log I(s2, s1)`` at ``1 / (1 + exp(log_odds))``; arrays of one shape.

    By the hypergeometric series (DLMF 8.17.7) where the incomplete beta underflows.
    """
    from scipy.special import betainc, betaln, expit, hyp2f1

    free = betainc(s2, s1, expit(-log_odds))
    out = _minus_log(free)
    early, far = free > 0.5, (free < UNDERFLOW) & np.isfinite(log_odds)
    out[early] = -np.log1p(-betainc(s1[early], s2[early], expit(log_odds[early])))
    if far.any():
        a, b, y = s2[far], s1[far], log_odds[far]
        series = hyp2f1(a, 1 - b, a + 1, expit(-y))
        out[far] = a * np.logaddexp(0.0, y) + np.log(a) + betaln(a, b) - np.log(series)
    return out


def upper_inverse(a: Floats, hazard: Floats) -> Floats:
    """``x`` with ``-log Q(a, x) = hazard``."""
    from scipy.special import gammainccinv, gammaincinv

    early = gammaincinv(a, -np.expm1(-hazard))
    return np.where(hazard < 0.5, early, gammainccinv(a, np.exp(-hazard)))


def lower_inverse(a: Floats, hazard: Floats) -> Floats:
    """``x`` with ``-log P(a, x) = hazard``."""
    from scipy.special import gammainccinv, gammaincinv

    early = gammainccinv(a, -np.expm1(-hazard))
    return np.where(hazard < 0.5, early, gammaincinv(a, np.exp(-hazard)))


def _minus_log(p: NDArray[np.floating[Any]]) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(p))


def _legendre(a: Floats, x: Floats) -> Floats:
    """``Gamma(a, x) * exp(x) / x**a`` for ``x`` far above ``a`` (modified Lentz)."""
    b = x + 1 - a
    c = np.full_like(x, 1e300)
    d = 1 / b
    value = d.copy()
    for n in range(1, 5000):
        step = n * (a - n)
        b = b + 2
        d = 1 / (step * d + b)
        c = b + step / c
        factor = c * d
        value *= factor
        if (np.abs(factor - 1) < 1e-15).all():
            break
    return value


def _series(a: Floats, x: Floats) -> Floats:
    """``sum_n x**n / ((a + 1) ... (a + n))`` for ``x`` below ``a``."""
    term = np.ones_like(x)
    value = np.ones_like(x)
    for n in range(1, 100_000):
        term *= x / (a + n)
        value += term
        if (term < 1e-17 * value).all():
            break
    return value
