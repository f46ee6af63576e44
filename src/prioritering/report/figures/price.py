"""The price of an option: cost per QALY along it, and how surely it is cost-effective."""

from __future__ import annotations

from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.conventions import NORMAL_95
from prioritering.errors import ResultError
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import (
    FAVOUR,
    INK,
    MUTED,
    SMALL,
    STYLE,
    TINY,
    canvas,
    finish,
    half_width,
    inches,
    label_ends,
    nice_above,
    rehearse,
    tag,
    with_minus,
)
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    money_decimals,
    number,
    percent,
    standard_error,
)
from prioritering.report.tables._cells import with_error_notes
from prioritering.report.tables.price import price_decimals, price_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from prioritering.decision import PriceAnalysis, PriceAtLevel

POINTS = 121
"""Prices at which the probability is drawn."""

NAME_HEIGHT = 0.44
"""Probability at which the curves are named."""

STAIRS = (0.78, 0.22)
"""Probabilities between which they are named where they lie close."""

_TITLES = {
    "at most": "price.title_at_most",
    "at least": "price.title_at_least",
    "at no price": "price.title_at_no_price",
    "at any price": "price.title_at_any_price",
}


def plot_price(
    analysis: PriceAnalysis,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Cost per QALY along the price, with reference levels and the prices that meet them.

    Raises
    ------
    ResultError
        A mean gain in QALYs that is not above 0: cost per QALY has no meaning.
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(analysis.provenance, currency)
    prices = np.linspace(0.0, _reach(analysis), 2)
    line = analysis.cost_per_qaly(prices)
    with canvas(ax) as axes:
        axes.plot(prices, line, color=FAVOUR, zorder=3)
        axes.set_xlim(prices[0], prices[-1])
        axes.set_ylim(min(0.0, float(line.min())), _height(analysis, line))
        _levels(axes, analysis, language)
        _now(axes, analysis, unit, language, height=0.03)
        how: dict[str, Any] = {
            "title": _title(analysis, unit, language),
            "x": label(
                "price.axis_price", language, currency=unit, unit=price_unit(analysis, language)
            ),
            "small_print": "\n".join(_notes(analysis, unit, language)),
        }
        y = _y_name(analysis, unit, language)
        rehearse(axes, language, y=y, **how)
        y = _folded(axes, y)
        rehearse(axes, language, y=y, **how)
        finish(axes, language, y=y, **how)
    return axes


def plot_price_probability(
    analysis: PriceAnalysis,
    ax: Axes | None = None,
    *,
    language: str = "en",
    currency: str | None = None,
) -> Axes:
    """Probability of being cost-effective along the price, a line per willingness to pay.

    Raises
    ------
    ResultError
        A single draw.
    UnknownNameError
        A language without labels.
    """
    if analysis.n_draws == 1:
        raise ResultError(
            "one draw has no probability",
            expected="two draws or more",
            found=1,
            remedy="Run the model on sampled parameters: params.sample(n, seed=...).",
        )
    unit = currency_of(analysis.provenance, currency)
    prices = np.linspace(0.0, _reach(analysis), POINTS)
    own = analysis.own or analysis.levels[-1]
    with canvas(ax) as axes:
        axes.set_xlim(prices[0], prices[-1])
        axes.set_ylim(0.0, 1.04)
        for level in analysis.levels:
            _curve(axes, analysis, level, prices, own=level is own)
        _name_curves(axes, analysis, prices, own, language)
        _wanted(axes, own)
        _now(axes, analysis, unit, language, height=0.93)
        finish(
            axes,
            language,
            title=_probability_title(own, unit, language),
            x=label(
                "price.axis_price", language, currency=unit, unit=price_unit(analysis, language)
            ),
            y=label("price.axis_probability", language),
            small_print="\n".join(_probability_notes(analysis, own, unit, language)),
            y_percent=True,
        )
    return axes


def _reach(analysis: PriceAnalysis) -> float:
    """Highest price in view: the current one, and those that meet the levels."""
    met = [x.price.value for x in analysis.levels if x.price.value > 0]
    return nice_above(1.04 * max(analysis.current_price, *met, 0.0))


def _height(analysis: PriceAnalysis, line: Floats) -> float:
    return max(float(line.max()), 1.12 * analysis.levels[-1].wtp)


def _levels(ax: Axes, analysis: PriceAnalysis, language: str) -> None:
    """Dashed line per level, named at its right end, and a point where the price meets it."""
    low, high = ax.get_xlim()
    ends = []
    for level in analysis.levels:
        own = level.wtp == analysis.limit
        colour = INK if own else MUTED
        ax.axhline(level.wtp, color=colour, linewidth=1.3 if own else 0.8, linestyle="--", zorder=1)
        ends.append((level.wtp, number(level.wtp, language=language), colour))
        if low <= level.price.value <= high:
            ax.plot(level.price.value, level.wtp, "o", color=colour, markersize=5, zorder=4)
    label_ends(ax, high, ends)


def _now(ax: Axes, analysis: PriceAnalysis, currency: str, language: str, *, height: float) -> None:
    """Mark the current price."""
    x, (low, high) = analysis.current_price, ax.get_xlim()
    ax.axvline(x, color=INK, linewidth=1.0, linestyle=":", zorder=2)
    amount = _money(x, analysis, currency, language)
    text = label("price.now", language, amount=amount)
    right = (x - low) / (high - low) < 0.7
    tag(ax, text, (x, height), shift=(4 if right else -4, 1), coords=("data", "axes fraction"))


def _curve(
    ax: Axes, analysis: PriceAnalysis, level: PriceAtLevel, prices: Floats, *, own: bool
) -> None:
    share, se = analysis.probability(prices, wtp=level.wtp)
    colour = FAVOUR if own else MUTED
    ax.plot(prices, share, color=colour, linewidth=2.0 if own else 1.0, zorder=3 if own else 2)
    if own:
        low, high = share - NORMAL_95 * se, share + NORMAL_95 * se
        ax.fill_between(prices, low, high, color=colour, alpha=0.25, linewidth=0, zorder=1)


def _name_curves(
    ax: Axes, analysis: PriceAnalysis, prices: Floats, own: PriceAtLevel, language: str
) -> None:
    """Write each curve's willingness to pay beside it, at one height if there is room for all.

    Where curves lie close, names go down like stairs. A curve that does not pass the height of
    its name, or only at the right edge, has it at its end.
    """
    shares = [analysis.probability(prices, wtp=level.wtp)[0] for level in analysis.levels]
    names = [number(level.wtp, language=language) for level in analysis.levels]
    colours = [FAVOUR if level is own else MUTED for level in analysis.levels]
    heights = np.full(len(names), NAME_HEIGHT)
    if _crowded(ax, [_passing(prices, share, NAME_HEIGHT) for share in shares], names):
        heights = np.linspace(*STAIRS, len(names))
    ends = []
    for name, share, colour, height in zip(names, shares, colours, heights, strict=True):
        x, is_own = _passing(prices, share, height), colour == FAVOUR
        if x is None or prices[-1] - x < _width(ax, name):
            ends.append((float(share[-1]), name, colour))
        else:
            size = SMALL if is_own else TINY
            tag(ax, name, (x, height), shift=(3, 0), size=size, colour=colour, bold=is_own)
    label_ends(ax, prices[-1], ends)


def _passing(prices: Floats, share: Floats, height: float) -> float | None:
    """Price at which a curve passes a height; ``None`` if it stays on one side."""
    above = (share >= height).tolist()
    if above[0] == above[-1]:
        return None
    k = above.index(not above[0])
    part = (share[k - 1] - height) / (share[k - 1] - share[k])
    return float(prices[k - 1] + part * (prices[k] - prices[k - 1]))


def _crowded(ax: Axes, places: list[float | None], names: list[str]) -> bool:
    """Whether a name at one height would reach the next curve."""
    passing = sorted((x, name) for x, name in zip(places, names, strict=True) if x is not None)
    return any(there - here < _width(ax, name) for (here, name), (there, _) in pairwise(passing))


def _width(ax: Axes, name: str) -> float:
    """Width of a name along the price, about."""
    low, high = ax.get_xlim()
    return 2 * half_width(name, SMALL) * (high - low) / float(inches(ax)[0])


def _wanted(ax: Axes, own: PriceAtLevel) -> None:
    for wanted in own.for_probability:
        if wanted.status == "at most" and wanted.price is not None:
            ax.plot(wanted.price, wanted.probability, "o", color=FAVOUR, markersize=6, zorder=4)


def _title(analysis: PriceAnalysis, currency: str, language: str) -> str:
    level = analysis.own or analysis.levels[-1]
    limit = money(level.wtp, language=language, currency=currency)
    key = _TITLES[level.bound]
    if level.bound not in ("at most", "at least"):
        return label(key, language, limit=limit)
    price = _money(level.price.value, analysis, currency, language)
    return label(key, language, price=price, unit=price_unit(analysis, language), limit=limit)


def _probability_title(own: PriceAtLevel, currency: str, language: str) -> str:
    now = own.probability_now
    share = percent(None if now is None else now.value, language=language)
    limit = money(own.wtp, language=language, currency=currency)
    return label("price.title_probability", language, share=share, limit=limit)


def _y_name(analysis: PriceAnalysis, currency: str, language: str) -> str:
    names: dict[str, Any] = {"option": analysis.option, "reference": analysis.reference}
    return label("price.axis_cost_per_qaly", language, currency=currency, **names)


def _folded(ax: Axes, name: str) -> str:
    """Break the name of the y axis to the height of the axes."""
    columns = int(inches(ax)[1] / (2 * half_width("x", STYLE["axes.labelsize"])))
    return fill(name, max(columns, 1), break_long_words=False)


def _notes(analysis: PriceAnalysis, currency: str, language: str) -> list[str]:
    key = "price.assumed_linear" if analysis.checked_at is None else "price.checked_linear"
    checked = analysis.checked_at or 0.0
    linear = label(key, language, amount=_money(checked, analysis, currency, language))
    if analysis.n_draws == 1:
        return [label("price.one_line", language), linear]
    n = number(analysis.n_draws, language=language)
    notes = [label("price.mean_line", language, n=n)]
    level = analysis.own or analysis.levels[-1]
    if level.price.se is not None:
        se = standard_error(level.price.se, decimals=price_decimals(analysis), language=language)
        text = label("price.limit_se", language, se=se)
        notes.append(with_error_notes(text, analysis.provenance, language))
    return [*notes, linear, label("price.not_automatic", language)]


def _probability_notes(
    analysis: PriceAnalysis, own: PriceAtLevel, currency: str, language: str
) -> list[str]:
    n = number(analysis.n_draws, language=language)
    limit = money(own.wtp, language=language, currency=currency)
    text = label("price.curves", language, n=n, limit=limit)
    notes = [with_error_notes(text, analysis.provenance, language)]
    if analysis.checked_at is None:
        notes.append(label("price.assumed_linear", language))
    return [*notes, label("price.not_automatic", language)]


def _money(price: float, analysis: PriceAnalysis, currency: str, language: str) -> str:
    decimals = money_decimals([analysis.current_price])
    return with_minus(money(price, decimals=decimals, language=language, currency=currency))
