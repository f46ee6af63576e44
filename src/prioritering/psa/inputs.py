"""Costs and effects of a probabilistic run, whatever they arrive in, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.arrays import array_of_numbers, refuse_nan
from prioritering.cea import errors_are_upper_bounds
from prioritering.cea.montecarlo import ROUNDING
from prioritering.errors import ResultError, unknown_name
from prioritering.outcomes import Outcomes

Floats = NDArray[np.float64]
CostEffect: TypeAlias = Outcomes | tuple[ArrayLike, ArrayLike]
"""A run, or a pair ``(cost, effect)`` of arrays of shape (strategy, draw)."""


class Draws(NamedTuple):
    """Validated draws: names, and costs and effects of shape (strategy, draw).

    ``even`` says that they depend on each other, which makes Monte Carlo errors upper bounds.
    ``provenance`` is that of the run, empty for a pair of arrays.
    """

    strategies: tuple[str, ...]
    cost: Floats
    effect: Floats
    even: bool = False
    provenance: Mapping[str, Any] = MappingProxyType({})

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.cost.shape[1])


class Pair(NamedTuple):
    """One strategy less the reference by draw; cost and effect of shape (draw,).

    Differences that are rounding of the two amounts are exactly 0.
    """

    reference: str
    option: str
    cost: Floats
    effect: Floats
    provenance: Mapping[str, Any]


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
        draws = Draws(outcomes.strategies, cost, effect, even, outcomes.provenance)
    else:
        cost, effect = _two_arrays(outcomes)
        _check_arrays(cost, effect)
        draws = Draws(_names_of_pair(len(cost)), cost, effect)
    _check_size(draws.cost)
    return draws


def pair_of(outcomes: CostEffect, *, reference: str, option: str | None) -> Pair:
    """Increments of an option over the reference; with two strategies the option is clear.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        An option left out of several or equal to the reference, or as for
        :func:`cost_and_effect`.
    """
    draws = cost_and_effect(outcomes)
    option = chosen_option(draws.strategies, reference=reference, option=option)
    i, base = draws.strategies.index(option), draws.strategies.index(reference)
    cost, effect = (_less(a[i], a[base]) for a in (draws.cost, draws.effect))
    return Pair(reference, option, cost, effect, draws.provenance)


def rounding_of(draws: Draws, wtp: Floats) -> Floats:
    """Net benefits closer than this are equal but for rounding; shape of ``wtp``."""
    return np.asarray(ROUNDING * (wtp * np.abs(draws.effect).max() + np.abs(draws.cost).max()))


def chosen_option(strategies: tuple[str, ...], *, reference: str, option: str | None) -> str:
    """Name the strategy held against the reference; see :func:`pair_of` for what it refuses."""
    if reference not in strategies:
        raise unknown_name("reference", reference, strategies)
    others = [s for s in strategies if s != reference]
    if option is None and len(others) == 1:
        return others[0]
    if option is None or option == reference:
        raise ResultError(
            "no option to hold against the reference",
            expected="one of " + ", ".join(map(repr, others)) if others else "a second strategy",
            found=repr(option) if others else "one strategy only",
            where={"reference": repr(reference)},
            remedy=f"Write option={others[0]!r}." if others else None,
        )
    if option not in others:
        raise unknown_name("option", option, others)
    return option


def checked_limits(limits: ArrayLike, name: str = "limits") -> Floats:
    """Willingness to pay as a vector of finite amounts of 0 or more.

    Raises
    ------
    ResultError
        More than one axis, no value, or a value that is negative, NaN or infinite.
    """
    try:
        values = np.atleast_1d(array_of_numbers(limits))
    except (TypeError, ValueError):
        raise _no_limits(name, repr(limits)) from None
    bad = values[~(np.isfinite(values) & (values >= 0))]
    if values.ndim != 1 or values.size == 0 or bad.size:
        raise _no_limits(name, bad[0] if bad.size else f"shape {values.shape}")
    return values


def rising_limits(limits: ArrayLike, name: str = "limits") -> Floats:
    """Limits to draw a curve over: as :func:`checked_limits`, and in rising order.

    Raises
    ------
    ResultError
        As for :func:`checked_limits`, or a limit below the one before it.
    """
    values = checked_limits(limits, name)
    falls = np.flatnonzero(np.diff(values) < 0)
    if falls.size:
        at = int(falls[0]) + 1
        raise ResultError(
            f"{name} are not in rising order",
            expected="each amount at least the one before it",
            found=f"{values[at]:.10g} after {values[at - 1]:.10g}",
            where={"position": at},
            remedy=f"Write {name}=np.sort({name}); the results come back in that order.",
        )
    return values


def chosen_limit(wtp: ArrayLike, chosen: float | None, name: str) -> float:
    """Take the one limit that an order or a figure is for; of several it must be said which.

    Raises
    ------
    ResultError
        Several limits and none chosen, another than those, or as for :func:`checked_limits`.
    """
    limits = checked_limits(wtp, "wtp")
    if chosen is None and limits.size == 1:
        return float(limits[0])
    if chosen is None or not (np.ndim(chosen) == 0 and np.any(limits == chosen)):
        raise ResultError(
            f"{name} does not say which limit is meant",
            expected="one of the limits: "
            + ", ".join(f"{k:.10g}" for k in limits[:9])
            + (", ..." if limits.size > 9 else ""),
            found=repr(chosen),
            remedy=f"Write {name}={limits[limits.size // 2]:.10g}, or the one to decide at.",
        )
    return float(chosen)


def limit_per_draw(wtp: ArrayLike, *, n_draws: int, name: str = "wtp_per_draw") -> Floats:
    """One amount for all draws or one for each, shape (1,) or (draw,).

    Raises
    ------
    ResultError
        Another number of amounts, or as for :func:`checked_limits`.
    """
    values = checked_limits(wtp, name)
    if values.size not in (1, n_draws):
        raise ResultError(
            f"{name} does not follow the draws",
            expected=f"{n_draws} amounts, one per draw, or one for all",
            found=values.size,
            remedy="Compute severity from the same run as the costs and effects.",
        )
    return values


def _less(a: Floats, b: Floats) -> Floats:
    """Difference by draw, 0 where it is rounding of the larger."""
    difference = a - b
    difference[np.abs(difference) <= ROUNDING * np.maximum(np.abs(a), np.abs(b))] = 0.0
    return np.asarray(difference)


def _no_limits(name: str, found: object) -> ResultError:
    return ResultError(
        f"{name} cannot be a willingness to pay",
        expected="one amount or a vector of amounts per QALY, finite and 0 or more",
        found=found,
    )


def _two_arrays(outcomes: object) -> tuple[Floats, Floats]:
    try:
        cost, effect = map(array_of_numbers, outcomes)  # type: ignore[call-overload]
        return cost, effect
    except (TypeError, ValueError) as error:
        raise ResultError(
            "neither a run nor costs and effects",
            expected="Outcomes, or two arrays of numbers (cost, effect) of shape (strategy, draw)",
            found=type(outcomes).__name__,
        ) from error


def _names_of_pair(n: int) -> tuple[str, ...]:
    return tuple(f"strategy {i + 1}" for i in range(n))


def _check_arrays(cost: Floats, effect: Floats) -> None:
    if cost.ndim != 2 or cost.shape != effect.shape:
        raise ResultError(
            "cost and effect do not fit",
            expected="two arrays of one shape (strategy, draw)",
            found=f"{cost.shape} and {effect.shape}",
        )
    names = _names_of_pair(len(cost))
    refuse_nan("cost", cost, names)
    refuse_nan("effect", effect, names)


def _check_size(cost: Floats) -> None:
    for axis, n in zip(("strategy", "draw"), cost.shape, strict=True):
        if n < 2:
            raise ResultError(
                f"one {axis} has no uncertainty about which strategy is best",
                expected="two strategies or more, with two draws or more",
                found=f"{cost.shape[0]} x {cost.shape[1]} (strategies x draws)",
                remedy="Run the model on sampled parameters: params.sample(n, seed=...)."
                if axis == "draw"
                else "Run the model with the comparator as a strategy too.",
            )
