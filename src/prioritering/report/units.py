"""Units as cases write them, in the words of a language."""

from __future__ import annotations

from collections.abc import Mapping

from prioritering.report.labels import label

_LABELS: Mapping[str, str] = {
    "per year": "unit.per_year",
    "per month": "unit.per_month",
    "per dose": "unit.per_dose",
    "per pack": "unit.per_pack",
    "per unit": "unit.per_unit",
    "per patient": "unit.per_patient",
    "per treatment": "unit.per_treatment",
    "per year of treatment": "unit.per_year_of_treatment",
    "per month of treatment": "unit.per_month_of_treatment",
    "log years": "unit.log_years",
    "utility": "unit.utility",
    "ratio": "unit.ratio",
    "share": "unit.share",
    "days": "unit.days",
    "hours": "unit.hours",
    "QALYs": "unit.qalys",
    "DRG points": "unit.drg_points",
    "year": "unit.year",
    "month": "unit.month",
    "week": "unit.week",
    "day": "unit.day",
    "cycle": "unit.cycle",
    "years": "unit.years",
    "months": "unit.months",
    "weeks": "unit.weeks",
    "cycles": "unit.cycles",
}


def unit_text(unit: str, language: str) -> str:
    """Write a unit in a language; what is no common unit stays as the case has it.

    Raises
    ------
    UnknownNameError
        A language without labels.

    Examples
    --------
    >>> unit_text("NOK/year", "no"), unit_text("per vial", "no")
    ('NOK/år', 'per vial')
    """
    known = _LABELS.get(unit)
    if known is not None:
        return label(known, language)
    parts = [part.strip() for part in unit.split("/")]
    return "/".join(unit_text(part, language) for part in parts) if len(parts) > 1 else unit


def length_text(length: str, language: str) -> str:
    """Write a length of time, as a :class:`Duration` prints it, in a language.

    Examples
    --------
    >>> length_text("7 years", "no"), length_text("1.5 months", "no")
    ('7 år', '1,5 måneder')
    """
    count, _, unit = length.partition(" ")
    amount = count.replace(".", ",") if language == "no" else count
    return f"{amount} {unit_text(unit, language)}"
