"""Decision and documentation uncertainty, and the scenario they make together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import ratio
from prioritering.cea.montecarlo import ROUNDING
from prioritering.decision.indices import (
    TOO_CLOSE,
    Estimate,
    Index,
    decision_index,
    documentation_index,
    estimate,
    expected_loss,
    share_positive,
)
from prioritering.decision.result import CostPerQaly, Decision, Verdict
from prioritering.errors import GuidelineError, ResultError, unknown_name
from prioritering.guidelines import Guideline, Label, Reading, UncertaintyRule
from prioritering.outcomes import Outcomes
from prioritering.psa import BestProbability, evpi, severity_adjusted_best
from prioritering.severity import Severity

Floats = NDArray[np.float64]

_VERDICTS: dict[int, Verdict] = {1: "adopt", 0: "neither", -1: "do not adopt"}
_CUTOFFS = ("documentation_width_high", "decision_error_high")
_NO_DIFFERENCE = Reading(
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


def assess(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    criteria: Mapping[str, float] | None = None,
    wtp_adjustment: float = 0.0,
) -> Decision:
    """Assess how uncertain a decision is, and in which way.

    With ``b = wtp * dE - dC`` per draw, at the reference willingness to pay of the severity
    class of the mean prognosis:

    * *decision index*: probability that the decision favoured by ``mean(b)`` is wrong;
    * *documentation index*: width of the 95 % interval of ``b`` over ``wtp * mean |dE|``, that
      is, of cost per QALY as a multiple of the limit.

    Each is high from the guideline's cut-off on, and the combination has a reading there:
    scenarios 1 to 3 of Meld. St. 21 (2024-2025), figure 7.4, and names of this package's for
    the combinations the figure leaves out. The paper prints no cut-offs; they are a choice
    and part of the result.

    Parameters
    ----------
    outcomes
        A run with two draws or more.
    severity
        Of the reference, over the same draws, or over one draw that then holds for all.
    rules
        Guideline in force.
    reference, option
        Standard treatment, and the one that may be adopted; ``option`` may be left out when
        the run has two strategies.
    criteria
        Cut-offs in place of the guideline's: ``"documentation_width_high"`` (a multiple of the
        limit, above 0), ``"decision_error_high"`` (a probability between 0 and 1).
    wtp_adjustment
        Added to the limit, for example a deduction for uncertainty, per QALY. No amount is
        settled, so none is assumed.

    Raises
    ------
    UnknownNameError
        A strategy or criterion that does not exist.
    ResultError
        One draw, no or the wrong option, a severity of other draws, or an adjustment that
        leaves no limit above 0.
    GuidelineError
        A cut-off out of range.
    """
    option = _option(outcomes, reference, option)
    wtp = _limit(severity, wtp_adjustment)
    rule = _criteria(rules.uncertainty, criteria)
    stakes = _stakes(outcomes, severity.wtp + wtp_adjustment, wtp)
    pair = _Pair(outcomes, outcomes.index(reference), outcomes.index(option), wtp)
    decision = decision_index(pair.b, favours=pair.favours, cutoff=rule.decision_error_high)
    documentation = documentation_index(
        pair.b,
        effect=pair.effect,
        wtp=wtp,
        cutoff=rule.documentation_width_high,
        negligible_effect=pair.negligible_effect,
        negligible_benefit=pair.negligible_benefit,
    )
    cell = _cell(pair, decision, documentation, rule)
    return Decision(
        reference=reference,
        option=option,
        wtp=wtp,
        wtp_adjustment=float(wtp_adjustment),
        severity=severity,
        **pair.figures(),
        favours=_VERDICTS[pair.favours],
        **stakes,
        probability_cost_effective=share_positive(pair.b),
        probability_cost_effective_by_severity=share_positive(
            (severity.wtp + wtp_adjustment) * pair.effect - pair.cost
        ),
        loss_of_wrong_yes=expected_loss(-pair.b, wtp=wtp),
        loss_of_wrong_no=expected_loss(pair.b, wtp=wtp),
        decision_index=decision,
        documentation_index=documentation,
        cell=cell.key,
        scenario=cell.scenario,
        name=cell.name,
        reading=cell.reading,
        too_close=_too_close(pair, decision, documentation),
        criteria=rule,
        provenance=_provenance(outcomes, rules, criteria),
    )


class _Pair:
    """Increments of option over reference; means of rounding size are zero."""

    def __init__(self, outcomes: Outcomes, reference: int, option: int, wtp: float) -> None:
        cost, qaly = outcomes.cost[[reference, option]], outcomes.qaly[[reference, option]]
        self.wtp = wtp
        self.cost, self.effect = cost[1] - cost[0], qaly[1] - qaly[0]
        self.b = wtp * self.effect - self.cost
        self.negligible_effect = ROUNDING * float(np.abs(qaly).max())
        self.negligible_cost = ROUNDING * float(np.abs(cost).max())
        self.negligible_benefit = wtp * self.negligible_effect + self.negligible_cost
        mean_benefit = _zero_if_small(float(self.b.mean()), self.negligible_benefit)
        self.favours = int(np.sign(mean_benefit))
        for array in (self.cost, self.effect, self.b):
            array.flags.writeable = False

    def figures(self) -> dict[str, Any]:
        """Increments, their means, ratio and figure, under the names of the result."""
        mean_cost = _zero_if_small(float(self.cost.mean()), self.negligible_cost)
        mean_effect = _zero_if_small(float(self.effect.mean()), self.negligible_effect)
        step = ratio(mean_cost, mean_effect, cost=self.cost, effect=self.effect)
        return {
            "incremental_cost": self.cost,
            "incremental_qaly": self.effect,
            "net_benefit": self.b,
            "mean_incremental_cost": estimate(self.cost),
            "mean_incremental_qaly": estimate(self.effect),
            "mean_net_benefit": estimate(self.b),
            "status": step.status,
            "icer": step.value,
            "icer_se": step.se,
            "cost_per_qaly": self._cost_per_qaly(mean_effect),
        }

    def _cost_per_qaly(self, mean_effect: float) -> CostPerQaly:
        if mean_effect <= TOO_CLOSE * estimate(self.effect).se:
            return CostPerQaly("net benefit", self.b, 0.0)
        with np.errstate(over="ignore"):
            values = self.wtp - self.b / mean_effect
        if not np.isfinite(values).all():
            return CostPerQaly("net benefit", self.b, 0.0)
        values.flags.writeable = False
        return CostPerQaly("cost per QALY", values, self.wtp)


def _option(outcomes: Outcomes, reference: str, option: str | None) -> str:
    if reference not in outcomes.strategies:
        raise unknown_name("reference", reference, outcomes.strategies)
    others = [s for s in outcomes.strategies if s != reference]
    if option is None and len(others) == 1:
        return others[0]
    if option == reference or option is None:
        raise ResultError(
            "no option to hold against the reference",
            expected="one of " + ", ".join(map(repr, others)) if others else "a second strategy",
            found=repr(option),
            where={"reference": repr(reference)},
        )
    if option not in outcomes.strategies:
        raise unknown_name("option", option, others)
    return option


def _limit(severity: Severity, adjustment: float) -> float:
    lowest = min(float(severity.wtp.min()), severity.expected.wtp)
    if not (math.isfinite(adjustment) and lowest + adjustment > 0):
        raise ResultError(
            "the adjustment leaves no willingness to pay",
            expected=f"a finite amount above -{lowest:.10g} per QALY",
            found=adjustment,
        )
    return severity.expected.wtp + adjustment


def _criteria(rule: UncertaintyRule, criteria: Mapping[str, float] | None) -> UncertaintyRule:
    changes: dict[str, Any] = dict(criteria or {})
    for name, value in changes.items():
        if name not in _CUTOFFS:
            raise unknown_name("criterion", name, _CUTOFFS)
        if not math.isfinite(value):
            raise GuidelineError(f"{name} is not finite", expected="a number", found=value)
    return replace(rule, **changes)


def _cell(pair: _Pair, decision: Index, documentation: Index, rule: UncertaintyRule) -> Reading:
    no_effect = np.abs(pair.effect).max() <= pair.negligible_effect
    if no_effect and np.abs(pair.cost).max() <= pair.negligible_cost:
        return _NO_DIFFERENCE
    return rule.read(
        documentation=documentation.level, decision=decision.level, below=pair.favours > 0
    )


def _too_close(pair: _Pair, decision: Index, documentation: Index) -> tuple[str, ...]:
    benefit = estimate(pair.b)
    close = {
        "decision index": decision.too_close,
        "documentation index": documentation.too_close,
        "expected net benefit": abs(benefit.value) < TOO_CLOSE * benefit.se,
    }
    return tuple(name for name, is_close in close.items() if is_close)


def _stakes(outcomes: Outcomes, wtp_per_draw: Floats, wtp: float) -> dict[str, Any]:
    """Probabilities of being best and value of information, over all strategies of the run."""
    information = evpi(outcomes, wtp=wtp)
    by_severity = severity_adjusted_best(outcomes, wtp_per_draw=wtp_per_draw)
    return {
        "probability_best": _by_name(severity_adjusted_best(outcomes, wtp_per_draw=wtp)),
        "probability_best_by_severity": _by_name(by_severity),
        "evpi": Estimate(float(information.value), float(information.se)),
    }


def _by_name(best: BestProbability) -> dict[str, Estimate]:
    figures = zip(best.strategies, best.probability, best.probability_se, strict=True)
    return {strategy: Estimate(value, se) for strategy, value, se in figures}


def _provenance(
    outcomes: Outcomes, rules: Guideline, criteria: Mapping[str, float] | None
) -> dict[str, Any]:
    return {
        **outcomes.provenance,
        "guideline": rules.id,
        "criteria_source": str(rules.rules["decision_uncertainty"].source),
        "criteria_changed": dict(criteria or {}),
    }


def _zero_if_small(value: float, negligible: float) -> float:
    return 0.0 if abs(value) <= negligible else value
