"""Very small patient groups: the guiding criteria, each with its number and margin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import mean_se
from prioritering.cea.montecarlo import ROUNDING
from prioritering.decision.given import amount
from prioritering.decision.uncertainty.indices import TOO_CLOSE
from prioritering.errors import unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.psa.severity_limits import check_strategy
from prioritering.severity import Severity
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Key = Literal["worldwide", "in_country", "absolute_shortfall", "expected_gain"]
Standing = Literal["met", "not met", "not stated"]


@dataclass(frozen=True)
class Criterion:
    """One criterion: its number held against the guideline's.

    Attributes
    ----------
    key
        Which one.
    value
        The number; ``None`` where nobody stated it.
    se
        Monte Carlo standard error; ``None`` for a stated number or one draw.
    bound
        The guideline's approximate number.
    below
        Whether the value must lie below the bound; otherwise at or above it.
    margin
        How far on the met side, negative on the other; ``None`` without a value.
    standing
        ``"met"``, ``"not met"`` or ``"not stated"``, taking the bound to the letter.
    too_close
        Whether other draws could turn it: the margin is within two standard errors.
    """

    key: Key
    value: float | None
    se: float | None
    bound: float
    below: bool

    @property
    def margin(self) -> float | None:
        """Distance to the bound, positive on the side that meets it."""
        if self.value is None:
            return None
        return self.bound - self.value if self.below else self.value - self.bound

    @property
    def standing(self) -> Standing:
        """Met, not met or not stated."""
        if self.margin is None:
            return "not stated"
        return "met" if self.margin > 0 or (self.margin == 0 and not self.below) else "not met"

    @property
    def too_close(self) -> bool:
        """Whether the margin is within two Monte Carlo standard errors."""
        return bool(self.margin is not None and self.se and abs(self.margin) <= TOO_CLOSE * self.se)


@dataclass(frozen=True, repr=False, eq=False)
class SmallGroup(Frozen, Shown):
    """The criteria of a very small patient group, side by side.

    No figure is published for how much more resource use or how much thinner evidence may be
    accepted, so none stands here.

    Attributes
    ----------
    reference, option
        The two strategies.
    criteria
        All four.
    discounted
        Whether the expected gain is discounted.
    provenance
        Guideline, its source and status, and origin of the draws.
    """

    reference: str
    option: str
    criteria: tuple[Criterion, ...]
    discounted: bool
    provenance: Mapping[str, Any]

    def __getitem__(self, key: Key) -> Criterion:
        for criterion in self.criteria:
            if criterion.key == key:
                return criterion
        raise unknown_name("criterion", key, [c.key for c in self.criteria])

    def to_frame(self) -> pd.DataFrame:
        """One row per criterion: criterion, value, se, bound, below, margin, standing."""
        import pandas as pd

        rows = [
            (c.key, c.value, c.se, c.bound, c.below, c.margin, c.standing, c.too_close)
            for c in self.criteria
        ]
        names = ["criterion", "value", "se", "bound", "below", "margin", "standing", "too_close"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"value": "Float64", "se": "Float64", "margin": "Float64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables.routes import small_group_table

        return small_group_table(self, language=language)

    def __repr__(self) -> str:
        return f"SmallGroup({', '.join(f'{c.key}: {c.standing}' for c in self.criteria)})"


def small_group(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    per_100_000_worldwide: float | None = None,
    patients_in_country: float | None = None,
    discounted: bool = True,
) -> SmallGroup:
    """Hold a group against the guiding criteria of very small patient groups.

    The criteria are approximate and normally all met: few patients worldwide, few in the
    country, a large absolute shortfall, and a large expected gain in QALYs. Their numbers are
    the guideline's, topic ``"small_groups"``.

    Parameters
    ----------
    outcomes, severity
        Of the same run; one draw or more.
    rules
        Guideline in force.
    reference, option
        Today's standard treatment, and the one that may be adopted; ``option`` may be left out
        when the run has two strategies.
    per_100_000_worldwide, patients_in_country
        How many patients there are; left out, the criterion is reported as not stated.
    discounted
        Whether the expected gain is the discounted one of the main analysis. The guideline
        does not say which, so this is the package's choice, printed with the result.

    Raises
    ------
    GuidelineError
        No rule on small groups on the guideline's day.
    UnknownNameError
        A strategy that does not exist.
    ResultError
        Negative or infinite numbers of patients, no or the wrong option, a severity of another
        strategy, or no undiscounted QALYs where they are asked for.
    """
    rule = rules.small_groups
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    check_strategy(severity, reference)
    qaly = outcomes.qaly if discounted else outcomes.require("qaly_undiscounted")
    gain = qaly[outcomes.index(option)] - qaly[outcomes.index(reference)]
    source = rules.rules["small_groups"]
    point = severity.expected.shortfall_rounded
    criteria = (
        _stated("worldwide", per_100_000_worldwide, rule.patients_per_100_000_worldwide),
        _stated("in_country", patients_in_country, rule.patients_in_country),
        Criterion(
            "absolute_shortfall",
            point,
            _error(severity.shortfall),
            rule.absolute_shortfall,
            below=False,
        ),
        Criterion(
            "expected_gain", float(gain.mean()), _error(gain), rule.expected_gain, below=False
        ),
    )
    provenance = {
        **outcomes.provenance,
        "n_draws": outcomes.n_draws,
        "guideline": rules.id,
        "small_groups_source": str(source.source),
        "small_groups_status": source.status,
    }
    return SmallGroup(reference, option, criteria, discounted, provenance)


def _error(values: Floats) -> float | None:
    """Monte Carlo standard error of the mean; what is only rounding is 0."""
    error = mean_se(values)
    negligible = ROUNDING * float(np.abs(values).max())
    return 0.0 if error is not None and error <= negligible else error


def _stated(key: Key, value: float | None, bound: float) -> Criterion:
    given = None if value is None else amount(f"number of patients {key!r}", value)
    return Criterion(key, given, None, bound, below=True)
