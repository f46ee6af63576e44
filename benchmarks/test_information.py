"""EVPPI by regression on 10 000 draws of a chemotherapy example, by two loops, and by peers."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tests
from heormodel.models import Outcomes as TheirOutcomes
from heormodel.voi import evppi as their_evppi

from benchmarks import models, peer
from prioritering.psa.information import evppi, nested_evppi

WTP = 20_000.0
GROUPS = {
    1: ["p_side_effects_t2"],
    2: ["p_side_effects_t1", "p_side_effects_t2"],
    4: ["p_hospitalised_total", "p_died", "lambda_home", "lambda_hosp"],
    10: [
        "p_side_effects_t1", "p_side_effects_t2", "c_home_care", "c_hospital", "c_death",
        "u_recovery", "u_home_care", "u_hospital", "p_died", "rate_longterm",
    ],
}  # fmt: skip
SCHEMES = {1: "1 parameter", 2: "2 parameters", 4: "4 parameters", 10: "10 parameters"}


def _table() -> pd.DataFrame:
    path = Path(tests.__file__).parent / "reference" / "voi_chemo_draws.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as text:
        names = text.readline().strip().split(",")
    return pd.DataFrame(np.loadtxt(path, delimiter=",", skiprows=1), columns=names)


TABLE = _table()
PAIR = tuple(TABLE[[f"{x}_SoC", f"{x}_Novel"]].to_numpy().T.copy() for x in "ce")
DRAWS = TABLE.iloc[:, 4:]


def task(n: int) -> str:
    return f"EVPPI with standard error: {SCHEMES[n]}, 10 000 draws"


def polynomial_evppi(names: list[str]) -> float:
    """Value by least squares on a full cubic in NumPy, without penalty or standard error."""
    x = DRAWS[names].to_numpy()
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    terms = np.ones((len(x), 1))
    for column in x.T:
        powers = column[:, None] ** np.arange(4)
        terms = (terms[:, :, None] * powers[:, None, :]).reshape(len(x), -1)
    cost, effect = PAIR
    benefit = WTP * (effect[1] - effect[0]) - (cost[1] - cost[0])
    fitted = terms @ np.linalg.lstsq(terms, benefit, rcond=None)[0]
    return float(np.maximum(fitted, 0).mean() - max(fitted.mean(), 0.0))


@pytest.mark.parametrize("n", GROUPS)
def test_ours(timed, n):
    names = GROUPS[n]
    found = timed(task(n), "ours", lambda: evppi(PAIR, DRAWS, parameters=names, wtp=WTP), rounds=5)
    if n <= 2:
        assert abs(float(found.value) - polynomial_evppi(names)) < found.se


@pytest.mark.parametrize("n", [1, 2])
def test_numpy(timed, n):
    timed(task(n), "numpy", lambda: polynomial_evppi(GROUPS[n]), rounds=5)


@pytest.mark.parametrize("n", GROUPS)
def test_peer(timed, n):
    names = ["SoC", "Novel"]
    frames = (pd.DataFrame(dict(zip(names, a, strict=True))) for a in PAIR)
    theirs = TheirOutcomes.from_wide(*frames)
    found = timed(
        task(n), peer.NAMES[1], lambda: their_evppi(theirs, DRAWS, GROUPS[n], WTP), rounds=3
    )
    mine = evppi(PAIR, DRAWS, parameters=GROUPS[n], wtp=WTP)
    assert abs(float(np.ravel(found)[0]) - float(mine.value)) < 4 * mine.se


def test_two_loops(timed):
    """Sick-Sicker, 1 000 outer draws of two parameters by 1 000 of the others."""
    model, params = models.sick_sicker(), models.SICK_SICKER_PARAMETERS
    names, wtp = ["u_trtA", "c_trtA"], 100_000.0

    def run():
        return nested_evppi(
            model, params=params, parameters=names, wtp=wtp, seed=1, discounting=models.FLAT_3
        )

    nested = timed("EVPPI by two loops: Sick-Sicker, 1 000 x 1 000", "ours", run, rounds=2)
    draws = params.sample(10_000, seed=1)
    other = evppi(model.run(draws, discounting=models.FLAT_3), draws, parameters=names, wtp=wtp)
    assert abs(float(nested.value - other.value)) < 3 * np.hypot(nested.se, other.se)
