"""Absolute shortfall, its class, and the reference willingness to pay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import mean_se
from prioritering.report.labels import label
from prioritering.report.numbers import DEFAULT_CURRENCY, number, percent_with_error, with_error
from prioritering.report.tables._cells import build, draws_notes

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.guidelines.severity import SeverityClass
    from prioritering.severity import Severity

DECIMALS = 2
"""Decimals of QALYs here, unless the guideline rounds the shortfall otherwise."""


def severity_table(
    severity: Severity, *, language: str = "en", currency: str = DEFAULT_CURRENCY
) -> pd.DataFrame:
    """Severity at the mean prognosis and, with more than one draw, over the draws.

    The value column is what a dossier states. With draws come the middle 95 % of them, Monte
    Carlo standard errors in brackets, and a row for the probability of each class met.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    point, places = severity.expected, severity.scale.decimals
    write = _writer(DECIMALS if places is None else places, language)
    whole, one = _writer(0, language), _writer(1, language)
    prognosis_se, shortfall_se = mean_se(severity.prognosis), mean_se(severity.shortfall)
    rows = [
        ("age", write_age(severity.population.age, language), None, whole),
        ("qalys_population", write(severity.population.value, None), None, write),
        ("qalys_prognosis", write(point.qalys_prognosis, prognosis_se), severity.prognosis, write),
        ("shortfall", write(point.shortfall_rounded, shortfall_se), severity.shortfall, write),
        ("proportional", write(point.proportional, None), severity.proportional, write),
        ("severity_class", whole(point.severity_class, None), severity.severity_class, whole),
        ("weight", one(point.weight, None), severity.weight, one),
        ("reference_wtp", whole(point.wtp, None), severity.wtp, whole),
    ]
    index = [label(f"row.{name}", language, currency=currency) for name, *_ in rows]
    values = [value for _, value, _, _ in rows]
    intervals = [_interval(draws, write, language) for _, _, draws, write in rows]
    for name, share in _class_shares(severity, language):
        index.append(name)
        values.append(share)
        intervals.append("")
    columns = {label("column.value", language): values}
    if severity.n_draws > 1:
        columns[label("column.interval", language)] = intervals
    return build(
        columns,
        index=index,
        index_name=label("column.quantity", language),
        notes=_notes(severity, language),
    )


Writer = Callable[[float, float | None], str]


def _writer(decimals: int, language: str) -> Writer:
    def write(value: float, se: float | None) -> str:
        return with_error(value, se, decimals=decimals, language=language)

    return write


def write_age(age: float, language: str) -> str:
    """Age in years, with a decimal only when it has one."""
    return number(age, decimals=0 if float(age).is_integer() else 1, language=language)


def _interval(
    draws: NDArray[np.float64] | NDArray[np.int64] | None, write: Writer, language: str
) -> str:
    """Middle 95 % of the draws, as values that occur among them."""
    if draws is None:
        return ""
    ends = np.quantile(draws, (0.025, 0.975), method="inverted_cdf").tolist()
    low, high = (write(end, None) for end in ends)
    return low if low == high else label("format.range", language, low=low, high=high)


def _class_shares(severity: Severity, language: str) -> list[tuple[str, str]]:
    if severity.n_draws == 1:
        return []
    rows = []
    for group in severity.scale.classes:
        share = severity.probability_of_class[group.number]
        se = severity.probability_of_class_se[group.number]
        if share > 0 and se is not None:
            name = label(
                "row.class_probability",
                language,
                number=number(group.number, language=language),
                bounds=class_bounds(group, language),
            )
            rows.append((name, percent_with_error(share, se, language=language)))
    return rows


def class_bounds(group: SeverityClass, language: str) -> str:
    """Bounds of a class: lower inclusive, upper exclusive, the last one open."""
    low = number(group.lower, language=language)
    if group.upper is None:
        return label("format.from", language, low=low)
    return label(
        "format.range", language, low=low, high="<" + number(group.upper, language=language)
    )


def _notes(severity: Severity, language: str) -> list[str]:
    population = severity.population
    notes = [
        label("note.undiscounted", language),
        *draws_notes(severity.n_draws, severity.provenance, language),
    ]
    if severity.n_draws > 1:
        notes.append(label("note.interval", language))
    notes.append(label("note.population", language, source=population.source.rstrip(".")))
    if population.second_hand:
        notes.append(label("note.second_hand", language))
    notes += [label("note.assumption", language, text=text) for text in population.assumptions]
    levels = severity.provenance["levels_source"].rstrip(".")
    notes.append(label("note.levels", language, source=levels))
    if severity.provenance["levels_second_hand"]:
        notes.append(label("note.levels_second_hand", language))
    return [*notes, label("note.reference_levels", language)]
