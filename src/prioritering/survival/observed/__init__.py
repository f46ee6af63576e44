"""Patient data as observed: the data container, Kaplan-Meier, log-rank, hazards, reconstruction.

Everything here comes before a parametric curve is fitted: reading the data, describing them
without a model, rebuilding them from a published figure, and asking whether hazards are
proportional. Times are years throughout.
"""

from prioritering.survival.observed.cox import CoxHazardRatio, cox_hazard_ratio
from prioritering.survival.observed.data import SurvivalData, Unit, bootstrap_index
from prioritering.survival.observed.hazard import (
    CumulativeHazardAt,
    NelsonAalen,
    SmoothedHazard,
    nelson_aalen,
    smoothed_hazard,
)
from prioritering.survival.observed.kaplan_meier import (
    KaplanMeier,
    MeanEstimate,
    QuantileEstimate,
    SurvivalAt,
    kaplan_meier,
    kaplan_meier_by_group,
)
from prioritering.survival.observed.log_rank import LogRank, log_rank
from prioritering.survival.observed.proportionality import (
    LogCumulativeHazard,
    ProportionalHazards,
    SmoothedLogRatio,
    log_cumulative_hazard,
    proportional_hazards_test,
)
from prioritering.survival.observed.reconstruction import (
    ReconstructedData,
    ReconstructionReport,
    reconstruct,
)

__all__ = [
    "CoxHazardRatio",
    "CumulativeHazardAt",
    "KaplanMeier",
    "LogCumulativeHazard",
    "LogRank",
    "MeanEstimate",
    "NelsonAalen",
    "ProportionalHazards",
    "QuantileEstimate",
    "ReconstructedData",
    "ReconstructionReport",
    "SmoothedHazard",
    "SmoothedLogRatio",
    "SurvivalAt",
    "SurvivalData",
    "Unit",
    "bootstrap_index",
    "cox_hazard_ratio",
    "kaplan_meier",
    "kaplan_meier_by_group",
    "log_cumulative_hazard",
    "log_rank",
    "nelson_aalen",
    "proportional_hazards_test",
    "reconstruct",
    "smoothed_hazard",
]
