"""Expected remaining QALYs of the general population at an age."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline

Floats = NDArray[np.float64]
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
        if not (is_number(self.value) and self.value > 0):
            raise ResultError(
                "remaining QALYs of the population are impossible",
                expected="a finite number above 0",
                found=repr(self.value),
                where={"age": self.age},
            )
        if not (isinstance(self.source, str) and self.source.strip()):
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
    if not (is_number(age) and age >= 0):
        raise ResultError("not an age", expected="finite years, 0 or more", found=repr(age))


def checked_rules(rules: Guideline) -> None:
    """Refuse what is not a guideline."""
    from prioritering.guidelines import Guideline

    if not isinstance(rules, Guideline):
        raise ResultError(
            "rules is of another kind",
            expected="Guideline",
            found=type(rules).__name__,
            remedy="It comes from guideline('no', as_of=...).",
        )


def is_number(value: object) -> bool:
    """Whether a value is a finite real number, and no truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


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


def population_qalys_near(
    age: float, *, rules: Guideline, method: Method = "printed"
) -> PopulationQalys:
    """Look up any age; the printed table at the nearest whole year, which the result says.

    A half is looked up at the year above. Otherwise as :func:`population_qalys`.
    """
    checked_age(age)
    if method != "printed" or float(age).is_integer():
        return population_qalys(age, rules=rules, method=method)
    whole = math.floor(age + 0.5)
    found = population_qalys(whole, rules=rules, method=method)
    text = f"age {age:.4g} looked up at the nearest whole year, {whole}"
    return replace(found, age=float(age), assumptions=(*found.assumptions, text))


def discounted_population_qalys(age: float, *, rules: Guideline, rate: float) -> float:
    """Compute the population's expected remaining QALYs at a flat annual discount rate.

    For comparison with authorities that discount severity; in Norway it is never discounted.
    As :func:`population_qalys` computes them, each year of age times ``(1 + rate)**-t`` with
    ``t`` the years from ``age`` to its middle.

    Parameters
    ----------
    age
        Years, 0 or more.
    rules
        Guideline with ``life_table`` and ``norm``.
    rate
        Annual, 0 or more, for example 0.035.

    Raises
    ------
    ResultError
        An age or rate that is not a finite number of 0 or more.
    DataError, GuidelineError
        An age the life table or norm does not cover.
    """
    checked_age(age)
    if not (is_number(rate) and rate >= 0):
        raise ResultError(
            "not a discount rate", expected="a finite annual rate, 0 or more", found=repr(rate)
        )
    years, lived_qalys = _years(age, rules)
    middle = np.cumsum(years) - years / 2.0
    return float(lived_qalys @ (1.0 + rate) ** -middle)


def _computed(age: float, rules: Guideline) -> PopulationQalys:
    table, norm = rules.life_table, rules.norm
    _, lived_qalys = _years(age, rules)
    return PopulationQalys(
        value=float(lived_qalys.sum()),
        age=float(age),
        source=f"mortality: {table.source}; norm: {norm.source}",
        method="computed",
        second_hand=table.second_hand or norm.second_hand,
        assumptions=("deaths are spread evenly over each year of age", *norm.assumptions),
    )


def _years(age: float, rules: Guideline) -> tuple[Floats, Floats]:
    """Length of each year of age from an exact age on, and the QALYs lived in it."""
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
    return years, lived * utility / alive[0]
