"""The public view: what is published, what is refused, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from prioritering.errors import UnknownNameError
from prioritering.guidelines import Label
from prioritering.report.labels import label
from prioritering.report.numbers import DEFAULT_CURRENCY, number, percent
from prioritering.report.tables._cells import QALY_DECIMALS, build
from prioritering.report.tables.decision import INDEX_DECIMALS, cell_name

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.publication import PublicView, Statement

_REASONS = {
    "narrow": "note.publication_reason",
    "secret": "note.publication_reason_secret",
}

_SHARES = (
    "agreed_discount", "class_probability", "decision_index", "passing",
    "probability_cost_effective", "required_discount",
)  # fmt: skip
_QALYS = ("incremental_qaly", "life_years", "shortfall")
_MILLIONS = ("authority_limit", "net_growth")
_YEARS = ("passed_in",)


def publication_table(view: PublicView, *, language: str = "en") -> pd.DataFrame:
    """One row per figure asked for, with the price behind it.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    rows = [
        *(
            (
                s.name,
                _text(s, language),
                "word.publication_net" if s.depends_on_price else "word.publication_maximum",
            )
            for s in view.statements
        ),
        *(
            (
                r.name,
                label(
                    "word.publication_refused", language, reason=label(_REASONS[r.kind], language)
                ),
                "word.publication_secret",
            )
            for r in view.refused
        ),
    ]
    return build(
        {
            label("column.publication_public", language): [text for _, text, _ in rows],
            label("column.publication_price", language): [label(k, language) for *_, k in rows],
        },
        index=[_name(name, language) for name, *_ in rows],
        index_name=label("column.publication_figure", language),
        notes=[
            label(
                "note.publication_rule",
                language,
                open=percent(view.open_share, language=language),
                least=percent(view.narrowest, language=language),
            ),
            label("note.publication_elsewhere", language),
        ],
    )


def _name(name: str, language: str) -> str:
    """Words for a row of the page; a name that is no row's stands as it is."""
    from prioritering.decision.page.net import AT_NET_PRICE
    from prioritering.report.page.lines import LABELS

    key, about = _parts(name)
    if key not in LABELS:
        return name
    words = label(LABELS[key], language, currency=DEFAULT_CURRENCY)
    if name.endswith(AT_NET_PRICE):
        return label("word.publication_at_net", language, figure=words)
    return f"{words}: {about}" if about else words


def _parts(name: str) -> tuple[str, str]:
    """Key of a row and what it is about, from ``"key[about]"``."""
    from prioritering.decision.page.net import AT_NET_PRICE

    key, _, about = name.removesuffix(AT_NET_PRICE).partition("[")
    return key, about.removesuffix("]")


def _text(statement: Statement, language: str) -> str:
    """Write a figure as a reader does: numbers rounded, words for keys, nothing for ``None``."""
    from prioritering.report.page.lines import LABELS

    text, (key, _) = statement.text, _parts(statement.name)
    try:
        value = float(text)
    except ValueError:
        return _words(text, language)
    decimals = len(text.partition(".")[2])
    as_it_is = key in _YEARS or (key not in LABELS and decimals <= QALY_DECIMALS)
    return text if as_it_is or not math.isfinite(value) else _number(value, key, language)


def _words(text: str, language: str) -> str:
    if text in ("", "None"):
        return label("page_word.not_stated", language)
    scenario = text.removeprefix("scenario_")
    if text != scenario and scenario.isdigit():
        return cell_name(text, int(scenario), Label(text, text), language)
    try:
        return label(f"page_word.{text.replace(' ', '_')}", language)
    except UnknownNameError:
        return cell_name(text, None, Label(text, text), language)


def _number(value: float, key: str, language: str) -> str:
    if key in _SHARES:
        return percent(value, decimals=1, language=language)
    if key in _MILLIONS:
        return number(value / 1e6, decimals=1, language=language)
    if key in _QALYS:
        return number(value, decimals=QALY_DECIMALS, language=language)
    whole = abs(value) >= 1000 or value.is_integer()
    return number(value, decimals=0 if whole else INDEX_DECIMALS, language=language)
