"""Terms of the spline regressions: smooth main effects and products of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from prioritering.psa.information.ridge import FREE

Floats = NDArray[np.float64]

SMOOTH_TERMS = 12
"""Cubic B-splines of a parameter when there is one; their penalty decides how much they bend."""

DEGREE = 3

ROUNDING = 1e-13
"""Roughness of a bend, relative to the roughest, that is no more than noise."""


@dataclass(frozen=True)
class Margin:
    """A parameter as a straight line and bends, all of mean 0.

    Attributes
    ----------
    line
        The standardised parameter, shape (draw,).
    bends
        Shape (draw, bend), the smoothest first; empty for a parameter of two values. The sum
        of squared coefficients is the integrated squared second derivative, up to a factor.
    """

    line: Floats
    bends: Floats


@dataclass
class Terms:
    """Columns of a regression with the group each is penalised in."""

    columns: list[Floats] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def add(self, block: Floats, *, free: bool = False) -> None:
        """Add columns of mean 0 as one group of their own, or without a penalty."""
        block = block - block.mean(axis=0)
        if block.shape[1]:
            group = FREE if free else max(self.groups, default=0) + 1
            self.columns.append(block)
            self.groups += [group] * block.shape[1]

    def matrix(self, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Values (draw, term) with a first column of ones, and the group of each."""
        return np.column_stack([np.ones(n), *self.columns]), np.array([FREE, *self.groups])


def margin(x: Floats, *, terms: int) -> Margin:
    """Split a cubic regression spline into its line and its bends.

    Knots at quantiles of the distinct values; the penalty is the integral of the squared second
    derivative. A parameter of few values gets fewer knots or a lower degree.
    """
    from scipy.interpolate import BSpline

    line = (x - x.mean()) / x.std()
    distinct = np.unique(line)
    degree = min(DEGREE, distinct.size - 1)
    inner = max(min(terms, distinct.size) - degree - 1, 0)
    breaks = np.unique(np.quantile(distinct, np.linspace(0, 1, inner + 2)))
    knots = np.concatenate([[breaks[0]] * degree, breaks, [breaks[-1]] * degree])
    if degree < 2:
        return Margin(line, np.empty((x.size, 0)))
    basis = BSpline.design_matrix(line, knots, degree).toarray()
    scale, directions = np.linalg.eigh(_roughness(knots, breaks, degree))
    rough = scale > ROUNDING * scale[-1]
    rough[:2] = False  # straight lines
    bends = basis @ (directions[:, rough] / np.sqrt(scale[rough]))
    bends -= bends.mean(axis=0) + np.outer(line, line @ bends / line.size)
    return Margin(line, bends / np.sqrt(np.square(bends).mean(axis=0).max()))


def _roughness(knots: Floats, breaks: Floats, degree: int) -> Floats:
    """Integrals of products of second derivatives; two Gauss points an interval are exact."""
    from scipy.interpolate import BSpline

    width = np.diff(breaks)
    offset = 0.5 / np.sqrt(3.0)
    points = np.concatenate([breaks[:-1] + width * (0.5 + s * offset) for s in (-1, 1)])
    splines = BSpline(knots, np.eye(knots.size - degree - 1), degree)
    second = splines.derivative(2)(points)
    return np.asarray((second * np.tile(width / 2, 2)[:, None]).T @ second)


def main_effects(margins: Iterable[Margin]) -> Terms:
    """Every parameter's line, free, and its bends as a group."""
    terms = Terms()
    for one in margins:
        terms.add(one.line[:, None], free=True)
        terms.add(one.bends)
    return terms


def add_pair(terms: Terms, first: Margin, second: Margin, *, bends: int) -> None:
    """Products of lines and of the ``bends`` smoothest bends of two parameters, in four groups.

    The split of Wood, Scheipl and Faraway (2013), Statistics and Computing 23:341-360.
    """
    lines = first.line[:, None], second.line[:, None]
    curves = first.bends[:, :bends], second.bends[:, :bends]
    for left, right in ((lines[0], lines[1]), (lines[0], curves[1]), (curves[0], lines[1]), curves):
        terms.add(_products(left, right))


def add_lines_together(terms: Terms, margins: Sequence[Margin]) -> None:
    """Products of the lines of three parameters and more, as one group."""
    products = [
        np.prod([one.line for one in chosen], axis=0)
        for size in range(3, len(margins) + 1)
        for chosen in combinations(margins, size)
    ]
    if products:
        terms.add(np.column_stack(products))


def _products(left: Floats, right: Floats) -> Floats:
    return np.asarray((left[:, :, None] * right[:, None, :]).reshape(len(left), -1))
