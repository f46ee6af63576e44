"""Reference numbers of the examples, and their cases changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prioritering.dossier import Case, CaseRun, copy_example, find_case, load_case, run_case

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "example_cases.json").read_text("utf-8")
)

Changed = Callable[..., Case]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """Copy an example, replace texts that must occur, and load it."""

    def change(name: str, *changes: tuple[str, str]) -> Case:
        folder = copy_example(name, to=tmp_path / name)
        text = (folder / "case.toml").read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / "case.toml").write_text(text, "utf-8")
        return load_case(folder)

    return change


def run_example(name: str) -> CaseRun:
    """Run an example as it ships."""
    return run_case(load_case(find_case(name)))
