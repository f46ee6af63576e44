"""Price years of parameters: listed, checked and converted."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from prioritering.errors import (
    DataError,
    ParameterError,
)
from prioritering.parameters import (
    Parameters,
    dirichlet,
    fixed,
    gamma,
    lognormal,
    multivariate_normal,
)


@dataclass(frozen=True)
class DoublesEveryYear:
    """A price index that doubles every year."""

    name: str = "doubling"

    def factor(self, *, from_year: int, to_year: int) -> float:
        """Two to the power of the years between."""
        return 2.0 ** (to_year - from_year)


@pytest.mark.parametrize("draw", [Parameters.expected, lambda p: p.sample(5, seed=1)])
def test_prices_of_different_years_are_never_drawn(draw):
    mixed = Parameters(c=fixed(1000, price_year=2024), c2=fixed(1000, price_year=2020), x=0.5)
    with pytest.raises(ParameterError, match=r"different years.*2020: c2; 2024: c.*at_price_year"):
        draw(mixed)
    assert draw(mixed.replace(c2=fixed(1000, price_year=2024))).c2[0] == 1000.0


MONEY = Parameters(
    drug=gamma(mean=100, se=10, price_year=2020, value=90),
    visit=fixed(50, price_year=2022),
    tests=dirichlet({"a": 1, "b": 1}),
    home=lognormal(mean=200, se=20, price_year=2021),
    joint=multivariate_normal(
        {"x": 1.0, "y": 2.0}, covariance=[[1, 0.5], [0.5, 2]], price_year=2021
    ),
)


def test_price_years_are_listed_and_checked():
    assert MONEY.price_years() == {"drug": 2020, "visit": 2022, "home": 2021, "joint": 2021}
    with pytest.raises(
        ParameterError,
        match=r"different years.*2020: drug; 2021: home, joint; 2022: visit.*at_price_year\(2022",
    ):
        MONEY.check_price_years()
    MONEY.at_price_year(2022, DoublesEveryYear()).check_price_years()
    Parameters(a=1).check_price_years()


def test_conversion_scales_distribution_and_value_and_is_recorded():
    new = MONEY.at_price_year(2022, DoublesEveryYear())
    assert set(new.price_years().values()) == {2022}
    assert new["drug"].value == 360.0
    assert new["drug"].distribution.mean == pytest.approx(400.0, rel=1e-14)
    assert new["drug"].distribution.sd == pytest.approx(40.0, rel=1e-14)
    assert new["home"].value == pytest.approx(400.0, rel=1e-14)
    assert new["joint"].value == {"x": 2.0, "y": 4.0}
    assert new["visit"] == MONEY["visit"]
    assert new["tests"] == MONEY["tests"]
    step = new["drug"].conversions[0]
    assert (step.from_year, step.to_year, step.factor, step.index) == (2020, 2022, 4.0, "doubling")
    assert len(new.at_price_year(2023, DoublesEveryYear())["drug"].conversions) == 2
    drawn = new.sample(200, seed=1)
    old = {name: Parameters({name: MONEY[name]}).sample(200, seed=1)[name] for name in MONEY}
    np.testing.assert_allclose(drawn.drug, 4 * old["drug"], rtol=1e-12)
    np.testing.assert_allclose(drawn.home, 2 * old["home"], rtol=1e-12)
    np.testing.assert_allclose(drawn.joint.array, 2 * old["joint"].array, rtol=1e-10)
    assert "2020 to 2022 by 4 (doubling)" in new.to_frame().set_index("name").conversions["drug"]


def test_index_without_a_name_is_known_by_its_type():
    index = SimpleNamespace(factor=lambda from_year, to_year: 1.5)
    assert MONEY.at_price_year(2022, index)["drug"].conversions[0].index == "SimpleNamespace"


@pytest.mark.parametrize("factor", [0.0, -1.0, np.nan, np.inf, None])
def test_impossible_factors_are_refused(factor):
    index = SimpleNamespace(factor=lambda from_year, to_year: factor)
    with pytest.raises(ParameterError, match="price index factor is not"):
        MONEY.at_price_year(2022, index)


def test_errors_of_the_index_pass_through():
    def missing(*, from_year, to_year):
        raise DataError("no index for that year", found=from_year)

    with pytest.raises(DataError, match="no index for that year"):
        MONEY.at_price_year(2022, SimpleNamespace(factor=missing))
