"""A decision as a function of the price of its option, and where its combination changes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.decision.uncertainty.indices import ratio_of_means
from prioritering.decision.uncertainty.pair import Combination, Pair, combination
from prioritering.decision.uncertainty.question import Question
from prioritering.errors import ResultError, unknown_name
from prioritering.guidelines import Reading
from prioritering.outcomes import Outcomes
from prioritering.psa import quantile_se

Floats = NDArray[np.float64]

_EXACT = 1e-13
"""Width of the interval a switching point is bisected to, as a share of the factors' range."""

_BESIDE = 1e-9
"""How far beside a switching point its two sides are looked at, as a share of the stretches."""

_SLOPE = 0.01
"""Step of the slope behind the error of a switching point, as a share of the factors' range."""


class Stretch(NamedTuple):
    """Price factors from ``low`` to ``high`` with one combination, in the words at ``low``."""

    low: float
    high: float
    reading: Reading


class Switch(NamedTuple):
    """A price at which one combination gives way to another.

    Attributes
    ----------
    factor, se
        Price factor, and its Monte Carlo standard error; ``None`` where the curve that crosses
        its cut-off is flat.
    price
        The same in money; ``None`` when no price was given.
    below, above
        Combination just below and just above it.
    cause
        What crosses: ``"decision index"``, ``"documentation index"``,
        ``"expected net benefit"``.
    """

    factor: float
    se: float | None
    price: float | None
    below: Reading
    above: Reading
    cause: tuple[str, ...]


class PriceLine:
    """The decision as a function of the price factor.

    Attributes
    ----------
    spent
        The option's cost that follows the price, at factor 1, shape (draw,).
    free
        Net benefit at price 0, so that it is ``free - f * spent`` at factor ``f``.
    """

    def __init__(
        self,
        outcomes: Outcomes,
        question: Question,
        category: str,
        documentation: DocumentationJudgement | None,
    ) -> None:
        if category not in outcomes.cost_categories:
            raise unknown_name("cost category", category, outcomes.cost_categories)
        rows = question.rows(outcomes)
        self.spent = outcomes.cost_by_category[outcomes.cost_categories.index(category), rows[1]]
        _check_spent(self.spent, category, question.option)
        self.cost, self.qaly = outcomes.cost[rows], outcomes.qaly[rows]
        self.question, self.documentation = question, documentation
        self.found: dict[float, Combination] = {}
        whole = self.pair(1.0)
        self.free = whole.b + self.spent

    def pair(self, factor: float) -> Pair:
        """Option against reference at a factor."""
        cost = np.stack([self.cost[0], self.cost[1] + (factor - 1.0) * self.spent])
        return Pair(cost, self.qaly, self.question.wtp)

    def at(self, factor: float) -> Combination:
        """Both uncertainties and their reading at a factor, worked out once for each."""
        if factor not in self.found:
            pair = self.pair(factor)
            self.found[factor] = combination(pair, self.question.rule, self.documentation)
        return self.found[factor]


def stretches_of(line: PriceLine, grid: Floats) -> Iterator[Stretch]:
    """Walk along the factors; a change of combination between two is bisected."""
    zero = float(line.free.mean()) / float(line.spent.mean())
    inside = [zero] if grid[0] < zero < grid[-1] else []
    points = np.unique([*grid, *inside])
    start, here = float(points[0]), line.at(float(points[0])).reading
    for left, right in pairwise(points):
        low, end = float(left), line.at(float(right)).reading
        while here.key != end.key:
            at, low = _bisected(line, here.key, low, float(right), float(grid[-1] - grid[0]))
            yield Stretch(start, at, here)
            start, here = at, line.at(low).reading
    yield Stretch(start, float(points[-1]), here)


def _bisected(
    line: PriceLine, key: str, low: float, high: float, span: float
) -> tuple[float, float]:
    """Return the point where a combination ends, and a factor just above it."""
    while high - low > _EXACT * span:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if line.at(middle).reading.key == key:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high), high


def switches_of(
    line: PriceLine, stretches: tuple[Stretch, ...], price: float | None, *, span: float
) -> Iterator[Switch]:
    """Describe the points between the stretches; ``span`` is the range of the factors."""
    for before, after in pairwise(stretches):
        at, gap = after.low, _BESIDE * (after.high - before.low)
        low, high = max(at - gap, before.low), min(at + gap, after.high)
        cause = _cause(line, low, high)
        yield Switch(
            factor=at,
            se=_error(line, at, cause, step=_SLOPE * span),
            price=None if price is None else at * price,
            below=line.at(low).reading,
            above=line.at(high).reading,
            cause=cause,
        )


def _cause(line: PriceLine, low: float, high: float) -> tuple[str, ...]:
    """Return what differs between a factor just below a switching point and one just above."""
    one, other = line.at(low), line.at(high)
    differs = {
        "decision index": one.decision.level != other.decision.level,
        "documentation index": one.documentation.level != other.documentation.level,
        "expected net benefit": line.pair(low).favours != line.pair(high).favours,
    }
    return tuple(name for name, is_so in differs.items() if is_so)


def _error(line: PriceLine, at: float, cause: tuple[str, ...], *, step: float) -> float | None:
    """Monte Carlo error of a switching point: that of what crosses, over its slope."""
    if cause[:1] == ("decision index",):
        return _quantile_error(line, at)
    if cause[:1] == ("expected net benefit",):
        return ratio_of_means(line.free, line.spent).se
    index = line.at(at).documentation
    ends = [line.at(f).documentation.value for f in (at - step, at + step)]
    if index.se is None or ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        return None
    return index.se * 2 * step / abs(ends[1] - ends[0])


def _quantile_error(line: PriceLine, at: float) -> float | None:
    """Error of a switching point of the probability of error: a quantile over draws.

    Draw ``k`` is cost-effective up to the factor ``free_k / spent_k``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        thresholds = line.free / line.spent
    finite = thresholds[np.isfinite(thresholds)]
    q = float(np.mean(finite <= at))
    return quantile_se(finite, q=q) if finite.size > 1 and 0.0 < q < 1.0 else None


def _check_spent(spent: Floats, category: str, option: str) -> None:
    if (spent < 0).any() or not spent.any():
        raise ResultError(
            "no cost that can follow a price",
            expected="a cost of 0 or above in every draw, and above 0 in some",
            found=f"from {spent.min():.6g} to {spent.max():.6g}",
            where={"category": repr(category), "strategy": repr(option)},
        )
