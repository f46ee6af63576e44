"""Moving one number away from the base case, alone or inside its joint distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ParameterError, unknown_name
from prioritering.parameters import Draws, Parameters
from prioritering.parameters.distributions import Dirichlet, Distribution, MultivariateNormal

Floats = NDArray[np.float64]
Point = Mapping[str, Floats]
"""What differs from the base case: by parameter, shape () or (component,)."""


@dataclass(frozen=True)
class Number:
    """One number of the parameters: a parameter, or a component of a joint one.

    Attributes
    ----------
    name
        ``"hr"``, or ``"p_A.B"`` for component B of ``p_A``.
    parameter, component
        The two parts of the name; ``component`` is ``None`` for a single number.
    unit
        Unit of the parameter.
    base
        Its value in the base case.
    law
        Distribution of this number alone.
    """

    name: str
    parameter: str
    component: str | None
    unit: str
    base: float
    law: Distribution


def all_numbers(params: Parameters) -> dict[str, Number]:
    """Every number of the parameters, in order, components of joint ones apart."""
    if not isinstance(params, Parameters):
        raise ParameterError(
            "params are no Parameters",
            expected="Parameters, whose expected values are the base case",
            found=repr(params),
        )
    found = {}
    for parameter, about in params.items():
        value = about.value
        for part, law in about.distribution.marginals().items():
            base = value[part] if isinstance(value, dict) else value
            name = f"{parameter}.{part}" if part else parameter
            found[name] = Number(name, parameter, part or None, about.unit, base, law)
    return found


def find_number(params: Parameters, name: str) -> Number:
    """Look a number up by name.

    Raises
    ------
    UnknownNameError
        No such parameter or component.
    ParameterError
        A joint parameter without the component.
    """
    numbers = all_numbers(params)
    if name in numbers:
        return numbers[name]
    if name in params:
        raise ParameterError(
            f"{name} is several numbers",
            expected="one of " + ", ".join(n.name for n in numbers.values() if n.parameter == name),
            found=repr(name),
        )
    raise unknown_name("parameter", name, numbers)


def point_of(params: Parameters, changes: Mapping[Number, float]) -> Point:
    """Move some numbers of the base case, each to its new value.

    Notes
    -----
    What happens to the rest of a joint parameter when one component moves to ``q``:
    Dirichlet shares are rescaled, ``p_j (1 - q) / (1 - p_i)``, so that they still sum to 1;
    the other components of a multivariate normal go to their conditional means,
    ``m_j + cov_ij / var_i (q - m_i)``, as the estimates that belong together would; columns
    of joint empirical rows stay where they are.

    Raises
    ------
    ParameterError
        Two components of one joint parameter, or a Dirichlet component that holds everything.
    """
    point: dict[str, Floats] = {}
    for number, value in changes.items():
        if number.parameter in point:
            raise ParameterError(
                f"two components of {number.parameter} are moved at once",
                expected="one component, which the others follow",
                found=", ".join(n.name for n in changes if n.parameter == number.parameter),
                remedy=f"Give {number.parameter} whole, as values of a scenario.",
            )
        point[number.parameter] = _moved(params, number, value)
    return point


def draws_of(params: Parameters, points: Sequence[Point]) -> Draws:
    """One draw per point: the base case where a point says nothing else."""
    base = params.expected().take(np.zeros(len(points), dtype=np.int64))
    touched = dict.fromkeys(name for point in points for name in point)
    columns = {}
    for name in touched:
        value, parts = base[name], params[name].components
        usual = value.array if parts else value
        rows = np.array([point.get(name, usual[..., k]) for k, point in enumerate(points)])
        columns[name] = dict(zip(parts, rows.T, strict=True)) if parts else rows
    return base.with_values(**columns)


def _moved(params: Parameters, number: Number, value: float) -> Floats:
    if number.component is None:
        return np.array(value, dtype=np.float64)
    parameter = params[number.parameter]
    stated = parameter.value
    assert isinstance(stated, dict)
    base = np.array(list(stated.values()))
    i = parameter.components.index(number.component)
    law = parameter.distribution
    if isinstance(law, Dirichlet):
        moved = base * _rescaling(number, value)
    elif isinstance(law, MultivariateNormal) and law.covariance[i][i] > 0:
        slope = np.array(law.covariance[i]) / law.covariance[i][i]
        moved = base + slope * (value - base[i])
    else:
        moved = base.copy()
    moved[i] = value
    return moved


def _rescaling(number: Number, value: float) -> float:
    """Factor on the other shares when one becomes ``value``."""
    if number.base == 1:
        raise ParameterError(
            f"{number.name} holds everything in the base case",
            expected="other shares above 0 to give to",
            found="a share of 1",
            remedy=f"Give {number.parameter} whole, as values of a scenario.",
        )
    return (1 - value) / (1 - number.base)
