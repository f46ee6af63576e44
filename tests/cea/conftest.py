import json
from pathlib import Path

import numpy as np
import pytest

from prioritering.outcomes import Outcomes


@pytest.fixture
def published():
    """Published incremental analyses, each with its source."""
    path = Path(__file__).parents[1] / "reference" / "cea_tables.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def run():
    """Build outcomes from costs and QALYs, one value or one row of draws per strategy."""

    def build(cost, qaly, life_years=None, strategies=None):
        cost, qaly = _rows(cost), _rows(qaly)
        years = qaly if life_years is None else _rows(life_years)
        return Outcomes.from_arrays(
            strategies or [f"s{i}" for i in range(len(cost))],
            cost=cost,
            qaly=qaly,
            life_years=years,
            cost_undiscounted=cost,
            qaly_undiscounted=qaly,
            life_years_undiscounted=years,
        )

    return build


def _rows(values):
    array = np.asarray(values, dtype=float)
    return array[:, None] if array.ndim == 1 else array
