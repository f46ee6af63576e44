"""Families built on the gamma and F distributions: gamma, generalised gamma, generalised F."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from prioritering.survival._inputs import FINITE, POSITIVE, Floats, floats
from prioritering.survival._inversion import invert
from prioritering.survival._tails import (
    NEAR_NORMAL_Q,
    log_lower_inverse,
    log_upper_inverse,
    minus_log_beta_tail,
    minus_log_lower,
    minus_log_near_normal,
    minus_log_upper,
    near_normal_terms,
)
from prioritering.survival.curve import Family
from prioritering.survival.families import log

DEEP_HAZARD = 600.0


def gamma(*, shape: ArrayLike, rate: ArrayLike) -> Family:
    """Gamma curve: density ``rate**shape t**(shape - 1) exp(-rate t) / Gamma(shape)``.

    Examples
    --------
    >>> gamma(shape=1, rate=0.5).survival([2]).round(6)
    array([[0.367879]])
    """
    return Gamma(floats("shape", shape), floats("rate", rate))


def generalised_gamma(*, mu: ArrayLike, sigma: ArrayLike, Q: ArrayLike) -> Family:
    """Generalised gamma curve in Prentice's form.

    With ``w = (log t - mu) / sigma``, ``a = Q**-2`` and ``u = a exp(Q w)``, survival is the
    upper regularised incomplete gamma function ``Q(a, u)`` for ``Q > 0``, the lower one for
    ``Q < 0`` and log-normal for ``Q = 0`` (Prentice, Biometrika 1974;61:539-544). ``Q = 1``
    is Weibull, ``Q = sigma`` gamma.

    Parameters
    ----------
    mu, sigma
        Location and scale of log time; ``sigma`` above 0.
    Q
        Shape, any sign.
    """
    return GeneralisedGamma(floats("mu", mu), floats("sigma", sigma), floats("Q", Q))


def generalised_f(*, mu: ArrayLike, sigma: ArrayLike, Q: ArrayLike, P: ArrayLike) -> Family:
    """Generalised F curve in Prentice's form (Biometrika 1975;62:607-614).

    With ``d = sqrt(Q**2 + 2 P)``, ``s1 = 2 / (Q**2 + 2 P + Q d)``, ``s2 = 2 / (Q**2 + 2 P - Q d)``
    and ``w = d (log t - mu) / sigma``, survival is the regularised incomplete beta
    ``I(s2, s1)`` at ``s2 / (s2 + s1 exp(w))``. As ``P`` goes to 0 it becomes the generalised gamma.

    Parameters
    ----------
    mu, sigma
        Location and scale of log time; ``sigma`` above 0.
    Q, P
        Shapes; ``P`` above 0.
    """
    values = floats("mu", mu), floats("sigma", sigma), floats("Q", Q), floats("P", P)
    return GeneralisedF(*values)


@dataclass(frozen=True, eq=False, repr=False)
class Gamma(Family):
    """``H = -log Q(shape, rate t)``."""

    kind: ClassVar[str] = "gamma"
    shape: Floats = field(metadata=POSITIVE)
    rate: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> Gamma:
        return Gamma(self.shape, self.rate / factor)

    def _cumulative(self, t: Floats) -> Floats:
        a, x = np.broadcast_arrays(self.shape, self.rate * t)
        return minus_log_upper(a, x, log(x))

    def _hazard(self, t: Floats) -> Floats:
        from scipy.special import gammaln, xlogy

        constant = self.shape * np.log(self.rate) - gammaln(self.shape)
        log_density = constant + xlogy(self.shape - 1, t) - self.rate * t
        return np.asarray(np.exp(log_density + self._cumulative(t)))

    def _time_at(self, hazard: Floats) -> Floats:
        return _or_inverted(self, hazard, np.exp(log_upper_inverse(self.shape, hazard)) / self.rate)

    def _restricted_mean(self, horizon: float) -> Floats:
        from scipy.special import gammainc, gammaincc

        x = self.rate * horizon
        early = self.shape / self.rate * gammainc(self.shape + 1, x)
        return np.asarray(early + horizon * gammaincc(self.shape, x))


@dataclass(frozen=True, eq=False, repr=False)
class GeneralisedGamma(Family):
    """``H = -log Q(a, u)`` for ``Q > 0``, ``-log P(a, u)`` for ``Q < 0``."""

    kind: ClassVar[str] = "generalised gamma"
    mu: Floats = field(metadata=FINITE)
    sigma: Floats = field(metadata=POSITIVE)
    Q: Floats = field(metadata=FINITE)

    def _stretched(self, factor: Floats) -> GeneralisedGamma:
        return GeneralisedGamma(self.mu + np.log(factor), self.sigma, self.Q)

    def _cumulative(self, t: Floats) -> Floats:
        q, w = np.broadcast_arrays(self.Q, self._standardised(t))
        out = np.empty(w.shape)
        near = np.abs(q) < NEAR_NORMAL_Q
        for mask, hazard in (
            (near, minus_log_near_normal),
            (~near & (q > 0), _upper),
            (~near & (q < 0), _lower),
        ):
            out[mask] = hazard(q[mask], w[mask])
        return out

    def _hazard(self, t: Floats) -> Floats:
        w = self._standardised(t)
        z, _ = near_normal_terms(self.Q, w)
        level = self._log_level() - np.log(self.sigma)
        hazard = np.exp(self._cumulative(t) + level - 0.5 * z**2 - log(t))
        return np.where(t > 0, hazard, self._hazard_at_zero())

    def _hazard_at_zero(self) -> Floats:
        """Limit of ``t**(1 / (sigma Q) - 1)`` times a constant for ``Q > 0``, else 0."""
        q = np.where(self.Q > 0, self.Q, 1.0)
        power = 1 / (self.sigma * q) - 1
        level = np.exp(self._log_level() + q**-2.0 - self.mu / (self.sigma * q)) / self.sigma
        limit = np.where(power > 0, 0.0, np.where(power < 0, np.inf, level))
        return np.where(self.Q > 0, limit, 0.0)

    def _log_level(self) -> Floats:
        """``log(|Q| a**a exp(-a) / Gamma(a))``, the log density of ``w`` where ``z`` is 0."""
        from scipy.special import gammaln

        q = np.where(np.abs(self.Q) < NEAR_NORMAL_Q, 1.0, self.Q)
        a = q**-2.0
        exact = np.log(np.abs(q)) + a * np.log(a) - a - gammaln(a)
        series = -0.5 * np.log(2 * np.pi) - self.Q**2 / 12 + self.Q**6 / 360
        return np.where(np.abs(self.Q) < NEAR_NORMAL_Q, series, exact)

    def _time_at(self, hazard: Floats) -> Floats:
        near = np.abs(self.Q) < NEAR_NORMAL_Q
        q = np.where(near, 1.0, self.Q)
        a = q**-2.0
        log_u = np.where(q > 0, log_upper_inverse(a, hazard), log_lower_inverse(a, hazard))
        with np.errstate(over="ignore"):
            time = np.exp(self.mu + self.sigma * (log_u - np.log(a)) / q)
        return _or_inverted(self, hazard, np.where(near, np.nan, time))

    def _standardised(self, t: Floats) -> Floats:
        return np.asarray((log(t) - self.mu) / self.sigma)


@dataclass(frozen=True, eq=False, repr=False)
class GeneralisedF(Family):
    """``H = -log I(s2, s1)`` at ``1 / (1 + s1 / s2 exp(w))``."""

    kind: ClassVar[str] = "generalised F"
    mu: Floats = field(metadata=FINITE)
    sigma: Floats = field(metadata=POSITIVE)
    Q: Floats = field(metadata=FINITE)
    P: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> GeneralisedF:
        return GeneralisedF(self.mu + np.log(factor), self.sigma, self.Q, self.P)

    def _cumulative(self, t: Floats) -> Floats:
        s1, s2, stretch = self._shapes()
        log_odds = np.log(s1 / s2) + stretch * (log(t) - self.mu)
        s1, s2, y = np.broadcast_arrays(s1, s2, log_odds)
        return minus_log_beta_tail(s1, s2, y)

    def _hazard(self, t: Floats) -> Floats:
        from scipy.special import betaln, xlogy

        s1, s2, stretch = self._shapes()
        level = np.log(s1 / s2) - stretch * self.mu
        constant = np.log(stretch) + s1 * level - betaln(s1, s2)
        log_density = constant + xlogy(s1 * stretch - 1, t)
        log_density = log_density - (s1 + s2) * np.logaddexp(0.0, level + stretch * log(t))
        return np.asarray(np.exp(log_density + self._cumulative(t)))

    def _shapes(self) -> tuple[Floats, Floats, Floats]:
        """``s1``, ``s2`` and the slope ``d / sigma`` of ``w`` on log time.

        The larger of ``s1`` and ``s2`` from ``s1 s2 = 2 / (d**2 P)``, as its formula cancels.
        """
        square = self.Q**2 + 2 * self.P
        d = np.sqrt(square)
        smaller = 2 / (square + np.abs(self.Q) * d)
        larger = 2 / (square * self.P * smaller)
        right = self.Q >= 0
        return (
            np.where(right, smaller, larger),
            np.where(right, larger, smaller),
            d / self.sigma,
        )


def _upper(q: Floats, w: Floats) -> Floats:
    a = q**-2.0
    with np.errstate(over="ignore"):
        return minus_log_upper(a, a * np.exp(q * w), np.log(a) + q * w)


def _lower(q: Floats, w: Floats) -> Floats:
    a = q**-2.0
    with np.errstate(over="ignore"):
        return minus_log_lower(a, a * np.exp(q * w), np.log(a) + q * w)


def _or_inverted(curve: Family, hazard: Floats, time: Floats) -> Floats:
    """Use ``time``, or a numerical search where it is NaN or survival is too small for it."""
    search = (hazard > DEEP_HAZARD) | np.isnan(time)
    return np.where(search, invert(curve, hazard), time) if search.any() else time
