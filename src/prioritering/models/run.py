"""Run a model over draws in chunks and gather the totals; no result depends on the split."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.conventions import CycleCorrection, Discounting
from prioritering.errors import ConventionError, ModelError, PrioriteringWarning
from prioritering.guidelines import Guideline
from prioritering.models.engine.layout import LANES, Floats, Totals
from prioritering.models.rewards import LIFE_YEARS, QALY, Terms, Weights
from prioritering.models.time import check_kind
from prioritering.models.values import Shape
from prioritering.outcomes import Outcomes, Trace
from prioritering.version import __version__

if TYPE_CHECKING:
    from prioritering.parameters import Draws


@dataclass
class ChunkTotals:
    """Totals of one strategy and chunk; discounted first, then not."""

    by_quantity: dict[str, tuple[Floats, Floats]]
    by_category: dict[str, tuple[Floats, Floats]]
    by_resource: dict[str, Floats]
    state_years: Floats
    trace: Floats | None = None
    diagnostics: Mapping[str, Floats] = field(default_factory=dict)
    oddities: Mapping[str, int] = field(default_factory=dict)
    """What is legal but odd, and in how many draws."""


Chunks = list[tuple[int, dict[str, ChunkTotals]]]
"""First draw of every chunk, and its totals by strategy."""


@dataclass(frozen=True)
class How:
    """How a run is carried out; no result depends on it."""

    chunk: int | None
    executor: Executor | None
    progress: bool


@dataclass(frozen=True)
class RunSettings:
    """Conventions of one run, settled before the first chunk."""

    rules: Guideline | None
    discounting: Discounting
    discounting_effects: Discounting
    keep_trace: bool


def settle(
    rules: Guideline | None,
    discounting: Discounting | None,
    discounting_effects: Discounting | None,
    *,
    keep_trace: bool,
) -> RunSettings:
    """Take the guideline's discounting unless the user gives one.

    Raises
    ------
    ConventionError
        Neither a guideline nor a discounting was given.
    ModelError
        An argument of another type.
    """
    for name, given in (("discounting", discounting), ("discounting_effects", discounting_effects)):
        if given is not None:
            check_kind(name, given, Discounting, remedy="Write pr.Discounting.flat(0.04).")
    if rules is not None:
        check_kind("rules", rules, Guideline, remedy="Write pr.guideline('no', as_of='...').")
    if discounting is None:
        if rules is None:
            raise ConventionError(
                "no discounting to use",
                expected="rules, or discounting=...",
                found="neither",
                remedy="Pass rules=pr.guideline(...), or discounting=pr.Discounting.none().",
            )
        discounting = rules.discounting
    return RunSettings(rules, discounting, discounting_effects or discounting, keep_trace)


def add_up(terms: Terms, accumulated: Totals, shape: Shape) -> ChunkTotals:
    """Turn accumulated terms into totals by quantity, cost category and resource."""
    n = shape.n_draws
    totals: dict[tuple[str, str], tuple[Floats, Floats]] = {}

    def total(quantity: str, category: str) -> tuple[Floats, Floats]:
        return totals.setdefault((quantity, category), (np.zeros(n), np.zeros(n)))

    total(QALY, QALY)
    total(LIFE_YEARS, LIFE_YEARS)
    for quantity, category in terms.categories:
        total(quantity, category)
    for quantity, category, d, form, term, scale in terms.sinks:
        amount = getattr(accumulated, form)[term, :n]
        target = total(quantity, category)[d]
        target += amount if isinstance(scale, float) and scale == 1.0 else scale * amount
    for quantity, category, value in terms.constants:
        for target in total(quantity, category):
            target += value
    return ChunkTotals(
        by_quantity={q: totals[(q, q)] for q in (QALY, LIFE_YEARS)},
        by_category={c: pair for (q, c), pair in totals.items() if q == "cost"},
        by_resource={c: pair[1] for (q, c), pair in totals.items() if q == "resource"},
        state_years=np.empty((n, 0)),
    )


def pay_life_years(terms: Terms, alive: range | list[int], weights: Weights) -> None:
    """Count every living state's time as life years."""
    for state in alive:
        for d in (0, 1):
            term = terms.node(state, weights.life_years[d])
            terms.sinks.append(("life_years", LIFE_YEARS, d, "node", term, 1.0))


def even_chunk(n_draws: int, n_cycles: int) -> int:
    """Draws per chunk: whole blocks of lanes, chunks of a size, a few arrays fit the cache."""
    fitting = max(_CHUNK_BYTES // (8 * (n_cycles + 1)), LANES)
    n_chunks = -(-n_draws // fitting)
    return -(-n_draws // (n_chunks * LANES)) * LANES


_CHUNK_BYTES = 2**23
"""Size of a (cycles, draws) array of one chunk, at most, unless one block of lanes exceeds it."""


def chunk_starts(n_draws: int, chunk: int, *, n_cycles: int) -> list[int]:
    """Return the first draw of every chunk; chunks may grow so that none is ambiguous.

    A chunk has not as many draws as there are cycles: in it, an array by cycle of one dimension
    would pass for one by draw. One of many draws does not stand alone: an array by cycle and
    draw would pass for one by cycle, whose sum is rounded in another order. Two or three draws
    over as many cycles cannot have both; then the last stands alone.

    Examples
    --------
    >>> chunk_starts(10, 4, n_cycles=40), chunk_starts(9, 4, n_cycles=40)
    ([0, 4, 8], [0, 4])
    >>> chunk_starts(10, 4, n_cycles=4), chunk_starts(4, 4, n_cycles=4)
    ([0, 5], [0, 2])
    """
    if n_draws == n_cycles:
        if n_draws < 4:
            return sorted({0, n_draws - 1})
        chunk = min(chunk, n_draws - 2)
    chunk = max(chunk, 2)
    while True:
        starts = list(range(0, n_draws, chunk))
        if len(starts) > 1 and n_draws - starts[-1] in (1, n_cycles):
            starts.pop()
        last = n_draws - starts[-1]
        if n_cycles not in ((chunk, last) if len(starts) > 1 else (last,)) or n_cycles == 1:
            return starts
        chunk += 1


def warn_of_oddities(chunks: Chunks, n_draws: int) -> None:
    """Warn once of everything legal but odd, with the number of draws over all chunks."""
    counts: Counter[str] = Counter()
    for _, by_strategy in chunks:
        for strategy, totals in by_strategy.items():
            for text, n in totals.oddities.items():
                counts[f"{text} in strategy {strategy!r}"] += n
    for text, n in counts.items():
        message = f"{text} ({n} of {n_draws} draws)"
        warnings.warn(message, PrioriteringWarning, stacklevel=3)


def run_chunks(
    work: Callable[[Draws, int], dict[str, ChunkTotals]],
    draws: Draws,
    *,
    chunk: int,
    n_cycles: int,
    executor: Executor | None,
    progress: bool,
) -> Chunks:
    """Apply ``work`` to every chunk of draws, here or on an executor, in order."""
    if not isinstance(chunk, Integral) or isinstance(chunk, bool) or chunk < 1:
        raise ModelError(
            "the chunk is no number of draws",
            expected="an integer of 1 or more",
            found=repr(chunk),
        )
    starts = chunk_starts(draws.n_draws, chunk, n_cycles=n_cycles)
    pieces = [draws.chunk(a, b) for a, b in pairwise([*starts, draws.n_draws])]
    results: Iterator[dict[str, ChunkTotals]]
    if executor is None:
        results = map(work, pieces, starts)
    else:
        futures = [executor.submit(work, piece, a) for piece, a in zip(pieces, starts, strict=True)]
        results = (future.result() for future in futures)
    if progress:
        from tqdm.auto import tqdm

        results = iter(tqdm(results, total=len(pieces), desc="draws", unit="chunk"))
    return list(zip(starts, results, strict=True))


@dataclass(frozen=True)
class Axes:
    """Labels and sizes of a run's results."""

    strategies: tuple[str, ...]
    states: tuple[str, ...]
    rows: tuple[str, ...]
    n_draws: int
    boundaries: Floats
    keep_trace: bool


def gather(chunks: Chunks, axes: Axes, provenance: Mapping[str, Any]) -> Outcomes:
    """Place every chunk's totals in arrays over strategies and draws."""
    every = [totals for _, by_strategy in chunks for totals in by_strategy.values()]
    categories = tuple(dict.fromkeys(c for totals in every for c in totals.by_category))
    by_draw = (len(axes.strategies), axes.n_draws)
    cost = np.zeros((2, len(categories), *by_draw))
    resources, use = _uses(chunks, axes)
    effect = {q: np.zeros((2, *by_draw)) for q in (QALY, LIFE_YEARS)}
    state_years = np.zeros((*by_draw, len(axes.rows)))
    kept = (len(axes.boundaries), len(axes.states)) if axes.keep_trace else (0, 0)
    trace = np.zeros((*by_draw, *kept))
    diagnostics = {name: np.zeros(by_draw) for totals in every for name in totals.diagnostics}
    for start, by_strategy in chunks:
        for s, strategy in enumerate(axes.strategies):
            totals = by_strategy[strategy]
            here = slice(start, start + len(totals.state_years))
            for category, pair in totals.by_category.items():
                cost[:, categories.index(category), s, here] = pair
            for quantity, array in effect.items():
                array[:, s, here] = totals.by_quantity[quantity]
            state_years[s, here] = totals.state_years
            if totals.trace is not None:
                trace[s, here] = totals.trace
            for name, values in totals.diagnostics.items():
                diagnostics[name][s, here] = values
    return Outcomes(
        strategies=axes.strategies,
        cost_categories=categories,
        cost_by_category=cost[0],
        cost_by_category_undiscounted=cost[1],
        qaly=effect[QALY][0],
        qaly_undiscounted=effect[QALY][1],
        life_years=effect[LIFE_YEARS][0],
        life_years_undiscounted=effect[LIFE_YEARS][1],
        resources=resources,
        resource_use=use,
        states=axes.rows,
        state_years=state_years,
        trace=_trace(trace, axes) if axes.keep_trace else None,
        diagnostics=diagnostics,
        provenance=provenance,
    )


def _uses(chunks: Chunks, axes: Axes) -> tuple[tuple[str, ...], Floats | None]:
    """Names and amounts of resources, shape (resource, strategy, draw); None without any."""
    every = [totals for _, by_strategy in chunks for totals in by_strategy.values()]
    names = tuple(dict.fromkeys(r for totals in every for r in totals.by_resource))
    use = np.zeros((len(names), len(axes.strategies), axes.n_draws))
    for start, by_strategy in chunks:
        for s, strategy in enumerate(axes.strategies):
            for name, amount in by_strategy[strategy].by_resource.items():
                use[names.index(name), s, start : start + len(amount)] = amount
    return names, use if names else None


def _trace(occupancy: Floats, axes: Axes) -> Trace:
    return Trace(occupancy, axes.boundaries, axes.strategies, axes.states)


def provenance_of(
    engine: str,
    settings: RunSettings,
    correction: CycleCorrection,
    draws: Draws,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything a reader needs to know where the numbers come from."""
    rules = settings.rules
    return {
        "version": __version__,
        "engine": engine,
        "guideline": None if rules is None else {"id": rules.id, "hash": rules.hash},
        "discounting_costs": settings.discounting.to_dict(),
        "discounting_effects": settings.discounting_effects.to_dict(),
        "cycle_correction": correction.rule,
        **extra,
        "draws": dict(draws.provenance),
    }
