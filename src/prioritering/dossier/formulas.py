"""Numbers and expressions of a case, compiled once and evaluated on draws and time.

Everything here is a plain frozen object, so that a model can be sent to other processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.dossier.faults import at_place, placed
from prioritering.errors import ExpressionError, ModelError
from prioritering.models import priced

if TYPE_CHECKING:
    from prioritering.models import Time
    from prioritering.parameters import Draws, Expression

Floats = NDArray[np.float64]
Where = Mapping[str, object]

TIME_NAMES: Mapping[str, str] = {
    "age": "age",
    "cycle": "cycle",
    "time": "start",
    "time_mid": "mid",
    "time_end": "end",
    "mortality": "mortality",
    "mortality_rate": "mortality_rate",
    "norm": "norm",
}
"""Names that vary by cycle, and the attribute of ``Time`` behind each."""

CYCLE_LENGTH, STRATEGY = "cycle_length", "strategy"
"""Names that are the same in every cycle."""

BUILT_IN = (*TIME_NAMES, CYCLE_LENGTH, STRATEGY)
"""Names every expression may use."""


@dataclass(frozen=True)
class Formula:
    """A number or an expression for each strategy, and where it stands in the case file."""

    by_strategy: Mapping[str, Expression | float]
    where: Where

    @property
    def names(self) -> frozenset[str]:
        """Names any strategy's expression uses, a component as ``"p_A.B"``."""
        used: frozenset[str] = frozenset()
        for part in self.by_strategy.values():
            used |= frozenset() if isinstance(part, float) else part.names
        return used

    def value(self, scope: Scope) -> float | Floats:
        """Value for the scope's strategy: (), (draws,), (cycles, 1) or (cycles, draws)."""
        part = self.by_strategy[scope.strategy]
        if isinstance(part, float):
            return part
        try:
            return part.evaluate(scope)
        except ExpressionError as error:
            where = {**self.where, "strategy": repr(scope.strategy)}
            raise at_place(_by_cycle_and_draw(error), where) from error


def _by_cycle_and_draw(error: ExpressionError) -> ExpressionError:
    """Name the axes of the position an expression failed at."""
    where = dict(error.where)
    index = where.pop("index", ())
    if isinstance(index, tuple):
        where |= dict(zip(("cycle", "draw in chunk"), index, strict=False))
    else:
        where["draw in chunk"] = index
    return ExpressionError(
        error.problem,
        expected=error.expected,
        found=error.found,
        where=where,
        remedy=error.remedy,
    )


@dataclass(frozen=True)
class StepTable:
    """A column of a CSV, read at the age or time at the start of each cycle.

    Each row holds from its key to the next one's; the last for as long as the one before it.
    """

    by: str
    keys: Floats
    values: Floats
    where: Where

    def at(self, time: Time) -> Floats:
        """Value in every cycle, shape (cycles, 1)."""
        x = time.age if self.by == "age" else time.start
        end = self.keys[-1] + (self.keys[-1] - self.keys[-2])
        outside = (x < self.keys[0]) | (x >= end)
        if outside.any():
            raise ModelError(
                "the model reaches outside a table",
                expected=f"{self.by} from {self.keys[0]:g} to below {end:g}",
                found=f"{float(x[outside][0]):g} ({int(outside.sum())} cycles outside)",
                where=self.where,
                remedy="Add rows to the CSV, or shorten the horizon.",
            )
        return np.asarray(self.values[np.searchsorted(self.keys, x, side="right") - 1])


@dataclass(frozen=True)
class Program:
    """The named values and tables that expressions may use beside parameters and time."""

    values: Mapping[str, Formula]
    tables: Mapping[str, StepTable]


class Scope(Mapping[str, Any]):
    """What a name means for one strategy and chunk of draws; values are computed when used."""

    def __init__(self, program: Program, draws: Draws, strategy: str, time: Time) -> None:
        self.strategy = strategy
        self._program, self._draws, self._time = program, draws, time
        self._known: dict[str, Any] = {STRATEGY: strategy, CYCLE_LENGTH: time.cycle_length}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return any(name in names for names in self._sources())

    def __iter__(self) -> Iterator[str]:
        for names in self._sources():
            yield from names

    def __len__(self) -> int:
        return sum(len(names) for names in self._sources())

    def _sources(self) -> tuple[Any, ...]:
        return self._draws, self._program.values, self._program.tables, BUILT_IN

    def _find(self, name: str) -> Any:
        if name in self._program.values:
            return self._program.values[name].value(self)
        if name in self._program.tables:
            return self._program.tables[name].at(self._time)
        if name in TIME_NAMES:
            return getattr(self._time, TIME_NAMES[name])
        return self._draws[name]


@dataclass(frozen=True)
class Formulas:
    """A model's function: ``f(p, strategy, t)`` gives every formula's value under its key."""

    program: Program
    entries: Mapping[Any, Formula]

    def __call__(self, p: Draws, strategy: str, t: Time) -> dict[Any, float | Floats]:
        """Evaluate for one strategy."""
        scope = Scope(self.program, p, strategy, t)
        return {key: formula.value(scope) for key, formula in self.entries.items()}


ByName = Mapping[str, Mapping[Any, Formula]]
"""Formulas by category or resource, and key."""


@dataclass(frozen=True)
class ResourceFormulas:
    """A model's function of resources: amounts by resource and key."""

    program: Program
    resources: ByName

    def __call__(self, p: Draws, strategy: str, t: Time) -> dict[str, dict[Any, float | Floats]]:
        """Evaluate for one strategy."""
        return _values(self.resources, Scope(self.program, p, strategy, t))


@dataclass(frozen=True)
class CostFormulas:
    """A model's cost function: values by category and key, and priced resources after them.

    ``bought`` holds the amounts of the resources that ``prices`` names.
    """

    program: Program
    categories: ByName
    bought: ByName = field(default_factory=dict)
    prices: Mapping[str, Formula] = field(default_factory=dict)

    def __call__(self, p: Draws, strategy: str, t: Time) -> dict[str, dict[Any, float | Floats]]:
        """Evaluate for one strategy."""
        scope = Scope(self.program, p, strategy, t)
        costs: dict[str, dict[Any, Any]] = _values(self.categories, scope)
        for name, price in self.prices.items():
            used = _values({name: self.bought[name]}, scope)
            with placed({**price.where, "strategy": repr(strategy)}):
                costs |= priced(used, prices={name: price.value(scope)})
        return costs


def _values(formulas: ByName, scope: Scope) -> dict[str, dict[Any, float | Floats]]:
    return {
        name: {key: formula.value(scope) for key, formula in entries.items()}
        for name, entries in formulas.items()
    }
