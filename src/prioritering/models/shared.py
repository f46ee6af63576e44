"""What both kinds of cohort model have in common: their time, their names and one way to run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, get_args

from prioritering.conventions import CycleCorrection, Discounting
from prioritering.data import Sex
from prioritering.errors import ModelError, unknown_name
from prioritering.models.by_year import shares_by_year, stack_years, weights_in_year
from prioritering.models.rewards import (
    Reward,
    Weights,
    check_utilities,
    make_weights,
    odd_utilities,
    read_resources,
    read_rewards,
)
from prioritering.models.run import (
    Axes,
    Chunks,
    ChunkTotals,
    How,
    RunSettings,
    even_chunk,
    gather,
    provenance_of,
    run_chunks,
    settle,
    warn_of_oddities,
)
from prioritering.models.time import (
    AgeAdjustment,
    Duration,
    Time,
    age_multiplier,
    check_age,
    check_kind,
    count_cycles,
)
from prioritering.models.values import Shape, call
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline


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
    costs: Callable[..., Mapping[Any, object]] | Mapping[Any, object]
    utilities: Callable[..., Mapping[Any, object]] | Mapping[Any, object]
    resources: Callable[..., Mapping[str, object]] | Mapping[str, object] | None
    age: float | None
    correction: CycleCorrection
    age_adjustment: AgeAdjustment | None
    sex: str

    def _check(self, *names: str) -> None:
        """Turn the fields called ``names`` into tuples, and check what all models have."""
        for name in names:
            object.__setattr__(self, name, _as_names(name, getattr(self, name)))
        check_names("state", self.states, at_least=2)
        check_names("strategy", self.strategies)
        for name, kind, remedy in _KINDS:
            value = getattr(self, name)
            if not (name == "age_adjustment" and value is None):
                check_kind(name, value, kind, remedy=remedy)
        if self.age is not None:
            check_age("age", self.age)
        if self.sex not in get_args(Sex):
            raise unknown_name("sex", self.sex, get_args(Sex))
        _ = self.n_cycles

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
            Wrong shapes, NaN, unknown states, arguments of another type.

        Warns
        -----
        PrioriteringWarning
            A utility outside [-1, 1], moves out of a dead state, a reward on entering a state
            that nothing moves into, curves that cross: each with its number of draws.
        """
        settings = settle(rules, discounting, discounting_effects, keep_trace=trace)
        weights = make_weights(
            self.correction,
            settings.discounting,
            settings.discounting_effects,
            age_multiplier(self.age_adjustment, self.time(rules)),
            self.n_cycles,
            self.cycle.years,
        )
        how = How(chunk, executor, progress)
        outcomes, oddities = self._run(draws, settings, weights, how)
        warn_of_oddities(oddities, draws.n_draws)
        self._review(outcomes)
        return outcomes

    def run_by_year(
        self,
        draws: Draws,
        rules: Guideline | None = None,
        *,
        years: int = 5,
        chunk: int | None = None,
        executor: Executor | None = None,
        progress: bool = False,
    ) -> YearlyOutcomes:
        """Undiscounted cost and resource use per patient in each year since the start.

        Each year is the same run with every cycle counted by the share of it that lies in that
        year, so that all years together give exactly the undiscounted totals of :meth:`run`.

        Parameters
        ----------
        draws, rules, chunk, executor, progress
            As for :meth:`run`; nothing is discounted.
        years
            Number of years, from 1; years past the horizon hold zeros.

        Returns
        -------
        YearlyOutcomes
            Cost by category and resource use, last axis the year.

        Raises
        ------
        ModelError
            ``years`` that is no number of years, or Simpson's rule, whose weights reach
            across cycles and so cannot be split by year; otherwise as :meth:`run`.

        Warns
        -----
        PrioriteringWarning
            As :meth:`run`.

        Notes
        -----
        A cycle that begins in one year and ends in the next, such as one of four weeks, is
        divided between them in proportion to time, and so are its one-off events; a cycle
        that divides the year is counted in one year only. What is paid at the start falls in
        the first year.
        """
        shares = shares_by_year(self.cycle, self.n_cycles, years, self.correction)
        settings = settle(rules, Discounting.none(), None, keep_trace=False)
        how = How(chunk, executor, progress)
        found = []
        for year, share in enumerate(shares):
            weights = weights_in_year(self.correction, share, year, self.cycle.years)
            outcomes, oddities = self._run(draws, settings, weights, how)
            if year == 0:
                warn_of_oddities(oddities, draws.n_draws)
                self._review(outcomes)
            found.append(outcomes)
        return stack_years(found)

    def _run(
        self, draws: Draws, settings: RunSettings, weights: Weights, how: How
    ) -> tuple[Outcomes, Chunks]:
        """Run all chunks under given weights; also return the chunks, for what is odd in them."""
        check_kind("draws", draws, Draws, remedy=_DRAWS)
        time = self.time(settings.rules)
        chunk = even_chunk(draws.n_draws, self.n_cycles) if how.chunk is None else how.chunk
        chunks = run_chunks(
            partial(_run_chunk, self, settings, time, weights),
            draws,
            chunk=chunk,
            n_cycles=self.n_cycles,
            executor=how.executor,
            progress=how.progress,
        )
        axes = Axes(
            self.strategies,
            self.states,
            self.rows,
            draws.n_draws,
            time.boundaries,
            settings.keep_trace,
        )
        engine, details = self._describe()
        described = {**self._time_and_people(settings.rules), **details}
        provenance = provenance_of(engine, settings, self.correction, draws, described)
        return gather(chunks, axes, provenance), chunks

    def _time_and_people(self, rules: Guideline | None) -> dict[str, Any]:
        """Return what provenance says of time, of the people and of the tables they follow."""
        table = None
        if rules is not None and "life_table" in rules.rules:
            table = rules.life_tables[self.sex].name
        adjustment = self.age_adjustment
        return {
            "cycle": str(self.cycle),
            "horizon": str(self.horizon),
            "age": self.age,
            "sex": self.sex,
            "life_table": table,
            "age_adjustment": None if adjustment is None else adjustment.describe(rules),
        }

    @abstractmethod
    def _describe(self) -> tuple[str, dict[str, Any]]:
        """Name of the engine, and what provenance should say besides."""

    @abstractmethod
    def _run_strategy(self, strategy: str, job: Job) -> ChunkTotals:
        """Totals of one strategy on one chunk."""

    def _review(self, outcomes: Outcomes) -> None:  # noqa: B027 - most models have no warnings
        """Warn of what is legal but odd."""


def read_all_rewards(
    model: CohortModel, strategy: str, job: Job, *, dead: Sequence[str]
) -> tuple[list[Reward], dict[str, int]]:
    """Read a strategy's costs, utilities and resources, and count what is odd about them."""
    costs = call(model.costs, job.draws, strategy, job.time)
    utilities = call(model.utilities, job.draws, strategy, job.time)
    rewards = list(read_rewards(costs, utilities, job.shape, strategy))
    if model.resources is not None:
        used = call(model.resources, job.draws, strategy, job.time)
        rewards += read_resources(used, job.shape, strategy)
    living = [state for state in model.states if state not in dead]
    check_utilities(rewards, living, dead, strategy)
    return rewards, odd_utilities(rewards, living, job.shape.n_draws)


def check_names(kind: str, names: tuple[str, ...], *, at_least: int = 1) -> None:
    """Names are non-empty strings, each used once, and enough of them."""
    good = all(isinstance(n, str) and n for n in names) and len(set(names)) == len(names)
    if not good or len(names) < at_least:
        raise ModelError(
            f"{kind} names do not hold together",
            expected=f"at least {at_least} different names",
            found=names,
        )


_DRAWS = "Write params.expected() for a base case, or params.sample(1000, seed=1)."
_KINDS: tuple[tuple[str, type, str], ...] = (
    ("cycle", Duration, "Write pr.months(1), pr.years(1), ..."),
    ("horizon", Duration, "Write pr.years(40), ..."),
    ("correction", CycleCorrection, "Write pr.CycleCorrection('half-cycle')."),
    ("age_adjustment", AgeAdjustment, "Write pr.AgeAdjustment(reference_age=...)."),
)


def _as_names(field: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise ModelError(f"{field} are not names", expected="a list of names", found=repr(value))
    return tuple(value)


def _run_chunk(
    model: CohortModel,
    settings: RunSettings,
    time: Time,
    weights: Weights,
    draws: Draws,
    first_draw: int,
) -> dict[str, ChunkTotals]:
    shape = Shape(model.n_cycles, draws.n_draws, first_draw)
    job = Job(settings, time, weights, draws, shape)
    return {s: model._run_strategy(s, job) for s in model.strategies}
