"""Times at which a curve's cumulative hazard reaches a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from prioritering.survival._inputs import Floats, picked, widened
from prioritering.survival._numeric import weekly

if TYPE_CHECKING:
    from prioritering.survival._evaluation import Evaluated

LONGEST_YEARS = 2.0**20
SHARED_TIMES = 3000
BLOCK = 250


def invert(curve: Evaluated, hazard: Floats) -> Floats:
    """Find the times at which the cumulative hazard of a curve reaches ``hazard``; inf if never.

    ``hazard`` has shape (n, 1) or (n, draws), the result (n, draws). Where every draw may
    have its own times at no extra cost, Newton's method to about 1e-13. Otherwise the curve
    is evaluated at times shared by all draws: weekly, with a constant hazard between, if it
    depends on its grid, and else at 3000 times, with cubics between, to about 1e-9.
    """
    goal = np.broadcast_to(hazard, np.broadcast_shapes(hazard.shape, (1, curve.n_draws)))
    if not (curve.needs_grid or curve.loops_over_draws):
        return _newton(curve, goal)
    parts = []
    for start in range(0, goal.shape[1], BLOCK):
        stop = min(start + BLOCK, goal.shape[1])
        parts.append(_from_shared_times(curve.chunk(start, stop), goal[:, start:stop]))
    return np.concatenate(parts, axis=1)


def _newton(curve: Evaluated, goal: Floats) -> Floats:
    """Newton steps kept inside a shrinking bracket, every third step a bisection."""
    low, high = _bracket(curve, goal)
    out = np.where(np.isinf(high), np.inf, 0.0)
    found = np.isinf(high) | (goal == 0)
    t = np.minimum(high, LONGEST_YEARS)
    for step in range(300):
        reached = curve._cumulative(t)
        low, high = np.where(reached < goal, t, low), np.where(reached < goal, high, t)
        new = 0.5 * (low + high)
        if step % 3 < 2 and curve.has_hazard:
            with np.errstate(all="ignore"):
                newton = t - (reached - goal) / curve._hazard(t)
            new = np.where((newton >= low) & (newton <= high), newton, new)
        done = ~found & ((np.abs(new - t) <= 1e-14 * t) | (high - low <= 1e-15 * high))
        out[done] = new[done]
        found |= done
        if found.all():
            break
        t = new
    return out


def _bracket(curve: Evaluated, goal: Floats) -> tuple[Floats, Floats]:
    low, high = np.zeros(goal.shape), np.ones(goal.shape)
    while True:
        short = curve._cumulative(high) < goal
        if not short.any():
            return low, high
        low = np.where(short, high, low)
        high = np.where(short, 2 * high, high)
        if high.max() > LONGEST_YEARS:
            return low, np.where(high > LONGEST_YEARS, np.inf, high)


def _from_shared_times(curve: Evaluated, goal: Floats) -> Floats:
    years, hazard = _shared_times(curve, goal)
    hazard = widened(hazard, goal.shape[1])
    columns = zip(hazard.T, goal.T, strict=True)
    stop = np.stack([np.searchsorted(h, g, side="left") for h, g in columns], axis=1)
    start = np.clip(stop - 1, 0, years.size - 2)
    width, low = years[start + 1] - years[start], picked(hazard, start)
    rise = picked(hazard, start + 1) - low
    ends = (width * slope for slope in _slopes(curve, years, start))
    time = years[start] + width * _share_of_cubic(goal - low, rise, *ends)
    return np.where(stop == 0, 0.0, np.where(stop == years.size, np.inf, time))


def _slopes(curve: Evaluated, years: Floats, start: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Hazard at the start and just before the end of the intervals at ``start``."""
    if curve.needs_grid:
        return np.full(start.shape, np.nan), np.full(start.shape, np.nan)
    before = years[1:] - 1e-7 * np.diff(years)
    with np.errstate(all="ignore"):
        first, last = (
            widened(curve._hazard(x[:, None]), start.shape[1]) for x in (years[:-1], before)
        )
    return picked(first, start), picked(last, start)


def _shared_times(curve: Evaluated, goal: Floats) -> tuple[Floats, Floats]:
    """Rising times that reach ``goal`` in every draw if any do, and the cumulative hazard."""
    last = 1.0
    while (curve._cumulative(np.array([[0.0], [last]]))[1] < goal.max(axis=0)).any():
        last += min(last, 5.0) if curve.needs_grid else last
        if last > (200.0 if curve.needs_grid else LONGEST_YEARS):
            break
    if curve.needs_grid:
        return weekly(curve, last)
    breaks = curve._breaks()
    inside = breaks[(breaks > 0) & (breaks < last)]
    spread = np.geomspace(1e-12 * last, last, SHARED_TIMES)
    years = np.unique(np.concatenate([[0.0], spread, inside]))
    return years, curve._cumulative(years[:, None])


def _share_of_cubic(goal: Floats, rise: Floats, first: Floats, last: Floats) -> Floats:
    """Where, from 0 to 1, the cubic from 0 to ``rise`` with slopes at its ends is ``goal``.

    Slopes above ``3 rise`` are lowered to it, which keeps the cubic rising (Fritsch and
    Carlson 1980); with NaN for slopes it is a straight line.
    """
    straight = np.isnan(first) | np.isinf(rise)
    a, b = (np.where(straight, rise, np.minimum(slope, 3 * rise)) for slope in (first, last))
    low, high = np.zeros(goal.shape), np.ones(goal.shape)
    for _ in range(54):
        s = 0.5 * (low + high)
        value = s * (a + s * (3 * rise - 2 * a - b + s * (a + b - 2 * rise)))
        low, high = np.where(value < goal, s, low), np.where(value < goal, high, s)
    return np.where(np.isinf(rise), 0.0, 0.5 * (low + high))
