"""Families with closed forms: exponential, Weibull, Gompertz, log-logistic, log-normal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from prioritering.survival._inputs import FINITE, NOT_NEGATIVE, POSITIVE, Floats, floats
from prioritering.survival._predictor import filled
from prioritering.survival.curve import Family


def exponential(*, rate: ArrayLike) -> Family:
    """Constant hazard: ``S(t) = exp(-rate t)``.

    Parameters
    ----------
    rate
        Events per year, 0 or more (0: the event never happens).

    Examples
    --------
    >>> exponential(rate=0.1).survival([0, 10]).round(4)
    array([[1.    ],
           [0.3679]])
    """
    return Exponential(floats("rate", rate))


def weibull(*, shape: ArrayLike, scale: ArrayLike) -> Family:
    """Weibull curve in its accelerated-failure-time form: ``S(t) = exp(-(t / scale)**shape)``.

    Parameters
    ----------
    shape
        Above 0; the hazard rises if above 1.
    scale
        Years by which 63 % have had the event, above 0.

    Raises
    ------
    CurveError
        A parameter outside its range, or numbers of draws that differ.

    Examples
    --------
    >>> weibull(shape=1.2, scale=2).survival([2]).round(6)
    array([[0.367879]])
    """
    return Weibull(floats("shape", shape), floats("scale", scale))


def weibull_ph(*, shape: ArrayLike, scale: ArrayLike) -> Family:
    """Weibull curve in its proportional-hazards form: ``S(t) = exp(-scale * t**shape)``."""
    return WeibullPH(floats("shape", shape), floats("scale", scale))


def gompertz(*, shape: ArrayLike, rate: ArrayLike) -> Family:
    """Gompertz curve: hazard ``rate * exp(shape t)``.

    Parameters
    ----------
    shape
        Change of the log hazard per year. Negative: a share ``exp(rate / shape)`` never has the
        event. Zero: exponential.
    rate
        Hazard at time 0, above 0.
    """
    return Gompertz(floats("shape", shape), floats("rate", rate))


def loglogistic(*, shape: ArrayLike, scale: ArrayLike) -> Family:
    """Log-logistic curve: ``S(t) = 1 / (1 + (t / scale)**shape)``; ``scale`` is the median."""
    return LogLogistic(floats("shape", shape), floats("scale", scale))


def lognormal(*, meanlog: ArrayLike, sdlog: ArrayLike) -> Family:
    """Log-normal curve: ``S(t) = Phi((meanlog - log t) / sdlog)``."""
    return LogNormal(floats("meanlog", meanlog), floats("sdlog", sdlog))


def log(t: Floats) -> Floats:
    """Natural logarithm, minus infinity at 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(t))


@dataclass(frozen=True, eq=False, repr=False)
class Exponential(Family):
    """``H = rate t``."""

    kind: ClassVar[str] = "exponential"
    rate: Floats = field(metadata=NOT_NEGATIVE)

    def _stretched(self, factor: Floats) -> Exponential:
        return Exponential(self.rate / factor)

    def _cumulative(self, t: Floats) -> Floats:
        return np.multiply(t, self.rate)

    def _hazard(self, t: Floats) -> Floats:
        return self.rate + np.zeros(t.shape)

    def _time_at(self, hazard: Floats) -> Floats:
        return np.where(hazard > 0, hazard / self.rate, 0.0)

    def _restricted_mean(self, horizon: float) -> Floats:
        with np.errstate(invalid="ignore"):
            mean = -np.expm1(-self.rate * horizon) / self.rate
        return np.where(self.rate > 0, mean, horizon)


@dataclass(frozen=True, eq=False, repr=False)
class Weibull(Family):
    """``H = exp(shape log t - shape log scale)``."""

    kind: ClassVar[str] = "Weibull"
    shape: Floats = field(metadata=POSITIVE)
    scale: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> Weibull:
        return Weibull(self.shape, self.scale * factor)

    def _cumulative(self, t: Floats) -> Floats:
        return self._filled(t, survival=False)

    def _survival(self, t: Floats) -> Floats:
        return self._filled(t, survival=True)

    def _filled(self, t: Floats, *, survival: bool) -> Floats:
        from prioritering.survival._kernels import fill_exp

        intercept = -self.shape * np.log(self.scale)
        return filled(fill_exp, (ones(t), log(t)), (intercept, self.shape), survival=survival)

    def _hazard(self, t: Floats) -> Floats:
        return self.shape / self.scale * (t / self.scale) ** (self.shape - 1)

    def _time_at(self, hazard: Floats) -> Floats:
        return np.asarray(self.scale * hazard ** (1 / self.shape))

    def _restricted_mean(self, horizon: float) -> Floats:
        from scipy.special import gamma, gammainc

        power, reached = 1 / self.shape, (horizon / self.scale) ** self.shape
        return np.asarray(self.scale * gamma(1 + power) * gammainc(power, reached))


@dataclass(frozen=True, eq=False, repr=False)
class WeibullPH(Family):
    """``H = scale exp(shape log t)``."""

    kind: ClassVar[str] = "Weibull, proportional hazards"
    shape: Floats = field(metadata=POSITIVE)
    scale: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> WeibullPH:
        return WeibullPH(self.shape, self.scale * factor**-self.shape)

    def _cumulative(self, t: Floats) -> Floats:
        return self._filled(t, survival=False)

    def _survival(self, t: Floats) -> Floats:
        return self._filled(t, survival=True)

    def _filled(self, t: Floats, *, survival: bool) -> Floats:
        from prioritering.survival._kernels import fill_exp

        return filled(fill_exp, (log(t),), (self.shape,), scale=self.scale, survival=survival)

    def _hazard(self, t: Floats) -> Floats:
        return self.scale * self.shape * t ** (self.shape - 1)

    def _time_at(self, hazard: Floats) -> Floats:
        return np.asarray((hazard / self.scale) ** (1 / self.shape))

    def _restricted_mean(self, horizon: float) -> Floats:
        return Weibull(self.shape, self.scale ** (-1 / self.shape))._restricted_mean(horizon)


@dataclass(frozen=True, eq=False, repr=False)
class Gompertz(Family):
    """``H = rate * expm1(shape t) / shape``, a shape of 0 being taken as the limit 1e-100."""

    kind: ClassVar[str] = "Gompertz"
    shape: Floats = field(metadata=FINITE)
    rate: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> Gompertz:
        return Gompertz(self.shape / factor, self.rate / factor)

    def _cumulative(self, t: Floats) -> Floats:
        return self._filled(t, survival=False)

    def _survival(self, t: Floats) -> Floats:
        return self._filled(t, survival=True)

    def _filled(self, t: Floats, *, survival: bool) -> Floats:
        from prioritering.survival._kernels import fill_expm1

        slope = self._slope()
        return filled(fill_expm1, (t,), (slope,), scale=self.rate / slope, survival=survival)

    def _hazard(self, t: Floats) -> Floats:
        return np.asarray(self.rate * np.exp(self.shape * t))

    def _time_at(self, hazard: Floats) -> Floats:
        slope = self._slope()
        time = np.log1p(slope / self.rate * hazard) / slope
        return np.where(slope * hazard <= -self.rate, np.inf, time)

    def _slope(self) -> Floats:
        return np.where(np.abs(self.shape) < 1e-100, 1e-100, self.shape)


@dataclass(frozen=True, eq=False, repr=False)
class LogLogistic(Family):
    """``H = log(1 + exp(shape (log t - log scale)))``."""

    kind: ClassVar[str] = "log-logistic"
    shape: Floats = field(metadata=POSITIVE)
    scale: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> LogLogistic:
        return LogLogistic(self.shape, self.scale * factor)

    def _cumulative(self, t: Floats) -> Floats:
        return self._filled(t, survival=False)

    def _survival(self, t: Floats) -> Floats:
        return self._filled(t, survival=True)

    def _filled(self, t: Floats, *, survival: bool) -> Floats:
        from prioritering.survival._kernels import fill_softplus

        intercept = -self.shape * np.log(self.scale)
        return filled(fill_softplus, (ones(t), log(t)), (intercept, self.shape), survival=survival)

    def _hazard(self, t: Floats) -> Floats:
        ratio = t / self.scale
        return np.asarray(self.shape / self.scale / (ratio ** (1 - self.shape) + ratio))

    def _time_at(self, hazard: Floats) -> Floats:
        log_odds = hazard + np.log(-np.expm1(-hazard))
        return np.asarray(self.scale * np.exp(log_odds / self.shape))


@dataclass(frozen=True, eq=False, repr=False)
class LogNormal(Family):
    """``H = -log Phi(-(log t - meanlog) / sdlog)``."""

    kind: ClassVar[str] = "log-normal"
    meanlog: Floats = field(metadata=FINITE)
    sdlog: Floats = field(metadata=POSITIVE)

    def _stretched(self, factor: Floats) -> LogNormal:
        return LogNormal(self.meanlog + np.log(factor), self.sdlog)

    def _cumulative(self, t: Floats) -> Floats:
        return self._filled(t, survival=False)

    def _survival(self, t: Floats) -> Floats:
        return self._filled(t, survival=True)

    def _filled(self, t: Floats, *, survival: bool) -> Floats:
        from prioritering.survival._kernels import fill_normal

        coefficients = (-self.meanlog / self.sdlog, 1 / self.sdlog)
        return filled(fill_normal, (ones(t), log(t)), coefficients, survival=survival)

    def _hazard(self, t: Floats) -> Floats:
        z = (log(t) - self.meanlog) / self.sdlog
        log_density = -0.5 * z * z - np.log(np.sqrt(2 * np.pi) * self.sdlog * t)
        return np.where(t > 0, np.exp(log_density + self._cumulative(t)), 0.0)

    def _time_at(self, hazard: Floats) -> Floats:
        from scipy.special import ndtri_exp

        return np.asarray(np.exp(self.meanlog - self.sdlog * ndtri_exp(-hazard)))

    def _restricted_mean(self, horizon: float) -> Floats:
        from scipy.special import ndtr

        z = (np.log(horizon) - self.meanlog) / self.sdlog
        whole = np.exp(self.meanlog + 0.5 * self.sdlog**2)
        return np.asarray(whole * ndtr(z - self.sdlog) + horizon * ndtr(-z))


def ones(t: Floats) -> Floats:
    """Intercept column for times of shape (times, 1) or (times, draws)."""
    return np.ones((t.shape[0], 1))
