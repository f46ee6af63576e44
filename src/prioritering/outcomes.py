"""What a model run gives back: costs, QALYs and life years by strategy and draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError, unknown_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Trace:
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


@dataclass(frozen=True, repr=False)
class StrategyOutcomes:
    """One strategy's totals, each array of shape (draw,)."""

    strategy: str
    cost: Floats
    qaly: Floats
    life_years: Floats
    cost_undiscounted: Floats
    qaly_undiscounted: Floats
    life_years_undiscounted: Floats


@dataclass(frozen=True, repr=False)
class Outcomes:
    """Totals per patient by strategy and draw; one draw is a base case.

    Attributes
    ----------
    strategies, cost_categories
        Axis labels.
    cost_by_category, cost_by_category_undiscounted
        Shape (category, strategy, draw), in the currency of the inputs.
    qaly, qaly_undiscounted, life_years, life_years_undiscounted
        Shape (strategy, draw), in years.
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
    cost_by_category_undiscounted: Floats
    qaly: Floats
    qaly_undiscounted: Floats
    life_years: Floats
    life_years_undiscounted: Floats
    states: tuple[str, ...] = ()
    state_years: Floats | None = None
    trace: Trace | None = None
    diagnostics: Mapping[str, Floats] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n_s, n_d = len(self.strategies), self.qaly.shape[-1]
        if len(set(self.strategies)) != n_s:
            raise ResultError(
                "strategies named twice", expected="unique names", found=self.strategies
            )
        shapes = {
            "cost_by_category": (len(self.cost_categories), n_s, n_d),
            "cost_by_category_undiscounted": (len(self.cost_categories), n_s, n_d),
            **dict.fromkeys(
                ("qaly", "qaly_undiscounted", "life_years", "life_years_undiscounted"), (n_s, n_d)
            ),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ResultError(f"{name} has the wrong shape", expected=shape, found=array.shape)
            _refuse_nan(name, array, self.strategies)
            array.flags.writeable = False

    @classmethod
    def from_arrays(
        cls,
        strategies: Sequence[str],
        *,
        cost: ArrayLike,
        qaly: ArrayLike,
        life_years: ArrayLike,
        cost_undiscounted: ArrayLike,
        qaly_undiscounted: ArrayLike,
        life_years_undiscounted: ArrayLike,
        provenance: Mapping[str, Any] | None = None,
    ) -> Outcomes:
        """Take results of any program; every array has shape (strategy, draw).

        Raises
        ------
        ResultError
            Shapes that differ, repeated strategies, NaN or infinite values.
        """
        return cls(
            strategies=tuple(strategies),
            cost_categories=("total",),
            cost_by_category=_own(cost)[None],
            cost_by_category_undiscounted=_own(cost_undiscounted)[None],
            qaly=_own(qaly),
            qaly_undiscounted=_own(qaly_undiscounted),
            life_years=_own(life_years),
            life_years_undiscounted=_own(life_years_undiscounted),
            provenance=dict(provenance or {"source": "arrays given by the user"}),
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
    def cost_undiscounted(self) -> Floats:
        """Undiscounted cost over all categories, shape (strategy, draw)."""
        return np.asarray(self.cost_by_category_undiscounted.sum(axis=0))

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
            self.life_years[i],
            self.cost_undiscounted[i],
            self.qaly_undiscounted[i],
            self.life_years_undiscounted[i],
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per strategy and draw, with a column per cost category."""
        import pandas as pd

        columns: dict[str, Floats] = {
            "cost": self.cost,
            "qaly": self.qaly,
            "life_years": self.life_years,
            "cost_undiscounted": self.cost_undiscounted,
            "qaly_undiscounted": self.qaly_undiscounted,
            "life_years_undiscounted": self.life_years_undiscounted,
        }
        for k, category in enumerate(self.cost_categories):
            columns[f"cost_{category}"] = self.cost_by_category[k]
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
        return f"Outcomes({self.n_strategies} strategies x {self.n_draws} draws: {names})"

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table(), caption=repr(self))


def _own(values: ArrayLike) -> Floats:
    return np.array(np.atleast_2d(values), dtype=np.float64)


def _refuse_nan(name: str, array: Floats, strategies: tuple[str, ...]) -> None:
    bad = ~np.isfinite(array)
    if not bad.any():
        return
    *_, strategy, draw = (int(i) for i in np.argwhere(bad)[0])
    raise ResultError(
        f"{name} is not finite",
        expected="finite numbers only",
        found=f"{array[tuple(np.argwhere(bad)[0])]} ({int(bad.sum())} such values)",
        where={"strategy": repr(strategies[strategy]), "draw": draw},
        remedy="Look for a division by zero or an overflow in the inputs of that draw.",
    )
