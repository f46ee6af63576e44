"""QALYs gained and displaced by each adoption."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from prioritering.report.figures._canvas import (
    FAVOUR,
    GROUND,
    INK,
    MUTED,
    SMALL,
    canvas,
    finish,
    look,
    tag,
    with_minus,
)
from prioritering.report.labels import label
from prioritering.report.numbers import number, with_error
from prioritering.report.tables.opportunity_cost import portfolio_notes, qaly_decimals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision.budget.opportunity_cost import Portfolio
    from prioritering.decision.means import Mean

_HALF = 0.19
_NAME = 20
_COLOURS = {"gained": FAVOUR, "displaced": look(1).colour}


def plot_portfolio(portfolio: Portfolio, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Bars of QALYs gained and displaced by case, with the net beside them.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    names = [case.name for case in portfolio.cases]
    means = [case.means() for case in portfolio.cases]
    if len(names) > 1:
        names.append(label("opportunity.total", language))
        means.append(dict(portfolio.totals))
    decimals = qaly_decimals(portfolio)
    with canvas(ax) as axes:
        for quantity, side in (("gained", -1), ("displaced", 1)):
            _bars(axes, [m[quantity] for m in means], quantity, side * _HALF)
        axes.plot([0, 0], [-0.5, len(names) - 0.4], color=MUTED, linewidth=0.8, zorder=3)
        _room(axes, len(names))
        for row, m in enumerate(means):
            _net(axes, row, m, decimals, language)
        net = portfolio.totals["net"].value
        key = "opportunity.title_loss" if net < 0 else "opportunity.title_gain"
        finish(
            axes,
            language,
            title=label(key, language, value=_number(net, decimals, language)),
            x=label("opportunity.axis", language),
            y=None,
            small_print="\n".join(_notes(portfolio, language)),
        )
        _names(axes, names, language)
    return axes


def _bars(ax: Axes, means: Sequence[Mean], quantity: str, shift: float) -> None:
    y = np.arange(len(means)) + shift
    ax.barh(
        y, [m.value for m in means], 2 * _HALF, color=_COLOURS[quantity], edgecolor=GROUND, zorder=2
    )
    for at, m in zip(y, means, strict=True):
        if m.low is not None and m.high is not None:
            ax.plot([m.low, m.high], [at, at], color=INK, linewidth=1.0, zorder=3)


def _room(ax: Axes, rows: int) -> None:
    """Room on the right for the net figures, and on top for the legend."""
    low, high = ax.get_xlim()
    ax.set_xlim(low, high + 0.3 * (high - low))
    ax.set_ylim(rows - 0.4, -0.6 - 0.13 * rows)


def _net(ax: Axes, row: int, means: dict[str, Mean], decimals: int, language: str) -> None:
    ends = [
        end
        for name in ("gained", "displaced")
        for end in (means[name].value, means[name].high or 0.0, 0.0)
    ]
    net = means["net"]
    value = with_minus(with_error(net.value, net.se, decimals=decimals, language=language))
    text = label("opportunity.net_mark", language, value=value)
    tag(ax, text, (max(ends), row), shift=(6, 0), size=SMALL, bold=True)


def _names(ax: Axes, names: Sequence[str], language: str) -> None:
    from matplotlib.patches import Patch

    ax.set_yticks(range(len(names)), [fill(name, _NAME, break_long_words=False) for name in names])
    ax.tick_params(axis="y", length=0)
    handles = [
        Patch(facecolor=colour, label=label(f"opportunity.{quantity}", language))
        for quantity, colour in _COLOURS.items()
    ]
    ax.legend(
        handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=SMALL, borderaxespad=0.0
    )


def _notes(portfolio: Portfolio, language: str) -> list[str]:
    notes = portfolio_notes(portfolio, language)
    if any(case.n_draws > 1 for case in portfolio.cases):
        notes[1] = f"{notes[1]} {label('opportunity.whiskers', language)}"
    return notes


def _number(value: float, decimals: int, language: str) -> str:
    return with_minus(number(value, decimals=decimals, language=language))
