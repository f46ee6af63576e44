"""Severity classes over age and prognosis, with the case in its place."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    FAVOUR,
    INK,
    MUTED,
    SMALL,
    TINY,
    canvas,
    finish,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import number, percent_with_error
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.severity import write_age
from prioritering.report.tables.severity_sensitivity import margin_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.severity import ClassMap, Margin

CLOUD = 800
"""Draws of age and prognosis shown, at most."""

_SHADES = ("#f7f7f7", "#e9eef3", "#d8e3ee", "#c4d6e8", "#aec7e0", "#96b7d7")


def plot_class_map(result: ClassMap, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Regions of the severity classes over age and prognosis, and the case with its draws.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    with canvas(ax) as axes:
        top = float(result.population_qalys.max()) * 1.05
        axes.set_xlim(float(result.ages[0]), float(result.ages[-1]))
        axes.set_ylim(0.0, top)
        _regions(axes, result, top, language)
        _case(axes, result)
        finish(
            axes,
            language,
            title=_title(result, language),
            x=label("row.age", language),
            y=label("severity_case.prognosis", language),
            small_print="\n".join(_notes(result, language)),
        )
    return axes


def _regions(ax: Axes, result: ClassMap, top: float, language: str) -> None:
    """Shade each class between its own boundary and the next one's, and name it."""
    ages, roof = result.ages, np.full(result.ages.size, top)
    lines = [roof, *result.boundaries, np.full(ages.size, -np.inf)]
    for k, (upper, lower) in enumerate(pairwise(lines)):
        high, low = np.clip(upper, 0, top), np.clip(lower, 0, top)
        ax.fill_between(ages, low, high, color=_SHADES[k % len(_SHADES)], linewidth=0, zorder=0)
        if k:
            ax.plot(ages, upper, color=MUTED, linewidth=0.9, zorder=1)
        roof_of_name = result.population_qalys if k == 0 else high
        _name(ax, result, k + 1, low, roof_of_name, language)
    ax.plot(ages, result.population_qalys, color=INK, linewidth=1.2, linestyle=":", zorder=1)
    at = ages.size * 3 // 5
    place = (float(ages[at]), float(result.population_qalys[at]))
    tag(ax, label("severity_case.map_population", language), place, shift=(5, 5), colour=MUTED)


def _name(
    ax: Axes, result: ClassMap, number_of: int, low: Floats, high: Floats, language: str
) -> None:
    """Write a class's number near the left edge where its region is wide enough there."""
    at = max(result.ages.size // 12, 1)
    room, (_, top) = float(high[at] - low[at]), ax.get_ylim()
    if room < 0.05 * top:
        return
    text = label("mark.class", language, number=number(number_of, language=language))
    own = number_of == result.severity.expected.severity_class
    middle = (float(result.ages[at]), float(low[at]) + room / 2)
    tag(ax, text, middle, shift=(0, 0), size=SMALL if own else TINY, bold=own)


def _case(ax: Axes, result: ClassMap) -> None:
    severity = result.severity
    age, prognosis = severity.population.age, severity.expected.qalys_prognosis
    if _is_cloud(result):
        shown = slice(0, CLOUD)
        ax.scatter(
            result.draw_ages[shown],
            severity.prognosis[shown],
            s=5,
            color=FAVOUR,
            alpha=0.35,
            linewidths=0,
            zorder=2,
        )
    elif severity.n_draws > 1:
        low, high = np.quantile(severity.prognosis, (0.025, 0.975))
        ax.plot([age, age], [low, high], color=FAVOUR, linewidth=4, alpha=0.6, zorder=2)
    ax.plot(age, prognosis, "P", color=INK, markeredgecolor="white", markersize=9, zorder=4)


def _is_cloud(result: ClassMap) -> bool:
    return bool((result.draw_ages != result.severity.population.age).any())


def _title(result: ClassMap, language: str) -> str:
    severity = result.severity
    decimals = 2 if severity.scale.decimals is None else severity.scale.decimals
    shortfall = severity.expected.shortfall_rounded
    return label(
        "severity_case.map_title",
        language,
        shortfall=number(shortfall, decimals=decimals, language=language),
        age=write_age(severity.population.age, language),
        number=number(severity.expected.severity_class, language=language),
    )


def _notes(result: ClassMap, language: str) -> list[str]:
    severity = result.severity
    n = number(severity.n_draws, language=language)
    notes = [label("severity_case.map_one", language)]
    if _is_cloud(result):
        shown = number(min(CLOUD, severity.n_draws), language=language)
        notes = [label("severity_case.map_cloud", language, n=n, shown=shown)]
    elif severity.n_draws > 1:
        notes = [label("severity_case.map_draws", language, n=n)]
    if severity.n_draws > 1:
        text = label("severity_case.map_shares", language, shares=_shares(result, language))
        notes.append(with_error_notes(text, severity.provenance, language))
    if result.margins:
        moves = "; ".join(_move(m, language) for m in result.margins)
        notes.append(label("severity_case.map_nearest", language, moves=moves))
    return [*notes, label("severity_case.map_lines", language)]


def _move(margin: Margin, language: str) -> str:
    text = margin_text(margin, language)
    return label(
        "severity_case.map_move",
        language,
        change=text[:1].lower() + text[1:],
        number=number(margin.severity_class, language=language),
    )


def _shares(result: ClassMap, language: str) -> str:
    texts = []
    for k, share in result.probability_of_class.items():
        se = result.probability_of_class_se[k]
        if share > 0 and se is not None:
            written = percent_with_error(share, se, language=language)
            name = number(k, language=language)
            texts.append(label("severity_case.map_share", language, number=name, share=written))
    return ", ".join(texts)
