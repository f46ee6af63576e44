"""What a decision needs after the draws: frontier, price, severity class, scenario and budget."""

from __future__ import annotations

import numpy as np

from prioritering import Outcomes, YearlyOutcomes, absolute_shortfall, assess, guideline
from prioritering.cea import find_frontier
from prioritering.decision import Patients, budget_impact, price_analysis, scenario_by_price

RULES = guideline("no", as_of="2026-11-01")
PAIR = {"reference": "old", "option": "new"}
N = 10_000


def draws():
    rng = np.random.default_rng(1)
    drug, other = np.zeros((2, N)), rng.gamma(50, 2000, (2, N))
    drug[1] = rng.gamma(50, 8000, N)
    gain = np.array([rng.normal(6, 0.5, N), rng.normal(6.9, 0.6, N)])
    return Outcomes.from_arrays(
        ["old", "new"], cost={"drug": drug, "other": other}, qaly=gain, qaly_undiscounted=gain
    )


RUN = draws()
SEVERITY = absolute_shortfall(RUN["old"], age=61, rules=RULES)


def test_frontier(timed):
    task = "Frontier of 1 000 strategies"
    effect = np.random.default_rng(4).random(1000)
    found = timed(task, "ours", lambda: find_frontier(effect**2, effect=effect), rounds=20)
    assert len(found.members) == 1000


def test_price(timed):
    task = "Price at every limit, by draw: 10 000 draws"
    found = timed(
        task,
        "ours",
        lambda: price_analysis(
            RUN, **PAIR, category="drug", price=100_000, rules=RULES, severity=SEVERITY
        ),
        rounds=10,
    )
    gain = RUN.qaly[1] - RUN.qaly[0]
    other, drug = (RUN.cost_by_category[k, 1] - RUN.cost_by_category[k, 0] for k in (1, 0))
    own = (found.own.wtp * gain.mean() - other.mean()) / drug.mean() * 100_000
    np.testing.assert_allclose(found.own.price.value, own, rtol=1e-10)


def test_severity_and_scenario(timed):
    def both():
        severity = absolute_shortfall(RUN["old"], age=61, rules=RULES)
        return assess(RUN, severity, RULES, **PAIR)

    decision = timed("Severity class and scenario: 10 000 draws", "ours", both, rounds=10)
    assert decision.n_draws == N


def test_scenario_over_the_price(timed):
    task = "Scenario at 101 prices: 10 000 draws"
    path = timed(
        task,
        "ours",
        lambda: scenario_by_price(
            RUN, SEVERITY, RULES, **PAIR, category="drug", factors=np.linspace(0.2, 1.2, 101)
        ),
        rounds=3,
    )
    assert path.n_draws == N


def test_budget(timed):
    task = "Budget over five years: 10 000 draws"
    cost = RUN.cost_by_category[..., None] * np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    yearly = YearlyOutcomes.from_arrays(RUN.strategies, cost={"drug": cost[0], "other": cost[1]})
    patients = Patients(incidence=100, uptake=[0.2, 0.4, 0.6, 0.8, 0.8])
    found = timed(
        task,
        "ours",
        lambda: budget_impact(
            yearly,
            **PAIR,
            patients=patients,
            groups={"drug": "drug", "other": "service"},
            rules=RULES,
        ),
        rounds=10,
    )
    first = 20 * (cost[:, 1, :, 0] - cost[:, 0, :, 0]).sum(axis=0)
    np.testing.assert_allclose(found.amounts("net")[..., 0], first, rtol=1e-9)
