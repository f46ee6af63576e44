"""From what a paper prints (estimate, error, interval) to what a distribution needs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from math import exp, log, sqrt

from prioritering.errors import ParameterError, PrioriteringWarning
from prioritering.parameters._checks import number, pair, positive
from prioritering.parameters.distributions import LogNormal
from prioritering.parameters.distributions.normal import USE_FIXED
from prioritering.parameters.parameter import Meta, check_keywords

Interval = tuple[float, float] | Sequence[float]

LEVEL = 0.95
MEDIAN_TOLERANCE = 0.02
OFF_CENTRE = 0.2


def chosen_form(
    family: str,
    accepted: tuple[tuple[str, ...], ...],
    given: Mapping[str, object],
    level: float | None,
    meta: Meta,
) -> tuple[str, ...]:
    """Which accepted set of arguments was given; any other mixture is an error."""
    check_keywords(meta, own=tuple(given))
    names = {name for name, value in given.items() if value is not None}
    for form in accepted:
        if names == set(form):
            if "ci" not in form and level is not None:
                raise ParameterError(
                    "level was given without an interval",
                    expected="level only with ci",
                    found=level,
                )
            return form
    raise ParameterError(
        f"{family} cannot be made from these arguments",
        expected="one of " + ", ".join(f"({', '.join(form)})" for form in accepted),
        found=f"({', '.join(name for name in given if name in names)})" if names else "none",
    )


def standard_error(
    estimate: float,
    se: float | None,
    ci: Interval | None,
    level: float | None,
    *,
    support: tuple[float, float],
) -> float:
    """Take the standard error as given, or from the width of an interval around the estimate."""
    if ci is None:
        return positive("se", se, remedy=USE_FIXED)
    low, high = _around("mean", estimate, ci)
    if low < support[0] or high > support[1]:
        raise ParameterError(
            "interval reaches outside what the distribution allows",
            expected=f"limits from {support[0]:g} to {support[1]:g}",
            found=f"({low:g}, {high:g})",
            remedy="Give mean and se instead, or use a normal distribution.",
        )
    return (high - low) / (2 * _z(level))


def lognormal_from_ci(
    mean: float | None, median: float | None, ci: Interval | None, level: float | None
) -> LogNormal:
    """Lognormal with the interval's width on the log scale, at the mean or median given."""
    name, estimate = ("mean", mean) if median is None else ("median", median)
    centre = positive(name, estimate)
    low, high = _around(name, centre, ci)
    positive("lower limit of ci", low)
    sdlog = (log(high) - log(low)) / (2 * _z(level))
    if name == "median":
        warn_off_centre(name, centre, log(centre), log(low), log(high))
        return LogNormal(log(centre), sdlog)
    meanlog, middle = log(centre) - sdlog**2 / 2, sqrt(low) * sqrt(high)
    if abs(middle / exp(meanlog) - 1) > MEDIAN_TOLERANCE:
        raise ParameterError(
            "mean and interval do not belong to one lognormal distribution",
            expected=f"a geometric mid-point within 2 % of the median, {exp(meanlog):.4g}",
            found=f"({low:g}, {high:g}) with mid-point {middle:.4g}",
            remedy=(
                "A ratio's published estimate is a median, not a mean: "
                f"write median={centre:g}, ci=({low:g}, {high:g})."
            ),
        )
    return LogNormal(meanlog, sdlog)


def _around(name: str, estimate: float, ci: Interval | None) -> tuple[float, float]:
    low, high = pair("ci", ci)
    if not low < estimate < high:
        raise ParameterError(
            f"interval does not lie around the {name}",
            expected=f"lower < {estimate:g} < upper",
            found=f"({low:g}, {high:g})",
        )
    return low, high


def warn_off_centre(name: str, shown: float, centre: float, low: float, high: float) -> None:
    """Warn when an estimate is far from the middle of the interval it was published with."""
    off = abs(centre - (low + high) / 2) / ((high - low) / 2)
    if off > OFF_CENTRE:
        warnings.warn(
            f"{name} {shown:g} lies {off:.0%} of the interval's half-width away from its middle; "
            "only the interval's width is used. Check the three numbers.",
            PrioriteringWarning,
            stacklevel=4 if name == "median" else 3,
        )


def _z(level: float | None) -> float:
    from statistics import NormalDist

    coverage = LEVEL if level is None else number("level", level)
    if not 0 < coverage < 1:
        raise ParameterError("level is not a coverage", expected="between 0 and 1", found=coverage)
    return NormalDist().inv_cdf(0.5 + coverage / 2)
