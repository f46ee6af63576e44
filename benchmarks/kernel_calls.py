"""Repeat what a run asks of a kernel, without the rest of the run."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any


def replay(module: ModuleType, name: str, run: Callable[[], object]) -> Callable[[], None]:
    """Run once, noting every call of a kernel; return a function that makes the same calls.

    Arrays are noted as they are, not copied: one that the run fills again for each call is
    read with its last values, from the cache, as the run reads it.
    """
    kernel, calls = getattr(module, name), []

    def noting(*arguments: Any) -> Any:
        calls.append(arguments)
        return kernel(*arguments)

    setattr(module, name, noting)
    try:
        run()
    finally:
        setattr(module, name, kernel)
    if not calls:
        raise LookupError(f"the run does not call {name}")

    def again() -> None:
        for arguments in calls:
            kernel(*arguments)

    return again
