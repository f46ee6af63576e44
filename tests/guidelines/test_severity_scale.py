from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.errors import GuidelineError, ResultError
from prioritering.guidelines import SeverityClass, SeverityScale, guideline


@pytest.fixture(scope="module")
def scale():
    return guideline("no", as_of="2026-11-01").severity


def test_the_norwegian_classes(scale):
    # Paa ramme alvor (2015), table 3, as two public models give it.
    assert [(c.number, c.lower, c.upper, c.weight, c.wtp) for c in scale.classes] == [
        (1, 0, 4, 1.0, 275_000),
        (2, 4, 8, 1.4, 385_000),
        (3, 8, 12, 1.8, 495_000),
        (4, 12, 16, 2.2, 605_000),
        (5, 16, 20, 2.6, 715_000),
        (6, 20, None, 3.0, 825_000),
    ]
    assert scale.decimals == 2


def test_willingness_to_pay_is_the_weight_times_the_lowest(scale):
    numbers = np.arange(1, 7)
    np.testing.assert_allclose(scale.wtp_of(numbers), scale.weight_of(numbers) * 275_000)


def test_lower_bound_inclusive_upper_exclusive(scale):
    bounds = np.array([4.0, 8.0, 12.0, 16.0, 20.0])
    np.testing.assert_array_equal(scale.classify(bounds), [2, 3, 4, 5, 6])
    np.testing.assert_array_equal(scale.classify(bounds - 0.01), [1, 2, 3, 4, 5])
    assert scale.classify(0) == 1
    assert scale.classify(60) == 6


def test_rounding_moves_the_class_as_a_spreadsheet_would(scale):
    np.testing.assert_array_equal(
        scale.rounded([3.994, 3.995, -3.995, -3.994, 0.005, -0.001]),
        [3.99, 4.0, -4.0, -3.99, 0.01, 0.0],
    )
    np.testing.assert_array_equal(scale.classify([3.994, 3.995, 3.9949999]), [1, 2, 1])
    assert not np.signbit(scale.rounded(-0.001))


def test_a_negative_shortfall_is_class_one(scale):
    np.testing.assert_array_equal(scale.classify([-0.01, -20.0]), [1, 1])


@given(st.decimals(-100, 100, places=6))
def test_rounding_by_decimal_arithmetic(value):
    scale = guideline("no", as_of="2026-11-01").severity
    expected = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert scale.rounded(float(value)) == float(expected)


@given(st.floats(-50, 100))
def test_class_by_plain_search(shortfall):
    scale = guideline("no", as_of="2026-11-01").severity
    rounded = float(scale.rounded(shortfall))
    assert abs(rounded - shortfall) <= 0.005 + 1e-9
    number = next(c.number for c in scale.classes if c.upper is None or rounded < c.upper)
    assert scale.classify(shortfall) == number


def test_shapes_are_kept(scale):
    assert scale.classify(np.zeros((2, 3))).shape == (2, 3)
    assert scale.classify(5).shape == ()
    assert scale.classify([1.0]).dtype == np.int64
    assert scale.wtp_of([[1, 6]]).tolist() == [[275_000, 825_000]]


def test_without_rounding(scale):
    exact = replace(scale, decimals=None)
    np.testing.assert_array_equal(exact.classify([3.999, 4.0]), [1, 2])


def test_shortfalls_and_numbers_are_checked(scale):
    with pytest.raises(ResultError, match=r"not finite.*draw 1.*finite QALYs.*nan \(1 such"):
        scale.classify([3.0, np.nan])
    with pytest.raises(ResultError, match="inf"):
        scale.rounded(np.inf)
    with pytest.raises(GuidelineError, match=r"no such severity class.*from 1 to 6.*found 7"):
        scale.wtp_of([1, 7])
    with pytest.raises(GuidelineError, match="found 0"):
        scale.weight_of(0)
    with pytest.raises(GuidelineError, match=r"found 1\.5"):
        scale.weight_of(1.5)


def make(*bounds, numbers=None, weight=1.0, wtp=1.0, decimals=2):
    return SeverityScale(
        tuple(
            SeverityClass(number=n, lower=low, upper=up, weight=weight, wtp=wtp)
            for n, (low, up) in zip(numbers or range(1, 9), bounds, strict=False)
        ),
        decimals,
    )


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: make(), "no severity classes"),
        (lambda: make((0, 4), (5, None)), r"gap or overlap.*class 1 to end.*4 and 5"),
        (lambda: make((0, 4), (3, None)), "gap or overlap"),
        (lambda: make((0, 4), (4, 4), (4, None)), "gap or overlap"),
        (lambda: make((1, None)), r"do not cover every.*from 1 to None"),
        (lambda: make((0, 4)), r"do not cover every.*from 0 to 4"),
        (lambda: make((0, 4), (4, None), numbers=[1, 3]), r"not numbered in order.*\[1, 3\]"),
        (lambda: make((0, None), weight=0), "weight of class 1 out of range"),
        (lambda: make((0, None), wtp=np.inf), "willingness to pay of class 1 out of range"),
        (lambda: make((0, None), decimals=-1), "decimals below 0"),
    ],
)
def test_scales_that_cannot_be_are_refused(build, message):
    with pytest.raises(GuidelineError, match=message):
        build()
