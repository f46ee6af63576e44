"""What a user's functions return, sorted by how it varies and packed for the kernels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prioritering.errors import ModelError
from prioritering.models.engine.layout import LANES, Floats, Stacks


@dataclass(frozen=True)
class Shape:
    """Size of the chunk in hand; ``first_draw`` places its draws in the whole run."""

    n_cycles: int
    n_draws: int
    first_draw: int

    @property
    def padded(self) -> int:
        """Draws rounded up to whole blocks of lanes."""
        return -(-self.n_draws // LANES) * LANES


@dataclass(frozen=True)
class Value:
    """A number that is constant or varies by cycle, by draw or by both."""

    array: Floats
    by_cycle: bool
    by_draw: bool

    @property
    def per_cycle(self) -> Floats:
        """The value in every cycle, for one that does not vary by draw; shape (1,) or (cycles,)."""
        return self.array.reshape(-1)


def as_value(
    raw: object, shape: Shape, where: Mapping[str, object], *, finite: bool = True
) -> Value:
    """Sort ``raw`` by its shape: (), (draws,), (cycles, 1) or (cycles, draws).

    One dimension always means draws; no chunk has as many draws as there are cycles, so an
    array by cycle that lacks its second dimension is refused and never misread.

    Raises
    ------
    ModelError
        Not a number, a shape that fits neither, or a NaN or infinite value.
    """
    try:
        array = np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(
            "a value is not numeric", expected="a number or an array", found=repr(raw), where=where
        ) from error
    if array.ndim == 1 and array.shape[0] in (1, shape.n_draws):
        array = array[None, :]
    if array.ndim == 0:
        array = array[None, None]
    if (
        array.ndim != 2
        or array.shape[0] not in (1, shape.n_cycles)
        or array.shape[1] not in (1, shape.n_draws)
    ):
        raise ModelError(
            "a value has a shape that fits neither draws nor cycles",
            expected=f"(), ({shape.n_draws},) by draw, ({shape.n_cycles}, 1) by cycle, or "
            f"({shape.n_cycles}, {shape.n_draws})",
            found=np.shape(array),
            where=where,
            remedy="Arrays by draw come from p, which holds the draws of one chunk; arrays by "
            "cycle come from t (t.age, t.start, ...) and have shape (cycles, 1).",
        )
    if finite and not math.isfinite(float(array.sum())):
        _refuse_not_finite(array, shape, where)
    return Value(array, by_cycle=array.shape[0] > 1, by_draw=array.shape[1] > 1)


def as_mapping(raw: object, what: str, where: Mapping[str, object]) -> Mapping[Any, Any]:
    """Return ``raw`` if it is a mapping; otherwise say what was wanted."""
    if not isinstance(raw, Mapping):
        raise ModelError(
            f"{what} must be a mapping", expected="a dict", found=type(raw).__name__, where=where
        )
    return raw


def call(function: object, p: object, strategy: str, time: object) -> object:
    """Evaluate a user's function of (parameters, strategy, time); a mapping stands for itself."""
    return function(p, strategy, time) if callable(function) else function


@dataclass
class Slots:
    """Stacks of values for the kernels; the same array object is stored once."""

    shape: Shape
    cycle: list[Floats] = field(default_factory=list)
    draw: list[Floats] = field(default_factory=list)
    both: list[Floats] = field(default_factory=list)
    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    owners: list[object] = field(default_factory=list)

    def add(self, raw: object, value: Value) -> tuple[int, int]:
        """Store a value and return its kind and slot."""
        from prioritering.models.engine.cohort import BOTH, CYCLE, DRAW

        if value.by_cycle and value.by_draw:
            return BOTH, self.add_both(raw, value)
        if value.by_draw:
            return DRAW, self._store(self.draw, raw, value)
        return CYCLE, self._store(self.cycle, raw, value)

    def add_both(self, raw: object, value: Value) -> int:
        """Store a value in the (cycles, draws) stack."""
        return self._store(self.both, raw, value)

    def stacks(self) -> Stacks:
        """Return the stacks for the kernels, padded to whole lanes."""
        n, d, padded = self.shape.n_cycles, self.shape.n_draws, self.shape.padded
        per_cycle = np.zeros((max(len(self.cycle), 1), n))
        per_draw = np.zeros((len(self.draw), padded))
        per_both = np.empty((len(self.both), n, padded))
        for k, row in enumerate(self.cycle):
            per_cycle[k] = row[:, 0]
        for k, row in enumerate(self.draw):
            per_draw[k, :d] = row[0]
        for k, row in enumerate(self.both):
            per_both[k, :, :d] = row
            per_both[k, :, d:] = 0.0
        return Stacks(per_cycle, per_draw, per_both)

    def _store(self, stack: list[Floats], raw: object, value: Value) -> int:
        key = (id(stack), id(raw))
        if key not in self.seen:
            self.seen[key] = len(stack)
            self.owners.append(raw)
            stack.append(value.array)
        return self.seen[key]


def _refuse_not_finite(array: Floats, shape: Shape, where: Mapping[str, object]) -> None:
    bad = ~np.isfinite(array)
    if not bad.any():
        return
    cycle, draw = (int(i) for i in np.argwhere(bad)[0])
    place = dict(where)
    if array.shape[0] > 1:
        place["cycle"] = cycle
    if array.shape[1] > 1:
        place["draw"] = shape.first_draw + draw
    raise ModelError(
        "a value is not finite",
        expected="finite numbers only",
        found=array[cycle, draw],
        where=place,
        remedy="Look for a division by zero, a logarithm of zero or an overflow in its formula.",
    )
