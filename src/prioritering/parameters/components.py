"""The parts of a joint parameter, and what Draws shares with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from prioritering.errors import ParameterError, UnknownNameError, unknown_name
from prioritering.parameters._checks import Floats, frozen


class UnknownAttributeError(UnknownNameError, AttributeError):
    """A misspelt name written as an attribute; ``hasattr`` sees it as absent."""


class Components(Mapping[str, Floats]):
    """View of a joint parameter: ``p.p_A["B"]``, or ``p.p_A.B`` where the name allows it.

    Attributes
    ----------
    names
        Components, in order.
    array
        All of them, shape (component, draw), read-only.
    """

    __slots__ = ("_rows", "array", "names")

    names: tuple[str, ...]
    array: Floats

    def __init__(self, names: tuple[str, ...], array: Floats) -> None:
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "array", frozen(array))
        object.__setattr__(self, "_rows", dict(zip(names, array, strict=True)))

    def __getitem__(self, name: str) -> Floats:
        try:
            return self._rows[name]  # type: ignore[no-any-return]
        except KeyError:
            raise unknown_name("component", name, self.names) from None

    def __getattr__(self, name: str) -> Any:
        return attribute(self, "component", name)

    def __setattr__(self, name: str, value: object) -> None:
        raise read_only("Components", name)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Components):
            return NotImplemented
        return self.names == other.names and np.array_equal(self.array, other.array)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Components({', '.join(self.names)} x {self.array.shape[1]} draws)"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self.names, self.array)


def attribute(owner: Mapping[str, Any], kind: str, name: str) -> Any:
    """Look a name up as an attribute; what protocols ask for privately is just absent."""
    if name.startswith("_"):
        raise AttributeError(name)
    if name in owner:
        return owner[name]
    error = unknown_name(kind, name, owner)
    raise UnknownAttributeError(
        error.problem, expected=error.expected, found=error.found, remedy=error.remedy
    )


def read_only(owner: str, name: str, *, remedy: str | None = None) -> ParameterError:
    """Build the error for an assignment to an attribute."""
    return ParameterError(
        f"{owner} cannot be changed",
        expected="no assignment",
        found=f"an assignment to {name!r}",
        remedy=remedy,
    )
