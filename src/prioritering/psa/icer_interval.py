"""Uncertainty interval of an ICER, where a ratio has one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import Quadrant
from prioritering.conventions import NORMAL_95
from prioritering.psa.convergence import quantile_errors

Floats = NDArray[np.float64]

_TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class IcerInterval:
    """95 % uncertainty interval of an ICER from the draws, in two ways.

    Attributes
    ----------
    percentile, percentile_se
        2.5 and 97.5 % quantiles of cost per QALY by draw, and their Monte Carlo errors, when
        the effect has one sign in all draws. Cost per QALY then orders draws as net benefit
        does: the ends are the levels at which the option is cost-effective in 2.5 and 97.5 %
        of draws, the other way around in the south-west. A negative end is a draw that
        dominates, or in the south-west is dominated.
    fieller
        Ends of Fieller's interval: the ratios ``R`` with ``|C - R E| <= 1.96 sd(c - R e)``,
        exact for normally distributed increments; given when the mean effect is more than
        1.96 standard deviations from 0, since the set is unbounded otherwise.
    why_no_percentile, why_no_fieller
        Why an interval is missing, in words; empty where it is there.

    Notes
    -----
    Fieller 1954, Journal of the Royal Statistical Society B 16:175-185. The standard deviation
    is that over draws, so the interval is about the parameters, not about the number of draws.
    """

    percentile: tuple[float, float] | None
    percentile_se: tuple[float, float] | None
    fieller: tuple[float, float] | None
    why_no_percentile: str
    why_no_fieller: str


def icer_interval(
    cost: Floats, effect: Floats, *, status: Quadrant, icer: float | None
) -> IcerInterval:
    """Interval of ``cost / effect``; arrays are increments, shape (draw,)."""
    if icer is None:
        reason = f"the ICER has no meaning: {status}"
        return IcerInterval(None, None, None, reason, reason)
    percentile, why_no_percentile = _percentile(cost, effect)
    fieller, why_no_fieller = fieller_interval(cost, effect)
    ends, errors = (None, None) if percentile is None else percentile
    return IcerInterval(ends, errors, fieller, why_no_percentile, why_no_fieller)


def fieller_interval(cost: Floats, effect: Floats) -> tuple[tuple[float, float] | None, str]:
    """Fieller's interval for the ratio of two normal increments, or why it has no ends.

    The ends solve ``(E^2 - z^2 v_e) R^2 - 2 (C E - z^2 v_ce) R + C^2 - z^2 v_c = 0``.
    """
    c, e, z2 = float(cost.mean()), float(effect.mean()), NORMAL_95**2
    (v_c, v_ce), (_, v_e) = np.cov(cost, effect).tolist()
    a, b, d = e * e - z2 * v_e, c * e - z2 * v_ce, c * c - z2 * v_c
    if a <= 0:
        return None, "the effect is within 1.96 standard deviations of 0, so the set is unbounded"
    root = math.sqrt(max(b * b - a * d, 0.0))
    return ((b - root) / a, (b + root) / a), ""


def _percentile(
    cost: Floats, effect: Floats
) -> tuple[tuple[tuple[float, float], tuple[float, float]] | None, str]:
    other_side = int(min((effect <= 0).sum(), (effect >= 0).sum()))
    if other_side:
        return None, (
            f"{other_side} of {effect.size} draws have no effect or one of the other sign, "
            "where a ratio means the opposite"
        )
    with np.errstate(over="ignore"):
        ratios = cost / effect
    if not np.isfinite(ratios).all():
        return None, "the effect of some draws is too small to divide by"
    low, high = np.quantile(ratios, _TAILS).tolist()
    low_se, high_se = quantile_errors(ratios, _TAILS).tolist()
    return ((low, high), (low_se, high_se)), ""
