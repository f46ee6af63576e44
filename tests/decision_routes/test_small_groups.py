import math
import pickle
from datetime import date

import numpy as np
import pytest

from prioritering.decision.routes import small_group
from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import PopulationQalys, absolute_shortfall

PAIR = {"reference": "standard", "option": "new"}


@pytest.fixture
def group(outcomes, severity, rules):
    return small_group(outcomes, severity, rules, **PAIR, patients_in_country=40)


def test_each_criterion_has_its_number_margin_and_standing(group, outcomes, rules):
    rule = rules.small_groups
    assert group["worldwide"].standing == "not stated"
    assert group["worldwide"].margin is None
    assert group["in_country"].margin == rule.patients_in_country - 40
    assert group["in_country"].standing == "met"
    # the population's 40 QALYs less 5 undiscounted under the reference
    assert group["absolute_shortfall"].value == 35.0
    assert group["absolute_shortfall"].margin == 35.0 - rule.absolute_shortfall
    assert group["absolute_shortfall"].se == 0.0
    gain = outcomes.qaly[1] - outcomes.qaly[0]
    found = group["expected_gain"]
    assert found.value == pytest.approx(gain.mean(), rel=1e-12)
    assert found.se == pytest.approx(gain.std(ddof=1) / math.sqrt(gain.size), rel=1e-12)
    assert found.standing == "not met"


@pytest.mark.parametrize(
    ("patients", "worldwide", "standings"),
    [(50, 1.0, ("not met", "not met")), (49.9, 0.99, ("met", "met"))],
)
def test_numbers_of_patients_must_lie_below(
    outcomes, severity, rules, patients, worldwide, standings
):
    found = small_group(
        outcomes,
        severity,
        rules,
        **PAIR,
        patients_in_country=patients,
        per_100_000_worldwide=worldwide,
    )
    assert (found["in_country"].standing, found["worldwide"].standing) == standings


def test_a_shortfall_at_the_bound_meets_it(outcomes, rules):
    population = PopulationQalys(value=35.0, age=30, source="a round number")
    at_bound = absolute_shortfall(outcomes["standard"], age=30, rules=rules, population=population)
    found = small_group(outcomes, at_bound, rules, **PAIR)
    assert found["absolute_shortfall"].margin == 0
    assert found["absolute_shortfall"].standing == "met"


def test_a_shortfall_just_below_the_bound_is_not_printed_as_the_bound(outcomes, rules):
    population = PopulationQalys(value=34.97, age=30, source="a test")
    below = absolute_shortfall(outcomes["standard"], age=30, rules=rules, population=population)
    table = small_group(outcomes, below, rules, **PAIR).table()
    row = table.loc["Absolute shortfall (QALYs)"]
    assert row["Value"].startswith("29.97")
    assert "not met" in row.to_list()


def test_the_gain_may_be_the_undiscounted_one(outcomes, severity, rules):
    found = small_group(outcomes, severity, rules, **PAIR, discounted=False)
    gain = 1.2 * (outcomes.qaly[1] - outcomes.qaly[0])
    assert found["expected_gain"].value == pytest.approx(gain.mean(), rel=1e-12)
    assert "Expected gain (QALYs, undiscounted)" in found.table().index


def test_a_gain_near_the_bound_is_too_close_to_call(severity, rules):
    gain = 2.0 + np.random.default_rng(0).normal(0.0, 1.0, 200)
    run = Outcomes.from_arrays(
        ["standard", "new"], cost=np.ones((2, 200)), qaly=[0 * gain, gain - gain.mean() + 2.01]
    )
    found = small_group(run, severity, rules, **PAIR)["expected_gain"]
    assert found.standing == "met"
    assert found.too_close


def test_no_figure_is_given_for_what_may_be_accepted(group):
    notes = {language: " ".join(group.table(language).attrs["notes"]) for language in ("en", "no")}
    assert "not published, so no figure is reported" in notes["en"]
    assert "ikke publisert, derfor oppgis ingen tall" in notes["no"]


@pytest.mark.parametrize("language", ["en", "no"])
def test_views(group, language):
    table = group.table(language)
    assert table.shape == (4, 4)
    assert pickle.loads(pickle.dumps(group)).to_frame().equals(group.to_frame())
    assert "<table" in group._repr_html_()
    assert "worldwide: not stated" in repr(group)


def test_a_day_before_the_rule_is_refused(outcomes, severity, rules):
    entries = tuple(rule for rule in rules.entries if rule.topic != "small_groups")
    first = rules.rules["small_groups"].in_force_from
    early = Guideline("no", date(2017, 6, 1), entries, (("small_groups", first),))
    with pytest.raises(
        GuidelineError, match=r"no rule on 'small_groups' in force on 2017-06-01.*from 2018-01-01"
    ):
        small_group(outcomes, severity, early, **PAIR)


@pytest.mark.parametrize("name", ["patients_in_country", "per_100_000_worldwide"])
def test_negative_patients_are_refused(outcomes, severity, rules, name):
    with pytest.raises(ResultError, match=r"number of patients.*out of range"):
        small_group(outcomes, severity, rules, **PAIR, **{name: -1})


def test_strategies_are_checked(outcomes, severity, rules):
    with pytest.raises(ResultError, match=r"no option to hold against.*found 'standard'"):
        small_group(outcomes, severity, rules, reference="standard", option="standard")
    with pytest.raises(UnknownNameError, match="unknown option 'newer'"):
        small_group(outcomes, severity, rules, reference="standard", option="newer")
    with pytest.raises(ResultError, match="severity of another strategy"):
        small_group(outcomes, severity, rules, reference="new", option="standard")
    with pytest.raises(UnknownNameError, match="unknown criterion 'gain'"):
        small_group(outcomes, severity, rules, **PAIR)["gain"]
