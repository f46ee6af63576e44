"""One run in each perspective of the guideline: what is counted, and the result side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import PairwiseRow, compare, errors_are_upper_bounds
from prioritering.decision.given import check_kind
from prioritering.decision.means import Mean, mean
from prioritering.decision.perspective.inventory import Inventory
from prioritering.errors import ResultError
from prioritering.frozen import Frozen, read_only
from prioritering.guidelines import Guideline, Perspective
from prioritering.guidelines.perspective import View
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Run = TypeVar("Run", Outcomes, YearlyOutcomes)

VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True, repr=False, eq=False)
class Perspectives(Frozen, Shown):
    """One comparison in every perspective, from the same draws.

    Attributes
    ----------
    reference, option
        What is compared.
    wtp
        Willingness to pay behind the net benefits, or ``None``.
    rows
        Comparison by perspective.
    incremental_cost
        Draws by perspective, each of shape (draw,).
    not_counted
        Cost categories each perspective leaves out.
    default
        The perspective of the base case.
    perspective
        The guideline's, with names and the cases that allow a societal analysis.
    societal_case
        Kind of case that allows one here, if stated.
    carers
        Carers' incremental QALYs, a separate analysis that is in none of the rows.
    provenance
        What stands behind the numbers.
    """

    reference: str
    option: str
    wtp: float | None
    rows: Mapping[str, PairwiseRow]
    incremental_cost: Mapping[str, Floats]
    not_counted: Mapping[str, tuple[str, ...]]
    default: View
    perspective: Perspective
    societal_case: str | None
    carers: Mean | None
    provenance: Mapping[str, Any]

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        costs = {view: read_only(draws) for view, draws in state["incremental_cost"].items()}
        super().__setstate__({**state, "incremental_cost": costs})

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.incremental_cost[self.default].size)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row per perspective; no value is ``<NA>``."""
        import pandas as pd

        frame = pd.DataFrame(
            [{"perspective": view, **dataclasses.asdict(row)} for view, row in self.rows.items()]
        )
        words = {"perspective", "strategy", "reference", "status", "life_year_status"}
        return frame.astype({c: "Float64" for c in frame.columns if c not in words})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the perspectives for a report."""
        from prioritering.report.tables.inventory import perspectives_table

        return perspectives_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw incremental cost in each perspective."""
        from prioritering.report.figures.inventory import plot_perspectives

        return plot_perspectives(self, ax, language=language)

    def __repr__(self) -> str:
        costs = ", ".join(f"{view} {row.incremental_cost:g}" for view, row in self.rows.items())
        return f"Perspectives({self.option!r} against {self.reference!r}, cost: {costs})"


def in_perspective(
    outcomes: Run, inventory: Inventory, rules: Guideline, *, view: View | None = None
) -> Run:
    """Keep the costs of a run that a perspective counts.

    QALYs are the patient's own and stay as they are; carers' QALYs are never added. Resource
    use stays too: staff is needed whoever counts the cost.

    Parameters
    ----------
    outcomes
        A run with costs by category, in total or by year.
    inventory
        What each category is.
    rules
        Guideline with the perspectives.
    view
        ``"extended"``, ``"health_service"`` or ``"society"``; the guideline's default (the
        extended health-service perspective in Norway) unless given.

    Returns
    -------
    Outcomes or YearlyOutcomes
        As given, the same draws; ``provenance["perspective"]`` holds the view, whether it is a
        secondary analysis, and the categories counted and not.

    Raises
    ------
    UnknownNameError, ResultError, GuidelineError
        As :meth:`Inventory.check`; an unknown view; and informal care counted as a cost while
        carers' QALYs are given, unless the inventory chooses one of them.

    Examples
    --------
    >>> from prioritering.decision.perspective.inventory import Row
    >>> from prioritering.guidelines import guideline
    >>> run = Outcomes.from_arrays(
    ...     ["old", "new"], qaly=[[7.0], [8.0]],
    ...     cost={"drug": [[0.0], [5e5]], "work": [[0.0], [-2e5]]},
    ... )
    >>> stated = Inventory({
    ...     "drug": Row("intervention_cost", level="specialist"),
    ...     "work": Row("paid_production", level="other"),
    ... })
    >>> in_perspective(run, stated, guideline("no", as_of="2026-11-01")).cost_categories
    ('drug',)
    """
    perspective = inventory.check(outcomes, rules)
    chosen = perspective.default if view is None else view
    perspective.view(chosen)
    kept = _counted(outcomes, inventory, perspective, chosen)
    record = {
        "view": chosen,
        "secondary": chosen == "society" and chosen != perspective.default,
        "counted": kept,
        "not_counted": tuple(c for c in outcomes.cost_categories if c not in kept),
        "societal_case": inventory.societal_case,
        "guideline": {"id": rules.id, "hash": rules.hash},
    }
    index = [k for k, category in enumerate(outcomes.cost_categories) if category in kept]
    fields: dict[str, Any] = {
        "cost_categories": kept,
        "cost_by_category": outcomes.cost_by_category[index],
        "provenance": {**outcomes.provenance, "perspective": record},
    }
    if isinstance(outcomes, Outcomes) and outcomes.cost_by_category_undiscounted is not None:
        fields["cost_by_category_undiscounted"] = outcomes.cost_by_category_undiscounted[index]
    return replace(outcomes, **fields)


def perspectives(
    outcomes: Outcomes,
    inventory: Inventory,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    wtp: float | None = None,
) -> Perspectives:
    """Compare two strategies in every perspective, from the same draws.

    Parameters
    ----------
    outcomes, inventory, rules
        As :func:`in_perspective`.
    reference, option
        Standard treatment and the one compared with it; ``option`` may be left out when the run
        has two strategies.
    wtp
        Willingness to pay per QALY for net benefits.

    Raises
    ------
    UnknownNameError, ResultError, GuidelineError
        As :func:`in_perspective` and :func:`prioritering.cea.compare`.
    """
    check_kind("outcomes", outcomes, Outcomes, remedy="Give the totals of model.run(...).")
    perspective = inventory.check(outcomes, rules)
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    views = (perspective.default, *(v for v in VIEWS if v != perspective.default))
    runs = {v: in_perspective(outcomes, inventory, rules, view=v) for v in views}
    base, new = outcomes.index(reference), outcomes.index(option)
    carers = inventory.carers_qalys(outcomes)
    return Perspectives(
        reference=reference,
        option=option,
        wtp=wtp,
        rows={v: _pair(run, reference, option, wtp) for v, run in runs.items()},
        incremental_cost={v: run.cost[new] - run.cost[base] for v, run in runs.items()},
        not_counted={v: run.provenance["perspective"]["not_counted"] for v, run in runs.items()},
        default=perspective.default,
        perspective=perspective,
        societal_case=inventory.societal_case,
        carers=None if carers is None else mean(carers[new] - carers[base]),
        provenance=outcomes.provenance,
    )


def _pair(run: Outcomes, reference: str, option: str, wtp: float | None) -> PairwiseRow:
    rows = compare(run, reference=reference, wtp=wtp).pairwise
    return next(row for row in rows if row.strategy == option)


def _counted(
    outcomes: Outcomes | YearlyOutcomes, inventory: Inventory, perspective: Perspective, view: View
) -> tuple[str, ...]:
    """Categories a view counts, informal care in one way only."""
    rows = inventory.rows
    kept = [
        c for c in outcomes.cost_categories if perspective.counts(rows[c].consequence, view=view)
    ]
    twice = [
        c
        for c in kept
        if perspective.consequence(rows[c].consequence).not_beside_separate_analysis_of is not None
    ]
    if not twice or inventory.carers is None or inventory.count_informal_care_as == "cost":
        return tuple(kept)
    if inventory.count_informal_care_as == "qaly":
        return tuple(c for c in kept if c not in twice)
    raise ResultError(
        "informal care counted twice: as the cost of "
        + ", ".join(map(repr, twice))
        + " and in the carers' QALYs",
        expected="one of the two",
        found="both",
        where={"perspective": view},
        remedy="Choose one: Inventory(..., count_informal_care_as='cost') or 'qaly'.",
    )
