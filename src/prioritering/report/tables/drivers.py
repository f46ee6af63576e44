"""Who drives the decision, as a table and in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.conventions import NORMAL_95
from prioritering.report.labels import label
from prioritering.report.numbers import (
    ABSENT,
    currency_of,
    money,
    money_decimals,
    number,
    percent,
    percent_with_error,
)
from prioritering.report.tables._cells import assumption_notes, build, cells, confidence_level

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.psa.drivers import Driver, Drivers

INTERACTIONS = 0.05
"""Difference of total and first-order index from which a sentence mentions interactions."""


def drivers_table(
    result: Drivers, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """One row per parameter: swing, value of information and shares of variance, with errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit, rows = currency_of(result.provenance, currency), result.rows
    swings = [row.swing for row in rows]
    columns = {
        label("sensitivity.swing", language, currency=unit): [
            number(s, decimals=money_decimals(swings), language=language) for s in swings
        ],
        label("sensitivity.decision_changes", language): [
            _yes_or_no(row.decision_changes, language) for row in rows
        ],
    }
    if result.has_evppi:
        values = [row.evppi for row in rows]
        columns[label("drivers.evppi", language, currency=unit)] = cells(
            values,
            [row.evppi_se for row in rows],
            decimals=money_decimals(values),
            language=language,
        )
    for key in ("first_order", "total_order"):
        columns[label(f"drivers.{key}", language)] = [
            percent_with_error(getattr(row, key), getattr(row, f"{key}_se"), language=language)
            for row in rows
        ]
    return build(
        columns,
        index=[row.name for row in rows],
        index_name=label("drivers.driver", language),
        notes=[*drivers_notes(result, unit, language), label("note.brackets", language)],
    )


def driver_sentence(
    result: Drivers, row: Driver, *, language: str = "en", currency: str | None = None
) -> str:
    """Write what one driver does, for somebody who decides.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.provenance, currency)
    share = percent(min(max(row.first_order, 0.0), 1.0), language=language)
    text = label("drivers.share", language, name=row.name, share=share)
    if row.total_order - row.first_order > INTERACTIONS:
        total = percent(min(row.total_order, 1.0), language=language)
        text += label("drivers.share_with", language, total=total)
    if row.decision_changes:
        text += label("drivers.turns", language)
    return text + _worth(row, unit, language) + "."


def drivers_notes(result: Drivers, currency: str, language: str) -> list[str]:
    """Say what the columns are, and from how many runs."""
    limit = money(result.wtp, language=language, currency=currency)
    level = confidence_level(result.tornado.interval, language)
    notes = [
        label("note.pair", language, option=result.option, reference=result.reference) + ".",
        label("drivers.note_swing", language, level=level, limit=limit),
    ]
    if result.has_evppi:
        notes.append(label("drivers.note_evppi", language))
    notes.append(label("drivers.note_sobol", language, n=number(result.n_sobol, language=language)))
    if any(len(row.members) > 1 for row in result.rows):
        notes.append(label("drivers.note_groups", language))
    return [*notes, *assumption_notes(result.provenance, language)]


def _worth(row: Driver, currency: str, language: str) -> str:
    """Two digits of what knowing it is worth; its upper limit where 0 is within the error."""
    if row.evppi is None:
        return ""
    error = NORMAL_95 * (row.evppi_se or 0.0)
    clear = row.evppi > error
    most = row.evppi if clear else row.evppi + error
    if most == 0:
        return label("drivers.worth_nothing", language)
    rounded = float(f"{most:.2g}")
    amount = money(rounded, decimals=2 if rounded < 10 else 0, language=language, currency=currency)
    key = "drivers.worth" if clear else "drivers.worth_at_most"
    return label(key, language, amount=amount)


def _yes_or_no(answer: bool | None, language: str) -> str:
    if answer is None:
        return ABSENT
    return label("format.yes" if answer else "format.no", language)
