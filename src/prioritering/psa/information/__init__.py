"""Value of information: what it is worth to know parameters better before a decision.

:func:`evpi` values knowing everything, :func:`evppi` some parameters (by regression over the
draws; :func:`nested_evppi` runs the model instead), :func:`evsi` a study of given size, and
:func:`enbs` weighs a study's value for all patients against its cost.
"""

from prioritering.psa.information.nested import NestedEvppi, nested_evppi
from prioritering.psa.information.partial import Evppi, evppi
from prioritering.psa.information.perfect import Evpi, PopulationEvpi, evpi, population_evpi
from prioritering.psa.information.ranking import EvppiRanking, evppi_all
from prioritering.psa.information.sample import Evsi, evsi, evsi_by_sample_size
from prioritering.psa.information.sampling_benefit import (
    Enbs,
    OptimalSize,
    enbs,
    optimal_sample_size,
)
from prioritering.psa.information.studies import (
    Study,
    binomial_study,
    normal_mean_study,
    rate_study,
    two_arm_binomial,
)

__all__ = [
    "Enbs",
    "Evpi",
    "Evppi",
    "EvppiRanking",
    "Evsi",
    "NestedEvppi",
    "OptimalSize",
    "PopulationEvpi",
    "Study",
    "binomial_study",
    "enbs",
    "evpi",
    "evppi",
    "evppi_all",
    "evsi",
    "evsi_by_sample_size",
    "nested_evppi",
    "normal_mean_study",
    "optimal_sample_size",
    "population_evpi",
    "rate_study",
    "two_arm_binomial",
]
