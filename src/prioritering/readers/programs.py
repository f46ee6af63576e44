"""Exports of BCEA, dampack and heemod."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prioritering.errors import ResultError
from prioritering.frames import by_strategy_and_draw
from prioritering.outcomes import Outcomes
from prioritering.readers.files import digest, numbers, read_table
from prioritering.readers.imported import Imported, imported
from prioritering.readers.signs import AS_IS, Signs, check_signs
from prioritering.readers.wide import draws_of

if TYPE_CHECKING:
    import pandas as pd

HEEMOD = (".strategy_names", ".index", ".cost", ".effect", ".n_indiv")


def read_bcea(
    *,
    effects: str | Path,
    costs: str | Path,
    parameters: str | Path | None = None,
    signs: Signs = AS_IS,
) -> Imported:
    """Read the matrices ``eff`` and ``cost`` given to BCEA, written with ``write.csv``.

    One row per simulation and one column per intervention, in the same order in both files.
    BCEA's own increments are reference less comparator; they are not read, so its orientation
    cannot enter.

    Parameters
    ----------
    effects, costs
        CSV files or workbooks with the columns named after the interventions.
    parameters
        Table of the parameters simulated, one row per simulation.
    signs
        Which way the numbers point.

    Raises
    ------
    DataError, UnknownNameError, ResultError
        Files that are not such tables, other interventions or numbers of simulations in one
        than in the other, or values that are not finite numbers.
    """
    return _matrices(costs, effects, parameters, signs, "BCEA")


def read_dampack(
    *,
    cost: str | Path,
    effectiveness: str | Path,
    parameters: str | Path | None = None,
    signs: Signs = AS_IS,
) -> Imported:
    """Read the data frames ``cost`` and ``effectiveness`` of a dampack ``psa`` object.

    Parameters
    ----------
    cost, effectiveness, parameters
        ``psa$cost``, ``psa$effectiveness`` and ``psa$parameters`` as CSV files or workbooks,
        one row per simulation.
    signs
        Which way the numbers point.

    Raises
    ------
    DataError, UnknownNameError, ResultError
        As :func:`read_bcea`.
    """
    return _matrices(cost, effectiveness, parameters, signs, "dampack")


def read_heemod(
    path: str | Path,
    *,
    parameters: Sequence[str] | None = None,
    signs: Signs = AS_IS,
) -> Imported:
    """Read the table ``psa$psa`` of heemod's ``run_psa``.

    Long: a row per strategy (``.strategy_names``) and simulation (``.index``) with ``.cost``
    and ``.effect``. These are sums over ``.n_indiv`` individuals where that column is there,
    and are divided by it.

    Parameters
    ----------
    path
        CSV file or workbook.
    parameters
        Columns of parameters; without, all columns that are equal across the strategies of
        every simulation and not constant.
    signs
        Which way the numbers point.

    Raises
    ------
    DataError, UnknownNameError, ResultError
        A file that is not such a table, strategies that do not share their simulations, or
        values that are not finite numbers.
    """
    signs, frame = check_signs(signs), read_table(path)
    strategy, draw, cost, effect, individuals = HEEMOD
    columns = [c for c in frame.columns if c not in (strategy, draw)]
    wanted = [cost, effect, *([individuals] if individuals in columns else [])]
    names, _, found = by_strategy_and_draw(
        frame, wanted, strategy=strategy, draw=draw, where={"file": Path(path).name}
    )
    people = found.get(individuals, np.ones(1))
    if (people <= 0).any():
        raise ResultError(
            "no individuals to divide by", expected=f"{individuals} above 0", found=people.min()
        )
    outcomes = Outcomes.from_arrays(
        names, cost=signs.spending(found[cost] / people), qaly=signs.gains(found[effect] / people)
    )
    chosen = list(parameters) if parameters is not None else _shared(frame, draw)
    first = frame[frame[strategy] == frame[strategy].iloc[0]].sort_values(draw)
    draws = draws_of(first, chosen, path) if chosen else None
    notes = (f"costs and effects divided by {individuals}",) if individuals in found else ()
    return imported(
        outcomes, program="heemod", signs=signs, draws=draws, notes=notes, files=digest(path)
    )


def _matrices(
    costs: str | Path,
    effects: str | Path,
    parameters: str | Path | None,
    signs: Signs,
    program: str,
) -> Imported:
    signs = check_signs(signs)
    cost, effect = read_table(costs), read_table(effects)
    if list(cost.columns) != list(effect.columns):
        raise ResultError(
            "costs and effects are of other strategies, or in another order",
            expected=", ".join(map(repr, cost.columns)),
            found=", ".join(map(repr, effect.columns)),
            where={"file": Path(effects).name},
            remedy="Name the columns after the strategies, the same in both files.",
        )
    if len(cost) != len(effect):
        raise ResultError(
            "costs and effects are not equally many",
            expected=f"{len(cost)} simulations, as in {Path(costs).name}",
            found=f"{len(effect)} in {Path(effects).name}",
        )
    names = tuple(cost.columns)
    outcomes = Outcomes.from_arrays(
        names,
        cost=signs.spending(np.array([numbers(cost, s, file=costs) for s in names])),
        qaly=signs.gains(np.array([numbers(effect, s, file=effects) for s in names])),
    )
    draws, files = None, [costs, effects]
    if parameters is not None:
        table = read_table(parameters)
        draws = draws_of(table, list(table.columns), parameters)
        files.append(parameters)
    return imported(outcomes, program=program, signs=signs, draws=draws, files=digest(*files))


def _shared(frame: pd.DataFrame, draw: str) -> list[str]:
    """Columns equal across the strategies of every draw, and not constant."""
    others = [c for c in frame.columns if c not in HEEMOD and frame[c].dtype.kind in "if"]
    spread = frame.groupby(draw, sort=False)[others].agg(["min", "max"])
    return [
        c
        for c in others
        if frame[c].min() < frame[c].max() and (spread[c, "min"] == spread[c, "max"]).all()
    ]
