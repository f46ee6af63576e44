"""Absolute shortfall, class and willingness to pay."""

import json
import pickle
import warnings
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering.errors import PrioriteringWarning, ResultError
from prioritering.outcomes import Outcomes
from prioritering.severity import (
    PopulationQalys,
    absolute_shortfall,
    absolute_shortfall_by_age,
    absolute_shortfall_over_ages,
    severity_of_prevention,
)

TWENTY = PopulationQalys(value=20.0, age=61, source="a round number")


def test_worked_example(rules):
    """Age 61: 20.8 printed, 15.89 under standard treatment: 4.91, class 2, 385 000."""
    found = absolute_shortfall(15.89, age=61, rules=rules)
    assert found.expected.shortfall_rounded == 4.91
    assert found.expected.severity_class == 2
    assert found.expected.wtp == 385_000
    assert found.expected.weight == pytest.approx(1.4)
    assert found.expected.proportional == pytest.approx(4.91 / 20.8, rel=1e-12)
    assert found.population.method == "printed"


@pytest.mark.parametrize(
    ("shortfall", "number", "wtp"),
    [
        (0.0, 1, 275_000),
        (3.994, 1, 275_000),
        (3.995, 2, 385_000),
        (4.0, 2, 385_000),
        (7.99, 2, 385_000),
        (8.0, 3, 495_000),
        (12.0, 4, 605_000),
        (16.0, 5, 715_000),
        (19.99, 5, 715_000),
        (20.0, 6, 825_000),
    ],
)
def test_classes_are_placed_after_rounding(rules, shortfall, number, wtp):
    population = PopulationQalys(value=30.0, age=61, source="a round number")
    found = absolute_shortfall(30.0 - shortfall, age=61, rules=rules, population=population)
    assert (found.expected.severity_class, found.expected.wtp) == (number, wtp)
    assert found.severity_class.tolist() == [number]


def test_every_draw_has_its_own_class(rules):
    found = absolute_shortfall([17.0, 15.0, 15.5, 7.9], age=61, rules=rules, population=TWENTY)
    np.testing.assert_allclose(found.shortfall, [3.0, 5.0, 4.5, 12.1], rtol=1e-14)
    assert found.severity_class.tolist() == [1, 2, 2, 4]
    assert found.wtp.tolist() == [275_000, 385_000, 385_000, 605_000]
    np.testing.assert_allclose(found.weight, [1.0, 1.4, 1.4, 2.2])
    np.testing.assert_allclose(found.proportional, [0.15, 0.25, 0.225, 0.605], rtol=1e-14)
    assert found.probability_of_class == {1: 0.25, 2: 0.5, 3: 0.0, 4: 0.25, 5: 0.0, 6: 0.0}
    assert found.probability_of_class_se[2] == pytest.approx(0.25, rel=1e-15)
    assert found.probability_of_class_se[3] == 0.0


def test_expected_class_is_that_of_the_mean_not_the_mean_class(rules):
    found = absolute_shortfall([19.0, 17.0, 4.0], age=61, rules=rules, population=TWENTY)
    assert found.severity_class.tolist() == [1, 1, 5]
    assert found.expected.qalys_prognosis == pytest.approx(40 / 3)
    assert found.expected.severity_class == 2  # 6.67 QALYs


def test_one_draw_has_no_monte_carlo_error(rules):
    found = absolute_shortfall(15.0, age=61, rules=rules)
    assert found.n_draws == 1
    assert set(found.probability_of_class_se.values()) == {None}


@settings(deadline=None)
@given(st.lists(st.floats(0, 20, allow_subnormal=False), min_size=1, max_size=30))
def test_invariants(rules, prognosis):
    found = absolute_shortfall(prognosis, age=61, rules=rules, population=TWENTY)
    assert sum(found.probability_of_class.values()) == pytest.approx(1.0, rel=1e-14)
    assert np.abs(found.shortfall_rounded - found.shortfall).max() <= 0.005 + 1e-9
    by_shortfall = np.argsort(found.shortfall)
    assert (np.diff(found.severity_class[by_shortfall]) >= 0).all()
    assert (np.diff(found.wtp[by_shortfall]) >= 0).all()


def test_undiscounted_qalys_of_the_comparator_are_used(rules):
    run = Outcomes.from_arrays(
        ["standard", "new"],
        cost=np.zeros((2, 2)),
        qaly=np.full((2, 2), 3.0),
        life_years=np.full((2, 2), 3.0),
        cost_undiscounted=np.zeros((2, 2)),
        qaly_undiscounted=[[11.0, 13.0], [15.0, 16.0]],
        life_years_undiscounted=np.full((2, 2), 20.0),
    )
    found = absolute_shortfall(run["standard"], age=61, rules=rules)
    np.testing.assert_allclose(found.shortfall, [9.8, 7.8], rtol=1e-14)
    assert found.provenance["prognosis"] == "standard"
    with pytest.raises(ResultError, match=r"several strategies.*outcomes\['standard'\]"):
        absolute_shortfall(run, age=61, rules=rules)


def test_better_than_the_population_is_a_counted_warning(rules):
    with pytest.warns(PrioriteringWarning, match="negative in 2 of 3 draws and at the mean"):
        found = absolute_shortfall([22.0, 21.0, 19.0], age=61, rules=rules, population=TWENTY)
    assert found.severity_class.tolist() == [1, 1, 1]
    with pytest.warns(PrioriteringWarning, match="negative in 1 of 2 draws: the patients"):
        absolute_shortfall([21.0, 1.0], age=61, rules=rules, population=TWENTY)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        none = absolute_shortfall(20.0 + 1e-12, age=61, rules=rules, population=TWENTY)
    assert str(none.expected.shortfall_rounded) == "0.0"


def test_age_of_own_population_must_be_the_age_asked(rules):
    with pytest.raises(ResultError, match="expected age 60; found age 61"):
        absolute_shortfall(15.0, age=60, rules=rules, population=TWENTY)


@pytest.mark.parametrize("prognosis", [np.nan, [1.0, np.inf], [], [[1.0, 2.0]]])
def test_bad_prognosis(rules, prognosis):
    with pytest.raises(ResultError, match="cannot be remaining QALYs"):
        absolute_shortfall(prognosis, age=61, rules=rules)


def test_dictionary_is_plain_and_complete(rules):
    found = absolute_shortfall(15.89, age=61, rules=rules).to_dict()
    assert json.loads(json.dumps(found))["absolute_shortfall"] == 4.91
    assert {
        "qalys_population",
        "qalys_prognosis",
        "absolute_shortfall",
        "proportional_shortfall",
        "severity_class",
        "weight",
        "wtp",
        "method",
        "source",
        "second_hand",
    } <= found.keys()
    assert found["levels_source"].startswith("På ramme alvor")
    assert found["levels_second_hand"] is True
    confirmed = rules.with_rule("severity", rules.severity, source="read in the original")
    own = absolute_shortfall(15.0, age=61, rules=confirmed).to_dict()
    assert "read in the original" in own["levels_source"]
    assert own["levels_second_hand"] is False
    assert found["qalys_population"] == 20.8
    assert found["wtp"] == 385_000


def test_frame_freeze_and_pickle(rules):
    given_by_caller = np.array([15.0, 11.0])
    found = absolute_shortfall(given_by_caller, age=61, rules=rules)
    assert given_by_caller.flags.writeable
    assert found.to_frame()["severity_class"].tolist() == [2, 3]
    assert list(found.to_frame().columns)[:2] == ["draw", "prognosis"]
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.wtp, found.wtp)
    assert again.expected == found.expected
    for result in (found, again):
        with pytest.raises(ValueError, match="read-only"):
            result.wtp[0] = 0
        with pytest.raises(TypeError, match="item assignment"):
            result.provenance["strategy"] = "another"
    with pytest.raises(FrozenInstanceError):
        found.population = TWENTY
    assert repr(found).startswith(
        "Severity(shortfall 7.8 QALYs at age 61, class 2, 385000 per QALY"
    )


@pytest.mark.parametrize("age", ["61", None, np.nan, -1])
def test_an_age_is_a_number(rules, age):
    message = f"not an age; expected finite years, 0 or more; found {age!r}"
    with pytest.raises(ResultError, match=message):
        absolute_shortfall(15.0, age=age, rules=rules)
    with pytest.raises(ResultError, match=message):
        absolute_shortfall(15.0, age=age, rules=rules, population=TWENTY)
    with pytest.raises(ResultError, match=message):
        PopulationQalys(20.0, age=age, source="a round number")


def test_severity_needs_undiscounted_qalys(rules):
    run = Outcomes.from_arrays(["old", "new"], cost=[[1.0], [2.0]], qaly=[[7.0], [8.0]])
    with pytest.raises(ResultError, match=r"qaly_undiscounted was not given.*strategy"):
        absolute_shortfall(run["old"], age=61, rules=rules)


def test_how_the_prognosis_was_drawn_is_carried_and_noted(rules):
    drawn = {"method": "sobol", "assumptions": ["u_stable"]}
    outcomes = Outcomes.from_arrays(
        ["standard"],
        cost=np.ones((1, 8)),
        qaly=np.ones((1, 8)),
        qaly_undiscounted=np.linspace(8, 9, 8)[None],
        provenance={"draws": drawn},
    )
    severity = absolute_shortfall(outcomes["standard"], age=61, rules=rules)
    assert severity.provenance["draws"]["method"] == "sobol"
    notes = " ".join(severity.table().attrs["notes"])
    assert "upper" in notes
    assert "u_stable" in notes


@pytest.mark.parametrize("prognosis", ["much", [[1.0], [2.0, 3.0]]])
def test_a_prognosis_that_is_not_numbers_is_refused(rules, prognosis):
    with pytest.raises(ResultError, match="the prognosis is not numbers"):
        absolute_shortfall(prognosis, age=61, rules=rules)


@pytest.mark.parametrize("rules", ["no", None])
def test_rules_that_are_no_guideline_are_refused(rules):
    for call in (
        lambda: absolute_shortfall(10.0, age=61, rules=rules),
        lambda: absolute_shortfall_by_age(10.0, ages=[61], rules=rules),
        lambda: absolute_shortfall_over_ages(10.0, lowest=60, highest=62, rules=rules),
    ):
        with pytest.raises(ResultError, match=r"rules is of another kind.*guideline\('no'"):
            call()


def test_a_truth_value_is_neither_age_nor_risk(rules):
    with pytest.raises(ResultError, match="not an age"):
        absolute_shortfall(10.0, age=True, rules=rules)
    with pytest.raises(ResultError, match="no probability"):
        severity_of_prevention(
            10.0, method="everybody reached", age_at_onset=61, age_at_measure=50, risk=True,
            rules=rules,
        )  # fmt: skip


def test_a_shortfall_that_rounds_to_0_is_not_called_negative_at_the_mean(rules):
    population = PopulationQalys(20.0, 61, "a round number")
    with pytest.warns(PrioriteringWarning, match=r"in 1 of 2 draws: the patients"):
        absolute_shortfall([19.998, 20.006], age=61, rules=rules, population=population)
