"""The parameters of a model with their distributions, sources and assumptions."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prioritering.parameters.frame import INTERVAL
from prioritering.report.labels import label
from prioritering.report.numbers import number
from prioritering.report.tables._cells import build
from prioritering.report.units import unit_text

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.parameters import Parameters
    from prioritering.parameters.distributions import Distribution

VALUE_DIGITS, SHAPE_DIGITS = 4, 6


def parameters_table(parameters: Parameters, *, language: str = "en") -> pd.DataFrame:
    """One row per parameter, or per component of a joint one.

    Base-case value, middle 95 % of the distribution, unit, distribution, source; a number that
    is assumed, and a number without a source, is marked as such. Description and price year are
    shown when any parameter has one. A note names the rank correlations.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    rows = [row for name in parameters for row in _rows(name, parameters, language)]
    optional = {"description", "price_year"}
    shown = [name for name in _COLUMNS if name not in optional or any(row[name] for row in rows)]
    return build(
        {label(f"column.{name}", language): [row[name] for row in rows] for name in shown},
        index=[row["parameter"] for row in rows],
        index_name=label("column.parameter", language),
        notes=[label("note.parameters", language), *_correlations(parameters, language)],
    )


_COLUMNS = (
    "description",
    "value",
    "interval",
    "unit",
    "distribution",
    "price_year",
    "source",
    "assumption",
)


def significant(value: float, *, digits: int, language: str) -> str:
    """Write a number with so many significant digits, whole parts in full, no trailing zeros.

    Examples
    --------
    >>> [significant(x, digits=4, language="en") for x in (0.82, 0.031416, 250_000, 12345.6)]
    ['0.82', '0.03142', '250,000', '12,346']
    """
    decimals = 0 if value == 0 else max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    rounded = round(value, decimals)
    while decimals > 0 and round(rounded, decimals - 1) == rounded:
        decimals -= 1
    return number(value, decimals=decimals, language=language)


def _correlations(parameters: Parameters, language: str) -> list[str]:
    """Name the pairs that are drawn together, if there are any."""
    pairs = "; ".join(
        label(
            "parameters.pair",
            language,
            a=a,
            b=b,
            rho=significant(rho, digits=VALUE_DIGITS, language=language),
        )
        for (a, b), rho in parameters.correlations.items()
    )
    return [label("note.correlated", language, pairs=pairs)] if pairs else []


def _rows(name: str, parameters: Parameters, language: str) -> Iterator[dict[str, str]]:
    parameter = parameters[name]
    value, year = parameter.value, parameter.price_year
    for part, marginal in parameter.distribution.marginals().items():
        yield {
            "parameter": f"{name}.{part}" if part else name,
            "description": parameter.description,
            "value": significant(
                value[part] if isinstance(value, dict) else value,
                digits=VALUE_DIGITS,
                language=language,
            ),
            "interval": _interval(marginal, language),
            "unit": unit_text(parameter.unit, language),
            "distribution": (f"{parameter.distribution.family}: " if part else "")
            + _distribution(marginal, language),
            "price_year": "" if year is None else str(year),
            "source": parameter.source
            or ("" if parameter.assumption else label("word.no_source", language)),
            "assumption": label("format.yes", language) if parameter.assumption else "",
        }


def _interval(marginal: Distribution, language: str) -> str:
    if marginal.family == "fixed":
        return ""
    low, high = (
        significant(float(x), digits=VALUE_DIGITS, language=language)
        for x in marginal.ppf(INTERVAL)
    )
    return label("format.range", language, low=low, high=high)


def _distribution(marginal: Distribution, language: str) -> str:
    """Family and its numbers; a distribution of another build describes itself."""
    if marginal.family == "fixed":
        return label("word.fixed", language)
    shape = {f.name: getattr(marginal, f.name) for f in dataclasses.fields(marginal)}  # type: ignore[arg-type]
    if not all(isinstance(x, float) for x in shape.values()):
        return marginal.describe()
    numbers = (
        f"{name} {significant(x, digits=SHAPE_DIGITS, language=language)}"
        for name, x in shape.items()
    )
    return f"{marginal.family} ({'; '.join(numbers)})"
