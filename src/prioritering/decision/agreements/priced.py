"""What one option costs as its agreements leave it: per patient, per year, and nationally."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.conventions import Discounting
from prioritering.decision.agreements import _checks
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

Floats = NDArray[np.float64]

FOLLOW_UP = "agreement follow-up"
"""Cost category of what an agreement itself costs to administer."""

AGREEMENTS = "agreements"
"""Key in the provenance of results under agreements: their kinds, in the order they applied."""

_SAME = 1e-6
"""Relative difference up to which yearly costs sum to the undiscounted total."""


@dataclass(frozen=True, repr=False, eq=False)
class Priced(Frozen):
    """Results of a run with the costs of one option under its agreements.

    Attributes
    ----------
    outcomes
        Totals per patient. Prices that change with national volume enter as their mean over
        the calendar years given, weighted by what is spent in each.
    option
        The strategy the agreement is about; other strategies cost what they did.
    discounting
        Used for payments that move in time.
    yearly
        Undiscounted costs per patient by year since the patient's start, before prices that
        change with national volume; ``None`` where none were given.
    patients
        Patients who start the option in each calendar year, shape (calendar year,).
    price_factor
        What national agreements leave of the option's cost in each calendar year, shape
        (category, draw, calendar year); ``None`` where there is none.
    hours
        Staff hours per patient that following up the agreement takes. Shown, never priced.
    """

    outcomes: Outcomes
    option: str
    discounting: Discounting
    yearly: YearlyOutcomes | None = None
    patients: Floats | None = None
    price_factor: Floats | None = None
    hours: float = 0.0

    def scaled(self, categories: Sequence[str], factor: ArrayLike) -> Priced:
        """Multiply what the option costs in some categories, at every time, by a factor.

        Parameters
        ----------
        factor
            One number, or shape (draw,).
        """
        out, yearly = self.outcomes, self.yearly
        f = np.asarray(factor, dtype=np.float64)
        rows, option = self.rows(categories), out.index(self.option)
        discounted = out.cost_by_category.copy()
        discounted[rows, option] *= f
        undiscounted = _copy(out.cost_by_category_undiscounted)
        if undiscounted is not None:
            undiscounted[rows, option] *= f
        by_year = None if yearly is None else yearly.cost_by_category.copy()
        if by_year is not None:
            by_year[rows, option] *= f[..., np.newaxis]
        return self._with_costs(discounted, undiscounted, by_year)

    def scaled_by_year(self, categories: Sequence[str], factor: Floats) -> Priced:
        """Multiply the option's cost in each year since start by a factor.

        A discounted total changes as the sum of its years at mid-year discount factors does,
        so a factor of 0 throughout gives exactly 0, and of 1 the total of the run.

        Parameters
        ----------
        factor
            Shape (year,) or (draw, year).

        Raises
        ------
        ResultError
            No yearly costs, or yearly costs that leave some years out.
        """
        out, option = self.outcomes, self.outcomes.index(self.option)
        before = self.require_yearly().cost_by_category
        after, discounted = before.copy(), out.cost_by_category.copy()
        undiscounted = _copy(out.cost_by_category_undiscounted)
        weight = self.discounting.cycle_factors(before.shape[-1], 1.0)[-1]
        for row in self.rows(categories):
            self._check_complete(row)
            after[row, option] *= factor
            discounted[row, option] *= _ratio(after[row, option], before[row, option], weight)
            if undiscounted is not None:
                undiscounted[row, option] = after[row, option].sum(axis=-1)
        return self._with_costs(discounted, undiscounted, after)

    def paid_at(self, category: str, amount: Floats, *, years: float) -> Priced:
        """Add a payment by the option's patients, ``years`` after their start.

        Parameters
        ----------
        amount
            Undiscounted, one per draw, shape (draw,); negative is money back.
        years
            The year that ends then, or that it falls within, carries it in the yearly costs.
        """
        here = self if category in self.outcomes.cost_categories else self._with_category(category)
        out, option = here.outcomes, here.outcomes.index(here.option)
        row = out.cost_categories.index(category)
        discounted = out.cost_by_category.copy()
        discounted[row, option] += amount * here.discounting.factor(years)
        undiscounted = _copy(out.cost_by_category_undiscounted)
        if undiscounted is not None:
            undiscounted[row, option] += amount
        by_year = None if here.yearly is None else here.yearly.cost_by_category.copy()
        if by_year is not None:
            by_year[row, option, :, int(np.ceil(years)) - 1] += amount
        return here._with_costs(discounted, undiscounted, by_year)

    def scaled_nationally(
        self, categories: Sequence[str], factor: Floats, *, weight: Floats
    ) -> Priced:
        """Multiply the option's price in each calendar year by a factor.

        A patient's totals are multiplied by the mean factor, weighted by ``weight``: a patient
        meets the price of an average krone spent in the years given.

        Parameters
        ----------
        factor, weight
            Shape (draw, calendar year) or (calendar year,).
        """
        out, rows = self.outcomes, self.rows(categories)
        n_years = self.require_patients().size
        full = np.broadcast_to(factor, (out.n_draws, n_years))
        mean = _ratio(full * weight, np.broadcast_to(weight, full.shape), np.ones(n_years))
        per_patient = replace(self, yearly=None).scaled(categories, mean)
        factors = self.national_factor().copy()
        factors[rows] *= full
        return replace(per_patient, yearly=self.yearly, price_factor=factors)

    def national_factor(self) -> Floats:
        """Factor of the price by calendar year, 1 where none is set."""
        if self.price_factor is not None:
            return self.price_factor
        n_categories, n_years = len(self.outcomes.cost_categories), self.require_patients().size
        return np.ones((n_categories, self.outcomes.n_draws, n_years))

    def spend(self, categories: Sequence[str] | None = None) -> Floats:
        """National undiscounted cost of the option, shape (draw, calendar year).

        ``sum_s patients_s * cost_{y - s} * factor_y``: patients who start in calendar year
        ``s`` are in the year ``y - s`` after their start; each starts with the year.

        Raises
        ------
        ResultError
            No yearly costs or no patients.
        """
        yearly, names = self.require_yearly(), categories or self.outcomes.cost_categories
        option, total = self.outcomes.index(self.option), 0.0
        factors = self.national_factor()
        for row in self.rows(names):
            by_year = by_calendar_year(
                yearly.cost_by_category[row, option], self.require_patients()
            )
            total = total + by_year * factors[row]
        return np.asarray(total)

    def require_yearly(self) -> YearlyOutcomes:
        """Yearly costs; an error without them."""
        if self.yearly is None:
            raise ResultError(
                "no yearly costs",
                expected="YearlyOutcomes of the same draws",
                found="None",
                remedy="Give yearly=..., for example YearlyOutcomes.from_arrays(...).",
            )
        return self.yearly

    def require_patients(self) -> Floats:
        """Patients by calendar year; an error without them."""
        if self.patients is None:
            raise ResultError(
                "no patients by calendar year",
                expected="how many start the option in each calendar year",
                found="None",
                remedy="Give patients=[...], one number for each calendar year.",
            )
        return self.patients

    def require_not_national(self, agreement: str) -> None:
        """Refuse a price that already differs between calendar years."""
        if self.price_factor is not None:
            raise ResultError(
                f"{agreement} after an agreement on national volume",
                expected="agreements per patient first, those on national volume after them",
                found="a price that differs between calendar years",
                remedy="Write per_patient.then(national).",
            )

    def __repr__(self) -> str:
        return f"Priced({self.option!r} of {self.outcomes!r})"

    def rows(self, categories: Sequence[str]) -> list[int]:
        """Positions of cost categories; an unknown one is an error."""
        known = self.outcomes.cost_categories
        for category in categories:
            if category not in known:
                raise unknown_name("cost category", category, known)
        return [known.index(category) for category in categories]

    def _check_complete(self, row: int) -> None:
        undiscounted, yearly = self.outcomes.cost_by_category_undiscounted, self.require_yearly()
        if undiscounted is None:
            return
        option = self.outcomes.index(self.option)
        total, found = undiscounted[row, option], yearly.cost_by_category[row, option].sum(axis=-1)
        if not np.allclose(found, total, rtol=_SAME, atol=_SAME * float(np.abs(total).max())):
            raise ResultError(
                "yearly costs do not sum to the undiscounted total",
                expected=f"{total.mean():.10g} on average, over all years of the run",
                found=f"{found.mean():.10g} over {yearly.n_years} years",
                where={
                    "strategy": repr(self.option),
                    "category": self.outcomes.cost_categories[row],
                },
                remedy="Give the yearly costs of every year of the same run.",
            )

    def _with_category(self, category: str) -> Priced:
        def wider(costs: Floats) -> Floats:
            return np.concatenate([costs, np.zeros_like(costs[:1])])

        out, yearly, factors = self.outcomes, self.yearly, self.price_factor
        undiscounted = out.cost_by_category_undiscounted
        names = (*out.cost_categories, category)
        return replace(
            self,
            outcomes=replace(
                out,
                cost_categories=names,
                cost_by_category=wider(out.cost_by_category),
                cost_by_category_undiscounted=None if undiscounted is None else wider(undiscounted),
            ),
            yearly=yearly
            and replace(
                yearly, cost_categories=names, cost_by_category=wider(yearly.cost_by_category)
            ),
            price_factor=None
            if factors is None
            else np.concatenate([factors, np.ones_like(factors[:1])]),
        )

    def _with_costs(
        self, discounted: Floats, undiscounted: Floats | None, by_year: Floats | None
    ) -> Priced:
        outcomes = replace(
            self.outcomes,
            cost_by_category=discounted,
            cost_by_category_undiscounted=undiscounted,
        )
        yearly = self.yearly
        if yearly is not None and by_year is not None:
            yearly = replace(yearly, cost_by_category=by_year)
        return replace(self, outcomes=outcomes, yearly=yearly)


def priced(
    outcomes: Outcomes,
    *,
    option: str,
    discounting: Discounting,
    yearly: YearlyOutcomes | None = None,
    patients: ArrayLike | None = None,
) -> Priced:
    """Put together what agreements work on: an option at list price.

    Parameters
    ----------
    outcomes
        A finished run, costs by category.
    option
        The strategy the agreement is about.
    discounting
        Of costs, such as ``rules.discounting``.
    yearly
        Undiscounted yearly costs of the same run and draws.
    patients
        Patients who start the option in each calendar year, shape (calendar year,).

    Raises
    ------
    UnknownNameError
        An option that does not exist.
    ResultError
        Arguments of another kind; yearly costs of other strategies, categories or draws;
        patients that are not numbers of 0 or more.
    """
    _check_kinds(outcomes, discounting, yearly)
    outcomes.index(option)
    if yearly is not None:
        _check_same_run(outcomes, yearly)
    starting = None if patients is None else _checks.amounts("patients", patients)
    return Priced(outcomes, option, discounting, yearly, starting)


def by_calendar_year(per_patient: ArrayLike, patients: Floats) -> Floats:
    """National amount by calendar year of what happens in each year since a patient's start.

    Parameters
    ----------
    per_patient
        Shape (..., year since start).
    patients
        Starting in each calendar year, shape (calendar year,).

    Returns
    -------
    array of shape (..., calendar year)

    Examples
    --------
    >>> by_calendar_year([2.0, 1.0], np.array([10.0, 20.0, 0.0]))
    array([20., 50., 20.])
    """
    amount = np.asarray(per_patient, dtype=np.float64)
    total = np.zeros((*amount.shape[:-1], patients.size))
    for start, starting in enumerate(patients):
        years = min(amount.shape[-1], patients.size - start)
        total[..., start : start + years] += starting * amount[..., :years]
    return total


def _check_kinds(outcomes: object, discounting: object, yearly: object) -> None:
    for name, value, kind, origin in (
        ("outcomes", outcomes, Outcomes, "model.run(...) or Outcomes.from_arrays(...)"),
        ("discounting", discounting, Discounting, "rules.discounting"),
        ("yearly", yearly, YearlyOutcomes, "model.run_by_year(...) or from_arrays(...)"),
    ):
        if not isinstance(value, kind) and not (name == "yearly" and value is None):
            raise ResultError(
                f"{name} is of another kind",
                expected=kind.__name__,
                found=type(value).__name__,
                remedy=f"It comes from {origin}.",
            )


def _check_same_run(outcomes: Outcomes, yearly: YearlyOutcomes) -> None:
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("strategies", outcomes.strategies, yearly.strategies),
        ("cost categories", outcomes.cost_categories, yearly.cost_categories),
        ("draws", outcomes.n_draws, yearly.n_draws),
        ("draws", *(_draws(r.provenance) for r in (outcomes, yearly))),
    )
    for what, expected, found in pairs:
        if expected != found and expected is not None and found is not None:
            raise ResultError(
                f"yearly costs of other {what} than the totals",
                expected=expected,
                found=found,
                remedy="Give totals and yearly costs of one run.",
            )


def _draws(provenance: Any) -> Any:
    return provenance.get("draws")


def _copy(array: Floats | None) -> Floats | None:
    return None if array is None else array.copy()


def _ratio(after: Floats, before: Floats, weight: Floats) -> Floats:
    """Weighted sum after over that before, 1 where there was nothing to change."""
    above, below = after @ weight, before @ weight
    return np.asarray(np.divide(above, below, out=np.ones_like(above), where=below != 0))
