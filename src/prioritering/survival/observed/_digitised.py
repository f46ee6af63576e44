"""Reading a digitised figure: its points and its numbers at risk, checked and put in order."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import DataError, PrioriteringWarning
from prioritering.survival._inputs import Floats
from prioritering.survival.observed import _checks as check

LARGEST_RISE = 0.05
"""A rise above this over more than ``AT_ONCE`` is not a reading error."""
AT_ONCE = 0.01
"""Points within this share of the time axis may be of one vertical line."""
ABOVE_ONE = 0.02
"""Survival may be read as this much above 1, or below 0."""
BEFORE_ZERO = 0.01
"""Time may be read as below 0 by this share of the time axis."""
START = 0.95
"""Lowest survival that may be read at time 0."""
PER_CENT = 1.5
"""Survival above this must be in per cent."""


class Points(NamedTuple):
    """Points of a curve, the first (0, 1), in the unit given.

    ``times`` rise and ``survival`` never does. ``read`` are the points as they were read, in the
    same order, less those at time 0, with arrays ``(times, survival)``.
    """

    times: Floats
    survival: Floats
    read: tuple[Floats, Floats]
    notes: tuple[str, ...]


class RiskTable(NamedTuple):
    """Times with a number at risk, the first 0, and those numbers."""

    times: tuple[float, ...]
    numbers: tuple[int, ...]
    notes: tuple[str, ...]


def read_points(times: ArrayLike, survival: ArrayLike) -> Points:
    """Check points, sort them, and make them a survival curve.

    Changes of what was read are counted in one warning; what changes nothing is a note.
    """
    t, s = check.numbers(times, "times"), check.numbers(survival, "survival")
    check.same_length({"times": t.size, "survival": s.size})
    changes: list[str] = []
    t = _from_zero(t, changes)
    s = _within_bounds(s, changes)
    t, s, notes = _in_order(t, s, changes)
    read = (t[t > 0], s[t > 0])
    t, s = _start_at_one(t, s, changes, notes)
    s = _never_rising(t, s, changes)
    if changes:
        text = f"digitised points were changed: {'; '.join(changes)}"
        warnings.warn(text, PrioriteringWarning, stacklevel=4)
    return Points(t, s, read, (*changes, *notes))


def read_risk_table(
    risk_times: ArrayLike, numbers_at_risk: Sequence[float | None] | ArrayLike
) -> RiskTable:
    """Check numbers at risk; all but the first may be missing (``None`` or NaN)."""
    times = check.numbers(np.atleast_1d(np.asarray(risk_times)), "risk_times")
    given = np.atleast_1d(np.asarray(numbers_at_risk, dtype=object))
    check.same_length({"risk_times": times.size, "numbers_at_risk": given.size})
    _refuse_times(times)
    known = np.array([not check.missing(v) for v in given])
    if not known[0]:
        raise DataError(
            "the number at risk at time 0 is missing",
            expected="at least the number of patients at the start",
            found="none",
            remedy="It is usually printed with the figure or in the text.",
        )
    numbers = check.numbers(given[known], "numbers_at_risk")
    _refuse_numbers(numbers, np.flatnonzero(known))
    left_out = int((~known).sum())
    notes = (f"{left_out} numbers at risk missing",) if left_out else ()
    return RiskTable(tuple(times[known].tolist()), tuple(int(n) for n in numbers), notes)


def _from_zero(t: Floats, changes: list[str]) -> Floats:
    early = t < 0
    if not early.any():
        return t
    reach = BEFORE_ZERO * float(t.max())
    check.refuse_rows(t < -reach, t, "times", "is negative", "times of 0 or more")
    changes.append(f"{int(early.sum())} times just below 0 set to 0")
    return np.maximum(t, 0.0)


def _within_bounds(s: Floats, changes: list[str]) -> Floats:
    if s.max() > PER_CENT:
        raise DataError(
            "survival looks like per cent",
            expected="shares from 0 to 1",
            found=f"values up to {s.max():g}",
            where={"column": "survival", "row": int(np.argmax(s))},
            remedy="Divide survival by 100.",
        )
    outside = (s > 1 + ABOVE_ONE) | (s < -ABOVE_ONE)
    check.refuse_rows(outside, s, "survival", "is not a share", "values from 0 to 1")
    beyond = int(((s > 1) | (s < 0)).sum())
    if beyond:
        changes.append(f"{beyond} values just outside 0 to 1 set to the bound")
    return np.clip(s, 0.0, 1.0)


def _in_order(t: Floats, s: Floats, changes: list[str]) -> tuple[Floats, Floats, list[str]]:
    """Sort by time, or keep the order of reading down a vertical line that was read unsteadily.

    Of points at one time the lowest is the value there.
    """
    notes = []
    unsorted = int((np.diff(t) < 0).sum())
    steady = np.maximum.accumulate(t)
    moved = steady - t
    order = np.lexsort((-s, t))
    if unsorted and moved.max() <= AT_ONCE * t.max() and _rise(s) < _rise(s[order]):
        changes.append(f"{int((moved > 0).sum())} times moved forward to the order of reading")
        t, order = steady, np.lexsort((-s, steady))
    elif unsorted:
        notes.append(f"points sorted by time ({unsorted} were out of order)")
    t, s = t[order], s[order]
    lowest = np.append(np.diff(t) > 0, True)
    if not lowest.all():
        text = f"{int((~lowest).sum())} points above another at the same time left out"
        notes.append(text)
    return t[lowest], s[lowest], notes


def _rise(s: Floats) -> float:
    return float(np.maximum(np.diff(s), 0.0).sum())


def _start_at_one(
    t: Floats, s: Floats, changes: list[str], notes: list[str]
) -> tuple[Floats, Floats]:
    later = t > 0
    if later.all():
        notes.append("point (0, 1) added")
    elif s[0] < START:
        raise DataError(
            "the curve does not start at 1",
            expected=f"survival of 1 at time 0, or at least {START:g} as read",
            found=f"{s[0]:g}",
            remedy="If it is the share with the event, give 1 minus it.",
        )
    elif s[0] < 1:
        changes.append(f"survival at time 0 set from {s[0]:g} to 1")
    if not later.any():
        raise DataError("a curve of one time", expected="points after time 0", found="none")
    return np.append(0.0, t[later]), np.append(1.0, s[later])


def _never_rising(t: Floats, s: Floats, changes: list[str]) -> Floats:
    """Nearest never-rising values in least squares."""
    _refuse_rise(t, s)
    rises = int((np.diff(s) > 0).sum())
    if not rises:
        return s
    from scipy.optimize import isotonic_regression

    level = np.asarray(isotonic_regression(s, increasing=False).x)
    largest = float(np.abs(level - s).max())
    changes.append(f"{rises} rises levelled out (largest change {largest:.4f})")
    return level


def _refuse_rise(t: Floats, s: Floats) -> None:
    """Refuse a rise above the lowest survival clearly before it."""
    before = np.searchsorted(t, t - AT_ONCE * t[-1], side="left")
    lowest = np.append(1.0, np.minimum.accumulate(s))[before]
    row = int(np.argmax(s - lowest))
    if s[row] - lowest[row] > LARGEST_RISE:
        raise DataError(
            "the curve rises",
            expected=f"survival that never rises, or by at most {LARGEST_RISE:g} in reading",
            found=f"from {lowest[row]:g} to {s[row]:g}",
            where={"time": f"{t[row]:g}"},
            remedy="See that all points are of one curve, and of survival, not of events.",
        )


def _refuse_times(times: Floats) -> None:
    if times[0] != 0:
        raise DataError(
            "numbers at risk do not start at time 0",
            expected="the first of risk_times 0",
            found=f"{times[0]:g}",
        )
    check.refuse_rows(
        np.append(False, np.diff(times) <= 0), times, "risk_times", "does not rise", "rising times"
    )


def _refuse_numbers(numbers: Floats, places: NDArray[np.intp]) -> None:
    for k, (place, number) in enumerate(zip(places.tolist(), numbers.tolist(), strict=True)):
        where = {"row": place}
        if number < 0 or number % 1 or (k == 0 and number == 0):
            raise DataError(
                "a number at risk is not a number of patients",
                expected="whole numbers of 0 or more, above 0 at time 0",
                found=f"{number:g}",
                where=where,
            )
        if k and number > numbers[k - 1]:
            raise DataError(
                "numbers at risk rise",
                expected=f"at most {numbers[k - 1]:g}",
                found=f"{number:g}",
                where=where,
            )
