"""The words a reader sees, in English and Norwegian."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from prioritering.errors import unknown_name

LANGUAGES = ("en", "no")
"""English and Norwegian (bokmål)."""


def label(key: str, language: str, /, **values: object) -> str:
    """Look up a word or sentence that a reader sees.

    Parameters
    ----------
    key
        Dotted key in a file of ``words/``, for example ``"column.cost"``.
    language
        ``"en"`` or ``"no"``.
    **values
        What to put in the places the sentence leaves open, already formatted.

    Raises
    ------
    UnknownNameError
        A language or key that does not exist.

    Examples
    --------
    >>> label("column.assumption", "no")
    'Antakelse'
    """
    check_language(language)
    texts = _labels()
    if key not in texts:
        raise unknown_name("label", key, texts)
    text = texts[key][language]
    return text.format(**values) if values else text


def check_language(language: str) -> None:
    """Refuse a language without labels.

    Raises
    ------
    UnknownNameError
        A language that is neither ``"en"`` nor ``"no"``.
    """
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    """Read every file of words; a key belongs to one file."""
    texts: dict[str, Mapping[str, str]] = {}
    for file in (files("prioritering.report") / "words").iterdir():
        if file.name.endswith(".toml"):
            texts |= _leaves(tomllib.loads(file.read_text(encoding="utf-8")))
    return texts


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Walk nested tables down to the pairs of languages."""
    for name, below in node.items():
        if set(below) == set(LANGUAGES):
            yield prefix + name, below
        else:
            yield from _leaves(below, f"{prefix}{name}.")
