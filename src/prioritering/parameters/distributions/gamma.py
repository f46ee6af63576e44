"""Gamma: costs, rates and other amounts that cannot be negative."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.parameters._checks import Floats, positive, uniforms
from prioritering.parameters.distributions.base import Distribution


@dataclass(frozen=True)
class Gamma(Distribution):
    """Gamma with ``shape`` and ``rate``; mean ``shape / rate``."""

    shape: float
    rate: float
    family: ClassVar[str] = "gamma"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", positive("gamma shape", self.shape))
        object.__setattr__(self, "rate", positive("gamma rate", self.rate))

    @property
    def mean(self) -> float:
        """``shape / rate``."""
        return self.shape / self.rate

    @property
    def sd(self) -> float:
        """``sqrt(shape) / rate``."""
        return sqrt(self.shape) / self.rate

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values, shape (n,)."""
        return rng.gamma(self.shape, 1.0 / self.rate, n)

    def ppf(self, u: ArrayLike) -> Floats:
        """Inverse of the regularised lower incomplete gamma function, over ``rate``."""
        from scipy.special import gammaincinv

        return np.asarray(gammaincinv(self.shape, uniforms(u)) / self.rate)

    def contains(self, value: Floats) -> bool:
        """Numbers of zero or more."""
        return bool(value[0] >= 0)

    def scaled(self, factor: float) -> Self:
        """Divide the rate."""
        return type(self)(self.shape, self.rate / factor)
