"""Which strategy is best at the willingness to pay of a comparison, and what not knowing costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.cea import CEA
from prioritering.psa import evpi, severity_adjusted_best
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    money_decimals,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import build, draws_notes

if TYPE_CHECKING:
    import pandas as pd


def best_table(cea: CEA, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """Probability that each strategy is best, and the value of perfect information.

    Probabilities are in per cent with Monte Carlo standard errors in percentage points.

    Parameters
    ----------
    cea
        A comparison with a willingness to pay, of a run with two draws or more.

    Raises
    ------
    ResultError
        A single draw, or no willingness to pay.
    UnknownNameError
        A language without labels.
    """
    unit, wtp = currency_of(cea.provenance, currency), cea.net_benefit().wtp
    best, information = (
        severity_adjusted_best(cea.outcomes, wtp_per_draw=wtp),
        evpi(cea.outcomes, wtp=wtp),
    )
    shares = zip(best.strategies, best.probability, best.probability_se, strict=True)
    rows = {
        label("row.best", language, strategy=name): percent_with_error(p, se, language=language)
        for name, p, se in shares
    }
    value = float(information.value)
    rows[label("row.evpi", language, currency=unit)] = with_error(
        value, float(information.se), decimals=money_decimals([value]), language=language
    )
    return build(
        {label("column.value", language): list(rows.values())},
        index=list(rows),
        index_name=label(
            "note.at_limit", language, limit=money(wtp, language=language, currency=unit)
        ),
        notes=draws_notes(cea.outcomes.n_draws, cea.provenance, language),
    )
