"""Conventions of a run, in words of either language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prioritering.report.labels import label
from prioritering.report.numbers import number, percent

_SEX = {"pooled": "people.pooled", "male": "people.male", "female": "people.female"}
_CROSSING = {"raise": "crossing.raise", "cap": "crossing.cap", "report": "crossing.report"}


def discounting_text(discounting: Mapping[str, Any], language: str) -> str:
    r"""Write discounting, as provenance holds it, for a reader.

    Examples
    --------
    >>> from prioritering.conventions import Discounting
    >>> print(discounting_text(Discounting.flat(0.04).to_dict(), "en"))
    4.0\xa0% a year from year 0
    """
    steps = discounting["steps"]
    if all(step["rate"] == 0 for step in steps):
        return label("convention.not_discounted", language)
    parts = [
        label(
            "convention.step",
            language,
            rate=percent(step["rate"], decimals=1, language=language),
            year=f"{step['from_year']:g}",
        )
        for step in steps
    ]
    if discounting["rate_type"] == "continuous":
        parts.append(label("convention.continuous", language))
    if discounting["timing"] != "point":
        parts.append(label(f"timing.{discounting['timing']}", language))
    return ", ".join(parts)


def correction_text(rule: str, language: str) -> str:
    """Write a cycle correction for a reader."""
    return label(f"cycle_correction.{rule}", language)


def life_table_text(provenance: Mapping[str, Any], language: str) -> str:
    """Write which life table a run had and where it begins; nothing if provenance is silent.

    Examples
    --------
    >>> life_table_text({"life_table": "no_2025", "sex": "female", "age": 53.0}, "en")
    'no_2025, women, age 53'
    """
    table, sex, age = (provenance.get(key) for key in ("life_table", "sex", "age"))
    if table is None or sex is None:
        return ""
    parts = [label("people.table", language, table=table, sex=label(_SEX[sex], language))]
    if age is not None:
        parts.append(label("people.age", language, age=_age(age, language)))
    return ", ".join(parts)


def utilities_text(provenance: Mapping[str, Any], language: str) -> str:
    """Write how utilities follow age, by which norm and from which reference age."""
    if "age_adjustment" not in provenance:
        return ""
    adjustment = provenance["age_adjustment"]
    if adjustment is None:
        return label("people.not_adjusted", language)
    age = _age(adjustment["reference_age"], language)
    return label("people.adjusted", language, norm=adjustment["norm"], age=age)


def crossing_text(provenance: Mapping[str, Any], language: str) -> str:
    """Write what happens to survival curves that cross; nothing for models without curves."""
    if "crossing" not in provenance:
        return ""
    return label(_CROSSING[provenance["crossing"]], language)


def _age(age: float, language: str) -> str:
    return number(age, decimals=0 if float(age).is_integer() else 1, language=language)
