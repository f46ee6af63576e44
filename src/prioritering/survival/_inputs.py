"""Checks at the border: what a user gives becomes float64 arrays, or an error that says why."""

from __future__ import annotations

from dataclasses import Field, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import CurveError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """The numbers a parameter may take."""

    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Tell which values are finite and within the bounds."""
        ok = np.isfinite(values)
        if self.above is not None:
            ok &= values > self.above
        if self.at_least is not None:
            ok &= values >= self.at_least
        if self.at_most is not None:
            ok &= values <= self.at_most
        return ok

    def __str__(self) -> str:
        if self.at_least is not None and self.at_most is not None:
            return f"a number from {self.at_least:g} to {self.at_most:g}"
        if self.above is not None:
            return f"a finite number above {self.above:g}"
        if self.at_least is not None:
            return f"a finite number of {self.at_least:g} or more"
        return "a finite number"


# Metadata of a curve's dataclass field that holds one number, or one per draw.
FINITE = {"bounds": Bounds()}
POSITIVE = {"bounds": Bounds(above=0)}
NOT_NEGATIVE = {"bounds": Bounds(at_least=0)}
SHARE = {"bounds": Bounds(at_least=0, at_most=1)}


def bounds_of(item: Field[Any]) -> Bounds | None:
    """Return the bounds in a dataclass field's metadata, or None."""
    found: Bounds | None = item.metadata.get("bounds")
    return found


def per_draw(value: ArrayLike, *, name: str, curve: str, bounds: Bounds) -> Floats:
    """Read a parameter as a read-only array of shape (1,) or (draws,).

    Raises
    ------
    CurveError
        Not numbers, more than one axis, no values, or a value outside ``bounds``.
    """
    array = floats(name, value)
    if array.ndim > 1 or array.size == 0:
        raise CurveError(
            f"{name} of {curve} has the wrong shape",
            expected="one number, or an array of shape (draws,)",
            found=f"shape {array.shape}",
            where={"parameter": name},
        )
    array = array.reshape(-1)
    refuse_outside(array, bounds, name=name, curve=curve)
    array.flags.writeable = False
    return array


def refuse_outside(array: Floats, bounds: Bounds, *, name: str, curve: str) -> None:
    """Raise for the first value (last axis: draws) that is outside its bounds."""
    wrong = ~bounds.holds(array)
    if not wrong.any():
        return
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    raise CurveError(
        f"{name} of {curve} is outside its range",
        expected=str(bounds),
        found=f"{array[place]:g} ({int(wrong.sum())} of {array.size} values)",
        where={"parameter": name, "draw": place[-1]},
    )


def floats(name: str, value: ArrayLike) -> Floats:
    """Copy to a float64 array, refusing what is not made of numbers."""
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise CurveError(
            f"{name} is not numeric",
            expected="one number, or an array of numbers",
            found=f"{value!r:.80}",
            where={"parameter": name},
        ) from None


def shown(values: Floats) -> str:
    """Text of a parameter: one number as it is, draws as their mean."""
    text = f"{float(np.mean(values)):.4g}"
    return text if values.size == 1 else f"mean {text}"


def in_place(operation: np.ufunc, array: Floats, operand: Floats) -> Floats:
    """Apply ``operation(array, operand)`` into ``array``, or into a new one if that is wider."""
    fits = array.shape[-1] >= operand.shape[-1]
    result: Floats = operation(array, operand, out=array if fits else None)
    return result


def widened(array: Floats, draws: int) -> Floats:
    """Give an array of shape (times, 1) a column per draw, unless it has them already."""
    if array.shape[1] >= draws:
        return array
    return np.array(np.broadcast_to(array, (array.shape[0], draws)))


def picked(table: Floats, index: NDArray[np.intp]) -> Floats:
    """Pick rows of a table (k, draws) at an index (times, 1), or its elements at (times, draws)."""
    if index.shape[1] == 1:
        return np.take(table, index[:, 0], axis=0)
    columns = np.broadcast_to(table, (table.shape[0], index.shape[1]))
    return np.take_along_axis(columns, index, axis=0)


def as_times(times: ArrayLike) -> Floats:
    """Read times in years as a fresh column of shape (times, 1).

    Raises
    ------
    CurveError
        More than one axis, a negative time, NaN or an infinite time.
    """
    array = np.atleast_1d(floats("times", times))
    if array.ndim != 1 or array.size == 0:
        raise CurveError(
            "times have the wrong shape",
            expected="years in an array of shape (times,)",
            found=f"shape {array.shape}",
        )
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise CurveError(
            "a time is outside its range",
            expected="finite years of 0 or more",
            found=f"{array[first]:g}",
            where={"position": first},
        )
    return array[:, None]
