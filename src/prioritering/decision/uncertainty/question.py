"""The question put to an assessment: which option, at which limit, by which cut-offs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.errors import GuidelineError, PrioriteringWarning, ResultError, unknown_name
from prioritering.guidelines import Guideline, UncertaintyRule
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.psa.severity_limits import check_same_draws, check_strategy
from prioritering.severity import Severity
from prioritering.severity.population import is_number

_KINDS: dict[str, tuple[type, str]] = {
    "outcomes": (Outcomes, "model.run(...) or Outcomes.from_arrays(...)"),
    "severity": (Severity, "absolute_shortfall(outcomes[reference], ...)"),
    "rules": (Guideline, "guideline('no', as_of=...)"),
    "documentation": (DocumentationJudgement, "judge_documentation(rules, ...)"),
}

_CUTOFFS = ("documentation_width_high", "decision_error_high")


@dataclass(frozen=True)
class Question:
    """A checked question.

    Attributes
    ----------
    reference, option
        Two strategies of the run.
    wtp
        The limit, adjustment included.
    rule
        Cut-offs and readings.
    """

    reference: str
    option: str
    wtp: float
    rule: UncertaintyRule

    def rows(self, outcomes: Outcomes) -> list[int]:
        """Positions of reference and option."""
        return [outcomes.index(self.reference), outcomes.index(self.option)]


def pose(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    reference: str,
    option: str | None,
    criteria: Mapping[str, float] | None,
    wtp_adjustment: float,
    documentation: DocumentationJudgement | None,
) -> Question:
    """Check what an assessment is asked, once; errors are those of ``assess``."""
    check_kinds(outcomes=outcomes, severity=severity, rules=rules)
    if documentation is not None:
        check_kinds(documentation=documentation)
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    _check_severity(severity, outcomes, reference)
    return Question(
        reference=reference,
        option=option,
        wtp=_limit(severity, wtp_adjustment),
        rule=_criteria(rules.uncertainty, criteria),
    )


def check_kinds(**arguments: object) -> None:
    """Refuse arguments of another kind, most often forgotten or in another order.

    Parameters
    ----------
    **arguments
        By the name they have wherever they are taken: ``outcomes``, ``severity``, ``rules``,
        ``documentation``.
    """
    for name, value in arguments.items():
        kind, origin = _KINDS[name]
        if not isinstance(value, kind):
            raise ResultError(
                f"{name} is of another kind",
                expected=kind.__name__,
                found=type(value).__name__,
                remedy=f"It comes from {origin}.",
            )


def _check_severity(severity: Severity, outcomes: Outcomes, reference: str) -> None:
    """Refuse the severity of another strategy or other draws; warn at that of another age."""
    check_strategy(severity, reference)
    if severity.n_draws > 1:
        check_same_draws(severity, outcomes.provenance)
    age, model_age = severity.population.age, outcomes.provenance.get("age")
    if model_age is not None and model_age != age:
        warnings.warn(
            f"severity is counted from age {age:g}, but the model starts at age {model_age:g}",
            PrioriteringWarning,
            stacklevel=4,
        )


def _limit(severity: Severity, adjustment: float) -> float:
    lowest = min(float(severity.wtp.min()), severity.expected.wtp)
    if not (is_number(adjustment) and lowest + adjustment > 0):
        raise ResultError(
            "the adjustment leaves no willingness to pay",
            expected=f"a finite amount above -{lowest:.10g} per QALY",
            found=repr(adjustment),
        )
    return severity.expected.wtp + adjustment


def _criteria(rule: UncertaintyRule, criteria: Mapping[str, float] | None) -> UncertaintyRule:
    if not isinstance(criteria or {}, Mapping):
        raise ResultError(
            "criteria are of another kind",
            expected="cut-offs by name, such as {'decision_error_high': 0.1}",
            found=repr(criteria),
        )
    changes: dict[str, Any] = dict(criteria or {})
    for name, value in changes.items():
        if name not in _CUTOFFS:
            raise unknown_name("criterion", name, _CUTOFFS)
        if not is_number(value):
            raise GuidelineError(f"{name} is no cut-off", expected="a number", found=repr(value))
    return replace(rule, **changes)
