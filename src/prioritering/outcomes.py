"""What a model run gives back: costs, QALYs and life years by strategy and draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.arrays import check_shape, own_array, own_arrays, refuse_nan
from prioritering.errors import ResultError, unknown_name
from prioritering.frames import by_strategy_and_draw
from prioritering.frozen import Frozen, read_only
from prioritering.plural import plural
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Trace(Frozen):
    """State occupancy at every cycle boundary.

    Attributes
    ----------
    occupancy
        Shares of the cohort, shape (strategy, draw, cycles + 1, state).
    years
        Time of each boundary in years from the start, shape (cycles + 1,).
    """

    occupancy: Floats
    years: Floats
    strategies: tuple[str, ...]
    states: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Long table: strategy, draw, year, state, occupancy."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.strategies, range(self.occupancy.shape[1]), self.years, self.states],
            names=["strategy", "draw", "year", "state"],
        )
        return pd.DataFrame({"occupancy": self.occupancy.ravel()}, index=index).reset_index()

    def plot(
        self, strategy: str, *, draw: int = 0, ax: Axes | None = None, language: str = "en"
    ) -> Axes:
        """Stacked areas of one strategy and draw."""
        from prioritering.report.figures import plot_trace

        return plot_trace(self, strategy, draw=draw, ax=ax, language=language)


@dataclass(frozen=True, repr=False, eq=False)
class StrategyOutcomes(Frozen):
    """One strategy's totals, each array of shape (draw,); ``None`` where none was given."""

    strategy: str
    cost: Floats
    qaly: Floats
    life_years: Floats | None
    cost_undiscounted: Floats | None
    qaly_undiscounted: Floats | None
    life_years_undiscounted: Floats | None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def require(self, name: str) -> Floats:
        """Return an array that may be absent, by name.

        Raises
        ------
        ResultError
            It is absent.
        """
        return _present(name, getattr(self, name), strategy=self.strategy)


@dataclass(frozen=True, repr=False, eq=False)
class Outcomes(Frozen, Shown):
    """Totals per patient by strategy and draw; one draw is a base case.

    Attributes
    ----------
    strategies, cost_categories
        Axis labels.
    cost_by_category, cost_by_category_undiscounted
        Shape (category, strategy, draw), in the currency of the inputs.
    qaly, qaly_undiscounted, life_years, life_years_undiscounted
        Shape (strategy, draw), in years.
    cost_by_category_undiscounted, qaly_undiscounted, life_years, life_years_undiscounted
        ``None`` where results of another program lack them; :meth:`require` says so.
    resources, resource_use
        Names and undiscounted amounts of what is used, in natural units such as visits or
        hours, shape (resource, strategy, draw); ``None`` where none were counted.
    states, state_years
        Undiscounted years in each state, shape (strategy, draw, state). A partitioned
        model's durations, such as time on treatment, follow its states.
    trace
        Occupancy over time when it was asked for.
    diagnostics
        Counts by strategy and draw, such as ``"crossings"`` of curves.
    provenance
        Version, guideline, conventions, seed and draws behind the numbers.
    """

    strategies: tuple[str, ...]
    cost_categories: tuple[str, ...]
    cost_by_category: Floats
    cost_by_category_undiscounted: Floats | None
    qaly: Floats
    qaly_undiscounted: Floats | None
    life_years: Floats | None
    life_years_undiscounted: Floats | None
    resources: tuple[str, ...] = ()
    resource_use: Floats | None = None
    states: tuple[str, ...] = ()
    state_years: Floats | None = None
    trace: Trace | None = None
    diagnostics: Mapping[str, Floats] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        n_s, n_d = len(self.strategies), self.qaly.shape[-1]
        if len(set(self.strategies)) != n_s:
            raise ResultError(
                "strategies named twice", expected="unique names", found=self.strategies
            )
        by_category = (len(self.cost_categories), n_s, n_d)
        for name in ("cost_by_category", "cost_by_category_undiscounted", *_EFFECTS):
            array = getattr(self, name)
            if array is not None:
                check_shape(name, array, (n_s, n_d) if name in _EFFECTS else by_category)
                refuse_nan(name, array, self.strategies)
        if self.resource_use is not None:
            check_shape("resource_use", self.resource_use, (len(self.resources), n_s, n_d))
            refuse_nan("resource_use", self.resource_use, self.strategies)

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        counts = {name: read_only(array) for name, array in state["diagnostics"].items()}
        super().__setstate__({**state, "diagnostics": counts})

    @classmethod
    def from_arrays(
        cls,
        strategies: Sequence[str],
        *,
        cost: ArrayLike | Mapping[str, ArrayLike],
        qaly: ArrayLike,
        life_years: ArrayLike | None = None,
        cost_undiscounted: ArrayLike | Mapping[str, ArrayLike] | None = None,
        qaly_undiscounted: ArrayLike | None = None,
        life_years_undiscounted: ArrayLike | None = None,
        resource_use: Mapping[str, ArrayLike] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Outcomes:
        """Take results of any program; every array has shape (strategy, draw).

        Discounted costs and QALYs are enough to compare strategies. Severity also needs
        ``qaly_undiscounted``; a cost per life year needs ``life_years``. Costs may be given by
        category, ``{"drug": ..., "hospital": ...}``, which prices and perspectives need.

        Raises
        ------
        ResultError
            Shapes that differ, other categories without discounting than with, repeated
            strategies, NaN or infinite values.

        Examples
        --------
        >>> out = Outcomes.from_arrays(["old", "new"], cost=[[1e5], [4e5]], qaly=[[7], [8]])
        >>> out, out.life_years
        (Outcomes(2 strategies x 1 draw: old, new), None)
        """
        names = (strategies,) if isinstance(strategies, str) else tuple(strategies)
        costs = own_arrays("cost", cost, names)
        shape = next(iter(costs.values())).shape

        def other(name: str, values: ArrayLike | None) -> Floats | None:
            return None if values is None else own_array(name, values, names, like=shape)

        uses = own_arrays("resource_use", resource_use, names, like=shape) if resource_use else {}
        return cls(
            strategies=names,
            cost_categories=tuple(costs),
            cost_by_category=np.array(list(costs.values())),
            cost_by_category_undiscounted=_undiscounted(cost_undiscounted, names, costs),
            qaly=own_array("qaly", qaly, names, like=shape),
            qaly_undiscounted=other("qaly_undiscounted", qaly_undiscounted),
            life_years=other("life_years", life_years),
            life_years_undiscounted=other("life_years_undiscounted", life_years_undiscounted),
            resources=tuple(uses),
            resource_use=np.array(list(uses.values())) if uses else None,
            provenance=dict(provenance or {"source": "arrays given by the user"}),
        )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        strategy: str = "strategy",
        draw: str = "draw",
        cost: str | Mapping[str, str] = "cost",
        qaly: str = "qaly",
        provenance: Mapping[str, Any] | None = None,
        **others: str,
    ) -> Outcomes:
        """Take results from a long table, one row per strategy and draw, in any order.

        Parameters
        ----------
        frame
            The table; :meth:`to_frame` writes one.
        strategy, draw
            Columns that name the strategy and the draw.
        cost
            Column of discounted costs, or ``{category: column}``.
        qaly
            Column of discounted QALYs.
        provenance
            What to say of the origin.
        **others
            Columns of further arrays of :meth:`from_arrays`, by their names there:
            ``qaly_undiscounted="QALYs undisc."``.

        Raises
        ------
        UnknownNameError
            A column that is not there, or an array that :meth:`from_arrays` does not take.
        ResultError
            Strategies that do not share their draws, or values that are not finite numbers.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"strategy": ["old", "new"], "draw": [0, 0],
        ...                       "cost": [1e5, 4e5], "qaly": [7.0, 8.0]})
        >>> Outcomes.from_frame(table)
        Outcomes(2 strategies x 1 draw: old, new)
        """
        for name in others:
            if name not in FURTHER:
                raise unknown_name("array of outcomes", name, FURTHER)
        categories = dict(cost) if isinstance(cost, Mapping) else {"total": cost}
        columns = (*categories.values(), qaly, *others.values())
        names, _, found = by_strategy_and_draw(frame, columns, strategy=strategy, draw=draw)
        return cls.from_arrays(
            names,
            cost={category: found[column] for category, column in categories.items()},
            qaly=found[qaly],
            **{name: found[column] for name, column in others.items()},  # type: ignore[arg-type]
            provenance=provenance or {"source": "a table given by the user"},
        )

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.qaly.shape[1])

    @property
    def n_strategies(self) -> int:
        """Number of strategies."""
        return len(self.strategies)

    @property
    def cost(self) -> Floats:
        """Discounted cost over all categories, shape (strategy, draw)."""
        return np.asarray(self.cost_by_category.sum(axis=0))

    @property
    def cost_undiscounted(self) -> Floats | None:
        """Undiscounted cost over all categories, shape (strategy, draw)."""
        by_category = self.cost_by_category_undiscounted
        return None if by_category is None else np.asarray(by_category.sum(axis=0))

    def require(self, name: str) -> Floats:
        """Return an array that may be absent, by name.

        Raises
        ------
        ResultError
            It is absent.
        """
        return _present(name, getattr(self, name))

    def index(self, strategy: str) -> int:
        """Position of a strategy; an unknown name is an error."""
        if strategy not in self.strategies:
            raise unknown_name("strategy", strategy, self.strategies)
        return self.strategies.index(strategy)

    def __getitem__(self, strategy: str) -> StrategyOutcomes:
        i = self.index(strategy)
        return StrategyOutcomes(
            strategy,
            self.cost[i],
            self.qaly[i],
            _row(self.life_years, i),
            _row(self.cost_undiscounted, i),
            _row(self.qaly_undiscounted, i),
            _row(self.life_years_undiscounted, i),
            self.provenance,
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per strategy and draw; a column per cost category, resource and array given."""
        import pandas as pd

        totals = {name: getattr(self, name) for name in _TOTALS}
        columns: dict[str, Floats] = {k: v for k, v in totals.items() if v is not None}
        for k, category in enumerate(self.cost_categories):
            columns[f"cost_{category}"] = self.cost_by_category[k]
        for k, resource in enumerate(self.resources):
            columns[f"resource_{resource}"] = self.require("resource_use")[k]
        index = pd.MultiIndex.from_product(
            [self.strategies, range(self.n_draws)], names=["strategy", "draw"]
        )
        return pd.DataFrame({k: v.ravel() for k, v in columns.items()}, index=index).reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Means over draws, rounded and labelled for a report."""
        from prioritering.report.tables import outcomes_table

        return outcomes_table(self, language=language)

    def plot_trace(
        self, strategy: str, *, draw: int = 0, ax: Axes | None = None, language: str = "en"
    ) -> Axes:
        """Stacked areas of the trace; run the model with ``trace=True`` first."""
        if self.trace is None:
            raise ResultError(
                "no trace was kept",
                expected="a run with trace=True",
                found="trace=False",
                remedy="Call model.run(..., trace=True), best on the base case.",
            )
        return self.trace.plot(strategy, draw=draw, ax=ax, language=language)

    def __repr__(self) -> str:
        names = ", ".join(self.strategies)
        strategies = plural(self.n_strategies, "strategy", "strategies")
        return f"Outcomes({strategies} x {plural(self.n_draws, 'draw')}: {names})"


FURTHER = ("cost_undiscounted", "qaly_undiscounted", "life_years", "life_years_undiscounted")
"""Arrays of shape (strategy, draw) that outcomes may have beside costs and QALYs."""

_EFFECTS = ("qaly", "qaly_undiscounted", "life_years", "life_years_undiscounted")
_TOTALS = (
    "cost", "qaly", "life_years",
    "cost_undiscounted", "qaly_undiscounted", "life_years_undiscounted",
)  # fmt: skip


def _row(array: Floats | None, i: int) -> Floats | None:
    return None if array is None else array[i]


def _present(name: str, array: Floats | None, **where: str) -> Floats:
    if array is None:
        raise ResultError(
            f"{name} was not given",
            expected=f"an array {name} of shape (strategy, draw)",
            found="None",
            where=where,
            remedy=f"Write Outcomes.from_arrays(..., {name}=...).",
        )
    return array


def _undiscounted(
    values: ArrayLike | Mapping[str, ArrayLike] | None,
    strategies: tuple[str, ...],
    costs: Mapping[str, Floats],
) -> Floats | None:
    """Undiscounted costs in the order of the discounted ones, which have the same categories."""
    if values is None:
        return None
    shape = next(iter(costs.values())).shape
    given = own_arrays("cost_undiscounted", values, strategies, like=shape)
    if set(given) != set(costs):
        raise ResultError(
            "undiscounted costs have other categories than the discounted",
            expected=", ".join(map(repr, costs)),
            found=", ".join(map(repr, given)),
        )
    return np.array([given[category] for category in costs])
