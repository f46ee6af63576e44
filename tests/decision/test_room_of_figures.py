"""Nothing in the figures of a decision covers anything else, also where curves lie close."""

from itertools import pairwise

import numpy as np
import pytest

from prioritering.decision import (
    Inventory,
    Patients,
    Row,
    assess,
    budget_impact,
    cutoff_sensitivity,
    perspectives,
    price_analysis,
)
from prioritering.report.figures import plot_decision
from prioritering.report.figures._canvas import sheet
from prioritering.yearly import YearlyOutcomes

LANGUAGES = ("en", "no")
LONG = "pembrolizumab with pemetrexed and platinum chemotherapy"


def drawn(plot, language, **how):
    figure, ax = sheet()
    plot(ax=ax, language=language, **how)
    figure.draw_without_rendering()
    return figure, ax


def words(ax):
    return " ".join(t.get_text() for t in ax.texts).replace("\n", " ")


def inside(figure, box):
    whole = figure.bbox.padded(1)
    return whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1


def apart(boxes):
    return not any(
        one.padded(-1).overlaps(other.padded(-1))
        for i, one in enumerate(boxes)
        for other in boxes[i + 1 :]
    )


@pytest.fixture(scope="module")
def close_curves(run, rules):
    """A large gain that varies much: the curves of the levels lie side by side."""
    rng = np.random.default_rng(4)
    gain, zero = rng.gamma(16.0, 0.5, 2000), np.zeros(2000)
    out = run([zero, zero + 1.2e7], [zero, gain], strategies=("best supportive care", LONG))
    return price_analysis(
        out,
        reference="best supportive care",
        category="total",
        price=1.2e7,
        rules=rules,
        wtp=825_000,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_levels_of_close_curves_are_named_apart(close_curves, language):
    _, ax = drawn(close_curves.plot_probability, language)
    names = [t for t in ax.texts if t.get_text().replace("\N{NO-BREAK SPACE}", "").isdigit()
             or t.get_text().replace(",", "").isdigit()]  # fmt: skip
    assert len(names) == len(close_curves.levels)
    assert apart([t.get_window_extent() for t in names])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_name_of_the_y_axis_is_broken_to_its_height(close_curves, language):
    figure, ax = drawn(close_curves.plot, language)
    box = ax.yaxis.label.get_window_extent()
    assert "\n" in ax.get_ylabel()
    assert inside(figure, box)
    assert box.height <= ax.get_window_extent().height
    assert inside(figure, ax._left_title.get_window_extent())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legend_of_a_budget_lies_above_bars_that_start_high(rules, language):
    falling = [[[0.0] * 5], [[3.5e7, 1e6, 1e6, 1e6, 1e6]]]
    found = budget_impact(
        YearlyOutcomes.from_arrays(["old", "new"], cost={"drug": falling, "care": falling}),
        reference="old",
        patients=Patients(incidence=[1, 1, 0, 0, 0], uptake=1.0),
        groups={"drug": "drug", "care": "outside"},
        rules=rules,
    )
    _, ax = drawn(found.plot, language)
    legend = ax.get_legend().get_window_extent()
    tops = [bar.get_window_extent().y1 for bar in ax.patches]
    assert max(tops) <= legend.y0
    assert max(tops) > ax.get_window_extent().y0 + 0.25 * ax.get_window_extent().height


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_print_of_the_perspectives_ends_inside_the_figure(run, rules, language):
    rng = np.random.default_rng(5)
    cost = rng.normal(5e5, 1e5, 500)
    out = run([0 * cost, cost], np.array([[1.0], [2.0]]) * np.ones(500))
    stated = Inventory({"total": Row("intervention_cost", level="specialist")})
    found = perspectives(out, stated, rules, reference="standard")
    figure, ax = drawn(found.plot, language)
    assert all(inside(figure, t.get_window_extent()) for t in ax.texts)


@pytest.fixture(scope="module", params=[0.04, 0.06, 0.1])
def narrow(request, increments, severity_of, rules):
    """Cut-offs of error below the probability of error make a narrow column on the left."""
    rng = np.random.default_rng(6)
    b = rng.normal(1.0, 1.0, 4000)
    b = 2e5 * (b - np.quantile(b, request.param))
    out = increments(385_000.0 - b, np.ones(4000))
    return cutoff_sensitivity(assess(out, severity_of(), rules, reference="standard"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_regions_of_the_cut_offs_are_named_apart_or_listed(narrow, language):
    _, ax = drawn(narrow.plot, language)
    *names, note = [t for t in ax.texts if t.get_text()]
    assert apart([t.get_window_extent() for t in names])
    listed = {"en": "without room for their name: ", "no": "uten plass til navnet: "}[language]
    small = note.get_text().replace("\n", " ")
    if listed in small:
        unnamed = small.split(listed)[1].split(".")[0].split("; ")
        drawn_names = {t.get_text().replace("\n", " ") for t in names}
        assert not drawn_names & set(unnamed)


def test_a_decision_without_small_print_has_all_but_that(increments, severity_of, rules):
    rng = np.random.default_rng(7)
    out = increments(rng.normal(3e5, 1e5, 400), np.ones(400))
    decision = assess(out, severity_of(), rules, reference="standard")

    def plot(ax, language, **how):
        return plot_decision(decision, ax, language=language, **how)

    _, full = drawn(plot, "en")
    _, bare = drawn(plot, "en", small_print=False)
    assert "package's choice" in words(full)
    assert [t.get_text() for t in bare.texts] == [t.get_text() for t in full.texts][:-1]
    assert bare.get_title(loc="left") == full.get_title(loc="left")


def test_ends_of_curves_are_named_from_top_to_bottom(close_curves):
    """Stairs go down from the lowest level to the highest."""
    _, ax = drawn(close_curves.plot_probability, "en")
    by_name = {t.get_text(): t.get_window_extent().y0 for t in ax.texts}
    heights = [by_name[f"{level.wtp:,.0f}"] for level in close_curves.levels]
    assert all(one > other for one, other in pairwise(heights))
