"""What the curves over willingness to pay share: one pass of the kernel over the draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prioritering.psa.inputs import Draws, rounding_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over draws at each limit.

    Attributes
    ----------
    favoured
        The strategy of highest mean net benefit, shape (limit,); the first when equal but for
        rounding.
    mean_nmb
        Mean net benefit, shape (strategy, limit).
    share
        Sum of each strategy's share of being best, shape (strategy, limit). Net benefits that
        differ by rounding only share a draw.
    losses, losses_square
        Sums of ``max_s NMB_s - NMB_d - gap_d`` and of its square, shape (strategy, limit), with
        ``gap_d`` the mean net benefit of the favoured strategy less that of ``d``. All rows
        of ``losses`` are equal but for rounding; the gap keeps the squares free of cancellation.
    gap
        Shape (strategy, limit); 0 for the favoured strategy and its equals.
    loss, loss_square
        The favoured strategy's rows, shape (limit,).
    """

    favoured: NDArray[np.int64]
    mean_nmb: Floats
    share: Floats
    losses: Floats
    losses_square: Floats
    gap: Floats
    loss: Floats
    loss_square: Floats


def tally_limits(draws: Draws, limits: Floats) -> Tally:
    """Run the kernel over limits; shapes (strategy, limit) and (limit,)."""
    from prioritering.psa._kernels import acceptability_kernel

    mean_cost, mean_effect = draws.cost.mean(axis=1), draws.effect.mean(axis=1)
    mean_nmb = limits * mean_effect[:, None] - mean_cost[:, None]
    slack = rounding_of(draws, limits)
    favoured = (mean_nmb >= mean_nmb.max(axis=0) - slack).argmax(axis=0).astype(np.int64)
    column = np.arange(limits.size)
    gap = mean_nmb[favoured, column] - mean_nmb
    gap = np.where(gap > slack, gap, 0.0)
    share, losses, squares = (np.zeros_like(mean_nmb) for _ in range(3))
    acceptability_kernel(draws.cost, draws.effect, limits, slack, gap, share, losses, squares)
    own = losses[favoured, column], squares[favoured, column]
    return Tally(favoured, mean_nmb, share, losses, squares, gap, *own)
