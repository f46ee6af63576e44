"""Results read from another program: means, signs and what was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.tables.outcomes import outcomes_table

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.readers import Imported

_EFFECTS = {"gains": "signs.gains_effects", "losses": "signs.losses_effects"}
_COSTS = {"spending": "signs.spending_costs", "savings": "signs.savings_costs"}


def imported_table(imported: Imported, *, language: str = "en") -> pd.DataFrame:
    """Means by strategy with notes on signs, checks and origin.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    frame = outcomes_table(imported.outcomes, language=language)
    signs = label("format.and", language).join(
        [
            label(_EFFECTS[imported.signs.effects], language),
            label(_COSTS[imported.signs.costs], language),
        ]
    )
    checks = (
        label("note.imported_checked", language, checks="; ".join(imported.checked))
        if imported.checked
        else label("note.imported_unchecked", language)
    )
    frame.attrs["notes"] = (
        *frame.attrs["notes"],
        label("note.imported", language, program=imported.program, signs=signs),
        checks,
        *(label("note.imported_note", language, text=note) for note in imported.notes),
    )
    return frame
