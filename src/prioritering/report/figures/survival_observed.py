"""Kaplan-Meier curves, and the curve of data rebuilt from a published figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from prioritering.report.figures._canvas import INK, canvas, finish, look
from prioritering.report.figures._survival_parts import (
    LONG_NAME,
    band,
    name_ends,
    named,
    risk_table,
    small_print,
    steps,
    ticks_of,
)
from prioritering.report.labels import label
from prioritering.report.numbers import number
from prioritering.report.tables._cells import confidence_level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.survival.observed import KaplanMeier, QuantileEstimate, ReconstructedData

_NAMED_MEDIANS = 3


def plot_kaplan_meier(
    curves: KaplanMeier | Mapping[str, KaplanMeier],
    *,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Kaplan-Meier curves with intervals, censoring marks, and numbers at risk below.

    Parameters
    ----------
    curves
        One estimate, or estimates by the name they are shown under.

    Raises
    ------
    ResultError
        No curve.
    UnknownNameError
        A language without labels.
    """
    shown = named(curves)
    with canvas(ax) as axes:
        for i, (name, curve) in enumerate(shown.items()):
            _curve(axes, curve, name, i)
        end = max(curve.last_time for curve in shown.values())
        axes.set(xlim=(0, end), ylim=(0, 1.02))
        name_ends(axes, end, {name: curve.survival for name, curve in shown.items()})
        _finish(axes, _medians(shown, language), language)
        at = ticks_of(axes)
        rows = {
            name or label("column.at_risk", language): curve.numbers_at_risk(at)
            for name, curve in shown.items()
        }
        colours = [look(i).colour for i in range(len(rows))]
        header = label("column.at_risk", language) if len(rows) > 1 else ""
        below = risk_table(axes, at, rows, colours, language, header=header)
        small_print(axes, _note(shown, language), below)
    return axes


def plot_reconstruction(
    rebuilt: ReconstructedData, *, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """Points read off a figure over the curve of the rebuilt data, with both numbers at risk.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    report, estimate = rebuilt.report, rebuilt.estimate
    with canvas(ax) as axes:
        times, survival = steps(estimate.times, estimate.survival, start=1.0)
        axes.step(times, survival, where="post", color=look(0).colour, zorder=3, gid="rebuilt")
        axes.plot(
            rebuilt.times,
            rebuilt.survival,
            linestyle="none",
            marker="o",
            markersize=4,
            markerfacecolor="none",
            markeredgecolor=INK,
            markeredgewidth=0.6,
            gid="points",
        )
        axes.set(xlim=(0, max(estimate.last_time, rebuilt.times[-1])), ylim=(0, 1.02))
        difference = number(report.max_difference, decimals=3, language=language)
        events = number(report.events, language=language)
        title = label("title.rebuilt", language, difference=difference, events=events)
        _finish(axes, title, language)
        rows = {
            label("column.published", language): np.array(report.numbers_given, dtype=float),
            label("column.rebuilt", language): np.array(report.numbers_rebuilt, dtype=float),
        }
        header = label("column.at_risk", language)
        colours = [INK, look(0).colour]
        below = risk_table(axes, report.risk_times, rows, colours, language, header=header)
        small_print(axes, label("note.rebuilt_points", language), below)
    return axes


def _curve(ax: Axes, curve: KaplanMeier, name: str, i: int) -> None:
    style = look(i)
    times, survival = steps(curve.times, curve.survival, start=1.0)
    ax.plot(
        times,
        survival,
        drawstyle="steps-post",
        color=style.colour,
        linestyle=style.dashes,
        label=name,
        zorder=3,
    )
    _, low = steps(curve.times, curve.low, start=1.0)
    _, high = steps(curve.times, curve.high, start=1.0)
    band(ax, times, low, high, style.colour, step=True)
    lost = curve.censored > 0
    ax.plot(
        curve.times[lost],
        curve.survival[lost],
        linestyle="none",
        marker="|",
        markersize=4.5,
        markeredgewidth=0.5,
        color=style.colour,
        zorder=4,
        gid="censored",
    )


def _finish(ax: Axes, title: str, language: str) -> None:
    finish(
        ax,
        language,
        title=title,
        x=label("axis.years", language),
        y=label("axis.survival", language),
        most_x_ticks=8,
        y_percent=True,
    )


def _medians(shown: Mapping[str, KaplanMeier], language: str) -> str:
    """Medians of the curves if they are few, with the interval if there is one curve."""
    if len(shown) > _NAMED_MEDIANS or max(map(len, shown)) > LONG_NAME:
        return label("title.survival_by_group", language)
    texts = [
        f"{name} {_median(curve.median, language, interval=len(shown) == 1)}".strip()
        for name, curve in shown.items()
    ]
    return label("title.median_event", language, medians=", ".join(texts))


def _median(median: QuantileEstimate, language: str, *, interval: bool) -> str:
    absent = label("title.not_reached", language)
    if median.value is None:
        return absent
    value, low, high = (
        absent if x is None else number(x, decimals=1, language=language) for x in median
    )
    text = label("title.in_years", language, years=value)
    return f"{text} ({label('format.range', language, low=low, high=high)})" if interval else text


def _note(shown: Mapping[str, KaplanMeier], language: str) -> str:
    first = next(iter(shown.values()))
    level = confidence_level(first.level, language)
    kind = label(f"interval_kind.{first.interval}", language)
    notes = [label("note.survival_band", language, level=level, kind=kind)]
    if any(curve.censored.any() for curve in shown.values()):
        notes.append(label("note.censored", language))
    return " ".join(notes)
