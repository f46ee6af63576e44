"""Figures of a study that could be done: what it is worth, and how large it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.conventions import NORMAL_95
from prioritering.outcomes import Floats
from prioritering.psa.inputs import chosen_limit
from prioritering.report.figures._canvas import (
    FAINT,
    FAVOUR,
    MUTED,
    SMALL,
    canvas,
    finish,
    look,
    tag,
)
from prioritering.report.figures.information import amount_of, refuse_one
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, number
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.information import doubt_notes, method_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.information import Enbs, Evsi


def plot_evsi(
    evsi: Evsi,
    ax: Axes | None = None,
    *,
    wtp: float | None = None,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """EVSI at one limit against patients an arm, below the EVPPI of what is measured.

    Parameters
    ----------
    wtp
        One of the limits; it may be left out where there is one.

    Raises
    ------
    ResultError
        A single size, several limits and none chosen, or another than those.
    UnknownNameError
        A language without labels.
    """
    unit, sizes = currency_of(evsi.provenance, currency), evsi.n.size
    refuse_one(sizes, "sizes of the study")
    limit = chosen_limit(evsi.wtp, wtp, "wtp")
    k = int(np.flatnonzero(np.atleast_1d(evsi.wtp) == limit)[0])
    value, se = (a.reshape(sizes, -1)[:, k] for a in (evsi.value, evsi.se))
    ceiling = float(evsi.ceiling.flat[k])
    with canvas(ax) as axes:
        axes.axhline(ceiling, color=MUTED, linestyle="--", linewidth=1.2, gid="ceiling")
        _with_bars(axes, evsi.n, value, se)
        axes.set(xlim=(0, 1.04 * evsi.n[-1]), ylim=(0, None))
        amount = amount_of(ceiling, language, unit)
        text = label("information.ceiling", language, amount=amount)
        tag(axes, text, (0, ceiling), shift=(6, 4), size=SMALL, colour=MUTED)
        note = label(
            "information_note.evsi",
            language,
            study=evsi.study,
            n=number(evsi.n_draws, language=language),
            method=method_name(evsi.method, language),
        )
        finish(
            axes,
            language,
            title=label(
                "information_title.evsi",
                language,
                n=number(float(evsi.n[-1]), language=language),
                amount=amount_of(float(value[-1]), language, unit),
                limit=money(limit, language=language, currency=unit),
            ),
            x=label("information.arm_size", language),
            y=label("information.evsi", language, currency=unit),
            small_print=with_error_notes(note, evsi.provenance, language),
        )
        _raise_top(axes, max(ceiling, float((value + NORMAL_95 * se).max())))
    return axes


def plot_enbs(
    enbs: Enbs, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
) -> Axes:
    """Net benefit of sampling against patients an arm, the best size marked.

    Raises
    ------
    ResultError
        A single size.
    UnknownNameError
        A language without labels.
    """
    refuse_one(enbs.n.size, "sizes of the study")
    unit, best = currency_of(enbs.provenance, currency), enbs.optimum
    title, shaded = label("information_title.no_study", language), doubt_notes(best, language)
    with canvas(ax) as axes:
        axes.axhline(0, color=MUTED, linewidth=0.8)
        _with_bars(axes, enbs.n, enbs.value, enbs.se)
        axes.set_xlim(0, 1.04 * enbs.n[-1])
        if best.n:
            written = number(float(best.n), language=language)
            axes.axvspan(best.low, best.high, color=FAINT, alpha=0.35, linewidth=0, zorder=0)
            axes.plot([best.n], [best.value], "o", color=look(1).colour, markersize=8, gid="best")
            _raise_top(axes, float((enbs.value + NORMAL_95 * enbs.se).max()))
            _name_best(axes, best.n, label("information.optimum", language, n=written))
            amount = amount_of(best.value, language, unit)
            shaded.insert(0, label("information_note.shaded", language))
            title = label("information_title.enbs", language, n=written, amount=amount)
        note = label(
            "information_note.enbs",
            language,
            patients=number(enbs.patients, language=language),
            study=enbs.study,
            limit=money(enbs.wtp, language=language, currency=unit),
            n=number(enbs.n_draws, language=language),
        )
        finish(
            axes,
            language,
            title=title,
            x=label("information.arm_size", language),
            y=label("information.enbs", language, currency=unit),
            small_print=with_error_notes(" ".join([note, *shaded]), enbs.provenance, language),
        )
    return axes


def _with_bars(ax: Axes, x: NDArray[Any], y: Floats, se: Floats) -> None:
    ax.errorbar(
        x,
        y,
        yerr=NORMAL_95 * se,
        color=FAVOUR,
        marker="o",
        markersize=4,
        elinewidth=1,
        capsize=0,
    )


def _name_best(ax: Axes, n: int, text: str) -> None:
    """Name the best size at the top, on the side with more room."""
    left, right = ax.get_xlim()
    side = 1 if n < (left + right) / 2 else -1
    at = (float(n), 0.97)
    tag(ax, text, at, shift=(4 * side, 0), size=SMALL, coords=("data", "axes fraction"), bold=True)
    ax.axvline(n, color=look(1).colour, linewidth=0.9, linestyle=":", zorder=0)


def _raise_top(ax: Axes, highest: float) -> None:
    """Leave room above the highest point for a name."""
    low, high = ax.get_ylim()
    ax.set_ylim(low, max(high, highest + 0.12 * (highest - low)))
