"""The page as plain text that is also markdown."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.page.lines import (
    NEXT,
    Line,
    column_names,
    heading,
    mark,
    notes,
    page_lines,
    source_notes,
)

if TYPE_CHECKING:
    from prioritering.decision.page.page import DecisionPage


def page_text(page: DecisionPage, *, language: str = "en") -> str:
    """Write title, lines under their criteria, notes and sources.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    names = column_names(page, language)
    net = names[2] if page.has_net else ""
    parts = [
        f"**{mark(page, language)}**",
        f"# {_plain(page.title)}",
        f"{label('page_note.reports', language)} {heading(page, language)}",
    ]
    for section, lines in groupby(page_lines(page, language), lambda line: line.section):
        parts.append("\n".join([f"## {section}", *(_item(line, net) for line in lines)]))
    parts += [" ".join(notes(page, language)), "\n".join(source_notes(page, language))]
    return "\n\n".join(parts) + "\n"


def _item(line: Line, net: str) -> str:
    if NEXT in line.value:
        return "\n".join(_item(line._replace(value=text), net) for text in line.value.split(NEXT))
    name = "" if line.wide else f"{line.name}: "
    beside = f" | {net.lower()}: {line.net}" if line.net else ""
    origin = f" ({line.origin})" if line.origin else ""
    return _plain(f"- {name}{line.value}{beside}{origin}")


def _plain(text: str) -> str:
    """Keep a text on one line."""
    return " ".join(text.splitlines())
