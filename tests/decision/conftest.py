import numpy as np
import pytest

from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import PopulationQalys, absolute_shortfall


@pytest.fixture(scope="session")
def rules():
    return guideline("no", as_of="2026-11-01")


@pytest.fixture(scope="session")
def severity_of(rules):
    """Severity from shortfalls, one or one per draw."""
    thirty = PopulationQalys(value=30.0, age=61, source="a round number")

    def build(shortfall=5.0, rules=rules):
        return absolute_shortfall(
            30.0 - np.asarray(shortfall), age=61, rules=rules, population=thirty
        )

    return build


@pytest.fixture(scope="session")
def run():
    """Outcomes of shape (strategy, draw) from costs and QALYs."""

    def build(cost, qaly, strategies=("standard", "new")):
        cost, qaly = np.asarray(cost, dtype=float), np.asarray(qaly, dtype=float)
        return Outcomes.from_arrays(
            strategies,
            cost=cost,
            qaly=qaly,
            life_years=qaly,
            cost_undiscounted=cost,
            qaly_undiscounted=qaly,
            life_years_undiscounted=qaly,
        )

    return build


@pytest.fixture(scope="session")
def increments(run):
    """Two strategies whose difference is what is given; the reference costs and gains nothing."""

    def build(cost, qaly):
        cost, qaly = np.broadcast_arrays(np.asarray(cost, float), np.asarray(qaly, float))
        return run([0 * cost, cost], [0 * qaly, qaly])

    return build
