"""The efficiency frontier of mean costs and effects."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from prioritering.cea import CEA, FrontierRow
from prioritering.conventions import NORMAL_95
from prioritering.report.figures._canvas import (
    GROUND,
    INK,
    MUTED,
    SMALL,
    canvas,
    finish,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number
from prioritering.report.tables._cells import with_error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_frontier(
    cea: CEA, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
) -> Axes:
    """Mean cost against mean QALYs of every strategy, with the frontier and its ICERs.

    Filled points are on the frontier, hollow ones are dominated or extendedly dominated.
    Crosses are 1.96 Monte Carlo standard errors of the means; one draw has none.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(cea.provenance, currency)
    members = cea.frontier
    with canvas(ax) as axes:
        line = ([row.qaly for row in members], [row.cost for row in members])
        axes.plot(*line, color=INK, linewidth=1.4, zorder=2, gid="frontier")
        for row in cea.rows:
            _point(axes, row)
        axes.margins(x=0.12, y=0.12)
        for name, row in _named(cea.rows):
            _name(axes, row, name, first=row is members[0], language=language)
        for before, after in pairwise(members):
            _step(axes, before, after, unit, language)
        n_draws = cea.outcomes.n_draws
        n = number(n_draws, language=language)
        note = label("note.frontier", language, n=n)
        finish(
            axes,
            language,
            title=_title(cea, language),
            x=label("axis.qaly", language),
            y=label("axis.cost", language, currency=unit),
            small_print=with_error_notes(note, cea.provenance, language) if n_draws > 1 else "",
        )
    return axes


def _point(ax: Axes, row: FrontierRow) -> None:
    """Mean of a strategy with its Monte Carlo error."""
    on = row.status == "frontier"
    if row.cost_se is not None and row.qaly_se is not None:
        ax.errorbar(
            row.qaly,
            row.cost,
            xerr=NORMAL_95 * row.qaly_se,
            yerr=NORMAL_95 * row.cost_se,
            color=MUTED,
            elinewidth=1,
            zorder=1,
        )
    ax.plot(
        row.qaly,
        row.cost,
        marker="o",
        markersize=8,
        markerfacecolor=INK if on else GROUND,
        markeredgecolor=INK if on else MUTED,
        linestyle="none",
        zorder=3,
    )


def _named(rows: Sequence[FrontierRow]) -> list[tuple[str, FrontierRow]]:
    """Name of each point; strategies of equal cost and effect share one."""
    return [
        (" = ".join([row.strategy, *(r.strategy for r in rows if _equals(r, row))]), row)
        for row in rows
        if row.status != "equal"
    ]


def _equals(row: FrontierRow, other: FrontierRow) -> bool:
    return row.status == "equal" and row.compared_with == (other.strategy,)


def _name(ax: Axes, row: FrontierRow, name: str, *, first: bool, language: str) -> None:
    """Name beside the point: members away from the line, the others above, all inwards."""
    on = row.status == "frontier"
    left, right = ax.get_xlim()
    inwards = 1 if row.qaly < (left + right) / 2 else -1
    shift = (9 * inwards, -3) if first else (-7, 5) if on else (6 * inwards, 5)
    standing = "" if on else f" ({label(f'standing.{row.status}', language)})"
    colour, point = INK if on else MUTED, (row.qaly, row.cost)
    tag(ax, name + standing, point, shift=shift, size=SMALL, colour=colour, bold=on)


def _step(ax: Axes, before: FrontierRow, after: FrontierRow, currency: str, language: str) -> None:
    """ICER of one step, beside the middle of its line."""
    amount = money(after.icer, language=language, currency=currency)
    middle = ((before.qaly + after.qaly) / 2, (before.cost + after.cost) / 2)
    tag(ax, label("mark.per_qaly", language, amount=amount), middle, shift=(7, -7))


def _title(cea: CEA, language: str) -> str:
    arrow = " \N{RIGHTWARDS ARROW} "
    return label("title.frontier", language, path=arrow.join(r.strategy for r in cea.frontier))
