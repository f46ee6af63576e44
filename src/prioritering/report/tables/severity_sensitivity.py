"""Severity around the case: ages, prevention, distance to other classes, other countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from prioritering.cea import mean_se
from prioritering.report.labels import label
from prioritering.report.numbers import (
    ABSENT,
    DEFAULT_CURRENCY,
    money,
    number,
    percent,
    with_error,
)
from prioritering.report.tables._cells import build, draws_notes
from prioritering.report.tables.severity import DECIMALS, write_age

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.severity import (
        AgeBandSeverity,
        AgeDistributionSeverity,
        ClassMap,
        ForeignComparison,
        ForeignSeverity,
        Margin,
        PreventionSeverity,
        Severity,
    )


def age_distribution_table(
    result: AgeDistributionSeverity, *, language: str = "en", currency: str = DEFAULT_CURRENCY
) -> pd.DataFrame:
    """Severity averaged over the ages beside severity at the mean age."""
    more = result.difference >= 0
    amount = number(abs(result.difference), decimals=DECIMALS, language=language)
    changes = "severity_case.class_changes" if result.class_changes else "severity_case.class_stays"
    notes = [
        label(
            "severity_case.difference" if more else "severity_case.less",
            language,
            difference=amount,
        ),
        label(changes, language),
        label("severity_case.mean_age_rule", language),
        *_shares(result, language),
    ]
    columns = {
        label("severity_case.averaged", language): result.averaged,
        label("severity_case.at_mean_age", language): result.at_mean_age,
    }
    return _side_by_side(columns, notes, language, currency)


def age_band_table(
    result: AgeBandSeverity, *, language: str = "en", currency: str = DEFAULT_CURRENCY
) -> pd.DataFrame:
    """Severity at the lowest, middle and highest age of an interval."""
    low, high = (number(k, language=language) for k in result.class_range)
    span = label("severity_case.class_range", language, low=low, high=high)
    if low == high:
        span = label("severity_case.one_class", language, number=low)
    columns = {
        label("severity_case.lower", language): result.lower,
        label("severity_case.middle", language): result.middle,
        label("severity_case.upper", language): result.upper,
    }
    notes = [span, label("severity_case.same_prognosis", language)]
    return _side_by_side(columns, notes, language, currency)


def prevention_table(
    result: PreventionSeverity, *, language: str = "en", currency: str = DEFAULT_CURRENCY
) -> pd.DataFrame:
    """Severity of those who fall ill beside severity of everybody reached."""
    ill, reached = (label(f"severity_case.{k}", language) for k in ("ill", "reached"))
    way = (ill if result.chosen is result.those_who_fall_ill else reached).lower()
    risk = percent(result.risk, decimals=1, language=language)
    notes = [
        label("severity_case.chosen", language, way=way),
        label("severity_case.risk", language, risk=risk),
    ]
    columns = {ill: result.those_who_fall_ill, reached: result.everybody_reached}
    return _side_by_side(columns, notes, language, currency)


def margins_table(
    result: ClassMap, *, language: str = "en", currency: str = DEFAULT_CURRENCY
) -> pd.DataFrame:
    """Smallest change of age or prognosis that gives another class."""
    point = result.severity.expected
    rows = [(label("severity_case.no_change", language), point.severity_class, point.wtp)]
    rows += [(margin_text(m, language), m.severity_class, m.wtp) for m in result.margins]
    return build(
        {
            label("severity_case.class", language): [
                number(k, language=language) for _, k, _ in rows
            ],
            label("severity_case.wtp", language, currency=currency): [
                number(wtp, language=language) for *_, wtp in rows
            ],
        },
        index=[text for text, *_ in rows],
        index_name=label("severity_case.change", language),
        notes=[
            label("severity_case.margins", language),
            *_population_notes(result.severity, language),
        ],
    )


def margin_text(margin: Margin, language: str) -> str:
    """Say a margin in words: what changes, by how much, in which direction."""
    if margin.quantity == "age":
        amount = number(abs(margin.change), language=language)
        key = "severity_case.younger" if margin.change < 0 else "severity_case.older"
        return label(key, language, amount=amount)
    amount = number(abs(margin.change), decimals=DECIMALS, language=language)
    key = "severity_case.prognosis_lower" if margin.change < 0 else "severity_case.prognosis_higher"
    return label(key, language, amount=amount)


def foreign_table(result: ForeignComparison, *, language: str = "en") -> pd.DataFrame:
    """Write the case by its own rules and by other countries' scales."""
    names = [s.rule.value.name.in_language(language) for s in result.scales]
    rows = [_own_row(result.severity, language)]
    rows += [_foreign_row(s, language) for s in result.scales]
    keys = ("absolute", "proportional", "class", "weight", "reference_value")
    notes = [label("severity_case.foreign", language), label("note.second_hand", language)]
    for name, scale in zip(names, result.scales, strict=True):
        notes += _scale_notes(name, scale, language)
    return build(
        {
            label(f"severity_case.{key}", language): [row[i] for row in rows]
            for i, key in enumerate(keys)
        },
        index=[label("severity_case.in_force", language), *names],
        index_name=label("severity_case.scale", language),
        notes=notes,
    )


def _side_by_side(
    columns: Mapping[str, Severity], notes: Sequence[str], language: str, currency: str
) -> pd.DataFrame:
    """Severities in columns, with what they rest on in notes."""
    keys = ("qalys_population", "qalys_prognosis", "shortfall", "severity_class")
    first = next(iter(columns.values()))
    return build(
        {name: _column(severity, language) for name, severity in columns.items()},
        index=[
            label("severity_case.age", language),
            *(label(f"row.{key}", language) for key in keys),
            label("row.reference_wtp", language, currency=currency),
        ],
        index_name=label("column.quantity", language),
        notes=[
            *notes,
            label("note.undiscounted", language),
            *draws_notes(first.n_draws, first.provenance, language),
            *dict.fromkeys(t for s in columns.values() for t in _population_notes(s, language)),
        ],
    )


def _column(severity: Severity, language: str) -> list[str]:
    point, places = severity.expected, severity.scale.decimals
    decimals = DECIMALS if places is None else places

    def write(value: float, se: float | None = None) -> str:
        return with_error(value, se, decimals=decimals, language=language)

    return [
        write_age(severity.population.age, language),
        write(severity.population.value),
        write(point.qalys_prognosis, mean_se(severity.prognosis)),
        write(point.shortfall_rounded, mean_se(severity.shortfall)),
        number(point.severity_class, language=language),
        number(point.wtp, language=language),
    ]


def _shares(result: AgeDistributionSeverity, language: str) -> list[str]:
    return [
        label(
            "severity_case.share_of_class",
            language,
            number=number(k, language=language),
            share=percent(share, language=language),
        )
        for k, share in result.share_of_class.items()
        if share > 0
    ]


def _population_notes(severity: Severity, language: str) -> list[str]:
    population = severity.population
    notes = [label("note.population", language, source=population.source.rstrip("."))]
    if population.second_hand:
        notes.append(label("note.second_hand", language))
    return notes + [label("note.assumption", language, text=t) for t in population.assumptions]


def _own_row(severity: Severity, language: str) -> list[str]:
    point = severity.expected
    return [
        number(point.shortfall_rounded, decimals=DECIMALS, language=language),
        number(point.proportional, decimals=DECIMALS, language=language),
        number(point.severity_class, language=language),
        number(point.weight, decimals=1, language=language),
        money(point.wtp, language=language),
    ]


def _foreign_row(scale: ForeignSeverity, language: str) -> list[str]:
    value = scale.wtp
    return [
        number(scale.absolute, decimals=DECIMALS, language=language),
        number(scale.proportional, decimals=DECIMALS, language=language),
        number(scale.severity_class, language=language),
        number(scale.weight, decimals=1, language=language),
        ABSENT
        if value is None
        else money(value, language=language, currency=scale.rule.value.currency),
    ]


def _scale_notes(name: str, scale: ForeignSeverity, language: str) -> list[str]:
    rate, rule = scale.rule.value.discount_rate, scale.rule
    source = label(
        "severity_case.foreign_source",
        language,
        name=name,
        source=str(rule.source).rstrip("."),
        note=rule.note,
    )
    if rate is None:
        return [source]
    key = "severity_case.needs" if scale.needs else "severity_case.discounted"
    shown = percent(rate, decimals=1, language=language)
    return [label(key, language, name=name, rate=shown), source]
