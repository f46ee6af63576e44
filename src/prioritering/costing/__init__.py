"""Costs as they are built in Norway: drugs, hospital stays, adverse events, patients' time.

:func:`drug_cost` turns a dose, the patients' weight or surface and the vials on the market into
the cost of an administration and what is thrown away; :func:`drg_cost` prices a hospital stay;
:func:`adverse_event_costs` adds up adverse events and the QALYs they take; :func:`unit_costs`
holds Norwegian unit costs, each with its source and the year of its price.
"""

from prioritering.costing.drugs import DrugCost, administrations_per_year, drug_cost
from prioritering.costing.events import AdverseEvents, adverse_event_costs
from prioritering.costing.rates import drg_cost, vat_rate
from prioritering.costing.sizes import (
    BodySize,
    LogNormalSize,
    NormalSize,
    ObservedSizes,
    body_surface,
)
from prioritering.costing.unit_costs import (
    UnitCost,
    UnitCosts,
    patient_time_cost,
    travel_cost,
    unit_costs,
)

__all__ = [
    "AdverseEvents",
    "BodySize",
    "DrugCost",
    "LogNormalSize",
    "NormalSize",
    "ObservedSizes",
    "UnitCost",
    "UnitCosts",
    "administrations_per_year",
    "adverse_event_costs",
    "body_surface",
    "drg_cost",
    "drug_cost",
    "patient_time_cost",
    "travel_cost",
    "unit_costs",
    "vat_rate",
]
