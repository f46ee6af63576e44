"""Monte Carlo standard errors of means, and the size below which a difference is rounding."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDING = 1e-12
"""Differences below this share of the largest value compared are floating-point rounding."""


EVEN_METHODS = ("sobol", "latin_hypercube")
"""Sampling methods whose draws depend on each other, to cover the range more evenly."""


def mean_se(values: ArrayLike) -> float | None:
    """Monte Carlo standard error of the mean of independent draws.

    ``sd / sqrt(n)`` with ``n - 1`` in the variance. It is the error of stopping at ``n``
    draws, not the uncertainty of the parameters. ``None`` for a single draw.

    Parameters
    ----------
    values
        One value per draw, shape (draw,).

    Examples
    --------
    >>> mean_se([1.0, 3.0])
    1.0
    >>> mean_se([1.0]) is None
    True
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size < 2:
        return None
    return float(np.std(x, ddof=1)) / math.sqrt(x.size)


def errors_are_upper_bounds(provenance: Mapping[str, Any]) -> bool:
    """Whether Monte Carlo standard errors are upper bounds, since draws are not independent.

    Draws by Sobol's sequence or a Latin hypercube spread more evenly than independent ones, so
    means move less than ``sd / sqrt(n)`` says: often by orders of magnitude.

    Parameters
    ----------
    provenance
        Of a result; the method stands under ``["draws"]["method"]``.

    Examples
    --------
    >>> errors_are_upper_bounds({"draws": {"method": "sobol"}}), errors_are_upper_bounds({})
    (True, False)
    """
    draws = provenance.get("draws")
    return isinstance(draws, Mapping) and draws.get("method") in EVEN_METHODS


def merge_rounding(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give values that differ by rounding only (:data:`ROUNDING`) one common value.

    Sums over categories may differ in the last digit between identical strategies; without
    this such a digit would be called a difference. Shape (strategy,) in and out.
    """
    order = np.argsort(values, kind="stable")
    rising = values[order]
    starts_group = np.diff(rising, prepend=-np.inf) > ROUNDING * np.abs(values).max()
    merged = np.empty_like(values)
    merged[order] = rising[starts_group][np.cumsum(starts_group) - 1]
    return merged
