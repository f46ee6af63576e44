"""What it is worth to choose by fitted means instead of by the overall mean."""

from __future__ import annotations

import numbers
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError
from prioritering.parameters.sampling import stream
from prioritering.psa.information.regression import Surface

Floats = NDArray[np.float64]

SIMULATIONS = 200
ROWS = 2500
"""Draws over which the noise of the regression is simulated, at most."""


class Worth(NamedTuple):
    """Values at each limit, with their errors; every array of shape (limit,)."""

    value: Floats
    se_regression: Floats
    se_monte_carlo: Floats
    bias: Floats

    @property
    def se(self) -> Floats:
        """Both errors together."""
        return np.hypot(self.se_regression, self.se_monte_carlo)


def worth(surface: Surface, limits: Floats, rng: np.random.Generator) -> Worth:
    """Value choosing by ``g(x) = E[NMB | x]``: ``E[max_s g_s] - max_s E[g_s]``.

    The regression's error is the spread of that value over :data:`SIMULATIONS` draws of the
    coefficients from their posterior (Strong, Oakley and Brennan 2014, Medical Decision Making
    34:311-326); how much higher their mean lies estimates the bias to first order: a maximum
    of noisy means is too high on average. The Monte Carlo error is that of
    the mean over draws, ``sd(gain) / sqrt(n)``.
    """
    rows = some_rows(surface.outputs.shape[1])
    deviations = surface.deviations(rows, SIMULATIONS, rng)
    found = [
        judge(surface.net_benefit(k), rows, surface.net_benefit(k, deviations))
        for k in limits.tolist()
    ]
    return gather(found)


def gather(found: list[tuple[float, float, float, float]]) -> Worth:
    """Values of several limits as arrays."""
    return Worth(*(np.array(column) for column in zip(*found, strict=True)))


def some_rows(n: int) -> slice:
    """Evenly spaced draws, :data:`ROWS` of them or fewer."""
    return slice(None, None, -(-n // ROWS))


def seeded(seed: int) -> np.random.Generator:
    """Random numbers of an analysis, a stream apart.

    Draws made with ``np.random.default_rng(seed)`` and the same seed must not meet their own
    random numbers again in a study's simulated data.

    Raises
    ------
    ResultError
        A seed that is no integer of 0 or more.
    """
    if not isinstance(seed, numbers.Integral) or isinstance(seed, bool) or seed < 0:
        raise ResultError(
            "the seed cannot start random numbers",
            expected="an integer of 0 or more",
            found=repr(seed),
        )
    return stream(int(seed), "value of information")


def gain(benefit: Floats) -> Floats:
    """Gain in each draw over the strategy best on average; the first strategy's benefit is 0.

    Parameters
    ----------
    benefit
        Net benefit against the first strategy, shape (strategy - 1, draw).
    """
    means = benefit.mean(axis=1)
    best = int(means.argmax())
    favoured = benefit[best] if means[best] > 0 else 0.0
    return np.asarray(np.maximum(benefit.max(axis=0), 0.0) - favoured)


def judge(benefit: Floats, rows: slice, noise: Floats) -> tuple[float, float, float, float]:
    """Value, its two errors and its bias at one limit.

    Parameters
    ----------
    benefit
        Net benefit against the first strategy, shape (strategy - 1, draw).
    rows, noise
        Draws at which noise is known, and what benefit may deviate by there, shape
        (strategy - 1, row, simulation).
    """
    gains = gain(benefit)
    simulated = value_of(benefit[:, rows, None] + noise)
    return (
        float(gains.mean()),
        float(simulated.std(ddof=1)),
        float(gains.std(ddof=1) / np.sqrt(gains.size)),
        float(simulated.mean() - value_of(benefit[:, rows])),
    )


def value_of(benefit: Floats) -> Floats:
    """Value of choosing by each column of shape (strategy - 1, draw, ...)."""
    most = np.maximum(benefit.max(axis=0), 0.0).mean(axis=0)
    return np.asarray(most - np.maximum(benefit.mean(axis=1).max(axis=0), 0.0))
