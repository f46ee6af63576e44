"""Expected remaining QALYs of the population as an authority prints them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prioritering.data.lookup import Floats, Ints, Lookup, numbers, whole_numbers
from prioritering.data.table import table_of_kind
from prioritering.errors import DataError

_WAY_OUT = (
    'Compute them instead ("computed" in place of "printed"): that takes any age the life table '
    "and the norm cover."
)


@dataclass(frozen=True, repr=False, eq=False)
class RemainingQalys(Lookup):
    """Printed remaining QALYs and life years by completed year of age, undiscounted.

    Attributes
    ----------
    name
        Which table this is.
    age
        Consecutive completed years of age.
    qalys, life_years
        Expected remaining QALYs and life years at each age, as printed.
    source, second_hand, sha256
        Where the figures come from, whether they are a transcription, and their hash.

    Raises
    ------
    DataError
        Ages that do not follow each other, or figures below 0 or not finite.

    Examples
    --------
    >>> remaining_qalys("no_remaining_qalys_2025").at(61)
    np.float64(20.8)
    """

    name: str
    age: Ints
    qalys: Floats
    life_years: Floats
    source: str
    second_hand: bool
    sha256: str

    def __post_init__(self) -> None:
        age = whole_numbers("age", self.age)
        qalys, years = numbers("QALYs", self.qalys), numbers("life years", self.life_years)
        if not age.size or age.shape != qalys.shape or age.shape != years.shape:
            raise DataError(
                "ages, QALYs and life years do not match",
                expected="three lists of the same length",
                found=f"shapes {age.shape}, {qalys.shape}, {years.shape}",
                where={"table": self.name},
            )
        if (np.diff(age) != 1).any() or (qalys < 0).any() or (years < qalys).any():
            raise DataError(
                "impossible remaining QALYs",
                expected="ages rising by one, and 0 <= QALYs <= life years",
                found="figures that break this",
                where={"table": self.name},
            )
        self._freeze(age=age, qalys=qalys, life_years=years)

    def at(self, age: ArrayLike) -> Floats:
        """QALYs that remain to expect at completed ages (same shape as ``age``).

        Raises
        ------
        DataError
            Ages that are not whole, or outside the printed table.
        """
        return self.qalys[self._row(age)]

    def life_years_at(self, age: ArrayLike) -> Floats:
        """Life years that remain to expect at completed ages; errors as :meth:`at`."""
        return self.life_years[self._row(age)]

    def __repr__(self) -> str:
        return f"RemainingQalys({self.name}, ages {self.age[0]}-{self.age[-1]}; {self.source})"

    def _row(self, age: ArrayLike) -> Ints:
        whole = whole_numbers("age", age, remedy=_WAY_OUT)
        outside = (whole < self.age[0]) | (whole > self.age[-1])
        if outside.any():
            raise DataError(
                "no printed remaining QALYs at this age",
                expected=f"completed ages {self.age[0]} to {self.age[-1]}",
                found=int(whole[outside].flat[0]),
                where={"table": self.name},
                remedy=_WAY_OUT,
            )
        return whole - int(self.age[0])


def remaining_qalys(name: str) -> RemainingQalys:
    """Return a shipped table of printed remaining QALYs.

    Raises
    ------
    UnknownNameError
        No such table.
    """
    t = table_of_kind(name, kind="remaining QALYs")
    return RemainingQalys(
        name, t["age"], t["qalys"], t["life_years"], str(t.source), t.second_hand, t.sha256
    )
