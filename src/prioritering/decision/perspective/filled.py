"""The guideline's impact inventory (figure 4.1) filled in with an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from prioritering.decision.given import check_kind
from prioritering.decision.means import Mean, mean
from prioritering.decision.perspective.inventory import InformalCare, Inventory
from prioritering.frozen import Frozen
from prioritering.guidelines import Consequence, Guideline, Label, Perspective
from prioritering.guidelines.perspective import View
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Standing = Literal["included", "left out", "not stated"]


@dataclass(frozen=True)
class InventoryCost:
    """A cost category in the filled inventory: who bears it and what it adds per patient."""

    category: str
    level: str
    level_name: Label
    incremental: Mean


@dataclass(frozen=True)
class InventoryRow:
    """A consequence in the filled inventory.

    Attributes
    ----------
    consequence
        The guideline's row.
    standing
        Whether the analysis includes it, leaves it out for a reason, or does not say.
    costs
        Cost categories under it.
    qalys
        Incremental QALYs per patient, for the patient's own.
    text
        How it is in the QALYs, or why it is left out.
    """

    consequence: Consequence
    standing: Standing
    costs: tuple[InventoryCost, ...] = ()
    qalys: Mean | None = None
    text: str = ""

    def counted(self, view: View) -> bool:
        """Whether a perspective counts the consequence."""
        return bool(getattr(self.consequence, view))


@dataclass(frozen=True, repr=False, eq=False)
class ImpactInventory(Frozen, Shown):
    """The guideline's inventory filled in with an analysis; amounts per patient, discounted.

    Attributes
    ----------
    reference, option
        What the incremental amounts compare.
    rows
        Every consequence of the guideline.
    perspective
        The guideline's perspective, with its names.
    carers
        Carers' incremental QALYs of the separate analysis, or ``None``.
    informal_care_as
        ``"cost"`` or ``"qaly"`` where informal care is both and one was chosen, else ``None``.
    source
        Where the guideline's inventory stands.
    n_draws
        Number of draws.
    provenance
        What stands behind the numbers.
    """

    reference: str
    option: str
    rows: tuple[InventoryRow, ...]
    perspective: Perspective
    carers: Mean | None
    informal_care_as: InformalCare | None
    source: str
    n_draws: int
    provenance: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Long table: a row per consequence and cost category, with what each view counts."""
        import pandas as pd

        frame = pd.DataFrame([cells for row in self.rows for cells in _frame_rows(row)])
        return frame.astype({"incremental": "Float64", "se": "Float64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the inventory for a report."""
        from prioritering.report.tables.inventory import inventory_table

        return inventory_table(self, language=language)

    def __repr__(self) -> str:
        n = sum(row.standing == "included" for row in self.rows)
        silent = sum(row.standing == "not stated" for row in self.rows)
        return (
            f"ImpactInventory({self.option!r} against {self.reference!r}: {n} of "
            f"{len(self.rows)} consequences included, {silent} not stated)"
        )


def impact_inventory(
    outcomes: Outcomes,
    inventory: Inventory,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
) -> ImpactInventory:
    """Fill in the guideline's impact inventory with what an analysis has.

    ``option`` may be left out when the run has two strategies.

    Raises
    ------
    UnknownNameError, ResultError, GuidelineError
        As :meth:`Inventory.check`; an unknown strategy, no or the wrong option, a run by year.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> from prioritering.decision.perspective.inventory import Row
    >>> run = Outcomes.from_arrays(
    ...     ["old", "new"], qaly=[[7.0], [8.0]], cost={"drug": [[0.0], [5e5]]}
    ... )
    >>> stated = Inventory({"drug": Row("intervention_cost", level="specialist")})
    >>> rules = guideline("no", as_of="2026-11-01")
    >>> impact_inventory(run, stated, rules, reference="old", option="new")
    ImpactInventory('new' against 'old': 2 of 14 consequences included, 12 not stated)
    """
    check_kind("outcomes", outcomes, Outcomes, remedy="Give the totals of model.run(...).")
    perspective = inventory.check(outcomes, rules)
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    base, new = outcomes.index(reference), outcomes.index(option)
    costs = {
        category: InventoryCost(
            category,
            inventory.rows[category].level,
            perspective.level(inventory.rows[category].level),
            mean(amounts[new] - amounts[base]),
        )
        for category, amounts in zip(
            outcomes.cost_categories, outcomes.cost_by_category, strict=True
        )
    }
    origin = rules.sources["perspective"]
    rows = tuple(_row(c, inventory, costs) for c in perspective.consequences)
    gain, carers = mean(outcomes.qaly[new] - outcomes.qaly[base]), inventory.carers_qalys(outcomes)
    return ImpactInventory(
        reference=reference,
        option=option,
        rows=tuple(replace(r, qalys=gain) if _patients_own(r.consequence) else r for r in rows),
        perspective=perspective,
        carers=None if carers is None else mean(carers[new] - carers[base]),
        informal_care_as=None if inventory.carers is None else inventory.count_informal_care_as,
        source=f"{origin.document}, {origin.section}",
        n_draws=outcomes.n_draws,
        provenance=outcomes.provenance,
    )


def _row(
    consequence: Consequence, inventory: Inventory, costs: Mapping[str, InventoryCost]
) -> InventoryRow:
    key = consequence.key
    under = tuple(c for k, c in costs.items() if inventory.rows[k].consequence == key)
    if under or _patients_own(consequence):
        return InventoryRow(consequence, "included", under, text=inventory.in_qalys.get(key, ""))
    if key in inventory.in_qalys:
        return InventoryRow(consequence, "included", text=inventory.in_qalys[key])
    if key in inventory.left_out:
        return InventoryRow(consequence, "left out", text=inventory.left_out[key])
    return InventoryRow(consequence, "not stated")


def _patients_own(consequence: Consequence) -> bool:
    """Whether it is the patient's QALYs, which every run has; carers' are apart from them."""
    return consequence.measure == "qaly" and consequence.separate_analysis is not None


def _frame_rows(row: InventoryRow) -> list[dict[str, object]]:
    views = {view: row.counted(view) for view in get_args(View)}
    start = {"consequence": row.consequence.key, **views, "standing": row.standing}
    cells: list[tuple[str, str, Mean | None]] = [
        (cost.category, cost.level, cost.incremental) for cost in row.costs
    ]
    return [
        {
            **start,
            "category": category,
            "level": level,
            "incremental": None if amount is None else amount.value,
            "se": None if amount is None else amount.se,
            "text": row.text,
        }
        for category, level, amount in cells or [("", "", row.qalys)]
    ]
