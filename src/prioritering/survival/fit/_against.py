"""A fit against what is known: landmark survival, restricted means, the population's mortality."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from prioritering.errors import PrioriteringWarning
from prioritering.survival.curve import Curve
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit.result import Fit
from prioritering.survival.observed import SurvivalData, kaplan_meier

MONTH = 1 / 12
_PERCENTILES = (0.025, 0.975)


class Landmark(NamedTuple):
    """Survival of one fit at one time, with its 95 % interval and the Kaplan-Meier estimate.

    ``low`` and ``high`` are ``None`` for a fit that did not converge, ``observed`` beyond the
    follow-up.
    """

    arm: str
    family: str
    year: float
    survival: float
    low: float | None
    high: float | None
    observed: float | None


class Mean(NamedTuple):
    """Restricted mean of one fit in years, with its 95 % interval (``None``: not converged)."""

    arm: str
    family: str
    horizon: float
    mean: float
    low: float | None
    high: float | None


class BelowPopulation(NamedTuple):
    """Where a fit's hazard is below the population's, month by month.

    ``spans`` are the stretches of such months, in years from and to; ``share`` is their share
    of all months up to the horizon.
    """

    arm: str
    family: str
    spans: tuple[tuple[float, float], ...]
    share: float


def landmarks_of(
    fit: Fit, drawn: Curve | None, years: Floats, observed: list[float | None]
) -> list[Landmark]:
    """Survival at the years, with limits from the draws if there are any."""
    estimate = fit.curve(flatten=True).survival(years)[:, 0]
    limits: list[tuple[float | None, float | None]] = [(None, None)] * years.size
    if drawn is not None:
        low, high = np.quantile(drawn.survival(years), _PERCENTILES, axis=1)
        limits = list(zip(low.tolist(), high.tolist(), strict=True))
    return [
        Landmark(fit.arm, fit.family, float(year), float(s), a, b, seen)
        for year, s, (a, b), seen in zip(years, estimate, limits, observed, strict=True)
    ]


def observed_at(data: SurvivalData, years: Floats) -> list[float | None]:
    """Kaplan-Meier survival within the follow-up; none for interval-censored data."""
    if data.is_interval_censored:
        return [None] * years.size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        curve = kaplan_meier(data)
    return [
        float(curve.at([year]).survival[0]) if year <= curve.last_time else None for year in years
    ]


def mean_of(fit: Fit, drawn: Curve | None, horizon: float) -> Mean:
    """Restricted mean, with limits from the draws if there are any."""
    estimate = float(fit.curve(flatten=True).restricted_mean(horizon)[0])
    if drawn is None:
        return Mean(fit.arm, fit.family, horizon, estimate, None, None)
    low, high = np.quantile(drawn.restricted_mean(horizon), _PERCENTILES)
    return Mean(fit.arm, fit.family, horizon, estimate, float(low), float(high))


def below_population(fit: Fit, population: Curve, horizon: float) -> BelowPopulation:
    """Compare the hazard collected in each month."""
    months = np.arange(0, np.floor(horizon / MONTH + 1e-9) + 1) * MONTH
    own = np.diff(fit.curve(flatten=True).cumulative_hazard(months)[:, 0])
    least = np.diff(population.cumulative_hazard(months)[:, 0])
    lower = own < least
    turns = np.flatnonzero(np.diff(np.r_[False, lower, False].astype(int)))
    edges = months[turns].tolist()
    spans = tuple(zip(edges[::2], edges[1::2], strict=True))
    return BelowPopulation(fit.arm, fit.family, spans, float(lower.mean()))
