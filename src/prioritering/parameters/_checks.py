"""Checks shared by the distributions and their constructors."""

from __future__ import annotations

from collections.abc import Sequence
from keyword import iskeyword
from numbers import Integral, Real
from unicodedata import normalize

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ParameterError

Floats = NDArray[np.float64]


def number(name: str, value: object) -> float:
    """Return ``value`` as a finite float; anything else is an error."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ParameterError(f"{name} is not a number", expected="a number", found=repr(value))
    result = float(value)
    if not np.isfinite(result):
        raise ParameterError(f"{name} is not finite", expected="a finite number", found=result)
    return result


def positive(name: str, value: object, *, remedy: str | None = None) -> float:
    """Return ``value`` as a float above zero."""
    result = number(name, value)
    if result <= 0:
        raise ParameterError(
            f"{name} is not positive", expected="a number above 0", found=result, remedy=remedy
        )
    return result


def whole(name: str, value: object, *, at_least: int) -> int:
    """Return ``value`` as an int that is no smaller than ``at_least``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral) or value < at_least:
        raise ParameterError(
            f"{name} is not usable",
            expected=f"an integer of at least {at_least}",
            found=repr(value),
        )
    return int(value)


def pair(name: str, value: object) -> tuple[float, float]:
    """Return an interval as two floats, the lower first."""
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray) or len(value) != 2:
        raise ParameterError(
            f"{name} is not an interval", expected="two numbers, (lower, upper)", found=repr(value)
        )
    low, high = (
        number(f"lower limit of {name}", value[0]),
        number(f"upper limit of {name}", value[1]),
    )
    if low >= high:
        raise ParameterError(
            f"{name} does not rise",
            expected="a lower limit below the upper limit",
            found=f"({low:g}, {high:g})",
            remedy="Use fixed() for a value without uncertainty." if low == high else None,
        )
    if high - low == np.inf:
        raise ParameterError(
            f"{name} is too wide for a float",
            expected="a finite width",
            found=f"({low:g}, {high:g})",
        )
    return low, high


def uniforms(u: ArrayLike) -> Floats:
    """Return probabilities as an array after checking that all lie in [0, 1]."""
    array = np.asarray(u, dtype=np.float64)
    if array.size and not (array.min() >= 0.0 and array.max() <= 1.0):
        raise ParameterError(
            "quantile asked outside the unit interval",
            expected="probabilities from 0 to 1",
            found=f"values from {array.min():g} to {array.max():g}",
        )
    return array


def finite(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as float64; what is not numeric or not finite is counted and refused."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ParameterError(
            f"{name} is not an array", expected="numbers in equal rows", found=str(error)
        ) from None
    if array.dtype.kind not in "fiu":
        raise ParameterError(
            f"{name} is not numeric", expected="numbers", found=f"values of type {array.dtype}"
        )
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ParameterError(
            f"{name} is not finite",
            expected="finite numbers only",
            found=f"{array[first]} ({int(bad.sum())} of {array.size} values are not finite)",
            where={"index": first[0] if len(first) == 1 else first},
            remedy="Drop or replace such values first; nothing is dropped silently.",
        )
    return array.astype(np.float64, copy=False)


def frozen(array: Floats) -> Floats:
    """Make an array read-only and return it."""
    array.flags.writeable = False
    return array


def labelled(name: str, labels: Sequence[str], values: Sequence[object]) -> dict[str, float]:
    """Pair component names with finite floats; at least two, no name twice."""
    check_components(labels)
    if len(labels) != len(values) or len(labels) < 2:
        raise ParameterError(
            f"{name} needs named components",
            expected="at least two names, each with one number",
            found=f"{len(labels)} names, {len(values)} numbers",
        )
    return {k: number(f"{name} of {k!r}", v) for k, v in zip(labels, values, strict=True)}


def check_components(labels: Sequence[object]) -> None:
    """Refuse component names that are not text, occur twice, or that a view uses itself."""
    for label in labels:
        if not isinstance(label, str) or not label or label in _VIEW_NAMES:
            raise ParameterError(
                "component name is not usable",
                expected="non-empty text, and none of " + ", ".join(sorted(_VIEW_NAMES)),
                found=repr(label),
            )
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise ParameterError("component named twice", expected="unique names", found=repr(twice))


def check_name(name: object, *, reserved: frozenset[str]) -> str:
    """Refuse a parameter name that could not be written ``p.name`` in a model."""
    usable = (
        isinstance(name, str)
        and name.isidentifier()
        and not name.startswith("_")
        and not iskeyword(name)
        and normalize("NFKC", name) == name
    )
    if not usable:
        raise ParameterError(
            f"parameter name {name!r} is not usable",
            expected="a Python name that does not begin with an underscore",
            found=repr(name),
            remedy="Use letters, digits and underscores, for example 'cost_drug'.",
        )
    if name in reserved:
        raise ParameterError(
            f"parameter name {name!r} is taken",
            expected="a name that Draws does not use itself",
            found=repr(name),
            remedy=f"Draws.{name} means something else; choose a longer name.",
        )
    return str(name)


_VIEW_NAMES = frozenset({"array", "names", "keys", "values", "items", "get"})
