"""A secret price marks what is made of it, and everything taken from that."""

import math

import pytest

from prioritering.cea import compare
from prioritering.decision import (
    Patients,
    adjustment_effect,
    assess,
    budget_impact,
    classification_probability,
    cutoff_sensitivity,
    price_analysis,
    scenario_by_price,
)
from prioritering.decision.agreements import (
    Combined,
    FlatDiscount,
    FreeInitiation,
    NationalCap,
    OutcomeRefund,
    PatientCap,
    TemporaryAdoption,
    VolumeSteps,
    compare_agreements,
)
from prioritering.decision.publication import CONFIDENTIAL, public_view, refuse_confidential
from prioritering.errors import ConfidentialError, ResultError
from tests.decision_agreements.conftest import FOUR

PAIR = {"reference": "standard", "option": "new"}
STEPS = [(0, 100, 0.0), (100, math.inf, 0.5)]


def every_kind(*, confidential):
    how = {"confidential": confidential}
    return [
        FlatDiscount(0.25, "drug", **how),
        FreeInitiation(6, "drug", **how),
        PatientCap(2e5, "drug", treated="years treated", **how),
        OutcomeRefund(0.6, "drug", measured_at=1.0, refund=1.0, administration=4e3, **how),
        VolumeSteps(STEPS, "drug", basis="all units", unit="packs", per_patient=[1.0], **how),
        NationalCap(45e6, "drug", **how),
        TemporaryAdoption(2, **how),
    ]


@pytest.fixture
def secret(applied):
    return applied(FlatDiscount(0.25, "drug"))


@pytest.mark.parametrize("agreement", every_kind(confidential=True), ids=lambda a: type(a).__name__)
def test_every_secret_agreement_marks_totals_and_years(applied, agreement):
    after = applied(agreement)
    for provenance in (after.outcomes.provenance, after.yearly.provenance):
        assert provenance[CONFIDENTIAL] == "prices under a confidential agreement"
        assert provenance["agreements"] == (type(agreement).__name__,)
        with pytest.raises(ConfidentialError, match="rests on a secret price"):
            refuse_confidential("ICER", provenance)


@pytest.mark.parametrize(
    "agreement", every_kind(confidential=False), ids=lambda a: type(a).__name__
)
def test_an_open_agreement_marks_nothing_as_secret(applied, agreement):
    after = applied(agreement)
    for provenance in (after.outcomes.provenance, after.yearly.provenance):
        assert CONFIDENTIAL not in provenance
        assert provenance["agreements"] == (type(agreement).__name__,)


@pytest.mark.parametrize("secret_first", [True, False])
def test_one_secret_part_marks_the_whole(applied, secret_first):
    parts = [FlatDiscount(0.25, "drug"), FlatDiscount(0.05, "drug", confidential=False)]
    first, second = parts if secret_first else parts[::-1]
    for both in (first.then(second), Combined((first, second))):
        after = applied(both)
        assert both.confidential
        assert CONFIDENTIAL in after.outcomes.provenance
        assert CONFIDENTIAL in after.yearly.provenance
        assert after.outcomes.provenance["agreements"] == ("FlatDiscount", "FlatDiscount")


@pytest.mark.parametrize("agreement", every_kind(confidential=True), ids=lambda a: type(a).__name__)
def test_a_secret_agreement_prints_without_its_terms(agreement):
    """Printed in a notebook or a log, terms are no longer secret."""
    assert repr(agreement) == f"{type(agreement).__name__}(confidential)"
    assert repr(agreement.then(FlatDiscount(0.1, "drug", confidential=False))) == (
        "Combined(confidential)"
    )


def test_an_open_agreement_prints_its_terms():
    flat = FlatDiscount(0.25, "drug", confidential=False)
    assert repr(flat) == "FlatDiscount(share=0.25, categories=('drug',))"
    assert repr(flat.then(TemporaryAdoption(2))).startswith(
        f"Combined(agreements=({flat!r}, TemporaryAdoption(years=2, "
    )


def test_an_assessment_later_moves_no_price_and_is_open_unless_said(applied):
    assert CONFIDENTIAL not in applied(TemporaryAdoption(2)).outcomes.provenance
    assert TemporaryAdoption(2, confidential=True).confidential


def test_the_mark_tells_no_terms(secret):
    assert "25" not in str(secret.outcomes.provenance)


def test_results_taken_from_a_secret_price_carry_the_mark(secret, severity, rules):
    out = secret.outcomes
    decision = assess(out, severity, rules, **PAIR)
    budget = budget_impact(
        secret.yearly,
        **PAIR,
        patients=Patients(incidence=(100.0, 100.0), uptake=1.0),
        groups={"drug": "drug", "care": "service"},
        rules=rules,
        years=2,
    )
    for result in (
        compare(out, reference="standard"),
        decision,
        classification_probability(decision, resamples=100).decision,
        cutoff_sensitivity(decision),
        adjustment_effect(out, severity, rules, adjustments=[-50_000], **PAIR),
        price_analysis(out, **PAIR, category="drug", price=100.0, severity=severity),
        scenario_by_price(out, severity, rules, **PAIR, factors=[0.5, 1.0]),
        budget,
    ):
        assert result.provenance[CONFIDENTIAL], type(result).__name__
        with pytest.raises(ConfidentialError):
            public_view(rules).publish("a figure", "1", result.provenance)


def test_a_comparison_is_marked_where_some_figures_are(outcomes, yearly, severity, rules):
    def compared(agreement):
        return compare_agreements(
            outcomes,
            severity,
            rules,
            **PAIR,
            agreements={"agreed": agreement},
            yearly=yearly,
            patients=[100.0] * 4,
            discounting=FOUR,
        )

    temporary = FlatDiscount(0.25, "drug").then(TemporaryAdoption(2))
    found = compared(temporary)
    assert CONFIDENTIAL in found.provenance
    assert CONFIDENTIAL not in found.results[0].decision.provenance
    assert CONFIDENTIAL in found["agreed"].decision.provenance
    assert CONFIDENTIAL in found["agreed"].timing.provenance
    assert CONFIDENTIAL not in compared(FlatDiscount(0.25, "drug", confidential=False)).provenance


def test_a_run_under_an_agreement_is_no_list_price(secret, severity, rules):
    with pytest.raises(ResultError, match=r"under an agreement already.*found FlatDiscount"):
        compare_agreements(
            secret.outcomes, severity, rules, **PAIR, agreements={"a": FlatDiscount(0.1, "drug")}
        )


def test_what_is_no_agreement_does_not_combine():
    flat = FlatDiscount(0.25, "drug")
    with pytest.raises(ResultError, match="not a combination of agreements"):
        flat.then(0.1)
    with pytest.raises(ResultError, match=r"not a combination.*such as Combined\(\(first"):
        Combined(flat)


def test_arguments_of_another_kind_are_named(outcomes, severity, rules):
    flat = FlatDiscount(0.25, "drug")
    with pytest.raises(ResultError, match=r"discounting is of another kind.*rules\.discounting"):
        flat.apply(outcomes, option="new", discounting=rules)
    with pytest.raises(ResultError, match=r"outcomes is of another kind.*found Severity"):
        flat.apply(severity, option="new", discounting=FOUR)
    with pytest.raises(ResultError, match=r"yearly is of another kind.*found Outcomes"):
        flat.apply(outcomes, option="new", discounting=FOUR, yearly=outcomes)
    with pytest.raises(ResultError, match=r"not a list of names.*found 3"):
        FlatDiscount(0.25, 3)
    with pytest.raises(ResultError, match=r"three numbers for each"):
        VolumeSteps([(0, 1)], "drug", basis="all units", unit="packs", per_patient=[1.0])
