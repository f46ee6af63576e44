"""Severity over a distribution of ages and over an interval, against sums by hand."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.errors import DataError, PrioriteringWarning, ResultError
from prioritering.outcomes import Outcomes
from prioritering.severity import (
    absolute_shortfall,
    absolute_shortfall_by_age,
    absolute_shortfall_over_ages,
    population_qalys,
)


def printed(rules, age):
    return population_qalys(age, rules=rules).value


def test_average_over_ages_by_hand(rules):
    found = absolute_shortfall_by_age(10.0, ages=[50, 61, 72], shares=[0.2, 0.5, 0.3], rules=rules)
    qalys = [printed(rules, a) for a in (50, 61, 72)]
    average = 0.2 * qalys[0] + 0.5 * qalys[1] + 0.3 * qalys[2]
    assert found.mean_age == pytest.approx(62.1, rel=1e-14)
    assert found.averaged.population.value == pytest.approx(average, rel=1e-14)
    assert found.averaged.expected.shortfall == pytest.approx(average - 10.0, rel=1e-13)
    assert found.at_mean_age.population.value == printed(rules, 62)
    assert "nearest whole year, 62" in found.at_mean_age.population.assumptions[-1]
    assert "averaged over 3 ages" in found.averaged.population.assumptions[-1]
    expected = found.averaged.expected.shortfall - found.at_mean_age.expected.shortfall
    assert found.difference == expected
    assert sum(found.share_of_class.values()) == pytest.approx(1.0, rel=1e-14)


def test_one_age_is_the_plain_shortfall(rules):
    found = absolute_shortfall_by_age(15.89, ages=[61], rules=rules)
    plain = absolute_shortfall(15.89, age=61, rules=rules)
    assert found.averaged.expected == plain.expected == found.at_mean_age.expected
    assert (found.difference, found.class_changes) == (0.0, False)


def test_patient_ages_are_their_shares(rules):
    patients = absolute_shortfall_by_age(9.0, ages=[61, 50, 61, 61], rules=rules)
    shares = absolute_shortfall_by_age(9.0, ages=[61, 50], shares=[0.75, 0.25], rules=rules)
    assert patients.ages.tolist() == [50, 61]
    np.testing.assert_allclose(patients.shares, shares.shares, rtol=1e-15)
    assert patients.averaged.expected == shares.averaged.expected


def test_the_class_can_depend_on_it(rules):
    """Ages 41 and 81 average to 61 but not their remaining QALYs, a curve that bends upwards."""
    average = (printed(rules, 41) + printed(rules, 81)) / 2
    assert average > printed(rules, 61)
    prognosis = average - 4.0  # class 2 averaged, class 1 at the mean age
    found = absolute_shortfall_by_age(prognosis, ages=[41, 81], rules=rules)
    assert found.mean_age == 61
    assert found.averaged.expected.severity_class == 2
    assert found.at_mean_age.expected.severity_class == 1
    assert found.class_changes


def test_prognosis_by_age_and_draw(rules):
    found = absolute_shortfall_by_age(
        {50: [20.0, 22.0], 70: [8.0, 6.0]}, ages=[50, 70], shares=[0.25, 0.75], rules=rules
    )
    np.testing.assert_allclose(found.averaged.prognosis, [11.0, 10.0], rtol=1e-15)
    np.testing.assert_allclose(found.prognosis, [21.0, 7.0], rtol=1e-15)
    own = [printed(rules, 50) - 21.0, printed(rules, 70) - 7.0]
    np.testing.assert_allclose(found.shortfall, np.round(own, 2), rtol=1e-13)
    assert found.averaged.n_draws == 2


def test_a_strategy_is_a_prognosis_too(rules):
    run = Outcomes.from_arrays(
        ["standard"], cost=[[1.0, 2.0]], qaly=[[5.0, 6.0]], qaly_undiscounted=[[9.0, 11.0]]
    )
    found = absolute_shortfall_by_age(run["standard"], ages=[50, 61], rules=rules)
    assert found.averaged.provenance["strategy"] == "standard"
    assert found.averaged.expected.qalys_prognosis == 10.0


@given(st.lists(st.integers(40, 90), min_size=1, max_size=12))
def test_the_average_lies_between_the_ages(rules, ages):
    found = absolute_shortfall_by_age(0.0, ages=ages, rules=rules)
    low, high = printed(rules, max(ages)), printed(rules, min(ages))
    assert low - 1e-12 <= found.averaged.population.value <= high + 1e-12


def test_computed_takes_the_mean_age_as_it_is(rules):
    found = absolute_shortfall_by_age(8.0, ages=[60, 61], rules=rules, population="computed")
    expected = population_qalys(60.5, rules=rules, method="computed").value
    assert found.at_mean_age.population.value == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shares": [0.5, 0.4]}, r"do not sum to 1; expected 1; found 0\.9\. Counts become"),
        ({"shares": [1.5, -0.5]}, "a share of patients is impossible"),
        ({"shares": [0.5, np.nan]}, "a share of patients is impossible"),
        ({"shares": [1.0]}, "ages and shares do not match; expected 2 shares; found 1"),
        ({"ages": [50, -1]}, r"not ages; .*found -1 \(1 such"),
        ({"ages": [50, np.nan]}, "not ages"),
        ({"ages": []}, "not ages; .*found none"),
        ({"ages": ["x", "y"]}, "ages are not numbers"),
        ({"ages": [[50, 61]]}, "ages are not a list"),
        ({"ages": [61, 61], "shares": [0.5, 0.5]}, "an age stands twice; .*found 61"),
        ({"prognosis": np.nan}, "cannot be remaining QALYs"),
        ({"prognosis": {50: 9.0}}, r"do not match; .*found none at \[61\.0\]"),
        ({"prognosis": {50: 9.0, 61: 8.0, 70: 1.0}}, r"found also one at \[70\.0\]"),
        ({"prognosis": {50: [9.0, 1.0], 61: 8.0}}, "another number of draws from age to age"),
        ({"prognosis": {50: np.nan, 61: 8.0}}, "cannot be remaining QALYs"),
    ],
)
def test_bad_input(rules, changes, message):
    arguments = {"prognosis": 9.0, "ages": [50, 61], **changes}
    with pytest.raises(ResultError, match=message):
        absolute_shortfall_by_age(arguments.pop("prognosis"), rules=rules, **arguments)


def test_ages_beyond_the_tables(rules):
    with pytest.raises(DataError, match="completed ages 40 to 90; found 95"):
        absolute_shortfall_by_age(1.0, ages=[61, 95], rules=rules)
    with pytest.raises(DataError, match="no norm at age 30"):
        absolute_shortfall_by_age(1.0, ages=[30], rules=rules, population="computed")


def test_an_interval_of_ages(rules):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = absolute_shortfall_over_ages(10.0, lowest=60, highest=69, rules=rules)
    assert found.middle.population.value == printed(rules, 65)  # 64.5, a half upwards
    for place, age in ((found.lower, 60), (found.upper, 69)):
        assert place.expected == absolute_shortfall(10.0, age=age, rules=rules).expected
    every = [
        absolute_shortfall(10.0, age=a, rules=rules).expected.severity_class for a in range(60, 70)
    ]
    assert found.class_range == (min(every), max(every))
    assert found.to_frame()["place"].tolist() == ["lower", "middle", "upper"]


def test_bad_intervals(rules):
    with pytest.raises(ResultError, match="interval is empty; .*found 69 to 60"):
        absolute_shortfall_over_ages(10.0, lowest=69, highest=60, rules=rules)
    with pytest.raises(ResultError, match="not an age"):
        absolute_shortfall_over_ages(10.0, lowest=-1, highest=60, rules=rules)
    with pytest.raises(DataError, match="found 91"):
        absolute_shortfall_over_ages(1.0, lowest=85, highest=91, rules=rules)


def test_a_negative_shortfall_is_a_warning(rules):
    with pytest.warns(PrioriteringWarning, match="negative in 1 of 1 draws"):
        absolute_shortfall_by_age(50.0, ages=[61], rules=rules)


def test_views(rules):
    found = absolute_shortfall_by_age([14.0, 15.0], ages=[50, 61], rules=rules)
    band = absolute_shortfall_over_ages(12.0, lowest=60, highest=64, rules=rules)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.shares, found.shares)
    assert again.difference == found.difference
    with pytest.raises(ValueError, match="read-only"):
        found.shares[0] = 1.0
    assert found.to_frame()["age"].tolist() == [50, 61]
    assert "Averaged over the ages" in found._repr_html_()
    assert "Snitt over aldrene" in found.table("no").to_string()
    assert "Midten" in band.table("no").to_string()
    assert repr(band).startswith("AgeBandSeverity(ages 60-64, class ")
    assert "<table" in band._repr_html_()


def test_a_prognosis_at_something_else_than_an_age_is_refused(rules):
    with pytest.raises(ResultError, match="not an age"):
        absolute_shortfall_by_age({"old": 10.0}, ages=[61], rules=rules)
