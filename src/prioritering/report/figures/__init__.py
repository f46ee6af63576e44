"""Figures of results: each draws on given or new axes, and returns them.

Style is set for the drawing only; no global setting of matplotlib is changed.
"""

from prioritering.report.figures.acceptability import plot_acceptability
from prioritering.report.figures.curves import plot_curves
from prioritering.report.figures.decision import plot_decision
from prioritering.report.figures.frontier import plot_frontier
from prioritering.report.figures.hazards_observed import (
    plot_log_cumulative_hazard,
    plot_schoenfeld,
    plot_smoothed_hazard,
)
from prioritering.report.figures.net_benefit import plot_net_benefit
from prioritering.report.figures.plane import plot_plane
from prioritering.report.figures.severity import plot_severity
from prioritering.report.figures.survival_observed import plot_kaplan_meier, plot_reconstruction
from prioritering.report.figures.trace import plot_trace

__all__ = [
    "plot_acceptability",
    "plot_curves",
    "plot_decision",
    "plot_frontier",
    "plot_kaplan_meier",
    "plot_log_cumulative_hazard",
    "plot_net_benefit",
    "plot_plane",
    "plot_reconstruction",
    "plot_schoenfeld",
    "plot_severity",
    "plot_smoothed_hazard",
    "plot_trace",
]
