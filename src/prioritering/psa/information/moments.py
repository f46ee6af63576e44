"""EVSI by matching the moments of posterior means."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import PrioriteringWarning
from prioritering.psa.information.regression import Surface
from prioritering.psa.information.studies import Study
from prioritering.psa.information.worth import (
    SIMULATIONS,
    Worth,
    gain,
    gather,
    judge,
    some_rows,
    value_of,
)

Floats = NDArray[np.float64]

DATA_SETS = 60
"""Simulated data sets whose posteriors are looked at."""

RESAMPLES = 100
FEWEST_DRAWS = 50
"""Effective draws below which a posterior is called thin."""


def by_moments(
    surface: Surface,
    study: Study,
    values: Mapping[str, Floats],
    limits: Floats,
    n: int,
    rng: np.random.Generator,
) -> Worth:
    """Shrink fitted means ``g(x)`` to the variance of ``E[g(x) | data]``.

    ``Var(E[g | data]) = Var(g) - E[Var(g | data)]``, the last over data sets simulated from
    :data:`DATA_SETS` draws spread over the range of the fitted means. A posterior is the draws
    weighted by the likelihood. With several strategies the shrinkage is
    ``Var(E[g | data])^(1/2) Var(g)^(-1/2)`` (Heath, Manolopoulou and Baio 2018). The standard
    error adds the spread over resampled data sets to that of the regression.
    """
    posterior = _posterior_covariances(surface, study, values, n, rng)
    rows = some_rows(surface.fitted.shape[1])
    deviations = surface.deviations(rows, SIMULATIONS, rng)
    chosen = rng.integers(DATA_SETS, size=(RESAMPLES, DATA_SETS))
    resampled = posterior[chosen].mean(axis=1)
    prior = np.atleast_2d(np.cov(surface.fitted, ddof=0))
    found = []
    for k in limits.tolist():
        benefit = surface.net_benefit(k)
        shrink = _shrinkage(prior, k, posterior.mean(axis=0))
        shrunk = _shrunk(benefit, shrink)
        value, regression, _, bias = judge(
            shrunk, rows, _shrunk(surface.net_benefit(k, deviations), shrink)
        )
        again = [
            value_of(_shrunk(benefit[:, rows], _shrinkage(prior, k, one))) for one in resampled
        ]
        data = float(np.std(again, ddof=1))
        found.append((value, float(np.hypot(regression, data)), _sampling(benefit, shrunk), bias))
    return gather(found)


def _posterior_covariances(
    surface: Surface,
    study: Study,
    values: Mapping[str, Floats],
    n: int,
    rng: np.random.Generator,
) -> Floats:
    """Covariances of the fitted means given each data set, shape (data set, output, output)."""
    fitted = surface.fitted
    n_draws = fitted.shape[1]
    order = np.argsort(fitted[-1], kind="stable")
    chosen = order[((np.arange(DATA_SETS) + 0.5) / DATA_SETS * n_draws).astype(int)]
    data = study.data({name: v[chosen] for name, v in values.items()}, n, rng)
    covariances, fewest = [], float(n_draws)
    for summary in data:
        log_weight = study.log_likelihoods(values, summary, n)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        fewest = min(fewest, 1.0 / float(np.square(weight).sum()))
        centred = fitted - (fitted @ weight)[:, None]
        covariances.append((centred * weight) @ centred.T)
    if fewest < FEWEST_DRAWS:
        warnings.warn(
            f"a posterior of study {study.name!r} with n = {n} rests on {fewest:.0f} of "
            f"{n_draws} draws; run more draws, or use method='regression'",
            PrioriteringWarning,
            stacklevel=5,
        )
    return np.array(covariances)


def _shrinkage(covariance: Floats, limit: float, posterior: Floats) -> Floats:
    """Matrix that turns fitted net benefits into posterior means, shape (s - 1, s - 1).

    ``covariance`` of the fitted costs and effects, and its part left after a study.
    """
    m = len(posterior) // 2
    combine = np.hstack([-np.eye(m), limit * np.eye(m)])
    prior = combine @ covariance @ combine.T
    left = prior - combine @ posterior @ combine.T
    values, vectors = np.linalg.eigh(prior)
    tiny = 1e-12 * max(float(values[-1]), np.finfo(float).tiny)
    inverse = np.where(values > tiny, 1.0 / np.sqrt(np.maximum(values, tiny)), 0.0)
    kept, axes = np.linalg.eigh(left)
    root = (axes * np.sqrt(np.clip(kept, 0.0, None))) @ axes.T
    return np.asarray(root @ (vectors * inverse) @ vectors.T)


def _sampling(benefit: Floats, shrunk: Floats) -> float:
    """Monte Carlo error of the value, from its influence function at this shrinkage.

    That the shrinkage itself follows the draws is left out, so it is somewhat too low for small
    studies.

    A draw moves the value by its own gain, and by moving the mean that all are shrunk to: by
    ``benefit - shrunk`` for each strategy, times how much more often it is chosen.
    """
    n = shrunk.shape[1]
    means = shrunk.mean(axis=1)
    chosen = shrunk.argmax(axis=0)[shrunk.max(axis=0) > 0]
    share = np.bincount(chosen, minlength=len(shrunk)) / n
    if means.max() > 0:
        share[means.argmax()] -= 1.0
    return float((gain(shrunk) + share @ (benefit - shrunk)).std(ddof=1) / np.sqrt(n))


def _shrunk(benefit: Floats, shrink: Floats) -> Floats:
    """Shrink towards the mean over draws, the second axis."""
    mean = benefit.mean(axis=1, keepdims=True)
    return np.asarray(mean + np.einsum("ij,j...->i...", shrink, benefit - mean))
