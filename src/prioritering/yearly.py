"""What happens to a patient year by year: undiscounted costs and resource use, for budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.arrays import check_shape, own_arrays, refuse_nan
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.plural import plural
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

_AXES = ("strategy", "draw", "year")


@dataclass(frozen=True, repr=False, eq=False)
class YearlyOutcomes(Frozen, Shown):
    """Undiscounted totals per patient in each year since the patient's own start.

    Attributes
    ----------
    strategies, cost_categories, resources
        Axis labels.
    cost_by_category
        Shape (category, strategy, draw, year), in the currency of the inputs.
    resource_use
        Natural units such as visits or hours, shape (resource, strategy, draw, year);
        ``None`` where none were counted.
    provenance
        What stands behind the numbers.
    """

    strategies: tuple[str, ...]
    cost_categories: tuple[str, ...]
    cost_by_category: Floats
    resources: tuple[str, ...] = ()
    resource_use: Floats | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        shape = (len(self.strategies), *self.cost_by_category.shape[-2:])
        if len(set(self.strategies)) != len(self.strategies):
            raise ResultError(
                "strategies named twice", expected="unique names", found=self.strategies
            )
        for name, labels in (
            ("cost_by_category", "cost_categories"),
            ("resource_use", "resources"),
        ):
            array = getattr(self, name)
            if array is not None:
                check_shape(name, array, (len(getattr(self, labels)), *shape))
                refuse_nan(name, array, self.strategies, year=True)

    @classmethod
    def from_arrays(
        cls,
        strategies: Sequence[str],
        *,
        cost: ArrayLike | Mapping[str, ArrayLike],
        resource_use: Mapping[str, ArrayLike] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> YearlyOutcomes:
        """Take yearly figures of any program; every array has shape (strategy, draw, year).

        Raises
        ------
        ResultError
            Shapes that differ, repeated strategies, NaN or infinite values.

        Examples
        --------
        >>> yearly = YearlyOutcomes.from_arrays(
        ...     ["old", "new"], cost={"drug": [[[0.0, 0.0]], [[9e4, 3e4]]]}
        ... )
        >>> yearly, yearly.cost[1, 0]
        (YearlyOutcomes(2 strategies x 1 draw x 2 years: old, new), array([90000., 30000.]))
        """
        names = (strategies,) if isinstance(strategies, str) else tuple(strategies)
        costs = own_arrays("cost", cost, names, axes=_AXES)
        shape = next(iter(costs.values())).shape
        uses = (
            own_arrays("resource_use", resource_use, names, like=shape, axes=_AXES)
            if resource_use
            else {}
        )
        return cls(
            strategies=names,
            cost_categories=tuple(costs),
            cost_by_category=np.array(list(costs.values())),
            resources=tuple(uses),
            resource_use=np.array(list(uses.values())) if uses else None,
            provenance=dict(provenance or {"source": "arrays given by the user"}),
        )

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.cost_by_category.shape[-2])

    @property
    def n_years(self) -> int:
        """Number of years, each counted from the patient's start."""
        return int(self.cost_by_category.shape[-1])

    @property
    def cost(self) -> Floats:
        """Cost over all categories, shape (strategy, draw, year)."""
        return np.asarray(self.cost_by_category.sum(axis=0))

    def index(self, strategy: str) -> int:
        """Position of a strategy; an unknown name is an error."""
        if strategy not in self.strategies:
            raise unknown_name("strategy", strategy, self.strategies)
        return self.strategies.index(strategy)

    def to_frame(self) -> pd.DataFrame:
        """Long table: quantity ("cost" or "resource"), name, strategy, draw, year from 1, value."""
        import pandas as pd

        parts = []
        for quantity, names, array in (
            ("cost", self.cost_categories, self.cost_by_category),
            ("resource", self.resources, self.resource_use),
        ):
            if array is not None:
                index = pd.MultiIndex.from_product(
                    [
                        [quantity],
                        names,
                        self.strategies,
                        range(self.n_draws),
                        range(1, self.n_years + 1),
                    ],
                    names=["quantity", "name", "strategy", "draw", "year"],
                )
                parts.append(pd.DataFrame({"value": array.ravel()}, index=index).reset_index())
        return pd.concat(parts, ignore_index=True)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Means over draws by year, rounded and labelled for a report."""
        from prioritering.report.tables.costing import yearly_table

        return yearly_table(self, language=language)

    def __repr__(self) -> str:
        sizes = (
            plural(len(self.strategies), "strategy", "strategies"),
            plural(self.n_draws, "draw"),
            plural(self.n_years, "year"),
        )
        return f"YearlyOutcomes({' x '.join(sizes)}: {', '.join(self.strategies)})"
