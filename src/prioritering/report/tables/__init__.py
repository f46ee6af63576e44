"""Tables as a dossier prints them: rounded and labelled text in pandas frames.

Raw numbers stay in ``.to_frame()`` of the results. Each frame carries what a reader must know
beside the numbers in ``frame.attrs["notes"]``.
"""

from prioritering.report.tables.agreements import agreements_table, timing_table
from prioritering.report.tables.assumptions import assumptions_table
from prioritering.report.tables.best import best_table
from prioritering.report.tables.budget import budget_table
from prioritering.report.tables.cea import cea_table, pairwise_table
from prioritering.report.tables.classification import (
    adjustment_table,
    classification_table,
    cutoff_table,
    path_table,
)
from prioritering.report.tables.costing import (
    adverse_events_table,
    drug_cost_table,
    state_utilities_table,
    unit_costs_table,
    yearly_table,
)
from prioritering.report.tables.decision import decision_table
from prioritering.report.tables.documentation import extrapolation_table, judgement_table
from prioritering.report.tables.drivers import driver_sentence, drivers_table
from prioritering.report.tables.imported import imported_table
from prioritering.report.tables.incremental import incremental_table
from prioritering.report.tables.information import (
    enbs_table,
    evpi_table,
    evppi_table,
    evsi_table,
    nested_table,
    population_evpi_table,
    ranking_table,
)
from prioritering.report.tables.inventory import inventory_table, perspectives_table
from prioritering.report.tables.mini_hta import mini_hta_table
from prioritering.report.tables.observed import (
    hazard_ratio_table,
    kaplan_meier_table,
    log_rank_table,
    proportional_hazards_table,
    reconstruction_table,
)
from prioritering.report.tables.opportunity_cost import portfolio_table
from prioritering.report.tables.outcomes import outcomes_table
from prioritering.report.tables.parameters import parameters_table
from prioritering.report.tables.personnel import hours_per_patient_table, personnel_table
from prioritering.report.tables.price import price_table
from prioritering.report.tables.probabilistic import (
    acceptability_table,
    best_probability_table,
    draws_needed_table,
    expected_loss_table,
    icer_error_table,
    multiplier_table,
    ranks_table,
    settling_table,
    severity_acceptability_table,
)
from prioritering.report.tables.publication import publication_table
from prioritering.report.tables.routes import (
    cost_minimisation_table,
    device_table,
    exceptional_patient_table,
    small_group_table,
    subgroups_table,
)
from prioritering.report.tables.sensitivity import (
    one_way_table,
    scenarios_table,
    threshold_table,
    two_way_table,
)
from prioritering.report.tables.severity import severity_table
from prioritering.report.tables.severity_sensitivity import (
    age_band_table,
    age_distribution_table,
    foreign_table,
    margins_table,
    prevention_table,
)
from prioritering.report.tables.sources import sources_table

__all__ = [
    "acceptability_table",
    "adjustment_table",
    "adverse_events_table",
    "age_band_table",
    "age_distribution_table",
    "agreements_table",
    "assumptions_table",
    "best_probability_table",
    "best_table",
    "budget_table",
    "cea_table",
    "classification_table",
    "cost_minimisation_table",
    "cutoff_table",
    "decision_table",
    "device_table",
    "draws_needed_table",
    "driver_sentence",
    "drivers_table",
    "drug_cost_table",
    "enbs_table",
    "evpi_table",
    "evppi_table",
    "evsi_table",
    "exceptional_patient_table",
    "expected_loss_table",
    "extrapolation_table",
    "foreign_table",
    "hazard_ratio_table",
    "hours_per_patient_table",
    "icer_error_table",
    "imported_table",
    "incremental_table",
    "inventory_table",
    "judgement_table",
    "kaplan_meier_table",
    "log_rank_table",
    "margins_table",
    "mini_hta_table",
    "multiplier_table",
    "nested_table",
    "one_way_table",
    "outcomes_table",
    "pairwise_table",
    "parameters_table",
    "path_table",
    "personnel_table",
    "perspectives_table",
    "population_evpi_table",
    "portfolio_table",
    "prevention_table",
    "price_table",
    "proportional_hazards_table",
    "publication_table",
    "ranking_table",
    "ranks_table",
    "reconstruction_table",
    "scenarios_table",
    "settling_table",
    "severity_acceptability_table",
    "severity_table",
    "small_group_table",
    "sources_table",
    "state_utilities_table",
    "subgroups_table",
    "threshold_table",
    "timing_table",
    "two_way_table",
    "unit_costs_table",
    "yearly_table",
]
