"""The incremental analysis and the comparison with the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.cea import CEA, FrontierRow, PairwiseRow
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, money_decimals
from prioritering.report.tables._cells import QALY_DECIMALS, build, cells, draws_notes

if TYPE_CHECKING:
    import pandas as pd

_MONEY = {
    "cost",
    "incremental_cost",
    "icer",
    "nmb",
    "incremental_nmb",
    "cost_per_life_year",
}
_NET_BENEFIT = ("nmb", "nhb")


def cea_table(cea: CEA, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """Full incremental analysis: all strategies by rising cost.

    Increments and ICER are against the strategy before it on the frontier; ``status`` says in
    words why a strategy has none. With more than one draw each mean and ICER carries its Monte
    Carlo standard error. Net benefits are shown when the comparison has a willingness to pay.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    names = ["cost", "qaly", "life_years", "incremental_cost", "incremental_qaly", "icer"]
    if cea.outcomes.life_years is None:
        names.remove("life_years")
    if cea.wtp is not None:
        names += _NET_BENEFIT
    unit = currency_of(cea.provenance, currency)
    columns = _numbers(cea.rows, names, unit, language)
    columns[label("column.standing", language)] = [_standing(row, language) for row in cea.rows]
    return build(
        columns,
        index=[row.strategy for row in cea.rows],
        index_name=label("column.strategy", language),
        notes=_notes(cea, unit, language),
    )


def pairwise_table(cea: CEA, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """Every strategy against the reference, with cost per life year beside the ICER.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    names = ["incremental_cost", "incremental_qaly", "incremental_life_years", "icer"]
    names.append("cost_per_life_year")
    if cea.outcomes.life_years is None:
        names = [name for name in names if "life_year" not in name]
    if cea.wtp is not None:
        names += [f"incremental_{name}" for name in _NET_BENEFIT]
    unit = currency_of(cea.provenance, currency)
    columns = _numbers(cea.pairwise, names, unit, language)
    columns[label("column.standing", language)] = [
        label(f"word.{row.status}", language) for row in cea.pairwise
    ]
    against = label("note.reference", language, reference=cea.reference)
    return build(
        columns,
        index=[row.strategy for row in cea.pairwise],
        index_name=label("column.strategy", language),
        notes=[against, *_notes(cea, unit, language)],
    )


def _numbers(
    rows: tuple[FrontierRow, ...] | tuple[PairwiseRow, ...],
    names: list[str],
    currency: str,
    language: str,
) -> dict[str, list[str]]:
    columns = {}
    for name in names:
        values = [getattr(row, name) for row in rows]
        columns[label(f"column.{name}", language, currency=currency)] = cells(
            values,
            [getattr(row, f"{name}_se") for row in rows],
            decimals=money_decimals(values) if name in _MONEY else QALY_DECIMALS,
            language=language,
        )
    return columns


def _standing(row: FrontierRow, language: str) -> str:
    """Where a strategy stands, with the strategies that put it there."""
    if row.status == "frontier":
        return label("word.frontier", language)
    others = label("format.and", language).join(row.compared_with)
    return label(f"word.{row.status}", language, others=others)


def _notes(cea: CEA, currency: str, language: str) -> list[str]:
    notes = draws_notes(cea.outcomes.n_draws, cea.provenance, language)
    if cea.wtp is not None:
        limit = money(cea.wtp, language=language, currency=currency)
        notes.append(label("note.net_benefit_at", language, limit=limit))
    return notes
