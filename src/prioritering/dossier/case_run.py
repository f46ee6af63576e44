"""What running a case gives: everything a report reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prioritering.cea import CEA
    from prioritering.decision import Decision
    from prioritering.decision.page.page import DecisionPage
    from prioritering.dossier.confidential import ConfidentialRun
    from prioritering.dossier.decide import Decisions
    from prioritering.dossier.documentation import Documentation
    from prioritering.dossier.load import Case
    from prioritering.dossier.uncertainty import CaseUncertainty
    from prioritering.guidelines import Guideline
    from prioritering.models import MarkovModel, PartitionedModel
    from prioritering.outcomes import Outcomes
    from prioritering.parameters import Parameters
    from prioritering.psa import PopulationEvpi
    from prioritering.severity import Severity

NO_SOURCE = "no source: assumed"
"""Why of an assumption that gives no reason of its own."""


@dataclass(frozen=True)
class Assumption:
    """A number or choice without a source, shown wherever the results are shown."""

    what: str
    why: str


@dataclass(frozen=True)
class Limit:
    """Willingness to pay per QALY that the comparison and the decision use, and its origin.

    ``severity_class`` is the class whose reference level it is, unadjusted; else ``None``.
    """

    wtp: float
    source: str
    severity_class: int | None = None


@dataclass(frozen=True, repr=False)
class CaseRun:
    """One run of a case.

    Attributes
    ----------
    case
        The case as loaded: ``title``, ``description``, ``source``, ``language``, ``name``,
        ``reference``, ``option``.
    rules
        Guideline in force at the case's date.
    parameters
        Parameters of the case, price years converted if the case asks for it.
    model
        The model that was run.
    base, psa
        Outcomes of the expected values (with trace), and of the draws; ``psa`` is ``None``
        when the run had no draws. With an inventory, the costs that the perspective counts.
    comparison, psa_comparison
        Incremental analyses of ``base`` and ``psa``.
    severity, severity_psa
        Absolute shortfall of ``base`` and ``psa``; ``None`` when the case gives a reason for
        having none, which is then ``severity_skipped``.
    limit
        Willingness to pay the comparisons use: of the severity class, or stated by the case.
    decision
        The classification of the decision, ``None`` without draws or without severity.
    population_evpi
        Value of perfect information for all patients, ``None`` without draws or when the case
        does not say how many they are.
    assumptions
        Everything in the case that has no source.
    notes
        What the reader should know of the run, such as curves that crossed and were capped.
    results
        What ``results.json`` holds: plain numbers, strings, lists and dicts, no NaN.
    documentation
        The evidence judged, ``None`` when the case does not judge it.
    uncertainty
        Sensitivity analyses and the value of information, ``None`` unless asked for.
    decisions
        Price, perspectives, budget, personnel and small group, as far as the case has them.
    page
        The public page of the decision; ``None`` without draws or without severity.
    confidential
        What a secret agreement makes of the run, ``None`` unless asked for.
    """

    case: Case
    rules: Guideline
    parameters: Parameters
    model: MarkovModel | PartitionedModel
    base: Outcomes
    psa: Outcomes | None
    comparison: CEA
    psa_comparison: CEA | None
    severity: Severity | None
    severity_psa: Severity | None
    severity_skipped: str | None
    limit: Limit
    decision: Decision | None
    population_evpi: PopulationEvpi | None
    assumptions: tuple[Assumption, ...]
    notes: tuple[str, ...]
    results: Mapping[str, Any]
    documentation: Documentation | None = None
    uncertainty: CaseUncertainty | None = None
    decisions: Decisions | None = None
    page: DecisionPage | None = None
    confidential: ConfidentialRun | None = None

    def __repr__(self) -> str:
        draws = self.psa.n_draws if self.psa is not None else 0
        return (
            f"CaseRun({self.case.title!r}, {len(self.base.strategies)} strategies, {draws} draws)"
        )
