"""Rates, probabilities and odds: conversions that keep their digits near 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters import _formulas


def rate_to_prob(rate: ArrayLike, time: ArrayLike) -> Any:
    """Probability of an event within ``time`` at a constant rate, ``1 - exp(-rate * time)``.

    Parameters
    ----------
    rate
        Events per unit of time, 0 or more; any shape.
    time
        Length of the interval in the same unit, 0 or more; broadcasts with ``rate``.

    Returns
    -------
    ndarray or float
        In [0, 1], the broadcast shape.

    Raises
    ------
    ParameterError
        A rate or time that is negative or not finite; names the first such position.

    Examples
    --------
    >>> float(rate_to_prob(0.21, 1.0).round(6))
    0.189416
    """
    r, t = _between("rate", rate, 0.0, np.inf), _between("time", time, 0.0, np.inf)
    with np.errstate(over="ignore"):
        return _formulas.rate_to_prob(r, t)


def prob_to_rate(prob: ArrayLike, time: ArrayLike) -> Any:
    """Constant rate that gives a probability within ``time``, ``-log(1 - prob) / time``.

    Parameters
    ----------
    prob
        Probability, at least 0 and below 1 (1 would need an infinite rate); any shape.
    time
        Length of the interval, above 0; broadcasts with ``prob``.

    Raises
    ------
    ParameterError
        A probability outside [0, 1), a time that is not positive; names the first position.

    Examples
    --------
    >>> float(prob_to_rate(0.189416, 1.0).round(6))
    0.21
    """
    p = _between("probability", prob, 0.0, 1.0, above=True)
    return _formulas.prob_to_rate(p, _between("time", time, 0.0, np.inf, below=True))


def prob_to_odds(prob: ArrayLike) -> Any:
    """Odds of a probability, ``prob / (1 - prob)``.

    Raises
    ------
    ParameterError
        A probability outside [0, 1); names the first position.

    Examples
    --------
    >>> float(prob_to_odds(0.75))
    3.0
    """
    return _formulas.prob_to_odds(_between("probability", prob, 0.0, 1.0, above=True))


def odds_to_prob(odds: ArrayLike) -> Any:
    """Probability of given odds, ``odds / (1 + odds)``.

    Raises
    ------
    ParameterError
        Odds that are negative or not finite; names the first position.

    Examples
    --------
    >>> float(odds_to_prob(3.0))
    0.75
    """
    return _formulas.odds_to_prob(_between("odds", odds, 0.0, np.inf))


def apply_hazard_ratio(prob: ArrayLike, hr: ArrayLike) -> Any:
    """Probability under a hazard multiplied by ``hr``, ``1 - (1 - prob)^hr``.

    Parameters
    ----------
    prob
        Probability over an interval at the reference hazard, in [0, 1]; any shape.
    hr
        Hazard ratio, 0 or more; broadcasts with ``prob``.

    Raises
    ------
    ParameterError
        A probability outside [0, 1], a hazard ratio that is negative or not finite.

    Examples
    --------
    >>> float(apply_hazard_ratio(0.2, 0.5).round(6))
    0.105573
    """
    p, ratio = _between("probability", prob, 0.0, 1.0), _between("hazard ratio", hr, 0.0, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return _formulas.apply_hazard_ratio(p, ratio)


def _between(
    name: str,
    values: ArrayLike,
    low: float,
    high: float,
    *,
    below: bool = False,
    above: bool = False,
) -> Any:
    """Return ``values`` as float64 within [low, high]; ``below``/``above`` shut out that end."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise ParameterError(f"{name} is not numeric", expected="numbers", found=repr(values))
    array = array.astype(np.float64, copy=False)
    if not array.size:
        return array
    least, most = array.min(), array.max()
    open_above = above or high == np.inf
    if (
        least >= low
        and most <= high
        and not (below and least == low)
        and not (open_above and most == high)
    ):
        return array
    inside = (array > low if below else array >= low) & (
        array < high if open_above else array <= high
    )
    bad = np.argwhere(~inside)
    first = tuple(int(i) for i in bad[0])
    raise ParameterError(
        f"{name} is out of range",
        expected=f"{'above' if below else 'at least'} {low:g} and "
        + ("finite" if high == np.inf else f"{'below' if above else 'at most'} {high:g}"),
        found=f"{array[first]} ({len(bad)} of {array.size} values)",
        where={"index": first[0] if len(first) == 1 else first} if first else None,
    )
