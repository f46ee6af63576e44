"""Cohort Markov models: states, allowed moves, and what time spent in a state earns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from prioritering.conventions import HALF_CYCLE, CycleCorrection
from prioritering.errors import ModelError, ProbabilityError, unknown_name
from prioritering.models.engine.layout import Floats, Moves, Stacks, Values
from prioritering.models.rewards import (
    Reward,
    Terms,
    Weights,
    at_start,
    columns,
    entry,
)
from prioritering.models.run import (
    ChunkTotals,
    add_up,
    pay_life_years,
)
from prioritering.models.shared import CohortModel, Job, read_all_rewards
from prioritering.models.time import AgeAdjustment, Duration, Time
from prioritering.models.values import Shape, Slots, as_mapping, as_value, call

if TYPE_CHECKING:
    from prioritering.parameters import Draws

_ROUNDING = 1e-12


@dataclass(frozen=True)
class MarkovModel(CohortModel):
    """A cohort that moves between states along allowed moves, once per cycle.

    Parameters
    ----------
    states, strategies
        Names. The cohort starts in the first state unless ``initial`` says otherwise.
    cycle, horizon
        Lengths of time; the horizon must be a whole number of cycles.
    transitions
        ``f(p, strategy, t) -> {(from, to): probability}``; staying is the complement. Values
        have shape (), (draws,), (cycles, 1) or (cycles, draws). A mapping serves when nothing
        varies.
    costs
        ``f(p, strategy, t) -> {category: {key: amount}}`` or ``{key: amount}``. A state as key
        is an amount per year; ``(from, to)`` and ``pr.entry(state)`` are one-off amounts per
        move; ``pr.at_start`` is paid once at time zero.
    utilities
        ``f(p, strategy, t) -> {key: value}`` with the same keys: a utility for every living
        state, one-off QALYs for moves.
    age
        Age at the start, needed for mortality and norms by age.
    initial
        ``{state: share}`` or ``f(p, strategy, t)`` returning it; shares sum to one.
    dead
        Names of the states in which nobody is alive.
    kind
        ``"probabilities"`` per cycle, or ``"rates"`` per year: then each cycle applies the
        matrix exponential of the rate matrix exactly (by uniformisation).
    correction
        How occupancy at cycle boundaries becomes time.
    age_adjustment
        Multiplicative age adjustment of utilities, none by default.
    sex
        Life table used for ``t.mortality``: ``"pooled"``, ``"male"`` or ``"female"``.
    resources
        ``f(p, strategy, t) -> {resource: {key: amount}}`` with the keys of ``costs`` and
        amounts of 0 or more in natural units, such as nurse hours: per year in a state, or
        per event. They add up, undiscounted, in ``outcomes.resource_use``.

    Raises
    ------
    ModelError
        A description that does not hold together: see each message.
    """

    states: tuple[str, ...]
    strategies: tuple[str, ...]
    cycle: Duration
    horizon: Duration
    transitions: Callable[..., Mapping[tuple[str, str], object]] | Mapping[tuple[str, str], object]
    costs: Callable[..., Mapping[Any, object]] | Mapping[Any, object]
    utilities: Callable[..., Mapping[Any, object]] | Mapping[Any, object]
    age: float | None = None
    initial: Callable[..., Mapping[str, object]] | Mapping[str, object] | None = None
    dead: tuple[str, ...] = ("dead",)
    kind: Literal["probabilities", "rates"] = "probabilities"
    correction: CycleCorrection = HALF_CYCLE
    age_adjustment: AgeAdjustment | None = None
    sex: Literal["pooled", "male", "female"] = "pooled"
    resources: Callable[..., Mapping[str, object]] | Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        self._check("states", "strategies", "dead")
        for state in self.dead:
            if state not in self.states:
                raise unknown_name("dead state", state, self.states, where={"argument": "dead"})
        if self.kind not in ("probabilities", "rates"):
            raise ModelError(
                "unknown kind of transitions",
                expected="'probabilities' or 'rates'",
                found=repr(self.kind),
            )

    @cached_property
    def alive(self) -> tuple[str, ...]:
        """States in which people are alive."""
        return tuple(s for s in self.states if s not in self.dead)

    @property
    def rows(self) -> tuple[str, ...]:
        """What occupancy is kept for: the states."""
        return self.states

    def _describe(self) -> tuple[str, dict[str, Any]]:
        return f"cohort Markov, {self.kind}", {}

    def _run_strategy(self, strategy: str, job: Job) -> ChunkTotals:
        return _run_strategy(self, strategy, job)


def _run_strategy(model: MarkovModel, strategy: str, job: Job) -> ChunkTotals:
    from prioritering.models.engine.cohort import run_markov

    time, draws, shape, weights = job.time, job.draws, job.shape, job.weights

    slots = Slots(shape)
    edges = _read_edges(model, strategy, call(model.transitions, draws, strategy, time), slots)
    terms = Terms(slots)
    rewards, odd = read_all_rewards(model, strategy, job, dead=model.dead)
    for reward in rewards:
        _pay(model, reward, edges, terms, weights)
    alive = [model.states.index(s) for s in model.alive]
    pay_life_years(terms, alive, weights)
    years = [terms.node(s, weights.life_years[1]) for s in range(len(model.states))]

    stacks = slots.stacks()
    _check_moves(model, strategy, edges, stacks, shape)
    out = terms.empty_totals()
    n_kept = model.n_cycles + 1 if job.settings.keep_trace else 0
    trace = np.empty((n_kept, len(model.states), shape.padded))
    run_markov(
        _initial(model, strategy, draws, time, shape),
        edges.moves,
        edges.values,
        stacks,
        model.kind == "rates",
        model.cycle.years,
        terms.node_terms(),
        terms.slot_terms(),
        terms.flow_terms(),
        out,
        trace,
    )
    totals = add_up(terms, out, shape)
    totals.oddities = odd | dict.fromkeys(_odd_moves(model, edges, rewards), shape.n_draws)
    totals.state_years = out.node[years, : shape.n_draws].T
    if job.settings.keep_trace:
        totals.trace = trace[:, :, : shape.n_draws].transpose(2, 0, 1)
    return totals


@dataclass(frozen=True)
class _Edges:
    """Allowed moves, their names and their values."""

    names: tuple[tuple[str, str], ...]
    moves: Moves
    values: Values


def _read_edges(model: MarkovModel, strategy: str, raw: object, slots: Slots) -> _Edges:
    index = {s: k for k, s in enumerate(model.states)}
    rows: list[tuple[int, int, int, int, bool]] = []
    for key, value in as_mapping(raw, "transitions", {"strategy": repr(strategy)}).items():
        where = {"strategy": repr(strategy), "move": repr(key)}
        if not (isinstance(key, tuple) and len(key) == 2):
            raise ModelError(
                "a move is not a pair of states",
                expected="(from, to)",
                found=repr(key),
                where=where,
            )
        for state in key:
            if state not in index:
                raise unknown_name("state", state, model.states, where=where)
        if key[0] == key[1]:
            raise ModelError(
                "a move from a state to itself",
                expected="moves between two states; staying is the complement",
                found=repr(key),
                where=where,
                remedy="Leave it out.",
            )
        number = as_value(value, slots.shape, where, finite=False)
        kind, slot = slots.add(value, number)
        rows.append((index[key[0]], index[key[1]], kind, slot, number.by_cycle))
    rows.sort()
    names = tuple((model.states[row[0]], model.states[row[1]]) for row in rows)
    return _Edges(names, *_arrange(rows, len(model.states)))


def _arrange(rows: list[tuple[int, int, int, int, bool]], n_states: int) -> tuple[Moves, Values]:
    """Index moves by the states they leave and enter, and list each value once."""
    known = {(kind, slot): by_cycle for _, _, kind, slot, by_cycle in rows}
    number = {place: v for v, place in enumerate(known)}
    kind, slot = columns(list(known), 2)
    changes = np.array(list(known.values()), dtype=np.int64)
    triples = [(a, b, number[k, s]) for a, b, k, s, _ in rows]
    source, target, value = columns(triples, 3)
    states = np.arange(n_states + 1)
    first = np.searchsorted(source, states)
    into = np.argsort(target, kind="stable")
    arrive = np.searchsorted(target[into], states)
    varies = np.zeros(n_states, dtype=np.int64)
    varies[source[changes[value] == 1]] = 1
    return Moves(source, target, value, first, into, arrive, varies), Values(kind, slot, changes)


def _odd_moves(model: MarkovModel, edges: _Edges, rewards: list[Reward]) -> Iterator[str]:
    for source, target in edges.names:
        if source in model.dead and target not in model.dead:
            yield f"the dead move from {source!r} to {target!r}"
    entered = {target for _, target in edges.names}
    for reward in rewards:
        if isinstance(reward.key, entry) and reward.key.state not in entered:
            yield f"nothing moves into {reward.key.state!r}, so {reward.key!r} is never paid"


def _check_moves(
    model: MarkovModel, strategy: str, edges: _Edges, stacks: Stacks, shape: Shape
) -> None:
    from prioritering.models.engine import cohort

    rates = model.kind == "rates"
    limit = cohort.LARGEST_RATE_PER_CYCLE / model.cycle.years if rates else 1.0 + _ROUNDING
    status = np.zeros(shape.padded, dtype=np.int64)
    place = np.zeros((2, shape.padded), dtype=np.int64)
    cohort.check_moves(edges.moves, edges.values, stacks, limit, status, place)
    if not status.any():
        return
    draw = int(np.flatnonzero(status)[0])
    state, cycle = int(place[0, draw]), int(place[1, draw])
    values = {
        edges.names[e]: _value_at(stacks, edges.values, int(edges.moves.value[e]), cycle, draw)
        for e in range(edges.moves.first[state], edges.moves.first[state + 1])
    }
    raise ProbabilityError(
        _FAULTS[int(status[draw])].format(what="rate" if rates else "probability"),
        expected=f"rates of 0 or more, together at most {limit:g} per year"
        if rates
        else "probabilities of 0 or more that sum to at most 1",
        found=", ".join(f"{a} -> {b}: {v:.6g}" for (a, b), v in values.items())
        + f" (sum {sum(values.values()):.12g})",
        where={
            "strategy": repr(strategy),
            "state": repr(model.states[state]),
            "cycle": cycle,
            "draw": shape.first_draw + draw,
            "draws affected in this chunk": int((status[: shape.n_draws] != 0).sum()),
        },
        remedy="Check the distribution or formula behind these moves; nothing is rescaled for you.",
    )


_FAULTS = {
    1: "a {what} below zero",
    2: "moves out of a state add up to too much",
    3: "a {what} that is not finite",
}


def _value_at(stacks: Stacks, values: Values, v: int, cycle: int, draw: int) -> float:
    kind, slot = int(values.kind[v]), int(values.slot[v])
    index = ((slot, cycle), (slot, draw), (slot, cycle, draw))[kind]
    return float(stacks[kind][index])


def _pay(model: MarkovModel, reward: Reward, edges: _Edges, terms: Terms, weights: Weights) -> None:
    key: Hashable = reward.key
    terms.note_category(reward)
    if key == at_start:
        terms.pay_at_start(reward, weights.at_start)
    elif isinstance(key, entry):
        _known_state(model, key.state, reward)
        for e, (_, target) in enumerate(edges.names):
            if target == key.state:
                terms.pay_flow(reward, e, weights.event(reward.quantity))
    elif isinstance(key, tuple):
        if key not in edges.names:
            raise unknown_name("move", key, map(str, edges.names), where=reward.where)
        terms.pay_flow(reward, edges.names.index(key), weights.event(reward.quantity))
    else:
        state = _known_state(model, key, reward)
        if np.any(reward.value.array != 0):
            terms.pay_years(reward, state, weights.of(reward.quantity))


def _known_state(model: MarkovModel, state: Hashable, reward: Reward) -> int:
    if state not in model.states:
        raise unknown_name("state", state, model.states, where=reward.where)
    return model.states.index(str(state))


def _initial(model: MarkovModel, strategy: str, draws: Draws, time: Time, shape: Shape) -> Floats:
    out = np.zeros((len(model.states), shape.padded))
    if model.initial is None:
        out[0] = 1.0
        return out
    where = {"strategy": repr(strategy), "argument": "initial"}
    for state, raw in as_mapping(
        call(model.initial, draws, strategy, time), "initial", where
    ).items():
        if state not in model.states:
            raise unknown_name("state", state, model.states, where=where)
        value = as_value(raw, shape, {**where, "state": repr(state)})
        if value.by_cycle or value.array.min() < 0:
            raise ModelError(
                "a starting share is not a share",
                expected="one number of 0 or more, or one per draw",
                found=value.array.min(),
                where={**where, "state": repr(state)},
            )
        out[model.states.index(state), : shape.n_draws] = value.array[0]
    total = out[:, : shape.n_draws].sum(axis=0)
    off = np.abs(total - 1.0) > _ROUNDING
    if off.any():
        draw = int(np.argmax(off))
        raise ModelError(
            "starting shares do not sum to one",
            expected=1,
            found=float(total[draw]),
            where={**where, "draw": shape.first_draw + draw},
        )
    return out
