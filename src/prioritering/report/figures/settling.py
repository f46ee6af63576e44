"""Running means with their Monte Carlo error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from prioritering.psa import RunningMean, Settling
from prioritering.report.figures._canvas import FAVOUR, INK, MUTED, canvas, finish, tag, with_minus
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money, money_decimals, number, with_error
from prioritering.report.tables._cells import QALY_DECIMALS, error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.settling import Followed

MOST_POINTS = 800
"""Points of a line; more cannot be seen."""

_AXES = {
    "cost": "axis.incremental_cost",
    "qaly": "axis.incremental_qaly",
    "nmb": "axis.incremental_nmb",
    "icer": "psa_axis.icer",
}


def plot_settling(
    found: Settling,
    quantity: Followed = "icer",
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Mean over the first draws with two standard errors on either side.

    The height of the figure follows the draws after the first twentieth; earlier ones may
    leave it. A thin line marks what the figure is held against: no net benefit, no difference,
    or for the ICER the willingness to pay.

    Raises
    ------
    ResultError
        Net benefit without willingness to pay, or an ICER without a meaning.
    UnknownNameError
        Another quantity, or a language without labels.
    """
    run, unit = found.of(quantity), currency_of(found.provenance, currency)
    n = number(int(run.draws[-1]), language=language)
    pair = {"option": found.option, "reference": found.reference}
    value = _value(run, quantity, unit, language)
    notes = [label("psa_note.settling", language), label("note.brackets", language)]
    if quantity == "nmb":
        limit = money(found.wtp, language=language, currency=unit)
        notes.append(label("note.net_benefit_at", language, limit=limit))
    with canvas(ax) as axes:
        _band(axes, run)
        _mark(axes, found, quantity, unit, language)
        finish(
            axes,
            language,
            title=label("psa_title.settling", language, n=n, value=value, **pair),
            x=label("psa_axis.draws", language),
            y=label(_AXES[quantity], language, reference=found.reference, currency=unit),
            small_print=" ".join([*notes, *error_notes(found.provenance, language)]),
        )
    return axes


def _value(run: RunningMean, quantity: Followed, currency: str, language: str) -> str:
    """Write the final mean with its error and unit."""
    mean, se = float(run.mean[-1]), float(run.se[-1])
    decimals = QALY_DECIMALS if quantity == "qaly" else money_decimals([mean])
    text = with_minus(with_error(mean, se, decimals=decimals, language=language))
    if quantity == "qaly":
        return label("psa_mark.qalys", language, value=text)
    amount = label("format.money", language, amount=text, currency=currency)
    return label("mark.per_qaly", language, amount=amount) if quantity == "icer" else amount


def _band(ax: Axes, run: RunningMean) -> None:
    n = run.draws.size
    shown = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).astype(int))
    draws, mean, band = run.draws[shown], run.mean[shown], 2.0 * run.se[shown]
    ax.fill_between(draws, mean - band, mean + band, color=FAVOUR, alpha=0.2, linewidth=0)
    ax.plot(draws, mean, color=FAVOUR)
    ax.axhline(float(run.mean[-1]), color=INK, linewidth=0.8, linestyle=":", zorder=1)
    late = draws >= 0.05 * draws[-1]
    low, high = float((mean - band)[late].min()), float((mean + band)[late].max())
    margin = 0.06 * (high - low) or 1.0
    ax.set(xlim=(0, draws[-1]), ylim=(low - margin, high + margin))


def _mark(ax: Axes, found: Settling, quantity: Followed, currency: str, language: str) -> None:
    """Thin line at what the figure is held against, where it is in view."""
    against = found.wtp if quantity == "icer" else 0.0
    low, high = ax.get_ylim()
    if against is None or not low < against < high:
        return
    ax.axhline(against, color=MUTED, linewidth=1, zorder=1)
    if quantity == "icer":
        amount = money(against, language=language, currency=currency)
        text = label("mark.limit", language, amount=amount)
        tag(ax, text, (float(ax.get_xlim()[1]), against), shift=(-4, 4), colour=MUTED)
