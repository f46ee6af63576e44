"""A number with its noun, for the short descriptions of results."""

from __future__ import annotations


def plural(n: int, noun: str, many: str | None = None) -> str:
    """Write a count with its noun in the right number, ``many`` where an s will not do.

    Examples
    --------
    >>> plural(1, "draw"), plural(2000, "draw"), plural(2, "strategy", "strategies")
    ('1 draw', '2000 draws', '2 strategies')
    """
    return f"{n} {noun if n == 1 else many or f'{noun}s'}"
