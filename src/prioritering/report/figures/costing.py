"""Mean utility of each state, with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.conventions import NORMAL_95
from prioritering.report.figures._canvas import (
    FAVOUR,
    MUTED,
    SMALL,
    TINY,
    canvas,
    figure_number,
    finish,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.utilities import StateUtilities

_ROOM = 0.75
"""Rows of room above the first state and below the last."""


def plot_state_utilities(
    utilities: StateUtilities, *, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """Draw each state's mean and its 95 % confidence interval, named with its measurements.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    n = len(utilities.states)
    half = NORMAL_95 * utilities.se
    rows = list(range(n - 1, -1, -1))
    with canvas(ax) as axes:
        axes.errorbar(
            utilities.mean, rows, xerr=half, fmt="o", color=FAVOUR, capsize=3, markersize=6
        )
        axes.set_ylim(-_ROOM, n - 1 + _ROOM)
        axes.margins(x=0.15)
        for k, state in enumerate(utilities.states):
            at = (float(utilities.mean[k]), float(rows[k]))
            value = figure_number(float(utilities.mean[k]), decimals=2, language=language)
            tag(axes, f"{state}  {value}", at, shift=(0, 7), size=SMALL, bold=True)
            counts = label(
                "state_utility.counts",
                language,
                measurements=number(int(utilities.n[k]), language=language),
                patients=number(int(utilities.n_patients[k]), language=language),
            )
            tag(axes, counts, at, shift=(0, -7), size=TINY, colour=MUTED)
        kind = "state_utility.clustered" if utilities.clustered else "state_utility.independent"
        name = utilities.provenance.get("value_set")
        notes = [
            label("state_utility.bars", language),
            label(kind, language),
            *([label("state_utility.values", language, name=name)] if name else []),
        ]
        finish(
            axes,
            language,
            title=label("state_utility.title", language),
            x=label("state_utility.mean", language),
            y=None,
            small_print=" ".join(notes),
        )
    return axes
