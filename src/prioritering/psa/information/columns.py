"""Draws of the parameters that are asked about, as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.parameters import Components, Draws

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Table: TypeAlias = "Draws | pd.DataFrame | Mapping[str, ArrayLike]"
"""Draws of this package, a data frame with one row per draw, or arrays by name."""

Names: TypeAlias = str | Sequence[str]


class Columns(NamedTuple):
    """Chosen parameters: their names, and values of shape (draw, parameter)."""

    names: tuple[str, ...]
    values: Floats


def columns_by_name(draws: Table) -> dict[str, Any]:
    """Every parameter by name; a component of a joint parameter is ``"p_A.B"``.

    Raises
    ------
    ResultError
        Something that holds no named columns.
    """
    if isinstance(draws, Draws):
        flat: dict[str, Any] = {}
        for name, value in draws.items():
            joint = isinstance(value, Components)
            flat |= {f"{name}.{k}": v for k, v in value.items()} if joint else {name: value}
        return flat
    if hasattr(draws, "columns") and hasattr(draws, "to_numpy"):
        return {str(name): draws[name] for name in draws.columns}
    if isinstance(draws, Mapping) and draws:
        return dict(draws)
    raise ResultError(
        "draws have no named parameters",
        expected="Draws, a data frame with a column per parameter, or a mapping of arrays",
        found=type(draws).__name__,
    )


def pick(draws: Table, parameters: Names, *, n: int, constant: bool = False) -> Columns:
    """Take parameters by name; a joint parameter stands for all of its components.

    Parameters
    ----------
    n
        Number of draws of the outcomes.
    constant
        Whether a parameter that does not vary is let through.

    Raises
    ------
    UnknownNameError
        A parameter that is not among the draws.
    ResultError
        No parameter or one named twice, another number of draws than the outcomes have,
        values that are not finite, or a parameter that does not vary.
    """
    table = columns_by_name(draws)
    names = expand(table, parameters)
    arrays = [_column(name, table[name], n) for name in names]
    for name, array in zip(names, arrays, strict=True):
        if not constant and np.all(array == array[0]):
            raise ResultError(
                "a parameter does not vary, so there is nothing to learn about it",
                expected="draws with two different values or more",
                found=f"{array[0]:g} in all {n} draws",
                where={"parameter": repr(name)},
                remedy="Leave it out, or give it a distribution.",
            )
    return Columns(names, np.column_stack(arrays))


def expand(table: Mapping[str, Any], parameters: Names) -> tuple[str, ...]:
    """Names of columns, joint parameters spelt out.

    Raises
    ------
    UnknownNameError, ResultError
        As :func:`pick`.

    Examples
    --------
    >>> expand({"hr": 0, "p_A.B": 0, "p_A.C": 0}, ["p_A", "hr"])
    ('p_A.B', 'p_A.C', 'hr')
    """
    if not isinstance(parameters, Iterable):
        raise unknown_name("parameter", parameters, table)
    asked = (parameters,) if isinstance(parameters, str) else tuple(parameters)
    if not asked:
        raise ResultError("no parameter to learn about", expected="one name or more", found=())
    names: list[str] = []
    for name in asked:
        parts = [k for k in table if k.startswith(f"{name}.")]
        if name in table:
            names.append(name)
        elif parts:
            names += parts
        else:
            raise unknown_name("parameter", name, table)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ResultError(
            "a parameter is named twice",
            expected="each parameter once, alone or within its joint parameter",
            found=", ".join(map(repr, twice)),
        )
    return tuple(names)


def varying(draws: Table) -> tuple[str, ...]:
    """Names of the columns that take more than one value.

    Examples
    --------
    >>> varying({"hr": [0.7, 0.8], "cost": [5.0, 5.0]})
    ('hr',)
    """
    arrays = ((name, np.asarray(v)) for name, v in columns_by_name(draws).items())
    return tuple(name for name, v in arrays if v.size and not np.all(v == v.flat[0]))


def _column(name: str, values: ArrayLike, n: int) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ResultError(
            "draws of a parameter are not numbers",
            expected=f"{n} finite numbers",
            found=f"{np.asarray(values).flat[0]!r} and so on",
            where={"parameter": repr(name)},
        ) from None
    if array.shape != (n,):
        raise ResultError(
            "draws and outcomes are of unequal length",
            expected=f"{n} draws, as the outcomes have",
            found=f"shape {array.shape}",
            where={"parameter": repr(name)},
            remedy="Pass the draws the model was run on, in the same order.",
        )
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise ResultError(
            "draws of a parameter are not finite",
            expected="finite numbers only",
            found=f"{array[bad[0]]} ({bad.size} such values)",
            where={"parameter": repr(name), "draw": int(bad[0])},
        )
    return array
