"""Split a run by year since the start: how much of each cycle lies in each year."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from prioritering.conventions import CycleCorrection
from prioritering.errors import ModelError
from prioritering.models.engine.layout import Floats
from prioritering.models.rewards import Weights
from prioritering.models.time import Duration
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes


def shares_by_year(
    cycle: Duration, n_cycles: int, years: object, correction: CycleCorrection
) -> Floats:
    """Share of each cycle that lies in each year, shape (years, cycles).

    Boundaries are compared as whole numbers, so a cycle that divides the year is never split.

    Raises
    ------
    ModelError
        ``years`` that is no number of years, or Simpson's rule.

    Examples
    --------
    >>> from prioritering.models.time import months, weeks
    >>> half = CycleCorrection("half-cycle")
    >>> shares_by_year(months(6), 3, 2, half)
    array([[1., 1., 0.],
           [0., 0., 1.]])
    >>> shares_by_year(weeks(40), 2, 2, half).round(4)
    array([[1.    , 0.3045],
           [0.    , 0.6955]])
    """
    if not isinstance(years, Integral) or isinstance(years, bool) or years < 1:
        raise ModelError(
            "years is no number of years", expected="an integer of 1 or more", found=repr(years)
        )
    if correction.rule.startswith("simpson"):
        raise ModelError(
            "Simpson's rule cannot be split by year",
            expected="a correction whose weights stay within each cycle",
            found=repr(correction.rule),
            remedy="Write dataclasses.replace(model, correction=pr.CycleCorrection('half-cycle')).",
        )
    length, year = cycle.exact_years.numerator, cycle.exact_years.denominator
    start = np.arange(n_cycles, dtype=np.float64)[None, :] * length
    first = np.arange(int(years), dtype=np.float64)[:, None] * year
    overlap = np.minimum(start + length, first + year) - np.maximum(start, first)
    return np.asarray(np.clip(overlap, 0.0, None) / length)


def weights_in_year(
    correction: CycleCorrection, share: Floats, year: int, cycle_years: float
) -> Weights:
    """Undiscounted weights of a year, given the share (cycles,) of each cycle in it."""
    spent = correction.weights(len(share)) * cycle_years * share[:, None]
    return Weights(
        cost=(spent, spent),
        qaly=(spent, spent),
        life_years=(spent, spent),
        cost_event=(share, share),
        qaly_event=(share, share),
        at_start=1.0 if year == 0 else 0.0,
    )


def stack_years(found: Sequence[Outcomes]) -> YearlyOutcomes:
    """Put the years of a run beside each other."""
    first = found[0]
    costs = [year.require("cost_by_category_undiscounted") for year in found]
    uses = [year.resource_use for year in found if year.resource_use is not None]
    return YearlyOutcomes(
        strategies=first.strategies,
        cost_categories=first.cost_categories,
        cost_by_category=np.stack(costs, axis=-1),
        resources=first.resources,
        resource_use=np.stack(uses, axis=-1) if uses else None,
        provenance=first.provenance,
    )
