"""Model time: durations, the grid of cycles, and what a user's functions read from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.data import NormTable
from prioritering.errors import ModelError

if TYPE_CHECKING:
    from prioritering.data import LifeTable
    from prioritering.guidelines import Guideline

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Duration:
    """A length of time, held exactly as a fraction of a year."""

    exact_years: Fraction
    text: str

    @property
    def years(self) -> float:
        """Length in years."""
        return float(self.exact_years)

    def __str__(self) -> str:
        return self.text


def years(n: float) -> Duration:
    """``n`` years."""
    return _duration(n, Fraction(1), "year")


def months(n: float) -> Duration:
    """``n`` months of one twelfth of a year."""
    return _duration(n, Fraction(1, 12), "month")


def weeks(n: float) -> Duration:
    """``n`` weeks of 7 / 365.25 of a year."""
    return _duration(n, Fraction(28, 1461), "week")


def days(n: float) -> Duration:
    """``n`` days of 1 / 365.25 of a year."""
    return _duration(n, Fraction(4, 1461), "day")


@dataclass(frozen=True)
class AgeAdjustment:
    """Multiplicative age adjustment of utilities.

    ``u(t) = u_state * norm(age_t) / norm(reference_age)``, ``age_t`` being the age at the
    start of the cycle.

    Parameters
    ----------
    reference_age
        Age of the people in whom the state's utility was measured; the rules do not prescribe
        it, so it has no default.
    norm
        Utility norm by age; the guideline's when not given.
    """

    reference_age: float
    norm: NormTable | None = None

    def __post_init__(self) -> None:
        check_age("reference_age", self.reference_age)
        if self.norm is not None:
            check_kind(
                "norm",
                self.norm,
                NormTable,
                remedy="Write prioritering.data.NormTable.from_bands(...).",
            )

    def norm_in(self, rules: Guideline | None) -> NormTable:
        """Return the norm to follow: its own, or the guideline's."""
        if self.norm is not None:
            return self.norm
        return given_rules(rules, "age adjustment").norm

    def describe(self, rules: Guideline | None) -> dict[str, Any]:
        """Return the reference age, and where the norm comes from, as plain values."""
        norm = self.norm_in(rules)
        return {
            "reference_age": self.reference_age,
            "norm": norm.name,
            "source": norm.source,
            "sha256": norm.sha256,
            "second_hand": norm.second_hand,
            "assumptions": list(norm.assumptions),
        }

    def __str__(self) -> str:
        which = "the guideline's norm" if self.norm is None else f"the norm {self.norm.name!r}"
        return f"utilities follow {which} from reference age {self.reference_age:g}"


@dataclass(frozen=True)
class Background:
    """General-population mortality from the model's starting age on."""

    life_table: LifeTable
    age: float

    def cumulative_hazard(self, times: Floats) -> Floats:
        """Cumulative hazard at ``times`` in years from the start, same shape."""
        return self.life_table.cumulative_hazard(self.age, times)


@dataclass(frozen=True)
class Time:
    """The cycles of a run, as a user's functions see them.

    Arrays have shape (cycles, 1), so they broadcast with parameters of shape (draws,).
    """

    n_cycles: int
    cycle_length: float
    start_age: float | None
    sex: str
    rules: Guideline | None

    @cached_property
    def cycle(self) -> Floats:
        """Number of each cycle: 0, 1, 2, ..."""
        return np.arange(self.n_cycles, dtype=np.float64)[:, None]

    @cached_property
    def start(self) -> Floats:
        """Start of each cycle, years from the model's start."""
        return self.cycle * self.cycle_length

    @cached_property
    def mid(self) -> Floats:
        """Middle of each cycle, years."""
        return (self.cycle + 0.5) * self.cycle_length

    @cached_property
    def end(self) -> Floats:
        """End of each cycle, years."""
        return (self.cycle + 1.0) * self.cycle_length

    @cached_property
    def boundaries(self) -> Floats:
        """Cycle boundaries, years, shape (cycles + 1,)."""
        return np.arange(self.n_cycles + 1, dtype=np.float64) * self.cycle_length

    @cached_property
    def age(self) -> Floats:
        """Age at the start of each cycle, years."""
        return self._age("t.age") + self.start

    @cached_property
    def population(self) -> Background:
        """General-population mortality, for curves and hazards."""
        rules = given_rules(self.rules, "t.population")
        return Background(rules.life_tables[self.sex], self._age("t.population"))

    @cached_property
    def mortality(self) -> Floats:
        """General-population probability of dying within each cycle, given alive at its start."""
        table = self.population.life_table
        return np.asarray(table.probability(self.population.age, self.start, self.end))

    @cached_property
    def mortality_rate(self) -> Floats:
        """General-population mortality rate per year in each cycle.

        Raises
        ------
        ModelError
            A cycle in which the life table lets nobody survive has no finite rate.
        """
        with np.errstate(divide="ignore"):
            rate = -np.log1p(-self.mortality) / self.cycle_length
        if not np.isfinite(rate).all():
            cycle = int(np.argmin(np.isfinite(rate[:, 0])))
            raise ModelError(
                "nobody survives a cycle in the life table, so it has no finite mortality rate",
                expected="a horizon that ends before the life table does",
                found="mortality probability 1",
                where={"cycle": cycle, "age": float(self.age[cycle, 0])},
                remedy="Shorten the horizon, or use t.mortality with probabilities.",
            )
        return rate

    @cached_property
    def norm(self) -> Floats:
        """Population utility norm at the age of each cycle, from the guideline."""
        return np.asarray(given_rules(self.rules, "t.norm").norm.at(self.age))

    def _age(self, wanted: str) -> float:
        if self.start_age is None:
            raise ModelError(
                f"{wanted} needs the model's starting age", expected="age=...", found="no age"
            )
        return self.start_age


def given_rules(rules: Guideline | None, wanted: str) -> Guideline:
    """Return the guideline; without one, say what wanted it."""
    if rules is None:
        raise ModelError(
            f"{wanted} needs a guideline",
            expected="model.run(draws, rules)",
            found="no rules",
            remedy="Pass rules = pr.guideline('no', as_of='...').",
        )
    return rules


def check_age(name: str, age: object) -> None:
    """Refuse what is no age."""
    number = isinstance(age, Real) and not isinstance(age, bool)
    if not (number and 0 <= age < np.inf):  # type: ignore[operator]
        raise ModelError(
            f"{name} is not an age", expected="a number of years, 0 or more", found=repr(age)
        )


def check_kind(name: str, value: object, kind: type, *, remedy: str) -> None:
    """Refuse an argument of another type."""
    if not isinstance(value, kind):
        raise ModelError(
            f"{name} is of the wrong type",
            expected=kind.__name__,
            found=repr(value),
            remedy=remedy,
        )


def count_cycles(horizon: Duration, cycle: Duration) -> int:
    """Whole number of cycles in the horizon; anything else is an error."""
    if cycle.exact_years <= 0 or horizon.exact_years <= 0:
        raise ModelError(
            "a duration is not positive",
            expected="cycle and horizon above zero",
            found=f"{cycle}, {horizon}",
        )
    ratio = horizon.exact_years / cycle.exact_years
    if ratio.denominator != 1:
        lower = ratio.numerator // ratio.denominator
        nearest = max(1, round(ratio))
        raise ModelError(
            "the horizon is not a whole number of cycles",
            expected=f"a horizon of {lower} or {lower + 1} cycles of {cycle}",
            found=f"{horizon} = {float(ratio):.10g} cycles",
            remedy=f"Give both in one unit, for example a horizon of {nearest} times the cycle.",
        )
    return int(ratio)


def age_multiplier(adjustment: AgeAdjustment | None, time: Time) -> Floats:
    """Factor on utilities in each cycle, shape (cycles,); ones without an adjustment."""
    if adjustment is None:
        return np.ones(time.n_cycles)
    norm = adjustment.norm_in(time.rules)
    return np.asarray(norm.at(time.age[:, 0])) / float(norm.at(adjustment.reference_age))


def _duration(n: float, unit: Fraction, name: str) -> Duration:
    if not isinstance(n, Real) or isinstance(n, bool) or not np.isfinite(float(n)):
        raise ModelError(
            "a duration is not a finite number",
            expected=f"a number of {name}s, such as pr.{name}s(1)",
            found=repr(n),
        )
    return Duration(_exact(n) * unit, f"{float(n):g} {name}{'' if n == 1 else 's'}")


def _exact(n: float) -> Fraction:
    """Return the short fraction that ``n`` is the float of, such as 1/3, else its decimals."""
    if isinstance(n, Rational):
        return Fraction(n)
    decimals = Fraction(repr(float(n)))
    short = decimals.limit_denominator(_LONGEST_DENOMINATOR)
    return short if float(short) == float(n) else decimals


_LONGEST_DENOMINATOR = 10_000
