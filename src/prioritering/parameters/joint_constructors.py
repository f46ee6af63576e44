"""Constructors of distributions over values and rows that belong together."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError, PrioriteringWarning
from prioritering.parameters.distributions import (
    Dirichlet,
    Empirical,
    JointEmpirical,
    MultivariateNormal,
)
from prioritering.parameters.parameter import Meta, Parameter, build, check_keywords


def dirichlet(counts: Mapping[str, float], **meta: Unpack[Meta]) -> Parameter:
    """Dirichlet distribution: shares that sum to one.

    Parameters
    ----------
    counts
        Count of each component, for example patients seen to move to each state. Add a prior
        count yourself if you want one; none is added here.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        Negative or non-finite counts, or fewer than two components above 0.

    Warns
    -----
    PrioriteringWarning
        Components with count 0: their share is 0 in every draw.

    Examples
    --------
    >>> dirichlet({"stable": 300, "progressed": 75, "dead": 25}).value
    {'stable': 0.75, 'progressed': 0.1875, 'dead': 0.0625}
    """
    check_keywords(meta, own=("counts",))
    names, values = _labels_and_values("counts", counts)
    parameter = build(Dirichlet(names, values), meta)
    zero = [name for name, value in zip(names, values, strict=True) if value == 0]
    if zero:
        warnings.warn(
            f"{len(zero)} Dirichlet counts are 0 ({', '.join(zero)}): these shares are 0 in "
            "every draw. Add a prior count if they are possible, leave them out if they are not.",
            PrioriteringWarning,
            stacklevel=2,
        )
    return parameter


def multivariate_normal(
    mean: Mapping[str, float], *, covariance: ArrayLike | Mapping[str, Any], **meta: Unpack[Meta]
) -> Parameter:
    """Multivariate normal distribution: coefficients estimated together.

    Parameters
    ----------
    mean
        Mean of each component.
    covariance
        Rows and columns in the order of ``mean``; or a mapping of mappings, or a data frame,
        whose labels are matched to those of ``mean``. Symmetric and positive semidefinite.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        A covariance of another shape, with other labels, asymmetric, or with a negative
        eigenvalue (the smallest is named).

    Examples
    --------
    >>> rows = [[0.04, 0.01], [0.01, 0.09]]
    >>> fit = multivariate_normal({"shape": 0.2, "scale": 1.1}, covariance=rows)
    >>> fit.distribution.sd
    {'shape': 0.2, 'scale': 0.3}
    """
    check_keywords(meta, own=("mean", "covariance"))
    names, means = _labels_and_values("mean", mean)
    rows = _rows(covariance, names)
    return build(MultivariateNormal(names, means, rows), meta)


def empirical(values: ArrayLike | Mapping[str, ArrayLike], **meta: Unpack[Meta]) -> Parameter:
    """Draw again, with replacement, from values observed or simulated elsewhere.

    Parameters
    ----------
    values
        Observations, shape (observation,); or a mapping (or data frame) of equally long
        columns, whose rows are then drawn whole.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        Fewer than two observations, columns of unequal length, or values that are not finite.

    Examples
    --------
    >>> empirical([3.0, 5.0, 10.0]).value
    6.0
    """
    check_keywords(meta, own=("values",))
    if not isinstance(values, Mapping) and not hasattr(values, "columns"):
        return build(Empirical(values), meta)  # type: ignore[arg-type]
    frame: Any = values
    columns = {name: frame[name] for name in getattr(frame, "columns", frame)}
    return build(JointEmpirical(tuple(columns), tuple(columns.values())), meta)  # type: ignore[arg-type]


def _labels_and_values(name: str, values: object) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    if not isinstance(values, Mapping):
        raise ParameterError(
            f"{name} has no component names",
            expected="a mapping of names to numbers",
            found=repr(values),
        )
    return tuple(values), tuple(values.values())


def _rows(covariance: Any, names: Sequence[str]) -> Any:
    """Rows in the order of ``names``; labelled input is matched by its labels."""
    if hasattr(covariance, "columns") and hasattr(covariance, "index"):
        _same_labels("rows", list(covariance.index), names)
        _same_labels("columns", list(covariance.columns), names)
        return np.asarray(covariance.loc[list(names), list(names)])
    if not isinstance(covariance, Mapping):
        return covariance
    _same_labels("rows", list(covariance), names)
    for name, row in covariance.items():
        _same_labels(f"row {name!r}", list(row) if isinstance(row, Mapping) else [row], names)
    return tuple(tuple(covariance[i][j] for j in names) for i in names)


def _same_labels(place: str, labels: Sequence[object], names: Sequence[str]) -> None:
    if len(labels) != len(names) or set(labels) != set(names):
        raise ParameterError(
            "covariance has other labels than the mean",
            expected=", ".join(map(repr, names)),
            found=", ".join(map(repr, labels)),
            where={"at": place},
        )
