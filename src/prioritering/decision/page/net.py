"""The figures of a decision as functions of the net price, and what may be said of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from prioritering.decision.agreements import Priced
from prioritering.decision.budget.impact import BudgetImpact
from prioritering.decision.price.analysis import price_analysis
from prioritering.decision.price.path import ScenarioPath, scenario_by_price
from prioritering.decision.price.result import PriceAnalysis
from prioritering.decision.publication import CONFIDENTIAL, AtPrice, PublicView
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes

Floats = NDArray[np.float64]
Words = NDArray[np.str_]

EVEN_CHANCE = 0.5
"""Probability of being cost-effective that the public view tells the side of."""

AT_NET_PRICE = " at net price"
"""Ends the names of what is said of the net price in the public view."""

_ALIKE = 1e-9
"""Relative difference up to which a net price is one share of the maximum price in all draws."""

_STEPS = 41
"""Prices from 0 to the maximum at which the scenario is read; a change between two is bisected.

This package's choice.
"""
_DRIVEN = "driven by the price"


@dataclass(frozen=True, eq=False)
class NetPrice:
    """A decision as a function of the net price, as a share of the maximum price.

    With ``a`` the option's cost that follows the price, at the maximum price, and ``r`` the
    rest of the incremental cost, incremental cost at share ``f`` is ``r + f * a`` in each draw.

    Attributes
    ----------
    outcomes
        Reference and option, the option's cost split in what follows the price and the rest.
    decision
        At maximum price.
    rules
        Guideline in force.
    share
        The net price: secret.
    even
        Whether the option costs this one share in every draw, as under a flat discount. Only
        then does a share of the price say what every figure is.
    """

    outcomes: Outcomes
    decision: Decision
    rules: Guideline
    share: float
    even: bool

    @cached_property
    def line(self) -> PriceAnalysis:
        """Cost as a line in the share."""
        return price_analysis(
            self.outcomes,
            reference=self.decision.reference,
            category=_DRIVEN,
            price=1.0,
            wtp=self.decision.wtp,
            levels=[self.decision.wtp],
        )

    @cached_property
    def path(self) -> ScenarioPath:
        """Scenario from a price of 0 to the maximum price."""
        decision = self.decision
        return scenario_by_price(
            self.outcomes,
            decision.severity,
            self.rules,
            reference=decision.reference,
            category=_DRIVEN,
            factors=np.linspace(0.0, 1.0, _STEPS),
            criteria=decision.provenance.get("criteria_changed"),
            wtp_adjustment=decision.wtp_adjustment,
            documentation=decision.documentation.detail if decision.documentation else None,
        )

    def net_benefit(self, shares: Floats) -> Floats:
        """Return expected net benefit per patient at the limit."""
        line = self.line
        free = self.decision.wtp * line.incremental_qaly - line.other_cost
        return np.asarray(free.mean() - shares * line.cost_per_price.mean())

    def side(self, shares: Floats) -> Words:
        """``"within"`` the limit or ``"beyond"`` it: the sign of expected net benefit."""
        return np.where(self.net_benefit(shares) >= 0, "within", "beyond")

    def chance(self, shares: Floats) -> Words:
        """``"half_or_more"`` or ``"below_half"``: probability of being cost-effective."""
        probability, _ = self.line.probability(shares, wtp=self.decision.wtp)
        return np.where(probability >= EVEN_CHANCE, "half_or_more", "below_half")

    def cell(self, shares: Floats) -> Words:
        """Key of the combination of the two uncertainties."""
        stretches = self.path.stretches
        ends = [stretch.high for stretch in stretches[:-1]]
        keys = np.array([stretch.reading.key for stretch in stretches])
        return np.asarray(keys[np.searchsorted(ends, shares, side="left")])

    def growth(self, budget: BudgetImpact, net_budget: BudgetImpact) -> AtPrice:
        """Hold expected net growth against the authority limit: ``"passed"``, ``"not_passed"``.

        A line through the budgets at the maximum price, share 1, and at the net price.
        """
        top = np.array([mean.value for mean in budget.limit.expected])
        found = np.array([mean.value for mean in net_budget.limit.expected])
        slope = (top - found) / (1.0 - self.share)

        def at(shares: Floats) -> Words:
            amounts = top - np.multiply.outer(1.0 - shares, slope)
            return np.where((amounts > budget.limit.nok).any(axis=-1), "passed", "not_passed")

        return at


def net_price(outcomes: Outcomes, net: Priced, decision: Decision, rules: Guideline) -> NetPrice:
    """Split the option's cost into what follows the price and the rest.

    Raises
    ------
    ResultError
        A net price of another option or run, equal to the maximum price, or outside 0 to it.
    """
    _check_run(outcomes, net, decision)
    base, new = outcomes.index(decision.reference), outcomes.index(decision.option)
    before = outcomes.cost_by_category[:, new]
    after = net.outcomes.cost_by_category[: len(before), new]
    driven = np.array([not np.array_equal(a, b) for a, b in zip(before, after, strict=True)])
    spent, paid = before[driven].sum(axis=0), after[driven].sum(axis=0)
    top = float(spent.mean())
    share = float(paid.mean()) / top if top > 0 else 1.0
    if not 0.0 <= share < 1.0:
        raise ResultError(
            "the net price is not below the maximum price",
            expected="an option that costs less under the agreement than in outcomes",
            found="a cost below 0" if share < 0.0 else "a cost that does not fall",
            remedy="Give outcomes at maximum prices, and net=agreement.apply(outcomes, ...).",
        )
    rest = net.outcomes.cost[new] - paid
    split = Outcomes.from_arrays(
        (decision.reference, decision.option),
        cost={_DRIVEN: [0.0 * spent, spent], "the rest": [outcomes.cost[base], rest]},
        qaly=outcomes.qaly[[base, new]],
    )
    even = bool(np.abs(paid - share * spent).max() <= _ALIKE * np.abs(spent).max())
    return NetPrice(split, decision, rules, share, even)


def say(
    view: PublicView,
    net: NetPrice,
    *,
    budget: BudgetImpact | None = None,
    net_budget: BudgetImpact | None = None,
) -> tuple[PublicView, dict[str, str | None]]:
    """Ask the public view for what may be said at the net price.

    Returns
    -------
    PublicView
        With what is published and refused.
    dict
        By row of the page: the answer, or ``None`` where none is published.
    """
    questions: dict[str, AtPrice] = {"icer": net.side, "scenario": net.cell}
    if budget is not None and net_budget is not None:
        questions["passed_in"] = net.growth(budget, net_budget)
    questions["probability_cost_effective"] = net.chance
    answers: dict[str, str | None] = {}
    for key, at in questions.items():
        name, answer = f"{key}{AT_NET_PRICE}", str(at(np.array([net.share]))[0])
        asked = view.ask(name, partial(_answer, name=name, answer=answer, at=at, even=net.even))
        answers[key] = answer if len(asked.refused) == len(view.refused) else None
        view = asked
    return view, answers


def _answer(view: PublicView, *, name: str, answer: str, at: AtPrice, even: bool) -> PublicView:
    """Publish the answer; what no single share of the price decides is secret altogether."""
    if not even:
        return view.publish(name, "", {CONFIDENTIAL: "an agreement"})
    return view.publish_answer(name, answer, at=at)


def _check_run(outcomes: Outcomes, net: Priced, decision: Decision) -> None:
    names = net.outcomes.cost_categories[: len(outcomes.cost_categories)]
    same = (
        net.option == decision.option
        and net.outcomes.strategies == outcomes.strategies
        and names == outcomes.cost_categories
        and np.array_equal(net.outcomes.qaly, outcomes.qaly)
    )
    if not same:
        raise ResultError(
            "the net price is of another run",
            expected=f"{decision.option!r} of these outcomes under an agreement",
            found=repr(net),
            remedy="Write net=agreement.apply(outcomes, option=..., discounting=...).",
        )
