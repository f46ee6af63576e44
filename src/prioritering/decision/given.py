"""What a user hands in: numbers in their bounds, arrays of their own, kinds, price years."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError
from prioritering.parameters.parameter import EARLIEST_YEAR

Floats = NDArray[np.float64]


def array_of(name: str, values: ArrayLike, *, expected: str) -> Floats:
    """Copy numbers into an array.

    Raises
    ------
    ResultError
        Something that is not numbers, or rows of different lengths.
    """
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ResultError(f"{name} is not numbers", expected=expected, found=repr(values)) from None


def share(what: str, value: Any) -> float:
    """Take a share from 0 to 1; another number is a ResultError, as in all of these."""
    return number(what, value, low=0.0, high=1.0, expected="a share from 0 to 1, such as 0.25")


def amount(what: str, value: Any) -> float:
    """Take a finite amount of 0 or more."""
    return number(what, value, low=0.0, expected="a finite amount of 0 or more")


def above_zero(what: str, value: Any) -> float:
    """Take a finite number above 0."""
    return number(what, value, low=math.ulp(0.0), expected="a finite number above 0")


def number(what: str, value: Any, *, low: float, high: float = math.inf, expected: str) -> float:
    """Take a finite number within bounds, both included."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    if not real or not math.isfinite(value) or not low <= value <= high:
        raise ResultError(f"{what} out of range", expected=expected, found=repr(value))
    return float(value)


def check_shares_of_one(what: str, shares: Mapping[str, float]) -> None:
    """Refuse shares that are not shares or do not sum to one."""
    for name, value in shares.items():
        share(f"{what} of {name!r}", value)
    total = math.fsum(shares.values())
    if abs(total - 1.0) > 1e-9:
        raise ResultError(
            f"{what} do not sum to one",
            expected="a sum of 1",
            found=f"{total:.10g}",
            remedy="Give every group its share of the whole.",
        )


def check_kind(name: str, value: object, kind: type, *, remedy: str) -> None:
    """Refuse an argument of another kind.

    Raises
    ------
    ResultError
        Another kind; names both.
    """
    if not isinstance(value, kind):
        raise ResultError(
            f"{name} of the wrong kind",
            expected=kind.__name__,
            found=type(value).__name__,
            remedy=remedy,
        )


def check_price_year(year: object) -> None:
    """Refuse a price year that is not a calendar year.

    Raises
    ------
    ResultError
        No whole number, or one before the earliest price year.
    """
    if not isinstance(year, int) or isinstance(year, bool) or year < EARLIEST_YEAR:
        raise ResultError("price year is not a year", expected="such as 2026", found=repr(year))
