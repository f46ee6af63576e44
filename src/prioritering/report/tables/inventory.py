"""The filled impact inventory, and one comparison in every perspective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from prioritering.guidelines.perspective import View
from prioritering.report.labels import label
from prioritering.report.numbers import ABSENT, currency_of, money_decimals, with_error
from prioritering.report.tables._cells import QALY_DECIMALS, build, cells, draws_notes

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.means import Mean
    from prioritering.decision.perspective.filled import ImpactInventory, InventoryRow
    from prioritering.decision.perspective.views import Perspectives

_INFORMAL_CARE = {"cost": "inventory.as_cost", "qaly": "inventory.as_qaly"}


def inventory_table(
    inventory: ImpactInventory, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Rows of the guideline's inventory: who counts them, and what this analysis has.

    A consequence of which the analysis says nothing is listed as not stated.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(inventory.provenance, currency)
    views = get_args(View)
    lines = [line for row in inventory.rows for line in _lines(inventory, row, language)]
    names = [inventory.perspective.view(view).in_language(language) for view in views]
    heads = [*names, label("inventory.has", language, currency=unit)]
    heads.append(label("inventory.level", language))
    notes = [
        label("inventory.pair", language, option=inventory.option, reference=inventory.reference),
        label("inventory.figures", language),
        *draws_notes(inventory.n_draws, inventory.provenance, language),
    ]
    notes.append(label("inventory.source", language, source=inventory.source))
    if inventory.informal_care_as is not None:
        notes.append(label(_INFORMAL_CARE[inventory.informal_care_as], language))
    return build(
        {head: [line[k + 1] for line in lines] for k, head in enumerate(heads)},
        index=[line[0] for line in lines],
        index_name=label("inventory.consequence", language),
        notes=notes,
    )


def perspectives_table(
    perspectives: Perspectives, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """One row per perspective, the base case first; carers' QALYs in a note, never added.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(perspectives.provenance, currency)
    rows = perspectives.rows
    names = ["incremental_cost", "incremental_qaly", "icer"]
    if perspectives.wtp is not None:
        names.append("incremental_nmb")
    columns = {}
    for name in names:
        values = [getattr(row, name) for row in rows.values()]
        columns[label(f"column.{name}", language, currency=unit)] = cells(
            values,
            [getattr(row, f"{name}_se") for row in rows.values()],
            decimals=QALY_DECIMALS if name == "incremental_qaly" else money_decimals(values),
            language=language,
        )
    columns[label("column.standing", language)] = [
        label(f"word.{row.status}", language) for row in rows.values()
    ]
    columns[label("inventory.not_counted", language)] = [
        ", ".join(perspectives.not_counted[view]) or label("inventory.none", language)
        for view in rows
    ]
    return build(
        columns,
        index=view_names(perspectives, language),
        index_name=label("inventory.view", language),
        notes=[
            label(
                "inventory.pair",
                language,
                option=perspectives.option,
                reference=perspectives.reference,
            ),
            *draws_notes(perspectives.n_draws, perspectives.provenance, language),
            *perspective_notes(perspectives, language),
        ],
    )


def view_names(perspectives: Perspectives, language: str) -> list[str]:
    """Names of the perspectives, the base case and the secondary one marked."""
    names = []
    for view in perspectives.rows:
        name = perspectives.perspective.view(view).in_language(language)
        if view == perspectives.default:
            name = label("inventory.base_case", language, name=name)
        elif view == "society":
            name = label("inventory.secondary", language, name=name)
        names.append(name)
    return names


def perspective_notes(perspectives: Perspectives, language: str) -> list[str]:
    """When a societal analysis is allowed, and the carers' QALYs beside the rest."""
    allowed = perspectives.perspective.societal_analysis_for
    cases = ", ".join(case.in_language(language) for case in allowed)
    notes = [label("inventory.societal", language, cases=cases)]
    stated = [c for c in allowed if c.key == perspectives.societal_case]
    if stated:
        case = stated[0].in_language(language)
        notes.append(label("inventory.societal_here", language, case=case))
    else:
        notes.append(label("inventory.societal_nowhere", language))
    if perspectives.carers is not None:
        name = _separate(perspectives.perspective.consequences, language)
        value = _qalys(perspectives.carers, language)
        notes.append(label("inventory.carers", language, value=value, name=name))
    return notes


def _separate(consequences: Sequence[object], language: str) -> str:
    """Name of what has a separate analysis."""
    names = [getattr(row, "separate_analysis", None) for row in consequences]
    return ", ".join(name.in_language(language) for name in names if name is not None)


def _lines(inventory: ImpactInventory, row: InventoryRow, language: str) -> list[list[str]]:
    """Write a consequence, and below it what has a separate analysis."""
    counted = label("inventory.counted", language)
    views = [counted if row.counted(view) else ABSENT for view in get_args(View)]
    levels = [cost.level_name.in_language(language) for cost in row.costs]
    borne = levels[0] if len(set(levels)) == 1 else "; ".join(levels)
    name = row.consequence.in_language(language)
    lines = [[name, *views, _content(row, language), borne]]
    apart = row.consequence.separate_analysis
    if apart is not None:
        default = inventory.perspective.default
        separate = label("inventory.separate", language)
        marks = [separate if view == default else ABSENT for view in get_args(View)]
        lines.append([apart.in_language(language), *marks, _apart(inventory, language), ""])
    return lines


def _apart(inventory: ImpactInventory, language: str) -> str:
    """Write carers' QALYs, or why they are not there."""
    if inventory.carers is not None:
        return label("inventory.qalys", language, value=_qalys(inventory.carers, language))
    counted_as_cost = inventory.informal_care_as == "cost"
    return label("inventory.as_cost" if counted_as_cost else "inventory.not_stated", language)


def _content(row: InventoryRow, language: str) -> str:
    """Write what the analysis has: amounts, how it is counted, or why not."""
    if row.standing == "not stated":
        return label("inventory.not_stated", language)
    if row.standing == "left out":
        return label("inventory.left_out", language, reason=row.text)
    decimals = money_decimals([cost.incremental.value for cost in row.costs])
    parts = [
        label("inventory.amount", language, category=cost.category, value=value)
        for cost, value in zip(
            row.costs,
            cells(
                [cost.incremental.value for cost in row.costs],
                [cost.incremental.se for cost in row.costs],
                decimals=decimals,
                language=language,
            ),
            strict=True,
        )
    ]
    if row.qalys is not None:
        parts.append(label("inventory.qalys", language, value=_qalys(row.qalys, language)))
    return "; ".join([*parts, *([row.text] if row.text else [])])


def _qalys(mean: Mean, language: str) -> str:
    return with_error(mean.value, mean.se, decimals=QALY_DECIMALS, language=language)
