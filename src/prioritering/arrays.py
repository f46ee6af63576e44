"""Arrays over strategies and draws that a user hands in: shape and numbers checked once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError

Floats = NDArray[np.float64]


def own_array(
    name: str,
    values: ArrayLike,
    strategies: tuple[str, ...],
    *,
    like: tuple[int, ...] | None = None,
    axes: tuple[str, ...] = ("strategy", "draw"),
) -> Floats:
    """Copy an array whose first axis is the strategy; ``like`` is the shape it must have.

    Raises
    ------
    ResultError
        No numbers, another shape, no draw, or values that are not finite.
    """
    shape = f"({', '.join(axes)})"
    try:
        array = array_of_numbers(values)
    except (TypeError, ValueError) as error:
        raise ResultError(
            f"{name} is not an array of numbers",
            expected=f"shape {shape}",
            found=repr(values),
        ) from error
    if len(axes) == 2:
        array = np.atleast_2d(array)
    if array.ndim != len(axes) or array.shape[0] != len(strategies) or 0 in array.shape:
        others = ", ".join(f"{axis}s" for axis in axes[1:])
        raise ResultError(
            f"{name} has the wrong shape",
            expected=f"{shape}, here ({len(strategies)}, {others})",
            found=np.shape(values),
            remedy="Give one row per strategy, each holding its draws.",
        )
    if like is not None:
        check_shape(name, array, like)
    refuse_nan(name, array, strategies, year=len(axes) == 3)
    return array


def own_arrays(
    name: str,
    values: ArrayLike | Mapping[str, ArrayLike],
    strategies: tuple[str, ...],
    *,
    like: tuple[int, ...] | None = None,
    axes: tuple[str, ...] = ("strategy", "draw"),
) -> dict[str, Floats]:
    """Copy an array by category, all of one shape; a single array is the category ``"total"``.

    Raises
    ------
    ResultError
        No category, or as :func:`own_array`.
    """
    given = values if isinstance(values, Mapping) else {"total": values}
    if not given:
        raise ResultError(f"{name} is empty", expected="at least one category", found="none")
    arrays: dict[str, Floats] = {}
    for category, array in given.items():
        full_name = f"{name} of {category!r}" if isinstance(values, Mapping) else name
        arrays[category] = own_array(full_name, array, strategies, like=like, axes=axes)
        like = arrays[category].shape
    return arrays


def array_of_numbers(values: ArrayLike) -> Floats:
    """Copy numbers as a C-contiguous float64 array; text and booleans are no numbers.

    Raises
    ------
    TypeError, ValueError
        Something else than numbers, or rows of unequal length.
    """
    array = np.array(values, order="C")
    cells = array.ravel().tolist() if array.dtype.kind == "O" else ()
    if array.dtype.kind not in "iufO" or any(isinstance(x, str | bytes | bool) for x in cells):
        raise TypeError(f"{array.dtype} is not a type of numbers")
    return array.astype(np.float64, copy=False)


def check_shape(name: str, array: Floats, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape."""
    if array.shape != shape:
        raise ResultError(f"{name} has the wrong shape", expected=shape, found=array.shape)


def refuse_nan(
    name: str, array: Floats, strategies: tuple[str, ...], *, year: bool = False
) -> None:
    """Refuse values that are not finite, naming the first: axes end (strategy, draw[, year])."""
    bad = ~np.isfinite(array)
    if not bad.any():
        return
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    strategy, draw = first[-3:-1] if year else first[-2:]
    raise ResultError(
        f"{name} is not finite",
        expected="finite numbers only",
        found=f"{array[first]} ({int(bad.sum())} such values)",
        where={"strategy": repr(strategies[strategy]), "draw": draw},
        remedy="Look for a division by zero or an overflow in the inputs of that draw.",
    )
