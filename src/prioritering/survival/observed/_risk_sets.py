"""Who is at risk when: the counts that every estimate without a model is made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import DataError
from prioritering.survival._inputs import Floats
from prioritering.survival.observed._checks import Bools
from prioritering.survival.observed.data import SurvivalData


class RiskSets(NamedTuple):
    """Weighted counts at each distinct time of follow-up, every array of shape (times,).

    A patient is at risk at ``t`` if ``entry < t <= time``; events come before censoring at
    the same time. ``last`` marks times at which everyone at risk has the event.
    """

    times: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    last: Bools


def risk_sets(data: SurvivalData, *, purpose: str) -> RiskSets:
    """Count events, censorings and patients at risk at each distinct time.

    Raises
    ------
    DataError
        Interval-censored rows, for which risk sets are not known.
    """
    require_exact_times(data, purpose)
    rows = data.weight > 0
    time, event, weight = data.time[rows], data.event[rows], data.weight[rows]
    times, place = np.unique(time, return_inverse=True)
    ones = np.ones(weight.size)
    with_event = _sums(ones * event, place, times.size)
    return RiskSets(
        times=times,
        at_risk=at_risk(times, time, data.entry[rows], weight),
        events=_sums(weight * event, place, times.size),
        censored=_sums(weight * ~event, place, times.size),
        last=at_risk(times, time, data.entry[rows], ones) == with_event,
    )


def at_risk(times: Floats, time: Floats, entry: Floats, weight: Floats) -> Floats:
    """Sum of weights with ``entry < t <= time`` for each of ``times``."""
    ones = np.ones(weight.size)
    somebody = _weight_from(times, time, ones) > _weight_from(times, entry, ones)
    total = _weight_from(times, time, weight) - _weight_from(times, entry, weight)
    return np.where(somebody, total, 0.0)


def require_exact_times(data: SurvivalData, purpose: str) -> None:
    """Refuse interval-censored rows."""
    if data.is_interval_censored:
        wrong = ~data.event & np.isfinite(data.upper_bounds)
        raise DataError(
            f"{purpose} needs event times that are known",
            expected="exact and right-censored times",
            found=f"{int(wrong.sum())} of {data.n} rows interval-censored, counted from 0",
            where={"row": int(np.argmax(wrong))},
            remedy="Fit a parametric curve, which takes intervals as they are.",
        )


def _sums(values: Floats, place: NDArray[np.intp], size: int) -> Floats:
    return np.bincount(place, weights=values, minlength=size).astype(np.float64)


def _weight_from(times: Floats, moments: Floats, weight: Floats) -> Floats:
    """Sum of the weights whose moment is at or after each of ``times``."""
    order = np.argsort(moments)
    total = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
    return total[np.searchsorted(moments[order], times, side="left")]
