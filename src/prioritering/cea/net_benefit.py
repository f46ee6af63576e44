"""Net benefit of every strategy and draw at one willingness to pay."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from prioritering.cea.montecarlo import mean_se
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class NetBenefit(Frozen):
    """Net benefit of every strategy and draw at one willingness to pay.

    Attributes
    ----------
    wtp
        Willingness to pay per QALY, in the currency of the costs.
    nmb
        Net monetary benefit ``wtp * qaly - cost``, shape (strategy, draw).
    nhb
        Net health benefit ``qaly - cost / wtp`` in QALYs, shape (strategy, draw).
    mean_nmb, mean_nhb
        Means over draws, shape (strategy,).
    nmb_se, nhb_se
        Monte Carlo standard errors by strategy; ``None`` with one draw.
    best
        The strategy of highest mean; the first of them when means are equal.
    """

    strategies: tuple[str, ...]
    wtp: float
    nmb: Floats
    nhb: Floats
    mean_nmb: Floats
    mean_nhb: Floats
    nmb_se: tuple[float | None, ...]
    nhb_se: tuple[float | None, ...]
    best: str

    def to_frame(self) -> pd.DataFrame:
        """Long table: strategy, draw, nmb, nhb."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.strategies, range(self.nmb.shape[1])], names=["strategy", "draw"]
        )
        columns = {"nmb": self.nmb.ravel(), "nhb": self.nhb.ravel()}
        return pd.DataFrame(columns, index=index).reset_index()

    def __repr__(self) -> str:
        n = len(self.strategies)
        return f"NetBenefit({n} strategies at {self.wtp:g} per QALY, best: {self.best})"


def net_benefit(outcomes: Outcomes, wtp: float) -> NetBenefit:
    """Net benefits of a run; ``wtp`` is checked before."""
    nmb = wtp * outcomes.qaly - outcomes.cost
    nhb = nmb / wtp
    mean_nmb, mean_nhb = nmb.mean(axis=1), nhb.mean(axis=1)
    return NetBenefit(
        strategies=outcomes.strategies,
        wtp=wtp,
        nmb=nmb,
        nhb=nhb,
        mean_nmb=mean_nmb,
        mean_nhb=mean_nhb,
        nmb_se=tuple(mean_se(draws) for draws in nmb),
        nhb_se=tuple(mean_se(draws) for draws in nhb),
        best=outcomes.strategies[int(mean_nmb.argmax())],
    )


def checked_wtp(wtp: float) -> float:
    """Willingness to pay as a finite number above 0; anything else is an error."""
    if not (isinstance(wtp, numbers.Real) and math.isfinite(wtp) and wtp > 0):
        raise ResultError(
            "willingness to pay is not usable",
            expected="a finite amount above 0 per QALY",
            found=repr(wtp),
        )
    return float(wtp)
