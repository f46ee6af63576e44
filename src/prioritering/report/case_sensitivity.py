"""Sensitivity and the value of information of a case: tables, figures and a part of the summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money
from prioritering.report.tables.classification import cutoff_sentences
from prioritering.report.tables.documentation import extrapolation_table, judgement_table
from prioritering.report.tables.drivers import driver_sentence
from prioritering.report.tables.parameters import significant
from prioritering.report.tables.sensitivity import THRESHOLD_DIGITS, icer_cell
from prioritering.report.text import heading, items_text, notes_text, paragraph
from prioritering.report.units import unit_text

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.dossier.case_run import CaseRun
    from prioritering.dossier.uncertainty import CaseUncertainty
    from prioritering.psa.sensitivity import Scenarios, Threshold

TABLES = {
    "tornado": "tornado",
    "scenarios": "scenarios",
    "drivers": "drivers",
    "information": "evppi",
    "settling": "convergence",
    "increments": "increments",
    "loss": "expected_loss",
    "ranks": "ranks",
    "severity": "severity_acceptability",
    "cutoffs": "cutoffs",
    "classification": "classification",
    "price_path": "price_path",
}
"""Name of the file of each analysis."""

FIGURES = tuple(name for name in TABLES if name not in ("increments", "classification"))
"""Analyses with a figure."""


def sensitivity_tables(case_run: CaseRun, *, language: str = "en") -> dict[str, pd.DataFrame]:
    """Tables of the judgement of the documentation and of every analysis made, by file name.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    frames = {}
    documentation, found = case_run.documentation, case_run.uncertainty
    if documentation is not None:
        frames["documentation"] = judgement_table(documentation.judgement, language=language)
        if documentation.extrapolated is not None:
            frames["extrapolation"] = extrapolation_table(
                documentation.extrapolated, language=language
            )
    if found is None:
        return frames
    for name, file in TABLES.items():
        result = getattr(found, name)
        if result is not None:
            frames[file] = result.table(language=language)
    for file, threshold in _thresholds(found):
        frames[file] = threshold.table(language=language)
    return frames


def sensitivity_figures(case_run: CaseRun) -> Iterator[tuple[str, Callable[..., Any]]]:
    """File name of each figure, and what draws it in a new figure in a ``language``."""
    found = case_run.uncertainty
    if found is None:
        return
    for name in FIGURES:
        result = getattr(found, name)
        if result is not None:
            chosen = {"quantity": "nmb"} if name == "settling" else {}
            yield TABLES[name], partial(result.plot, **chosen)
    for file, threshold in _thresholds(found):
        yield file, threshold.plot


def sensitivity_summary(case_run: CaseRun, language: str) -> str:
    """Write what moves the decision, as a section of the summary; empty without analyses."""
    found = case_run.uncertainty
    if found is None:
        return ""
    lines = [*_sentences(found, language), *_asked(found, language)]
    if found.notes:
        lines.append(items_text(found.notes))
    if not lines:
        return ""
    return "\n".join([heading(label("uncertainty.heading", language)), *lines])


def _sentences(found: CaseUncertainty, language: str) -> Iterator[str]:
    if found.drivers is not None:
        unit = currency_of(found.drivers.provenance, None)
        top = found.drivers.rows[0]
        yield paragraph(driver_sentence(found.drivers, top, language=language, currency=unit))
    if found.cutoffs is not None:
        yield notes_text(cutoff_sentences(found.cutoffs, language))


def _asked(found: CaseUncertainty, language: str) -> Iterator[str]:
    if found.scenarios is not None:
        yield from _scenario_lines(found.scenarios, language)
    for threshold in found.thresholds:
        yield from _threshold_lines(threshold, language)


def _scenario_lines(result: Scenarios, language: str) -> Iterator[str]:
    unit = currency_of(result.provenance, None)
    named = [(label("sensitivity.base_row", language), result.base)]
    named += [(row.name, row.result) for row in result.rows]
    for name, comparison in named:
        ratio = icer_cell(comparison, language)
        if comparison.icer is not None:
            ratio = label("uncertainty.icer", language, amount=ratio)
        benefit = money(comparison.nmb, language=language, currency=unit)
        yield paragraph(
            label("uncertainty.scenario", language, name=name, ratio=ratio, benefit=benefit)
        )


def _threshold_lines(result: Threshold, language: str) -> Iterator[str]:
    about = {"name": result.name, "unit": unit_text(result.unit, language)}
    for crossing in result.crossings:
        side = "above" if crossing.direction == "favourable above" else "below"
        sentence = label(
            "uncertainty.crossing",
            language,
            **about,
            value=_value(crossing.value, language),
            base=_value(result.base_value, language),
            side=label(f"sensitivity.{side}", language),
        )
        yield paragraph(sentence)
    if not result.crossings:
        ends = {"low": _value(result.low, language), "high": _value(result.high, language)}
        yield paragraph(label("uncertainty.no_crossing", language, **about, **ends))


def _value(value: float, language: str) -> str:
    return significant(value, digits=THRESHOLD_DIGITS, language=language)


def _thresholds(found: CaseUncertainty) -> Iterator[tuple[str, Any]]:
    for k, threshold in enumerate(found.thresholds, start=1):
        name = re.sub(r"[^a-z0-9]+", "-", threshold.name.lower()).strip("-")
        yield f"threshold_{k}_{name}", threshold
