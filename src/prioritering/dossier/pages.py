"""The page a decision is made from, filled in with a run of a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prioritering.decision.page.page import DecisionPage, decision_page
from prioritering.dossier.case_run import NO_SOURCE

if TYPE_CHECKING:
    from prioritering.dossier.case_run import CaseRun
    from prioritering.dossier.confidential import ConfidentialRun


def page_of(run: CaseRun) -> DecisionPage | None:
    """Write the public page, at maximum prices; ``None`` where the run has no decision."""
    material = _material(run)
    return None if material is None else decision_page(**material, view="public")


def confidential_page(run: CaseRun, secret: ConfidentialRun) -> DecisionPage | None:
    """Write the page with both prices side by side."""
    material = _material(run)
    if material is None:
        return None
    material["assumptions"] = [secret.label, *material["assumptions"]]
    return decision_page(
        **material,
        net=secret.priced,
        net_budget=secret.budget,
        view="confidential",
    )


def _material(run: CaseRun) -> dict[str, Any] | None:
    if run.decision is None or run.psa is None or run.severity_psa is None:
        return None
    found, case = run.decisions, run.case
    results = ("price", "budget", "personnel", "inventory", "small_group")
    return {
        **{name: getattr(found, name, None) for name in results},
        "title": case.title,
        "patients": case.spec.patients,
        "outcomes": run.psa,
        "decision": run.decision,
        "severity": run.severity_psa,
        "rules": run.rules,
        "opportunity_cost": getattr(found, "displaced", None),
        "perspective": getattr(found, "perspectives", None),
        "assumptions": list(_assumptions(run)),
        "sources": [case.source] if case.source.strip() else [],
    }


def _assumptions(run: CaseRun) -> Iterator[str]:
    """Assumptions with their reasons, then the others in one text, parameters by their names."""
    names = {f"{p.description or name} ({name})": name for name, p in run.parameters.items()}
    for item in run.assumptions:
        if item.why != NO_SOURCE:
            yield f"{item.what}: {item.why}"
    rest = [names.get(item.what, item.what) for item in run.assumptions if item.why == NO_SOURCE]
    if rest:
        yield f"{NO_SOURCE}: {', '.join(rest)}"
