"""Scenarios: values, conventions and models, each equal to a run of its own."""

import pickle

import numpy as np
import pytest

import prioritering as pr
from prioritering.errors import ParameterError, ResultError, UnknownNameError
from prioritering.psa.sensitivity import Scenario, scenarios
from tests.models import sick_sicker

from .conftest import Formula, alone, assert_equal_to


def test_each_scenario_equals_a_run_of_its_own(model, question, params):
    shorter = sick_sicker.model(horizon=pr.years(20))
    other = params.replace(u_S1=pr.beta(mean=0.6, se=0.05))
    model.n_draws.clear()
    found = scenarios(
        model,
        scenarios={
            "cheap": Scenario("A lower price.", values={"c_trtB": 9_000.0}),
            "not discounted": Scenario(discounting=pr.Discounting.none()),
            "20 years": Scenario(model=shorter),
            "worse": Scenario(values={"u_S1": 0.7, "u_S2": 0.4}),
            "new study": Scenario(params=other, values={"u_S2": 0.45}),
            "effects": Scenario(discounting_effects=pr.Discounting.flat(0.015)),
        },
        **question,
    )
    assert model.n_draws == [3, 1, 1, 1]
    assert_equal_to(found.base, alone(question, model))
    assert_equal_to(found["cheap"].result, alone(question, model, c_trtB=9_000.0))
    assert_equal_to(found["worse"].result, alone(question, model, u_S1=0.7, u_S2=0.4))
    none = {**question, "discounting": pr.Discounting.none()}
    assert_equal_to(found["not discounted"].result, alone(none, model))
    assert_equal_to(found["new study"].result, alone(question, model, other, u_S2=0.45))
    run = shorter.run(params.expected(), discounting=question["discounting"])
    row = pr.compare(run, reference="Standard of care", wtp=80_000).pairwise[1]
    assert_equal_to(found["20 years"].result, row)
    assert [row.name for row in found.rows][:2] == ["cheap", "not discounted"]
    cheap = found["cheap"]
    assert cheap.nmb_difference == cheap.result.nmb - found.base.nmb
    assert not cheap.decision_changes
    assert found["effects"].qaly_difference > 0 == found["effects"].cost_difference
    frame = found.to_frame()
    assert frame.scenario[0] == "base case"
    assert frame.nmb_difference.isna().tolist() == [True] + [False] * 6
    again = pickle.loads(pickle.dumps(found))
    assert again["cheap"].result == cheap.result
    assert again["cheap"].changes == {"c_trtB": 9_000.0}


def test_without_willingness_to_pay_there_is_no_net_benefit(model, question):
    found = scenarios(
        model, scenarios={"a": Scenario(values={"u_S1": 0.7})}, **{**question, "wtp": None}
    )
    assert (found["a"].nmb_difference, found["a"].decision_changes) == (None, None)
    assert found.to_frame().nmb.isna().all()


def test_joint_parameters_are_given_whole_or_by_component():
    params = pr.Parameters(p=pr.dirichlet({"A": 1, "B": 1, "C": 2}), x=1.0)
    found = scenarios(
        Formula(lambda p: p.p.A + 10 * p.p.B + p.x),
        params=params,
        reference="old",
        scenarios={
            "whole": Scenario(values={"p": {"A": 0.2, "B": 0.3, "C": 0.5}}),
            "part": Scenario(values={"p.A": 0.4, "x": 2}),
        },
    )
    assert found["whole"].result.incremental_cost == pytest.approx(0.2 + 3 + 1, rel=1e-14)
    assert found["part"].result.incremental_cost == pytest.approx(0.4 + 10 * 0.2 + 2, rel=1e-14)


def test_rules_are_part_of_a_scenario(model, question):
    rules = pr.guideline("no", as_of="2026-11-01")
    found = scenarios(
        model,
        scenarios={"4 %": Scenario(rules=rules, options={"discounting": rules.discounting})},
        **question,
    )
    four = {**question, "discounting": rules.discounting}
    assert_equal_to(found["4 %"].result, alone(four, model))
    assert found["4 %"].changes["rules"] == rules.id


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({}, ResultError, "no scenario"),
        ({"a": {"u_S1": 0.2}}, ResultError, "scenario 'a' is of another kind.*Scenario"),
        ({"a": Scenario("words only")}, ResultError, "scenario 'a' changes nothing"),
        ({"a": Scenario(values={"uu": 1.0})}, UnknownNameError, "unknown parameter 'uu'"),
        ({"a": Scenario(values={"u_S1": "1"})}, ParameterError, "u_S1 is not a number.*'a'"),
        ({"a": Scenario(values={"u_S1": np.nan})}, ParameterError, "u_S1 is not finite"),
        ({"a": Scenario(values={"u_S1": {"x": 1.0}})}, ParameterError, "not name its components"),
    ],
)
def test_what_is_no_scenario_is_refused(model, question, given, error, says):
    with pytest.raises(error, match=says):
        scenarios(model, scenarios=given, **question)


def test_a_joint_parameter_is_given_once():
    params = pr.Parameters(p=pr.dirichlet({"A": 1, "B": 1}))
    values = {"p": {"A": 0.2, "B": 0.8}, "p.A": 0.4}
    with pytest.raises(ParameterError, match=r"p is given twice.*scenario 'a'"):
        scenarios(
            Formula(lambda p: p.p.A), params=params, reference="old",
            scenarios={"a": Scenario(values=values)},
        )  # fmt: skip


def test_another_model_must_have_the_strategies(model, question):
    other = Formula(lambda p: p.u_S1)
    with pytest.raises(UnknownNameError, match="unknown reference 'Standard of care'"):
        scenarios(model, scenarios={"a": Scenario(model=other)}, **question)
