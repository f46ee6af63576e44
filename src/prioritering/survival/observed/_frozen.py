"""Results whose dictionaries hold arrays, all of them read-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prioritering.frozen import Frozen, read_only


class FrozenColumns(Frozen):
    """:class:`Frozen`, with the arrays inside its dictionaries read-only as well."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        super().__setstate__({name: _columns(value) for name, value in state.items()})


def _columns(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: read_only(column) for name, column in value.items()}
