"""Agreements on national volume: steps of discount, and a cap on what the country spends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.decision.agreements import _checks
from prioritering.decision.agreements.base import Agreement
from prioritering.decision.agreements.per_patient import use_by_year
from prioritering.decision.agreements.priced import Priced, by_calendar_year
from prioritering.errors import ResultError, unknown_name

Floats = NDArray[np.float64]
Basis = Literal["units in the step", "all units"]


class VolumeStep(NamedTuple):
    """From ``low`` to below ``high`` units a calendar year, a share off the list price."""

    low: float
    high: float
    discount: float


@dataclass(frozen=True, repr=False, eq=False)
class VolumeSteps(Agreement):
    """A discount that steps with the national volume of a calendar year.

    ``factor_y = 1 - mean discount of the year's units``; cost in year ``y`` is multiplied by
    it. A patient's totals, and so the ICER, are multiplied by the mean of the factors over the
    calendar years given, weighted by spending (by volume without yearly costs).

    Parameters
    ----------
    steps
        ``(low, high, discount)`` in rising order, the first from 0, each from where the one
        before it ends, the last to ``math.inf``.
    categories
        Cost categories of the option that hold the price.
    basis
        ``"units in the step"``: a step's discount holds for the units within it.
        ``"all units"``: the step the volume ends in sets the price of every unit.
    unit
        What is counted, for the words: ``"packs"``, ``"patients"``.
    per_patient
        Units per patient in each year since start: a resource of the yearly results, or
        numbers of shape (year,); ``[1.0]`` counts patients in the year they start.

    Raises
    ------
    ResultError
        Steps that are not three numbers each, overlap, leave a gap or are out of order, a
        discount outside 0 to 1, or no patients.
    UnknownNameError
        No such basis or resource.

    Examples
    --------
    >>> import math
    >>> steps = VolumeSteps(
    ...     [(0, 100, 0.0), (100, math.inf, 0.5)], "drug",
    ...     basis="units in the step", unit="packs", per_patient=[1.0],
    ... )
    >>> steps.factor(np.array([0.0, 50.0, 200.0]))
    array([1.  , 1.  , 0.75])
    """

    steps: Sequence[VolumeStep | tuple[float, float, float]]
    categories: str | Sequence[str]
    basis: Basis = field(kw_only=True)
    unit: str = field(kw_only=True)
    per_patient: str | Sequence[float] = field(kw_only=True)
    confidential: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        if self.basis not in get_args(Basis):
            raise unknown_name("basis", self.basis, get_args(Basis))
        use = self.per_patient
        if not isinstance(use, str):
            use = tuple(_checks.amounts("units per patient", use).tolist())
        for name, value in (
            ("steps", _steps(self.steps)),
            ("categories", _checks.names("cost categories", self.categories)),
            ("per_patient", use),
        ):
            object.__setattr__(self, name, value)

    def factor(self, volume: Floats) -> Floats:
        """Average price, as a share of list price, at a calendar year's volume."""
        low, high, discount = (np.array(column) for column in zip(*self.steps, strict=True))
        v = np.asarray(volume, dtype=np.float64)[..., np.newaxis]
        if self.basis == "all units":
            return np.asarray(1.0 - ((v >= low) & (v < high)) @ discount)
        within = np.clip(np.minimum(v, high) - low, 0.0, None)
        first = np.eye(1, low.size)[0]
        shares = np.divide(within, v, out=np.broadcast_to(first, within.shape).copy(), where=v > 0)
        return np.asarray(1.0 - shares @ discount)

    def volume(self, before: Priced) -> Floats:
        """National units by calendar year, shape ([draw,] calendar year)."""
        use = use_by_year(before.yearly, self.per_patient, strategy=before.option)
        return by_calendar_year(use, before.require_patients())

    def _change(self, before: Priced) -> Priced:
        volume = self.volume(before)
        weight = volume if before.yearly is None else before.spend(self.categories)
        return before.scaled_nationally(self.categories, self.factor(volume), weight=weight)


@dataclass(frozen=True, repr=False, eq=False)
class NationalCap(Agreement):
    """The country pays at most an amount in a calendar year; the supplier pays the rest.

    ``factor_y = min(1, amount / spending_y)`` in each draw. A patient's totals are multiplied
    by the mean of the factors, weighted by spending.

    Parameters
    ----------
    amount
        Per calendar year, 0 or more, in the prices of the yearly costs.
    categories
        Cost categories that count together towards the cap.

    Raises
    ------
    ResultError
        A negative amount, no yearly costs, or no patients.
    """

    amount: float
    categories: str | Sequence[str]
    confidential: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _checks.amount("cap", self.amount)
        categories = _checks.names("cost categories", self.categories)
        object.__setattr__(self, "categories", categories)

    def _change(self, before: Priced) -> Priced:
        spend = before.spend(self.categories)
        above = spend > self.amount
        factor = np.divide(self.amount, spend, out=np.ones_like(spend), where=above)
        return before.scaled_nationally(self.categories, factor, weight=spend)


def _steps(given: Sequence[VolumeStep | tuple[float, float, float]]) -> tuple[VolumeStep, ...]:
    steps = _numbers(given)
    if not steps or steps[0].low != 0 or steps[-1].high != math.inf:
        raise _bad_steps("steps do not cover every volume", steps)
    for step in steps:
        _checks.share("discount of a step", step.discount)
        if not step.low < step.high:
            raise _bad_steps("a step ends before it starts", steps)
    for first, second in pairwise(steps):
        if second.low < first.high:
            raise _bad_steps("steps overlap", steps)
        if second.low > first.high:
            raise _bad_steps("steps leave a gap", steps)
    return steps


def _numbers(given: Sequence[VolumeStep | tuple[float, float, float]]) -> tuple[VolumeStep, ...]:
    try:
        return tuple(VolumeStep(*map(float, step)) for step in given)
    except (TypeError, ValueError):
        raise ResultError(
            "not steps of volume",
            expected="three numbers for each: (low, high, discount)",
            found=repr(given),
        ) from None


def _bad_steps(problem: str, steps: tuple[VolumeStep, ...]) -> ResultError:
    return ResultError(
        problem,
        expected="the first from 0, each from where the one before it ends, the last to math.inf",
        found=", ".join(f"{low:g} to {high:g}" for low, high, _ in steps) or "none",
    )
