"""What in a case has no source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.tables._cells import build

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.dossier.case_run import Assumption


def assumptions_table(assumptions: Sequence[Assumption], *, language: str = "en") -> pd.DataFrame:
    """One row per assumption of a case, with the reason for it as the case gives it.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    return build(
        {label("column.reason", language): [item.why for item in assumptions]},
        index=[item.what for item in assumptions],
        index_name=label("column.assumption", language),
    )
