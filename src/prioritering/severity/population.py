"""Expected remaining QALYs of the general population at an age."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from prioritering.errors import ResultError

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline

Method = Literal["printed", "computed"]


@dataclass(frozen=True)
class PopulationQalys:
    """The population's expected remaining QALYs at one age, undiscounted, sexes pooled.

    Attributes
    ----------
    value
        QALYs, above 0.
    age
        Age in years.
    method
        ``"printed"``, ``"computed"`` or ``"given"``.
    source
        Where the figures come from.
    second_hand
        Whether the original of the source was not seen.
    assumptions
        What the figure rests on beyond its source.

    Raises
    ------
    ResultError
        A value that is not a finite number above 0, an impossible age, or no source.
    """

    value: float
    age: float
    source: str
    method: Literal["printed", "computed", "given"] = "given"
    second_hand: bool = False
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checked_age(self.age)
        if not (_is_number(self.value) and self.value > 0):
            raise ResultError(
                "remaining QALYs of the population are impossible",
                expected="a finite number above 0",
                found=repr(self.value),
                where={"age": self.age},
            )
        if not self.source.strip():
            raise ResultError(
                "population QALYs without a source",
                expected="a sentence that says where they come from",
                found=repr(self.source),
                where={"age": self.age},
            )


def population_qalys(
    age: float, *, rules: Guideline, method: Method = "printed"
) -> PopulationQalys:
    """Look up or compute the population's expected remaining QALYs.

    Computed, at a whole age ``a``: ``sum_x (l_x + l_{x+1}) / 2 * norm(x) / l_a`` over whole
    years of age to the end of the life table: mid-year person-years, each valued at the norm of
    its age. Deaths are spread evenly over a year of age, so at an age ``a = x + f`` the survivors
    are ``l_a = l_x - f (l_x - l_{x+1})`` and the first, shorter year contributes
    ``(1 - f) (l_a + l_{x+1}) / 2 * norm(x)``; the value is continuous in age.

    Parameters
    ----------
    age
        Years, 0 or more. The printed table has whole years only.
    rules
        Guideline with ``remaining_qalys``, ``life_table`` and ``norm``.
    method
        ``"printed"`` or ``"computed"``.

    Raises
    ------
    ResultError
        An unknown method, or an age that is not finite, negative, or not whole for
        ``"printed"``.
    DataError, GuidelineError
        An age the table, life table or norm does not cover.
    """
    if method not in get_args(Method):
        raise ResultError(
            "unknown method for the population's QALYs",
            expected="'printed', 'computed' or a PopulationQalys",
            found=repr(method),
        )
    checked_age(age)
    return _printed(age, rules) if method == "printed" else _computed(age, rules)


def checked_age(age: float) -> None:
    """Refuse what is not a finite number of years of 0 or more."""
    if not (_is_number(age) and age >= 0):
        raise ResultError("not an age", expected="finite years, 0 or more", found=repr(age))


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def _printed(age: float, rules: Guideline) -> PopulationQalys:
    if age != math.floor(age):
        raise ResultError(
            "the printed table has whole years of age only",
            expected="a completed year of age",
            found=age,
            remedy="Use population='computed', or state the age to look up.",
        )
    table = rules.remaining_qalys
    return PopulationQalys(
        value=float(table.at(int(age))),
        age=float(age),
        source=table.source,
        method="printed",
        second_hand=table.second_hand,
    )


def _computed(age: float, rules: Guideline) -> PopulationQalys:
    table, norm = rules.life_table, rules.norm
    whole = math.floor(age)
    table.life_expectancy(whole)  # refuses ages outside the table, and one with survivors left
    part = age - whole
    alive = table.survivors[whole - table.first_age :].copy()
    alive[0] += part * (alive[1] - alive[0])
    years = np.ones(alive.size - 1)
    years[0] = 1.0 - part
    lived = years * (alive[:-1] + alive[1:]) / 2.0
    utility = norm.at(np.arange(whole, whole + lived.size))
    return PopulationQalys(
        value=float(lived @ utility / alive[0]),
        age=float(age),
        source=f"mortality: {table.source}; norm: {norm.source}",
        method="computed",
        second_hand=table.second_hand or norm.second_hand,
        assumptions=("deaths are spread evenly over each year of age", *norm.assumptions),
    )
