"""Numerical integration and differentiation of curves, and ways to evaluate them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from prioritering.survival._inputs import Floats

if TYPE_CHECKING:
    from prioritering.survival._evaluation import Evaluated

WEEK = 7 / 365.25
MANY_BREAKS = 64


def area_under(curve: Evaluated, horizon: float) -> Floats:
    """Area under survival from 0 to ``horizon``, shape (draws,)."""
    if curve.needs_grid:
        return _area_on_grid(curve, horizon)
    breaks = np.unique(curve._breaks())
    if breaks.size > MANY_BREAKS and curve.n_draws > MANY_BREAKS:
        starts = range(0, curve.n_draws, MANY_BREAKS)
        blocks = (curve.chunk(a, min(a + MANY_BREAKS, curve.n_draws)) for a in starts)
        return np.concatenate([area_under(block, horizon) for block in blocks])
    breaks = breaks[(breaks > 0) & (breaks < horizon)]
    edges = np.unique(np.concatenate([[0.0], horizon * 0.5 ** np.arange(8), breaks]))
    return integrate(lambda t: curve._survival(t[:, None]), edges, tolerance=1e-12 * horizon)


def integrate(function: Callable[[Floats], Floats], edges: Floats, *, tolerance: float) -> Floats:
    """Integral of ``function`` (times,) -> (times, draws) by bisecting Gauss-Legendre panels.

    A panel is accepted when its ten-point value and the sum over its halves differ by less
    than ``tolerance`` in every draw; the sum is what counts.
    """
    left, right = edges[:-1], edges[1:]
    coarse = _panels(function, left, right)
    total: Floats = np.zeros(coarse.shape[1])
    for _ in range(50):
        middle = 0.5 * (left + right)
        halves = _panels(function, np.r_[left, middle], np.r_[middle, right])
        fine = halves[: left.size] + halves[left.size :]
        settled = (np.abs(fine - coarse) <= tolerance).all(axis=1)
        for value in fine[settled]:
            total += value
        if settled.all():
            break
        again = np.r_[~settled, ~settled]
        left, right = np.r_[left, middle][again], np.r_[middle, right][again]
        coarse = halves[again]
    else:
        total += coarse.sum(axis=0)
    return total


def running_integral(function: Callable[[Floats], Floats], edges: Floats) -> Floats:
    """Integral of ``function`` from the first edge to each edge, shape (edges, draws).

    Six Gauss-Legendre points between neighbouring edges.
    """
    x, weights = np.polynomial.legendre.leggauss(6)
    half = 0.5 * np.diff(edges)
    nodes = (edges[:-1] + half)[:, None] + half[:, None] * x
    values = function(nodes.reshape(-1)).reshape(half.size, x.size, -1)
    out = np.zeros((edges.size, values.shape[2]))
    for k, weight in enumerate(weights):
        out[1:] += (weight * half)[:, None] * values[:, k]
    return np.cumsum(out, axis=0, out=out)


def right_derivative(function: Callable[[Floats], Floats], t: Floats) -> Floats:
    """Second-order difference to the right, with the step 1e-5 years."""
    step = 1e-5
    at, near, far = function(t), function(t + step), function(t + 2 * step)
    with np.errstate(invalid="ignore"):
        slope = (4 * near - 3 * at - far) / (2 * step)
    return np.where(np.isinf(far), np.inf, slope)


def hazard_since(curve: Evaluated, start: Floats, t: Floats) -> Floats:
    """Cumulative hazard gained between ``start`` (draws,) and ``t``, 0 before ``start``."""
    later = np.maximum(t, start)
    first = np.broadcast_to(start, (1, later.shape[1]))
    hazard = curve._cumulative(np.concatenate([first, later]))
    gained: Floats = hazard[1:]
    gained -= hazard[0]
    return gained


def on_grid(curve: Evaluated, points: Floats, years: Floats) -> Floats:
    """Cumulative hazard at rising ``points`` (k,), on the grid ``years`` if it needs one."""
    if not curve.needs_grid:
        return curve._cumulative(points[:, None])
    grid = np.union1d(points, years)
    return np.asarray(curve._cumulative(grid[:, None])[np.searchsorted(grid, points)])


def breaks_by_draw(curve: Evaluated) -> bool:
    """Tell whether draws have breaks of their own, so that panels cannot be shared."""
    return curve.n_draws > 1 and curve._breaks().size > curve.chunk(0, 1)._breaks().size


def each_draw(curve: Evaluated, t: Floats) -> Floats:
    """Cumulative hazard where every draw has its own times, one draw after another."""
    out = np.empty((t.shape[0], max(t.shape[1], curve.n_draws)))
    for d in range(out.shape[1]):
        own = t[:, d : d + 1] if t.shape[1] > 1 else t
        out[:, d : d + 1] = curve.chunk(d, d + 1)._cumulative(own)
    return out


def weekly(curve: Evaluated, years: float) -> tuple[Floats, Floats]:
    """Weeks up to ``years`` and the cumulative hazard at them."""
    weeks = np.arange(0.0, years, WEEK)
    grid = np.append(weeks[weeks < years * (1 - 1e-12)], years)
    return grid, curve._cumulative(grid[:, None])


def _panels(function: Callable[[Floats], Floats], left: Floats, right: Floats) -> Floats:
    """Ten-point Gauss-Legendre value of every panel, shape (panels, draws)."""
    x, weights = np.polynomial.legendre.leggauss(10)
    half = 0.5 * (right - left)
    nodes = (0.5 * (left + right))[:, None] + half[:, None] * x
    values = function(nodes.reshape(-1)).reshape(half.size, x.size, -1)
    return np.asarray(half[:, None] * np.einsum("k,pkd->pd", weights, values))


def _area_on_grid(curve: Evaluated, horizon: float) -> Floats:
    grid, hazard = weekly(curve, horizon)
    with np.errstate(invalid="ignore"):
        step = np.diff(hazard, axis=0)
    step[np.isnan(step)] = np.inf
    small = step < 1e-9
    mean = np.where(small, 1 - 0.5 * step, -np.expm1(-step) / np.where(small, 1.0, step))
    area: Floats = np.sum(np.exp(-hazard[:-1]) * mean * np.diff(grid)[:, None], axis=0)
    return area
