"""Where in a case file something stands: key path and line, for error messages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

KeyPath = tuple[str | int, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(frozen=True)
class Source:
    """Text of a case file, to find the line of a key in."""

    file: str
    text: str

    def where(self, *path: str | int) -> dict[str, object]:
        """Place of a key path, as the errors show it: file, key and line."""
        place: dict[str, object] = {"file": self.file}
        if path:
            place["key"] = show_path(path)
            line = line_of(self.text, path)
            if line is not None:
                place["line"] = line
        return place


def show_path(path: Sequence[str | int]) -> str:
    """Write a key path as in TOML, indices in brackets.

    Examples
    --------
    >>> show_path(("costs", "drug", "stable -> dead", 0))
    'costs.drug."stable -> dead"[0]'
    """
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            bare = part and set(part) <= _BARE
            shown += ("." if shown else "") + (part if bare else f'"{part}"')
    return shown


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    r"""Line, from 1, of the key, else of the nearest table around it, else of the first in it.

    ``None`` if the text has none of them.

    Examples
    --------
    >>> line_of('title = "x"\n[run]\ndraws = 0\n', ("run", "draws"))
    3
    """
    wanted, best = tuple(path), 0
    line = first_within = None
    for number, here in _all_keys(text):
        if best < len(here) and wanted[: len(here)] == here:
            best, line = len(here), number
        if first_within is None and here[: len(wanted)] == wanted:
            first_within = number
    return line or first_within


@lru_cache(maxsize=4)
def _all_keys(text: str) -> tuple[tuple[int, KeyPath], ...]:
    """Keys of a text, kept: every message about a case asks for them."""
    return tuple(_keys(text))


def _keys(text: str) -> Iterator[tuple[int, KeyPath]]:
    """Line and key path of every table header and of every assignment that begins a line."""
    table: KeyPath = ()
    seen: dict[KeyPath, int] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("["):
            header = _header(line)
            if header is None:
                continue
            table, is_array = header
            if is_array:
                seen[table] = seen.get(table, -1) + 1
                table = (*table, seen[table])
            yield number, table
        elif "=" in line and not line.startswith("#"):
            key = _parse(line.partition("=")[0] + "= 0")
            if key is not None:
                yield number, (*table, *_descend(key)[0])


def _header(line: str) -> tuple[KeyPath, bool] | None:
    parsed = _parse(line)
    return None if parsed is None else _descend(parsed)


def _parse(line: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(line)
    except (ValueError, RecursionError):
        return None


def _descend(parsed: object) -> tuple[KeyPath, bool]:
    """Key path of a document that holds one key, and whether it opens an array of tables."""
    path: list[str] = []
    while isinstance(parsed, dict) and parsed:
        ((key, parsed),) = parsed.items()
        path.append(key)
    return tuple(path), isinstance(parsed, list)
