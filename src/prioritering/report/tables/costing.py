"""Drug costs, unit costs, adverse events, utilities by state, and costs year by year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from prioritering.cea import mean_se
from prioritering.outcomes import Floats
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import build, cells, draws_notes
from prioritering.report.tables.parameters import VALUE_DIGITS, significant

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.costing import AdverseEvents, DrugCost, UnitCosts
    from prioritering.utilities import StateUtilities
    from prioritering.yearly import YearlyOutcomes

VIAL_DECIMALS, EVENT_DECIMALS, QALY_LOSS_DECIMALS, UTILITY_DECIMALS, USE_DECIMALS = 2, 3, 4, 3, 2


def drug_cost_table(
    cost: DrugCost, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Cost, milligrams and vials per planned administration; means over draws.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(cost.provenance, currency)
    rows = [
        (label("drug.cost", language, currency=unit), cost.cost, 2),
        (label("drug.needed", language), cost.mg_needed, 1),
        (label("drug.dispensed", language), cost.mg_dispensed, 1),
        (label("drug.wasted", language), cost.mg_wasted, 1),
        *(
            (label("drug.vials", language, size=_size(size, language)), n, VIAL_DECIMALS)
            for size, n in zip(cost.vial_sizes, cost.vials, strict=True)
        ),
    ]
    texts = [
        with_error(float(draws.mean()), mean_se(draws), decimals=decimals, language=language)
        for _, draws, decimals in rows
    ]
    share, error = float(cost.wasted_share.mean()), mean_se(cost.wasted_share)
    wasted = (
        percent(share, decimals=1, language=language)
        if error is None
        else percent_with_error(share, error, language=language)
    )
    notes = [
        label("drug.vat_included" if cost.vat == "included" else "drug.vat_excluded", language),
        label("drug.shared" if cost.sharing else "drug.whole", language),
        *_price_note(cost.price_year, language),
        *draws_notes(cost.n_draws, {}, language),
    ]
    return build(
        {label("drug.amount", language): [*texts, wasted]},
        index=[*(name for name, _, _ in rows), label("drug.wasted_share", language)],
        index_name=label("drug.per_administration", language),
        notes=notes,
    )


def unit_costs_table(costs: UnitCosts, *, language: str = "en") -> pd.DataFrame:
    """One row per unit cost: what it is, its value, unit, price year and source.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    rows = costs.rows
    columns = {
        label("unit_cost.item", language): [row.item for row in rows],
        label("column.value", language): [
            significant(row.value, digits=VALUE_DIGITS, language=language) for row in rows
        ],
        label("column.unit", language): [row.unit for row in rows],
        label("column.price_year", language): [str(row.price_year) for row in rows],
        label("column.source", language): [
            label("unit_cost.marked", language, source=row.source)
            if row.second_hand
            else row.source
            for row in rows
        ],
    }
    second = any(row.second_hand for row in rows)
    return build(
        columns,
        index=[row.key for row in rows],
        index_name=label("unit_cost.key", language),
        notes=[label("unit_cost.second_hand", language)] if second else [],
    )


def adverse_events_table(
    events: AdverseEvents, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Occurrence, cost and QALYs lost by event and in total; means over draws.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of({}, currency or events.currency)
    yearly = events.counted == "events per year"
    often = cells(
        events.occurrence.mean(axis=1).tolist(),
        [mean_se(draws) for draws in events.occurrence],
        decimals=EVENT_DECIMALS,
        language=language,
    )
    cost = np.vstack([events.cost_by_event, events.cost])
    loss = np.vstack([events.qaly_loss_by_event, events.qaly_loss])
    names = {
        "often": label(_OCCURRENCE[events.counted], language),
        "cost": label(
            "adverse.cost_per_year" if yearly else "adverse.cost", language, currency=unit
        ),
        "loss": label("adverse.qaly_loss_per_year" if yearly else "adverse.qaly_loss", language),
    }
    decimals = money_decimals(cost.mean(axis=1).tolist())
    return build(
        {
            names["often"]: [*often, ""],
            names["cost"]: _means(cost, decimals, language),
            names["loss"]: _means(loss, QALY_LOSS_DECIMALS, language),
        },
        index=[*events.names, label("adverse.total", language)],
        index_name=label("adverse.event", language),
        notes=[
            *_price_note(events.price_year, language),
            *draws_notes(events.n_draws, {}, language),
        ],
    )


def state_utilities_table(utilities: StateUtilities, *, language: str = "en") -> pd.DataFrame:
    """One row per state: mean, standard error, measurements and patients.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """

    def written(values: Floats, decimals: int = 0) -> list[str]:
        return [number(float(v), decimals=decimals, language=language) for v in values]

    kind = "state_utility.clustered" if utilities.clustered else "state_utility.independent"
    name = utilities.provenance.get("value_set")
    return build(
        {
            label("state_utility.mean", language): written(utilities.mean, UTILITY_DECIMALS),
            label("state_utility.error", language): written(utilities.se, UTILITY_DECIMALS),
            label("state_utility.measurements", language): written(utilities.n.astype(float)),
            label("state_utility.patients", language): written(utilities.n_patients.astype(float)),
        },
        index=list(utilities.states),
        index_name=label("state_utility.state", language),
        notes=[
            label(kind, language),
            *([label("state_utility.values", language, name=name)] if name else []),
        ],
    )


def yearly_table(
    outcomes: YearlyOutcomes, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Undiscounted cost and resource use per patient: one column per year since the start.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(outcomes.provenance, currency)
    decimals = money_decimals(outcomes.cost.mean(axis=1).ravel().tolist())
    rows = [
        (name, _means(draws.T, decimals if money else USE_DECIMALS, language))
        for name, draws, money in _yearly_rows(outcomes, unit, language)
    ]
    years = [label("yearly.year", language, year=y + 1) for y in range(outcomes.n_years)]
    return build(
        dict(zip(years, map(list, zip(*(texts for _, texts in rows), strict=True)), strict=True)),
        index=[name for name, _ in rows],
        index_name=label("yearly.per_patient", language),
        notes=[
            label("yearly.undiscounted", language),
            *draws_notes(outcomes.n_draws, outcomes.provenance, language),
        ],
    )


def _yearly_rows(
    outcomes: YearlyOutcomes, currency: str, language: str
) -> Iterator[tuple[str, Floats, bool]]:
    """Name, values (draw, year) and whether they are money, strategy by strategy."""
    for s, strategy in enumerate(outcomes.strategies):
        if len(outcomes.cost_categories) > 1:
            for name, by_strategy in zip(
                outcomes.cost_categories, outcomes.cost_by_category, strict=True
            ):
                places = {"strategy": strategy, "name": name, "currency": currency}
                yield label("yearly.cost_of", language, **places), by_strategy[s], True
        total = label("yearly.cost", language, strategy=strategy, currency=currency)
        yield total, outcomes.cost[s], True
        if outcomes.resource_use is not None:
            for name, used in zip(outcomes.resources, outcomes.resource_use, strict=True):
                yield (
                    label("yearly.resource", language, strategy=strategy, name=name),
                    used[s],
                    False,
                )


_OCCURRENCE = {
    "share of patients": "adverse.share",
    "events per patient": "adverse.number",
    "events per year": "adverse.rate",
}


def _means(rows: Floats, decimals: int, language: str) -> list[str]:
    """Means over the last axis with their Monte Carlo errors."""
    return cells(
        rows.mean(axis=1).tolist(),
        [mean_se(draws) for draws in rows],
        decimals=decimals,
        language=language,
    )


def _price_note(year: int | None, language: str) -> list[str]:
    return [] if year is None else [label("drug.prices_of", language, year=year)]


def _size(size: float, language: str) -> str:
    return significant(float(size), digits=VALUE_DIGITS, language=language)
