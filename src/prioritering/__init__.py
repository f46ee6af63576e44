"""Health-economic cost-effectiveness modelling under Norway's priority-setting rules."""

from importlib import import_module
from typing import TYPE_CHECKING

from prioritering import severity, survival
from prioritering.cea import CEA, compare
from prioritering.conventions import CycleCorrection, Discounting
from prioritering.errors import (
    CaseError,
    ConfidentialError,
    ConventionError,
    CurveError,
    DataError,
    ExpressionError,
    GuidelineError,
    ModelError,
    ParameterError,
    PrioriteringError,
    PrioriteringWarning,
    ProbabilityError,
    ResultError,
    UnknownNameError,
)
from prioritering.guidelines import Guideline, guideline
from prioritering.models import (
    AgeAdjustment,
    Duration,
    MarkovModel,
    PartitionedModel,
    at_start,
    days,
    entry,
    leaving,
    months,
    weeks,
    years,
)
from prioritering.outcomes import Outcomes
from prioritering.parameters import (
    Draws,
    Parameters,
    apply_hazard_ratio,
    beta,
    dirichlet,
    empirical,
    fixed,
    gamma,
    lognormal,
    multivariate_normal,
    normal,
    prob_to_rate,
    rate_to_prob,
    triangular,
    uniform,
)
from prioritering.severity import Severity, absolute_shortfall, population_qalys
from prioritering.version import __version__
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    from prioritering import costing, decision, psa, readers, utilities
    from prioritering.decision import Decision, assess
    from prioritering.psa import evpi, population_evpi

__all__ = [
    "CEA",
    "AgeAdjustment",
    "CaseError",
    "ConfidentialError",
    "ConventionError",
    "CurveError",
    "CycleCorrection",
    "DataError",
    "Decision",
    "Discounting",
    "Draws",
    "Duration",
    "ExpressionError",
    "Guideline",
    "GuidelineError",
    "MarkovModel",
    "ModelError",
    "Outcomes",
    "ParameterError",
    "Parameters",
    "PartitionedModel",
    "PrioriteringError",
    "PrioriteringWarning",
    "ProbabilityError",
    "ResultError",
    "Severity",
    "UnknownNameError",
    "YearlyOutcomes",
    "__version__",
    "absolute_shortfall",
    "apply_hazard_ratio",
    "assess",
    "at_start",
    "beta",
    "compare",
    "costing",
    "days",
    "decision",
    "dirichlet",
    "empirical",
    "entry",
    "evpi",
    "fixed",
    "gamma",
    "guideline",
    "leaving",
    "lognormal",
    "months",
    "multivariate_normal",
    "normal",
    "population_evpi",
    "population_qalys",
    "prob_to_rate",
    "psa",
    "rate_to_prob",
    "readers",
    "severity",
    "survival",
    "triangular",
    "uniform",
    "utilities",
    "weeks",
    "years",
]

_ROOMS = ("costing", "decision", "psa", "readers", "utilities")
_HOMES = {"Decision": "decision", "assess": "decision", "evpi": "psa", "population_evpi": "psa"}


def __getattr__(name: str) -> object:
    """Import a room, or a name of one, when it is first asked for: few programs need all."""
    room = _HOMES.get(name, name)
    if room not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{room}")
    return module if name == room else getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
