"""The page as HTML that stands alone and prints on one sheet of A4."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from prioritering.report.labels import check_language, label
from prioritering.report.page.figure import decision_svg
from prioritering.report.page.lines import (
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

_LANG = {"en": "en", "no": "nb"}
_WIDTHS = {2: (25, 53, 83, 29), 3: (25, 53, 42, 41, 29)}
"""Of the columns in mm, by how many follow the criterion's two."""

_STYLE = """
@page { size: A4; margin: 9mm 10mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 190mm; color: #222; background: #fff;
  font: 7.1pt/1.22 "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
.mark { font-weight: 700; letter-spacing: .02em; padding: .8mm 2mm; border: .4mm solid #222 }
.mark.confidential { background: #222; color: #fff }
h1 { font-size: 13pt; line-height: 1.15; margin: 2mm 0 .8mm }
p { margin: 0 0 .8mm }
table { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 1mm 0 1.6mm;
  font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .22mm 1.2mm; overflow-wrap: anywhere }
thead th { border-bottom: .35mm solid #222 }
tbody tr:first-child > * { border-top: .15mm solid #999 }
tbody th { font-weight: 700 }
tbody td:nth-last-child(1) { color: #555 }
.below { display: grid; grid-template-columns: 76mm 1fr; gap: 4mm }
.below svg { width: 100%; height: auto }
.notes { font-size: 6.3pt; color: #444 }
.notes p { margin: 0 0 .4mm }
@media screen { body { padding: 9mm 0 } }
"""


def page_html(page: DecisionPage, *, language: str = "en") -> str:
    """Write the page; every text is escaped and nothing is loaded from elsewhere.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    check_language(language)
    below = "".join(
        f"<p>{escape(' '.join(texts))}</p>"
        for texts in (notes(page, language), source_notes(page, language))
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANG[language]}"><head><meta charset="utf-8">'
        f"<title>{escape(page.title)}</title><style>{_STYLE}</style></head><body>\n"
        f'<p class="mark {page.view}">{escape(mark(page, language))}</p>\n'
        f"<h1>{escape(page.title)}</h1>\n"
        f"<p><b>{escape(label('page_note.reports', language))}</b> "
        f"{escape(heading(page, language))}</p>\n"
        f"{_table(page, language)}\n"
        f'<div class="below"><div>{decision_svg(page.decision, language=language)}</div>'
        f'<div class="notes">{below}</div></div>\n</body></html>\n'
    )


def _table(page: DecisionPage, language: str) -> str:
    section, *others = column_names(page, language)
    head = f'<th colspan="2">{escape(section)}</th>' + "".join(
        f"<th>{escape(name)}</th>" for name in others
    )
    widths = "".join(f'<col style="width:{width}mm">' for width in _WIDTHS[len(others)])
    groups = groupby(page_lines(page, language), lambda line: line.section)
    body = "".join(
        f"<tbody>{''.join(_rows(name, list(lines), len(others)))}</tbody>" for name, lines in groups
    )
    return f"<table>{widths}<thead><tr>{head}</tr></thead>{body}</table>"


def _rows(section: str, lines: list[Line], n_columns: int) -> Iterator[str]:
    for k, line in enumerate(lines):
        start = f'<th rowspan="{len(lines)}">{escape(section)}</th>' if k == 0 else ""
        if line.wide:
            cells = f'<td colspan="{n_columns}">{escape(line.value)}</td>'
            cells += f"<td>{escape(line.origin)}</td>"
        elif n_columns == 3 and not line.net:
            cells = f'<td>{escape(line.name)}</td><td colspan="2">{escape(line.value)}</td>'
            cells += f"<td>{escape(line.origin)}</td>"
        else:
            texts = [line.name, line.value, *([line.net] if n_columns == 3 else []), line.origin]
            cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
        yield f"<tr>{start}{cells}</tr>"
