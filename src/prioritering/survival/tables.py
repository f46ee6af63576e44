"""A curve given as a table: Kaplan-Meier estimates, digitised figures, other programs' output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import CurveError
from prioritering.survival._inputs import Floats, floats, in_place, picked
from prioritering.survival.curve import Family

Interpolation = Literal["log-linear", "linear", "step"]
ROUNDING = 1e-14  # of a cumulative hazard that has been through exp and log
_HOW = ("log-linear", "linear", "step")


def tabulated(
    times: ArrayLike, *, survival: ArrayLike, interpolation: Interpolation = "log-linear"
) -> Family:
    """Curve read from a table.

    Parameters
    ----------
    times
        Years, rising from 0, shape (times,).
    survival
        Survival at those times, shape (times,) or (times, draws): 1 at time 0, between 0 and 1,
        never rising.
    interpolation
        Between the times: ``"log-linear"`` (constant hazard), ``"linear"`` (constant density) or
        ``"step"`` (constant survival, right-continuous, as Kaplan-Meier).

    Raises
    ------
    CurveError
        A table that is not a survival curve; and, when asked beyond the last time.

    Examples
    --------
    >>> tabulated([0, 1, 3], survival=[1, 0.8, 0.2]).survival([2]).round(6)
    array([[0.4]])
    """
    years, values = floats("times", times), floats("survival", survival)
    values = values[:, None] if values.ndim == 1 else values
    if interpolation not in _HOW:
        raise CurveError("unknown interpolation", expected=_HOW, found=repr(interpolation))
    _check_times(years)
    _check_survival(years, values, interpolation)
    return Tabulated(years[:, None], values, interpolation)


@dataclass(frozen=True, eq=False, repr=False)
class Tabulated(Family):
    """Survival between the rows of a table."""

    kind: ClassVar[str] = "table"
    times: Floats  # shape (k, 1)
    survivors: Floats  # shape (k, draws)
    interpolation: Interpolation

    @property
    def has_hazard(self) -> bool:
        """Whether there is a hazard at every time; not so for steps."""
        return self.interpolation != "step"

    def _cumulative(self, t: Floats) -> Floats:
        index, share = self._place(t)
        if self.interpolation == "step":
            last = len(self.times) - 1
            return picked(self._hazards(), np.where(share >= 1, np.minimum(index + 1, last), index))
        table = self.survivors if self.interpolation == "linear" else self._hazards()
        start, value = picked(table, index), picked(table, index + 1)
        value -= start
        value = in_place(np.multiply, value, share)
        value += start
        return _minus_log(value) if self.interpolation == "linear" else value

    def _hazard(self, t: Floats) -> Floats:
        index, _ = self._place(t)
        slopes = np.diff(self.times, axis=0)
        if self.interpolation == "linear":
            density = picked(-np.diff(self.survivors, axis=0) / slopes, index)
            return np.asarray(density / self._survival(t))
        return picked(np.diff(self._hazards(), axis=0) / slopes, index)

    def _time_at(self, hazard: Floats) -> Floats:
        draws = self.survivors.shape[1]
        goal = np.broadcast_to(hazard, np.broadcast_shapes(hazard.shape, (1, draws)))
        out = np.empty(goal.shape)
        for d in range(goal.shape[1]):
            out[:, d] = self._times_of(goal[:, d], self.survivors[:, min(d, draws - 1)], d)
        return out

    def _times_of(self, hazard: Floats, survivors: Floats, draw: int) -> Floats:
        """First times at which one draw's cumulative hazard has come up to ``hazard``."""
        level, goal = _minus_log(survivors), hazard
        nearly = goal * (1 - ROUNDING)
        if nearly.max() > level[-1]:
            raise CurveError(
                "a table ends before the survival asked for",
                expected=f"survival of {survivors[-1]:g} or more",
                found=f"{np.exp(-goal.max()):g}",
                where={"draw": draw},
                remedy="Continue the table with .switch(at=its last time, to=another curve).",
            )
        stop = np.searchsorted(level, nearly, side="left")
        years, start = self.times[:, 0], np.maximum(stop - 1, 0)
        if self.interpolation == "step":
            return years[stop]
        if self.interpolation == "linear":
            level, goal = 1 - survivors, -np.expm1(-goal)
        rise = np.where(stop > start, level[stop] - level[start], 1.0)
        return np.asarray(
            years[start] + (goal - level[start]) / rise * (years[stop] - years[start])
        )

    def _breaks(self) -> Floats:
        return self.times[:, 0]

    def _hazards(self) -> Floats:
        return _minus_log(self.survivors)

    def _place(self, t: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Interval of each time, and the share of it that has passed."""
        years = self.times[:, 0]
        if t.max() > years[-1]:
            raise CurveError(
                "a table does not reach so far",
                expected=f"times up to {years[-1]:g} years",
                found=f"{t.max():g}",
                remedy="Continue the table with .switch(at=its last time, to=another curve).",
            )
        index = np.clip(np.searchsorted(years, t, side="right") - 1, 0, years.size - 2)
        return index, (t - years[index]) / (years[index + 1] - years[index])

    def _describe(self) -> str:
        return (
            f"table of {len(self.times)} times to year {self.times[-1, 0]:g}, {self.interpolation}"
        )


def _minus_log(survival: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.where(survival == 1, 0.0, -np.log(survival))


def _check_times(years: Floats) -> None:
    if years.ndim != 1 or years.size < 2 or years[0] != 0 or not (np.diff(years) > 0).all():
        raise CurveError(
            "times of a table out of order",
            expected="two or more years that rise from 0",
            found=f"shape {years.shape}, first values {years.reshape(-1)[:4].tolist()}",
        )
    if not np.isfinite(years[-1]):
        raise CurveError("times of a table not finite", expected="finite years", found=years[-1])


def _check_survival(years: Floats, values: Floats, interpolation: Interpolation) -> None:
    if values.ndim != 2 or values.shape[0] != years.size or values.shape[1] == 0:
        raise CurveError(
            "survival of a table has the wrong shape",
            expected=f"({years.size},) or ({years.size}, draws)",
            found=f"shape {values.shape}",
        )
    rises = np.diff(values, axis=0, prepend=np.ones((1, values.shape[1])))
    _refuse(~((values >= 0) & (values <= 1)), years, values, "between 0 and 1")
    _refuse((years[:, None] == 0) & (values != 1), years, values, "1 at time 0")
    _refuse(rises > 0, years, values, "never rising")
    if interpolation == "log-linear":
        _refuse(values == 0, years, values, "above 0 for log-linear interpolation")


def _refuse(wrong: NDArray[np.bool_], years: Floats, values: Floats, expected: str) -> None:
    if wrong.any():
        row, draw = (int(i) for i in np.argwhere(wrong)[0])
        raise CurveError(
            "a table is not a survival curve",
            expected=f"survival {expected}",
            found=f"{values[row, draw]:g}",
            where={"year": f"{years[row]:g}", "draw": draw},
            remedy="Use interpolation 'step' or 'linear'." if "log-linear" in expected else None,
        )
