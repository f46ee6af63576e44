"""Monte Carlo error: how far a figure may move with other draws, and how it settles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.arrays import array_of_numbers
from prioritering.cea import mean_se
from prioritering.errors import ResultError
from prioritering.frozen import Frozen

Floats = NDArray[np.float64]

__all__ = ["RunningMean", "mean_se", "probability_se", "quantile_se", "running_mean"]


@dataclass(frozen=True, eq=False)
class RunningMean(Frozen):
    """Mean over the first draws, from the second draw on.

    Attributes
    ----------
    draws
        Number of draws behind each value, 2 to n, shape (draw - 1,).
    mean, se
        Running mean and its Monte Carlo standard error, shape (..., draw - 1).
    """

    draws: NDArray[np.int64]
    mean: Floats
    se: Floats


def probability_se(probability: ArrayLike, *, n: int) -> Floats:
    """Monte Carlo standard error of a share of draws, ``sqrt(p (1 - p) / n)``.

    Parameters
    ----------
    probability
        Shares of draws, any shape.
    n
        Number of draws, 1 or more.

    Raises
    ------
    ResultError
        A share outside 0 to 1, or no draw.

    Examples
    --------
    >>> float(probability_se(0.5, n=100))
    0.05
    """
    p = np.asarray(probability, dtype=np.float64)
    # a sum of shares may pass 1 by rounding
    outside = ~((p >= -1e-12) & (p <= 1.0 + 1e-12))
    if not isinstance(n, int | np.integer) or n < 1 or outside.any():
        raise ResultError(
            "not a share of draws",
            expected="shares from 0 to 1 of at least one draw",
            found=f"{p[outside].flat[0]}" if outside.any() else f"{n!r} draws",
        )
    return np.sqrt(np.clip(p * (1.0 - p), 0.0, None) / n)


def quantile_se(values: ArrayLike, *, q: float) -> float:
    """Monte Carlo standard error of a sample quantile.

    The exact bootstrap of the order statistics (Maritz and Jarrett 1978, JASA 73:194-196)
    with the Beta weights of Harrell and Davis (1982, Biometrika 69:635-640):
    ``sqrt(sum w x^2 - (sum w x)^2)``, ``w_i`` the probability of a
    Beta((n + 1) q, (n + 1)(1 - q)) between ``(i - 1) / n`` and ``i / n``. No random numbers.

    Parameters
    ----------
    values
        One value per draw, shape (draw,), two draws or more.
    q
        Probability of the quantile, between 0 and 1.

    Raises
    ------
    ResultError
        Fewer than two draws, values that are not finite, or ``q`` outside 0 to 1.
    """
    x = _draws(values)
    if x.ndim != 1 or not 0.0 < q < 1.0:
        raise ResultError(
            "no such quantile",
            expected="values of shape (draw,) and q between 0 and 1",
            found=f"shape {x.shape}, q {q}",
        )
    return float(quantile_errors(x, (q,))[0])


def quantile_errors(values: Floats, probabilities: Sequence[float]) -> Floats:
    """:func:`quantile_se` of finite values for several quantiles, shape (..., quantile).

    Weights beyond 12 standard deviations of the order statistic's rank are left out: they are
    below 1e-30.
    """
    from scipy.special import betainc

    x, n = np.sort(values, axis=-1), values.shape[-1]
    errors = np.empty((*x.shape[:-1], len(probabilities)))
    for k, q in enumerate(probabilities):
        reach = 12.0 * np.sqrt(n * q * (1.0 - q)) + 40.0
        start, stop = max(int(n * q - reach), 0), min(int(n * q + reach) + 1, n)
        weight = np.diff(betainc((n + 1) * q, (n + 1) * (1 - q), np.arange(start, stop + 1) / n))
        near = x[..., start:stop]
        centred = near - (near @ weight)[..., None]
        errors[..., k] = np.sqrt(centred**2 @ weight)
    return errors


def running_mean(values: ArrayLike) -> RunningMean:
    """Mean and Monte Carlo standard error as draws accumulate, along the last axis.

    Parameters
    ----------
    values
        Draws, shape (..., draw), two draws or more.

    Raises
    ------
    ResultError
        Fewer than two draws, or values that are not finite.

    Examples
    --------
    >>> running_mean([1.0, 3.0, 5.0]).mean
    array([2., 3.])
    """
    x = _draws(values)
    centre = x.mean(axis=-1, keepdims=True)
    d = x - centre
    n = np.arange(1, x.shape[-1] + 1)
    mean = np.cumsum(d, axis=-1) / n
    spread = np.cumsum(d * d, axis=-1) - n * mean**2
    se = np.sqrt(np.clip(spread[..., 1:], 0.0, None) / (n[1:] - 1) / n[1:])
    return RunningMean(n[1:], (centre + mean)[..., 1:], se)


def _draws(values: ArrayLike) -> Floats:
    try:
        x = array_of_numbers(values)
    except (TypeError, ValueError):
        x = np.array(np.nan)
    if x.ndim == 0 or x.shape[-1] < 2 or not np.isfinite(x).all():
        raise ResultError(
            "draws that carry no Monte Carlo error",
            expected="two finite draws or more along the last axis",
            found=f"shape {x.shape}, {int((~np.isfinite(x)).sum())} values not finite",
        )
    return x
