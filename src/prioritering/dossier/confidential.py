"""A secret price agreement: read only when asked for, its results kept apart from all others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from prioritering.decision import BudgetImpact, DisplacedHealth
from prioritering.decision.agreements import (
    Agreement,
    AgreementComparison,
    FlatDiscount,
    FreeInitiation,
    OutcomeRefund,
    PatientCap,
    Priced,
    VolumeSteps,
    compare_agreements,
)
from prioritering.decision.agreements.priced import FOLLOW_UP
from prioritering.decision.publication import CONFIDENTIAL
from prioritering.dossier.decide import Basis, budget_of, displaced_health, patients_of, run_years
from prioritering.dossier.faults import placed
from prioritering.dossier.files import CONFIDENTIAL_FILE, inside
from prioritering.dossier.given import value_given
from prioritering.dossier.notes import noted
from prioritering.dossier.pages import confidential_page
from prioritering.dossier.places import Source
from prioritering.dossier.results import plain
from prioritering.dossier.results_decision import confidential_results
from prioritering.errors import CaseError

if TYPE_CHECKING:
    from prioritering.decision.page.page import DecisionPage
    from prioritering.dossier.case_run import CaseRun
    from prioritering.dossier.load import Case
    from prioritering.dossier.schema_confidential import ConfidentialSpec
    from prioritering.yearly import YearlyOutcomes

NAME = "net price"
"""Name of the agreement in tables, which tells nothing of its terms."""

_EVERY_YEAR = ("free_initiation", "patient_cap")
"""Agreements that need the costs of every year of the run."""


@dataclass(frozen=True, repr=False)
class Confidential:
    """A confidential file as read; it prints without its terms.

    Attributes
    ----------
    spec
        Its content.
    text
        The file, to find the line of a key.

    Notes
    -----
    No hash of it is kept: with so few unknowns, a hash gives the file away to whoever tries.
    """

    spec: ConfidentialSpec
    text: Source

    @property
    def label(self) -> str:
        """What the agreement is, shown with every confidential result."""
        return self.spec.label

    def __repr__(self) -> str:
        return f"Confidential({self.label!r})"


@dataclass(frozen=True, repr=False)
class ConfidentialRun:
    """What a secret agreement makes of a run; nothing of it belongs in a public document.

    Attributes
    ----------
    label
        What the agreement is.
    agreement
        Its terms.
    comparison
        Maximum price and net price side by side.
    priced
        Outcomes at the net price.
    budget, displaced
        Budget and opportunity cost at the net price; ``None`` without ``[budget]``, and the
        budget also where the price follows national volume (the comparison has that).
    page
        The page of the decision with both prices side by side.
    results
        What the confidential ``results.json`` holds.
    notes
        What the agreement's analyses warn of, as secret as they are.
    """

    label: str
    agreement: Agreement
    comparison: AgreementComparison
    priced: Priced
    budget: BudgetImpact | None
    displaced: DisplacedHealth | None
    page: DecisionPage | None = None
    results: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"ConfidentialRun({self.label!r})"


def load_confidential(case: Case) -> Confidential:
    """Read ``confidential.toml`` of a case folder.

    Raises
    ------
    CaseError, UnknownNameError
        No such file, a link out of the case folder, or content that is not as the schema wants
        it; names key and line.
    """
    from pydantic import ValidationError

    from prioritering.dossier.faults import schema_faults
    from prioritering.dossier.load import first_fault, parse_toml, read_text
    from prioritering.dossier.schema_confidential import ConfidentialSpec

    path = case.folder / CONFIDENTIAL_FILE
    if not path.is_file():
        raise CaseError(
            "the case has no confidential file",
            expected=f"{CONFIDENTIAL_FILE} in the case folder",
            found=f"no file {path}",
            remedy="Leave out --view confidential for the public results.",
        )
    raw = read_text(inside(case.folder, CONFIDENTIAL_FILE, {"file": CONFIDENTIAL_FILE}))
    text = Source(CONFIDENTIAL_FILE, raw.decode("utf-8"))
    data = parse_toml(text)
    try:
        spec = ConfidentialSpec.model_validate(data)
    except ValidationError as error:
        raise first_fault(schema_faults(error, data, text)) from None
    return Confidential(spec, text)


def agree(run: CaseRun, basis: Basis, confidential: Confidential) -> ConfidentialRun:
    """Set a run at maximum prices beside the same run under the secret agreement.

    Parameters
    ----------
    run
        The run, whose decision and limit stand.
    basis
        What it was made from.
    confidential
        The agreement.

    Raises
    ------
    CaseError
        A run without a decision to compare.
    PrioriteringError
        Terms that do not hold together, with their place in the file.
    """
    if run.decision is None or basis.severity is None:
        raise CaseError(
            "an agreement is shown by what it does to a decision",
            expected="severity, and two draws or more",
            found="no severity" if basis.severity is None else "no draws",
            where={"file": CONFIDENTIAL_FILE},
        )
    notes: list[str] = []
    with noted(notes):
        found = _under(run, basis, confidential)
        found = replace(found, page=confidential_page(run, found))
    said = tuple(note for note in notes if note not in run.notes)
    found = replace(found, notes=said)
    return replace(found, results=plain(confidential_results(run, found)))


def _under(run: CaseRun, basis: Basis, confidential: Confidential) -> ConfidentialRun:
    """Make the results under the agreement, its page aside."""
    assert basis.severity is not None  # asked for before
    agreement = agreement_of(basis, confidential)
    with placed(confidential.text.where("agreement")):
        yearly, patients = _years(run, basis, confidential), _patients(basis)
        comparison = compare_agreements(
            basis.counted,
            basis.severity,
            basis.built.rules,
            **basis.pair,
            agreements={NAME: agreement},
            yearly=None if yearly is None else _only(yearly, basis.counted.cost_categories),
            patients=patients,
            discounting=basis.built.discounting,
            **_assessed(run),
        )
        net = _marked(comparison[NAME].priced, confidential.label)
        budget = _budget(basis, agreement, yearly, patients)
    return ConfidentialRun(
        label=confidential.label,
        agreement=agreement,
        comparison=comparison,
        priced=net,
        budget=budget,
        displaced=None if budget is None else displaced_health(basis, net.outcomes, budget),
    )


def _assessed(run: CaseRun) -> dict[str, Any]:
    """How the decision of the run was assessed."""
    spec, judged = run.case.spec.decision, run.documentation
    return {
        "criteria": spec.criteria.model_dump(exclude_none=True),
        "wtp_adjustment": spec.wtp_adjustment or 0.0,
        "documentation": None if judged is None else judged.judgement,
    }


def agreement_of(basis: Basis, confidential: Confidential) -> Agreement:
    """Make the agreement from its terms.

    Raises
    ------
    CaseError
        No categories, and no ``[price]`` to take them from.
    UnknownNameError, ResultError
        A parameter or resource that does not exist, or impossible terms.
    """
    with placed(confidential.text.where("agreement")):
        return _agreement(basis, confidential.spec.agreement)


def _agreement(basis: Basis, spec: Any) -> Agreement:
    categories = spec.categories or _priced_category(basis.case)
    if spec.kind == "flat_discount":
        return FlatDiscount(spec.share, categories)
    if spec.kind == "free_initiation":
        return FreeInitiation(spec.months, categories)
    if spec.kind == "patient_cap":
        return PatientCap(spec.amount, categories, treated=spec.treated)
    if spec.kind == "outcome_refund":
        return OutcomeRefund(
            value_given(spec.response, basis.draws, basis.case),  # type: ignore[arg-type]
            categories,
            measured_at=spec.measured_at,
            refund=spec.refund,
            administration=spec.administration,
            hours=spec.hours,
        )
    return VolumeSteps(
        [(s.low, math.inf if s.high is None else s.high, s.discount) for s in spec.steps],
        categories,
        basis=spec.basis,
        unit=spec.unit,
        per_patient=spec.per_patient,
    )


def _priced_category(case: Case) -> list[str]:
    if case.spec.price is None:
        raise CaseError(
            "an agreement about no cost category",
            expected="categories here, or [price] in the case file",
            found="neither",
        )
    return [case.spec.price.category]


def _years(run: CaseRun, basis: Basis, confidential: Confidential) -> YearlyOutcomes | None:
    """Yearly costs, of as many years as budget and agreement need."""
    spec, budget = confidential.spec.agreement, basis.case.spec.budget
    needed = 0 if budget is None else budget.years
    if spec.kind in _EVERY_YEAR:
        needed = max(needed, math.ceil(basis.built.model.horizon.years))
    if spec.kind == "outcome_refund":
        needed = max(needed, math.ceil(spec.measured_at))
    if run.decisions is not None and (not needed or (budget and needed == budget.years)):
        return run.decisions.yearly
    return run_years(basis, needed) if needed else None


def _patients(basis: Basis) -> Any:
    """Mean number who start the option because of the decision, by calendar year."""
    spec, strategies = basis.case.spec.budget, basis.counted.strategies
    if spec is None:
        return None
    flow = patients_of(basis).flow(strategies, **basis.pair, years=spec.years)
    more = (flow.with_decision - flow.without)[strategies.index(basis.case.option)]
    return more.mean(axis=0)


def _budget(
    basis: Basis, agreement: Agreement, yearly: YearlyOutcomes | None, patients: Any
) -> BudgetImpact | None:
    spec = basis.case.spec.budget
    if spec is None or yearly is None:
        return None
    net = agreement.apply(
        basis.everything,
        option=basis.case.option,
        discounting=basis.built.discounting,
        yearly=yearly,
        patients=patients,
    )
    if net.price_factor is not None or net.yearly is None:
        return None
    groups = dict(spec.groups)
    if FOLLOW_UP in net.yearly.cost_categories:
        groups[FOLLOW_UP] = "service"
    return budget_of(basis, net.yearly, spec, groups)


def _only(yearly: YearlyOutcomes, categories: tuple[str, ...]) -> YearlyOutcomes:
    rows = [yearly.cost_categories.index(category) for category in categories]
    return replace(
        yearly, cost_categories=categories, cost_by_category=yearly.cost_by_category[rows]
    )


def _marked(net: Priced, label: str) -> Priced:
    """Outcomes at the net price, marked so that a public view refuses them."""
    provenance = {**net.outcomes.provenance, CONFIDENTIAL: label}
    return replace(net, outcomes=replace(net.outcomes, provenance=provenance))
