"""Price agreements: net benefit under each and by course, and the rows that figures share."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from prioritering.conventions import NORMAL_95
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    FAVOUR,
    GROUND,
    INK,
    MUTED,
    SIZE,
    SMALL,
    canvas,
    finish,
)
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    number,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.agreements import (
    COURSES,
    confidential_notes,
    plain,
    result_name,
    shown_results,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision.agreements import (
        AdoptionTiming,
        AgreementComparison,
        AgreementResult,
    )
    from prioritering.decision.agreements.temporary import Course

_NAME_WIDTH = 22
_ROW_HEIGHT = 0.5
_HEADROOM = 2.2
_MILLION = 1e6


class ForestRow(NamedTuple):
    """One row: a mean with the middle of its draws, and words to the right.

    ``open`` draws a hollow marker; ``limit`` is a stroke of the row's own.
    """

    name: str
    mean: float
    low: float
    high: float
    words: str = ""
    open: bool = False
    limit: float | None = None


def plot_agreements(
    comparison: AgreementComparison,
    ax: Axes | None = None,
    *,
    language: str = "en",
    public: bool = False,
    currency: str | None = None,
) -> Axes:
    """Net benefit per patient at list price and under each agreement, against 0.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(comparison.provenance, currency)
    results = shown_results(comparison, public=public)
    names = {"option": comparison.option, "reference": comparison.reference}
    decision = results[0].decision
    note = label(
        "agreement_figure.note",
        language,
        n=number(decision.n_draws, language=language),
        limit=money(decision.wtp, language=language, currency=unit),
    )
    secret = confidential_notes(comparison, public=public, language=language)
    note = with_error_notes(note, comparison.provenance, language)
    with canvas(ax) as axes:
        grow(axes, len(results), own=ax is None)
        finish(
            axes,
            language,
            title=label("agreement_figure.title", language, option=comparison.option),
            x=label("axis.net_benefit", language, currency=unit, **names),
            y=None,
            small_print="\n".join([*secret, note]),
        )
        axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
        forest(axes, [_row(result, language) for result in results])
    return axes


def plot_timing(
    timing: AdoptionTiming,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Draw expected net benefit of each course for all patients, with Monte Carlo intervals.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(timing.provenance, currency)
    note = "\n".join(
        [
            label(
                "timing_figure.note",
                language,
                n=number(timing.provenance["n_draws"], language=language),
                years=plain(timing.terms.years, language),
            ),
            *([label("timing_figure.bounds", language)] if timing.perfect else []),
        ]
    )
    rows = [_course(timing, course, language) for course in timing.value]
    with canvas(ax) as axes:
        grow(axes, len(rows), own=ax is None)
        finish(
            axes,
            language,
            title=label("timing_figure.title", language),
            x=label("timing_figure.axis", language, currency=unit),
            y=None,
            small_print=with_error_notes(note, timing.provenance, language),
        )
        axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
        forest(axes, rows)
    return axes


def forest(ax: Axes, rows: Sequence[ForestRow]) -> None:
    """Draw rows from the top down: a point at the mean, a line over the middle of the draws."""
    from matplotlib.transforms import blended_transform_factory

    places = -np.arange(len(rows), dtype=float)
    beside = blended_transform_factory(ax.transAxes, ax.transData)
    for k, (row, y) in enumerate(zip(rows, places, strict=True)):
        colour = INK if k == 0 else FAVOUR
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=1.6, zorder=2)
        ax.plot(
            [row.mean],
            [y],
            "s" if k == 0 else "o",
            color=colour,
            markerfacecolor=GROUND if row.open else colour,
            markersize=6.5,
            zorder=3,
        )
        if row.limit is not None:
            ax.plot([row.limit] * 2, [y - 0.28, y + 0.28], color=MUTED, linewidth=1.4, zorder=2)
        ax.text(1.02, y, row.words, transform=beside, va="center", ha="left", fontsize=SMALL)
    ax.set_yticks(places, [fill(row.name, _NAME_WIDTH) for row in rows])
    for tick in ax.get_yticklabels():
        tick.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(places[-1] - 0.6, 0.6)


def grow(ax: Axes, n_rows: int, *, own: bool) -> None:
    """Make a new figure as high as its rows need; a given one stays as it is."""
    figure = ax.get_figure(root=True)
    if own and figure is not None:
        figure.set_size_inches(SIZE[0], max(_HEADROOM + _ROW_HEIGHT * n_rows, 2.6))


def middle(values: Floats) -> tuple[float, float]:
    """Bounds of the middle 95 % of draws."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _course(timing: AdoptionTiming, course: Course, language: str) -> ForestRow:
    """One course in millions; hollow where its value is an upper bound."""
    value = timing.value[course]
    mean, se = value.value / _MILLION, value.se / _MILLION
    return ForestRow(
        label(COURSES[course], language),
        mean,
        mean - NORMAL_95 * se,
        mean + NORMAL_95 * se,
        words=with_error(mean, se, decimals=1, language=language),
        open=timing.perfect and course in ("wait", "temporary"),
    )


def _row(result: AgreementResult, language: str) -> ForestRow:
    d = result.decision
    p = d.probability_cost_effective
    return ForestRow(
        result_name(result, language),
        d.mean_net_benefit.value,
        *middle(d.net_benefit),
        words=percent_with_error(p.value, p.se, decimals=0, language=language),
    )
