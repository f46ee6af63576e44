"""Draw until the figures are as precise as wanted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from prioritering.errors import PrioriteringWarning, ResultError
from prioritering.outcomes import Outcomes
from prioritering.psa.precision import DrawsNeeded, Precision, check_precision, draws_needed
from prioritering.severity import Severity

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline
    from prioritering.parameters import Draws

_MARGIN = 1.05
_MOST_GROWTH = 10.0


class Sampled(Protocol):
    """Parameters whose first draws do not depend on how many follow."""

    def sample(self, n: int, *, seed: int) -> Draws:
        """Draw every parameter ``n`` times."""
        ...


class Runnable(Protocol):
    """A model, or anything else that turns draws into outcomes."""

    def run(self, *args: Any, **kwargs: Any) -> Outcomes:
        """Run every strategy on every draw: ``run(draws, rules, **options)``."""
        ...


def run_until(
    model: Runnable,
    *,
    params: Sampled,
    rules: Guideline | None = None,
    until: Precision,
    reference: str,
    option: str | None = None,
    wtp: float | None = None,
    severity: Callable[[Outcomes], Severity] | None = None,
    seed: int,
    start: int = 1000,
    most: int = 1_000_000,
    method: str = "random",
    progress: bool = False,
    **options: Any,
) -> Outcomes:
    """Run a model on more and more draws until its Monte Carlo errors are those wanted.

    The first ``start`` draws tell how many are needed (:func:`draws_needed`); that many and
    5 % are drawn, at most ten times as many as before, until every precision is met or
    ``most`` is reached. Draws only grow at the end, and each step runs the model on all of
    them: what comes back is ``model.run(params.sample(n, seed=seed), rules)`` for the ``n``
    reached, bit for bit.

    Stopping by looking at the results is not free. Errors are estimated from the draws they
    stop, so a run tends to stop where they came out a little low, and figures whose spread
    goes with their mean lean a little. Both effects fall as ``1 / n``, well below the standard
    errors themselves from ``start`` = 1 000 on. For figures free of it, take the ``n`` reached
    and run once with another seed.

    Parameters
    ----------
    model
        Anything with ``run(draws, rules, **options)`` that returns outcomes.
    params
        Parameters to draw from.
    rules
        Handed to the model.
    until
        Standard errors wanted.
    reference, option, wtp
        As for :func:`draws_needed`.
    severity
        How to find severity in outcomes, when a precision of its classes is wanted:
        ``lambda out: absolute_shortfall(out["standard"], age=61, rules=rules)``.
    seed
        Integer of 0 or more.
    start, most
        Draws to begin with, 100 or more, and to stop at.
    method
        Only ``"random"``: draws of Sobol's sequence or a Latin hypercube are laid out for one
        number of draws, and their errors cannot be told from a single run.
    progress
        Show a progress bar of draws.
    **options
        Handed to the model.

    Returns
    -------
    Outcomes
        Of the draws reached; ``provenance["until"]`` says what was wanted, what was reached
        and in which steps.

    Raises
    ------
    ResultError
        Another method, a start below 100 or above ``most``, or as for :func:`draws_needed`.
    UnknownNameError
        A reference or option that is not among the strategies.

    Warns
    -----
    PrioriteringWarning
        ``most`` was reached before the precision.
    """
    _check_method(method)
    _check_sizes(start, most)
    check_precision(until)
    n, steps = start, list[int]()
    with _Bar(progress, most) as advance:
        while True:
            outcomes = model.run(params.sample(n, seed=seed), rules, **options)
            steps.append(n)
            advance(n)
            found = draws_needed(
                outcomes,
                reference=reference,
                option=option,
                wtp=wtp,
                precision=until,
                severity=None if severity is None else severity(outcomes),
            )
            if found.met or n >= most:
                break
            n = _next(n, found.draws, most)
    if not found.met:
        _warn(found, most)
    return replace(outcomes, provenance={**outcomes.provenance, "until": _told(found, steps)})


def _next(n: int, needed: int | None, most: int) -> int:
    """Draws of the next step: what is needed and a margin, within bounds of growth."""
    wanted = _MOST_GROWTH * n if needed is None else _MARGIN * needed
    return min(int(np.ceil(min(wanted, _MOST_GROWTH * n))), most)


def _told(found: DrawsNeeded, steps: list[int]) -> Mapping[str, Any]:
    """Tell what was wanted and reached, in plain values for provenance."""
    figures = [
        {
            "of": need.aim,
            "severity_class": need.severity_class,
            "se": need.se,
            "wanted": need.wanted,
        }
        for need in found.needs
    ]
    return {"met": found.met, "steps": list(steps), "standard_errors": figures}


def _warn(found: DrawsNeeded, most: int) -> None:
    short = [
        f"{need.aim}{'' if need.severity_class is None else f' {need.severity_class}'} "
        + ("has no value" if need.se is None else f"has {need.se:.3g}, wanted {need.wanted:.3g}")
        for need in found.needs
        if need.draws is None or need.draws > found.n_draws
    ]
    more = "" if found.draws is None else f"; about {found.draws} draws are needed"
    warnings.warn(
        f"stopped at most={most} draws before the precision wanted: standard error of "
        f"{'; of '.join(short)}{more}",
        PrioriteringWarning,
        stacklevel=3,
    )


def _check_method(method: str) -> None:
    if method != "random":
        raise ResultError(
            "draws that cannot be added to",
            expected="method 'random'",
            found=repr(method),
            remedy="Sobol points and Latin hypercubes are laid out for one number of draws, and "
            "give no error to stop by: choose n and call params.sample(n, method=...).",
        )


def _check_sizes(start: int, most: int) -> None:
    whole = all(isinstance(k, int | np.integer) and k is not True for k in (start, most))
    if not whole or not 100 <= start <= most:
        raise ResultError(
            "no such numbers of draws",
            expected="whole numbers, start of 100 or more and most not below it",
            found=f"start {start!r}, most {most!r}",
        )


class _Bar:
    """Progress bar of draws, or nothing."""

    def __init__(self, show: bool, most: int) -> None:
        self.bar: Any = None
        if show:
            from tqdm.auto import tqdm

            self.bar = tqdm(total=most, desc="draws", unit="draw")

    def __enter__(self) -> Callable[[int], None]:
        return self._advance

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def _advance(self, n: int) -> None:
        if self.bar is not None:
            self.bar.update(n - self.bar.n)
