"""Probabilistic sensitivity analysis: acceptability, value of information, Monte Carlo error.

Every function takes :class:`prioritering.outcomes.Outcomes` or a pair of arrays
``(cost, effect)`` of shape (strategy, draw), so it serves a model built anywhere.
"""

from prioritering.psa.acceptability import (
    Acceptability,
    BestProbability,
    acceptability,
    severity_adjusted_best,
)
from prioritering.psa.convergence import (
    RunningMean,
    mean_se,
    probability_se,
    quantile_se,
    running_mean,
)
from prioritering.psa.voi import Evpi, PopulationEvpi, evpi, population_evpi

__all__ = [
    "Acceptability",
    "BestProbability",
    "Evpi",
    "PopulationEvpi",
    "RunningMean",
    "acceptability",
    "evpi",
    "mean_se",
    "population_evpi",
    "probability_se",
    "quantile_se",
    "running_mean",
    "severity_adjusted_best",
]
