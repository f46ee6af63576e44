"""What a page refuses: results that do not belong together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from prioritering.decision.agreements import Priced
from prioritering.decision.budget.impact import BudgetImpact
from prioritering.decision.page.material import Material
from prioritering.errors import ResultError


def texts(name: str, given: Iterable[str]) -> tuple[str, ...]:
    """Take texts, one or several; a text without words is an error."""
    found = (given,) if isinstance(given, str) else tuple(given)
    for text in found:
        if not (isinstance(text, str) and text.strip()):
            raise ResultError(f"{name} without words", expected="texts", found=repr(text))
    return found


def check(title: str, given: Material) -> None:
    """Refuse a page without a title, and results that are not of one run and comparison."""
    if not (isinstance(title, str) and title.strip()):
        raise ResultError("a page without a title", expected="a few words", found=repr(title))
    _check_runs(given)
    if given.severity.expected != given.decision.severity.expected:
        raise ResultError(
            "severity is another than the decision's",
            expected=repr(given.decision.severity),
            found=repr(given.severity),
        )
    _check_pairs(given)


def _check_runs(given: Material) -> None:
    """Refuse a decision or price that does not rest on the outcomes."""
    outcomes, decision, price = given.outcomes, given.decision, given.price
    rows = [outcomes.index(decision.reference), outcomes.index(decision.option)]
    runs = {"decision": decision.incremental_cost}
    if price is not None:
        runs["price"] = price.other_cost + price.cost_per_price * price.current_price
    cost = outcomes.cost[rows[1]] - outcomes.cost[rows[0]]
    for name, found in runs.items():
        size = 1e-9 * float(np.abs(outcomes.cost[rows]).max())
        if found.shape != cost.shape or np.abs(found - cost).max() > size:
            raise ResultError(
                f"{name} is of another run than the outcomes",
                expected=f"a mean incremental cost of {cost.mean():.10g}",
                found=f"{found.mean():.10g}",
                remedy="Compute both from the same outcomes, at the same prices.",
            )
    if price is not None and price.limit != decision.wtp:
        raise ResultError(
            "price at another limit than the decision's",
            expected=f"{decision.wtp:g} per QALY",
            found=price.limit,
            remedy="Write price_analysis(..., wtp=decision.wtp).",
        )


def _check_pairs(given: Material) -> None:
    """Refuse results of other strategies than the decision's."""
    names = ("price", "budget", "opportunity_cost", "personnel", "perspective", "inventory",
             "agreements", "small_group")  # fmt: skip
    pair = given.decision.reference, given.decision.option
    for name in names:
        result = getattr(given, name)
        if result is not None and (result.reference, result.option) != pair:
            raise ResultError(
                f"{name} compares other strategies",
                expected="{1!r} against {0!r}".format(*pair),
                found=f"{result.option!r} against {result.reference!r}",
            )


def check_net_budget(given: Material, net: Priced | None, net_budget: BudgetImpact | None) -> None:
    """Refuse a budget at the net price that cannot be set beside one at the maximum price."""
    if net_budget is None:
        return
    if net is None or given.budget is None:
        raise ResultError(
            "a budget at the net price alone",
            expected="net and budget, the same at the maximum price",
            found="net_budget without them",
        )
    if net_budget.years != given.budget.years or not np.array_equal(
        net_budget.flow.with_decision, given.budget.flow.with_decision
    ):
        raise ResultError(
            "the budget at the net price has other years or patients",
            expected="those of budget",
            found=f"{len(net_budget.years)} years",
            remedy="Call budget_impact(net.yearly, ...) with the same patients and years.",
        )
