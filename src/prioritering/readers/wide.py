"""Tables with one row per draw and one column per strategy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np

from prioritering.errors import ResultError, unknown_name
from prioritering.outcomes import FURTHER, Outcomes
from prioritering.parameters import Draws
from prioritering.parameters.draws import RESERVED
from prioritering.readers.files import digest, numbers, read_table
from prioritering.readers.imported import Imported, imported
from prioritering.readers.signs import AS_IS, Signs, check_signs

if TYPE_CHECKING:
    import pandas as pd


def read_wide(
    path: str | Path,
    *,
    cost: Mapping[str, str | Mapping[str, str]],
    qaly: Mapping[str, str],
    sheet: str | int | None = None,
    parameters: Sequence[str] = (),
    signs: Signs = AS_IS,
    program: str = "Excel",
    **others: Mapping[str, str],
) -> Imported:
    r"""Read a table with one row per draw, as Excel models and most others can write it.

    Parameters
    ----------
    path
        CSV file or workbook; the first row names the columns.
    cost
        Strategy -> column of its discounted cost, or strategy -> {category: column}.
    qaly
        Strategy -> column of its discounted QALYs.
    sheet
        Name or number of the sheet, for a workbook with several.
    parameters
        Columns that hold the parameters drawn, for value of information.
    signs
        Which way the numbers point.
    program
        What to call the origin.
    **others
        Further arrays of :meth:`Outcomes.from_arrays`, each strategy -> column:
        ``qaly_undiscounted={"old": "QALY undisc. old", ...}``.

    Raises
    ------
    DataError
        A file that is not such a table.
    UnknownNameError
        A column that is not there, or an array that outcomes do not have.
    ResultError
        Columns that are not given by strategy, strategies that differ between arrays, or values
        that are not finite numbers.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "psa.csv"
    >>> _ = file.write_text("C old,C new,Q old,Q new\n100,400,7,8\n120,420,7,9\n")
    >>> read = read_wide(file, cost={"old": "C old", "new": "C new"},
    ...                  qaly={"old": "Q old", "new": "Q new"})
    >>> read.confirm(reference="old", option="new", icer=200).checked
    ('ICER of new against old is 200, as in Excel',)
    """
    signs, frame = check_signs(signs), read_table(path, sheet=sheet)
    _check_mappings(cost=cost, qaly=qaly, **others)
    _check_arrays(others)
    strategies = tuple(cost)

    def rows(name: str, columns: Mapping[str, str]) -> np.ndarray:
        _same_strategies(name, columns, strategies)
        return np.array([_numbers(frame, columns[s], path) for s in strategies])

    arrays: dict[str, Any] = {name: rows(name, columns) for name, columns in others.items()}
    for name, array in arrays.items():
        if name.startswith("qaly"):
            arrays[name] = signs.gains(array)
        elif name.startswith("cost"):
            arrays[name] = signs.spending(array)
    outcomes = Outcomes.from_arrays(
        strategies,
        cost={c: signs.spending(rows(f"cost {c}", by)) for c, by in _by_category(cost).items()},
        qaly=signs.gains(rows("qaly", qaly)),
        **arrays,
    )
    draws = draws_of(frame, parameters, path) if parameters else None
    return imported(outcomes, program=program, signs=signs, draws=draws, files=digest(path))


def draws_of(frame: pd.DataFrame, parameters: Sequence[str], path: str | Path) -> Draws:
    """Parameters of a table as draws; a name may hold what Python names may not."""
    if isinstance(parameters, str):
        raise ResultError(
            "parameters are no list", expected="names of columns", found=repr(parameters)
        )
    columns = {name: _numbers(frame, name, path) for name in parameters}
    names = [identifier(name) for name in columns]
    for name in names:
        if names.count(name) > 1:
            raise ResultError(
                "two columns give one parameter",
                expected="names that differ in letters, digits or underscores",
                found=", ".join(repr(c) for c in columns if identifier(c) == name),
            )
    return Draws.from_arrays(dict(zip(names, columns.values(), strict=True)))


def identifier(name: str) -> str:
    """Write a column's name as a parameter's: letters, digits and underscores.

    A word of Python's or of :class:`Draws` itself gets an underscore behind it.

    Examples
    --------
    >>> identifier("Death.1.1."), identifier("1st rate"), identifier("lambda")
    ('Death_1_1', 'p_1st_rate', 'lambda_')
    """
    text = "".join(c if f"a{c}".isidentifier() else "_" for c in normalize("NFKC", name)).strip("_")
    text = text if text[:1].isidentifier() else f"p_{text}"
    return f"{text}_" if iskeyword(text) or text in RESERVED else text


def _numbers(frame: pd.DataFrame, column: str, path: str | Path) -> np.ndarray:
    if column not in frame.columns:
        raise unknown_name("column", column, frame.columns, where={"file": Path(path).name})
    return numbers(frame, column, file=path)


def _check_mappings(**given: object) -> None:
    for name, columns in given.items():
        if not isinstance(columns, Mapping):
            raise ResultError(
                f"{name} does not say which column is which strategy's",
                expected="{strategy: column, ...}",
                found=repr(columns),
            )


def _check_arrays(others: Iterable[str]) -> None:
    for name in others:
        if name not in FURTHER:
            raise unknown_name("array of outcomes", name, FURTHER)


def _same_strategies(name: str, columns: Mapping[str, str], strategies: tuple[str, ...]) -> None:
    if set(columns) != set(strategies):
        raise ResultError(
            f"{name} is for other strategies than the costs",
            expected=", ".join(map(repr, strategies)),
            found=", ".join(map(repr, columns)) or "none",
        )


def _by_category(cost: Mapping[str, str | Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Turn strategy -> {category: column} into category -> {strategy: column}."""
    split = {s: dict(c) if isinstance(c, Mapping) else {"total": c} for s, c in cost.items()}
    categories = list(next(iter(split.values()), {}))
    for strategy, columns in split.items():
        if set(columns) != set(categories) or not columns:
            raise ResultError(
                "strategies have different cost categories",
                expected=", ".join(map(repr, categories)) or "at least one",
                found=", ".join(map(repr, columns)) or "none",
                where={"strategy": repr(strategy)},
                remedy="Give every strategy every category; a column of zeros where it has none.",
            )
    return {c: {s: columns[c] for s, columns in split.items()} for c in categories}
