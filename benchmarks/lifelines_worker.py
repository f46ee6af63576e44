"""Fits in lifelines 0.30.3, which needs an older pandas: run in an environment of its own.

``python lifelines_worker.py patients.json`` reads lines on standard input: the name of a task,
upon which it does the task once and answers with the number of fits and of failures.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import lifelines
import numpy as np
from numpy.typing import NDArray

FAMILIES = (
    "ExponentialFitter",
    "WeibullFitter",
    "LogNormalFitter",
    "LogLogisticFitter",
    "GeneralizedGammaFitter",
)
Patients = dict[str, NDArray[np.float64]]


def five_families(patients: Patients) -> list[Callable[[], object]]:
    """Fits of the families lifelines has, covariance included."""
    fitters = [getattr(lifelines, name) for name in FAMILIES]
    return [lambda f=f: f().fit(patients["time"], patients["event"]) for f in fitters]


def spline(patients: Patients) -> list[Callable[[], object]]:
    """One spline with two inner knots, on the scale of the cumulative hazard."""
    events = patients["time"][patients["event"] == 1]
    knots = np.exp(np.quantile(np.log(events), [0, 1 / 3, 2 / 3, 1]))
    fitter = lifelines.SplineFitter
    return [lambda: fitter(knots).fit(patients["time"], patients["event"])]


def main(path: str) -> None:
    """Answer until the input ends."""
    sets = json.loads(Path(path).read_text(encoding="utf-8"))
    patients = [{k: np.array(v, dtype=float) for k, v in one.items()} for one in sets]
    tasks = {
        "families": lambda: five_families(patients[0]),
        "spline": lambda: spline(patients[0]),
        "many splines": lambda: [fit for one in patients[1:] for fit in spline(one)],
    }
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        fits = tasks[line.strip()]()
        failed = sum(not _succeeds(fit) for fit in fits)
        print(json.dumps({"fits": len(fits), "failed": failed}), flush=True)


def _succeeds(fit: Callable[[], object]) -> bool:
    try:
        fit()
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:200], file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])
