"""Sick-Sicker: sixteen sampled parameters, 4 states, 4 strategies, 75 cycles, 10 000 draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import models, peer, twins
from benchmarks.kernel_calls import replay
from prioritering.models.engine import cohort

TASK = "Sick-Sicker: 4 strategies, 75 cycles, 10 000 draws"
N, SEED = 10_000, 1
MODEL = models.sick_sicker()


def sampled():
    return models.SICK_SICKER_PARAMETERS.sample(N, seed=SEED)


def run(draws):
    return MODEL.run(draws, discounting=models.FLAT_3)


def test_ours(timed):
    assert timed(TASK, "ours", lambda: run(sampled()), rounds=30).n_draws == N


def test_sampling(timed):
    assert timed(TASK, "sampling", sampled, rounds=30).n_draws == N


def test_kernel(timed):
    draws = sampled()
    timed(TASK, "cohort kernel", replay(cohort, "run_markov", lambda: run(draws)), rounds=30)


def test_numpy(timed):
    out = timed(
        TASK, "numpy", lambda: twins.sick_sicker(twins.sample_sick_sicker(N, SEED)), rounds=15
    )
    assert out["cost"].shape == (4, N)


@pytest.mark.parametrize("processes", peer.NAMES)
def test_peer(timed, processes):
    model = peer.sick_sicker()

    def from_sampling():
        draws = peer.SICK_SICKER_PARAMETERS.sample(N, seed=SEED)
        return peer.run(model, draws, processes=processes)

    out = timed(TASK, peer.NAMES[processes], from_sampling, rounds=3)
    assert out.n_iterations == N


def test_ours_equals_numpy():
    draws = sampled()
    out, twin = run(draws), twins.sick_sicker(draws)
    for quantity in twins.QUANTITIES:
        np.testing.assert_allclose(getattr(out, quantity), twin[quantity], rtol=1e-12)


def test_ours_equals_peer():
    draws = models.SICK_SICKER_PARAMETERS.sample(50, seed=SEED)
    frame = pd.DataFrame({name: draws[name] for name in peer.SICK_SICKER_PARAMETERS.names})
    out, theirs = run(draws), peer.run(peer.sick_sicker(), frame, processes=1)
    np.testing.assert_allclose(out.cost, theirs.costs_wide().to_numpy().T, rtol=1e-12)
    np.testing.assert_allclose(out.qaly, theirs.effects_wide().to_numpy().T, rtol=1e-12)
