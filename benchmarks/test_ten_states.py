"""Ten states, 480 months, mortality by age times a hazard ratio per draw, two strategies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import models, peer, twins
from benchmarks.kernel_calls import replay
from prioritering.models.engine import cohort

TASK = "Ten states: 2 strategies, 480 cycles, 1 000 draws"
N, SEED = 1_000, 1
MODEL = models.ten_states()


@pytest.fixture(scope="module")
def mortality(rules):
    return MODEL.time(rules).mortality


def sampled(n=N):
    return models.TEN_STATE_PARAMETERS.sample(n, seed=SEED)


def run(draws, rules):
    return MODEL.run(draws, rules, discounting=models.FLAT_4)


def test_ours(timed, rules):
    assert timed(TASK, "ours", lambda: run(sampled(), rules), rounds=30).n_draws == N


def test_kernel(timed, rules):
    draws = sampled()
    again = replay(cohort, "run_markov", lambda: run(draws, rules))
    timed(TASK, "cohort kernel", again, rounds=30)


def test_numpy(timed, mortality):
    out = timed(TASK, "numpy", lambda: twins.ten_states(sampled(), mortality), rounds=15)
    assert out["cost"].shape == (2, N)


@pytest.mark.parametrize("processes", peer.NAMES)
def test_peer(timed, mortality, processes):
    model = peer.ten_states(mortality[:, 0])

    def from_sampling():
        draws = peer.TEN_STATE_PARAMETERS.sample(N, seed=SEED)
        return peer.run(model, draws, processes=processes)

    out = timed(TASK, peer.NAMES[processes], from_sampling, rounds=3)
    assert out.n_iterations == N


def test_ours_equals_numpy(rules, mortality):
    draws = sampled()
    out, twin = run(draws, rules), twins.ten_states(draws, mortality)
    for quantity in twins.QUANTITIES:
        np.testing.assert_allclose(getattr(out, quantity), twin[quantity], rtol=1e-11)


def test_ours_equals_peer(rules, mortality):
    draws = sampled(20)
    frame = pd.DataFrame({name: draws[name] for name in peer.TEN_STATE_PARAMETERS.names})
    out, theirs = run(draws, rules), peer.run(peer.ten_states(mortality[:, 0]), frame, processes=1)
    np.testing.assert_allclose(out.cost, theirs.costs_wide().to_numpy().T, rtol=1e-11)
    np.testing.assert_allclose(out.qaly, theirs.effects_wide().to_numpy().T, rtol=1e-11)
