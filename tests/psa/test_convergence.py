"""Monte Carlo errors against closed forms and repeated sampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, norm

from prioritering.errors import ResultError
from prioritering.psa import mean_se, probability_se, quantile_se, running_mean


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_running_mean_is_the_mean_of_each_beginning(values):
    found = running_mean(values)
    x = np.array(values)
    scale = 1 + np.abs(x).max()
    assert found.draws.tolist() == list(range(2, x.size + 1))
    for k, mean, se in zip(found.draws, found.mean, found.se, strict=True):
        assert mean == pytest.approx(x[:k].mean(), rel=1e-12, abs=1e-12 * scale)
        assert se == pytest.approx(mean_se(x[:k]), rel=1e-6, abs=1e-7 * scale)


def test_running_mean_keeps_leading_axes():
    x = np.arange(12.0).reshape(2, 6)
    found = running_mean(x)
    assert found.mean.shape == (2, 5)
    np.testing.assert_allclose(found.mean[:, -1], x.mean(axis=1), rtol=1e-15)


def test_quantile_error_of_a_normal_sample():
    """Asymptotically sqrt(q (1 - q) / n) / phi(z), at the quantile midpoints of N(0, 1)."""
    n = 100_000
    x = norm.ppf((np.arange(n) + 0.5) / n)
    for q in (0.025, 0.5, 0.975):
        exact = np.sqrt(q * (1 - q) / n) / norm.pdf(norm.ppf(q))
        assert quantile_se(x, q=q) == pytest.approx(exact, rel=1e-3)


def test_quantile_error_is_the_bootstrap_without_random_numbers():
    rng = np.random.default_rng(3)
    x = rng.gamma(2.0, 1.0, 400)
    bootstrap = np.median(rng.choice(x, (20_000, 400)), axis=1).std()
    assert quantile_se(x, q=0.5) == pytest.approx(bootstrap, rel=0.03)


def test_quantile_error_scales_and_shifts():
    x = np.random.default_rng(1).normal(size=300)
    assert quantile_se(5 * x + 1e6, q=0.9) == pytest.approx(5 * quantile_se(x, q=0.9), rel=1e-9)
    assert quantile_se(np.full(50, 3.3), q=0.9) == pytest.approx(0.0, abs=1e-14)


def test_probability_error():
    np.testing.assert_allclose(probability_se([0.0, 0.2, 1.0], n=16), [0.0, 0.1, 0.0], atol=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: probability_se(1.2, n=10), r"shares from 0 to 1.*found 1.2"),
        (lambda: probability_se(np.nan, n=10), "shares from 0 to 1"),
        (lambda: probability_se(0.2, n=0), "found 0 draws"),
        (lambda: quantile_se([1.0, 2.0], q=1.0), "q between 0 and 1"),
        (lambda: quantile_se([[1.0, 2.0]], q=0.5), r"values of shape \(draw,\)"),
        (lambda: quantile_se([1.0], q=0.5), "two finite draws or more"),
        (lambda: running_mean([1.0, np.nan]), "1 values not finite"),
        (lambda: running_mean(1.0), "two finite draws or more"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ResultError, match=message):
        call()


@pytest.mark.parametrize(("n", "q"), [(2, 0.5), (7, 0.025), (40, 0.9), (3000, 0.975)])
def test_quantile_error_is_the_sum_of_beta_weights(n, q):
    """Maritz and Jarrett 1978 with the weights of Harrell and Davis 1982, written out."""
    x = np.sort(np.random.default_rng(n).gamma(3.0, 2.0, n))
    weight = np.diff(beta((n + 1) * q, (n + 1) * (1 - q)).cdf(np.arange(n + 1) / n))
    expected = np.sqrt((weight * x**2).sum() - (weight * x).sum() ** 2)
    assert quantile_se(x, q=q) == pytest.approx(expected, rel=1e-8)
