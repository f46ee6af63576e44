"""Newton's method for a log-likelihood whose gradient and Hessian are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from prioritering.survival.fit._jets import Floats

Objective = Callable[[Floats], tuple[float, Floats, Floats]]
MAX_STEPS = 100
STALL = 6
"""Steps that together must gain ``LEAST_GAIN``, else the search has stalled on a flat surface."""
LEAST_GAIN = 1e-6
SMALL = 1e-10
"""Newton decrement (twice the gain still expected) at which the search ends."""
LEAST_CURVATURE = 1e-11
"""Smallest eigenvalue of the information, scaled to a unit diagonal, that counts as above 0."""


@dataclass(frozen=True)
class Optimum:
    """Where a search ended.

    Attributes
    ----------
    at, value, gradient, information
        Parameters, log-likelihood, its gradient and minus its Hessian.
    decrement
        ``g' I**-1 g``: twice the gain that a quadratic would still allow.
    regular
        Whether the information is positive definite.
    steps
        Newton steps taken.
    drift
        The next Newton step: where the parameters would go on a flat surface.
    """

    at: Floats
    value: float
    gradient: Floats
    information: Floats
    decrement: float
    regular: bool
    steps: int
    drift: Floats

    @property
    def settled(self) -> bool:
        """Whether the search reached a proper maximum."""
        return self.regular and bool(np.isfinite(self.value)) and self.decrement < SMALL


def maximise(objective: Objective, start: Floats) -> Optimum | None:
    """Climb from ``start`` by Newton steps, shortened until the value rises.

    Where the Hessian is not negative definite its eigenvalues count by size, so that the step
    still climbs. Returns None if the log-likelihood is not finite at ``start``.
    """
    at, (value, gradient, hessian) = start, objective(start)
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        return None
    values = [-np.inf] * STALL
    for taken in range(MAX_STEPS + 1):
        step, decrement, regular = _step(gradient, -hessian)
        found = _search(objective, at, value, step, decrement)
        done = found is None or (regular and decrement < SMALL)
        stalled = value - values[-STALL] < LEAST_GAIN and decrement >= SMALL
        values.append(value)
        if found is not None and not (stalled or taken == MAX_STEPS):
            at, (value, gradient, hessian) = found
        if done or stalled:
            break
    step, decrement, regular = _step(gradient, -hessian)
    return Optimum(at, value, gradient, -hessian, decrement, regular, taken, step)


def _step(gradient: Floats, information: Floats) -> tuple[Floats, float, bool]:
    """Step, decrement, and whether the information is positive definite."""
    if not np.isfinite(information).all():
        return gradient / max(1.0, float(np.abs(gradient).max())), np.inf, False
    diagonal = np.abs(np.diag(information))
    scale = 1 / np.sqrt(np.where(diagonal > 1e-300, diagonal, 1.0))
    values, vectors = np.linalg.eigh(information * scale * scale[:, None])
    least = 1e-9 * np.abs(values).max()
    along = vectors.T @ (gradient * scale)
    step = scale * (vectors @ (along / np.maximum(np.abs(values), max(least, 1e-300))))
    return step, float(gradient @ step), bool(values[0] > LEAST_CURVATURE)


def _search(
    objective: Objective, at: Floats, value: float, step: Floats, decrement: float
) -> tuple[Floats, tuple[float, Floats, Floats]] | None:
    """Halve the step until the value rises enough (Armijo), allowing for rounding."""
    slack = 1e-13 * abs(value)
    length = 1.0
    for _ in range(40):
        to = at + length * step
        found = objective(to)
        gain = found[0] - value
        finite = np.isfinite(gain) and np.isfinite(found[1]).all()
        if finite and gain >= 1e-4 * length * min(decrement, 1e300) - slack:
            return to, found
        length *= 0.5 if length > 0.1 else 0.2
    return None
