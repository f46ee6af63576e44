"""Budget impact: what a decision costs the budgets, year by year, with and without it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.decision.budget.flow import Entry, Flow, accrue, number_years
from prioritering.decision.budget.patients import Patients, flow_in
from prioritering.decision.given import check_kind, check_price_year
from prioritering.decision.means import Mean, yearly_means
from prioritering.decision.uncertainty.indices import TOO_CLOSE, Estimate
from prioritering.errors import PrioriteringWarning, ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import AuthorityLimit, Guideline
from prioritering.guidelines.values import BudgetGroup, Vat
from prioritering.plural import plural
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
BudgetWorld = Literal["with", "without", "net"]

GROUPS: tuple[BudgetGroup, ...] = get_args(BudgetGroup)
"""Drug cost in the financing service, its other costs, costs elsewhere in health and care."""

WORLDS: tuple[BudgetWorld, ...] = get_args(BudgetWorld)
OUTSIDE = "outside"
"""Stands for a cost that is in no health and care budget, such as patients' time."""


@dataclass(frozen=True)
class LimitCheck:
    """Net growth against the authority limit.

    Attributes
    ----------
    nok
        The limit.
    groups
        The cost groups whose net growth is held against it.
    vat
        Whether the limit counts prices with value-added tax: ``"included"`` or ``"excluded"``.
    years
        Years that were checked: the guideline's first years, or fewer if the budget is shorter.
    guideline_years
        How many years the guideline has.
    expected
        Mean net growth by year.
    passed_in
        First year whose expected net growth is above the limit, or ``None``.
    too_close
        Years whose expected net growth lies within two Monte Carlo standard errors of the limit.
    probability
        Share of draws above the limit, by year; ``None`` with one draw.
    probability_any
        Share of draws above it in at least one of the years; ``None`` with one draw.
    """

    nok: float
    groups: tuple[BudgetGroup, ...]
    vat: Vat
    years: tuple[int, ...]
    guideline_years: int
    expected: tuple[Mean, ...]
    passed_in: int | None
    too_close: tuple[int, ...]
    probability: tuple[Estimate, ...] | None
    probability_any: Estimate | None


@dataclass(frozen=True, repr=False, eq=False)
class BudgetImpact(Frozen, Shown):
    """Costs by calendar year, group and draw, with and without a decision; not discounted.

    Attributes
    ----------
    reference, option
        Standard treatment and the one the decision is about.
    years
        Calendar years, or 1, 2, ... when no first year was given.
    with_decision, without
        Shape (group, draw, year), groups in the order of :data:`GROUPS`.
    groups
        Group of each cost category; ``"outside"`` for those in no health and care budget.
    flow
        Patients who start each strategy.
    entry
        How starts lie in the year.
    limit
        Net growth against the authority limit.
    price_year, vat
        As stated by the analyst, ``None`` if not.
    provenance
        What stands behind the numbers.
    """

    reference: str
    option: str
    years: tuple[int, ...]
    with_decision: Floats
    without: Floats
    groups: Mapping[str, str]
    flow: Flow
    entry: Entry
    limit: LimitCheck
    price_year: int | None
    vat: Vat | None
    provenance: Mapping[str, Any]

    @property
    def net(self) -> Floats:
        """Growth: with less without, shape (group, draw, year)."""
        return self.with_decision - self.without

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.with_decision.shape[1])

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def amounts(self, world: BudgetWorld, *, group: BudgetGroup | None = None) -> Floats:
        """Draws of one group, or of all together, shape (draw, year)."""
        if world not in WORLDS:
            raise unknown_name("world", world, WORLDS)
        if group is not None and group not in GROUPS:
            raise unknown_name("cost group", group, GROUPS)
        arrays = {"with": self.with_decision, "without": self.without, "net": self.net}
        chosen = arrays[world]
        return np.asarray(chosen.sum(axis=0) if group is None else chosen[GROUPS.index(group)])

    def means(self, world: BudgetWorld, *, group: BudgetGroup | None = None) -> tuple[Mean, ...]:
        """Mean, Monte Carlo error and interval of each year."""
        return yearly_means(self.amounts(world, group=group))

    def to_frame(self) -> pd.DataFrame:
        """Long table: world, group (or ``"total"``), year, mean, se, low, high."""
        import pandas as pd

        rows = [
            (world, group or "total", year, m.value, m.se, m.low, m.high)
            for world in WORLDS
            for group in (*GROUPS, None)
            for year, m in zip(self.years, self.means(world, group=group), strict=True)
        ]
        columns = ["world", "group", "year", "mean", "se", "low", "high"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype(dict.fromkeys(columns[3:], "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the years for a report."""
        from prioritering.report.tables.budget import budget_table

        return budget_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw costs with, without and net by year and group, with the authority limit."""
        from prioritering.report.figures.budget import plot_budget

        return plot_budget(self, ax, language=language)

    def __repr__(self) -> str:
        passed = self.limit.passed_in
        verdict = "not passed" if passed is None else f"passed in year {passed}"
        return (
            f"BudgetImpact({self.option!r} against {self.reference!r}, "
            f"{plural(len(self.years), 'year')}, {plural(self.n_draws, 'draw')}; "
            f"limit {self.limit.nok:g} {verdict})"
        )


def budget_impact(
    yearly: YearlyOutcomes,
    *,
    reference: str,
    option: str | None = None,
    patients: Patients,
    groups: Mapping[str, str],
    rules: Guideline,
    years: int | None = None,
    first_year: int | None = None,
    entry: Entry = "start_of_year",
    limit_on: Iterable[BudgetGroup] | None = None,
    price_year: int | None = None,
    vat: Vat | None = None,
) -> BudgetImpact:
    """Costs of the health and care services by calendar year, with and without a decision.

    A patient who starts in calendar year ``y`` incurs the cost of their own year ``k`` in
    calendar year ``y + k - 1``, so treatment lasts as long as the model says. Nothing is
    discounted. Patients who started before the first year are alike in both worlds and left
    out, unless they come up for the choice and are given as prevalence.

    Parameters
    ----------
    yearly
        Undiscounted yearly costs per patient, by category.
    reference, option
        Standard treatment and the one the decision is about; ``option`` may be left out when
        the run has two strategies.
    patients
        Who comes up for treatment in each calendar year, and what they start.
    groups
        Group of every cost category: ``"drug"`` (drug cost in the financing service),
        ``"service"`` (its other costs), ``"elsewhere"`` (elsewhere in health and care), or
        ``"outside"`` for what is in no such budget, which is left out and said so.
    rules
        Guideline with the authority limit.
    years
        Number of calendar years; those the guideline looks at if left out.
    first_year
        The first one, for example 2027; years are numbered from 1 without it.
    entry
        ``"start_of_year"``: patients start on its first day. ``"through_the_year"``: starts are
        spread evenly and each own year's cost accrues evenly, so half of it falls a year later.
    limit_on
        Groups whose net growth is held against the authority limit, in place of those the
        guideline counts (in Norway, second-hand, drug cost alone).
    price_year, vat
        Price level, and whether amounts hold value-added tax (``"included"`` or
        ``"excluded"``); printed with the result.

    Raises
    ------
    UnknownNameError
        A strategy, cost category, group, entry or VAT word that does not exist.
    ResultError
        A run that is not by year, no or the wrong option, a category without a group, more years
        than the outcomes hold, draws that do not fit, a price year that is none, or amounts in
        another currency than the limit's.
    GuidelineError
        No authority limit in force on the day of the rules.

    Warns
    -----
    PrioriteringWarning
        Amounts without value-added tax against a limit that counts it, or the other way round.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> yearly = YearlyOutcomes.from_arrays(
    ...     ["old", "new"], cost={"drug": [[[0.0, 0.0]], [[9e4, 3e4]]]}
    ... )
    >>> impact = budget_impact(
    ...     yearly, reference="old", option="new", years=2, groups={"drug": "drug"},
    ...     patients=Patients(incidence=1000, uptake=1.0),
    ...     rules=guideline("no", as_of="2026-11-01"),
    ... )
    >>> impact.amounts("net").tolist(), impact.limit.passed_in
    ([[90000000.0, 120000000.0]], 2)
    """
    years = rules.rules["authority_limit"].value.first_years if years is None else years
    numbered = number_years(years, first_year=first_year)
    check_kind("outcomes", yearly, YearlyOutcomes, remedy="Write model.run_by_year(draws, rules).")
    option = chosen_option(yearly.strategies, reference=reference, option=option)
    _check_groups(groups, yearly.cost_categories)
    rule = _limit_rule(rules, yearly)
    chosen = _limit_groups(rule.counts if limit_on is None else limit_on)
    _check_vat(vat, rule)
    if price_year is not None:
        check_price_year(price_year)
    flow = flow_in(yearly, patients, reference=reference, option=option, years=years, entry=entry)
    profile = _by_group(yearly, groups)
    with_decision = accrue(profile, flow.with_decision, entry=entry)
    without = accrue(profile, flow.without, entry=entry)
    net = (with_decision - without)[[GROUPS.index(g) for g in chosen]].sum(axis=0)
    return BudgetImpact(
        reference=reference,
        option=option,
        years=numbered,
        with_decision=with_decision,
        without=without,
        groups=dict(groups),
        flow=flow,
        entry=entry,
        limit=_check_limit(net, rule, chosen, numbered),
        price_year=price_year,
        vat=vat,
        provenance={**yearly.provenance, "budget_rules": {"id": rules.id, "hash": rules.hash}},
    )


def _check_groups(groups: Mapping[str, str], categories: tuple[str, ...]) -> None:
    for category, group in groups.items():
        if category not in categories:
            raise unknown_name("cost category", category, categories)
        if group not in (*GROUPS, OUTSIDE):
            where = {"category": repr(category)}
            raise unknown_name("cost group", group, (*GROUPS, OUTSIDE), where=where)
    missing = [category for category in categories if category not in groups]
    if missing:
        raise ResultError(
            "cost categories without a budget group",
            expected="a group for each: " + ", ".join(map(repr, (*GROUPS, OUTSIDE))),
            found=", ".join(map(repr, missing)),
            remedy="Add them to groups={category: group, ...}.",
        )


def _limit_groups(limit_on: Iterable[BudgetGroup]) -> tuple[BudgetGroup, ...]:
    names = (limit_on,) if isinstance(limit_on, str) else tuple(limit_on)
    for name in names:
        if name not in GROUPS:
            raise unknown_name("cost group", name, GROUPS, where={"in": "limit_on"})
    if not names:
        raise ResultError("no cost group to hold against the limit", expected="one or more")
    return tuple(group for group in GROUPS if group in names)


def _limit_rule(rules: Guideline, yearly: YearlyOutcomes) -> AuthorityLimit:
    rule: AuthorityLimit = rules.rules["authority_limit"].value
    currency = yearly.provenance.get("currency", "NOK")
    if currency != "NOK":
        raise ResultError(
            "amounts in another currency than the authority limit",
            expected="NOK",
            found=currency,
            remedy="Convert the amounts to NOK first.",
        )
    return rule


def _check_vat(vat: Vat | None, rule: AuthorityLimit) -> None:
    if vat is not None and vat not in get_args(Vat):
        raise unknown_name("vat", vat, get_args(Vat))
    if vat not in (None, rule.vat):
        warnings.warn(
            f"amounts have value-added tax {vat}, while the authority limit counts prices with it "
            f"{rule.vat}; growth is held against the limit as given",
            PrioriteringWarning,
            stacklevel=3,
        )


def _by_group(yearly: YearlyOutcomes, groups: Mapping[str, str]) -> Floats:
    """Costs per patient, shape (group, strategy, draw, year)."""
    shape = (len(GROUPS), *yearly.cost_by_category.shape[1:])
    profile = np.zeros(shape)
    for category, amounts in zip(yearly.cost_categories, yearly.cost_by_category, strict=True):
        if groups[category] != OUTSIDE:
            profile[GROUPS.index(groups[category])] += amounts
    return profile


def _check_limit(
    net: Floats, rule: AuthorityLimit, groups: tuple[BudgetGroup, ...], years: tuple[int, ...]
) -> LimitCheck:
    """Hold net growth, shape (draw, year), against the limit."""
    checked = years[: rule.first_years]
    above = np.asarray(net[:, : len(checked)] > rule.nok)
    expected = yearly_means(net[:, : len(checked)])
    pairs = list(zip(checked, expected, strict=True))
    many = net.shape[0] > 1
    return LimitCheck(
        nok=rule.nok,
        groups=groups,
        vat=rule.vat,
        years=checked,
        guideline_years=rule.first_years,
        expected=expected,
        passed_in=next((year for year, mean in pairs if mean.value > rule.nok), None),
        too_close=tuple(
            year for year, mean in pairs if mean.se and abs(mean.value - rule.nok) <= _near(mean)
        ),
        probability=tuple(_share(column) for column in above.T) if many else None,
        probability_any=_share(np.asarray(above.any(axis=1))) if many else None,
    )


def _near(mean: Mean) -> float:
    return TOO_CLOSE * (mean.se or 0.0)


def _share(happens: NDArray[np.bool_]) -> Estimate:
    p = float(happens.mean())
    return Estimate(p, math.sqrt(p * (1.0 - p) / happens.size))
