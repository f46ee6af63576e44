import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.decision.agreements import (
    FlatDiscount,
    FreeInitiation,
    OutcomeRefund,
    PatientCap,
    priced,
)
from prioritering.decision.agreements.priced import FOLLOW_UP
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes
from tests.decision_agreements.conftest import FOUR, MID_YEAR, N_DRAWS

SHARES = st.floats(0.0, 1.0)
RTOL = 1e-12


def drug(result):
    return result.outcomes.cost_by_category[0, 1]


def test_a_discount_takes_its_share_of_one_category_of_one_option(outcomes, yearly, applied):
    after = applied(FlatDiscount(0.25, "drug"))
    expected = outcomes.cost_by_category.copy()
    expected[0, 1] *= 0.75
    np.testing.assert_allclose(after.outcomes.cost_by_category, expected, rtol=RTOL)
    np.testing.assert_allclose(
        after.outcomes.cost_by_category_undiscounted[0, 1],
        0.75 * outcomes.cost_by_category_undiscounted[0, 1],
        rtol=RTOL,
    )
    np.testing.assert_allclose(
        after.yearly.cost_by_category[0, 1], 0.75 * yearly.cost_by_category[0, 1], rtol=RTOL
    )
    assert (after.outcomes.qaly == outcomes.qaly).all()
    assert after.outcomes.provenance["agreements"] == ("FlatDiscount",)


def test_a_discount_serves_results_without_years(outcomes):
    bare = Outcomes.from_arrays(["old", "new"], cost=[[10.0], [100.0]], qaly=[[1.0], [2.0]])
    after = FlatDiscount(0.4, "total").apply(bare, option="new", discounting=FOUR)
    assert after.outcomes.cost[:, 0].tolist() == [10.0, 60.0]


@given(first=SHARES, second=SHARES)
def test_discounts_one_after_the_other_multiply(outcomes, applied, first, second):
    both = FlatDiscount(first, "drug").then(FlatDiscount(second, "drug"))
    left = (1 - first) * (1 - second)
    np.testing.assert_allclose(
        drug(applied(both)), left * outcomes.cost_by_category[0, 1], rtol=1e-10, atol=1e-6
    )


@pytest.mark.parametrize(("months", "full", "part"), [(6, 0, 0.5), (12, 1, 0.0), (18, 1, 0.5)])
def test_free_months_take_whole_years_and_a_part(applied, yearly, months, full, part):
    after = applied(FreeInitiation(months, "drug"))
    left = np.ones(6)
    left[:full] = 0.0
    left[full] -= part
    by_year = yearly.cost_by_category[0, 1] * left
    np.testing.assert_allclose(after.yearly.cost_by_category[0, 1], by_year, rtol=RTOL)
    np.testing.assert_allclose(drug(after), by_year @ MID_YEAR, rtol=RTOL)
    np.testing.assert_allclose(
        after.outcomes.cost_by_category_undiscounted[0, 1], by_year.sum(axis=1), rtol=RTOL
    )


def test_free_doses_are_a_share_where_there_are_no_years(outcomes):
    agreement = FreeInitiation(3, "drug", share_of_cost=0.1)
    after = agreement.apply(outcomes, option="new", discounting=FOUR)
    np.testing.assert_allclose(drug(after), 0.9 * outcomes.cost_by_category[0, 1], rtol=RTOL)


def test_a_cap_holds_per_treated_patient(applied, treated):
    after = applied(PatientCap(200_000, "drug", treated="years treated"))
    np.testing.assert_allclose(after.yearly.cost_by_category[0, 1], 200_000 * treated, rtol=RTOL)
    np.testing.assert_allclose(drug(after), 200_000 * treated @ MID_YEAR, rtol=RTOL)


def test_a_cap_with_shares_given_counts_every_starter_as_they_say(applied, treated):
    after = applied(PatientCap(200_000, "drug", treated=[1.0] * 6))
    expected = np.minimum(300_000 * treated, 200_000)
    np.testing.assert_allclose(after.yearly.cost_by_category[0, 1], expected, rtol=RTOL)


def test_a_cap_counts_its_categories_together(applied, treated):
    after = applied(PatientCap(175_000, ("drug", "care"), treated="years treated"))
    total = after.yearly.cost_by_category[:, 1].sum(axis=0)
    np.testing.assert_allclose(total, 175_000 * treated, rtol=RTOL)


def test_a_refund_pays_back_what_those_without_response_have_cost(applied, outcomes, yearly):
    response = np.linspace(0.2, 0.8, N_DRAWS)
    agreement = OutcomeRefund(
        response, "drug", measured_at=1.5, refund=0.5, administration=4_000, hours=2.5
    )
    after = applied(agreement)
    by_year = yearly.cost_by_category[0, 1]
    back = (1 - response) * 0.5 * (by_year[:, 0] + 0.5 * by_year[:, 1])
    factor = 1.04**-1.5
    np.testing.assert_allclose(
        drug(after), outcomes.cost_by_category[0, 1] - back * factor, rtol=RTOL
    )
    np.testing.assert_allclose(
        after.yearly.cost_by_category[0, 1, :, 1], by_year[:, 1] - back, rtol=RTOL
    )
    assert after.outcomes.cost_categories[-1] == FOLLOW_UP
    np.testing.assert_allclose(after.outcomes.cost_by_category[-1, 1], 4_000 * factor, rtol=RTOL)
    assert (after.outcomes.cost_by_category[-1, 0] == 0).all()
    assert after.hours == 2.5


def test_staff_hours_change_no_cost(applied):
    terms = {"measured_at": 1.0, "refund": 1.0}
    without = applied(OutcomeRefund(0.6, "drug", **terms))
    with_hours = applied(OutcomeRefund(0.6, "drug", hours=40.0, **terms))
    assert (without.outcomes.cost == with_hours.outcomes.cost).all()


def test_order_matters_for_a_cap(applied, treated):
    cap = PatientCap(200_000, "drug", treated="years treated")
    discount = FlatDiscount(0.1, "drug")
    first = applied(discount.then(cap)).yearly.cost_by_category[0, 1]
    last = applied(cap.then(discount)).yearly.cost_by_category[0, 1]
    np.testing.assert_allclose(first, 200_000 * treated, rtol=RTOL)
    np.testing.assert_allclose(last, 180_000 * treated, rtol=RTOL)


@given(
    share=SHARES,
    months=st.floats(0.1, 60.0),
    cap=st.floats(0.0, 1e6),
    response=SHARES,
    refund=SHARES,
)
def test_no_agreement_makes_a_drug_dearer_or_its_price_negative(
    applied, outcomes, share, months, cap, response, refund
):
    agreement = (
        FlatDiscount(share, "drug")
        .then(FreeInitiation(months, "drug"))
        .then(PatientCap(cap, "drug", treated="years treated"))
        .then(OutcomeRefund(response, "drug", measured_at=1.0, refund=refund))
    )
    after = drug(applied(agreement))
    assert (after <= outcomes.cost_by_category[0, 1] * (1 + 1e-12)).all()
    # the refund is paid at the end of the year whose cost, in mid-year, it gives back
    assert (after >= -1e-6).all()


def test_agreements_and_results_survive_pickle(applied):
    agreement = FlatDiscount(0.25, "drug").then(
        OutcomeRefund([0.5] * N_DRAWS, "drug", measured_at=1.0, refund=1.0)
    )
    copy = pickle.loads(pickle.dumps(agreement))
    after = pickle.loads(pickle.dumps(applied(copy)))
    assert (drug(after) == drug(applied(agreement))).all()
    assert not after.outcomes.cost_by_category.flags.writeable


@pytest.mark.parametrize("share", [-0.01, 1.01, np.nan, "a quarter", True])
def test_a_discount_outside_0_to_1_is_refused(share):
    with pytest.raises(ResultError, match=r"discount out of range; expected a share from 0 to 1"):
        FlatDiscount(share, "drug")


@pytest.mark.parametrize("amount", [-1.0, np.inf])
def test_a_negative_or_infinite_cap_is_refused(amount):
    with pytest.raises(ResultError, match=r"cap out of range; expected a finite amount of 0"):
        PatientCap(amount, "drug", treated=[1.0])


@pytest.mark.parametrize("response", [-0.1, 1.2, [0.5, 1.5], [0.5, np.nan], []])
def test_a_response_outside_0_to_1_is_refused(response):
    with pytest.raises(ResultError, match=r"response out of range; expected .*0 to 1"):
        OutcomeRefund(response, "drug", measured_at=1.0, refund=1.0)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"measured_at": 0.0, "refund": 1.0}, "measured_at out of range.*above 0"),
        ({"measured_at": 1.0, "refund": 1.1}, "refund out of range"),
        ({"measured_at": 1.0, "refund": 1.0, "hours": -1}, "staff hours out of range"),
        ({"measured_at": 1.0, "refund": 1.0, "administration": -1}, "cost of administration"),
    ],
)
def test_terms_of_a_refund_are_checked(terms, message):
    with pytest.raises(ResultError, match=message):
        OutcomeRefund(0.5, "drug", **terms)


def test_shares_treated_are_one_for_each_year(applied):
    with pytest.raises(ResultError, match=r"other years than the costs; expected 6 shares.*1"):
        applied(PatientCap(1.0, "drug", treated=[1.0]))


def test_responses_of_other_draws_are_refused(applied):
    with pytest.raises(ResultError, match=r"responses of other draws.*or 400 of them.*2 numbers"):
        applied(OutcomeRefund([0.5, 0.6], "drug", measured_at=1.0, refund=1.0))


def test_response_after_the_last_year_is_refused(applied):
    with pytest.raises(ResultError, match=r"after the last year of costs; expected at most 6"):
        applied(OutcomeRefund(0.5, "drug", measured_at=7.0, refund=1.0))


def test_an_unknown_category_names_the_nearest(applied):
    with pytest.raises(UnknownNameError, match=r"unknown cost category 'drugs'.*'drug'"):
        applied(FlatDiscount(0.25, "drugs"))


def test_categories_named_twice_are_refused():
    with pytest.raises(ResultError, match="each once"):
        FlatDiscount(0.25, ("drug", "drug"))


def test_an_unknown_resource_or_option_is_refused(applied, outcomes):
    with pytest.raises(UnknownNameError, match=r"unknown resource 'years'.*'years treated'"):
        applied(PatientCap(1.0, "drug", treated="years"))
    with pytest.raises(UnknownNameError, match=r"unknown strategy 'nwe'.*'new'"):
        FlatDiscount(0.1, "drug").apply(outcomes, option="nwe", discounting=FOUR)


def test_an_agreement_over_time_needs_years(outcomes):
    for agreement in (
        FreeInitiation(6, "drug"),
        OutcomeRefund(0.5, "drug", measured_at=1.0, refund=1.0),
        PatientCap(1.0, "drug", treated=[1.0]),
    ):
        with pytest.raises(ResultError, match=r"no yearly costs.*yearly="):
            agreement.apply(outcomes, option="new", discounting=FOUR)


def test_free_months_with_years_and_a_share_are_two_answers(applied):
    with pytest.raises(ResultError, match=r"two answers.*found both"):
        applied(FreeInitiation(6, "drug", share_of_cost=0.1))


def test_years_that_leave_some_out_are_refused(applied, yearly):
    short = YearlyOutcomes.from_arrays(
        yearly.strategies,
        cost=dict(zip(yearly.cost_categories, yearly.cost_by_category[..., :3], strict=True)),
    )
    with pytest.raises(ResultError, match=r"do not sum to the undiscounted total.*over 3 years"):
        applied(FreeInitiation(6, "drug"), yearly=short)


def test_years_of_other_draws_are_refused(outcomes, yearly):
    fewer = YearlyOutcomes.from_arrays(
        yearly.strategies,
        cost=dict(zip(yearly.cost_categories, yearly.cost_by_category[:, :, :9], strict=True)),
    )
    with pytest.raises(ResultError, match=r"other draws than the totals.*expected 400.*found 9"):
        priced(outcomes, option="new", discounting=FOUR, yearly=fewer)


def test_years_of_another_seed_are_refused(outcomes, yearly):
    ours = replace(outcomes, provenance={"draws": {"seed": 1}})
    theirs = replace(yearly, provenance={"draws": {"seed": 2}})
    with pytest.raises(ResultError, match=r"other draws than the totals.*'seed': 1.*'seed': 2"):
        priced(ours, option="new", discounting=FOUR, yearly=theirs)


def test_years_of_other_categories_are_refused(outcomes, yearly):
    other = YearlyOutcomes.from_arrays(yearly.strategies, cost=yearly.cost)
    with pytest.raises(ResultError, match=r"other cost categories than the totals"):
        priced(outcomes, option="new", discounting=FOUR, yearly=other)


@pytest.mark.parametrize("patients", [[-1.0], [np.nan], [], 5.0, "many"])
def test_patients_are_numbers_by_year(outcomes, patients):
    with pytest.raises(ResultError, match=r"patients out of range.*one for each year"):
        priced(outcomes, option="new", discounting=FOUR, patients=patients)
