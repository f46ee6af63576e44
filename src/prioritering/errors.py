"""Errors that say what was expected, what was found, where, and what to do.

One base, :class:`PrioriteringError`, which is also a ``ValueError``; its kinds are
named by what the user got wrong. The parts of the message stay readable as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar


class PrioriteringError(ValueError):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    problem
        One sentence on what is wrong, without a full stop.
    expected, found
        What would have been accepted, and what was given.
    where
        Place of the fault, for example ``{"strategy": "new", "cycle": 3, "draw": 17}``.
    remedy
        One sentence on what to do.
    """

    def __init__(
        self,
        problem: str,
        *,
        expected: object = None,
        found: object = None,
        where: Mapping[str, object] | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.expected = expected
        self.found = found
        self.where = dict(where or {})
        self.remedy = remedy
        super().__init__(_sentence(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.__dict__.copy())


class ParameterError(PrioriteringError):
    """A parameter or its distribution cannot be what it says."""


class ExpressionError(PrioriteringError):
    """An expression in a case file is not in the safe language, or has no finite value."""


class ModelError(PrioriteringError):
    """A model's description does not hold together."""


class ProbabilityError(ModelError):
    """Transition probabilities or rates outside what a cohort can follow."""


class CurveError(PrioriteringError):
    """A survival curve is impossible, or curves that must be ordered cross."""


class ConventionError(PrioriteringError):
    """A discounting or cycle convention that does not fit the run."""


class GuidelineError(PrioriteringError):
    """No rule in force for what was asked."""


class DataError(PrioriteringError):
    """A table is missing, altered, or asked outside its range."""


class CaseError(PrioriteringError):
    """A case folder or its files are not as the schema wants them."""


class ResultError(PrioriteringError):
    """Results or draws that cannot be analysed as asked."""


class ConfidentialError(ResultError):
    """A public view was asked for what a secret price could be worked out from."""


class UnknownNameError(PrioriteringError):
    """A name (state, strategy, parameter, reference, table) that does not exist."""


class PrioriteringWarning(UserWarning):
    """Something legal but odd; the message counts how often it occurs."""


ErrorT = TypeVar("ErrorT", bound=PrioriteringError)


def unknown_name(
    kind: str,
    name: object,
    known: Iterable[str],
    *,
    where: Mapping[str, object] | None = None,
) -> UnknownNameError:
    """Build the error for a misspelt name, with the nearest known name as the remedy."""
    known = list(known)
    close = get_close_matches(str(name), known, n=1, cutoff=0.5)
    return UnknownNameError(
        f"unknown {kind} {name!r}",
        expected="one of " + ", ".join(repr(k) for k in known) if known else f"no {kind} at all",
        found=repr(name),
        where=where,
        remedy=f"Did you mean {close[0]!r}?" if close else None,
    )


def _sentence(error: PrioriteringError) -> str:
    parts = [error.problem]
    if error.where:
        parts[0] += " (" + ", ".join(f"{k} {v}" for k, v in error.where.items()) + ")"
    if error.expected is not None:
        parts.append(f"expected {error.expected}")
    if error.found is not None:
        parts.append(f"found {error.found}")
    text = "; ".join(parts) + "."
    return f"{text} {error.remedy}" if error.remedy else text


def _rebuild(kind: type[ErrorT], state: dict[str, Any]) -> ErrorT:
    return kind(
        state["problem"],
        expected=state["expected"],
        found=state["found"],
        where=state["where"],
        remedy=state["remedy"],
    )
