"""Budget impact by year and cost group, with the authority limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.figures._canvas import INK, canvas, finish
from prioritering.report.figures._worlds import (
    DASHES,
    bars_note,
    legend,
    name_years,
    stacked_years,
    totals,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number, standard_error
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.budget import (
    GROUP_KEYS,
    MILLION,
    limit_groups,
    limit_notes,
    millions_decimals,
    scope_notes,
    year_in_text,
    year_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision.budget.impact import BudgetImpact

_FAR = 2.5
"""The limit is drawn where it is at most this many times the largest total."""


def plot_budget(
    budget: BudgetImpact,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Bars of each year with, without and net, stacked by cost group, and the limit.

    Dots are totals; with several draws, lines hold the middle 95 % of them. A limit far above
    every bar stands in the small print instead.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    from prioritering.decision.budget.impact import GROUPS, WORLDS

    unit = currency_of(budget.provenance, currency)
    years = [year_text(year, language) for year in budget.years]
    sums = {world: budget.means(world) for world in WORLDS}
    with canvas(ax) as axes:
        stacked_years(
            axes,
            {
                world: [[m.value / MILLION for m in budget.means(world, group=g)] for g in GROUPS]
                for world in WORLDS
            },
        )
        totals(axes, sums, scale=MILLION)
        top = max(m.high or m.value for means in sums.values() for m in means)
        shown = budget.limit.nok <= _FAR * top
        line = ""
        if shown:
            line = _limit(axes, budget, language)
        finish(
            axes,
            language,
            title=_title(budget, language),
            x="",
            y=label("budget.axis", language, currency=unit),
            small_print="\n".join(_notes(budget, years, shown=shown, language=language)),
        )
        name_years(axes, years, language)
        legend(axes, [label(GROUP_KEYS[group], language) for group in GROUPS], line=line)
    return axes


def _limit(ax: Axes, budget: BudgetImpact, language: str) -> str:
    """Draw the limit and return its name."""
    y = budget.limit.nok / MILLION
    ax.axhline(y, color=INK, linewidth=1.2, linestyle=DASHES, zorder=1)
    amount = number(y, decimals=0 if y.is_integer() else 1, language=language)
    groups = limit_groups(budget, language)
    return label("budget.limit_line", language, amount=amount, groups=groups)


def _title(budget: BudgetImpact, language: str) -> str:
    passed = budget.limit.passed_in
    if passed is None:
        return label("budget.title_below", language, option=budget.option)
    year = year_in_text(passed, language)
    return label("budget.title_passed", language, option=budget.option, year=year)


def _notes(budget: BudgetImpact, years: list[str], *, shown: bool, language: str) -> list[str]:
    notes = [*bars_note(years, language), _draws(budget, language)]
    if not shown:
        limit = money(budget.limit.nok, language=language)
        notes.append(label("budget.limit_beyond", language, limit=limit))
    return [
        " ".join(part)
        for part in (notes, limit_notes(budget, language), scope_notes(budget, language))
    ]


def _draws(budget: BudgetImpact, language: str) -> str:
    """Say what dots and lines are, and the largest error among the totals."""
    if budget.n_draws == 1:
        return " ".join([label("budget.dots", language), label("note.one_draw", language)])
    errors = [m.se or 0.0 for world in ("with", "without", "net") for m in budget.means(world)]
    text = label("budget.whiskers", language, n=number(budget.n_draws, language=language))
    se = standard_error(
        max(errors) / MILLION, decimals=millions_decimals(budget), language=language
    )
    error = label("budget.largest_error", language, se=se)
    return with_error_notes(f"{text} {error}", budget.provenance, language)
