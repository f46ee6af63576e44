"""Logarithms of densities and tails with exact or finely differenced derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from prioritering.survival._tails import (
    minus_log_beta_tail,
    minus_log_lower,
    minus_log_near_normal,
    minus_log_upper,
)
from prioritering.survival.fit._jets import (
    Floats,
    Jet,
    Second,
    exp,
    log,
    of_two,
    softplus,
    variables,
)

STEP = 3e-3
"""Step of the five-point differences: truncation and rounding are both about 1e-12."""
NEAR_NORMAL = 0.01
"""Size of Q below which the log-gamma law is taken by its expansion around the normal."""
SMALLEST = 1e-280
"""Tail or argument below which SciPy's incomplete gamma functions are replaced by series."""
_OFFSETS = STEP * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
_FIRST = np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / (12 * STEP)
_SECOND = np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / (12 * STEP**2)
_LOG_ROOT_2PI = 0.5 * np.log(2 * np.pi)


def exponential_means(x: Floats, *, start: int) -> tuple[Floats, Floats, Floats]:
    """``phi(x)`` and its first two derivatives.

    ``phi = (e**x - 1) / x`` (start 1) or ``(e**x - 1 - x) / x**2`` (start 2), which is the
    integral of ``(1 - s)**(start - 1) e**(s x)`` over ``s`` from 0 to 1. By that integral
    near 0, where the quotients cancel, and by recurrence elsewhere.
    """
    near = np.abs(x) < 2.0
    if near.all():
        return _by_quadrature(x, start)
    far = _by_recurrence(np.where(near, 2.0, x), start)
    close = _by_quadrature(np.where(near, x, 0.0), start)
    a, b, c = (np.where(near, inside, outside) for inside, outside in zip(close, far, strict=True))
    return a, b, c


def _by_quadrature(x: Floats, start: int) -> tuple[Floats, Floats, Floats]:
    weights = _WEIGHTS[start]
    value, first, second = weights @ np.exp(_NODES[:, None] * x)
    return value, first, second


def _by_recurrence(x: Floats, start: int) -> tuple[Floats, Floats, Floats]:
    e = np.exp(x)
    zero = (e - 1) / x
    one = (e - zero) / x
    two = (e - 2 * one) / x
    if start == 1:
        return zero, one, two
    three = (e - 3 * two) / x
    return zero - one, one - two, two - three


def _quadrature() -> tuple[Floats, dict[int, Floats]]:
    x, w = np.polynomial.legendre.leggauss(12)
    s, w = 0.5 * (x + 1), 0.5 * w
    powers = np.stack([s**0, s, s**2])
    return s, {1: w * powers, 2: w * (1 - s) * powers}


_NODES, _WEIGHTS = _quadrature()


def log_gamma_survival(log_a: Floats, log_x: Floats) -> Second:
    """``log Q(a, x)`` in ``log a`` and ``log x``, the survival of a gamma law."""
    from scipy.special import gammaln, psi

    def tail(points: Floats) -> Floats:
        return _log_upper(np.exp(points), log_x)

    value, first, second = _differences(tail, log_a)
    a, x = np.exp(log_a), np.exp(log_x)
    rate = np.exp(a * log_x - x - gammaln(a) - value)
    growth = a * (log_x - psi(a)) - first
    return Second(value, first, -rate, second, -rate * growth, -rate * (a - x + rate))


def prentice_density(w: Floats, q: Floats) -> Second:
    """Log density of the standard log-gamma law at ``w`` with shape ``q``, in ``w`` and ``q``."""
    level, level1, level2 = _prentice_level(q)
    f, f1, f2 = exponential_means(q * w, start=2)
    x = q * w
    slope, slope1 = 1 + x * f, f + x * f1
    return Second(
        level - w**2 * f,
        -w * slope,
        level1 - w**3 * f1,
        -np.exp(x),
        -(w**2) * slope1,
        level2 - w**4 * f2,
    )


def prentice_survival(w: Floats, q: Floats) -> Second:
    """Log survival of the standard log-gamma law at ``w`` with shape ``q``, in ``w`` and ``q``."""

    def tail(points: Floats) -> Floats:
        return np.stack([_prentice_tail(w, point) for point in points])

    value, first, second = _differences(tail, q)
    density = prentice_density(w, q)
    rate = np.exp(density.value - value)
    return Second(
        value,
        -rate,
        first,
        -rate * (density.a + rate),
        -rate * (density.b - first),
        second,
    )


def _prentice_level(q: Floats) -> tuple[Floats, Floats, Floats]:
    """``log|q| + a log a - a - log Gamma(a)`` with ``a = q**-2``, and two derivatives in q."""
    from scipy.special import gammaln, polygamma, psi

    small = np.abs(q) < 0.1
    s = np.where(small, q, 0.1)
    series = (
        -_LOG_ROOT_2PI - s**2 / 12 + s**6 / 360 - s**10 / 1260,
        -s / 6 + s**5 / 60 - s**9 / 126,
        -1 / 6 + s**4 / 12 - s**8 / 14,
    )
    if small.all():
        return series
    z = np.where(small, 0.1, q)
    a = z**-2.0
    in_a = np.log(a) - 0.5 / a - psi(a)
    in_aa = 1 / a + 0.5 / a**2 - polygamma(1, a)
    closed = (
        np.log(np.abs(z)) + a * np.log(a) - a - gammaln(a),
        -2 * a / z * in_a,
        4 * a**2 / z**2 * in_aa + 6 * a / z**2 * in_a,
    )
    x, y, v = (np.where(small, near, far) for near, far in zip(series, closed, strict=True))
    return x, y, v


def _prentice_tail(w: Floats, q: Floats) -> Floats:
    """Log survival, by sign of ``q``; ``q`` of shape (1,) or that of ``w``."""
    if q.size == 1:
        return _one_sign(w, q)
    out = np.empty(w.shape)
    for part in (q >= NEAR_NORMAL, q <= -NEAR_NORMAL, np.abs(q) < NEAR_NORMAL):
        if part.any():
            out[part] = _one_sign(w[part], q[part])
    return out


def _one_sign(w: Floats, q: Floats) -> Floats:
    if np.abs(q[0]) < NEAR_NORMAL:
        return -minus_log_near_normal(q, w)
    a = q**-2.0
    if q[0] > 0:
        return _log_upper(a, np.log(a) + q * w)
    return _log_lower(a, np.log(a) + q * w)


def _log_upper(a: Floats, log_x: Floats) -> Floats:
    from scipy.special import gammaincc

    x = np.exp(log_x)
    tail = gammaincc(a, x)
    if tail.min() > SMALLEST and x.min() > SMALLEST and a.max() <= NEAR_NORMAL**-2:
        return np.asarray(np.log(tail))
    a, log_x, x = (np.array(v) for v in np.broadcast_arrays(a, log_x, x))
    return -minus_log_upper(a, x, log_x)


def _log_lower(a: Floats, log_x: Floats) -> Floats:
    from scipy.special import gammainc

    x = np.exp(log_x)
    tail = gammainc(a, x)
    if tail.min() > SMALLEST and x.min() > SMALLEST:
        return np.asarray(np.log(tail))
    a, log_x, x = (np.array(v) for v in np.broadcast_arrays(a, log_x, x))
    return -minus_log_lower(a, x, log_x)


def f_density(w: Floats, q: Floats, log_p: Floats) -> Jet:
    """Log density of the standard log-F law at ``w``, a jet in ``w``, ``q`` and ``log p``."""
    w_, q_, p_ = variables([w, q, log_p])
    s1, s2, d = f_shapes(q_, exp(p_))
    odds = log(s1) - log(s2) + d * w_
    return log(d) + s1 * odds - (s1 + s2) * softplus(odds) - of_two(s1, s2, _log_beta(s1, s2))


def f_survival(w: Floats, q: Floats, log_p: Floats) -> Jet:
    """Log survival of the standard log-F law at ``w``, a jet in ``w``, ``q`` and ``log p``."""

    def in_q(points: Floats) -> Floats:
        return np.stack([_f_tail(w, point, log_p) for point in points])

    def in_p(points: Floats) -> Floats:
        return np.stack([_f_tail(w, q, point) for point in points])

    value, first_q, second_q = _differences(in_q, q)
    _, first_p, second_p = _differences(in_p, log_p)
    corners = [_f_tail(w, q + i * STEP, log_p + j * STEP) for i, j in _CORNERS]
    mixed = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * STEP**2)
    density = f_density(w, q, log_p)
    rate = np.exp(density.value - value)
    in_wq, in_wp = -rate * (density.d[1] - first_q), -rate * (density.d[2] - first_p)
    h = [
        [-rate * (density.d[0] + rate), in_wq, in_wp],
        [in_wq, second_q, mixed],
        [in_wp, mixed, second_p],
    ]
    return Jet(value, np.stack([-rate, first_q, first_p]), np.array(h))


_CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def f_shapes(q: Jet, p: Jet) -> tuple[Jet, Jet, Jet]:
    """``s1``, ``s2`` and ``d`` of the generalised F law (see the curve of that name).

    The smaller of ``s1`` and ``s2`` by its formula, the other from ``s1 s2 = 2 / (d**2 p)``,
    since their formulas cancel where ``p`` is small.
    """
    square = q * q + 2 * p
    log_square = log(square)
    d = exp(0.5 * log_square)
    size = d * (q if q.value.flat[0] >= 0 else -q)
    smaller = exp(np.log(2.0) - log(square + size))
    larger = exp(np.log(2.0) - log_square - log(p) - log(smaller))
    return (smaller, larger, d) if q.value.flat[0] >= 0 else (larger, smaller, d)


def _f_tail(w: Floats, q: Floats, log_p: Floats) -> Floats:
    q_, p_ = variables([q, np.exp(log_p)])
    s1, s2, d = (x.value for x in f_shapes(q_, p_))
    odds = np.log(s1 / s2) + d * w
    s1, s2, odds = (np.array(v) for v in np.broadcast_arrays(s1, s2, odds))
    return -minus_log_beta_tail(s1, s2, odds)


def _log_beta(s1: Jet, s2: Jet) -> Second:
    from scipy.special import betaln, polygamma, psi

    a, b = s1.value, s2.value
    both, both1 = psi(a + b), polygamma(1, a + b)
    return Second(
        betaln(a, b),
        psi(a) - both,
        psi(b) - both,
        polygamma(1, a) - both1,
        -both1,
        polygamma(1, b) - both1,
    )


def _differences(function: Callable[[Floats], Floats], at: Floats) -> tuple[Floats, Floats, Floats]:
    """Value, first and second derivative by five points; ``at`` of shape (1,) or (n,).

    ``function`` takes points of shape (5, 1) or (5, n) and returns (5, n).
    """
    values = function(at + _OFFSETS[:, None])
    return values[2], _FIRST @ values, _SECOND @ values
