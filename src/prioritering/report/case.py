"""The report of a case: a summary to read, and files of tables and figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from prioritering.errors import CaseError, ConfidentialError
from prioritering.report import tables
from prioritering.report.case_data import case_curves, case_data
from prioritering.report.case_decision import (
    confidential_figures,
    confidential_mark,
    confidential_tables,
    decision_figures,
    decision_tables,
    put_mark,
    write_pages,
)
from prioritering.report.case_index import write_index
from prioritering.report.case_population import population_evpi_table
from prioritering.report.case_sensitivity import sensitivity_figures, sensitivity_tables
from prioritering.report.case_summary import language_of, summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from prioritering.dossier.case_run import CaseRun

__all__ = ["case_tables", "summary", "write_confidential", "write_report"]

RESULTS_FILE = "results.json"
"""Listed with the report; whoever made the run writes it."""

DPI = 200
PNG = {"compress_level": 3}
"""Half the time of the usual level, for files a tenth larger."""

SUMMARY_FILE = "summary.txt"
_FORMULA = re.compile(r"[=+@\t\r]|-(?!\d)")
_SEPARATOR = {"en": ",", "no": ";"}
"""What a spreadsheet set to the language splits the columns of a CSV file at."""

_DECIMAL = {"en": ".", "no": ","}


def write_report(case_run: CaseRun, folder: str | Path, language: str | None = None) -> list[Path]:
    """Write the summary as text, tables and numbers as CSV, figures as PNG and SVG, a list of all.

    CSV files are UTF-8 with a mark that spreadsheets know, split at commas in English and at
    semicolons in Norwegian; what must be known about a table follows below it. The trace and
    the draws' outcomes are unrounded. Text that a spreadsheet would run as a formula gets an
    apostrophe before it. Files of the same names are replaced.

    Parameters
    ----------
    case_run
        A run of a case.
    folder
        Where to write; it is made if it does not exist.
    language
        ``"en"`` or ``"no"``; by default the language of the case.

    Returns
    -------
    list of Path
        Files written: the summary, tables, numbers, figures, the page of the decision, and the
        list of them all.

    Raises
    ------
    CaseError
        The folder is a file.
    UnknownNameError
        A language without labels.
    """
    chosen, place = language_of(case_run, language), Path(folder)
    if place.exists() and not place.is_dir():
        raise CaseError("cannot write a report there", expected="a folder", found=f"file {place}")
    place.mkdir(parents=True, exist_ok=True)
    text = place / SUMMARY_FILE
    text.write_text(summary(case_run, chosen) + "\n", encoding="utf-8")
    written = [text]
    for name, frame in case_tables(case_run, language=chosen).items():
        written.append(_write_table(frame, place / f"{name}.csv", chosen))
    for name, frame in case_data(case_run).items():
        written.append(_write_numbers(frame, place / f"{name}.csv", chosen))
    for name, draw in _figures(case_run):
        written += _write_figure(draw, place, name, chosen)
    for name, plot in (*decision_figures(case_run), *sensitivity_figures(case_run)):
        written += _write_new_figure(plot, place, name, chosen)
    written += write_pages(case_run.page, place)
    listed = [*written, place / RESULTS_FILE]
    return [*written, write_index(listed, place, title=case_run.case.title, language=chosen)]


def write_confidential(
    case_run: CaseRun, folder: str | Path, language: str | None = None
) -> list[Path]:
    """Write what a secret agreement makes of a run, every file marked, into a folder of its own.

    The page in both languages, tables as CSV, figures, and ``results.json``.

    Parameters
    ----------
    case_run
        A run of a case with its confidential part.
    folder
        Where to write; it is made if it does not exist.
    language
        ``"en"`` or ``"no"`` for tables and figures; by default the language of the case.

    Raises
    ------
    ConfidentialError
        A run without a confidential part: the public view has no such figures.
    """
    from prioritering.dossier import results_json

    chosen, place, secret = language_of(case_run, language), Path(folder), case_run.confidential
    if secret is None:
        raise ConfidentialError(
            "the run holds nothing confidential",
            expected="a run with its secret agreement",
            found="a public run",
            remedy="Run the case with --view confidential.",
        )
    place.mkdir(parents=True, exist_ok=True)
    tables_of = confidential_tables(secret, currency=case_run.case.currency, language=chosen)
    written = write_pages(secret.page, place)
    for name, frame in tables_of.items():
        written.append(_write_table(frame, place / f"{name}.csv", chosen))
    mark = confidential_mark(secret, chosen)
    for name, plot in confidential_figures(secret):
        written += _write_new_figure(plot, place, name, chosen, mark=mark)
    results = place / RESULTS_FILE
    results.write_text(results_json(secret.results) + "\n", encoding="utf-8")
    written.append(results)
    title = f"{mark} {case_run.case.title}"
    return [*written, write_index(written, place, title=title, language=chosen)]


def case_tables(case_run: CaseRun, *, language: str | None = None) -> dict[str, pd.DataFrame]:
    """All tables of a run under the names of their files.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    chosen = language_of(case_run, language)
    frames = {
        "outcomes": tables.outcomes_table(case_run.base, language=chosen),
        "comparison": tables.cea_table(case_run.comparison, language=chosen),
        "pairwise": tables.pairwise_table(case_run.comparison, language=chosen),
        "parameters": tables.parameters_table(case_run.parameters, language=chosen),
        "assumptions": tables.assumptions_table(case_run.assumptions, language=chosen),
        "sources": tables.sources_table(case_run.rules, language=chosen),
    }
    if case_run.severity is not None:
        frames["severity"] = tables.severity_table(case_run.severity, language=chosen)
    if case_run.psa is not None and case_run.psa_comparison is not None:
        psa = case_run.psa_comparison
        frames["psa_outcomes"] = tables.outcomes_table(case_run.psa, language=chosen)
        frames["psa_comparison"] = tables.cea_table(psa, language=chosen)
        frames["psa_pairwise"] = tables.pairwise_table(psa, language=chosen)
        if psa.wtp is not None:
            frames["psa_best"] = tables.best_table(psa, language=chosen)
    if case_run.severity_psa is not None:
        frames["psa_severity"] = tables.severity_table(case_run.severity_psa, language=chosen)
    if case_run.decision is not None:
        frames["decision"] = tables.decision_table(case_run.decision, language=chosen)
    everybody = population_evpi_table(case_run, language=chosen)
    if everybody is not None:
        frames["population_evpi"] = everybody
    more = decision_tables(case_run, language=chosen)
    return frames | more | sensitivity_tables(case_run, language=chosen)


def _write_table(frame: pd.DataFrame, path: Path, language: str) -> Path:
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=_SEPARATOR[language])
        rows.writerow(map(_inert, [str(frame.index.name), *frame.columns]))
        rows.writerows(map(_inert, row) for row in frame.itertuples(name=None))
        notes = frame.attrs["notes"]
        rows.writerows([[], *([_inert(note)] for note in notes)] if notes else [])
    return path


def _write_numbers(frame: pd.DataFrame, path: Path, language: str) -> Path:
    """Write every digit, with the decimal mark of the language."""
    frame.rename(columns=_inert).rename(index=_inert, level="strategy").to_csv(
        path,
        sep=_SEPARATOR[language],
        decimal=_DECIMAL[language],
        encoding="utf-8-sig",
        lineterminator="\r\n",
    )
    return path


def _inert(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _figures(case_run: CaseRun) -> Iterator[tuple[str, Callable[..., Axes]]]:
    """File name of each figure the run has data for, and what draws it on axes ``ax``."""
    from prioritering.report import figures

    trace, psa = case_run.base.trace, case_run.psa_comparison
    if trace is not None:
        for i, name in enumerate(trace.strategies):
            yield f"trace_{i + 1}_{_slug(name)}", partial(figures.plot_trace, trace, name)
    curves = case_curves(case_run)
    if trace is not None and curves:
        yield "curves", partial(figures.plot_curves, curves, trace.years)
    main = psa or case_run.comparison
    yield "frontier", partial(figures.plot_frontier, main)
    yield "plane", partial(figures.plot_plane, main, main.wtp)
    yield "net_benefit", partial(figures.plot_net_benefit, main)
    if psa is not None:
        yield "acceptability", partial(figures.plot_acceptability, psa)
    severity = case_run.severity_psa or case_run.severity
    if severity is not None:
        yield "severity", partial(figures.plot_severity, severity)
    if case_run.decision is not None:
        yield "decision", partial(figures.plot_decision, case_run.decision)


def _write_figure(draw: Callable[..., Axes], folder: Path, name: str, language: str) -> list[Path]:
    """Draw on a sheet outside pyplot."""
    from prioritering.report.figures._canvas import sheet

    figure, axes = sheet()
    draw(ax=axes, language=language)
    return _save(figure, folder, name)


def _write_new_figure(
    plot: Callable[..., Axes | tuple[Axes, ...]],
    folder: Path,
    name: str,
    language: str,
    *,
    mark: str = "",
) -> list[Path]:
    """Draw a figure that chooses its own size, a mark above it; pyplot forgets it."""
    import matplotlib.pyplot as plt

    drawn = plot(language=language)
    axes = drawn[0] if isinstance(drawn, tuple) else drawn
    figure = cast("Figure", axes.get_figure(root=True))
    if mark:
        put_mark(figure, mark)
    try:
        return _save(figure, folder, name)
    finally:
        plt.close(figure)


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write PNG and SVG, laid out once; the SVG is the same bytes for the same figure."""
    import matplotlib as mpl

    paths = [folder / f"{name}.{kind}" for kind in ("png", "svg")]
    title = figure.get_suptitle() or figure.axes[0].get_title(loc="left")
    about = {"Title": " ".join(title.split())}
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(paths[0], dpi=DPI, metadata=about, pil_kwargs=PNG)
        figure.set_layout_engine("none")
        figure.savefig(paths[1], dpi=DPI, metadata={**about, "Date": None})
    return paths


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "strategy"
