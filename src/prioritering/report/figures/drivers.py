"""Who drives the decision: swing, value of information and shares of variance in panels."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, cast

from prioritering.conventions import NORMAL_95
from prioritering.errors import ResultError
from prioritering.report.figures._canvas import (
    FAINT,
    FAVOUR,
    GROUND,
    INK,
    MUTED,
    SIZE,
    STYLE,
    TINY,
    finish,
    look,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, number, percent
from prioritering.report.tables.drivers import driver_sentence, drivers_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from prioritering.psa.drivers import Drivers

MOST_ROWS = 15
_ROW, _REST = 0.3, 2.5


def plot_drivers(
    result: Drivers,
    axes: Sequence[Axes] | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> tuple[Axes, ...]:
    """Panels with one row per driver: swing, EVPPI where it was computed, Sobol indices.

    Bars that turn the decision are filled darker. Error bars are 1.96 standard errors.

    Parameters
    ----------
    axes
        One axes per panel, three with EVPPI and two without; a new figure if omitted.

    Raises
    ------
    ResultError
        Another number of axes.
    UnknownNameError
        A language without labels.
    """
    import matplotlib as mpl

    unit, n = currency_of(result.provenance, currency), 3 if result.has_evppi else 2
    if axes is not None and len(axes) != n:
        raise ResultError("not one axes per panel", expected=f"{n} axes", found=f"{len(axes)} axes")
    interactive = mpl.is_interactive()
    with mpl.rc_context(cast(Any, STYLE)):
        panels = tuple(axes) if axes is not None else _panels(result, n)
        _swings(panels[0], result)
        if result.has_evppi:
            _values(panels[1], result)
        _shares(panels[-1], result, language)
        keys = ["drivers.swing_axis_broken", "drivers.evppi_axis", "drivers.sobol_axis"]
        for panel, key in zip(panels, keys if n == 3 else keys[::2], strict=True):
            name = label(key, language, currency=unit)
            finish(panel, language, title="", x=name, y="", most_x_ticks=3)
            _rows(panel, result, named=panel is panels[0])
        _percent_ticks(panels[-1], language)
        _texts(panels, result, unit, language, own=axes is None)
    mpl.interactive(interactive)
    return panels


def _panels(result: Drivers, n: int) -> tuple[Axes, ...]:
    import matplotlib.pyplot as plt

    height = max(_REST + _ROW * min(len(result.rows), MOST_ROWS), 3.4)
    _, axes = plt.subplots(1, n, figsize=(SIZE[0] * 1.25, height), layout="constrained")
    return tuple(axes)


def _swings(ax: Axes, result: Drivers) -> None:
    for y, row in enumerate(result.rows[:MOST_ROWS]):
        if row.swing is not None:
            colour = FAVOUR if row.decision_changes else FAINT
            ax.barh(y, row.swing, height=0.6, color=colour, gid="swing")
    ax.set_xlim(left=0)


def _values(ax: Axes, result: Drivers) -> None:
    """Values with their errors; an error below zero is cut at zero, where no value lies."""
    for y, row in enumerate(result.rows[:MOST_ROWS]):
        if row.evppi is not None:
            half = NORMAL_95 * (row.evppi_se or 0.0)
            _point(ax, y, row.evppi, half, colour=FAVOUR, filled=True, gid="evppi")
    ax.set_xlim(left=0)


def _shares(ax: Axes, result: Drivers, language: str) -> None:
    from matplotlib.lines import Line2D

    for y, row in enumerate(result.rows[:MOST_ROWS]):
        total, alone = NORMAL_95 * row.total_order_se, NORMAL_95 * row.first_order_se
        _point(ax, y - 0.14, row.first_order, alone, colour=FAVOUR, filled=True, gid="first")
        _point(
            ax, y + 0.14, row.total_order, total, colour=look(1).colour, filled=False, gid="total"
        )
    ax.set_xlim(0, max(1.0, ax.get_xlim()[1]))
    marks = (("drivers.alone", FAVOUR, FAVOUR), ("drivers.with_others", look(1).colour, GROUND))
    handles = [
        Line2D([], [], linestyle="", marker="o", color=edge, markerfacecolor=face,
               label=label(key, language))
        for key, edge, face in marks
    ]  # fmt: skip
    ax.legend(handles=handles, loc="lower right", frameon=False, fontsize=TINY, handletextpad=0.2)


def _point(
    ax: Axes, y: float, x: float, half: float, *, colour: str, filled: bool, gid: str
) -> None:
    ax.plot([max(x - half, 0.0), x + half], [y, y], color=colour, linewidth=1.2)
    face = colour if filled else GROUND
    ax.plot(
        [max(x, 0.0)], [y], "o", color=colour, markerfacecolor=face, markersize=5, gid=gid,
        clip_on=False, zorder=3,
    )  # fmt: skip


def _rows(ax: Axes, result: Drivers, *, named: bool) -> None:
    names = [row.name for row in result.rows[:MOST_ROWS]]
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_yticks(range(len(names)), labels=names if named else [""] * len(names))
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", color=FAINT, linewidth=0.4)


def _percent_ticks(ax: Axes, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    ax.xaxis.set_major_locator(MultipleLocator(0.5))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda share, _: percent(float(share), language=language))
    )


def _texts(
    panels: Sequence[Axes], result: Drivers, currency: str, language: str, *, own: bool
) -> None:
    """Write the title over all panels and the small print below them, in a figure of our own."""
    sentence = driver_sentence(result, result.rows[0], language=language, currency=currency)
    title = label("drivers.title", language, sentence=sentence.rstrip("."))
    notes = [
        label("drivers.note_fill", language),
        *drivers_notes(result, currency, language),
        label("drivers.note_bars", language),
    ]
    if len(result.rows) > MOST_ROWS:
        rest = number(len(result.rows) - MOST_ROWS, language=language)
        notes.append(label("sensitivity_note.left_out", language, n=rest))
    if not own:
        panels[0].set_title(fill(title, 44), loc="left").set_parse_math(False)
        return
    figure = cast("Figure", panels[0].get_figure(root=True))
    heading = figure.suptitle(
        fill(title, 92), x=0.01, ha="left", fontsize=10.5, fontweight="bold", color=INK
    )
    small = figure.supxlabel(
        "\n".join(fill(note, 140) for note in notes), x=0.01, ha="left", fontsize=TINY, color=MUTED
    )
    for text in (heading, small):
        text.set_parse_math(False)
