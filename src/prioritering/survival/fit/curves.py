"""Curves that only fits give rise to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import CurveError
from prioritering.survival._evaluation import Evaluated
from prioritering.survival._inputs import SHARE, Floats, shown
from prioritering.survival.curve import Curve, Mortality
from prioritering.survival.fit.flexible import Scale, spline_basis


@dataclass(frozen=True, eq=False, repr=False)
class NonMixtureCure(Curve):
    """``S = cured**(1 - S_0)``: ``H = -log(cured) (1 - S_0)``."""

    kind: ClassVar[str] = "a non-mixture cure"
    curve: Curve
    cured: Floats = field(metadata=SHARE)

    def _cumulative(self, t: Floats) -> Floats:
        return np.asarray(self._most() * -np.expm1(-self.curve._cumulative(t)))

    def _hazard(self, t: Floats) -> Floats:
        return np.asarray(self._most() * self.curve._hazard(t) * self.curve._survival(t))

    def _time_at(self, hazard: Floats) -> Floats:
        share = hazard / self._most()
        with np.errstate(divide="ignore"):
            inner = -np.log1p(-np.minimum(share, 1.0))
        reached = np.isfinite(inner)
        time = self.curve._time_at(np.where(reached, inner, 0.0))
        return np.where(reached, time, np.inf)

    def _most(self) -> Floats:
        return np.asarray(-np.log(np.maximum(self.cured, 1e-300)))

    def _describe(self) -> str:
        return f"{shown(self.cured)} cured, the others by {self.curve._describe()} (non-mixture)"


@dataclass(frozen=True, eq=False, repr=False)
class FlattenedSpline(Curve):
    """Royston-Parmar curve whose hazard is 0 wherever its spline falls below its earlier peak.

    A spline that falls before its first knot has slope 1 in log time there instead.

    Attributes
    ----------
    gammas
        Shape (k, draws).
    knots
        Log times, shape (k, 1).
    peaks, heights
        Log times and values of the spline's local maxima, first at the first knot and then by
        interval, shape (k, draws); infinite and minus infinite where there is none.
    """

    kind: ClassVar[str] = "a flattened spline"
    gammas: Floats
    knots: Floats
    peaks: Floats
    heights: Floats
    scale: Scale

    def _cumulative(self, t: Floats) -> Floats:
        from scipy.special import log_ndtr

        highest = self._highest(_log(t))
        with np.errstate(over="ignore", under="ignore"):
            if self.scale == "hazard":
                return np.asarray(np.exp(highest))
            if self.scale == "odds":
                return np.asarray(np.logaddexp(0.0, highest))
            return np.asarray(-log_ndtr(-highest))

    def _hazard(self, t: Floats) -> Floats:
        x = _log(np.maximum(t, 1e-300))
        value, slope = self._spline(x)
        falling = (self._highest(x) > value) | (slope <= 0)
        with np.errstate(over="ignore", under="ignore"):
            rate = np.exp(self._log_rate(value) - x)
        return np.where(falling, 0.0, rate * slope)

    def _log_rate(self, value: Floats) -> Floats:
        """Log of the derivative of the cumulative hazard by the spline's value."""
        from scipy.special import log_expit, log_ndtr

        if self.scale == "hazard":
            return value
        if self.scale == "odds":
            return np.asarray(log_expit(value))
        return np.asarray(-0.5 * value**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(-value))

    def _spline(self, x: Floats) -> tuple[Floats, Floats]:
        """Value and slope of the spline at log times, corrected before the first knot."""
        early = (x < self.knots[0]) & (self.gammas[1] <= 0)
        columns, slopes = spline_basis(x, tuple(self.knots[:, 0]))
        with np.errstate(invalid="ignore"):
            value = self.gammas[0] + _dot(columns, self.gammas[1:])
            line = self.heights[0] + x - self.knots[0]
        return np.where(early, line, value), np.where(early, 1.0, _dot(slopes, self.gammas[1:]))

    def _highest(self, x: Floats) -> Floats:
        highest, _ = self._spline(x)
        for peak, height in zip(self.peaks, self.heights, strict=True):
            highest = np.where(x > peak, np.maximum(highest, height), highest)
        return highest

    def _breaks(self) -> Floats:
        return np.exp(self.peaks[np.isfinite(self.peaks)])

    def _describe(self) -> str:
        return f"spline ({self.scale} scale) with {len(self.knots) - 2} inner knots, flattened"


@dataclass(frozen=True, eq=False, repr=False)
class Average(Curve):
    """``S = sum_k w_k S_k`` over curves of covariate patterns, weights summing to 1."""

    kind: ClassVar[str] = "an average over patterns"
    curves: tuple[Curve, ...]
    weights: tuple[float, ...]

    def _cumulative(self, t: Floats) -> Floats:
        """``least - log(1 + sum_k w_k expm1(least - H_k))``, one pattern in memory at a time."""
        least, lost, seen = np.asarray(np.finfo(float).max), np.asarray(0.0), 0.0
        for weight, curve in zip(self.weights, self.curves, strict=True):
            hazard = curve._cumulative(t)
            now = np.minimum(least, hazard)
            fall = now - least
            lost = np.exp(fall) * lost + seen * np.expm1(fall) + weight * np.expm1(now - hazard)
            least, seen = now, seen + weight
        with np.errstate(divide="ignore"):
            return np.asarray(least - np.log1p(np.maximum(lost, -1.0)))

    def _hazard(self, t: Floats) -> Floats:
        """``sum_k w_k S_k h_k / sum_k w_k S_k``, one pattern in memory at a time."""
        least = np.asarray(np.finfo(float).max)
        dying, alive = np.asarray(0.0), np.asarray(0.0)
        for weight, curve in zip(self.weights, self.curves, strict=True):
            hazard = curve._cumulative(t)
            now = np.minimum(least, hazard)
            share = weight * np.exp(now - hazard)
            dying = np.exp(now - least) * dying + share * curve._hazard(t)
            alive = np.exp(now - least) * alive + share
            least = now
        return np.asarray(dying / alive)

    def _children(self) -> Iterator[Evaluated]:
        return iter(self.curves)

    def _draw_counts(self) -> Iterator[tuple[str, int]]:
        return ((f"pattern {i}", c.n_draws) for i, c in enumerate(self.curves))

    def chunk(self, start: int, stop: int) -> Self:
        """Return the same average for the draws ``start`` to ``stop - 1``."""
        return replace(self, curves=tuple(c.chunk(start, stop) for c in self.curves))

    def _describe(self) -> str:
        return f"average over {len(self.curves)} patterns, the first {self.curves[0]._describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class ChosenByDraw(Curve):
    """Every draw follows one of several curves.

    Attributes
    ----------
    curves
        Each has as many draws as follow it.
    names
        What the curves are called.
    choice
        Position of the curve that each draw follows, shape (draws,).
    """

    kind: ClassVar[str] = "a choice by draw"
    curves: tuple[Curve, ...]
    names: tuple[str, ...]
    choice: NDArray[np.intp]

    def _cumulative(self, t: Floats) -> Floats:
        return self._gathered("_cumulative", t)

    def _survival(self, t: Floats) -> Floats:
        return self._gathered("_survival", t)

    def _hazard(self, t: Floats) -> Floats:
        return self._gathered("_hazard", t)

    def _time_at(self, hazard: Floats) -> Floats:
        return self._gathered("_time_at", hazard)

    def _restricted_mean(self, horizon: float) -> Floats:
        out = np.empty(self.choice.size)
        for curve, own in self._parts():
            out[own] = curve._restricted_mean(horizon)
        return out

    def _gathered(self, method: str, t: Floats) -> Floats:
        out = np.empty((t.shape[0], self.choice.size))
        for curve, own in self._parts():
            out[:, own] = getattr(curve, method)(t if t.shape[1] == 1 else t[:, own])
        return out

    def _parts(self) -> Iterator[tuple[Curve, NDArray[np.intp]]]:
        for k, curve in enumerate(self.curves):
            own = np.flatnonzero(self.choice == k)
            if own.size:
                yield curve, own

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return self.choice.size

    def chunk(self, start: int, stop: int) -> Self:
        """Return the same choice for the draws ``start`` to ``stop - 1``."""
        if not 0 <= start < stop <= self.n_draws:
            raise CurveError(
                "draws outside the curve",
                expected=f"0 <= start < stop <= {self.n_draws}",
                found=f"start {start}, stop {stop}",
            )
        parts = []
        for k, curve in enumerate(self.curves):
            first, last = (int((self.choice[:end] == k).sum()) for end in (start, stop))
            parts.append(curve.chunk(first, last) if last > first else curve)
        return replace(self, curves=tuple(parts), choice=self.choice[start:stop])

    def _children(self) -> Iterator[Evaluated]:
        return iter(self.curves)

    def _draw_counts(self) -> Iterator[tuple[str, int]]:
        return iter([("choice", self.choice.size)])

    def _describe(self) -> str:
        counts = np.bincount(self.choice, minlength=len(self.names))
        parts = (f"{name} in {n}" for name, n in zip(self.names, counts, strict=True) if n)
        return f"one of several families by draw ({', '.join(parts)})"


def all_cause(curve: Curve, population: Mortality | None, *, relative: bool) -> Curve:
    """Survival of all causes: a relative-survival fit needs a population, any other has it."""
    if population is not None and relative:
        return curve.with_background_mortality_of(population)
    if population is None and not relative:
        return curve
    raise CurveError(
        "net survival is not of all causes"
        if relative
        else "a population for a fit that is of all causes",
        expected="a population with a relative-survival fit, and only with one",
        found="none" if relative else type(population).__name__,
        remedy="Give population=, its mortality from the patients' age on."
        if relative
        else "Leave it out: its deaths are in the fit.",
    )


def flattened_spline(gammas: Floats, knots: tuple[float, ...], scale: Scale) -> FlattenedSpline:
    """Make a spline curve non-falling by running maximum; ``gammas`` of shape (k, draws)."""
    k = np.array(knots)[:, None]
    first = np.where(gammas[1] <= 0, knots[0], np.inf)
    peaks = np.concatenate([first[None, :], _local_maxima(gammas, knots)])
    columns, _ = spline_basis(np.where(np.isfinite(peaks), peaks, 0.0), knots)
    values = gammas[0] + _dot(columns, gammas[1:])
    heights = np.where(np.isfinite(peaks), values, -np.inf)
    return FlattenedSpline(gammas, k, peaks, heights, scale)


def count_falling(gammas: Floats, knots: tuple[float, ...]) -> int:
    """Count draws in which a spline falls somewhere; ``gammas`` of shape (k, draws)."""
    falls = np.isfinite(_local_maxima(gammas, knots)).any(axis=0) | (gammas[1] <= 0)
    return int(falls.sum())


def _local_maxima(gammas: Floats, knots: tuple[float, ...]) -> Floats:
    """Log time at which the slope turns from rise to fall in each interval, else infinity.

    Between knots the slope is ``start + tilt u + bend u**2`` with ``u`` from 0 to 1.
    """
    k = np.array(knots)[:, None]
    ends = (k[:-1], 0.5 * (k[:-1] + k[1:]), k[1:])
    start, middle, end = (_slopes(x, gammas, knots) for x in ends)
    bend = 2 * (start - 2 * middle + end)
    tilt = end - start - bend
    inside = tilt**2 - 4 * bend * start
    root = np.sqrt(np.maximum(inside, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(tilt <= 0, 2 * start / (root - tilt), (-tilt - root) / (2 * bend))
    good = (inside > 0) & (u >= 0) & (u <= 1)
    return np.where(good, k[:-1] + np.where(good, u, 0.0) * np.diff(k, axis=0), np.inf)


def _slopes(x: Floats, gammas: Floats, knots: tuple[float, ...]) -> Floats:
    _, columns = spline_basis(x, knots)
    return _dot(columns, gammas[1:])


def _dot(columns: list[Floats], coefficients: Floats) -> Floats:
    return np.asarray(sum(c * g for c, g in zip(columns, coefficients, strict=True)))


def _log(t: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(t))
