"""Acceptability, EVPI and expected loss at the sizes users and other packages measure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from heormodel.cea import ceac
from heormodel.models import Outcomes
from heormodel.voi import evpi as their_evpi

from benchmarks import models, peer, twins
from prioritering.psa import (
    acceptability,
    evpi,
    expected_loss,
    icer_error,
    incremental,
    rank_probabilities,
)

TASK = "Acceptability and EVPI: 4 strategies, 101 limits, 10 000 draws"
RUN = models.sick_sicker().run(
    models.SICK_SICKER_PARAMETERS.sample(10_000, seed=1), discounting=models.FLAT_3
)
PAIR = (RUN.cost, RUN.qaly)


def ours():
    return acceptability(PAIR, limits=models.LIMITS), evpi(PAIR, wtp=models.LIMITS)


def test_ours(timed):
    curves, perfect = timed(TASK, "ours", ours, rounds=20)
    share, mean, twin = twins.acceptability_and_evpi(*PAIR, models.LIMITS)
    np.testing.assert_allclose(curves.probability, share, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(curves.mean_nmb, mean, rtol=1e-10, atol=1e-6)
    np.testing.assert_allclose(perfect.value, twin, rtol=1e-8, atol=1e-6)


def test_numpy(timed):
    timed(TASK, "numpy", lambda: twins.acceptability_and_evpi(*PAIR, models.LIMITS), rounds=10)


def test_peer(timed):
    frames = (pd.DataFrame(dict(zip(RUN.strategies, a, strict=True))) for a in PAIR)
    theirs = Outcomes.from_wide(*frames)

    def both():
        return ceac(theirs, models.LIMITS), their_evpi(theirs, models.LIMITS)

    curves, perfect = timed(TASK, peer.NAMES[1], both, rounds=5)
    mine, own = ours()
    np.testing.assert_allclose(curves.to_numpy().T, mine.probability, atol=1e-12)
    np.testing.assert_allclose(perfect.to_numpy(), own.value, rtol=1e-8, atol=1e-6)


SIZES = {
    "2 strategies, 501 limits, 1 000 draws": (2, 501, 1000),
    "3 strategies, 150 limits, 10 000 draws": (3, 150, 10_000),
}
TASKS = {size: f"Acceptability, loss and EVPI: {size}" for size in SIZES}
MORE = "More on the draws: 4 strategies, 10 000 draws"
PARTS = {
    "expected loss, 101 limits": lambda: expected_loss(PAIR, limits=models.LIMITS),
    "ranks": lambda: rank_probabilities(PAIR, wtp=1e5),
    "increments": lambda: incremental(PAIR, levels=[5e4, 1e5], wtp=1e5, **AGAINST),
    "ICER error, 2 000 resamples": lambda: icer_error(PAIR, seed=1, **AGAINST),
}
AGAINST = {"reference": "strategy 1", "option": "strategy 2"}


@pytest.fixture(params=SIZES)
def size(request):
    return request.param


@pytest.fixture
def question(size):
    n_strategies, n_limits, n_draws = SIZES[size]
    rng, shape = np.random.default_rng(1), (n_strategies, n_draws)
    return rng.normal(1e5, 2e4, shape), rng.normal(8, 1, shape), np.linspace(0, 1e5, n_limits)


def test_curves_of_the_sizes_others_measure(timed, size, question):
    """Acceptability, frontier, expected losses and EVPI in one call."""
    cost, effect, limits = question
    curves = timed(
        TASKS[size], "ours", lambda: acceptability((cost, effect), limits=limits), rounds=20
    )
    share, _, perfect = twins.acceptability_and_evpi(*question)
    np.testing.assert_allclose(curves.probability, share, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(curves.loss.evpi, perfect, rtol=1e-8)


def test_curves_in_numpy(timed, size, question):
    timed(TASKS[size], "numpy", lambda: twins.acceptability_and_evpi(*question), rounds=5)


def test_more(timed):
    timed(MORE, "ours", lambda: [part() for part in PARTS.values()], rounds=5)


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_it(timed, part):
    timed(MORE, part, PARTS[part], rounds=5)
