"""Empirical: draw again from values somebody observed or simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters._checks import Floats, check_components, finite, frozen, uniforms
from prioritering.parameters.distributions.base import Distribution


@dataclass(frozen=True, eq=False)
class Empirical(Distribution):
    """Bootstrap from observed values, each equally likely.

    Parameters
    ----------
    values
        Observations, shape (observation,); kept sorted and read-only.
    """

    values: Floats
    family: ClassVar[str] = "empirical"

    def __post_init__(self) -> None:
        values = finite("observed value", self.values)
        if values.ndim != 1 or values.size < 2:
            raise ParameterError(
                "too little to draw from",
                expected="at least two observed values in one dimension",
                found=f"shape {values.shape}",
                remedy="Use fixed() for a single value, a mapping of columns for joint rows.",
            )
        object.__setattr__(self, "values", frozen(np.sort(values)))

    @property
    def mean(self) -> float:
        """Mean of the observations."""
        return float(self.values.mean())

    @property
    def sd(self) -> float:
        """Standard deviation of the observations, divisor n."""
        return float(self.values.std())

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` observations with replacement, shape (n,)."""
        return self.ppf(rng.random(n))

    def ppf(self, u: ArrayLike) -> Floats:
        """Smallest observation with at least the share ``u`` at or below it."""
        return np.asarray(self.values[_position(u, self.values.size)])

    def contains(self, value: Floats) -> bool:
        """Numbers within the range of the observations."""
        return bool(self.values[0] <= value[0] <= self.values[-1])

    def describe(self) -> str:
        """Count and range."""
        return (
            f"empirical({self.values.size} values, {self.values[0]:.6g} to {self.values[-1]:.6g})"
        )

    def scaled(self, factor: float) -> Self:
        """Multiply every observation."""
        return type(self)(self.values * factor)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Empirical) and np.array_equal(self.values, other.values)

    def __hash__(self) -> int:
        return hash(self.values.tobytes())

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self.values,)


@dataclass(frozen=True, eq=False)
class JointEmpirical(Distribution):
    """Bootstrap whole rows, so that what was observed together stays together.

    Parameters
    ----------
    names
        Components.
    columns
        Observations, shape (component, observation); read-only.
    """

    names: tuple[str, ...]
    columns: Floats
    family: ClassVar[str] = "joint empirical"

    def __post_init__(self) -> None:
        check_components(self.names)
        columns = [
            finite(f"column {name!r}", column)
            for name, column in zip(self.names, self.columns, strict=True)
        ]
        shapes = {name: column.shape for name, column in zip(self.names, columns, strict=True)}
        if len(set(shapes.values())) != 1 or columns[0].ndim != 1 or columns[0].size < 2:
            raise ParameterError(
                "columns do not make rows",
                expected="columns of equal length, at least two observations each",
                found=", ".join(f"{name} of shape {shape}" for name, shape in shapes.items())
                or "no columns",
            )
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "columns", frozen(np.array(columns)))

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.names

    @property
    def mean(self) -> dict[str, float]:
        """Mean of each column."""
        return dict(zip(self.names, self.columns.mean(axis=1).tolist(), strict=True))

    @property
    def sd(self) -> dict[str, float]:
        """Standard deviation of each column, divisor n."""
        return dict(zip(self.names, self.columns.std(axis=1).tolist(), strict=True))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` rows with replacement, shape (component, n)."""
        return self.ppf(rng.random((1, n)))

    def ppf(self, u: ArrayLike) -> Floats:
        """Row at each share ``u`` of the rows as given, ``u`` of shape (1, n)."""
        return np.ascontiguousarray(self.columns[:, _position(u, self.columns.shape[1])[0]])

    def contains(self, value: Floats) -> bool:
        """Numbers within the range of each column."""
        low, high = self.columns.min(axis=1), self.columns.max(axis=1)
        return bool(np.all((low <= value) & (value <= high)))

    def describe(self) -> str:
        """Count of rows and the column names."""
        return f"joint empirical({self.columns.shape[1]} rows of {', '.join(self.names)})"

    def scaled(self, factor: float) -> Self:
        """Multiply every observation."""
        return type(self)(self.names, self.columns * factor)

    def marginals(self) -> dict[str, Distribution]:
        """Empirical distribution of each column."""
        return {k: Empirical(v) for k, v in zip(self.names, self.columns, strict=True)}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, JointEmpirical)
            and self.names == other.names
            and np.array_equal(self.columns, other.columns)
        )

    def __hash__(self) -> int:
        return hash((self.names, self.columns.tobytes()))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self.names, self.columns)


def _position(u: ArrayLike, size: int) -> Any:
    return np.maximum(np.ceil(uniforms(u) * size).astype(np.int64) - 1, 0)
