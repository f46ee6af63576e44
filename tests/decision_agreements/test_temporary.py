import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from prioritering.conventions import Discounting
from prioritering.decision.agreements import TemporaryAdoption
from prioritering.decision.agreements.temporary import spread_of_information
from prioritering.errors import ResultError

NONE, FOUR = Discounting.none(), Discounting.flat(0.04)
B = np.random.default_rng(3).normal(20_000.0, 60_000.0, 4_000)
PATIENTS = [100.0] * 10


def value(timing, course):
    return timing.value[course].value


def test_with_perfect_information_every_course_is_a_mean_over_draws():
    terms = TemporaryAdoption(
        2.5,
        reversal_cost=3e6,
        research_cost=1e6,
        treated_while_waiting=0.2,
        chance_of_information=0.7,
    )
    timing = terms.timing(B, patients=PATIENTS, discounting=FOUR)
    factor = 1.04 ** -(np.arange(10) + 0.5)
    early = np.array([1, 1, 0.5] + [0] * 7)
    before, after = 100 * factor @ early, 100 * factor @ (1 - early)
    floor = -3e6 * 1.04**-2.5
    mean = B.mean()
    assert timing.patients_before == pytest.approx(before, rel=1e-12)
    assert timing.patients_after == pytest.approx(after, rel=1e-12)
    assert value(timing, "reject") == 0
    assert value(timing, "adopt") == pytest.approx((before + after) * mean, rel=1e-10)
    wait = 0.2 * before * mean + after * np.maximum(B, 0).mean() - 1e6
    assert value(timing, "wait") == pytest.approx(wait, rel=1e-10)
    informed = np.maximum(after * B, floor).mean()
    temporary = before * mean + 0.7 * informed + 0.3 * after * mean - 1e6
    assert value(timing, "temporary") == pytest.approx(temporary, rel=1e-10)
    assert timing.probability_of_reversal == np.mean(after * B < floor)
    assert timing.perfect


def test_a_value_of_information_is_spread_as_a_normal():
    terms = TemporaryAdoption(3, information=5_000.0, reversal_cost=2e6)
    timing = terms.timing(B, patients=PATIENTS, discounting=NONE)
    mean, after, floor = B.mean(), 700.0, -2e6
    spread = spread_of_information(mean, 5_000.0)
    law = stats.norm(mean, spread)

    def expected(function, at):
        parts = [(mean - 12 * spread, at), (at, mean + 12 * spread)]
        return sum(
            integrate.quad(lambda x: function(x) * law.pdf(x), *part, epsabs=1e-9, epsrel=1e-12)[0]
            for part in parts
        )

    assert expected(lambda x: max(x, 0.0), 0.0) - mean == pytest.approx(5_000.0, rel=1e-9)
    wait = after * (mean + 5_000.0)
    assert value(timing, "wait") == pytest.approx(wait, rel=1e-10)
    temporary = 300 * mean + expected(lambda x: max(after * x, floor), floor / after)
    assert value(timing, "temporary") == pytest.approx(temporary, rel=1e-9)
    assert timing.probability_of_reversal == pytest.approx(law.cdf(floor / after), rel=1e-10)


def test_information_worth_nothing_leaves_the_sign_of_the_mean():
    timing = TemporaryAdoption(3, information=0.0).timing(B, patients=PATIENTS, discounting=NONE)
    assert value(timing, "temporary") == pytest.approx(value(timing, "adopt"), rel=1e-12)
    assert timing.probability_of_reversal == 0.0
    losing = TemporaryAdoption(3, information=0.0).timing(-B, patients=PATIENTS, discounting=NONE)
    assert value(losing, "wait") == 0.0
    assert losing.best == "reject"


@given(mean=st.floats(-1e5, 1e5), spread=st.floats(1e2, 1e6))
def test_the_spread_of_information_is_recovered(mean, spread):
    z = abs(mean) / spread
    information = spread * stats.norm.pdf(z) - abs(mean) * stats.norm.sf(z)
    if information > 1e-3 * spread:
        assert spread_of_information(mean, information) == pytest.approx(spread, rel=1e-8)


@given(cost=st.floats(0.0, 1e9), information=st.floats(0.0, 10_000.0))
def test_reversal_lowers_temporary_adoption_but_never_below_adopting_for_good(cost, information):
    """Eckermann and Willan (2008): a cost of reversal lowers the value of adopting meanwhile."""
    free, dear = (
        TemporaryAdoption(3, information=information, reversal_cost=c).timing(
            B, patients=PATIENTS, discounting=NONE
        )
        for c in (0.0, cost)
    )
    tolerance = 1e-9 * abs(value(free, "adopt"))
    assert value(dear, "temporary") <= value(free, "temporary") + tolerance
    assert value(dear, "temporary") >= value(dear, "adopt") - tolerance


def test_delay_is_worth_it_when_information_outweighs_what_is_forgone():
    """Eckermann and Willan (2008): delay beats adopting for good when EVSI exceeds its cost."""
    for research in (0.0, 1e6, 5e6, 1e7):
        terms = TemporaryAdoption(1, information=8_000.0, research_cost=research)
        timing = terms.timing(B, patients=PATIENTS, discounting=NONE)
        cost = 100 * B.mean() + research
        outweighs = cost < 900 * 8_000.0
        assert (value(timing, "wait") > value(timing, "adopt")) == outweighs


def test_errors_are_those_of_the_mean_over_draws():
    timing = TemporaryAdoption(3).timing(B, patients=PATIENTS, discounting=NONE)
    se = B.std(ddof=1) / math.sqrt(B.size)
    assert timing.value["adopt"].se == pytest.approx(1000 * se, rel=1e-12)
    assert timing.value["reject"].se == 0.0
    given = TemporaryAdoption(3, information=5_000.0).timing(B, patients=PATIENTS, discounting=NONE)
    chance = stats.norm.cdf(B.mean() / spread_of_information(B.mean(), 5_000.0))
    assert given.value["wait"].se == pytest.approx(700 * chance * se, rel=1e-9)


def test_views_and_pickle():
    timing = TemporaryAdoption(3).timing(B, patients=PATIENTS, discounting=FOUR)
    copy = pickle.loads(pickle.dumps(timing))
    assert copy.to_frame().equals(timing.to_frame())
    english, norwegian = timing.table(), timing.table("no")
    assert english.index[0] == "Never adopt"
    assert any("upper bounds" in note for note in english.attrs["notes"])
    assert any("øvre grenser" in note for note in norwegian.attrs["notes"])
    assert "<table" in timing._repr_html_()
    assert repr(timing).startswith("AdoptionTiming(reject 0")


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"years": 0}, "years until the assessment out of range"),
        ({"years": 1, "information": -1.0}, "value of information out of range"),
        ({"years": 1, "reversal_cost": -1.0}, "reversal cost out of range"),
        ({"years": 1, "research_cost": math.nan}, "research cost out of range"),
        ({"years": 1, "treated_while_waiting": 1.1}, "share treated while waiting"),
        ({"years": 1, "chance_of_information": -0.1}, "chance of information"),
    ],
)
def test_terms_are_checked(terms, message):
    with pytest.raises(ResultError, match=message):
        TemporaryAdoption(**terms)


def test_patients_after_the_assessment_are_needed():
    with pytest.raises(ResultError, match=r"no patient starts after.*after year 10"):
        TemporaryAdoption(10).timing(B, patients=PATIENTS, discounting=NONE)


def test_information_above_perfect_is_refused():
    with pytest.raises(ResultError, match=r"worth more than perfect information.*found 1000000"):
        TemporaryAdoption(1, information=1e6).timing(B, patients=PATIENTS, discounting=NONE)


def test_one_draw_is_refused():
    with pytest.raises(ResultError, match="one draw has no distribution"):
        TemporaryAdoption(1).timing([1.0], patients=PATIENTS, discounting=NONE)


@pytest.mark.parametrize("net_benefit", [[1.0, np.nan, 2.0], [1.0, np.inf], [[1.0, 2.0]], [], "x"])
def test_net_benefit_that_is_not_finite_amounts_by_draw_is_refused(net_benefit):
    with pytest.raises(ResultError, match=r"net benefit is not usable.*shape \(draw,\)"):
        TemporaryAdoption(1).timing(net_benefit, patients=[1.0, 2.0], discounting=FOUR)


@pytest.mark.parametrize("language", ["en", "no"])
@pytest.mark.parametrize("information", [None, 5_000.0])
def test_the_figure_shows_every_course_with_its_error(language, information):
    terms = TemporaryAdoption(3, information=information, reversal_cost=2e6)
    timing = terms.timing(B, patients=PATIENTS, discounting=FOUR)
    axes = timing.plot(language=language)
    points = [line for line in axes.lines if len(line.get_xdata()) == 1]
    spans = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 1.6]
    for point, span, e in zip(points, spans, timing.value.values(), strict=True):
        assert point.get_xdata()[0] == pytest.approx(e.value / 1e6, rel=1e-12)
        assert span[1] - span[0] == pytest.approx(2 * stats.norm.ppf(0.975) * e.se / 1e6)
    hollow = [point.get_markerfacecolor() != point.get_color() for point in points]
    assert hollow == [False, False, information is None, information is None]
    names = [tick.get_text().replace("\n", " ") for tick in axes.get_yticklabels()]
    assert names == list(timing.table(language).index)
