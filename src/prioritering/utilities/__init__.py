"""Utilities from patient data: EQ-5D answers to values, and means by health state.

:func:`eq5d_values` turns answers into utilities under a value set; :func:`utility_by_state`
estimates the mean of each state with standard errors that respect repeated measurements, and
hands them on as parameters; :func:`carer_disutility` states what a state costs a carer, for an
analysis of its own.
"""

from prioritering.utilities.by_state import StateUtilities, utility_by_state
from prioritering.utilities.carers import carer_disutility
from prioritering.utilities.profiles import DIMENSIONS, eq5d_values

__all__ = [
    "DIMENSIONS",
    "StateUtilities",
    "carer_disutility",
    "eq5d_values",
    "utility_by_state",
]
