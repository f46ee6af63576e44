"""Figures and tables of probabilistic results: their data, words and room for every text."""

from itertools import pairwise

import numpy as np
import pytest

from prioritering import psa
from prioritering.conventions import NORMAL_95
from prioritering.errors import ResultError, UnknownNameError
from prioritering.report.figures._canvas import sheet
from prioritering.report.figures.acceptability import plot_acceptability_curves

LIMITS = np.linspace(0, 2e5, 81)
WTP = 495_000.0


@pytest.fixture(scope="module")
def drawers(run, several, severity):
    """Every figure, as functions of the axes and the language."""
    against = {"reference": "standard", "wtp": WTP}
    increments, followed = psa.incremental(run, **against), psa.settling(run, **against)
    loss = psa.expected_loss(several, limits=LIMITS)
    own = psa.acceptability(run, limits=np.linspace(0, 990_000, 101))
    multiples = psa.multiplier_curves(run, severity, multipliers=np.linspace(0, 2.5, 51))
    return {
        "acceptability": psa.acceptability(several, limits=LIMITS).plot,
        "acceptability, marked": lambda **k: own.plot(wtp=WTP, **k),
        "loss": loss.plot,
        "loss, log": lambda **k: loss.plot(log=True, **k),
        "ranks": psa.rank_probabilities(several, wtp=8e4).plot,
        "ranks, own limits": psa.rank_probabilities(run, wtp=severity.wtp).plot,
        "classes": psa.severity_acceptability(run, severity, reference="standard").plot,
        "multiples": multiples.plot,
        **{
            f"increments, {name}": lambda name=name, **k: increments.plot(name, **k)
            for name in ("cost", "qaly", "nmb", "nhb")
        },
        **{
            f"settling, {name}": lambda name=name, **k: followed.plot(name, **k)
            for name in ("cost", "qaly", "nmb", "icer")
        },
    }


FIGURES = [
    "acceptability",
    "acceptability, marked",
    "loss",
    "loss, log",
    "ranks",
    "ranks, own limits",
    "classes",
    "multiples",
    *(f"increments, {name}" for name in ("cost", "qaly", "nmb", "nhb")),
    *(f"settling, {name}" for name in ("cost", "qaly", "nmb", "icer")),
]


def texts_of(ax):
    words = [t.get_text() for t in ax.texts] + [ax.get_title(loc="left"), ax.get_xlabel()]
    return " ".join(words).replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("name", FIGURES)
def test_texts_have_room(drawers, name, language):
    figure, ax = sheet()
    assert drawers[name](ax=ax, language=language) is ax
    figure.draw_without_rendering()
    whole = figure.bbox.padded(1)
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text()]
    boxes += [ax._left_title.get_window_extent(), ax.xaxis.label.get_window_extent()]
    for box in boxes:
        assert whole.x0 <= box.x0
        assert box.x1 <= whole.x1
        assert whole.y0 <= box.y0
        assert box.y1 <= whole.y1
    for i, box in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert not box.padded(-1.5).overlaps(other.padded(-1.5))
    ticks = [t.label1.get_window_extent() for t in ax.xaxis.get_major_ticks()]
    for one, other in pairwise(sorted((t for t in ticks if t.width), key=lambda b: b.x0)):
        assert one.x1 < other.x0


@pytest.mark.parametrize("name", FIGURES)
def test_languages_differ_and_errors_and_draws_are_told(drawers, name):
    english, norwegian = (texts_of(drawers[name](language=code)) for code in ("en", "no"))
    assert english != norwegian
    assert "Monte Carlo" in english
    assert "1,500" in english or "4,000" in english
    assert "1 500" in norwegian or "4 000" in norwegian
    with pytest.raises(UnknownNameError, match="unknown language 'sv'"):
        drawers[name](language="sv")


def test_acceptability_lines_bands_and_frontier(several):
    curves = psa.acceptability(several, limits=LIMITS)
    ax = curves.plot()
    for i, name in enumerate(curves.strategies):
        line = next(x for x in ax.lines if x.get_label() == name)
        np.testing.assert_array_equal(line.get_ydata(), curves.probability[i])
        top = ax.collections[i].get_paths()[0].vertices[:, 1].max()
        band = curves.probability[i] + NORMAL_95 * curves.probability_se[i]
        assert top == pytest.approx(min(band.max(), 1.0), rel=1e-12)
    grey = [line for line in ax.lines if line.get_gid() == "frontier"]
    drawn = np.concatenate([line.get_ydata() for line in grey])
    np.testing.assert_array_equal(drawn, curves.frontier)
    assert len(grey) == 3


def test_titles_name_the_limits_at_which_means_cross(several):
    """Where a favoured strategy changes is its ICER against the one before, not a grid point."""
    means = several.cost.mean(axis=1), several.qaly.mean(axis=1)
    steps = [(means[0][j] - means[0][i]) / (means[1][j] - means[1][i]) for i, j in ((0, 1), (1, 3))]
    expected = [f"{step:,.0f}" for step in steps]
    for found in (psa.acceptability, psa.expected_loss):
        words = texts_of(found(several, limits=LIMITS).plot())
        assert all(amount in words for amount in expected)


def test_loss_lines_and_their_lower_edge(several):
    curves = psa.expected_loss(several, limits=LIMITS)
    ax = curves.plot()
    for i, name in enumerate(curves.strategies):
        line = next(x for x in ax.lines if x.get_label() == name)
        np.testing.assert_array_equal(line.get_ydata(), curves.loss[i])
    edge = np.concatenate([line.get_ydata() for line in ax.lines if line.get_gid() == "lowest"])
    np.testing.assert_array_equal(edge, curves.evpi)
    assert ax.get_ylabel() == "Expected loss per patient (USD)"
    log = curves.plot(log=True)
    assert log.get_yscale() == "log"
    assert "Losses of zero" in texts_of(log)


def test_rank_bars_are_the_probabilities_best_on_top(several):
    ranks = psa.rank_probabilities(several, wtp=8e4)
    ax = ranks.plot()
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(4, 4)
    order = np.argsort(ranks.mean_rank)
    np.testing.assert_allclose(widths, ranks.probability[order], rtol=1e-12)
    assert [t.get_text() for t in ax.get_yticklabels()] == [ranks.strategies[i] for i in order]


def test_class_bars_are_the_joint_table(run, severity):
    joint = psa.severity_acceptability(run, severity, reference="standard")
    heights = np.array([bar.get_height() for bar in joint.plot().patches]).reshape(2, 6)
    np.testing.assert_allclose(heights[0], [c.cost_effective.value for c in joint.classes])
    np.testing.assert_allclose(heights[1], [c.not_cost_effective.value for c in joint.classes])


def test_histogram_counts_every_draw(run):
    found = psa.incremental(run, reference="standard", wtp=WTP)
    for quantity in ("cost", "qaly", "nmb", "nhb"):
        ax = found.plot(quantity)
        assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1.0, rel=1e-12)
        spread = found.spread(quantity)
        drawn = [line.get_xdata()[0] for line in ax.lines[:3]]
        assert drawn == [spread.mean, spread.quantiles[0], spread.quantiles[-1]]
    assert "at NOK 495,000" in texts_of(found.plot("nmb"))


def test_settling_ends_at_the_mean_of_all_draws(run):
    found = psa.settling(run, reference="standard", wtp=440_000.0)
    ax = found.plot("icer")
    assert ax.lines[0].get_ydata()[-1] == found.icer.mean[-1]
    low, high = ax.get_ylim()
    assert low < found.icer.mean[-1] - 2 * found.icer.se[-1]
    assert found.icer.mean[-1] + 2 * found.icer.se[-1] < high
    assert "limit NOK 440,000" in texts_of(ax)


def test_losses_that_are_all_zero_are_drawn_on_a_plain_axis():
    x = np.ones((2, 50))
    for log in (False, True):
        ax = psa.expected_loss((x, x), limits=[0, 1.0]).plot(log=log)
        assert ax.get_yscale() == "linear"


def test_a_limit_that_is_not_there(several):
    curves = psa.acceptability(several, limits=[0, 1e5, 2e5])
    with pytest.raises(ResultError, match=r"not one of the limits.*such as 100000; found 9"):
        curves.plot(wtp=90_000)
    for one in (psa.acceptability(several, limits=1e5), psa.expected_loss(several, limits=1e5)):
        with pytest.raises(ResultError, match="without a range.*np.linspace"):
            one.plot()


def test_tables_show_nine_limits_with_errors(several, language):
    curves = psa.acceptability(several, limits=LIMITS)
    table, loss = curves.table(language), curves.loss.table(language)
    assert table.shape == (9, 6)
    assert loss.shape == (9, 5)
    assert table.iloc[:, 4].tolist() == [curves.favoured[k] for k in range(0, 81, 10)]
    assert "(" in table.iloc[4, 1]
    assert "USD" in table.index.name
    assert "1.5" in curves._repr_html_() or "1,500" in curves._repr_html_()


def test_the_currency_can_be_given(several):
    ax = plot_acceptability_curves(psa.acceptability(several, limits=LIMITS), currency="EUR")
    assert ax.get_xlabel() == "Willingness to pay (EUR per QALY)"
