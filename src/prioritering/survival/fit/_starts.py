"""Where to start the search: a rough non-parametric curve, and straight lines through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prioritering.survival.fit._jets import Floats

LEAST_SLOPE = 0.05


@dataclass(frozen=True, eq=False)
class Sketch:
    """Nelson-Aalen cumulative hazard at event times, taken midway through each step.

    Attributes
    ----------
    x
        Log times of events, rising, shape (events,); midpoints of intervals count as events.
    hazard
        Cumulative hazard there.
    weight
        Weights of the events.
    """

    x: Floats
    hazard: Floats
    weight: Floats

    @property
    def survival(self) -> Floats:
        """Survival at the event times."""
        return np.exp(-self.hazard)

    @property
    def log_rate(self) -> float:
        """Log of an average hazard."""
        return float(np.average(np.log(self.hazard) - self.x, weights=self.weight))

    def uncured(self, cured: float) -> Sketch:
        """Sketch of those who are not cured, if a share ``cured`` of all is."""
        survival = np.clip((self.survival - cured) / (1 - cured), 0.01, None)
        return Sketch(self.x, np.maximum(-np.log(survival), 1e-6), self.weight)

    def transformed(self, scale: str) -> Floats:
        """Log cumulative hazard, log odds of the event or probit of it."""
        from scipy.special import ndtri

        if scale == "hazard":
            return np.log(self.hazard)
        if scale == "odds":
            log_event = np.log(-np.expm1(-self.hazard))
            return np.asarray(log_event + self.hazard)
        return np.asarray(-ndtri(self.survival))

    def line(self, scale: str) -> tuple[float, float]:
        """Intercept and slope on log time of the straight line nearest to the curve."""
        y = self.transformed(scale)
        mean_x, mean_y = (np.average(v, weights=self.weight) for v in (self.x, y))
        spread = self.weight @ (self.x - mean_x) ** 2
        slope = 1.0
        if spread > 0:
            slope = max(
                float(self.weight @ ((self.x - mean_x) * (y - mean_y)) / spread), LEAST_SLOPE
            )
        return float(mean_y - slope * mean_x), slope


def sketch(time: Floats, event: NDArray[np.bool_], entry: Floats, weight: Floats) -> Sketch:
    """Make the sketch from times, events (bool), entry times and weights, all of shape (n,)."""
    order = np.argsort(time)
    t, w = time[order], weight[order]
    leaving = np.cumsum(w[::-1])[::-1]
    first = np.searchsorted(t, t, side="left")
    at_risk = leaving[first]
    if entry.any():
        by_entry = np.argsort(entry)
        later = np.append(np.cumsum(weight[by_entry][::-1])[::-1], 0.0)
        at_risk = at_risk - later[np.searchsorted(entry[by_entry], t, side="left")]
    happened = event[order] & (w > 0)
    step = w[happened] / np.maximum(at_risk[happened], w[happened])
    return Sketch(np.log(t[happened]), np.cumsum(step) - 0.5 * step, w[happened])
