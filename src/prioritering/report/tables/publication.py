"""The public view: what is published, what is refused, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import percent
from prioritering.report.tables._cells import build

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision.publication import PublicView

_REASONS = {
    "narrow": "note.publication_reason",
    "secret": "note.publication_reason_secret",
}


def publication_table(view: PublicView, *, language: str = "en") -> pd.DataFrame:
    """One row per figure asked for, with the price behind it.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    rows = [
        *(
            (
                s.name,
                s.text,
                "word.publication_net" if s.depends_on_price else "word.publication_maximum",
            )
            for s in view.statements
        ),
        *(
            (
                r.name,
                label(
                    "word.publication_refused", language, reason=label(_REASONS[r.kind], language)
                ),
                "word.publication_secret",
            )
            for r in view.refused
        ),
    ]
    return build(
        {
            label("column.publication_public", language): [text for _, text, _ in rows],
            label("column.publication_price", language): [label(k, language) for *_, k in rows],
        },
        index=[name for name, *_ in rows],
        index_name=label("column.publication_figure", language),
        notes=[
            label(
                "note.publication_rule",
                language,
                open=percent(view.open_share, language=language),
                least=percent(view.narrowest, language=language),
            ),
            label("note.publication_elsewhere", language),
        ],
    )
