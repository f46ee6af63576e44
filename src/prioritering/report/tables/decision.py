"""The assessed decision: probabilities, losses, the two uncertainties and their scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

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
from prioritering.report.tables._cells import QALY_DECIMALS, build, draws_notes
from prioritering.report.tables.documentation import concern_text, level_notes, level_text

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import Decision, Estimate, ExpectedLoss
    from prioritering.guidelines import Label

Which = Literal["decision", "documentation"]

INDEX_DECIMALS = 2
"""Decimals of the documentation index, a multiple of the limit."""

_CELLS = {
    "both_low": "cell.both_low",
    "both_high": "cell.both_high",
    "no_difference": "cell.no_difference",
}


def decision_table(
    decision: Decision, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Everything behind the decision, with Monte Carlo standard errors in brackets.

    Probabilities are in per cent, their errors in percentage points.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(decision.provenance, currency)
    rows = {
        **_comparison(decision, unit, language),
        **_probabilities(decision, language),
        **_losses(decision, unit, language),
        label("row.decision_index", language): index_value(decision, "decision", language),
        label("row.documentation_index", language): index_value(
            decision, "documentation", language
        ),
        **_judgement(decision, language),
        label("row.scenario", language): decision.name.in_language(language),
        label("row.reading", language): reading_text(decision, language),
    }
    return build(
        {label("column.value", language): list(rows.values())},
        index=list(rows),
        index_name=label("note.pair", language, **_pair(decision)),
        notes=[
            *draws_notes(decision.n_draws, decision.provenance, language),
            *_definitions(decision, language),
            *decision_notes(decision, unit, language),
            *(level_notes(decision.documentation, language) if decision.documentation else []),
        ],
    )


def index_text(decision: Decision, which: Which, language: str) -> str:
    """One of the two uncertainties in a sentence: what it is, its value, level and cut-off."""
    return label(
        "index.sentence",
        language,
        name=label(f"row.{which}_index", language),
        value=index_value(decision, which, language),
        definition=_definition(decision, which, language),
    )


def index_value(decision: Decision, which: Which, language: str) -> str:
    """Level, value with its Monte Carlo error, and cut-off; the reason where there is no value."""
    index = decision.decision_index if which == "decision" else decision.documentation_index
    level = label(f"word.{index.level}", language)
    if index.value is None or index.se is None:
        reason = index.explanation.in_language(language) if index.explanation else ""
        return label("index.no_value", language, level=level, reason=reason.rstrip("."))
    if which == "decision":
        value = percent_with_error(index.value, index.se, language=language)
        cutoff = percent(index.cutoff, language=language)
    else:
        value = with_error(index.value, index.se, decimals=INDEX_DECIMALS, language=language)
        cutoff = number(index.cutoff, decimals=INDEX_DECIMALS, language=language)
    return label("index.value", language, value=value, level=level, cutoff=cutoff)


def reading_text(decision: Decision, language: str) -> str:
    """Write what the combination is read as, and by whom: the white paper, or this package."""
    statuses = {r.key: r.status for r in decision.criteria.readings}
    key = "reading.law" if statuses.get(decision.cell) == "law" else "reading.choice"
    return label(key, language, reading=decision.reading.in_language(language).rstrip("."))


def decision_notes(decision: Decision, currency: str, language: str) -> list[str]:
    """Whose choice the cut-offs are, what is too close to call, and a changed limit."""
    changed = decision.provenance.get("criteria_changed")
    notes = [label("note.cutoffs_changed" if changed else "note.cutoffs", language)]
    if decision.too_close:
        names = ", ".join(label(f"word.{name}", language) for name in decision.too_close)
        notes.append(label("note.too_close", language, names=names))
        notes += _reach_notes(decision, language)
    if decision.wtp_adjustment:
        amount = money(decision.wtp_adjustment, language=language, currency=currency)
        notes.append(label("note.adjusted", language, amount=amount))
    return notes


def cell_name(key: str, scenario: int | None, name: Label, language: str) -> str:
    """Short name of a combination; its own name where there is no shorter one."""
    if scenario is not None:
        return label("cell.scenario", language, number=scenario)
    return label(_CELLS[key], language) if key in _CELLS else name.in_language(language)


def _reach_notes(decision: Decision, language: str) -> list[str]:
    """Name the combinations other draws could give in place of the one found."""
    readings = {r.key: r for r in decision.criteria.readings}
    names = [
        cell_name(key, readings[key].scenario, readings[key].name, language)
        for key in decision.cells_within_reach[1:]
    ]
    return [label("cell.within_reach", language, names="; ".join(names))] if names else []


def _judgement(decision: Decision, language: str) -> dict[str, str]:
    """Judgement of the documentation, and the level both make, where there is one."""
    found = decision.documentation
    if found is None:
        return {}
    return {
        label("judgement.row", language): concern_text(found.detail, language),
        label("judgement.level_row", language): level_text(found, language),
    }


def _definition(decision: Decision, which: Which, language: str) -> str:
    criteria = decision.criteria
    words = {
        "decision": criteria.decision_error_text,
        "documentation": criteria.documentation_width_text,
    }
    return words[which].in_language(language)


def _definitions(decision: Decision, language: str) -> list[str]:
    return [
        label(
            "index.definition",
            language,
            name=label(f"row.{which}_index", language),
            definition=_definition(decision, which, language),
        )
        for which in get_args(Which)
    ]


def _pair(decision: Decision) -> dict[str, str]:
    return {"option": decision.option, "reference": decision.reference}


def _amount(estimate: Estimate, language: str) -> str:
    decimals = money_decimals([estimate.value])
    return with_error(estimate.value, estimate.se, decimals=decimals, language=language)


def _qalys(estimate: Estimate, language: str) -> str:
    return with_error(estimate.value, estimate.se, decimals=QALY_DECIMALS, language=language)


def _comparison(decision: Decision, currency: str, language: str) -> dict[str, str]:
    group = number(decision.severity.expected.severity_class, language=language)
    return {
        label("row.limit", language, currency=currency, number=group): number(
            decision.wtp, language=language
        ),
        label("column.incremental_cost", language, currency=currency): _amount(
            decision.mean_incremental_cost, language
        ),
        label("column.incremental_qaly", language): _qalys(
            decision.mean_incremental_qaly, language
        ),
        label("column.icer", language, currency=currency): with_error(
            decision.icer, decision.icer_se, language=language
        ),
        label("column.standing", language): label(f"word.{decision.status}", language),
        label("column.incremental_nmb", language, currency=currency): _amount(
            decision.mean_net_benefit, language
        ),
    }


def _probabilities(decision: Decision, language: str) -> dict[str, str]:
    plain = decision.probability_cost_effective
    own = decision.probability_cost_effective_by_severity
    rows = {
        label("row.cost_effective", language): percent_with_error(
            plain.value, plain.se, language=language
        ),
        label("row.cost_effective_by_severity", language): percent_with_error(
            own.value, own.se, language=language
        ),
    }
    if len(decision.probability_best) > 2:
        for strategy, p in decision.probability_best.items():
            name = label("row.best", language, strategy=strategy)
            rows[name] = percent_with_error(p.value, p.se, language=language)
    return rows


def _losses(decision: Decision, currency: str, language: str) -> dict[str, str]:
    def both(loss: ExpectedLoss) -> str:
        return label(
            "format.amount_and_qalys",
            language,
            amount=_amount(loss.amount, language),
            currency=currency,
            qalys=_qalys(loss.qalys, language),
        )

    rows = {
        label("row.wrong_yes", language): both(decision.loss_of_wrong_yes),
        label("row.wrong_no", language): both(decision.loss_of_wrong_no),
        label("row.evpi", language, currency=currency): _amount(decision.evpi, language),
        label("loss.favoured", language): both(decision.expected_loss),
    }
    relative = decision.relative_loss
    if relative is not None:
        name = label("loss.relative", language)
        rows[name] = percent_with_error(relative.value, relative.se, language=language)
    return rows
