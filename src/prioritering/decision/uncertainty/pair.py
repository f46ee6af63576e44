"""Option against reference over draws, and the combination its two uncertainties make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import ratio
from prioritering.cea.montecarlo import ROUNDING
from prioritering.decision.uncertainty.documentation import (
    DocumentationJudgement,
    DocumentationLevel,
)
from prioritering.decision.uncertainty.indices import (
    TOO_CLOSE,
    Index,
    Level,
    decision_index,
    documentation_index,
    estimate,
    expected_loss,
    share_positive,
)
from prioritering.decision.uncertainty.result import CostPerQaly, Verdict
from prioritering.guidelines import Label, Reading, UncertaintyRule

Floats = NDArray[np.float64]

_VERDICTS: dict[int, Verdict] = {1: "adopt", 0: "neither", -1: "do not adopt"}
NO_DIFFERENCE = Reading(
    key="no_difference",
    documentation="low",
    decision="high",
    cost="any",
    status="choice",
    name=Label(en="No difference", no="Ingen forskjell"),
    reading=Label(
        en="Cost and QALYs are equal in every draw: cost-effectiveness gives nothing to decide by.",
        no="Kostnad og kvalitetsjusterte leveår er like i hver trekning: kostnadseffektivitet gir "
        "ikke noe å avgjøre etter.",
    ),
)


class Pair:
    """Increments of option over reference; means of rounding size are zero.

    Parameters
    ----------
    cost, qaly
        Of reference and option, in this order, shape (2, draw).
    wtp
        The limit.
    """

    def __init__(self, cost: Floats, qaly: Floats, wtp: float) -> None:
        self.wtp = wtp
        self.cost, self.effect = cost[1] - cost[0], qaly[1] - qaly[0]
        self.b = wtp * self.effect - self.cost
        self.negligible_effect = ROUNDING * float(np.abs(qaly).max())
        self.negligible_cost = ROUNDING * float(np.abs(cost).max())
        self.negligible_benefit = wtp * self.negligible_effect + self.negligible_cost
        mean_benefit = _zero_if_small(float(self.b.mean()), self.negligible_benefit)
        self.favours = int(np.sign(mean_benefit))
        self.mean_cost = _zero_if_small(float(self.cost.mean()), self.negligible_cost)
        self.mean_effect = _zero_if_small(float(self.effect.mean()), self.negligible_effect)
        self.step = ratio(self.mean_cost, self.mean_effect, cost=self.cost, effect=self.effect)
        self.shown = self._cost_per_qaly()

    def figures(self) -> dict[str, Any]:
        """Increments, their means, ratio and figure, under the names of the result."""
        return {
            "incremental_cost": self.cost,
            "incremental_qaly": self.effect,
            "net_benefit": self.b,
            "mean_incremental_cost": estimate(self.cost),
            "mean_incremental_qaly": estimate(self.effect),
            "mean_net_benefit": estimate(self.b),
            "status": self.step.status,
            "icer": self.step.value,
            "icer_se": self.step.se,
            "cost_per_qaly": self.shown,
            "favours": _VERDICTS[self.favours],
        }

    def losses(self, wtp_per_draw: Floats) -> dict[str, Any]:
        """Probabilities that the option is cost-effective, and losses of the two errors."""
        by_severity = wtp_per_draw * self.effect - self.cost
        return {
            "probability_cost_effective": share_positive(self.b),
            "probability_cost_effective_by_severity": share_positive(by_severity),
            "loss_of_wrong_yes": expected_loss(-self.b, wtp=self.wtp),
            "loss_of_wrong_no": expected_loss(self.b, wtp=self.wtp),
        }

    def cost_per_qaly_is_clear(self) -> bool:
        """Whether cost per QALY says on which side of the limit the option lies."""
        more_at_more = self.step.status.startswith("north-east")
        return more_at_more and self.shown.axis == "cost per QALY"

    def _cost_per_qaly(self) -> CostPerQaly:
        if self.mean_effect <= TOO_CLOSE * estimate(self.effect).se:
            return CostPerQaly("net benefit", self.b, 0.0)
        with np.errstate(over="ignore"):
            values = self.wtp - self.b / self.mean_effect
        if not np.isfinite(values).all():
            return CostPerQaly("net benefit", self.b, 0.0)
        return CostPerQaly("cost per QALY", values, self.wtp)


@dataclass(frozen=True)
class Combination:
    """Both uncertainties, the level of documentation they go with, and their reading."""

    decision: Index
    documentation: Index
    level: DocumentationLevel | None
    reading: Reading
    too_close: tuple[str, ...]

    def figures(self) -> dict[str, Any]:
        """Return everything under the names of the result."""
        return {
            "decision_index": self.decision,
            "documentation_index": self.documentation,
            "documentation": self.level,
            "cell": self.reading.key,
            "scenario": self.reading.scenario,
            "name": self.reading.name,
            "reading": self.reading.reading,
            "too_close": self.too_close,
        }


def combination(
    pair: Pair, rule: UncertaintyRule, judgement: DocumentationJudgement | None
) -> Combination:
    """Set both uncertainties against their cut-offs and read the combination."""
    decision = decision_index(pair.b, favours=pair.favours, cutoff=rule.decision_error_high)
    documentation = documentation_index(
        pair.b,
        effect=pair.effect,
        wtp=pair.wtp,
        cutoff=rule.documentation_width_high,
        negligible_effect=pair.negligible_effect,
        negligible_benefit=pair.negligible_benefit,
    )
    level = None if judgement is None else judgement.beside(documentation.level)
    return Combination(
        decision=decision,
        documentation=documentation,
        level=level,
        reading=_reading(pair, decision, level.level if level else documentation.level, rule),
        too_close=_too_close(pair, decision, documentation, level),
    )


def _reading(pair: Pair, decision: Index, documentation: Level, rule: UncertaintyRule) -> Reading:
    no_effect = np.abs(pair.effect).max() <= pair.negligible_effect
    if no_effect and np.abs(pair.cost).max() <= pair.negligible_cost:
        return NO_DIFFERENCE
    reading = rule.read(
        documentation=documentation, decision=decision.level, below=pair.favours > 0
    )
    return reading if pair.cost_per_qaly_is_clear() else reading.by_net_benefit()


def _too_close(
    pair: Pair, decision: Index, documentation: Index, level: DocumentationLevel | None
) -> tuple[str, ...]:
    """Name what other draws could turn; a width that does not set the level turns nothing."""
    benefit = estimate(pair.b)
    close = {
        "decision index": decision.too_close,
        "documentation index": documentation.too_close and (level is None or level.width_decides),
        "expected net benefit": abs(benefit.value) < TOO_CLOSE * benefit.se,
    }
    return tuple(name for name, is_close in close.items() if is_close)


def _zero_if_small(value: float, negligible: float) -> float:
    return 0.0 if abs(value) <= negligible else value
