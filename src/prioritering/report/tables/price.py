"""Prices that meet each willingness to pay, how far the price must fall, and how surely."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import (
    ABSENT,
    currency_of,
    money,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import build, draws_notes
from prioritering.report.units import unit_text

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import PriceAnalysis, PriceAtLevel, PriceForProbability

CHANGE_DECIMALS = 1
"""Decimals of a required fall of the price, in per cent."""


def price_table(
    analysis: PriceAnalysis, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """One row per willingness to pay, with Monte Carlo standard errors in brackets.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(analysis.provenance, currency)
    decimals = price_decimals(analysis)
    levels = analysis.levels
    columns = {
        label("price.highest", language, unit=f"{unit} {price_unit(analysis, language)}"): [
            _price(level, decimals, language) for level in levels
        ],
        label("price.change", language): [_change(level, language) for level in levels],
    }
    if analysis.n_draws > 1:
        columns |= _over_draws(levels, decimals, language)
    return build(
        columns,
        index=[_level(analysis, level, language) for level in levels],
        index_name=label("price.wtp", language, currency=unit),
        notes=price_notes(analysis, unit, language),
    )


def price_unit(analysis: PriceAnalysis, language: str) -> str:
    """Write what one price buys: a common unit in the language, others as given."""
    return unit_text(analysis.price_unit, language)


def price_decimals(analysis: PriceAnalysis) -> int:
    """Decimals that suit every price of an analysis."""
    return money_decimals([analysis.current_price, *(x.price.value for x in analysis.levels)])


def price_notes(analysis: PriceAnalysis, currency: str, language: str) -> list[str]:
    """Say what the price drives, what is assumed, and what the numbers are."""
    decimals = money_decimals([analysis.current_price])

    def written(price: float) -> str:
        return money(price, decimals=decimals, language=language, currency=currency)

    notes = [
        label("price.pair", language, option=analysis.option, reference=analysis.reference) + ".",
        label(
            "price.current",
            language,
            amount=written(analysis.current_price),
            unit=price_unit(analysis, language),
            categories=", ".join(analysis.categories),
        ),
    ]
    if analysis.checked_at is None:
        notes.append(label("price.assumed_linear", language))
    else:
        notes.append(label("price.checked_linear", language, amount=written(analysis.checked_at)))
    if analysis.in_reference is not None:
        same = analysis.in_reference == "same price"
        notes.append(label("price.same_price" if same else "price.fixed", language))
    if analysis.draw_prices is None:
        notes.append(label("price.falling", language))
    if float(analysis.incremental_qaly.mean()) <= 0:
        notes.append(label("price.lost_qalys", language))
    notes += draws_notes(analysis.n_draws, analysis.provenance, language)
    if analysis.n_draws > 1:
        notes.append(label("price.wanted", language))
    return [*notes, label("price.not_automatic", language)]


def _level(analysis: PriceAnalysis, level: PriceAtLevel, language: str) -> str:
    amount = number(level.wtp, language=language)
    if level.wtp == analysis.limit:
        return label("price.own_limit", language, amount=amount)
    return amount


def _price(level: PriceAtLevel, decimals: int, language: str) -> str:
    if level.bound == "at no price":
        return label("price.at_no_price", language)
    if level.bound == "at any price":
        return label("price.at_any_price", language)
    text = with_error(level.price.value, level.price.se, decimals=decimals, language=language)
    return text if level.bound == "at most" else label("price.at_least", language, amount=text)


def _change(level: PriceAtLevel, language: str) -> str:
    """Write by how much the current price must fall, in per cent; none where it may rise."""
    if level.discount is None:
        return ABSENT
    if level.discount < 0:
        return label("price.may_rise", language)
    return percent(level.discount, decimals=CHANGE_DECIMALS, language=language)


def _over_draws(
    levels: Iterable[PriceAtLevel], decimals: int, language: str
) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for level in levels:
        cells = {
            label("price.interval", language): _interval(level, decimals, language),
            label("price.probability_now", language): _now(level, language),
        }
        for wanted in level.for_probability:
            share = percent(wanted.probability, language=language)
            name = label("price.for_probability", language, share=share)
            cells[name] = _wanted(wanted, decimals, language)
        for name, cell in cells.items():
            columns.setdefault(name, []).append(cell)
    return columns


def _interval(level: PriceAtLevel, decimals: int, language: str) -> str:
    if level.quantiles is None:
        return ABSENT
    low, _, high = (number(q, decimals=decimals, language=language) for q in level.quantiles)
    return label("format.range", language, low=low, high=high)


def _now(level: PriceAtLevel, language: str) -> str:
    now = level.probability_now
    return ABSENT if now is None else percent_with_error(now.value, now.se, language=language)


def _wanted(wanted: PriceForProbability, decimals: int, language: str) -> str:
    if wanted.status == "at no price":
        return label("price.at_no_price", language)
    if wanted.status == "at any price":
        return label("price.at_any_price", language)
    if wanted.status == "no highest price":
        return label("price.no_highest", language)
    return with_error(wanted.price, wanted.se, decimals=decimals, language=language)
