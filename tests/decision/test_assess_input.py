"""What the assessment refuses, and what it warns about."""

from dataclasses import replace

import numpy as np
import pytest

from prioritering.decision import Estimate, assess
from prioritering.decision.uncertainty.indices import estimate
from prioritering.errors import (
    PrioriteringWarning,
    ResultError,
    UnknownNameError,
)
from prioritering.outcomes import Outcomes
from prioritering.severity import PopulationQalys, absolute_shortfall


def test_an_estimate_needs_two_draws():
    assert estimate(np.array([1.0, 3.0])) == Estimate(2.0, 1.0)
    with pytest.raises(ResultError, match="two draws or more; found 1"):
        estimate(np.array([1.0]))


def test_bad_questions(increments, severity_of, rules):
    outcomes = increments(np.array([1.0, 2.0, 3.0]), 1.0)
    severity = severity_of()
    with pytest.raises(UnknownNameError, match=r"unknown reference 'standrad'.*'standard'"):
        assess(outcomes, severity, rules, reference="standrad")
    with pytest.raises(UnknownNameError, match=r"unknown option 'nwe'.*'new'"):
        assess(outcomes, severity, rules, reference="standard", option="nwe")
    with pytest.raises(ResultError, match=r"expected one of 'new'; found 'standard'"):
        assess(outcomes, severity, rules, reference="standard", option="standard")
    with pytest.raises(ResultError, match=r"one draw.*sampled parameters"):
        assess(increments(np.array([1.0]), 1.0), severity, rules, reference="standard")
    with pytest.raises(ResultError, match=r"3 amounts, one per draw.*found 2.*same run"):
        assess(outcomes, severity_of([5.0, 6.0]), rules, reference="standard")
    for adjustment in (-385e3, np.nan, "x"):
        with pytest.raises(ResultError, match="above -385000 per QALY"):
            assess(outcomes, severity, rules, reference="standard", wtp_adjustment=adjustment)


def test_severity_must_be_that_of_the_reference(run, rules):
    qaly = np.array([[15.0, 15.5], [16.0, 16.5]])
    outcomes = run([[1.0, 2.0], [3.0, 4.0]], qaly)
    wrong = absolute_shortfall(outcomes["new"], age=61, rules=rules)
    with pytest.raises(ResultError, match=r"under 'standard'; found that under 'new'.*outcomes\["):
        assess(outcomes, wrong, rules, reference="standard")
    right = absolute_shortfall(outcomes["standard"], age=61, rules=rules)
    assert assess(outcomes, right, rules, reference="standard").severity is right


def test_severity_from_another_age_is_a_warning(severity_of, rules):
    arrays = {"cost": [[1.0, 2.0], [3.0, 4.0]], "qaly": [[1.0, 2.0], [2.0, 3.0]]}
    for age in (61, 50):
        outcomes = Outcomes.from_arrays(["standard", "new"], **arrays, provenance={"age": age})
        if age == 61:
            assess(outcomes, severity_of(), rules, reference="standard")
            continue
        with pytest.warns(PrioriteringWarning, match=r"from age 61, but .* starts at age 50"):
            assess(outcomes, severity_of(), rules, reference="standard")


def test_arguments_of_another_kind_are_told(increments, severity_of, rules):
    outcomes = increments(np.array([1.0, 2.0]), 1.0)
    with pytest.raises(ResultError, match=r"severity.*expected Severity; found NoneType.*absolute"):
        assess(outcomes, None, rules, reference="standard")
    with pytest.raises(ResultError, match=r"rules.*expected Guideline; found str.*guideline\("):
        assess(outcomes, severity_of(), "no", reference="standard")
    with pytest.raises(ResultError, match=r"expected Outcomes; found tuple.*from_arrays"):
        assess(([1.0], [2.0]), severity_of(), rules, reference="standard")


def test_severity_of_other_draws_than_the_run_is_refused(rules, increments):
    """Each draw is judged by its own class, so the draws must be the same."""
    out = increments([1e5, 2e5, 1.5e5], [1.0, 1.2, 0.8])
    seeded = [replace(out, provenance={"draws": {"seed": seed}}) for seed in (1, 2)]
    thirty = PopulationQalys(value=30.0, age=61, source="a round number")
    theirs = absolute_shortfall(seeded[1]["standard"], age=61, rules=rules, population=thirty)
    with pytest.raises(ResultError, match=r"other draws than the run.*seed 1.*seed 2"):
        assess(seeded[0], theirs, rules, reference="standard")
    assert assess(seeded[1], theirs, rules, reference="standard").n_draws == 3


def test_criteria_that_are_no_cut_offs_by_name_are_refused(rules, increments, severity_of):
    out = increments([1e5, 2e5], [1.0, 1.2])
    with pytest.raises(ResultError, match="criteria are of another kind"):
        assess(out, severity_of(), rules, reference="standard", criteria=[0.1])
