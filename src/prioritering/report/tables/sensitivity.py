"""Deterministic sensitivity analyses: one-way, two-way, threshold and scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prioritering.report.conventions import discounting_text
from prioritering.report.labels import label
from prioritering.report.numbers import ABSENT, currency_of, money, money_decimals, number
from prioritering.report.tables._cells import (
    QALY_DECIMALS,
    assumption_notes,
    build,
    confidence_level,
)
from prioritering.report.tables.parameters import significant

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.psa.sensitivity import (
        Comparison,
        OneWay,
        OneWayRow,
        ScenarioRow,
        Scenarios,
        Threshold,
        TwoWay,
    )

VALUE_DIGITS = 4
THRESHOLD_DIGITS = 6


def one_way_table(
    result: OneWay, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """One row per parameter or group, the widest swing first.

    Base value and range, the ICER (or in words why it has none) and net monetary benefit at
    both ends, its swing, and whether the decision changes within the range. Without
    willingness to pay the swings of cost and QALYs stand instead.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit, rows = currency_of(result.provenance, currency), result.rows
    columns = {
        label("sensitivity.base_value", language): [_base_value(row, language) for row in rows],
        label("sensitivity.range", language): [_range(row, language) for row in rows],
    }
    for key, end in (("sensitivity.icer_low", "low"), ("sensitivity.icer_high", "high")):
        ends = [getattr(row, end) for row in rows]
        columns[label(key, language, currency=unit)] = [icer_cell(c, language) for c in ends]
    columns |= _swings(result, unit, language)
    return build(
        columns,
        index=[row.name for row in rows],
        index_name=label("column.parameter", language),
        notes=one_way_notes(result, unit, language),
    )


def scenarios_table(
    result: Scenarios, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Return the base case and one row per scenario: increments, ICER, and the difference made.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.provenance, currency)
    runs = [result.base, *(row.result for row in result.rows)]
    columns = {
        label("sensitivity.changes", language): [
            "",
            *(described(row, language) for row in result.rows),
        ],
        label("column.incremental_cost", language, currency=unit): _amounts(
            [run.incremental_cost for run in runs], language
        ),
        label("column.incremental_qaly", language): [
            number(run.incremental_qaly, decimals=QALY_DECIMALS, language=language) for run in runs
        ],
        label("column.icer", language, currency=unit): [icer_cell(run, language) for run in runs],
    }
    notes = [
        label(
            "sensitivity_note.scenarios",
            language,
            option=result.option,
            reference=result.reference,
        )
    ]
    if result.wtp is not None:
        columns[label("column.incremental_nmb", language, currency=unit)] = _amounts(
            [run.nmb for run in runs], language
        )
        columns[label("sensitivity.nmb_difference", language, currency=unit)] = _amounts(
            [None, *(row.nmb_difference for row in result.rows)], language
        )
        columns[label("sensitivity.decision_changes", language)] = [
            ABSENT,
            *(_yes_or_no(row.decision_changes, language) for row in result.rows),
        ]
        limit = money(result.wtp, language=language, currency=unit)
        notes.append(label("note.net_benefit_at", language, limit=limit))
    return build(
        columns,
        index=[label("sensitivity.base_row", language), *(row.name for row in result.rows)],
        index_name=label("sensitivity.scenario", language),
        notes=[*notes, *assumption_notes(result.provenance, language)],
    )


def threshold_table(
    result: Threshold, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Return the values at which the decision changes, or that there is none.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.provenance, currency)

    def shown(value: float, digits: int = VALUE_DIGITS) -> str:
        return significant(value, digits=digits, language=language)

    values = [shown(c.value, THRESHOLD_DIGITS) for c in result.crossings]
    sides = [label(_SIDES[c.direction], language) for c in result.crossings]
    if not values:
        ends = {"low": shown(result.low), "high": shown(result.high)}
        values = [label("sensitivity.no_threshold", language, **ends)]
        sides = [label(_SIDES[result.verdict], language)]
    return build(
        {
            label("sensitivity.base_value", language): [shown(result.base_value)] * len(values),
            label("sensitivity.crossing", language): values,
            label("sensitivity.direction", language): sides,
        },
        index=[result.name] * len(values),
        index_name=label("column.parameter", language),
        notes=[*_about(result, unit, language), threshold_note(result, language)],
    )


def two_way_table(
    result: TwoWay, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Incremental net monetary benefit, ``y`` down and ``x`` across.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.provenance, currency)
    decimals = money_decimals(result.nmb.ravel().tolist())

    def shown(value: float) -> str:
        return significant(value, digits=VALUE_DIGITS, language=language)

    return build(
        {
            shown(x): [number(v, decimals=decimals, language=language) for v in column]
            for x, column in zip(result.x_values, result.nmb.T.tolist(), strict=True)
        },
        index=[shown(y) for y in result.y_values],
        index_name=label("sensitivity.by", language, x=result.x, y=result.y),
        notes=[
            label("column.incremental_nmb", language, currency=unit) + ".",
            grid_note(result, unit, language),
            *_about(result, unit, language),
        ],
    )


def icer_cell(comparison: Comparison, language: str) -> str:
    """Write an ICER, or in words what stands in its place."""
    if comparison.icer is None:
        if comparison.status.startswith(("north-east", "south-west")):
            return label("sensitivity.no_ratio", language)
        return label(f"word.{comparison.status}", language)
    amount = number(comparison.icer, decimals=money_decimals([comparison.icer]), language=language)
    if comparison.status.startswith("south-west"):
        return label("sensitivity.saved", language, amount=amount)
    return amount


def value_text(value: float, language: str) -> str:
    """Write a parameter's value."""
    return significant(value, digits=VALUE_DIGITS, language=language)


def described(row: ScenarioRow, language: str) -> str:
    """Return a scenario's own description, or what it changes."""
    if row.description:
        return row.description
    parts = []
    for what, change in row.changes.items():
        if what in _OTHER:
            parts.append(label(_OTHER[what], language))
        elif what == "rules":
            parts.append(label("sensitivity.other_rules", language, rules=change))
        elif what in _DISCOUNTED:
            text = discounting_text(change, language)
            parts.append(label(_DISCOUNTED[what], language, text=text))
        else:
            parts.append(f"{what} = {_shown(change, language)}")
    return "; ".join(parts)


def _shown(change: object, language: str) -> str:
    if isinstance(change, Mapping):
        return ", ".join(f"{name} {_shown(part, language)}" for name, part in change.items())
    if isinstance(change, int | float) and not isinstance(change, bool):
        return value_text(float(change), language)
    return str(change)


def one_way_notes(result: OneWay, currency: str, language: str) -> list[str]:
    """Say what was moved how far, and what was not."""
    notes = [
        label("sensitivity_note.pair", language, option=result.option, reference=result.reference),
        *_about(result, currency, language)[1:],
        label(
            "sensitivity_note.interval",
            language,
            level=confidence_level(result.interval, language),
        ),
    ]
    if result.wtp is not None:
        notes.append(label("sensitivity_note.changes", language))
    if any("." in name for row in result.rows for name in row.members):
        notes.append(label("sensitivity_note.joint", language))
    for reason, key in _EXCLUDED.items():
        names = [name for name, why in result.excluded.items() if why == reason]
        if names:
            notes.append(label(key, language, names=", ".join(names)))
    return [*notes, *assumption_notes(result.provenance, language)]


def grid_note(result: TwoWay, currency: str, language: str) -> str:
    """Say what a two-way analysis ran."""
    return label(
        "sensitivity_note.grid",
        language,
        option=result.option,
        reference=result.reference,
        limit=money(result.wtp, language=language, currency=currency),
        n=number(result.nmb.size, language=language),
    )


def threshold_note(result: Threshold, language: str) -> str:
    """Say where a threshold was searched, and how finely."""
    return label(
        "sensitivity_note.searched",
        language,
        low=value_text(result.low, language),
        high=value_text(result.high, language),
        pieces=number(len(result.nmb) - 1, language=language),
    )


_EXCLUDED = {
    "fixed": "sensitivity_note.fixed",
    "rows drawn together": "sensitivity_note.rows",
    "no width": "sensitivity_note.no_width",
}
_OTHER = {"params": "sensitivity.other_params", "model": "sensitivity.other_model"}
_DISCOUNTED = {
    "discounting": "sensitivity.costs_discounted",
    "discounting_effects": "sensitivity.effects_discounted",
}
_SIDES = {
    "favourable above": "sensitivity.above",
    "favourable below": "sensitivity.below",
    "favourable throughout": "sensitivity.always",
    "unfavourable throughout": "sensitivity.never_here",
    "no difference throughout": "sensitivity.no_difference",
}


def _about(result: Any, currency: str, language: str) -> list[str]:
    """Name the two strategies, and write the base case."""
    base: Comparison = result.base
    cost = money(
        base.incremental_cost,
        decimals=money_decimals([base.incremental_cost]),
        language=language,
        currency=currency,
    )
    qaly = number(base.incremental_qaly, decimals=QALY_DECIMALS, language=language)
    notes = [
        label("note.pair", language, option=result.option, reference=result.reference) + ".",
        label(
            "sensitivity_note.base",
            language,
            cost=cost,
            qaly=qaly,
            icer=_icer_with_currency(base, currency, language),
        ),
    ]
    if base.nmb is not None:
        amounts = {"nmb": base.nmb, "limit": result.wtp}
        notes.append(
            label(
                "sensitivity_note.base_nmb",
                language,
                **{
                    name: money(
                        amount,
                        decimals=money_decimals([amount]),
                        language=language,
                        currency=currency,
                    )
                    for name, amount in amounts.items()
                },
            )
        )
    return notes


def _icer_with_currency(base: Comparison, currency: str, language: str) -> str:
    text = icer_cell(base, language)
    if base.icer is None or base.status.startswith("south-west"):
        return text
    return label("format.money", language, amount=text, currency=currency)


def _swings(result: OneWay, currency: str, language: str) -> dict[str, list[str]]:
    rows = result.rows
    if result.wtp is None:
        return {
            label("sensitivity.swing_cost", language, currency=currency): _amounts(
                [row.swing("cost") for row in rows], language
            ),
            label("sensitivity.swing_qaly", language): [
                number(row.swing("qaly"), decimals=QALY_DECIMALS, language=language) for row in rows
            ],
        }
    return {
        label("sensitivity.nmb_low", language, currency=currency): _amounts(
            [row.low.nmb for row in rows], language
        ),
        label("sensitivity.nmb_high", language, currency=currency): _amounts(
            [row.high.nmb for row in rows], language
        ),
        label("sensitivity.swing", language, currency=currency): _amounts(
            [row.swing("nmb") for row in rows], language
        ),
        label("sensitivity.decision_changes", language): [
            _yes_or_no(row.decision_changes, language) for row in rows
        ],
    }


def _amounts(values: Sequence[float | None], language: str) -> list[str]:
    decimals = money_decimals(values)
    return [number(value, decimals=decimals, language=language) for value in values]


def _base_value(row: OneWayRow, language: str) -> str:
    return value_text(row.base_values[0], language) if len(row.members) == 1 else ABSENT


def _range(row: OneWayRow, language: str) -> str:
    if len(row.members) > 1:
        return label("sensitivity.all_low_to_high", language, members=", ".join(row.members))
    low, high = (value_text(v[0], language) for v in (row.low_values, row.high_values))
    return label("format.range", language, low=low, high=high)


def _yes_or_no(answer: bool | None, language: str) -> str:
    if answer is None:
        return ABSENT
    return label("format.yes" if answer else "format.no", language)
