"""Sick-Sicker from 1 000 to 100 000 draws; peak memory is measured in ``fresh.py``."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import models

MODEL = models.sick_sicker()


def run(n):
    draws = models.SICK_SICKER_PARAMETERS.sample(n, seed=1)
    return MODEL.run(draws, discounting=models.FLAT_3)


@pytest.mark.parametrize("n", [1_000, 10_000, 100_000])
def test_time(timed, n):
    task = f"Growing Sick-Sicker: {n:,} draws".replace(",", " ")
    assert timed(task, "ours", lambda: run(n), rounds=8, draws=n).n_draws == n


def test_more_draws_leave_the_first_as_they_were():
    few, many = run(1_000), run(10_000)
    np.testing.assert_array_equal(many.qaly[:, :1_000], few.qaly)
    np.testing.assert_array_equal(many.cost[:, :1_000], few.cost)
