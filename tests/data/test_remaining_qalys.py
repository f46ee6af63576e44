import pickle

import numpy as np
import pytest

from prioritering.data import RemainingQalys, remaining_qalys
from prioritering.errors import DataError, UnknownNameError


@pytest.fixture
def printed():
    return remaining_qalys("no_remaining_qalys_2025")


def test_figures_are_the_printed_ones(printed):
    # DMP tools for severity calculation and age adjustment, July 2025, ages 40, 61, 75, 90.
    np.testing.assert_array_equal(printed.at([40, 61, 75, 90]), [37.8, 20.8, 10.7, 3.6])
    np.testing.assert_array_equal(printed.life_years_at([40, 61, 75, 90]), [44.1, 24.4, 13.0, 4.4])
    assert printed.at(61) == 20.8
    assert printed.second_hand
    assert "ages 40-90" in repr(printed)


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (39, r"no printed.*ages 40 to 90.*found 39.*\"computed\" in place of"),
        (91, r"no printed.*ages 40 to 90.*found 91.*\"computed\" in place of"),
        (61.5, r"not a whole number.*61\.5.*\"computed\" in place of"),
        (np.nan, r"not finite"),
    ],
)
def test_other_ages_name_the_computed_method(printed, age, message):
    with pytest.raises(DataError, match=message):
        printed.at(age)
    with pytest.raises(DataError, match=message):
        printed.life_years_at(age)


@pytest.mark.parametrize(
    ("age", "qalys", "years", "message"),
    [
        ([40, 41], [30.0], [40.0, 39.0], "do not match"),
        ([40, 42], [30.0, 29.0], [40.0, 39.0], "ages rising by one"),
        ([40, 41], [41.0, 29.0], [40.0, 39.0], "QALYs <= life years"),
        ([40, 41], [-1.0, 29.0], [40.0, 39.0], "0 <= QALYs"),
    ],
)
def test_impossible_tables_are_refused(age, qalys, years, message):
    with pytest.raises(DataError, match=message):
        RemainingQalys("own", np.array(age), np.array(qalys), np.array(years), "x", False, "")


def test_unknown_table():
    with pytest.raises(UnknownNameError, match="remaining QALYs"):
        remaining_qalys("no_norm_2025")


def test_pickle_and_read_only(printed):
    copy = pickle.loads(pickle.dumps(printed))
    np.testing.assert_array_equal(copy.qalys, printed.qalys)
    with pytest.raises(ValueError, match="read-only"):
        copy.qalys[0] = 1
