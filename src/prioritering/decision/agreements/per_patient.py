"""Agreements on what one patient costs: discount, free start, cap, refund without response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.decision.agreements import _checks
from prioritering.decision.agreements.base import Agreement
from prioritering.decision.agreements.priced import FOLLOW_UP, Priced
from prioritering.decision.given import array_of
from prioritering.errors import ResultError, unknown_name
from prioritering.yearly import YearlyOutcomes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class FlatDiscount(Agreement):
    """A share off the list price, the usual agreement.

    ``cost x (1 - share)`` in every named category.

    Parameters
    ----------
    share
        Of the list price, 0 to 1.
    categories
        Cost categories of the option that hold the price, and nothing else.
    confidential
        Whether the terms are secret.

    Raises
    ------
    ResultError
        A share outside 0 to 1, or no category.

    Examples
    --------
    >>> from prioritering.conventions import Discounting
    >>> from prioritering.outcomes import Outcomes
    >>> out = Outcomes.from_arrays(
    ...     ["old", "new"], cost={"drug": [[0], [400]], "care": [[50], [20]]}, qaly=[[1], [2]]
    ... )
    >>> after = FlatDiscount(0.25, "drug").apply(
    ...     out, option="new", discounting=Discounting.none()
    ... )
    >>> after.outcomes.cost[:, 0]
    array([ 50., 320.])
    """

    share: float
    categories: str | Sequence[str]
    confidential: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _set(self, share=_checks.share("discount", self.share), categories=_names(self.categories))

    def _change(self, before: Priced) -> Priced:
        return before.scaled(self.categories, 1.0 - self.share)


@dataclass(frozen=True, repr=False, eq=False)
class FreeInitiation(Agreement):
    """The first months of treatment are free.

    With yearly costs, a year's cost falls evenly within it, so ``months = 18`` frees year 1
    and half of year 2.

    Parameters
    ----------
    months
        Free from the start of treatment, above 0.
    categories
        Cost categories of the option that hold the price.
    share_of_cost
        Share of a patient's drug cost that falls in the free months (or free doses), 0 to 1.
        For results without yearly costs; with both there would be two answers.

    Raises
    ------
    ResultError
        Months that are not above 0, a share outside 0 to 1, no yearly costs and no share, or
        both.
    """

    months: float
    categories: str | Sequence[str]
    share_of_cost: float | None = field(default=None, kw_only=True)
    confidential: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _checks.above_zero("free months", self.months)
        if self.share_of_cost is not None:
            _checks.share("share of cost that is free", self.share_of_cost)
        _set(self, categories=_names(self.categories))

    def _change(self, before: Priced) -> Priced:
        before.require_not_national("free initiation")
        if self.share_of_cost is None:
            free = first_years(self.months / 12.0, before.require_yearly().n_years)
            return before.scaled_by_year(self.categories, 1.0 - free)
        if before.yearly is not None:
            raise ResultError(
                "two answers to what the free months cost",
                expected="yearly costs or share_of_cost",
                found="both",
                remedy="Leave share_of_cost out: the yearly costs say it.",
            )
        return before.scaled(self.categories, 1.0 - self.share_of_cost)


@dataclass(frozen=True, repr=False, eq=False)
class PatientCap(Agreement):
    """The payer pays at most an amount per treated patient and year since start.

    In year ``k``, with mean cost ``c_k`` per patient who started and ``s_k`` of them treated:
    ``min(c_k, s_k x amount)``. The mean patient is held against the cap, so with patients
    whose costs differ within a year the supplier pays at least what is counted here.

    Parameters
    ----------
    amount
        Per treated patient and year, 0 or more, in the prices of the yearly costs.
    categories
        Cost categories that count together towards the cap.
    treated
        Share of those who started who are treated in each year since start: a resource of
        the yearly results (years on treatment), or numbers of shape (year,).

    Raises
    ------
    ResultError
        A negative amount, shares that are not numbers of 0 or more or not one for each year,
        no yearly costs, or yearly costs that leave years out.
    UnknownNameError
        No such resource.
    """

    amount: float
    categories: str | Sequence[str]
    treated: str | Sequence[float] = field(kw_only=True)
    confidential: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        treated = self.treated
        if not isinstance(treated, str):
            treated = tuple(_checks.amounts("share treated", treated).tolist())
        _checks.amount("cap", self.amount)
        _set(self, categories=_names(self.categories), treated=treated)

    def _change(self, before: Priced) -> Priced:
        before.require_not_national("a cap per patient")
        yearly = before.require_yearly()
        option = yearly.index(before.option)
        cost = sum(yearly.cost_by_category[row, option] for row in before.rows(self.categories))
        if not isinstance(self.treated, str) and len(self.treated) != yearly.n_years:
            raise ResultError(
                "shares treated for other years than the costs",
                expected=f"{yearly.n_years} shares, one for each year",
                found=len(self.treated),
            )
        share = use_by_year(yearly, self.treated, strategy=before.option)
        left = np.minimum(cost, share * self.amount)
        factor = np.divide(left, cost, out=np.ones_like(left), where=np.asarray(cost) > 0)
        return before.scaled_by_year(self.categories, factor)


@dataclass(frozen=True, repr=False, eq=False)
class OutcomeRefund(Agreement):
    """The supplier pays back a share of what patients without response have cost.

    Refund per patient who starts, paid when response is measured, ``m`` years after start:
    ``(1 - response) x refund x (cost of the categories in the first m years)``, discounted
    from ``m``. Until then patients with and without response cost the same on average; who
    stops treatment afterwards is a matter of the model.

    Parameters
    ----------
    response
        Probability of response: one number, or one per draw.
    measured_at
        Years after start, above 0.
    refund
        Share of the cost that is paid back, 0 to 1.
    categories
        Cost categories of the option that hold the price.
    administration
        Cost of following up per patient who starts, 0 or more, paid at ``measured_at`` in the
        category ``"agreement follow-up"``.
    hours
        Staff hours of following up per patient who starts. Shown, never turned into money.

    Raises
    ------
    ResultError
        Response or refund outside 0 to 1, one response per draw of other draws, negative cost
        or hours, no yearly costs or too few years of them.

    Notes
    -----
    A response that varies by draw moves the refund with the effect it stands for: that is what
    lowers decision uncertainty. With one number the refund is the same in every draw.
    """

    response: float | Sequence[float]
    categories: str | Sequence[str]
    measured_at: float = field(kw_only=True)
    refund: float = field(kw_only=True)
    administration: float = field(default=0.0, kw_only=True)
    hours: float = field(default=0.0, kw_only=True)
    confidential: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _checks.above_zero("measured_at", self.measured_at)
        _checks.share("refund", self.refund)
        _checks.amount("cost of administration", self.administration)
        _checks.amount("staff hours", self.hours)
        _set(self, response=_response(self.response), categories=_names(self.categories))

    def _change(self, before: Priced) -> Priced:
        before.require_not_national("an outcome-based refund")
        yearly, years = before.require_yearly(), self.measured_at
        self._check_fits(yearly)
        share = (1.0 - np.asarray(self.response)) * self.refund
        option, after = yearly.index(before.option), before
        for category, row in zip(self.categories, before.rows(self.categories), strict=True):
            paid = yearly.cost_by_category[row, option] @ first_years(years, yearly.n_years)
            after = after.paid_at(category, -share * paid, years=years)
        if self.administration:
            every = np.full(yearly.n_draws, float(self.administration))
            after = after.paid_at(FOLLOW_UP, every, years=years)
        return replace(after, hours=after.hours + self.hours)

    def _check_fits(self, yearly: YearlyOutcomes) -> None:
        n_given = np.size(self.response)
        if n_given not in (1, yearly.n_draws):
            raise ResultError(
                "responses of other draws than the costs",
                expected=f"one number, or {yearly.n_draws} of them",
                found=f"{n_given} numbers",
            )
        if self.measured_at > yearly.n_years:
            raise ResultError(
                "response is measured after the last year of costs",
                expected=f"at most {yearly.n_years} years",
                found=self.measured_at,
            )


def first_years(years: float, n_years: int) -> Floats:
    """Share of each year since start that lies within the first ``years``, shape (year,).

    Examples
    --------
    >>> first_years(1.5, 3)
    array([1. , 0.5, 0. ])
    """
    return np.clip(years - np.arange(n_years), 0.0, 1.0)


def use_by_year(
    yearly: YearlyOutcomes | None, given: str | Sequence[float], *, strategy: str
) -> Floats:
    """Use per patient in each year since start: a resource by name, or the numbers given."""
    if not isinstance(given, str):
        array = np.asarray(given, dtype=np.float64)
        if yearly is not None and array.size > yearly.n_years:
            raise ResultError(
                "use in more years than there are costs",
                expected=f"at most {yearly.n_years} years",
                found=array.size,
            )
        n_years = array.size if yearly is None else yearly.n_years
        return np.concatenate([array, np.zeros(n_years - array.size)])
    resources = () if yearly is None else yearly.resources
    if yearly is None or yearly.resource_use is None or given not in resources:
        raise unknown_name("resource", given, resources)
    return np.asarray(yearly.resource_use[resources.index(given), yearly.index(strategy)])


def _response(given: ArrayLike) -> float | Floats:
    if np.ndim(given) == 0:
        return _checks.share("response", given)
    expected = "shares from 0 to 1, one number or shape (draw,)"
    array = array_of("response", given, expected=expected)
    if array.ndim != 1 or not array.size or not ((array >= 0) & (array <= 1)).all():
        raise ResultError(
            "response out of range",
            expected=expected,
            found=repr(given),
        )
    array.flags.writeable = False
    return array


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return _checks.names("cost categories", given)


def _set(agreement: Agreement, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(agreement, name, value)
