"""Checks of patient data: columns become float64 arrays, or an error that names the row."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import DataError, PrioriteringWarning, unknown_name

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LONGEST_PLAUSIBLE_YEARS = 100.0
LONGEST_PLAUSIBLE_MEDIAN = 40.0
"""Of follow-up in years, unless the longest time is a lifespan."""
SHORTEST_LIFESPAN = 80.0
"""Times that end between this year and the longest plausible may be ages at death."""
MOST_PLAUSIBLE_RATIO = 25.0
"""Of the median times of two groups: days are 30 times months, 365 times years."""
FEWEST_TO_COMPARE = 5
_IN_YEARS = {
    "years": (1.0, 1.0),
    "months": (1.0, 12.0),
    "weeks": (7.0, 365.25),
    "days": (1.0, 365.25),
}


def numbers(values: ArrayLike, name: str, *, infinite: bool = False) -> Floats:
    """Read a column of numbers, shape (n,), refusing what is missing or not a number."""
    array = np.asarray(values)
    if array.dtype.kind in "mM":
        raise DataError(
            f"{name} holds dates or time differences",
            expected="numbers",
            found=str(array.dtype),
            where={"column": name},
            remedy="Count days first, for example with .dt.days.",
        )
    if array.ndim != 1 or array.size == 0:
        raise DataError(
            f"{name} has the wrong shape",
            expected="one value per patient, at least one patient",
            found=f"shape {array.shape}",
            where={"column": name},
        )
    try:
        floats = array.astype(np.float64)
    except (TypeError, ValueError):
        floats = np.array([_number_or_nan(v) for v in array])
    wrong = np.isnan(floats) if infinite else ~np.isfinite(floats)
    refuse_rows(wrong, array, name, "is missing or not a finite number", "a number in every row")
    return floats


def refuse_rows(
    wrong: Bools,
    values: ArrayLike,
    name: str,
    problem: str,
    expected: str,
    *,
    remedy: str | None = None,
) -> None:
    """Raise for the first row that is wrong, with the count of all such rows."""
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    count = f"{int(wrong.sum())} of {wrong.size} rows, counted from 0"
    raise DataError(
        f"{name} {problem}",
        expected=expected,
        found=f"{np.asarray(values)[row]} ({count})",
        where={"column": name, "row": row},
        remedy=remedy,
    )


def event_codes(values: ArrayLike, name: str) -> Bools:
    """Read events coded 0 and 1, or as booleans."""
    codes = numbers(values, name)
    refuse_rows(
        (codes != 0) & (codes != 1),
        values,
        name,
        "has a code that is neither 0 nor 1",
        "1 or True for an event, 0 or False for censored",
        remedy="Events coded 1 and 2 become (column == 2).",
    )
    return np.equal(codes, 1)


def labels(values: ArrayLike, name: str) -> NDArray[np.str_]:
    """Read group labels as text, whole numbers without decimals."""
    array = np.asarray(values)
    absent = np.array([missing(v) for v in array.tolist()])
    refuse_rows(absent, array, name, "is missing", "a group in every row")
    if array.dtype.kind == "f" and (array % 1 == 0).all():
        array = array.astype(np.int64)
    return array.astype(np.str_)


def in_years(values: Floats, unit: str) -> Floats:
    """Convert times to years of 12 months or 365.25 days."""
    if unit not in _IN_YEARS:
        raise unknown_name("unit", unit, _IN_YEARS)
    multiplied, divided = _IN_YEARS[unit]
    return values * multiplied / divided


def missing(value: object) -> bool:
    """Tell None and the missing values of NumPy and pandas."""
    return not isinstance(value, str) and str(value) in ("None", "nan", "<NA>", "NaT")


def same_length(columns: dict[str, int]) -> None:
    """Refuse columns of different lengths."""
    if len(set(columns.values())) > 1:
        raise DataError(
            "columns differ in length",
            expected="one value per patient in each",
            found=", ".join(f"{name} {size}" for name, size in columns.items()),
        )


def check_times(
    time: Floats, event: Bools, upper: Floats, entry: Floats, names: dict[str, str]
) -> None:
    """Refuse follow-up that cannot be, all in the unit they came in."""
    interval = ~event & np.isfinite(upper)
    name = names["time"]
    refuse_rows(
        (time < 0) | ((time == 0) & ~interval),
        time,
        name,
        "is zero or below",
        "time above 0 (0 only as the lower bound of an interval)",
        remedy="Leave out patients without follow-up, or give them an explicit half day.",
    )
    refuse_rows(
        ~event & (upper <= time),
        upper,
        names["upper"],
        "is not above the lower bound of its interval",
        f"a value above {name!r}, or inf if right-censored",
        remedy="An event at a known time has event 1.",
    )
    refuse_rows(
        event & np.isfinite(upper) & (upper != time),
        upper,
        names["upper"],
        "gives an interval to an event at a known time",
        f"the value of {name!r}, or inf",
        remedy="An event known only to lie within an interval has event 0 and an upper bound.",
    )
    refuse_rows(entry < 0, entry, names["entry"], "is negative", "a time of 0 or more")
    refuse_rows(
        (entry > time) | ((entry == time) & ~interval),
        entry,
        names["entry"],
        f"is not before {name!r}",
        "entry before the event or the end of follow-up",
        remedy="Measure both from the same moment in the same unit.",
    )


def check_weights(weight: Floats, name: str) -> None:
    """Refuse negative weights, and weights that are all 0."""
    refuse_rows(weight < 0, weight, name, "is negative", "a weight of 0 or more")
    if not (weight > 0).any():
        raise DataError(f"{name} is 0 in every row", expected="a weight above 0", found="none")


def warn_if_unit_looks_wrong(
    time: Floats, entry: Floats, upper: Floats, unit: str, names: dict[str, str]
) -> None:
    """Warn of each column with values that can hardly be in the unit they are said to be in."""
    interval = np.isfinite(upper)
    texts = [
        _doubt_about(time, time - entry, unit, names["time"]),
        _doubt_about(upper[interval], (upper - entry)[interval], unit, names["upper"]),
        _too_long(entry, unit, names["entry"]),
    ]
    longest = float(time.max())
    if unit == "days" and longest < 30 and (time % 1 != 0).any():
        texts.append(
            f"{names['time']} has fractions and ends at {longest:.4g} {unit}; "
            "are they years or months?"
        )
    for text in filter(None, texts):
        warnings.warn(text, PrioriteringWarning, stacklevel=4)


def warn_if_units_look_mixed(given: Floats, groups: NDArray[np.str_], name: str) -> None:
    """Warn when times of two groups are so far apart that they can hardly share a unit."""
    labels, sizes = np.unique(groups, return_counts=True)
    medians = {
        str(label): float(np.median(given[groups == label]))
        for label, size in zip(labels, sizes, strict=True)
        if size >= FEWEST_TO_COMPARE
    }
    if len(medians) < 2:
        return
    low, high = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
    if medians[high] > MOST_PLAUSIBLE_RATIO * medians[low]:
        text = (
            f"median {name} is {medians[low]:.4g} in group {low} and {medians[high]:.4g} in group "
            f"{high}; are their units mixed?"
        )
        warnings.warn(text, PrioriteringWarning, stacklevel=4)


def _doubt_about(given: Floats, followed: Floats, unit: str, name: str) -> str | None:
    """Say what is odd about times, of patients ``followed`` for so long."""
    if given.size == 0:
        return None
    median, longest = float(np.median(in_years(followed, unit))), float(in_years(given, unit).max())
    lifetimes = SHORTEST_LIFESPAN <= longest <= LONGEST_PLAUSIBLE_YEARS
    if median <= LONGEST_PLAUSIBLE_MEDIAN or lifetimes:
        return _too_long(given, unit, name)
    since = name if np.array_equal(given, followed) else f"{name} since entry"
    other = "date numbers" if unit == "days" else "shorter units such as days"
    return f"median {since} is {median:.4g} years if in {unit}; {other}?"


def _too_long(given: Floats, unit: str, name: str) -> str | None:
    """Count the rows that are longer than a life."""
    long = in_years(given, unit) > LONGEST_PLAUSIBLE_YEARS
    if not long.any():
        return None
    other = "date numbers" if unit == "days" else "days"
    return (
        f"{int(long.sum())} of {long.size} rows of {name} look like {other}: above "
        f"{LONGEST_PLAUSIBLE_YEARS:g} years if in {unit}, the first {given[long][0]:.6g}"
    )


def _number_or_nan(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
