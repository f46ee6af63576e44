"""Plain NumPy twins of the kernels, written as a textbook would."""

import numpy as np
from scipy.linalg import expm


def cohort_trace(matrices: np.ndarray, initial: np.ndarray) -> np.ndarray:
    """Trace (cycles + 1, state) of one draw from transition matrices (cycles, state, state)."""
    trace = [initial]
    for matrix in matrices:
        trace.append(trace[-1] @ matrix)
    return np.array(trace)


def rate_matrices(rates: np.ndarray, cycle_years: float) -> np.ndarray:
    """Transition matrices from off-diagonal rates (cycles, state, state) by scipy's expm."""
    out = []
    for rate in rates:
        q = rate.copy()
        np.fill_diagonal(q, 0.0)
        np.fill_diagonal(q, -q.sum(axis=1))
        out.append(expm(q * cycle_years))
    return np.array(out)


def reward_total(trace: np.ndarray, rewards: np.ndarray, weights: np.ndarray) -> float:
    """Sum over cycles of rewards (cycles, state) on start and end occupancy."""
    start = (weights[:, 0, None] * trace[:-1] * rewards).sum()
    return float(start + (weights[:, 1, None] * trace[1:] * rewards).sum())
