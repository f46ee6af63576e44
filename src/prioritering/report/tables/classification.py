"""The classification looked at from all sides: other draws, cut-offs, prices and limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import build, draws_notes, error_notes, secret_notes
from prioritering.report.tables.decision import INDEX_DECIMALS, cell_name, decision_notes

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import (
        AdjustmentEffect,
        ClassificationProbability,
        CutoffMap,
        Decision,
        Estimate,
        ScenarioPath,
    )
    from prioritering.decision.price.line import Switch
    from prioritering.decision.uncertainty.cutoffs import Span

_VERDICTS = {
    "adopt": "verdict.adopt",
    "do not adopt": "verdict.refuse",
    "neither": "verdict.neither",
}


def classification_table(found: ClassificationProbability, *, language: str = "en") -> pd.DataFrame:
    """Probability of each combination with other draws, and whether one is clear.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    shares = [
        percent_with_error(e.value, e.se, language=language) for e in found.probability.values()
    ]
    decision = found.decision
    key = "cell.clear" if found.clear else "cell.not_clear"
    return build(
        {label("cell.probability", language): shares},
        index=[found.names[key].in_language(language) for key in found.probability],
        index_name=label("cell.combination", language),
        notes=[
            label(key, language, share=percent(found.found.value, language=language)),
            label(
                "cell.resampled",
                language,
                resamples=number(found.resamples, language=language),
                n=number(decision.n_draws, language=language),
            ),
            *error_notes(decision.provenance, language),
        ],
    )


def cutoff_table(found: CutoffMap, *, language: str = "en") -> pd.DataFrame:
    """Write the regions of cut-offs, and for which cut-offs the combination found holds.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    regions = found.regions
    columns = {
        label("cutoff.error_from", language): [_errors(r.error, language) for r in regions],
        label("cutoff.width_from", language): [_widths(r.width, language) for r in regions],
    }
    return build(
        columns,
        index=[r.name.in_language(language) for r in regions],
        index_name=label("cell.combination", language),
        notes=[
            *cutoff_sentences(found, language),
            label(
                "cutoff.looked_at",
                language,
                error=_errors(found.error, language),
                width=_widths(found.width, language),
            ),
            *secret_notes(found.provenance, language),
            *decision_notes(found.decision, currency_of(found.provenance, None), language),
        ],
    )


def cutoff_sentences(found: CutoffMap, language: str) -> list[str]:
    """For which cut-offs the combination found holds, one at a time."""
    decision = found.decision
    name = cell_name(decision.cell, decision.scenario, decision.name, language)
    error, width = (
        percent(decision.criteria.decision_error_high, language=language),
        number(
            decision.criteria.documentation_width_high, decimals=INDEX_DECIMALS, language=language
        ),
    )
    errors = [percent(x, decimals=1, language=language) for x in found.holds_error]
    widths = [number(x, decimals=INDEX_DECIMALS, language=language) for x in found.holds_width]
    return [
        label("cutoff.holds_error", language, name=name, low=errors[0], high=errors[1], at=width),
        label("cutoff.holds_width", language, name=name, low=widths[0], high=widths[1], at=error),
    ]


def path_table(
    path: ScenarioPath, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Prices at which the combination changes, with Monte Carlo standard errors in brackets.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(path.provenance, currency)
    switches = path.switches
    columns = {label("price_path.change", language): [_change(s, language) for s in switches]}
    if path.price is not None:
        columns[label("price_path.amount", language, currency=unit)] = [
            _price(s, path.price, language) for s in switches
        ]
    columns[label("price_path.cause", language)] = [
        ", ".join(label(f"word.{name}", language) for name in s.cause) for s in switches
    ]
    return build(
        columns,
        index=[factor_text(s.factor, s.se, language) for s in switches],
        index_name=label("price_path.factor", language),
        notes=[*path_notes(path, language), *draws_notes(path.n_draws, path.provenance, language)],
    )


def path_notes(path: ScenarioPath, language: str) -> list[str]:
    """Say what is scaled, where the path starts, and where expected net benefit is 0."""
    first = path.stretches[0].reading
    name = cell_name(first.key, first.scenario, first.name, language)
    low, high = (percent(x, language=language) for x in (path.factors[0], path.factors[-1]))
    zero = path.break_even
    notes = [
        label("price_path.scaled", language, category=path.category, option=path.option),
        label(
            "price_path.looked_at",
            language,
            low=low,
            high=high,
            n=number(path.n_draws, language=language),
        ),
        label("price_path.first", language, factor=low, name=name),
        label("price_path.break_even", language, factor=factor_text(zero.value, zero.se, language)),
    ]
    if not path.switches:
        notes.append(label("price_path.no_change", language, name=name))
    changed = path.provenance.get("criteria_changed")
    return [*notes, label("note.cutoffs_changed" if changed else "note.cutoffs", language)]


def factor_text(factor: float, se: float | None, language: str) -> str:
    """Price factor in per cent, with its Monte Carlo error in percentage points."""
    if se is None:
        return percent(factor, decimals=1, language=language)
    return percent_with_error(factor, se, language=language)


def adjustment_table(
    effect: AdjustmentEffect, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Decision, combination, net benefit and loss without and with each change of the limit.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(effect.provenance, currency)
    rows = effect.decisions
    columns = {
        label("adjustment.limit", language, currency=unit): [
            number(d.wtp, language=language) for d in rows
        ],
        label("adjustment.net_benefit", language, currency=unit): _amounts(
            [d.mean_net_benefit for d in rows], language
        ),
        label("adjustment.probability", language): [
            percent_with_error(p.value, p.se, language=language)
            for p in (d.probability_cost_effective for d in rows)
        ],
        label("adjustment.favours", language): [
            label(_VERDICTS[d.favours], language) for d in rows
        ],
        label("adjustment.loss", language, currency=unit): _amounts(
            [d.expected_loss.amount for d in rows], language
        ),
        label("cell.combination", language): [d.name.in_language(language) for d in rows],
    }
    return build(
        columns,
        index=[number(d.wtp_adjustment, language=language) for d in rows],
        index_name=label("adjustment.change", language, currency=unit),
        notes=_adjustment_notes(effect, unit, language),
    )


def _adjustment_notes(effect: AdjustmentEffect, currency: str, language: str) -> list[str]:
    def amount(value: float) -> str:
        return money(value, language=language, currency=currency)

    notes = [label("adjustment.no_amount", language)]
    if effect.break_even is not None:
        text = amount(effect.break_even.value)
        error = number(effect.break_even.se, language=language)
        notes.append(label("adjustment.break_even", language, amount=f"{text} ({error})"))
    turning = "; ".join(amount(d.wtp_adjustment) for d in effect.changed)
    notes.append(
        label("adjustment.turns", language, amounts=turning)
        if turning
        else label("adjustment.turns_nothing", language)
    )
    plain: Decision = effect.plain
    changed = plain.provenance.get("criteria_changed")
    return [
        *notes,
        label("note.cutoffs_changed" if changed else "note.cutoffs", language),
        *draws_notes(plain.n_draws, effect.provenance, language),
    ]


def _amounts(estimates: Iterable[Estimate], language: str) -> list[str]:
    column = list(estimates)
    decimals = money_decimals(e.value for e in column)
    return [with_error(e.value, e.se, decimals=decimals, language=language) for e in column]


def _change(switch: Switch, language: str) -> str:
    names = [cell_name(r.key, r.scenario, r.name, language) for r in (switch.below, switch.above)]
    return label("price_path.to", language, low=names[0], high=names[1])


def _price(switch: Switch, price: float, language: str) -> str:
    error = None if switch.se is None else switch.se * price
    decimals = money_decimals([price])
    return with_error(switch.price, error, decimals=decimals, language=language)


def _errors(span: Span, language: str) -> str:
    low, high = (percent(x, decimals=1, language=language) for x in span)
    return label("format.range", language, low=low, high=high)


def _widths(span: Span, language: str) -> str:
    low, high = (number(x, decimals=INDEX_DECIMALS, language=language) for x in span)
    return label("format.range", language, low=low, high=high)
