"""The impact inventory of a case, and the costs that the guideline's perspective counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.decision import Inventory, Row, in_perspective
from prioritering.dossier.faults import placed
from prioritering.dossier.load import Case

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline
    from prioritering.outcomes import Outcomes


def inventory_of(case: Case) -> Inventory | None:
    """Inventory of a case, without carers' QALYs, which take a run of their own.

    Raises
    ------
    ResultError
        A consequence without words on why or how.
    """
    spec = case.spec.inventory
    if spec is None:
        return None
    with placed(case.where("inventory")):
        return Inventory(
            {category: Row(row.consequence, row.level) for category, row in spec.costs.items()},
            left_out=spec.left_out,
            in_qalys=spec.in_qalys,
            societal_case=spec.societal_case,
        )


def counted_costs(
    outcomes: Outcomes, inventory: Inventory | None, rules: Guideline, case: Case
) -> Outcomes:
    """Keep the costs the guideline's perspective counts; all of them without an inventory.

    Raises
    ------
    ResultError, UnknownNameError
        An inventory that does not fit the run or the guideline.
    """
    if inventory is None:
        return outcomes
    with placed(case.where("inventory")):
        return in_perspective(outcomes, inventory, rules)
