"""One batch of runs, and the option against the reference in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import Quadrant, ratio
from prioritering.cea.montecarlo import ROUNDING
from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import PrioriteringError, ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline
    from prioritering.parameters import Draws

Floats = NDArray[np.float64]
Outcome = Literal["nmb", "icer", "cost", "qaly"]


class Runs(Protocol):
    """Anything that runs draws: ``run(draws, rules, **options)`` gives Outcomes."""

    def run(self, *args: Any, **kwargs: Any) -> Outcomes:
        """Run every strategy on every draw, in the order of the draws."""


@dataclass(frozen=True)
class Question:
    """What is asked of every run: which strategies, and at what willingness to pay.

    ``option`` may be ``None`` where there are two strategies.
    """

    reference: str
    option: str | None
    wtp: float | None


@dataclass(frozen=True)
class Comparison:
    """The option against the reference at one set of values, per patient.

    Attributes
    ----------
    incremental_cost, incremental_qaly
        Discounted; differences that are rounding only are 0.
    status
        Quadrant of the cost-effectiveness plane in words.
    icer
        Cost per QALY gained (north-east) or saved per QALY lost (south-west), else ``None``.
    nmb
        Incremental net monetary benefit; ``None`` without willingness to pay.
    """

    incremental_cost: float
    incremental_qaly: float
    status: Quadrant
    icer: float | None
    nmb: float | None

    def value(self, outcome: Outcome) -> float | None:
        """Figure of an outcome: ``"nmb"``, ``"icer"``, ``"cost"`` or ``"qaly"``."""
        values = {
            "nmb": self.nmb,
            "icer": self.icer,
            "cost": self.incremental_cost,
            "qaly": self.incremental_qaly,
        }
        return values[outcome]


@dataclass(frozen=True, eq=False)
class Increments(Frozen):
    """The option against the reference over a batch.

    Attributes
    ----------
    reference, option, wtp
        The question, with the option found.
    cost, qaly
        Increments, shape (run,).
    outcomes
        The runs themselves.
    """

    reference: str
    option: str
    wtp: float | None
    cost: Floats
    qaly: Floats
    outcomes: Outcomes

    @property
    def nmb(self) -> Floats:
        """Incremental net monetary benefit, shape (run,); asks for a willingness to pay."""
        return np.asarray(checked_wtp(self.wtp) * self.qaly - self.cost)  # type: ignore[arg-type]

    def at(self, k: int) -> Comparison:
        """Comparison of the k-th run."""
        here = slice(k, k + 1)
        cost, qaly = float(self.cost[k]), float(self.qaly[k])
        per_qaly = ratio(cost, qaly, cost=self.cost[here], effect=self.qaly[here])
        nmb = None if self.wtp is None else float(self.nmb[k])
        return Comparison(cost, qaly, per_qaly.status, per_qaly.value, nmb)


def run_batch(
    model: Runs,
    draws: Draws,
    names: Sequence[str],
    *,
    question: Question,
    rules: Guideline | None,
    options: Mapping[str, Any],
) -> Increments:
    """Run a batch in one call of the model and compare the two strategies in each run.

    Parameters
    ----------
    names
        What each run is, for errors; where an error names no draw, the runs are tried one by
        one to find it.

    Raises
    ------
    ResultError
        A model that gives back something else, or another number of runs; otherwise as
        :func:`increments`. What the model refuses passes through, with the run's name.
    """
    if not callable(getattr(model, "run", None)):
        raise ResultError(
            "not a model", expected="an object with .run(draws, rules)", found=repr(model)
        )
    try:
        outcomes = model.run(draws, rules, **options)
    except PrioriteringError as error:
        raise _naming_the_run(error, model, draws, names, (rules, options)) from error
    if not isinstance(outcomes, Outcomes) or outcomes.n_draws != draws.n_draws:
        raise ResultError(
            "the model did not run the draws it was given",
            expected=f"Outcomes with {draws.n_draws} draws",
            found=repr(outcomes),
        )
    return increments(outcomes, question)


def increments(outcomes: Outcomes, question: Question) -> Increments:
    """Compare the option with the reference in every draw of a run.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        One strategy, no option among several, the option being the reference, or a
        willingness to pay that is not a finite amount above 0.
    """
    wtp = None if question.wtp is None else checked_wtp(question.wtp)
    option = chosen_option(
        outcomes.strategies, reference=question.reference, option=question.option
    )
    i, j = outcomes.index(option), outcomes.index(question.reference)
    cost, qaly = _difference(outcomes.cost, i, j), _difference(outcomes.qaly, i, j)
    return Increments(question.reference, option, wtp, cost, qaly, outcomes)


def _difference(values: Floats, i: int, j: int) -> Floats:
    """Row ``i`` less row ``j``; rounding, measured against the largest row, is 0."""
    difference = values[i] - values[j]
    rounding = np.abs(difference) <= ROUNDING * np.abs(values).max(axis=0)
    return np.where(rounding, 0.0, difference)


def _naming_the_run(
    error: PrioriteringError,
    model: Runs,
    draws: Draws,
    names: Sequence[str],
    settings: tuple[Guideline | None, Mapping[str, Any]],
) -> PrioriteringError:
    """Rebuild an error of a batch with what the run at fault is, if the runs have names."""
    draw = error.where.get("draw")
    if not isinstance(draw, int):
        draw = next((k for k in range(len(names)) if _fails(model, draws.take([k]), settings)), -1)
    if not 0 <= draw < len(names):
        return error
    return type(error)(
        error.problem,
        expected=error.expected,
        found=error.found,
        where={**error.where, "that is": names[draw]},
        remedy=error.remedy,
    )


def _fails(model: Runs, draw: Draws, settings: tuple[Guideline | None, Mapping[str, Any]]) -> bool:
    rules, options = settings
    try:
        model.run(draw, rules, **options)
    except PrioriteringError:
        return True
    return False
