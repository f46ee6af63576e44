"""The same models in heormodel, an MIT-licensed peer, each in the fastest form it offers.

A model there is a function of one draw and one strategy that returns matrices; the fastest
form reads the draw once as an array, computes with plain floats, and runs in worker processes.
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from math import expm1, log

import numpy as np
import pandas as pd
from heormodel.models import CohortSpec, MarkovModel, Outcomes
from heormodel.params import Beta, Fixed, Gamma, LogNormal, ParameterSet
from heormodel.run import run_psa
from numpy.typing import NDArray
from tests.models.sick_sicker import STRATEGIES

from benchmarks.models import BURDEN, LOSS, PACE

Floats = NDArray[np.float64]

VERSION = version("heormodel")
NAMES = {1: f"heormodel {VERSION}, 1 process", 2: f"heormodel {VERSION}, 2 processes"}

SICK_SICKER_PARAMETERS = ParameterSet(
    {
        "r_HD": Gamma(20, 1 / 10_000),
        "r_HS1": Gamma(30, 1 / 200),
        "r_S1H": Gamma(60, 1 / 120),
        "r_S1S2": Gamma(84, 1 / 800),
        "hr_S1": LogNormal(log(3), 0.01),
        "hr_S2": LogNormal(log(10), 0.02),
        "hr_S1S2_trtB": LogNormal(log(0.6), 0.02),
        "c_H": Gamma(100, 20),
        "c_S1": Gamma(177.8, 22.5),
        "c_S2": Gamma(225, 66.7),
        "c_trtA": Gamma(73.5, 163.3),
        "c_trtB": Gamma(86.2, 150.8),
        "u_H": Beta(200, 3),
        "u_S1": Beta(130, 45),
        "u_S2": Beta(230, 230),
        "u_trtA": Beta(300, 15),
    }
)

TEN_STATE_PARAMETERS = ParameterSet(
    {
        "progression": Gamma.from_mean_se(0.3, 0.03),
        "recovery": Gamma.from_mean_se(0.1, 0.02),
        "hr_death": LogNormal(log(1.8), 0.13),
        "hr_progression": LogNormal(log(0.7), 0.08),
        "cost": Gamma.from_mean_se(20_000, 2_000),
        "drug": Fixed(90_000.0),
        "utility": Beta.from_mean_se(0.85, 0.02),
    }
)


def sick_sicker() -> MarkovModel:
    """Four states, four strategies, half-cycle correction."""
    return MarkovModel(
        states=("H", "S1", "S2", "D"),
        interventions=STRATEGIES,
        transitions_and_rewards=_sick_sicker,
        n_cycles=75,
        discount_rate=0.03,
        cycle_correction="half_cycle",
    )


def ten_states(mortality: Floats) -> MarkovModel:
    """Nine stages and death; ``mortality`` (cycles,) of the population."""
    return MarkovModel(
        states=tuple(map(str, range(10))),
        interventions=("standard", "new"),
        transitions_and_rewards=partial(_ten_states, np.log1p(-mortality)),
        n_cycles=mortality.size,
        cycle_length=1 / 12,
        discount_rate=0.04,
        cycle_correction="half_cycle",
    )


def run(model: MarkovModel, draws: pd.DataFrame, *, processes: int) -> Outcomes:
    """Run over draws, in this process or in workers, which stay alive between runs."""
    alone = processes == 1
    return run_psa(model, draws, sequential=alone, n_jobs=processes, progress=False).outcomes


def _sick_sicker(params: pd.Series, strategy: str) -> CohortSpec:
    (
        r_hd, r_hs1, r_s1h, r_s1s2, hr_s1, hr_s2, hr_b,
        c_h, c_s1, c_s2, c_a, c_b, u_h, u_s1, u_s2, u_a,
    ) = params.to_numpy().tolist()  # fmt: skip
    a, b = strategy in ("Strategy A", "Strategy AB"), strategy in ("Strategy B", "Strategy AB")
    h_d, s1_d, s2_d = -expm1(-r_hd), -expm1(-r_hd * hr_s1), -expm1(-r_hd * hr_s2)
    h_s1 = (1 - h_d) * -expm1(-r_hs1)
    s1_h = (1 - s1_d) * -expm1(-r_s1h)
    s1_s2 = (1 - s1_d) * -expm1(-r_s1s2 * (hr_b if b else 1.0))
    drug = c_a * a + c_b * b
    transition = [
        [1 - h_d - h_s1, h_s1, 0.0, h_d],
        [s1_h, 1 - s1_d - s1_h - s1_s2, s1_s2, s1_d],
        [0.0, 0.0, 1 - s2_d, s2_d],
        [0.0, 0.0, 0.0, 1.0],
    ]
    cost = [c_h, c_s1 + drug, c_s2 + drug, 0.0]
    utility = [u_h, u_a if a else u_s1, u_s2, 0.0]
    return CohortSpec(np.array(transition), np.array(cost), np.array(utility))


def _ten_states(log_survival: Floats, params: pd.Series, strategy: str) -> CohortSpec:
    progression, recovery, hr_death, hr_progression, cost, drug, utility = (
        params.to_numpy().tolist()
    )
    new = strategy == "new"
    worse = -np.expm1(-progression * (hr_progression if new else 1.0) * PACE / 12)
    better = -np.expm1(-recovery / PACE / 12)
    constant = np.diag(worse, 1) + np.diag(better, -1)
    leave = constant.sum(axis=1)
    survives = np.exp(hr_death * log_survival)
    transition = np.zeros((log_survival.size, 10, 10))
    transition[:, :9, :9] = constant
    transition[:, range(9), range(9)] = survives[:, None] - leave
    transition[:, :9, 9] = 1.0 - survives[:, None]
    transition[:, 9, 9] = 1.0
    state_cost = np.append(cost * BURDEN + (drug if new else 0.0), 0.0)
    return CohortSpec(transition, state_cost / 12, np.append(utility - LOSS, 0.0) / 12)
