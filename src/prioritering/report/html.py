"""Frames as small HTML tables for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_TABLE = "border-collapse:collapse;font-variant-numeric:tabular-nums"
_CAPTION = "caption-side:top;text-align:left;font-weight:600;padding:0 0 4px"
_HEAD = "border-bottom:1px solid #888;padding:3px 10px;vertical-align:bottom"
_CELL = "padding:2px 10px;vertical-align:top"
_NOTE = "font-size:85%;opacity:.75;margin:4px 0 0"


def frame_html(frame: pd.DataFrame, *, caption: str | None = None) -> str:
    """Write a table as HTML; every text in it is escaped.

    Columns of numbers are set to the right. The notes a table of
    :mod:`prioritering.report.tables` carries in ``frame.attrs["notes"]`` follow below it.

    Examples
    --------
    >>> import pandas as pd
    >>> "a &lt; b" in frame_html(pd.DataFrame({"a < b": [1]}))
    True
    """
    index, columns = _index(frame), [list(map(str, column)) for _, column in frame.items()]
    aligned = [_align(cells) for cells in columns]
    head = [
        *((name, "left") for name in index[0]),
        *zip(map(str, frame.columns), aligned, strict=True),
    ]
    body = "".join(
        "<tr>"
        + "".join(_cell("th", cell, _CELL, "left") for cell in row_names)
        + "".join(
            _cell("td", cells[i], _CELL, side) for cells, side in zip(columns, aligned, strict=True)
        )
        + "</tr>"
        for i, row_names in enumerate(index[1])
    )
    return (
        f'<table style="{_TABLE}">'
        + (f'<caption style="{_CAPTION}">{escape(caption)}</caption>' if caption else "")
        + "<thead><tr>"
        + "".join(_cell("th", name, _HEAD, side) for name, side in head)
        + f"</tr></thead><tbody>{body}</tbody></table>"
        + _notes(frame.attrs.get("notes", ()))
    )


def _index(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Names and cells of an index that means something; a plain count is left out."""
    if frame.index.names == [None]:
        return [], [[] for _ in range(len(frame))]
    names = [str(name) for name in frame.index.names]
    rows = [key if isinstance(key, tuple) else (key,) for key in frame.index]
    return names, [[str(cell) for cell in row] for row in rows]


def _align(cells: Iterable[str]) -> str:
    return "right" if all(cell[:1] in "-–<>0123456789" for cell in cells) else "left"


def _cell(tag: str, text: str, style: str, side: str) -> str:
    nowrap = ";white-space:nowrap" if side == "right" and tag == "td" else ""
    return f'<{tag} style="{style};text-align:{side}{nowrap}">{escape(text)}</{tag}>'


def _notes(notes: Iterable[str]) -> str:
    return "".join(f'<p style="{_NOTE}">{escape(note)}</p>' for note in notes)
