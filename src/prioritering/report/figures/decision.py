"""The decision: cost per QALY against the limit, in the manner of figure 7.4 of the white paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    FAINT,
    FAVOUR,
    INK,
    MUTED,
    SMALL,
    canvas,
    finish,
    halo,
    tag,
    with_minus,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number, percent, percent_with_error
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.decision import decision_notes, index_text, reading_text
from prioritering.report.tables.documentation import concern_text, level_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision import CostPerQaly, Decision

BINS = 60
VIEW = (0.001, 0.999)
"""Shares of draws between which the axis runs."""

_ALIKE = 0.1
"""Half the width shown where all draws are alike, as a share of the limit."""

_NAME = 0.24
"""Room a line's name takes, as a share of the axes."""


def plot_decision(
    decision: Decision,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
    small_print: bool = True,
) -> Axes:
    """Distribution of cost per QALY against the limit, with the scenario and its indices.

    The shaded area is the probability that the option is cost-effective. Where the mean gain
    in QALYs is not clearly above 0, cost per QALY has no meaning and the figure shows net
    benefit against 0. Indices and cut-offs stand below: the cut-offs are not the authority's.
    Without ``small_print`` they must stand elsewhere on the page.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(decision.provenance, currency)
    shown = decision.cost_per_qaly
    inverted = shown.axis == "net benefit"
    with canvas(ax) as axes:
        _areas(axes, shown, inverted=inverted)
        _view(axes, shown)
        _probabilities(axes, decision, language, inverted=inverted)
        _lines(axes, decision, unit, language)
        notes = _notes(axes, decision, unit, language) if small_print else []
        x = "axis.net_benefit" if inverted else "axis.cost_per_qaly"
        names = {"option": decision.option, "reference": decision.reference, "currency": unit}
        finish(
            axes,
            language,
            title=decision.name.in_language(language),
            x=label(x, language, **names),
            y=None,
            small_print="\n".join(notes),
        )
    return axes


def _areas(ax: Axes, shown: CostPerQaly, *, inverted: bool) -> None:
    """Shares of draws on both sides of the limit."""
    edges = _edges(shown.values, shown.limit)
    shares = np.histogram(shown.values, bins=edges)[0] / shown.values.size
    limit = int(np.flatnonzero(edges == shown.limit)[0])
    sides = [(FAVOUR, "cost-effective"), (FAINT, "not cost-effective")]
    below, above = sides[::-1] if inverted else sides
    for (colour, gid), first, last in ((below, 0, limit), (above, limit, shares.size)):
        if last > first:
            ax.stairs(shares[first:last], edges[first : last + 1], fill=True, color=colour, gid=gid)


def _edges(values: Floats, limit: float) -> Floats:
    """Equal bins over the view, one edge at the limit, and one bin for the draws beyond."""
    low, high = (float(x) for x in np.quantile(values, VIEW))
    if high == low:
        low, high = low - _ALIKE * max(abs(limit), 1.0), high + _ALIKE * max(abs(limit), 1.0)
    width = (high - low) / BINS
    start = limit if low < limit < high else low
    steps = np.arange(math.floor((low - start) / width), math.ceil((high - start) / width) + 1)
    beyond = (limit, float(values.min()), float(values.max()))
    return np.unique([*(start + width * steps), *beyond])


def _view(ax: Axes, shown: CostPerQaly) -> None:
    low, high = np.quantile(shown.values, VIEW)
    low, high = min(float(low), shown.limit), max(float(high), shown.limit)
    margin = 0.06 * (high - low) or _ALIKE * max(abs(shown.limit), 1.0)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.47)


def _probabilities(ax: Axes, decision: Decision, language: str, *, inverted: bool) -> None:
    """Write the two areas in per cent, at the top of their side of the limit."""
    p = decision.probability_cost_effective
    texts = [
        ("mark.cost_effective", p.value, FAVOUR),
        ("mark.not_cost_effective", 1 - p.value, MUTED),
    ]
    left, right = texts[::-1] if inverted else texts
    for (key, share, colour), x, side in ((left, 0.0, "left"), (right, 1.0, "right")):
        ax.text(
            x,
            0.99,
            label(
                key,
                language,
                share=percent_with_error(share, p.se, decimals=0, language=language),
            ),
            transform=ax.transAxes,
            ha=side,
            va="top",
            fontsize=SMALL,
            fontweight="bold",
            linespacing=1.35,
            color=colour,
            path_effects=halo(),
        )


def _lines(ax: Axes, decision: Decision, currency: str, language: str) -> None:
    """Draw the limit and the expected value, each named at its own height, away from each other.

    A ratio with the sign of a saving is no cost per QALY, so a dominant option has its status.
    """
    shown = decision.cost_per_qaly
    ratio = shown.axis == "cost per QALY"
    expected = float(shown.values.mean())

    def named(key: str, x: float) -> str:
        return label(
            key, language, amount=with_minus(money(x, language=language, currency=currency))
        )

    if not ratio:
        name = named("mark.expected_amount", expected)
    elif decision.status.startswith("north-east"):
        name = named("mark.expected_amount" if decision.icer is None else "mark.icer", expected)
    else:
        name = label("mark.expected_dominant", language)
    to_right = shown.limit >= expected
    if decision.wtp_adjustment and ratio:
        plain = decision.wtp - decision.wtp_adjustment
        aside = plain >= shown.limit
        _line(ax, plain, named("adjustment.unadjusted", plain), 0.61, ":", to_right=aside)
    limit = named("mark.limit" if ratio else "mark.zero", shown.limit)
    _line(ax, shown.limit, limit, 0.77, "-", to_right=to_right)
    _line(ax, expected, name, 0.69, (0, (4, 2)), to_right=not to_right)


def _line(
    ax: Axes,
    x: float,
    name: str,
    height: float,
    dashes: Any,
    *,
    to_right: bool,
) -> None:
    """Vertical line named on one side, or on the other where that side has no room."""
    ax.axvline(x, ymax=height, color=INK, linewidth=1.4, linestyle=dashes, zorder=3)
    low, high = ax.get_xlim()
    room = (high - x) / (high - low)
    right = room > _NAME if to_right else 1 - room < _NAME
    tag(ax, name, (x, height), shift=(4 if right else -4, -1), coords=("data", "axes fraction"))


def _notes(ax: Axes, decision: Decision, currency: str, language: str) -> list[str]:
    notes = [
        f"{reading_text(decision, language)}.",
        index_text(decision, "decision", language),
        index_text(decision, "documentation", language),
        *_judgement(decision, language),
        *decision_notes(decision, currency, language),
        *_beyond(ax, decision.cost_per_qaly, language),
        with_error_notes(label("note.brackets", language), decision.provenance, language),
    ]
    if decision.cost_per_qaly.axis == "net benefit":
        notes.insert(0, label("note.no_cost_per_qaly", language))
    if not decision.status.startswith("north-east"):
        status = label(f"word.{decision.status}", language)
        notes.insert(0, label("note.status", language, status=status))
    return notes


def _judgement(decision: Decision, language: str) -> list[str]:
    """Judgement of the documentation, and which of the two makes the level, where there is one."""
    found = decision.documentation
    if found is None:
        return []
    concern, level = concern_text(found.detail, language), level_text(found, language)
    return [label("judgement.sentence", language, concern=concern, level=level)]


def _beyond(ax: Axes, shown: CostPerQaly, language: str) -> list[str]:
    """Say how many draws the bars that leave the axis hold."""
    low, high = ax.get_xlim()
    left, right = int((shown.values < low).sum()), int((shown.values > high).sum())
    if not left + right:
        return []
    share = percent((left + right) / shown.values.size, decimals=1, language=language)
    if not (left and right):
        n = number(left + right, language=language)
        return [label("beyond.one_side", language, n=n, share=share)]
    ends = {
        "left": number(left, language=language),
        "right": number(right, language=language),
    }
    return [label("beyond.two_sides", language, share=share, **ends)]
