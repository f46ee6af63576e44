"""What the tables share: writing columns of cells, headings with a currency, and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prioritering.cea import errors_are_upper_bounds
from prioritering.report.labels import label
from prioritering.report.numbers import number, percent, with_error

if TYPE_CHECKING:
    import pandas as pd

QALY_DECIMALS = 3
"""Decimals of QALYs and life years in a comparison."""

Errors = Sequence[float | None]


def build(
    columns: Mapping[str, Sequence[str]],
    *,
    index: Sequence[str],
    index_name: str,
    notes: Sequence[str] = (),
) -> pd.DataFrame:
    """Frame of text with a named index and its notes in ``attrs["notes"]``."""
    import pandas as pd

    frame = pd.DataFrame(dict(columns), index=pd.Index(index, name=index_name), dtype=object)
    frame.attrs["notes"] = tuple(notes)
    return frame


def cells(
    values: Sequence[float | None], errors: Errors, *, decimals: int, language: str
) -> list[str]:
    """Numbers with their Monte Carlo errors."""
    return [
        with_error(value, error, decimals=decimals, language=language)
        for value, error in zip(values, errors, strict=True)
    ]


def confidence_level(level: float, language: str) -> str:
    """Per cent of a confidence level, with a decimal only when it has one.

    Examples
    --------
    >>> [confidence_level(level, "en").split() for level in (0.95, 0.975)]
    [['95', '%'], ['97.5', '%']]
    """
    decimals = 0 if round(100 * level, 9).is_integer() else 1
    return percent(level, decimals=decimals, language=language)


def p_value(value: float, language: str) -> str:
    """Three decimals of a p-value, or that it is below what they can show.

    Examples
    --------
    >>> p_value(0.0456, "en"), p_value(0.00099, "no")
    ('0.046', '<0,001')
    """
    sign, shown = ("<", 0.001) if value < 0.001 else ("", value)
    return sign + number(shown, decimals=3, language=language)


def draws_notes(n_draws: int, provenance: Mapping[str, Any], language: str) -> list[str]:
    """Say what the numbers are means over, what stands in brackets, and what is assumed."""
    notes = [label("note.one_draw", language)]
    if n_draws > 1:
        notes = [label("note.many_draws", language, n=number(n_draws, language=language))]
        notes += _bound_notes(provenance, language)
    return secret_notes(provenance, language) + notes + assumption_notes(provenance, language)


def secret_notes(provenance: Mapping[str, Any], language: str) -> list[str]:
    """Mark what rests on a secret price."""
    return [label("note.confidential", language)] if provenance.get("confidential") else []


def error_notes(provenance: Mapping[str, Any], language: str) -> list[str]:
    """Say that Monte Carlo errors are upper bounds where draws depend on each other.

    What rests on a secret price is marked first, here too, so that no result goes without.
    """
    return secret_notes(provenance, language) + _bound_notes(provenance, language)


def _bound_notes(provenance: Mapping[str, Any], language: str) -> list[str]:
    if not errors_are_upper_bounds(provenance):
        return []
    method = label(f"word.{provenance['draws']['method']}", language)
    return [label("note.upper_bound", language, method=method)]


def with_error_notes(text: str, provenance: Mapping[str, Any], language: str) -> str:
    """Add to a text on Monte Carlo errors that they are upper bounds, where they are.

    What rests on a secret price is marked first.
    """
    secret = secret_notes(provenance, language)
    return " ".join([*secret, text, *_bound_notes(provenance, language)])


def assumption_notes(provenance: Mapping[str, Any], language: str) -> list[str]:
    """Name the parameters whose values are assumed."""
    names = (provenance.get("draws") or {}).get("assumptions", ())
    return [label("note.assumed", language, names=", ".join(names))] if names else []


def source_text(source: str, language: str) -> str:
    """Write a source as it is, or in the language that it is an assumption."""
    from prioritering.decision.page.material import ASSUMED

    return label("page_status.assumption", language) if source == ASSUMED else source.rstrip(".")
