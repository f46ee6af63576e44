"""Severity class and cost-effectiveness together, and acceptability over a common multiplier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.psa import ClassShare, MultiplierCurves, SeverityAcceptability
from prioritering.report.figures._canvas import (
    FAINT,
    FAVOUR,
    GROUND,
    MUTED,
    SMALL,
    TINY,
    canvas,
    finish,
    name_lines,
)
from prioritering.report.figures.acceptability import (
    check_range,
    crossings,
    draw_frontier,
    draw_probabilities,
)
from prioritering.report.figures.net_benefit import mark_limit
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, number, percent, percent_with_error
from prioritering.report.tables._cells import error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_severity_acceptability(
    joint: SeverityAcceptability,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """One bar per severity class, divided by whether the option is cost-effective at its limit.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(joint.provenance, currency)
    n = number(joint.n_draws, language=language)
    notes = [label("psa_note.class_bars", language, n=n), label("note.brackets", language)]
    share = joint.cost_effective
    with canvas(ax) as axes:
        _class_bars(axes, joint.classes, language)
        for k, group in enumerate(joint.classes):
            _class_text(axes, k, group, language)
        axes.legend(frameon=False, fontsize=SMALL, loc="best")
        axes.set_ylim(0, 1.22 * max(c.probability.value for c in joint.classes))
        finish(
            axes,
            language,
            title=label(
                "psa_title.effective",
                language,
                strategy=joint.option,
                share=percent_with_error(share.value, share.se, decimals=0, language=language),
            ),
            x=label("psa_axis.class_limit", language, currency=unit),
            y=label("psa_axis.share", language),
            small_print=" ".join([*notes, *error_notes(joint.provenance, language)]),
            y_percent=True,
        )
        _class_ticks(axes, joint.classes, language)
    return axes


def _class_bars(ax: Axes, classes: tuple[ClassShare, ...], language: str) -> None:
    place = np.arange(len(classes))
    worth = np.array([c.cost_effective.value for c in classes])
    other = np.array([c.not_cost_effective.value for c in classes])
    style: dict[str, Any] = {"width": 0.68, "edgecolor": GROUND, "linewidth": 0.5}
    ax.bar(place, worth, color=FAVOUR, label=label("psa_mark.effective", language), **style)
    name = label("psa_mark.not_effective", language)
    ax.bar(place, other, bottom=worth, color=FAINT, label=name, **style)


def _class_text(ax: Axes, k: int, group: ClassShare, language: str) -> None:
    if group.within is None:
        return
    share = percent(group.probability.value, language=language)
    within = percent(group.within.value, language=language)
    ax.annotate(
        label("psa_mark.class_share", language, share=share, within=within),
        (k, group.probability.value),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=TINY,
        color=MUTED,
    )


def _class_ticks(ax: Axes, classes: tuple[ClassShare, ...], language: str) -> None:
    texts = [
        label(
            "psa_mark.class",
            language,
            number=number(c.number, language=language),
            amount=number(c.wtp, language=language),
        )
        for c in classes
    ]
    ax.set_xticks(range(len(classes)), texts, fontsize=TINY)


def plot_multiplier_curves(
    curves: MultiplierCurves, ax: Axes | None = None, *, language: str = "en"
) -> Axes:
    """Draw acceptability curves and frontier over a common multiplier of the draws' own limits.

    Raises
    ------
    ResultError
        A single multiplier.
    UnknownNameError
        A language without labels.
    """
    x = curves.multipliers
    check_range(x)
    n = number(curves.n_draws, language=language)
    with canvas(ax) as axes:
        draw_frontier(axes, x, curves.frontier, curves.favoured)
        draw_probabilities(axes, x, curves.probability, curves.probability_se, curves.strategies)
        stand = label("psa_mark.as_they_stand", language)
        mark_limit(axes, 1.0, stand, [(x, p) for p in curves.probability])
        name_lines(axes, float(x[-1]), curves.strategies, curves.probability)
        note = label("note.acceptability", language, n=n)
        finish(
            axes,
            language,
            title=_title(curves, language),
            x=label("psa_axis.multiplier", language),
            y=label("axis.probability_best", language),
            small_print=" ".join([note, *error_notes(curves.provenance, language)]),
            y_percent=True,
        )
    return axes


def _title(curves: MultiplierCurves, language: str) -> str:
    text = label("title.best_first", language, strategy=curves.favoured[0])
    for name, multiplier in crossings(
        curves.multipliers,
        curves.mean_nmb,
        strategies=curves.strategies,
        favoured=curves.favoured,
    ):
        times = number(multiplier, decimals=2, language=language)
        amount = label("psa_title.times", language, number=times)
        text += label("psa_title.switch", language, strategy=name, amount=amount)
    return text
