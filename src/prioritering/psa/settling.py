"""How costs, QALYs, net benefit and ICER settle as draws accumulate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.psa.convergence import RunningMean, running_mean
from prioritering.psa.inputs import CostEffect, Pair, pair_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Followed = Literal["cost", "qaly", "nmb", "icer"]


@dataclass(frozen=True, repr=False, eq=False)
class Settling(Frozen, Shown):
    """Running means of the increments of an option over a reference, and of their ratio.

    Attributes
    ----------
    cost, qaly, nmb
        Mean increment over the first draws with its Monte Carlo standard error; ``nmb`` is
        ``None`` without willingness to pay.
    icer
        Ratio of the running means, with its delta-method error, from the draw on after which
        both running means keep the sign they end with; ``None`` where the final ratio has no
        meaning or the last draw still changes a sign.
    wtp
        Willingness to pay behind ``nmb``.
    provenance
        That of the run.
    """

    reference: str
    option: str
    cost: RunningMean
    qaly: RunningMean
    nmb: RunningMean | None
    icer: RunningMean | None
    wtp: float | None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether standard errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def of(self, quantity: Followed) -> RunningMean:
        """Return the running mean of a quantity.

        Raises
        ------
        UnknownNameError
            Another quantity than ``"cost"``, ``"qaly"``, ``"nmb"`` and ``"icer"``.
        ResultError
            Net benefit without willingness to pay, or an ICER without a meaning.
        """
        if quantity not in get_args(Followed):
            raise unknown_name("quantity", quantity, get_args(Followed))
        found: RunningMean | None = getattr(self, quantity)
        if found is None:
            remedy = "Give wtp." if quantity == "nmb" else "Follow net benefit instead: give wtp."
            raise ResultError(f"{quantity} was not followed", expected="a value", remedy=remedy)
        return found

    def to_frame(self) -> pd.DataFrame:
        """Long table: quantity, draws, mean, se."""
        import pandas as pd

        kept = {name: getattr(self, name) for name in get_args(Followed)}
        frames = [
            pd.DataFrame({"quantity": name, "draws": r.draws, "mean": r.mean, "se": r.se})
            for name, r in kept.items()
            if r is not None
        ]
        return pd.concat(frames, ignore_index=True)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the running means at up to nine numbers of draws."""
        from prioritering.report.tables.probabilistic import settling_table

        return settling_table(self, language=language)

    def plot(
        self, quantity: Followed = "icer", ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Draw the running mean of one quantity with two standard errors on either side."""
        from prioritering.report.figures.settling import plot_settling

        return plot_settling(self, quantity, ax, language=language)

    def __repr__(self) -> str:
        n = int(self.cost.draws[-1])
        return f"Settling({self.option} against {self.reference}, {n} draws)"


def settling(
    outcomes: CostEffect, *, reference: str, option: str | None = None, wtp: float | None = None
) -> Settling:
    """Follow increments and their ratio as draws accumulate.

    A run has settled for a decision when the band of two standard errors at its end lies on
    one side of what it is held against; a line that looks flat is not the same.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    reference, option
        Names; the option may be left out with two strategies.
    wtp
        Willingness to pay per QALY for the net benefit, above 0.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        A single draw, no option, or an amount that is no willingness to pay.

    Examples
    --------
    >>> cost, qaly = [[0.0] * 3, [90.0, 110.0, 130.0]], [[0.0] * 3, [1.0, 1.0, 2.0]]
    >>> settling((cost, qaly), reference="strategy 1").icer.mean
    array([100. ,  82.5])
    """
    pair = pair_of(outcomes, reference=reference, option=option)
    limit = None if wtp is None else checked_wtp(wtp)
    cost, qaly = running_mean(pair.cost), running_mean(pair.effect)
    return Settling(
        reference=reference,
        option=pair.option,
        cost=cost,
        qaly=qaly,
        nmb=None if limit is None else running_mean(limit * pair.effect - pair.cost),
        icer=_running_ratio(pair, cost, qaly),
        wtp=limit,
        provenance=dict(pair.provenance),
    )


def _running_ratio(pair: Pair, cost: RunningMean, qaly: RunningMean) -> RunningMean | None:
    """Ratio of running means; ``se^2 = se_c^2 - 2 R cov / k + R^2 se_e^2``, over ``E^2``."""
    signs = np.sign(cost.mean), np.sign(qaly.mean)
    if signs[0][-1] * signs[1][-1] <= 0:
        return None
    astray = np.flatnonzero((signs[0] != signs[0][-1]) | (signs[1] != signs[1][-1]))
    start = int(astray[-1]) + 1 if astray.size else 0
    d_c, d_e = pair.cost - pair.cost.mean(), pair.effect - pair.effect.mean()
    k = np.arange(1, d_c.size + 1)
    products = np.cumsum(d_c * d_e) - np.cumsum(d_c) * np.cumsum(d_e) / k
    covariance = products[1:] / (k[1:] - 1) / k[1:]
    ratio = cost.mean[start:] / qaly.mean[start:]
    variance = (
        cost.se[start:] ** 2 - 2.0 * ratio * covariance[start:] + (ratio * qaly.se[start:]) ** 2
    )
    error = np.sqrt(np.clip(variance, 0.0, None)) / np.abs(qaly.mean[start:])
    return RunningMean(cost.draws[start:], ratio, error)
