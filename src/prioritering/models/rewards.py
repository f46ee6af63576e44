"""Costs, QALYs and resource use as linear terms of the cohort's occupancy and flows.

A reward is keyed by what earns it:

- a state (or, in a partitioned model, a duration): an amount per year spent there;
- ``(from, to)``: a one-off amount per transition of a Markov model;
- ``entry(state)``: a one-off amount on entering a state from another;
- ``leaving(endpoint)``: a one-off amount on leaving a partitioned model's endpoint;
- ``at_start``: a one-off amount for everyone at time zero.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from prioritering.conventions import CycleCorrection, Discounting
from prioritering.errors import ModelError
from prioritering.models.engine.layout import (
    TILE,
    Floats,
    FlowTerms,
    Ints,
    NodeTerms,
    SlotTerms,
    Totals,
)
from prioritering.models.values import Shape, Slots, Value, as_mapping, as_value

Quantity = Literal["cost", "qaly", "life_years", "resource"]
QALY, LIFE_YEARS = "qaly", "life_years"


@dataclass(frozen=True)
class entry:  # noqa: N801 - reads as a word in a user's mapping
    """Key of a one-off reward paid on entering ``state`` from another state."""

    state: str


@dataclass(frozen=True)
class leaving:  # noqa: N801 - reads as a word in a user's mapping
    """Key of a one-off reward paid on leaving ``endpoint`` (a drop of its curve)."""

    endpoint: str


@dataclass(frozen=True)
class _AtStart:
    def __repr__(self) -> str:
        return "at_start"


at_start = _AtStart()
"""Key of a one-off reward for everyone at time zero, never discounted."""


@dataclass(frozen=True)
class Weights:
    """Years per unit of start and end occupancy (cycles, 2), and per event (cycles,).

    Index 0 is discounted, index 1 is not. ``at_start`` is the share of what is paid at time
    zero: 1, or 0 where only a later part of the run counts.
    """

    cost: tuple[Floats, Floats]
    qaly: tuple[Floats, Floats]
    life_years: tuple[Floats, Floats]
    cost_event: tuple[Floats, Floats]
    qaly_event: tuple[Floats, Floats]
    at_start: float = 1.0

    def of(self, quantity: Quantity) -> tuple[Floats, Floats]:
        """Occupancy weights of a quantity; a resource counts as costs do."""
        return {"qaly": self.qaly, "life_years": self.life_years}.get(quantity, self.cost)

    def event(self, quantity: Quantity) -> tuple[Floats, Floats]:
        """Event weights of a quantity."""
        return self.qaly_event if quantity == "qaly" else self.cost_event


def make_weights(
    correction: CycleCorrection,
    costs: Discounting,
    effects: Discounting,
    age_multiplier: Floats,
    n_cycles: int,
    cycle_years: float,
) -> Weights:
    """Evaluate the conventions once for a run."""
    plain = correction.weights(n_cycles) * cycle_years
    cost = correction.discounted(costs, n_cycles, cycle_years)
    life = cost if effects == costs else correction.discounted(effects, n_cycles, cycle_years)
    ones = np.ones(n_cycles)
    adjusted = age_multiplier[:, None]
    unadjusted = bool((age_multiplier == 1.0).all())
    return Weights(
        cost=(cost, plain),
        qaly=(life, plain) if unadjusted else (life * adjusted, plain * adjusted),
        life_years=(life, plain),
        cost_event=(costs.cycle_factors(n_cycles, cycle_years)[2], ones),
        qaly_event=(effects.cycle_factors(n_cycles, cycle_years)[2], ones),
    )


@dataclass(frozen=True)
class Reward:
    """One entry of a user's costs, utilities or resources."""

    quantity: Quantity
    category: str
    key: Hashable
    raw: object
    value: Value
    where: Mapping[str, object]

    @property
    def indices(self) -> tuple[int, ...]:
        """Which totals it is paid into: discounted (0) and not (1); resources only the latter."""
        return (1,) if self.quantity == "resource" else (0, 1)


def read_rewards(costs: object, utilities: object, shape: Shape, strategy: str) -> Iterator[Reward]:
    """Flatten what the user's functions returned for one strategy."""
    where = {"strategy": repr(strategy)}
    by_category = as_mapping(costs, "costs", where)
    nested = [isinstance(v, Mapping) for v in by_category.values()]
    if any(nested) and not all(nested):
        raise ModelError(
            "costs mix categories and plain values",
            expected="{category: {state: value}} or {state: value}",
            found=list(by_category),
            where=where,
        )
    for category, entries in (by_category if any(nested) else {"total": by_category}).items():
        for key, raw in entries.items():
            place = {**where, "cost category": repr(category), "key": repr(key)}
            yield Reward("cost", str(category), key, raw, as_value(raw, shape, place), place)
    for key, raw in as_mapping(utilities, "utilities", where).items():
        place = {**where, "utility of": repr(key)}
        yield Reward("qaly", QALY, key, raw, as_value(raw, shape, place), place)


def read_resources(resources: object, shape: Shape, strategy: str) -> Iterator[Reward]:
    """Flatten what the user's function of resources returned for one strategy."""
    where = {"strategy": repr(strategy)}
    for name, entries in as_mapping(resources, "resources", where).items():
        what = {**where, "resource": repr(name)}
        for key, raw in as_mapping(entries, f"the resource {name!r}", what).items():
            place = {**what, "key": repr(key)}
            value = as_value(raw, shape, place)
            if value.array.min() < 0:
                raise ModelError(
                    "a resource is used a negative number of times",
                    expected="amounts of 0 or more, in natural units",
                    found=float(value.array.min()),
                    where=place,
                    remedy="A saving shows when strategies are compared.",
                )
            yield Reward("resource", str(name), key, raw, value, place)


def check_utilities(
    rewards: Sequence[Reward], living: Sequence[str], dead: Sequence[str], strategy: str
) -> None:
    """Every living state has a utility, and no dead state has one other than zero."""
    given = {reward.key: reward for reward in rewards if reward.quantity == QALY}
    missing = [s for s in living if s not in given]
    if missing:
        raise ModelError(
            "a living state has no utility",
            expected=f"a utility for each of {', '.join(map(repr, living))}",
            found=f"none for {', '.join(map(repr, missing))}",
            where={"strategy": repr(strategy)},
        )
    for state in dead:
        if state in given and np.any(given[state].value.array != 0):
            raise ModelError(
                "a dead state has a utility",
                expected="0, or nothing at all",
                found=given[state].raw,
                where={"strategy": repr(strategy), "state": repr(state)},
            )


def odd_utilities(rewards: Sequence[Reward], living: Sequence[str], n: int) -> dict[str, int]:
    """Count draws, of ``n``, in which a state's utility lies outside [-1, 1]."""
    counts = {}
    for reward in rewards:
        if reward.quantity != QALY or reward.key not in living:
            continue
        outside = np.abs(reward.value.array) > 1.0
        if outside.any():
            text = f"the utility of {reward.key!r} is outside [-1, 1]"
            counts[text] = int(outside.any(axis=0).sum()) if reward.value.by_draw else n
    return counts


@dataclass
class Terms:
    """Node, slot and flow terms of one strategy, deduplicated, and where they are paid.

    A sink ``(quantity, category, discounted index, form, term, scale)`` adds ``scale`` times
    the term's accumulated value to its total.
    """

    slots: Slots
    rows: list[Floats] = field(default_factory=list)
    row_of: dict[int, int] = field(default_factory=dict)
    nodes: dict[tuple[int, int], int] = field(default_factory=dict)
    slot_rows: list[Floats] = field(default_factory=list)
    slot_keys: list[tuple[int, int, int]] = field(default_factory=list)
    flow_rows: list[Floats] = field(default_factory=list)
    flow_keys: list[tuple[int, int, int]] = field(default_factory=list)
    sinks: list[tuple[Quantity, str, int, str, int, Floats | float]] = field(default_factory=list)
    constants: list[tuple[Quantity, str, Floats | float]] = field(default_factory=list)
    categories: dict[tuple[Quantity, str], None] = field(default_factory=dict)

    def note_category(self, reward: Reward) -> None:
        """Keep a cost category or resource in the results even where it comes to nothing."""
        if reward.quantity != "qaly":
            self.categories[reward.quantity, reward.category] = None

    def pay_years(self, reward: Reward, state: int, weights: tuple[Floats, Floats]) -> None:
        """Pay a reward per year in ``state``."""
        value = reward.value
        for d in reward.indices:
            if value.by_cycle and value.by_draw:
                slot = self.slots.add_both(reward.raw, value)
                self._pay(reward, d, "slot", self._slot_term(state, slot, weights[d]), 1.0)
            elif value.by_cycle:
                varying = weights[d] * value.per_cycle[:, None]
                self._pay(reward, d, "node", self.node(state, varying), 1.0)
            else:
                self._pay(reward, d, "node", self.node(state, weights[d]), _scale(value))

    def pay_flow(self, reward: Reward, edge: int, weights: tuple[Floats, Floats]) -> None:
        """Pay a one-off reward on every move along ``edge``."""
        value = reward.value
        for d in reward.indices:
            slot, w, scale = -1, weights[d], 1.0 if value.by_cycle else _scale(value)
            if value.by_cycle and value.by_draw:
                slot = self.slots.add_both(reward.raw, value)
            elif value.by_cycle:
                w = w * value.per_cycle
            self.flow_rows.append(w)
            self.flow_keys.append((edge, slot, len(self.flow_rows) - 1))
            self._pay(reward, d, "flow", len(self.flow_keys) - 1, scale)

    def pay_drop(self, reward: Reward, states: range, weights: tuple[Floats, Floats]) -> None:
        """Pay a one-off reward per unit by which the sum of ``states`` falls in a cycle."""
        drop = tuple(np.column_stack([w, -w]) for w in weights)
        for state in states:
            self.pay_years(reward, state, (drop[0], drop[1]))

    def pay_at_start(self, reward: Reward, share: float) -> None:
        """Pay a ``share`` of a one-off reward to everyone at time zero."""
        if reward.value.by_cycle:
            raise ModelError(
                "a reward at the start varies by cycle",
                expected="one value, or one per draw",
                found=f"shape {reward.value.array.shape}",
                where=reward.where,
            )
        value = share * _scale(reward.value)
        self.constants.append((reward.quantity, reward.category, value))

    def node(self, state: int, weights: Floats) -> int:
        """Term of a state under occupancy weights (cycles, 2); the same pair is kept once."""
        row = self.row_of.get(id(weights))
        if row is None:
            row = self.row_of[id(weights)] = len(self.rows)
            self.rows.append(weights)
        return self.nodes.setdefault((state, row), len(self.nodes))

    def _slot_term(self, state: int, slot: int, weights: Floats) -> int:
        self.slot_rows.append(weights)
        self.slot_keys.append((state, slot, len(self.slot_rows) - 1))
        return len(self.slot_keys) - 1

    def _pay(self, reward: Reward, d: int, form: str, term: int, scale: Floats | float) -> None:
        self.sinks.append((reward.quantity, reward.category, d, form, term, scale))

    def node_terms(self) -> NodeTerms:
        """Node terms for the kernels."""
        n = self.slots.shape.n_cycles
        weight = np.zeros((len(self.rows), -(-(n + 1) // TILE) * TILE))
        for k, w in enumerate(self.rows):
            weight[k, :n] += w[:, 0]
            weight[k, 1 : n + 1] += w[:, 1]
        state, row = columns(list(self.nodes), 2)
        return NodeTerms(state, row, weight)

    def slot_terms(self) -> SlotTerms:
        """Slot terms for the kernels."""
        w = np.array(self.slot_rows).reshape(-1, self.slots.shape.n_cycles, 2)
        start, end = np.ascontiguousarray(w[:, :, 0]), np.ascontiguousarray(w[:, :, 1])
        state, slot, row = columns(self.slot_keys, 3)
        return SlotTerms(state, slot, row, start, end)

    def flow_terms(self) -> FlowTerms:
        """Flow terms for the kernels."""
        w = np.array(self.flow_rows).reshape(-1, self.slots.shape.n_cycles)
        move, slot, row = columns(self.flow_keys, 3)
        return FlowTerms(move, slot, row, w)

    def empty_totals(self) -> Totals:
        """Room for what the kernels accumulate."""
        padded = self.slots.shape.padded
        sizes = (len(self.nodes), len(self.slot_keys), len(self.flow_keys))
        return Totals(*(np.empty((size, padded)) for size in sizes))


def columns(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    """Rows of integers as contiguous columns, shape (width, rows)."""
    return np.ascontiguousarray(np.array(rows, dtype=np.int64).reshape(len(rows), width).T)


def _scale(value: Value) -> Floats | float:
    return value.array[0] if value.by_draw else float(value.array[0, 0])
