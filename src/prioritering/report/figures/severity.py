"""The distribution of absolute shortfall over the severity classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    FAVOUR,
    INK,
    MUTED,
    SMALL,
    TINY,
    canvas,
    finish,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import DEFAULT_CURRENCY, money, number, percent_with_error
from prioritering.report.tables._cells import with_error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.severity import Severity

BINS_PER_VIEW = 48
_SHADE = "#f1f1f1"


class _Span(NamedTuple):
    """The part of a class that is in view."""

    number: int
    wtp: float
    low: float
    high: float


def plot_severity(
    severity: Severity,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str = DEFAULT_CURRENCY,
) -> Axes:
    """Distribution of shortfall over the classes, with the expected shortfall.

    Bars are shares of draws of the shortfall as the guideline rounds it, and no bar crosses a
    class bound, so the bars of a class add up to its probability. One draw shows the expected
    shortfall only.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    many = severity.n_draws > 1
    with canvas(ax) as axes:
        spans = _spans(severity)
        if many:
            _bars(axes, severity.shortfall_rounded, spans)
        axes.set_xlim(spans[0].low, spans[-1].high)
        axes.set_ylim(0, axes.get_ylim()[1] * 1.32)
        _classes(axes, severity, spans, currency, language)
        _expected(axes, severity, language)
        finish(
            axes,
            language,
            title=_title(severity, currency, language),
            x=label("axis.shortfall", language),
            y=label("axis.share_of_draws", language) if many else None,
            small_print=_note(severity, language),
            most_x_ticks=9,
            y_percent=True,
        )
    return axes


def _spans(severity: Severity) -> list[_Span]:
    """Classes in view: all draws, and the whole class of the expected shortfall."""
    draws, classes = severity.shortfall_rounded, severity.scale.classes
    own = classes[severity.expected.severity_class - 1]
    low, high = min(float(draws.min()), own.lower), max(float(draws.max()), own.upper or own.lower)
    margin = max(0.08 * (high - low), 1.0)
    left, right = low - margin if low != 0 else low, high + margin
    spans = []
    for k, group in enumerate(classes):
        lower = -np.inf if k == 0 else group.lower
        upper = np.inf if group.upper is None else group.upper
        if lower < right and upper > left:
            spans.append(_Span(group.number, group.wtp, max(lower, left), min(upper, right)))
    return spans


def _bars(ax: Axes, draws: Floats, spans: list[_Span]) -> None:
    width = (spans[-1].high - spans[0].low) / BINS_PER_VIEW
    edges = [spans[0].low]
    for span in spans:
        n = max(round((span.high - span.low) / width), 1)
        edges += np.linspace(span.low, span.high, n + 1)[1:].tolist()
    counts, _ = np.histogram(draws, bins=edges)
    ax.bar(
        edges[:-1],
        counts / draws.size,
        width=np.diff(edges),
        align="edge",
        color=FAVOUR,
        edgecolor="white",
        linewidth=0.5,
        zorder=2,
    )


def _classes(
    ax: Axes, severity: Severity, spans: list[_Span], currency: str, language: str
) -> None:
    whole = spans[-1].high - spans[0].low
    for span in spans:
        if span.number % 2:
            ax.axvspan(span.low, span.high, color=_SHADE, linewidth=0, zorder=0)
        if (span.high - span.low) / whole < 0.13:
            continue
        ax.text(
            (span.low + span.high) / 2,
            0.985,
            _class_text(severity, span, currency, language),
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="top",
            fontsize=TINY,
            linespacing=1.4,
            color=INK if span.number == severity.expected.severity_class else MUTED,
        )


def _class_text(severity: Severity, span: _Span, currency: str, language: str) -> str:
    lines = [label("mark.class", language, number=number(span.number, language=language))]
    se = severity.probability_of_class_se[span.number]
    if se is not None:
        share = severity.probability_of_class[span.number]
        lines.append(percent_with_error(share, se, decimals=0, language=language))
    lines.append(money(span.wtp, language=language, currency=currency))
    return "\n".join(lines)


def _expected(ax: Axes, severity: Severity, language: str) -> None:
    x = severity.expected.shortfall_rounded
    top = 0.78
    ax.axvline(x, ymax=top, color=INK, linewidth=1.4, zorder=3)
    low, high = ax.get_xlim()
    side = -1 if x > (low + high) / 2 else 1
    text = label("mark.expected", language, value=_shortfall(severity, language))
    coords = ("data", "axes fraction")
    tag(ax, text, (x, top), shift=(4 * side, -1), size=SMALL, bold=True, coords=coords)


def _shortfall(severity: Severity, language: str) -> str:
    decimals = 2 if severity.scale.decimals is None else severity.scale.decimals
    return number(severity.expected.shortfall_rounded, decimals=decimals, language=language)


def _title(severity: Severity, currency: str, language: str) -> str:
    point = severity.expected
    return label(
        "title.severity",
        language,
        shortfall=_shortfall(severity, language),
        number=number(point.severity_class, language=language),
        wtp=money(point.wtp, language=language, currency=currency),
    )


def _note(severity: Severity, language: str) -> str:
    if severity.n_draws == 1:
        return label("note.severity_one", language)
    n = number(severity.n_draws, language=language)
    return with_error_notes(label("note.severity", language, n=n), severity.provenance, language)
