"""What the figures of observed survival show is what was computed."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from prioritering.errors import PrioriteringWarning, ResultError, UnknownNameError
from prioritering.report.figures import (
    plot_kaplan_meier,
    plot_log_cumulative_hazard,
    plot_reconstruction,
    plot_schoenfeld,
    plot_smoothed_hazard,
)
from prioritering.survival.observed import (
    SurvivalData,
    kaplan_meier,
    kaplan_meier_by_group,
    log_cumulative_hazard,
    proportional_hazards_test,
    reconstruct,
    smoothed_hazard,
)

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def axes():
    return Figure(figsize=(6.4, 4.4), layout="constrained").add_subplot()


@pytest.fixture
def rebuilt():
    return reconstruct(
        [1, 2, 5], [0.9, 0.7, 0.7], risk_times=[0, 3], numbers_at_risk=[10, 7], total_events=3
    )


@pytest.fixture
def drawers(gbsg2, rebuilt):
    data = gbsg2("rfs")
    by_arm = kaplan_meier_by_group(data)
    hazards = {g: smoothed_hazard(data.subset(group=g)) for g in data.groups}
    return {
        "one curve": lambda **k: kaplan_meier(data).plot(**k),
        "curves": lambda **k: plot_kaplan_meier(by_arm, **k),
        "hazard": lambda **k: smoothed_hazard(data).plot(**k),
        "hazards": lambda **k: plot_smoothed_hazard(hazards, **k),
        "log hazard": lambda **k: log_cumulative_hazard(data).plot(**k),
        "residuals": lambda **k: proportional_hazards_test(data, reference="control").plot(**k),
        "rebuilt": lambda **k: rebuilt.plot(**k),
    }


NAMES = ["one curve", "curves", "hazard", "hazards", "log hazard", "residuals", "rebuilt"]


def line(ax, label):
    return next(drawn for drawn in ax.lines if drawn.get_label() == label)


def written(ax):
    return [text.get_text().replace(NBSP, " ") for text in ax.texts]


def heading(ax):
    return " ".join(ax.get_title(loc="left").replace(NBSP, " ").split())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "no"])
def test_every_figure_is_drawn_on_given_axes_in_both_languages(drawers, axes, name, language):
    before = dict(mpl.rcParams)
    assert drawers[name](ax=axes, language=language) is axes
    axes.figure.draw_without_rendering()
    assert heading(axes)
    assert axes.get_xlabel() == ("Years from start" if language == "en" else "År fra start")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", NAMES)
def test_every_text_has_room_in_the_figure(drawers, axes, name):
    drawers[name](ax=axes)
    figure = axes.figure
    figure.draw_without_rendering()
    width, height = figure.get_size_inches() * figure.dpi
    for text in [*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label]:
        box = text.get_window_extent()
        assert box.x0 > -1
        assert box.y0 > -1
        assert box.x1 < width + 1
        assert box.y1 < height + 1


@pytest.mark.parametrize("name", NAMES)
def test_unknown_language(drawers, axes, name):
    with pytest.raises(UnknownNameError, match="unknown language 'sv'"):
        drawers[name](ax=axes, language="sv")


def test_curves_and_numbers_at_risk_are_those_of_the_estimates(gbsg2, axes):
    by_arm = kaplan_meier_by_group(gbsg2("rfs"))
    plot_kaplan_meier(by_arm, ax=axes)
    for arm, estimate in by_arm.items():
        drawn = line(axes, arm)
        np.testing.assert_array_equal(drawn.get_xdata()[1:], estimate.times)
        np.testing.assert_array_equal(drawn.get_ydata()[1:], estimate.survival)
        assert drawn.get_drawstyle() == "steps-post"
    texts = written(axes)
    for number in ("440", "379", "281", "246", "223", "177", "136"):
        assert texts.count(number) == 1
    censored = [drawn for drawn in axes.lines if drawn.get_gid() == "censored"]
    assert sum(drawn.get_xdata().size for drawn in censored) > 300
    assert heading(axes) == "Median time to event: control 4.2 years, tamoxifen 5.5 years"
    assert "95 % confidence intervals (log-log). Small strokes: censored." in " ".join(texts)


def test_lines_differ_in_dashes_and_not_in_colour_only(gbsg2, axes):
    plot_kaplan_meier(kaplan_meier_by_group(gbsg2("rfs")), ax=axes)
    control, tamoxifen = line(axes, "control"), line(axes, "tamoxifen")
    assert control.get_linestyle() != tamoxifen.get_linestyle()
    assert control.get_color() != tamoxifen.get_color()


def test_title_of_one_curve_has_the_interval_of_its_median(gbsg2, axes):
    kaplan_meier(gbsg2("rfs")).plot(ax=axes, language="no")
    assert heading(axes) == "Median tid til hendelse: 4,9 år (4,2 til 5,5)"


def test_the_kind_of_interval_is_named_in_the_language(gbsg2, axes):
    kaplan_meier(gbsg2("rfs"), interval="plain").plot(ax=axes, language="no")
    text = " ".join(" ".join(written(axes)).split())
    assert "95 %-konfidensintervaller (uten transformasjon). Små streker: sensurert." in text


def test_many_or_long_names_leave_medians_out(axes):
    data = SurvivalData.from_arrays([1, 2, 3], event=[1, 1, 0])
    name = "radiotherapy and chemotherapy"
    plot_kaplan_meier({name: kaplan_meier(data)}, ax=axes)
    assert heading(axes) == "Survival by group"
    assert axes.get_legend() is not None


def test_a_median_that_is_not_reached_is_said_so(gbsg2, axes):
    plot_kaplan_meier(kaplan_meier(gbsg2("os")), ax=axes)
    assert heading(axes) == "Median time to event: not reached"


def test_weighted_numbers_at_risk_have_a_decimal(axes):
    data = SurvivalData.from_arrays([1, 2, 3], event=[1, 1, 0], weight=[0.5, 0.7, 1.1])
    kaplan_meier(data).plot(ax=axes)
    assert "2.3" in written(axes)


def test_smoothed_hazard_is_drawn_with_its_bandwidth(gbsg2, axes):
    estimate = smoothed_hazard(gbsg2("rfs"), bandwidth=0.75)
    estimate.plot(ax=axes)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), estimate.hazard)
    assert any("half-width 0.75 years" in text for text in written(axes))
    assert axes.get_ylim()[1] >= estimate.hazard.max()


def test_half_widths_of_several_groups_are_named(gbsg2, axes):
    data = gbsg2("rfs")
    hazards = {
        group: smoothed_hazard(data.subset(group=group), bandwidth=width)
        for group, width in {"control": 0.75, "tamoxifen": 0.9}.items()
    }
    plot_smoothed_hazard(hazards, ax=axes)
    text = " ".join(" ".join(written(axes)).split())
    assert "half-width 0.75 (control), 0.90 (tamoxifen) years" in text
    plot_smoothed_hazard(hazards, ax=axes, language="no")
    text = " ".join(" ".join(written(axes)).split())
    assert "halvbredde 0,75 (control); 0,90 (tamoxifen) år" in text


def test_log_cumulative_hazard_is_drawn_on_a_logarithmic_axis(gbsg2, axes):
    found = log_cumulative_hazard(gbsg2("rfs"))
    plot_log_cumulative_hazard(found, ax=axes)
    assert axes.get_xscale() == "log"
    np.testing.assert_array_equal(line(axes, "control").get_ydata(), found.values["control"])
    axes.figure.draw_without_rendering()
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert ticks == ["0.2", "0.5", "1", "2", "5"]


def test_a_figure_without_events_is_refused(axes):
    data = SurvivalData.from_arrays([1, 2], event=[0, 0], group=["a", "a"])
    with pytest.warns(PrioriteringWarning, match="no events"):
        found = log_cumulative_hazard(data)
    with pytest.raises(ResultError, match="no group with an event"):
        plot_log_cumulative_hazard(found, ax=axes)
    with pytest.raises(ResultError, match="nothing to draw"):
        plot_kaplan_meier({}, ax=axes)


def test_residuals_and_trend_are_those_of_the_test(gbsg2, axes):
    found = proportional_hazards_test(gbsg2("rfs"), reference="control")
    plot_schoenfeld(found, ax=axes)
    drawn = [x for x in axes.lines if x.get_gid() == "residuals"]
    values = np.concatenate([x.get_ydata() for x in drawn])
    assert sorted(values) == sorted(found.scaled)
    assert drawn[0].get_markerfacecolor() != drawn[1].get_markerfacecolor()
    assert any(np.array_equal(x.get_ydata(), found.smooth().log_ratio) for x in axes.lines)
    assert (
        heading(axes)
        == f"tamoxifen against control: test of proportional hazards, p-value {found.p_value:.3f}"
    )


def test_small_p_values_are_bounds(axes):
    rng = np.random.default_rng(1)
    time = np.concatenate([rng.exponential(1, 400), 0.6 + rng.exponential(0.1, 400)])
    data = SurvivalData.from_arrays(time, event=np.ones(800), group=["a"] * 400 + ["b"] * 400)
    plot_schoenfeld(proportional_hazards_test(data, reference="a"), ax=axes)
    assert heading(axes).endswith("p-value <0.001")


def test_rebuilt_curve_points_and_both_numbers_at_risk(rebuilt, axes):
    plot_reconstruction(rebuilt, ax=axes)
    points = next(x for x in axes.lines if x.get_gid() == "points")
    np.testing.assert_array_equal(points.get_ydata(), rebuilt.survival)
    texts = written(axes)
    assert texts.count("10") == 2
    assert texts.count("7") == 2
    assert {"Published", "Rebuilt"} <= set(texts)
    assert heading(axes) == "Rebuilt curve within 0.000 of the points read, 3 events"
