"""The page as a table of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.page.lines import (
    column_names,
    heading,
    mark,
    notes,
    page_lines,
    source_notes,
)

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.page.page import DecisionPage


def page_table(page: DecisionPage, *, language: str = "en") -> pd.DataFrame:
    """One row per line, indexed by criterion and what of it.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    import pandas as pd

    lines = page_lines(page, language)
    names = column_names(page, language)
    columns = [[line.value for line in lines], [line.origin for line in lines]]
    if page.has_net:
        columns.insert(1, [line.net for line in lines])
    frame = pd.DataFrame(
        dict(zip(names[1:], columns, strict=True)),
        index=pd.MultiIndex.from_arrays(
            [[line.section for line in lines], [line.name for line in lines]],
            names=[names[0], page.title],
        ),
        dtype=object,
    )
    frame.attrs["notes"] = (
        mark(page, language),
        label("page_note.reports", language),
        heading(page, language),
        *notes(page, language),
        *source_notes(page, language),
    )
    return frame
