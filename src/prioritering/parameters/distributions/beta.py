"""Beta: probabilities and utility weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from prioritering.parameters._checks import Floats, positive, uniforms
from prioritering.parameters.distributions.base import Distribution


@dataclass(frozen=True)
class Beta(Distribution):
    """Beta with shapes ``a`` and ``b``; mean ``a / (a + b)``."""

    a: float
    b: float
    family: ClassVar[str] = "beta"
    is_share: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "a", positive("beta shape a", self.a))
        object.__setattr__(self, "b", positive("beta shape b", self.b))

    @property
    def mean(self) -> float:
        """``a / (a + b)``."""
        return self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        """``sqrt(mean (1 - mean) / (a + b + 1))``."""
        total = self.a + self.b
        return sqrt((self.a / total) * (self.b / total) / (total + 1))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values, shape (n,)."""
        return rng.beta(self.a, self.b, n)

    def ppf(self, u: ArrayLike) -> Floats:
        """Inverse of the regularised incomplete beta function."""
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.a, self.b, uniforms(u)))

    def contains(self, value: Floats) -> bool:
        """Numbers from 0 to 1."""
        return bool(0 <= value[0] <= 1)
