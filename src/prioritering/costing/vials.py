"""The cheapest whole vials that cover a dose, by exact integer optimisation."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from prioritering.costing._inputs import Floats
from prioritering.costing.sizes import BodySize
from prioritering.errors import ParameterError

MOST_STEPS = 100_000
"""Steps of the vials' common measure a dose may take."""
MOST_CELLS = 20_000_000
"""Steps times different relative prices that may be solved."""
_SAME_COST = 1e-12


@dataclass(frozen=True)
class Opened:
    """Expected vials opened per administration, shape (size, draws), and their cost (draws,)."""

    vials: Floats
    cost: Floats


def open_vials(
    dose: Floats, *, size: BodySize, sizes: Floats, prices: Floats, n_draws: int
) -> Opened:
    """Open whole vials for every patient and discard the rest: expected vials and cost.

    ``E[cost] = sum_k cost_k P((k - 1) g < dose x size <= k g)`` with ``g`` the largest common
    measure of the vial sizes and ``cost_k`` the cheapest way to cover ``k g``: exact, since the
    cost of covering a dose changes at multiples of ``g`` only.

    Parameters
    ----------
    dose
        Milligrams per unit of body size, shape (1,) or (draws,).
    sizes, prices
        Milligrams per vial (size,), price per vial (size, 1 or draws).
    """
    step = common_measure(sizes)
    largest = float((dose * size.largest).max())
    n_steps = max(int(np.ceil(largest / step - 1e-9)), 1)
    kinds, owner = _relative(prices)
    _refuse_too_fine(n_steps, kinds.shape[1], step, largest)
    counts = cover(np.round(sizes / step).astype(np.int64), kinds, n_steps)
    vials = np.zeros((len(sizes), n_draws))
    below = size.share_up_to(np.zeros(1))
    for k in range(1, n_steps + 1):
        now = size.share_up_to(k * step / dose) if k < n_steps else np.ones(1)
        vials += counts[:, k, owner] * (now - below)
        below = now
    return Opened(vials, (vials * prices).sum(axis=0))


def cover(sizes: NDArray[np.int64], prices: Floats, n_steps: int) -> Floats:
    """Vials of the cheapest combination that covers each dose of 0 to ``n_steps`` steps.

    ``cost(k) = min_i price_i + cost(max(k - size_i, 0))``; of equally cheap combinations the
    one with least in it.

    Parameters
    ----------
    sizes
        Steps per vial (size,).
    prices
        Shape (size, column); each column is solved on its own.

    Returns
    -------
    array of shape (size, steps + 1, column)

    Examples
    --------
    >>> cover(np.array([2, 5]), np.array([[2.0], [4.5]]), 6)[:, 6, 0]
    array([3., 0.])
    """
    n_sizes, n_columns = prices.shape
    columns, kinds = np.arange(n_columns), np.arange(n_sizes)
    cost = np.zeros((n_steps + 1, n_columns))
    amount = np.zeros((n_steps + 1, n_columns))
    counts = np.zeros((n_sizes, n_steps + 1, n_columns))
    for k in range(1, n_steps + 1):
        rest = np.maximum(k - sizes, 0)
        costs, amounts = cost[rest] + prices, amount[rest] + sizes[:, None]
        cheap = costs <= costs.min(axis=0) * (1 + _SAME_COST)
        best = np.where(cheap, amounts, np.inf).argmin(axis=0)
        cost[k], amount[k] = costs[best, columns], amounts[best, columns]
        counts[:, k] = counts[:, rest[best], columns] + (kinds[:, None] == best)
    return counts


def common_measure(sizes: Floats) -> float:
    """Largest amount of which every vial size is a whole multiple.

    Examples
    --------
    >>> common_measure(np.array([40.0, 100.0])), common_measure(np.array([0.5, 1.2]))
    (20.0, 0.1)
    """
    exact = [Fraction(repr(float(size))) for size in sizes]
    below = lcm(*(f.denominator for f in exact))
    return float(Fraction(gcd(*(int(f * below) for f in exact)), below))


def _relative(prices: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Prices relative to the dearest vial, each case once, and which case each draw has."""
    top = prices.max(axis=0)
    relative = np.round(prices / np.where(top > 0, top, 1.0), 12)
    kinds, owner = np.unique(relative, axis=1, return_inverse=True)
    return kinds, np.asarray(owner, dtype=np.int64).reshape(-1)


def _refuse_too_fine(n_steps: int, n_kinds: int, step: float, largest: float) -> None:
    if n_steps > MOST_STEPS or n_steps * n_kinds > MOST_CELLS:
        raise ParameterError(
            "the vial sizes have no workable common measure",
            expected=f"a largest dose of at most {min(MOST_STEPS, MOST_CELLS // n_kinds)} steps "
            "of that measure",
            found=f"steps of {step:g} up to a dose of {largest:g}",
            remedy="Round the vial sizes, or check the unit of dose and body size.",
        )
