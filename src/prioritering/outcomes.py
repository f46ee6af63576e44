"""What a model run gives back: costs, QALYs and life years by strategy and draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen, read_only

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
class Outcomes(Frozen):
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
                _check_shape(name, array, (n_s, n_d) if name in _EFFECTS else by_category)
                _refuse_nan(name, array, self.strategies)

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        counts = {name: read_only(array) for name, array in state["diagnostics"].items()}
        super().__setstate__({**state, "diagnostics": counts})

    @classmethod
    def from_arrays(
        cls,
        strategies: Sequence[str],
        *,
        cost: ArrayLike,
        qaly: ArrayLike,
        life_years: ArrayLike | None = None,
        cost_undiscounted: ArrayLike | None = None,
        qaly_undiscounted: ArrayLike | None = None,
        life_years_undiscounted: ArrayLike | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Outcomes:
        """Take results of any program; every array has shape (strategy, draw).

        Discounted costs and QALYs are enough to compare strategies. Severity also needs
        ``qaly_undiscounted``; a cost per life year needs ``life_years``.

        Raises
        ------
        ResultError
            Shapes that differ, repeated strategies, NaN or infinite values.

        Examples
        --------
        >>> out = Outcomes.from_arrays(["old", "new"], cost=[[1e5], [4e5]], qaly=[[7], [8]])
        >>> out, out.life_years
        (Outcomes(2 strategies x 1 draws: old, new), None)
        """
        names = (strategies,) if isinstance(strategies, str) else tuple(strategies)
        first = _own("cost", cost, names)

        def other(name: str, values: ArrayLike | None) -> Floats | None:
            return None if values is None else _own(name, values, names, like=first)

        undiscounted = other("cost_undiscounted", cost_undiscounted)
        return cls(
            strategies=names,
            cost_categories=("total",),
            cost_by_category=first[None],
            cost_by_category_undiscounted=None if undiscounted is None else undiscounted[None],
            qaly=_own("qaly", qaly, names, like=first),
            qaly_undiscounted=other("qaly_undiscounted", qaly_undiscounted),
            life_years=other("life_years", life_years),
            life_years_undiscounted=other("life_years_undiscounted", life_years_undiscounted),
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
        """One row per strategy and draw, with a column per cost category and array given."""
        import pandas as pd

        totals = {name: getattr(self, name) for name in _TOTALS}
        columns: dict[str, Floats] = {k: v for k, v in totals.items() if v is not None}
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


def _own(
    name: str, values: ArrayLike, strategies: tuple[str, ...], *, like: Floats | None = None
) -> Floats:
    try:
        array = np.array(np.atleast_2d(values), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ResultError(
            f"{name} is not an array of numbers",
            expected="shape (strategy, draw)",
            found=repr(values),
        ) from error
    if array.ndim != 2 or array.shape[0] != len(strategies) or array.shape[1] == 0:
        raise ResultError(
            f"{name} has the wrong shape",
            expected=f"(strategy, draw), here ({len(strategies)}, draws)",
            found=np.shape(values),
            remedy="Give one row per strategy, each holding its draws.",
        )
    if like is not None:
        _check_shape(name, array, like.shape)
    _refuse_nan(name, array, strategies)
    return array


def _check_shape(name: str, array: Floats, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ResultError(f"{name} has the wrong shape", expected=shape, found=array.shape)


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
