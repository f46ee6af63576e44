"""The efficiency frontier: strong and extended dominance among many strategies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea.montecarlo import ROUNDING, merge_rounding
from prioritering.errors import ResultError

Standing = Literal["frontier", "dominated", "extendedly dominated", "equal"]


@dataclass(frozen=True)
class Frontier:
    """Where each strategy stands, in the order the strategies were given.

    Attributes
    ----------
    order
        Strategy numbers by rising cost; at equal cost the most effective first.
    members
        Strategy numbers on the frontier, by rising cost and effect.
    standing
        One word per strategy: ``"frontier"``; ``"dominated"``, another strategy is at least
        as effective at no higher cost; ``"extendedly dominated"``, a mix of two others is;
        ``"equal"``, the same cost and effect as another.
    compared_with
        The strategies behind the word: the member before it on the frontier (none for the
        first), the one that dominates, the two that make up the mix, or its equal.
    """

    order: tuple[int, ...]
    members: tuple[int, ...]
    standing: tuple[Standing, ...]
    compared_with: tuple[tuple[int, ...], ...]


def find_frontier(cost: ArrayLike, *, effect: ArrayLike, first: int = 0) -> Frontier:
    """Sort strategies into frontier, dominated, extendedly dominated and equal.

    Strategies are sorted by cost, strongly dominated ones leave by a running maximum of
    effect, and the lower convex hull of the rest is the frontier, so the work grows as
    ``n log n``. Points that lie on the straight line between two members stay on it
    (their ICER equals the next one); differences below 1e-12 of the largest value are
    rounding and count as none.

    Parameters
    ----------
    cost, effect
        One mean per strategy, shape (strategy,). Costs may be negative.
    first
        The strategy that keeps its place when others equal it, usually the reference.

    Raises
    ------
    ResultError
        Different lengths, no strategy, NaN or infinite values.

    Examples
    --------
    >>> find_frontier([5, 12, 10], effect=[1, 1.5, 2]).standing
    ('frontier', 'dominated', 'frontier')
    """
    c, e = merge_rounding(_vector("cost", cost)), merge_rounding(_vector("effect", effect))
    if c.shape != e.shape:
        raise ResultError("cost and effect differ in length", expected=c.size, found=e.size)
    order = np.lexsort((np.arange(c.size) != first, -e, c))
    standing: list[Standing] = ["frontier"] * c.size
    against: list[tuple[int, ...]] = [()] * c.size
    undominated = _strong_dominance(c, e, order, standing, against)
    members = _lower_hull(undominated, c.tolist(), e.tolist())
    against_member = dict(zip(members[1:], members[:-1], strict=True))
    position = np.searchsorted(e[members], e[undominated])
    for strategy, after in zip(undominated, position.tolist(), strict=True):
        if strategy in against_member:
            against[strategy] = (against_member[strategy],)
        elif strategy != members[0]:
            standing[strategy] = "extendedly dominated"
            against[strategy] = (members[after - 1], members[after])
    return Frontier(tuple(order.tolist()), tuple(members), tuple(standing), tuple(against))


def _strong_dominance(
    c: NDArray[np.float64],
    e: NDArray[np.float64],
    order: NDArray[np.intp],
    standing: list[Standing],
    against: list[tuple[int, ...]],
) -> list[int]:
    """Mark equal and strongly dominated strategies; return the others by rising cost."""
    effect, cost = e[order], c[order]
    best_before = np.maximum.accumulate(np.concatenate([[-np.inf], effect[:-1]]))
    better = effect > best_before
    holder = np.maximum.accumulate(np.where(better, np.arange(order.size), 0))
    equal = np.concatenate([[False], (np.diff(cost) == 0) & (np.diff(effect) == 0)])
    twin = np.maximum.accumulate(np.where(equal, 0, np.arange(order.size)))
    for k in np.flatnonzero(~better).tolist():
        standing[order[k]] = "equal" if equal[k] else "dominated"
        against[order[k]] = (int(order[twin[k] if equal[k] else holder[k]]),)
    return [int(i) for i in order[better]]


def _lower_hull(points: Sequence[int], c: list[float], e: list[float]) -> list[int]:
    """Points by rising cost and effect along which cost per unit of effect never falls."""
    hull: list[int] = []
    for k in points:
        while len(hull) > 1 and _icer_falls(hull[-2], hull[-1], k, c, e):
            hull.pop()
        hull.append(k)
    return hull


def _icer_falls(i: int, j: int, k: int, c: list[float], e: list[float]) -> bool:
    step, next_step = (c[j] - c[i]) * (e[k] - e[j]), (c[k] - c[j]) * (e[j] - e[i])
    return step > next_step * (1.0 + ROUNDING)


def _vector(name: str, values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.size == 0:
        raise ResultError(
            f"{name} is not one value per strategy", expected="shape (strategy,)", found=x.shape
        )
    if not np.isfinite(x).all():
        at = int(np.flatnonzero(~np.isfinite(x))[0])
        raise ResultError(
            f"{name} is not finite", expected="finite numbers", found=x[at], where={"strategy": at}
        )
    return x
