"""Staff hours by profession and level of care, by calendar year and per patient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import number
from prioritering.report.tables._cells import build, draws_notes, source_text
from prioritering.report.tables.budget import ENTRY_KEYS, year_text

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.budget.personnel import Personnel
    from prioritering.decision.means import Mean

_MOST_DECIMALS = 3


def personnel_table(personnel: Personnel, *, language: str = "en") -> pd.DataFrame:
    """One column per calendar year: hours of each staff group with, without and net.

    Full-time equivalents of the net hours follow where the analyst gave a working year.

    Raises
    ------
    UnknownNameError
        A language without labels.
    ResultError
        No patients were given.
    """
    from prioritering.decision.budget.impact import WORLDS

    rows = {}
    for i, name in enumerate(staff_names(personnel, language)):
        for world in WORLDS:
            word = label(f"budget.{world}", language)
            row = label("personnel.row", language, group=name, world=word)
            rows[row] = hours_cells(personnel.means(world, i), language)
        if personnel.working_year is not None:
            row = label("personnel.fte", language, group=name)
            net = personnel.means("net", i)
            rows[row] = hours_cells(net, language, share=personnel.working_year.hours)
    years = [year_text(year, language) for year in personnel.years]
    return build(
        {year: [row[k] for row in rows.values()] for k, year in enumerate(years)},
        index=list(rows),
        index_name=label(
            "personnel.pair", language, option=personnel.option, reference=personnel.reference
        ),
        notes=[
            *draws_notes(personnel.n_draws, personnel.provenance, language),
            label(ENTRY_KEYS[personnel.entry], language),
            *personnel_notes(personnel, language),
        ],
    )


def hours_per_patient_table(personnel: Personnel, *, language: str = "en") -> pd.DataFrame:
    """One row per staff group: hours per patient of both strategies and their difference.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    means = [personnel.patient_means(i) for i in range(len(personnel.staff))]
    heads = {
        "without": personnel.reference,
        "with": personnel.option,
        "net": label("personnel.difference", language),
    }
    return build(
        {head: hours_cells([m[world] for m in means], language) for world, head in heads.items()},
        index=staff_names(personnel, language),
        index_name=label("personnel.per_patient", language),
        notes=[
            *draws_notes(personnel.per_patient.shape[-1], personnel.provenance, language),
            horizon_note(personnel, language),
            *personnel_notes(personnel, language),
        ],
    )


def staff_names(personnel: Personnel, language: str) -> list[str]:
    """Profession and level of care of each staff group."""
    return [
        label(
            "personnel.group",
            language,
            profession=group.profession,
            level=group.level_name.in_language(language),
        )
        for group in personnel.staff
    ]


def horizon_note(personnel: Personnel, language: str) -> str:
    """Over which time hours per patient run."""
    if personnel.horizon is None:
        return label("personnel.whole", language)
    return label("personnel.horizon", language, years=personnel.horizon)


def personnel_notes(personnel: Personnel, language: str) -> list[str]:
    """Not in money, where hours come from, and what needs no staff."""
    notes = [label("personnel.not_money", language)]
    if personnel.working_year is not None:
        notes.append(
            label(
                "personnel.working_year",
                language,
                hours=number(personnel.working_year.hours, language=language),
                source=source_text(personnel.working_year.source, language),
            )
        )
    for name, sources in personnel.sources.items():
        text = "; ".join(source_text(source, language) for source in sources)
        notes.append(label("personnel.source", language, resource=name, source=text))
    if personnel.no_staff:
        names = ", ".join(personnel.no_staff)
        notes.append(label("personnel.no_staff", language, names=names))
    return notes


def hours_cells(means: Sequence[Mean], language: str, *, share: float = 1.0) -> list[str]:
    """Hours, or their share of a working year, with Monte Carlo errors.

    Value and error have the same decimals: enough for two digits of a value below 1 and one
    of the error, but never more than three, or one from 100 on.
    """
    values = [m.value / share for m in means]
    errors = [None if m.se is None else m.se / share for m in means]
    least = hours_decimals(values)
    return [
        _hours(value, error, decimals=_decimals(value, error, least), language=language)
        for value, error in zip(values, errors, strict=True)
    ]


def _decimals(value: float, error: float | None, least: int) -> int:
    wanted = max(least, _digits(value, 2), _digits(error or 0.0, 1))
    return min(wanted, 1 if abs(value) >= 100 else _MOST_DECIMALS)


def _digits(value: float, wanted: int) -> int:
    """Decimals that show so many digits of a number below 1."""
    return wanted - 1 - math.floor(math.log10(abs(value))) if 0 < abs(value) < 1 else 0


def _hours(value: float, error: float | None, *, decimals: int, language: str) -> str:
    text = _below(value, decimals, language)
    return text if error is None else f"{text} ({_below(error, decimals, language)})"


def _below(value: float, decimals: int, language: str) -> str:
    """Write a number, or that it lies nearer to 0 than its last decimal shows."""
    least = 10.0**-decimals
    if value and round(value, decimals) == 0:
        sign = "<" if value > 0 else ">-"
        return sign + number(least, decimals=decimals, language=language)
    return number(value, decimals=decimals, language=language)


def hours_decimals(values: Sequence[float]) -> int:
    """Decimals of hours: none from 100 on, else two."""
    return 0 if max(map(abs, values), default=0.0) >= 100 else 2
