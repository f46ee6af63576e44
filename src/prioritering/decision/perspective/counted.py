"""Runs that count only what one perspective counts, and runs that must be of the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prioritering.decision.given import check_kind
from prioritering.decision.perspective.inventory import Inventory
from prioritering.decision.perspective.views import in_perspective
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.guidelines.perspective import View
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.yearly import YearlyOutcomes


@dataclass(frozen=True, eq=False)
class Counted(Frozen):
    """A model whose runs hold only the costs that a perspective counts.

    It stands in for the model wherever one is run: sensitivity analyses, value of information
    in two loops, subgroups.

    Attributes
    ----------
    model
        A model, or anything else with ``run(draws, rules)``; budgets take its
        ``run_by_year(draws, rules, years=...)``.
    inventory
        What each cost category is.
    rules
        Guideline with the perspectives, and of a run that names no other.
    view
        As for :func:`in_perspective`: the guideline's default unless given.

    Raises
    ------
    ResultError
        Something that cannot be run, or no inventory.
    UnknownNameError, GuidelineError
        An unknown view, or no perspectives in force on the day of the rules.

    Examples
    --------
    >>> from prioritering.decision.perspective.inventory import Row
    >>> from prioritering.guidelines import guideline
    >>> class Model:
    ...     def run(self, draws, rules):
    ...         return Outcomes.from_arrays(
    ...             ["old", "new"], qaly=[[7.0], [8.0]],
    ...             cost={"drug": [[0.0], [5e5]], "work": [[0.0], [-2e5]]},
    ...         )
    >>> stated = Inventory({
    ...     "drug": Row("intervention_cost", level="specialist"),
    ...     "work": Row("paid_production", level="other"),
    ... })
    >>> rules = guideline("no", as_of="2026-11-01")
    >>> Counted(Model(), stated, rules).run(Draws.from_arrays({"x": [1.0]})).cost_categories
    ('drug',)
    """

    model: Any
    inventory: Inventory
    rules: Guideline
    view: View | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not callable(getattr(self.model, "run", None)):
            raise ResultError(
                "not a model",
                expected="an object with .run(draws, rules)",
                found=repr(self.model),
            )
        check_kind(
            "inventory",
            self.inventory,
            Inventory,
            remedy="Write Inventory({category: Row(consequence, level=...)}).",
        )
        perspective = self.rules.perspective
        perspective.view(perspective.default if self.view is None else self.view)

    def run(self, draws: Draws, rules: Guideline | None = None, **options: Any) -> Outcomes:
        """Run every strategy on every draw, with the options of the model's own run.

        Raises
        ------
        UnknownNameError, ResultError, GuidelineError
            What the model refuses, and as :func:`in_perspective`.
        """
        used = rules or self.rules
        outcomes: Outcomes = self.model.run(draws, used, **options)
        return in_perspective(outcomes, self.inventory, used, view=self.view)

    def run_by_year(
        self, draws: Draws, rules: Guideline | None = None, **options: Any
    ) -> YearlyOutcomes:
        """Undiscounted costs in each year since start, for budgets and agreements.

        Raises
        ------
        UnknownNameError, ResultError, GuidelineError
            As :meth:`run`.
        """
        used = rules or self.rules
        yearly: YearlyOutcomes = self.model.run_by_year(draws, used, **options)
        return in_perspective(yearly, self.inventory, used, view=self.view)


def check_one_view(runs: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse runs in different perspectives, given their provenance by name.

    Raises
    ------
    ResultError
        Different views, or a view beside a run that holds every cost.
    """
    views = {
        name: (provenance.get("perspective") or {}).get("view", "all costs")
        for name, provenance in runs.items()
    }
    if len(set(views.values())) > 1:
        raise ResultError(
            "runs in different perspectives",
            expected="one perspective for all",
            found=", ".join(f"{name}: {view}" for name, view in views.items()),
            remedy="Give in_perspective(run, ...) of each, or run Counted(model, inventory, "
            "rules) in place of the model.",
        )
