"""How often each strategy is best: acceptability curves, their frontier, and per-draw limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.psa.convergence import probability_se
from prioritering.psa.inputs import CostEffect, Draws, checked_limits, cost_and_effect

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Acceptability(Frozen):
    """Probability that each strategy is best, at each willingness to pay.

    Attributes
    ----------
    limits
        Willingness to pay per QALY, shape (limit,).
    probability, probability_se
        Share of draws in which a strategy has the highest net benefit, and its Monte Carlo
        standard error, shape (strategy, limit). The shares of a limit sum to 1.
    mean_nmb
        Mean net monetary benefit, shape (strategy, limit).
    favoured
        The strategy of highest mean net benefit at each limit; the first when equal.
    frontier, frontier_se
        Probability that the favoured strategy is best (acceptability frontier), shape (limit,).
    n_draws
        Number of draws behind the probabilities.
    errors_are_upper_bounds
        Whether the standard errors are upper bounds, since draws are not independent.
    """

    strategies: tuple[str, ...]
    limits: Floats
    probability: Floats
    probability_se: Floats
    mean_nmb: Floats
    favoured: tuple[str, ...]
    frontier: Floats
    frontier_se: Floats
    n_draws: int
    errors_are_upper_bounds: bool = False

    def to_frame(self) -> pd.DataFrame:
        """Long table: strategy, wtp, probability, probability_se, mean_nmb, favoured."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.strategies, self.limits.tolist()], names=["strategy", "wtp"]
        )
        columns = {
            "probability": self.probability.ravel(),
            "probability_se": self.probability_se.ravel(),
            "mean_nmb": self.mean_nmb.ravel(),
            "favoured": np.array(
                [[s == f for f in self.favoured] for s in self.strategies]
            ).ravel(),
        }
        return pd.DataFrame(columns, index=index).reset_index()

    def __repr__(self) -> str:
        return (
            f"Acceptability({len(self.strategies)} strategies, {self.limits.size} limits "
            f"{self.limits.min():g} to {self.limits.max():g}, {self.n_draws} draws)"
        )


@dataclass(frozen=True)
class BestProbability:
    """Probability that each strategy is best, with Monte Carlo standard errors.

    The errors are upper bounds where draws are not independent.
    """

    strategies: tuple[str, ...]
    probability: tuple[float, ...]
    probability_se: tuple[float, ...]
    errors_are_upper_bounds: bool = False

    def of(self, strategy: str) -> float:
        """Probability of one strategy; an unknown name is an error."""
        if strategy not in self.strategies:
            raise unknown_name("strategy", strategy, self.strategies)
        return self.probability[self.strategies.index(strategy)]


def acceptability(outcomes: CostEffect, *, limits: ArrayLike) -> Acceptability:
    """Cost-effectiveness acceptability curves and frontier.

    A draw in which several strategies share the highest net benefit ``limit * effect - cost``
    counts an equal part for each of them. The standard error is binomial,
    ``sqrt(p (1 - p) / n)``, an upper bound where draws are shared.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    limits
        Willingness to pay per QALY, 0 or more, shape (limit,) or one amount.

    Raises
    ------
    ResultError
        A single draw or strategy, arrays that do not fit, or limits that are not amounts.

    Notes
    -----
    The frontier follows the strategy of highest *expected* net benefit, which need not be the
    one most often best (Fenwick, Claxton, Sculpher 2001, Health Economics 10:779-787).

    Examples
    --------
    >>> cost, effect = [[0.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [1.0, 3.0]]
    >>> acceptability((cost, effect), limits=[0, 5, 20]).probability[1]
    array([0. , 0.5, 1. ])
    """
    draws, values = cost_and_effect(outcomes), checked_limits(limits)
    tally = tally_limits(draws, values)
    n = draws.cost.shape[1]
    probability = tally.share / n
    frontier = probability[tally.favoured, np.arange(values.size)]
    error, frontier_error = probability_se(probability, n=n), probability_se(frontier, n=n)
    return Acceptability(
        strategies=draws.strategies,
        limits=values,
        probability=probability,
        probability_se=error,
        mean_nmb=tally.mean_nmb,
        favoured=tuple(draws.strategies[i] for i in tally.favoured),
        frontier=frontier,
        frontier_se=frontier_error,
        n_draws=n,
        errors_are_upper_bounds=draws.even,
    )


def severity_adjusted_best(outcomes: CostEffect, *, wtp_per_draw: ArrayLike) -> BestProbability:
    """Probability of being best when each draw is judged at its own willingness to pay.

    Severity is uncertain too: a draw in which the patients lose more healthy years has a
    higher class and so a higher limit. Ties are shared as in :func:`acceptability`.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    wtp_per_draw
        Willingness to pay per QALY, shape (draw,), or one amount for all draws.

    Raises
    ------
    ResultError
        A number of amounts that is neither 1 nor the number of draws, or as for
        :func:`acceptability`.

    Examples
    --------
    >>> cost, effect = [[0.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [1.0, 1.0]]
    >>> severity_adjusted_best((cost, effect), wtp_per_draw=[5, 20]).probability
    (0.5, 0.5)
    """
    draws, wtp = cost_and_effect(outcomes), checked_limits(wtp_per_draw, "wtp_per_draw")
    n = draws.cost.shape[1]
    if wtp.size not in (1, n):
        raise ResultError(
            "wtp_per_draw does not follow the draws",
            expected=f"{n} amounts, one per draw, or one for all",
            found=wtp.size,
            remedy="Compute severity from the same run as the costs and effects.",
        )
    nmb = wtp * draws.effect - draws.cost
    wins = nmb == nmb.max(axis=0)
    probability = (wins / wins.sum(axis=0)).mean(axis=1)
    error = probability_se(probability, n=n)
    shares, errors = tuple(probability.tolist()), tuple(error.tolist())
    return BestProbability(draws.strategies, shares, errors, draws.even)


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over draws at each limit: shares of being best, and losses of the favoured."""

    favoured: NDArray[np.int64]
    mean_nmb: Floats
    share: Floats
    loss: Floats
    loss_square: Floats


def tally_limits(draws: Draws, limits: Floats) -> Tally:
    """Run the kernel over limits; shapes (strategy, limit) and (limit,)."""
    from prioritering.psa._kernels import acceptability_kernel

    mean_cost, mean_effect = draws.cost.mean(axis=1), draws.effect.mean(axis=1)
    mean_nmb = limits * mean_effect[:, None] - mean_cost[:, None]
    favoured = mean_nmb.argmax(axis=0).astype(np.int64)
    share = np.zeros_like(mean_nmb)
    loss, loss_square = np.zeros_like(limits), np.zeros_like(limits)
    acceptability_kernel(draws.cost, draws.effect, limits, favoured, share, loss, loss_square)
    return Tally(favoured, mean_nmb, share, loss, loss_square)
