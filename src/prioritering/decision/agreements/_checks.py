"""Terms of an agreement, checked when it is written down."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError

Floats = NDArray[np.float64]


def names(what: str, given: str | Iterable[str]) -> tuple[str, ...]:
    """Take one name or several, each once."""
    found = (given,) if isinstance(given, str) else tuple(given) if _is_list(given) else ()
    words = all(isinstance(name, str) for name in found)
    if not found or not words or len(set(found)) != len(found):
        raise ResultError(
            f"{what} are not a list of names",
            expected="one name or more, each once",
            found=repr(given),
        )
    return found


def _is_list(given: object) -> bool:
    return isinstance(given, Iterable)


def share(what: str, value: Any) -> float:
    """Take a share from 0 to 1."""
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


def amounts(what: str, values: ArrayLike) -> Floats:
    """Take finite numbers of 0 or more, shape (year,)."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty((0,))
    if array.ndim != 1 or not array.size or not (np.isfinite(array) & (array >= 0)).all():
        raise ResultError(
            f"{what} out of range",
            expected="finite numbers of 0 or more, one for each year",
            found=repr(values),
        )
    return array


def shares_of_one(what: str, shares: dict[str, float]) -> None:
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
