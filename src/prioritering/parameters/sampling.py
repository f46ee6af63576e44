"""Random numbers: one stream per parameter, or points that fill the space evenly."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from hashlib import blake2b
from typing import Literal

import numpy as np

from prioritering.errors import ParameterError, PrioriteringWarning
from prioritering.parameters._checks import Floats
from prioritering.parameters.correlation import RankCorrelation, correlated_quantiles
from prioritering.parameters.distributions import Distribution

Method = Literal["random", "sobol", "latin_hypercube"]

METHODS: tuple[str, ...] = ("random", "sobol", "latin_hypercube")
SOBOL_BITS = 30


def draw_all(
    distributions: Mapping[str, Distribution],
    n: int,
    *,
    seed: int,
    method: str,
    correlation: RankCorrelation,
) -> dict[str, Floats]:
    """Draw every distribution ``n`` times, some of them rank correlated.

    Returns
    -------
    dict
        By name, in the order given: shape (n,), or (component, n) for a joint distribution.
    """
    if method not in METHODS:
        raise ParameterError(
            "unknown sampling method",
            expected="one of " + ", ".join(map(repr, METHODS)),
            found=repr(method),
        )
    if method == "random":
        return _from_streams(distributions, n, seed=seed, correlation=correlation)
    return _from_points(distributions, n, seed=seed, method=method, correlation=correlation)


def stream(seed: int, name: str) -> np.random.Generator:
    """Random stream of one parameter: it depends on the seed and the name, on nothing else.

    PCG64 seeded by a ``SeedSequence`` whose spawn key is the BLAKE2b hash of the name.
    """
    words = np.frombuffer(blake2b(name.encode(), digest_size=16).digest(), dtype="<u4")
    key = tuple(int(word) for word in words)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def _from_streams(
    distributions: Mapping[str, Distribution],
    n: int,
    *,
    seed: int,
    correlation: RankCorrelation,
) -> dict[str, Floats]:
    """Draw each distribution from its stream; correlated ones mix normals of their streams."""
    normals = {k: stream(seed, k).standard_normal(n) for k in distributions if k in correlation}
    mixed = correlated_quantiles(correlation, distributions, normals)
    return {
        name: mixed[name] if name in mixed else d.sample(n, stream(seed, name))
        for name, d in distributions.items()
    }


def _from_points(
    distributions: Mapping[str, Distribution],
    n: int,
    *,
    seed: int,
    method: str,
    correlation: RankCorrelation,
) -> dict[str, Floats]:
    """Push points of the unit cube through the quantile functions, dimensions by sorted name."""
    total = sum(d.dimensions for d in distributions.values())
    points = _sobol(total, n, seed) if method == "sobol" else _latin_hypercube(total, n, seed)
    uniforms, first = {}, 0
    for name in sorted(distributions):
        last = first + distributions[name].dimensions
        uniforms[name] = points[first:last]
        first = last
    normals = {name: _normals(uniforms[name][0]) for name in distributions if name in correlation}
    mixed = correlated_quantiles(correlation, distributions, normals)
    return {
        name: mixed[name] if name in mixed else _quantiles(d, uniforms[name], n)
        for name, d in distributions.items()
    }


def _normals(u: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def _quantiles(distribution: Distribution, u: Floats, n: int) -> Floats:
    if distribution.dimensions == 0:
        return distribution.ppf(np.full(n, 0.5))
    return distribution.ppf(u if distribution.components else u[0])


def _sobol(dimensions: int, n: int, seed: int) -> Floats:
    """Scrambled Sobol points, shape (dimension, n), at the middle of their cells of 2^-30."""
    if n & (n - 1):
        warnings.warn(
            f"Sobol points are balanced only when their number is a power of two; {n} is not. "
            f"Use {1 << (n.bit_length() - 1)} or {1 << n.bit_length()} draws.",
            PrioriteringWarning,
            stacklevel=5,
        )
    if not dimensions:
        return np.empty((0, n))
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=True, bits=SOBOL_BITS, seed=stream(seed, "sobol"))
    points = engine.random_base2((n - 1).bit_length())[:n]
    return np.ascontiguousarray(points.T) + 0.5 ** (SOBOL_BITS + 1)


def _latin_hypercube(dimensions: int, n: int, seed: int) -> Floats:
    """Latin hypercube, shape (dimension, n): each n-th of every axis is hit once."""
    if not dimensions:
        return np.empty((0, n))
    from scipy.stats import qmc

    engine = qmc.LatinHypercube(dimensions, seed=stream(seed, "latin_hypercube"))
    return np.ascontiguousarray(engine.random(n).T)
