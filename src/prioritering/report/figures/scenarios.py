"""Scenarios as dots beside the base case."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from prioritering.report.figures._canvas import FAINT, FAVOUR, SMALL, finish, tag
from prioritering.report.figures._rows import (
    at_right,
    axis_name,
    chosen,
    comparable,
    margins,
    name_rows,
    outcome_text,
    reference_lines,
    rows_canvas,
    short,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.sensitivity import Outcome, Scenarios


def plot_scenarios(
    result: Scenarios,
    outcome: str | None = None,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Outcome of each scenario as a dot, joined to the line of the base case.

    Parameters and errors are those of :func:`plot_tornado`.
    """
    picked = chosen(result, cast("Outcome | None", outcome))
    unit = currency_of(result.provenance, currency)
    names = [row.name for row in result.rows]
    base = result.base.value(picked)
    with rows_canvas(ax, names) as axes:
        values = [comparable(row.result, result.base, picked) for row in result.rows]
        for y, value in enumerate(values):
            if value is not None:
                axes.plot([cast(float, base), value], [y, y], color=FAINT, linewidth=2.5, zorder=1)
                axes.plot([value], [y], "o", color=FAVOUR, markersize=7, gid="scenario")
        margins(axes, worded=any(v is None for v in values))
        for y, (row, value) in enumerate(zip(result.rows, values, strict=True)):
            if value is None:
                at_right(axes, y, short(row.result, language))
            else:
                side = 1 if value >= cast(float, base) else -1
                amount = outcome_text(value, picked, language)
                tag(axes, amount, (value, y), shift=(7 * side, 0), size=SMALL)
        reference_lines(axes, result, picked, unit, language)
        finish(
            axes,
            language,
            title=_scenarios_title(result, language),
            x=axis_name(result, picked, unit, language),
            y="",
            small_print=_scenarios_note(result, unit, language),
        )
        name_rows(axes, names)
    return axes


def _scenarios_title(result: Scenarios, language: str) -> str:
    if result.wtp is None:
        names = {"option": result.option, "reference": result.reference}
        return label("sensitivity_title.scenarios", language, **names)
    n = sum(bool(row.decision_changes) for row in result.rows)
    return label(
        "sensitivity_title.scenarios_decisive",
        language,
        n=number(n, language=language),
        total=number(len(result.rows), language=language),
    )


def _scenarios_note(result: Scenarios, currency: str, language: str) -> str:
    names = {"option": result.option, "reference": result.reference}
    notes = [label("sensitivity_note.scenarios", language, **names)]
    if result.wtp is not None:
        limit = money(result.wtp, language=language, currency=currency)
        notes.append(label("note.net_benefit_at", language, limit=limit))
    return "\n".join(notes)
