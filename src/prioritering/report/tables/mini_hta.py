"""The mini-HTA form: every question with its answer, and what nobody has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, number, percent_with_error, with_error
from prioritering.report.tables._cells import (
    QALY_DECIMALS,
    build,
    draws_notes,
    secret_notes,
)
from prioritering.report.tables.personnel import staff_names

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import BudgetImpact, Decision, Personnel
    from prioritering.decision.routes import DeviceCost, MiniHta

_MILLION = 1e6

_SECTIONS = {
    "method": "mini_section.method",
    "patients": "mini_section.patients",
    "effect": "mini_section.effect",
    "safety": "mini_section.safety",
    "ethics": "mini_section.ethics",
    "organisation": "mini_section.organisation",
    "costs": "mini_section.costs",
    "conclusion": "mini_section.conclusion",
}
_QUESTIONS = {
    "what_is_it": "mini_question.what_is_it",
    "compared_with": "mini_question.compared_with",
    "approved": "mini_question.approved",
    "who_proposes": "mini_question.who_proposes",
    "who": "mini_question.who",
    "how_many": "mini_question.how_many",
    "severity": "mini_question.severity",
    "evidence": "mini_question.evidence",
    "gain": "mini_question.gain",
    "uncertainty": "mini_question.uncertainty",
    "side_effects": "mini_question.side_effects",
    "risk_of_use": "mini_question.risk_of_use",
    "ethical": "mini_question.ethical",
    "equal_access": "mini_question.equal_access",
    "staff": "mini_question.staff",
    "training": "mini_question.training",
    "premises": "mini_question.premises",
    "per_patient": "mini_question.per_patient",
    "investment": "mini_question.investment",
    "budget": "mini_question.budget",
    "cost_per_qaly": "mini_question.cost_per_qaly",
    "financing": "mini_question.financing",
    "open_questions": "mini_question.open_questions",
    "conflicts": "mini_question.conflicts",
}
_OTHER_SERVICES = {
    "hospital": "mini_question.municipality",
    "municipality": "mini_question.hospital",
}
_TITLES = {"hospital": "mini_text.hospital", "municipality": "mini_text.municipality"}


def mini_hta_table(
    form: MiniHta, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Every question of the form, section by section, with what is known.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    from prioritering.decision.routes import SECTIONS

    answers = _answers(form, language, currency)
    keys = [(section, key) for section, keys in SECTIONS.items() for key in keys]
    return build(
        {
            label("mini_text.section", language): [
                label(_SECTIONS[section], language) for section, _ in keys
            ],
            label("mini_text.answer", language): [answers[key] for _, key in keys],
        },
        index=[_question(form, key, language) for _, key in keys],
        index_name=label("mini_text.question", language),
        notes=_notes(form, language),
    )


def mini_hta_text(form: MiniHta, *, language: str = "en", currency: str | None = None) -> str:
    """Write the form as plain text.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    from prioritering.decision.routes import SECTIONS

    answers = _answers(form, language, currency)
    lines = [label(_TITLES[form.setting], language, title=form.title)]
    for section, keys in SECTIONS.items():
        lines += ["", label(_SECTIONS[section], language).upper()]
        lines += [f"{_question(form, key, language)}\n  {answers[key]}" for key in keys]
    return "\n".join([*lines, "", *_notes(form, language)])


def _question(form: MiniHta, key: str, language: str) -> str:
    if key == "other_services":
        return label(_OTHER_SERVICES[form.setting], language)
    return label(_QUESTIONS[key], language)


def _answers(form: MiniHta, language: str, currency: str | None) -> dict[str, str]:
    """Answers by question: what was stated, then the numbers, or that there is neither."""
    found = _from_results(form, language, currency)
    answers = {}
    for key, origins in form.origins.items():
        stated = form.answers.get(key)
        text = stated if isinstance(stated, str | None) else stated.in_language(language)
        parts = [text] if text else []
        if "from results" in origins:
            parts.append(label("mini_text.from_results", language, text=found[key]))
        answers[key] = " ".join(parts) or label("mini_text.unanswered", language)
    return answers


def _from_results(form: MiniHta, language: str, currency: str | None) -> dict[str, str]:
    texts: dict[str, str] = {}
    if form.decision is not None:
        unit = currency_of(form.decision.provenance, currency)
        texts |= _of_decision(form.decision, unit, language)
    if form.device is not None:
        unit = currency_of(form.device.provenance, currency)
        for key, text in _of_device(form.device, unit, language).items():
            texts[key] = "; ".join([*([texts[key]] if key in texts else []), text])
    if form.small_group is not None:
        texts["how_many"] = number(form.small_group["in_country"].value, language=language)
    if form.budget is not None:
        unit = currency_of(form.budget.provenance, currency)
        texts["budget"] = _of_budget(form.budget, unit, language)
    if form.personnel is not None:
        texts["staff"] = _of_personnel(form.personnel, language)
    return texts


def _of_budget(budget: BudgetImpact, currency: str, language: str) -> str:
    """Net growth of each calendar year, in millions."""
    years = (
        label(
            "mini_text.year",
            language,
            year=year,
            amount=with_error(
                mean.value / _MILLION,
                None if mean.se is None else mean.se / _MILLION,
                decimals=1,
                language=language,
            ),
        )
        for year, mean in zip(budget.years, budget.means("net"), strict=True)
    )
    return label("mini_text.budget", language, years="; ".join(years), currency=currency)


def _of_personnel(personnel: Personnel, language: str) -> str:
    """Hours per patient of each profession, more or fewer than under the reference."""
    hours = (
        label(
            "mini_text.hours",
            language,
            staff=name,
            hours=with_error(mean.value, mean.se, decimals=1, language=language),
        )
        for name, mean in (
            (name, personnel.patient_means(i)["net"])
            for i, name in enumerate(staff_names(personnel, language))
        )
    )
    return label("mini_text.staff", language, hours="; ".join(hours), reference=personnel.reference)


def _of_decision(decision: Decision, currency: str, language: str) -> dict[str, str]:
    point, p = decision.severity.expected, decision.probability_cost_effective
    cost, qaly = decision.mean_incremental_cost, decision.mean_incremental_qaly
    return {
        "compared_with": decision.reference,
        "severity": label(
            "mini_text.severity",
            language,
            shortfall=number(point.shortfall_rounded, decimals=2, language=language),
            number=point.severity_class,
        ),
        "gain": label(
            "mini_text.gain",
            language,
            qaly=with_error(qaly.value, qaly.se, decimals=QALY_DECIMALS, language=language),
        ),
        "uncertainty": label(
            "mini_text.uncertainty",
            language,
            share=percent_with_error(p.value, p.se, language=language),
            name=decision.name.in_language(language),
        ),
        "per_patient": label(
            "mini_text.incremental",
            language,
            amount=with_error(cost.value, cost.se, language=language),
            currency=currency,
            reference=decision.reference,
        ),
        "cost_per_qaly": label(
            "mini_text.ratio",
            language,
            amount=with_error(decision.icer, decision.icer_se, language=language),
            currency=currency,
            status=label(f"word.{decision.status}", language),
        ),
    }


def _of_device(cost: DeviceCost, currency: str, language: str) -> dict[str, str]:
    device = cost.device
    whole = float(device.lifetime).is_integer()
    return {
        "per_patient": "; ".join(
            label(
                "mini_text.device_patient",
                language,
                indication=indication,
                amount=number(amount, language=language),
                currency=currency,
            )
            for indication, amount in cost.cost_per_patient.items()
        ),
        "investment": label(
            "mini_text.annual",
            language,
            investment=number(device.investment, language=language),
            annual=number(cost.annual, language=language),
            years=number(device.lifetime, decimals=0 if whole else 1, language=language),
            currency=currency,
        ),
    }


def _notes(form: MiniHta, language: str) -> list[str]:
    left = form.unanswered
    names = " ".join(_question(form, key, language) for key in left)
    notes = [
        label("mini_text.left", language, n=len(left), all=len(form.origins), names=names)
        if left
        else label("mini_text.none_left", language),
        label("mini_text.selection", language),
    ]
    notes += secret_notes(form.provenance, language)
    if form.decision is not None:
        notes += draws_notes(form.decision.n_draws, form.decision.provenance, language)
    return list(dict.fromkeys(notes))
