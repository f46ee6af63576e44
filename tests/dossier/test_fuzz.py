"""Whatever is done to a case file, it runs, or an error of this package says why."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering.dossier import load_case
from prioritering.dossier.run import run_base
from prioritering.errors import PrioriteringError, PrioriteringWarning

from .conftest import MARKOV, PARTITIONED

PIECES = [
    "",
    "nan",
    "-1",
    '"x"',
    "{}",
    "[]",
    "true",
    "0",
    "1e400",
    "[run]",
    "=",
    "\n",
    "{ new = 1 }",
]


def load_and_run(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        (Path(folder) / "case.toml").write_text(text, encoding="utf-8")
        with suppress(PrioriteringError):
            run_base(load_case(folder))


@pytest.mark.parametrize("text", [MARKOV, PARTITIONED])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_line_is_never_a_crash(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    k = data.draw(st.integers(0, len(lines) - 1))
    key, equals, value = lines[k].partition(" = ")
    piece = data.draw(st.sampled_from(PIECES))
    lines[k] = data.draw(st.sampled_from([f"{key} = {piece}", f"{piece}{equals}{value}", piece]))
    load_and_run("\n".join(lines))


@pytest.mark.parametrize("text", [MARKOV, PARTITIONED])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_lost_part_is_never_a_crash(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(start, min(len(text), start + 200)))
    load_and_run(text[:start] + data.draw(st.text(max_size=3)) + text[stop:])
