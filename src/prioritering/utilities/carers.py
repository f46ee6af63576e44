"""Carers' utilities, for an analysis that stands beside the patient's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ParameterError

Floats = NDArray[np.float64]


def carer_disutility(
    decrements: Mapping[str, ArrayLike], *, carers: ArrayLike
) -> dict[str, Floats]:
    """Utilities of a model that counts what a patient's states cost the carers.

    The Norwegian perspective allows carers' health gains in a separate analysis, so they come
    from a model of their own and are never added to the patient's QALYs::

        carer = lambda p, strategy, t: carer_disutility(
            {"stable": p.carer_stable, "progressed": p.carer_progressed}, carers=1.0)
        separate = dataclasses.replace(model, utilities=carer, age_adjustment=None)
        separate.run(draws, rules).qaly        # carers' QALYs, 0 or less; costs as before

    The patient's age adjustment does not belong to the carers, so it is taken off. Time spent
    on care and the QALYs it takes from a carer are the same loss: count one of them.

    Parameters
    ----------
    decrements
        Utility one carer loses while the patient is in each living state, 0 to 2: a number or
        an array by draw (draws,).
    carers
        Carers per patient, 0 or more.

    Returns
    -------
    dict
        ``{state: -carers x decrement}``, as a model's ``utilities`` takes it.

    Raises
    ------
    ParameterError
        Decrements outside 0 to 2, or a negative number of carers.

    Examples
    --------
    >>> {k: float(v) for k, v in carer_disutility({"stable": 0.0, "ill": 0.05}, carers=2).items()}
    {'stable': 0.0, 'ill': -0.1}
    """
    number = _within("carers per patient", carers, high=np.inf, remedy=None)
    return {
        state: 0.0
        - number * _within(f"carer's decrement in {state!r}", decrement, high=2.0, remedy=_UNSIGNED)
        for state, decrement in decrements.items()
    }


_UNSIGNED = "Give the decrement without a sign; it is subtracted."


def _within(name: str, value: ArrayLike, *, high: float, remedy: str | None) -> Floats:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    bad = ~(np.isfinite(array) & (array >= 0) & (array <= high))
    if bad.any():
        raise ParameterError(
            f"{name} is outside its range",
            expected="finite numbers of 0 or more" + ("" if high == np.inf else f" up to {high:g}"),
            found=repr(value) if array.ndim == 0 else f"{array[bad][0]:g} ({bad.sum()} such)",
            remedy=remedy,
        )
    return array
