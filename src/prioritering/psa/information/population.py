"""The patients whom better information would serve."""

from __future__ import annotations

import math
import numbers

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.conventions import Discounting
from prioritering.errors import ResultError


def present_patients(
    incidence: ArrayLike, *, years: int, discounting: Discounting, from_year: float = 0.0
) -> tuple[float, float]:
    """Patients who start from ``from_year`` on, counted as they are and at present value.

    A year that ``from_year`` falls within counts by the part of it that is left, at the
    factor of the whole year.

    Parameters
    ----------
    incidence
        Patients a year: one number, or shape (year,).
    years
        Years from now that are counted, 1 or more.

    Raises
    ------
    ResultError
        No whole year, an incidence that is negative, not finite or of another length, a first
        year below 0 or not before the last, or no discounting.

    Examples
    --------
    >>> present_patients(100, years=5, discounting=Discounting.none(), from_year=1.5)
    (350.0, 350.0)
    """
    if not isinstance(years, numbers.Integral) or isinstance(years, bool) or years < 1:
        raise ResultError(
            "no year to use the information in",
            expected="a whole number of years, 1 or more",
            found=repr(years),
        )
    patients = _amounts(incidence)
    if patients.shape not in ((), (years,)) or not (np.isfinite(patients) & (patients >= 0)).all():
        raise ResultError(
            "incidence does not say how many patients start each year",
            expected=f"one finite number of 0 or more, or {years} of them",
            found=incidence,
        )
    if not (isinstance(from_year, numbers.Real) and 0 <= from_year < math.inf):
        raise ResultError(
            "time until the study reports cannot be used",
            expected="years, finite and 0 or more",
            found=repr(from_year),
        )
    if from_year >= years:
        raise ResultError(
            "the study reports after the last year that is counted, so it serves nobody",
            expected=f"a time to report below {years} years",
            found=repr(from_year),
            remedy="Count more years, or plan a study that reports sooner.",
        )
    if not isinstance(discounting, Discounting):
        raise ResultError(
            "later patients have no present value without a discounting",
            expected="a Discounting",
            found=repr(discounting),
            remedy="Write Discounting.flat(0.04), or Discounting.none().",
        )
    served = np.clip(np.arange(1, years + 1) - from_year, 0.0, 1.0) * patients
    *_, factors = discounting.cycle_factors(years, 1.0)
    return float(served.sum()), float(served @ factors)


def _amounts(incidence: ArrayLike) -> NDArray[np.float64]:
    """Numbers of patients; what holds no numbers is NaN."""
    try:
        return np.asarray(incidence, dtype=np.float64)
    except (TypeError, ValueError):
        return np.array(np.nan)
