"""Draws from other programs: BCEA, dampack, heemod, hesim and Excel models, as Outcomes.

Each reader says which way its signs point and lets you check them against a figure the other
program printed, so that no decision reverses on the way.
"""

from prioritering.readers.hesim import read_hesim
from prioritering.readers.imported import Imported
from prioritering.readers.programs import read_bcea, read_dampack, read_heemod
from prioritering.readers.signs import Signs
from prioritering.readers.wide import read_wide

__all__ = [
    "Imported",
    "Signs",
    "read_bcea",
    "read_dampack",
    "read_heemod",
    "read_hesim",
    "read_wide",
]
