"""Deterministic sensitivity analysis: one-way, two-way, threshold and scenarios.

Every run of an analysis is a draw of one batch, so that an analysis is one call of the model
(two-digit numbers of parameters cost no more than a small probabilistic run). A model is
anything with ``run(draws, rules, **options)`` that gives :class:`prioritering.Outcomes`.
"""

from prioritering.psa.sensitivity.batch import Comparison, Outcome, Runs
from prioritering.psa.sensitivity.one_way import OneWay, OneWayRow, one_way
from prioritering.psa.sensitivity.scenarios import Scenario, ScenarioRow, Scenarios, scenarios
from prioritering.psa.sensitivity.threshold import Crossing, Threshold, threshold
from prioritering.psa.sensitivity.two_way import TwoWay, two_way

__all__ = [
    "Comparison",
    "Crossing",
    "OneWay",
    "OneWayRow",
    "Outcome",
    "Runs",
    "Scenario",
    "ScenarioRow",
    "Scenarios",
    "Threshold",
    "TwoWay",
    "one_way",
    "scenarios",
    "threshold",
    "two_way",
]
