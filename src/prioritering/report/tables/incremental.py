"""The distribution of increments: moments and quantiles, quadrants, ICER and levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    money_decimals,
    percent,
    with_error,
)
from prioritering.report.tables._cells import QALY_DECIMALS, build, draws_notes
from prioritering.report.tables.probabilistic import write_share

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.psa import Incremental, Level, Spread

_AREAS = {
    "north-east": "psa_area.north_east",
    "south-east": "psa_area.south_east",
    "south-west": "psa_area.south_west",
    "north-west": "psa_area.north_west",
    "on an axis": "psa_area.on_axis",
}
_QUANTITIES = {
    "cost": "column.incremental_cost",
    "qaly": "column.incremental_qaly",
    "nmb": "column.incremental_nmb",
    "nhb": "column.incremental_nhb",
}


def incremental_table(
    found: Incremental, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Increments of an option over the reference as a report prints them.

    Rows are increments, the ICER, quadrants and levels; columns mean, standard deviation and
    quantiles, empty where a row has none. Monte Carlo standard errors stand in brackets.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    from prioritering.psa.distributions import QUANTILES

    unit = currency_of(found.provenance, currency)
    blank = [""] * (1 + len(QUANTILES))
    rows = [_spread_row(spread, unit, language) for spread in found.spreads]
    rows += _icer_rows(found, unit, language)
    for area, share in found.quadrants.items():
        name = label("psa_row.quadrant", language, area=label(_AREAS[area], language))
        rows.append([name, write_share(share, language), *blank])
    for level in found.levels:
        name = _level_name(level, unit, language)
        rows.append([name, write_share(level.exceeds, language), *blank])
    index, *columns = zip(*rows, strict=True)
    headings = [label("psa_column.mean_or_share", language), label("psa_column.sd", language)]
    headings += [
        label("psa_column.quantile", language, percent=_percent(q, language)) for q in QUANTILES
    ]
    return build(
        dict(zip(headings, columns, strict=True)),
        index=index,
        index_name=label("note.pair", language, option=found.option, reference=found.reference),
        notes=_notes(found, unit, language),
    )


def _spread_row(spread: Spread, currency: str, language: str) -> list[str]:
    money_like = spread.quantity in ("cost", "nmb")
    decimals = money_decimals([spread.mean, spread.sd]) if money_like else QALY_DECIMALS

    def write(value: float, se: float | None) -> str:
        return with_error(value, se, decimals=decimals, language=language)

    quantiles = zip(spread.quantiles, spread.quantiles_se, strict=True)
    return [
        label(_QUANTITIES[spread.quantity], language, currency=currency),
        write(spread.mean, spread.se),
        write(spread.sd, None),
        *(write(value, se) for value, se in quantiles),
    ]


def _icer_rows(found: Incremental, currency: str, language: str) -> list[list[str]]:
    if found.icer is None:
        return []
    decimals, interval = money_decimals([found.icer]), found.icer_interval

    def write(value: float, se: float | None) -> str:
        return with_error(value, se, decimals=decimals, language=language)

    ends = ["", ""]
    if interval.percentile is not None and interval.percentile_se is not None:
        pairs = zip(interval.percentile, interval.percentile_se, strict=True)
        ends = [write(end, se) for end, se in pairs]
    name = label("column.icer", language, currency=currency)
    rows = [[name, write(found.icer, found.icer_se), "", ends[0], "", "", "", ends[1]]]
    if interval.fieller is not None:
        low, high = (write(end, None) for end in interval.fieller)
        name = label("psa_row.fieller", language, currency=currency)
        rows.append([name, "", "", low, "", "", "", high])
    return rows


def _level_name(level: Level, currency: str, language: str) -> str:
    amount = money(level.wtp, language=language, currency=currency)
    if level.severity_class is None:
        return label("psa_row.level", language, amount=amount)
    return label("psa_row.class_level", language, amount=amount, number=level.severity_class)


def _percent(share: float, language: str) -> str:
    return percent(share, decimals=0 if (100 * share).is_integer() else 1, language=language)


def _notes(found: Incremental, currency: str, language: str) -> list[str]:
    notes = [
        *draws_notes(found.n_draws, found.provenance, language),
        label("psa_note.spread", language),
    ]
    status = label(f"word.{found.status}", language)
    if found.icer is None:
        notes.append(label("psa_why.no_meaning", language, status=status))
    else:
        notes.append(label("note.status", language, status=status))
        if found.icer_interval.percentile is None:
            notes.append(label("psa_why.sign", language))
        if found.icer_interval.fieller is None:
            notes.append(label("psa_why.unbounded", language))
    if found.levels:
        notes.append(label("psa_note.levels", language))
    if found.wtp is not None:
        limit = money(found.wtp, language=language, currency=currency)
        notes.append(label("note.net_benefit_at", language, limit=limit))
    return notes
