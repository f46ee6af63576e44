"""Net benefit over willingness to pay, and the limits figures of this kind run over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from prioritering.cea import CEA
from prioritering.conventions import NORMAL_95
from prioritering.errors import ResultError
from prioritering.outcomes import Floats
from prioritering.psa.inputs import checked_limits
from prioritering.report.figures._canvas import (
    MUTED,
    canvas,
    finish,
    look,
    name_lines,
    nice_above,
    tag,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number
from prioritering.report.tables._cells import with_error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_LIMITS = 101


def plot_net_benefit(
    cea: CEA,
    limits: ArrayLike | None = None,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Mean net monetary benefit against the reference, over willingness to pay.

    ``limit * incremental QALYs - incremental cost``: a line crosses zero at the ICER against
    the reference, and two lines cross at their ICER against each other. The band is the mean
    +- 1.96 Monte Carlo standard errors.

    Parameters
    ----------
    limits
        Willingness to pay per QALY, shape (limit,); by default 0 to about twice the larger of
        the comparison's willingness to pay and the highest ICER.

    Raises
    ------
    ResultError
        Limits that are not finite amounts of 0 or more.
    UnknownNameError
        A language without labels.
    """
    unit, run = currency_of(cea.provenance, currency), cea.outcomes
    values = sorted_limits(cea, limits)
    n = number(run.n_draws, language=language)
    note = label("note.mean_band", language, n=n)
    with canvas(ax) as axes:
        lines = [_line(axes, cea, name, values) for name in run.strategies]
        axes.set_xlim(values[0], values[-1])
        amount = money(cea.wtp, language=language, currency=unit)
        mark_limit(axes, cea.wtp, amount, [(values, mean) for mean in lines])
        name_lines(axes, float(values[-1]), run.strategies, lines)
        finish(
            axes,
            language,
            title=best_title(cea, unit, language),
            x=label("axis.wtp", language, currency=unit),
            y=label("axis.incremental_nmb", language, reference=cea.reference, currency=unit),
            small_print=with_error_notes(note, run.provenance, language) if run.n_draws > 1 else "",
        )
    return axes


def _line(ax: Axes, cea: CEA, strategy: str, limits: Floats) -> Floats:
    """Mean net benefit of one strategy with its Monte Carlo band; returns the line."""
    run, base = cea.outcomes, cea.outcomes.index(cea.reference)
    i = run.index(strategy)
    gain, extra = run.qaly[i] - run.qaly[base], run.cost[i] - run.cost[base]
    mean, se = _mean_and_error(gain, extra, limits)
    style, band = look(i), NORMAL_95 * se
    ax.plot(limits, mean, color=style.colour, linestyle=style.dashes, label=strategy)
    if band.any():
        low, high = mean - band, mean + band
        ax.fill_between(limits, low, high, color=style.colour, alpha=0.2, linewidth=0)
    return mean


def sorted_limits(cea: CEA, limits: ArrayLike | None) -> Floats:
    """Limits given, in rising order, or a range around what the comparison turns on."""
    if limits is not None:
        values = np.sort(checked_limits(limits))
        if values[0] == values[-1]:
            raise ResultError(
                "limits without a range to draw over", expected="two or more", found=values[0]
            )
        return values
    icers = [*(row.icer for row in cea.rows), *(row.icer for row in cea.pairwise)]
    largest = max(x or 0.0 for x in (*icers, cea.wtp)) or _cost_per_qaly(cea)
    return np.linspace(0.0, nice_above(1.6 * largest), N_LIMITS)


def _cost_per_qaly(cea: CEA) -> float:
    """Scale for the axis where no ICER gives one: the largest mean cost per largest mean QALYs."""
    run = cea.outcomes
    cost, qaly = (float(np.abs(draws.mean(axis=1)).max()) for draws in (run.cost, run.qaly))
    if cost == 0 or qaly == 0:
        raise ResultError(
            "nothing to set the range of willingness to pay by",
            expected="costs and QALYs that are not all 0",
            found="only zeros",
            remedy="Give limits.",
        )
    return cost / qaly


def mark_limit(
    ax: Axes, wtp: float | None, amount: str, lines: Sequence[tuple[Floats, Floats]]
) -> None:
    """Vertical line at a willingness to pay, named where the lines leave most room."""
    left, right = ax.get_xlim()
    if wtp is None or not left <= wtp <= right:
        return
    ax.axvline(wtp, color=MUTED, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
    reach = 0.2 * (right - left)
    sides = {1: (wtp, wtp + reach), -1: (wtp - reach, wtp)}
    (_, middle), side = max(
        (_widest_gap(ax.get_ylim(), lines, window), side)
        for side, window in sides.items()
        if left <= window[0] and window[1] <= right
    )
    tag(ax, amount, (wtp, middle), shift=(4 * side, 0), colour=MUTED)


def _widest_gap(
    ylim: tuple[float, float],
    lines: Sequence[tuple[Floats, Floats]],
    window: tuple[float, float],
) -> tuple[float, float]:
    """Height and middle of the widest level strip that no line enters within a window of x."""
    across = np.linspace(*window, 20)
    taken = [(float(y.min()), float(y.max())) for y in (np.interp(across, *xy) for xy in lines)]
    bounds = sorted([*taken, (ylim[1], ylim[1])])
    reached, gaps = ylim[0], []
    for low, high in bounds:
        gaps.append((low - reached, (low + reached) / 2))
        reached = max(reached, high)
    return max(gaps)


def best_title(cea: CEA, currency: str, language: str) -> str:
    """Which strategy has the highest mean net benefit, and from which willingness to pay."""
    first, *later = cea.frontier
    text = label("title.best_first", language, strategy=first.strategy)
    for row in later:
        amount = money(row.icer, language=language, currency=currency)
        text += label("title.best_next", language, strategy=row.strategy, amount=amount)
    return text


def _mean_and_error(qaly: Floats, cost: Floats, limits: Floats) -> tuple[Floats, Floats]:
    """Mean net benefit and its Monte Carlo standard error at each limit."""
    mean = limits * qaly.mean() - cost.mean()
    if qaly.size < 2:
        return mean, np.zeros_like(mean)
    (var_q, cov), (_, var_c) = np.cov(qaly, cost)
    variance = limits**2 * var_q - 2 * limits * cov + var_c
    return mean, np.sqrt(np.clip(variance, 0, None) / qaly.size)
