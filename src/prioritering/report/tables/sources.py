"""Where the rules of a guideline come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.tables._cells import build

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.guidelines import Guideline


def sources_table(rules: Guideline, *, language: str = "en") -> pd.DataFrame:
    """One row per rule in force: since when, on what evidence, and where it stands.

    Documents are named as they are titled, and how they were read stands in the language of
    the guideline files. A rule that points to a shipped table has the table's name and the
    start of its SHA-256.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    rows = rules.sources_frame()
    columns: dict[str, Iterable[str]] = {
        "in_force_from": rows["in_force_from"],
        "evidence": [label(f"word.{status}", language) for status in rows["status"]],
        "document": rows["document"],
        "section": rows["section"],
        "date": rows["date"],
        "read": rows["read"],
        "data": [
            f"{name} ({sha256[:12]})" if name else ""
            for name, sha256 in zip(rows["data"], rows["data_sha256"], strict=True)
        ],
        "note": rows["note"],
    }
    return build(
        {label(f"column.{name}", language): list(cells) for name, cells in columns.items()},
        index=[label(f"topic.{topic}", language) for topic in rows["topic"]],
        index_name=label("column.topic", language),
    )
