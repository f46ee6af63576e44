"""Normal and lognormal."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log, sqrt
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters._checks import Floats, number, positive, uniforms
from prioritering.parameters.distributions.base import Distribution

USE_FIXED = "Use fixed() for a value without uncertainty."


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal with mean ``mu`` and standard deviation ``sigma``."""

    mu: float
    sigma: float
    family: ClassVar[str] = "normal"

    def __post_init__(self) -> None:
        object.__setattr__(self, "mu", number("mean", self.mu))
        object.__setattr__(self, "sigma", positive("standard error", self.sigma, remedy=USE_FIXED))

    @property
    def mean(self) -> float:
        """``mu``."""
        return self.mu

    @property
    def sd(self) -> float:
        """``sigma``."""
        return self.sigma

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values, shape (n,)."""
        return rng.normal(self.mu, self.sigma, n)

    def ppf(self, u: ArrayLike) -> Floats:
        """``mu + sigma * Phi^-1(u)``."""
        from scipy.special import ndtri

        return np.asarray(self.mu + self.sigma * ndtri(uniforms(u)))

    def contains(self, value: Floats) -> bool:
        """Any finite number."""
        return bool(np.isfinite(value[0]))

    def scaled(self, factor: float) -> Self:
        """Multiply mean and standard deviation."""
        return type(self)(self.mu * factor, self.sigma * factor)


@dataclass(frozen=True)
class LogNormal(Distribution):
    """Lognormal: the logarithm is normal with mean ``meanlog`` and deviation ``sdlog``.

    Mean ``exp(meanlog + sdlog^2 / 2)``, median ``exp(meanlog)``.
    """

    meanlog: float
    sdlog: float
    family: ClassVar[str] = "lognormal"

    def __post_init__(self) -> None:
        object.__setattr__(self, "meanlog", number("meanlog", self.meanlog))
        object.__setattr__(self, "sdlog", positive("sdlog", self.sdlog, remedy=USE_FIXED))
        if self.meanlog + self.sdlog**2 > _LARGEST_LOG:
            raise ParameterError(
                "lognormal is too wide to have a finite mean and standard deviation",
                expected=f"meanlog + sdlog^2 of at most {_LARGEST_LOG:g}",
                found=f"meanlog {self.meanlog:g}, sdlog {self.sdlog:g}",
                remedy="sdlog is on the log scale; check that it is not a standard error in units.",
            )

    @property
    def mean(self) -> float:
        """``exp(meanlog + sdlog^2 / 2)``."""
        return exp(self.meanlog + self.sdlog**2 / 2)

    @property
    def median(self) -> float:
        """``exp(meanlog)``."""
        return exp(self.meanlog)

    @property
    def sd(self) -> float:
        """``mean * sqrt(exp(sdlog^2) - 1)``."""
        return self.mean * sqrt(expm1(self.sdlog**2))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values, shape (n,)."""
        return rng.lognormal(self.meanlog, self.sdlog, n)

    def ppf(self, u: ArrayLike) -> Floats:
        """``exp(meanlog + sdlog * Phi^-1(u))``."""
        from scipy.special import ndtri

        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.meanlog + self.sdlog * ndtri(uniforms(u))))

    def contains(self, value: Floats) -> bool:
        """Numbers above zero."""
        return bool(value[0] > 0)

    def scaled(self, factor: float) -> Self:
        """Add ``log(factor)`` to ``meanlog``."""
        return type(self)(self.meanlog + log(factor), self.sdlog)


_LARGEST_LOG = 700.0
