import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.data import PriceIndex, price_index
from prioritering.errors import DataError, UnknownNameError

# World Bank, FP.CPI.TOTL.ZG, Norway: annual growth in per cent, 2001 to 2024.
GROWTH = {
    2001: 3.0042, 2002: 1.2867, 2003: 2.4878, 2004: 0.4545, 2005: 1.5321, 2006: 2.3293,
    2007: 0.7126, 2008: 3.7539, 2009: 2.1974, 2010: 2.4189, 2011: 1.2850, 2012: 0.6969,
    2013: 2.1205, 2014: 2.0417, 2015: 2.1711, 2016: 3.5500, 2017: 1.8751, 2018: 2.7648,
    2019: 2.1677, 2020: 1.2866, 2021: 3.4839, 2022: 5.7641, 2023: 5.5178, 2024: 3.1453,
}  # fmt: skip
# SSB's series with 2025 = 100, one decimal, 2013 to 2024.
BASE_2025 = [69.6, 71.1, 72.6, 75.2, 76.6, 78.7, 80.4, 81.5, 84.3, 89.2, 94.1, 97.1]


@pytest.fixture(scope="module")
def prices():
    return price_index("no_consumer_prices")


@pytest.mark.parametrize("year", GROWTH)
def test_growth_is_the_world_banks(prices, year):
    growth = 100 * (prices.factor(from_year=year - 1, to_year=year) - 1)
    assert growth == pytest.approx(GROWTH[year], abs=1.5e-3)


def test_last_year_agrees_with_the_newer_series(prices):
    back = [100 * prices.factor(from_year=2025, to_year=y) for y in range(2013, 2025)]
    np.testing.assert_allclose(back, BASE_2025, atol=0.08)
    assert np.mean(np.array(back) - BASE_2025) == pytest.approx(0, abs=0.005)


def test_convert(prices):
    # 2015 = 100 and 2024 = 133.633, mean of SSB's monthly figures.
    np.testing.assert_allclose(
        prices.convert([[1000.0, -10.0]], from_year=2015, to_year=2024), [[1336.33, -13.3633]]
    )


@given(
    amount=st.floats(-1e9, 1e9),
    a=st.integers(2000, 2025),
    b=st.integers(2000, 2025),
    c=st.integers(2000, 2025),
)
def test_there_and_back_by_any_way(amount, a, b, c):
    prices = price_index("no_consumer_prices")
    straight = prices.convert(amount, from_year=a, to_year=c)
    around = prices.convert(prices.convert(amount, from_year=a, to_year=b), from_year=b, to_year=c)
    np.testing.assert_allclose(around, straight, rtol=1e-12, atol=1e-300)


def test_errors(prices):
    with pytest.raises(DataError, match=r"no price index for this year.*2000 to 2025.*found 1999"):
        prices.convert(1, from_year=1999, to_year=2024)
    with pytest.raises(DataError, match="found 2026.*Use a year"):
        prices.factor(from_year=2024, to_year=2026)
    with pytest.raises(DataError, match="no price index for this year.*found 2020-01"):
        prices.factor(from_year="2020-01", to_year=2024)
    with pytest.raises(DataError, match="amount is not finite"):
        prices.convert(np.inf, from_year=2020, to_year=2024)
    with pytest.raises(UnknownNameError, match="price index"):
        price_index("no_norm_2025")


@pytest.mark.parametrize(
    ("year", "index", "message"),
    [
        ([2020, 2022], [1.0, 2.0], "consecutive years"),
        ([2020, 2021], [1.0], "2 years and 1 figures"),
        ([2020, 2021], [1.0, 0.0], "above 0.*year 2021"),
        ([2020, 2021], [1.0, np.nan], "price index is not finite"),
    ],
)
def test_own_index_is_checked(year, index, message):
    with pytest.raises(DataError, match=message):
        PriceIndex("own", np.array(year), np.array(index), "x", False, "")


def test_pickle_and_read_only(prices):
    copy = pickle.loads(pickle.dumps(prices))
    np.testing.assert_array_equal(copy.index, prices.index)
    assert not copy.second_hand
    assert "2000-2025" in repr(copy)
    with pytest.raises(ValueError, match="read-only"):
        copy.index[0] = 1
