"""Stacked bars of each year: with the decision, without, and net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import GROUND, INK, MUTED, SMALL, look, settle
from prioritering.report.labels import label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from prioritering.decision.budget.impact import BudgetWorld
    from prioritering.decision.means import Mean

DASHES = (0, (4, 2))
_WIDTH, _STEP, _NAME_SIZE = 0.25, 0.3, 6.8
_LEAST_BARS = 0.3
"""Share of the height that the bars keep, whatever the legend takes."""

_MOST_NAMED = 5
"""Years from which on there is no room to name each bar."""


def stacked_years(ax: Axes, stacks: Mapping[BudgetWorld, Sequence[Sequence[float]]]) -> None:
    """Draw the parts of each world, ``stacks[world][part][year]``, losses below zero."""
    for w, parts in enumerate(stacks.values()):
        x = _places(len(parts[0])) + _STEP * (w - 1)
        heights = np.array(parts)
        up, down = np.zeros(heights.shape[1]), np.zeros(heights.shape[1])
        for i, height in enumerate(heights):
            bottom = np.where(height >= 0, up, down)
            ax.bar(
                x,
                height,
                _WIDTH,
                bottom=bottom,
                color=look(i).colour,
                edgecolor=GROUND,
                linewidth=0.6,
                zorder=2,
            )
            up, down = up + np.maximum(height, 0), down + np.minimum(height, 0)


def totals(ax: Axes, sums: Mapping[BudgetWorld, Sequence[Mean]], *, scale: float = 1.0) -> None:
    """Mark the sum of each bar with a dot and the interval of the draws."""
    for w, means in enumerate(sums.values()):
        x = _places(len(means)) + _STEP * (w - 1)
        ax.plot(
            x,
            [m.value / scale for m in means],
            "o",
            markersize=3.4,
            markerfacecolor=GROUND,
            markeredgecolor=INK,
            markeredgewidth=0.9,
            zorder=4,
        )
        ends = [(at, m.low, m.high) for at, m in zip(x, means, strict=True)]
        for at, low, high in ends:
            if low is not None and high is not None:
                ax.plot([at, at], [low / scale, high / scale], color=INK, linewidth=1.0, zorder=3)


def name_years(ax: Axes, years: Sequence[str], language: str) -> None:
    """Write the years below the bars, and which bar is which where there is room."""
    places = _places(len(years))
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=3)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(places[0] - 0.5, places[-1] + 0.5)
    if len(years) > _MOST_NAMED:
        ax.set_xticks(places, years)
        return
    worlds = [label(f"budget.{world}", language) for world in ("with", "without", "net")]
    at = (places[:, None] + _STEP * np.array([-1, 0, 1])).ravel()
    texts = [name for year in years for name in (worlds[0], f"{worlds[1]}\n{year}", worlds[2])]
    ax.set_xticks(at, texts)
    for tick in ax.get_xticklabels():
        tick.set_fontsize(_NAME_SIZE)
        tick.set_linespacing(1.5)


def legend(ax: Axes, names: Sequence[str], *, line: str = "") -> None:
    """Name the parts, and a dashed line if there is one, in room made above the bars.

    All else must stand: how much room the names take depends on the height it leaves the axes.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Artist] = [
        Patch(facecolor=look(i).colour, label=name) for i, name in enumerate(names)
    ]
    if line:
        handles.append(Line2D([], [], color=INK, linewidth=1.2, linestyle=DASHES, label=line))
    box = ax.legend(
        handles=handles,
        loc="upper left",
        frameon=False,
        fontsize=SMALL,
        handlelength=1.1,
        handleheight=1.0,
        borderaxespad=0.0,
        labelspacing=0.35,
    )
    settle(ax)
    below = box.get_window_extent().transformed(ax.transAxes.inverted()).y0
    low, high = ax.get_ylim()
    ax.set_ylim(low, low + (high - low) / max(below, _LEAST_BARS))


def bars_note(years: Sequence[str], language: str) -> list[str]:
    """Say which bar is which where they are not named."""
    return [label("budget.bars", language)] if len(years) > _MOST_NAMED else []


def _places(n: int) -> Floats:
    return np.arange(n, dtype=np.float64)
