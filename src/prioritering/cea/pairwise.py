"""One strategy against another: quadrant in words and the ratio where it has a meaning."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.cea.montecarlo import mean_se

Floats = NDArray[np.float64]
Unit = Literal["QALY", "life year"]
Quadrant = Literal[
    "north-east: more effect at more cost",
    "dominant: more effect at less cost",
    "dominant: more effect at the same cost",
    "dominated: less effect at more cost",
    "dominated: less effect at the same cost",
    "south-west: savings per QALY lost",
    "south-west: savings per life year lost",
    "no difference in effect: costs more",
    "no difference in effect: costs less",
    "no difference in effect or cost",
]

_QUADRANTS: dict[tuple[int, int], Quadrant] = {
    (1, 1): "north-east: more effect at more cost",
    (1, 0): "dominant: more effect at the same cost",
    (1, -1): "dominant: more effect at less cost",
    (0, 1): "no difference in effect: costs more",
    (0, 0): "no difference in effect or cost",
    (0, -1): "no difference in effect: costs less",
    (-1, 1): "dominated: less effect at more cost",
    (-1, 0): "dominated: less effect at the same cost",
}
_SOUTH_WEST: dict[Unit, Quadrant] = {
    "QALY": "south-west: savings per QALY lost",
    "life year": "south-west: savings per life year lost",
}


@dataclass(frozen=True)
class Ratio:
    """A ratio of mean increments: its quadrant, and its value where it has one.

    Attributes
    ----------
    status
        The quadrant in words.
    value
        Cost per unit of effect gained (north-east) or saved per unit lost (south-west);
        ``None`` in every other quadrant, and where the effect is too small to divide by.
    se
        Monte Carlo standard error of ``value``; ``None`` without a value or with one draw.
    """

    status: Quadrant
    value: float | None
    se: float | None


@dataclass(frozen=True)
class PairwiseRow:
    """One strategy against the reference; means over draws, per patient.

    Every ``*_se`` is a Monte Carlo standard error, ``None`` with one draw. ``status`` and
    ``icer`` are about QALYs, ``life_year_status`` and ``cost_per_life_year`` about life years
    (discounted like the costs), ``None`` in a run without them. The net benefits are ``None``
    without willingness to pay.
    """

    strategy: str
    reference: str
    incremental_cost: float
    incremental_cost_se: float | None
    incremental_qaly: float
    incremental_qaly_se: float | None
    incremental_life_years: float | None
    incremental_life_years_se: float | None
    status: Quadrant
    icer: float | None
    icer_se: float | None
    life_year_status: Quadrant | None
    cost_per_life_year: float | None
    cost_per_life_year_se: float | None
    incremental_nmb: float | None
    incremental_nmb_se: float | None
    incremental_nhb: float | None
    incremental_nhb_se: float | None


def ratio(
    mean_cost: float, mean_effect: float, *, cost: Floats, effect: Floats, unit: Unit = "QALY"
) -> Ratio:
    """Ratio of two mean increments with its delta-method Monte Carlo error.

    With ``R = C / E`` of the means, ``se = sd(c_k - R e_k) / (sqrt(n) |E|)`` over draws
    ``k``, which keeps the correlation of cost and effect.

    Parameters
    ----------
    mean_cost, mean_effect
        Mean increments; exactly zero means no difference.
    cost, effect
        Increments by draw, shape (draw,).
    unit
        What the effect is counted in, for the words.

    Examples
    --------
    >>> import numpy as np
    >>> ratio(-2.0, -1.0, cost=np.array([-2.0]), effect=np.array([-1.0]))
    Ratio(status='south-west: savings per QALY lost', value=2.0, se=None)
    """
    status = quadrant(mean_cost, mean_effect, unit=unit)
    if not status.startswith(("north-east", "south-west")):
        return Ratio(status, None, None)
    value, error = mean_cost / mean_effect, None
    if cost.size > 1:
        with np.errstate(over="ignore", invalid="ignore"):
            error = mean_se((cost - value * effect) / mean_effect)
    if not math.isfinite(value) or not math.isfinite(error or 0.0):
        return Ratio(status, None, None)
    return Ratio(status, value, error)


def quadrant(mean_cost: float, mean_effect: float, *, unit: Unit = "QALY") -> Quadrant:
    """Name the quadrant of the cost-effectiveness plane in words."""
    signs = _sign(mean_effect), _sign(mean_cost)
    return _SOUTH_WEST[unit] if signs == (-1, -1) else _QUADRANTS[signs]


def _sign(x: float) -> int:
    return (x > 0) - (x < 0)
