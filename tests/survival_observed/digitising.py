"""Digitised copies of Kaplan-Meier curves, and how far a rebuilt curve is from the original."""

import numpy as np

DECIMALS = 3


def corners(estimate):
    """Read where the curve falls and where it ends, to 3 decimals."""
    falls = estimate.events > 0
    times = np.append(estimate.times[falls], estimate.last_time)
    survival = np.append(estimate.survival[falls], estimate.survival[-1])
    return times.round(DECIMALS), survival.round(DECIMALS)


def along_the_line(estimate, n, *, rng=None, noise=0.0):
    """``n`` points evenly along the drawn line, 600 by 400 pixels, to 3 decimals.

    ``noise`` is the standard deviation of reading, as a share of each axis.
    """
    x = np.repeat(np.append(0.0, estimate.times), 2)[1:]
    y = np.repeat(np.append(1.0, estimate.survival), 2)[:-1]
    steps = 600 * np.abs(np.diff(x)) / x[-1] + 400 * np.abs(np.diff(y))
    length = np.append(0.0, np.cumsum(steps))
    at = np.linspace(0, length[-1], n)
    times, survival = np.interp(at, length, x), np.interp(at, length, y)
    if noise:
        times = np.maximum(times + noise * x[-1] * rng.normal(size=n), 0)
        survival = survival + noise * rng.normal(size=n)
    return times.round(DECIMALS), survival.round(DECIMALS)


def on_a_grid(estimate, n):
    """Survival at ``n`` evenly spaced times, to 3 decimals."""
    times = np.linspace(0, estimate.last_time, n).round(DECIMALS)
    step = np.searchsorted(estimate.times, times, side="right")
    return times, np.append(1.0, estimate.survival)[step].round(DECIMALS)


def distance(original, rebuilt, *, shift):
    """Largest difference in survival once steps may lie ``shift`` years to either side."""
    end = min(original.last_time, rebuilt.last_time)
    t = np.linspace(0, end, 5001)
    truth = _at(original, t)
    early, late = _at(rebuilt, np.maximum(t - shift, 0)), _at(rebuilt, t + shift)
    return float(np.maximum(truth - early, late - truth).max())


def _at(estimate, t):
    return np.append(1.0, estimate.survival)[np.searchsorted(estimate.times, t, side="right")]
