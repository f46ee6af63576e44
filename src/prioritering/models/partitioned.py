"""Partitioned-survival models: nested survival curves split the cohort into states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from prioritering.conventions import HALF_CYCLE, CycleCorrection
from prioritering.errors import CurveError, ModelError, PrioriteringWarning, unknown_name
from prioritering.models.engine.layout import Floats, Ints
from prioritering.models.rewards import (
    Reward,
    Terms,
    Weights,
    at_start,
    check_utilities,
    entry,
    leaving,
    read_rewards,
)
from prioritering.models.run import (
    ChunkTotals,
    add_up,
    pay_life_years,
)
from prioritering.models.shared import CohortModel, Job, check_names
from prioritering.models.time import AgeAdjustment, Duration, Time
from prioritering.models.values import Shape, Slots, as_mapping, call
from prioritering.outcomes import Outcomes

if TYPE_CHECKING:
    from prioritering.survival import Curve

Crossing = Literal["raise", "cap", "report"]
_ROUNDING = 1e-12


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
    crossing
        Where an inner curve lies above its outer one: ``"raise"`` an error; ``"cap"`` the
        inner at the outer; ``"report"`` leave both. The last two count the boundaries per
        draw in ``outcomes.diagnostics["crossings"]`` and warn once.

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

    def __post_init__(self) -> None:
        for name in ("states", "endpoints", "strategies", "durations"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_names("state", self.states, at_least=2)
        check_names("curve", (*self.endpoints, *self.durations))
        check_names("strategy", self.strategies)
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
        _ = self.n_cycles

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """What occupancy is kept for: the states, then the durations."""
        return (*self.states, *self.durations)

    chunk_bytes = 2**21

    @property
    def lanes(self) -> int:
        """Width of the kernel's blocks of draws."""
        from prioritering.models.engine.kernels import CURVE_LANES

        return CURVE_LANES

    def _describe(self) -> tuple[str, dict[str, Any]]:
        return "partitioned survival", {"crossing": self.crossing}

    def _run_strategy(self, strategy: str, job: Job) -> ChunkTotals:
        return _run_strategy(self, strategy, job)

    def _review(self, outcomes: Outcomes) -> None:
        _warn_of_crossings(self, outcomes)


def _run_strategy(model: PartitionedModel, strategy: str, job: Job) -> ChunkTotals:
    from prioritering.models.engine import kernels

    time, draws, shape, weights = job.time, job.draws, job.shape, job.weights

    terms = Terms(Slots(shape))
    curves = _read_curves(model, strategy, model.curves(draws, strategy, time), time, shape)
    costs = call(model.costs, draws, strategy, time)
    utilities = call(model.utilities, draws, strategy, time)
    check_utilities(utilities, model.states[:-1], model.states[-1:], strategy)
    for reward in read_rewards(costs, utilities, shape, strategy):
        _pay(model, reward, terms, weights)
    pay_life_years(terms, range(len(model.endpoints)), weights)
    years = [terms.node(s, weights.life_years[1]) for s in range(len(model.rows))]

    out = terms.empty_totals()
    n_kept = model.n_cycles + 1 if job.settings.keep_trace else 0
    trace = np.empty((n_kept, len(model.rows), shape.padded))
    crossings = np.zeros(shape.padded, dtype=np.int64)
    first = np.full(shape.padded, -1, dtype=np.int64)
    kernels.run_partitioned(
        curves,
        len(model.endpoints),
        model.crossing == "cap",
        _ROUNDING,
        terms.slots.stacks().both,
        terms.node_terms(),
        terms.slot_terms(),
        out,
        trace,
        crossings,
        first,
    )
    if model.crossing == "raise":
        _refuse_crossing(model, strategy, curves, first[: shape.n_draws], time, shape)
    totals = add_up(terms, out, shape)
    totals.state_years = out.node[years, : shape.n_draws].T
    totals.diagnostics = {"crossings": crossings[: shape.n_draws].astype(np.float64)}
    if job.settings.keep_trace:
        totals.trace = trace[:, : len(model.states), : shape.n_draws].transpose(2, 0, 1)
    return totals


def _read_curves(
    model: PartitionedModel, strategy: str, raw: object, time: Time, shape: Shape
) -> Floats:
    wanted = (*model.endpoints, *model.durations)
    given = as_mapping(raw, "curves", {"strategy": repr(strategy)})
    for name in given:
        if name not in wanted:
            raise unknown_name("curve", name, wanted, where={"strategy": repr(strategy)})
    stack = np.zeros((len(wanted), shape.n_cycles + 1, shape.padded))
    for k, name in enumerate(wanted):
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
        if not hasattr(curve, "survival"):
            raise CurveError(
                "not a survival curve",
                expected="a curve, such as pr.survival.weibull(...)",
                found=repr(curve),
                where=where,
            )
        survival = curve.survival(time.boundaries)
        if survival.shape[1] not in (1, shape.n_draws):
            raise CurveError(
                "a curve has the wrong number of draws",
                expected=shape.n_draws,
                found=survival.shape[1],
                where=where,
            )
        _check_survival(survival, where, time, shape)
        stack[k, :, : shape.n_draws] = survival
    return stack


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
    curves: Floats,
    first: Ints,
    time: Time,
    shape: Shape,
) -> None:
    crossed = np.flatnonzero(first >= 0)
    if crossed.size == 0:
        return
    draw, n = int(crossed[0]), len(model.endpoints)
    boundary, inner = divmod(int(first[draw]), n)
    names = (*model.endpoints, *model.durations)
    pairs = [(inner, inner + 1)] if inner < n - 1 else [(k, n - 1) for k in range(n, len(names))]
    a, b = next(p for p in pairs if curves[p[0], boundary, draw] > curves[p[1], boundary, draw])
    raise CurveError(
        "curves that must be ordered cross",
        expected=f"{names[a]!r} at or below {names[b]!r} at all times",
        found=f"{curves[a, boundary, draw]:.6g} above {curves[b, boundary, draw]:.6g}",
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

    counts = np.asarray(outcomes.diagnostics["crossings"])
    if not counts.any():
        return
    done = "capped at the outer curve" if model.crossing == "cap" else "left as they are"
    by_strategy = ", ".join(
        f"{s!r}: {int((row > 0).sum())} of {outcomes.n_draws} draws"
        for s, row in zip(outcomes.strategies, counts, strict=True)
        if row.any()
    )
    warnings.warn(
        f"curves cross and were {done} ({by_strategy}); "
        "counts are in outcomes.diagnostics['crossings']",
        PrioriteringWarning,
        stacklevel=4,
    )


def _pay(model: PartitionedModel, reward: Reward, terms: Terms, weights: Weights) -> None:
    key = reward.key
    terms.note_category(reward)
    if key == at_start:
        terms.pay_at_start(reward)
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
