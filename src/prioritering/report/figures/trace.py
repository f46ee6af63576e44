"""Where the cohort is over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from prioritering.errors import ResultError, unknown_name
from prioritering.outcomes import Floats, Trace
from prioritering.report.figures._canvas import (
    GROUND,
    INK,
    SMALL,
    canvas,
    finish,
    label_ends,
)
from prioritering.report.labels import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHADES = ("#0b4f7d", "#3c88bd", "#a5cbe4")
_ABSORBING = "#ececec"
_LINE = 0.05
"""Height of a line of text as a share of the axes."""

_CHARACTER, _INSET = 0.0145, 0.03
"""Width of a character, and what stays free at both ends, as shares of the axes."""


def plot_trace(
    trace: Trace,
    strategy: str,
    *,
    draw: int = 0,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Share of the cohort in each state over time, stacked in the order of the states.

    Parameters
    ----------
    trace
        Occupancy of a run with ``trace=True``.
    strategy, draw
        Which strategy, and which draw counted from 0.

    Raises
    ------
    UnknownNameError
        A strategy or language that does not exist.
    ResultError
        A draw that does not exist.
    """
    if strategy not in trace.strategies:
        raise unknown_name("strategy", strategy, trace.strategies)
    if not 0 <= draw < trace.occupancy.shape[1]:
        raise ResultError(
            "no such draw", expected=f"0 to {trace.occupancy.shape[1] - 1}", found=draw
        )
    shares = trace.occupancy[trace.strategies.index(strategy), draw].T
    with canvas(ax) as axes:
        colours = _colours(shares)
        axes.stackplot(trace.years, shares, colors=colours, edgecolor=GROUND, linewidth=0.8)
        axes.set(xlim=(trace.years[0], trace.years[-1]), ylim=(0, 1))
        _name_areas(axes, trace, shares, colours)
        finish(
            axes,
            language,
            title=label("title.trace", language, strategy=strategy),
            x=label("axis.years", language),
            y=label("axis.cohort_share", language),
            most_x_ticks=8,
            y_percent=True,
        )
    return axes


def _colours(shares: Floats) -> list[str]:
    """Dark to light in the order of the states; states nobody leaves are grey."""
    absorbing = [bool((np.diff(share) >= -1e-12).all() and share[-1] > 0) for share in shares]
    others = iter(_shades(len(shares) - sum(absorbing)))
    return [_ABSORBING if grey else next(others) for grey in absorbing]


def _shades(n: int) -> list[str]:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    scale = LinearSegmentedColormap.from_list("states", _SHADES)
    return [to_hex(scale(x)) for x in np.linspace(0, 1, n)] if n > 1 else [_SHADES[1]] * n


def _name_areas(ax: Axes, trace: Trace, shares: Floats, colours: list[str]) -> None:
    """Name each state inside its area: level if it fits, else along the area, else outside."""
    tops = shares.cumsum(axis=0)
    outside = []
    for k, state in enumerate(trace.states):
        area = tops[k] - shares[k], tops[k]
        level, along = (_best_place(trace.years, area, state, follow=f) for f in (False, True))
        place = level if level.height >= _LINE else along
        if place.height >= _LINE:
            _write(ax, place, state, colours[k])
        else:
            outside.append((float(tops[k, -1] - shares[k, -1] / 2), state, INK))
    if outside:
        label_ends(ax, float(trace.years[-1]), outside)


class _Place(NamedTuple):
    """Where a name goes: its middle, the slope it follows, and the height there is."""

    x: float
    y: float
    slope: float
    height: float


def _best_place(years: Floats, area: tuple[Floats, Floats], text: str, *, follow: bool) -> _Place:
    """Tallest parallelogram in an area that is as wide as the text.

    Its upper and lower sides are level or, with ``follow``, parallel to the area's middle.
    """
    whole = years[-1] - years[0]
    width = whole * _CHARACTER * (len(text) + 1)
    first, last = years[0] + _INSET * whole, years[-1] - _INSET * whole - width
    starts = np.linspace(first, max(last, first), 200)
    across = np.linspace(0, width, 25)
    low, high = (np.interp(starts[:, None] + across, years, side) for side in area)
    middle = (low + high) / 2
    slope = (middle[:, -1] - middle[:, 0]) / width if follow else np.zeros(starts.size)
    tilt = slope[:, None] * (across - width / 2)
    low, high = (low - tilt).max(axis=1), (high - tilt).min(axis=1)
    k = int((high - low).argmax())
    x, y = starts[k] + width / 2, (low[k] + high[k]) / 2
    return _Place(float(x), float(y), float(slope[k]), float(high[k] - low[k]))


def _write(ax: Axes, place: _Place, text: str, ground: str) -> None:
    from matplotlib.colors import to_rgb

    luminance = float(np.dot(to_rgb(ground), (0.2126, 0.7152, 0.0722)))
    ax.text(
        place.x,
        place.y,
        text,
        rotation=math.degrees(math.atan(place.slope)),
        rotation_mode="anchor",
        transform_rotates_text=True,
        ha="center",
        va="center",
        fontsize=SMALL,
        fontweight="bold",
        color=GROUND if luminance < 0.45 else INK,
    )
