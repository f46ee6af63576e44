"""What both kinds of cohort model have in common: their time, their names and one way to run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from prioritering.conventions import CycleCorrection, Discounting
from prioritering.errors import ModelError
from prioritering.models.rewards import Weights, make_weights
from prioritering.models.run import (
    Axes,
    ChunkTotals,
    RunSettings,
    even_chunk,
    gather,
    provenance_of,
    run_chunks,
    settle,
)
from prioritering.models.time import AgeAdjustment, Duration, Time, age_multiplier, count_cycles
from prioritering.models.values import Shape
from prioritering.outcomes import Outcomes

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline
    from prioritering.parameters import Draws


@dataclass(frozen=True)
class Job:
    """One chunk of draws under settled conventions."""

    settings: RunSettings
    time: Time
    weights: Weights
    draws: Draws
    shape: Shape


class CohortModel(ABC):
    """Base of models whose cohort is counted once per cycle."""

    states: tuple[str, ...]
    strategies: tuple[str, ...]
    cycle: Duration
    horizon: Duration
    age: float | None
    correction: CycleCorrection
    age_adjustment: AgeAdjustment | None
    sex: str

    @cached_property
    def n_cycles(self) -> int:
        """Number of cycles in the horizon."""
        return count_cycles(self.horizon, self.cycle)

    @property
    @abstractmethod
    def rows(self) -> tuple[str, ...]:
        """What occupancy is kept for."""

    def time(self, rules: Guideline | None = None) -> Time:
        """Time as the model's functions see it."""
        return Time(self.n_cycles, self.cycle.years, self.age, self.sex, rules)

    def run(
        self,
        draws: Draws,
        rules: Guideline | None = None,
        *,
        discounting: Discounting | None = None,
        discounting_effects: Discounting | None = None,
        trace: bool = False,
        chunk: int | None = None,
        executor: Executor | None = None,
        progress: bool = False,
    ) -> Outcomes:
        """Run every strategy on every draw; one draw is a base case.

        Parameters
        ----------
        draws
            ``params.expected()`` or ``params.sample(n, seed=...)``.
        rules
            Guideline for discounting, mortality and norms.
        discounting, discounting_effects
            Instead of the guideline's; effects follow costs unless given.
        trace
            Keep the occupancy (strategy, draw, cycle, state); otherwise it is streamed.
        chunk
            Draws per chunk; no result depends on it.
        executor
            Anything with ``submit``, such as ``concurrent.futures`` or a Dask client.
        progress
            Show a progress bar.

        Returns
        -------
        Outcomes
            Totals by strategy and draw.

        Raises
        ------
        ProbabilityError
            Moves that are no probabilities, with strategy, state, cycle and draw.
        CurveError
            A curve that is no survival function, or curves that cross under ``"raise"``.
        ModelError, UnknownNameError
            Wrong shapes, NaN, unknown states.
        """
        settings = settle(rules, discounting, discounting_effects, keep_trace=trace)
        time = self.time(rules)
        weights = make_weights(
            self.correction,
            settings.discounting,
            settings.discounting_effects,
            age_multiplier(self.age_adjustment, time),
            self.n_cycles,
            self.cycle.years,
        )
        work = partial(_run_chunk, self, settings, time, weights)
        if chunk is None:
            chunk = even_chunk(
                draws.n_draws, self.n_cycles, lanes=self.lanes, n_bytes=self.chunk_bytes
            )
        chunks = run_chunks(work, draws, chunk=chunk, executor=executor, progress=progress)
        engine, details = self._describe()
        described = {
            "cycle": str(self.cycle),
            "horizon": str(self.horizon),
            "age": self.age,
            "age_adjustment": str(self.age_adjustment) if self.age_adjustment else "none",
            **details,
        }
        axes = Axes(self.strategies, self.states, self.rows, draws.n_draws, time.boundaries, trace)
        provenance = provenance_of(engine, settings, self.correction, draws, described)
        outcomes = gather(chunks, axes, provenance)
        self._review(outcomes)
        return outcomes

    chunk_bytes: ClassVar[int]
    """Size of a (cycles, draws) array of one chunk, so that a few of them fit the cache."""

    @property
    @abstractmethod
    def lanes(self) -> int:
        """Width of the kernel's blocks of draws."""

    @abstractmethod
    def _describe(self) -> tuple[str, dict[str, Any]]:
        """Name of the engine, and what provenance should say besides."""

    @abstractmethod
    def _run_strategy(self, strategy: str, job: Job) -> ChunkTotals:
        """Totals of one strategy on one chunk."""

    def _review(self, outcomes: Outcomes) -> None:  # noqa: B027 - most models have no warnings
        """Warn of what is legal but odd."""


def check_names(kind: str, names: tuple[str, ...], *, at_least: int = 1) -> None:
    """Names are non-empty strings, each used once, and enough of them."""
    good = all(isinstance(n, str) and n for n in names) and len(set(names)) == len(names)
    if not good or len(names) < at_least:
        raise ModelError(
            f"{kind} names do not hold together",
            expected=f"at least {at_least} different names",
            found=names,
        )


def _run_chunk(
    model: CohortModel,
    settings: RunSettings,
    time: Time,
    weights: Weights,
    draws: Draws,
    first_draw: int,
) -> dict[str, ChunkTotals]:
    shape = Shape(model.n_cycles, draws.n_draws, first_draw, model.lanes)
    job = Job(settings, time, weights, draws, shape)
    return {s: model._run_strategy(s, job) for s in model.strategies}
