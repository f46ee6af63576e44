"""Opportunity cost: the health other patients lose when resources are bound, and the net."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.decision.given import array_of, check_kind, check_price_year
from prioritering.decision.means import Mean, mean
from prioritering.decision.secrecy import secrecy
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class DisplacedHealth(Frozen, Shown):
    """What one adoption gains its patients and displaces for others, in QALYs.

    Attributes
    ----------
    name
        Name of the case.
    reference, option
        Standard treatment and the one that is adopted.
    per_qaly
        Opportunity cost, the amount that would have given others a QALY.
    price_year
        Price level of the costs.
    guideline
        Id and hash of the rules.
    patients
        Patients treated, shape (draw,).
    gained
        QALYs gained by all of them, shape (draw,).
    displaced
        QALYs others lose, incremental cost over ``per_qaly``, shape (draw,); negative where
        resources are freed.
    provenance
        What stands behind the numbers.
    """

    name: str
    reference: str
    option: str
    per_qaly: float
    price_year: int
    guideline: Mapping[str, str]
    patients: Floats
    gained: Floats
    displaced: Floats
    provenance: Mapping[str, Any]

    @property
    def net(self) -> Floats:
        """Net health benefit for the population in QALYs, shape (draw,)."""
        return self.gained - self.displaced

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.gained.size)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def means(self) -> dict[str, Mean]:
        """Means of ``"gained"``, ``"displaced"`` and ``"net"``."""
        return {name: mean(getattr(self, name)) for name in QUANTITIES}

    def to_frame(self) -> pd.DataFrame:
        """Long table: case, quantity, mean, se, low, high."""
        return _frame([(self.name, self.means())])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the case for a report."""
        return portfolio([self]).table(language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw QALYs gained and displaced."""
        return portfolio([self]).plot(ax, language=language)

    def __repr__(self) -> str:
        m = self.means()
        return (
            f"DisplacedHealth({self.name!r}: {m['gained'].value:g} QALYs gained, "
            f"{m['displaced'].value:g} displaced at {self.per_qaly:g} per QALY)"
        )


QUANTITIES = ("gained", "displaced", "net")


@dataclass(frozen=True, repr=False, eq=False)
class Portfolio(Frozen, Shown):
    """Several adoptions together.

    Attributes
    ----------
    cases
        One per adoption, of one price year and one opportunity cost.
    same_draws
        Whether draw ``k`` is the same in every case, so that draws are added one by one.
    totals
        Sum of the cases by quantity. With independent cases the Monte Carlo error is
        ``sqrt(sum se^2)`` and there is no interval.
    """

    cases: tuple[DisplacedHealth, ...]
    same_draws: bool
    totals: Mapping[str, Mean]

    @property
    def per_qaly(self) -> float:
        """Opportunity cost of the cases."""
        return self.cases[0].per_qaly

    @property
    def price_year(self) -> int:
        """Price level of the cases."""
        return self.cases[0].price_year

    @property
    def provenance(self) -> dict[str, Any]:
        """What stands behind each case, and whether any rests on a secret price."""
        found = {case.name: case.provenance for case in self.cases}
        return {"cases": found, **secrecy(*found.values())}

    def to_frame(self) -> pd.DataFrame:
        """Long table: case (last ``"total"``), quantity, mean, se, low, high."""
        rows = [(case.name, case.means()) for case in self.cases]
        return _frame([*rows, ("total", dict(self.totals))])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the cases for a report."""
        from prioritering.report.tables.opportunity_cost import portfolio_table

        return portfolio_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw QALYs gained and displaced by each case."""
        from prioritering.report.figures.opportunity_cost import plot_portfolio

        return plot_portfolio(self, ax, language=language)

    def __repr__(self) -> str:
        return f"Portfolio({len(self.cases)} cases, net {self.totals['net'].value:g} QALYs)"


def opportunity_cost(
    outcomes: Outcomes,
    *,
    reference: str,
    option: str | None = None,
    rules: Guideline,
    price_year: int,
    patients: ArrayLike = 1.0,
    name: str | None = None,
) -> DisplacedHealth:
    """QALYs an adoption gains its patients and displaces for others.

    For ``n`` patients and each draw: gained ``n dE``, displaced ``n dC / k``, net their
    difference, with ``k`` the guideline's opportunity cost per QALY.

    Parameters
    ----------
    outcomes
        Discounted costs and QALYs per patient, in the perspective of the analysis.
    reference, option
        Standard treatment and the one that is adopted; ``option`` may be left out when the run
        has two strategies.
    rules
        Guideline with the opportunity cost.
    price_year
        Price level of the costs.
    patients
        How many are treated, a number or one per draw.
    name
        Name of the case in a portfolio; the option's unless given.

    Raises
    ------
    UnknownNameError
        An unknown strategy.
    ResultError
        No or the wrong option, patients that are negative, not finite or of another number of
        draws, a price year that is not a calendar year, costs in another currency than the
        opportunity cost, or a run by year.
    GuidelineError
        No opportunity cost in force on the day of the rules.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> run = Outcomes.from_arrays(["old", "new"], cost=[[0.0], [5.5e5]], qaly=[[7.0], [8.0]])
    >>> opportunity_cost(
    ...     run, reference="old", option="new", patients=100, price_year=2026,
    ...     rules=guideline("no", as_of="2026-11-01"),
    ... )
    DisplacedHealth('new': 100 QALYs gained, 200 displaced at 275000 per QALY)
    """
    check_kind("outcomes", outcomes, Outcomes, remedy="Give the totals of model.run(...).")
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    check_price_year(price_year)
    currency = outcomes.provenance.get("currency", "NOK")
    if currency != "NOK":
        raise ResultError(
            "costs in another currency than the opportunity cost", expected="NOK", found=currency
        )
    per_qaly = rules.opportunity_cost
    n = _patients(patients, outcomes.n_draws)
    base, new = outcomes.index(reference), outcomes.index(option)
    cost, qaly = outcomes.cost[new] - outcomes.cost[base], outcomes.qaly[new] - outcomes.qaly[base]
    return DisplacedHealth(
        name=option if name is None else name,
        reference=reference,
        option=option,
        per_qaly=per_qaly,
        price_year=price_year,
        guideline={"id": rules.id, "hash": rules.hash},
        patients=n,
        gained=n * qaly,
        displaced=n * cost / per_qaly,
        provenance=outcomes.provenance,
    )


def portfolio(cases: Iterable[DisplacedHealth], *, same_draws: bool = False) -> Portfolio:
    """Add up several adoptions: QALYs gained, displaced and net.

    Parameters
    ----------
    cases
        Results of :func:`opportunity_cost`.
    same_draws
        Whether draw ``k`` is the same in every case: one sample of shared parameters. Otherwise
        the cases' draws count as independent.

    Raises
    ------
    ResultError
        No case, two of one name, different price years, guidelines, opportunity costs or
        perspectives, or different numbers of draws where they are said to be the same.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> run = Outcomes.from_arrays(["old", "new"], cost=[[0.0], [5.5e5]], qaly=[[7.0], [8.0]])
    >>> choice = {"reference": "old", "option": "new", "price_year": 2026}
    >>> rules = guideline("no", as_of="2026-11-01")
    >>> a = opportunity_cost(run, rules=rules, patients=100, name="A", **choice)
    >>> b = opportunity_cost(run, rules=rules, patients=10, name="B", **choice)
    >>> portfolio([a, b])
    Portfolio(2 cases, net -110 QALYs)
    """
    members = tuple(cases)
    if not members:
        raise ResultError("a portfolio without cases", expected="one case or more", found="none")
    names = [case.name for case in members]
    if len(set(names)) != len(names):
        raise ResultError(
            "cases of one name",
            expected="unique names",
            found=names,
            remedy="Name them: opportunity_cost(..., name=...).",
        )
    _agree(members, "price years", lambda c: c.price_year, "Bring all costs to one price year.")
    _agree(
        members,
        "guidelines",
        lambda c: (c.guideline["id"], c.guideline["hash"]),
        "Use one guideline, of one day, for all cases.",
        show=lambda c: f"{c.guideline['id']} (hash {c.guideline['hash'][:12]})",
    )
    _agree_on_provenance(members, "guidelines behind the runs", "guideline", "id")
    _agree_on_provenance(members, "perspectives", "perspective", "view")
    if same_draws:
        _agree(members, "numbers of draws", lambda c: c.n_draws, "Leave out same_draws.")
    totals = {quantity: _total(members, quantity, same_draws) for quantity in QUANTITIES}
    return Portfolio(members, same_draws, totals)


def _patients(patients: ArrayLike, n_draws: int) -> Floats:
    array = array_of("number of patients", patients, expected="a number, or one per draw")
    if array.shape not in ((), (1,), (n_draws,)):
        raise ResultError(
            "patients and outcomes have different draws",
            expected=f"one number, or {n_draws} (one per draw)",
            found=f"shape {array.shape}",
        )
    bad = array[~(np.isfinite(array) & (array >= 0))]
    if bad.size:
        raise ResultError(
            "number of patients out of range",
            expected="finite and 0 or more",
            found=float(np.ravel(bad)[0]),
        )
    return np.array(np.broadcast_to(array, (n_draws,)))


def _agree(
    cases: tuple[DisplacedHealth, ...],
    what: str,
    of: Callable[[DisplacedHealth], object],
    remedy: str,
    *,
    show: Callable[[DisplacedHealth], object] | None = None,
) -> None:
    if len({of(case) for case in cases}) > 1:
        raise ResultError(
            f"cases of different {what} cannot be added",
            expected="one for all cases",
            found=", ".join(f"{case.name}: {(show or of)(case)}" for case in cases),
            remedy=remedy,
        )


def _agree_on_provenance(
    cases: tuple[DisplacedHealth, ...], what: str, record: str, key: str
) -> None:
    """Refuse cases whose runs differ in what those that say so say."""
    stated = tuple(case for case in cases if isinstance(case.provenance.get(record), Mapping))
    _agree(stated, what, lambda c: c.provenance[record].get(key), "Run the cases alike.")


def _total(cases: tuple[DisplacedHealth, ...], quantity: str, same_draws: bool) -> Mean:
    if same_draws or len(cases) == 1:
        return mean(np.sum([getattr(case, quantity) for case in cases], axis=0))
    parts = [case.means()[quantity] for case in cases]
    errors = [part.se for part in parts]
    known = [error for error in errors if error is not None]
    se = math.hypot(*known) if len(known) == len(errors) else None
    return Mean(math.fsum(part.value for part in parts), se, None, None)


def _frame(rows: Iterable[tuple[str, Mapping[str, Mean]]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["case", "quantity", "mean", "se", "low", "high"]
    cells = [
        (case, quantity, m.value, m.se, m.low, m.high)
        for case, means in rows
        for quantity, m in means.items()
    ]
    frame = pd.DataFrame(cells, columns=columns)
    return frame.astype(dict.fromkeys(columns[2:], "Float64"))
