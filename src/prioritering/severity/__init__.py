"""Severity: absolute shortfall of healthy years, its class and reference willingness to pay.

The population's expected remaining QALYs come printed, computed from life table and norm, or
from the user; shortfall and class are given for every draw and for the mean prognosis. Around
that: the ages of the patients, prevention, how far a case is from another class, and the
classes of other countries for comparison.
"""

from prioritering.severity.age_distribution import (
    AgeBandSeverity,
    AgeDistributionSeverity,
    absolute_shortfall_by_age,
    absolute_shortfall_over_ages,
)
from prioritering.severity.comparison import (
    DiscountedQalys,
    ForeignComparison,
    ForeignSeverity,
    compare_abroad,
)
from prioritering.severity.interventions import PreventionSeverity, severity_of_prevention
from prioritering.severity.population import (
    PopulationQalys,
    discounted_population_qalys,
    population_qalys,
    population_qalys_near,
)
from prioritering.severity.sensitivity import ClassMap, Margin, class_map, class_margins
from prioritering.severity.shortfall import Severity, SeverityPoint, absolute_shortfall

__all__ = [
    "AgeBandSeverity",
    "AgeDistributionSeverity",
    "ClassMap",
    "DiscountedQalys",
    "ForeignComparison",
    "ForeignSeverity",
    "Margin",
    "PopulationQalys",
    "PreventionSeverity",
    "Severity",
    "SeverityPoint",
    "absolute_shortfall",
    "absolute_shortfall_by_age",
    "absolute_shortfall_over_ages",
    "class_map",
    "class_margins",
    "compare_abroad",
    "discounted_population_qalys",
    "population_qalys",
    "population_qalys_near",
    "severity_of_prevention",
]
