"""Price, budget, personnel and small group of a case, its page, and its confidential part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from prioritering.report.labels import LANGUAGES, label
from prioritering.report.page.lines import page_lines
from prioritering.report.text import heading, items_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from prioritering.decision.agreements import AgreementComparison
    from prioritering.decision.page.page import DecisionPage
    from prioritering.dossier.case_run import CaseRun
    from prioritering.dossier.confidential import ConfidentialRun

Plot = Callable[..., Any]

TABLES = {
    "price": "price",
    "perspectives": "perspectives",
    "inventory": "inventory",
    "budget": "budget",
    "displaced": "opportunity_cost",
    "personnel": "personnel",
    "small_group": "small_group",
}
"""Name of the file of each result."""

FIGURES = ("price", "perspectives", "budget", "displaced", "personnel")
"""Results with a figure."""

MARK_INCHES = 0.3
WARNING = "#a00000"

_SHOWN = ("price", "budget", "opportunity_cost", "personnel", "route")
"""Sections of the page that the summary shows; the others are in it already."""


def decision_tables(case_run: CaseRun, *, language: str = "en") -> dict[str, pd.DataFrame]:
    """Tables of every section on the decision, by file name.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    found = case_run.decisions
    results = {file: getattr(found, name, None) for name, file in TABLES.items()}
    frames = {k: result.table(language) for k, result in results.items() if result is not None}
    if found is not None and found.personnel is not None and found.personnel.years:
        frames["personnel_per_patient"] = found.personnel.patient_table(language)
    return frames


def decision_figures(case_run: CaseRun) -> Iterator[tuple[str, Plot]]:
    """File name of each figure on the decision, and what draws it."""
    found = case_run.decisions
    for name in FIGURES:
        result = getattr(found, name, None)
        if result is not None:
            yield TABLES[name], result.plot
    if found is not None and found.price is not None and found.price.n_draws > 1:
        yield "price_probability", found.price.plot_probability


def decision_summary(case_run: CaseRun, language: str) -> str:
    """Write what the page says of price, budget, personnel and small group, for a terminal."""
    page = case_run.page
    if page is None:
        return ""
    shown = replace(page, rows=tuple(row for row in page.rows if row.section in _SHOWN))
    stated = [
        line for line in page_lines(shown, language) if line.name and line.name != line.section
    ]
    items = items_text(f"{line.name}: {line.value}" for line in stated)
    title = heading(label("case_decision.heading", language))
    parts = [title, items, label("case_decision.page", language)]
    return "\n".join(part for part in parts if part)


def write_pages(page: DecisionPage | None, folder: Path) -> list[Path]:
    """Write the page of a decision in both languages, as HTML and as text."""
    written = []
    for language in LANGUAGES if page is not None else ():
        for kind, write in (("html", page.html), ("md", page.text)):  # type: ignore[union-attr]
            path = folder / f"decision.{language}.{kind}"
            path.write_text(write(language), encoding="utf-8")
            written.append(path)
    return written


def confidential_tables(
    secret: ConfidentialRun, *, currency: str, language: str = "en"
) -> dict[str, pd.DataFrame]:
    """Tables at the net price, each marked, by file name.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    results = {
        "agreements": _named(secret.comparison, language),
        "budget": secret.budget,
        "opportunity_cost": secret.displaced,
    }
    frames = {k: result.table(language) for k, result in results.items() if result is not None}
    terms = secret.agreement.describe(language, currency=currency)
    marks = (
        confidential_mark(secret, language),
        label("case_decision.agreement", language, text=terms),
    )
    for frame in frames.values():
        frame.attrs["notes"] = (*marks, *frame.attrs["notes"])
    return frames


def confidential_figures(secret: ConfidentialRun) -> Iterator[tuple[str, Plot]]:
    """File name of each figure at the net price, and what draws it."""
    yield "agreements", partial(_plot_agreements, secret.comparison)
    if secret.budget is not None:
        yield "budget", secret.budget.plot


def _plot_agreements(comparison: AgreementComparison, *, language: str) -> Axes:
    return _named(comparison, language).plot(language=language)


def _named(comparison: AgreementComparison, language: str) -> AgreementComparison:
    """Return the comparison with the case's agreement named in a language."""
    list_price, *agreements = comparison.results
    name = label("case_decision.net_price", language)
    named = (replace(result, name=name) for result in agreements)
    return replace(comparison, results=(list_price, *named))


def confidential_mark(secret: ConfidentialRun, language: str) -> str:
    """Say that what follows is confidential, and what the agreement is."""
    return label("case_decision.mark", language, label=secret.label.rstrip("."))


def put_mark(figure: Figure, mark: str) -> None:
    """Write a mark above everything on a figure, which grows by the line it takes."""
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + MARK_INCHES)
    engine = cast("ConstrainedLayoutEngine", figure.get_layout_engine())
    engine.set(rect=(0.0, 0.0, 1.0, height / (height + MARK_INCHES)))
    figure.text(0.01, 0.99, mark, fontsize=7.5, color=WARNING, ha="left", va="top")
