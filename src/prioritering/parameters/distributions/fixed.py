"""A number without uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.parameters._checks import Floats, number, uniforms
from prioritering.parameters.distributions.base import Distribution


@dataclass(frozen=True)
class Fixed(Distribution):
    """The same number in every draw."""

    value: float
    family: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", number("fixed value", self.value))

    @property
    def dimensions(self) -> int:
        """No uniforms: nothing is drawn."""
        return 0

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    @property
    def sd(self) -> float:
        """Zero."""
        return 0.0

    def sample(self, n: int, rng: np.random.Generator) -> Floats:  # noqa: ARG002
        """Repeat the number ``n`` times."""
        return np.full(n, self.value)

    def ppf(self, u: ArrayLike) -> Floats:
        """Repeat the number in the shape of ``u``."""
        return np.full_like(uniforms(u), self.value)

    def contains(self, value: Floats) -> bool:
        """Only the number itself."""
        return bool(value[0] == self.value)

    def scaled(self, factor: float) -> Self:
        """Multiply the number."""
        return type(self)(self.value * factor)
