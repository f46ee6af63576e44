import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.decision.agreements import (
    FlatDiscount,
    FreeInitiation,
    NationalCap,
    PatientCap,
    VolumeSteps,
)
from prioritering.errors import ResultError, UnknownNameError
from tests.decision_agreements.conftest import FOUR

PATIENTS = np.array([100.0, 120.0, 80.0])
STEPS = ((0, 100, 0.0), (100, 250, 0.2), (250, math.inf, 0.5))
RTOL = 1e-12


def steps(steps=STEPS, basis="units in the step", per_patient="years treated"):
    return VolumeSteps(steps, "drug", basis=basis, unit="patients", per_patient=per_patient)


def by_calendar_year(per_patient, patients):
    """Twin of the sum over cohorts, one patient year at a time."""
    total = np.zeros((*per_patient.shape[:-1], patients.size))
    for start in range(patients.size):
        for year in range(per_patient.shape[-1]):
            if start + year < patients.size:
                total[..., start + year] += patients[start] * per_patient[..., year]
    return total


def paid_per_unit(volume):
    """Price of the units one by one, as a share of list price."""
    prices = [1 - d for unit in range(volume) for low, high, d in STEPS if low <= unit < high]
    return sum(prices) / volume


@pytest.mark.parametrize("volume", [1, 99, 100, 101, 250, 251, 1000])
def test_the_average_price_is_that_of_the_units_counted_one_by_one(volume):
    assert steps().factor(np.array([volume]))[0] == pytest.approx(paid_per_unit(volume), rel=1e-12)


def test_with_all_units_the_last_step_prices_every_unit():
    factor = steps(basis="all units").factor(np.array([0.0, 99.9, 100.0, 249.0, 250.0, 1e9]))
    np.testing.assert_allclose(factor, [1.0, 1.0, 0.8, 0.8, 0.5, 0.5], rtol=RTOL)


@given(volumes=st.lists(st.floats(0.0, 1e6), min_size=2, max_size=2))
def test_more_volume_never_costs_more_per_unit_nor_less_in_all(volumes):
    low, high = sorted(volumes)
    factor = steps().factor(np.array([low, high]))
    assert factor[1] <= factor[0] + 1e-12
    assert factor[1] * high >= factor[0] * low - 1e-6


def test_spending_by_calendar_year_is_that_of_the_cohorts(applied, yearly):
    spend = applied(FlatDiscount(0.0, "drug")).spend(("drug",))
    twin = by_calendar_year(yearly.cost_by_category[0, 1], PATIENTS)
    np.testing.assert_allclose(spend, twin, rtol=RTOL)


def test_steps_lower_spending_in_each_year_and_the_mean_price_of_a_patient(
    applied, outcomes, yearly, treated
):
    after = applied(steps())
    volume = by_calendar_year(treated, PATIENTS)
    factor = np.array([[steps().factor(np.array([v]))[0] for v in row] for row in volume])
    spend = by_calendar_year(yearly.cost_by_category[0, 1], PATIENTS)
    np.testing.assert_allclose(after.spend(("drug",)), factor * spend, rtol=RTOL)
    mean = (factor * spend).sum(axis=1) / spend.sum(axis=1)
    np.testing.assert_allclose(
        after.outcomes.cost_by_category[0, 1], mean * outcomes.cost_by_category[0, 1], rtol=RTOL
    )
    assert after.yearly is not None
    assert (after.yearly.cost_by_category == yearly.cost_by_category).all()


def test_without_years_the_mean_price_is_weighted_by_volume(outcomes):
    after = steps(per_patient=[1.0]).apply(
        outcomes, option="new", discounting=FOUR, patients=[50.0, 200.0]
    )
    mean = (50 * 1.0 + 200 * paid_per_unit(200)) / 250
    np.testing.assert_allclose(
        after.outcomes.cost_by_category[0, 1], mean * outcomes.cost_by_category[0, 1], rtol=RTOL
    )


def test_a_national_cap_holds_in_every_year_and_draw(applied, yearly):
    spend = by_calendar_year(yearly.cost_by_category[0, 1], PATIENTS)
    after = applied(NationalCap(45e6, "drug"))
    np.testing.assert_allclose(after.spend(("drug",)), np.minimum(spend, 45e6), rtol=RTOL)
    assert (spend > 45e6).any()
    assert (spend < 45e6).any()


def test_a_cap_after_steps_counts_the_price_after_the_steps(applied):
    stepped = applied(steps()).spend(("drug",))
    both = applied(steps().then(NationalCap(40e6, "drug"))).spend(("drug",))
    np.testing.assert_allclose(both, np.minimum(stepped, 40e6), rtol=RTOL)


def test_a_cap_of_nothing_makes_the_drug_free(applied):
    after = applied(NationalCap(0.0, "drug"))
    assert (after.spend(("drug",)) == 0).all()
    assert (after.outcomes.cost_by_category[0, 1] == 0).all()


def test_no_patients_in_a_year_leave_the_price_alone(applied):
    after = applied(NationalCap(1.0, "drug"), patients=[0.0, 0.0])
    assert (after.price_factor == 1.0).all()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (((0, 100, 0), (90, math.inf, 0.2)), "steps overlap"),
        (((0, 100, 0), (110, math.inf, 0.2)), "steps leave a gap"),
        (((10, 100, 0), (100, math.inf, 0.2)), "do not cover every volume"),
        (((0, 100, 0), (100, 200, 0.2)), "do not cover every volume"),
        (((0, 100, 0), (100, 50, 0.1), (50, math.inf, 0.2)), "a step ends before it starts"),
        ((), "do not cover every volume"),
    ],
)
def test_steps_cover_every_volume_once_and_in_order(given, problem):
    with pytest.raises(ResultError, match=rf"{problem}.*each from where the one before it ends"):
        steps(given)


def test_a_step_with_a_discount_above_one_is_refused():
    with pytest.raises(ResultError, match=r"discount of a step out of range.*1\.2"):
        steps(((0, math.inf, 1.2),))


def test_unknown_basis_and_negative_use_are_refused():
    with pytest.raises(UnknownNameError, match=r"unknown basis 'all'.*'all units'"):
        steps(basis="all")
    with pytest.raises(ResultError, match="units per patient out of range"):
        steps(per_patient=[-1.0])


def test_use_in_more_years_than_costs_is_refused(applied):
    with pytest.raises(ResultError, match=r"use in more years than there are costs.*at most 6"):
        applied(steps(per_patient=[1.0] * 7))


def test_a_negative_national_cap_is_refused():
    with pytest.raises(ResultError, match="cap out of range"):
        NationalCap(-1.0, "drug")


def test_national_agreements_need_patients(outcomes, yearly):
    for agreement in (steps(), NationalCap(1e6, "drug")):
        with pytest.raises(ResultError, match=r"no patients by calendar year.*patients="):
            agreement.apply(outcomes, option="new", discounting=FOUR, yearly=yearly)


def test_a_national_cap_needs_years(outcomes):
    with pytest.raises(ResultError, match="no yearly costs"):
        NationalCap(1e6, "drug").apply(outcomes, option="new", discounting=FOUR, patients=[10.0])


@pytest.mark.parametrize(
    "late", [FreeInitiation(6, "drug"), PatientCap(1e5, "drug", treated="years treated")]
)
def test_agreements_per_patient_come_before_national_ones(applied, late):
    with pytest.raises(ResultError, match=r"after an agreement on national volume.*per_patient"):
        applied(steps().then(late))
