"""Acceptability curves and their frontier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from prioritering.cea import CEA
from prioritering.conventions import NORMAL_95
from prioritering.errors import ResultError
from prioritering.outcomes import Floats
from prioritering.psa import Acceptability, acceptability
from prioritering.report.figures._canvas import (
    FAINT,
    canvas,
    finish,
    look,
    name_lines,
)
from prioritering.report.figures.net_benefit import best_title, mark_limit, sorted_limits
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number, percent_with_error
from prioritering.report.tables._cells import error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_acceptability(
    cea: CEA,
    limits: ArrayLike | None = None,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Probability that each strategy is best, over willingness to pay, and the frontier.

    The grey line is the acceptability frontier: it follows the strategy of highest expected
    net benefit and breaks where another takes over. Bands are the probability +- 1.96 Monte
    Carlo standard errors.

    Parameters
    ----------
    cea
        A comparison of a run with two draws or more.
    limits
        Willingness to pay per QALY, shape (limit,); by default 0 to about twice the larger
        of the comparison's willingness to pay and the highest ICER.

    Raises
    ------
    ResultError
        A single draw, or limits that are not finite amounts of 0 or more.
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(cea.provenance, currency)
    curves = acceptability(cea.outcomes, limits=sorted_limits(cea, limits))
    title = _title(cea, unit, language)
    return _draw(curves, ax, wtp=cea.wtp, title=title, language=language, currency=unit)


def plot_acceptability_curves(
    curves: Acceptability,
    ax: Axes | None = None,
    *,
    wtp: float | None = None,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Curves and frontier of finished probabilities; see :func:`plot_acceptability`.

    Parameters
    ----------
    curves
        At two limits or more.
    wtp
        A willingness to pay to mark; the title then says what the curves show there.

    Raises
    ------
    ResultError
        A single limit, or a ``wtp`` that is not one of the limits.
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(curves.provenance, currency)
    check_range(curves.limits)
    if wtp is None:
        title = _title_over(curves, unit, language)
    else:
        at = _position(curves, wtp)
        title = _title_at(
            curves.favoured[at], curves.frontier[at], curves.frontier_se[at], wtp, unit, language
        )
    return _draw(curves, ax, wtp=wtp, title=title, language=language, currency=unit)


def crossings(
    x: Floats, lines: Floats, *, strategies: Sequence[str], favoured: Sequence[str]
) -> list[tuple[str, float]]:
    """Which strategy takes over, and at which ``x``, along straight lines.

    Mean net benefits are straight lines in willingness to pay, so two that cross between
    neighbouring values of ``x`` cross where the lines through their values there do. Expected
    losses differ by mean net benefits, and cross at the same places.
    """
    found = []
    for piece in pieces(favoured)[1:]:
        k = piece.start
        old, new = (strategies.index(favoured[i]) for i in (k - 1, k))
        gap = lines[new, k - 1 : k + 1] - lines[old, k - 1 : k + 1]
        share = gap[0] / (gap[0] - gap[1])
        found.append((favoured[k], float(x[k - 1] + share * (x[k] - x[k - 1]))))
    return found


def pieces(favoured: Sequence[str]) -> list[slice]:
    """Stretches of one favoured strategy, in order.

    Examples
    --------
    >>> pieces(["a", "a", "b"])
    [slice(0, 2, None), slice(2, 3, None)]
    """
    names = np.array(favoured)
    changes = np.flatnonzero(names[1:] != names[:-1]) + 1
    return [slice(a, b) for a, b in pairwise([0, *changes.tolist(), len(names)])]


def check_range(limits: Floats) -> None:
    """Refuse to draw a curve over a single limit."""
    if limits[0] == limits[-1]:
        raise ResultError(
            "limits without a range to draw over",
            expected="two or more",
            found=f"{limits[0]:.10g}",
            remedy="Give more limits, such as np.linspace(0, 1_000_000, 101).",
        )


def _draw(
    curves: Acceptability,
    ax: Axes | None,
    *,
    wtp: float | None,
    title: str,
    language: str,
    currency: str,
) -> Axes:
    with canvas(ax) as axes:
        draw_frontier(axes, curves.limits, curves.frontier, curves.favoured)
        draw_probabilities(
            axes, curves.limits, curves.probability, curves.probability_se, curves.strategies
        )
        amount = money(wtp, language=language, currency=currency)
        mark_limit(axes, wtp, amount, [(curves.limits, p) for p in curves.probability])
        name_lines(axes, float(curves.limits[-1]), curves.strategies, curves.probability)
        finish(
            axes,
            language,
            title=title,
            x=label("axis.wtp", language, currency=currency),
            y=label("axis.probability_best", language),
            small_print=_note(curves, wtp, language),
            y_percent=True,
        )
    return axes


def draw_probabilities(
    ax: Axes, x: Floats, shares: Floats, errors: Floats, names: Sequence[str]
) -> None:
    """Shares of draws with 1.96 Monte Carlo standard errors, kept within 0 and 1."""
    for i, name in enumerate(names):
        p, band, style = shares[i], NORMAL_95 * errors[i], look(i)
        ax.plot(x, p, color=style.colour, linestyle=style.dashes, label=name)
        low, high = np.clip(p - band, 0, 1), np.clip(p + band, 0, 1)
        ax.fill_between(x, low, high, color=style.colour, alpha=0.18, linewidth=0)
    ax.set(xlim=(x[0], x[-1]), ylim=(-0.02, 1.02))


def draw_frontier(ax: Axes, x: Floats, line: Floats, favoured: Sequence[str]) -> None:
    """One wide grey piece per strategy that has the highest expected net benefit."""
    for piece in pieces(favoured):
        ax.plot(x[piece], line[piece], color=FAINT, linewidth=6, zorder=1, gid="frontier")


def _position(curves: Acceptability, wtp: float) -> int:
    at = np.flatnonzero(curves.limits == wtp)
    if at.size == 0:
        nearest = curves.limits[int(np.abs(curves.limits - wtp).argmin())]
        raise ResultError(
            "the willingness to pay to mark is not one of the limits",
            expected=f"one of the {curves.limits.size} limits, such as {nearest:.10g}",
            found=wtp,
            remedy="Add it to the limits of acceptability().",
        )
    return int(at[0])


def _title(cea: CEA, currency: str, language: str) -> str:
    """Say what the curves show at the comparison's own willingness to pay, if it has one."""
    if cea.wtp is None:
        return best_title(cea, currency, language)
    here = acceptability(cea.outcomes, limits=[cea.wtp])
    return _title_at(
        here.favoured[0], here.frontier[0], here.frontier_se[0], cea.wtp, currency, language
    )


def _title_over(curves: Acceptability, currency: str, language: str) -> str:
    text = label("title.best_first", language, strategy=curves.favoured[0])
    for name, limit in crossings(
        curves.limits,
        curves.mean_nmb,
        strategies=curves.strategies,
        favoured=curves.favoured,
    ):
        amount = money(limit, language=language, currency=currency)
        text += label("title.best_next", language, strategy=name, amount=amount)
    return text


def _title_at(
    strategy: str, share: float, se: float, wtp: float, currency: str, language: str
) -> str:
    return label(
        "title.acceptability",
        language,
        strategy=strategy,
        limit=money(wtp, language=language, currency=currency),
        share=percent_with_error(float(share), float(se), decimals=0, language=language),
    )


def _note(curves: Acceptability, wtp: float | None, language: str) -> str:
    n = number(curves.n_draws, language=language)
    notes = [label("note.acceptability", language, n=n)]
    if wtp is not None:
        notes.append(label("note.brackets", language))
    return " ".join([*notes, *error_notes(curves.provenance, language)])
