import json
from pathlib import Path

import numpy as np
import pytest

from prioritering.outcomes import Outcomes


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
