"""EQ-5D answers, written in any usual way, to utilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.data import ValueSet, value_set
from prioritering.errors import DataError

Floats = NDArray[np.float64]
DIMENSIONS = ("mobility", "self-care", "usual activities", "pain/discomfort", "anxiety/depression")
"""The order of levels in a profile."""


def eq5d_values(answers: Any, *, values: ValueSet | str) -> Floats:
    """Utilities of EQ-5D answers.

    Parameters
    ----------
    answers
        Profiles such as ``"21345"`` or ``21345``, of any shape; or levels, an array or data
        frame of shape (patient, 5) with a column per dimension in the order of
        :data:`DIMENSIONS`. Numbers from 0 to 9 in five columns are taken as levels.
    values
        Value set or its name; the guideline's is ``rules.value_set``.

    Returns
    -------
    array
        The shape of the profiles, or (patient,).

    Raises
    ------
    DataError
        Missing answers, counted by dimension where levels are given; levels that are not
        whole numbers from 1 to the worst. Nothing is imputed.

    Examples
    --------
    >>> eq5d_values([[1, 1, 1, 1, 1], [5, 5, 5, 5, 5]], values="norway_5l").round(3)
    array([ 1.   , -0.453])
    >>> eq5d_values(["11111", "55555"], values="norway_5l").round(3)
    array([ 1.   , -0.453])
    """
    chosen = value_set(values) if isinstance(values, str) else values
    array = np.asarray(answers)
    if array.dtype.kind == "U" and array.ndim:
        array = np.asarray(answers, dtype=object)
    missing = _is_missing(array)
    if _are_levels(array, missing):
        _refuse_missing(missing, chosen, dict(zip(DIMENSIONS, missing.sum(axis=0), strict=True)))
        return chosen.value(_joined(array, chosen))
    _refuse_missing(missing, chosen, {})
    return chosen.value(_whole(array))


def _is_missing(array: NDArray[Any]) -> NDArray[np.bool_]:
    """None, NaN, NA and empty text."""
    if array.dtype.kind == "f":
        return np.asarray(np.isnan(array))
    if array.dtype.kind in "iub":
        return np.zeros(array.shape, dtype=bool)
    return np.asarray(np.vectorize(_is_none, otypes=[bool])(array))


def _is_none(answer: object) -> bool:
    if answer is None or type(answer).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(answer, str):
        return not answer.strip()
    return bool(answer != answer)


def _are_levels(array: NDArray[Any], missing: NDArray[np.bool_]) -> bool:
    """Five columns of single characters, once what is missing is left out."""
    if array.ndim != 2 or array.shape[1] != 5:
        return False
    return all(len(_text(answer)) == 1 for answer in set(array[~missing].tolist()))


def _refuse_missing(
    missing: NDArray[np.bool_], chosen: ValueSet, by_dimension: dict[str, int]
) -> None:
    if not missing.any():
        return
    counts = ", ".join(f"{name} {n}" for name, n in by_dimension.items() if n)
    rows = missing.any(axis=1) if by_dimension else missing
    raise DataError(
        "answers are missing",
        expected=f"all five levels of every {chosen.instrument} profile",
        found=f"{int(rows.sum())} of {rows.size} profiles incomplete"
        + (f" ({counts})" if counts else ""),
        where={"first at": tuple(int(i) for i in np.argwhere(missing)[0])},
        remedy="Leave these rows out or impute them yourself, and say so; nothing is imputed.",
    )


def _joined(levels: NDArray[Any], chosen: ValueSet) -> NDArray[np.str_]:
    """Levels as profiles; a level out of range is refused with its dimension and count."""
    texts = _whole(levels)
    allowed = [str(level) for level in range(1, chosen.n_levels + 1)]
    bad = ~np.isin(texts, allowed)
    if bad.any():
        row, dimension = (int(i) for i in np.argwhere(bad)[0])
        raise DataError(
            f"not an {chosen.instrument} level",
            expected=f"whole numbers from 1 to {chosen.n_levels}",
            found=f"{str(texts[row, dimension])!r} ({int(bad.sum())} such answers)",
            where={"row": row, "dimension": DIMENSIONS[dimension]},
        )
    return np.array(["".join(row) for row in texts], dtype=np.str_)


def _whole(profiles: NDArray[Any]) -> NDArray[Any]:
    """Profiles as text, also those a spreadsheet has made floating-point numbers of."""
    if not profiles.size:
        return profiles.astype(str)
    return np.asarray(np.vectorize(_text, otypes=[np.str_])(profiles))


def _text(answer: object) -> str:
    """Digits of a whole number, also one stored as floating point; text as it stands."""
    if isinstance(answer, float | np.floating) and float(answer).is_integer():
        return str(int(answer))
    return str(answer).strip()
