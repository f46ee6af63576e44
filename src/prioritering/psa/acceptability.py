"""How often each strategy is best: acceptability curves, their frontier, and per-draw limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import unknown_name
from prioritering.frozen import Frozen
from prioritering.psa.convergence import probability_se
from prioritering.psa.inputs import (
    CostEffect,
    cost_and_effect,
    limit_per_draw,
    rising_limits,
    rounding_of,
)
from prioritering.psa.loss import ExpectedLossCurves, losses_of
from prioritering.psa.tally import tally_limits
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

__all__ = [
    "Acceptability",
    "BestProbability",
    "acceptability",
    "severity_adjusted_best",
    "tally_limits",
]


@dataclass(frozen=True, repr=False, eq=False)
class Acceptability(Frozen, Shown):
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
        The strategy of highest mean net benefit at each limit; the first when equal, see
        :meth:`best_on_average`.
    frontier, frontier_se
        Probability that the favoured strategy is best (acceptability frontier), shape (limit,).
    n_draws
        Number of draws behind the probabilities.
    loss
        Expected loss of each strategy and the EVPI, from the same pass over the draws.
    errors_are_upper_bounds
        Whether the standard errors are upper bounds, since draws are not independent.
    provenance
        That of the run.
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
    loss: ExpectedLossCurves
    errors_are_upper_bounds: bool = False
    provenance: Mapping[str, Any] = field(default_factory=dict)

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

    def best_on_average(self, position: int) -> tuple[str, ...]:
        """Strategies of highest mean net benefit at one of the limits; several when equal."""
        loss = self.loss.loss[:, position]
        return tuple(s for s, x in zip(self.strategies, loss, strict=True) if x == loss.min())

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the probabilities at up to nine of the limits, evenly spaced."""
        from prioritering.report.tables.probabilistic import acceptability_table

        return acceptability_table(self, language=language)

    def plot(
        self, ax: Axes | None = None, *, wtp: float | None = None, language: str = "en"
    ) -> Axes:
        """Draw curves and frontier with Monte Carlo bands; ``wtp`` marks one of the limits."""
        from prioritering.report.figures.acceptability import plot_acceptability_curves

        return plot_acceptability_curves(self, ax, wtp=wtp, language=language)

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

    def to_frame(self) -> pd.DataFrame:
        """One row per strategy: probability, probability_se."""
        import pandas as pd

        names = ("strategy", "probability", "probability_se")
        columns = (self.strategies, self.probability, self.probability_se)
        return pd.DataFrame(dict(zip(names, columns, strict=True)))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the probabilities."""
        from prioritering.report.tables.probabilistic import best_probability_table

        return best_probability_table(self, language=language)

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table())


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
        Willingness to pay per QALY, 0 or more and rising, shape (limit,) or one amount.

    Raises
    ------
    ResultError
        A single draw or strategy, arrays that do not fit, or limits that are not amounts in
        rising order.

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
    draws, values = cost_and_effect(outcomes), rising_limits(limits)
    tally = tally_limits(draws, values)
    n = draws.n_draws
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
        loss=losses_of(draws, values, tally),
        errors_are_upper_bounds=draws.even,
        provenance=dict(draws.provenance),
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
    draws = cost_and_effect(outcomes)
    n = draws.n_draws
    wtp = limit_per_draw(wtp_per_draw, n_draws=n)
    nmb = wtp * draws.effect - draws.cost
    wins = nmb >= nmb.max(axis=0) - rounding_of(draws, wtp)
    probability = (wins / wins.sum(axis=0)).mean(axis=1)
    error = probability_se(probability, n=n)
    shares, errors = tuple(probability.tolist()), tuple(error.tolist())
    return BestProbability(draws.strategies, shares, errors, draws.even)
