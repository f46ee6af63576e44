"""Special routes: small groups, subgroups, one patient, cost minimisation, devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.conventions import discounting_text
from prioritering.report.labels import label
from prioritering.report.numbers import (
    ABSENT,
    currency_of,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import (
    QALY_DECIMALS,
    build,
    confidence_level,
    draws_notes,
    source_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from prioritering.decision import Decision, Estimate
    from prioritering.decision.routes import (
        CostMinimisation,
        Criterion,
        DeviceCost,
        ExceptionalPatient,
        SmallGroup,
        SubgroupResult,
        Subgroups,
    )

_CRITERION = {
    "worldwide": ("small_group.worldwide", 2),
    "in_country": ("small_group.in_country", 0),
    "absolute_shortfall": ("small_group.absolute_shortfall", 2),
    "expected_gain": ("small_group.gain_discounted", 2),
}
_STANDING = {
    "met": "small_group.met",
    "not met": "small_group.not_met",
    "not stated": "small_group.not_stated",
}


def small_group_table(group: SmallGroup, *, language: str = "en") -> pd.DataFrame:
    """Each criterion with its number, margin and standing.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    from prioritering.decision.page.material import PATIENTS_SOURCE

    rows = [_criterion(c, discounted=group.discounted, language=language) for c in group.criteria]
    keys = ("column.value", "small_group.bound", "small_group.margin", "column.standing")
    source = group.provenance["small_groups_source"].rstrip(".")
    patients = source_text(group.provenance.get(PATIENTS_SOURCE, ""), language)
    return build(
        {label(key, language): [row[k + 1] for row in rows] for k, key in enumerate(keys)},
        index=[row[0] for row in rows],
        index_name=label("small_group.criterion", language),
        notes=[
            *draws_notes(group.provenance["n_draws"], group.provenance, language),
            *([label("small_group.patients", language, source=patients)] if patients else []),
            label("small_group.approximate", language, source=source),
            label("small_group.no_figure", language),
            label("small_group.which_gain", language),
        ],
    )


def subgroups_table(
    groups: Subgroups, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Put the whole indication first, then each subgroup at the limit of its own severity.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(groups.provenance, currency)
    headings = (
        label("subgroup.share", language),
        label("subgroup.evidence", language),
        label("column.incremental_cost", language, currency=unit),
        label("column.incremental_qaly", language),
        label("column.icer", language, currency=unit),
        label("subgroup.limit", language, currency=unit),
        label("column.incremental_nmb", language, currency=unit),
        label("row.cost_effective", language),
    )
    rows = [_subgroup(row, language) for row in groups.rows]
    return build(
        {heading: [row[k] for row in rows] for k, heading in enumerate(headings)},
        index=[subgroup_name(groups, row, language) for row in groups.rows],
        index_name=label("subgroup.column", language),
        notes=[
            *draws_notes(groups.whole.decision.n_draws, groups.provenance, language),
            *_consistency(groups, unit, language),
            *thin_notes(groups, "subgroup.thin_note", language),
        ],
    )


def subgroup_name(groups: Subgroups, row: SubgroupResult, language: str) -> str:
    """Name of a subgroup, or the words for the whole indication."""
    return label("subgroup.whole", language) if row is groups.whole else row.name


def thin_notes(groups: Subgroups, key: str, language: str) -> list[str]:
    """Say what thin evidence means, where there is any."""
    if not any(row.thin for row in groups.rows):
        return []
    cutoffs = {name: number(n, language=language) for name, n in groups.cutoffs.items()}
    return [label(key, language, **cutoffs)]


def exceptional_patient_table(
    result: ExceptionalPatient, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Group and patient side by side.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.group.provenance, currency)
    columns = {
        label("exceptional.group", language): _criteria(result.group, unit, language),
        label("exceptional.patient", language): _criteria(result.patient, unit, language),
    }
    price = "exceptional.current_price" if result.at_current_price else "exceptional.list_price"
    notes = [
        label("exceptional.why", language, text=result.why),
        label("exceptional.same", language),
        label(price, language),
        *draws_notes(result.group.n_draws, result.group.provenance, language),
    ]
    if result.changes:
        names = ", ".join(result.changes)
        notes.insert(1, label("exceptional.parameters", language, names=names))
    if result.confidential:
        notes.insert(0, label("agreement_note.confidential", language))
    return build(
        {name: list(figures.values()) for name, figures in columns.items()},
        index=list(next(iter(columns.values()))),
        index_name=label("exceptional.criterion", language),
        notes=notes,
    )


def cost_minimisation_table(
    result: CostMinimisation, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Difference in QALYs against the margin, and difference in cost.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.provenance, currency)
    pair = {"option": result.option, "reference": result.reference}
    rows = _minimisation_rows(result, unit, language)
    reason = label("minimisation.reason", language, text=result.reason)
    notes = [*draws_notes(result.n_draws, result.provenance, language), reason]
    if result.despite is not None:
        notes.insert(0, label("minimisation.despite", language, text=result.despite))
    level = confidence_level(result.level, language)
    return build(
        {
            label("column.value", language): [row[1] for row in rows],
            label("minimisation.interval", language, level=level): [row[2] for row in rows],
        },
        index=[row[0] for row in rows],
        index_name=label("minimisation.quantity", language, **pair),
        notes=notes,
    )


def device_table(
    cost: DeviceCost, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Show what a device costs a year, per use, and per patient of each indication.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = {"currency": currency_of(cost.provenance, currency)}
    rows = {**_device_rows(cost, unit, language), **_indication_rows(cost, unit, language)}
    notes = [
        label(
            "device.lifetime",
            language,
            years=_plain(cost.device.lifetime, language),
            rates=discounting_text(cost.provenance["discounting"], language),
        ),
        label("device.shared", language),
    ]
    if cost.drg_by_indication:
        notes.append(label("device.drg", language, source=cost.provenance["drg"]))
    return build(
        {label("column.value", language): list(rows.values())},
        index=list(rows),
        index_name=label("device.quantity", language),
        notes=notes,
    )


def _criterion(criterion: Criterion, *, discounted: bool, language: str) -> tuple[str, ...]:
    key, decimals = _CRITERION[criterion.key]
    if criterion.key == "expected_gain" and not discounted:
        key = "small_group.gain_undiscounted"
    bound = label(
        "small_group.below" if criterion.below else "small_group.at_least",
        language,
        bound=_plain(criterion.bound, language),
    )
    standing = label(_STANDING[criterion.standing], language)
    if criterion.too_close:
        standing = label("small_group.close", language, standing=standing)
    return (
        label(key, language),
        with_error(criterion.value, criterion.se, decimals=decimals, language=language),
        bound,
        number(criterion.margin, decimals=decimals, language=language),
        standing,
    )


def _subgroup(row: SubgroupResult, language: str) -> tuple[str, ...]:
    d = row.decision
    p = d.probability_cost_effective
    numbers = " / ".join(number(n, language=language) for n in (row.patients, row.events))
    if row.thin:
        numbers = label("subgroup.thin", language, numbers=numbers)
    return (
        percent(row.share, language=language),
        numbers,
        _amount(d.mean_incremental_cost, language),
        _qalys(d.mean_incremental_qaly, language),
        with_error(d.icer, d.icer_se, language=language),
        number(d.wtp, language=language),
        _amount(d.mean_net_benefit, language),
        percent_with_error(p.value, p.se, language=language),
    )


def _consistency(groups: Subgroups, currency: str, language: str) -> list[str]:
    away = groups.disagreeing
    key = "subgroup.disagree" if away else "subgroup.agree"
    notes = [label(key, language, names=", ".join(away)) if away else label(key, language)]
    if groups.cost_difference is not None and groups.qaly_difference is not None:
        notes.append(
            label(
                "subgroup.weighted",
                language,
                cost=_amount(groups.cost_difference, language),
                currency=currency,
                qaly=_qalys(groups.qaly_difference, language),
            )
        )
    return notes


def _criteria(decision: Decision, currency: str, language: str) -> dict[str, str]:
    """Severity, benefit and resource use of one side, in the words of the decision."""
    point, unit = decision.severity.expected, {"currency": currency}
    p = decision.probability_cost_effective
    return {
        label("row.age", language): _plain(decision.severity.population.age, language),
        label("row.shortfall", language): number(
            point.shortfall_rounded, decimals=2, language=language
        ),
        label("row.severity_class", language): number(point.severity_class, language=language),
        label("subgroup.limit", language, **unit): number(decision.wtp, language=language),
        label("column.incremental_qaly", language): _qalys(
            decision.mean_incremental_qaly, language
        ),
        label("column.incremental_cost", language, **unit): _amount(
            decision.mean_incremental_cost, language
        ),
        label("column.icer", language, **unit): with_error(
            decision.icer, decision.icer_se, language=language
        ),
        label("column.standing", language): label(f"word.{decision.status}", language),
        label("column.incremental_nmb", language, **unit): _amount(
            decision.mean_net_benefit, language
        ),
        label("row.cost_effective", language): percent_with_error(p.value, p.se, language=language),
        label("row.scenario", language): decision.name.in_language(language),
    }


def _minimisation_rows(
    result: CostMinimisation, currency: str, language: str
) -> Sequence[tuple[str, str, str]]:
    unit, p = {"currency": currency}, result.probability_cheaper

    def between(low: float, high: float, decimals: int) -> str:
        ends = (number(x, decimals=decimals, language=language) for x in (low, high))
        return label("format.range", language, **dict(zip(("low", "high"), ends, strict=True)))

    decimals = money_decimals([result.cost_low, result.cost_high])
    rows = [
        (
            label("minimisation.qaly", language),
            _qalys(result.qaly_difference, language),
            between(result.qaly_low, result.qaly_high, QALY_DECIMALS),
        ),
        (
            label("minimisation.margin", language),
            number(result.margin, decimals=QALY_DECIMALS, language=language),
            ABSENT,
        ),
        (
            label("minimisation.comparable", language),
            label("format.yes" if result.comparable else "format.no", language),
            ABSENT,
        ),
        (
            label("minimisation.cost", language, **unit),
            _amount(result.cost_difference, language),
            between(result.cost_low, result.cost_high, decimals),
        ),
    ]
    if len(result.cost_by_category) > 1:
        for category, e in result.cost_by_category.items():
            name = label("minimisation.cost_of", language, category=category, **unit)
            rows.append((name, _amount(e, language), ABSENT))
    cheaper = label("minimisation.cheaper", language, option=result.option)
    return [*rows, (cheaper, percent_with_error(p.value, p.se, language=language), ABSENT)]


def _device_rows(cost: DeviceCost, unit: dict[str, str], language: str) -> dict[str, str]:
    device = cost.device

    def whole(value: float) -> str:
        return number(value, decimals=money_decimals([value]), language=language)

    uses = number(device.uses_per_year, language=language)
    capacity = number(device.capacity_per_year, language=language)
    return {
        label("device.investment", language, **unit): whole(cost.annual_investment),
        label("device.maintenance", language, **unit): whole(device.maintenance),
        label("device.annual", language, **unit): whole(cost.annual),
        label("device.per_use", language, uses=uses, **unit): whole(cost.cost_per_use),
        label("device.at_capacity", language, uses=capacity, **unit): whole(
            cost.cost_per_use_at_capacity
        ),
        label("device.unused", language): number(cost.unused, language=language),
        label("device.cost_of_unused", language, **unit): whole(cost.cost_of_unused),
    }


def _indication_rows(cost: DeviceCost, unit: dict[str, str], language: str) -> dict[str, str]:
    rows = {}
    for name, uses in cost.uses.items():
        amounts = {
            "device.annual_of": cost.annual_by_indication[name],
            "device.patient_of": cost.cost_per_patient[name],
            "device.drg_of": cost.drg_by_indication.get(name),
        }
        rows[label("device.uses_of", language, indication=name)] = number(uses, language=language)
        for key, value in amounts.items():
            if value is not None:
                text = number(value, decimals=money_decimals([value]), language=language)
                rows[label(key, language, indication=name, **unit)] = text
    return rows


def _amount(estimate: Estimate, language: str) -> str:
    decimals = money_decimals([estimate.value])
    return with_error(estimate.value, estimate.se, decimals=decimals, language=language)


def _qalys(estimate: Estimate, language: str) -> str:
    return with_error(estimate.value, estimate.se, decimals=QALY_DECIMALS, language=language)


def _plain(value: float, language: str) -> str:
    return number(value, decimals=0 if float(value).is_integer() else 1, language=language)
