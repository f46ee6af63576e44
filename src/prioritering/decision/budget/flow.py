"""Patients by calendar year, and what they incur in each: the cohorts of a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen

Floats = NDArray[np.float64]
Entry = Literal["start_of_year", "through_the_year"]


@dataclass(frozen=True, eq=False)
class Flow(Frozen):
    """Patients who start each strategy in each calendar year.

    Attributes
    ----------
    strategies
        Axis labels.
    with_decision, without
        Shape (strategy, draw, year).
    """

    strategies: tuple[str, ...]
    with_decision: Floats
    without: Floats

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.with_decision.shape[1])

    @property
    def n_years(self) -> int:
        """Number of calendar years."""
        return int(self.with_decision.shape[2])


def accrue(profile: Floats, starts: Floats, *, entry: Entry) -> Floats:
    """Amounts by calendar year of patients who start in each of them.

    A patient who starts in calendar year ``y`` incurs the amount of their own year ``k`` in
    calendar year ``y + k - 1``. Patients who start evenly through the year incur half of it
    then and half a year later: the amount of each own year accrues evenly.

    Parameters
    ----------
    profile
        Amount by year since the patient's own start, shape (..., strategy, draw, year).
    starts
        Patients who start, shape (strategy, draw, calendar year), or one draw.
    entry
        ``"start_of_year"`` or ``"through_the_year"``.

    Returns
    -------
    ndarray
        Summed over strategies, shape (..., draw, calendar year).
    """
    years = starts.shape[-1]
    amounts = profile[..., :years]
    if entry == "through_the_year":
        before = np.concatenate([np.zeros_like(amounts[..., :1]), amounts[..., :-1]], axis=-1)
        amounts = 0.5 * (amounts + before)
    n_draws = max(profile.shape[-2], starts.shape[-2])
    total = np.zeros((*profile.shape[:-3], n_draws, years))
    for lag in range(years):
        starters = starts[..., : years - lag]
        total[..., lag:] += (starters * amounts[..., lag, None]).sum(axis=-3)
    return total


def check_flow(flow: Flow, *, n_draws: int, n_years: int, entry: Entry) -> None:
    """Refuse draws that do not fit a run, more years than it has, and an unknown entry."""
    if entry not in get_args(Entry):
        raise unknown_name("entry", entry, get_args(Entry))
    if flow.n_draws != n_draws and 1 not in (flow.n_draws, n_draws):
        raise ResultError(
            "patients and yearly outcomes have different draws",
            expected=f"1 or {n_draws} draws of the patients",
            found=flow.n_draws,
            remedy="Draw the patients in the same sample as the model's parameters.",
        )
    if flow.n_years > n_years:
        raise ResultError(
            "more calendar years than the yearly outcomes hold",
            expected=f"at most {n_years} years",
            found=flow.n_years,
            remedy="Run the model over a longer horizon; if nothing happens after its end, "
            "append years of zeros to the yearly outcomes.",
        )


def number_years(years: int, *, first_year: int | None) -> tuple[int, ...]:
    """Calendar years from the first one, or 1, 2, ...; refuses what is not whole and above 0."""
    start = 1 if first_year is None else first_year
    for name, value in (("number of years", years), ("first year", start)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ResultError(
                f"{name} out of range", expected="a whole number above 0", found=repr(value)
            )
    return tuple(range(start, start + years))
