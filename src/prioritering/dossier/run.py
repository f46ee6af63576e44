"""Run a case: base case, draws, severity, comparison and decision."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace

from prioritering.cea import CEA, compare
from prioritering.decision import Decision, assess
from prioritering.dossier.build import BuiltCase, build_case
from prioritering.dossier.case_model import CaseModel, drawn_again
from prioritering.dossier.case_run import NO_SOURCE, Assumption, CaseRun, Limit
from prioritering.dossier.confidential import Confidential, agree
from prioritering.dossier.decide import Basis, decide
from prioritering.dossier.documentation import Documentation, judge_case
from prioritering.dossier.faults import in_case_terms, placed
from prioritering.dossier.load import Case
from prioritering.dossier.notes import noted
from prioritering.dossier.pages import page_of
from prioritering.dossier.results import results_of
from prioritering.dossier.sensitivity import case_uncertainty
from prioritering.errors import CaseError, ResultError
from prioritering.outcomes import Outcomes
from prioritering.psa import PopulationEvpi, evpi, population_evpi
from prioritering.severity import PopulationQalys, Severity, absolute_shortfall
from prioritering.severity.population import Method

SEVERITY_CURRENCY = "NOK"
MAX_DRAWS = 10_000_000

_TWO_LIMITS = (
    "the severity class of the mean over draws sets another limit ({:g}) than that of the base "
    "case ({:g}); each is compared at its own"
)


@in_case_terms()
def run_case(
    case: Case,
    *,
    draws: int | None = None,
    seed: int | None = None,
    progress: bool = False,
    executor: Executor | None = None,
    uncertainty: bool = False,
    confidential: Confidential | None = None,
) -> CaseRun:
    """Run a case from its parameters to the decision.

    Parameters
    ----------
    case
        From :func:`load_case`.
    draws
        Number of draws, 0 for the base case alone; the case's own when not given.
    seed
        Seed of the draws; the case's own when not given.
    progress
        Show a progress bar on standard error.
    executor
        Runs chunks of draws elsewhere; see :meth:`MarkovModel.run`.
    uncertainty
        Make the sensitivity analyses and the value of information too.
    confidential
        A secret agreement, from :func:`load_confidential`; its results are kept apart.

    Returns
    -------
    CaseRun
        Everything a report reads.

    Raises
    ------
    ResultError
        One draw, fewer than none, or more than can be kept.
    PrioriteringError
        Whatever does not hold together in the case, with its place in the case file.
    """
    n = _checked(case.spec.run.draws if draws is None else draws)
    run, basis = _run_to_decision(case, n, seed, progress=progress, executor=executor)
    run = replace(run, page=page_of(run))
    if uncertainty:
        run = replace(run, uncertainty=case_uncertainty(run))
    if confidential is not None:
        run = replace(run, confidential=agree(run, basis, confidential))
    return replace(run, results=results_of(run))


def _run_to_decision(
    case: Case,
    n: int,
    seed: int | None,
    *,
    progress: bool,
    executor: Executor | None,
) -> tuple[CaseRun, Basis]:
    """Run a case, without what is made of a whole run; also what its decision rests on."""
    built, base_costs, notes = run_base(case)
    model = CaseModel(case, built)
    with noted(notes):
        base = model.counted(base_costs)
        psa_costs = _sample(model, n, seed, progress=progress, executor=executor)
        psa = None if psa_costs is None else model.counted(psa_costs)
        severity = severity_of(case, built, base)
        severity_psa = None if psa is None else severity_of(case, built, psa)
        documentation = judge_case(case, built, psa, notes=notes)
    limit = limit_of(case, severity)
    decision = _decide(case, built, psa, severity_psa, documentation)
    at_draws = limit.wtp if decision is None else decision.wtp
    if at_draws != limit.wtp:
        notes.append(_TWO_LIMITS.format(at_draws, limit.wtp))
    basis = Basis(
        case=case,
        built=built,
        draws=built.parameters.expected() if psa is None else drawn_again(built.parameters, psa),
        everything=base_costs if psa_costs is None else psa_costs,
        counted=base if psa is None else psa,
        severity=severity if severity_psa is None else severity_psa,
        wtp=at_draws,
    )
    with noted(notes):
        decisions = decide(basis)
    run = CaseRun(
        case=case,
        rules=built.rules,
        parameters=built.parameters,
        model=built.model,
        base=base,
        psa=psa,
        comparison=compare(base, reference=case.reference, wtp=limit.wtp),
        psa_comparison=_compare(case, psa, at_draws),
        severity=severity,
        severity_psa=severity_psa,
        severity_skipped=case.spec.severity.skip,
        limit=limit,
        decision=decision,
        documentation=documentation,
        decisions=decisions,
        population_evpi=_population_evpi(case, built, psa, at_draws),
        assumptions=assumptions_of(case, built),
        notes=tuple(notes),
        results={},
    )
    return run, basis


@in_case_terms()
def run_base(case: Case) -> tuple[BuiltCase, Outcomes, list[str]]:
    """Build a case and run its expected values with trace and every cost; also the warnings."""
    notes: list[str] = []
    with noted(notes):
        built = build_case(case)
        base = CaseModel(case, built).run_all(built.parameters.expected(), trace=True)
    return built, base, notes


def assumptions_of(case: Case, built: BuiltCase) -> tuple[Assumption, ...]:
    """Everything in a case that has no source, or that replaces a rule."""
    found = [Assumption(a.what, a.why) for a in case.spec.assumptions]
    for name, parameter in built.parameters.items():
        if parameter.assumption:
            what = f"{parameter.description or name} ({name})"
            found.append(Assumption(what, parameter.source or NO_SOURCE))
    for pair in case.spec.correlations:
        if pair.source is None:
            what = f"rank correlation {pair.rank:g} of {' and '.join(pair.parameters)}"
            found.append(Assumption(what, NO_SOURCE))
    for topic, rule in case.spec.guideline.rules.items():
        found.append(Assumption(f"rule {topic!r} replaced", rule.source))
    norm = case.spec.norm
    if norm is not None and norm.extend_below is not None:
        added = norm.extend_below
        what = f"population norm {added.value:g} from age {added.age_from:g} to where it begins"
        found.append(Assumption(what, added.note))
    elif norm is not None:
        found.append(Assumption("population norm of the case's own", str(norm.source)))
    decision = case.spec.decision
    if decision.wtp is not None:
        what = f"limit of {decision.wtp:g} {case.currency} per QALY"
        found.append(Assumption(what, str(decision.wtp_source)))
    if decision.patients_per_year is not None and decision.patients_source is None:
        what = f"{decision.patients_per_year:g} patients a year for {decision.years} years"
        found.append(Assumption(what, NO_SOURCE))
    if decision.wtp_adjustment is not None:
        what = f"limit adjusted by {decision.wtp_adjustment:g} per QALY"
        found.append(Assumption(what, str(decision.adjustment_reason)))
    return (*found, *_assumed_of_decision(case))


def _assumed_of_decision(case: Case) -> Iterator[Assumption]:
    """List what the sections on the decision say is assumed."""
    spec = case.spec
    for name, resource in spec.resources.items():
        for staff in resource.staff or ():
            if staff.assumption:
                hours = staff.hours if isinstance(staff.hours, str) else f"{staff.hours:g}"
                what = f"{hours} hours of a {staff.profession} per {resource.unit} ({name})"
                yield Assumption(what, staff.source or NO_SOURCE)
    sections = {
        "price: maximum price and what it buys": spec.price,
        "budget: patients, uptake and who pays": spec.budget,
        "personnel: hours of a full-time working year": spec.personnel,
        "small group: numbers of patients": spec.small_group,
    }
    for what, section in sections.items():
        if section is not None and section.assumption:
            yield Assumption(what, section.source or NO_SOURCE)


def _checked(draws: int) -> int:
    if draws < 0 or draws == 1:
        raise ResultError(
            "a number of draws that has no Monte Carlo error",
            expected="0 for the base case alone, or 2 or more",
            found=draws,
        )
    if draws > MAX_DRAWS:
        raise _too_many(draws)
    return draws


def _too_many(draws: int) -> ResultError:
    return ResultError(
        "more draws than can be kept",
        expected=f"at most {MAX_DRAWS:,}, as far as the memory goes",
        found=f"{draws:.3g}" if draws < 1e300 else "far more",
        remedy="Ask for fewer; Monte Carlo errors tell when there are enough.",
    )


def _sample(
    model: CaseModel,
    n: int,
    seed: int | None,
    *,
    progress: bool,
    executor: Executor | None,
) -> Outcomes | None:
    if n == 0:
        return None
    chosen = model.case.spec.run.seed if seed is None else seed
    try:
        draws = model.built.parameters.sample(n, seed=chosen)
        return model.run_all(draws, progress=progress, executor=executor)
    except MemoryError:
        raise _too_many(n) from None


def severity_of(case: Case, built: BuiltCase, outcomes: Outcomes) -> Severity | None:
    """Severity of the reference, ``None`` where the case says why it has none."""
    spec, where = case.spec.severity, case.where("severity")
    if spec.skip is not None:
        return None
    if case.currency != SEVERITY_CURRENCY:
        raise CaseError(
            "the limit of a severity class is in another currency than the costs",
            expected=f"costs in {SEVERITY_CURRENCY}, or a limit of the case's own",
            found=f"currency {case.currency!r}",
            where=case.where("currency"),
            remedy="Write skip under [severity], and wtp and wtp_source under [decision].",
        )
    age = case.spec.model.age if spec.age is None else spec.age
    if age is None:
        raise CaseError(
            "severity needs an age",
            expected="age under [severity] or [model]: the mean age when treatment starts",
            found="neither",
            where=where,
        )
    with placed(where):
        population: Method | PopulationQalys = spec.population
        if spec.qalys_population is not None:
            population = PopulationQalys(spec.qalys_population, age, str(spec.source))
        return absolute_shortfall(
            outcomes[case.reference], age=age, rules=built.rules, population=population
        )


def limit_of(case: Case, severity: Severity | None) -> Limit:
    """Limit of the severity class, adjusted as the case says, or the case's own."""
    spec = case.spec.decision
    if severity is None:
        assert spec.wtp is not None  # the schema asks for it when severity is skipped
        return Limit(spec.wtp, str(spec.wtp_source))
    point = severity.expected
    source = f"severity class {point.severity_class}"
    if spec.wtp_adjustment is None:
        return Limit(point.wtp, source, point.severity_class)
    return Limit(
        point.wtp + spec.wtp_adjustment,
        f"{source}, adjusted by {spec.wtp_adjustment:g}: {spec.adjustment_reason}",
    )


def _decide(
    case: Case,
    built: BuiltCase,
    psa: Outcomes | None,
    severity: Severity | None,
    documentation: Documentation | None,
) -> Decision | None:
    if psa is None or severity is None:
        return None
    spec = case.spec.decision
    with placed(case.where("decision")):
        return assess(
            psa,
            severity,
            built.rules,
            reference=case.reference,
            option=case.option,
            criteria=spec.criteria.model_dump(exclude_none=True),
            wtp_adjustment=spec.wtp_adjustment or 0.0,
            documentation=None if documentation is None else documentation.judgement,
        )


def _compare(case: Case, psa: Outcomes | None, wtp: float) -> CEA | None:
    return None if psa is None else compare(psa, reference=case.reference, wtp=wtp)


def _population_evpi(
    case: Case, built: BuiltCase, psa: Outcomes | None, wtp: float
) -> PopulationEvpi | None:
    """Money in later years, so discounted as the case discounts costs."""
    spec = case.spec.decision
    if psa is None or spec.patients_per_year is None or spec.years is None:
        return None
    return population_evpi(
        evpi(psa, wtp=wtp),
        incidence=spec.patients_per_year,
        years=spec.years,
        discounting=built.discounting,
    )
