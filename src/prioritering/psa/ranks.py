"""How often each strategy comes first, second and so on at a willingness to pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.frozen import Frozen
from prioritering.psa.convergence import probability_se
from prioritering.psa.inputs import CostEffect, cost_and_effect, limit_per_draw, rounding_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class RankProbabilities(Frozen, Shown):
    """Probability of every rank in net benefit, for every strategy.

    Attributes
    ----------
    wtp
        Willingness to pay per QALY, shape (1,) for one amount or (draw,).
    probability, probability_se
        Share of draws in which a strategy has rank 1 (best), 2, ..., and its Monte Carlo
        standard error, shape (strategy, rank). Rows and columns sum to 1.
    mean_rank, mean_rank_se
        Shape (strategy,).
    share_outranked, share_outranked_se
        Share of the other strategies that a strategy beats in an average draw,
        ``(S - mean rank) / (S - 1)``, shape (strategy,). Network meta-analysis calls it the
        surface under the cumulative ranking curve.
    n_draws
        Number of draws.
    provenance
        That of the run.
    """

    strategies: tuple[str, ...]
    wtp: Floats
    probability: Floats
    probability_se: Floats
    mean_rank: Floats
    mean_rank_se: Floats
    share_outranked: Floats
    share_outranked_se: Floats
    n_draws: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether standard errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """Long table: strategy, rank, probability, probability_se, mean_rank, share_outranked."""
        import pandas as pd

        n = len(self.strategies)
        index = pd.MultiIndex.from_product(
            [self.strategies, range(1, n + 1)], names=["strategy", "rank"]
        )
        columns = {
            "probability": self.probability.ravel(),
            "probability_se": self.probability_se.ravel(),
            "mean_rank": np.repeat(self.mean_rank, n),
            "share_outranked": np.repeat(self.share_outranked, n),
        }
        return pd.DataFrame(columns, index=index).reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the probabilities, one row per strategy."""
        from prioritering.report.tables.probabilistic import ranks_table

        return ranks_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw one bar per strategy, divided by rank."""
        from prioritering.report.figures.probabilistic import plot_ranks

        return plot_ranks(self, ax, language=language)

    def __repr__(self) -> str:
        first = self.strategies[int(self.mean_rank.argmin())]
        n = len(self.strategies)
        return f"RankProbabilities({n} strategies, {self.n_draws} draws, best mean rank: {first})"


def rank_probabilities(outcomes: CostEffect, *, wtp: ArrayLike) -> RankProbabilities:
    """Probability of every rank in net benefit at a willingness to pay.

    In each draw strategies are ranked by ``wtp * effect - cost``. Strategies of equal net
    benefit share the ranks they occupy, an equal part of each; the first column is therefore
    the probability of being best that :func:`acceptability` gives. The standard error is
    binomial, an upper bound where ranks are shared or draws are not independent.

    A high chance of being first can go with a high chance of being last, and neither says how
    much is gained: decide by expected net benefit, and read ranks beside it.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    wtp
        Willingness to pay per QALY, 0 or more: one amount, or shape (draw,) with the limit of
        each draw's own severity class.

    Raises
    ------
    ResultError
        A single draw or strategy, arrays that do not fit, or amounts that do not fit the draws.

    Notes
    -----
    Salanti, Ades, Ioannidis 2011, Journal of Clinical Epidemiology 64:163-171, for ranks and
    the share of strategies outranked.

    Examples
    --------
    >>> cost, effect = [[0.0, 0.0], [10.0, 10.0], [10.0, 10.0]], [[0, 0], [1, 3], [1, 3]]
    >>> rank_probabilities((cost, effect), wtp=5).probability
    array([[0.5 , 0.  , 0.5 ],
           [0.25, 0.5 , 0.25],
           [0.25, 0.5 , 0.25]])
    """
    draws = cost_and_effect(outcomes)
    n, s = draws.n_draws, len(draws.strategies)
    amounts = limit_per_draw(wtp, n_draws=n, name="wtp")
    nmb = amounts * draws.effect - draws.cost
    probability, rank = _ranks(nmb, rounding_of(draws, amounts))
    error = rank.std(axis=1, ddof=1) / np.sqrt(n)
    mean = rank.mean(axis=1)
    return RankProbabilities(
        strategies=draws.strategies,
        wtp=amounts,
        probability=probability,
        probability_se=probability_se(probability, n=n),
        mean_rank=mean,
        mean_rank_se=error,
        share_outranked=(s - mean) / (s - 1),
        share_outranked_se=error / (s - 1),
        n_draws=n,
        provenance=dict(draws.provenance),
    )


def _ranks(nmb: Floats, slack: Floats) -> tuple[Floats, Floats]:
    """Probability (strategy, rank) of each rank, and the mid-rank of each draw.

    Net benefits no more than ``slack`` apart are equal, shape (draw,) or (1,).
    """
    n_strategies, n_draws = nmb.shape
    probability, middle = np.empty((n_strategies, n_strategies)), np.empty_like(nmb)
    for i, own in enumerate(nmb):
        above = (nmb > own + slack).sum(axis=0)
        level = (np.abs(nmb - own) <= slack).sum(axis=0)
        # a part 1 / level enters at the first rank shared and leaves after the last
        enters = np.bincount(above, 1.0 / level, n_strategies + 1)
        leaves = np.bincount(above + level, 1.0 / level, n_strategies + 1)
        probability[i] = np.cumsum(enters - leaves)[:-1] / n_draws
        middle[i] = above + (level + 1) / 2
    return np.clip(probability, 0.0, 1.0), middle
