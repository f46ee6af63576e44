"""Partitioned survival: two Weibull curves per strategy, two strategies, coefficients per draw.

A value of a Weibull curve takes two exponentials, ``exp(-exp(shape * (log t - log scale)))``.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import models, twins
from benchmarks.kernel_calls import replay
from prioritering.models.engine import curves as engine
from prioritering.survival import _kernels as curve_kernels

SEED = 1
CASES = {
    "months": (
        models.MONTHLY,
        10_000,
        "Months: partitioned, 2 strategies, 240 cycles, 10 000 draws",
    ),
    "weeks": (models.WEEKLY, 1_000, "Weeks: partitioned, 2 strategies, 2 087 cycles, 1 000 draws"),
}


class Case:
    def __init__(self, grid, n, task):
        self.model, self.n, self.task = models.partitioned(*grid), n, task
        self.exponentials = 2 * 2 * 2 * (self.model.n_cycles + 1) * n

    def sampled(self):
        return models.PARTITIONED_PARAMETERS.sample(self.n, seed=SEED)

    def run(self, draws):
        return self.model.run(draws, discounting=models.FLAT_4)

    def twin(self, draws):
        return twins.partitioned(draws, self.model.n_cycles, self.model.cycle.years)


@pytest.fixture(params=CASES)
def case(request):
    return Case(*CASES[request.param])


def test_ours(timed, case):
    out = timed(
        case.task,
        "ours",
        lambda: case.run(case.sampled()),
        rounds=20,
        exponentials=case.exponentials,
    )
    assert out.n_draws == case.n


def test_exponentials(timed, case):
    draws = case.sampled()
    again = replay(curve_kernels, "fill_exp", lambda: case.run(draws))
    timed(case.task, "curve kernel", again, rounds=20, exponentials=case.exponentials)


def test_splitting(timed, case):
    draws = case.sampled()
    again = replay(engine, "run_partitioned", lambda: case.run(draws))
    timed(case.task, "splitting kernel", again, rounds=20)


def test_numpy(timed, case):
    out = timed(case.task, "numpy", lambda: case.twin(case.sampled()), rounds=10)
    assert out["cost"].shape == (2, case.n)


def test_ours_equals_numpy(case):
    draws = case.sampled()
    out, twin = case.run(draws), case.twin(draws)
    for quantity in twins.QUANTITIES:
        np.testing.assert_allclose(getattr(out, quantity), twin[quantity], rtol=1e-11)
