"""What a decision needs beside cost per QALY, all from the draws of one run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.decision import (
    BudgetImpact,
    DisplacedHealth,
    ImpactInventory,
    Inventory,
    MarketShares,
    Patients,
    Personnel,
    Perspectives,
    PriceAnalysis,
    StaffTime,
    WorkingYear,
    budget_impact,
    impact_inventory,
    opportunity_cost,
    personnel,
    perspectives,
    price_analysis,
)
from prioritering.decision.page.material import ASSUMED, PATIENTS_SOURCE, PRICE_SOURCE
from prioritering.decision.routes import SmallGroup, small_group
from prioritering.dossier.case_model import CaseModel
from prioritering.dossier.faults import placed
from prioritering.dossier.formulas import Formulas
from prioritering.dossier.given import by_year, value_given
from prioritering.errors import CaseError, PrioriteringWarning

if TYPE_CHECKING:
    from prioritering.dossier.build import BuiltCase
    from prioritering.dossier.load import Case
    from prioritering.dossier.schema_decision import BudgetSpec
    from prioritering.outcomes import Outcomes
    from prioritering.parameters import Draws
    from prioritering.severity import Severity
    from prioritering.yearly import YearlyOutcomes

CHECK_FACTOR = 2.0
"""Price of the second run that proves cost linear, relative to the case's."""


@dataclass(frozen=True, repr=False)
class Decisions:
    """What a case says of its decision, at maximum prices; ``None`` where it has no section.

    Attributes
    ----------
    price
        Prices that meet each willingness to pay.
    perspectives, inventory
        The comparison in each perspective, and the guideline's inventory filled in.
    budget
        Costs by calendar year with and without the decision.
    displaced
        QALYs that the patients of the budget gain and others lose.
    personnel
        Staff hours, by calendar year where the case has a budget.
    small_group
        Criteria of a very small patient group.
    yearly
        Costs and resource use by year since start, behind budget and personnel.
    """

    price: PriceAnalysis | None = None
    perspectives: Perspectives | None = None
    inventory: ImpactInventory | None = None
    budget: BudgetImpact | None = None
    displaced: DisplacedHealth | None = None
    personnel: Personnel | None = None
    small_group: SmallGroup | None = None
    yearly: YearlyOutcomes | None = None

    def __repr__(self) -> str:
        found = (f.name for f in fields(self) if getattr(self, f.name) is not None)
        return f"Decisions({', '.join(found) or 'none'})"


@dataclass(frozen=True)
class Basis:
    """One run of a case, and what its decision rests on.

    Attributes
    ----------
    case, built
        The case, and what it runs on.
    draws
        Of the run.
    everything
        Outcomes with every cost category.
    counted
        The same with the categories that the guideline's perspective counts.
    severity
        Of the run; ``None`` where the case has none.
    wtp
        Limit of the run.
    """

    case: Case
    built: BuiltCase
    draws: Draws
    everything: Outcomes
    counted: Outcomes
    severity: Severity | None
    wtp: float

    @property
    def pair(self) -> dict[str, Any]:
        """Reference and option, as arguments."""
        return {"reference": self.case.reference, "option": self.case.option}


def decide(basis: Basis) -> Decisions:
    """Work out every section on the decision that the case has.

    Raises
    ------
    PrioriteringError
        What does not hold together, with its place in the case file.
    """
    yearly = _yearly(basis)
    seen, filled = _inventory_parts(basis)
    budget = None if yearly is None else _budget(basis, yearly)
    return Decisions(
        price=_price(basis),
        perspectives=seen,
        inventory=filled,
        budget=budget,
        displaced=None if budget is None else displaced_health(basis, basis.counted, budget),
        personnel=_personnel(basis, yearly),
        small_group=_small_group(basis),
        yearly=yearly,
    )


def price_year_of(case: Case, built: BuiltCase) -> int | None:
    """Price level of the case's money, ``None`` where nothing says it.

    Raises
    ------
    CaseError
        Another one under ``[budget]`` than that of the parameters.
    """
    years = set(built.parameters.price_years().values())
    stated = None if case.spec.budget is None else case.spec.budget.price_year
    if stated is not None and years - {stated}:
        raise CaseError(
            "prices of different years",
            expected=f"the price level of the parameters, {', '.join(map(str, sorted(years)))}",
            found=stated,
            where=case.where("budget", "price_year"),
            remedy="Leave it out, or write convert_to under [prices].",
        )
    return stated if stated is not None else next(iter(years), None)


def _yearly(basis: Basis) -> YearlyOutcomes | None:
    """Years since start, as many as the budget has calendar years."""
    spec = basis.case.spec.budget
    return None if spec is None else run_years(basis, spec.years)


def run_years(basis: Basis, years: int) -> YearlyOutcomes:
    """Undiscounted costs and resource use of the run in each year since start."""
    return CaseModel(basis.case, basis.built).run_by_year(basis.draws, years=years)


def _inventory_parts(basis: Basis) -> tuple[Perspectives | None, ImpactInventory | None]:
    if basis.built.inventory is None:
        return None, None
    inventory, rules = _with_carers(basis, basis.built.inventory), basis.built.rules
    with placed(basis.case.where("inventory")):
        seen = perspectives(basis.everything, inventory, rules, **basis.pair, wtp=basis.wtp)
        filled = impact_inventory(basis.everything, inventory, rules, **basis.pair)
    return seen, filled


def _with_carers(basis: Basis, inventory: Inventory) -> Inventory:
    spec = basis.case.spec.inventory
    assert spec is not None
    carers = None
    if basis.built.carers is not None:
        with placed(basis.case.where("inventory", "carers")):
            carers = _carers_run(basis, basis.built.carers)
    with placed(basis.case.where("inventory")):
        return Inventory(
            inventory.rows,
            in_qalys=inventory.in_qalys,
            left_out=inventory.left_out,
            carers=carers,
            count_informal_care_as=spec.count_informal_care_as,
            societal_case=inventory.societal_case,
        )


def _carers_run(basis: Basis, utilities: Formulas) -> Outcomes:
    """Run the model with what the carers gain or lose in each state as its utilities."""
    model = CaseModel(basis.case, basis.built)
    return model.changed(utilities=utilities, age_adjustment=None).run(basis.draws)


def _price(basis: Basis) -> PriceAnalysis | None:
    case, spec = basis.case, basis.case.spec.price
    if spec is None:
        return None
    drawn = value_given(spec.price, basis.built.parameters.expected(), case, "price", "price")
    price = float(np.mean(drawn))
    _note_drawn_price(basis, price)
    norwegian = case.currency == "NOK"
    with placed(case.where("price")):
        found = price_analysis(
            basis.counted,
            **basis.pair,
            category=spec.category,
            price=price,
            rules=basis.built.rules if norwegian else None,
            wtp=basis.wtp,
            in_reference=spec.in_reference,
            check=_at_another_price(basis, price),
            price_unit=spec.unit,
        )
    origin = {**found.provenance, PRICE_SOURCE: spec.source or ASSUMED}
    return replace(found, provenance=origin)


def _note_drawn_price(basis: Basis, price: float) -> None:
    name = basis.case.spec.price.price if basis.case.spec.price else None
    if name in basis.built.parameters and basis.built.parameters[str(name)].distribution.dimensions:
        warnings.warn(
            f"the price under [price] ({name}) varies over the draws: its expected value, "
            f"{price:g}, is the maximum price, and every draw's price moves in proportion to it",
            PrioriteringWarning,
            stacklevel=2,
        )


def _at_another_price(basis: Basis, price: float) -> tuple[Outcomes, float] | None:
    """Run the same draws at another price, where the price is a parameter."""
    name = basis.case.spec.price.price if basis.case.spec.price else None
    if not isinstance(name, str) or name not in basis.draws:
        return None
    draws = basis.draws.with_values(**{name: CHECK_FACTOR * np.asarray(basis.draws[name])})
    return CaseModel(basis.case, basis.built).run(draws), CHECK_FACTOR * price


def _budget(basis: Basis, yearly: YearlyOutcomes) -> BudgetImpact | None:
    spec = basis.case.spec.budget
    return None if spec is None else budget_of(basis, yearly, spec)


def budget_of(
    basis: Basis,
    yearly: YearlyOutcomes,
    spec: BudgetSpec,
    groups: Mapping[str, str] | None = None,
) -> BudgetImpact:
    """Budget of yearly costs, at maximum or at net prices; the groups are the case's."""
    case = basis.case
    price_year = price_year_of(case, basis.built)
    with placed(case.where("budget")):
        return budget_impact(
            yearly,
            **basis.pair,
            patients=patients_of(basis),
            groups=groups or spec.groups,
            rules=basis.built.rules,
            years=spec.years,
            first_year=spec.first_year,
            entry=spec.entry,
            limit_on=spec.limit_on,
            price_year=price_year,
            vat=None if case.spec.price is None else case.spec.price.vat,
        )


def patients_of(basis: Basis) -> Patients:
    """Patients of ``[budget]``, drawn with the run where they are parameters."""
    case, spec = basis.case, basis.case.spec.budget
    assert spec is not None

    def given(key: str) -> Any:
        raw = getattr(spec, key)
        return None if raw is None else by_year(raw, basis.draws, case, "budget", key)

    def world(key: str) -> Mapping[str, Any]:
        entries: Mapping[str, Any] = getattr(spec.shares, key)
        place = ("budget", "shares", key)
        return {s: by_year(x, basis.draws, case, *place, s) for s, x in entries.items()}

    with placed(case.where("budget")):
        shares = None
        if spec.shares is not None:
            shares = MarketShares(with_decision=world("with_decision"), without=world("without"))
        return Patients(
            incidence=given("incidence"),
            prevalence=given("prevalence"),
            uptake=given("uptake"),
            uptake_without=given("uptake_without"),
            shares=shares,
        )


def displaced_health(basis: Basis, outcomes: Outcomes, budget: BudgetImpact) -> DisplacedHealth:
    """QALYs gained and displaced by all who start the option because of the decision."""
    case = basis.case
    year = price_year_of(case, basis.built)
    if year is None:
        raise CaseError(
            "no price level to hold against the opportunity cost",
            expected="price_year of the parameters that are money, or under [budget]",
            found="neither",
            remedy="Write price_year under [budget].",
            where=case.where("budget"),
        )
    row = budget.flow.strategies.index(case.option)
    more = (budget.flow.with_decision - budget.flow.without)[row].sum(axis=-1)
    with placed(case.where("budget")):
        return opportunity_cost(
            outcomes,
            **basis.pair,
            rules=basis.built.rules,
            price_year=year,
            patients=more if more.size > 1 else float(more[0]),
        )


def _personnel(basis: Basis, yearly: YearlyOutcomes | None) -> Personnel | None:
    case, spec = basis.case, basis.case.spec
    if not any(resource.staff for resource in spec.resources.values()):
        return None
    full_time, year = spec.personnel, None
    if full_time is not None:
        year = WorkingYear(full_time.working_year, full_time.source or ASSUMED)
    calendar: dict[str, Any] = {}
    if spec.budget is not None:
        keys = ("years", "first_year", "entry")
        calendar = {k: getattr(spec.budget, k) for k in keys} | {"patients": patients_of(basis)}
    with placed(case.where("resources")):
        return personnel(
            basis.everything if yearly is None else yearly,
            staff={name: list(_staff(basis, name)) for name in _staffed(case, needed=True)},
            no_staff=_staffed(case, needed=False),
            rules=basis.built.rules,
            working_year=year,
            **basis.pair,
            **calendar,
        )


def _staffed(case: Case, *, needed: bool) -> list[str]:
    """Resources whose staff is stated, or said to be none."""
    stated = {k: r.staff for k, r in case.spec.resources.items() if r.staff is not None}
    return [name for name, staff in stated.items() if bool(staff) == needed]


def _staff(basis: Basis, resource: str) -> Iterator[StaffTime]:
    case = basis.case
    for i, spec in enumerate(case.spec.resources[resource].staff or ()):
        place = ("resources", resource, "staff", i)
        hours = value_given(spec.hours, basis.draws, case, *place, "hours")
        with placed(case.where(*place)):
            basis.built.rules.perspective.level(spec.level)
            yield StaffTime(
                spec.profession, level=spec.level, hours=hours, source=spec.source or ASSUMED
            )


def _small_group(basis: Basis) -> SmallGroup | None:
    case, spec = basis.case, basis.case.spec.small_group
    if spec is None:
        return None
    if basis.severity is None:
        raise CaseError(
            "a very small patient group without severity",
            expected="severity, which is one of its criteria",
            found="skip under [severity]",
            where=case.where("small_group"),
        )
    with placed(case.where("small_group")):
        found = small_group(
            basis.counted,
            basis.severity,
            basis.built.rules,
            **basis.pair,
            per_100_000_worldwide=spec.per_100_000_worldwide,
            patients_in_country=spec.patients_in_norway,
        )
    origin = {**found.provenance, PATIENTS_SOURCE: spec.source or ASSUMED}
    return replace(found, provenance=origin)
