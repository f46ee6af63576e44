"""The reviewer's tables and figures."""

import numpy as np
import pytest

from prioritering.errors import CurveError, PrioriteringWarning, ResultError, UnknownNameError
from prioritering.report.figures.survival_fits import plot_fits, plot_fitted_hazards
from prioritering.survival import exponential, gompertz, weibull
from prioritering.survival.fit import Specification, fit, review
from prioritering.survival.observed import (
    SurvivalData,
    kaplan_meier,
    log_cumulative_hazard,
    proportional_hazards_test,
)
from tests.survival_fit.patients import gbsg2, simulated

POPULATION = gompertz(shape=0.09, rate=0.005)


@pytest.fixture(scope="module")
def os_review():
    return review(gbsg2("os"), population=POPULATION, n_draws=400)


def test_landmarks_are_those_of_the_fits_and_of_kaplan_meier(os_review):
    assert len(os_review.landmarks) == 14 * 5
    for row in os_review.landmarks:
        curve = os_review.fits[row.arm, row.family].curve()
        assert row.survival == pytest.approx(curve.survival([row.year])[0, 0], rel=1e-12)
        assert row.low < row.survival < row.high
        if row.year > 7.4:
            assert row.observed is None
        else:
            observed = kaplan_meier(gbsg2("os").subset(group=row.arm)).at([row.year]).survival[0]
            assert row.observed == observed


def test_interval_of_an_exponential_landmark_is_the_closed_one():
    data = simulated(exponential(rate=0.2), n=400, seed=4)
    result = review(data, families=("exponential",), landmarks=(5,), n_draws=20_000)
    rate, events = fit(data, "exponential").estimates["rate"], data.n_events
    ends = np.exp(-5 * rate * np.exp(1.959963984540054 * np.array([1, -1]) / np.sqrt(events)))
    row = result.landmarks[0]
    np.testing.assert_allclose([row.low, row.high], ends, atol=2e-3)
    mean = result.means[0]
    assert mean.mean == pytest.approx((1 - np.exp(-5 * rate)) / rate, rel=1e-12)
    assert mean.low < mean.mean < mean.high


def test_stretches_below_the_population():
    """A log-normal hazard falls for ever: the years come from solving for the crossing."""
    data = simulated(weibull(shape=0.6, scale=3.0), n=500, seed=8)
    result = review(
        data, families=("weibull",), population=gompertz(shape=0.1, rate=0.01), landmarks=(1, 40)
    )
    hazard = result.fits["weibull"].curve()
    years = np.linspace(0.01, 40, 400_000)
    lower = hazard.hazard(years)[:, 0] < 0.01 * np.exp(0.1 * years)
    crossing = years[np.argmax(lower)]
    (row,) = result.below_population
    ((start, end),) = row.spans
    assert start == pytest.approx(crossing, abs=1 / 12)
    assert end == pytest.approx(40.0)
    assert row.share == pytest.approx((end - start) / 40)
    frame = result.below_population_frame()
    assert frame.iloc[0].tolist() == ["", "weibull", start, end]


def test_frames_and_tables(os_review):
    assert list(os_review.to_frame().columns) == [
        "arm",
        "family",
        "year",
        "survival",
        "low",
        "high",
        "observed",
    ]
    assert len(os_review.means_frame()) == 14
    table = os_review.table()
    assert table.index.name == "Family"
    assert "Survival at 10 y" in table
    assert table["Hazard below population"].iloc[0] == "never"
    norwegian = os_review.table(language="no")
    assert "Overlevelse ved 10 år" in norwegian
    assert (
        "Hazard below population"
        not in review(gbsg2("os"), families=("weibull",), n_draws=50).table()
    )
    assert "400 multivariate normal draws" in os_review._repr_html_()
    assert "horizon 20 years, 400 draws" in repr(os_review)


def test_population_by_arm():
    arms = {"control": POPULATION, "tamoxifen": exponential(rate=0.0)}
    result = review(gbsg2("os"), families=("lognormal",), population=arms, n_draws=50)
    control, tamoxifen = result.below_population
    assert control.spans
    assert not tamoxifen.spans
    with pytest.raises(CurveError, match=r"an arm has no population.*'tamoxifen'"):
        review(gbsg2("os"), families=("lognormal",), population={"control": POPULATION})


def test_a_fit_that_did_not_converge_has_no_interval():
    data = simulated(exponential(rate=0.5), n=300, seed=3, follow_up=(20.0, 30.0))
    cured = Specification("exponential", cure="mixture")
    with pytest.warns(PrioriteringWarning, match="1 of 2 fits did not converge"):
        result = review(data, families=("weibull", cured), n_draws=50)
    intervals = {row.family: row.low for row in result.landmarks}
    assert intervals["exponential, mixture cure"] is None
    assert intervals["weibull"] is not None
    assert result.fits.table()["Converged"].tolist() == ["yes", "no"]


@pytest.mark.parametrize("landmarks", [(), (0, 1), (np.nan,), (1, -2)])
def test_landmarks_are_above_zero(landmarks):
    with pytest.raises(CurveError, match="landmarks are not usable"):
        review(gbsg2("os"), landmarks=landmarks)


# Proportional hazards.


def test_proportional_hazards_are_tested_against_the_first_arm(os_review):
    assert list(os_review.proportional_hazards) == ["tamoxifen"]
    got = os_review.proportional_hazards["tamoxifen"]
    known = proportional_hazards_test(gbsg2("os"), reference="control")
    assert (got.chi_square, got.p_value) == (known.chi_square, known.p_value)
    row = os_review.proportional_hazards_frame().iloc[0]
    assert row.tolist() == [
        "tamoxifen",
        "control",
        known.estimate.ratio,
        known.chi_square,
        known.p_value,
    ]
    notes = os_review.table().attrs["notes"]
    assert any(
        "tamoxifen against control: hazard ratio 0.77, test of proportional hazards with p-value "
        f"{known.p_value:.3f}." in note
        for note in notes
    )
    assert any(note.startswith("A small p-value speaks against") for note in notes)
    assert "test av proporsjonale hasarder" in " ".join(
        os_review.table(language="no").attrs["notes"]
    )


def test_three_arms_are_tested_two_by_two():
    rng = np.random.default_rng(3)
    arms = np.repeat(["a", "b", "c"], 60)
    data = SurvivalData.from_arrays(rng.exponential(2.0, 180), event=np.ones(180), group=arms)
    result = review(data, families=("exponential",), n_draws=20)
    assert list(result.proportional_hazards) == ["b", "c"]
    pair = data.take(np.flatnonzero(arms != "b"))
    known = proportional_hazards_test(pair, reference="a")
    assert result.proportional_hazards["c"].chi_square == known.chi_square
    with pytest.raises(UnknownNameError, match="unknown arm with a test"):
        result.plot_schoenfeld()
    with pytest.raises(UnknownNameError, match="unknown arm with a test of proportional hazards"):
        result.plot_schoenfeld("a")


def test_one_arm_has_no_test_and_says_so():
    result = review(simulated(weibull(shape=1.2, scale=3.0), n=80, seed=6), n_draws=20)
    assert result.proportional_hazards is None
    assert result.proportional_hazards_frame().empty
    assert not any("proportional" in note for note in result.table().attrs["notes"])
    with pytest.raises(ResultError, match=r"no test of proportional hazards.*1 arm\(s\)"):
        result.plot_schoenfeld()
    curve = kaplan_meier(result.data)
    kept = (curve.events > 0) & (curve.survival > 0)
    np.testing.assert_array_equal(
        result.log_cumulative_hazard.values[""], np.log(-np.log(curve.survival[kept]))
    )


def test_arms_that_cannot_be_tested_are_warned_of():
    """The second arm is followed only after the first has ended."""
    time = np.r_[np.linspace(0.1, 1, 20), np.linspace(2, 3, 20)]
    data = SurvivalData.from_arrays(
        time,
        event=np.ones(40),
        entry=np.r_[np.zeros(20), np.full(20, 1.5)],
        group=np.repeat(["early", "late"], 20),
    )
    with pytest.warns(PrioriteringWarning, match="no test of proportional hazards of late against"):
        result = review(data, families=("exponential",), n_draws=20)
    assert result.proportional_hazards == {}


def test_log_cumulative_hazard_figure(os_review, plt):
    axes = os_review.plot_log_cumulative_hazard()
    known = log_cumulative_hazard(gbsg2("os"))
    lines = {line.get_label(): line for line in axes.get_lines()}
    for arm in ("control", "tamoxifen"):
        np.testing.assert_array_equal(lines[arm].get_ydata(), known.values[arm])
    assert axes.get_xscale() == "log"


def test_schoenfeld_figure(os_review, plt):
    axes = os_review.plot_schoenfeld(language="no")
    assert "tamoxifen mot control" in axes.get_title(loc="left").replace("\n", " ")
    same = os_review.plot_schoenfeld("tamoxifen", ax=plt.figure().gca())
    assert same.get_ylim() == axes.get_ylim()


# Figures.


def test_survival_figure_shows_every_family_and_the_end_of_follow_up(os_review, plt):
    axes = os_review.plot_survival("control")
    lines = {line.get_label(): line for line in axes.get_lines()}
    for family in os_review.fits.families:
        x, y = lines[family].get_data()
        np.testing.assert_allclose(
            y, os_review.fits["control", family].curve().survival(x)[:, 0], rtol=1e-12
        )
    assert "Kaplan-Meier" in lines
    families = [lines[family] for family in os_review.fits.families]
    looks = {(str(line._unscaled_dash_pattern), line.get_marker()) for line in families}
    assert len(looks) == len(families), "lines differ also without colour"
    assert "Fitted survival at 20 years" in axes.get_title(loc="left")
    follow_up = gbsg2("os").subset(group="control").time.max()
    assert any(np.allclose(line.get_xdata(), follow_up) for line in axes.get_lines())
    axes.get_figure().canvas.draw()


def test_hazard_figure_keeps_the_observed_in_view(os_review, plt):
    axes = os_review.plot_hazard("tamoxifen", language="no")
    labels = [line.get_label() for line in axes.get_lines()]
    assert {"Observert, glattet", "Befolkningen", "weibull"} <= set(labels)
    assert axes.get_ylim()[1] < 2.0
    population = axes.get_lines()[labels.index("Befolkningen")]
    x, y = population.get_data()
    np.testing.assert_allclose(y, 0.005 * np.exp(0.09 * x), rtol=1e-4)
    axes.get_figure().canvas.draw()


def test_one_fit_and_draws_can_be_drawn(plt):
    data = gbsg2("os").subset(group="control")
    result = fit(data, "weibull")
    axes = result.plot(data)
    assert axes.get_title(loc="left") == "Fitted curves and Kaplan-Meier"
    axes = plot_fits({"draws": result.sample(100, seed=1)}, data, horizon=10)
    assert axes.get_xlim()[1] == 10


def test_interval_censored_patients_have_no_observed_line(plt):
    data = SurvivalData.from_arrays(
        [0.5, 1.0, 2.0, 3.0], event=[0, 0, 0, 0], upper=[1.0, 2.0, 3.0, np.inf]
    )
    result = review(data, families=("weibull",), landmarks=(1, 2), n_draws=50)
    assert {row.observed for row in result.landmarks} == {None}
    labels = [line.get_label() for line in result.plot_survival().get_lines()]
    assert "Kaplan-Meier" not in labels
    assert "Observed, smoothed" not in [
        line.get_label() for line in result.plot_hazard().get_lines()
    ]
    assert result.log_cumulative_hazard is None
    assert result.proportional_hazards is None
    with pytest.raises(ResultError, match="no log cumulative hazard.*interval-censored"):
        result.plot_log_cumulative_hazard()


def test_figures_want_curves_and_a_known_language(os_review, plt):
    data = gbsg2("os").subset(group="control")
    with pytest.raises(ResultError, match="no curve to draw"):
        plot_fits({}, data)
    with pytest.raises(ResultError, match="no curve to draw"):
        plot_fitted_hazards({}, data)
    with pytest.raises(UnknownNameError, match="an arm is needed"):
        os_review.plot_survival()
    with pytest.raises(UnknownNameError, match="unknown language"):
        os_review.table(language="se")


def test_a_spline_that_falls_is_flattened_with_a_warning_and_spares_the_rest():
    rng = np.random.default_rng(5)
    early = rng.random(40) < 0.5
    time = np.where(early, rng.uniform(0.5, 1, 40), rng.uniform(3, 4, 40))
    data = SurvivalData.from_arrays(time, event=np.ones(40))
    families = ["weibull", Specification("spline", 2)]
    with pytest.warns(PrioriteringWarning, match="fall"):
        found = review(data, families=families, landmarks=(1, 2), n_draws=20)
    assert len(found.landmarks) == 4
    assert all(0 <= row.survival <= 1 for row in found.landmarks)
