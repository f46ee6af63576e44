"""The reviewer's tables and figures."""

import numpy as np
import pytest

from prioritering.errors import CurveError, PrioriteringWarning, ResultError, UnknownNameError
from prioritering.report.figures.survival_fits import plot_fits, plot_fitted_hazards
from prioritering.survival import exponential, gompertz, weibull
from prioritering.survival.fit import Specification, fit, review
from prioritering.survival.observed import SurvivalData, kaplan_meier
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
