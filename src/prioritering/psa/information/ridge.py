"""Penalised regression in groups of terms, each group with its own smoothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FREE = -1
"""Group of the terms that are not penalised."""

FLOOR = 1e-9
"""Penalty of free terms relative to the number of draws: collinear terms share an effect."""

CEILING = 1e12
"""Largest penalty relative to the number of draws: a group that has none of the variance."""

STEPS = 60
CLOSE = 1e-2
"""Largest change in the effective number of terms at which the smoothing has settled."""

STRIDE = 1.5
"""Over-relaxation of the fixed point, in logarithms."""


@dataclass(frozen=True)
class Fit:
    """Regressions of several outputs on the same terms.

    Attributes
    ----------
    terms
        Values of the terms, shape (draw, term), the first a column of ones.
    coefficients
        Shape (term, output).
    fitted
        Fitted means, shape (output, draw).
    inverse_roots
        Inverse of the lower Cholesky factor of ``X'X + penalty`` for each output.
    residual_root
        Lower Cholesky factor of the covariance of the residuals between outputs.
    """

    terms: Floats
    coefficients: Floats
    fitted: Floats
    inverse_roots: tuple[Floats, ...]
    residual_root: Floats

    def deviations(self, rows: slice, n: int, rng: np.random.Generator) -> Floats:
        """Draw what fitted means may deviate by, shape (output, row, n).

        From the normal posterior of the coefficients given the smoothing: covariance
        ``(X'X + penalty)^-1`` times that of the residuals, correlated between outputs.
        """
        k, m = self.coefficients.shape
        standard = np.einsum("ij,jkn->ikn", self.residual_root, rng.standard_normal((m, k, n)))
        x = np.ascontiguousarray(self.terms[rows])
        drawn = np.empty((m, len(x), n))
        for root, z, out in zip(self.inverse_roots, standard, drawn, strict=True):
            np.matmul(x, root.T @ z, out=out)
        return drawn


def fit_groups(terms: Floats, groups: NDArray[np.int64], outputs: Floats) -> Fit:
    """Fit every output by ridge regression with a penalty for each group of terms.

    The penalty of group ``g`` is ``sigma^2 / tau_g^2`` where ``tau_g^2`` is the variance of
    the group's coefficients. Both variances maximise the marginal (restricted) likelihood,
    found by MacKay's fixed point ``tau_g^2 = |b_g|^2 / gamma_g`` with ``gamma_g`` the group's
    effective number of terms (MacKay 1992, Neural Computation 4:415-447; for penalised splines
    Wood and Fasiolo 2017, Biometrics 73:1071-1081).

    Parameters
    ----------
    terms
        Shape (draw, term), the first column ones.
    groups
        Group of each term, :data:`FREE` where it is not penalised.
    outputs
        Shape (output, draw).
    """
    gram, moments = terms.T @ terms, terms.T @ outputs.T
    squares = np.einsum("ij,ij->i", outputs, outputs)
    solved = [
        _smooth(gram, moments[:, j], float(squares[j]), groups, outputs.shape[1])
        for j in range(len(outputs))
    ]
    coefficients = np.column_stack([beta for beta, _, _ in solved])
    effective = np.array([terms_used for _, _, terms_used in solved])
    fitted = np.ascontiguousarray((terms @ coefficients).T)
    return Fit(
        terms,
        coefficients,
        fitted,
        tuple(inverse_root for _, inverse_root, _ in solved),
        _residual_root(outputs - fitted, effective),
    )


def _smooth(
    gram: Floats, moment: Floats, square: float, groups: NDArray[np.int64], n: int
) -> tuple[Floats, Floats, float]:
    """Coefficients, inverse Cholesky factor and effective number of terms of one output.

    The squared residuals are ``y'y - b'X'y - b'P b``, for ``(X'X + P) b = X'y``. All is NumPy:
    SciPy has threads of its own, and the two would wait for each other.
    """
    names = np.unique(groups[groups != FREE])
    members = [np.flatnonzero(groups == g) for g in names]
    penalty = np.full(groups.size, FLOOR * n)
    strength = np.full(len(members), 1e-2 * n)
    before = np.inf
    for _ in range(STEPS):
        for inside, one in zip(members, strength, strict=True):
            penalty[inside] = one
        inverse_root = np.linalg.inv(np.linalg.cholesky(gram + np.diag(penalty)))
        beta = inverse_root.T @ (inverse_root @ moment)
        shrunk = penalty * np.square(inverse_root).sum(axis=0)
        used = groups.size - float(shrunk.sum())
        if abs(used - before) < CLOSE:
            break
        before = used
        misfit = square - float(beta @ moment) - float(penalty @ beta**2)
        noise = max(misfit, np.finfo(float).eps * square) / max(n - used, 1.0)
        for g, inside in enumerate(members):
            gamma = max(inside.size - float(shrunk[inside].sum()), 1e-12)
            size = max(float(beta[inside] @ beta[inside]), np.finfo(float).tiny)
            with np.errstate(over="ignore"):
                better = strength[g] * (noise * gamma / size / strength[g]) ** STRIDE
            strength[g] = min(max(better, FLOOR * n), CEILING * n)
    return beta, inverse_root, used


def _residual_root(residuals: Floats, effective: Floats) -> Floats:
    """Lower root of the residuals' covariance; an eigen-root, since outputs may coincide."""
    left = np.sqrt(np.maximum(residuals.shape[1] - effective, 1.0))
    scaled = residuals / left[:, None]
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))
