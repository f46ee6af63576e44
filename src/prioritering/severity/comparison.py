"""The same case by other countries' severity classes: for comparison, never for the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import FOREIGN_SCALES, ForeignScale, Rule, foreign_scale
from prioritering.severity.population import is_number
from prioritering.severity.sensitivity import check_case
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.severity.shortfall import Severity

_BINARY_NOISE = 1e-9


@dataclass(frozen=True)
class DiscountedQalys:
    """Remaining QALYs at the discount rate of another country's rules, at mean prognosis.

    Attributes
    ----------
    population, prognosis
        Of the general population and of the patients under today's treatment.
    rate
        Annual discount rate of both.
    source
        Where they come from.

    Raises
    ------
    ResultError
        Figures that are not finite, a population not above 0, or no source.
    """

    population: float
    prognosis: float
    rate: float
    source: str

    def __post_init__(self) -> None:
        figures = (self.population, self.prognosis, self.rate)
        if not all(map(is_number, figures)) or self.population <= 0 or self.rate < 0:
            raise ResultError(
                "discounted remaining QALYs are impossible",
                expected="finite figures, the population's above 0 and the rate 0 or more",
                found=f"population {self.population!r}, prognosis {self.prognosis!r}, "
                f"rate {self.rate!r}",
            )
        if not (isinstance(self.source, str) and self.source.strip()):
            raise ResultError(
                "discounted QALYs without a source",
                expected="a sentence that says where they come from",
                found=repr(self.source),
            )


@dataclass(frozen=True)
class ForeignSeverity:
    """A case by another country's classes.

    Attributes
    ----------
    rule
        The scale with its source and status.
    absolute, proportional
        Shortfall in QALYs and as a share, as the scale rounds them; ``None`` when not classified.
    severity_class, weight, wtp
        Class, QALY weight and reference value per QALY in the scale's currency.
    decided_by
        The measure that gives the class: ``"absolute"``, ``"proportional"`` or ``"both"``;
        ``None`` in the least severe class or when not classified.
    needs
        The discount rate QALYs were lacking at, when not classified.
    """

    rule: Rule
    absolute: float | None = None
    proportional: float | None = None
    severity_class: int | None = None
    weight: float | None = None
    wtp: float | None = None
    decided_by: Literal["absolute", "proportional", "both"] | None = None
    needs: float | None = None


@dataclass(frozen=True, repr=False, eq=False)
class ForeignComparison(Frozen, Shown):
    """A case by other countries' severity classes, beside the guideline's own.

    Attributes
    ----------
    severity
        By the guideline in force; this is what counts.
    scales
        One entry per foreign scale.
    """

    severity: Severity
    scales: tuple[ForeignSeverity, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per foreign scale; what is lacking is ``<NA>``."""
        import pandas as pd

        frame = pd.DataFrame(
            [
                {
                    "scale": s.rule.topic,
                    "absolute": s.absolute,
                    "proportional": s.proportional,
                    "severity_class": s.severity_class,
                    "weight": s.weight,
                    "wtp": s.wtp,
                    "currency": s.rule.value.currency,
                    "decided_by": s.decided_by,
                    "status": s.rule.status,
                }
                for s in self.scales
            ]
        )
        kinds = dict.fromkeys(("absolute", "proportional", "weight", "wtp"), "Float64")
        return frame.astype({**kinds, "severity_class": "Int64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the comparison for a report."""
        from prioritering.report.tables.severity_sensitivity import foreign_table

        return foreign_table(self, language=language)

    def __repr__(self) -> str:
        found = ", ".join(f"{s.rule.topic}: class {s.severity_class}" for s in self.scales)
        return f"ForeignComparison({found}; for comparison only)"


def compare_abroad(
    severity: Severity,
    *,
    as_of: str | date,
    discounted: DiscountedQalys | None = None,
    scales: str | Sequence[str] = FOREIGN_SCALES,
) -> ForeignComparison:
    """Place a case in other countries' severity classes, for comparison only.

    A class is reached by either measure it states, so the more severe of the two decides; its
    bounds are inclusive. The shortfall is against the population behind ``severity``, not the
    other country's, and from the mean prognosis.

    Parameters
    ----------
    severity
        Of the case, by the guideline in force.
    as_of
        The day whose scales are meant.
    discounted
        Remaining QALYs at the rate of a scale that discounts them;
        :func:`discounted_population_qalys` gives the population's. Without them such a scale
        gives no class.
    scales
        Name of the scale, or of several.

    Raises
    ------
    UnknownNameError
        No such scale.
    GuidelineError
        A day before a scale's first entry.
    ResultError
        A severity of another kind, no scale, or QALYs discounted at another rate than every
        scale's.
    """
    check_case(severity)
    names = (scales,) if isinstance(scales, str) else tuple(scales)
    if not names:
        raise ResultError("no scale to compare with", expected=", ".join(FOREIGN_SCALES))
    rules = [foreign_scale(name, as_of=as_of) for name in names]
    rates = [r.value.discount_rate for r in rules if r.value.discount_rate is not None]
    if discounted is not None and discounted.rate not in rates:
        raise ResultError(
            "QALYs discounted at the rate of none of the scales",
            expected=" or ".join(f"{rate:g}" for rate in rates) or "no discounted QALYs",
            found=f"{discounted.rate:g}",
        )
    return ForeignComparison(severity, tuple(_placed(severity, r, discounted) for r in rules))


def _placed(severity: Severity, rule: Rule, discounted: DiscountedQalys | None) -> ForeignSeverity:
    scale: ForeignScale = rule.value
    if scale.discount_rate is None:
        population, prognosis = severity.population.value, severity.expected.qalys_prognosis
    elif discounted is None or discounted.rate != scale.discount_rate:
        return ForeignSeverity(rule, needs=scale.discount_rate)
    else:
        population, prognosis = discounted.population, discounted.prognosis
    absolute = _rounded(population - prognosis, scale.decimals)
    proportional = _rounded((population - prognosis) / population, scale.decimals)
    by_absolute = _class(absolute, [c.absolute_from for c in scale.classes])
    by_proportional = _class(proportional, [c.proportional_from for c in scale.classes])
    number = max(by_absolute, by_proportional)
    found = scale.classes[number - 1]
    return ForeignSeverity(
        rule,
        absolute=absolute,
        proportional=proportional,
        severity_class=number,
        weight=found.weight,
        wtp=found.wtp,
        decided_by=_decided_by(number, by_absolute, by_proportional),
    )


def _class(value: float, bounds: Sequence[float | None]) -> int:
    """Highest class whose bound is reached; the first has none."""
    reached = [k for k, b in enumerate(bounds, 1) if b is not None and value >= b - _BINARY_NOISE]
    return max(reached, default=1)


def _decided_by(
    number: int, by_absolute: int, by_proportional: int
) -> Literal["absolute", "proportional", "both"] | None:
    if number == 1:
        return None
    if by_absolute == by_proportional:
        return "both"
    return "absolute" if by_absolute == number else "proportional"


def _rounded(value: float, decimals: int | None) -> float:
    """Round half away from zero, as printed figures are; a decimal half counts as a half."""
    if decimals is None:
        return value
    size = np.floor(round(abs(value) * 10.0**decimals, 9) + 0.5)
    return float(np.copysign(size, value) / 10.0**decimals)
