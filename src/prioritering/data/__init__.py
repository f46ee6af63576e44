"""Tables that ship with the package, and the objects that look things up in them.

Each table is a CSV file with a sidecar that names its source, evidence, licence, units and
hash; :func:`load_table` checks the file against it. Life tables, population norms, printed
remaining QALYs, price indices and EQ-5D value sets come as small immutable objects that
answer in arrays and refuse what lies outside them.
"""

from prioritering.data.life_table import LifeTable, Sex, life_table
from prioritering.data.norms import NormTable, norm_table
from prioritering.data.prices import PriceIndex, price_index
from prioritering.data.remaining_qalys import RemainingQalys, remaining_qalys
from prioritering.data.source import Source
from prioritering.data.table import Column, Table, list_tables, load_table
from prioritering.data.value_sets import ValueSet, list_value_sets, value_set

__all__ = [
    "Column",
    "LifeTable",
    "NormTable",
    "PriceIndex",
    "RemainingQalys",
    "Sex",
    "Source",
    "Table",
    "ValueSet",
    "life_table",
    "list_tables",
    "list_value_sets",
    "load_table",
    "norm_table",
    "price_index",
    "remaining_qalys",
    "value_set",
]
