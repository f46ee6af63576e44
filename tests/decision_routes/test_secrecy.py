"""Every route says when its numbers rest on a secret price."""

from dataclasses import replace

import pytest

from prioritering.decision import assess
from prioritering.decision.agreements import FlatDiscount
from prioritering.decision.publication import CONFIDENTIAL
from prioritering.decision.routes import (
    Subgroup,
    cost_minimisation,
    exceptional_patient,
    mini_hta,
    small_group,
    subgroups,
)

PAIR = {"reference": "standard", "option": "new"}


@pytest.fixture(scope="module", params=[True, False], ids=["secret", "open"])
def run(request, outcomes):
    mark = {CONFIDENTIAL: "the price under agreement"} if request.param else {}
    return replace(outcomes, provenance={**outcomes.provenance, **mark})


def marked(result):
    return CONFIDENTIAL in result.provenance


def test_small_groups_and_minimisation(run, severity, rules):
    secret = marked(run)
    assert marked(small_group(run, severity, rules, **PAIR)) == secret
    found = cost_minimisation(run, **PAIR, margin=9.0, reason="a test")
    assert marked(found) == secret


def test_a_form_is_as_secret_as_its_results(run, severity, rules):
    decision = assess(run, severity, rules, **PAIR)
    group = small_group(run, severity, rules, **PAIR)
    for given in ({"decision": decision}, {"small_group": group}):
        assert marked(mini_hta("Drug", {}, setting="hospital", **given)) == marked(run)
    assert not marked(mini_hta("Drug", {}, setting="hospital"))


def test_one_secret_subgroup_marks_them_all(run, outcomes, severity, rules):
    found = subgroups(
        Subgroup(outcomes=outcomes),
        {"women": Subgroup(outcomes=run)},
        rules,
        severity=severity,
        **PAIR,
    )
    assert marked(found) == marked(run)


@pytest.mark.parametrize("confidential", [True, False])
def test_a_patient_at_the_price_under_agreement(outcomes, rules, confidential):
    one = Subgroup(outcomes=outcomes, age=50)
    price = FlatDiscount(0.3, ["drug"], confidential=confidential)
    found = exceptional_patient(one, one, rules, **PAIR, why="rare variant", price=price)
    assert marked(found) == marked(found.patient) == marked(found.group) == confidential
    assert found.confidential == confidential


def test_a_patient_at_results_that_are_secret_already(run, rules):
    one = Subgroup(outcomes=run, age=50)
    found = exceptional_patient(one, one, rules, **PAIR, why="rare variant")
    assert found.confidential == marked(run)
