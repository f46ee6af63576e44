"""Two-way sensitivity: two parameters over a grid, the rest at the base case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.arrays import array_of_numbers
from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import ParameterError
from prioritering.frozen import Frozen
from prioritering.parameters import Parameters
from prioritering.psa.sensitivity.batch import Comparison, Floats, Question, Runs, run_batch
from prioritering.psa.sensitivity.moves import draws_of, find_number, point_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline


@dataclass(frozen=True, repr=False, eq=False)
class TwoWay(Frozen, Shown):
    """Net benefit over a grid of two parameters.

    Attributes
    ----------
    reference, option, wtp
        What is compared, and the willingness to pay per QALY.
    strategies
        All strategies of the model, for ``preferred``.
    x, y, units
        Names of the two numbers, and their units.
    x_values, y_values
        The grid, shapes (x,) and (y,).
    base_values
        Both numbers in the base case.
    base
        The base case.
    incremental_cost, incremental_qaly, nmb
        Option against reference, shape (y, x).
    preferred
        Position of the strategy of highest net monetary benefit among all, shape (y, x);
        the first of them when they are equal.
    """

    reference: str
    option: str
    wtp: float
    strategies: tuple[str, ...]
    x: str
    y: str
    units: tuple[str, str]
    x_values: Floats
    y_values: Floats
    base_values: tuple[float, float]
    base: Comparison
    incremental_cost: Floats
    incremental_qaly: Floats
    nmb: Floats
    preferred: NDArray[np.int64]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def decision_changes(self) -> bool:
        """Whether the sign of net monetary benefit differs anywhere on the grid."""
        return bool(np.ptp(np.sign(self.nmb)))

    def to_frame(self) -> pd.DataFrame:
        """One row per point of the grid: both values, increments, net benefit, preferred."""
        import pandas as pd

        x, y = np.meshgrid(self.x_values, self.y_values)
        return pd.DataFrame(
            {
                self.x: x.ravel(),
                self.y: y.ravel(),
                "incremental_cost": self.incremental_cost.ravel(),
                "incremental_qaly": self.incremental_qaly.ravel(),
                "nmb": self.nmb.ravel(),
                "preferred": [self.strategies[i] for i in self.preferred.ravel()],
            }
        )

    def table(self, language: str = "en") -> pd.DataFrame:
        """Net benefit over the grid, ``y`` down and ``x`` across, rounded and labelled."""
        from prioritering.report.tables.sensitivity import two_way_table

        return two_way_table(self, language=language)

    def plot(self, show: str = "nmb", ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Map of net benefit with the decision boundary; ``"preferred"`` maps the best strategy."""
        from prioritering.report.figures.sensitivity_grid import plot_two_way

        return plot_two_way(self, show, ax, language=language)

    def __repr__(self) -> str:
        n = f"{self.y_values.size} x {self.x_values.size}"
        return f"TwoWay({self.y} by {self.x}, {n}, {self.option!r} against {self.reference!r})"


def two_way(
    model: Runs,
    *,
    params: Parameters,
    rules: Guideline | None = None,
    reference: str,
    option: str | None = None,
    wtp: float,
    x: str,
    y: str,
    x_values: ArrayLike,
    y_values: ArrayLike,
    **run_options: Any,
) -> TwoWay:
    """Run a grid of two parameters as one batch, the rest at the base case.

    Parameters
    ----------
    x, y
        Names of two single numbers, fixed ones included; components such as ``"p_A.B"`` move
        as in :func:`one_way`, one of each joint parameter at most.
    x_values, y_values
        Two values or more each, finite and rising. A value the parameter cannot have goes to
        the model, which says so.

    Other parameters are those of :func:`one_way`.

    Raises
    ------
    ParameterError
        The same number twice, two components of one joint parameter, values that do not rise,
        or a single value.
    UnknownNameError, ResultError
        As :func:`one_way`.
    """
    across, down = find_number(params, x), find_number(params, y)
    if across == down:
        raise ParameterError(
            "both axes are the same number", expected="two different names", found=repr(x)
        )
    limit = checked_wtp(wtp)
    columns, rows = grid_values("x_values", x_values), grid_values("y_values", y_values)
    pairs = [(float(a), float(b)) for b in rows for a in columns]
    points = [point_of(params, {across: a, down: b}) for a, b in pairs]
    labels = [f"{x} {a:g}, {y} {b:g}" for a, b in pairs]
    batch = run_batch(
        model,
        draws_of(params, [{}, *points]),
        ["base case", *labels],
        question=Question(reference, option, limit),
        rules=rules,
        options=run_options,
    )
    shape = (rows.size, columns.size)
    every = limit * batch.outcomes.qaly - batch.outcomes.cost
    return TwoWay(
        reference=reference,
        option=batch.option,
        wtp=limit,
        strategies=batch.outcomes.strategies,
        x=x,
        y=y,
        units=(across.unit, down.unit),
        x_values=columns,
        y_values=rows,
        base_values=(across.base, down.base),
        base=batch.at(0),
        incremental_cost=batch.cost[1:].reshape(shape),
        incremental_qaly=batch.qaly[1:].reshape(shape),
        nmb=batch.nmb[1:].reshape(shape),
        preferred=every[:, 1:].argmax(axis=0).reshape(shape),
        provenance=batch.outcomes.provenance,
    )


def grid_values(what: str, values: ArrayLike) -> Floats:
    """Two finite values or more, in rising order; anything else is refused."""
    try:
        array = array_of_numbers(values)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    good = array.ndim == 1 and array.size > 1 and np.isfinite(array).all()
    if not good or not (np.diff(array) > 0).all():
        raise ParameterError(
            f"{what} make no grid",
            expected="two finite values or more, each above the one before",
            found=repr(values),
        )
    return array
