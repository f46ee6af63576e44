"""Rows of the page as lines of words: numbers rounded, rows of one key on one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import QALY_DECIMALS, error_notes
from prioritering.report.tables.decision import INDEX_DECIMALS
from prioritering.report.units import unit_text

if TYPE_CHECKING:
    from prioritering.decision.page.material import Cell, Origin, PageRow
    from prioritering.decision.page.page import DecisionPage

_MILLION = 1e6

LABELS: Mapping[str, str] = {
    "option": "page_row.option",
    "reference": "page_row.reference",
    "patients": "page_row.patients",
    "incremental_qaly": "page_row.qalys",
    "life_years": "page_row.life_years",
    "incremental_cost": "page_row.incremental_cost",
    "icer": "page_row.icer",
    "cost_per_life_year": "page_row.cost_per_life_year",
    "shortfall": "row.shortfall",
    "severity_class": "row.severity_class",
    "reference_wtp": "page_row.reference_wtp",
    "class_probability": "page_row.class_probability",
    "limit": "page_row.limit",
    "limit_adjustment": "page_row.limit_adjustment",
    "probability_cost_effective": "page_row.probability",
    "loss_of_wrong_yes": "page_row.wrong_yes",
    "loss_of_wrong_no": "page_row.wrong_no",
    "decision_index": "row.decision_index",
    "documentation_index": "row.documentation_index",
    "judgement": "page_row.judgement",
    "scenario": "page_row.scenario",
    "too_close": "page_row.too_close",
    "current_price": "page_row.current_price",
    "agreed_discount": "page_row.agreed_discount",
    "price_at_limit": "page_row.price_at_limit",
    "required_discount": "page_row.required_discount",
    "icer_under": "page_row.icer_under",
    "net_growth": "page_row.net_growth",
    "limit_growth": "page_row.limit_growth",
    "authority_limit": "page_row.authority_limit",
    "passed_in": "page_row.passed_in",
    "passing": "page_row.passing",
    "qalys_gained": "page_row.gained",
    "qalys_displaced": "page_row.displaced",
    "qalys_net": "page_row.net",
    "hours_per_patient": "page_row.hours_per_patient",
    "hours_per_year": "page_row.hours_per_year",
    "perspective": "page_row.perspective",
    "left_out": "page_row.left_out",
    "silent": "page_row.silent",
    "criterion_worldwide": "small_group.worldwide",
    "criterion_in_country": "small_group.in_country",
    "criterion_absolute_shortfall": "small_group.absolute_shortfall",
    "criterion_expected_gain": "small_group.gain_discounted",
    "price": "page_section.price",
    "budget": "page_section.budget",
    "opportunity_cost": "page_section.opportunity_cost",
    "personnel": "page_section.personnel",
    "assumptions": "page_section.assumptions",
    "sources": "page_section.sources",
}

SECTIONS: Mapping[str, str] = {
    "comparison": "page_section.comparison",
    "benefit": "page_section.benefit",
    "resources": "page_section.resources",
    "severity": "page_section.severity",
    "limit": "page_section.limit",
    "uncertainty": "page_section.uncertainty",
    "price": "page_section.price",
    "budget": "page_section.budget",
    "opportunity_cost": "page_section.opportunity_cost",
    "personnel": "page_section.personnel",
    "perspective": "page_section.perspective",
    "route": "page_section.route",
    "assumptions": "page_section.assumptions",
    "sources": "page_section.sources",
}

_WORDS: Mapping[str, str] = {
    "within": "page_word.within",
    "beyond": "page_word.beyond",
    "half_or_more": "page_word.half_or_more",
    "below_half": "page_word.below_half",
    "passed": "page_word.passed",
    "not_passed": "page_word.not_passed",
    "none": "page_word.none",
    "no_agreement": "page_word.no_agreement",
    "no_discount": "page_word.no_discount",
    "counts drug": "page_word.counts_drug",
    "counts service": "page_word.counts_service",
    "counts elsewhere": "page_word.counts_elsewhere",
    "at no price": "page_word.at_no_price",
    "at any price": "page_word.at_any_price",
    "met": "small_group.met",
    "not met": "small_group.not_met",
    "low concern": "concern.low",
    "some concern": "concern.some",
    "high concern": "concern.high",
}
_SILENT = ("at most", "at least", "north-east: more effect at more cost")
"""Words that the number beside them, or its label, says already."""

_BOUNDS: Mapping[str, str] = {
    "under about": "small_group.below",
    "at least about": "small_group.at_least",
}
"""Words a guiding number stands within."""

_STATUSES: Mapping[str, str] = {
    "law": "page_status.law",
    "secondary": "page_status.secondary",
    "choice": "page_status.choice",
    "user": "page_status.user",
    "computed": "page_status.computed",
    "stated": "page_status.stated",
    "assumption": "page_status.assumption",
}
NEXT = ";\n"
"""Between texts that are a list of their own."""

_LISTED = ("assumptions", "sources")

_IN_MILLIONS = ("net_growth", "limit_growth", "authority_limit")
_SHORTFALL_DECIMALS = 2
"""As the agency rounds it."""


class Line(NamedTuple):
    """One line of the page, in words.

    Attributes
    ----------
    section, name
        Criterion, and what of it; the criterion's name alone where nothing was given.
    value, net
        At the prices of the run and at the net price; ``net`` is empty where there is none.
    origin
        Number of the source in the list below the page, and its status.
    wide
        Whether the line is about the criterion as a whole and needs no name of its own.
    """

    section: str
    name: str
    value: str
    net: str
    origin: str
    wide: bool


def page_lines(page: DecisionPage, language: str) -> list[Line]:
    """Every line in order."""
    cited = _cited(page)
    return [
        _line(key, list(rows), page, cited, language)
        for (_, key), rows in groupby(page.rows, lambda row: (row.section, row.key))
    ]


def source_notes(page: DecisionPage, language: str) -> list[str]:
    """Write sources by their numbers, with the day a rule came into force."""
    notes = []
    for k, origin in enumerate(_cited(page), start=1):
        text = origin.source.rstrip(".")
        if origin.date:
            text = label("page_note.in_force", language, source=text, date=origin.date)
        notes.append(f"[{k}] {text}.")
    return notes


def notes(page: DecisionPage, language: str) -> list[str]:
    """Cut-offs, what the figure shows, and what the public view keeps."""
    criteria = page.decision.criteria
    cutoffs = {
        "decision": percent(criteria.decision_error_high, language=language),
        "documentation": number(
            criteria.documentation_width_high, decimals=INDEX_DECIMALS, language=language
        ),
    }
    texts = [
        label("page_note.cutoffs", language, **cutoffs),
        *error_notes(page.decision.provenance, language),
    ]
    if page.has_net:
        at_net = page.view == "confidential"
        key = "page_note.figure_net" if at_net else "page_note.figure_maximum"
        texts.append(label(key, language))
    return [*texts, *_publication(page, language)]


def heading(page: DecisionPage, language: str) -> str:
    """Rules, draws and currency, for below the title."""
    return label(
        "page_note.heading",
        language,
        date=page.as_of,
        guideline=page.guideline,
        n=number(page.decision.n_draws, language=language),
        currency=currency_of(page.provenance, None),
    )


def mark(page: DecisionPage, language: str) -> str:
    """Say on top which view it is."""
    if page.view == "public":
        return label("page_note.public", language)
    key = "page_note.confidential_net" if page.has_net else "page_note.confidential_other"
    return label("page_note.confidential", language, reason=label(key, language))


def column_names(page: DecisionPage, language: str) -> list[str]:
    """Heading of each column: criterion, value or two of them, source."""
    names = ["page_column.section"]
    if page.has_net:
        public = page.view == "public"
        names += ["page_column.maximum", "page_column.public" if public else "page_column.net"]
    else:
        names.append("page_column.value")
    return [label(key, language) for key in (*names, "page_column.origin")]


def _publication(page: DecisionPage, language: str) -> Iterator[str]:
    from prioritering.decision.page.net import AT_NET_PRICE

    view = page.publication
    if view is None:
        return
    if page.has_net:
        shares = {
            "open": percent(view.open_share, language=language),
            "least": percent(view.narrowest, language=language),
        }
        yield label("page_note.open", language, **shares)
        keys = [r.name.removesuffix(AT_NET_PRICE) for r in view.refused]
        names = [label(LABELS[key], language) for key in keys if key in LABELS]
        if names:
            yield label("page_note.refused", language, names="; ".join(names))
    elif view.refused:
        yield label("page_note.secret", language)


def _line(
    key: str, rows: list[PageRow], page: DecisionPage, cited: list[Origin], language: str
) -> Line:
    currency = currency_of(page.provenance, None)
    first = rows[0]
    name = label(LABELS[key], language, currency=currency)
    cells = [_with_about(row, row.cell, currency, language) for row in rows]
    nets = [_with_about(row, row.net, currency, language) for row in rows if row.net is not None]
    if len({row.net for row in rows}) == 1 and first.net and first.net.standing != "stated":
        nets = nets[:1] and [_standing(first.net, language)]
    return Line(
        section=label(SECTIONS[first.section], language),
        name=name,
        value=(NEXT if key in _LISTED else "; ").join(cells),
        net="; ".join(nets),
        origin="; ".join(dict.fromkeys(_origin(row, cited, language) for row in rows)),
        wide=key in SECTIONS and first.unit == "words",
    )


def _with_about(row: PageRow, cell: Cell, currency: str, language: str) -> str:
    text = _cell(row, cell, language)
    if row.about is None:
        return text
    about = row.about.in_language(language)
    if row.unit == "price":
        plain = cell.standing == "stated" and cell.value is not None
        amount = label("format.money", language, amount=text, currency=currency)
        return f"{amount} {unit_text(about, language)}" if plain else text
    if row.key == "silent":
        return about
    return f"{about}: {text}"


def _cell(row: PageRow, cell: Cell, language: str) -> str:
    """Value and word of a cell, or why there is none."""
    if cell.standing != "stated":
        return _standing(cell, language)
    parts = []
    if cell.value is not None:
        text = _number(row, cell, language)
        if "at least" in cell.words:
            text = label("page_word.at_least", language, amount=text)
        for word in _BOUNDS.keys() & set(cell.words):
            text = label(_BOUNDS[word], language, bound=text)
        parts.append(text)
    words = [word for word in cell.words if word not in (*_SILENT, *_BOUNDS)]
    texts = [label(_WORDS.get(word, f"word.{word}"), language) for word in words]
    if "at least" in cell.words and cell.value is None:
        texts = [label("concern.at_least", language, concern=text) for text in texts]
    parts += texts
    if cell.text is not None:
        parts.append(cell.text.in_language(language))
    return ", ".join(parts)


def _standing(cell: Cell, language: str) -> str:
    kept = cell.standing == "not published"
    return label("page_word.not_published" if kept else "page_word.not_stated", language)


def _number(row: PageRow, cell: Cell, language: str) -> str:
    value, se = cell.value or 0.0, cell.se
    if row.unit == "share":
        if se is None:
            return percent(value, decimals=1, language=language)
        return percent_with_error(value, se, language=language)
    if row.unit == "year":
        return str(int(value))
    if se is None and float(value).is_integer() and row.key.startswith("criterion_"):
        return number(value, language=language)
    if row.key in ("shortfall", "criterion_absolute_shortfall"):
        return with_error(value, se, decimals=_SHORTFALL_DECIMALS, language=language)
    if row.key in _IN_MILLIONS:
        small = None if se is None else se / _MILLION
        return with_error(value / _MILLION, small, decimals=1, language=language)
    decimals = {
        "QALYs": 0 if abs(value) >= 100 else QALY_DECIMALS if abs(value) < 10 else 1,
        "years": QALY_DECIMALS,
        "multiple": INDEX_DECIMALS,
        "hours": 1 if abs(value) < 100 else 0,
        "patients": 0 if float(value).is_integer() else 2,
        "price": money_decimals([value]),
    }
    return with_error(value, se, decimals=decimals.get(row.unit, 0), language=language)


def _origin(row: PageRow, cited: list[Origin], language: str) -> str:
    if row.cell.standing == "not stated" and not row.origin.source:
        return ""
    status = label(_STATUSES[row.origin.status], language)
    return f"[{cited.index(row.origin) + 1}] {status}" if row.origin in cited else status


def _cited(page: DecisionPage) -> list[Origin]:
    """Collect the sources that the page lists, each once, in the order they are used."""
    return list(dict.fromkeys(row.origin for row in page.rows if row.origin.source))
