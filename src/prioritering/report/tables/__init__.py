"""Tables as a dossier prints them: rounded and labelled text in pandas frames.

Raw numbers stay in ``.to_frame()`` of the results. Each frame carries what a reader must know
beside the numbers in ``frame.attrs["notes"]``.
"""

from prioritering.report.tables.assumptions import assumptions_table
from prioritering.report.tables.best import best_table
from prioritering.report.tables.cea import cea_table, pairwise_table
from prioritering.report.tables.decision import decision_table
from prioritering.report.tables.observed import (
    hazard_ratio_table,
    kaplan_meier_table,
    log_rank_table,
    proportional_hazards_table,
    reconstruction_table,
)
from prioritering.report.tables.outcomes import outcomes_table
from prioritering.report.tables.parameters import parameters_table
from prioritering.report.tables.severity import severity_table
from prioritering.report.tables.sources import sources_table

__all__ = [
    "assumptions_table",
    "best_table",
    "cea_table",
    "decision_table",
    "hazard_ratio_table",
    "kaplan_meier_table",
    "log_rank_table",
    "outcomes_table",
    "pairwise_table",
    "parameters_table",
    "proportional_hazards_table",
    "reconstruction_table",
    "severity_table",
    "sources_table",
]
