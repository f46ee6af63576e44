"""Special routes: subgroups beside the whole, and a difference in effect against its margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.errors import unknown_name
from prioritering.report.figures._canvas import FAINT, INK, MUTED, canvas, finish, with_minus
from prioritering.report.figures.agreements import ForestRow, forest, grow, middle
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money_decimals, number, with_error
from prioritering.report.tables._cells import (
    QALY_DECIMALS,
    confidence_level,
    with_error_notes,
)
from prioritering.report.tables.routes import subgroup_name, thin_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision.routes import CostMinimisation, SubgroupResult, Subgroups

_TITLE = {
    "net_benefit": "subgroup.title_benefit",
    "cost_per_qaly": "subgroup.title_cost",
    "qaly": "subgroup.title_qaly",
}
_AXIS = {
    "net_benefit": "axis.net_benefit",
    "cost_per_qaly": "axis.cost_per_qaly",
    "qaly": "minimisation.axis",
}


def plot_subgroups(
    groups: Subgroups,
    ax: Axes | None = None,
    *,
    quantity: str = "net_benefit",
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Forest plot of one quantity, the whole indication first and dashed through.

    Parameters
    ----------
    quantity
        ``"net_benefit"``, each row at its own limit; ``"cost_per_qaly"``, with the row's limit
        as a stroke, rows without a clear gain left out and named; ``"qaly"``.

    Raises
    ------
    UnknownNameError
        A quantity that does not exist, or a language without labels.
    """
    if quantity not in _TITLE:
        raise unknown_name("quantity", quantity, _TITLE)
    unit = currency_of(groups.provenance, currency)
    shown = [row for row in groups.rows if _has(row, quantity)]
    decision = groups.whole.decision
    names = {"option": decision.option, "reference": decision.reference}
    with canvas(ax) as axes:
        grow(axes, len(shown), own=ax is None)
        units = {} if quantity == "qaly" else {"currency": unit}
        finish(
            axes,
            language,
            title=label(_TITLE[quantity], language, option=decision.option),
            x=label(_AXIS[quantity], language, **names, **units),
            y=None,
            small_print="\n".join(_notes(groups, quantity, language)),
        )
        if quantity != "cost_per_qaly":
            axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
        rows = [_row(groups, row, quantity, language) for row in shown]
        if shown[:1] == [groups.whole]:
            axes.axvline(rows[0].mean, color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        forest(axes, rows)
    return axes


def plot_cost_minimisation(
    result: CostMinimisation, ax: Axes | None = None, *, language: str = "en"
) -> Axes:
    """Difference in QALYs with its interval, over the margin within which effects are alike.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    names = {"option": result.option, "reference": result.reference}
    title = "minimisation.title_within" if result.comparable else "minimisation.title_outside"
    note = label(
        "minimisation.band",
        language,
        margin=number(result.margin, decimals=QALY_DECIMALS, language=language),
        level=confidence_level(result.level, language),
        n=number(result.n_draws, language=language),
    )
    row = ForestRow(
        label("minimisation.qaly", language),
        result.qaly_difference.value,
        result.qaly_low,
        result.qaly_high,
        words=_words(result.qaly_difference.value, result.qaly_difference.se, "qaly", language),
    )
    with canvas(ax) as axes:
        grow(axes, 1, own=ax is None)
        axes.axvspan(-result.margin, result.margin, color=FAINT, alpha=0.5, linewidth=0)
        axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
        finish(
            axes,
            language,
            title=label(title, language, **names),
            x=label("minimisation.axis", language, **names),
            y=None,
            small_print=with_error_notes(note, result.provenance, language),
        )
        forest(axes, [row])
    return axes


def _has(row: SubgroupResult, quantity: str) -> bool:
    return quantity != "cost_per_qaly" or row.decision.cost_per_qaly.axis == "cost per QALY"


def _row(groups: Subgroups, row: SubgroupResult, quantity: str, language: str) -> ForestRow:
    d = row.decision
    values = {
        "net_benefit": d.net_benefit,
        "cost_per_qaly": d.cost_per_qaly.values,
        "qaly": d.incremental_qaly,
    }[quantity]
    mean, se = {
        "net_benefit": (d.mean_net_benefit.value, d.mean_net_benefit.se),
        "cost_per_qaly": (d.icer, d.icer_se),
        "qaly": (d.mean_incremental_qaly.value, d.mean_incremental_qaly.se),
    }[quantity]
    return ForestRow(
        subgroup_name(groups, row, language),
        float(values.mean()),
        *middle(values),
        words=_words(mean, se, quantity, language),
        open=bool(row.thin),
        limit=d.wtp if quantity == "cost_per_qaly" else None,
    )


def _words(value: float | None, se: float | None, quantity: str, language: str) -> str:
    decimals = QALY_DECIMALS if quantity == "qaly" else money_decimals([value])
    return with_minus(with_error(value, se, decimals=decimals, language=language))


def _notes(groups: Subgroups, quantity: str, language: str) -> list[str]:
    n = number(groups.whole.decision.n_draws, language=language)
    points = label("subgroup.points", language, n=n)
    notes = [
        with_error_notes(points, groups.provenance, language),
        label("subgroup.intervals", language),
        *thin_notes(groups, "subgroup.thin_figure", language),
    ]
    if quantity == "net_benefit":
        notes.append(label("subgroup.own_limit", language))
    if quantity == "cost_per_qaly":
        notes.append(label("subgroup.limit_stroke", language))
        away = [subgroup_name(groups, r, language) for r in groups.rows if not _has(r, quantity)]
        if away:
            notes.append(label("subgroup.left_out", language, names=", ".join(away)))
    return notes
