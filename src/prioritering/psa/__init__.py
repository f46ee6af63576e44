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
from prioritering.psa.distributions import Incremental, Level, Share, Spread, incremental
from prioritering.psa.drivers import Driver, Drivers, drivers
from prioritering.psa.icer_error import IcerError, icer_error
from prioritering.psa.icer_interval import IcerInterval
from prioritering.psa.information import (
    Enbs,
    Evpi,
    Evppi,
    EvppiRanking,
    Evsi,
    NestedEvppi,
    OptimalSize,
    PopulationEvpi,
    Study,
    binomial_study,
    enbs,
    evpi,
    evppi,
    evppi_all,
    evsi,
    evsi_by_sample_size,
    nested_evppi,
    normal_mean_study,
    optimal_sample_size,
    population_evpi,
    rate_study,
    two_arm_binomial,
)
from prioritering.psa.loss import ExpectedLossCurves, expected_loss
from prioritering.psa.precision import DrawsNeeded, Need, Precision, draws_needed
from prioritering.psa.ranks import RankProbabilities, rank_probabilities
from prioritering.psa.sensitivity import (
    OneWay,
    Scenario,
    Scenarios,
    Threshold,
    TwoWay,
    one_way,
    scenarios,
    threshold,
    two_way,
)
from prioritering.psa.settling import Settling, settling
from prioritering.psa.severity_limits import (
    ClassShare,
    MultiplierCurves,
    SeverityAcceptability,
    multiplier_curves,
    severity_acceptability,
)
from prioritering.psa.until import run_until

__all__ = [
    "Acceptability",
    "BestProbability",
    "ClassShare",
    "DrawsNeeded",
    "Driver",
    "Drivers",
    "Enbs",
    "Evpi",
    "Evppi",
    "EvppiRanking",
    "Evsi",
    "ExpectedLossCurves",
    "IcerError",
    "IcerInterval",
    "Incremental",
    "Level",
    "MultiplierCurves",
    "Need",
    "NestedEvppi",
    "OneWay",
    "OptimalSize",
    "PopulationEvpi",
    "Precision",
    "RankProbabilities",
    "RunningMean",
    "Scenario",
    "Scenarios",
    "Settling",
    "SeverityAcceptability",
    "Share",
    "Spread",
    "Study",
    "Threshold",
    "TwoWay",
    "acceptability",
    "binomial_study",
    "draws_needed",
    "drivers",
    "enbs",
    "evpi",
    "evppi",
    "evppi_all",
    "evsi",
    "evsi_by_sample_size",
    "expected_loss",
    "icer_error",
    "incremental",
    "mean_se",
    "multiplier_curves",
    "nested_evppi",
    "normal_mean_study",
    "one_way",
    "optimal_sample_size",
    "population_evpi",
    "probability_se",
    "quantile_se",
    "rank_probabilities",
    "rate_study",
    "run_until",
    "running_mean",
    "scenarios",
    "settling",
    "severity_acceptability",
    "severity_adjusted_best",
    "threshold",
    "two_arm_binomial",
    "two_way",
]
