"""Key paths and the lines they stand on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prioritering.dossier.examples import examples
from prioritering.dossier.places import Source, _all_keys, line_of, show_path

TEXT = """\
title = "x"  # first
[model]
kind = "markov"
states = [
  "a = b",
  "c",
]
[parameters.rate]
mean = 0.2
[parameters."odd name"]
"a -> b" = 1
[[assumptions]]
what = "one"
[[assumptions]]
what = "two"
[curves.os]
then = [{ floor = "population" }]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("model",), 2),
        (("model", "states"), 4),
        (("model", "states", 1), 4),
        (("parameters", "rate", "mean"), 9),
        (("parameters", "rate", "se"), 8),
        (("parameters", "odd name", "a -> b"), 11),
        (("assumptions", 0, "what"), 13),
        (("assumptions", 1, "what"), 15),
        (("curves", "os", "then", 0, "floor"), 17),
        (("parameters",), 8),
        (("assumptions",), 12),
        (("nothing",), None),
    ],
)
def test_line_of_the_key_or_of_the_table_around_it(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, path) == line


@pytest.mark.parametrize("folder", examples().values(), ids=str)
def test_every_key_of_an_example_is_found_on_a_line_that_names_it(folder: Path) -> None:
    text = (folder / "case.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    checked = 0
    for path in _keys(tomllib.loads(text)):
        line = line_of(text, path)
        assert line is not None, path
        named = lines[line - 1]
        assert any(isinstance(part, str) and part in named for part in path), (path, named)
        checked += 1
    assert checked > 50


def test_a_place_shows_file_key_and_line() -> None:
    source = Source("case.toml", TEXT)
    assert source.where("parameters", "rate", "mean") == {
        "file": "case.toml",
        "key": "parameters.rate.mean",
        "line": 9,
    }
    assert source.where() == {"file": "case.toml"}
    assert source.where("nothing") == {"file": "case.toml", "key": "nothing"}


def test_keys_that_are_not_bare_are_quoted() -> None:
    assert show_path(("costs", "drug", "a -> b", 0, "to")) == 'costs.drug."a -> b"[0].to'
    assert show_path(("", "x")) == '"".x'


def _keys(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _keys(value, (*path, key))
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        for k, value in enumerate(data):
            yield from _keys(value, (*path, k))


def test_a_text_is_searched_for_keys_once_however_many_are_asked_for() -> None:
    source = Source("case.toml", TEXT + "# not read before\n")
    before = _all_keys.cache_info().misses
    for path in (("title",), ("model", "kind"), ("parameters", "rate", "mean"), ("nothing",)):
        source.where(*path)
    assert _all_keys.cache_info().misses == before + 1
