"""Two parameters over a grid, and the threshold of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from prioritering.errors import unknown_name
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    FAINT,
    FAVOUR,
    GROUND,
    INK,
    MUTED,
    SMALL,
    TINY,
    canvas,
    figure_number,
    finish,
    look,
    tag,
    with_minus,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, money_decimals, number
from prioritering.report.tables.parameters import significant
from prioritering.report.tables.sensitivity import (
    THRESHOLD_DIGITS,
    grid_note,
    threshold_note,
    value_text,
)
from prioritering.report.units import unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.sensitivity import Threshold, TwoWay

COLOURS = "PuOr"
"""Diverging map that survives colour blindness: orange below 0, purple above."""

_EDGE = 0.75
"""Share of the axes beyond which a text is written towards the middle."""


def plot_two_way(
    result: TwoWay,
    show: str = "nmb",
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Map of net benefit over two parameters, with the decision boundary and the base case.

    Parameters
    ----------
    show
        ``"nmb"``: incremental net monetary benefit of the option. ``"preferred"``: the
        strategy of highest net monetary benefit among all.

    Raises
    ------
    UnknownNameError
        Something else to show, or a language without labels.
    """
    if show not in ("nmb", "preferred"):
        raise unknown_name("map", show, ("nmb", "preferred"))
    unit = currency_of(result.provenance, currency)
    with canvas(ax) as axes:
        if show == "nmb":
            _benefit(axes, result, unit, language)
        else:
            _preferred(axes, result, language)
        axes.set_xlim(*_borders(result.x_values))
        axes.set_ylim(*_borders(result.y_values))
        outside = _base(axes, result, language)
        finish(
            axes,
            language,
            title=_title(result, show, language),
            x=_with_unit(result.x, result.units[0], language),
            y=_with_unit(result.y, result.units[1], language),
            small_print="\n".join([*_notes(result, show, unit, language), *outside]),
        )
    return axes


def plot_threshold(
    result: Threshold,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Net monetary benefit against the value, with the values at which the decision changes.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(result.provenance, currency)
    with canvas(ax) as axes:
        axes.plot(result.values, result.nmb, color=FAVOUR, gid="nmb")
        axes.axhline(0, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        axes.set_xlim(result.low, result.high)
        axes.margins(y=0.14)
        for crossing in result.crossings:
            axes.plot([crossing.value], [0], "o", color=INK, markersize=6, gid="crossing", zorder=4)
            axes.axvline(crossing.value, color=FAINT, linewidth=1, zorder=0)
            shift = _room(result, crossing.value, above=True)
            text = _exact(crossing.value, language)
            tag(axes, text, (crossing.value, 0), shift=shift, size=SMALL, bold=True)
        outside = _base_point(axes, result, language)
        names = {"option": result.option, "reference": result.reference, "currency": unit}
        limit = money(result.wtp, language=language, currency=unit)
        finish(
            axes,
            language,
            title=_threshold_title(result, language),
            x=_with_unit(result.name, result.unit, language),
            y=label("sensitivity.nmb_axis", language, currency=unit),
            small_print="\n".join(
                [
                    label("note.pair", language, **names)
                    + ". "
                    + label("note.net_benefit_at", language, limit=limit),
                    threshold_note(result, language),
                    *outside,
                ]
            ),
        )
    return axes


def _benefit(ax: Axes, result: TwoWay, currency: str, language: str) -> None:
    """Colours around zero, and the line where net benefit is zero."""
    from matplotlib.colors import TwoSlopeNorm
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    span = float(np.abs(result.nmb).max()) or 1.0
    mesh = ax.pcolormesh(
        result.x_values,
        result.y_values,
        result.nmb,
        cmap=COLOURS,
        norm=TwoSlopeNorm(0.0, -span, span),
        shading="nearest",
        rasterized=True,
    )
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(mesh, ax=ax, pad=0.02, aspect=28)
    bar.set_label(label("sensitivity.nmb_axis", language, currency=currency), fontsize=SMALL)
    bar.ax.yaxis.label.set_parse_math(False)
    decimals = money_decimals([span])
    bar.ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    bar.ax.yaxis.set_major_formatter(
        FuncFormatter(lambda v, _: figure_number(v, decimals=decimals, language=language))
    )
    bar.ax.tick_params(labelsize=TINY)
    bar.outline.set_visible(False)
    if result.nmb.min() < 0 < result.nmb.max():
        ax.contour(
            result.x_values, result.y_values, result.nmb, levels=[0.0], colors=[INK], linewidths=1.8
        )


def _preferred(ax: Axes, result: TwoWay, language: str) -> None:
    """One colour per strategy that is best somewhere."""
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import Patch

    found = np.unique(result.preferred)
    colours = [look(int(i)).colour for i in found]
    ranks = np.searchsorted(found, result.preferred)
    ax.pcolormesh(
        result.x_values,
        result.y_values,
        ranks,
        cmap=ListedColormap(colours),
        norm=BoundaryNorm(np.arange(found.size + 1) - 0.5, max(found.size, 1)),
        shading="nearest",
        alpha=0.55,
        linewidth=0,
        rasterized=True,
    )
    words = [label("sensitivity.best", language, strategy=result.strategies[i]) for i in found]
    handles = [
        Patch(color=colour, alpha=0.55, label=text)
        for colour, text in zip(colours, words, strict=True)
    ]
    ax.legend(
        handles=handles,
        loc="upper right",
        frameon=True,
        framealpha=0.9,
        edgecolor="none",
        fontsize=SMALL,
        handlelength=1.2,
    )


def _borders(values: Floats) -> tuple[float, float]:
    """Outer borders of the first and the last cell, each half a step from its value."""
    first, last = (values[1] - values[0]) / 2, (values[-1] - values[-2]) / 2
    return float(values[0] - first), float(values[-1] + last)


def _base(ax: Axes, result: TwoWay, language: str) -> list[str]:
    """Mark the base case, or return a note that it lies outside."""
    (x, y), (left, right), (low, high) = result.base_values, ax.get_xlim(), ax.get_ylim()
    if not (left <= x <= right and low <= y <= high):
        names = {"x": result.x, "y": result.y}
        values = {"x_value": value_text(x, language), "y_value": value_text(y, language)}
        return [label("sensitivity_note.outside", language, **names, **values)]
    ax.plot([x], [y], "o", color=INK, markeredgecolor=GROUND, markersize=8, gid="base", zorder=4)
    side = -1 if x > left + 0.7 * (right - left) else 1
    text = label("sensitivity.base_case_word", language)
    tag(ax, text, (x, y), shift=(8 * side, 0), size=SMALL, bold=True)
    return []


def _base_point(ax: Axes, result: Threshold, language: str) -> list[str]:
    nmb = result.base.nmb
    if nmb is None or not result.low <= result.base_value <= result.high:
        value = value_text(result.base_value, language)
        return [label("sensitivity_note.outside_one", language, value=value)]
    ax.plot(
        [result.base_value], [nmb], "D", color=GROUND, markeredgecolor=INK, markersize=6,
        gid="base", zorder=4,
    )  # fmt: skip
    value = with_minus(value_text(result.base_value, language))
    text = label("sensitivity.base_case", language, amount=value)
    shift = _room(result, result.base_value, above=False)
    tag(ax, text, (result.base_value, nmb), shift=shift)
    return []


def _room(result: Threshold, x: float, *, above: bool) -> tuple[float, float]:
    """Shift of a text beside the line: on the side the line leaves free, away from the edges."""
    falling = result.nmb[-1] < result.nmb[0]
    share = (x - result.low) / (result.high - result.low)
    right = falling == above
    if (right and share > _EDGE) or (not right and share < 1 - _EDGE):
        right, above = not right, not above
    return 8.0 if right else -8.0, 7.0 if above else -7.0


def _notes(result: TwoWay, show: str, currency: str, language: str) -> list[str]:
    if show == "nmb":
        return [
            grid_note(result, currency, language),
            *([label("sensitivity_note.boundary", language)] if result.decision_changes else []),
        ]
    limit = money(result.wtp, language=language, currency=currency)
    n = number(result.nmb.size, language=language)
    return [label("sensitivity_note.preferred", language, limit=limit, n=n)]


def _title(result: TwoWay, show: str, language: str) -> str:
    keys = {True: "sensitivity_title.boundary", False: "sensitivity_title.no_boundary"}
    key = "sensitivity_title.preferred" if show == "preferred" else keys[result.decision_changes]
    return label(key, language, x=result.x, y=result.y)


def _threshold_title(result: Threshold, language: str) -> str:
    if not result.crossings:
        return label("sensitivity_title.no_threshold", language, name=result.name)
    values = label("format.and", language).join(
        _exact(crossing.value, language) for crossing in result.crossings
    )
    return label("sensitivity_title.threshold", language, name=result.name, values=values)


def _exact(value: float, language: str) -> str:
    return with_minus(significant(value, digits=THRESHOLD_DIGITS - 1, language=language))


def _with_unit(name: str, unit: str, language: str) -> str:
    words = unit_text(unit, language)
    return label("sensitivity.value_axis", language, name=name, unit=words) if unit else name
