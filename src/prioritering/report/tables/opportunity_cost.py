"""QALYs gained, displaced and net, by case and in sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import money, number
from prioritering.report.tables._cells import assumption_notes, build, cells, error_notes

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.budget.opportunity_cost import Portfolio

_QUANTITIES = ("gained", "displaced", "net")


def portfolio_table(portfolio: Portfolio, *, language: str = "en") -> pd.DataFrame:
    """One row per case and, of several, their sum.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    names = [case.name for case in portfolio.cases]
    means = [case.means() for case in portfolio.cases]
    patients = [number(float(c.patients.mean()), language=language) for c in portfolio.cases]
    if len(names) > 1:
        names.append(label("opportunity.total", language))
        means.append(dict(portfolio.totals))
        patients.append("")
    decimals = qaly_decimals(portfolio)
    columns = {label("opportunity.patients", language): patients}
    for quantity in _QUANTITIES:
        columns[label(f"opportunity.{quantity}", language)] = cells(
            [m[quantity].value for m in means],
            [m[quantity].se for m in means],
            decimals=decimals,
            language=language,
        )
    return build(
        columns,
        index=names,
        index_name=label("opportunity.case", language),
        notes=portfolio_notes(portfolio, language),
    )


def portfolio_notes(portfolio: Portfolio, language: str) -> list[str]:
    """Name the opportunity cost behind the sums, and what their errors rest on."""
    cases = portfolio.cases
    amount = money(portfolio.per_qaly, language=language)
    rules = cases[0].guideline["id"]
    notes = [
        label("opportunity.at", language, amount=amount, year=cases[0].price_year, rules=rules)
    ]
    if all(case.n_draws == 1 for case in cases):
        return [*notes, label("note.one_draw", language), *_cases_notes(portfolio, language)]
    draws = ", ".join(
        label(
            "opportunity.draws_of",
            language,
            case=case.name,
            n=number(case.n_draws, language=language),
        )
        for case in cases
    )
    notes.append(label("opportunity.draws", language, draws=draws))
    if portfolio.totals["net"].se is None:
        notes.append(label("opportunity.no_error", language))
    elif len(cases) > 1 and not portfolio.same_draws:
        notes.append(label("opportunity.independent", language))
    return notes + _cases_notes(portfolio, language)


def qaly_decimals(portfolio: Portfolio) -> int:
    """Decimals of QALYs: none from 1 000 on, one from 100, else three."""
    top = max(abs(m.value) for case in portfolio.cases for m in case.means().values())
    return 0 if top >= 1000 else 1 if top >= 100 else 3


def _cases_notes(portfolio: Portfolio, language: str) -> list[str]:
    """Collect notes on errors and assumptions of the cases, each once."""
    notes = [
        note
        for case in portfolio.cases
        for note in (
            *error_notes(case.provenance, language),
            *assumption_notes(case.provenance, language),
        )
    ]
    return list(dict.fromkeys(notes))
