"""Unit costs with the place each was read and the year of its price."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from prioritering.costing._inputs import currency_in, one_number, one_price_year
from prioritering.data import load_table
from prioritering.errors import DataError, ParameterError, unknown_name
from prioritering.parameters import Parameter, Parameters, fixed
from prioritering.parameters.components import read_only
from prioritering.parameters.parameter import EARLIEST_YEAR, price_factor
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("key", "item", "value", "unit", "price_year", "source")
_TABLE = "no_unit_costs"


@dataclass(frozen=True)
class UnitCost:
    """One row: what a unit of something costs, or weighs.

    Attributes
    ----------
    key, item
        Name to look it up by, and what it is.
    value, unit
        For example 328 and ``"NOK per hour"``; units that do not begin with a currency, such
        as ``"DRG points"``, are no money.
    price_year
        Year of the price or weight.
    source, second_hand
        Where it was read, and whether that is somebody else's transcription.
    """

    key: str
    item: str
    value: float
    unit: str
    price_year: int
    source: str
    second_hand: bool = False

    def __post_init__(self) -> None:
        where = {"unit cost": repr(self.key)}
        for name in ("key", "item", "unit", "source"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip():
                raise DataError(
                    f"a unit cost without its {name}",
                    expected="some words",
                    found=repr(text),
                    where=where,
                )
        number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if not number or not math.isfinite(self.value) or self.value < 0:
            raise DataError(
                "a unit cost is not an amount",
                expected="a finite number of 0 or more",
                found=repr(self.value),
                where=where,
            )
        year = self.price_year
        if not isinstance(year, int) or isinstance(year, bool) or year < EARLIEST_YEAR:
            raise DataError(
                "a unit cost without its price year",
                expected="a calendar year, such as 2024",
                found=repr(year),
                where=where,
            )

    @property
    def currency(self) -> str | None:
        """Currency of the unit, None for what is no money."""
        return currency_in(self.unit)

    def parameter(self) -> Parameter:
        """Return the amount as a fixed parameter with its unit, source and price year."""
        source = f"{self.source} (second-hand)" if self.second_hand else self.source
        if self.currency is None:
            text = f"{self.item}, {self.price_year}"
            return fixed(self.value, unit=self.unit, description=text, source=source)
        return fixed(
            self.value,
            unit=self.unit,
            description=self.item,
            source=source,
            price_year=self.price_year,
        )


class UnitCosts(Mapping[str, Parameter], Shown):
    """Unit costs by key, each handed out as a fixed :class:`Parameter`.

    Made by :func:`unit_costs`, :meth:`from_csv`, or by adding rows to either. Nothing is
    overwritten: a key stands once.

    Examples
    --------
    >>> costs = unit_costs()
    >>> costs["leisure_time"].value, costs["leisure_time"].unit, costs["leisure_time"].price_year
    (328.0, 'NOK per hour', 2024)
    >>> costs.cost({"leisure_time": 3.5, "blood_sample": 1}).value
    1293.0
    """

    __slots__ = ("rows",)

    rows: tuple[UnitCost, ...]

    def __init__(self, rows: tuple[UnitCost, ...] = ()) -> None:
        keys = [row.key for row in rows]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise DataError(
                "a unit cost stands twice",
                expected="each key once",
                found=repr(twice),
                remedy="Give the new row a key of its own.",
            )
        object.__setattr__(self, "rows", tuple(rows))

    @classmethod
    def from_csv(cls, path: str | Path) -> UnitCosts:
        """Read a CSV file with the columns key, item, value, unit, price_year and source.

        A further column ``second_hand``, if there is one, holds yes or no.

        Raises
        ------
        DataError
            A missing column, or a row that has too many cells or lacks a source, a price year
            or a number; names the line.
        """
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(
                    "a file of unit costs lacks a column",
                    expected=", ".join(REQUIRED),
                    found=f"no {', '.join(missing)}",
                    where={"file": str(path)},
                )
            return cls(tuple(_row(cells, reader.line_num, str(path)) for cells in reader))

    def with_row(
        self,
        key: str,
        *,
        item: str,
        value: float,
        unit: str,
        price_year: int,
        source: str,
        second_hand: bool = False,
    ) -> UnitCosts:
        """Return a copy with one more row.

        Raises
        ------
        DataError
            A key that stands already, a negative value, or an empty source.
        """
        new = UnitCost(key, item, value, unit, price_year, source, second_hand)
        return UnitCosts((*self.rows, new))

    def parameters(self, *keys: str) -> Parameters:
        """Return the rows of some keys as the parameters of a model."""
        return Parameters({key: self[key] for key in keys})

    def cost(
        self,
        amounts: Mapping[str, float],
        *,
        price_year: int | None = None,
        index: Any = None,
    ) -> Parameter:
        """Return what these amounts of units cost together, as a fixed parameter.

        Parameters
        ----------
        amounts
            ``{key: number of units}``.
        price_year, index
            Convert each price to that year with a price index of the same country as the
            currency, for NOK ``rules.prices``.

        Raises
        ------
        UnknownNameError
            A key that does not exist.
        ParameterError
            Nothing to add up, a negative amount or several at once, a row that is no money,
            several currencies, or prices of different years without ``price_year`` and
            ``index``.
        """
        rows = [self.row(key) for key in amounts]
        numbers = [one_number(f"amount of {k!r}", a) for k, a in amounts.items()]
        currency = _one_currency(rows)
        priced = {row.key: row.parameter() for row in rows}
        if price_year is not None:
            priced = {key: _converted(p, price_year, index) for key, p in priced.items()}
        year = one_price_year({key: p.price_year for key, p in priced.items()})
        values = [cast(float, p.value) for p in priced.values()]
        total = fixed(
            sum(n * v for n, v in zip(numbers, values, strict=True)),
            unit=currency,
            description="; ".join(f"{n:g} x {r.item}" for n, r in zip(numbers, rows, strict=True)),
            source="; ".join(dict.fromkeys(p.source for p in priced.values())),
        )
        conversions = tuple(c for p in priced.values() for c in p.conversions)
        return replace(total, price_year=year, conversions=conversions)

    def row(self, key: str) -> UnitCost:
        """Return a row with its provenance.

        Raises
        ------
        UnknownNameError
            A key that does not exist.
        """
        for row in self.rows:
            if row.key == key:
                return row
        raise unknown_name("unit cost", key, self)

    def to_frame(self) -> pd.DataFrame:
        """One row per unit cost: key, item, value, unit, price_year, source, second_hand."""
        import pandas as pd

        return pd.DataFrame([vars(row) for row in self.rows], columns=[*REQUIRED, "second_hand"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Rows as a dossier prints them, rounded and labelled."""
        from prioritering.report.tables.costing import unit_costs_table

        return unit_costs_table(self, language=language)

    def __getitem__(self, key: str) -> Parameter:
        return self.row(key).parameter()

    def __contains__(self, key: object) -> bool:
        return any(row.key == key for row in self.rows)

    def __iter__(self) -> Iterator[str]:
        return (row.key for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __setattr__(self, name: str, value: object) -> None:
        raise read_only("UnitCosts", name, remedy="costs.with_row(...) returns a copy.")

    def __reduce__(self) -> tuple[type[UnitCosts], tuple[tuple[UnitCost, ...]]]:
        return type(self), (self.rows,)

    def __repr__(self) -> str:
        second = sum(row.second_hand for row in self.rows)
        return f"UnitCosts({len(self)} rows, {second} of them second-hand)"


def unit_costs() -> UnitCosts:
    """Return the shipped Norwegian unit costs."""
    table = load_table(_TABLE)
    columns = zip(*(table[name] for name in REQUIRED), strict=True)
    return UnitCosts(
        tuple(
            UnitCost(key, item, float(value), unit, int(year), source, table.second_hand)
            for key, item, value, unit, year, source in columns
        )
    )


def patient_time_cost(hours: float, *, costs: UnitCosts | None = None) -> Parameter:
    """Return the patient's time at the leisure rate, one rate for everyone.

    Raises
    ------
    ParameterError
        Negative hours.

    Examples
    --------
    >>> time = patient_time_cost(2.5)
    >>> time.value, time.unit, time.price_year
    (820.0, 'NOK', 2024)
    """
    return (costs or unit_costs()).cost({"leisure_time": hours})


def travel_cost(kilometres: float, *, costs: UnitCosts | None = None) -> Parameter:
    """Return the patient's travel at the standard rate per kilometre, there and back.

    Raises
    ------
    ParameterError
        Negative kilometres.

    Examples
    --------
    >>> travel_cost(2 * 25).value
    160.0
    """
    return (costs or unit_costs()).cost({"patient_travel": kilometres})


def _row(cells: Mapping[str | None, Any], line: int, path: str) -> UnitCost:
    where = {"file": path, "line": line}
    if None in cells:
        raise DataError(
            "a line with more cells than columns",
            expected=f"{len(cells) - 1} cells",
            found=f"{', '.join(map(repr, cells[None]))} after them",
            where=where,
            remedy="Quote text that holds a comma, and write decimals with a point.",
        )
    numbers: dict[str, float] = {}
    for name, kind in (("value", float), ("price_year", int)):
        try:
            numbers[name] = kind(cells[name])
        except (TypeError, ValueError):
            raise DataError(
                f"a unit cost's {name} is not a number",
                expected="a number with a decimal point" if kind is float else "a calendar year",
                found=repr(cells[name]),
                where=where,
            ) from None
    return UnitCost(
        cells["key"],
        cells["item"],
        numbers["value"],
        cells["unit"],
        int(numbers["price_year"]),
        cells["source"],
        _yes_or_no(cells.get("second_hand") or "no", where),
    )


def _yes_or_no(word: str, where: Mapping[str, object]) -> bool:
    if word not in ("yes", "no"):
        raise DataError(
            "second_hand is not yes or no", expected="yes or no", found=repr(word), where=where
        )
    return word == "yes"


def _one_currency(rows: list[UnitCost]) -> str:
    for row in rows:
        if row.currency is None:
            raise ParameterError(
                f"{row.key!r} is no amount of money",
                expected="a unit that begins with a currency",
                found=repr(row.unit),
                remedy="Multiply its value yourself; drg_cost() prices DRG points.",
            )
    found = sorted({str(row.currency) for row in rows})
    if len(found) != 1:
        raise ParameterError(
            "amounts do not add up to one currency",
            expected="at least one amount, all in one currency",
            found=", ".join(found) or "no amounts",
        )
    return found[0]


def _converted(parameter: Parameter, year: int, index: Any) -> Parameter:
    old = parameter.price_year
    if old is None or old == year:
        return parameter
    if index is None:
        raise ParameterError(
            "no price index to convert with",
            expected=f"index=..., to move prices of {old} to {year}",
            found="none",
            remedy="Pass index=rules.prices.",
        )
    return parameter.converted(price_factor(index, from_year=old, to_year=year))
