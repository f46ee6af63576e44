"""Observed hazards: smoothed, cumulative on the log scale, and Schoenfeld's residuals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from prioritering.errors import ResultError
from prioritering.report.figures._canvas import (
    FAINT,
    INK,
    MUTED,
    canvas,
    finish,
    look,
    nice_above,
)
from prioritering.report.figures._survival_parts import band, name_ends, named
from prioritering.report.labels import label
from prioritering.report.numbers import number
from prioritering.report.tables._cells import confidence_level, p_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.survival.observed import (
        LogCumulativeHazard,
        ProportionalHazards,
        SmoothedHazard,
    )

TIP = 1.6
"""How far above the highest hazard the axis may reach for the intervals."""
MARGIN = 1.1
"""Room on both sides of a logarithmic axis, as a ratio."""


def plot_smoothed_hazard(
    hazards: SmoothedHazard | Mapping[str, SmoothedHazard],
    *,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Smoothed hazards with their intervals, the tips of wide ones left out.

    Parameters
    ----------
    hazards
        One estimate, or estimates by the name they are shown under.

    Raises
    ------
    ResultError
        No hazard.
    UnknownNameError
        A language without labels.
    """
    shown = named(hazards)
    with canvas(ax) as axes:
        for i, (name, hazard) in enumerate(shown.items()):
            style = look(i)
            line = {"color": style.colour, "linestyle": style.dashes, "label": name}
            axes.plot(hazard.times, hazard.hazard, **line)
            band(axes, hazard.times, hazard.low, hazard.high, style.colour, step=False)
        highest = max(float(hazard.hazard.max()) for hazard in shown.values())
        widest = max(float(hazard.high.max()) for hazard in shown.values())
        end = max(float(hazard.times[-1]) for hazard in shown.values())
        axes.set(xlim=(0, end), ylim=(0, nice_above(min(widest, TIP * highest))))
        name_ends(axes, end, {name: hazard.hazard for name, hazard in shown.items()})
        finish(
            axes,
            language,
            title=label("title.smoothed_hazard", language),
            x=label("axis.years", language),
            y=label("axis.hazard", language),
            small_print=_bandwidths(shown, language),
            most_x_ticks=8,
        )
    return axes


def plot_log_cumulative_hazard(
    hazards: LogCumulativeHazard, *, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """Log cumulative hazard of each group against time on a logarithmic axis.

    Raises
    ------
    ResultError
        No group with an event.
    UnknownNameError
        A language without labels.
    """
    shown = {name: times for name, times in hazards.times.items() if times.size}
    if not shown:
        raise ResultError("no group with an event", expected="one or more", found="none")
    with canvas(ax) as axes:
        for i, (name, times) in enumerate(shown.items()):
            style = look(i)
            line = {"color": style.colour, "linestyle": style.dashes, "label": name}
            axes.plot(times, hazards.values[name], drawstyle="steps-post", **line)
        start = min(float(times[0]) for times in shown.values())
        end = max(float(times[-1]) for times in shown.values())
        axes.set_xscale("log")
        axes.set_xlim(start / MARGIN, end * MARGIN)
        name_ends(axes, end * MARGIN, {name: hazards.values[name] for name in shown})
        finish(
            axes,
            language,
            title=label("title.log_hazard", language),
            x=label("axis.years", language),
            y=label("axis.log_hazard", language),
            small_print=label("note.log_hazard", language),
        )
        _log_ticks(axes, language)
    return axes


def plot_schoenfeld(
    test: ProportionalHazards, *, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """Scaled Schoenfeld residuals over time, their smoothed trend, and the constant log ratio.

    Raises
    ------
    DataError
        Too few event times to smooth.
    UnknownNameError
        A language without labels.
    """
    estimate, trend = test.estimate, test.smooth()
    with canvas(ax) as axes:
        _residuals(axes, test)
        axes.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
        axes.axhline(estimate.log_ratio, color=INK, linestyle="--", linewidth=1.2)
        axes.plot(trend.times, trend.log_ratio, color=look(0).colour, linewidth=2.2, zorder=4)
        band(axes, trend.times, trend.low, trend.high, look(0).colour, step=False)
        axes.set_xlim(0, float(test.times[-1]) * 1.01)
        names = {"group": estimate.group, "reference": estimate.reference}
        ratio = number(estimate.ratio, decimals=2, language=language)
        level = confidence_level(0.95, language)
        finish(
            axes,
            language,
            title=label("title.proportional", language, p=p_value(test.p_value, language), **names),
            x=label("axis.years", language),
            y=label("axis.log_ratio", language),
            small_print=label("note.schoenfeld", language, level=level, ratio=ratio, **names),
            most_x_ticks=8,
        )
    return axes


def _residuals(ax: Axes, test: ProportionalHazards) -> None:
    in_group = test.residuals > 0
    for rows, fill in ((in_group, MUTED), (~in_group, "none")):
        ax.plot(
            test.times[rows],
            test.scaled[rows],
            linestyle="none",
            marker="o",
            markersize=3,
            markerfacecolor=fill,
            markeredgecolor=MUTED,
            markeredgewidth=0.6,
            gid="residuals",
        )


def _bandwidths(shown: Mapping[str, SmoothedHazard], language: str) -> str:
    widths = (
        number(hazard.bandwidth, decimals=2, language=language)
        + (f" ({name})" if len(shown) > 1 else "")
        for name, hazard in shown.items()
    )
    level = confidence_level(next(iter(shown.values())).level, language)
    between = "; " if language == "no" else ", "
    notes = [
        label("note.hazard_band", language, level=level),
        label("note.bandwidth", language, bandwidths=between.join(widths)),
    ]
    return " ".join(notes)


def _log_ticks(ax: Axes, language: str) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = ax.get_xlim()
    steps = np.outer(10.0 ** np.arange(-5, 4), [1.0, 2.0, 5.0]).ravel()

    def written(value: float, _: int | None = None) -> str:
        decimals = max(-int(np.floor(np.log10(value) + 1e-9)), 0)
        return number(value, decimals=decimals, language=language)

    ax.xaxis.set_major_locator(FixedLocator(steps[(steps >= low) & (steps <= high)].tolist()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(written))
