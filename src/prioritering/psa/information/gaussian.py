"""Gaussian-process regression on many draws, through a few hundred reference points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prioritering.psa.information.ridge import FREE

Floats = NDArray[np.float64]

REFERENCE_POINTS = 150
"""Draws at which the process is represented (Nystrom approximation)."""

ROWS_FOR_SCALES = 3000
"""Draws on which the length scales are chosen, at most."""

NUGGET = 1e-8
SCALE_BOUNDS = (np.log(0.2), np.log(50.0))
"""Logarithms of the smallest and largest length scale, in standard deviations."""


def process_terms(
    values: Floats, outputs: Floats, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.int64]]:
    """Terms of a Gaussian process with a linear mean, in one penalised group.

    The covariance is ``exp(-sum_p (x_p - y_p)^2 / (2 l_p^2))`` with a length scale for each
    parameter (automatic relevance determination). The scales maximise the marginal likelihood
    summed over the outputs, with the variances of process and noise profiled out for each. The
    process is represented at random draws ``u`` (Quinonero-Candela and Rasmussen 2005, JMLR
    6:1939-1959): with ``K_uu = L L'`` its terms are ``K_xu L^-T``, whose coefficients are
    independent and of one variance.

    Parameters
    ----------
    values
        Shape (draw, parameter).
    outputs
        Shape (output, draw).

    Returns
    -------
    tuple
        Terms of shape (draw, term), the first ones, and the group of each.
    """
    from scipy.optimize import minimize

    x = (values - values.mean(axis=0)) / values.std(axis=0)
    n, p = x.shape
    centres = x[rng.permutation(n)[: min(REFERENCE_POINTS, n // 3)]]
    rows = rng.permutation(n)[:ROWS_FOR_SCALES]
    targets = _without_plane(x[rows], (outputs / outputs.std(axis=1, keepdims=True)).T[rows])

    def criterion(log_scales: Floats) -> float:
        return _negative_likelihood(_features(x[rows], centres, np.exp(log_scales)), targets)

    start = np.full(p, np.log(2.0 * np.sqrt(p)))
    best = minimize(
        criterion,
        start,
        method="L-BFGS-B",
        bounds=[SCALE_BOUNDS] * p,
        options={"maxiter": 15, "eps": 1e-3, "ftol": 1e-5},
    )
    features = _features(x, centres, np.exp(best.x))
    features -= features.mean(axis=0)
    terms = np.column_stack([np.ones(n), x, features])
    return terms, np.array([FREE] * (p + 1) + [0] * features.shape[1])


def _features(x: Floats, centres: Floats, scales: Floats) -> Floats:
    """Values of the process's terms, shape (row, centre)."""
    from scipy.linalg import solve_triangular

    between = _kernel(centres / scales, centres / scales)
    root = np.linalg.cholesky(between + NUGGET * len(centres) * np.eye(len(centres)))
    across = _kernel(centres / scales, x / scales)
    return np.asarray(solve_triangular(root, across, lower=True, check_finite=False).T)


def _kernel(a: Floats, b: Floats) -> Floats:
    squares = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.exp(-0.5 * np.maximum(squares, 0.0)))


def _without_plane(x: Floats, y: Floats) -> Floats:
    plane = np.column_stack([np.ones(len(x)), x])
    return np.asarray(y - plane @ np.linalg.lstsq(plane, y, rcond=None)[0])


def _negative_likelihood(features: Floats, targets: Floats) -> float:
    """Minus the log marginal likelihood at its best ratio of variances, summed over outputs."""
    n = len(features)
    spectrum, rotation = np.linalg.eigh(features.T @ features)
    spectrum = np.clip(spectrum, 0.0, None)
    moments = np.square(rotation.T @ (features.T @ targets))
    squares = np.square(targets).sum(axis=0)
    ratios = np.logspace(-6, 2, 33)
    weight = ratios / (1.0 + ratios * spectrum[:, None])
    left = np.maximum(squares[:, None] - moments.T @ weight, 1e-12 * squares[:, None])
    log_det = np.log1p(ratios * spectrum[:, None]).sum(axis=0)
    return float((0.5 * (n * np.log(left / n) + log_det)).min(axis=1).sum())
