"""Expected loss of each strategy over willingness to pay; its lower edge is the EVPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.frozen import Frozen
from prioritering.psa.inputs import CostEffect, Draws, cost_and_effect, rising_limits
from prioritering.psa.tally import Tally, tally_limits
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class ExpectedLossCurves(Frozen, Shown):
    """Expected loss of choosing each strategy, at each willingness to pay.

    Attributes
    ----------
    limits
        Willingness to pay per QALY, shape (limit,).
    loss, loss_se
        Mean over draws of what the best strategy of the draw gives above the chosen one, in
        the currency of the costs, and its Monte Carlo standard error, shape (strategy, limit).
    lowest
        The strategy of lowest expected loss, which is that of highest expected net benefit;
        the first when equal.
    evpi, evpi_se
        Its expected loss: the expected value of perfect information, shape (limit,).
    n_draws
        Number of draws behind the means.
    provenance
        That of the run.
    """

    strategies: tuple[str, ...]
    limits: Floats
    loss: Floats
    loss_se: Floats
    lowest: tuple[str, ...]
    evpi: Floats
    evpi_se: Floats
    n_draws: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether standard errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """Long table: strategy, wtp, loss, loss_se, lowest."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.strategies, self.limits.tolist()], names=["strategy", "wtp"]
        )
        lowest = np.array(self.strategies)[:, None] == np.array(self.lowest)
        columns = {"loss": self.loss.ravel(), "loss_se": self.loss_se.ravel()}
        return pd.DataFrame({**columns, "lowest": lowest.ravel()}, index=index).reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the losses at up to nine of the limits, evenly spaced."""
        from prioritering.report.tables.probabilistic import expected_loss_table

        return expected_loss_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, log: bool = False, language: str = "en") -> Axes:
        """Draw the curves with the lowest marked; ``log`` for a logarithmic axis of losses."""
        from prioritering.report.figures.probabilistic import plot_expected_loss

        return plot_expected_loss(self, ax, log=log, language=language)

    def __repr__(self) -> str:
        return (
            f"ExpectedLossCurves({len(self.strategies)} strategies, {self.limits.size} limits "
            f"{self.limits.min():g} to {self.limits.max():g}, {self.n_draws} draws)"
        )


def expected_loss(outcomes: CostEffect, *, limits: ArrayLike) -> ExpectedLossCurves:
    """Tell what choosing each strategy loses on average, over willingness to pay.

    The mean over draws of ``max_s NMB_s - NMB_d`` for every strategy ``d``: how much is lost on
    average by choosing it, because some other strategy is better in some draws. The curves
    differ by the differences in mean net benefit, so the lowest is the favoured strategy and
    its height is the expected value of perfect information (Alarid-Escudero and others 2019,
    Value in Health 22:611-618). One pass over the draws gives this and
    :func:`acceptability`, whose result holds these curves as ``.loss``.

    The standard error is ``sd(loss) / sqrt(n)``, an upper bound where draws are not
    independent.

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

    Examples
    --------
    >>> cost, effect = [[0.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [1.0, 3.0]]
    >>> expected_loss((cost, effect), limits=[0, 6]).loss
    array([[ 0.,  4.],
           [10.,  2.]])
    """
    draws, values = cost_and_effect(outcomes), rising_limits(limits)
    return losses_of(draws, values, tally_limits(draws, values))


def losses_of(draws: Draws, limits: Floats, tally: Tally) -> ExpectedLossCurves:
    """Curves from sums over draws that are there already."""
    n, column = draws.n_draws, np.arange(limits.size)
    mean = tally.losses / n
    variance = np.clip(tally.losses_square - n * mean**2, 0.0, None) / (n - 1)
    # every strategy's loss is the favoured one's and the gap between their means
    loss, error = tally.loss / n + tally.gap, np.sqrt(variance / n)
    return ExpectedLossCurves(
        strategies=draws.strategies,
        limits=limits,
        loss=loss,
        loss_se=error,
        lowest=tuple(draws.strategies[i] for i in tally.favoured),
        evpi=loss[tally.favoured, column],
        evpi_se=error[tally.favoured, column],
        n_draws=n,
        provenance=dict(draws.provenance),
    )
