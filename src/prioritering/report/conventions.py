"""Conventions of a run, in words of either language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prioritering.report.labels import label
from prioritering.report.numbers import percent


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
