"""Partitioned-survival models: nested survival curves split the cohort into states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from prioritering.conventions import HALF_CYCLE, CycleCorrection
from prioritering.errors import CurveError, ModelError, PrioriteringWarning, unknown_name
from prioritering.models.engine.layout import LANES, Floats, Ints, Totals
from prioritering.models.rewards import (
    Reward,
    Terms,
    Weights,
    at_start,
    entry,
    leaving,
)
from prioritering.models.run import (
    ChunkTotals,
    add_up,
    pay_life_years,
)
from prioritering.models.shared import CohortModel, Job, check_names, read_all_rewards
from prioritering.models.time import AgeAdjustment, Duration, Time
from prioritering.models.values import Shape, Slots, as_mapping
from prioritering.outcomes import Outcomes
from prioritering.plural import plural

if TYPE_CHECKING:
    from prioritering.survival import Curve

Crossing = Literal["raise", "cap", "report"]
_ROUNDING = 1e-12
_BLOCK_BYTES = 2**20
"""Size of one curve's survival (cycles + 1, draws) that is evaluated at a time."""


@dataclass(frozen=True)
class PartitionedModel(CohortModel):
    """A cohort split by nested survival curves, such as progression-free within overall.

    With endpoints ``E_1 <= E_2 <= ... <= E_N`` the states are occupied by ``E_1``,
    ``E_2 - E_1``, ..., ``1 - E_N``.

    Parameters
    ----------
    states
        N + 1 names, the last of them dead.
    endpoints
        N names of curves, from the innermost out; the last is overall survival.
    durations
        Names of further curves, each bounded by the last endpoint, such as time on
        treatment; costs may be keyed by them.
    curves
        ``f(p, strategy, t) -> {endpoint or duration: Curve}``; a duration may be ``None``:
        nobody, such as a drug's in the strategy without it.
    costs, utilities
        As for :class:`MarkovModel`, keyed by state, by duration, by ``pr.leaving(endpoint)``
        (one-off on leaving it), by ``pr.entry(dead state)`` or by ``pr.at_start``.
        ``resources`` take the same keys.
    crossing
        Where an inner curve lies above its outer one: ``"raise"`` an error; ``"cap"`` the
        inner at the outer; ``"report"`` leave both. The last two count the boundaries per
        draw in ``outcomes.diagnostics["crossings"]``, and those of each two curves that cross
        under ``"'inner' above 'outer'"``, and warn once.

    The remaining parameters are those of :class:`MarkovModel`.
    """

    states: tuple[str, ...]
    endpoints: tuple[str, ...]
    strategies: tuple[str, ...]
    cycle: Duration
    horizon: Duration
    curves: Callable[..., Mapping[str, Curve | None]]
    costs: Callable[..., Mapping[Any, object]] | Mapping[Any, object]
    utilities: Callable[..., Mapping[Any, object]] | Mapping[Any, object]
    age: float | None = None
    durations: tuple[str, ...] = ()
    crossing: Crossing = "raise"
    correction: CycleCorrection = HALF_CYCLE
    age_adjustment: AgeAdjustment | None = None
    sex: Literal["pooled", "male", "female"] = "pooled"
    resources: Callable[..., Mapping[str, object]] | Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        self._check("states", "endpoints", "strategies", "durations")
        check_names("curve", (*self.endpoints, *self.durations))
        if len(self.states) != len(self.endpoints) + 1:
            raise ModelError(
                "states and endpoints do not match",
                expected=f"{len(self.endpoints) + 1} states, the last one dead",
                found=self.states,
            )
        clash = set(self.states) & set(self.durations)
        if clash:
            raise ModelError(
                "a duration has the name of a state",
                expected="different names",
                found=sorted(clash),
            )
        if self.crossing not in ("raise", "cap", "report"):
            raise ModelError(
                "unknown crossing policy",
                expected="'raise', 'cap' or 'report'",
                found=repr(self.crossing),
            )

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """What occupancy is kept for: the states, then the durations."""
        return (*self.states, *self.durations)

    @cached_property
    def bounded(self) -> tuple[str, ...]:
        """Curves that another bounds: the endpoints but the last, then the durations."""
        return (*self.endpoints[:-1], *self.durations)

    def _describe(self) -> tuple[str, dict[str, Any]]:
        return "partitioned survival", {"crossing": self.crossing}

    def _run_strategy(self, strategy: str, job: Job) -> ChunkTotals:
        return _run_strategy(self, strategy, job)

    def _review(self, outcomes: Outcomes) -> None:
        _warn_of_crossings(self, outcomes)


def _run_strategy(model: PartitionedModel, strategy: str, job: Job) -> ChunkTotals:
    time, shape, weights = job.time, job.shape, job.weights
    terms = Terms(Slots(shape))
    curves = _given_curves(model, strategy, model.curves(job.draws, strategy, time), shape)
    rewards, odd = read_all_rewards(model, strategy, job, dead=model.states[-1:])
    for reward in rewards:
        _pay(model, reward, terms, weights)
    pay_life_years(terms, range(len(model.endpoints)), weights)
    years = [terms.node(s, weights.life_years[1]) for s in range(len(model.rows))]

    blocks = _blocks(curves, strategy, time, shape)
    found = _follow(model, blocks, terms, keep_trace=job.settings.keep_trace)
    if model.crossing == "raise":
        _refuse_crossing(model, strategy, curves, found.first[: shape.n_draws], time, shape)
    totals = add_up(terms, found.totals, shape)
    totals.oddities = odd
    totals.state_years = found.totals.node[years, : shape.n_draws].T
    totals.diagnostics = _counted(model, found.crossings[:, : shape.n_draws])
    if job.settings.keep_trace:
        kept = found.trace[:, : len(model.states), : shape.n_draws]
        totals.trace = kept.transpose(2, 0, 1)
    return totals


@dataclass(frozen=True)
class _Found:
    """What the kernel found: boundaries that cross by bounded curve and padded draw, the first."""

    totals: Totals
    trace: Floats
    crossings: Ints
    first: Ints


def _follow(
    model: PartitionedModel,
    blocks: Iterator[tuple[int, Floats]],
    terms: Terms,
    *,
    keep_trace: bool,
) -> _Found:
    from prioritering.models.engine.curves import run_partitioned

    padded = terms.slots.shape.padded
    n_kept = model.n_cycles + 1 if keep_trace else 0
    found = _Found(
        terms.empty_totals(),
        np.empty((n_kept, len(model.rows), padded)),
        np.zeros((len(model.bounded), padded), dtype=np.int64),
        np.full(padded, -1, dtype=np.int64),
    )
    both, node_terms, slot_terms = terms.slots.stacks().both, terms.node_terms(), terms.slot_terms()
    for start, survival in blocks:
        run_partitioned(
            survival,
            start,
            len(model.endpoints),
            model.crossing == "cap",
            _ROUNDING,
            both,
            node_terms,
            slot_terms,
            found.totals,
            found.trace,
            found.crossings,
            found.first,
        )
    return found


def _counted(model: PartitionedModel, crossings: Ints) -> dict[str, Floats]:
    """Boundaries that cross by draw: of all curves, and of each two that do."""
    by_pair = {
        _pair(model, name): counts
        for name, counts in zip(model.bounded, crossings, strict=True)
        if counts.any()
    }
    counted = {"crossings": crossings.sum(axis=0), **by_pair}
    return {name: counts.astype(np.float64) for name, counts in counted.items()}


def _pair(model: PartitionedModel, inner: str) -> str:
    """Name a curve that lies above the one that bounds it."""
    ends = model.endpoints
    outer = ends[ends.index(inner) + 1] if inner in ends else ends[-1]
    return f"{inner!r} above {outer!r}"


def _given_curves(
    model: PartitionedModel, strategy: str, raw: object, shape: Shape
) -> dict[str, Curve | None]:
    """Return the curves in order, endpoints first, each for one draw or all of the chunk."""
    from prioritering.survival import Curve

    wanted = (*model.endpoints, *model.durations)
    given = as_mapping(raw, "curves", {"strategy": repr(strategy)})
    for name in given:
        if name not in wanted:
            raise unknown_name("curve", name, wanted, where={"strategy": repr(strategy)})
    for name in wanted:
        where = {"strategy": repr(strategy), "curve": repr(name)}
        if name not in given:
            raise CurveError(
                "a curve is missing",
                expected=", ".join(map(repr, wanted)),
                found=list(given),
                where=where,
            )
        curve = given[name]
        if curve is None and name in model.durations:
            continue
        if not isinstance(curve, Curve):
            raise CurveError(
                "not a survival curve",
                expected="a curve, such as pr.survival.weibull(...)",
                found=repr(curve),
                where=where,
            )
        if curve.n_draws not in (1, shape.n_draws):
            raise CurveError(
                "a curve has the wrong number of draws",
                expected=shape.n_draws,
                found=curve.n_draws,
                where=where,
            )
    return {name: given[name] for name in wanted}


def _blocks(
    curves: Mapping[str, Curve | None], strategy: str, time: Time, shape: Shape
) -> Iterator[tuple[int, Floats]]:
    """Evaluate the curves for as many draws at a time as the cache holds.

    Yields the first draw, counted within the chunk, and survival (curve, cycles + 1, padded
    draws) in an array that the next block overwrites.
    """
    n_boundaries = shape.n_cycles + 1
    width = max(_BLOCK_BYTES // (8 * n_boundaries) // LANES, 1) * LANES
    values = np.zeros((len(curves), n_boundaries, min(width, shape.padded)))
    for start in range(0, shape.n_draws, width):
        n = min(width, shape.n_draws - start)
        block = Shape(shape.n_cycles, n, shape.first_draw + start)
        here = values[:, :, : block.padded]
        for k, (name, curve) in enumerate(curves.items()):
            if curve is not None:
                survival = curve.chunk(start, start + n).survival(time.boundaries)
                where = {"strategy": repr(strategy), "curve": repr(name)}
                _check_survival(survival, where, time, block)
                here[k, :, :n] = survival
                here[k, :, n:] = 0.0
        yield start, np.ascontiguousarray(here)


def _check_survival(
    survival: Floats, where: Mapping[str, object], time: Time, shape: Shape
) -> None:
    low, high, start = survival.min(), survival.max(), survival[0]
    if low >= 0.0 and high <= 1.0 + _ROUNDING and np.all(np.abs(start - 1.0) <= _ROUNDING):
        return
    bad = ~((survival >= 0.0) & (survival <= 1.0 + _ROUNDING))
    bad[0] |= ~(np.abs(start - 1.0) <= _ROUNDING)
    cycle, draw = (int(i) for i in np.argwhere(bad)[0])
    raise CurveError(
        "a curve is not a survival function",
        expected="survival of 1 at time 0, then within [0, 1]",
        found=survival[cycle, draw],
        where={**where, "year": float(time.boundaries[cycle]), "draw": shape.first_draw + draw},
    )


def _refuse_crossing(
    model: PartitionedModel,
    strategy: str,
    curves: Mapping[str, Curve | None],
    first: Ints,
    time: Time,
    shape: Shape,
) -> None:
    crossed = np.flatnonzero(first >= 0)
    if crossed.size == 0:
        return
    draw, n = int(crossed[0]), len(model.endpoints)
    boundary, inner = divmod(int(first[draw]), n)
    alone = {name: c.chunk(draw, draw + 1) for name, c in curves.items() if c is not None}
    at = {name: c.survival(time.boundaries)[boundary, 0] for name, c in alone.items()}
    ends, drawn = model.endpoints, [name for name in model.durations if name in at]
    pairs = [ends[inner : inner + 2]] if inner < n - 1 else [(name, ends[-1]) for name in drawn]
    a, b = next((a, b) for a, b in pairs if at[a] - at[b] > _ROUNDING)
    raise CurveError(
        "curves that must be ordered cross",
        expected=f"{a!r} at or below {b!r} at all times",
        found=f"{at[a]:.6g} above {at[b]:.6g}",
        where={
            "strategy": repr(strategy),
            "cycle": boundary,
            "year": float(time.boundaries[boundary]),
            "draw": shape.first_draw + draw,
            "draws that cross in this chunk": int(crossed.size),
        },
        remedy="Fit the endpoints jointly, or choose crossing='cap' or 'report', which count them.",
    )


def _warn_of_crossings(model: PartitionedModel, outcomes: Outcomes) -> None:
    import warnings

    if not np.any(outcomes.diagnostics["crossings"]):
        return
    done = "capped at the outer curve" if model.crossing == "cap" else "left as they are"
    names = [_pair(model, name) for name in model.bounded]
    pairs = {name: counts for name, counts in outcomes.diagnostics.items() if name in names}
    crossed = "; ".join(
        f"{s!r}, {pair}: {int((by_draw[i] > 0).sum())} of {plural(outcomes.n_draws, 'draw')}"
        for i, s in enumerate(outcomes.strategies)
        for pair, by_draw in pairs.items()
        if by_draw[i].any()
    )
    warnings.warn(
        f"curves cross and were {done} ({crossed}); "
        "counts are in outcomes.diagnostics['crossings']",
        PrioriteringWarning,
        stacklevel=4,
    )


def _pay(model: PartitionedModel, reward: Reward, terms: Terms, weights: Weights) -> None:
    key = reward.key
    terms.note_category(reward)
    if key == at_start:
        terms.pay_at_start(reward, weights.at_start)
    elif isinstance(key, leaving):
        if key.endpoint not in model.endpoints:
            raise unknown_name("endpoint", key.endpoint, model.endpoints, where=reward.where)
        inside = range(model.endpoints.index(key.endpoint) + 1)
        terms.pay_drop(reward, inside, weights.event(reward.quantity))
    elif isinstance(key, entry):
        if key.state != model.states[-1]:
            raise ModelError(
                "entry into this state is not identified by the curves",
                expected=f"pr.entry({model.states[-1]!r}), or pr.leaving(endpoint)",
                found=f"pr.entry({key.state!r})",
                where=reward.where,
            )
        terms.pay_drop(reward, range(len(model.endpoints)), weights.event(reward.quantity))
    else:
        if key not in model.rows:
            raise unknown_name("state or duration", key, model.rows, where=reward.where)
        if np.any(reward.value.array != 0):
            terms.pay_years(reward, model.rows.index(str(key)), weights.of(reward.quantity))
