"""Life tables: survival of a population at any exact age."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from prioritering.data.lookup import Floats, Ints, Lookup, content_hash, numbers, whole_numbers
from prioritering.data.table import table_of_kind
from prioritering.errors import DataError, unknown_name

Sex = Literal["male", "female", "pooled"]

_ROUNDING = 1e-9  # years; lets 46 years summed from months end exactly at the last birthday


@dataclass(frozen=True, repr=False, eq=False)
class LifeTable(Lookup):
    r"""Probabilities of dying by completed year of age, ``q(x)``.

    Within each year of age the force of mortality is constant,
    :math:`\mu_x = -\ln(1 - q_x)`, so at exact age :math:`x + f`

    .. math:: H(x + f) = \sum_{y < x} \mu_y + f \mu_x .

    Where :math:`q_x = 1` the force is infinite: nobody lives past exact age ``x``.
    The table ends at the birthday after its last age.

    Attributes
    ----------
    name, sex
        Which table this is.
    age
        Consecutive completed years of age.
    qx
        Probability of dying within the year, one per age.
    source, second_hand, sha256
        Where the figures come from, whether they are a transcription, and their hash.

    Raises
    ------
    DataError
        Ages that are not consecutive whole numbers from 0 or more, or probabilities
        outside [0, 1] or not finite.

    Examples
    --------
    >>> table = life_table("no_life_table_2025")
    >>> table.survival(61, [1, 10, 40]).round(4)
    array([0.9952, 0.9216, 0.0134])
    """

    name: str
    sex: str
    age: Ints
    qx: Floats
    source: str
    second_hand: bool
    sha256: str

    def __post_init__(self) -> None:
        where: dict[str, object] = {"life table": self.name, "sex": self.sex}
        age = whole_numbers("age", self.age)
        qx = numbers("probability of dying", self.qx, where=where)
        if age.ndim != 1 or age.shape != qx.shape or not age.size:
            raise DataError(
                "ages and probabilities of dying do not match",
                expected="two lists of the same length, at least one age",
                found=f"shapes {age.shape} and {qx.shape}",
                where=where,
            )
        if age[0] < 0 or (np.diff(age) != 1).any():
            raise DataError(
                "ages do not follow each other",
                expected="every completed year of age once, rising by one",
                found=_first_gap(age),
                where=where,
            )
        outside = (qx < 0) | (qx > 1)
        if outside.any():
            raise DataError(
                "probability of dying outside [0, 1]",
                expected="probabilities, for example 0.0047",
                found=float(qx[outside][0]),
                where=where | {"age": int(age[outside][0])},
                remedy="Figures per 1 000 or per 100 000 must be divided first.",
            )
        self._freeze(age=age, qx=qx)

    @classmethod
    def from_arrays(
        cls,
        age: ArrayLike,
        qx: ArrayLike,
        *,
        source: str,
        name: str = "own life table",
        sex: str = "pooled",
    ) -> LifeTable:
        """Build a life table of your own.

        Parameters
        ----------
        age
            Completed years, consecutive.
        qx
            Probability of dying within each year, 0 to 1.
        source
            Where the figures come from; it is printed with the results.
        """
        a, q = whole_numbers("age", age), numbers("probability of dying", qx)
        return cls(name, sex, a, q, source, False, content_hash(a, q))

    @property
    def first_age(self) -> int:
        """First completed year of age."""
        return int(self.age[0])

    @property
    def last_age(self) -> int:
        """Last completed year of age."""
        return int(self.age[-1])

    @cached_property
    def survivors(self) -> Floats:
        """Share alive at exact ages first, first + 1, ..., last + 1, from 1 at the first."""
        alive = np.concatenate([[1.0], np.cumprod(1.0 - self.qx)])
        alive.flags.writeable = False
        return alive

    def q(self, age: ArrayLike) -> Floats:
        """Probability of dying within the year, at completed ages (same shape as ``age``).

        Raises
        ------
        DataError
            Ages that are not whole, or outside the table.
        """
        return self.qx[self._row(age)]

    def cumulative_hazard(self, age: ArrayLike, years: ArrayLike) -> Floats:
        """Hazard collected over ``years`` after exact age ``age``; they broadcast.

        Infinite once an age with ``q = 1`` has been entered.

        Raises
        ------
        DataError
            Negative or non-finite ages or years, or an age outside the table.
        """
        return self._hazard(age, 0.0, years)

    def survival(self, age: ArrayLike, years: ArrayLike) -> Floats:
        """Probability of being alive ``years`` after exact age ``age``, given alive then.

        ``exp(-cumulative_hazard(age, years))``; the arguments broadcast.

        Raises
        ------
        DataError
            Negative or non-finite ages or years, or an age outside the table.
        """
        return np.exp(-self.cumulative_hazard(age, years))

    def probability(self, age: ArrayLike, start: ArrayLike, end: ArrayLike) -> Floats:
        """Probability of dying between ``start`` and ``end`` years after exact age ``age``.

        Given alive at ``start``: ``1 - exp(-(H(age + end) - H(age + start)))``. Exactly 1
        within an age with ``q = 1``.

        Raises
        ------
        DataError
            An interval that ends before it starts, negative or non-finite ages or years,
            or an age outside the table.
        """
        return -np.expm1(-self._hazard(age, start, end))

    def life_expectancy(self, age: ArrayLike) -> Floats:
        """Remaining years to expect at completed ages, from mid-year person-years.

        ``e(x) = sum over y >= x of (l(y) + l(y + 1)) / 2, divided by l(x)``: those who die
        in a year live half of it on average.

        Raises
        ------
        DataError
            Ages that are not whole or outside the table, or a table that ends with survivors.
        """
        if self.survivors[-1] > 0:
            raise DataError(
                "life expectancy needs a life table that is followed to the end",
                expected="a probability of dying of 1 at the last age",
                found=f"q({self.last_age}) = {self.qx[-1]:g}",
                where={"life table": self.name},
            )
        row = self._row(age)
        person_years = (self.survivors[1:] + self.survivors[:-1]) / 2.0
        remaining = np.cumsum(person_years[::-1])[::-1]
        return remaining[row] / self.survivors[row]

    def __repr__(self) -> str:
        ages = f"ages {self.first_age}-{self.last_age}"
        return f"LifeTable({self.name}, {self.sex}, {ages}; {self.source})"

    @cached_property
    def _force(self) -> Floats:
        with np.errstate(divide="ignore"):
            return -np.log1p(-self.qx)

    @cached_property
    def _nodes(self) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self._force)])

    def _hazard(self, age: ArrayLike, start: ArrayLike, end: ArrayLike) -> Floats:
        a, s, e = numbers("age", age), numbers("years", start), numbers("years", end)
        if (s < 0).any() or (e < s).any():
            raise DataError(
                "an interval that runs backwards",
                expected="0 <= start <= end, in years after the age",
                found=f"start {s.min():g}, end {e.min():g}",
                where={"life table": self.name},
            )
        begins, ends = self._within(a + s), self._within(a + e)
        with np.errstate(invalid="ignore"):
            hazard = self._at(ends) - self._at(begins)
        # Both ends past an age with q = 1: inf - inf. Any time spent there is fatal.
        return np.where(np.isnan(hazard), np.where(ends > begins, np.inf, 0.0), hazard)

    def _at(self, exact: Floats) -> Floats:
        since_first = exact - self.first_age
        row = np.minimum(since_first.astype(np.int64), self.age.size - 1)
        part = since_first - row
        with np.errstate(invalid="ignore"):
            return np.where(part > 0, self._nodes[row] + part * self._force[row], self._nodes[row])

    def _within(self, exact: Floats) -> Floats:
        end = self.last_age + 1.0
        outside = (exact < self.first_age) | (exact > end + _ROUNDING)
        if outside.any():
            raise self._outside(float(exact[outside].flat[0]))
        return np.minimum(exact, end)

    def _row(self, age: ArrayLike) -> Ints:
        whole = whole_numbers("age", age, remedy="survival and probability take exact ages.")
        outside = (whole < self.first_age) | (whole > self.last_age)
        if outside.any():
            raise self._outside(float(whole[outside].flat[0]))
        return whole - self.first_age

    def _outside(self, age: float) -> DataError:
        return DataError(
            f"age {age:g} is outside the life table",
            expected=f"ages {self.first_age} to {self.last_age}, the last age in {self.name}",
            found=f"{age:g}",
            where={"life table": self.name, "sex": self.sex},
            remedy="Shorten the horizon, or build a table of your own with LifeTable.from_arrays.",
        )


def life_table(name: str, *, sex: Sex = "pooled") -> LifeTable:
    """Return a shipped life table for one sex, or for both pooled.

    Raises
    ------
    UnknownNameError
        No life table of that name, or an unknown sex.

    Examples
    --------
    >>> life_table("no_life_table_2019", sex="female").life_expectancy(0).round(2)
    np.float64(84.68)
    """
    if sex not in get_args(Sex):
        raise unknown_name("sex", sex, get_args(Sex))
    table = table_of_kind(name, kind="life table")
    return LifeTable(
        name,
        sex,
        table["age"],
        table[f"q_{sex}"],
        str(table.source),
        table.second_hand,
        table.sha256,
    )


def _first_gap(age: Ints) -> str:
    if age[0] < 0:
        return f"first age {age[0]}"
    row = int(np.argmax(np.diff(age) != 1))
    return f"{age[row]} followed by {age[row + 1]}"
