"""What is drawn is what was computed."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.patches import StepPatch

from prioritering.cea import compare
from prioritering.decision import assess
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Trace
from prioritering.psa import acceptability
from prioritering.report import figures
from prioritering.report.figures._canvas import sheet
from prioritering.report.figures.plane import MOST_POINTS, ellipse
from prioritering.report.labels import label
from prioritering.survival import exponential, weibull

from .figure_parts import heading, lines, named_line, texts


def test_trace_shows_the_occupancy(trace):
    ax = figures.plot_trace(trace, "standard", draw=1)
    tops = trace.occupancy[0, 1].cumsum(axis=1)
    for k, area in enumerate(ax.collections):
        corners = area.get_paths()[0].vertices
        for j in (0, 100, 360):
            heights = corners[np.isclose(corners[:, 0], trace.years[j]), 1]
            assert np.isclose(heights.max(), tops[j, k], rtol=0, atol=1e-12)


def test_trace_names_every_state_once(trace):
    ax = figures.plot_trace(trace, "standard")
    assert sorted(t.get_text() for t in ax.texts) == sorted(trace.states)


def test_states_too_thin_for_their_name_are_named_outside():
    years = np.arange(11.0)
    thin = np.full(11, 0.01)
    occupancy = np.stack([1 - 2 * thin, thin, thin], axis=-1)[None, None]
    trace = Trace(occupancy, years, ("s",), ("well", "briefly ill", "dead"))
    figure, ax = sheet()
    figures.plot_trace(trace, "s", ax=ax)
    figure.draw_without_rendering()
    right = ax.get_window_extent().x1
    outside = {t.get_text() for t in ax.texts if t.get_window_extent().x0 > right}
    assert outside == {"briefly ill", "dead"}


@pytest.mark.parametrize(
    ("strategy", "draw", "kind", "message"),
    [
        ("standart", 0, UnknownNameError, "unknown strategy 'standart'.*Did you mean 'standard'"),
        ("standard", 2, ResultError, "no such draw; expected 0 to 1; found 2"),
        ("standard", -1, ResultError, "no such draw"),
    ],
)
def test_trace_refuses_what_does_not_exist(trace, strategy, draw, kind, message):
    with pytest.raises(kind, match=message):
        figures.plot_trace(trace, strategy, draw=draw)


def test_curves_show_median_and_band_of_the_draws():
    years, scale = np.linspace(0, 12, 25), np.linspace(3, 6, 41)
    curve = weibull(shape=1.3, scale=scale)
    ax = figures.plot_curves({"progression-free": curve}, years)
    survival = curve.survival(years)
    line = named_line(ax, "progression-free")
    np.testing.assert_array_equal(line.get_xdata(), years)
    np.testing.assert_allclose(line.get_ydata(), np.median(survival, axis=1), rtol=1e-12)
    band = ax.collections[0].get_paths()[0].vertices
    low, high = np.quantile(survival, (0.025, 0.975), axis=1)
    at = band[np.isclose(band[:, 0], years[10]), 1]
    np.testing.assert_allclose([at.min(), at.max()], [low[10], high[10]], rtol=1e-12)
    assert "Medians of 41 draws" in texts(ax)


def test_curves_tell_the_median_time():
    """An exponential of rate ln 2 / 4 has half left at 4 years."""
    curves = {"old": exponential(rate=np.log(2) / 4), "new": exponential(rate=0.01)}
    ax = figures.plot_curves(curves, np.linspace(0, 10, 101))
    assert heading(ax) == "Median: old 4.0 years, new not reached"
    assert len(ax.collections) == 0


def test_no_curve_is_refused():
    with pytest.raises(ResultError, match="no curve to draw"):
        figures.plot_curves({}, [0.0, 1.0])


def test_plane_shows_draws_means_and_limit(cea):
    ax = figures.plot_plane(cea, 495_000)
    run, row = cea.outcomes, cea.pairwise[0]
    gain, extra = run.qaly[1] - run.qaly[0], run.cost[1] - run.cost[0]
    points = next(c for c in ax.collections if isinstance(c, PathCollection))
    np.testing.assert_array_equal(points.get_offsets()[:, 0], gain[::2])
    np.testing.assert_array_equal(points.get_offsets()[:, 1], extra[::2])
    assert points.get_rasterized()
    assert len(points.get_offsets()) <= MOST_POINTS
    (mean,) = lines(ax, "mean")
    assert mean.get_data() == ([row.incremental_qaly], [row.incremental_cost])
    share = np.mean(495_000 * gain > extra)
    error = np.sqrt(share * (1 - share) / gain.size)
    assert heading(ax) == (
        "new is cost-effective at NOK 495,000 per QALY in "
        f"{100 * share:.0f} % ({100 * error:.1f}) of draws"
    )
    assert "2,000 of 4,000 draws shown" in texts(ax)
    assert "NOK 495,000 per QALY" in texts(ax)


def test_ellipse_holds_95_per_cent_of_a_normal():
    """Chi-square(2) has 95 % below -2 ln 0.05 = 5.9915 (exponential with mean 2)."""
    rng = np.random.default_rng(3)
    x, y = rng.multivariate_normal([1.0, 3e5], [[0.04, 3e3], [3e3, 9e8]], 2000).T
    outline = np.column_stack(ellipse(x, y)) - [x.mean(), y.mean()]
    inverse = np.linalg.inv(np.cov(x, y))
    distance = np.einsum("ij,jk,ik->i", outline, inverse, outline)
    np.testing.assert_allclose(distance, -2 * np.log(0.05), rtol=1e-9)


def test_plane_names_the_quadrants_in_view(build):
    rng = np.random.default_rng(4)
    run = build(rng.normal(0, 1e5, (2, 300)), rng.normal(0, 0.4, (2, 300)), ["old", "new"])
    ax = figures.plot_plane(compare(run, reference="old"))
    for words in ("more effect, more cost", "less effect, less cost"):
        assert words in texts(ax)
    norwegian = figures.plot_plane(compare(run, reference="old"), language="no")
    assert "mindre effekt, høyere kostnad" in texts(norwegian)


@pytest.mark.parametrize("wtp", [0.0, -1.0, np.nan, np.inf])
def test_plane_refuses_an_impossible_limit(cea, wtp):
    with pytest.raises(ResultError, match="willingness to pay is not usable"):
        figures.plot_plane(cea, wtp)


def test_acceptability_lines_are_the_probabilities(many):
    limits = np.linspace(0, 3e5, 61)
    expected = acceptability(many.outcomes, limits=limits)
    ax = figures.plot_acceptability(many, limits)
    for i, name in enumerate(expected.strategies):
        line = named_line(ax, name)
        np.testing.assert_array_equal(line.get_xdata(), limits)
        np.testing.assert_array_equal(line.get_ydata(), expected.probability[i])
    pieces = lines(ax, "frontier")
    np.testing.assert_array_equal(
        np.concatenate([p.get_ydata() for p in pieces]), expected.frontier
    )
    assert len(pieces) == len(dict.fromkeys(expected.favoured))


def test_acceptability_bands_are_monte_carlo_errors(cea):
    limits = [200_000.0, 450_000.0, 700_000.0]
    expected = acceptability(cea.outcomes, limits=limits)
    ax = figures.plot_acceptability(cea, limits)
    band = ax.collections[1].get_paths()[0].vertices
    heights = band[band[:, 0] == 450_000.0, 1]
    p, se = expected.probability[1, 1], expected.probability_se[1, 1]
    # 1.95996... is the 97.5 % point of the standard normal
    np.testing.assert_allclose(
        [heights.min(), heights.max()],
        [p - 1.959963984540054 * se, p + 1.959963984540054 * se],
        rtol=1e-12,
    )


def test_acceptability_title_states_the_finding(cea, many):
    here = acceptability(cea.outcomes, limits=[cea.wtp])
    share = f"{100 * here.frontier[0]:.0f} % ({100 * here.frontier_se[0]:.1f})"
    assert heading(figures.plot_acceptability(cea)) == (
        f"At NOK 495,000 per QALY, new is best on average and in {share} of draws"
    )
    first, *later = compare(many.outcomes, reference="SoC").frontier
    ax = figures.plot_acceptability(compare(many.outcomes, reference="SoC"))
    assert heading(ax).startswith(f"Highest expected net benefit: {first.strategy}, then")
    for row in later:
        assert f"then {row.strategy} from USD {row.icer:,.0f} per QALY" in heading(ax)


def test_acceptability_needs_draws(single):
    with pytest.raises(ResultError, match="one draw"):
        figures.plot_acceptability(single)


def test_net_benefit_lines_are_incremental(many):
    limits = np.array([0.0, 5e4, 2e5])
    ax = figures.plot_net_benefit(many, limits)
    base = many.net_benefit(5e4).mean_nmb[0]
    for i, name in enumerate(many.outcomes.strategies):
        shown = named_line(ax, name).get_ydata()
        np.testing.assert_allclose(
            shown[1], many.net_benefit(5e4).mean_nmb[i] - base, rtol=1e-9, atol=1e-6
        )
    row = many.pairwise[0]
    x, y = named_line(ax, row.strategy).get_data()
    np.testing.assert_allclose(np.interp(row.icer, x, y), 0, atol=1e-6 * np.abs(y).max())


def test_net_benefit_band_is_the_error_of_the_increment(cea):
    limits = np.array([1e5, 3e5, 6e5])
    ax = figures.plot_net_benefit(cea, limits)
    nmb = cea.net_benefit(3e5).nmb
    gain = nmb[1] - nmb[0]
    half = 1.959963984540054 * gain.std(ddof=1) / np.sqrt(gain.size)
    band = ax.collections[0].get_paths()[0].vertices
    heights = band[band[:, 0] == 3e5, 1]
    np.testing.assert_allclose(
        [heights.min(), heights.max()], [gain.mean() - half, gain.mean() + half], rtol=1e-9
    )


@pytest.mark.parametrize("limits", [[1e5], [2e5, 2e5]])
def test_limits_need_a_range(cea, limits):
    for draw in (figures.plot_net_benefit, figures.plot_acceptability):
        with pytest.raises(ResultError, match="limits without a range to draw over"):
            draw(cea, limits)


def test_limits_by_default_hold_what_the_comparison_turns_on(cea, many, build):
    for found in (cea, many):
        right = figures.plot_net_benefit(found).get_xlim()[1]
        assert right >= max(row.icer for row in found.frontier[1:])
        assert right >= found.wtp
    dominant = compare(build([[300.0], [100.0]], [[2.0], [3.0]], ["old", "new"]), reference="old")
    assert figures.plot_net_benefit(dominant).get_xlim() == (0.0, 200.0)


def test_limits_must_be_given_where_nothing_sets_a_scale(build):
    free = compare(build([[0.0], [0.0]], [[2.0], [3.0]], ["old", "new"]), reference="old")
    with pytest.raises(ResultError, match="nothing to set the range.*Give limits"):
        figures.plot_net_benefit(free)
    assert figures.plot_net_benefit(free, [0, 10]).has_data()


def test_frontier_shows_means_and_icers(many, single):
    ax = figures.plot_frontier(many)
    (line,) = lines(ax, "frontier")
    np.testing.assert_array_equal(line.get_xdata(), [row.qaly for row in many.frontier])
    np.testing.assert_array_equal(line.get_ydata(), [row.cost for row in many.frontier])
    for row in many.frontier[1:]:
        assert f"USD {row.icer:,.0f} per QALY" in texts(ax)
    shown = texts(figures.plot_frontier(single))
    assert "c (dominated)" in shown
    assert "d (extendedly dominated)" in shown
    assert "b = e" in shown


def test_severity_bars_of_a_class_add_up_to_its_probability(severity):
    ax = figures.plot_severity(severity)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width(), bar.get_height()) for bar in ax.patches]
    bars = [bar for bar in bars if bar[2] <= 1 and bar[1] - bar[0] < 1]
    for group in severity.scale.classes:
        upper = np.inf if group.upper is None else group.upper
        inside = [h for left, right, h in bars if left >= group.lower and right <= upper]
        expected = severity.probability_of_class[group.number]
        assert np.isclose(sum(inside), expected, rtol=0, atol=1e-12)
    assert np.isclose(sum(h for *_, h in bars), 1.0, rtol=0, atol=1e-12)


def test_severity_title_and_marks(severity, severity_of_one):
    point = severity.expected
    ax = figures.plot_severity(severity)
    assert heading(ax) == (
        f"Absolute shortfall {point.shortfall_rounded:.2f} QALYs: "
        f"class {point.severity_class}, NOK {point.wtp:,.0f} per QALY"
    )
    assert f"expected {point.shortfall_rounded:.2f}" in texts(ax)
    assert "Not discounted." in texts(ax)
    one = figures.plot_severity(severity_of_one, language="no")
    assert heading(one) == "Absolutt prognosetap 13,30 QALY: gruppe 4, 605 000 NOK per QALY"


def shaded(ax):
    """Share of draws in the area of each side of the limit."""
    areas = [p for p in ax.patches if isinstance(p, StepPatch)]
    return {p.get_gid(): (float(p.get_data().values.sum()), p.get_data().edges) for p in areas}


def test_shaded_area_is_the_probability(decision):
    ax = figures.plot_decision(decision)
    areas = shaded(ax)
    p = decision.probability_cost_effective.value
    share, edges = areas["cost-effective"]
    assert np.isclose(share, p, rtol=0, atol=1e-12)
    assert np.isclose(edges[-1], decision.wtp, rtol=1e-12)
    rest, others = areas["not cost-effective"]
    assert np.isclose(rest, 1 - p, rtol=0, atol=1e-12)
    assert np.isclose(others[0], decision.wtp, rtol=1e-12)


def test_net_benefit_is_shaded_above_zero(lossless):
    areas = shaded(figures.plot_decision(lossless))
    p = lossless.probability_cost_effective.value
    share, edges = areas["cost-effective"]
    assert np.isclose(share, p, rtol=0, atol=1e-12)
    assert edges[0] == 0.0
    assert "so net benefit is shown" in texts(figures.plot_decision(lossless))


def test_decision_figure_carries_scenario_indices_and_whose_cutoffs(decision, language):
    ax = figures.plot_decision(decision, language=language)
    assert heading(ax) == decision.name.in_language(language)
    shown = texts(ax)
    assert decision.criteria.decision_error_text.in_language(language) in shown
    assert decision.criteria.documentation_width_text.in_language(language) in shown
    cutoffs = {
        "en": "The cut-offs are this package's choice; the authority has set none.",
        "no": "Grenseverdiene er valgt av denne pakken; myndighetene har ikke fastsatt noen.",
    }
    assert cutoffs[language] in shown
    p = decision.probability_cost_effective
    assert f"{100 * p.value:.0f} % (" in shown


def test_without_a_gain_the_figure_speaks_of_net_benefit(south_west, dominated, language):
    words = {
        "en": ("clearly positive", "savings per QALY lost", "clearly negative", "dominated"),
        "no": ("klart positiv", "besparelse per tapte QALY", "klart negativ", "dominert"),
    }
    first, lost, second, worse = words[language]
    for found, title, status in ((south_west, first, lost), (dominated, second, worse)):
        ax = figures.plot_decision(found, language=language)
        assert title in heading(ax)
        assert "QALY" not in heading(ax)
        assert f"Status: {label(f'word.{found.status}', language)}" in " ".join(texts(ax).split())
        assert status in " ".join(texts(ax).split())


def test_figures_call_errors_of_dependent_draws_upper_bounds(psa, severity, rules, build):
    run = build(psa.cost, psa.qaly, psa.strategies, draws={"method": "latin_hypercube"})
    pairs = compare(run, reference="standard", wtp=495_000)
    decision = assess(run, severity, rules, reference="standard")
    draw = (
        lambda: figures.plot_decision(decision),
        lambda: figures.plot_plane(pairs, 495_000),
        lambda: figures.plot_acceptability(pairs),
        lambda: figures.plot_net_benefit(pairs),
        lambda: figures.plot_frontier(pairs),
    )
    for one in draw:
        shown = " ".join(texts(one()).split())
        assert "upper bound: draws are not independent (Latin hypercube)" in shown


def test_decision_marks_limit_and_icer(decision):
    shown = texts(figures.plot_decision(decision))
    assert f"limit NOK {decision.wtp:,.0f}" in shown
    assert f"ICER NOK {decision.icer:,.0f}" in shown


def test_a_dominant_option_has_no_icer_in_the_figure(build, severity_of_one, rules):
    rng = np.random.default_rng(5)
    cost, qaly = rng.normal(3e5, 1e4, (2, 500)), rng.normal(5.0, 0.2, (2, 500))
    cost[1] -= 1e5
    qaly[1] += 1.0
    found = assess(build(cost, qaly, ["old", "new"]), severity_of_one, rules, reference="old")
    assert found.icer is None
    assert "ICER" not in texts(figures.plot_decision(found))
    for language, words in (("en", "expected: dominant"), ("no", "forventet: dominant")):
        shown = texts(figures.plot_decision(found, language=language))
        assert words in shown
        assert words.partition(":")[0] + " NOK" not in shown


def test_the_name_of_the_limit_stays_inside(build):
    """A steep limit leaves at the top, where the title is."""
    rng = np.random.default_rng(6)
    cost, qaly = rng.normal(0, 2e5, (2, 500)), rng.normal(0, 0.6, (2, 500))
    cea = compare(build(cost, qaly, ["old", "new"]), reference="old")
    figure, ax = sheet()
    figures.plot_plane(cea, 715_000, ax)
    figure.draw_without_rendering()
    name = next(t for t in ax.texts if "per QALY" in t.get_text())
    box, frame = name.get_window_extent(), ax.get_window_extent().padded(4)
    assert frame.contains(box.x0, box.y0)
    assert frame.contains(box.x1, box.y1)


@pytest.mark.parametrize("offset", [-1e6, 0.0, 1e6])
def test_draws_all_alike_are_one_bar(build, severity_of_one, rules, offset):
    cost, qaly = np.full((2, 50), 1e5), np.full((2, 50), 5.0)
    cost[1] += 605_000 + offset
    qaly[1] += 1.0
    found = assess(build(cost, qaly, ["old", "new"]), severity_of_one, rules, reference="old")
    areas = shaded(figures.plot_decision(found))
    assert np.isclose(sum(share for share, _ in areas.values()), 1.0, rtol=0, atol=1e-12)
