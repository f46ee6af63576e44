"""Severity over the ages of the patients, and over an interval of ages, beside the mean age."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import StrategyOutcomes
from prioritering.severity.population import (
    Method,
    PopulationQalys,
    checked_age,
    checked_rules,
    population_qalys,
    population_qalys_near,
)
from prioritering.severity.shortfall import Severity, absolute_shortfall
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.guidelines import Guideline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Prognosis = StrategyOutcomes | ArrayLike

_SHARES_SUM = 1e-9


@dataclass(frozen=True, repr=False, eq=False)
class AgeDistributionSeverity(Frozen, Shown):
    """Severity with the population averaged over the patients' ages, beside the mean age.

    Attributes
    ----------
    ages, shares
        Ages in rising order and the share of patients at each, shape (age,); shares sum to 1.
    population_qalys, prognosis, shortfall, severity_class
        At each age, at its mean prognosis; the shortfall is rounded as the guideline says.
        Shape (age,).
    mean_age
        Mean of the ages, in years.
    averaged
        Severity from the population's QALYs averaged over the ages.
    at_mean_age
        Severity from the population's QALYs at the mean age: what the rules ask for.
    provenance
        Guideline and how the population's QALYs were found.
    """

    ages: Floats
    shares: Floats
    population_qalys: Floats
    prognosis: Floats
    shortfall: Floats
    severity_class: Ints
    mean_age: float
    averaged: Severity
    at_mean_age: Severity
    provenance: Mapping[str, Any]

    @property
    def difference(self) -> float:
        """Absolute shortfall averaged over the ages less that at the mean age, QALYs."""
        return self.averaged.expected.shortfall - self.at_mean_age.expected.shortfall

    @property
    def class_changes(self) -> bool:
        """Whether the two ways give different severity classes."""
        classes = {s.expected.severity_class for s in (self.averaged, self.at_mean_age)}
        return len(classes) > 1

    @property
    def share_of_class(self) -> dict[int, float]:
        """Share of patients whose own age and prognosis give each class."""
        numbers = [c.number for c in self.averaged.scale.classes]
        return {k: float(self.shares[self.severity_class == k].sum()) for k in numbers}

    def to_frame(self) -> pd.DataFrame:
        """One row per age."""
        import pandas as pd

        names = ("shares", "population_qalys", "prognosis", "shortfall", "severity_class")
        return pd.DataFrame({"age": self.ages, **{n: getattr(self, n) for n in names}})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Averaged over the ages, at the mean age, and the difference, for a report."""
        from prioritering.report.tables.severity_sensitivity import age_distribution_table

        return age_distribution_table(self, language=language)

    def __repr__(self) -> str:
        return (
            f"AgeDistributionSeverity({self.ages.size} ages, mean {self.mean_age:.4g}: shortfall "
            f"{self.averaged.expected.shortfall_rounded:g} averaged, "
            f"{self.at_mean_age.expected.shortfall_rounded:g} at the mean age)"
        )


@dataclass(frozen=True, repr=False, eq=False)
class AgeBandSeverity(Frozen, Shown):
    """Severity at the lower, middle and upper age of an interval.

    Attributes
    ----------
    lower, middle, upper
        Severity at the three ages, with the same prognosis.
    class_range
        Least and most severe class over the whole ages of the interval and its ends.
    """

    lower: Severity
    middle: Severity
    upper: Severity
    class_range: tuple[int, int]

    def to_frame(self) -> pd.DataFrame:
        """One row per age of the three."""
        import pandas as pd

        rows = {"lower": self.lower, "middle": self.middle, "upper": self.upper}
        return pd.DataFrame(
            [
                {
                    "place": place,
                    "age": s.population.age,
                    "population_qalys": s.population.value,
                    "shortfall": s.expected.shortfall_rounded,
                    "severity_class": s.expected.severity_class,
                    "wtp": s.expected.wtp,
                }
                for place, s in rows.items()
            ]
        )

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the three for a report."""
        from prioritering.report.tables.severity_sensitivity import age_band_table

        return age_band_table(self, language=language)

    def __repr__(self) -> str:
        low, high = self.class_range
        ages = f"{self.lower.population.age:g}-{self.upper.population.age:g}"
        return f"AgeBandSeverity(ages {ages}, class {low} to {high})"


def absolute_shortfall_by_age(
    prognosis: Prognosis | Mapping[float, ArrayLike],
    *,
    ages: ArrayLike,
    rules: Guideline,
    shares: ArrayLike | None = None,
    population: Method = "printed",
) -> AgeDistributionSeverity:
    """Average the population's QALYs over the patients' ages, and hold it against the mean age.

    ``averaged = sum_a share_a QALYs_a - P`` and ``at_mean_age = QALYs_A - P`` with
    ``A = sum_a share_a a``; ``P`` is the prognosis, averaged over the ages where it is given
    by age. The rules ask for the mean age; the average says how much that matters. Where the
    printed table is read at the nearest whole year, ``difference`` holds that rounding too.

    Parameters
    ----------
    prognosis
        As in :func:`absolute_shortfall`, one for all ages; or ``{age: QALYs}`` with undiscounted
        remaining QALYs, one number or shape (draw,), at every age.
    ages
        The patients' own ages; or distinct ages when ``shares`` are given, shape (age,).
    shares
        Share of patients at each age, summing to 1.
    rules
        Guideline in force.
    population
        ``"printed"`` takes whole years; a mean age that is not whole is then looked up at the
        nearest whole year (a half upwards), and the result says so. ``"computed"`` takes any.

    Raises
    ------
    ResultError
        Ages that are not finite years of 0 or more, shares that are negative or do not sum to
        1, an age given twice with shares, or a prognosis missing at an age.
    DataError, GuidelineError
        An age the tables do not cover.
    """
    checked_rules(rules)
    years, weight = _distribution(ages, shares)
    by_age = _by_age(prognosis, years)
    qalys = np.array([population_qalys(a, rules=rules, method=population).value for a in years])
    mean_age = float(weight @ years)
    overall = _overall(prognosis, by_age, weight)
    at_mean = absolute_shortfall(
        overall,
        age=mean_age,
        rules=rules,
        population=population_qalys_near(mean_age, rules=rules, method=population),
    )
    averaged = absolute_shortfall(
        overall,
        age=mean_age,
        rules=rules,
        population=_averaged(float(weight @ qalys), years, mean_age, at_mean.population),
    )
    own = np.full(years.size, averaged.expected.qalys_prognosis)
    if by_age is not None:
        own = np.array([float(draws.mean()) for draws in by_age])
    return AgeDistributionSeverity(
        ages=years,
        shares=weight,
        population_qalys=qalys,
        prognosis=own,
        shortfall=rules.severity.rounded(qalys - own),
        severity_class=rules.severity.classify(qalys - own),
        mean_age=mean_age,
        averaged=averaged,
        at_mean_age=at_mean,
        provenance={**averaged.provenance, "population": population},
    )


def absolute_shortfall_over_ages(
    prognosis: Prognosis,
    *,
    lowest: float,
    highest: float,
    rules: Guideline,
    population: Method = "printed",
) -> AgeBandSeverity:
    """Severity when all that is known of the age is an interval, such as 60 to 69.

    Parameters
    ----------
    prognosis
        As in :func:`absolute_shortfall`; the same at every age.
    lowest, highest
        Ends of the interval in years, both included. The middle is their mean; the printed
        table is read at the nearest whole year (a half upwards).
    rules, population
        As in :func:`absolute_shortfall_by_age`.

    Raises
    ------
    ResultError
        Ends that are no ages or not in order.
    DataError, GuidelineError
        An age the tables do not cover.
    """
    checked_rules(rules)
    checked_age(lowest)
    checked_age(highest)
    if not lowest < highest:
        raise ResultError(
            "the age interval is empty",
            expected="lowest below highest",
            found=f"{lowest:g} to {highest:g}",
        )

    def at(age: float) -> Severity:
        looked_up = population_qalys_near(age, rules=rules, method=population)
        return absolute_shortfall(prognosis, age=age, rules=rules, population=looked_up)

    lower, middle, upper = at(lowest), at((lowest + highest) / 2), at(highest)
    inside = np.arange(math.ceil(lowest), math.floor(highest) + 1)
    qalys = [population_qalys(a, rules=rules, method=population).value for a in inside.tolist()]
    qalys += [s.population.value for s in (lower, middle, upper)]
    classes = rules.severity.classify(np.array(qalys) - lower.expected.qalys_prognosis)
    return AgeBandSeverity(lower, middle, upper, (int(classes.min()), int(classes.max())))


def _distribution(ages: ArrayLike, shares: ArrayLike | None) -> tuple[Floats, Floats]:
    """Distinct ages in rising order with their shares."""
    years = _vector("ages", ages)
    if years.size == 0 or not (np.isfinite(years).all() and (years >= 0).all()):
        bad = years[~(np.isfinite(years) & (years >= 0))]
        raise ResultError(
            "not ages",
            expected="at least one, finite years of 0 or more",
            found=f"{bad[0]:g} ({bad.size} such values)" if bad.size else "none",
        )
    distinct, counts = np.unique(years, return_counts=True)
    if shares is None:
        return distinct, counts / years.size
    if distinct.size != years.size:
        raise ResultError(
            "an age stands twice",
            expected="distinct ages, since shares are given",
            found=f"{distinct[counts > 1][0]:g}",
        )
    return distinct, _shares(shares, years.size)[np.argsort(years)]


def _shares(shares: ArrayLike, n_ages: int) -> Floats:
    weight = _vector("shares", shares)
    if weight.size != n_ages:
        raise ResultError(
            "ages and shares do not match", expected=f"{n_ages} shares", found=weight.size
        )
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise ResultError(
            "a share of patients is impossible",
            expected="finite shares, 0 or more",
            found=weight.tolist(),
        )
    if abs(float(weight.sum()) - 1.0) > _SHARES_SUM:
        raise ResultError(
            "the shares of patients do not sum to 1",
            expected="1",
            found=f"{weight.sum():.10g}",
            remedy="Counts become shares when divided by their sum.",
        )
    return weight


def _vector(what: str, values: ArrayLike) -> Floats:
    try:
        vector = np.array(values, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        raise ResultError(f"{what} are not numbers", expected="numbers", found=repr(values)) from (
            None
        )
    if vector.ndim != 1:
        raise ResultError(f"{what} are not a list", expected="shape (age,)", found=vector.shape)
    return vector


def _by_age(prognosis: object, years: Floats) -> list[Floats] | None:
    """Prognosis at every age, or None where one holds for all."""
    if not isinstance(prognosis, Mapping):
        return None
    for age in prognosis:
        checked_age(age)
    given = {float(age): _vector("remaining QALYs", draws) for age, draws in prognosis.items()}
    missing = [age for age in years.tolist() if age not in given]
    surplus = sorted(set(given) - set(years.tolist()))
    if missing or surplus:
        raise ResultError(
            "prognosis by age and ages do not match",
            expected=f"a prognosis at each of {years.tolist()} and no other age",
            found=f"none at {missing}" if missing else f"also one at {surplus}",
        )
    sizes = {draws.size for draws in given.values()}
    if len(sizes) > 1:
        raise ResultError(
            "the prognosis has another number of draws from age to age",
            expected="as many draws at every age",
            found=sorted(sizes),
        )
    return [given[age] for age in years.tolist()]


def _overall(prognosis: Any, by_age: list[Floats] | None, weight: Floats) -> Any:
    """One prognosis for all: as given, or averaged over the ages draw by draw."""
    return prognosis if by_age is None else weight @ np.array(by_age)


def _averaged(
    value: float, ages: Floats, mean_age: float, like: PopulationQalys
) -> PopulationQalys:
    kept = tuple(a for a in like.assumptions if "nearest whole year" not in a)
    text = f"averaged over {ages.size} ages from {ages[0]:g} to {ages[-1]:g}"
    return replace(like, value=value, age=mean_age, assumptions=(*kept, text))
