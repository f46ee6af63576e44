"""The summary of a case, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report import tables
from prioritering.report.case_decision import decision_summary
from prioritering.report.case_population import population_evpi_table
from prioritering.report.case_sensitivity import sensitivity_summary
from prioritering.report.conventions import (
    correction_text,
    crossing_text,
    discounting_text,
    life_table_text,
    utilities_text,
)
from prioritering.report.labels import check_language, label
from prioritering.report.numbers import currency_of, money, number
from prioritering.report.text import (
    frame_text,
    heading,
    items_text,
    list_text,
    notes_text,
    paragraph,
)

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.cea import CEA
    from prioritering.dossier.case_run import CaseRun


def summary(case_run: CaseRun, language: str | None = None) -> str:
    """Everything a reader needs first, as text for a terminal.

    Title and rules, the comparison, severity, the probabilistic analysis with Monte Carlo
    errors, the decision, all assumptions, and what to know about the run.

    Parameters
    ----------
    case_run
        A run of a case.
    language
        ``"en"`` or ``"no"``; by default the language of the case.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    chosen = language_of(case_run, language)
    sections = (
        _head(case_run, chosen),
        _base_case(case_run, chosen),
        _severity(case_run, chosen),
        _probabilistic(case_run, chosen),
        _decision(case_run, chosen),
        decision_summary(case_run, chosen),
        sensitivity_summary(case_run, chosen),
        _assumptions(case_run, chosen),
        _notes(case_run, chosen),
    )
    return "\n\n".join(section for section in sections if section)


def language_of(case_run: CaseRun, language: str | None) -> str:
    """Language asked for, else that of the case; one without labels is an error."""
    chosen = language or case_run.case.language
    check_language(chosen)
    return chosen


def _head(case_run: CaseRun, language: str) -> str:
    case, origin = case_run.case, case_run.base.provenance
    limit = money(case_run.limit.wtp, language=language, currency=currency_of(origin, None))
    facts = {
        "source": case.source,
        "rules": f"{case_run.rules.id} ({case_run.rules.hash[:12]})",
        "limit": label(
            "summary.limit_value", language, amount=limit, source=_limit_source(case_run, language)
        ),
        "discounting_costs": discounting_text(origin["discounting_costs"], language),
        "discounting_effects": discounting_text(origin["discounting_effects"], language),
        "cycle_correction": correction_text(origin["cycle_correction"], language),
        "life_table": life_table_text(origin, language),
        "utilities": utilities_text(origin, language),
        "crossing": crossing_text(origin, language),
    }
    lines = [
        paragraph(label(f"summary.{key}", language, text=text))
        for key, text in facts.items()
        if text
    ]
    return "\n".join([heading(case.title, "="), *_given(case.description), *lines])


def _limit_source(case_run: CaseRun, language: str) -> str:
    limit = case_run.limit
    if limit.severity_class is None:
        return limit.source.rstrip(".")
    return label("summary.limit_class", language, number=limit.severity_class)


def _given(text: str) -> list[str]:
    return [paragraph(" ".join(text.split()), indent=0)] if text.strip() else []


def _base_case(case_run: CaseRun, language: str) -> str:
    title = heading(label("summary.base_case", language))
    return f"{title}\n{_comparison(case_run.comparison, language)}"


def _comparison(cea: CEA, language: str) -> str:
    """Incremental analysis, and the pairs where it leaves out or mixes comparisons."""
    frame = tables.cea_table(cea, language=language)
    parts = [_across(frame)]
    if len(cea.rows) > 2 or len(cea.frontier) < len(cea.rows):
        against = label("note.reference", language, reference=cea.reference)
        parts += [against, _across(tables.pairwise_table(cea, language=language))]
    return "\n".join([*parts, _notes_of(frame, language)])


def _notes_of(frame: pd.DataFrame, language: str) -> str:
    """Write notes of a table, without the names of assumed values: a section lists them all."""
    start = label("note.assumed", language, names="")[:-1]
    return notes_text(note for note in frame.attrs["notes"] if not note.startswith(start))


def _across(frame: pd.DataFrame) -> str:
    """Quantities down and strategies across, which fits a terminal."""
    return frame_text(frame.T.rename_axis(index=str(frame.index.name)))


def _severity(case_run: CaseRun, language: str) -> str:
    title = heading(label("summary.severity", language))
    if case_run.severity is None:
        reason = (case_run.severity_skipped or "").rstrip(".")
        return f"{title}\n{paragraph(label('summary.no_severity', language, reason=reason))}"
    frame = tables.severity_table(case_run.severity, language=language)
    return "\n".join([title, frame_text(frame), _notes_of(frame, language)])


def _probabilistic(case_run: CaseRun, language: str) -> str:
    if case_run.psa_comparison is None:
        return ""
    n = number(case_run.psa_comparison.outcomes.n_draws, language=language)
    parts = [heading(label("summary.probabilistic", language, n=n))]
    if case_run.decision is not None:
        parts.append(paragraph(label("case_decision.means", language)))
    parts.append(_comparison(case_run.psa_comparison, language))
    if case_run.severity_psa is not None:
        parts += ["", frame_text(tables.severity_table(case_run.severity_psa, language=language))]
    if case_run.decision is None:
        best = tables.best_table(case_run.psa_comparison, language=language)
        parts += ["", f"{best.index.name}:", list_text(best)]
    everybody = population_evpi_table(case_run, language=language)
    if everybody is not None:
        parts += ["", list_text(everybody), everybody.attrs["notes"][0]]
    return "\n".join(parts)


def _decision(case_run: CaseRun, language: str) -> str:
    if case_run.decision is None:
        return ""
    frame = tables.decision_table(case_run.decision, language=language)
    title = f"{label('summary.decision', language)}: {frame.index.name}"
    return "\n".join([heading(title), list_text(frame), _notes_of(frame, language)])


def _assumptions(case_run: CaseRun, language: str) -> str:
    title = heading(label("summary.assumptions", language))
    items = items_text(f"{item.what}: {item.why}" for item in case_run.assumptions)
    return f"{title}\n{items or label('summary.none', language)}"


def _notes(case_run: CaseRun, language: str) -> str:
    if not case_run.notes:
        return ""
    return f"{heading(label('summary.notes', language))}\n{items_text(case_run.notes)}"
