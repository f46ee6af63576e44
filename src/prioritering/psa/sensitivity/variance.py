"""Sobol indices: the samples they take, and their estimators through SciPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from prioritering.cea.montecarlo import ROUNDING
from prioritering.errors import ResultError
from prioritering.parameters import Components, Draws, Parameters
from prioritering.parameters.sampling import stream

Floats = NDArray[np.float64]

RESAMPLES = 200
"""Bootstrap samples behind the standard errors of the Sobol indices."""


class Indices(NamedTuple):
    """Sobol indices of units with their bootstrap standard errors, each of shape (unit,)."""

    first: Floats
    first_se: Floats
    total: Floats
    total_se: Floats


def saltelli(params: Parameters, units: Mapping[str, tuple[str, ...]], n: int, seed: int) -> Draws:
    """Sample A, sample B, and A with each unit from B, one after the other.

    Both come from one Sobol sequence of twice the dimensions, by sampling every parameter
    twice; rank correlations hold within each sample.
    """
    both: dict[str, Any] = {f"a_{name}": p for name, p in params.items()}
    both |= {f"b_{name}": p for name, p in params.items()}
    pairs = {
        (f"{side}_{x}", f"{side}_{y}"): rho
        for (x, y), rho in params.correlations.items()
        for side in "ab"
    }
    doubled = Parameters(both)
    sampled = (doubled.correlated(pairs) if pairs else doubled).sample(n, seed=seed, method="sobol")
    values: dict[str, Any] = {}
    for name in params:
        a, b = sampled[f"a_{name}"], sampled[f"b_{name}"]
        pieces = [a, b, *(b if name in members else a for members in units.values())]
        values[name] = _joined(pieces)
    origin = {
        **sampled.provenance,
        "parameters": params.fingerprint,
        "assumptions": [name for name, parameter in params.items() if parameter.assumption],
    }
    return Draws(values, n * (len(units) + 2), origin)


def _joined(pieces: Sequence[Any]) -> Any:
    if isinstance(pieces[0], Components):
        arrays = [piece.array for piece in pieces]
        return Components(pieces[0].names, np.concatenate(arrays, axis=1))
    return np.concatenate(pieces)


def sobol(f_a: Floats, f_b: Floats, f_ab: Floats, *, seed: int) -> Indices:
    """First-order and total Sobol indices of one output, with bootstrap errors.

    Parameters
    ----------
    f_a, f_b
        Output on two independent samples, shape (point,).
    f_ab
        Output on the first sample with one unit from the second, shape (unit, point).
    seed
        Of the bootstrap.

    Raises
    ------
    ResultError
        An output that does not vary.
    """
    both = np.concatenate([f_a, f_b])
    if float(np.ptp(both)) <= ROUNDING * float(np.abs(both).max()):
        raise ResultError(
            "net benefit does not vary",
            expected="an option that differs from the reference by uncertain parameters",
            found=f"{f_a[0]:g} in every draw",
        )
    first, total = _indices(f_a, f_b, f_ab)
    rng, n = stream(seed, "bootstrap"), f_a.size
    again = np.array(
        [
            _indices(f_a[pick], f_b[pick], f_ab[:, pick])
            for pick in (rng.integers(n, size=n) for _ in range(RESAMPLES))
        ]
    )
    errors = again.std(axis=0, ddof=1)
    return Indices(first, errors[0], total, errors[1])


def _indices(f_a: Floats, f_b: Floats, f_ab: Floats) -> tuple[Floats, Floats]:
    """Estimate through SciPy, which needs two units or more: a single one is given twice."""
    from scipy.stats import sobol_indices

    rows = np.repeat(f_ab, 2, axis=0) if len(f_ab) == 1 else f_ab
    found = sobol_indices(
        func={"f_A": f_a[None], "f_B": f_b[None], "f_AB": rows[:, None]}, n=f_a.size
    )
    return found.first_order[: len(f_ab)], found.total_order[: len(f_ab)]
