"""What a user hands in: numbers as an array of their own, kinds of results, price years."""

from __future__ import annotations

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
