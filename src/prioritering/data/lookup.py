"""What every look-up object shares: checked, read-only arrays, and a safe pickle."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Lookup:
    """Base of immutable dataclasses: they pickle by calling their constructor again.

    So an unpickled object has passed the same checks, and its arrays are read-only. Each
    carries the hash of the table it was read from, or of its own content.
    """

    sha256: str

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, f.name) for f in fields(self))  # type: ignore[arg-type]

    def _freeze(self, **arrays: NDArray[Any]) -> None:
        for name, array in arrays.items():
            array.flags.writeable = False
            object.__setattr__(self, name, array)


def numbers(what: str, values: ArrayLike, *, where: dict[str, object] | None = None) -> Floats:
    """Copy ``values`` to a new float64 array, refusing anything that is not a finite number.

    Raises
    ------
    DataError
        Text, true or false, None, NaN or an infinite value.
    """
    given = np.asarray(values)
    if given.dtype.kind not in "iuf":
        raise DataError(
            f"{what} is not a number", expected="numbers", found=repr(values), where=where
        )
    array = given.astype(np.float64)
    bad = ~np.isfinite(array)
    if bad.any():
        raise DataError(
            f"{what} is not finite",
            expected="finite numbers only",
            found=f"{array[bad][0]} ({int(bad.sum())} such values)",
            where=where,
        )
    return array


def whole_numbers(what: str, values: ArrayLike, *, remedy: str | None = None) -> Ints:
    """Copy ``values`` to a new int64 array, refusing fractions as well.

    Raises
    ------
    DataError
        Values that are not finite whole numbers.
    """
    array = numbers(what, values)
    bad = array != np.floor(array)
    if bad.any():
        raise DataError(
            f"{what} is not a whole number",
            expected="whole numbers",
            found=f"{array[bad].flat[0]:g}",
            remedy=remedy,
        )
    return array.astype(np.int64)


def content_hash(*parts: object) -> str:
    """SHA-256 of an object's arrays and texts, in order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode()
        digest.update(data + b"\0")
    return digest.hexdigest()
