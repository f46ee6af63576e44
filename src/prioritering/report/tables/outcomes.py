"""Costs, QALYs and life years of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prioritering.cea import mean_se
from prioritering.outcomes import Floats, Outcomes
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money_decimals
from prioritering.report.tables._cells import QALY_DECIMALS, build, cells, draws_notes
from prioritering.report.tables.costing import USE_DECIMALS

if TYPE_CHECKING:
    import pandas as pd


def outcomes_table(
    outcomes: Outcomes, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Means over draws per patient: one column per strategy, one row per quantity.

    Discounted cost by category and in total, QALYs and life years, the same undiscounted,
    years in each state and resources used, each where the run has it. With more than one draw
    each cell carries its Monte Carlo standard error.

    Parameters
    ----------
    language
        ``"en"`` or ``"no"``.
    currency
        Currency of the costs; by default the one in the run's provenance, else NOK.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(outcomes.provenance, currency)
    decimals = money_decimals(outcomes.cost.mean(axis=1).tolist())
    rows = [
        *((name, draws, decimals) for name, draws in _costs(outcomes, unit, language)),
        *((name, draws, QALY_DECIMALS) for name, draws in _effects(outcomes, language)),
        *((name, draws, USE_DECIMALS) for name, draws in _resources(outcomes, language)),
    ]
    by_row = [
        cells(
            draws.mean(axis=1).tolist(),
            [mean_se(d) for d in draws],
            decimals=decimals,
            language=language,
        )
        for _, draws, decimals in rows
    ]
    return build(
        dict(zip(outcomes.strategies, map(list, zip(*by_row, strict=True)), strict=True)),
        index=[name for name, _, _ in rows],
        index_name=label("column.per_patient", language),
        notes=draws_notes(outcomes.n_draws, outcomes.provenance, language),
    )


def _costs(outcomes: Outcomes, currency: str, language: str) -> Iterator[tuple[str, Floats]]:
    if len(outcomes.cost_categories) > 1:
        for name, draws in zip(outcomes.cost_categories, outcomes.cost_by_category, strict=True):
            yield label("row.cost_of", language, category=name, currency=currency), draws
    yield label("row.cost", language, currency=currency), outcomes.cost
    later = outcomes.cost_undiscounted
    if later is not None:
        yield label("row.cost_undiscounted", language, currency=currency), later


def _effects(outcomes: Outcomes, language: str) -> Iterator[tuple[str, Floats]]:
    for name in ("qaly", "life_years", "qaly_undiscounted", "life_years_undiscounted"):
        draws = getattr(outcomes, name)
        if draws is not None:
            yield label(f"row.{name}", language), draws
    if outcomes.state_years is not None:
        for k, state in enumerate(outcomes.states):
            yield label("row.state_years", language, state=state), outcomes.state_years[:, :, k]


def _resources(outcomes: Outcomes, language: str) -> Iterator[tuple[str, Floats]]:
    if outcomes.resource_use is not None:
        for name, used in zip(outcomes.resources, outcomes.resource_use, strict=True):
            yield label("yearly.used", language, name=name), used
