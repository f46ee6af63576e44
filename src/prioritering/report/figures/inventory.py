"""Incremental cost of one comparison in every perspective."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from prioritering.decision.means import mean
from prioritering.report.figures._canvas import (
    FAVOUR,
    INK,
    MUTED,
    SMALL,
    canvas,
    finish,
    settle,
    tag,
    with_minus,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number, standard_error
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.inventory import perspective_notes, view_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision.perspective.views import Perspectives

_NAME = 24


def plot_perspectives(
    perspectives: Perspectives,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Mean incremental cost by perspective, with the interval of the draws and the ICER.

    The base case is first and filled; the others are open.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(perspectives.provenance, currency)
    with canvas(ax) as axes:
        for row in range(len(perspectives.rows)):
            _line(axes, perspectives, row, unit, language)
        axes.set_ylim(len(perspectives.rows) - 0.5, -0.6)
        axes.margins(x=0.12)
        names = [
            fill(name, _NAME, break_long_words=False) for name in view_names(perspectives, language)
        ]
        axes.set_yticks(range(len(names)), names)
        settle(axes)
        finish(
            axes,
            language,
            title=_title(perspectives, unit, language),
            x=label(
                "inventory.axis",
                language,
                option=perspectives.option,
                reference=perspectives.reference,
                currency=unit,
            ),
            y=None,
            small_print="\n".join(_notes(perspectives, language)),
        )
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", length=0)
    return axes


def _line(ax: Axes, perspectives: Perspectives, row: int, currency: str, language: str) -> None:
    view = list(perspectives.rows)[row]
    cost = mean(perspectives.incremental_cost[view])
    if cost.low is not None and cost.high is not None:
        ax.plot([cost.low, cost.high], [row, row], color=MUTED, linewidth=2.0, zorder=2)
    face = FAVOUR if view == perspectives.default else "white"
    ax.plot([cost.value], [row], "o", markersize=8, color=INK, markerfacecolor=face, zorder=3)
    tag(
        ax,
        _text(perspectives, view, currency, language),
        (cost.value, row),
        shift=(0, 9),
        size=SMALL,
        bold=view == perspectives.default,
    )


def _text(perspectives: Perspectives, view: str, currency: str, language: str) -> str:
    """Write the cost per QALY, or where the comparison stands without one."""
    pair = perspectives.rows[view]
    if pair.icer is None or not pair.status.startswith("north-east"):
        return label(f"word.{pair.status}", language)
    amount = with_minus(money(pair.icer, language=language, currency=currency))
    text = label("inventory.icer", language, amount=amount)
    if pair.icer_se is None:
        return text
    return f"{text} ({standard_error(pair.icer_se, language=language)})"


def _title(perspectives: Perspectives, currency: str, language: str) -> str:
    costs = sorted(row.incremental_cost for row in perspectives.rows.values())
    low, high = (
        with_minus(money(cost, language=language, currency=currency))
        for cost in (costs[0], costs[-1])
    )
    key = "inventory.title_same" if low == high else "inventory.title"
    return label(key, language, low=low, high=high)


def _notes(perspectives: Perspectives, language: str) -> list[str]:
    if perspectives.n_draws == 1:
        first = label("note.one_draw", language)
    else:
        n = number(perspectives.n_draws, language=language)
        text = label("inventory.whiskers", language, n=n)
        first = with_error_notes(text, perspectives.provenance, language)
    societal, *rest = perspective_notes(perspectives, language)
    return [first, " ".join([societal, rest[0]]), *rest[1:]]
