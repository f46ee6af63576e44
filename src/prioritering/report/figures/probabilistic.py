"""Expected loss over willingness to pay, ranks, and histograms of increments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from prioritering.conventions import NORMAL_95
from prioritering.outcomes import Floats
from prioritering.psa import ExpectedLossCurves, Incremental, RankProbabilities
from prioritering.report.figures._canvas import (
    FAINT,
    FAVOUR,
    GROUND,
    INK,
    MUTED,
    SMALL,
    canvas,
    figure_number,
    finish,
    look,
    name_lines,
    with_minus,
)
from prioritering.report.figures.acceptability import check_range, crossings, pieces
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    money_decimals,
    number,
    percent_with_error,
    standard_error,
    with_error,
)
from prioritering.report.tables._cells import QALY_DECIMALS, error_notes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.psa.distributions import Quantity, Spread

BINS = 48
_AXES = {
    "cost": "axis.incremental_cost",
    "qaly": "axis.incremental_qaly",
    "nmb": "axis.incremental_nmb",
    "nhb": "psa_axis.nhb",
}


def plot_expected_loss(
    curves: ExpectedLossCurves,
    ax: Axes | None = None,
    *,
    log: bool = False,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Draw expected loss of each strategy over willingness to pay, with the lowest marked.

    Bands are 1.96 Monte Carlo standard errors. On a logarithmic axis losses of zero leave a
    gap, and the small print says so.

    Raises
    ------
    ResultError
        A single limit.
    UnknownNameError
        A language without labels.
    """
    check_range(curves.limits)
    unit = currency_of(curves.provenance, currency)
    with canvas(ax) as axes:
        _lowest(axes, curves, log)
        for i, name in enumerate(curves.strategies):
            _loss_line(axes, curves, i, name, log)
        axes.set_xlim(curves.limits[0], curves.limits[-1])
        if not log:
            axes.set_ylim(0, float(curves.loss.max()) * 1.05 or 1.0)
        finish(
            axes,
            language,
            title=_loss_title(curves, unit, language),
            x=label("axis.wtp", language, currency=unit),
            y=label("psa_axis.loss", language, currency=unit),
            small_print=_loss_note(curves, log, language),
        )
        if log:
            _log_scale(axes, curves, language)
            axes.legend(frameon=False, fontsize=SMALL, loc="best", ncols=2)
        else:
            name_lines(axes, float(curves.limits[-1]), curves.strategies, curves.loss)
    return axes


def _lowest(ax: Axes, curves: ExpectedLossCurves, log: bool) -> None:
    line = _positive(curves.evpi) if log else curves.evpi
    for piece in pieces(curves.lowest):
        ax.plot(curves.limits[piece], line[piece], color=FAINT, linewidth=6, zorder=1, gid="lowest")


def _loss_line(ax: Axes, curves: ExpectedLossCurves, i: int, name: str, log: bool) -> None:
    style, band = look(i), NORMAL_95 * curves.loss_se[i]
    line = _positive(curves.loss[i]) if log else curves.loss[i]
    low = np.maximum(line - band, 0.3 * line if log else 0.0)
    ax.plot(curves.limits, line, color=style.colour, linestyle=style.dashes, label=name)
    ax.fill_between(curves.limits, low, line + band, color=style.colour, alpha=0.18, linewidth=0)


def _positive(values: Floats) -> Floats:
    """Values a logarithmic axis can show; the others leave a gap."""
    return np.where(values > 0, values, np.nan)


def _log_scale(ax: Axes, curves: ExpectedLossCurves, language: str) -> None:
    """Logarithmic axis down to where it tells something, with ticks at powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    shown = curves.loss[curves.loss > 0]
    if shown.size == 0:
        return
    top = float(shown.max())
    low = max(float(shown.min()), top * 1e-6)
    ax.set_yscale("log")
    ax.set_ylim(low / 1.5, top * 1.5)
    ax.yaxis.set_major_locator(LogLocator(base=10))
    ax.yaxis.set_minor_locator(NullLocator())

    def written(value: float, _: int | None = None) -> str:
        decimals = max(0, -int(np.floor(np.log10(value))))
        return number(value, decimals=decimals, language=language)

    ax.yaxis.set_major_formatter(FuncFormatter(written))


def _loss_title(curves: ExpectedLossCurves, currency: str, language: str) -> str:
    text = label("psa_title.loss", language, strategy=curves.lowest[0])
    for name, limit in crossings(
        curves.limits, curves.loss, strategies=curves.strategies, favoured=curves.lowest
    ):
        amount = money(limit, language=language, currency=currency)
        text += label("psa_title.switch", language, strategy=name, amount=amount)
    return text


def _loss_note(curves: ExpectedLossCurves, log: bool, language: str) -> str:
    n = number(curves.n_draws, language=language)
    notes = [label("psa_note.lowest_line", language), label("psa_note.bands", language, n=n)]
    if log and (curves.loss <= 0).any():
        notes.append(label("psa_note.loss_zero", language))
    return " ".join([*notes, *error_notes(curves.provenance, language)])


def plot_ranks(
    ranks: RankProbabilities,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """One bar per strategy, divided by the share of draws of each rank; best mean rank on top.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    order = np.argsort(ranks.mean_rank, kind="stable")
    with canvas(ax) as axes:
        for row, i in enumerate(order.tolist()):
            _rank_bar(axes, row, ranks.probability[i])
        axes.set(xlim=(0, 1), ylim=(len(order) - 0.4, -0.6))
        finish(
            axes,
            language,
            title=_rank_title(ranks, currency, language),
            x=label("psa_axis.share", language),
            y=None,
            small_print=_rank_note(ranks, language),
        )
        _percent_ticks(axes, language)
        axes.set_yticks(range(len(order)), [ranks.strategies[i] for i in order])
        for text in axes.get_yticklabels():
            text.set_parse_math(False)
        axes.tick_params(axis="y", length=0)
    return axes


def _rank_bar(ax: Axes, row: int, shares: Floats) -> None:
    left, n = 0.0, shares.size
    for rank, share in enumerate(shares.tolist()):
        colour, ink = _shade(rank / max(n - 1, 1))
        ax.barh(row, share, left=left, height=0.68, color=colour, edgecolor=GROUND, linewidth=1)
        if share > 0.045:
            middle = left + share / 2
            ax.text(middle, row, str(rank + 1), ha="center", va="center", color=ink, fontsize=SMALL)
        left += share


def _shade(depth: float) -> tuple[tuple[float, float, float], str]:
    """Blue for the first rank, paler for the later ones, and the ink that reads on it."""
    from matplotlib.colors import to_rgb

    dark, light = np.array(to_rgb(FAVOUR)), np.array(to_rgb("#e4edf4"))
    red, green, blue = (dark + depth * (light - dark)).tolist()
    return (red, green, blue), GROUND if depth < 0.45 else INK


def _percent_ticks(ax: Axes, language: str) -> None:
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    texts = [number(100 * t, language=language) for t in ticks]
    ax.set_xticks(ticks, [label("format.percent", language, amount=text) for text in texts])


def _rank_title(ranks: RankProbabilities, currency: str | None, language: str) -> str:
    i = int(ranks.probability[:, 0].argmax())
    words = {
        "strategy": ranks.strategies[i],
        "share": percent_with_error(
            float(ranks.probability[i, 0]),
            float(ranks.probability_se[i, 0]),
            decimals=0,
            language=language,
        ),
    }
    if ranks.wtp.size > 1:
        return label("psa_title.ranks", language, **words)
    unit = currency_of(ranks.provenance, currency)
    limit = money(float(ranks.wtp[0]), language=language, currency=unit)
    return label("psa_title.ranks_at", language, limit=limit, **words)


def _rank_note(ranks: RankProbabilities, language: str) -> str:
    se = standard_error(100 * float(ranks.probability_se.max()), decimals=1, language=language)
    n = number(ranks.n_draws, language=language)
    notes = [
        label("psa_note.rank_bars", language),
        label("psa_note.rank_error", language, n=n, se=se),
        label("note.brackets", language),
    ]
    if ranks.wtp.size > 1:
        notes.append(label("psa_note.ranks_own", language))
    return " ".join([*notes, *error_notes(ranks.provenance, language)])


def plot_incremental(
    found: Incremental,
    quantity: Quantity = "qaly",
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Histogram of one increment over draws, with mean and 95 % interval.

    Raises
    ------
    UnknownNameError
        A quantity that is not in the result, or a language without labels.
    """
    spread, unit = found.spread(quantity), currency_of(found.provenance, currency)
    with canvas(ax) as axes:
        _histogram(axes, found.draws(quantity))
        axes.axvline(spread.mean, color=INK, linewidth=1.4, zorder=3)
        for end in (spread.quantiles[0], spread.quantiles[-1]):
            axes.axvline(end, color=INK, linewidth=1.2, linestyle=":", zorder=3)
        left, right = axes.get_xlim()
        if left < 0 < right:
            axes.axvline(0.0, color=MUTED, linewidth=0.8, zorder=1)
        finish(
            axes,
            language,
            title=_spread_title(found, spread, unit, language),
            x=label(_AXES[quantity], language, reference=found.reference, currency=unit),
            y=label("psa_axis.share", language),
            small_print=_spread_note(found, quantity, unit, language),
            y_percent=True,
        )
    return axes


def _spread_title(found: Incremental, spread: Spread, currency: str, language: str) -> str:
    money_like = spread.quantity in ("cost", "nmb")
    decimals = money_decimals([spread.mean, spread.sd]) if money_like else QALY_DECIMALS
    low, high = (
        figure_number(spread.quantiles[k], decimals=decimals, language=language) for k in (0, -1)
    )
    mean = with_minus(with_error(spread.mean, spread.se, decimals=decimals, language=language))
    value = (
        label("format.money", language, amount=mean, currency=currency)
        if money_like
        else label("psa_mark.qalys", language, value=mean)
    )
    pair = {"option": found.option, "reference": found.reference}
    return label("psa_title.spread", language, value=value, low=low, high=high, **pair)


def _spread_note(found: Incremental, quantity: Quantity, currency: str, language: str) -> str:
    n = number(found.n_draws, language=language)
    notes = [label("psa_note.histogram", language, n=n), label("note.brackets", language)]
    if quantity in ("nmb", "nhb"):
        limit = money(found.wtp, language=language, currency=currency)
        notes.append(label("note.net_benefit_at", language, limit=limit))
    return " ".join([*notes, *error_notes(found.provenance, language)])


def _histogram(ax: Axes, values: Floats) -> None:
    counts, edges = np.histogram(values, bins=BINS)
    ax.bar(
        edges[:-1],
        counts / values.size,
        width=np.diff(edges),
        align="edge",
        color=FAVOUR,
        alpha=0.75,
        edgecolor=GROUND,
        linewidth=0.5,
        zorder=2,
    )
