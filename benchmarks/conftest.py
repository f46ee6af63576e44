"""How a timing is named and taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import prioritering as pr

Timed = Callable[..., Any]


@pytest.fixture
def timed(benchmark: Any) -> Timed:
    """``timed(task, who, function, rounds=...)``: time a call that takes no arguments.

    ``who`` is ``"ours"``, ``"numpy"``, ``"heormodel ..."`` or the name of a part of ours;
    the report sorts by it. Further keywords are kept with the timing.
    """

    def run(
        task: str, who: str, function: Callable[[], Any], *, rounds: int, **notes: object
    ) -> Any:
        benchmark.extra_info.update(task=task, who=who, **notes)
        return benchmark.pedantic(function, rounds=rounds, warmup_rounds=1)

    return run


@pytest.fixture(scope="session")
def rules() -> pr.Guideline:
    return pr.guideline("no", as_of="2026-11-01")
