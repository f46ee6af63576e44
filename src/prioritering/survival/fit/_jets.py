"""Arrays that carry their first and second derivatives (forward-mode differentiation).

A :class:`Jet` is a value per patient with its gradient and Hessian in a few variables, the
predictors of a distribution's parameters. Formulas written on jets give exact derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = Floats | float


class Second(NamedTuple):
    """A function of two variables with its first and second derivatives."""

    value: Floats
    a: Floats
    b: Floats
    aa: Floats
    ab: Floats
    bb: Floats


@dataclass(frozen=True, slots=True)
class Jet:
    """Value of shape (n,), gradient (k, n) and Hessian (k, k, n); any n may be 1 and broadcast."""

    value: Floats
    d: Floats
    h: Floats

    def chain(self, value: Floats, first: Floats, second: Numbers) -> Jet:
        """Return ``f(self)`` from ``f``, ``f'`` and ``f''`` at the value."""
        h = first * self.h + second * _square(self.d)
        return Jet(value, first * self.d, h)

    def __add__(self, other: Jet | Numbers) -> Jet:
        if isinstance(other, Jet):
            return Jet(self.value + other.value, self.d + other.d, self.h + other.h)
        return Jet(self.value + np.asarray(other), self.d, self.h)

    __radd__ = __add__

    def __mul__(self, other: Jet | Numbers) -> Jet:
        if isinstance(other, Jet):
            cross = self.d[:, None] * other.d[None]
            h = self.value * other.h + other.value * self.h + cross + cross.swapaxes(0, 1)
            return Jet(self.value * other.value, self.value * other.d + other.value * self.d, h)
        factor = np.asarray(other)
        return Jet(self.value * factor, self.d * factor, self.h * factor)

    __rmul__ = __mul__
    __array_ufunc__ = None  # so that array * jet comes here

    def __neg__(self) -> Jet:
        return Jet(-self.value, -self.d, -self.h)

    def __sub__(self, other: Jet | Numbers) -> Jet:
        return self + (-other if isinstance(other, Jet) else -np.asarray(other))

    def __rsub__(self, other: Numbers) -> Jet:
        return -self + other


def variables(values: Sequence[Floats]) -> list[Jet]:
    """Jets of the independent variables themselves."""
    k = len(values)
    none = np.zeros((1, 1, 1))
    return [Jet(value, row[:, None], none) for value, row in zip(values, np.eye(k), strict=True)]


def exp(x: Jet) -> Jet:
    """``e**x``."""
    e = np.exp(x.value)
    return x.chain(e, e, e)


def log(x: Jet) -> Jet:
    """Natural logarithm; minus infinity where ``x`` is not above 0."""
    good = x.value > 0
    inverse = 1.0 / np.where(good, x.value, np.nan)
    value = np.where(good, np.log(np.where(good, x.value, 1.0)), -np.inf)
    return x.chain(value, inverse, -(inverse**2))


def softplus(x: Jet) -> Jet:
    """``log(1 + e**x)``."""
    from scipy.special import expit

    p = expit(x.value)
    return x.chain(np.logaddexp(0.0, x.value), p, p * (1 - p))


def log_one_minus_exp(x: Jet) -> Jet:
    """``log(1 - e**x)`` for ``x`` below 0."""
    value = np.where(x.value > -0.7, np.log(-np.expm1(x.value)), np.log1p(-np.exp(x.value)))
    first = 1.0 / -np.expm1(-x.value)
    return x.chain(value, first, first - first**2)


def log_add(x: Jet, level: Floats) -> Jet:
    """``log(e**x + level)`` with a known ``level`` of 0 or more."""
    e = np.exp(x.value)
    share = e / (e + level)
    return x.chain(np.log(e + level), share, share * (1 - share))


def of_two(a: Jet, b: Jet, f: Second) -> Jet:
    """Compose a function of two variables with two jets."""
    cross = a.d[:, None] * b.d[None]
    h = f.a * a.h + f.b * b.h + f.aa * _square(a.d) + f.bb * _square(b.d)
    return Jet(f.value, f.a * a.d + f.b * b.d, h + f.ab * (cross + cross.swapaxes(0, 1)))


def of_many(inner: Sequence[Jet], f: Jet) -> Jet:
    """Compose a function of several variables, given as a jet in them, with that many jets."""
    d = sum((g * x.d for g, x in zip(f.d, inner, strict=True)), start=np.zeros((1, 1)))
    h = sum((g * x.h for g, x in zip(f.d, inner, strict=True)), start=np.zeros((1, 1, 1)))
    for row, x in zip(f.h, inner, strict=True):
        for second, y in zip(row, inner, strict=True):
            h = h + second * (x.d[:, None] * y.d[None])
    return Jet(f.value, d, h)


def _square(d: Floats) -> Floats:
    return d[:, None] * d[None]
