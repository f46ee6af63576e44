"""What one-way figures and scenarios share: rows under each other around the base case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import fill
from typing import TYPE_CHECKING, cast

from prioritering.errors import ResultError
from prioritering.psa.sensitivity.one_way import check_outcome
from prioritering.report.figures._canvas import (
    INK,
    MUTED,
    SIZE,
    SMALL,
    canvas,
    figure_number,
    half_width,
    inches,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import money, money_decimals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.sensitivity import Comparison, OneWay, Outcome, Scenarios

_ROW, _REST = 0.27, 2.1
"""Inches of height for each row, and for the rest of the figure."""

_SHORT = {
    "dominant": "sensitivity.dominant",
    "dominated": "sensitivity.dominated",
    "south-west": "sensitivity.south_west",
    "north-east": "sensitivity.north_east",
    "no difference": "sensitivity.no_effect",
}


@contextmanager
def rows_canvas(ax: Axes | None, names: Sequence[str]) -> Iterator[Axes]:
    """Axes with one row per name from the top down; a new figure is as high as they need.

    The layout of a new figure is settled once with the names in place, so that texts are
    broken to the width the names leave.
    """
    with canvas(ax) as axes:
        axes.set_ylim(len(names) - 0.4, -1.0)
        figure = axes.get_figure(root=True)
        if ax is None and figure is not None:
            figure.set_size_inches(SIZE[0], max(_REST + _ROW * len(names), 3.2))
            name_rows(axes, names)
            figure.draw_without_rendering()
        yield axes


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    from matplotlib.ticker import FixedLocator, NullFormatter

    ax.yaxis.set_major_locator(FixedLocator(range(len(names))))
    ax.yaxis.set_major_formatter(NullFormatter())
    ax.set_yticks(range(len(names)), labels=names)
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def chosen(result: OneWay | Scenarios, outcome: Outcome | None) -> Outcome:
    """Outcome to draw: the one asked for, or net benefit where it was computed, else cost."""
    picked: Outcome = outcome or ("cost" if result.wtp is None else "nmb")
    check_outcome(picked, result.wtp)
    if picked == "icer" and result.base.icer is None:
        raise ResultError(
            "the base case has no ICER to draw around",
            expected="more effect at more cost, or less effect at less cost",
            found=result.base.status,
            remedy="Draw 'nmb', 'cost' or 'qaly'.",
        )
    return picked


def comparable(here: Comparison, base: Comparison, outcome: Outcome) -> float | None:
    """Value that means the same as that of the base case, or none."""
    if outcome == "icer" and here.status != base.status:
        return None
    return here.value(outcome)


def margins(ax: Axes, *, worded: bool) -> None:
    """Room for the values at the ends of the bars, and for words at the right."""
    ax.autoscale_view(scaley=False)
    left, right = ax.get_xlim()
    width = right - left
    ax.set_xlim(left - 0.16 * width, right + (0.62 if worded else 0.16) * width)


def at_right(ax: Axes, y: int, text: str) -> None:
    columns = max(int(0.4 * inches(ax)[0] / (2 * half_width("n", SMALL - 1))), 30)
    tag(
        ax,
        fill(text, columns),
        (1.0, y),
        shift=(-1, 0),
        size=SMALL - 1,
        colour=MUTED,
        coords=("axes fraction", "data"),
    )


def short(comparison: Comparison, language: str) -> str:
    """Quadrant in as few words as can be."""
    first = next(start for start in _SHORT if comparison.status.startswith(start))
    return label(_SHORT[first], language)


def reference_lines(
    ax: Axes, result: OneWay | Scenarios, outcome: Outcome, currency: str, language: str
) -> None:
    """Draw the base case with its amount, and zero net benefit or the willingness to pay."""
    base = cast(float, result.base.value(outcome))
    ax.axvline(base, color=INK, linewidth=1.1, zorder=3)
    amount = _amount(base, outcome, currency, language)
    key = "sensitivity.base_case"
    mark: tuple[float, str] | None = None
    if outcome == "nmb":
        mark = 0.0, label("mark.zero", language)
    elif outcome == "icer" and result.wtp is not None:
        limit = money(result.wtp, language=language, currency=currency)
        mark = result.wtp, label("mark.limit", language, amount=limit)
    left, right = ax.get_xlim()
    shown = mark is not None and left < mark[0] < right
    side = -1 if shown and mark is not None and mark[0] > base else 1
    if (right - base if side > 0 else base - left) < 0.2 * (right - left) and not shown:
        side = -side
    tag(ax, label(key, language, amount=amount), (base, -0.72), shift=(4 * side, 0), bold=True)
    if shown and mark is not None:
        ax.axvline(mark[0], color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)), zorder=3)
        tag(ax, mark[1], (mark[0], -0.72), shift=(-4 * side, 0), colour=MUTED)


def _amount(value: float, outcome: Outcome, currency: str, language: str) -> str:
    text = outcome_text(value, outcome, language)
    if outcome == "qaly":
        return text
    return label("format.money", language, amount=text, currency=currency)


def outcome_text(value: float, outcome: Outcome, language: str) -> str:
    decimals = 3 if outcome == "qaly" else money_decimals([value])
    return figure_number(value, decimals=decimals, language=language)


def axis_name(result: OneWay | Scenarios, outcome: Outcome, currency: str, language: str) -> str:
    keys = {
        "nmb": "axis.net_benefit",
        "icer": "axis.cost_per_qaly",
        "cost": "axis.incremental_cost",
        "qaly": "axis.incremental_qaly",
    }
    names = {"option": result.option, "reference": result.reference, "currency": currency}
    return label(keys[outcome], language, **names)
