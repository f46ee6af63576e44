"""The scenarios as a map of the cut-offs, and along a price."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.conventions import NORMAL_95
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    GROUND,
    INK,
    MUTED,
    SMALL,
    TINY,
    canvas,
    finish,
    halo,
    inches,
    look,
    rehearse,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.classification import cutoff_sentences, factor_text, path_notes
from prioritering.report.tables.decision import INDEX_DECIMALS, cell_name
from prioritering.report.tables.documentation import concern_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision import CutoffMap, Index, ScenarioPath
    from prioritering.decision.uncertainty.cutoffs import Region
    from prioritering.guidelines import Reading

_FILLS = {
    "scenario_1": "#cfe3f1",
    "scenario_2": "#fbe8c8",
    "scenario_3": "#f0c4b4",
    "both_low": "#e6f3ea",
    "both_high": "#d9cfe2",
}
_OTHER = "#eeeeee"

_NAME_EM = 0.6
"""Mean width of a character of a name in bold, in em."""

_ROOM = 1.32
"""Height of the axes as a multiple of the highest curve, so that names stand above it."""


def plot_cutoffs(found: CutoffMap, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Regions of the two cut-offs by the combination they give, those in use marked.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    with canvas(ax) as axes:
        axes.set_xlim(*found.error)
        axes.set_ylim(*found.width)
        rehearse(axes, language, **_frame(found, language, named=set()))
        named = {
            _region_name(region, language)
            for region in found.regions
            if _rectangle(axes, region, found, language)
        }
        _own_values(axes, found)
        _in_use(axes, found, language)
        finish(axes, language, **_frame(found, language, named=named))
        _percent_ticks(axes, language)
    return axes


def plot_path(
    path: ScenarioPath,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Both uncertainties over their cut-offs along the price, over bands of the combinations.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(path.provenance, currency)
    with canvas(ax) as axes:
        axes.set_xlim(float(path.factors[0]), float(path.factors[-1]))
        _curves(axes, path, language)
        _bands(axes, path, language)
        finish(
            axes,
            language,
            title=_path_title(path, language),
            x=_path_axis(path, unit, language),
            y=label("price_path.relative", language),
            small_print=" ".join(_path_notes(path, language)),
        )
        _percent_ticks(axes, language)
    return axes


def _frame(found: CutoffMap, language: str, *, named: set[str]) -> dict[str, Any]:
    """Title, axes and small print, which lists the combinations that are not named."""
    decision = found.decision
    name = cell_name(decision.cell, decision.scenario, decision.name, language)
    return {
        "title": label("cutoff.title", language, name=name),
        "x": label("cutoff.error", language),
        "y": label("cutoff.width", language),
        "small_print": "\n".join(_cutoff_notes(found, named, language)),
    }


def _rectangle(ax: Axes, region: Region, found: CutoffMap, language: str) -> bool:
    """Fill one region, name it in the part free of the cut-offs in use; tell if there was room."""
    (left, right), (low, high) = region.error, region.width
    ax.fill_between(
        [left, right], low, high, color=_FILLS.get(region.cell, _OTHER), linewidth=0, zorder=0
    )
    used = found.decision.criteria.documentation_width_high
    if low < used < high:
        low, high = (low, used) if used - low > high - used else (used, high)
    share = (right - left) / (found.error.high - found.error.low)
    tall = (high - low) / (found.width.high - found.width.low)
    fitted = _fitted(_region_name(region, language), *(72 * inches(ax) * (share, tall)))
    if fitted is None:
        return False
    text, rotation = fitted
    ax.text(
        (left + right) / 2, (low + high) / 2, text, ha="center", va="center", rotation=rotation,
        fontsize=SMALL, color=INK, fontweight="bold", linespacing=1.3, zorder=2,
        path_effects=halo(),
    )  # fmt: skip
    return True


def _region_name(region: Region, language: str) -> str:
    return cell_name(region.cell, region.scenario, region.name, language)


def _fitted(name: str, width: float, height: float) -> tuple[str, int] | None:
    """Break a name to fit a box of so many points, upright or turned; None where it cannot."""
    longest = max(len(word) for word in name.split())
    for along, across, rotation in ((width, height, 0), (height, width, 90)):
        columns = int(along / (SMALL * _NAME_EM)) - 1
        if columns >= longest:
            text = fill(name, columns)
            if (text.count("\n") + 1) * 1.4 * SMALL <= across:
                return text, rotation
    return None


def _own_values(ax: Axes, found: CutoffMap) -> None:
    """Lines at the indices of the decision, with their Monte Carlo errors as bands."""
    decision = found.decision
    for index, line, band in (
        (decision.decision_index, ax.axvline, ax.axvspan),
        (decision.documentation_index, ax.axhline, ax.axhspan),
    ):
        low, high = _interval(index)
        if index.value is not None:
            line(index.value, color=MUTED, linewidth=1.2, linestyle="--", zorder=1)
            band(low, high, color=MUTED, alpha=0.25, linewidth=0)
    ax.set_xlim(*found.error)
    ax.set_ylim(*found.width)


def _interval(index: Index) -> tuple[float, float]:
    value, reach = index.value or 0.0, NORMAL_95 * (index.se or 0.0)
    return value - reach, value + reach


def _in_use(ax: Axes, found: CutoffMap, language: str) -> None:
    """Mark the cut-offs in use."""
    criteria = found.decision.criteria
    at = (criteria.decision_error_high, criteria.documentation_width_high)
    ax.plot(*at, "o", color=INK, markersize=7, markeredgecolor=GROUND, zorder=6)
    shift = (7 if at[0] < sum(found.error) / 2 else -7, 5)
    tag(ax, label("cutoff.used", language), at, shift=shift, size=SMALL, bold=True)


def _cutoff_notes(found: CutoffMap, named: set[str], language: str) -> list[str]:
    decision = found.decision
    error, width = decision.decision_index, decision.documentation_index
    key, words = "cutoff.no_width", {
        "error": percent_with_error(error.value or 0.0, error.se or 0.0, language=language),
        "option": decision.option,
        "reference": decision.reference,
    }  # fmt: skip
    if width.value is not None:
        key = "cutoff.lines"
        words["width"] = with_error(
            width.value, width.se, decimals=INDEX_DECIMALS, language=language
        )
    changed = decision.provenance.get("criteria_changed")
    every = dict.fromkeys(_region_name(region, language) for region in found.regions)
    names = [name for name in every if name not in named]
    rest = [label("cutoff.unnamed", language, names="; ".join(names))] if names else []
    return [
        *cutoff_sentences(found, language),
        *rest,
        with_error_notes(label(key, language, **words), decision.provenance, language),
        label("note.cutoffs_changed" if changed else "note.cutoffs", language),
    ]


def _curves(ax: Axes, path: ScenarioPath, language: str) -> None:
    """Both indices over their cut-offs, with bands of Monte Carlo error, and the cut-off."""
    criteria = path.criteria
    error_cutoff, width_cutoff = criteria.decision_error_high, criteria.documentation_width_high
    values = {
        label("price_path.decision", language): path.decision_index / error_cutoff,
        label("price_path.documentation", language): path.documentation_index / width_cutoff,
    }
    errors = (path.decision_index_se / error_cutoff, path.documentation_index_se / width_cutoff)
    for i, (value, error) in enumerate(zip(values.values(), errors, strict=True)):
        colour, dashes = look(i)
        ax.plot(path.factors, value, color=colour, linestyle=dashes, zorder=4)
        low, high = value - NORMAL_95 * error, value + NORMAL_95 * error
        ax.fill_between(path.factors, low, high, color=colour, alpha=0.25, linewidth=0)
    finite = np.concatenate(list(values.values()))
    ax.set_ylim(0, _ROOM * max(float(finite[np.isfinite(finite)].max()), 1.2))
    ax.axhline(1.0, color=MUTED, linewidth=1.0, linestyle=":", zorder=3)
    _name_curves(ax, path.factors, values)


def _name_curves(ax: Axes, x: Floats, curves: dict[str, Floats]) -> None:
    """Write each curve's name above it where it lies farthest above the other one."""
    first, second = curves.values()
    edge = len(x) // 8
    for i, (name, own, other) in enumerate(
        zip(curves, (first, second), (second, first), strict=True)
    ):
        if not np.isfinite(own).any():
            continue
        gap = np.where(np.isfinite(other), own - other, own)[edge : len(x) - edge]
        at = edge + int(np.nanargmax(gap))
        tag(
            ax, name, (float(x[at]), float(own[at])), shift=(0, 6), size=SMALL,
            colour=look(i).colour, bold=True,
        )  # fmt: skip


def _bands(ax: Axes, path: ScenarioPath, language: str) -> None:
    """Colour each stretch, name it at the top where there is room, and mark the switches."""
    points = 72 * inches(ax)[0] / float(path.factors[-1] - path.factors[0])
    for stretch in path.stretches:
        colour = _FILLS.get(stretch.reading.key, _OTHER)
        ax.axvspan(stretch.low, stretch.high, color=colour, linewidth=0, zorder=0)
        name = _name(stretch.reading, language)
        columns = int(points * (stretch.high - stretch.low) / (TINY * _NAME_EM))
        if columns >= max(len(word) for word in name.split()):
            ax.text(
                (stretch.low + stretch.high) / 2, 0.985, fill(name, columns), ha="center",
                va="top", transform=ax.get_xaxis_transform(), fontsize=TINY, fontweight="bold",
                color=INK, linespacing=1.25, zorder=5,
            )  # fmt: skip
    for switch in path.switches:
        ax.axvline(switch.factor, ymax=0.86, color=INK, linewidth=0.9, zorder=2)


def _name(reading: Reading, language: str) -> str:
    return cell_name(reading.key, reading.scenario, reading.name, language)


def _path_title(path: ScenarioPath, language: str) -> str:
    names = [_name(stretch.reading, language) for stretch in path.stretches]
    then = label("price_path.then", language)
    return label("price_path.title", language, option=path.option, path=then.join(names))


def _path_axis(path: ScenarioPath, currency: str, language: str) -> str:
    if path.price is None:
        return label("price_path.axis_plain", language)
    amount = number(path.price, decimals=money_decimals([path.price]), language=language)
    return label("price_path.axis", language, currency=currency, price=amount)


def _path_notes(path: ScenarioPath, language: str) -> list[str]:
    criteria = path.criteria
    error = percent(criteria.decision_error_high, language=language)
    width = number(criteria.documentation_width_high, decimals=INDEX_DECIMALS, language=language)
    reading = label("price_path.reading", language, error=error, width=width)
    notes = [with_error_notes(reading, path.provenance, language)]
    if path.documentation is not None:
        concern = concern_text(path.documentation, language)
        notes.append(label("price_path.judged", language, concern=concern))
    steps = [
        f"{_name(s.below, language)} / {_name(s.above, language)}: "
        f"{factor_text(s.factor, s.se, language)}"
        for s in path.switches
    ]
    if steps:
        notes.append("; ".join(steps) + ".")
    return [*notes, *path_notes(path, language)]


def _percent_ticks(ax: Axes, language: str) -> None:
    """Write the ticks of the x axis in per cent."""
    from matplotlib.ticker import FuncFormatter

    def written(value: float, _: int | None = None) -> str:
        decimals = 0 if abs(round(100 * value) - 100 * value) < 1e-6 else 1
        return percent(value, decimals=decimals, language=language)

    ax.xaxis.set_major_formatter(FuncFormatter(written))
