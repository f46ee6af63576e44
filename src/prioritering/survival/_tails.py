"""Logarithms of incomplete gamma and beta functions, right also where they underflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.survival._inputs import Floats

UNDERFLOW = 1e-290
"""Tail below which SciPy's functions are replaced by series."""
SMALLEST = 1e-290
"""Argument below which the lower tail is its leading term; the next is smaller by this factor."""
NEAR_NORMAL_Q = 0.01

# Taylor coefficients of Temme's c_0, c_1 and c_2 in eta, from the recursion DLMF 8.12.12.
_C0 = (-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600, 1 / 25515)
_C1 = (-1 / 540, -1 / 288, 1 / 378, -77 / 77760, 1 / 4860)
_C2 = (25 / 6048, -139 / 51840, 1 / 1296)


def minus_log_upper(a: Floats, x: Floats, log_x: Floats) -> Floats:
    """``-log Q(a, x)``, the cumulative hazard of a gamma curve; arrays of one shape.

    From P where the event is the rarer outcome, from Q otherwise, by Legendre's continued
    fraction (DLMF 8.9.2) where Q underflows, and for ``a`` above 10 000, where the functions
    of SciPy 1.17 lose their tails, by :func:`minus_log_near_normal`. Where ``x`` underflows,
    from ``log_x`` by ``P = x**a / Gamma(a + 1)``, which is not small if ``a`` is.
    """
    from scipy.special import gammainc, gammaincc, gammaln

    large = a > NEAR_NORMAL_Q**-2
    if large.any():
        out = np.empty(a.shape)
        out[~large] = minus_log_upper(a[~large], x[~large], log_x[~large])
        root = np.sqrt(a[large])
        with np.errstate(divide="ignore"):
            out[large] = minus_log_near_normal(1 / root, root * (log_x[large] - np.log(a[large])))
        return out
    upper = gammaincc(a, x)
    out = _minus_log(upper)
    early, far = upper > 0.5, (upper < UNDERFLOW) & np.isfinite(x)
    out[early] = -np.log1p(-gammainc(a[early], x[early]))
    if far.any():
        af, xf = a[far], x[far]
        out[far] = xf - af * np.log(xf) + gammaln(af) - np.log(_legendre(af, xf))
    tiny = x < SMALLEST
    out[tiny] = _minus_log_complement(a[tiny] * log_x[tiny] - gammaln(a[tiny] + 1))
    return out


def minus_log_lower(a: Floats, x: Floats, log_x: Floats) -> Floats:
    """``-log P(a, x)`` for ``a`` up to 10 000; ``log_x`` is needed where ``x`` underflows.

    By the confluent series (DLMF 8.7.1) where ``x`` or P underflows.
    """
    from scipy.special import gammainc, gammaincc, gammaln

    lower = gammainc(a, x)
    out = _minus_log(lower)
    early = lower > 0.5
    far = ((lower < UNDERFLOW) | (x < SMALLEST)) & np.isfinite(log_x)
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

    From the smaller of the two arguments, which is the one that is not rounded; by the
    continued fraction (DLMF 8.17.22) where the incomplete beta or its argument
    underflows, on the other side by the first term of its series (DLMF 8.17.7).
    """
    from scipy.special import betainc, betaincc, betaln, expit

    low = log_odds < 0
    smaller, first = expit(-np.abs(log_odds)), np.where(low, s1, s2)
    second = np.where(low, s2, s1)
    free = np.empty(low.shape)
    free[low] = betaincc(first[low], second[low], smaller[low])
    free[~low] = betainc(first[~low], second[~low], smaller[~low])
    out = _minus_log(free)
    early = free > 0.5
    far = ((free < UNDERFLOW) | (log_odds > -np.log(SMALLEST))) & np.isfinite(log_odds)
    for rows, event in ((early & low, betainc), (early & ~low, betaincc)):
        out[rows] = -np.log1p(-event(first[rows], second[rows], smaller[rows]))
    if far.any():
        a, b, y = s2[far], s1[far], log_odds[far]
        factors = a * np.logaddexp(0.0, y) + b * np.logaddexp(0.0, -y)
        fraction = _beta_fraction(a, b, expit(-y))
        out[far] = factors + np.log(a) + betaln(a, b) - np.log(fraction)
    tiny = log_odds < np.log(SMALLEST)
    log_p = s1[tiny] * log_odds[tiny] - np.log(s1[tiny]) - betaln(s1[tiny], s2[tiny])
    out[tiny] = _minus_log_complement(log_p)
    return out


def log_upper_inverse(a: Floats, hazard: Floats) -> Floats:
    """``log x`` with ``-log Q(a, x) = hazard``."""
    from scipy.special import gammainccinv

    with np.errstate(divide="ignore"):
        log_p = np.log(-np.expm1(-hazard))
        late = np.log(gammainccinv(a, np.exp(-hazard)))
    return np.where(hazard < 0.5, _log_quantile(a, log_p), _unless_tiny(late, a, log_p))


def log_lower_inverse(a: Floats, hazard: Floats) -> Floats:
    """``log x`` with ``-log P(a, x) = hazard``."""
    from scipy.special import gammainccinv

    with np.errstate(divide="ignore"):
        early = np.log(gammainccinv(a, -np.expm1(-hazard)))
    early = _unless_tiny(early, a, -hazard)
    return np.where(hazard < 0.5, early, _log_quantile(a, -hazard))


def _log_quantile(a: Floats, log_p: Floats) -> Floats:
    """``log x`` with ``log P(a, x) = log_p``."""
    from scipy.special import gammaincinv

    with np.errstate(divide="ignore"):
        return _unless_tiny(np.log(gammaincinv(a, np.exp(log_p))), a, log_p)


def _unless_tiny(log_x: Floats, a: Floats, log_p: Floats) -> Floats:
    """``log_x``, or where ``x`` underflows the solution of ``P = x**a / Gamma(a + 1)``."""
    from scipy.special import gammaln

    leading = (log_p + gammaln(a + 1)) / a
    return np.where(leading < np.log(SMALLEST), leading, log_x)


def _minus_log_complement(log_p: Floats) -> Floats:
    """``-log(1 - p)``, exact for small and for nearly certain ``p``."""
    with np.errstate(divide="ignore"):
        rare = -np.log1p(-np.exp(log_p))
        return np.where(log_p < -0.5, rare, -np.log(-np.expm1(log_p)))


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


def _beta_fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """``I(a, b) a B(a, b) / (x**a (1 - x)**b)`` at ``x`` far in the tail (modified Lentz)."""
    d = 1 / (1 - (a + b) * x / (a + 1))
    c = np.ones_like(x)
    value = d.copy()
    for n in range(1, 5000):
        even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))
        d, c = 1 / (1 + even * d), 1 + even / c
        value *= c * d
        odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1))
        d, c = 1 / (1 + odd * d), 1 + odd / c
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
