"""The mortality of a population under a curve: as a floor, or on top of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from prioritering.errors import CurveError
from prioritering.survival._inputs import Floats, floats, widened
from prioritering.survival._numeric import each_draw
from prioritering.survival.curve import Curve, Mortality


@dataclass(frozen=True, eq=False, repr=False)
class PopulationCurve(Curve):
    """A curve around anything that has ``cumulative_hazard(times)``."""

    kind: ClassVar[str] = "a population's mortality"
    population: Mortality

    def __post_init__(self) -> None:
        if not hasattr(self.population, "cumulative_hazard"):
            raise CurveError(
                "a population has no mortality",
                expected="a life table, or an object with cumulative_hazard(times)",
                found=type(self.population).__name__,
            )
        super().__post_init__()

    def _cumulative(self, t: Floats) -> Floats:
        if isinstance(self.population, Curve):
            return self.population._cumulative(t)
        if t.shape[1] > 1 and self.n_draws > 1:
            return each_draw(self, t)
        years, place = np.unique(t, return_inverse=True)
        hazard = self._checked(years)
        return hazard[place[:, 0]] if t.shape[1] == 1 else hazard[place, 0]

    def _checked(self, years: Floats) -> Floats:
        hazard = floats("population's cumulative hazard", self.population.cumulative_hazard(years))
        hazard = hazard[:, None] if hazard.ndim == 1 else hazard
        if hazard.shape != (years.size, self.n_draws):
            raise CurveError(
                "a population's cumulative hazard has the wrong shape",
                expected=f"({years.size},) or ({years.size}, {self.n_draws})",
                found=hazard.shape,
            )
        with np.errstate(invalid="ignore"):
            falls = np.diff(hazard, axis=0) < 0
        if np.isnan(hazard).any() or (hazard < 0).any() or falls.any():
            raise CurveError(
                "a population's cumulative hazard is impossible",
                expected="numbers of 0 or more that never fall over time",
                found="NaN, a negative number or a fall",
            )
        return hazard

    def _hazard(self, t: Floats) -> Floats:
        if isinstance(self.population, Curve):
            return self.population._hazard(t)
        return super()._hazard(t)

    def _breaks(self) -> Floats:
        """Whole years, where the hazard of a life table most likely changes."""
        return np.arange(121.0) if not isinstance(self.population, Curve) else super()._breaks()

    def _describe(self) -> str:
        if isinstance(self.population, Curve):
            return self.population._describe()
        return type(self.population).__name__


@dataclass(frozen=True, eq=False, repr=False)
class MortalityFloor(Curve):
    """``H`` grows over each interval by the larger of two increments."""

    kind: ClassVar[str] = "a mortality floor"
    curve: Curve
    population: PopulationCurve

    @property
    def needs_grid(self) -> bool:
        """Whether the value at a time depends on the other times: it does."""
        return True

    def _cumulative(self, t: Floats) -> Floats:
        if t.shape[1] > 1:
            return each_draw(self, t)
        if (np.diff(t[:, 0]) < 0).any():
            raise CurveError(
                "times of a mortality floor out of order",
                expected="times that never fall, since the floor is applied interval by interval",
                found=f"a fall after position {int(np.argmax(np.diff(t[:, 0]) < 0))}",
                remedy="Sort the times.",
            )
        from prioritering.survival._kernels import raise_to_floor

        own, least = self.curve._cumulative(t), self.population._cumulative(t)
        draws = max(own.shape[1], least.shape[1])
        out = np.empty((t.shape[0], draws))
        raise_to_floor(widened(own, draws), least, out)
        return out

    def _hazard(self, t: Floats) -> Floats:
        return np.maximum(self.curve._hazard(t), self.population._hazard(t))

    def _describe(self) -> str:
        return f"{self.curve._describe()}, at least the mortality of {self.population._describe()}"
