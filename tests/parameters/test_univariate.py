"""One uncertain number: each family against scipy.stats and against itself."""

import pickle

import numpy as np
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as some

from prioritering.errors import ParameterError
from prioritering.parameters import beta, fixed, gamma, normal
from prioritering.parameters.distributions import (
    Beta,
    Distribution,
    Empirical,
    Fixed,
    Gamma,
    LogNormal,
    Normal,
    Triangular,
    Uniform,
)

OBSERVED = np.array([3.0, -1.0, 4.0, 1.5, 9.0, 2.5, 6.0])

PAIRS = [
    (Beta(301.76, 66.24), st.beta(301.76, 66.24)),
    (Beta(0.4, 0.7), st.beta(0.4, 0.7)),
    (Gamma(49.0, 233.3), st.gamma(49.0, scale=1 / 233.3)),
    (Gamma(0.3, 0.002), st.gamma(0.3, scale=500.0)),
    (LogNormal(-0.33, 0.137), st.lognorm(0.137, scale=np.exp(-0.33))),
    (LogNormal(8.0, 1.2), st.lognorm(1.2, scale=np.exp(8.0))),
    (Normal(-0.06, 0.015), st.norm(-0.06, 0.015)),
    (Uniform(-2.0, 5.0), st.uniform(-2.0, 7.0)),
    (Triangular(1.0, 2.0, 6.0), st.triang(0.2, 1.0, 5.0)),
    (Triangular(1.0, 1.0, 6.0), st.triang(0.0, 1.0, 5.0)),
    (Triangular(1.0, 6.0, 6.0), st.triang(1.0, 1.0, 5.0)),
]
EVERY = [d for d, _ in PAIRS] + [Empirical(OBSERVED), Fixed(3.5)]
SCALABLE = [d for d in EVERY if not d.is_share]


def label(thing: object) -> str:
    return thing.describe() if isinstance(thing, Distribution) else ""


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=label)
def test_moments_equal_scipy(ours, theirs):
    assert ours.mean == pytest.approx(theirs.mean(), rel=1e-12)
    assert ours.sd == pytest.approx(theirs.std(), rel=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=label)
def test_quantiles_equal_scipy(ours, theirs):
    u = np.array([1e-6, 0.001, 0.025, 0.1, 0.2, 0.5, 0.7, 0.975, 0.999, 1 - 1e-6])
    np.testing.assert_allclose(ours.ppf(u), theirs.ppf(u), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(theirs.cdf(ours.ppf(u)), u, rtol=1e-9)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=label)
def test_samples_have_the_moments_and_the_shape(ours, theirs):
    n = 200_000
    x = ours.sample(n, generator(7))
    variance, excess = theirs.var(), float(theirs.stats(moments="k"))
    z_mean = (x.mean() - theirs.mean()) / np.sqrt(variance / n)
    z_variance = (x.var() - variance) / (variance * np.sqrt((excess + 2) / n))
    assert abs(z_mean) < 4
    assert abs(z_variance) < 4
    assert st.kstest(x[:20_000], theirs.cdf).pvalue > 1e-4


@pytest.mark.parametrize("distribution", EVERY, ids=label)
@settings(deadline=None, max_examples=25)
@given(seed=some.integers(0, 2**32), n=some.integers(1, 3000), more=some.integers(0, 3000))
def test_fewer_draws_are_a_prefix_of_more(distribution, seed, n, more):
    short = distribution.sample(n, generator(seed))
    long = distribution.sample(n + more, generator(seed))
    assert short.shape == (n,)
    assert np.array_equal(short, long[:n])


@pytest.mark.parametrize("distribution", EVERY, ids=label)
@settings(deadline=None, max_examples=25)
@given(u=some.lists(some.floats(0, 1), min_size=2, max_size=20))
def test_quantiles_never_fall(distribution, u):
    rising = distribution.ppf(np.sort(u))
    assert not np.isnan(rising).any()
    assert (rising[1:] >= rising[:-1]).all()


@pytest.mark.parametrize("distribution", SCALABLE, ids=label)
def test_scaling_multiplies_every_quantile(distribution):
    u = np.linspace(0.01, 0.99, 21)
    doubled = distribution.scaled(1.7)
    np.testing.assert_allclose(doubled.ppf(u), 1.7 * distribution.ppf(u), rtol=1e-12, atol=1e-14)
    assert doubled.mean == pytest.approx(1.7 * distribution.mean, rel=1e-12)
    assert doubled.sd == pytest.approx(1.7 * distribution.sd, rel=1e-12)


def test_shares_are_not_scaled():
    with pytest.raises(ParameterError, match=r"beta distribution cannot be multiplied.*factor 2"):
        Beta(2.0, 3.0).scaled(2.0)


def test_empirical_equals_numpy_on_its_own_values():
    d = Empirical(OBSERVED)
    u = np.array([0.0, 0.1, 1 / 7, 0.15, 0.5, 0.9, 1.0])
    assert d.mean == pytest.approx(OBSERVED.mean(), rel=1e-14)
    assert d.sd == pytest.approx(OBSERVED.std(), rel=1e-14)
    assert np.array_equal(d.ppf(u), np.quantile(OBSERVED, u, method="inverted_cdf"))
    counts = np.unique(d.sample(70_000, generator(3)), return_counts=True)[1]
    assert st.chisquare(counts).pvalue > 1e-3


def test_empirical_keeps_no_hold_on_the_values_it_was_given():
    mine = OBSERVED.copy()
    d = Empirical(mine)
    mine[0] = 1e9
    assert d.values.max() == 9.0
    with pytest.raises(ValueError, match="read-only"):
        d.values[0] = 0.0


@pytest.mark.parametrize("distribution", EVERY, ids=label)
def test_copies_through_pickle_are_equal_and_hash_alike(distribution):
    copy = pickle.loads(pickle.dumps(distribution))
    assert copy == distribution
    assert hash(copy) == hash(distribution)
    assert np.array_equal(copy.sample(9, generator(1)), distribution.sample(9, generator(1)))


def test_empirical_stays_read_only_through_pickle():
    copy = pickle.loads(pickle.dumps(Empirical(OBSERVED)))
    assert not copy.values.flags.writeable


def test_distributions_differ_by_their_numbers():
    assert Gamma(1.0, 2.0) != Gamma(1.0, 3.0)
    assert Empirical([1.0, 2.0]) != Empirical([1.0, 3.0])


def test_fixed_uses_no_uniforms():
    assert Fixed(2.0).dimensions == 0
    assert Fixed(2.0).ppf([0.1, 0.9]).tolist() == [2.0, 2.0]


@pytest.mark.parametrize("u", [[-0.1], [1.1], [np.nan, 0.5]])
def test_quantiles_outside_the_unit_interval_are_refused(u):
    with pytest.raises(ParameterError, match="unit interval; expected probabilities from 0 to 1"):
        Normal(0.0, 1.0).ppf(u)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "build",
    [
        lambda x: Fixed(x),
        lambda x: Normal(x, 1.0),
        lambda x: Normal(0.0, x),
        lambda x: LogNormal(x, 1.0),
        lambda x: LogNormal(0.0, x),
        lambda x: Beta(x, 1.0),
        lambda x: Beta(1.0, x),
        lambda x: Gamma(x, 1.0),
        lambda x: Gamma(1.0, x),
        lambda x: Uniform(x, 1.0),
        lambda x: Uniform(0.0, x),
        lambda x: Triangular(x, 0.5, 1.0),
        lambda x: Triangular(0.0, x, 1.0),
        lambda x: Triangular(0.0, 0.5, x),
        lambda x: Empirical([1.0, x, 2.0]),
    ],
)
def test_numbers_that_are_not_finite_are_refused(build, bad):
    with pytest.raises(ParameterError, match="not finite"):
        build(bad)


@pytest.mark.parametrize("bad", ["3", True, None, 1j, [1.0]])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ParameterError, match="fixed value is not a number"):
        fixed(bad)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Normal(0.0, 0.0), r"standard error is not positive.*Use fixed\(\)"),
        (lambda: LogNormal(0.0, -1.0), "sdlog is not positive; expected a number above 0"),
        (lambda: LogNormal(0.0, 40.0), r"too wide.*found meanlog 0, sdlog 40.*log scale"),
        (lambda: Beta(0.0, 1.0), "beta shape a is not positive"),
        (lambda: Gamma(1.0, -2.0), "gamma rate is not positive"),
        (lambda: Uniform(2.0, 1.0), r"range does not rise.*found \(2, 1\)"),
        (lambda: Uniform(-1e308, 1e308), "too wide for a float; expected a finite width"),
        (lambda: Uniform(2.0, 2.0), r"does not rise.*Use fixed\(\)"),
        (
            lambda: Triangular(0.0, 2.0, 1.0),
            "mode lies outside the range; expected a number from 0",
        ),
        (lambda: Empirical([]), r"at least two observed values.*found shape \(0,\)"),
        (lambda: Empirical([4.0]), r"at least two observed values.*Use fixed\(\)"),
        (lambda: Empirical([[1.0, 2.0]]), r"found shape \(1, 2\).*mapping of columns"),
        (lambda: Empirical(["a", "b"]), "observed value is not numeric; expected numbers"),
        (lambda: Empirical([[1.0], [2.0, 3.0]]), "observed value is not an array"),
        (
            lambda: Empirical([1.0, np.nan, np.nan]),
            r"not finite \(index 1\).*2 of 3 values.*nothing is dropped",
        ),
    ],
)
def test_impossible_distributions_say_why(build, message):
    with pytest.raises(ParameterError, match=message):
        build()


@pytest.mark.parametrize(
    ("distribution", "inside", "outside"),
    [
        (Fixed(2.0), [2.0], [2.1]),
        (Normal(0.0, 1.0), [-1e9], []),
        (LogNormal(0.0, 1.0), [1e-9], [0.0, -1.0]),
        (Gamma(2.0, 1.0), [0.0, 5.0], [-0.1]),
        (Beta(2.0, 1.0), [0.0, 1.0], [-0.1, 1.1]),
        (Uniform(1.0, 2.0), [1.0, 2.0], [0.9, 2.1]),
        (Triangular(1.0, 2.0, 3.0), [1.0, 3.0], [0.9, 3.1]),
        (Empirical([1.0, 5.0]), [1.0, 3.0, 5.0], [0.9, 5.1]),
    ],
    ids=label,
)
def test_support(distribution, inside, outside):
    assert all(distribution.contains(np.array([x])) for x in inside)
    assert not any(distribution.contains(np.array([x])) for x in outside)


def test_descriptions_name_family_and_parameters():
    assert gamma(mean=0.21, se=0.03).distribution.describe() == "gamma(shape 49, rate 233.333)"
    assert beta(a=2, b=3).distribution.describe() == "beta(a 2, b 3)"
    assert normal(mean=1, se=2).distribution.describe() == "normal(mu 1, sigma 2)"
    assert Empirical(OBSERVED).describe() == "empirical(7 values, -1 to 9)"
