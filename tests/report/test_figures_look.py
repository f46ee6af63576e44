"""Every figure: words, units, ticks, room for every text, and nothing left behind."""

from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from prioritering.cea import compare
from prioritering.errors import UnknownNameError
from prioritering.report import figures
from prioritering.report.figures._canvas import (
    MUTED,
    SIZE,
    canvas,
    label_ends,
    look,
    nice_above,
    sheet,
    spread,
)
from prioritering.survival import exponential, weibull

from .figure_parts import NBSP, heading

FIGURES = [
    "trace",
    "curves",
    "curves, long name",
    "plane",
    "plane, several",
    "plane, one draw",
    "acceptability",
    "acceptability, several",
    "net benefit",
    "net benefit, one draw",
    "frontier",
    "frontier, one draw",
    "severity",
    "severity, one draw",
    "decision",
    "decision, net benefit",
]


@pytest.fixture
def drawers(cea, many, single, severity, severity_of_one, decision, lossless, trace):
    """Every figure in every form, as functions of the axes and the language."""
    curve = {"one": exponential(rate=0.2), "draws": weibull(shape=1.2, scale=[3.0, 4.0, 5.0])}
    long = {"Weibull (shape 1.2, scale 3 to 5)": curve["draws"]}
    years = np.linspace(0, 10, 41)
    return {
        "trace": lambda **k: figures.plot_trace(trace, "standard", **k),
        "curves": lambda **k: figures.plot_curves(curve, years, **k),
        "curves, long name": lambda **k: figures.plot_curves(long, years, **k),
        "plane": lambda **k: figures.plot_plane(cea, cea.wtp, **k),
        "plane, several": lambda **k: figures.plot_plane(many, 1e5, **k),
        "plane, one draw": lambda **k: figures.plot_plane(single, **k),
        "acceptability": lambda **k: figures.plot_acceptability(cea, **k),
        "acceptability, several": lambda **k: figures.plot_acceptability(many, **k),
        "net benefit": lambda **k: figures.plot_net_benefit(many, **k),
        "net benefit, one draw": lambda **k: figures.plot_net_benefit(single, **k),
        "frontier": lambda **k: figures.plot_frontier(many, **k),
        "frontier, one draw": lambda **k: figures.plot_frontier(single, **k),
        "severity": lambda **k: figures.plot_severity(severity, **k),
        "severity, one draw": lambda **k: figures.plot_severity(severity_of_one, **k),
        "decision": lambda **k: figures.plot_decision(decision, **k),
        "decision, net benefit": lambda **k: figures.plot_decision(lossless, **k),
    }


AXES = {
    "trace": ("Years from start", "Share of the cohort", "År fra start", "Andel av kohorten"),
    "curves": ("Years from start", "Share without event", "År fra start", "Andel uten hendelse"),
    "plane": (
        "Incremental QALYs against standard",
        "Incremental cost against standard (NOK)",
        "Vunne QALY mot standard",
        "Merkostnad mot standard (NOK)",
    ),
    "acceptability, several": (
        "Willingness to pay (USD per QALY)",
        "Probability of highest net benefit",
        "Betalingsvilje (USD per QALY)",
        "Sannsynlighet for høyest netto nytte",
    ),
    "net benefit": (
        "Willingness to pay (USD per QALY)",
        "Net monetary benefit against SoC (USD)",
        "Betalingsvilje (USD per QALY)",
        "Netto monetær nytte mot SoC (USD)",
    ),
    "frontier": (
        "QALYs, discounted",
        "Cost, discounted (USD)",
        "QALY, diskontert",
        "Kostnad, diskontert (USD)",
    ),
    "severity": (
        "Absolute shortfall (QALYs)",
        "Share of draws",
        "Absolutt prognosetap (QALY)",
        "Andel av trekningene",
    ),
    "decision": (
        "Cost per QALY, new against standard (NOK)",
        "",
        "Kostnad per QALY, new mot standard (NOK)",
        "",
    ),
    "decision, net benefit": (
        "Net benefit per patient, new against standard (NOK)",
        "",
        "Netto nytte per pasient, new mot standard (NOK)",
        "",
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_it_draws_and_saves_without_a_warning(drawers, name, language, tmp_path):
    figure, ax = sheet()
    assert drawers[name](ax=ax, language=language) is ax
    figure.savefig(tmp_path / "figure.png", dpi=50)
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_figure_or_covers_another(drawers, name, language):
    figure, ax = sheet()
    drawers[name](ax=ax, language=language)
    figure.draw_without_rendering()
    whole = figure.bbox.padded(1)
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text() and t.get_visible()]
    boxes += [ax._left_title.get_window_extent(), ax.xaxis.label.get_window_extent()]
    for box in boxes:
        assert whole.x0 <= box.x0
        assert box.x1 <= whole.x1
        assert whole.y0 <= box.y0
        assert box.y1 <= whole.y1
    for i, box in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert not box.padded(-1.5).overlaps(other.padded(-1.5))


@pytest.mark.parametrize("name", FIGURES)
def test_ticks_do_not_run_into_each_other(drawers, name, language):
    figure, ax = sheet()
    drawers[name](ax=ax, language=language)
    figure.draw_without_rendering()
    left, right = ax.get_xlim()
    seen = [t.label1 for t in ax.xaxis.get_major_ticks() if left <= t.get_loc() <= right]
    boxes = sorted((t.get_window_extent() for t in seen if t.get_text()), key=lambda b: b.x0)
    assert len(boxes) >= 3
    for one, other in pairwise(boxes):
        assert one.x1 < other.x0


@pytest.mark.parametrize("name", AXES)
def test_axes_are_named_with_units_in_both_languages(drawers, name):
    x_en, y_en, x_no, y_no = AXES[name]
    english, norwegian = (drawers[name](language=chosen) for chosen in ("en", "no"))
    assert (english.get_xlabel(), english.get_ylabel()) == (x_en, y_en)
    assert (norwegian.get_xlabel(), norwegian.get_ylabel()) == (x_no, y_no)
    assert heading(english) != heading(norwegian)


def test_ticks_follow_the_language(drawers):
    for language, text in (("en", "600,000"), ("no", f"600{NBSP}000")):
        ax = drawers["acceptability"](language=language)
        ax.figure.draw_without_rendering()
        assert text in [t.get_text() for t in ax.get_xticklabels()]


@pytest.mark.parametrize("name", FIGURES)
def test_an_unknown_language_is_refused(drawers, name):
    with pytest.raises(UnknownNameError, match="unknown language 'sv'"):
        drawers[name](language="sv")


def test_no_global_setting_is_changed(drawers):
    before = dict(mpl.rcParams)
    ax = drawers["plane"]()
    ax.figure.draw_without_rendering()
    assert dict(mpl.rcParams) == before


def test_axes_of_the_user_are_kept(cea):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert figures.plot_plane(cea, ax=right) is right
    assert not left.has_data()
    assert plt.get_fignums() == []


def test_without_axes_pyplot_shows_the_figure(cea):
    ax = figures.plot_frontier(cea)
    assert plt.gcf() is ax.figure


def test_a_dollar_sign_in_a_name_is_a_dollar_sign(build):
    run = build([[10.0], [20.0]], [[1.0], [2.0]], ["$standard", "new $5"])
    figure, ax = sheet()
    figures.plot_frontier(compare(run, reference="$standard"), ax)
    figure.draw_without_rendering()
    assert not any(text.get_parse_math() for text in [*ax.texts, ax._left_title])


def test_looks_differ():
    looks = [look(i) for i in range(42)]
    assert len(set(looks)) == 42


def test_neighbouring_looks_differ_without_colour():
    assert len({str(look(i).dashes) for i in range(6)}) == 6


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([0.0, 0.1, 5.0], [0.0, 1.0, 5.0]),
        ([6.0, 6.0], [5.0, 6.0]),
        ([3.0, 1.0], [3.0, 1.0]),
    ],
)
def test_labels_are_spread(positions, expected):
    assert spread(positions, gap=1.0, low=0.0, high=6.0) == expected


def test_ends_are_named_in_order_without_overlap():
    with canvas(None) as ax:
        ax.set(xlim=(0, 1), ylim=(0, 1))
        label_ends(ax, 1.0, [(0.5, "b", MUTED), (0.5, "a", MUTED), (0.52, "c", MUTED)])
    ax.figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@pytest.mark.parametrize("value", [1.0, 3.7, 12.0, 792_000.0, 825_000.0, 0.0123])
def test_limits_end_at_a_round_number(value):
    rounded = nice_above(value)
    assert value <= rounded * (1 + 1e-12)
    assert rounded <= 1.5 * value * (1 + 1e-12)


def test_new_figures_have_one_size(cea):
    ax = figures.plot_frontier(cea)
    assert tuple(ax.figure.get_size_inches()) == SIZE
