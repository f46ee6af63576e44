"""What ``results.json`` holds of the decision beside cost per QALY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prioritering.dossier.results_uncertainty import records

if TYPE_CHECKING:
    from prioritering.dossier.case_run import CaseRun
    from prioritering.dossier.confidential import ConfidentialRun


def decision_results(run: CaseRun) -> dict[str, Any]:
    """Public results by key; ``None`` where the case has no such section.

    Lists hold one entry per number, unrounded, as ``to_frame()`` of the result gives them.
    """
    found = run.decisions
    return {
        **{key: _records(getattr(found, name, None)) for key, name in _KEYS.items()},
        "page": None if run.page is None else run.page.to_dict(),
    }


def confidential_results(run: CaseRun, secret: ConfidentialRun) -> dict[str, Any]:
    """Results under a secret agreement, marked as such, for a document of their own."""
    return {
        "schema_version": 1,
        "title": run.case.title,
        "view": "confidential",
        "confidential": secret.label,
        "agreement": secret.agreement.describe("en", currency=run.case.currency),
        "notes": list(secret.notes),
        "agreements": _records(secret.comparison),
        "budget": _records(secret.budget),
        "opportunity_cost": _records(secret.displaced),
        "page": None if secret.page is None else secret.page.to_dict(),
    }


_KEYS = {
    "price": "price",
    "perspectives": "perspectives",
    "inventory": "inventory",
    "budget": "budget",
    "opportunity_cost": "displaced",
    "personnel": "personnel",
    "small_group": "small_group",
}
"""Keys of the results, and what holds them."""


def _records(result: Any) -> list[dict[str, Any]] | None:
    return None if result is None else records(result.to_frame())
