import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest

from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import PopulationQalys, absolute_shortfall


@pytest.fixture(scope="session")
def vaccine():
    """The vaccine example of BCEA: its draws and its results."""
    path = Path(__file__).parents[1] / "reference" / "bcea_vaccine.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def vaccine_run(vaccine):
    """The same draws as outcomes."""
    cost, qaly = np.array(vaccine["cost"]), np.array(vaccine["effect"])
    return Outcomes.from_arrays(
        vaccine["strategies"],
        cost=cost,
        qaly=qaly,
        life_years=qaly,
        cost_undiscounted=cost,
        qaly_undiscounted=qaly,
        life_years_undiscounted=qaly,
    )


@pytest.fixture(params=("en", "no"))
def language(request):
    return request.param


@pytest.fixture(scope="session")
def rules():
    return guideline("no", as_of="2026-11-01")


@pytest.fixture(scope="session")
def run():
    """Two strategies and 4 000 draws; the ICER is near 440 000, and severity goes with gain."""
    rng = np.random.default_rng(11)
    n = 4000
    qaly = rng.lognormal(np.log(6.8), 0.05, n)
    cost = rng.gamma(100, 4100, n)
    gain, extra = rng.normal(0.78, 0.28, n) - 0.1 * (qaly - 6.8), rng.gamma(30, 11500, n)
    qalys = np.array([qaly, qaly + gain])
    return Outcomes.from_arrays(
        ["standard", "new"],
        cost=[cost, cost + extra],
        qaly=qalys,
        qaly_undiscounted=1.4 * qalys,
    )


@pytest.fixture(scope="session")
def severity(run, rules):
    """Draws in classes 3 and 4."""
    population = PopulationQalys(21.8, age=61, source="a round number", assumptions=("made up",))
    return absolute_shortfall(run["standard"], age=61, rules=rules, population=population)


@pytest.fixture(scope="session")
def several():
    """Four strategies and 1 500 draws, in dollars."""
    rng = np.random.default_rng(12)
    n = 1500
    cost = np.array([[1.5e5], [2.6e5], [2.8e5], [3.8e5]]) + rng.normal(0, 2e4, (4, n))
    qaly = np.array([[20.7], [22.2], [21.5], [23.1]]) + rng.normal(0, 0.4, (4, n))
    names = ["SoC", "B", "A", "AB"]
    return Outcomes.from_arrays(names, cost=cost, qaly=qaly, provenance={"currency": "USD"})
