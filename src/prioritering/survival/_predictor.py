"""Bridge to the compiled kernels: columns of times and parameters per draw in, hazards out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from prioritering.survival._inputs import Floats

Kernel = Callable[[Floats, Floats, Floats, bool, Floats], None]
ONE = np.ones(1)


def filled(
    kernel: Kernel,
    design: Sequence[Floats],
    coefficients: Sequence[Floats],
    *,
    scale: Floats = ONE,
    survival: bool = False,
) -> Floats:
    """``scale * g(sum_k design[k] * coefficients[k])`` with the ``g`` of a kernel.

    Parameters
    ----------
    design
        Columns over time, each of shape (times, 1), or (times, draws) where every draw has
        its own times.
    coefficients, scale
        One array of shape (1,) or (draws,) for each column, and one for the whole.
    survival
        Return ``exp(-hazard)`` instead of the cumulative hazard.

    Returns
    -------
    array of shape (times, draws), C-contiguous and owned by the caller
    """
    draws = max(c.size for c in (*coefficients, scale))
    if any(column.shape[1] > 1 for column in design):
        return _elementwise(kernel, design, coefficients, scale, survival)
    table = np.empty((len(coefficients), draws))
    for row, coefficient in zip(table, coefficients, strict=True):
        row[:] = coefficient
    out = np.empty((design[0].shape[0], draws))
    kernel(np.concatenate(design, axis=1), table, np.full(draws, scale), survival, out)
    return out


def _elementwise(
    kernel: Kernel,
    design: Sequence[Floats],
    coefficients: Sequence[Floats],
    scale: Floats,
    survival: bool,
) -> Floats:
    """Sum the predictor in the order and rounding of the kernels, and run one as one long row."""
    from prioritering.survival._kernels import add_product

    shape = np.broadcast_shapes(*(d.shape for d in design), *(c.shape for c in coefficients))
    eta = np.zeros(shape)
    for column, coefficient in zip(design, coefficients, strict=True):
        add_product(_full(column, shape), _full(coefficient, shape[1:]), eta)
    out = np.empty((1, eta.size))
    factors = _full(scale, shape).reshape(-1)
    kernel(np.ones((1, 1)), eta.reshape(1, -1), factors, survival, out)
    return out.reshape(shape)


def _full(array: Floats, shape: tuple[int, ...]) -> Floats:
    return np.array(np.broadcast_to(array, shape))
