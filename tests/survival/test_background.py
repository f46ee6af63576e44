"""The population's mortality: as a floor and on top."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import prioritering.survival as ps
from prioritering.errors import CurveError
from tests.survival.population import YearlyTable

GRID = np.linspace(0, 40, 481)
TABLE = YearlyTable(tuple(0.004 * 1.1**k for k in range(60)))
CURVE = ps.weibull(shape=np.array([0.6, 0.9, 1.3]), scale=np.array([20.0, 30.0, 15.0]))


def test_floor_is_its_numpy_twin() -> None:
    got = CURVE.at_least_mortality_of(TABLE).cumulative_hazard(GRID)
    own, least = CURVE.cumulative_hazard(GRID), TABLE.cumulative_hazard(GRID)[:, None]
    expected = np.zeros_like(own)
    for i in range(1, GRID.size):
        expected[i] = expected[i - 1] + np.maximum(own[i] - own[i - 1], least[i] - least[i - 1])
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_floor_never_below_either() -> None:
    got = CURVE.at_least_mortality_of(TABLE).cumulative_hazard(GRID)
    least = np.diff(TABLE.cumulative_hazard(GRID))[:, None]
    own = np.diff(CURVE.cumulative_hazard(GRID), axis=0)
    assert (np.diff(got, axis=0) >= least - 1e-14).all()
    assert (np.diff(got, axis=0) >= own - 1e-14).all()
    assert ((np.diff(got, axis=0) > own + 1e-9).any(axis=0)).sum() >= 2


def test_floor_that_never_binds_changes_nothing() -> None:
    harmless = ps.exponential(rate=0.0)
    np.testing.assert_allclose(
        CURVE.at_least_mortality_of(harmless).cumulative_hazard(GRID),
        CURVE.cumulative_hazard(GRID),
        rtol=1e-13,
    )


def test_floor_converges_as_cycles_shrink() -> None:
    floor = CURVE.at_least_mortality_of(TABLE)
    yearly, monthly, weekly = (
        floor.survival(np.linspace(0, 40, 40 * n + 1))[-1] for n in (1, 12, 52)
    )
    assert (np.abs(weekly - monthly) <= 0.1 * np.abs(monthly - yearly) + 1e-14).all()
    np.testing.assert_allclose(weekly, monthly, rtol=1e-6)


def test_floor_first_time_after_zero_is_one_interval() -> None:
    floor = CURVE.at_least_mortality_of(TABLE)
    expected = np.maximum(CURVE.cumulative_hazard([2.0]), TABLE.cumulative_hazard(np.array([2.0])))
    np.testing.assert_array_equal(floor.cumulative_hazard([2.0]), expected)


def test_floor_hazard_is_the_larger_hazard() -> None:
    years = np.array([0.5, 10.5, 30.5])
    expected = np.maximum(CURVE.hazard(years), TABLE.rates(years)[:, None])
    got = CURVE.at_least_mortality_of(TABLE).hazard(years)
    np.testing.assert_allclose(got, expected, rtol=1e-7)


def test_floor_wants_its_times_in_order() -> None:
    with pytest.raises(CurveError, match=r"never fall.*a fall after position 1\. Sort the times"):
        CURVE.at_least_mortality_of(TABLE).survival([0, 2, 1])


def test_background_mortality_adds() -> None:
    got = CURVE.with_background_mortality_of(TABLE)
    expected = CURVE.cumulative_hazard(GRID) + TABLE.cumulative_hazard(GRID)[:, None]
    np.testing.assert_allclose(got.cumulative_hazard(GRID), expected, rtol=1e-15)
    years = np.array([0.0, 0.5, 7.0, 7.5])
    hazard = CURVE.shift(-1).with_background_mortality_of(TABLE).hazard(years)
    own = CURVE.shift(-1).hazard(years) + TABLE.rates(years)[:, None]
    np.testing.assert_allclose(hazard, own, rtol=1e-7)


def test_background_mortality_at_times_of_each_draw() -> None:
    factor = np.array([1.0, 1.5, 3.0])
    for curve in (CURVE.with_background_mortality_of(TABLE), CURVE.at_least_mortality_of(TABLE)):
        got = curve.acceleration_factor(factor).cumulative_hazard(GRID)
        for d in range(3):
            expected = curve.chunk(d, d + 1).cumulative_hazard(GRID / factor[d])[:, 0]
            np.testing.assert_array_equal(got[:, d], expected)


def test_a_curve_is_a_population_too_and_is_cut_with_the_rest() -> None:
    population = ps.gompertz(shape=0.1, rate=np.array([0.01, 0.02, 0.03]))
    curve = CURVE.at_least_mortality_of(population)
    whole = curve.survival(GRID)
    np.testing.assert_array_equal(curve.chunk(1, 3).survival(GRID), whole[:, 1:])
    assert "Gompertz" in curve.describe()


def test_pickled_with_its_population() -> None:
    curve = CURVE.at_least_mortality_of(TABLE).hazard_ratio(0.9)
    again = pickle.loads(pickle.dumps(curve))
    np.testing.assert_array_equal(again.survival(GRID), curve.survival(GRID))
    assert "at least the mortality of YearlyTable" in curve.describe()


class Broken:
    """A population whose answer is given."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def cumulative_hazard(self, _years: np.ndarray) -> object:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ([0.0, 0.1], r"wrong shape; expected \(3,\) or \(3, 1\); found \(2, 1\)"),
        (np.zeros((3, 2)), r"found \(3, 2\)"),
        ([0.0, 0.2, 0.1], "never fall"),
        ([0.0, np.nan, 0.1], "NaN"),
        ([-0.1, 0.0, 0.1], "0 or more"),
        (["a", "b", "c"], "is not numeric"),
    ],
)
def test_impossible_populations(answer, match: str) -> None:
    with pytest.raises(CurveError, match=match):
        CURVE.with_background_mortality_of(Broken(answer)).survival([0, 1, 2])


def test_a_population_without_mortality() -> None:
    with pytest.raises(CurveError, match=r"object with cumulative_hazard.*found str"):
        CURVE.at_least_mortality_of("Norway")
