import matplotlib as mpl

mpl.use("Agg")

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prioritering.outcomes import Outcomes
from tests.reference import reference

FOLDER = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def chemo():
    """Results of the R package voi on its chemotherapy example."""
    return reference("voi_chemo")


@pytest.fixture(scope="session")
def chemo_table():
    """The 10 000 draws of the example, outcomes and parameters."""
    path = FOLDER / "voi_chemo_draws.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as text:
        names = text.readline().strip().split(",")
    return pd.DataFrame(np.loadtxt(path, delimiter=",", skiprows=1), columns=names)


@pytest.fixture(scope="session")
def chemo_run(chemo_table):
    cost, qaly = (chemo_table[[f"{x}_SoC", f"{x}_Novel"]].to_numpy().T for x in "ce")
    return Outcomes.from_arrays(
        ["SoC", "Novel"], cost=cost, qaly=qaly, provenance={"currency": "GBP"}
    )


@pytest.fixture(scope="session")
def chemo_draws(chemo_table):
    return chemo_table.iloc[:, 4:]


@pytest.fixture(scope="session")
def line():
    """Incremental net benefit 1 + 2 x + 3 y, x and y standard normal, at wtp 0."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 10_000))
    return (np.stack([0 * x, -(1 + 2 * x + 3 * y)]), np.zeros((2, 10_000))), {"x": x, "y": y}
