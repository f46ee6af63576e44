"""Absolute shortfall by draw and at the mean, with severity class and willingness to pay."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import PrioriteringWarning, ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes, StrategyOutcomes
from prioritering.severity.population import (
    Method,
    PopulationQalys,
    checked_age,
    checked_rules,
    population_qalys,
)
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline, SeverityScale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SeverityPoint:
    """Severity at one prognosis.

    Attributes
    ----------
    qalys_prognosis
        Expected remaining QALYs under today's standard treatment, undiscounted.
    shortfall, shortfall_rounded
        Absolute shortfall in QALYs, as computed and as the guideline rounds it.
    proportional
        Shortfall as a share of the population's remaining QALYs; for information only.
    severity_class, weight, wtp
        Class number, weight, and reference willingness to pay per QALY.
    """

    qalys_prognosis: float
    shortfall: float
    shortfall_rounded: float
    proportional: float
    severity_class: int
    weight: float
    wtp: float


@dataclass(frozen=True, repr=False, eq=False)
class Severity(Frozen, Shown):
    """Absolute shortfall as a distribution over draws, and at the mean prognosis.

    Attributes
    ----------
    prognosis, shortfall, shortfall_rounded, proportional, severity_class, weight, wtp
        As in :class:`SeverityPoint`, one value per draw, shape (draw,).
    expected
        The same at the mean prognosis; this is the figure a dossier states.
    probability_of_class
        Class number -> share of draws in it.
    probability_of_class_se
        Class number -> Monte Carlo standard error of that share; ``None`` with one draw.
    population
        The population's expected remaining QALYs and where they come from.
    scale
        Classes, bounds and rounding in force.
    provenance
        Guideline, source of the classes and whether its original was seen, and origin of the
        prognosis: the strategy, ``None`` if the user gave QALYs.
    """

    prognosis: Floats
    shortfall: Floats
    shortfall_rounded: Floats
    proportional: Floats
    severity_class: Ints
    weight: Floats
    wtp: Floats
    expected: SeverityPoint
    probability_of_class: Mapping[int, float]
    probability_of_class_se: Mapping[int, float | None]
    population: PopulationQalys
    scale: SeverityScale
    provenance: Mapping[str, Any]

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.shortfall.size)

    def to_dict(self) -> dict[str, Any]:
        """Return the expected values, and what they rest on, under plain names."""
        return {
            "age": self.population.age,
            "qalys_population": self.population.value,
            "qalys_prognosis": self.expected.qalys_prognosis,
            "absolute_shortfall": self.expected.shortfall_rounded,
            "proportional_shortfall": self.expected.proportional,
            "severity_class": self.expected.severity_class,
            "weight": self.expected.weight,
            "wtp": self.expected.wtp,
            "probability_of_class": dict(self.probability_of_class),
            "method": self.population.method,
            "source": self.population.source,
            "second_hand": self.population.second_hand,
            "assumptions": list(self.population.assumptions),
            "levels_source": self.provenance["levels_source"],
            "levels_second_hand": self.provenance["levels_second_hand"],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per draw."""
        import pandas as pd

        columns = {
            "prognosis": self.prognosis,
            "shortfall": self.shortfall,
            "shortfall_rounded": self.shortfall_rounded,
            "proportional": self.proportional,
            "severity_class": self.severity_class,
            "weight": self.weight,
            "wtp": self.wtp,
        }
        return pd.DataFrame(columns).rename_axis("draw").reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables import severity_table

        return severity_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the distribution of shortfall over the classes."""
        from prioritering.report.figures import plot_severity

        return plot_severity(self, ax, language=language)

    def __repr__(self) -> str:
        point = self.expected
        return (
            f"Severity(shortfall {point.shortfall_rounded:g} QALYs at age {self.population.age:g}, "
            f"class {point.severity_class}, {point.wtp:g} per QALY, {self.n_draws} draws)"
        )


def absolute_shortfall(
    prognosis: StrategyOutcomes | ArrayLike,
    *,
    age: float,
    rules: Guideline,
    population: Method | PopulationQalys = "printed",
) -> Severity:
    """Healthy years lost compared with the general population, never discounted.

    ``shortfall = QALYs_A - P_A``: the population's expected remaining QALYs at the age the
    new treatment starts, less the patients' under today's standard treatment. The difference
    is rounded as the guideline says before it is classified; a negative one is a warning and
    belongs to the first class.

    Parameters
    ----------
    prognosis
        The comparator of a run, ``outcomes["standard"]``, of which ``qaly_undiscounted`` is
        used; or undiscounted remaining QALYs, one number or shape (draw,).
    age
        Mean age, in years, at the start of the new treatment.
    rules
        Guideline in force.
    population
        ``"printed"``, the agency's table by whole years of age; ``"computed"``, from life
        table and norm; or a :class:`PopulationQalys` of your own.

    Raises
    ------
    ResultError
        An age that is not a number, rules of another kind, a prognosis that is no numbers,
        empty, not finite or holds several strategies or no undiscounted QALYs, or population
        QALYs for another age.
    DataError, GuidelineError
        An age the table, life table or norm does not cover.

    Warns
    -----
    PrioriteringWarning
        Draws in which the patients fare better than the population, counted.
    """
    checked_age(age)
    checked_rules(rules)
    draws = _prognosis(prognosis)
    reference = _population(population, age, rules)
    scale = rules.severity
    shortfall = reference.value - draws
    rounded = scale.rounded(shortfall) + 0.0  # no negative zero
    number = scale.classify(shortfall)
    mean = float(draws.mean())
    expected = _point(mean, reference.value, scale)
    _warn_negative(rounded, expected.shortfall_rounded)
    return Severity(
        prognosis=draws,
        shortfall=shortfall,
        shortfall_rounded=rounded,
        proportional=shortfall / reference.value,
        severity_class=number,
        weight=scale.weight_of(number),
        wtp=scale.wtp_of(number),
        expected=expected,
        **_probabilities(scale, number),
        population=reference,
        scale=scale,
        provenance=_provenance(prognosis, rules),
    )


def _prognosis(prognosis: StrategyOutcomes | ArrayLike) -> Floats:
    if isinstance(prognosis, Outcomes):
        raise ResultError(
            "several strategies where the prognosis of one is meant",
            expected="the comparator",
            found=prognosis,
            remedy=f"Write outcomes[{prognosis.strategies[0]!r}], or the comparator's name.",
        )
    values = (
        prognosis.require("qaly_undiscounted")
        if isinstance(prognosis, StrategyOutcomes)
        else prognosis
    )
    try:
        draws = np.array(values, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        raise ResultError(
            "the prognosis is not numbers",
            expected="undiscounted QALYs, one number or shape (draw,)",
            found=repr(values),
        ) from None
    if draws.ndim != 1 or draws.size == 0 or not np.isfinite(draws).all():
        raise ResultError(
            "the prognosis cannot be remaining QALYs",
            expected="undiscounted QALYs, one finite number or shape (draw,)",
            found=f"shape {draws.shape}, {int((~np.isfinite(draws)).sum())} values not finite",
        )
    return draws


def _population(
    population: Method | PopulationQalys, age: float, rules: Guideline
) -> PopulationQalys:
    if not isinstance(population, PopulationQalys):
        return population_qalys(age, rules=rules, method=population)
    if population.age != age:
        raise ResultError(
            "population QALYs for another age",
            expected=f"age {age:g}",
            found=f"age {population.age:g}",
            remedy="Give PopulationQalys for the mean age at the start of the new treatment.",
        )
    return population


def _point(prognosis: float, population: float, scale: SeverityScale) -> SeverityPoint:
    shortfall = np.array([population - prognosis])
    number = scale.classify(shortfall)
    return SeverityPoint(
        qalys_prognosis=prognosis,
        shortfall=float(shortfall[0]),
        shortfall_rounded=float(scale.rounded(shortfall)[0]) + 0.0,
        proportional=float(shortfall[0]) / population,
        severity_class=int(number[0]),
        weight=float(scale.weight_of(number)[0]),
        wtp=float(scale.wtp_of(number)[0]),
    )


def _probabilities(scale: SeverityScale, number: Ints) -> dict[str, Any]:
    n = number.size
    shares = {c.number: float(np.mean(number == c.number)) for c in scale.classes}
    errors = {k: None if n == 1 else float(np.sqrt(p * (1 - p) / n)) for k, p in shares.items()}
    return {"probability_of_class": shares, "probability_of_class_se": errors}


def _warn_negative(rounded: Floats, expected: float) -> None:
    negative = int((rounded < 0).sum())
    if negative == 0:
        return
    at_mean = " and at the mean" if expected < 0 else ""
    warnings.warn(
        f"absolute shortfall is negative in {negative} of {rounded.size} draws{at_mean}: "
        "the patients fare better than the general population; counted as the first class",
        PrioriteringWarning,
        stacklevel=3,
    )


def _provenance(prognosis: StrategyOutcomes | ArrayLike, rules: Guideline) -> dict[str, Any]:
    levels = rules.rules["severity"]
    strategy, draws = None, None
    if isinstance(prognosis, StrategyOutcomes):
        strategy, draws = prognosis.strategy, prognosis.provenance.get("draws")
    return {
        "guideline": rules.id,
        "levels_source": str(levels.source),
        "levels_second_hand": levels.second_hand,
        "strategy": strategy,
        **({} if draws is None else {"draws": draws}),
        "prognosis": "QALYs given by the user" if strategy is None else strategy,
    }
