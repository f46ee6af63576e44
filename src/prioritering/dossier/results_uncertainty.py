"""The part of ``results.json`` about sensitivity and the value of information."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import ScenarioPath
    from prioritering.dossier.uncertainty import CaseUncertainty
    from prioritering.psa import ExpectedLossCurves, Incremental, RankProbabilities, Settling
    from prioritering.psa.information import EvppiRanking
    from prioritering.psa.sensitivity import OneWay, Threshold


def uncertainty_dict(found: CaseUncertainty) -> dict[str, Any]:
    """Collect what the sensitivity analyses found; what was not made is ``None``.

    Returns
    -------
    dict
        By analysis; costs per patient, effects in years, every ``*_se`` a standard error.
    """
    writers: dict[str, Callable[[Any], Any]] = {
        "tornado": _tornado,
        "scenarios": lambda s: records(s.to_frame()),
        "drivers": lambda d: records(d.to_frame()),
        "information": _information,
        "settling": _settling,
        "increments": _increments,
        "loss": _loss,
        "ranks": _ranks,
        "severity": lambda s: records(s.to_frame()),
        "cutoffs": lambda c: {
            "holds_error": list(c.holds_error),
            "holds_width": list(c.holds_width),
            "regions": records(c.to_frame()),
        },
        "classification": lambda c: records(c.to_frame()),
        "price_path": _price_path,
    }
    written = {
        name: None if getattr(found, name) is None else write(getattr(found, name))
        for name, write in writers.items()
    }
    thresholds = [_threshold(t) for t in found.thresholds]
    return {**written, "thresholds": thresholds, "notes": list(found.notes)}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame as dictionaries; what has no value is ``None``."""
    plain = frame.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _tornado(found: OneWay) -> dict[str, Any]:
    return {
        "wtp": found.wtp,
        "interval": found.interval,
        "rows": records(found.to_frame()),
        "excluded": dict(found.excluded),
    }


def _threshold(found: Threshold) -> dict[str, Any]:
    return {
        "name": found.name,
        "low": found.low,
        "high": found.high,
        "base_value": found.base_value,
        "wtp": found.wtp,
        "verdict": found.verdict,
        "crossings": [{"value": c.value, "direction": c.direction} for c in found.crossings],
    }


def _information(found: EvppiRanking) -> list[dict[str, Any]]:
    return records(found.to_frame())


def _settling(found: Settling) -> dict[str, Any]:
    """Write the last running means, which are those over all draws."""
    followed = {"cost": found.cost, "qaly": found.qaly, "nmb": found.nmb, "icer": found.icer}
    return {
        name: None if run is None else {"mean": run.mean[-1], "se": run.se[-1]}
        for name, run in followed.items()
    }


def _increments(found: Incremental) -> dict[str, Any]:
    return {
        "levels": [
            {"wtp": level.wtp, "exceeds": level.exceeds.value, "exceeds_se": level.exceeds.se}
            for level in found.levels
        ],
        "quadrants": {
            area: {"share": share.value, "share_se": share.se}
            for area, share in found.quadrants.items()
        },
    }


def _loss(found: ExpectedLossCurves) -> dict[str, Any]:
    """Write the expected loss of each strategy at the limit, the middle of the curves."""
    middle = found.limits.size // 2
    return {
        "wtp": float(found.limits[middle]),
        "strategies": {
            name: {"loss": found.loss[i, middle], "loss_se": found.loss_se[i, middle]}
            for i, name in enumerate(found.strategies)
        },
    }


def _ranks(found: RankProbabilities) -> list[dict[str, Any]]:
    return records(found.to_frame())


def _price_path(found: ScenarioPath) -> dict[str, Any]:
    """Write where along the price factors each combination holds, and what ends it."""
    return {
        "wtp": found.wtp,
        "price": found.price,
        "break_even": found.break_even.value,
        "break_even_se": found.break_even.se,
        "stretches": [
            {"low": stretch.low, "high": stretch.high, "cell": stretch.reading.key}
            for stretch in found.stretches
        ],
        "switches": [
            {
                "factor": switch.factor,
                "factor_se": switch.se,
                "price": switch.price,
                "below": switch.below.key,
                "above": switch.above.key,
                "cause": switch.cause,
            }
            for switch in found.switches
        ],
    }
