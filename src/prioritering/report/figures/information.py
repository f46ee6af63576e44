"""Figures of the value of information: EVPI, EVPPI, and the residuals behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.conventions import NORMAL_95
from prioritering.errors import ResultError
from prioritering.outcomes import Floats
from prioritering.psa.inputs import chosen_limit
from prioritering.report.figures._canvas import (
    FAVOUR,
    INK,
    MUTED,
    SMALL,
    canvas,
    finish,
    label_ends,
    look,
)
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, money_decimals, number, percent
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.information import (
    method_name,
    ranking_structure_note,
    structure_note,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.information import Evpi, Evppi, EvppiRanking

_MOST_POINTS = 4000


def plot_evpi(
    evpi: Evpi, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
) -> Axes:
    """EVPI per patient over willingness to pay; the band is 1.96 Monte Carlo standard errors.

    Raises
    ------
    ResultError
        A single limit.
    UnknownNameError
        A language without labels.
    """
    unit, order = currency_of(evpi.provenance, currency), _rising(evpi.wtp)
    x, y, se = evpi.wtp[order], evpi.value[order], evpi.se[order]
    most = int(y.argmax())
    with canvas(ax) as axes:
        _banded(axes, x, y, se, 0)
        axes.set(xlim=(x[0], x[-1]), ylim=(0, None))
        note = label("information_note.evpi", language, n=number(evpi.n_draws, language=language))
        finish(
            axes,
            language,
            title=label(
                "information_title.evpi",
                language,
                limit=money(x[most], language=language, currency=unit),
                amount=amount_of(y[most], language, unit),
            ),
            x=label("axis.wtp", language, currency=unit),
            y=label("information.evpi", language, currency=unit),
            small_print=with_error_notes(note, evpi.provenance, language),
        )
    return axes


def plot_evppi(
    evppi: Evppi, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
) -> Axes:
    """EVPPI per patient over willingness to pay, with its standard errors, below EVPI.

    Raises
    ------
    ResultError
        A single limit.
    UnknownNameError
        A language without labels.
    """
    unit, order = currency_of(evppi.provenance, currency), _rising(evppi.wtp)
    x, y, se, whole = (a[order] for a in (evppi.wtp, evppi.value, evppi.se, evppi.evpi))
    most = int(y.argmax())
    with canvas(ax) as axes:
        axes.plot(x, whole, color=MUTED, linestyle="--", linewidth=1.2, gid="evpi")
        _banded(axes, x, y, se, 0)
        axes.set(xlim=(x[0], x[-1]), ylim=(0, None))
        ends = [
            (float(whole[-1]), label("information.evpi_line", language), MUTED),
            (float(y[-1]), label("information.evppi_line", language), look(0).colour),
        ]
        label_ends(axes, float(x[-1]), ends)
        finish(
            axes,
            language,
            title=label(
                "information_title.evppi",
                language,
                names=", ".join(evppi.parameters),
                limit=money(x[most], language=language, currency=unit),
                amount=amount_of(y[most], language, unit),
            ),
            x=label("axis.wtp", language, currency=unit),
            y=label("information.evppi", language, currency=unit),
            small_print=" ".join(
                [_evppi_note(evppi, language), *structure_note(evppi.structure, language)]
            ),
        )
    return axes


def plot_residuals(
    evppi: Evppi,
    ax: Axes | None = None,
    *,
    wtp: float | None = None,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Residuals of the second strategy's net benefit against its fitted means.

    The line is the mean in twentieths of the draws.

    Parameters
    ----------
    wtp
        One of the limits; it may be left out where there is one.

    Raises
    ------
    ResultError
        Several limits and none chosen, or another than those.
    UnknownNameError
        A language without labels.
    """
    unit, limit = currency_of(evppi.provenance, currency), chosen_limit(evppi.wtp, wtp, "wtp")
    m = len(evppi.strategies) - 1
    observed, fitted = (limit * a[m] - a[0] for a in (evppi.observed, evppi.fitted))
    residual = observed - fitted
    share = float(fitted.var() / observed.var()) if observed.var() > 0 else None
    with canvas(ax) as axes:
        _scatter_with_means(axes, fitted, residual)
        finish(
            axes,
            language,
            title=label(
                "information_title.residuals", language, share=percent(share, language=language)
            ),
            x=label(
                "information.fitted",
                language,
                strategy=evppi.strategies[1],
                reference=evppi.strategies[0],
                currency=unit,
            ),
            y=label("information.residual", language, currency=unit),
            small_print=label(
                "information_note.residuals",
                language,
                limit=money(limit, language=language, currency=unit),
                n=number(evppi.n_draws, language=language),
                method=method_name(evppi.method, language),
            ),
        )
    return axes


def plot_ranking(
    ranking: EvppiRanking,
    ax: Axes | None = None,
    *,
    most: int = 15,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Bars of EVPPI at ``ranked_at``, the largest on top; lines are 1.96 standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(ranking.evpi.provenance, currency)
    names, k = list(ranking.items)[:most], ranking.position
    values = np.array([ranking.items[name].value.flat[k] for name in names])
    errors = np.array([ranking.items[name].se.flat[k] for name in names])
    places = np.arange(len(names))[::-1]
    with canvas(ax) as axes:
        axes.barh(places, values, height=0.62, color=FAVOUR, alpha=0.85, gid="bars")
        low, high = np.maximum(values - NORMAL_95 * errors, 0.0), values + NORMAL_95 * errors
        axes.hlines(places, low, high, color=INK, linewidth=1.2)
        axes.set(xlim=(0, None), ylim=(-0.6, len(names) - 0.4))
        finish(
            axes,
            language,
            title=_ranking_title(ranking, names[0], unit, language),
            x=label("information.evppi", language, currency=unit),
            y=None,
            small_print=_ranking_note(ranking, len(names), unit, language),
        )
        axes.set_yticks(places, labels=names, fontsize=SMALL)
        axes.tick_params(axis="y", length=0)
    return axes


def plot_ranking_limits(
    ranking: EvppiRanking,
    ax: Axes | None = None,
    *,
    most: int = 5,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """EVPPI of the largest over willingness to pay, below EVPI; bands are 1.96 standard errors.

    Raises
    ------
    ResultError
        A single limit.
    UnknownNameError
        A language without labels.
    """
    unit, order = currency_of(ranking.evpi.provenance, currency), _rising(ranking.wtp)
    x = ranking.wtp[order]
    by_peak = sorted(ranking.items, key=lambda name: -float(ranking.items[name].value.max()))
    chosen = by_peak[:most]
    first = ranking.items[chosen[0]]
    with canvas(ax) as axes:
        whole = ranking.evpi.value[order]
        axes.plot(x, whole, color=MUTED, linestyle="--", linewidth=1.2, gid="evpi")
        ends = [(float(whole[-1]), label("information.evpi_line", language), MUTED)]
        for i, name in enumerate(chosen):
            item = ranking.items[name]
            _banded(axes, x, item.value[order], item.se[order], i)
            ends.append((float(item.value[order][-1]), name, look(i).colour))
        axes.set(xlim=(x[0], x[-1]), ylim=(0, None))
        label_ends(axes, float(x[-1]), ends)
        left_out = len(ranking.items) - len(chosen)
        finish(
            axes,
            language,
            title=label("information_title.lines", language),
            x=label("axis.wtp", language, currency=unit),
            y=label("information.evppi", language, currency=unit),
            small_print=" ".join(
                [
                    _evppi_note(first, language),
                    *_not_shown(left_out, language),
                    *ranking_structure_note(ranking, language),
                ]
            ),
        )
    return axes


def _scatter_with_means(axes: Axes, fitted: Floats, residual: Floats) -> None:
    """Points, and their means in twentieths of the draws."""
    order = np.argsort(fitted, kind="stable")
    parts = np.array_split(order, 20)
    shown = order[:: max(order.size // _MOST_POINTS, 1)]
    axes.scatter(
        fitted[shown],
        residual[shown],
        s=4,
        color=FAVOUR,
        alpha=0.25,
        linewidth=0,
        rasterized=True,
    )
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.plot(
        [fitted[p].mean() for p in parts],
        [residual[p].mean() for p in parts],
        color=INK,
        gid="means",
    )


def _banded(ax: Axes, x: Floats, y: Floats, se: Floats, i: int) -> None:
    style = look(i)
    ax.plot(x, y, color=style.colour, linestyle=style.dashes)
    low, high = np.maximum(y - NORMAL_95 * se, 0.0), y + NORMAL_95 * se
    ax.fill_between(x, low, high, color=style.colour, alpha=0.18, linewidth=0)


def amount_of(value: float, language: str, unit: str) -> str:
    """Write an amount with its currency, with decimals where it is small."""
    decimals = money_decimals([float(value)])
    return money(float(value), decimals=decimals, language=language, currency=unit)


def _evppi_note(evppi: Evppi, language: str) -> str:
    note = label(
        "information_note.evppi",
        language,
        n=number(evppi.n_draws, language=language),
        method=method_name(evppi.method, language),
    )
    return with_error_notes(note, evppi.provenance, language)


def _ranking_title(ranking: EvppiRanking, name: str, unit: str, language: str) -> str:
    return label(
        "information_title.ranking",
        language,
        name=name,
        limit=money(ranking.ranked_at, language=language, currency=unit),
        amount=amount_of(float(ranking.items[name].value.flat[ranking.position]), language, unit),
    )


def _ranking_note(ranking: EvppiRanking, shown: int, unit: str, language: str) -> str:
    note = label(
        "information_note.ranking",
        language,
        n=number(ranking.evpi.n_draws, language=language),
        evpi=amount_of(float(ranking.evpi.value.flat[ranking.position]), language, unit),
    )
    more = [
        *_not_shown(len(ranking.items) - shown, language),
        *ranking_structure_note(ranking, language),
    ]
    provenance: Mapping[str, Any] = ranking.evpi.provenance
    return with_error_notes(" ".join([note, *more]), provenance, language)


def _not_shown(count: int, language: str) -> list[str]:
    if count < 1:
        return []
    return [label("information_note.not_shown", language, count=number(count, language=language))]


def _rising(wtp: Floats) -> NDArray[np.int64]:
    """Order of the limits from low to high; a single limit has no line."""
    refuse_one(np.unique(wtp).size, "limits")
    return np.argsort(wtp, kind="stable")


def refuse_one(count: int, what: str) -> None:
    """Refuse to draw a line through a single point.

    Raises
    ------
    ResultError
        Fewer than two.
    """
    if count < 2:
        raise ResultError(
            f"too few {what} to draw a line over", expected="two or more", found=count
        )
