"""What the figures share: style, colours that survive greyscale, labels, ticks and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from textwrap import fill, wrap
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.labels import label
from prioritering.report.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

INK, MUTED, FAINT, GROUND = "#222222", "#666666", "#c4c4c4", "#ffffff"
FAVOUR = "#0072b2"
SIZE = (6.4, 4.4)
SMALL, TINY = 8.5, 7.5
_BELOW_AXIS_NAME = -35
_EM = 0.58

# Okabe and Ito's colours that read on white, the darkest first so that greys differ too.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#222222", "#b0568a", "#b07a00", "#3f8fc4")
_DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))

STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
}


class Look(NamedTuple):
    """Colour and dashes of one strategy, the same in every figure of a run."""

    colour: str
    dashes: Any


def look(i: int) -> Look:
    """Look of the i-th strategy; no two of the first 42 are alike."""
    return Look(_COLOURS[i % len(_COLOURS)], _DASHES[i % len(_DASHES)])


@contextmanager
def canvas(ax: Axes | None) -> Iterator[Axes]:
    """Axes to draw on, the given or new ones, with the style in force meanwhile.

    A notebook turns interactive mode on with its first figure; leaving the style would turn
    it off again and hide every later figure, so it is carried over.
    """
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, STYLE)):
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=SIZE, layout="constrained")
        interactive = mpl.is_interactive()
        yield ax
    mpl.interactive(interactive)


def sheet() -> tuple[Figure, Axes]:
    """Return a new figure that pyplot does not know of, to be saved to a file, and its axes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(cast(Any, STYLE)):
        figure = Figure(figsize=SIZE, layout="constrained")
        return figure, figure.add_subplot()


def finish(
    ax: Axes,
    language: str,
    *,
    title: str,
    x: str,
    y: str | None,
    small_print: str = "",
    most_x_ticks: int = 6,
    y_percent: bool = False,
) -> None:
    """Name the axes and write their ticks, title and small print; ``y`` is None for no y axis.

    Texts are taken as they are: a dollar sign in a name is a dollar sign.
    """
    ax.xaxis.set_label_text(x).set_parse_math(False)
    _ticks(ax.xaxis, language, most=most_x_ticks)
    if y is None:
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
    else:
        ax.yaxis.set_label_text(y).set_parse_math(False)
        _ticks(ax.yaxis, language, percent=y_percent)
    columns = _columns(ax, STYLE["axes.titlesize"], wide=_EM)
    ax.set_title(_balanced(title, columns), loc="left").set_parse_math(False)
    if small_print:
        _note(ax, small_print)


def _balanced(text: str, width: int) -> str:
    """Break a text into as few lines as the width allows, of like length."""
    lines = len(wrap(text, width))
    while width > 1 and len(wrap(text, width - 1)) == lines:
        width -= 1
    return fill(text, width)


def _note(ax: Axes, text: str) -> None:
    """Small print below the name of the x axis, broken to the width of the axes."""
    width = _columns(ax, TINY, wide=0.53)
    ax.annotate(
        "\n".join(fill(part, width) for part in text.split("\n")),
        xy=(0, 0),
        xycoords="axes fraction",
        xytext=(0, _BELOW_AXIS_NAME),
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=TINY,
        color=MUTED,
        linespacing=1.35,
        annotation_clip=False,
    )


def tag(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    *,
    shift: tuple[float, float],
    size: float = TINY,
    colour: str = INK,
    bold: bool = False,
    coords: str | tuple[str, str] = "data",
) -> None:
    """Write a text beside a point, on the side it is shifted to (in points)."""
    dx, dy = shift
    ax.annotate(
        text,
        at,
        xycoords=coords,
        xytext=shift,
        textcoords="offset points",
        ha="center" if dx == 0 else "left" if dx > 0 else "right",
        va="center" if dy == 0 else "bottom" if dy > 0 else "top",
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=colour,
        path_effects=halo(),
        zorder=5,
        annotation_clip=False,
    )


def settle(ax: Axes) -> None:
    """Lay the figure out as it stands, so that :func:`inches` and extents of texts hold."""
    figure = ax.get_figure(root=True)
    if figure:
        figure.draw_without_rendering()


def rehearse(ax: Axes, language: str, **how: Any) -> None:
    """Finish the axes as :func:`finish` would, for their size, and take the small print off."""
    before = list(ax.texts)
    finish(ax, language, **how)
    settle(ax)
    for text in [text for text in ax.texts if text not in before]:
        text.remove()


def inches(ax: Axes) -> Floats:
    """Width and height of the axes, about, before the layout is settled."""
    figure = ax.get_figure(root=True)
    size = figure.get_size_inches() if figure else np.array(SIZE)
    box = ax.get_position()
    return np.asarray(size * (box.width, box.height))


def half_width(text: str, fontsize: float) -> float:
    """Half the width of a text in inches, about."""
    return len(text) * _EM * fontsize / 72 / 2


def _columns(ax: Axes, fontsize: float, *, wide: float) -> int:
    """Characters of mean width ``wide`` em that fit across the axes."""
    return max(int(72 * inches(ax)[0] / (fontsize * wide)), 24)


def _ticks(axis: Axis, language: str, *, most: int = 6, percent: bool = False) -> None:
    """Few ticks, written as the language writes numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    locator = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10])
    axis.set_major_locator(locator)

    def written(value: float, _: int | None = None) -> str:
        if percent:
            amount = number(100 * value, decimals=_decimals(axis, 100.0), language=language)
            return label("format.percent", language, amount=amount)
        return figure_number(value, decimals=_decimals(axis), language=language)

    axis.set_major_formatter(FuncFormatter(written))


def _decimals(axis: Axis, scale: float = 1.0) -> int:
    """Decimals that write the ticks times ``scale`` exactly."""
    locations = scale * np.asarray(axis.get_majorticklocs(), dtype=float)
    step = float(np.diff(locations).min()) if locations.size > 1 else 1.0
    for decimals in range(6):
        if abs(step * 10**decimals - round(step * 10**decimals)) < 1e-6:
            return decimals
    return 6


def figure_number(value: float, *, decimals: int, language: str) -> str:
    """Write a number with a typographic minus."""
    return with_minus(number(value, decimals=decimals, language=language))


def with_minus(text: str) -> str:
    """Write a number's sign as figures have it."""
    return text.replace("-", "\N{MINUS SIGN}")


def halo(width: float = 2.5) -> list[Any]:
    """White outline that keeps text readable on lines and points."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=GROUND)]


def spread(positions: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move positions apart to at least ``gap``, keeping their order and as near as can be.

    Examples
    --------
    >>> spread([0.0, 0.1, 5.0], gap=1.0, low=0.0, high=6.0)
    [0.0, 1.0, 5.0]
    """
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed: list[float] = []
    for k in order:
        placed.append(max(positions[k], placed[-1] + gap if placed else low))
    ceiling = high
    for k in reversed(range(len(placed))):
        placed[k] = min(placed[k], ceiling)
        ceiling = placed[k] - gap
    result = [0.0] * len(positions)
    for k, place in zip(order, placed, strict=True):
        result[k] = place
    return result


def label_ends(ax: Axes, x: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write names to the right of where lines end: ``(y, name, colour)`` each."""
    low, high = ax.get_ylim()
    gap = (high - low) * SMALL * 1.25 / (72 * inches(ax)[1])
    places = spread([y for y, _, _ in ends], gap=gap, low=low, high=high)
    for (_, name, colour), place in zip(ends, places, strict=True):
        tag(ax, name, (x, place), shift=(5, 0), size=SMALL, colour=colour, bold=True)


def name_lines(ax: Axes, x: float, names: Sequence[str], lines: Iterable[Floats]) -> None:
    """Name the i-th line at its right end, in the i-th look."""
    ends = [(float(line[-1]), names[i], look(i).colour) for i, line in enumerate(lines)]
    label_ends(ax, x, ends)


def nice_above(value: float) -> float:
    """Round up to 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten.

    Examples
    --------
    >>> nice_above(825_000), nice_above(251_528)
    (1000000.0, 300000.0)
    """
    power = 10.0 ** np.floor(np.log10(value))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return float(next(s * power for s in steps if s * power >= value * (1 - 1e-12)))
