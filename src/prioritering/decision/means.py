"""Means over draws with their Monte Carlo error and interval, also where there is one draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import mean_se
from prioritering.decision.uncertainty.indices import INTERVAL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mean:
    """A mean over draws.

    Attributes
    ----------
    value
        The mean.
    se
        Its Monte Carlo standard error; ``None`` with one draw.
    low, high
        The middle 95 % of the draws; ``None`` with one draw.
    """

    value: float
    se: float | None
    low: float | None
    high: float | None


def mean(values: Floats) -> Mean:
    """Mean of values over draws, shape (draw,).

    Examples
    --------
    >>> mean(np.array([1.0, 3.0])).se, mean(np.array([2.0]))
    (1.0, Mean(value=2.0, se=None, low=None, high=None))
    """
    average = float(values.mean())
    if values.size < 2:
        return Mean(average, None, None, None)
    low, high = np.quantile(values, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return Mean(average, mean_se(values), float(low), float(high))


def yearly_means(values: Floats) -> tuple[Mean, ...]:
    """Mean of each year, from shape (draw, year)."""
    return tuple(mean(year) for year in np.ascontiguousarray(values.T))
