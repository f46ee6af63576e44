"""Each compiled loop against its plain NumPy twin, and its elementary functions against SciPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import log_ndtr

from prioritering.survival import _kernels

Array = np.ndarray
ONE = np.ones((1, 1))


def through(kernel: Callable[..., None], x: Array) -> Array:
    """Run a fill kernel as an elementwise function."""
    out = np.empty((1, x.size))
    kernel(ONE, np.array(x, dtype=float).reshape(1, -1), np.ones(x.size), False, out)
    return out[0]


def softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def normal_hazard(x: Array) -> Array:
    return -log_ndtr(-x)


TWINS: dict[str, Callable[[Array], Array]] = {
    "fill_exp": np.exp,
    "fill_expm1": np.expm1,
    "fill_softplus": softplus,
    "fill_normal": normal_hazard,
}


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("survival", [False, True])
def test_fill_is_its_numpy_twin(name: str, survival: bool) -> None:
    rng = np.random.default_rng(8)
    design = np.column_stack([np.ones(50), np.log(rng.uniform(0.01, 40, 50)), rng.random(50)])
    coefficients = rng.normal(0, 0.8, (3, 131))
    scale = rng.uniform(0.2, 3, 131)
    out = np.empty((50, 131))
    getattr(_kernels, name)(design, coefficients, scale, survival, out)
    expected = scale * TWINS[name](design @ coefficients)
    if survival:
        expected = np.exp(-expected)
    np.testing.assert_allclose(out, expected, rtol=2e-13, atol=1e-300)


def test_exponential_over_its_whole_range() -> None:
    x = np.linspace(-708, 709.7, 500_001)
    np.testing.assert_allclose(through(_kernels.fill_exp, x), np.exp(x), rtol=4e-16)


def test_exponential_underflows_gradually() -> None:
    x = np.linspace(-745.5, -708, 5001)
    with np.errstate(under="ignore"):
        np.testing.assert_allclose(through(_kernels.fill_exp, x), np.exp(x), rtol=0, atol=5e-324)


def test_expm1_keeps_small_numbers() -> None:
    x = np.concatenate([-np.geomspace(1e-300, 700, 100_001), np.geomspace(1e-300, 709, 100_001)])
    np.testing.assert_allclose(through(_kernels.fill_expm1, x), np.expm1(x), rtol=4e-16)


def test_softplus_over_its_whole_range() -> None:
    x = np.linspace(-700, 700, 100_001)
    np.testing.assert_allclose(through(_kernels.fill_softplus, x), softplus(x), rtol=8e-16)


def test_normal_hazard_against_scipy() -> None:
    x = np.concatenate([np.linspace(-25, 40, 100_001), [1e3, 1e6, 1e12]])
    np.testing.assert_allclose(through(_kernels.fill_normal, x), normal_hazard(x), rtol=2e-13)


# -log(Phi(-z)) to 17 digits, computed with mpmath 1.4.1 at 420 digits.
NORMAL_HAZARD = {
    -37.0: 5.7255712225245768e-300,
    -30.0: 4.9067139271481871e-198,
    -20.0: 2.7536241186062337e-89,
    -8.0: 6.2209605742717861e-16,
    -2.0: 0.023012909328963488,
    -0.5: 0.36894641528865639,
    0.5: 1.1759117615936186,
    3.0: 6.6077262215103495,
    12.0: 75.410673001568796,
    38.0: 726.55721601882013,
}


def test_normal_hazard_to_full_precision() -> None:
    z = np.array(list(NORMAL_HAZARD))
    got = through(_kernels.fill_normal, z)
    np.testing.assert_allclose(got, list(NORMAL_HAZARD.values()), rtol=1e-15)


SPECIAL = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 800.0, -800.0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fill_exp", [np.inf, 0, np.nan, 1, 1, np.inf, 0]),
        ("fill_expm1", [np.inf, -1, np.nan, 0, 0, np.inf, -1]),
        ("fill_softplus", [np.inf, 0, np.nan, np.log(2), np.log(2), 800, 0]),
        ("fill_normal", [np.inf, 0, np.nan, np.log(2), np.log(2), normal_hazard(800.0), 0]),
    ],
)
def test_limits_and_nan(name: str, expected: list[float]) -> None:
    got = through(getattr(_kernels, name), SPECIAL)
    np.testing.assert_allclose(got, expected, rtol=1e-15)


@pytest.mark.parametrize("name", TWINS)
def test_a_lane_does_not_depend_on_its_neighbours(name: str) -> None:
    x = np.random.default_rng(2).normal(0, 3, 1003)
    whole = through(getattr(_kernels, name), x)
    alone = np.concatenate([through(getattr(_kernels, name), v) for v in x.reshape(-1, 1)])
    np.testing.assert_array_equal(alone, whole)


def test_survival_from_hazard() -> None:
    hazard = np.random.default_rng(4).exponential(3, (40, 33))
    hazard[3, 4] = np.inf
    expected = np.exp(-hazard)
    _kernels.survival_from_hazard(hazard)
    np.testing.assert_allclose(hazard, expected, rtol=4e-16)


def test_add_product_rounds_once() -> None:
    rng = np.random.default_rng(5)
    x, c, start = rng.normal(size=(7, 19)), rng.normal(size=19), rng.normal(size=(7, 19))
    out = start.copy()
    _kernels.add_product(x, c, out)
    np.testing.assert_allclose(out, start + x * c, rtol=1e-13)
    exact = np.empty((1, 2))
    exact[:] = -1.0
    _kernels.add_product(np.full((1, 2), 1 + 2.0**-30), np.full(2, 1 - 2.0**-30), exact)
    assert exact[0, 0] == -(2.0**-60)


@pytest.mark.parametrize("ratio", [1e-3, 0.7, 1.0, 1.3, 1e3])
def test_scale_odds_is_its_numpy_twin(ratio: float) -> None:
    hazard = np.concatenate([[0.0], np.geomspace(1e-12, 30, 400)])[:, None] * np.ones(9)
    expected = np.log1p(ratio * np.expm1(hazard))
    _kernels.scale_odds(hazard, np.full(9, ratio))
    np.testing.assert_allclose(hazard, expected, rtol=4e-16 * max(8, 4 / ratio))


def test_scale_odds_far_out() -> None:
    hazard = np.array([[500.0, 1e5, np.inf]])
    _kernels.scale_odds(hazard, np.full(3, 0.25))
    np.testing.assert_allclose(hazard, [[500 + np.log(0.25), 1e5 + np.log(0.25), np.inf]])


def test_mix_hazards_is_its_numpy_twin() -> None:
    rng = np.random.default_rng(7)
    own, other = rng.exponential(2, (40, 21)), rng.exponential(2, (40, 21))
    own[5], other[6] = 0.0, 0.0
    weight = np.concatenate([[0.0, 1.0], rng.random(19)])
    out = np.empty_like(own)
    _kernels.mix_hazards(own, other, weight, out)
    expected = -np.log(weight * np.exp(-own) + (1 - weight) * np.exp(-other))
    np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-15)


def test_mix_hazards_at_the_ends() -> None:
    own = np.array([[1e-14, 1e4, np.inf, np.inf, 3.0, 0.0]])
    other = np.array([[3e-14, 2e4, np.inf, 2.0, np.inf, 0.0]])
    weight = np.array([0.25, 0.25, 0.5, 0.5, 1.0, 0.3])
    expected = [[2.5e-14, 1e4 - np.log(0.25), np.inf, 2 + np.log(2), 3.0, 0.0]]
    _kernels.mix_hazards(own, other, weight, own)
    np.testing.assert_allclose(own, expected, rtol=1e-14)


def test_raise_to_floor_is_its_numpy_twin() -> None:
    rng = np.random.default_rng(6)
    own, least = (np.cumsum(rng.exponential(size=(30, 17)), axis=0) for _ in range(2))
    out = np.empty_like(own)
    _kernels.raise_to_floor(own, least, out)
    steps = np.maximum(np.diff(own, axis=0, prepend=0), np.diff(least, axis=0, prepend=0))
    np.testing.assert_allclose(out, np.cumsum(steps, axis=0), rtol=1e-14)
    shared = np.ascontiguousarray(least[:, :1])
    _kernels.raise_to_floor(own, shared, out)
    repeated = np.empty_like(own)
    _kernels.raise_to_floor(own, np.repeat(shared, 17, axis=1), repeated)
    np.testing.assert_array_equal(out, repeated)


def test_raise_to_floor_where_survival_is_zero() -> None:
    own = np.array([[0.0, 0.0], [np.inf, 1.0], [np.inf, 2.0]])
    least = np.array([[0.0, 0.0], [0.1, 0.1], [0.2, np.inf]])
    out = np.empty_like(own)
    _kernels.raise_to_floor(own, least, out)
    np.testing.assert_array_equal(out, [[0, 0], [np.inf, 1], [np.inf, np.inf]])
