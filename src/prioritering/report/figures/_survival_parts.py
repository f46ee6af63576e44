"""What the figures of observed survival share: steps, bands, numbers at risk, small print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from prioritering.errors import ResultError
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import INK, MUTED, SIZE, SMALL, TINY, name_lines
from prioritering.report.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 12.5
"""Height of a row of numbers at risk, in points."""
TABLE_TOP = -42.0
"""Where the rows begin, in points from the x axis."""
LEFT = -18.0
"""Where the names of the rows end, in points from the y axis."""
LONG_NAME = 20
"""Longer names stand in a legend, not at the end of the line."""

T = TypeVar("T")


def named(results: T | Mapping[str, T]) -> Mapping[str, T]:
    """Return results by the name they are shown under; one alone has no name."""
    by_name = results if isinstance(results, Mapping) else {"": results}
    if not by_name:
        raise ResultError("nothing to draw", expected="one result or more", found="none")
    return by_name


def steps(times: Floats, values: Floats, *, start: float) -> tuple[Floats, Floats]:
    """Put the value at time 0 before a step function."""
    return np.append(0.0, times), np.append(start, values)


def band(ax: Axes, times: Floats, low: Floats, high: Floats, colour: str, *, step: bool) -> None:
    """Fill between limits, with thin edges that stay visible in greyscale."""
    fill_step: Literal["post"] | None = "post" if step else None
    ax.fill_between(times, low, high, step=fill_step, color=colour, alpha=0.13, linewidth=0)
    for limit in (low, high):
        style = "steps-post" if step else "default"
        ax.plot(times, limit, color=colour, linewidth=0.5, alpha=0.6, drawstyle=style)


def name_ends(ax: Axes, end: float, lines: Mapping[str, Floats]) -> None:
    """Name lines at their right end, or in a legend if a name is long; one alone has none."""
    if len(lines) == 1 and "" in lines:
        return
    if max(map(len, lines)) > LONG_NAME:
        ax.legend(loc="best", frameon=False, fontsize=SMALL, handlelength=3)
        return
    name_lines(ax, end, tuple(lines), tuple(lines.values()))


def ticks_of(ax: Axes) -> Floats:
    """Ticks of the x axis in view."""
    low, high = ax.get_xlim()
    ticks = np.asarray(ax.xaxis.get_majorticklocs(), dtype=np.float64)
    return ticks[(ticks >= low) & (ticks <= high * (1 + 1e-9))]


def risk_table(
    ax: Axes,
    at: Sequence[float] | Floats,
    rows: Mapping[str, Floats],
    colours: Sequence[str],
    language: str,
    *,
    header: str = "",
) -> float:
    """Write numbers at risk below the axis; returns where the next line may stand, in points."""
    y = TABLE_TOP
    if header:
        _below(ax, header, (0, LEFT, y + ROW), ("axes fraction", "right"), colour=MUTED)
    for (name, values), colour in zip(rows.items(), colours, strict=True):
        _below(ax, name, (0, LEFT, y), ("axes fraction", "right"), colour=colour, bold=True)
        for x, value in zip(at, values, strict=True):
            decimals = 0 if float(value).is_integer() else 1
            text = number(float(value), decimals=decimals, language=language)
            _below(ax, text, (float(x), 0.0, y), ("data", "center"), colour=INK)
        y -= ROW
    return y - 4.0


def small_print(ax: Axes, text: str, y: float) -> None:
    """Small print that begins ``y`` points from the x axis, broken to the width of the axes."""
    figure = ax.get_figure(root=True)
    wide = figure.get_size_inches()[0] if figure else SIZE[0]
    width = max(int(72 * wide * ax.get_position().width / (TINY * 0.53)), 24)
    _below(ax, fill(text, width), (0, 0.0, y), ("axes fraction", "left"), colour=MUTED, size=TINY)


def _below(
    ax: Axes,
    text: str,
    place: tuple[float, float, float],
    how: tuple[str, str],
    *,
    colour: str,
    size: float = SMALL,
    bold: bool = False,
) -> None:
    """Write at ``(x, points right of it, points above the axis)``."""
    x, right, up = place
    coords, side = how
    ax.annotate(
        text,
        (x, 0),
        xycoords=(coords, "axes fraction"),
        xytext=(right, up),
        textcoords="offset points",
        ha=side,
        va="top",
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=colour,
        linespacing=1.35,
        annotation_clip=False,
        parse_math=False,
    )
