import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.data import LifeTable, life_table, norm_table, remaining_qalys
from prioritering.errors import DataError, UnknownNameError

BOYS_AT_BIRTH = 0.5110425  # 51.1 %, the share that gives the pooled column of 2025


@pytest.fixture(scope="module")
def pooled():
    return life_table("no_life_table_2025")


def force_twin(table, age):
    """Constant force in the year of age that holds an exact age, by plain Python."""
    q = float(table.qx[min(math.floor(age), table.last_age) - table.first_age])
    return math.inf if q == 1 else -math.log(1 - q)


def survival_twin(table, age, years):
    """Walk from one birthday to the next."""
    hazard, here, end = 0.0, age, age + years
    while here < end:
        nxt = min(end, math.floor(here) + 1)
        hazard += force_twin(table, here) * (nxt - here)
        here = nxt
    return math.exp(-hazard)


@pytest.mark.parametrize("year", [2019, 2025])
def test_pooled_column_is_the_sexes_mixed_at_birth(year):
    sexes = {s: life_table(f"no_life_table_{year}", sex=s) for s in ("male", "female", "pooled")}
    alive = (
        BOYS_AT_BIRTH * sexes["male"].survivors + (1 - BOYS_AT_BIRTH) * sexes["female"].survivors
    )
    mixed = 1 - alive[1:] / alive[:-1]
    tolerance = 5e-8 if year == 2025 else 5.1e-11  # 2025 as printed; 2019 to 10 decimals here
    np.testing.assert_allclose(sexes["pooled"].qx, mixed, rtol=0, atol=tolerance)


@pytest.mark.parametrize("sex", ["male", "female"])
def test_survivors_of_2025_are_whole_persons_of_a_hundred_thousand(sex):
    # SSB table 07902 prints l(x) as whole numbers; q(x) carries ten decimals.
    alive = 100_000 * life_table("no_life_table_2025", sex=sex).survivors
    np.testing.assert_allclose(alive, np.round(alive), atol=2e-4)


@pytest.mark.parametrize(
    ("sex", "published"),
    [  # SSB table 07902, 2019, remaining life expectancy at 0, 20, 40, 60, 65, 80 and 100
        ("male", {0: 81.19, 20: 61.61, 40: 42.30, 60: 23.73, 65: 19.53, 80: 8.65, 100: 1.91}),
        ("female", {0: 84.68, 20: 64.96, 40: 45.30, 60: 26.32, 65: 21.89, 80: 10.16, 100: 2.08}),
    ],
)
def test_life_expectancy_of_2019_is_the_published_one(sex, published):
    found = life_table("no_life_table_2019", sex=sex).life_expectancy(list(published))
    np.testing.assert_allclose(found, list(published.values()), atol=0.0051)


def test_life_expectancy_by_plain_loop(pooled):
    alive = [1.0]
    for q in pooled.qx[40:]:
        alive.append(alive[-1] * (1 - float(q)))
    years = sum((a + b) / 2 for a, b in itertools.pairwise(alive))
    np.testing.assert_allclose(pooled.life_expectancy(40), years, rtol=1e-13)
    assert pooled.life_expectancy(106) == 0.5


def test_printed_remaining_qalys_follow_from_life_table_and_norm(pooled):
    # The agency's workbook rests on another year's mortality: within 0.16 QALY at 40-90.
    norm, printed = norm_table("no_norm_2025"), remaining_qalys("no_remaining_qalys_2025")
    for age in range(40, 91):
        lived = (pooled.survivors[age:-1] + pooled.survivors[age + 1 :]) / 2
        computed = lived @ norm.at(np.arange(age, 107)) / pooled.survivors[age]
        assert abs(computed - printed.at(age)) < 0.16


@given(
    age=st.floats(0, 106, allow_subnormal=False),
    years=st.floats(0, 60, allow_subnormal=False),
    sex=st.sampled_from(["male", "female", "pooled"]),
)
def test_survival_by_plain_walk(age, years, sex):
    table = life_table("no_life_table_2025", sex=sex)
    years = min(years, 107 - age)
    found = table.survival(age, years)
    np.testing.assert_allclose(found, survival_twin(table, age, years), rtol=1e-10, atol=1e-300)


@given(age=st.floats(0, 60), first=st.floats(0, 20), second=st.floats(0, 20))
def test_survival_is_multiplied_along_the_way(age, first, second):
    table = life_table("no_life_table_2025")
    whole = table.survival(age, first + second)
    parts = table.survival(age, first) * table.survival(age + first, second)
    np.testing.assert_allclose(whole, parts, rtol=1e-10)
    died = table.probability(age, first, first + second)
    np.testing.assert_allclose(died, 1 - whole / table.survival(age, first), rtol=0, atol=1e-12)


def test_whole_years_multiply_the_printed_probabilities(pooled):
    expected = np.cumprod(1 - pooled.qx[61:101])
    np.testing.assert_allclose(pooled.survival(61, np.arange(1, 41)), expected, rtol=1e-12)


def test_a_month_is_a_twelfth_of_the_force(pooled):
    monthly = pooled.probability(61, np.arange(12) / 12, (np.arange(12) + 1) / 12)
    np.testing.assert_allclose(monthly, 1 - (1 - pooled.q(61)) ** (1 / 12), rtol=1e-10)


def test_shapes_broadcast(pooled):
    start = (np.arange(480) / 12)[:, None]
    assert pooled.probability(61, start, start + 1 / 12).shape == (480, 1)
    assert pooled.survival([50, 60, 70], [[1], [2]]).shape == (2, 3)
    np.testing.assert_array_equal(pooled.q([[0, 106]]), [[pooled.qx[0], 1.0]])


def test_nobody_lives_past_an_age_with_certain_death(pooled):
    np.testing.assert_array_equal(
        pooled.probability(106, [0, 0.5, 0.9, 0], [0.1, 0.6, 1.0, 1.0]), 1.0
    )
    assert pooled.probability(105.5, 0, 1) == 1.0
    assert pooled.probability(106.5, 0.25, 0.25) == 0.0
    assert pooled.survival(106, 0) == 1.0
    assert pooled.survival(106, 0.5) == 0.0
    assert pooled.cumulative_hazard(100, 7) == np.inf
    assert np.isfinite(pooled.cumulative_hazard(100, 6))


def test_rounding_at_the_last_birthday_is_not_an_error(pooled):
    assert pooled.survival(61, sum([1 / 12] * 552)) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.survival(61, 60), r"age 121 is outside.*last age.*Shorten.*from_arrays"),
        (lambda t: t.probability(100, 6, 8), r"age 108 is outside.*ages 0 to 106"),
        (lambda t: t.q(107), r"age 107 is outside.*no_life_table_2025.*pooled"),
        (lambda t: t.q(60.5), r"not a whole number.*60\.5.*exact ages"),
        (lambda t: t.life_expectancy(-1), r"age -1 is outside"),
        (lambda t: t.survival(-0.5, 1), r"age -0\.5 is outside"),
        (lambda t: t.survival(61, -1), r"runs backwards.*0 <= start <= end"),
        (lambda t: t.probability(61, 2, 1), r"runs backwards.*start 2, end 1"),
        (lambda t: t.survival(np.nan, 1), r"age is not finite.*nan"),
        (lambda t: t.survival(61, [1, np.inf]), r"years is not finite.*inf \(1 such"),
        (lambda t: t.survival("61", 1), r"age is not a number.*'61'"),
        (lambda t: t.survival(True, 1), r"age is not a number.*True"),
        (lambda t: t.survival([61, None], 1), r"age is not a number.*None"),
    ],
)
def test_what_lies_outside_is_refused(pooled, call, message):
    with pytest.raises(DataError, match=message):
        call(pooled)


def test_own_table():
    own = LifeTable.from_arrays([50, 51, 52], [0.1, 0.2, 1.0], source="registry X")
    np.testing.assert_allclose(own.survivors, [1, 0.9, 0.72, 0], rtol=1e-15)
    np.testing.assert_allclose(own.life_expectancy(50), 0.95 + 0.81 + 0.36, rtol=1e-14)
    assert (own.first_age, own.last_age, own.second_hand) == (50, 52, False)
    assert "registry X" in repr(own)
    assert len(own.sha256) == 64
    with pytest.raises(DataError, match="age 49 is outside.*ages 50 to 52"):
        own.survival(49, 1)
    other = LifeTable.from_arrays([50, 51, 52], [0.1, 0.3, 1.0], source="registry X")
    assert other.sha256 != own.sha256


def test_certain_death_in_the_middle_of_a_table():
    own = LifeTable.from_arrays([50, 51, 52], [0.1, 1.0, 0.5], source="x")
    np.testing.assert_allclose(own.survival(50, [0.5, 1, 1.5, 2.5]), [0.9**0.5, 0.9, 0, 0])
    assert own.probability(50, 2.2, 2.3) == 1.0


def test_life_expectancy_needs_a_table_followed_to_the_end():
    own = LifeTable.from_arrays([50, 51], [0.1, 0.2], source="x")
    with pytest.raises(DataError, match=r"followed to the end.*q\(51\) = 0\.2"):
        own.life_expectancy(50)


@pytest.mark.parametrize(
    ("age", "qx", "message"),
    [
        ([50, 52], [0.1, 1], r"do not follow each other.*50 followed by 52"),
        ([-1, 0], [0.1, 1], r"do not follow each other.*first age -1"),
        ([50.5, 51.5], [0.1, 1], r"age is not a whole number.*50\.5"),
        ([50, 51], [0.1, 1.2], r"outside \[0, 1\].*age 51.*1\.2.*per 1 000"),
        ([50, 51], [-0.1, 1], r"outside \[0, 1\].*age 50"),
        ([50, 51], [np.nan, 1], r"probability of dying is not finite.*nan"),
        ([50, 51], [0.1], r"do not match.*\(2,\) and \(1,\)"),
        ([], [], r"do not match"),
    ],
)
def test_own_table_is_checked(age, qx, message):
    with pytest.raises(DataError, match=message):
        LifeTable.from_arrays(age, qx, source="x")


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="life table.*no_life_table_2025"):
        life_table("no_life_table_2026")
    with pytest.raises(UnknownNameError, match="unknown life table 'no_norm_2025'"):
        life_table("no_norm_2025")
    with pytest.raises(UnknownNameError, match="Did you mean 'female'"):
        life_table("no_life_table_2025", sex="females")


def test_pickle_and_read_only(pooled):
    copy = pickle.loads(pickle.dumps(pooled))
    np.testing.assert_array_equal(copy.qx, pooled.qx)
    assert repr(copy) == repr(pooled)
    assert copy.sha256 == pooled.sha256
    for array in (copy.age, copy.qx, copy.survivors, pooled.qx):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
