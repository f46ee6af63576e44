"""Rates an authority sets: value-added tax, and the price of a DRG point."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import numpy as np

from prioritering.costing._inputs import one_number
from prioritering.data import load_table
from prioritering.errors import DataError, unknown_name
from prioritering.parameters import Parameter, fixed

Service = Literal["somatic", "mental_health_and_substance_use_outpatient"]
_ISF, _VAT = "no_isf_unit_prices", "no_vat"


def drg_cost(weight: float, *, year: int, service: Service = "somatic") -> Parameter:
    """Cost weight times the full unit price of a DRG point, as a fixed parameter.

    Parameters
    ----------
    weight
        DRG points of the stay or consultation in that year's list.
    year
        Year of the unit price, which is the price year of the cost.
    service
        ``"somatic"`` or ``"mental_health_and_substance_use_outpatient"``.

    Raises
    ------
    DataError
        A year without a unit price; names the years there are.
    UnknownNameError
        Another service.
    ParameterError
        A negative weight, or several.

    Examples
    --------
    >>> drg_cost(0.5, year=2024).value
    26124.0
    """
    table = load_table(_ISF)
    services = table["service"]
    if service not in services:
        raise unknown_name("service", service, dict.fromkeys(services))
    points = one_number("DRG weight", weight)
    years = {
        int(y): k
        for k, (y, s) in enumerate(zip(table["year"], services, strict=True))
        if s == service
    }
    if year not in years:
        raise DataError(
            "no unit price of a DRG point for this year",
            expected="one of " + ", ".join(map(str, years)),
            found=year,
            where={"service": service},
            remedy="Use one of these years and convert with a price index, or multiply the "
            "weight by a unit price of your own, with its source.",
        )
    k = years[year]
    return fixed(
        points * float(table["price"][k]),
        unit="NOK",
        price_year=year,
        description=f"{points:g} DRG points at {table['price'][k]:,.0f} NOK, {service}",
        source=f"{table.source.document}, {year} ({table['standing'][k]}), {table['url'][k]}",
    )


def vat_rate(as_of: str | date) -> float:
    """General rate of Norwegian value-added tax on a day, as a share of the price without it.

    Raises
    ------
    DataError
        Not a date, or a day before the first rate in the table.

    Examples
    --------
    >>> vat_rate("2026-11-01")
    0.25
    """
    table = load_table(_VAT)
    starts = [date.fromisoformat(text) for text in table["in_force_from"]]
    if isinstance(as_of, datetime):
        as_of = as_of.date()
    try:
        day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
    except (TypeError, ValueError):
        raise DataError(
            "not a date", expected="a date, such as '2026-11-01'", found=repr(as_of)
        ) from None
    known = np.array([start <= day for start in starts])
    if not known.any():
        raise DataError(
            "no rate of value-added tax for this day",
            expected=f"a day from {starts[0]}",
            found=day.isoformat(),
        )
    return float(table["rate"][np.flatnonzero(known)[-1]])
