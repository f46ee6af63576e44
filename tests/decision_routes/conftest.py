from dataclasses import dataclass

import numpy as np
import pytest

from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.severity import PopulationQalys, absolute_shortfall

N_DRAWS = 500


@pytest.fixture(scope="session")
def rules():
    return guideline("no", as_of="2026-11-01")


@dataclass(frozen=True)
class TinyModel:
    """Gain and cost straight from the draws: enough to be run like a model."""

    def run(self, draws, rules):
        zero = np.zeros(draws.n_draws)
        gain = draws["gain"]
        return Outcomes.from_arrays(
            ["standard", "new"],
            cost={"drug": [zero, draws["price"]], "care": [zero + 50_000, zero + 40_000]},
            qaly=[zero + 4, 4 + gain],
            qaly_undiscounted=[zero + 5, 5 + 1.2 * gain],
        )


@pytest.fixture(scope="session")
def model():
    return TinyModel()


@pytest.fixture(scope="session")
def draws():
    rng = np.random.default_rng(11)
    return Draws.from_arrays(
        {"gain": rng.normal(1.0, 0.2, N_DRAWS), "price": rng.gamma(100.0, 4_000.0, N_DRAWS)}
    )


@pytest.fixture(scope="session")
def outcomes(model, draws, rules):
    return model.run(draws, rules)


@pytest.fixture(scope="session")
def severity(outcomes, rules):
    forty = PopulationQalys(value=40.0, age=30, source="a round number")
    return absolute_shortfall(outcomes["standard"], age=30, rules=rules, population=forty)
