"""Decision and documentation uncertainty, and the scenario they make together."""

from __future__ import annotations

import math
import numbers
import warnings
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
from prioritering.errors import (
    GuidelineError,
    PrioriteringWarning,
    ResultError,
    unknown_name,
)
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
        Arguments of another kind, one draw, no or the wrong option, a severity of another
        strategy or other draws, or an adjustment that leaves no limit above 0.
    GuidelineError
        A cut-off out of range.

    Warns
    -----
    PrioriteringWarning
        A severity counted from another age than the one the model starts at.
    """
    _check_kinds(outcomes, severity, rules)
    option = _option(outcomes, reference, option)
    _check_severity(severity, outcomes, reference)
    wtp = _limit(severity, wtp_adjustment)
    rule = _criteria(rules.uncertainty, criteria)
    pair = _Pair(outcomes, outcomes.index(reference), outcomes.index(option), wtp)
    return Decision(
        reference=reference,
        option=option,
        wtp=wtp,
        wtp_adjustment=float(wtp_adjustment),
        severity=severity,
        **pair.figures(),
        **_stakes(outcomes, severity.wtp + wtp_adjustment, wtp),
        **pair.losses(severity.wtp + wtp_adjustment),
        **_combination(pair, rule),
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


def _check_kinds(outcomes: Outcomes, severity: Severity, rules: Guideline) -> None:
    """Refuse arguments of another kind, most often forgotten or in another order."""
    wanted = (
        ("outcomes", outcomes, Outcomes, "model.run(...) or Outcomes.from_arrays(...)"),
        ("severity", severity, Severity, "absolute_shortfall(outcomes[reference], ...)"),
        ("rules", rules, Guideline, "guideline('no', as_of=...)"),
    )
    for name, value, kind, origin in wanted:
        if not isinstance(value, kind):
            raise ResultError(
                f"{name} is of another kind",
                expected=kind.__name__,
                found=type(value).__name__,
                remedy=f"It comes from {origin}.",
            )


def _check_severity(severity: Severity, outcomes: Outcomes, reference: str) -> None:
    """Refuse the severity of another strategy; warn when it is that of another age."""
    strategy = severity.provenance["strategy"]
    if strategy not in (None, reference):
        raise ResultError(
            "severity of another strategy than the reference",
            expected=f"the prognosis under {reference!r}",
            found=f"that under {strategy!r}",
            remedy=f"Write absolute_shortfall(outcomes[{reference!r}], ...).",
        )
    age, model_age = severity.population.age, outcomes.provenance.get("age")
    if model_age is not None and model_age != age:
        warnings.warn(
            f"severity is counted from age {age:g}, but the model starts at age {model_age:g}",
            PrioriteringWarning,
            stacklevel=3,
        )


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
    if not (_is_number(adjustment) and lowest + adjustment > 0):
        raise ResultError(
            "the adjustment leaves no willingness to pay",
            expected=f"a finite amount above -{lowest:.10g} per QALY",
            found=repr(adjustment),
        )
    return severity.expected.wtp + adjustment


def _criteria(rule: UncertaintyRule, criteria: Mapping[str, float] | None) -> UncertaintyRule:
    changes: dict[str, Any] = dict(criteria or {})
    for name, value in changes.items():
        if name not in _CUTOFFS:
            raise unknown_name("criterion", name, _CUTOFFS)
        if not _is_number(value):
            raise GuidelineError(f"{name} is no cut-off", expected="a number", found=repr(value))
    return replace(rule, **changes)


def _combination(pair: _Pair, rule: UncertaintyRule) -> dict[str, Any]:
    """Both uncertainties, and the reading of their combination."""
    decision = decision_index(pair.b, favours=pair.favours, cutoff=rule.decision_error_high)
    documentation = documentation_index(
        pair.b,
        effect=pair.effect,
        wtp=pair.wtp,
        cutoff=rule.documentation_width_high,
        negligible_effect=pair.negligible_effect,
        negligible_benefit=pair.negligible_benefit,
    )
    cell = _cell(pair, decision, documentation, rule)
    return {
        "decision_index": decision,
        "documentation_index": documentation,
        "cell": cell.key,
        "scenario": cell.scenario,
        "name": cell.name,
        "reading": cell.reading,
        "too_close": _too_close(pair, decision, documentation),
    }


def _cell(pair: _Pair, decision: Index, documentation: Index, rule: UncertaintyRule) -> Reading:
    no_effect = np.abs(pair.effect).max() <= pair.negligible_effect
    if no_effect and np.abs(pair.cost).max() <= pair.negligible_cost:
        return _NO_DIFFERENCE
    reading = rule.read(
        documentation=documentation.level, decision=decision.level, below=pair.favours > 0
    )
    return reading if pair.cost_per_qaly_is_clear() else reading.by_net_benefit()


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


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def _zero_if_small(value: float, negligible: float) -> float:
    return 0.0 if abs(value) <= negligible else value
