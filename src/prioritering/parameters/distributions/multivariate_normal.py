"""Multivariate normal: coefficients estimated together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters._checks import Floats, finite, labelled, uniforms
from prioritering.parameters.distributions.base import Distribution
from prioritering.parameters.distributions.fixed import Fixed
from prioritering.parameters.distributions.normal import Normal

TOLERANCE = 1e-9


@dataclass(frozen=True)
class MultivariateNormal(Distribution):
    """Multivariate normal over named components.

    Parameters
    ----------
    names
        Components.
    means
        Mean of each.
    covariance
        Rows in the order of ``names``; symmetric and positive semidefinite.

    Notes
    -----
    Draws are ``mean + D R^(1/2) z`` with ``D`` the standard deviations, ``R`` the correlation
    matrix and ``z`` independent standard normals. The symmetric root is unique, so draws do
    not depend on the sign or order of eigenvectors; working on ``R`` keeps components of very
    different size apart.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    family: ClassVar[str] = "multivariate normal"

    def __post_init__(self) -> None:
        means = labelled("mean", self.names, self.means)
        matrix = _symmetric(finite("covariance", self.covariance), tuple(means))
        object.__setattr__(self, "names", tuple(means))
        object.__setattr__(self, "means", tuple(means.values()))
        object.__setattr__(self, "covariance", tuple(tuple(row) for row in matrix.tolist()))
        smallest = float(self._eigen[0].min())
        if smallest < -TOLERANCE:
            raise ParameterError(
                "covariance is not positive semidefinite",
                expected="eigenvalues of 0 or more",
                found=f"smallest eigenvalue {smallest:.6g} of the correlation matrix",
                remedy="Check signs and that the matrix holds covariances, not correlations.",
            )

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the numbers drawn together."""
        return self.names

    @property
    def dimensions(self) -> int:
        """One uniform per component."""
        return len(self.names)

    @property
    def mean(self) -> dict[str, float]:
        """Mean by component."""
        return dict(zip(self.names, self.means, strict=True))

    @property
    def sd(self) -> dict[str, float]:
        """Square root of the diagonal."""
        return {k: sqrt(self.covariance[i][i]) for i, k in enumerate(self.names)}

    @cached_property
    def _eigen(self) -> tuple[Floats, Floats]:
        values, vectors = np.linalg.eigh(_correlation(np.array(self.covariance)))
        return values, vectors

    @cached_property
    def _root(self) -> Floats:
        values, vectors = self._eigen
        root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
        return np.asarray(root * np.sqrt(np.diag(self.covariance))[:, None])

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` joint values, shape (component, n)."""
        return self._transform(np.ascontiguousarray(rng.standard_normal((n, len(self.names))).T))

    def ppf(self, u: ArrayLike) -> Floats:
        """Turn uniforms, shape (component, n), into joint draws through normal quantiles."""
        from scipy.special import ndtri

        return self._transform(ndtri(uniforms(u)))

    def contains(self, value: Floats) -> bool:
        """Numbers in the span of the covariance around the mean."""
        deviation = np.sqrt(np.diag(self.covariance))
        offset = value - np.array(self.means)
        scaled = np.divide(offset, deviation, out=np.zeros_like(offset), where=deviation > 0)
        if np.any((deviation == 0) & (offset != 0)):
            return False
        values, vectors = self._eigen
        outside = np.abs(vectors.T @ scaled)[values <= TOLERANCE]
        return bool(np.all(outside <= 1e-6 * max(1.0, float(np.abs(scaled).max()))))

    def describe(self) -> str:
        """Mean and standard deviation by component."""
        shown = ", ".join(f"{k} {m:.6g} (sd {self.sd[k]:.6g})" for k, m in self.mean.items())
        return f"multivariate normal({shown})"

    def scaled(self, factor: float) -> Self:
        """Multiply means, and covariances by the square."""
        rows = tuple(tuple(c * factor**2 for c in row) for row in self.covariance)
        return type(self)(self.names, tuple(m * factor for m in self.means), rows)

    def marginals(self) -> dict[str, Distribution]:
        """Distribution of each component: normal, or fixed where its variance is 0."""
        sd = self.sd
        return {k: Normal(m, sd[k]) if sd[k] > 0 else Fixed(m) for k, m in self.mean.items()}

    def _transform(self, z: Floats) -> Floats:
        """Mean plus root times ``z``, summed term by term so that a draw depends on itself only."""
        draws = np.empty_like(z)
        for i, (mean, row) in enumerate(zip(self.means, self._root, strict=True)):
            draws[i] = mean
            for weight, normal in zip(row, z, strict=True):
                if weight:
                    draws[i] += weight * normal
        return draws


def _symmetric(matrix: Floats, names: tuple[str, ...]) -> Floats:
    k = len(names)
    if matrix.shape != (k, k):
        raise ParameterError(
            "covariance has the wrong shape", expected=f"{k} x {k}", found=f"shape {matrix.shape}"
        )
    variance = np.diag(matrix)
    if variance.min() < 0:
        worst = int(variance.argmin())
        raise ParameterError(
            "a variance is negative",
            expected="0 or more on the diagonal",
            found=float(variance[worst]),
            where={"component": repr(names[worst])},
        )
    gap = np.abs(matrix - matrix.T)
    excess = gap - TOLERANCE * np.sqrt(variance) * np.sqrt(variance)[:, None]
    if excess.max() > 0:
        i, j = (int(x) for x in np.unravel_index(excess.argmax(), gap.shape))
        raise ParameterError(
            "covariance is not symmetric",
            expected=f"the same covariance of {names[i]!r} and {names[j]!r} both ways",
            found=f"{matrix[i, j]:g} and {matrix[j, i]:g}",
            where={"row": i, "column": j},
        )
    return np.asarray((matrix + matrix.T) / 2)


def _correlation(covariance: Floats) -> Floats:
    """Correlation matrix; 0 on the diagonal where the variance is 0.

    Such a component cannot covary: a covariance it claims counts as 1, which makes an
    eigenvalue negative whatever its size.
    """
    deviation = np.sqrt(np.diag(covariance))
    product = deviation * deviation[:, None]
    correlation = np.divide(covariance, product, out=np.sign(covariance), where=product > 0)
    np.fill_diagonal(correlation, np.where(deviation > 0, 1.0, 0.0))
    return np.asarray(correlation)
