"""Frames and paragraphs as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 88


def frame_text(frame: pd.DataFrame) -> str:
    """Write a table of text in columns: names to the left, cells to the right.

    Examples
    --------
    >>> import pandas as pd
    >>> print(frame_text(pd.DataFrame({"old": ["1.5"], "new": ["12.0"]}, index=["Cost"])))
          old   new
    Cost  1.5  12.0
    """
    names = [str(frame.index.name or ""), *map(str, frame.index)]
    columns = [[str(name), *map(str, cells)] for name, cells in frame.items()]
    widths = [max(map(len, column)) for column in columns]
    left = max(map(len, names))
    return "\n".join(
        "  ".join(
            [
                name.ljust(left),
                *(c[i].rjust(width) for c, width in zip(columns, widths, strict=True)),
            ]
        ).rstrip()
        for i, name in enumerate(names)
    )


def list_text(frame: pd.DataFrame) -> str:
    """Write a table line by line, ``name: cell; cell``, for cells that are sentences."""
    return "\n".join(
        paragraph(f"{name}: " + "; ".join(cell for cell in map(str, cells) if cell))
        for name, *cells in frame.itertuples()
    )


def notes_text(notes: Iterable[str]) -> str:
    """Write notes one to a line, or as many lines as they need."""
    return "\n".join(paragraph(note) for note in notes)


def items_text(items: Iterable[str]) -> str:
    """Write a list with dashes."""
    return "\n".join(paragraph(f"- {item}", indent=2) for item in items)


def paragraph(text: str, *, indent: int = 4) -> str:
    """Break a text to the width, later lines indented; words stay whole."""
    return fill(
        text,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def heading(text: str, rule: str = "-") -> str:
    """Write a heading with a rule below."""
    return f"{text}\n{rule * len(text)}"
