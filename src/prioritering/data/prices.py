"""Price indices: move an amount of money from one year's prices to another's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prioritering.data.lookup import Floats, Ints, Lookup, numbers, whole_numbers
from prioritering.data.table import table_of_kind
from prioritering.errors import DataError


@dataclass(frozen=True, repr=False, eq=False)
class PriceIndex(Lookup):
    """Annual price index.

    Attributes
    ----------
    name
        Which index this is.
    year
        Consecutive calendar years.
    index
        Price level of each year, any base.
    source, second_hand, sha256
        Where the figures come from, whether they are a transcription, and their hash.

    Raises
    ------
    DataError
        Years that do not follow each other, or index figures that are not above 0.

    Examples
    --------
    >>> prices = price_index("no_consumer_prices")
    >>> round(float(prices.convert(100_000, from_year=2018, to_year=2024)))
    123269
    """

    name: str
    year: Ints
    index: Floats
    source: str
    second_hand: bool
    sha256: str

    def __post_init__(self) -> None:
        year, index = whole_numbers("year", self.year), numbers("price index", self.index)
        if not year.size or year.shape != index.shape or (np.diff(year) != 1).any():
            raise DataError(
                "years and index figures do not match",
                expected="one figure for each of a run of consecutive years",
                found=f"{year.size} years and {index.size} figures",
                where={"price index": self.name},
            )
        if (index <= 0).any():
            raise DataError(
                "a price index must be above 0",
                expected="positive figures",
                found=float(index.min()),
                where={"price index": self.name, "year": int(year[index.argmin()])},
            )
        self._freeze(year=year, index=index)

    def factor(self, *, from_year: int, to_year: int) -> float:
        """Price level of ``to_year`` relative to ``from_year``.

        Raises
        ------
        DataError
            A year outside the index.
        """
        return float(self._level(to_year) / self._level(from_year))

    def convert(self, amount: ArrayLike, *, from_year: int, to_year: int) -> Floats:
        """Amounts in ``from_year`` prices expressed in ``to_year`` prices (same shape).

        Raises
        ------
        DataError
            A year outside the index, or an amount that is not finite.
        """
        return numbers("amount", amount) * self.factor(from_year=from_year, to_year=to_year)

    def __repr__(self) -> str:
        return f"PriceIndex({self.name}, {self.year[0]}-{self.year[-1]}; {self.source})"

    def _level(self, year: int) -> np.float64:
        known = np.flatnonzero(self.year == year)
        if not known.size:
            raise DataError(
                "no price index for this year",
                expected=f"a year from {self.year[0]} to {self.year[-1]}",
                found=year,
                where={"price index": self.name},
                remedy="Use a year the index covers, or state the amount in that year's prices.",
            )
        level: np.float64 = self.index[known[0]]
        return level


def price_index(name: str) -> PriceIndex:
    """Return a shipped price index.

    Raises
    ------
    UnknownNameError
        No such index.
    """
    t = table_of_kind(name, kind="price index")
    return PriceIndex(name, t["year"], t["index"], str(t.source), t.second_hand, t.sha256)
