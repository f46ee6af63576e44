"""Patients of the reference fits, and small made-up ones."""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np

from prioritering.survival.observed import SurvivalData

REFERENCE = Path(__file__).parent.parent / "reference"


def reference(name):
    return json.loads((REFERENCE / name).read_text())


def rows(name):
    lines = (REFERENCE / name).read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@cache
def lung():
    """Time in days on purpose: the reference is. Sex is coded 1 and 2 as in R."""
    table = rows("fit_lung.csv")
    time = np.array([float(r["days"]) for r in table])
    return SurvivalData(
        time=time,
        event=np.array([r["died"] == "1" for r in table]),
        upper=None,
        entry=np.zeros(time.size),
        weight=np.ones(time.size),
        group=None,
        covariates={
            "age": np.array([float(r["age"]) for r in table]),
            "sex": np.array([float(r["female"]) + 1 for r in table]),
        },
    )


@cache
def gbsg2(endpoint):
    table = rows("fit_gbsg2.csv")
    days, happened = {"rfs": ("relapse_days", "relapsed"), "os": ("death_days", "died")}[endpoint]
    return SurvivalData.from_arrays(
        [float(r[days]) for r in table],
        event=[int(r[happened]) for r in table],
        group=["tamoxifen" if r["tamoxifen"] == "1" else "control" for r in table],
        unit="days",
    )


def simulated(curve, *, n, seed, follow_up=(1.0, 8.0), **more):
    """Patients whose event times follow a curve, censored uniformly over ``follow_up``."""
    rng = np.random.default_rng(seed)
    time, censored = curve.random(n, rng)[:, 0], rng.uniform(*follow_up, n)
    return SurvivalData.from_arrays(np.minimum(time, censored), event=time <= censored, **more)
