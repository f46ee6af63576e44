"""Uniform and triangular: what is used when only limits are known."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters._checks import Floats, number, pair, uniforms
from prioritering.parameters.distributions.base import Distribution


@dataclass(frozen=True)
class Uniform(Distribution):
    """Equally likely anywhere from ``low`` to ``high``."""

    low: float
    high: float
    family: ClassVar[str] = "uniform"

    def __post_init__(self) -> None:
        low, high = pair("the range", (self.low, self.high))
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def mean(self) -> float:
        """``(low + high) / 2``."""
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """``(high - low) / sqrt(12)``."""
        return (self.high - self.low) / sqrt(12)

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values, shape (n,)."""
        return rng.uniform(self.low, self.high, n)

    def ppf(self, u: ArrayLike) -> Floats:
        """``low + u (high - low)``."""
        return np.asarray(self.low + uniforms(u) * (self.high - self.low))

    def contains(self, value: Floats) -> bool:
        """Numbers from ``low`` to ``high``."""
        return bool(self.low <= value[0] <= self.high)

    def scaled(self, factor: float) -> Self:
        """Multiply both limits."""
        return type(self)(self.low * factor, self.high * factor)


@dataclass(frozen=True)
class Triangular(Distribution):
    """Density rising linearly from ``low`` to ``mode`` and falling to ``high``."""

    low: float
    mode: float
    high: float
    family: ClassVar[str] = "triangular"

    def __post_init__(self) -> None:
        low, high = pair("the range", (self.low, self.high))
        mode = number("mode", self.mode)
        if not low <= mode <= high:
            raise ParameterError(
                "mode lies outside the range",
                expected=f"a number from {low:g} to {high:g}",
                found=mode,
            )
        for name, value in (("low", low), ("mode", mode), ("high", high)):
            object.__setattr__(self, name, value)

    @property
    def mean(self) -> float:
        """``(low + mode + high) / 3``."""
        return (self.low + self.mode + self.high) / 3

    @property
    def sd(self) -> float:
        """Square root of ``(a^2 + ab + b^2) / 18``, a and b the two sides."""
        left, right = self.mode - self.low, self.high - self.mode
        return sqrt((left * left + left * right + right * right) / 18)

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values, shape (n,)."""
        return rng.triangular(self.low, self.mode, self.high, n)

    def ppf(self, u: ArrayLike) -> Floats:
        """Invert the two parabolas of the cumulative distribution."""
        p, width = uniforms(u), self.high - self.low
        left, right = self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(p * width * left)
        falling = self.high - np.sqrt((1.0 - p) * width * right)
        return np.asarray(np.where(p * width < left, rising, falling))

    def contains(self, value: Floats) -> bool:
        """Numbers from ``low`` to ``high``."""
        return bool(self.low <= value[0] <= self.high)

    def scaled(self, factor: float) -> Self:
        """Multiply limits and mode."""
        return type(self)(self.low * factor, self.mode * factor, self.high * factor)
