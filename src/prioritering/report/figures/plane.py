"""The cost-effectiveness plane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from prioritering.cea import CEA, PairwiseRow
from prioritering.outcomes import Floats, Outcomes
from prioritering.psa import probability_se
from prioritering.report.figures._canvas import (
    GROUND,
    INK,
    MUTED,
    SMALL,
    TINY,
    Look,
    canvas,
    finish,
    half_width,
    halo,
    inches,
    look,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number, percent_with_error
from prioritering.report.tables._cells import error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 2500
"""Draws shown as points; more only blacken the paper."""

_RADIUS_95 = math.sqrt(-2 * math.log(0.05))
"""Mahalanobis radius that holds 95 % of a bivariate normal: sqrt of chi-square(2) at 0.95."""

_MARKERS = "oDs^vP"


def plot_plane(
    cea: CEA,
    wtp: float | None = None,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Incremental cost against incremental QALYs, by draw, for every strategy.

    Each strategy has its draws, their mean and the ellipse that holds 95 % of a normal
    distribution of the same mean and covariance. Below the limit line a strategy is
    cost-effective. Above 2 500 draws, an evenly spaced sample of them is shown; mean, ellipse
    and shares are of all draws.

    Parameters
    ----------
    cea
        A comparison; with one draw only the means are shown.
    wtp
        Willingness to pay per QALY of the limit line; none by default.

    Raises
    ------
    ResultError
        A willingness to pay that is not a finite amount above 0.
    UnknownNameError
        A language without labels.
    """
    if wtp is not None:
        cea.net_benefit(wtp)
    unit, run = currency_of(cea.provenance, currency), cea.outcomes
    names = {"reference": cea.reference, "currency": unit}
    with canvas(ax) as axes:
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        for row in cea.pairwise:
            _strategy(axes, run, row)
        _names(axes, run, cea.pairwise)
        _settle(axes)
        if wtp is not None:
            _limit_line(axes, wtp, money(wtp, language=language, currency=unit), language)
        _quadrants(axes, language)
        finish(
            axes,
            language,
            title=_title(cea, wtp, unit, language),
            x=label("axis.incremental_qaly", language, **names),
            y=label("axis.incremental_cost", language, **names),
            small_print=_note(cea, language),
        )
    return axes


def _strategy(ax: Axes, run: Outcomes, row: PairwiseRow) -> None:
    """Draws, ellipse and mean of one strategy."""
    i, base = run.index(row.strategy), run.index(row.reference)
    style, mean = look(i), (row.incremental_qaly, row.incremental_cost)
    if run.n_draws > 1:
        _cloud(ax, run.qaly[i] - run.qaly[base], run.cost[i] - run.cost[base], style)
    ax.plot(
        *mean,
        marker=_MARKERS[i % len(_MARKERS)],
        markersize=6.5,
        markeredgecolor=GROUND,
        color=style.colour,
        linestyle="none",
        zorder=4,
        gid="mean",
    )


def _names(ax: Axes, run: Outcomes, rows: Sequence[PairwiseRow]) -> None:
    """Name above each mean; strategies with the same mean share one."""
    by_mean: dict[tuple[float, float], list[str]] = {}
    for row in rows:
        mean = (row.incremental_qaly, row.incremental_cost)
        by_mean.setdefault(mean, []).append(row.strategy)
    for mean, names in by_mean.items():
        colour = look(run.index(names[0])).colour
        tag(ax, " = ".join(names), mean, shift=(0, 8), size=SMALL, colour=colour, bold=True)


def _cloud(ax: Axes, qaly: Floats, cost: Floats, style: Look) -> None:
    step = math.ceil(qaly.size / MOST_POINTS)
    ax.scatter(
        qaly[::step],
        cost[::step],
        s=5,
        color=style.colour,
        alpha=0.28,
        linewidths=0,
        rasterized=True,
        zorder=1,
    )
    x, y = ellipse(qaly, cost)
    ax.plot(
        x, y, color=style.colour, linestyle=style.dashes, linewidth=1.4, zorder=3, gid="ellipse"
    )


def ellipse(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Outline that holds 95 % of the bivariate normal with the draws' mean and covariance."""
    values, vectors = np.linalg.eigh(np.cov(x, y))
    angle = np.linspace(0, 2 * np.pi, 181)
    circle = np.vstack([np.cos(angle), np.sin(angle)]) * _RADIUS_95
    outline = vectors @ (np.sqrt(np.clip(values, 0, None))[:, None] * circle)
    return x.mean() + outline[0], y.mean() + outline[1]


def _settle(ax: Axes) -> None:
    """Fix the limits, with the origin and a margin around it in view."""
    ax.margins(0.1)
    for low, high, fix in ((*ax.get_xlim(), ax.set_xlim), (*ax.get_ylim(), ax.set_ylim)):
        margin = 0.08 * (max(high, 0) - min(low, 0))
        fix(min(low, -margin), max(high, margin))


def _limit_line(ax: Axes, wtp: float, limit: str, language: str) -> None:
    """Line of constant cost per QALY, named along it where there is most room."""
    from matplotlib.transforms import ScaledTranslation

    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    ax.axline((0, 0), slope=wtp, color=INK, linewidth=1.2, linestyle=(0, (6, 3)), zorder=2)
    text = label("mark.per_qaly", language, amount=limit)
    x, y = _roomiest_place(ax, wtp, half_width(text, TINY))
    raised = ScaledTranslation(0, 2.5 / 72, ax.figure.dpi_scale_trans)
    ax.text(
        x,
        y,
        text,
        transform=ax.transData + raised,
        rotation=math.degrees(math.atan(wtp)),
        rotation_mode="anchor",
        transform_rotates_text=True,
        ha="center",
        va="bottom",
        fontsize=TINY,
        color=INK,
        path_effects=halo(),
        zorder=5,
    )
    ax.set(xlim=(left, right), ylim=(bottom, top))


def _roomiest_place(ax: Axes, wtp: float, half: float) -> tuple[float, float]:
    """Point on the limit line, ``half`` inches from its ends, farthest from all that is drawn."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    span = np.array([right - left, top - bottom])
    along = np.linspace(0, 1, 100)
    drawn = np.vstack(
        [
            *(np.asarray(points.get_offsets()) for points in ax.collections),
            *(np.column_stack(line.get_data()) for line in ax.lines if line.get_gid()),
            np.column_stack([left + along * span[0], 0 * along]),
            np.column_stack([0 * along, bottom + along * span[1]]),
        ]
    )
    ends = np.array([max(left, bottom / wtp), min(right, top / wtp)])
    across, up = np.diff(ends)[0] * np.array([1, wtp]) / span * inches(ax)
    margin = min(half / math.hypot(across, up) + 0.02, 0.5)
    x = ends[0] + (ends[1] - ends[0]) * np.linspace(margin, 1 - margin, 33)
    places = np.column_stack([x, wtp * x])
    distance = np.linalg.norm((places[:, None] - drawn) / span, axis=2).min(axis=1)
    best = places[int(distance.argmax())]
    return float(best[0]), float(best[1])


def _quadrants(ax: Axes, language: str) -> None:
    """Name the quadrants that take up more than a sixth of both axes, if there are several."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    across = {"west": -left / (right - left), "east": right / (right - left)}
    up = {"south": -bottom / (top - bottom), "north": top / (top - bottom)}
    seen = [
        (ns, ew)
        for ns, height in up.items()
        for ew, width in across.items()
        if min(height, width) > 1 / 6
    ]
    for ns, ew in seen if len(seen) > 1 else ():
        ax.text(
            0.99 if ew == "east" else 0.01,
            0.985 if ns == "north" else 0.015,
            label(f"quadrant.{ns}_{ew}", language),
            transform=ax.transAxes,
            ha="right" if ew == "east" else "left",
            va="top" if ns == "north" else "bottom",
            fontsize=TINY,
            color=MUTED,
            path_effects=halo(),
        )


def _title(cea: CEA, wtp: float | None, currency: str, language: str) -> str:
    if wtp is None or len(cea.pairwise) > 1 or cea.outcomes.n_draws == 1:
        return label("title.plane", language, reference=cea.reference)
    benefit = cea.net_benefit(wtp).nmb
    option = cea.pairwise[0].strategy
    gain = benefit[cea.outcomes.index(option)] - benefit[cea.outcomes.index(cea.reference)]
    share = float((gain > 0).mean())
    se = float(probability_se(share, n=gain.size))
    return label(
        "title.plane_share",
        language,
        strategy=option,
        share=percent_with_error(share, se, decimals=0, language=language),
        limit=money(wtp, language=language, currency=currency),
    )


def _note(cea: CEA, language: str) -> str:
    n_draws = cea.outcomes.n_draws
    if n_draws == 1:
        return ""
    shown = math.ceil(n_draws / math.ceil(n_draws / MOST_POINTS))
    counts = {"shown": number(shown, language=language), "n": number(n_draws, language=language)}
    notes = [label("note.plane", language, **counts)]
    if len(cea.pairwise) == 1:
        notes += [label("note.brackets", language), *error_notes(cea.provenance, language)]
    return " ".join(notes)
