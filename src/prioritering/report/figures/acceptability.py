"""Acceptability curves and their frontier."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from prioritering.cea import CEA
from prioritering.psa import Acceptability, acceptability
from prioritering.report.figures._canvas import (
    FAINT,
    NORMAL_95,
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
    with canvas(ax) as axes:
        _frontier(axes, curves)
        _curves(axes, curves)
        axes.set(xlim=(curves.limits[0], curves.limits[-1]), ylim=(-0.02, 1.02))
        amount = money(cea.wtp, language=language, currency=unit)
        mark_limit(axes, cea.wtp, amount, [(curves.limits, p) for p in curves.probability])
        name_lines(axes, float(curves.limits[-1]), curves.strategies, curves.probability)
        finish(
            axes,
            language,
            title=_title(cea, unit, language),
            x=label("axis.wtp", language, currency=unit),
            y=label("axis.probability_best", language),
            small_print=_note(cea, curves, language),
            y_percent=True,
        )
    return axes


def _curves(ax: Axes, curves: Acceptability) -> None:
    for i, name in enumerate(curves.strategies):
        p, band = curves.probability[i], NORMAL_95 * curves.probability_se[i]
        style = look(i)
        ax.plot(curves.limits, p, color=style.colour, linestyle=style.dashes, label=name)
        low, high = np.clip(p - band, 0, 1), np.clip(p + band, 0, 1)
        ax.fill_between(curves.limits, low, high, color=style.colour, alpha=0.18, linewidth=0)


def _frontier(ax: Axes, curves: Acceptability) -> None:
    """One piece per strategy that has the highest expected net benefit."""
    for piece in _pieces(curves):
        ax.plot(
            curves.limits[piece],
            curves.frontier[piece],
            color=FAINT,
            linewidth=6,
            zorder=1,
            gid="frontier",
        )


def _pieces(curves: Acceptability) -> list[slice]:
    favoured = np.array(curves.favoured)
    changes = np.flatnonzero(favoured[1:] != favoured[:-1]) + 1
    return [slice(a, b) for a, b in pairwise([0, *changes.tolist(), len(favoured)])]


def _title(cea: CEA, currency: str, language: str) -> str:
    """Say what the curves show at the comparison's own willingness to pay, if it has one."""
    if cea.wtp is None:
        return best_title(cea, currency, language)
    here = acceptability(cea.outcomes, limits=[cea.wtp])
    return label(
        "title.acceptability",
        language,
        strategy=here.favoured[0],
        limit=money(cea.wtp, language=language, currency=currency),
        share=percent_with_error(
            float(here.frontier[0]), float(here.frontier_se[0]), decimals=0, language=language
        ),
    )


def _note(cea: CEA, curves: Acceptability, language: str) -> str:
    n = number(curves.n_draws, language=language)
    notes = [label("note.acceptability", language, n=n)]
    if cea.wtp is not None:
        notes.append(label("note.brackets", language))
    return " ".join([*notes, *error_notes(cea.provenance, language)])
