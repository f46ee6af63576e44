"""Price agreements: their terms in words, and their figures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

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
from prioritering.report.tables._cells import build, draws_notes
from prioritering.report.tables.decision import decision_notes, index_value

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import Estimate
    from prioritering.decision.agreements import (
        AdoptionTiming,
        Agreement,
        AgreementComparison,
        AgreementResult,
        OutcomeRefund,
        VolumeSteps,
    )

_BASIS = {"units in the step": "agreement.step_basis", "all units": "agreement.all_basis"}
COURSES = {
    "reject": "timing_row.reject",
    "adopt": "timing_row.adopt",
    "wait": "timing_row.wait",
    "temporary": "timing_row.temporary",
}
"""Courses of an adoption and their words."""


def agreement_text(agreement: Agreement, *, language: str = "en", currency: str = "NOK") -> str:
    """Write an agreement's terms in a sentence; one of a user's own class is named by it.

    Examples
    --------
    >>> from prioritering.decision.agreements import FlatDiscount
    >>> agreement_text(FlatDiscount(0.25, "drug")).replace("\N{NO-BREAK SPACE}", " ")
    '25 % off the maximum price of drug'
    """
    texts = [_part_text(part, language, currency) for part in agreement.parts()]
    text = texts[0]
    for following in texts[1:]:
        text = label("agreement.then", language, first=text, second=following)
    return text


def shown_results(comparison: AgreementComparison, *, public: bool) -> list[AgreementResult]:
    """Every result, or those that rest on no secret price."""
    return [r for r in comparison.results if not (public and r.confidential)]


def result_name(result: AgreementResult, language: str) -> str:
    """Name of an agreement, or the words for the list price."""
    return label("agreement.list_price", language) if result.agreement is None else result.name


def confidential_notes(
    comparison: AgreementComparison, *, public: bool, language: str
) -> list[str]:
    """Say that figures are secret, or that secret ones are left out."""
    if not comparison.confidential:
        return []
    return [label("agreement_note.public" if public else "agreement_note.confidential", language)]


def agreements_table(
    comparison: AgreementComparison,
    *,
    language: str = "en",
    public: bool = False,
    currency: str | None = None,
) -> pd.DataFrame:
    """List price and agreements as columns, figures as rows.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(comparison.provenance, currency)
    results = shown_results(comparison, public=public)
    hours = any(r.priced.hours for r in results)
    columns = {
        result_name(r, language): _figures(r, unit, language)
        | (_hours(r, language) if hours else {})
        for r in results
    }
    index = list(next(iter(columns.values())))
    pair = {"option": comparison.option, "reference": comparison.reference}
    return build(
        {name: list(figures.values()) for name, figures in columns.items()},
        index=index,
        index_name=label("note.pair", language, **pair),
        notes=[
            *confidential_notes(comparison, public=public, language=language),
            *draws_notes(results[0].decision.n_draws, comparison.provenance, language),
            *_notes(results, pair, language),
            *decision_notes(results[0].decision, unit, language)[:1],
        ],
    )


def timing_table(
    timing: AdoptionTiming, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Set out expected net benefit of each course for all patients.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(timing.provenance, currency)
    best = timing.value[timing.best].value
    values = list(timing.value.values())
    gaps = [best - e.value for e in values]
    decimals = money_decimals([e.value for e in values])
    cells = [with_error(e.value, e.se, decimals=decimals, language=language) for e in values]
    return build(
        {
            label("timing_column.value", language, currency=unit): cells,
            label("timing_column.difference", language, currency=unit): [
                number(gap, decimals=money_decimals(gaps), language=language) for gap in gaps
            ],
        },
        index=[label(COURSES[course], language) for course in timing.value],
        index_name=label("timing_column.course", language),
        notes=[
            *draws_notes(timing.provenance["n_draws"], timing.provenance, language),
            *_timing_notes(timing, unit, language),
        ],
    )


def _figures(result: AgreementResult, currency: str, language: str) -> dict[str, str]:
    d, unit = result.decision, {"currency": currency}
    terms = (
        "–"
        if result.agreement is None
        else agreement_text(result.agreement, language=language, currency=currency)
    )
    rows = {
        label("agreement_row.terms", language): terms,
        label("column.incremental_cost", language, **unit): _amount(
            d.mean_incremental_cost, language
        ),
        label("column.icer", language, **unit): with_error(d.icer, d.icer_se, language=language),
        label("column.standing", language): label(f"word.{d.status}", language),
        label("column.incremental_nmb", language, **unit): _amount(d.mean_net_benefit, language),
        label("row.cost_effective", language): percent_with_error(
            d.probability_cost_effective.value,
            d.probability_cost_effective.se,
            language=language,
        ),
        label("row.wrong_yes", language): _amount(d.loss_of_wrong_yes.amount, language),
        label("row.wrong_no", language): _amount(d.loss_of_wrong_no.amount, language),
        label("row.decision_index", language): index_value(d, "decision", language),
        label("row.documentation_index", language): index_value(d, "documentation", language),
        label("row.scenario", language): d.name.in_language(language),
    }
    return rows | _budget(result, currency, language)


def _budget(result: AgreementResult, currency: str, language: str) -> dict[str, str]:
    return {
        label("agreement_row.budget", language, year=year, currency=currency): _amount(e, language)
        for year, e in enumerate(result.budget_by_year, start=1)
    }


def _hours(result: AgreementResult, language: str) -> dict[str, str]:
    per_patient = number(result.priced.hours, decimals=1, language=language)
    rows = {label("agreement_row.hours", language): per_patient}
    if result.hours_by_year is not None:
        for year, hours in enumerate(result.hours_by_year, start=1):
            rows[label("agreement_row.all_hours", language, year=year)] = number(
                float(hours), language=language
            )
    return rows


def _parts(result: AgreementResult) -> list[Agreement]:
    return [] if result.agreement is None else list(result.agreement.parts())


def _notes(results: Sequence[AgreementResult], pair: dict[str, str], language: str) -> list[str]:
    from prioritering.decision.agreements import PatientCap

    notes = [label("agreement_note.effects", language)]
    if any(r.priced.price_factor is not None for r in results):
        notes.append(label("agreement_note.national", language))
    if any(isinstance(part, PatientCap) for r in results for part in _parts(r)):
        notes.append(label("agreement_note.mean_patient", language))
    if any(r.budget is not None for r in results):
        notes.append(label("agreement_note.budget", language, **pair))
    if any(r.priced.hours for r in results):
        notes.append(label("agreement_note.hours", language))
    return notes


def _timing_notes(timing: AdoptionTiming, currency: str, language: str) -> list[str]:
    terms = timing.terms

    def amount(value: float) -> str:
        return money(value, language=language, currency=currency)

    return [
        label(
            "timing_note.patients",
            language,
            before=number(timing.patients_before, language=language),
            after=number(timing.patients_after, language=language),
            years=plain(terms.years, language),
        ),
        label(
            "timing_note.perfect" if timing.perfect else "timing_note.given",
            language,
            amount=amount(timing.information.value),
        ),
        label(
            "timing_note.reversal",
            language,
            share=percent(timing.probability_of_reversal, decimals=1, language=language),
        ),
        label(
            "timing_note.costs",
            language,
            reversal=amount(terms.reversal_cost),
            research=amount(terms.research_cost),
            share=percent(terms.treated_while_waiting, language=language),
            chance=percent(terms.chance_of_information, language=language),
        ),
    ]


def _amount(estimate: Estimate, language: str) -> str:
    decimals = money_decimals([estimate.value])
    return with_error(estimate.value, estimate.se, decimals=decimals, language=language)


def _part_text(part: Agreement, language: str, currency: str) -> str:
    from prioritering.decision import agreements as kinds

    def amount(value: float) -> str:
        return money(value, language=language, currency=currency)

    if isinstance(part, kinds.TemporaryAdoption):
        return label("agreement.temporary", language, years=plain(part.years, language))
    words = {"categories": label("format.and", language).join(getattr(part, "categories", ()))}
    match part:
        case kinds.FlatDiscount():
            return label("agreement.flat", language, share=_share(part.share, language), **words)
        case kinds.FreeInitiation():
            months = plain(part.months, language)
            text = label("agreement.free", language, months=months, **words)
            if part.share_of_cost is None:
                return text
            share = _share(part.share_of_cost, language)
            return label("agreement.free_share", language, text=text, share=share)
        case kinds.PatientCap():
            return label("agreement.patient_cap", language, amount=amount(part.amount), **words)
        case kinds.NationalCap():
            return label("agreement.national_cap", language, amount=amount(part.amount), **words)
        case kinds.VolumeSteps():
            return _steps_text(part, words, language)
        case kinds.OutcomeRefund():
            return _refund_text(part, words, language, currency)
    return type(part).__name__


def _refund_text(refund: OutcomeRefund, words: dict[str, str], language: str, currency: str) -> str:
    text = label(
        "agreement.refund",
        language,
        refund=_share(refund.refund, language),
        years=plain(refund.measured_at, language),
        response=_share(float(np.mean(refund.response)), language),
        **words,
    )
    if not (refund.administration or refund.hours):
        return text
    follow_up = label(
        "agreement.follow_up",
        language,
        amount=money(refund.administration, language=language, currency=currency),
        hours=plain(refund.hours, language),
    )
    return f"{text}; {follow_up}"


def _steps_text(steps: VolumeSteps, words: dict[str, str], language: str) -> str:
    texts = [
        label(
            "agreement.step",
            language,
            discount=_share(discount, language),
            low=number(low, language=language),
        )
        for low, _, discount in steps.steps
    ]
    return label(
        "agreement.steps",
        language,
        unit=steps.unit,
        steps=", ".join(texts),
        basis=label(_BASIS[steps.basis], language),
        **words,
    )


def _share(share: float, language: str) -> str:
    whole = round(100 * share, 9).is_integer()
    return percent(share, decimals=0 if whole else 1, language=language)


def plain(value: float, language: str) -> str:
    """Write a number without decimals where it has none."""
    return number(value, decimals=0 if float(value).is_integer() else 1, language=language)
