"""Acceptability curves and EVPI of 10 000 draws and four strategies at 101 limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from heormodel.cea import ceac
from heormodel.models import Outcomes
from heormodel.voi import evpi as their_evpi

from benchmarks import models, peer, twins
from prioritering.psa import acceptability, evpi

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
