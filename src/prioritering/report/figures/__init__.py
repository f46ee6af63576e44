"""Figures of results: each draws on given or new axes, and returns them.

Style is set for the drawing only; no global setting of matplotlib is changed.
"""

from prioritering.report.figures.acceptability import plot_acceptability, plot_acceptability_curves
from prioritering.report.figures.agreements import plot_agreements, plot_timing
from prioritering.report.figures.budget import plot_budget
from prioritering.report.figures.class_map import plot_class_map
from prioritering.report.figures.classification import plot_cutoffs, plot_path
from prioritering.report.figures.costing import plot_state_utilities
from prioritering.report.figures.curves import plot_curves
from prioritering.report.figures.decision import plot_decision
from prioritering.report.figures.drivers import plot_drivers
from prioritering.report.figures.frontier import plot_frontier
from prioritering.report.figures.hazards_observed import (
    plot_log_cumulative_hazard,
    plot_schoenfeld,
    plot_smoothed_hazard,
)
from prioritering.report.figures.information import (
    plot_evpi,
    plot_evppi,
    plot_ranking,
    plot_ranking_limits,
    plot_residuals,
)
from prioritering.report.figures.information_study import plot_enbs, plot_evsi
from prioritering.report.figures.inventory import plot_perspectives
from prioritering.report.figures.net_benefit import plot_net_benefit
from prioritering.report.figures.opportunity_cost import plot_portfolio
from prioritering.report.figures.personnel import plot_personnel
from prioritering.report.figures.plane import plot_plane
from prioritering.report.figures.price import plot_price, plot_price_probability
from prioritering.report.figures.probabilistic import (
    plot_expected_loss,
    plot_incremental,
    plot_ranks,
)
from prioritering.report.figures.probabilistic_severity import (
    plot_multiplier_curves,
    plot_severity_acceptability,
)
from prioritering.report.figures.routes import plot_cost_minimisation, plot_subgroups
from prioritering.report.figures.scenarios import plot_scenarios
from prioritering.report.figures.sensitivity import plot_tornado
from prioritering.report.figures.sensitivity_grid import plot_threshold, plot_two_way
from prioritering.report.figures.settling import plot_settling
from prioritering.report.figures.severity import plot_severity
from prioritering.report.figures.survival_fits import plot_fits, plot_fitted_hazards
from prioritering.report.figures.survival_observed import plot_kaplan_meier, plot_reconstruction
from prioritering.report.figures.trace import plot_trace

__all__ = [
    "plot_acceptability",
    "plot_acceptability_curves",
    "plot_agreements",
    "plot_budget",
    "plot_class_map",
    "plot_cost_minimisation",
    "plot_curves",
    "plot_cutoffs",
    "plot_decision",
    "plot_drivers",
    "plot_enbs",
    "plot_evpi",
    "plot_evppi",
    "plot_evsi",
    "plot_expected_loss",
    "plot_fits",
    "plot_fitted_hazards",
    "plot_frontier",
    "plot_incremental",
    "plot_kaplan_meier",
    "plot_log_cumulative_hazard",
    "plot_multiplier_curves",
    "plot_net_benefit",
    "plot_path",
    "plot_personnel",
    "plot_perspectives",
    "plot_plane",
    "plot_portfolio",
    "plot_price",
    "plot_price_probability",
    "plot_ranking",
    "plot_ranking_limits",
    "plot_ranks",
    "plot_reconstruction",
    "plot_residuals",
    "plot_scenarios",
    "plot_schoenfeld",
    "plot_settling",
    "plot_severity",
    "plot_severity_acceptability",
    "plot_smoothed_hazard",
    "plot_state_utilities",
    "plot_subgroups",
    "plot_threshold",
    "plot_timing",
    "plot_tornado",
    "plot_trace",
    "plot_two_way",
]
