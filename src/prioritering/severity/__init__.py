"""Severity: absolute shortfall of healthy years, its class and reference willingness to pay.

The population's expected remaining QALYs come printed, computed from life table and norm, or
from the user; shortfall and class are given for every draw and for the mean prognosis.
"""

from prioritering.severity.population import PopulationQalys, population_qalys
from prioritering.severity.shortfall import Severity, SeverityPoint, absolute_shortfall

__all__ = [
    "PopulationQalys",
    "Severity",
    "SeverityPoint",
    "absolute_shortfall",
    "population_qalys",
]
