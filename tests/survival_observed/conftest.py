"""Reference data sets, and what R says of them."""

import numpy as np
import pytest

from prioritering.survival.observed import SurvivalData
from tests.reference import reference


@pytest.fixture(scope="session")
def r():
    return reference("observed_r_survival")


@pytest.fixture(scope="session")
def lung():
    """The lung data as ``kind`` is made in the reference file."""
    table = reference("observed_lung")
    time = np.array(table["time"], dtype=float)
    row = np.arange(time.size)
    sex = np.where(np.array(table["sex"]) == 1, "male", "female")
    kinds = {
        "lung": {},
        "lung_truncated": {"entry": np.floor(time * ((row % 5) / 10))},
        "lung_weighted": {"weight": 1 + row % 3},
    }

    def make(kind="lung"):
        more = kinds[kind]
        return SurvivalData.from_arrays(time, event=table["event"], group=sex, unit="days", **more)

    return make


@pytest.fixture(scope="session")
def ecog():
    """The lung data by ECOG score, those with a score of 0 to 2."""
    table = reference("observed_lung")
    kept = [i for i, score in enumerate(table["ecog"]) if score is not None and score < 3]
    time, event, score = (np.array(table[k])[kept] for k in ("time", "event", "ecog"))
    return SurvivalData.from_arrays(time, event=event, group=score, unit="days")


@pytest.fixture(scope="session")
def gbsg2():
    """GBSG-2 by endpoint, ``rfs`` or ``os``."""
    table = reference("observed_gbsg2")
    arm = np.where(np.array(table["tamoxifen"]) == 1, "tamoxifen", "control")

    def make(endpoint):
        return SurvivalData.from_arrays(
            table[f"{endpoint}_days"], event=table[f"{endpoint}_event"], group=arm, unit="days"
        )

    return make
