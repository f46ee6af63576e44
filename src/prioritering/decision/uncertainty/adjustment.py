"""What a stated change of willingness to pay for uncertainty does to a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.decision.uncertainty.assess import assess
from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.decision.uncertainty.indices import Estimate
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import Severity
from prioritering.severity.population import is_number
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class AdjustmentEffect(Frozen, Shown):
    """A decision without and with changes of the limit. From :func:`adjustment_effect`.

    Attributes
    ----------
    decisions
        One per change, from the largest deduction up; one of them is without any.
    break_even
        Change at which expected net benefit is 0, the ICER less the limit without a change;
        ``None`` where the ratio has no value.
    provenance
        Of the run.
    """

    decisions: tuple[Decision, ...]
    break_even: Estimate | None
    provenance: Mapping[str, Any]

    @property
    def plain(self) -> Decision:
        """The decision without a change."""
        return next(d for d in self.decisions if d.wtp_adjustment == 0)

    @property
    def changed(self) -> tuple[Decision, ...]:
        """Decisions in which the change turns the combination or what is favoured."""
        plain = (self.plain.cell, self.plain.favours)
        return tuple(d for d in self.decisions if (d.cell, d.favours) != plain)

    def to_frame(self) -> pd.DataFrame:
        """One row per change: limit, net benefit, probability, loss, cell, what is favoured."""
        import pandas as pd

        return pd.DataFrame([_row(decision) for decision in self.decisions])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the decisions for a report."""
        from prioritering.report.tables.classification import adjustment_table

        return adjustment_table(self, language=language)

    def __repr__(self) -> str:
        steps = "; ".join(f"{d.wtp_adjustment:+g}: {d.cell}, {d.favours}" for d in self.decisions)
        return f"AdjustmentEffect({steps})"


def adjustment_effect(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    adjustments: Sequence[float] | NDArray[np.float64],
    reference: str,
    option: str | None = None,
    criteria: Mapping[str, float] | None = None,
    documentation: DocumentationJudgement | None = None,
) -> AdjustmentEffect:
    """Assess a decision without a change of the limit and with each of several.

    The white paper lets large uncertainty lower priority and settles no amount; which amounts
    are looked at is the analyst's choice, and nothing is adjusted unless it is asked for.

    Parameters
    ----------
    outcomes, severity, rules, reference, option, criteria, documentation
        As in :func:`assess`.
    adjustments
        Changes of the limit per QALY, below 0 for a deduction; no change is added.

    Raises
    ------
    ResultError
        No adjustments, one that is no finite number, stated twice, or leaves no limit; and what
        :func:`assess` refuses.
    """
    steps = _steps(adjustments)
    decisions = tuple(
        assess(
            outcomes,
            severity,
            rules,
            reference=reference,
            option=option,
            criteria=criteria,
            wtp_adjustment=step,
            documentation=documentation,
        )
        for step in steps
    )
    plain = decisions[steps.index(0.0)]
    break_even = None
    if plain.icer is not None and plain.icer_se is not None:
        break_even = Estimate(plain.icer - plain.wtp, plain.icer_se)
    return AdjustmentEffect(decisions, break_even, outcomes.provenance)


def _steps(adjustments: Sequence[float] | NDArray[np.float64]) -> list[float]:
    steps = list(adjustments) if isinstance(adjustments, Sequence | np.ndarray) else None
    if not steps or not all(is_number(step) for step in steps) or len(set(steps)) < len(steps):
        raise ResultError(
            "adjustments are not amounts",
            expected="a list of different finite amounts per QALY, such as [-50_000, -100_000]",
            found=repr(adjustments),
        )
    return sorted({0.0, *(float(step) for step in steps)})


def _row(decision: Decision) -> dict[str, Any]:
    loss = decision.expected_loss.amount
    return {
        "wtp_adjustment": decision.wtp_adjustment,
        "wtp": decision.wtp,
        "net_benefit": decision.mean_net_benefit.value,
        "net_benefit_se": decision.mean_net_benefit.se,
        "probability_cost_effective": decision.probability_cost_effective.value,
        "probability_cost_effective_se": decision.probability_cost_effective.se,
        "expected_loss": loss.value,
        "expected_loss_se": loss.se,
        "favours": decision.favours,
        "cell": decision.cell,
    }
