"""Margins and the map of classes, against brute force over the scale itself."""

import pickle

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from prioritering.errors import DataError, ResultError
from prioritering.guidelines import SeverityScale
from prioritering.severity import (
    PopulationQalys,
    absolute_shortfall,
    absolute_shortfall_by_age,
    class_map,
    class_margins,
    population_qalys,
)

mpl.use("Agg")


def by_hand(rules, case, cents):
    """Class after a change of the prognosis in hundredths."""
    population, prognosis = case.population.value, case.expected.qalys_prognosis
    return int(rules.severity.classify(population - (prognosis + cents / 100)))


def test_the_worked_case(rules):
    """Shortfall 4.91: 3.09 QALYs to class 3 (7.995 rounds to 8.00), 0.92 to class 1 (3.99)."""
    case = absolute_shortfall(15.89, age=61, rules=rules)
    assert (case.expected.shortfall_rounded, case.expected.wtp) == (4.91, 385_000)
    down, up, younger, older = class_margins(case, rules=rules)
    assert (down.change, down.severity_class, down.wtp) == (-3.09, 3, 495_000)
    assert down.exact_change == pytest.approx(-3.085, abs=1e-12)
    assert (up.change, up.severity_class, up.wtp) == (0.92, 1, 275_000)
    assert up.exact_change == pytest.approx(0.915, abs=1e-12)
    assert (down.included, up.included) == (True, False)
    assert (younger.change, younger.severity_class) == (-4, 3)
    assert (older.change, older.severity_class) == (2, 1)


@given(st.integers(0, 3000), st.integers(40, 90))
def test_margins_are_the_first_hundredth_that_changes_the_class(rules, cents, age):
    population = population_qalys(age, rules=rules).value
    prognosis = cents / 100 * population / 30.0
    case = absolute_shortfall(round(prognosis, 2), age=age, rules=rules)
    own = case.expected.severity_class
    for margin in class_margins(case, rules=rules):
        if margin.quantity == "prognosis":
            steps = round(margin.change * 100)
            assert by_hand(rules, case, steps) == margin.severity_class != own
            assert by_hand(rules, case, steps - np.sign(steps)) == own


@given(st.integers(40, 90), st.floats(0.0, 1.0))
def test_age_margins_are_the_first_year_that_changes_the_class(rules, age, part):
    case = absolute_shortfall(part * population_qalys(age, rules=rules).value, age=age, rules=rules)
    prognosis, own = case.expected.qalys_prognosis, case.expected.severity_class
    found = {np.sign(m.change): m for m in class_margins(case, rules=rules) if m.quantity == "age"}
    for direction in (-1, 1):
        expected = None
        for years in range(1, 51):
            at = age + direction * years
            if not 40 <= at <= 90:
                break
            number = int(rules.severity.classify(rules.remaining_qalys.at(at) - prognosis))
            if number != own:
                expected = (direction * years, number)
                break
        margin = found.get(direction)
        assert (None if margin is None else (margin.change, margin.severity_class)) == expected


def test_no_margin_beyond_the_last_class(rules):
    case = absolute_shortfall(0.5, age=45, rules=rules)
    assert case.expected.severity_class == 6
    quantities = [(m.quantity, m.severity_class) for m in class_margins(case, rules=rules)]
    assert quantities[0] == ("prognosis", 5)
    assert all(number == 5 for _, number in quantities)


def test_a_scale_that_does_not_round(rules):
    plain = SeverityScale(classes=rules.severity.classes, decimals=None)
    changed = rules.with_rule("severity", plain, source="not rounded")
    case = absolute_shortfall(15.89, age=61, rules=changed)
    down, up, *_ = class_margins(case, rules=changed)
    assert down.change == down.exact_change == pytest.approx(-3.09, abs=1e-12)
    assert up.change == pytest.approx(0.91, abs=1e-12)


def test_least_shortfall_of_a_class(rules):
    scale = rules.severity
    assert [scale.entry(k) for k in range(1, 7)] == pytest.approx(
        [-np.inf, 3.995, 7.995, 11.995, 15.995, 19.995], abs=1e-12
    )
    for k in range(2, 7):
        assert scale.classify([scale.entry(k), scale.entry(k) - 1e-6]).tolist() == [k, k - 1]


@pytest.mark.parametrize("method", ["printed", "computed"])
def test_the_map_agrees_with_the_scale_everywhere(rules, method):
    case = absolute_shortfall(15.89, age=61, rules=rules, population=method)
    found = class_map(case, rules=rules)
    assert (found.ages[0], found.ages[-1]) == (46, 76)
    prognosis = np.random.default_rng(3).uniform(0, 35, (200, 1))
    by_map = 1 + (prognosis[:, None] <= found.boundaries[None]).sum(axis=1)
    population = [population_qalys(a, rules=rules, method=method).value for a in found.ages]
    np.testing.assert_array_equal(by_map, rules.severity.classify(population - prognosis))


def test_draws_of_age_and_prognosis(rules):
    case = absolute_shortfall([15.89, 12.0, 15.89, 16.0], age=61, rules=rules)
    found = class_map(case, rules=rules, draw_ages=[61, 61, 57, 64])
    # 20.8 - 15.89 and 20.8 - 12 at 61; at 57 and 64 from the printed table
    own = [rules.remaining_qalys.at(a) for a in (61, 61, 57, 64)]
    classes = rules.severity.classify(np.array(own) - case.prognosis)
    for k in range(1, 7):
        share = float((classes == k).mean())
        assert found.probability_of_class[k] == share
        assert found.probability_of_class_se[k] == pytest.approx((share * (1 - share) / 4) ** 0.5)
    alone = class_map(case, rules=rules)
    assert alone.probability_of_class == dict(case.probability_of_class)


def test_the_map_stops_where_the_tables_do(rules):
    case = absolute_shortfall(20.0, age=42, rules=rules)
    assert class_map(case, rules=rules).ages[0] == 40
    with pytest.raises(DataError, match="found 39"):
        class_map(case, rules=rules, ages=[39, 42])


def test_bad_input(rules):
    own = PopulationQalys(20.0, age=61, source="own")
    given_by_user = absolute_shortfall(15.0, age=61, rules=rules, population=own)
    with pytest.raises(ResultError, match="not those of the tables.*found 20 at age 61, given"):
        class_map(given_by_user, rules=rules)
    spread = absolute_shortfall_by_age(9.0, ages=[41, 81], rules=rules).averaged
    with pytest.raises(ResultError, match="use its at_mean_age"):
        class_margins(spread, rules=rules)
    case = absolute_shortfall([15.0, 14.0], age=61, rules=rules)
    with pytest.raises(ResultError, match="do not match; expected 2 ages"):
        class_map(case, rules=rules, draw_ages=[61.0])
    for ages in ([61], [61, 60], [[60, 61]]):
        with pytest.raises(ResultError, match="ages of the map do not rise"):
            class_map(case, rules=rules, ages=ages)


def test_views(rules):
    case = absolute_shortfall([15.0, 16.8, 12.0], age=61, rules=rules)
    found = class_map(case, rules=rules, draw_ages=[61, 60, 62])
    assert pickle.loads(pickle.dumps(found)).margins == found.margins
    assert len(found.to_frame()) == 5 * 31
    for language, word in (("en", "QALYs lower"), ("no", "QALY lavere")):
        assert word in found.table(language).to_string()
        ax = Figure().subplots()
        assert found.plot(ax, language=language) is ax
        assert len(ax.collections) == 7  # six classes and the cloud
    bar = Figure().subplots()
    class_map(case, rules=rules).plot(bar)
    assert len(bar.collections) == 6
    single = class_map(absolute_shortfall(15.89, age=61, rules=rules), rules=rules)
    ax = Figure().subplots()
    single.plot(ax)
    assert "Shortfall 4.91 QALYs at age 61: class 2" in ax.get_title(loc="left")
    assert "<table" in single._repr_html_()


def test_another_kind_of_case_or_ages_is_refused(rules):
    case = absolute_shortfall(15.89, age=61, rules=rules)
    with pytest.raises(ResultError, match=r"severity is of another kind.*found int"):
        class_map(3, rules=rules)
    with pytest.raises(ResultError, match="rules is of another kind"):
        class_map(case, rules="no")
    with pytest.raises(ResultError, match=r"ages of the map do not rise.*'old'"):
        class_map(case, rules=rules, ages="old")
