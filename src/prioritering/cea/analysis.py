"""Incremental analysis of all strategies at their mean costs and effects."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea.frontier import Standing, find_frontier
from prioritering.cea.montecarlo import errors_are_upper_bounds, mean_se, merge_rounding
from prioritering.cea.net_benefit import NetBenefit, checked_wtp, net_benefit
from prioritering.cea.pairwise import PairwiseRow, ratio
from prioritering.errors import ResultError, unknown_name
from prioritering.outcomes import Outcomes
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FrontierRow:
    """One strategy in the full incremental analysis; means over draws, per patient.

    ``compared_with`` names the strategies behind ``status``: the one before it on the
    frontier, the one that dominates it, the two whose mix does, or its equal. Increments
    and ICER are against the frontier member before it and ``None`` off the frontier and for
    its first member. Every ``*_se`` is a Monte Carlo standard error, ``None`` with one draw.
    ``nmb`` and ``nhb`` are ``None`` without willingness to pay, ``life_years`` in a run without.
    """

    strategy: str
    cost: float
    cost_se: float | None
    qaly: float
    qaly_se: float | None
    life_years: float | None
    life_years_se: float | None
    status: Standing
    compared_with: tuple[str, ...]
    incremental_cost: float | None
    incremental_cost_se: float | None
    incremental_qaly: float | None
    incremental_qaly_se: float | None
    icer: float | None
    icer_se: float | None
    nmb: float | None
    nmb_se: float | None
    nhb: float | None
    nhb_se: float | None


@dataclass(frozen=True, repr=False, eq=False)
class CEA(Shown):
    """Full incremental analysis and comparison with a reference.

    Attributes
    ----------
    outcomes
        The run that was analysed.
    reference
        The strategy the others are compared with in ``pairwise``.
    wtp
        Willingness to pay per QALY behind the net benefits, or ``None``.
    rows
        All strategies by rising cost.
    pairwise
        Every strategy but the reference, in the order of the outcomes.
    """

    outcomes: Outcomes
    reference: str
    wtp: float | None
    rows: tuple[FrontierRow, ...]
    pairwise: tuple[PairwiseRow, ...]

    @property
    def provenance(self) -> Mapping[str, Any]:
        """What is behind the numbers, with the choices of this comparison."""
        return {**self.outcomes.provenance, "reference": self.reference, "wtp": self.wtp}

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every ``*_se`` is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.outcomes.provenance)

    @property
    def frontier(self) -> tuple[FrontierRow, ...]:
        """Rows on the frontier, by rising cost and effect."""
        return tuple(row for row in self.rows if row.status == "frontier")

    def net_benefit(self, wtp: float | None = None) -> NetBenefit:
        """Net monetary and health benefit of all strategies and draws.

        Parameters
        ----------
        wtp
            Willingness to pay per QALY, above 0; the one given to :func:`compare` if omitted.

        Raises
        ------
        ResultError
            No willingness to pay given here or before, or not a finite amount above 0.
        """
        limit = self.wtp if wtp is None else wtp
        if limit is None:
            raise ResultError(
                "no willingness to pay to value QALYs at",
                expected="a finite amount above 0 per QALY",
                found=None,
                remedy="Give it here, or as compare(..., wtp=...).",
            )
        return net_benefit(self.outcomes, checked_wtp(limit))

    def to_frame(self) -> pd.DataFrame:
        """One row per strategy of the incremental analysis; no ICER is ``<NA>``."""
        return _frame(self.rows)

    def pairwise_frame(self) -> pd.DataFrame:
        """One row per comparison with the reference; no ICER is ``<NA>``."""
        return _frame(self.pairwise)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the rows for a report."""
        from prioritering.report.tables import cea_table

        return cea_table(self, language=language)

    def plot_plane(
        self, wtp: float | None = None, ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Draw the cost-effectiveness plane: increments against the reference by draw."""
        from prioritering.report.figures import plot_plane

        return plot_plane(self, self.wtp if wtp is None else wtp, ax, language=language)

    def plot_acceptability(
        self, limits: ArrayLike | None = None, ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Draw acceptability curves and frontier over willingness to pay."""
        from prioritering.report.figures import plot_acceptability

        return plot_acceptability(self, limits, ax, language=language)

    def plot_net_benefit(
        self, limits: ArrayLike | None = None, ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Draw mean net monetary benefit over willingness to pay."""
        from prioritering.report.figures import plot_net_benefit

        return plot_net_benefit(self, limits, ax, language=language)

    def plot_frontier(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw mean costs and effects with the efficiency frontier."""
        from prioritering.report.figures import plot_frontier

        return plot_frontier(self, ax, language=language)

    def __repr__(self) -> str:
        path = " -> ".join(row.strategy for row in self.frontier)
        return (
            f"CEA({len(self.rows)} strategies, {self.outcomes.n_draws} draws, "
            f"reference {self.reference!r}, frontier {path})"
        )


def compare(outcomes: Outcomes, *, reference: str, wtp: float | None = None) -> CEA:
    """Compare all strategies with each other and with a reference.

    Every figure is a mean over draws; an ICER is the ratio of mean increments, never a mean
    of ratios. Costs, QALYs and life years are the discounted ones.

    Parameters
    ----------
    outcomes
        A run, or :meth:`Outcomes.from_arrays` for results of another program.
    reference
        The comparator's name.
    wtp
        Willingness to pay per QALY for the net benefits, above 0, in the currency of the
        costs. Dominance and ICERs do not depend on it.

    Raises
    ------
    UnknownNameError
        A reference that is not among the strategies.
    ResultError
        Something else than a run, fewer than two strategies, or a willingness to pay that is
        not a finite amount above 0.

    Examples
    --------
    >>> cost, qaly, years = [[1e5], [4e5]], [[7.0], [8.0]], [[9.0], [10.0]]
    >>> run = Outcomes.from_arrays(
    ...     ["standard", "new"], cost=cost, qaly=qaly, life_years=years, cost_undiscounted=cost,
    ...     qaly_undiscounted=qaly, life_years_undiscounted=years,
    ... )
    >>> compare(run, reference="standard").pairwise[0].icer
    300000.0
    """
    if not isinstance(outcomes, Outcomes):
        raise ResultError(
            "not a run to compare the strategies of",
            expected="Outcomes",
            found=type(outcomes).__name__,
            remedy="Write Outcomes.from_arrays(strategies, cost=..., qaly=...) around arrays.",
        )
    if reference not in outcomes.strategies:
        raise unknown_name("reference", reference, outcomes.strategies)
    if outcomes.n_strategies < 2:
        raise ResultError(
            "nothing to compare with",
            expected="two strategies or more",
            found=outcomes.strategies,
            remedy="Run the model with the comparator as a strategy too.",
        )
    means = _Means(outcomes, None if wtp is None else checked_wtp(wtp))
    base = outcomes.index(reference)
    pairs = (_pairwise_row(means, i, base) for i in range(outcomes.n_strategies) if i != base)
    return CEA(outcomes, reference, means.wtp, _frontier_rows(means, base), tuple(pairs))


_LIFE_YEARS = (
    "incremental_life_years",
    "incremental_life_years_se",
    "life_year_status",
    "cost_per_life_year",
    "cost_per_life_year_se",
)


class _Means:
    """Draws and means of a run; means that differ by rounding only are made equal."""

    def __init__(self, outcomes: Outcomes, wtp: float | None) -> None:
        self.strategies, self.wtp = outcomes.strategies, wtp
        self.cost, self.qaly, self.life_years = outcomes.cost, outcomes.qaly, outcomes.life_years
        self.mean_cost = merge_rounding(self.cost.mean(axis=1))
        self.mean_qaly = merge_rounding(self.qaly.mean(axis=1))
        years = self.life_years
        self.mean_years = None if years is None else merge_rounding(years.mean(axis=1))

    def life_years_of(self, i: int) -> dict[str, float | None]:
        """Mean life years of a strategy, under the names of the rows."""
        if self.life_years is None or self.mean_years is None:
            return dict.fromkeys(("life_years", "life_years_se"))
        return {
            "life_years": float(self.mean_years[i]),
            "life_years_se": mean_se(self.life_years[i]),
        }

    def per_life_year(self, i: int, base: int) -> dict[str, Any]:
        """Life years and cost per life year of ``i`` against ``base``, named as in the rows."""
        if self.life_years is None or self.mean_years is None:
            return dict.fromkeys(_LIFE_YEARS)
        mean = self.mean_years
        years, gain = self.life_years[i] - self.life_years[base], float(mean[i] - mean[base])
        cost = self.cost[i] - self.cost[base]
        mean_cost = float(self.mean_cost[i] - self.mean_cost[base])
        per_year = ratio(mean_cost, gain, cost=cost, effect=years, unit="life year")
        values = (gain, mean_se(years), per_year.status, per_year.value, per_year.se)
        return dict(zip(_LIFE_YEARS, values, strict=True))

    def nmb(self, cost: Floats, qaly: Floats) -> dict[str, Any]:
        """Net benefits of costs and QALYs by draw, under the names of the rows."""
        if self.wtp is None:
            return dict.fromkeys(("nmb", "nmb_se", "nhb", "nhb_se"))
        nmb = self.wtp * qaly - cost
        error = mean_se(nmb)
        return {
            "nmb": float(nmb.mean()),
            "nmb_se": error,
            "nhb": float(nmb.mean()) / self.wtp,
            "nhb_se": None if error is None else error / self.wtp,
        }


def _frontier_rows(means: _Means, base: int) -> tuple[FrontierRow, ...]:
    frontier = find_frontier(means.mean_cost, effect=means.mean_qaly, first=base)
    return tuple(
        FrontierRow(
            strategy=means.strategies[i],
            cost=float(means.mean_cost[i]),
            cost_se=mean_se(means.cost[i]),
            qaly=float(means.mean_qaly[i]),
            qaly_se=mean_se(means.qaly[i]),
            **means.life_years_of(i),
            status=frontier.standing[i],
            compared_with=tuple(means.strategies[j] for j in frontier.compared_with[i]),
            **_step(
                means, i, frontier.compared_with[i] if frontier.standing[i] == "frontier" else ()
            ),
            **means.nmb(means.cost[i], means.qaly[i]),
        )
        for i in frontier.order
    )


def _step(means: _Means, i: int, before: Sequence[int]) -> dict[str, float | None]:
    """Increments and ICER against the frontier member before."""
    names = ("incremental_cost", "incremental_cost_se", "incremental_qaly", "incremental_qaly_se")
    if not before:
        return dict.fromkeys((*names, "icer", "icer_se"))
    j = before[0]
    cost, qaly = means.cost[i] - means.cost[j], means.qaly[i] - means.qaly[j]
    mean_cost = float(means.mean_cost[i] - means.mean_cost[j])
    mean_qaly = float(means.mean_qaly[i] - means.mean_qaly[j])
    step = ratio(mean_cost, mean_qaly, cost=cost, effect=qaly)
    values = (mean_cost, mean_se(cost), mean_qaly, mean_se(qaly))
    return {**dict(zip(names, values, strict=True)), "icer": step.value, "icer_se": step.se}


def _pairwise_row(means: _Means, i: int, base: int) -> PairwiseRow:
    cost, qaly = means.cost[i] - means.cost[base], means.qaly[i] - means.qaly[base]
    mean_cost = float(means.mean_cost[i] - means.mean_cost[base])
    mean_qaly = float(means.mean_qaly[i] - means.mean_qaly[base])
    per_qaly = ratio(mean_cost, mean_qaly, cost=cost, effect=qaly)
    return PairwiseRow(
        strategy=means.strategies[i],
        reference=means.strategies[base],
        incremental_cost=mean_cost,
        incremental_cost_se=mean_se(cost),
        incremental_qaly=mean_qaly,
        incremental_qaly_se=mean_se(qaly),
        status=per_qaly.status,
        icer=per_qaly.value,
        icer_se=per_qaly.se,
        **means.per_life_year(i, base),
        **{f"incremental_{name}": value for name, value in means.nmb(cost, qaly).items()},
    )


def _frame(rows: Sequence[FrontierRow] | Sequence[PairwiseRow]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame([dataclasses.asdict(row) for row in rows])
    words = {"strategy", "reference", "status", "life_year_status", "compared_with"}
    numbers = [name for name in frame.columns if name not in words]
    return frame.astype(dict.fromkeys(numbers, "Float64"))
