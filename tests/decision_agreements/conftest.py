import numpy as np
import pytest

from prioritering.conventions import Discounting
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import PopulationQalys, absolute_shortfall
from prioritering.yearly import YearlyOutcomes

N_DRAWS, N_YEARS = 400, 6
FOUR = Discounting.flat(0.04)
MID_YEAR = 1.04 ** -(np.arange(N_YEARS) + 0.5)


@pytest.fixture(scope="session")
def rules():
    return guideline("no", as_of="2026-11-01")


@pytest.fixture(scope="session")
def treated():
    """Share of those who started who are treated in each year, shape (draw, year)."""
    rate = np.random.default_rng(5).gamma(20.0, 0.02, N_DRAWS)
    return np.exp(-np.outer(rate, np.arange(N_YEARS)))


@pytest.fixture(scope="session")
def yearly(treated):
    """Undiscounted: the new drug at 300 000 a treated year, care a little cheaper with it."""
    drug, care = 300_000 * treated, 50_000 * treated
    return YearlyOutcomes.from_arrays(
        ["standard", "new"],
        cost={"drug": [0 * drug, drug], "care": [1.2 * care, care]},
        resource_use={"years treated": [0 * treated, treated]},
    )


@pytest.fixture(scope="session")
def outcomes(yearly, treated):
    """Totals of those years, discounted in mid-year at 4 %."""
    gain = 0.5 * treated.sum(axis=1)
    drug, care = yearly.cost_by_category
    return Outcomes.from_arrays(
        ["standard", "new"],
        cost={"drug": drug @ MID_YEAR, "care": care @ MID_YEAR},
        cost_undiscounted={"drug": drug.sum(axis=-1), "care": care.sum(axis=-1)},
        qaly=[0 * gain + 5, 5 + gain],
        qaly_undiscounted=[0 * gain + 6, 6 + gain],
    )


@pytest.fixture(scope="session")
def severity(rules):
    thirty = PopulationQalys(value=30.0, age=61, source="a round number")
    return absolute_shortfall(20.0, age=61, rules=rules, population=thirty)


@pytest.fixture(scope="session")
def applied(outcomes, yearly):
    """An agreement on the new drug, applied to everything there is."""

    def apply(agreement, patients=(100.0, 120.0, 80.0), yearly=yearly):
        return agreement.apply(
            outcomes, option="new", discounting=FOUR, yearly=yearly, patients=patients
        )

    return apply
