"""Conversions against exact arithmetic, and what they refuse."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from prioritering.errors import ParameterError
from prioritering.parameters import (
    apply_hazard_ratio,
    odds_to_prob,
    prob_to_odds,
    prob_to_rate,
    rate_to_prob,
)

getcontext().prec = 60

rates = some.floats(1e-18, 50)
probs = some.floats(1e-18, 1 - 1e-9)
times = some.floats(1e-6, 10)


def exact(x: float) -> Decimal:
    return Decimal(float(x))


@settings(deadline=None)
@given(rate=rates, time=times)
def test_rate_to_prob_keeps_its_digits(rate, time):
    truth = 1 - (-exact(rate) * exact(time)).exp()
    assert rate_to_prob(rate, time) == pytest.approx(float(truth), rel=1e-13)


@settings(deadline=None)
@given(prob=probs, time=times)
def test_prob_to_rate_keeps_its_digits(prob, time):
    truth = -(1 - exact(prob)).ln() / exact(time)
    assert prob_to_rate(prob, time) == pytest.approx(float(truth), rel=1e-13)


@settings(deadline=None)
@given(prob=probs, hr=some.floats(1e-3, 20))
def test_hazard_ratio_keeps_its_digits(prob, hr):
    truth = 1 - (exact(hr) * (1 - exact(prob)).ln()).exp()
    assert apply_hazard_ratio(prob, hr) == pytest.approx(float(truth), rel=1e-13)


@settings(deadline=None)
@given(prob=probs)
def test_odds_there_and_back(prob):
    truth = exact(prob) / (1 - exact(prob))
    assert prob_to_odds(prob) == pytest.approx(float(truth), rel=1e-14)
    assert odds_to_prob(prob_to_odds(prob)) == pytest.approx(prob, rel=1e-14)


@settings(deadline=None)
@given(prob=some.floats(1e-12, 0.99), time=times)
def test_rates_there_and_back(prob, time):
    assert rate_to_prob(prob_to_rate(prob, time), time) == pytest.approx(prob, rel=1e-12)


def test_ends_of_the_ranges():
    assert rate_to_prob(0.0, 1.0) == 0.0
    assert rate_to_prob(1e308, 1e308) == 1.0
    assert rate_to_prob(3.0, 0.0) == 0.0
    assert prob_to_rate(0.0, 1.0) == 0.0
    assert prob_to_odds(0.0) == 0.0
    assert odds_to_prob(0.0) == 0.0
    assert odds_to_prob(1e308) == 1.0
    assert apply_hazard_ratio([0.0, 1.0, 0.3, 1.0], [2.0, 0.5, 0.0, 0.0]).tolist() == [0, 1, 0, 0]


def test_shapes_broadcast_and_numbers_stay_numbers():
    per_draw, per_cycle = np.array([0.1, 0.2]), np.array([[1.0], [2.0], [3.0]])
    assert rate_to_prob(per_draw, per_cycle).shape == (3, 2)
    assert apply_hazard_ratio(per_draw, per_cycle).shape == (3, 2)
    assert np.ndim(rate_to_prob(1, 2)) == 0
    assert np.ndim(apply_hazard_ratio(0.5, 2)) == 0
    assert rate_to_prob(np.array([], dtype=float), 1.0).shape == (0,)
    assert rate_to_prob(np.uint8(2), 1) == rate_to_prob(2.0, 1.0)
    assert rate_to_prob(np.float32(0.5), 1).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: rate_to_prob(-0.1, 1),
            r"rate is out of range; expected at least 0 and finite; found -0.1",
        ),
        (lambda: rate_to_prob(0.1, -1), "time is out of range.*found -1"),
        (
            lambda: rate_to_prob([0.1, np.nan, np.nan], 1),
            r"rate is out of range \(index 1\).*nan \(2 of 3",
        ),
        (lambda: rate_to_prob([0.1, np.inf], 1), r"index 1.*found inf"),
        (lambda: rate_to_prob("a", 1), "rate is not numeric"),
        (lambda: rate_to_prob([True], 1), "rate is not numeric"),
        (
            lambda: prob_to_rate(1.0, 1),
            "probability is out of range.*at least 0 and below 1; found 1",
        ),
        (lambda: prob_to_rate([0.1, 1.5], 1), r"probability is out of range \(index 1\)"),
        (
            lambda: prob_to_rate(0.5, 0),
            "time is out of range; expected above 0 and finite; found 0",
        ),
        (lambda: prob_to_odds(1.0), "below 1"),
        (lambda: prob_to_odds(-1e-12), "at least 0 and below 1; found -1e-12"),
        (lambda: odds_to_prob(-1), "odds is out of range"),
        (lambda: odds_to_prob(np.inf), "odds is out of range.*finite; found inf"),
        (lambda: apply_hazard_ratio(1.1, 1), "probability is out of range.*at most 1; found 1.1"),
        (lambda: apply_hazard_ratio(0.5, -1), "hazard ratio is out of range"),
        (
            lambda: apply_hazard_ratio([[0.5, 0.5], [0.5, -2.0]], 1),
            r"index \(1, 1\).*found -2.0 \(1 of 4 values\)",
        ),
    ],
)
def test_numbers_outside_are_refused_with_their_place(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
