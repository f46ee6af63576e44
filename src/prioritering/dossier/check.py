"""Check a case: everything wrong with it, what has no source, and whether the model adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from prioritering.conventions import Discounting
from prioritering.dossier.build import BuiltCase
from prioritering.dossier.case_model import CaseModel
from prioritering.dossier.compile import Amount
from prioritering.dossier.confidential import agreement_of, load_confidential
from prioritering.dossier.decide import Basis, decide
from prioritering.dossier.faults import in_case_terms
from prioritering.dossier.load import Case, read_case
from prioritering.dossier.notes import noted
from prioritering.dossier.places import show_path
from prioritering.dossier.run import assumptions_of, limit_of, run_base, severity_of
from prioritering.dossier.sensitivity import sensitivity_faults, unused_in_sensitivity
from prioritering.errors import PrioriteringError
from prioritering.models import MarkovModel
from prioritering.outcomes import Outcomes

Level = Literal["error", "warning", "assumption", "passed"]

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Finding:
    """One thing a check found.

    Attributes
    ----------
    level
        ``"error"``: the case cannot be run, or the model does not add up. ``"warning"``: legal
        but worth a look. ``"assumption"``: has no source. ``"passed"``: a verification that
        held.
    text
        A sentence or two.
    """

    level: Level
    text: str


def check_case(folder: str | Path, *, confidential: bool = False) -> tuple[Finding, ...]:
    """Check a case folder without drawing anything.

    Parameters
    ----------
    folder
        Holds ``case.toml``.
    confidential
        Read and check ``confidential.toml`` too.

    Returns
    -------
    tuple of Finding
        Errors first; with any, the model was not run.
    """
    try:
        case, faults = read_case(Path(folder))
        if case is None:
            return tuple(Finding("error", str(fault)) for fault in faults)
        built, base, notes = run_base(case)
    except PrioriteringError as error:
        return (Finding("error", str(error)),)
    with noted(notes):
        verified = list(verify(built, base))
        undecided = list(decision_faults(case, built, base, confidential=confidential))
    findings = [
        *verified,
        *(Finding("error", str(fault)) for fault in sensitivity_faults(case, built)),
        *(Finding("error", str(fault)) for fault in undecided),
        *(Finding("warning", note) for note in notes),
        *_documentation(case, built),
        *(Finding("assumption", f"{a.what}: {a.why}") for a in assumptions_of(case, built)),
    ]
    return tuple(sorted(findings, key=lambda finding: get_args(Level).index(finding.level)))


@in_case_terms()
def _decided(case: Case, built: BuiltCase, base: Outcomes, *, confidential: bool) -> None:
    """Work out every section on the decision, on the base case, and read what is agreed."""
    counted = CaseModel(case, built).counted(base)
    severity = severity_of(case, built, counted)
    draws, wtp = built.parameters.expected(), limit_of(case, severity).wtp
    basis = Basis(case, built, draws, base, counted, severity, wtp)
    decide(basis)
    if confidential:
        agreement_of(basis, load_confidential(case))


def decision_faults(
    case: Case, built: BuiltCase, base: Outcomes, *, confidential: bool = False
) -> Iterator[PrioriteringError]:
    """Find what does not hold together in the sections on the decision, drawing nothing."""
    try:
        _decided(case, built, base, confidential=confidential)
    except PrioriteringError as error:
        yield error


def verify(built: BuiltCase, base: Outcomes) -> Iterator[Finding]:
    """Verify what must hold of any model, on its base case with trace."""
    if base.trace is None:
        return
    model = built.model
    occupancy = base.trace.occupancy[..., : len(model.states)]
    off = float(np.abs(occupancy.sum(axis=-1) - 1.0).max())
    yield _held("everybody is in one state at every time", off <= TOLERANCE, f"off by {off:.3g}")
    low = float(occupancy.min())
    yield _held("no state holds less than nobody", low >= -TOLERANCE, f"lowest share {low:.3g}")
    dead = model.dead if isinstance(model, MarkovModel) else model.states[-1:]
    columns = [model.states.index(s) for s in dead]
    rise = float(np.diff(occupancy[..., columns].sum(axis=-1), axis=-1).min())
    yield _held("nobody returns from death", rise >= -TOLERANCE, f"falls by {-rise:.3g}")
    years = float(base.require("life_years_undiscounted").max())
    horizon = model.horizon.years
    yield _held("life years fit in the horizon", years <= horizon + TOLERANCE, f"{years:.6g} years")
    yield from _verify_reruns(built, base)


def _verify_reruns(built: BuiltCase, base: Outcomes) -> Iterator[Finding]:
    draws = built.parameters.expected()
    none = Discounting.none().at(built.discounting.timing)
    plain = built.model.run(draws, built.rules, discounting=none)
    undiscounted = base.require("cost_undiscounted")
    size = max(float(np.abs(undiscounted).max()), 1.0)
    gap = float(np.abs(plain.cost - undiscounted).max()) / size
    yield _held(
        "without discounting, discounted and undiscounted costs agree",
        gap <= TOLERANCE,
        f"off by {gap:.3g} of the largest",
    )
    alive = built.model.alive if isinstance(built.model, MarkovModel) else built.model.states[:-1]
    healthy = replace(built.model, utilities=dict.fromkeys(alive, 1.0), age_adjustment=None)
    ones = healthy.run(draws, built.rules, discounting=none)
    gap = float(np.abs(ones.qaly - ones.require("life_years")).max())
    yield _held("in full health, QALYs are life years", gap <= TOLERANCE, f"off by {gap:.3g}")


def _documentation(case: Case, built: BuiltCase) -> Iterator[Finding]:
    for name, parameter in built.parameters.items():
        if not parameter.source and not parameter.assumption:
            yield Finding("warning", f"parameter {name!r} has no source and is not an assumption")
        if parameter.price_year is None and case.currency in parameter.unit:
            yield Finding("warning", f"parameter {name!r} is money without a price year")
    for place in _bare_numbers(case):
        yield Finding("warning", f"{place} is a bare number: a parameter would carry its source")
    for name in built.unused:
        yield Finding("warning", f"parameter {name!r} is not used by the model")
    for place, name in unused_in_sensitivity(case, built):
        yield Finding("warning", f"{place} moves {name!r}, which the model does not use")
    if case.spec.documentation is not None and case.spec.severity.skip is not None:
        yield Finding("warning", "[documentation] is not used: without severity, no decision")
    if not case.description:
        yield Finding("warning", "the case has no description")


def _bare_numbers(case: Case) -> Iterator[str]:
    """Places of probabilities, costs and utilities written as numbers, other than 0 and 1."""
    sections: dict[tuple[str, ...], Mapping[str, Amount]] = {
        ("transitions",): case.spec.transitions,
        ("utilities",): case.spec.utilities,
    }
    sections |= {("costs", category): entries for category, entries in case.spec.costs.items()}
    for name, resource in case.spec.resources.items():
        sections["resources", name, "amounts"] = resource.amounts
        if resource.price is not None:
            sections["resources", name] = {"price": resource.price}
    for path, entries in sections.items():
        for key, amount in entries.items():
            parts = amount.values() if isinstance(amount, dict) else (amount,)
            if any(isinstance(part, float) and part not in (0.0, 1.0) for part in parts):
                yield show_path((*path, key))


def _held(what: str, holds: bool, found: str) -> Finding:
    return Finding("passed", what) if holds else Finding("error", f"not so: {what} ({found})")
