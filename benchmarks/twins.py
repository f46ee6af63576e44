"""The timed models in plain NumPy: all draws at once, draws last and contiguous.

Each twin samples with NumPy alone, or takes draws, and returns the totals of ``QUANTITIES``,
each of shape (strategy, draw).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.models import BURDEN, LOSS, PACE

Floats = NDArray[np.float64]
Totals = dict[str, Floats]
Strategy = tuple[Floats, list[Any], list[Any]]

QUANTITIES = (
    "cost",
    "qaly",
    "life_years",
    "cost_undiscounted",
    "qaly_undiscounted",
    "life_years_undiscounted",
)


def years_per_boundary(n_cycles: int, cycle_years: float, rate: float) -> Floats:
    """Trapezoid weights of occupancy at each boundary, shape (2, cycles + 1): discounted or not."""
    plain = np.full(n_cycles + 1, cycle_years)
    plain[[0, -1]] /= 2
    return np.array([plain * (1 + rate) ** (-cycle_years * np.arange(n_cycles + 1)), plain])


def weighted(trace: Iterator[Floats], weights: Floats) -> Floats:
    """Years in each state, shape (2, state, draw), from occupancy (state, draw) by boundary."""
    first = next(trace)
    total = np.array([w * first for w in weights[:, 0]])
    part = np.empty_like(first)
    for occupancy, (discounted, plain) in zip(trace, weights[:, 1:].T, strict=True):
        total[0] += np.multiply(occupancy, discounted, out=part)
        total[1] += np.multiply(occupancy, plain, out=part)
    return total


def cohort(
    step: Callable[[int, Floats, Floats], None], start: Floats, weights: Floats
) -> Iterator[Floats]:
    """Occupancy at every boundary; ``step(i, now, after)`` fills the next in place."""
    now, after = start, np.empty_like(start)
    yield now
    for i in range(weights.shape[1] - 1):
        step(i, now, after)
        now, after = after, now
        yield now


def totals(by_strategy: list[Strategy]) -> Totals:
    """Totals from years in living states (2, state, draw), and their cost and utility."""
    rows: dict[str, list[Floats]] = {name: [] for name in QUANTITIES}
    for years, cost, utility in by_strategy:
        for d, suffix in enumerate(("", "_undiscounted")):
            rows["cost" + suffix].append(sum(c * y for c, y in zip(cost, years[d], strict=True)))
            rows["qaly" + suffix].append(sum(u * y for u, y in zip(utility, years[d], strict=True)))
            rows["life_years" + suffix].append(years[d].sum(axis=0))
    return {name: np.array(row) for name, row in rows.items()}


def _all_in_first(n_states: int, n_draws: int) -> Floats:
    start = np.zeros((n_states, n_draws))
    start[0] = 1.0
    return start


def sample_sick_sicker(n: int, seed: int) -> dict[str, Floats]:
    """The sixteen distributions of the published analysis."""
    rng = np.random.default_rng(seed)
    return {
        "r_HD": rng.gamma(20, 1 / 10_000, n),
        "r_HS1": rng.gamma(30, 1 / 200, n),
        "r_S1H": rng.gamma(60, 1 / 120, n),
        "r_S1S2": rng.gamma(84, 1 / 800, n),
        "hr_S1": rng.lognormal(np.log(3), 0.01, n),
        "hr_S2": rng.lognormal(np.log(10), 0.02, n),
        "hr_S1S2_trtB": rng.lognormal(np.log(0.6), 0.02, n),
        "c_H": rng.gamma(100, 20, n),
        "c_S1": rng.gamma(177.8, 22.5, n),
        "c_S2": rng.gamma(225, 66.7, n),
        "c_trtA": rng.gamma(73.5, 163.3, n),
        "c_trtB": rng.gamma(86.2, 150.8, n),
        "u_H": rng.beta(200, 3, n),
        "u_S1": rng.beta(130, 45, n),
        "u_S2": rng.beta(230, 230, n),
        "u_trtA": rng.beta(300, 15, n),
    }


def sick_sicker(p: Mapping[str, Floats], n_cycles: int = 75) -> Totals:
    """Four states, four strategies."""
    weights = years_per_boundary(n_cycles, 1.0, 0.03)
    with_treatments = ((False, False), (True, False), (False, True), (True, True))
    return totals([_sick_sicker(p, weights, a=a, b=b) for a, b in with_treatments])


def _sick_sicker(p: Mapping[str, Floats], weights: Floats, *, a: bool, b: bool) -> Strategy:
    h_d, s1_d, s2_d = (-np.expm1(-p["r_HD"] * hr) for hr in (1.0, p["hr_S1"], p["hr_S2"]))
    h_s1 = (1 - h_d) * -np.expm1(-p["r_HS1"])
    s1_h = (1 - s1_d) * -np.expm1(-p["r_S1H"])
    s1_s2 = (1 - s1_d) * -np.expm1(-p["r_S1S2"] * (p["hr_S1S2_trtB"] if b else 1.0))
    stay = 1 - h_d - h_s1, 1 - s1_d - s1_h - s1_s2, 1 - s2_d

    def step(_: int, m: Floats, new: Floats) -> None:
        new[0] = m[0] * stay[0] + m[1] * s1_h
        new[1] = m[1] * stay[1] + m[0] * h_s1
        new[2] = m[2] * stay[2] + m[1] * s1_s2

    years = weighted(cohort(step, _all_in_first(3, h_d.size), weights), weights)
    drug = p["c_trtA"] * a + p["c_trtB"] * b
    cost = [p["c_H"], p["c_S1"] + drug, p["c_S2"] + drug]
    return years, cost, [p["u_H"], p["u_trtA"] if a else p["u_S1"], p["u_S2"]]


def ten_states(p: Mapping[str, Floats], mortality: Floats) -> Totals:
    """Nine stages and death; ``mortality`` (cycles, 1) of the population."""
    survives = np.exp(p["hr_death"] * np.log1p(-mortality))
    return totals(
        [
            _ten_states(p, survives, effect, drug)
            for effect, drug in ((1.0, 0.0), (p["hr_progression"], p["drug"]))
        ]
    )


def _ten_states(
    p: Mapping[str, Floats], survives: Floats, effect: Floats | float, drug: Floats | float
) -> Strategy:
    length = 1 / 12
    weights = years_per_boundary(len(survives), length, 0.04)
    worse = -np.expm1(-length * p["progression"] * effect * PACE[:, None])
    better = -np.expm1(-length * p["recovery"] / PACE[:, None])
    leave = np.zeros((9, p["recovery"].size))
    leave[:-1] += worse
    leave[1:] += better
    part = np.empty_like(worse)

    def step(i: int, m: Floats, new: Floats) -> None:
        np.multiply(m, survives[i] - leave, out=new)
        new[1:] += np.multiply(m[:-1], worse, out=part)
        new[:-1] += np.multiply(m[1:], better, out=part)

    years = weighted(cohort(step, _all_in_first(9, leave.shape[1]), weights), weights)
    cost = [p["cost"] * burden + drug for burden in BURDEN]
    return years, cost, [p["utility"] - loss for loss in LOSS]


def partitioned(p: Mapping[str, Any], n_cycles: int, cycle_years: float) -> Totals:
    """Two Weibull curves per strategy."""
    weights = years_per_boundary(n_cycles, cycle_years, 0.04)
    with np.errstate(divide="ignore"):
        log_time = np.log(np.arange(n_cycles + 1) * cycle_years)[:, None]
    results = []
    for strategy, drug in (("standard", 0.0), ("new", p["drug"])):
        area = []
        for endpoint in ("pfs", "os"):
            log_shape, log_scale = p[f"{endpoint}_{strategy}"].values()
            survival = log_time - log_scale
            survival *= np.exp(log_shape)
            np.exp(survival, out=survival)
            np.negative(survival, out=survival)
            area.append(weights @ np.exp(survival, out=survival))
        years = np.stack([area[0], area[1] - area[0]], axis=1)
        cost = [p["care"] + drug, 1.5 * p["care"]]
        results.append((years, cost, [p["u_free"], p["u_progressed"]]))
    return totals(results)


def acceptability_and_evpi(
    cost: Floats, effect: Floats, limits: Floats
) -> tuple[Floats, Floats, Floats]:
    """Share of draws each strategy wins, its mean net benefit, and the EVPI, by limit."""
    share, mean = np.empty((2, len(cost), limits.size))
    perfect = np.empty(limits.size)
    for i, limit in enumerate(limits):
        benefit = limit * effect - cost
        best = benefit.max(axis=0)
        wins = benefit == best
        share[:, i] = (wins / wins.sum(axis=0)).mean(axis=1)
        mean[:, i] = benefit.mean(axis=1)
        perfect[i] = best.mean() - mean[:, i].max()
    return share, mean, perfect
