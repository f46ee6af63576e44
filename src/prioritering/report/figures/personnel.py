"""Staff hours by year and staff group, or per patient."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from prioritering.report.figures._canvas import (
    FAVOUR,
    GROUND,
    INK,
    SMALL,
    canvas,
    finish,
    look,
    settle,
    with_minus,
)
from prioritering.report.figures._worlds import (
    bars_note,
    legend,
    name_years,
    stacked_years,
    totals,
)
from prioritering.report.labels import label
from prioritering.report.numbers import number, standard_error
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.budget import ENTRY_KEYS, year_in_text, year_text
from prioritering.report.tables.personnel import (
    horizon_note,
    hours_decimals,
    personnel_notes,
    staff_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision.budget.personnel import Personnel
    from prioritering.decision.means import Mean

_HALF = 0.19
_NAME = 24


def plot_personnel(personnel: Personnel, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Hours of each year with, without and net, stacked by staff group.

    Without patients the figure has hours per patient of both strategies instead.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    draw = _per_patient if personnel.with_decision is None else _by_year
    with canvas(ax) as axes:
        draw(axes, personnel, language)
    return axes


def _by_year(ax: Axes, personnel: Personnel, language: str) -> None:
    from prioritering.decision.budget.impact import WORLDS

    years = [year_text(year, language) for year in personnel.years]
    groups = range(len(personnel.staff))
    sums = {world: personnel.means(world) for world in WORLDS}
    stacked_years(
        ax,
        {world: [[m.value for m in personnel.means(world, i)] for i in groups] for world in WORLDS},
    )
    totals(ax, sums)
    largest = max(range(len(years)), key=lambda k: abs(sums["net"][k].value))
    hours = sums["net"][largest].value
    finish(
        ax,
        language,
        title=label(
            "personnel.title",
            language,
            option=personnel.option,
            hours=_hours(hours, language),
            year=year_in_text(personnel.years[largest], language),
        ),
        x="",
        y=label("personnel.axis_year", language),
        small_print="\n".join(
            [
                " ".join([*bars_note(years, language), _draws(personnel, sums["net"], language)]),
                label(ENTRY_KEYS[personnel.entry], language),
                *personnel_notes(personnel, language),
            ]
        ),
    )
    name_years(ax, years, language)
    legend(ax, staff_names(personnel, language))


def _per_patient(ax: Axes, personnel: Personnel, language: str) -> None:
    means = [personnel.patient_means(i) for i in range(len(personnel.staff))]
    colours = {"without": look(3).colour, "with": FAVOUR}
    for world, shift in (("without", -_HALF), ("with", _HALF)):
        _bars(ax, [m[world] for m in means], shift, colours[world])
    net = personnel.per_patient[:, 1].sum(axis=0) - personnel.per_patient[:, 0].sum(axis=0)
    ax.set_ylim(len(means) - 0.4, -0.6 - 0.16 * len(means))
    names = [fill(name, _NAME, break_long_words=False) for name in staff_names(personnel, language)]
    ax.set_yticks(range(len(names)), names)
    settle(ax)
    finish(
        ax,
        language,
        title=label(
            "personnel.title_patient",
            language,
            option=personnel.option,
            hours=_hours(float(net.mean()), language),
        ),
        x=label("personnel.axis_patient", language),
        y=None,
        small_print="\n".join(
            [
                _draws(personnel, [m["net"] for m in means], language),
                horizon_note(personnel, language),
                *personnel_notes(personnel, language),
            ]
        ),
    )
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    _strategies(ax, {personnel.reference: colours["without"], personnel.option: colours["with"]})


def _bars(ax: Axes, means: list[Mean], shift: float, colour: str) -> None:
    y = np.arange(len(means)) + shift
    ax.barh(y, [m.value for m in means], 2 * _HALF, color=colour, edgecolor=GROUND, zorder=2)
    for at, m in zip(y, means, strict=True):
        if m.low is not None and m.high is not None:
            for colour_of, width in ((GROUND, 2.4), (INK, 1.0)):
                ax.plot([m.low, m.high], [at, at], color=colour_of, linewidth=width, zorder=3)


def _strategies(ax: Axes, colours: dict[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=colour, label=name) for name, colour in colours.items()]
    ax.legend(
        handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=SMALL, borderaxespad=0.0
    )


def _draws(personnel: Personnel, means: list[Mean] | tuple[Mean, ...], language: str) -> str:
    if personnel.n_draws == 1:
        return label("note.one_draw", language)
    n = number(personnel.n_draws, language=language)
    key = "personnel.whiskers" if personnel.with_decision is None else "budget.whiskers"
    text = label(key, language, n=n)
    se = standard_error(
        max(m.se or 0.0 for m in means),
        decimals=hours_decimals([m.value for m in means]),
        language=language,
    )
    return with_error_notes(
        f"{text} {label('personnel.largest_error', language, se=se)}",
        personnel.provenance,
        language,
    )


def _hours(hours: float, language: str) -> str:
    return with_minus(number(hours, decimals=hours_decimals([hours]), language=language))
