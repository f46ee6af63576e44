"""One-way sensitivity as a tornado, and scenarios as dots beside the base case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from prioritering.report.figures._canvas import (
    GROUND,
    SMALL,
    finish,
    look,
    tag,
    with_minus,
)
from prioritering.report.figures._rows import (
    at_right,
    axis_name,
    chosen,
    comparable,
    margins,
    name_rows,
    reference_lines,
    rows_canvas,
    short,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, number
from prioritering.report.tables.sensitivity import (
    one_way_notes,
    value_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.sensitivity import (
        OneWay,
        OneWayRow,
        Outcome,
    )

MOST_ROWS = 15
"""Bars of a tornado at most; the note counts the others."""


_BAR = 0.62


def plot_tornado(
    result: OneWay,
    outcome: Outcome | None = None,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Tornado: each parameter's bar runs from the outcome at its low to that at its high value.

    The line is the base case, a dashed line net benefit 0 or, for the ICER, the willingness to
    pay. Where an ICER means something else than in the base case, words stand instead of a bar.

    Parameters
    ----------
    outcome
        ``"nmb"`` (the default with willingness to pay), ``"icer"``, ``"cost"`` or ``"qaly"``.

    Raises
    ------
    UnknownNameError
        An outcome or a language that does not exist.
    ResultError
        Net benefit without willingness to pay, or an ICER the base case does not have.
    """
    picked = chosen(result, outcome)
    unit = currency_of(result.provenance, currency)
    rows = result.sorted(picked)[:MOST_ROWS]
    with rows_canvas(ax, [row.name for row in rows]) as axes:
        for y, row in enumerate(rows):
            _bar(axes, y, row, picked)
        margins(axes, worded=picked == "icer" and any(_words(r, language) for r in rows))
        for y, row in enumerate(rows):
            _end_values(axes, y, row, picked, language)
            _side_words(axes, y, row, picked, language)
        reference_lines(axes, result, picked, unit, language)
        _legend(axes, language)
        finish(
            axes,
            language,
            title=_tornado_title(result, rows, language),
            x=axis_name(result, picked, unit, language),
            y="",
            small_print="\n".join(_tornado_notes(result, picked, unit, language)),
        )
        name_rows(axes, [row.name for row in rows])
    return axes


def _ends(row: OneWayRow, outcome: Outcome) -> tuple[float | None, float | None]:
    low, high = (comparable(end, row.base, outcome) for end in (row.low, row.high))
    return low, high


def _bar(ax: Axes, y: int, row: OneWayRow, outcome: Outcome) -> None:
    """Two half bars from the base case; above each other where both go the same way."""
    base = cast(float, row.base.value(outcome))
    low, high = _ends(row, outcome)
    same_way = _same_way(base, low, high)
    for k, (value, gid) in enumerate(((low, "low"), (high, "high"))):
        if value is not None:
            height = _BAR / 2 if same_way else _BAR
            shift = (k - 0.5) * _BAR / 2 if same_way else 0.0
            ax.barh(
                y + shift,
                value - base,
                left=base,
                height=height,
                color=look(1 - k).colour,
                alpha=0.85,
                edgecolor=GROUND,
                linewidth=0.5,
                gid=gid,
            )


def _same_way(base: float, low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and (low - base) * (high - base) > 0


def _end_values(ax: Axes, y: int, row: OneWayRow, outcome: Outcome, language: str) -> None:
    """Value of the parameter at each end of its bar; a group has none."""
    if len(row.members) > 1:
        return
    base = cast(float, row.base.value(outcome))
    ends = zip(_ends(row, outcome), (row.low_values[0], row.high_values[0]), strict=True)
    shown = [(at, value_text(value, language)) for at, value in ends if at is not None]
    if len(shown) == 2 and _same_way(base, shown[0][0], shown[1][0]):
        at = max((x for x, _ in shown), key=lambda x: abs(x - base))
        words = label("sensitivity.value_and_value", language, low=shown[0][1], high=shown[1][1])
        shown = [(at, words)]
    elif len(shown) == 2 and shown[0][0] == shown[1][0]:
        return
    other = {0: 1.0, 1: -1.0}
    for k, (at, text) in enumerate(shown):
        side = np.sign(at - base)
        if side == 0:
            rest = [np.sign(x - base) for x, _ in shown if x != at]
            side = -rest[0] if rest else other[k]
        tag(ax, with_minus(text), (at, y), shift=(3 * float(side), 0))


def _words(row: OneWayRow, language: str) -> str:
    """Say what ends are whose ICER cannot be drawn."""
    low, high = _ends(row, "icer")
    texts = [short(end, language) for end in (row.low, row.high)]
    if low is None and high is None and texts[0] == texts[1]:
        return label("sensitivity.both", language, words=texts[0])
    parts = []
    if low is None:
        parts.append(label("sensitivity.low_words", language, words=texts[0]))
    if high is None:
        parts.append(label("sensitivity.high_words", language, words=texts[1]))
    return "; ".join(parts)


def _side_words(ax: Axes, y: int, row: OneWayRow, outcome: Outcome, language: str) -> None:
    if outcome == "icer" and (words := _words(row, language)):
        at_right(ax, y, words)


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.patches import Patch

    ends = (("sensitivity.low", 1), ("sensitivity.high", 0))
    handles = [
        Patch(color=look(k).colour, alpha=0.85, label=label(key, language)) for key, k in ends
    ]
    ax.legend(
        handles=handles,
        loc="lower right",
        frameon=True,
        framealpha=0.9,
        edgecolor="none",
        fontsize=SMALL,
        handlelength=1.2,
    )


def _tornado_title(result: OneWay, rows: Sequence[OneWayRow], language: str) -> str:
    if result.wtp is None:
        return label("sensitivity_title.most", language, name=rows[0].name)
    total = number(len(result.rows), language=language)
    n = sum(bool(row.decision_changes) for row in result.rows)
    most = result.sorted("nmb")[0].name
    if n == 0:
        return label("sensitivity_title.none_decisive", language, total=total, name=most)
    count = number(n, language=language)
    return label("sensitivity_title.decisive", language, n=count, total=total, name=most)


def _tornado_notes(result: OneWay, outcome: Outcome, currency: str, language: str) -> list[str]:
    notes = [label("sensitivity_note.bars", language)]
    if outcome == "icer" and any(_words(row, language) for row in result.rows):
        notes.append(label("sensitivity_note.words", language))
    if len(result.rows) > MOST_ROWS:
        rest = number(len(result.rows) - MOST_ROWS, language=language)
        notes.append(label("sensitivity_note.left_out", language, n=rest))
    return notes + one_way_notes(result, currency, language)
