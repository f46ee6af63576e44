"""Survival curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ResultError
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    SMALL,
    canvas,
    finish,
    look,
    name_lines,
)
from prioritering.report.labels import label
from prioritering.report.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.survival import Curve

LONG_NAME = 20
"""Longer names stand in a legend, not at the end of the line."""


def plot_curves(
    curves: Mapping[str, Curve],
    times: ArrayLike,
    *,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Survival over time; with draws, their median and the band of the middle 95 % at each time.

    Parameters
    ----------
    curves
        Curves by the name they are shown under.
    times
        Years from the start, rising, shape (times,).

    Raises
    ------
    ResultError
        No curve.
    CurveError
        Times that a curve does not cover.
    UnknownNameError
        A language without labels.
    """
    if not curves:
        raise ResultError("no curve to draw", expected="one or more", found=curves)
    years = np.asarray(times, dtype=np.float64)
    most = max(curve.n_draws for curve in curves.values())
    with canvas(ax) as axes:
        lines = {}
        for i, (name, curve) in enumerate(curves.items()):
            lines[name] = _draw(axes, years, curve.survival(years), name, i)
        axes.set(xlim=(years[0], years[-1]), ylim=(0, 1.02))
        _name_lines(axes, years, lines)
        n = number(most, language=language)
        finish(
            axes,
            language,
            title=_title(years, lines, language),
            x=label("axis.years", language),
            y=label("axis.survival", language),
            small_print=label("note.curves", language, n=n) if most > 1 else "",
            most_x_ticks=8,
            y_percent=True,
        )
    return axes


def _draw(ax: Axes, years: Floats, survival: Floats, name: str, i: int) -> Floats:
    """One curve; returns the line that is shown."""
    style, line = look(i), np.median(survival, axis=1)
    ax.plot(years, line, color=style.colour, linestyle=style.dashes, label=name, zorder=3)
    if survival.shape[1] > 1:
        low, high = np.quantile(survival, (0.025, 0.975), axis=1)
        ax.fill_between(years, low, high, color=style.colour, alpha=0.16, linewidth=0)
    return np.asarray(line)


def _name_lines(ax: Axes, years: Floats, lines: Mapping[str, Floats]) -> None:
    if max(map(len, lines)) > LONG_NAME:
        ax.legend(loc="upper right", frameon=False, fontsize=SMALL, handlelength=3)
        return
    name_lines(ax, float(years[-1]), tuple(lines), tuple(lines.values()))


def _title(years: Floats, lines: Mapping[str, Floats], language: str) -> str:
    """Median times of the lines shown, if there are few."""
    if len(lines) > 3 or max(map(len, lines)) > LONG_NAME:
        return label("title.curves", language)
    medians = (f"{name} {_median(years, line, language)}" for name, line in lines.items())
    return label("title.median", language, medians=", ".join(medians))


def _median(years: Floats, line: Floats, language: str) -> str:
    time = _crossing(years, line)
    if time is None:
        return label("title.not_reached", language)
    return label("title.in_years", language, years=number(time, decimals=1, language=language))


def _crossing(years: Floats, line: Floats) -> float | None:
    """Time at which a falling line passes one half, straight between the points shown."""
    below = np.flatnonzero(line <= 0.5)
    if below.size == 0 or line[0] <= 0.5:
        return None
    k = int(below[0])
    return float(np.interp(0.5, line[[k, k - 1]], years[[k, k - 1]]))
