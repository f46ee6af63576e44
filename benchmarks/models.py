"""The models that are timed, written as a user would, with the distributions they draw from."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

import numpy as np
from tests.models.sick_sicker import model as sick_sicker

import prioritering as pr
from prioritering.survival import weibull

__all__ = [
    "FLAT_3",
    "FLAT_4",
    "LIMITS",
    "MONTHLY",
    "PARTITIONED_PARAMETERS",
    "SICK_SICKER_PARAMETERS",
    "TEN_STATE_PARAMETERS",
    "WEEKLY",
    "partitioned",
    "sick_sicker",
    "ten_states",
]

FLAT_3, FLAT_4 = pr.Discounting.flat(0.03), pr.Discounting.flat(0.04)
LIMITS = np.linspace(0.0, 200_000.0, 101)

# Alarid-Escudero et al. (2023), Medical Decision Making 43(1):3-20, probabilistic analysis.
SICK_SICKER_PARAMETERS = pr.Parameters(
    r_HD=pr.gamma(shape=20, scale=1 / 10_000),
    r_HS1=pr.gamma(shape=30, scale=1 / 200),
    r_S1H=pr.gamma(shape=60, scale=1 / 120),
    r_S1S2=pr.gamma(shape=84, scale=1 / 800),
    hr_S1=pr.lognormal(meanlog=log(3), sdlog=0.01),
    hr_S2=pr.lognormal(meanlog=log(10), sdlog=0.02),
    hr_S1S2_trtB=pr.lognormal(meanlog=log(0.6), sdlog=0.02),
    c_H=pr.gamma(shape=100, scale=20),
    c_S1=pr.gamma(shape=177.8, scale=22.5),
    c_S2=pr.gamma(shape=225, scale=66.7),
    c_trtA=pr.gamma(shape=73.5, scale=163.3),
    c_trtB=pr.gamma(shape=86.2, scale=150.8),
    u_H=pr.beta(a=200, b=3),
    u_S1=pr.beta(a=130, b=45),
    u_S2=pr.beta(a=230, b=230),
    u_trtA=pr.beta(a=300, b=15),
    c_D=0.0,
    u_D=0.0,
)

# An invented disease of nine stages: every number below is an assumption made for timing.
STAGES = tuple(f"stage {k}" for k in range(1, 10))
PACE = np.linspace(0.8, 1.5, 8)
BURDEN = np.linspace(1.0, 5.0, 9)
LOSS = np.linspace(0.0, 0.4, 9)

TEN_STATE_PARAMETERS = pr.Parameters(
    progression=pr.gamma(mean=0.3, se=0.03),
    recovery=pr.gamma(mean=0.1, se=0.02),
    hr_death=pr.lognormal(meanlog=log(1.8), sdlog=0.13),
    hr_progression=pr.lognormal(meanlog=log(0.7), sdlog=0.08),
    cost=pr.gamma(mean=20_000, se=2_000),
    drug=pr.fixed(90_000),
    utility=pr.beta(mean=0.85, se=0.02),
)


def ten_states() -> pr.MarkovModel:
    """Nine stages and death over 480 months; population mortality times a ratio per draw."""

    def transitions(p: Any, strategy: str, t: Any) -> Mapping[tuple[str, str], object]:
        effect = p.hr_progression if strategy == "new" else 1.0
        dies = pr.apply_hazard_ratio(t.mortality, p.hr_death)
        moves = dict.fromkeys(((stage, "dead") for stage in STAGES), dies)
        for k, pace in enumerate(PACE):
            worse = pr.rate_to_prob(p.progression * effect * pace, t.cycle_length)
            moves[STAGES[k], STAGES[k + 1]] = worse
            moves[STAGES[k + 1], STAGES[k]] = pr.rate_to_prob(p.recovery / pace, t.cycle_length)
        return moves

    def costs(p: Any, strategy: str, t: Any) -> Mapping[str, object]:
        care = {s: p.cost * b for s, b in zip(STAGES, BURDEN, strict=True)}
        return {"care": care, "drug": dict.fromkeys(STAGES, p.drug if strategy == "new" else 0.0)}

    def utilities(p: Any, strategy: str, t: Any) -> Mapping[str, object]:
        return {s: p.utility - loss for s, loss in zip(STAGES, LOSS, strict=True)}

    return pr.MarkovModel(
        states=(*STAGES, "dead"),
        strategies=("standard", "new"),
        cycle=pr.months(1),
        horizon=pr.months(480),
        age=60,
        transitions=transitions,
        costs=costs,
        utilities=utilities,
    )


def _fit(shape: float, scale: float) -> pr.Parameter:
    covariance = [[0.0004, 0.0001], [0.0001, 0.0025]]
    return pr.multivariate_normal(
        {"log_shape": log(shape), "log_scale": log(scale)}, covariance=covariance
    )


PARTITIONED_PARAMETERS = pr.Parameters(
    pfs_standard=_fit(1.1, 1.5),
    pfs_new=_fit(1.1, 2.2),
    os_standard=_fit(1.15, 4.0),
    os_new=_fit(1.15, 5.5),
    drug=pr.gamma(mean=300_000, se=20_000),
    care=pr.gamma(mean=120_000, se=15_000),
    u_free=pr.beta(mean=0.8, se=0.02),
    u_progressed=pr.beta(mean=0.6, se=0.04),
)

MONTHLY = (pr.months(1), pr.months(240))
WEEKLY = (pr.weeks(1), pr.weeks(2087))


def partitioned(cycle: pr.Duration, horizon: pr.Duration) -> pr.PartitionedModel:
    """Progression-free and overall survival, each a Weibull curve with coefficients per draw."""

    def curves(p: Any, strategy: str, t: Any) -> Mapping[str, Any]:
        fits = {"progression-free": p[f"pfs_{strategy}"], "alive": p[f"os_{strategy}"]}
        return {
            name: weibull(shape=np.exp(fit.log_shape), scale=np.exp(fit.log_scale))
            for name, fit in fits.items()
        }

    def costs(p: Any, strategy: str, t: Any) -> Mapping[str, object]:
        care = {"progression-free": p.care, "progressed": 1.5 * p.care}
        drug = {"progression-free": p.drug if strategy == "new" else 0.0}
        return {"care": care, "drug": drug}

    def utilities(p: Any, strategy: str, t: Any) -> Mapping[str, object]:
        return {"progression-free": p.u_free, "progressed": p.u_progressed}

    return pr.PartitionedModel(
        states=("progression-free", "progressed", "dead"),
        endpoints=("progression-free", "alive"),
        strategies=("standard", "new"),
        cycle=cycle,
        horizon=horizon,
        curves=curves,
        costs=costs,
        utilities=utilities,
    )
