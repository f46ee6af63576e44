"""Routes beside the ordinary assessment, each with its own question to the same results.

Very small patient groups, subgroups, one exceptional patient, cost minimisation, mini-HTA, and
devices that share an investment. They report numbers and margins; they never pronounce.
"""

from prioritering.decision.routes.cost_minimisation import CostMinimisation, cost_minimisation
from prioritering.decision.routes.devices import Device, DeviceCost
from prioritering.decision.routes.exceptional_patient import (
    ExceptionalPatient,
    exceptional_patient,
)
from prioritering.decision.routes.mini_hta import SECTIONS, MiniHta, mini_hta
from prioritering.decision.routes.small_groups import Criterion, SmallGroup, small_group
from prioritering.decision.routes.subgroups import (
    Runner,
    Subgroup,
    SubgroupResult,
    Subgroups,
    subgroups,
)

__all__ = [
    "SECTIONS",
    "CostMinimisation",
    "Criterion",
    "Device",
    "DeviceCost",
    "ExceptionalPatient",
    "MiniHta",
    "Runner",
    "SmallGroup",
    "Subgroup",
    "SubgroupResult",
    "Subgroups",
    "cost_minimisation",
    "exceptional_patient",
    "mini_hta",
    "small_group",
    "subgroups",
]
