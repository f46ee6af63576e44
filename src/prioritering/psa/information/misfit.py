"""Whether a regression left structure behind in its residuals."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import PrioriteringWarning
from prioritering.psa.information.columns import Columns
from prioritering.psa.information.regression import Surface

Floats = NDArray[np.float64]

BINS = 20
CELLS = 5
"""Parts of each of two parameters whose cells are looked at together; they divide the bins."""

MOST_PARAMETERS_IN_PAIRS = 8
SMALLEST_P = 1e-6
LARGEST_SHARE = 0.02
"""Structure left over, as a share of the variance of the fitted means, that is let pass."""


class Leftover(NamedTuple):
    """What the residuals of an outcome still depend on.

    Attributes
    ----------
    outcome
        ``"cost"`` or ``"effect"``.
    by
        One parameter or two; none for the fitted mean itself.

    Examples
    --------
    >>> print(Leftover("cost", ("hr", "age")), Leftover("effect", ()), sep=", ")
    cost by hr and age, effect by fitted mean
    """

    outcome: str
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.outcome} by {' and '.join(self.by) or 'fitted mean'}"


def structure_left(surface: Surface, columns: Columns) -> tuple[Leftover, ...]:
    """Where residual means differ from 0 by more than chance.

    Draws are sorted into 20 bins of each parameter (and of the fitted mean, and into 25 cells
    of every two parameters when they are few). In a bin ``sum(r)^2 / sum(r^2)`` is about
    chi-square with one degree of freedom when the fit is right. What is named has a p-value
    below 1e-6 over all tests of an output, and more than 2 % of the fitted means' variance.
    """
    from scipy.stats import chi2

    found: list[Leftover] = []
    n_strategies = len(surface.outputs) // 2
    by_parameters = list(_partitions(columns))
    for k in np.flatnonzero(surface.vary):
        residual = surface.outputs[k] - surface.fitted[k]
        spread = surface.fitted[k].var()
        tests = [((), _bins(surface.fitted[k], BINS)), *by_parameters]
        for names, cells in tests:
            total = np.bincount(cells, residual)
            square = np.bincount(cells, residual**2)
            count = np.maximum(np.bincount(cells), 1)
            seen = square > 0
            statistic = float((total[seen] ** 2 / square[seen]).sum())
            size = float((total**2 / count).sum()) / residual.size
            chance = float(square.sum()) / residual.size * int(seen.sum()) / residual.size
            unlikely = chi2.sf(statistic, int(seen.sum())) < SMALLEST_P / len(tests)
            if unlikely and size - chance > LARGEST_SHARE * spread:
                kind = "cost" if k < n_strategies else "effect"
                found.append(Leftover(kind, names))
    return tuple(dict.fromkeys(found))


def warn_of_structure(left: tuple[Leftover, ...], method: str) -> None:
    """Warn once, naming where.

    Warns
    -----
    PrioriteringWarning
        The residuals have structure, so the value of information is too low as a rule.
    """
    if left:
        where = ", ".join(map(str, left))
        warnings.warn(
            f"the {method} regression leaves structure in its residuals ({where}), "
            "so the value of information may be too low; try another method",
            PrioriteringWarning,
            stacklevel=3,
        )


def _partitions(columns: Columns) -> Iterator[tuple[tuple[str, ...], NDArray[np.int64]]]:
    """Parameters that draws are sorted by, and the cell of each draw."""
    fine = [_bins(x, BINS) for x in columns.values.T]
    for name, cells in zip(columns.names, fine, strict=True):
        yield (name,), cells
    if len(columns.names) <= MOST_PARAMETERS_IN_PAIRS:
        coarse = [cells // (BINS // CELLS) for cells in fine]
        for i, j in combinations(range(len(coarse)), 2):
            yield (columns.names[i], columns.names[j]), coarse[i] * CELLS + coarse[j]


def _bins(x: Floats, n: int) -> NDArray[np.int64]:
    """Bin of each value, equally full but for equal values, which share one."""
    edges = np.quantile(x, np.linspace(0, 1, n + 1)[1:-1])
    return np.asarray(np.searchsorted(edges, x, side="right"), dtype=np.int64)
