"""What ``results.json`` holds: a run in plain numbers and words, strict JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from prioritering.cea import CEA
from prioritering.dossier.results_decision import decision_results
from prioritering.dossier.results_uncertainty import uncertainty_dict
from prioritering.errors import ResultError
from prioritering.outcomes import Outcomes
from prioritering.psa import evpi, mean_se, severity_adjusted_best
from prioritering.severity import Severity

if TYPE_CHECKING:
    from prioritering.dossier.case_run import CaseRun

SCHEMA_VERSION = 1


def results_of(run: CaseRun) -> dict[str, Any]:
    """Collect a run's results.

    Returns
    -------
    dict
        ``strategies``, ``comparison``, ``severity``, ``psa``, ``decision``, ``provenance`` and
        what belongs to them; costs per patient in ``currency``, effects in years. Every
        ``*_se`` is a Monte Carlo standard error.
    """
    case = run.case
    results = {
        "schema_version": SCHEMA_VERSION,
        "title": case.title,
        "currency": case.currency,
        "reference": case.reference,
        "option": case.option,
        "limit": asdict(run.limit),
        "strategies": _strategies(run.base),
        "comparison": _frontier(run.comparison),
        "pairwise": [asdict(row) for row in run.comparison.pairwise],
        "severity": None if run.severity is None else severity_dict(run.severity),
        "severity_skipped": run.severity_skipped,
        "psa": _psa(run),
        "decision": _decision(run),
        **decision_results(run),
        "assumptions": [asdict(a) for a in run.assumptions],
        "uncertainty": None if run.uncertainty is None else uncertainty_dict(run.uncertainty),
        "notes": list(run.notes),
        "provenance": _provenance(run),
    }
    return {key: plain(value) for key, value in results.items()}


def results_json(results: Mapping[str, Any]) -> str:
    """Write results as strict JSON text.

    Raises
    ------
    ResultError
        A number that is not finite.
    """
    try:
        return json.dumps(plain(results), indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ResultError("results hold a number that is not finite", found=str(error)) from error


def severity_dict(severity: Severity) -> dict[str, Any]:
    """Severity under the names of ``results.json``."""
    return {
        **severity.to_dict(),
        "probability_of_class_se": dict(severity.probability_of_class_se),
        "n_draws": severity.n_draws,
    }


def plain(value: Any) -> Any:
    """Turn arrays, tuples, dates and NumPy numbers into what JSON knows.

    Examples
    --------
    >>> plain({1: (np.float64(0.5), date(2026, 11, 1))})
    {'1': [0.5, '2026-11-01']}
    """
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def _strategies(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Means over draws of every strategy."""
    quantities = {
        "cost": outcomes.cost,
        "qaly": outcomes.qaly,
        "ly": outcomes.require("life_years"),
        "cost_undiscounted": outcomes.require("cost_undiscounted"),
        "qaly_undiscounted": outcomes.require("qaly_undiscounted"),
        "ly_undiscounted": outcomes.require("life_years_undiscounted"),
    }
    rows = []
    for i, name in enumerate(outcomes.strategies):
        row: dict[str, Any] = {"name": name}
        for key, draws in quantities.items():
            row[key] = draws[i].mean()
            if outcomes.n_draws > 1:
                row[f"{key}_se"] = mean_se(draws[i])
        by_category = outcomes.cost_by_category[:, i].mean(axis=1)
        row["cost_by_category"] = dict(zip(outcomes.cost_categories, by_category, strict=True))
        rows.append(row)
    return rows


def _frontier(comparison: CEA) -> list[dict[str, Any]]:
    return [asdict(row) for row in comparison.rows]


def _psa(run: CaseRun) -> dict[str, Any] | None:
    if run.psa is None or run.psa_comparison is None or run.psa_comparison.wtp is None:
        return None
    wtp = run.psa_comparison.wtp
    information = evpi(run.psa, wtp=wtp)
    return {
        "n_draws": run.psa.n_draws,
        "seed": run.psa.provenance["draws"]["seed"],
        "wtp": wtp,
        **_probabilities(run, run.psa, wtp),
        "evpi": information.value,
        "evpi_se": information.se,
        "population_evpi": _population_evpi(run),
        "strategies": _strategies(run.psa),
        "comparison": _frontier(run.psa_comparison),
        "severity": None if run.severity_psa is None else severity_dict(run.severity_psa),
        "diagnostics": {
            name: dict(zip(run.psa.strategies, (counts > 0).sum(axis=1), strict=True))
            for name, counts in run.psa.diagnostics.items()
        },
    }


def _probabilities(run: CaseRun, psa: Outcomes, wtp: float) -> dict[str, Any]:
    """Probabilities at the limit, and with each draw at the limit of its own severity class."""
    found = _probability(run, psa, wtp, "")
    suffix = "_severity_adjusted"
    if run.severity_psa is None:
        return {**found, **dict.fromkeys(_probability(run, psa, wtp, suffix))}
    adjustment = run.case.spec.decision.wtp_adjustment or 0.0
    return {**found, **_probability(run, psa, run.severity_psa.wtp + adjustment, suffix)}


def _probability(run: CaseRun, psa: Outcomes, limits: ArrayLike, suffix: str) -> dict[str, Any]:
    """Option against reference alone, and every strategy against all others."""
    every = severity_adjusted_best(psa, wtp_per_draw=limits)
    pair = [psa.index(s) for s in (run.case.reference, run.case.option)]
    share = severity_adjusted_best((psa.cost[pair], psa.qaly[pair]), wtp_per_draw=limits)
    return {
        f"probability_cost_effective{suffix}": share.probability[1],
        f"probability_cost_effective{suffix}_se": share.probability_se[1],
        f"probability_best{suffix}": dict(zip(every.strategies, every.probability, strict=True)),
        f"probability_best{suffix}_se": dict(
            zip(every.strategies, every.probability_se, strict=True)
        ),
    }


def _population_evpi(run: CaseRun) -> dict[str, Any] | None:
    if run.population_evpi is None:
        return None
    found, spec = run.population_evpi, run.case.spec.decision
    return {
        "value": found.value,
        "se": found.se,
        "patients": found.patients,
        "discounted_patients": found.discounted_patients,
        "discounting": found.discounting,
        "errors_are_upper_bounds": found.errors_are_upper_bounds,
        "patients_per_year": spec.patients_per_year,
        "years": spec.years,
    }


def _decision(run: CaseRun) -> dict[str, Any] | None:
    if run.decision is None:
        return None
    figures = run.decision.to_dict()
    indices = {key: figures.pop(f"{key}_index") for key in ("decision", "documentation")}
    return {**figures, "indices": indices}


def _provenance(run: CaseRun) -> dict[str, Any]:
    rules = run.rules
    return {
        **run.base.provenance,
        "draws": None if run.psa is None else run.psa.provenance["draws"],
        "parameters": run.parameters.fingerprint,
        "guideline": {"id": rules.id, "hash": rules.hash, "second_hand": rules.second_hand},
        "rules": rules.sources_frame().to_dict("records"),
        "numpy": np.__version__,
    }
