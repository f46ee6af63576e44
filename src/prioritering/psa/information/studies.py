"""Studies that could be done: what they would observe, given the parameters."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.psa.information.columns import Table, columns_by_name, pick

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
Simulate = Callable[[Values, int, np.random.Generator], Any]
Likelihood = Callable[[Values, Floats, int], Floats]


@dataclass(frozen=True)
class Study:
    """A study of ``n`` patients an arm and the summaries of the data it would give.

    Parameters
    ----------
    simulate
        ``simulate(draws, n, rng)`` returns summaries of one data set per draw, shape (draw,)
        or (draw, summary). ``draws`` maps the names in ``parameters`` to arrays of shape
        (draw,). The summaries should be sufficient: what they leave out counts as unknown.
    parameters
        Columns of the draws that the data depend on.
    arms
        Number of arms, 1 or more; patients are ``arms * n``.
    log_likelihood
        ``log_likelihood(draws, summary, n)``: log likelihood of one data set, shape (summary,),
        under every draw, shape (draw,), up to a constant. Needed for moment matching.
    name
        For tables and figures; those of this package are named after what they measure.

    Raises
    ------
    ResultError
        Something to simulate with that cannot be called, or no arm.

    Examples
    --------
    >>> import numpy as np
    >>> trial = Study(
    ...     simulate=lambda p, n, rng: rng.normal(p["effect"], 2.0 / np.sqrt(n)),
    ...     parameters=["effect"],
    ...     name="trial of the effect",
    ... )
    >>> trial.arms
    1
    """

    simulate: Simulate
    parameters: Sequence[str]
    arms: int = 1
    log_likelihood: Likelihood | None = None
    name: str = "study"

    def __post_init__(self) -> None:
        if isinstance(self.parameters, str):
            object.__setattr__(self, "parameters", (self.parameters,))
        if not callable(self.simulate):
            raise ResultError(
                "a study has no data without a way to simulate them",
                expected="simulate(draws, n, rng)",
                found=repr(self.simulate),
                where={"study": repr(self.name)},
            )
        if not isinstance(self.arms, numbers.Integral) or self.arms < 1:
            raise ResultError(
                "a study has no patients without an arm",
                expected="a whole number of arms, 1 or more",
                found=repr(self.arms),
                where={"study": repr(self.name)},
            )

    def values(self, draws: Table, n_draws: int) -> dict[str, Floats]:
        """Draws of the study's parameters by name, read-only.

        Raises
        ------
        UnknownNameError
            The draws lack a parameter that the study's data depend on.
        ResultError
            As :func:`pick`.
        """
        columns = pick(draws, self.parameters, n=n_draws, constant=True)
        columns.values.flags.writeable = False
        return dict(zip(columns.names, columns.values.T, strict=True))

    def data(self, values: Values, n: int, rng: np.random.Generator) -> Floats:
        """Simulate one data set per draw, shape (draw, summary).

        Raises
        ------
        ResultError
            Summaries of another length than the draws, or not finite.
        """
        n_draws = next(iter(values.values())).size
        summaries = np.asarray(self.simulate(values, n, rng), dtype=np.float64)
        if summaries.ndim == 1:
            summaries = summaries[:, None]
        if summaries.ndim != 2 or len(summaries) != n_draws or not summaries.shape[1]:
            raise ResultError(
                "the study's data do not follow the draws",
                expected=f"summaries of shape ({n_draws},) or ({n_draws}, summaries)",
                found=f"shape {summaries.shape}",
                where={"study": repr(self.name), "n": n},
            )
        bad = ~np.isfinite(summaries)
        if bad.any():
            raise ResultError(
                "the study's data are not finite",
                expected="finite summaries",
                found=f"{int(bad.sum())} that are not",
                where={"study": repr(self.name), "n": n},
            )
        return summaries

    def log_likelihoods(self, values: Values, summary: Floats, n: int) -> Floats:
        """Log likelihood of one data set under every draw, shape (draw,).

        Raises
        ------
        ResultError
            Another shape, NaN or plus infinity, or data that no draw could give.
        """
        if self.log_likelihood is None:
            raise ResultError(
                "a study without a likelihood cannot weigh the draws",
                expected="Study(..., log_likelihood=...)",
                found="None",
                where={"study": repr(self.name)},
                remedy="Use method='regression', which needs none.",
            )
        n_draws = next(iter(values.values())).size
        found = np.asarray(self.log_likelihood(values, summary, n), dtype=np.float64)
        if found.shape == (n_draws,) and (found < np.inf).all() and (found > -np.inf).any():
            return found
        raise ResultError(
            "the study's likelihood does not weigh the draws",
            expected=f"log likelihoods of shape ({n_draws},), below infinity, one finite or more",
            found=f"shape {found.shape}" if found.shape != (n_draws,) else _odd(found),
            where={"study": repr(self.name), "n": n},
        )


def binomial_study(parameter: str) -> Study:
    """Patients of whom each has an event with the probability ``parameter``; events counted.

    Examples
    --------
    >>> binomial_study("p_response").name
    'p_response'
    """

    def simulate(p: Values, n: int, rng: np.random.Generator) -> Floats:
        return np.asarray(rng.binomial(n, _probability(p, parameter)), dtype=np.float64)

    def likelihood(p: Values, events: Floats, n: int) -> Floats:
        return _binomial(events[0], n, _probability(p, parameter))

    return Study(simulate, (parameter,), 1, likelihood, parameter)


def two_arm_binomial(control: str, treated: str) -> Study:
    """Trial of two arms of ``n`` patients each, with a probability of the event for each.

    Examples
    --------
    >>> two_arm_binomial("p_old", "p_new").arms
    2
    """

    def simulate(p: Values, n: int, rng: np.random.Generator) -> Floats:
        events = [rng.binomial(n, _probability(p, arm)) for arm in (control, treated)]
        return np.column_stack(events).astype(np.float64)

    def likelihood(p: Values, events: Floats, n: int) -> Floats:
        return _binomial(events[0], n, p[control]) + _binomial(events[1], n, p[treated])

    return Study(simulate, (control, treated), 2, likelihood, f"{control}, {treated}")


def normal_mean_study(parameter: str, *, sd: float | str) -> Study:
    """Patients whose measurements have mean ``parameter`` and standard deviation ``sd``.

    The summary is their mean, normal with standard deviation ``sd / sqrt(n)``.

    Parameters
    ----------
    sd
        A number above 0, or the name of a parameter that holds it.

    Raises
    ------
    ResultError
        A number that is not above 0.
    """
    if not isinstance(sd, str) and not _is_above_zero(sd):
        raise ResultError(
            "measurements need a standard deviation",
            expected="a finite number above 0, or the name of a parameter",
            found=repr(sd),
        )
    names = (parameter, sd) if isinstance(sd, str) else (parameter,)

    def error(p: Values, n: int) -> Any:
        return (_spread(p, sd) if isinstance(sd, str) else sd) / np.sqrt(n)

    def simulate(p: Values, n: int, rng: np.random.Generator) -> Floats:
        return np.asarray(rng.normal(_column(p, parameter), error(p, n)))

    def likelihood(p: Values, mean: Floats, n: int) -> Floats:
        spread = error(p, n)
        return np.asarray(-0.5 * ((mean[0] - p[parameter]) / spread) ** 2 - np.log(spread))

    return Study(simulate, names, 1, likelihood, parameter)


def rate_study(parameter: str, *, follow_up: float) -> Study:
    """Patients followed for ``follow_up`` years each, with ``parameter`` events a year.

    Events are Poisson with mean ``rate * n * follow_up``.

    Raises
    ------
    ResultError
        A follow-up that is not above 0.
    """
    if not _is_above_zero(follow_up):
        raise ResultError(
            "patients need follow-up", expected="years, finite and above 0", found=repr(follow_up)
        )

    def simulate(p: Values, n: int, rng: np.random.Generator) -> Floats:
        return np.asarray(rng.poisson(_rate(p, parameter) * n * follow_up), dtype=np.float64)

    def likelihood(p: Values, events: Floats, n: int) -> Floats:
        mean = p[parameter] * n * follow_up
        with np.errstate(divide="ignore"):
            log_mean = np.log(mean)
        return np.asarray(np.where(events[0] > 0, events[0] * log_mean, 0.0) - mean)

    return Study(simulate, (parameter,), 1, likelihood, parameter)


def check_study(study: Study, draws: Table) -> None:
    """Refuse a study of something the model has not.

    Raises
    ------
    ResultError
        The draws lack a parameter the study's data depend on, or it is no study.
    """
    if not isinstance(study, Study):
        raise ResultError(
            "no study was described",
            expected="a Study",
            found=type(study).__name__,
            remedy="Write binomial_study('p'), or Study(simulate=..., parameters=[...]).",
        )
    known = columns_by_name(draws)
    absent = [
        name
        for name in study.parameters
        if name not in known and not any(k.startswith(f"{name}.") for k in known)
    ]
    if absent:
        raise ResultError(
            "the study needs data that the model has not",
            expected="the study's parameters among the draws: " + ", ".join(known),
            found="no " + ", ".join(map(repr, absent)),
            where={"study": repr(study.name)},
            remedy=unknown_name("parameter", absent[0], known).remedy,
        )


def _binomial(events: float, n: int, p: Floats) -> Floats:
    """Log likelihood up to a constant, exact where a probability is 0 or 1."""
    from scipy.special import xlog1py, xlogy

    return np.asarray(xlogy(events, p) + xlog1py(n - events, -p))


def _column(values: Values, name: str) -> Floats:
    """Draws of what one patient's data depend on, a single number."""
    if name not in values:
        parts = [k for k in values if k.startswith(f"{name}.")]
        raise ResultError(
            "a study measures one number, not a joint parameter",
            expected="one of " + ", ".join(map(repr, parts)),
            found=repr(name),
        )
    return values[name]


def _is_above_zero(amount: object) -> bool:
    return isinstance(amount, int | float | np.floating | np.integer) and bool(0 < amount < np.inf)


def _odd(found: Floats) -> str:
    bad = np.isnan(found) | (found == np.inf)
    return f"{int(bad.sum())} that are not" if bad.any() else "minus infinity under every draw"


def _spread(values: Values, name: str) -> Floats:
    sd = _column(values, name)
    if (sd <= 0).any():
        raise ResultError(
            "measurements need a standard deviation",
            expected="draws above 0",
            found=f"{sd.min():g}",
            where={"parameter": repr(name)},
        )
    return sd


def _probability(values: Values, name: str) -> Floats:
    p = _column(values, name)
    if ((p < 0) | (p > 1)).any():
        raise ResultError(
            "a study counts events with a parameter that is no probability",
            expected="draws from 0 to 1",
            found=f"{p.min():g} to {p.max():g}",
            where={"parameter": repr(name)},
        )
    return p


def _rate(values: Values, name: str) -> Floats:
    rate = _column(values, name)
    if (rate < 0).any():
        raise ResultError(
            "a study counts events with a parameter that is no rate",
            expected="draws of 0 or more",
            found=f"{rate.min():g}",
            where={"parameter": repr(name)},
        )
    return rate
