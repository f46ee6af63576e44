import pickle

import numpy as np
import pytest

from prioritering.data import NormTable, norm_table
from prioritering.errors import DataError, UnknownNameError


@pytest.fixture
def norm():
    return norm_table("no_norm_2025")


def test_norm_of_2025_by_band(norm):
    # DMP workbook July 2025, new norm: 40-49, 50-59, 60-69, 70-79, 80 and over.
    ages = [40, 49.99, 50, 59, 60, 69.5, 70, 79.999, 80, 120]
    expected = [0.853, 0.853, 0.870, 0.870, 0.885, 0.885, 0.859, 0.859, 0.811, 0.811]
    np.testing.assert_array_equal(norm.at(ages), expected)
    assert norm.at(np.full((3, 1), 61.0)).shape == (3, 1)
    assert norm.second_hand


def test_norm_of_2018_by_band():
    # NoMA 2018: 0-17, 18-34, 35-44, 45-54, 55-74, 75 and over.
    ages = [0, 17.9, 18, 34, 35, 44, 45, 54, 55, 74.9, 75, 100]
    expected = [0.89, 0.89, 0.87, 0.87, 0.85, 0.85, 0.82, 0.82, 0.80, 0.80, 0.76, 0.76]
    np.testing.assert_array_equal(norm_table("no_norm_2018").at(ages), expected)


def test_below_the_first_band_names_the_ways_out(norm):
    with pytest.raises(DataError, match=r"age 39\.5.*not published below age 40") as caught:
        norm.at([50, 39.5])
    assert "NormTable.from_bands" in caught.value.remedy
    assert "extended_below" in caught.value.remedy
    assert caught.value.where == {"norm": "no_norm_2025"}


def test_an_assumption_is_recorded(norm):
    extended = norm.extended_below(18, 0.86, note="as the 2018 norm").extended_below(
        0, 0.9, note="children"
    )
    np.testing.assert_array_equal(
        extended.at([0, 17.9, 18, 39.9, 40]), [0.9, 0.9, 0.86, 0.86, 0.853]
    )
    assert extended.assumptions == (
        "utility 0.86 assumed from age 18 to below 40: as the 2018 norm",
        "utility 0.9 assumed from age 0 to below 18: children",
    )
    assert "ASSUMED: utility 0.86" in repr(extended)
    assert extended.sha256 != norm.sha256
    assert norm.assumptions == ()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((40, 0.9, "x"), r"below the norm's first band.*0 to below 40.*found 40"),
        ((-1, 0.9, "x"), r"below the norm's first band"),
        ((18, 1.2, "x"), r"outside \(0, 1\].*band from age 18"),
        ((18, np.nan, "x"), r"utility is not finite"),
        ((18, 0.9, " "), r"without a reason.*why this value"),
    ],
)
def test_an_assumption_is_checked(norm, args, message):
    age_from, value, note = args
    with pytest.raises(DataError, match=message):
        norm.extended_below(age_from, value, note=note)


def test_own_norm():
    own = NormTable.from_bands({0: 0.95, 30: 0.9}, source="survey X, table 2")
    np.testing.assert_array_equal(own.at([0, 29, 30, 90]), [0.95, 0.95, 0.9, 0.9])
    assert not own.second_hand
    assert "survey X" in repr(own)
    with pytest.raises(DataError, match=r"no norm at age -1 \("):
        own.at(-1)


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ({}, r"do not match.*at least one band"),
        ({30: 0.9, 0: 0.95}, r"out of order.*\[30\.0, 0\.0\]"),
        ({-5: 0.9}, r"out of order"),
        ({0: 0.0}, r"outside \(0, 1\].*band from age 0\.0.*found 0\.0"),
        ({0: np.inf}, r"utility is not finite"),
    ],
)
def test_own_norm_is_checked(bands, message):
    with pytest.raises(DataError, match=message):
        NormTable.from_bands(bands, source="x")


def test_ages_are_checked(norm):
    with pytest.raises(DataError, match="age is not finite.*nan"):
        norm.at([50, np.nan])


def test_unknown_norm():
    with pytest.raises(UnknownNameError, match="unknown norm 'no_norm_2020'"):
        norm_table("no_norm_2020")


def test_pickle_and_read_only(norm):
    extended = norm.extended_below(18, 0.86, note="x")
    copy = pickle.loads(pickle.dumps(extended))
    assert (repr(copy), copy.sha256) == (repr(extended), extended.sha256)
    np.testing.assert_array_equal(copy.utility, extended.utility)
    with pytest.raises(ValueError, match="read-only"):
        copy.utility[0] = 1
