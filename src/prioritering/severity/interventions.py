"""Severity of prevention and diagnostics: for those who fall ill, or for everybody reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from numpy.typing import ArrayLike

from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.outcomes import StrategyOutcomes
from prioritering.severity.population import Method, is_number, population_qalys
from prioritering.severity.shortfall import Severity, absolute_shortfall
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.guidelines import Guideline

Counting = Literal["those who fall ill", "everybody reached"]


@dataclass(frozen=True, repr=False, eq=False)
class PreventionSeverity(Frozen, Shown):
    """Severity of a preventive or diagnostic measure, counted both ways.

    Attributes
    ----------
    method
        The way that was chosen; ``status`` says it is a choice of the analyst's.
    those_who_fall_ill
        Severity of those who would get the disease, from its onset.
    everybody_reached
        Severity averaged over everybody the measure reaches, from the age it is used at.
    risk
        Share of those reached who would get the disease.
    status
        ``"choice"``: no rule on this could be read.
    """

    method: Counting
    those_who_fall_ill: Severity
    everybody_reached: Severity
    risk: float
    status: Literal["choice"] = "choice"

    @property
    def chosen(self) -> Severity:
        """Severity counted the way that was chosen."""
        ill = self.method == "those who fall ill"
        return self.those_who_fall_ill if ill else self.everybody_reached

    def to_frame(self) -> pd.DataFrame:
        """One row per way of counting."""
        import pandas as pd

        ways = zip(
            get_args(Counting), (self.those_who_fall_ill, self.everybody_reached), strict=True
        )
        return pd.DataFrame(
            [
                {
                    "counted": way,
                    "chosen": way == self.method,
                    "age": s.population.age,
                    "population_qalys": s.population.value,
                    "prognosis": s.expected.qalys_prognosis,
                    "shortfall": s.expected.shortfall_rounded,
                    "severity_class": s.expected.severity_class,
                    "wtp": s.expected.wtp,
                }
                for way, s in ways
            ]
        )

    def table(self, language: str = "en") -> pd.DataFrame:
        """Both ways side by side, with the one that was chosen named, for a report."""
        from prioritering.report.tables.severity_sensitivity import prevention_table

        return prevention_table(self, language=language)

    def __repr__(self) -> str:
        point = self.chosen.expected
        return (
            f"PreventionSeverity(counted for {self.method}, a choice: shortfall "
            f"{point.shortfall_rounded:g} QALYs, class {point.severity_class})"
        )


def severity_of_prevention(
    prognosis: StrategyOutcomes | ArrayLike,
    *,
    method: Counting,
    age_at_onset: float,
    age_at_measure: float,
    risk: float,
    rules: Guideline,
    population: Method = "printed",
) -> PreventionSeverity:
    """Severity of prevention, screening or a test, by a stated choice of whom it is counted for.

    * ``"those who fall ill"``: ``QALYs_onset - P``, the loss of a person who gets the disease,
      counted at its onset;
    * ``"everybody reached"``: ``risk * (QALYs_onset - P)``, the same loss averaged over all whom
      the measure reaches. The others are assumed to live as the general population does.

    Neither is discounted, though onset may lie far ahead. The agency has published principles
    for which measures count as treatment and which as prevention; the text could not be read,
    so the choice has no default, and both results are shown.

    Parameters
    ----------
    prognosis
        Undiscounted remaining QALYs, from onset, of those who get the disease without the
        measure: as in :func:`absolute_shortfall`.
    method
        The way to count that the decision uses.
    age_at_onset
        Mean age at onset, or for a test at which the disease would be found, in years.
    age_at_measure
        Mean age at which the measure is used; not above ``age_at_onset``.
    risk
        Probability, from ``age_at_measure`` on, of getting the disease without the measure,
        above 0, at most 1.
    rules, population
        As in :func:`absolute_shortfall`.

    Raises
    ------
    UnknownNameError
        A method that does not exist.
    ResultError
        A risk outside its range, ages out of order, or a prognosis that is not finite.
    DataError, GuidelineError
        An age the tables do not cover.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> found = severity_of_prevention(10.8, method="those who fall ill", age_at_onset=61,
    ...     age_at_measure=50, risk=0.05, rules=guideline("no", as_of="2026-11-01"))
    >>> found.those_who_fall_ill.expected.shortfall_rounded
    10.0
    >>> found.everybody_reached.expected.shortfall_rounded
    0.5
    """
    if method not in get_args(Counting):
        raise unknown_name("way to count severity", method, get_args(Counting))
    _check_risk(risk)
    ill = absolute_shortfall(prognosis, age=age_at_onset, rules=rules, population=population)
    reached = population_qalys(age_at_measure, rules=rules, method=population)
    if age_at_measure > age_at_onset:
        raise ResultError(
            "the measure comes after the disease",
            expected=f"an age at the measure of at most {age_at_onset:g}",
            found=f"{age_at_measure:g}",
        )
    averaged = absolute_shortfall(
        reached.value - risk * ill.shortfall, age=age_at_measure, rules=rules, population=reached
    )
    return PreventionSeverity(method, ill, averaged, float(risk))


def _check_risk(risk: float) -> None:
    if not (is_number(risk) and 0 < risk <= 1):
        raise ResultError(
            "the risk of disease is no probability",
            expected="a number above 0, at most 1",
            found=repr(risk),
        )
