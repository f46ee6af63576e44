"""Distribution of increments between two strategies: moments, quantiles, quadrants, levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import Quadrant, errors_are_upper_bounds
from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import unknown_name
from prioritering.frozen import Frozen
from prioritering.psa.convergence import probability_se, quantile_errors
from prioritering.psa.icer_error import pairwise_row
from prioritering.psa.icer_interval import IcerInterval, icer_interval
from prioritering.psa.inputs import CostEffect, Pair, checked_limits, pair_of
from prioritering.severity.population import checked_rules
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline

Floats = NDArray[np.float64]
Quantity = Literal["cost", "qaly", "nmb", "nhb"]
Area = Literal["north-east", "south-east", "south-west", "north-west", "on an axis"]

QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
"""Probabilities of the quantiles given, in order."""


@dataclass(frozen=True)
class Spread:
    """Distribution of one increment over draws.

    Attributes
    ----------
    mean, se
        Mean and its Monte Carlo standard error.
    sd
        Standard deviation over draws: the uncertainty of the parameters.
    quantiles, quantiles_se
        At :data:`QUANTILES` (2.5, 25, 50, 75, 97.5 %), with Monte Carlo standard errors.
    """

    quantity: Quantity
    mean: float
    se: float
    sd: float
    quantiles: tuple[float, ...]
    quantiles_se: tuple[float, ...]


@dataclass(frozen=True)
class Share:
    """A share of draws with its Monte Carlo standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class Level:
    """Whether the option is worth it at a level of willingness to pay.

    Attributes
    ----------
    wtp
        The level, per QALY.
    severity_class
        Number of the class whose reference level it is; ``None`` for an amount of the user's.
    cost_effective
        Share of draws of positive incremental net benefit at the level, and its error; net
        benefit of exactly 0 counts one half.
    exceeds
        One less that: the probability that the ICER exceeds the level. A draw that costs
        less and gives less exceeds it when what it saves per QALY lost is too little, and a
        dominated draw always does; by ratios alone neither could be told from its opposite.
    """

    wtp: float
    severity_class: int | None
    cost_effective: Share
    exceeds: Share


@dataclass(frozen=True, repr=False, eq=False)
class Incremental(Frozen, Shown):
    """Increments of an option over a reference, as distributions over draws.

    Attributes
    ----------
    cost, qaly
        Increments by draw, shape (draw,).
    wtp
        Willingness to pay behind the net benefits; ``None``: none are given.
    spreads
        Cost, QALYs and, with ``wtp``, net monetary and health benefit.
    quadrants
        Share of draws in each quadrant of the plane; draws with no difference in cost or in
        QALYs are ``"on an axis"``.
    icer, icer_se, status
        Ratio of mean increments, its Monte Carlo error, and the quadrant in words.
    icer_interval
        Its uncertainty interval where there is one, and why not elsewhere.
    levels
        Probability that the ICER exceeds each level asked for.
    provenance
        That of the run.
    """

    reference: str
    option: str
    cost: Floats
    qaly: Floats
    wtp: float | None
    spreads: tuple[Spread, ...]
    quadrants: Mapping[Area, Share]
    icer: float | None
    icer_se: float | None
    status: Quadrant
    icer_interval: IcerInterval
    levels: tuple[Level, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.cost.size)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether standard errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def draws(self, quantity: Quantity) -> Floats:
        """Increment of a quantity by draw, shape (draw,).

        Raises
        ------
        UnknownNameError
            Another quantity than the ones in ``spreads``.
        """
        known = [s.quantity for s in self.spreads]
        if quantity not in known:
            raise unknown_name("quantity", quantity, known)
        return _draws(self.cost, self.qaly, self.wtp)[quantity]

    def spread(self, quantity: Quantity) -> Spread:
        """Moments and quantiles of a quantity; an unknown name is an error."""
        self.draws(quantity)
        return next(s for s in self.spreads if s.quantity == quantity)

    def to_frame(self) -> pd.DataFrame:
        """One row per quantity: mean, se, sd, and each quantile with its error."""
        import pandas as pd

        names = [f"q{100 * q:g}" for q in QUANTILES]
        rows = [
            {"quantity": s.quantity, "mean": s.mean, "se": s.se, "sd": s.sd}
            | dict(zip(names, s.quantiles, strict=True))
            | dict(zip([f"{name}_se" for name in names], s.quantiles_se, strict=True))
            for s in self.spreads
        ]
        return pd.DataFrame(rows)

    def levels_frame(self) -> pd.DataFrame:
        """One row per level: wtp, severity_class, cost_effective, exceeds, se."""
        import pandas as pd

        rows = [
            (x.wtp, x.severity_class, x.cost_effective.value, x.exceeds.value, x.exceeds.se)
            for x in self.levels
        ]
        names = ["wtp", "severity_class", "cost_effective", "exceeds", "se"]
        return pd.DataFrame(rows, columns=names).astype({"severity_class": "Int64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the distributions, quadrants, ICER and levels."""
        from prioritering.report.tables.incremental import incremental_table

        return incremental_table(self, language=language)

    def plot(
        self, quantity: Quantity = "qaly", ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Draw the histogram of one quantity, with mean and 95 % interval."""
        from prioritering.report.figures.probabilistic import plot_incremental

        return plot_incremental(self, quantity, ax, language=language)

    def __repr__(self) -> str:
        icer = self.status if self.icer is None else f"ICER {self.icer:g}"
        return f"Incremental({self.option} against {self.reference}: {icer}, {self.n_draws} draws)"


def incremental(
    outcomes: CostEffect,
    *,
    reference: str,
    option: str | None = None,
    wtp: float | None = None,
    rules: Guideline | None = None,
    levels: Sequence[float] | None = None,
) -> Incremental:
    """Distribution over draws of what an option costs and gives above the reference.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    reference, option
        Names; the option may be left out with two strategies.
    wtp
        Willingness to pay per QALY for the net benefits, above 0.
    rules
        Guideline whose reference levels, one per severity class, to hold the ICER against.
    levels
        Other levels per QALY, instead of the guideline's or after them.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        A single draw, no option, an amount that is no willingness to pay, or rules that are no
        guideline.

    Examples
    --------
    >>> cost, qaly = [[0.0] * 4, [90.0, 110.0, 90.0, 110.0]], [[0.0] * 4, [1.0, 1.0, 2.0, 2.0]]
    >>> found = incremental((cost, qaly), reference="strategy 1", levels=[60, 100])
    >>> found.icer, [level.exceeds.value for level in found.levels]
    (66.66666666666667, [0.5, 0.25])
    """
    pair = pair_of(outcomes, reference=reference, option=option)
    limit = None if wtp is None else checked_wtp(wtp)
    row = pairwise_row(outcomes, reference=reference, option=pair.option)
    return Incremental(
        reference=reference,
        option=pair.option,
        cost=pair.cost,
        qaly=pair.effect,
        wtp=limit,
        spreads=_spreads(pair, limit),
        quadrants=_quadrants(pair),
        icer=row.icer,
        icer_se=row.icer_se,
        status=row.status,
        icer_interval=icer_interval(pair.cost, pair.effect, status=row.status, icer=row.icer),
        levels=_levels(pair, rules, levels),
        provenance=dict(pair.provenance),
    )


def share_of(hits: NDArray[np.bool_] | Floats) -> Share:
    """Share of draws, each counted 0, 1 or a half, with its binomial error."""
    p = float(np.mean(hits))
    return Share(p, float(probability_se(p, n=hits.size)))


def half_for_zero(benefit: Floats) -> Floats:
    """1 for a positive net benefit, 1/2 for none, 0 for a negative one."""
    return np.asarray((benefit > 0) + 0.5 * (benefit == 0))


def _draws(cost: Floats, qaly: Floats, wtp: float | None) -> dict[str, Floats]:
    draws = {"cost": cost, "qaly": qaly}
    if wtp is not None:
        nmb = wtp * qaly - cost
        draws |= {"nmb": nmb, "nhb": nmb / wtp}
    return draws


def _spreads(pair: Pair, wtp: float | None) -> tuple[Spread, ...]:
    draws = _draws(pair.cost, pair.effect, wtp)
    values = np.array(list(draws.values()))
    sd = values.std(axis=1, ddof=1)
    columns = (
        draws,
        values.mean(axis=1).tolist(),
        (sd / math.sqrt(values.shape[1])).tolist(),
        sd.tolist(),
        map(tuple, np.quantile(values, QUANTILES, axis=1).T.tolist()),
        map(tuple, quantile_errors(values, QUANTILES).tolist()),
    )
    return tuple(Spread(*row) for row in zip(*columns, strict=True))


def _quadrants(pair: Pair) -> dict[Area, Share]:
    east, west = pair.effect > 0, pair.effect < 0
    north, south = pair.cost > 0, pair.cost < 0
    corners = (east & north, east & south, west & south, west & north)
    hits = (*corners, ~np.logical_or.reduce(corners))
    return {area: share_of(hit) for area, hit in zip(get_args(Area), hits, strict=True)}


def _levels(
    pair: Pair, rules: Guideline | None, levels: Sequence[float] | None
) -> tuple[Level, ...]:
    asked: list[tuple[float, int | None]] = []
    if rules is not None:
        checked_rules(rules)
        asked += [(c.wtp, c.number) for c in rules.severity.classes]
    if levels is not None:
        asked += [(wtp, None) for wtp in checked_limits(levels, "levels").tolist()]
    return tuple(_level(pair, wtp, number) for wtp, number in asked)


def _level(pair: Pair, wtp: float, severity_class: int | None) -> Level:
    worth = share_of(half_for_zero(wtp * pair.effect - pair.cost))
    return Level(wtp, severity_class, worth, Share(1.0 - worth.value, worth.se))
