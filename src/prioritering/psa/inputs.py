"""Costs and effects of a probabilistic run, whatever they arrive in."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.errors import ResultError
from prioritering.outcomes import Outcomes

Floats = NDArray[np.float64]
CostEffect: TypeAlias = Outcomes | tuple[ArrayLike, ArrayLike]
"""A run, or a pair ``(cost, effect)`` of arrays of shape (strategy, draw)."""


class Draws(NamedTuple):
    """Validated draws: names, and costs and effects of shape (strategy, draw).

    ``even`` says that they depend on each other, which makes Monte Carlo errors upper bounds.
    """

    strategies: tuple[str, ...]
    cost: Floats
    effect: Floats
    even: bool = False


def cost_and_effect(outcomes: CostEffect) -> Draws:
    """Validate costs and effects and copy them, C-contiguous and of shape (strategy, draw).

    Strategies of a pair of arrays are called ``"strategy 1"``, ``"strategy 2"`` and so on.

    Raises
    ------
    ResultError
        Shapes that differ, NaN or infinite values, fewer than two strategies or draws.
    """
    if isinstance(outcomes, Outcomes):
        cost, effect = (np.array(a, order="C") for a in (outcomes.cost, outcomes.qaly))
        even = errors_are_upper_bounds(outcomes.provenance)
        draws = Draws(outcomes.strategies, cost, effect, even)
    else:
        cost, effect = (np.array(a, dtype=np.float64, order="C") for a in outcomes)
        draws = Draws(tuple(f"strategy {i + 1}" for i in range(len(cost))), cost, effect)
        _check_arrays(cost, effect)
    _check_size(draws.cost)
    return draws


def checked_limits(limits: ArrayLike, name: str = "limits") -> Floats:
    """Willingness to pay as a vector of finite amounts of 0 or more.

    Raises
    ------
    ResultError
        More than one axis, no value, or a value that is negative, NaN or infinite.
    """
    values = np.array(limits, dtype=np.float64, ndmin=1)
    bad = values[~(np.isfinite(values) & (values >= 0))]
    if values.ndim != 1 or values.size == 0 or bad.size:
        raise ResultError(
            f"{name} cannot be a willingness to pay",
            expected="one amount or a vector of amounts per QALY, finite and 0 or more",
            found=bad[0] if bad.size else f"shape {values.shape}",
        )
    return values


def _check_arrays(cost: Floats, effect: Floats) -> None:
    if cost.ndim != 2 or cost.shape != effect.shape:
        raise ResultError(
            "cost and effect do not fit",
            expected="two arrays of one shape (strategy, draw)",
            found=f"{cost.shape} and {effect.shape}",
        )
    for name, array in (("cost", cost), ("effect", effect)):
        bad = np.argwhere(~np.isfinite(array))
        if bad.size:
            strategy, draw = (int(i) for i in bad[0])
            raise ResultError(
                f"{name} is not finite",
                expected="finite numbers only",
                found=f"{array[strategy, draw]} ({len(bad)} such values)",
                where={"strategy": strategy, "draw": draw},
            )


def _check_size(cost: Floats) -> None:
    for axis, n in zip(("strategy", "draw"), cost.shape, strict=True):
        if n < 2:
            raise ResultError(
                f"one {axis} has no uncertainty about which strategy is best",
                expected="two strategies or more, with two draws or more",
                found=f"{cost.shape[0]} x {cost.shape[1]} (strategies x draws)",
                remedy="Run the model on sampled parameters: params.sample(n, seed=...).",
            )
