"""Patients and market shares that cannot be, each refused by name."""

import numpy as np
import pytest

from prioritering.decision.budget.patients import MarketShares, Patients
from prioritering.errors import ResultError


@pytest.mark.parametrize(
    ("patients", "message"),
    [
        ({"incidence": -1, "uptake": 1}, r"incidence out of range.*0 or more.*-1"),
        ({"incidence": [1, np.nan], "uptake": 1}, r"incidence out of range \(year 2, draw 0\)"),
        ({"incidence": 1, "prevalence": np.inf, "uptake": 1}, r"prevalence out of range"),
        ({"incidence": 1, "uptake": [0.5, 1.2]}, r"uptake out of range \(year 2.*0 % to 100 %"),
        ({"incidence": 1, "uptake": -0.1}, r"uptake out of range.*-0.1"),
        ({"incidence": 1, "uptake": np.nan}, r"uptake out of range"),
        ({"incidence": 1, "uptake": 0.5, "uptake_without": 1.1}, r"uptake_without out of range"),
        ({"incidence": 1}, r"either an uptake or market shares.*neither"),
        ({"incidence": "many", "uptake": 1}, r"incidence is not numbers"),
        ({"incidence": np.ones((1, 2, 3)), "uptake": 1}, r"incidence has the wrong shape"),
    ],
)
def test_bad_patients_are_refused(patients, message):
    with pytest.raises(ResultError, match=message):
        Patients(**patients)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"a": [0.5, 0.5], "b": [0.5, 0.4]}, r"do not add up to 1 \(world with.*year 2.*found 0.9"),
        ({"a": 1.1}, r"share of 'a' out of range \(world with the decision"),
        ({}, r"no market shares"),
        ({"a": [0.5, 0.5], "b": [0.5, 0.5, 0.5]}, r"another number of calendar years"),
    ],
)
def test_bad_market_shares_are_refused(shares, message):
    with pytest.raises(ResultError, match=message):
        MarketShares(with_decision=shares, without={"a": 1.0})


def test_market_shares_beside_an_uptake_are_refused():
    shares = MarketShares(with_decision={"a": 1.0}, without={"a": 1.0})
    with pytest.raises(ResultError, match=r"either an uptake or market shares.*both"):
        Patients(incidence=1, uptake=0.5, shares=shares)
    with pytest.raises(ResultError, match=r"uptake_without has no meaning"):
        Patients(incidence=1, uptake_without=0.5, shares=shares)
