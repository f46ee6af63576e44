"""Compiled loops of the probabilistic analysis; imported on first use."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 512


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "nsz"})
def acceptability_kernel(
    cost: Floats,
    effect: Floats,
    limits: Floats,
    slack: Floats,
    gap: Floats,
    share: Floats,
    loss: Floats,
    loss_square: Floats,
) -> None:
    """Count wins and losses at every willingness to pay.

    Parameters
    ----------
    cost, effect
        Shape (strategy, draw), C-contiguous.
    limits
        Willingness to pay, shape (limit,).
    slack
        Net benefits this close are equal, shape (limit,).
    gap
        What to take from each strategy's loss before it is summed, shape (strategy, limit).
    share
        Out: sum over draws of each strategy's share of being best, shape (strategy, limit).
    loss, loss_square
        Out: sum over draws of the net benefit lost by taking each strategy, less ``gap``, and
        of its square, shape (strategy, limit).
    """
    n_strategies, n_draws = cost.shape
    nmb = np.empty((n_strategies, _BLOCK))
    top = np.empty(_BLOCK)
    part = np.empty(_BLOCK)
    for i in range(limits.size):
        for start in range(0, n_draws, _BLOCK):
            n = min(_BLOCK, n_draws - start)
            for j in range(n):
                top[j] = -np.inf
                part[j] = 0.0
            for s in range(n_strategies):
                for j in range(n):
                    value = limits[i] * effect[s, start + j] - cost[s, start + j]
                    nmb[s, j] = value
                    top[j] = max(top[j], value)
            for s in range(n_strategies):
                for j in range(n):
                    part[j] += 1.0 if nmb[s, j] >= top[j] - slack[i] else 0.0
            for j in range(n):
                part[j] = 1.0 / part[j]
            for s in range(n_strategies):
                won = 0.0
                lost = 0.0
                lost_square = 0.0
                for j in range(n):
                    won += part[j] if nmb[s, j] >= top[j] - slack[i] else 0.0
                    d = top[j] - nmb[s, j] - gap[s, i]
                    lost += d
                    lost_square += d * d
                share[s, i] += won
                loss[s, i] += lost
                loss_square[s, i] += lost_square
