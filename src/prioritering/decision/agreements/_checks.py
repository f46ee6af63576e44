"""Terms of an agreement, checked when it is written down."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.decision.given import above_zero, amount, share
from prioritering.errors import ResultError

__all__ = ["above_zero", "amount", "amounts", "names", "share"]

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
