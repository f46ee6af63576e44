"""A number with its noun, for the short descriptions of results."""

from __future__ import annotations


def plural(n: int, noun: str) -> str:
    """Write a count with its noun in the right number.

    Examples
    --------
    >>> plural(1, "draw"), plural(2000, "draw")
    ('1 draw', '2000 draws')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
