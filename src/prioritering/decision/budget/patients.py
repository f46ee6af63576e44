"""How many patients start each strategy in each calendar year, with and without a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.decision.budget.flow import Entry, Flow, check_flow
from prioritering.decision.given import array_of, check_kind
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen, read_only
from prioritering.psa.inputs import chosen_option
from prioritering.yearly import YearlyOutcomes

Floats = NDArray[np.float64]
World = Literal["with", "without"]

_SUM_TOLERANCE = 1e-9
_FORM = "a number, one per calendar year, or an array of shape (draw, year)"


@dataclass(frozen=True, repr=False, eq=False)
class MarketShares(Frozen):
    """Shares of those who start treatment, by strategy, with and without the decision.

    Each share is a number, one per calendar year, or an array of shape (draw, year) in which
    either axis may be 1. In each world the shares of every year add up to 1.

    Attributes
    ----------
    with_decision, without
        Share by strategy; a strategy that is not named has none.

    Raises
    ------
    ResultError
        Shares outside 0 to 1, or that do not add up to 1, with the year and draw.

    Examples
    --------
    >>> MarketShares(
    ...     with_decision={"standard": [0.7, 0.4], "new": [0.3, 0.6]}, without={"standard": 1.0}
    ... )
    MarketShares(with: standard, new; without: standard)
    """

    with_decision: Mapping[str, Floats]
    without: Mapping[str, Floats]

    def __init__(
        self, *, with_decision: Mapping[str, ArrayLike], without: Mapping[str, ArrayLike]
    ) -> None:
        worlds: dict[World, Mapping[str, ArrayLike]] = {"with": with_decision, "without": without}
        for (world, given), name in zip(worlds.items(), ("with_decision", "without"), strict=True):
            shares = {
                strategy: _share(f"share of {strategy!r}", share, world=world)
                for strategy, share in given.items()
            }
            _check_sum(shares, world)
            object.__setattr__(self, name, shares)
        self.__post_init__()

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        shares = {
            world: {strategy: read_only(share) for strategy, share in by_strategy.items()}
            for world, by_strategy in state.items()
        }
        super().__setstate__(shares)

    def __repr__(self) -> str:
        return f"MarketShares(with: {', '.join(self.with_decision)}; without: " + (
            ", ".join(self.without) + ")"
        )


@dataclass(frozen=True, repr=False, eq=False)
class Patients(Frozen):
    """Patients who come up for treatment by calendar year, and what they start.

    Numbers are one per calendar year, a single number for every year, or an array of shape
    (draw, year) in which either axis may be 1, for numbers that are uncertain themselves.

    Attributes
    ----------
    incidence
        New patients each year.
    prevalence
        Patients there already. A single number (or shape (draw, 1)) comes up in the first
        year; one number per year spreads them. They follow the same course from their start
        as new patients.
    uptake
        Share of those who come up in a year that starts the option with the decision; the rest
        starts the reference.
    uptake_without
        The same without the decision, 0 unless given.
    shares
        Instead of ``uptake``, market shares over several strategies.

    Raises
    ------
    ResultError
        Negative or infinite numbers, shares outside 0 to 1, or not one of ``uptake`` and
        ``shares``.

    Examples
    --------
    >>> patients = Patients(incidence=200, prevalence=500, uptake=[0.2, 0.5, 0.75])
    >>> flow = patients.flow(["standard", "new"], reference="standard", option="new", years=3)
    >>> flow.with_decision[:, 0].tolist()
    [[560.0, 100.0, 50.0], [140.0, 100.0, 150.0]]
    """

    incidence: Floats
    prevalence: Floats
    uptake: Floats | None
    uptake_without: Floats
    shares: MarketShares | None

    def __init__(
        self,
        *,
        incidence: ArrayLike,
        prevalence: ArrayLike = 0.0,
        uptake: ArrayLike | None = None,
        uptake_without: ArrayLike = 0.0,
        shares: MarketShares | None = None,
    ) -> None:
        if (uptake is None) == (shares is None):
            raise ResultError(
                "patients need either an uptake or market shares",
                expected="uptake=... or shares=MarketShares(...)",
                found="neither" if shares is None else "both",
            )
        without = _share("uptake_without", uptake_without)
        if shares is not None and without.any():
            raise ResultError(
                "uptake_without has no meaning beside market shares",
                expected="MarketShares(without=...)",
                found=f"uptake_without={uptake_without!r}",
            )
        values = {
            "incidence": _number("incidence", incidence),
            "prevalence": _number("prevalence", prevalence),
            "uptake": None if uptake is None else _share("uptake", uptake),
            "uptake_without": without,
            "shares": shares,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def flow(
        self,
        strategies: list[str] | tuple[str, ...],
        *,
        reference: str,
        option: str,
        years: int,
    ) -> Flow:
        """Count those who start each strategy in each of the first calendar years.

        Raises
        ------
        UnknownNameError
            A reference, option or strategy with a share that is not among the strategies.
        ResultError
            Numbers for other years than asked for, or of different numbers of draws.
        """
        names = tuple(strategies)
        shares = self._shares(names, reference=reference, option=option)
        given = [self.incidence, self.prevalence, *(s for w in shares for s in w.values())]
        n_draws = _common_draws(given)
        coming = _by_year("incidence", self.incidence, years, n_draws) + self._prevalent(
            years, n_draws
        )
        worlds = []
        for world in shares:
            starts = np.zeros((len(names), n_draws, years))
            for strategy, share in world.items():
                part = _by_year(f"share of {strategy!r}", share, years, n_draws)
                starts[names.index(strategy)] = coming * part
            worlds.append(starts)
        return Flow(names, worlds[0], worlds[1])

    def _shares(
        self, strategies: tuple[str, ...], *, reference: str, option: str
    ) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
        """Shares by strategy with and without the decision."""
        chosen_option(strategies, reference=reference, option=option)
        if self.shares is not None:
            for name in {**self.shares.with_decision, **self.shares.without}:
                if name not in strategies:
                    raise unknown_name("strategy", name, strategies, where={"in": "market shares"})
            return self.shares.with_decision, self.shares.without
        assert self.uptake is not None
        return (
            {reference: 1.0 - self.uptake, option: self.uptake},
            {reference: 1.0 - self.uptake_without, option: self.uptake_without},
        )

    def _prevalent(self, years: int, n_draws: int) -> Floats:
        if self.prevalence.shape[1] > 1:
            return _by_year("prevalence", self.prevalence, years, n_draws)
        first = np.zeros((n_draws, years))
        first[:, :1] = self.prevalence
        return first

    def __repr__(self) -> str:
        share = "market shares" if self.shares is not None else "uptake"
        return (
            f"Patients({self.incidence.mean():g} new a year, "
            f"{self._all_prevalent():g} there already, by {share})"
        )

    def _all_prevalent(self) -> float:
        return float(self.prevalence.sum(axis=1).mean())


def flow_in(
    yearly: YearlyOutcomes,
    patients: Patients,
    *,
    reference: str,
    option: str,
    years: int,
    entry: Entry,
) -> Flow:
    """Patients who start each strategy of a run by year, checked against the run.

    Raises
    ------
    UnknownNameError, ResultError
        As :meth:`Patients.flow` and :func:`~prioritering.decision.budget.flow.check_flow`, and
        something else than patients.
    """
    check_kind("patients", patients, Patients, remedy="Write Patients(incidence=..., uptake=...).")
    flow = patients.flow(yearly.strategies, reference=reference, option=option, years=years)
    check_flow(flow, n_draws=yearly.n_draws, n_years=yearly.n_years, entry=entry)
    return flow


def _number(name: str, values: ArrayLike) -> Floats:
    """Numbers of patients of shape (draw, year), either axis possibly 1."""
    array = _two_axes(name, values)
    _refuse(name, array, ~np.isfinite(array) | (array < 0), "finite numbers of 0 or more", {})
    return array


def _share(name: str, values: ArrayLike, *, world: str = "") -> Floats:
    """Shares of shape (draw, year), either axis possibly 1."""
    array = _two_axes(name, values)
    where = {"world": f"{world} the decision"} if world else {}
    bad = ~((array >= 0) & (array <= 1))
    _refuse(name, array, bad, "a share from 0 to 1 (0 % to 100 %)", where)
    return array


def _two_axes(name: str, values: ArrayLike) -> Floats:
    array = array_of(name, values, expected=_FORM)
    if array.ndim > 2 or array.size == 0:
        raise ResultError(
            f"{name} has the wrong shape", expected=_FORM, found=f"shape {array.shape}"
        )
    return np.atleast_2d(array)


def _refuse(
    name: str, array: Floats, bad: NDArray[np.bool_], expected: str, where: dict[str, str]
) -> None:
    if bad.any():
        draw, year = (int(i) for i in np.argwhere(bad)[0])
        place = {**where, "year": year + 1, "draw": draw}
        raise ResultError(
            f"{name} out of range", expected=expected, found=array[draw, year], where=place
        )


def _check_sum(shares: Mapping[str, Floats], world: str) -> None:
    if not shares:
        raise ResultError(
            "no market shares", expected="a share by strategy", where={"world": world}
        )
    years = max(share.shape[1] for share in shares.values())
    n_draws = _common_draws(list(shares.values()))
    total = sum(_by_year(f"share of {k!r}", v, years, n_draws) for k, v in shares.items())
    bad = np.abs(np.asarray(total) - 1.0) > _SUM_TOLERANCE
    if bad.any():
        draw, year = (int(i) for i in np.argwhere(bad)[0])
        raise ResultError(
            "market shares do not add up to 1",
            expected="a sum of 1 in every year",
            found=float(np.asarray(total)[draw, year]),
            where={"world": f"{world} the decision", "year": year + 1, "draw": draw},
            remedy="Name every strategy that patients start, and correct the shares.",
        )


def _common_draws(arrays: list[Floats]) -> int:
    sizes = {array.shape[0] for array in arrays} - {1}
    if len(sizes) > 1:
        raise ResultError(
            "numbers of patients and shares have different draws",
            expected="one number of draws, or 1",
            found=sorted(sizes),
        )
    return sizes.pop() if sizes else 1


def _by_year(name: str, array: Floats, years: int, n_draws: int) -> Floats:
    if array.shape[1] not in (1, years):
        raise ResultError(
            f"{name} is given for another number of calendar years",
            expected=f"1 or {years} years",
            found=array.shape[1],
            remedy="Give a number per year (several draws: shape (draw, 1) or (draw, year)).",
        )
    return np.broadcast_to(array, (n_draws, years))
