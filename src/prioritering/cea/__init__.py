"""Cost-effectiveness analysis of finished runs: dominance, frontier, ICER, net benefit.

Works on means over draws of :class:`prioritering.outcomes.Outcomes`; dominance and
quadrant are words, and an ICER that has no meaning is ``None``.
"""

from prioritering.cea.analysis import CEA, FrontierRow, compare
from prioritering.cea.frontier import Frontier, Standing, find_frontier
from prioritering.cea.montecarlo import errors_are_upper_bounds, mean_se
from prioritering.cea.net_benefit import NetBenefit
from prioritering.cea.pairwise import PairwiseRow, Quadrant, Ratio, quadrant, ratio

__all__ = [
    "CEA",
    "Frontier",
    "FrontierRow",
    "NetBenefit",
    "PairwiseRow",
    "Quadrant",
    "Ratio",
    "Standing",
    "compare",
    "errors_are_upper_bounds",
    "find_frontier",
    "mean_se",
    "quadrant",
    "ratio",
]
