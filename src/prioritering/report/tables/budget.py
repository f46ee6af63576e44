"""Budget impact by calendar year, with and without the decision, and the authority limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import (
    ABSENT,
    currency_of,
    money,
    number,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import build, draws_notes

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.budget.impact import BudgetImpact
    from prioritering.decision.means import Mean
    from prioritering.guidelines.values import BudgetGroup

MILLION = 1e6

GROUP_KEYS: Mapping[str, str] = {
    "drug": "budget.drug",
    "service": "budget.service",
    "elsewhere": "budget.elsewhere",
    "total": "budget.total",
}
ENTRY_KEYS: Mapping[str, str] = {
    "start_of_year": "budget.start_of_year",
    "through_the_year": "budget.through_the_year",
}
_LIMIT_VAT_KEYS = {"included": "budget.limit_with_vat", "excluded": "budget.limit_without_vat"}
_VAT_KEYS = {"included": "budget.included", "excluded": "budget.excluded", None: "budget.no_vat"}


def budget_table(
    budget: BudgetImpact, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """One column per calendar year: each cost group with, without and net, in millions.

    Below the sum stand its interval, the probability of passing the authority limit and the
    patients who start each strategy.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(budget.provenance, currency)
    rows = {
        **_amounts(budget, language),
        **_limit(budget, language),
        **_patients(budget, language),
    }
    years = [year_text(year, language) for year in budget.years]
    return build(
        {year: [cells[k] for cells in rows.values()] for k, year in enumerate(years)},
        index=list(rows),
        index_name=label(
            "budget.pair",
            language,
            option=budget.option,
            reference=budget.reference,
            currency=unit,
        ),
        notes=[
            *draws_notes(budget.n_draws, budget.provenance, language),
            *limit_notes(budget, language),
            *scope_notes(budget, language),
        ],
    )


def year_text(year: int, language: str) -> str:
    """Write a calendar year as it is, or the number of a year of the budget.

    Examples
    --------
    >>> year_text(2027, "no"), year_text(1, "no")
    ('2027', 'År 1')
    """
    return str(year) if year >= 1000 else label("budget.year", language, number=year)


def year_in_text(year: int, language: str) -> str:
    """Write the year inside a sentence."""
    text = year_text(year, language)
    return text[:1].lower() + text[1:]


def limit_groups(budget: BudgetImpact, language: str) -> str:
    """Name the cost groups held against the authority limit."""
    names = [label(GROUP_KEYS[group], language) for group in budget.limit.groups]
    return ", ".join(name[:1].lower() + name[1:] for name in names)


def limit_notes(budget: BudgetImpact, language: str) -> list[str]:
    """Say how expected net growth compares with the authority limit, and how sure that is."""
    check = budget.limit
    words = {
        "groups": limit_groups(budget, language),
        "limit": money(check.nok, language=language),
    }
    if check.passed_in is None:
        years = _listed(check.years, language)
        notes = [label("budget.below", language, years=years, **words)]
    else:
        year = year_in_text(check.passed_in, language)
        notes = [label("budget.passed", language, year=year, **words)]
    if check.probability_any is not None:
        p = check.probability_any
        share = percent_with_error(p.value, p.se, language=language)
        notes.append(label("budget.any_year", language, share=share))
    if check.too_close:
        notes.append(label("budget.too_close", language, years=_listed(check.too_close, language)))
    notes.append(label("budget.scope", language))
    if len(check.years) < check.guideline_years:
        years = number(check.guideline_years, language=language)
        notes.append(label("budget.short", language, years=years))
    return notes


def scope_notes(budget: BudgetImpact, language: str) -> list[str]:
    """Say what the amounts are: courses, prices, value-added tax, and what is left out."""
    year = budget.price_year
    notes = [label("budget.undiscounted", language), label(ENTRY_KEYS[budget.entry], language)]
    if year is None:
        notes.append(label("budget.no_price_year", language))
    else:
        notes.append(label("budget.price_year", language, year=year))
    notes.append(label(_VAT_KEYS[budget.vat], language))
    if budget.vat not in (None, budget.limit.vat):
        notes.append(label(_LIMIT_VAT_KEYS[budget.limit.vat], language))
    outside = [name for name, group in budget.groups.items() if group == "outside"]
    if outside:
        notes.append(label("budget.outside", language, names=", ".join(outside)))
    return notes


def millions_decimals(budget: BudgetImpact) -> int:
    """Decimals of millions: one from 100 million on, three where all is below 1 million."""
    top = max(abs(m.value) for world in ("with", "without") for m in budget.means(world)) / MILLION
    return 1 if top >= 100 else 2 if top >= 1 else 3


def _amounts(budget: BudgetImpact, language: str) -> dict[str, list[str]]:
    from prioritering.decision.budget.impact import GROUPS, WORLDS

    decimals = millions_decimals(budget)
    rows = {}
    groups: tuple[BudgetGroup | None, ...] = (*GROUPS, None)
    for group in groups:
        name = label(GROUP_KEYS[group or "total"], language)
        for world in WORLDS:
            row = label(
                "budget.row", language, group=name, world=label(f"budget.{world}", language)
            )
            rows[row] = _millions(budget.means(world, group=group), decimals, language)
    if budget.n_draws > 1:
        row = label("budget.interval", language, group=label("budget.total", language))
        rows[row] = _intervals(budget.means("net"), decimals, language)
    return rows


def _limit(budget: BudgetImpact, language: str) -> dict[str, list[str]]:
    """Net growth of the groups held against the limit, and the probability above it."""
    check = budget.limit
    rest = [ABSENT] * (len(budget.years) - len(check.years))
    growth = _millions(check.expected, millions_decimals(budget), language)
    rows = {label("budget.limited", language): growth + rest}
    if check.probability is not None:
        shares = [percent_with_error(p.value, p.se, language=language) for p in check.probability]
        rows[label("budget.probability", language)] = shares + rest
    return rows


def _patients(budget: BudgetImpact, language: str) -> dict[str, list[str]]:
    rows = {}
    flow = budget.flow
    for i, strategy in enumerate(flow.strategies):
        for world, starts in (("with", flow.with_decision[i]), ("without", flow.without[i])):
            if starts.any() or strategy in (budget.option, budget.reference):
                row = label(
                    "budget.starting",
                    language,
                    strategy=strategy,
                    world=label(f"budget.{world}", language),
                )
                rows[row] = [number(n, language=language) for n in starts.mean(axis=0)]
    return rows


def _millions(means: Sequence[Mean], decimals: int, language: str) -> list[str]:
    return [
        with_error(
            m.value / MILLION,
            None if m.se is None else m.se / MILLION,
            decimals=decimals,
            language=language,
        )
        for m in means
    ]


def _intervals(means: Sequence[Mean], decimals: int, language: str) -> list[str]:
    cells = []
    for m in means:
        low, high = (
            number(None if end is None else end / MILLION, decimals=decimals, language=language)
            for end in (m.low, m.high)
        )
        cells.append(label("format.range", language, low=low, high=high))
    return cells


def _listed(years: Sequence[int], language: str) -> str:
    return ", ".join(year_in_text(year, language) for year in years)
