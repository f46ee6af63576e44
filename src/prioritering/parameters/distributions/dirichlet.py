"""Dirichlet: shares that sum to one, such as where patients go from a state."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters._checks import Floats, labelled, uniforms
from prioritering.parameters.distributions.base import Distribution
from prioritering.parameters.distributions.beta import Beta
from prioritering.parameters.distributions.fixed import Fixed

SUM_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Dirichlet(Distribution):
    """Dirichlet over named components.

    Parameters
    ----------
    names
        Components.
    counts
        Concentration of each, for example patients observed. A component with count 0 has
        share 0 in every draw.
    """

    names: tuple[str, ...]
    counts: tuple[float, ...]
    family: ClassVar[str] = "Dirichlet"
    is_share: ClassVar[bool] = True

    def __post_init__(self) -> None:
        counts = labelled("count", self.names, self.counts)
        negative = [name for name, count in counts.items() if count < 0]
        if negative:
            raise ParameterError(
                "Dirichlet counts are negative",
                expected="counts of 0 or more",
                found=", ".join(f"{name} {counts[name]:g}" for name in negative),
                where={"component": negative[0]},
            )
        if sum(count > 0 for count in counts.values()) < 2:
            raise ParameterError(
                "Dirichlet has nothing to share",
                expected="at least two components with a count above 0",
                found=self.describe(),
            )
        object.__setattr__(self, "names", tuple(counts))
        object.__setattr__(self, "counts", tuple(counts.values()))

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the shares."""
        return self.names

    @property
    def dimensions(self) -> int:
        """One uniform per component."""
        return len(self.names)

    @property
    def mean(self) -> dict[str, float]:
        """Count over total."""
        return {name: share.mean for name, share in self.marginals().items()}

    @property
    def sd(self) -> dict[str, float]:
        """``sqrt(m (1 - m) / (total + 1))`` with ``m`` the mean."""
        total = sum(self.counts)
        return {k: sqrt(m * (1 - m) / (total + 1)) for k, m in self.mean.items()}

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` sets of shares, shape (component, n); each set sums to 1."""
        return np.ascontiguousarray(rng.dirichlet(self.counts, n).T)

    def ppf(self, u: ArrayLike) -> Floats:
        """Turn uniforms, shape (component, n), into shares through gamma quantiles.

        Gamma quantiles too small for a float come from ``log g = (log u + log Gamma(c + 1)) / c``,
        the leading term of the incomplete gamma function at zero, so that shares of very small
        counts still sum to 1.
        """
        from scipy.special import gammaincinv, gammaln

        p = uniforms(u)
        count = np.array(self.counts)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            quantile = np.where(count > 0, gammaincinv(count, p), 0.0)
            small = (np.log(p) + gammaln(count + 1.0)) / count
            log_gamma = np.where(quantile > np.finfo(np.float64).tiny, np.log(quantile), small)
        log_gamma = np.where(count > 0, log_gamma, -np.inf)
        weight = np.exp(log_gamma - log_gamma.max(axis=0))
        return np.asarray(weight / weight.sum(axis=0))

    def contains(self, value: Floats) -> bool:
        """Shares of 0 or more that sum to 1, and 0 where the count is 0."""
        impossible = (value < 0) | ((np.array(self.counts) == 0) & (value != 0))
        return not impossible.any() and abs(float(value.sum()) - 1.0) <= SUM_TOLERANCE

    def describe(self) -> str:
        """Return the counts by component."""
        shown = ", ".join(f"{k} {v:.6g}" for k, v in zip(self.names, self.counts, strict=True))
        return f"Dirichlet({shown})"

    def marginals(self) -> dict[str, Distribution]:
        """Beta of each share against the rest; 0 where the count is 0."""
        total = sum(self.counts)
        return {
            name: Beta(count, total - count) if count > 0 else Fixed(0.0)
            for name, count in zip(self.names, self.counts, strict=True)
        }
