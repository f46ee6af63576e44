"""What the sensitivity analyses of a case found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prioritering.decision import ClassificationProbability, CutoffMap, ScenarioPath
    from prioritering.psa import (
        ExpectedLossCurves,
        Incremental,
        RankProbabilities,
        Settling,
        SeverityAcceptability,
    )
    from prioritering.psa.drivers import Drivers
    from prioritering.psa.information import EvppiRanking
    from prioritering.psa.sensitivity import OneWay, Scenarios, Threshold


@dataclass(frozen=True, repr=False)
class CaseUncertainty:
    """Sensitivity analyses and the value of information of a case run.

    What rests on the base case is at the limit of the base case, what rests on draws at that of
    the draws. Attributes are ``None`` where the run has not what an analysis needs, or ``notes``
    say why it was not made.

    Attributes
    ----------
    tornado
        Each parameter and group at the ends of its range.
    scenarios, thresholds
        Those of ``[sensitivity]``.
    drivers
        Swing, value of information and share of variance side by side.
    information
        Expected value of partial perfect information of every parameter and group, the choice
        being between all strategies.
    settling, increments
        Increments of the option as draws accumulate, and their distribution, with the
        probability that the ICER exceeds each reference level.
    loss, ranks
        Expected loss of each strategy over willingness to pay; the probability of every rank
        at the limit, with more than two strategies.
    severity
        Severity class and cost-effectiveness together, over draws.
    cutoffs, classification
        The classification of the decision as a function of its cut-offs, and its probability
        under Monte Carlo error.
    price_path
        The classification as a function of the price of ``[price]``.
    notes
        What was warned of, and what was not made and why.
    """

    tornado: OneWay | None = None
    scenarios: Scenarios | None = None
    thresholds: tuple[Threshold, ...] = ()
    drivers: Drivers | None = None
    information: EvppiRanking | None = None
    settling: Settling | None = None
    increments: Incremental | None = None
    loss: ExpectedLossCurves | None = None
    ranks: RankProbabilities | None = None
    severity: SeverityAcceptability | None = None
    cutoffs: CutoffMap | None = None
    classification: ClassificationProbability | None = None
    price_path: ScenarioPath | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        made = [name for name, value in vars(self).items() if value and name != "notes"]
        return f"CaseUncertainty({', '.join(made)})"
