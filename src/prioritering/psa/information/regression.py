"""Mean cost and effect given some of the parameters, by regression over the draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError
from prioritering.psa.information.columns import Columns
from prioritering.psa.information.gaussian import process_terms
from prioritering.psa.information.ridge import Fit, fit_groups
from prioritering.psa.information.splines import (
    SMOOTH_TERMS,
    Margin,
    add_lines_together,
    add_pair,
    main_effects,
    margin,
)

Floats = NDArray[np.float64]
Method = Literal["auto", "spline", "gp", "many"]

MOST_BY_SPLINE = 4
"""Parameters up to which ``"auto"`` takes the full spline regression."""

MOST_PAIRS = 60
"""Interactions that ``"many"`` looks at, at most, in each of its two rounds."""

ROUNDING = 1e-14
"""Spread of an increment, relative to what it is the difference of, that is no more than noise."""

CLEAR = 4.0
"""Standard errors from which a product of two parameters counts as an interaction."""

Design = tuple[Floats, NDArray[np.int64]]


@dataclass(frozen=True)
class Surface:
    """Increments against the first strategy, and their fitted means.

    Attributes
    ----------
    outputs, fitted
        Incremental costs, then incremental effects, of every strategy but the first, shape
        (2 * (strategies - 1), draw).
    fit
        Regression of the outputs that vary; ``None`` where none does.
    vary
        Which outputs vary, shape (output,).
    """

    method: str
    outputs: Floats
    fitted: Floats
    fit: Fit | None
    vary: NDArray[np.bool_]

    @property
    def r_squared(self) -> Floats:
        """Share of each output's variance that the fitted means have, shape (output,)."""
        total = np.asarray(self.outputs.var(axis=1))
        explained = np.zeros_like(total)
        np.divide(self.fitted.var(axis=1), total, out=explained, where=self.vary)
        return explained

    def net_benefit(self, wtp: float, values: Floats | None = None) -> Floats:
        """Net benefit against the first strategy, shape (strategy - 1, draw, ...)."""
        cost, effect = np.split(self.fitted if values is None else values, 2)
        return np.asarray(wtp * effect - cost)

    def deviations(self, rows: slice, n: int, rng: np.random.Generator) -> Floats:
        """Draw deviations of the fitted means, shape (output, row, n)."""
        n_rows = self.fitted[0, rows].size
        drawn = np.zeros((len(self.outputs), n_rows, n))
        if self.fit is not None:
            drawn[self.vary] = self.fit.deviations(rows, n, rng)
        return drawn


def regress(
    cost: Floats, effect: Floats, columns: Columns, *, method: str, rng: np.random.Generator
) -> Surface:
    """Regress increments of cost and effect on parameters.

    Parameters
    ----------
    cost, effect
        Shape (strategy, draw).

    Raises
    ------
    ResultError
        An unknown method, or fewer draws than the regression has terms.
    """
    chosen = choose(method, columns.values.shape[1])
    outputs = np.concatenate([cost[1:] - cost[0], effect[1:] - effect[0]])
    means = outputs.mean(axis=1, keepdims=True)
    vary = outputs.std(axis=1) > ROUNDING * _largest(cost, effect)
    fitted = np.repeat(means, outputs.shape[1], axis=1)
    if not vary.any():
        return Surface(chosen, outputs, fitted, None, vary)
    centred = (outputs - means)[vary]
    fit = _FITS[chosen](columns.values, centred, rng)
    fitted[vary] += fit.fitted
    return Surface(chosen, outputs, fitted, fit, vary)


def _largest(cost: Floats, effect: Floats) -> Floats:
    """Largest amount that each increment is the difference of, shape (output,)."""
    most = (np.abs(a).max(axis=1) for a in (cost, effect))
    return np.concatenate([np.maximum(a[1:], a[0]) for a in most])


def choose(method: str, n_parameters: int) -> str:
    """Return the regression that is used.

    Raises
    ------
    ResultError
        No such method, or ``"spline"`` with too many parameters.

    Examples
    --------
    >>> choose("auto", 2), choose("auto", 12)
    ('spline', 'many')
    """
    if method not in get_args(Method):
        raise ResultError(
            "unknown method of regression",
            expected="one of " + ", ".join(map(repr, get_args(Method))),
            found=repr(method),
        )
    few = n_parameters <= MOST_BY_SPLINE
    if method == "spline" and not few:
        raise ResultError(
            "too many parameters for the full spline regression",
            expected=f"{MOST_BY_SPLINE} or fewer",
            found=n_parameters,
            remedy='Write method="many" or "gp".',
        )
    if method == "auto":
        return "spline" if few else "many"
    return method


def _fit(design: Design, outputs: Floats) -> Fit:
    terms, groups = design
    n, k = terms.shape
    if n <= k:
        raise ResultError(
            "fewer draws than the regression has terms",
            expected=f"more than {k} draws, and hundreds for a usable error",
            found=n,
            remedy="Run the model on more draws, or ask about fewer parameters at a time.",
        )
    return fit_groups(terms, groups, outputs)


def _spline(values: Floats, outputs: Floats, _: np.random.Generator) -> Fit:
    """Fit main effects, and products of every two; of lines also of three and four."""
    p = values.shape[1]
    margins = [margin(x, terms=_MARGIN_TERMS[p]) for x in values.T]
    terms = main_effects(margins)
    for first, second in combinations(margins, 2):
        add_pair(terms, first, second, bends=_PAIR_BENDS[p])
    add_lines_together(terms, margins)
    return _fit(terms.matrix(len(values)), outputs)


_MARGIN_TERMS = {1: SMOOTH_TERMS, 2: 10, 3: 10, 4: 10}
_PAIR_BENDS = {2: 5, 3: 3, 4: 3}


def _many(values: Floats, outputs: Floats, _: np.random.Generator) -> Fit:
    """Fit main effects, and those interactions that show in what they leave over.

    Two rounds: products of every two parameters (and of their first bends) are held against
    the residuals, the clearest enter, and again with what is left.
    """
    margins = [margin(x, terms=8) for x in values.T]
    terms = main_effects(margins)
    fit = _fit(terms.matrix(len(values)), outputs)
    taken: set[tuple[int, int]] = set()
    for _round in range(2):
        residuals = outputs - fit.fitted
        pairs = _interactions(margins, residuals, taken)
        room = (len(values) // 3 - len(terms.groups)) // _PAIR_COLUMNS
        pairs = pairs[: max(min(MOST_PAIRS, room), 0)]
        if not pairs:
            break
        for i, j in pairs:
            add_pair(terms, margins[i], margins[j], bends=_MANY_BENDS)
        taken |= set(pairs)
        fit = _fit(terms.matrix(len(values)), outputs)
    return fit


_MANY_BENDS = 1
_PAIR_COLUMNS = (1 + _MANY_BENDS) ** 2


def _interactions(
    margins: list[Margin], residuals: Floats, taken: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pairs whose products go with the residuals, the clearest first."""
    p, n = len(margins), residuals.shape[1]
    shapes = [np.column_stack([m.line for m in margins])]
    bends = [m.bends[:, :1] if m.bends.size else np.zeros((n, 1)) for m in margins]
    shapes.append(np.column_stack(bends))
    strength = np.zeros((p, p))
    for y in residuals:
        for a, left in enumerate(shapes):
            for right in shapes[a:]:
                spread = np.sqrt(np.square(left * y[:, None]).T @ np.square(right))
                score = np.abs((left * y[:, None]).T @ right)
                ratio = np.divide(score, spread, out=np.zeros_like(score), where=spread > 0)
                strength = np.maximum(strength, np.maximum(ratio, ratio.T))
    found = [(strength[i, j], i, j) for i, j in combinations(range(p), 2) if (i, j) not in taken]
    return [(i, j) for z, i, j in sorted(found, reverse=True) if z > CLEAR]


def _process(values: Floats, outputs: Floats, rng: np.random.Generator) -> Fit:
    return _fit(process_terms(values, outputs, rng), outputs)


_FITS: dict[str, Callable[[Floats, Floats, np.random.Generator], Fit]] = {
    "spline": _spline,
    "many": _many,
    "gp": _process,
}
