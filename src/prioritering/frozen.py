"""Results nobody can change: read-only arrays and mappings, also after a copy or pickle."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np


class Frozen:
    """Base of a frozen dataclass whose arrays and dictionaries are read-only.

    Arrays become read-only views, so an array the caller still holds stays as it was;
    dictionaries become :class:`types.MappingProxyType`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Totals(Frozen):
    ...     cost: np.ndarray
    >>> Totals(np.ones(2)).cost[0] = 3.0
    Traceback (most recent call last):
    ValueError: assignment destination is read-only
    """

    def __post_init__(self) -> None:
        self.__setstate__(vars(self))

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: dict(value) if isinstance(value, MappingProxyType) else value
            for name, value in vars(self).items()
        }

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update({name: read_only(value) for name, value in state.items()})


def read_only(value: Any) -> Any:
    """Read-only view of an array or dictionary; anything else as it is."""
    if isinstance(value, np.ndarray):
        view = value.view()
        view.flags.writeable = False
        return view
    return MappingProxyType(dict(value)) if isinstance(value, dict) else value
