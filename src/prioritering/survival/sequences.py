"""Curves that follow one another, move in time, or act together."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from prioritering.errors import CurveError, PrioriteringWarning
from prioritering.survival._inputs import (
    FINITE,
    NOT_NEGATIVE,
    SHARE,
    Floats,
    in_place,
    shown,
    widened,
)
from prioritering.survival._numeric import hazard_since
from prioritering.survival.curve import Curve
from prioritering.survival.tables import Tabulated


@dataclass(frozen=True, eq=False, repr=False)
class Switch(Curve):
    """``H`` up to ``at``, then ``H(at) + H_to(t) - H_to(at)``."""

    kind: ClassVar[str] = "a switch"
    curve: Curve
    to: Curve
    at: Floats = field(metadata=NOT_NEGATIVE)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_join(self.curve, self.at, self.kind)
        _refuse_extinct(self.to, self.at, "the curve to switch to", self.kind)

    def _cumulative(self, t: Floats) -> Floats:
        if self.at.size > 1 or t.shape[1] > 1:
            early = self.curve._cumulative(np.minimum(t, self.at))
            return in_place(np.add, early, hazard_since(self.to, self.at, t))
        before = t[:, 0] <= self.at
        early = self.curve._cumulative(np.concatenate([t[before], self.at[:, None]]))
        late = hazard_since(self.to, self.at, t[~before])
        out = np.empty((t.shape[0], max(early.shape[1], late.shape[1])))
        out[before] = early[:-1]
        out[~before] = early[-1] + late
        return out

    def _hazard(self, t: Floats) -> Floats:
        return np.where(t < self.at, self.curve._hazard(t), self.to._hazard(t))

    def _time_at(self, hazard: Floats) -> Floats:
        at = self.at[None, :]
        own, other = self.curve._cumulative(at), self.to._cumulative(at)
        early = self.curve._time_at(np.minimum(hazard, own))
        late = self.to._time_at(np.maximum(hazard - own, 0.0) + other)
        return np.where(hazard <= own, early, late)

    def _breaks(self) -> Floats:
        return np.concatenate([self.curve._breaks(), self.to._breaks(), self.at])

    def _describe(self) -> str:
        return f"{self.curve._describe()}, from year {shown(self.at)} {self.to._describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class Cure(Curve):
    """``H(min(t, at))``."""

    kind: ClassVar[str] = "a cure"
    curve: Curve
    at: Floats = field(metadata=NOT_NEGATIVE)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_join(self.curve, self.at, self.kind)

    def _cumulative(self, t: Floats) -> Floats:
        return self.curve._cumulative(np.minimum(t, self.at))

    def _survival(self, t: Floats) -> Floats:
        return self.curve._survival(np.minimum(t, self.at))

    def _hazard(self, t: Floats) -> Floats:
        return np.where(t < self.at, self.curve._hazard(t), 0.0)

    def _time_at(self, hazard: Floats) -> Floats:
        last = self.curve._cumulative(self.at[None, :])
        time = self.curve._time_at(np.minimum(hazard, last))
        return np.where(hazard <= last, time, np.inf)

    def _breaks(self) -> Floats:
        return np.concatenate([self.curve._breaks(), self.at])

    def _describe(self) -> str:
        return f"{self.curve._describe()}, cured from year {shown(self.at)}"


@dataclass(frozen=True, eq=False, repr=False)
class Shift(Curve):
    """``H(t - years) - H(-years)``, both taken as 0 before time 0."""

    kind: ClassVar[str] = "a shift in time"
    curve: Curve
    years: Floats = field(metadata=FINITE)

    def __post_init__(self) -> None:
        super().__post_init__()
        _refuse_extinct(self.curve, self._survived(), "the curve to condition on", self.kind)

    def _survived(self) -> Floats:
        return np.maximum(-self.years, 0.0)

    def _cumulative(self, t: Floats) -> Floats:
        return hazard_since(self.curve, self._survived(), t - self.years)

    def _hazard(self, t: Floats) -> Floats:
        inner = t - self.years
        return np.where(inner < 0, 0.0, self.curve._hazard(np.maximum(inner, 0.0)))

    def _time_at(self, hazard: Floats) -> Floats:
        gone = self.curve._cumulative(self._survived()[None, :])
        time = self.curve._time_at(hazard + gone) + self.years
        return np.where(hazard == 0, 0.0, time)

    def _breaks(self) -> Floats:
        inner = np.add.outer(self.curve._breaks(), self.years).reshape(-1)
        return np.concatenate([inner, self.years])

    def _describe(self) -> str:
        return f"{self.curve._describe()}, shifted by {shown(self.years)} years"


@dataclass(frozen=True, eq=False, repr=False)
class Mixture(Curve):
    """``H = -log(weight S + (1 - weight) S_other)``."""

    kind: ClassVar[str] = "a mixture"
    curve: Curve
    other: Curve
    weight: Floats = field(metadata=SHARE)

    def _cumulative(self, t: Floats) -> Floats:
        from prioritering.survival._kernels import mix_hazards

        own, other = self.curve._cumulative(t), self.other._cumulative(t)
        draws = max(own.shape[1], other.shape[1], self.weight.size)
        out = np.empty((own.shape[0], draws))
        weight = np.full(draws, self.weight)
        mix_hazards(widened(own, draws), widened(other, draws), weight, out)
        return out

    def _hazard(self, t: Floats) -> Floats:
        own, other = self.curve._cumulative(t), self.other._cumulative(t)
        least = np.minimum(np.minimum(own, other), np.finfo(float).max)
        a, b = self.weight * np.exp(least - own), (1 - self.weight) * np.exp(least - other)
        mean = a * self.curve._hazard(t) + b * self.other._hazard(t)
        return np.asarray(mean / (a + b))

    def _describe(self) -> str:
        groups = f"{self.curve._describe()} and {self.other._describe()}"
        return f"mixture of {groups}, weight {shown(self.weight)} on the first"


@dataclass(frozen=True, eq=False, repr=False)
class HazardSum(Curve):
    """``H + H_other``."""

    kind: ClassVar[str] = "a sum of hazards"
    curve: Curve
    other: Curve

    def _cumulative(self, t: Floats) -> Floats:
        return in_place(np.add, self.curve._cumulative(t), self.other._cumulative(t))

    def _hazard(self, t: Floats) -> Floats:
        return self.curve._hazard(t) + self.other._hazard(t)

    def _describe(self) -> str:
        return f"{self.curve._describe()}, plus the hazard of {self.other._describe()}"


def _check_join(curve: Curve, at: Floats, kind: str) -> None:
    """Refuse a join at years ``at`` (draws,) outside ``curve``; warn where it is already 0."""
    gone = np.isinf(_reached(curve, at, kind))
    if gone.any():
        d = int(np.argmax(gone))
        text = (
            f"survival is already 0 at {kind} in {int(gone.sum())} of {gone.size} draws and stays "
            f"0 (first: draw {d}, year {at[min(d, at.size - 1)]:g})"
        )
        warnings.warn(text, PrioriteringWarning, stacklevel=5)


def _refuse_extinct(curve: Curve, at: Floats, what: str, kind: str) -> None:
    """Raise where nobody is event-free on ``curve`` at the years ``at`` (draws,)."""
    gone = np.isinf(_reached(curve, at, kind))
    if gone.any():
        d = int(np.argmax(gone))
        raise CurveError(
            f"nobody left on {what}",
            expected="survival above 0 at that time",
            found=f"survival 0 at year {at[min(d, at.size - 1)]:g}",
            where={"draw": d},
        )


def _reached(curve: Curve, at: Floats, kind: str) -> Floats:
    """Cumulative hazard at the years ``at`` (draws,), shape (draws,)."""
    try:
        return np.asarray(curve._cumulative(at[None, :])[0])
    except CurveError:
        for d in range(max(at.size, curve.n_draws)):
            _refuse_beyond(curve, float(at[min(d, at.size - 1)]), d, kind)
        raise


def _refuse_beyond(curve: Curve, year: float, draw: int, kind: str) -> None:
    """Raise if one draw of ``curve`` does not reach ``year``."""
    own = curve if curve.n_draws == 1 else curve.chunk(draw, draw + 1)
    try:
        own._cumulative(np.array([[year]]))
    except CurveError as error:
        ends = "the curve does not reach so far"
        if isinstance(curve, Tabulated):
            ends = f"the table ends at year {curve.times[-1, 0]:g}"
        raise CurveError(
            f"{kind} at year {year:g}, but {ends}",
            expected=error.expected,
            found=error.found,
            where={"draw": draw},
            remedy="Choose an earlier year, or a curve that goes on.",
        ) from error
