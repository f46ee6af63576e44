"""Long tables, one row per strategy and draw, as arrays of shape (strategy, draw)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def by_strategy_and_draw(
    frame: pd.DataFrame,
    columns: Iterable[str],
    *,
    strategy: str,
    draw: str,
    where: Mapping[str, object] | None = None,
) -> tuple[tuple[str, ...], tuple[Hashable, ...], dict[str, Floats]]:
    """Bring the columns of a long table into order, strategies as they first appear.

    Parameters
    ----------
    frame
        One row per strategy and draw, in any order.
    columns
        Columns of numbers wanted.
    strategy, draw
        Columns that name the strategy and the draw.
    where
        Where the table comes from, for errors.

    Returns
    -------
    tuple
        Strategies, draws in rising order, and by column an array of shape (strategy, draw).

    Raises
    ------
    UnknownNameError
        A column that is not there.
    ResultError
        No table or no rows, a column that is there twice, a strategy and draw that is missing
        or there twice, or what is not a number.
    """
    wanted = tuple(columns)
    _check_columns(frame, (strategy, draw, *wanted), where)
    if not len(frame):
        raise ResultError(
            "a table without rows", expected="one per strategy and draw", found=0, where=where
        )
    for name in (strategy, draw):
        _refuse_missing(frame, name, where)
    names = tuple(dict.fromkeys(frame[strategy]))
    numbers = _in_order(dict.fromkeys(frame[draw]), draw)
    _check_grid(frame, names, numbers, strategy=strategy, draw=draw, where=where)
    position = {number: k for k, number in enumerate(numbers)}
    row_of = {name: k for k, name in enumerate(names)}
    rows = frame[strategy].map(row_of).to_numpy(), frame[draw].map(position).to_numpy()
    arrays = {}
    for column in wanted:
        arrays[column] = np.empty((len(names), len(numbers)))
        arrays[column][rows] = column_of_numbers(frame, column, where=where)
    return tuple(map(str, names)), numbers, arrays


def column_of_numbers(
    frame: pd.DataFrame, column: str, *, where: Mapping[str, object] | None = None
) -> Floats:
    """One column as float64; what is missing or no number is refused with its first row.

    Booleans, dates and spans of time are no numbers. A place in ``where`` is the index's where
    it is called ``"line"`` or ``"row"``, else the row counted from 1.

    Raises
    ------
    ResultError
        Values that are missing, infinite or no numbers, counted.
    """
    values = _as_numbers(frame[column])
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        first = int(bad[0])
        cell = frame[column].iloc[first]
        raise ResultError(
            f"{column} is not a finite number",
            expected="a number in every row",
            found=f"{getattr(cell, 'item', lambda: cell)()!r} "
            f"({bad.size} such rows of {len(frame)})",
            where={**(where or {}), "column": repr(column), **_place(frame, first)},
            remedy="Find out why the program that wrote it has no number there; none is dropped.",
        )
    return values


def _as_numbers(column: pd.Series) -> Floats:
    """Numbers, and text that is a number, as float64; NaN for everything else."""
    import pandas as pd

    if column.dtype.kind in "bmMc":
        return np.full(len(column), np.nan)
    if column.dtype.kind == "O":
        column = column.map(lambda cell: cell if _may_be_number(cell) else None)
    found = pd.to_numeric(column, errors="coerce")
    return np.asarray(found.to_numpy(dtype=np.float64, na_value=np.nan))


def _may_be_number(cell: object) -> bool:
    return isinstance(cell, int | float | np.number | str) and not isinstance(cell, bool)


def _place(frame: pd.DataFrame, position: int) -> dict[str, object]:
    counted = frame.index.name
    if counted in ("line", "row"):
        return {str(counted): frame.index[position]}
    return {"row": position + 1}


def _check_columns(
    frame: pd.DataFrame, wanted: Iterable[str], where: Mapping[str, object] | None
) -> None:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise ResultError("not a table", expected="a data frame", found=type(frame).__name__)
    columns = list(frame.columns)
    for name in wanted:
        if name not in columns:
            raise unknown_name("column", name, map(str, columns), where=where)
        if columns.count(name) > 1:
            raise ResultError(
                "a column is named twice", expected="each name once", found=repr(name), where=where
            )


def _refuse_missing(frame: pd.DataFrame, column: str, where: Mapping[str, object] | None) -> None:
    missing = np.flatnonzero(frame[column].isna() | (frame[column] == ""))
    if missing.size:
        raise ResultError(
            f"{column} is missing",
            expected="a value in every row",
            found=f"none in {missing.size} rows of {len(frame)}",
            where={**(where or {}), **_place(frame, int(missing[0]))},
        )


def _in_order(draws: Iterable[Any], column: str) -> tuple[Hashable, ...]:
    try:
        return tuple(sorted(draws))
    except TypeError:
        raise ResultError(
            f"{column} holds several kinds of values",
            expected="numbers, or text throughout",
            found=", ".join(sorted({type(draw).__name__ for draw in draws})),
        ) from None


def _check_grid(
    frame: pd.DataFrame,
    names: tuple[Hashable, ...],
    numbers: tuple[Hashable, ...],
    *,
    strategy: str,
    draw: str,
    where: Mapping[str, object] | None,
) -> None:
    rows = frame.groupby([strategy, draw], sort=False).size()
    if len(rows) == len(names) * len(numbers) == len(frame):
        return
    twice = rows[rows > 1]
    missing = len(names) * len(numbers) - len(rows)
    if len(twice):
        first = twice.index[0]
    else:
        first = next(pair for pair in product(names, numbers) if pair not in rows.index)
    raise ResultError(
        "strategies do not share their draws",
        expected=f"each of {len(names)} strategies once in each of {len(numbers)} draws",
        found=f"{missing} combinations missing, {len(twice)} there more than once",
        where={**(where or {}), "strategy": repr(first[0]), "draw": first[1]},
        remedy="Every strategy must be run on the same parameter draws.",
    )
