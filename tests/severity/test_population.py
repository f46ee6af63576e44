"""Expected remaining QALYs of the population."""

import dataclasses
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import quad

from prioritering.data import LifeTable, NormTable
from prioritering.errors import DataError, ResultError
from prioritering.severity import PopulationQalys, population_qalys


@pytest.fixture
def four_ages():
    """A life table and norm small enough to follow by hand."""
    return SimpleNamespace(
        life_table=LifeTable.from_arrays([90, 91, 92], [0.2, 0.5, 1.0], source="by hand"),
        norm=NormTable.from_bands({90: 0.8, 92: 0.5}, source="by hand"),
    )


@pytest.mark.parametrize("age", range(40, 91))
def test_computed_is_close_to_printed(rules, age):
    """0.155 at most; two rounded inputs and one printed decimal stand between them."""
    printed = population_qalys(age, rules=rules)
    computed = population_qalys(age, rules=rules, method="computed")
    assert computed.value == pytest.approx(printed.value, abs=0.16)
    assert (printed.method, computed.method) == ("printed", "computed")


def test_computed_by_hand(four_ages):
    """l = 1, .8, .4, 0: (.9 x .8 + .6 x .8 + .2 x .5) / 1."""
    found = population_qalys(90, rules=four_ages, method="computed")
    assert found.value == pytest.approx(1.3, rel=1e-14)


def test_computed_at_a_fraction_of_a_year_by_hand(four_ages):
    """l(90.25) = .95, so (.75 x (.95 + .8) / 2 x .8 + .6 x .8 + .2 x .5) / .95."""
    found = population_qalys(90.25, rules=four_ages, method="computed")
    assert found.value == pytest.approx((0.525 + 0.58) / 0.95, rel=1e-14)


@pytest.mark.parametrize("age", [40.0, 49.9, 61.37, 79.999, 106.5])
def test_computed_is_the_integral_of_survival_times_norm(rules, age):
    """Deaths spread evenly: l is straight between birthdays, the norm a step."""
    table, norm = rules.life_table, rules.norm
    birthdays = np.arange(table.first_age, table.last_age + 2)
    years = [age, *birthdays[birthdays > age]]

    def integrand(x):
        return np.interp(x, birthdays, table.survivors) * float(norm.at(x))

    total = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-12)[0] for a, b in pairwise(years))
    expected = total / np.interp(age, birthdays, table.survivors)
    found = population_qalys(age, rules=rules, method="computed").value
    assert found == pytest.approx(expected, rel=1e-11)


def test_computed_with_full_health_is_life_expectancy(rules):
    well = SimpleNamespace(
        life_table=rules.life_table, norm=NormTable.from_bands({0: 1.0}, source="full health")
    )
    found = population_qalys(50, rules=well, method="computed").value
    assert found == pytest.approx(float(rules.life_table.life_expectancy(50)), rel=1e-13)


def test_what_it_rests_on_is_said(rules):
    printed = population_qalys(61, rules=rules)
    assert printed.second_hand
    assert "Expected remaining QALYs" in printed.source
    assert printed.assumptions == ()
    younger = rules.norm.extended_below(18, 0.87, note="own survey")
    own = SimpleNamespace(life_table=rules.life_table, norm=younger)
    computed = population_qalys(30, rules=own, method="computed")
    assert computed.second_hand
    assert computed.source.startswith("mortality: ")
    assert "; norm: " in computed.source
    assert "deaths are spread evenly" in computed.assumptions[0]
    assert "assumed from age 18 to below 40: own survey" in computed.assumptions[1]


def test_ages_that_are_not_covered(rules):
    with pytest.raises(DataError, match=r"completed ages 40 to 90; found 39.*computed"):
        population_qalys(39, rules=rules)
    with pytest.raises(DataError, match="no norm at age 39"):
        population_qalys(39, rules=rules, method="computed")
    with pytest.raises(DataError, match="age 107 is outside the life table"):
        population_qalys(107, rules=rules, method="computed")


def test_a_life_table_that_leaves_survivors(four_ages):
    open_ended = LifeTable.from_arrays([90, 91], [0.2, 0.5], source="cut short")
    cut = SimpleNamespace(life_table=open_ended, norm=four_ages.norm)
    with pytest.raises(DataError, match="followed to the end"):
        population_qalys(90, rules=cut, method="computed")


def test_bad_questions(rules):
    with pytest.raises(ResultError, match=r"whole years of age only.*found 61.5.*'computed'"):
        population_qalys(61.5, rules=rules)
    with pytest.raises(ResultError, match=r"'printed', 'computed'.*found 'guessed'"):
        population_qalys(61, rules=rules, method="guessed")
    for age in (-1.0, np.nan, np.inf):
        with pytest.raises(ResultError, match="not an age"):
            population_qalys(age, rules=rules, method="computed")


def test_own_figures_need_a_value_and_a_source():
    own = PopulationQalys(value=20.1, age=61, source="own life table")
    assert own.method == "given"
    assert dataclasses.asdict(own)["second_hand"] is False
    for value in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ResultError, match=r"impossible \(age 61\)"):
            PopulationQalys(value=value, age=61, source="own life table")
    with pytest.raises(ResultError, match="without a source"):
        PopulationQalys(value=20.1, age=61, source="  ")
