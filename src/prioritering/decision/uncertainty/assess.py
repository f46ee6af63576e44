"""Decision and documentation uncertainty, and the scenario they make together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.decision.uncertainty.indices import Estimate
from prioritering.decision.uncertainty.pair import Pair, combination
from prioritering.decision.uncertainty.question import pose
from prioritering.decision.uncertainty.result import Decision
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.psa import BestProbability, evpi, severity_adjusted_best
from prioritering.severity import Severity

Floats = NDArray[np.float64]


def assess(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    criteria: Mapping[str, float] | None = None,
    wtp_adjustment: float = 0.0,
    documentation: DocumentationJudgement | None = None,
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
    documentation
        A judgement of the evidence, from :func:`judge_documentation`. Documentation uncertainty
        is then both its statistical width and the judgement, and its level follows the rule the
        judgement carries; without one it is the width alone.

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
    question = pose(
        outcomes,
        severity,
        rules,
        reference=reference,
        option=option,
        criteria=criteria,
        wtp_adjustment=wtp_adjustment,
        documentation=documentation,
    )
    rows = question.rows(outcomes)
    pair = Pair(outcomes.cost[rows], outcomes.qaly[rows], question.wtp)
    return Decision(
        reference=reference,
        option=question.option,
        wtp=question.wtp,
        wtp_adjustment=float(wtp_adjustment),
        severity=severity,
        **pair.figures(),
        **_stakes(outcomes, severity.wtp + wtp_adjustment, question.wtp),
        **pair.losses(severity.wtp + wtp_adjustment),
        **combination(pair, question.rule, documentation).figures(),
        criteria=question.rule,
        provenance=_provenance(outcomes, rules, criteria),
    )


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
