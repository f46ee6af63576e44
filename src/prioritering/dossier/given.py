"""Numbers outside the model that a case may give as the name of a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.dossier.load import Case
from prioritering.dossier.places import KeyPath
from prioritering.errors import unknown_name

if TYPE_CHECKING:
    from prioritering.parameters import Draws

Floats = NDArray[np.float64]


def value_given(raw: float | str, draws: Draws, case: Case, *path: str | int) -> float | Floats:
    """Return the number, or the parameter's draws, shape (draws,).

    ``path`` is its place in the case file; without one the caller says where it stands.

    Raises
    ------
    UnknownNameError
        No parameter of that name, or one of several components without the component.
    """
    if not isinstance(raw, str):
        return raw
    name, _, component = raw.partition(".")
    where = case.where(*path) if path else None
    if name not in case.spec.parameters:
        raise unknown_name("parameter", raw, case.spec.parameters, where=where)
    value: Any = draws[name]
    if isinstance(value, np.ndarray):
        value = {"": value}
    if component not in value:
        known = [f"{name}.{part}" if part else name for part in value]
        raise unknown_name("parameter", raw, known, where=where)
    return np.asarray(value[component])


def by_year(
    raw: float | str | Sequence[float], draws: Draws, case: Case, *path: str | int
) -> float | Floats | Sequence[float]:
    """Return numbers by year as given, or a parameter's draws for every year, (draws, 1)."""
    if isinstance(raw, str):
        return np.asarray(value_given(raw, draws, case, *path))[:, None]
    return raw if isinstance(raw, float | int) else list(raw)


def names_given(case: Case) -> set[str]:
    """Names of parameters that other sections than the model's use."""
    return {raw for _, raw in _given(case) if isinstance(raw, str)}


def _given(case: Case) -> Iterator[tuple[KeyPath, Any]]:
    spec = case.spec
    for name, resource in spec.resources.items():
        for i, staff in enumerate(resource.staff or ()):
            yield ("resources", name, "staff", i, "hours"), staff.hours
    if spec.price is not None:
        yield ("price", "price"), spec.price.price
    if spec.budget is not None:
        for key in ("incidence", "prevalence", "uptake", "uptake_without"):
            yield ("budget", key), getattr(spec.budget, key)
        shares = spec.budget.shares
        for world in () if shares is None else ("with_decision", "without"):
            for strategy, share in getattr(shares, world).items():
                yield ("budget", "shares", world, strategy), share
