"""Distributions over several numbers: Dirichlet, multivariate normal, joint rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.special import ndtri

from prioritering.errors import ParameterError, PrioriteringWarning
from prioritering.parameters import Parameters, dirichlet, empirical, multivariate_normal
from prioritering.parameters.distributions import (
    Beta,
    Dirichlet,
    Fixed,
    JointEmpirical,
    MultivariateNormal,
    Normal,
)

COUNTS = {"B": 350.0, "C": 116.0, "D": 17.0}
MEAN = {"shape": 0.2, "cost": 5000.0, "hr": -0.3}
COVARIANCE = np.array([[0.04, 30.0, -0.002], [30.0, 90_000.0, 6.0], [-0.002, 6.0, 0.01]])
ROWS = {"a": [1.0, 2.0, 3.0, 4.0], "b": [10.0, 20.0, 30.0, 50.0]}

EVERY = [
    dirichlet(COUNTS).distribution,
    dirichlet({"x": 0.3, "y": 0.01, "z": 2.0}).distribution,
    dirichlet({"x": 0.03, "y": 0.05}).distribution,
    multivariate_normal(MEAN, covariance=COVARIANCE).distribution,
    empirical(ROWS).distribution,
]


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize("distribution", EVERY, ids=lambda d: d.describe())
@settings(deadline=None, max_examples=25)
@given(seed=some.integers(0, 2**32), n=some.integers(1, 2000), more=some.integers(0, 2000))
def test_fewer_draws_are_a_prefix_of_more(distribution, seed, n, more):
    short = distribution.sample(n, generator(seed))
    long = distribution.sample(n + more, generator(seed))
    assert short.shape == (len(distribution.components), n)
    assert short.flags.c_contiguous
    assert np.array_equal(short, long[:, :n])


@pytest.mark.parametrize("distribution", EVERY, ids=lambda d: d.describe())
def test_pickle_keeps_the_draws(distribution):
    copy = pickle.loads(pickle.dumps(distribution))
    assert copy == distribution
    assert hash(copy) == hash(distribution)
    assert np.array_equal(copy.sample(9, generator(1)), distribution.sample(9, generator(1)))


@pytest.mark.parametrize("distribution", EVERY, ids=lambda d: d.describe())
def test_marginals_have_the_moments_of_the_joint_distribution(distribution):
    marginals = distribution.marginals()
    assert tuple(marginals) == distribution.components
    for name, marginal in marginals.items():
        assert marginal.mean == pytest.approx(distribution.mean[name], rel=1e-12)
        assert marginal.sd == pytest.approx(distribution.sd[name], rel=1e-12)


def test_dirichlet_moments_equal_scipy():
    d, theirs = dirichlet(COUNTS).distribution, st.dirichlet(list(COUNTS.values()))
    np.testing.assert_allclose(list(d.mean.values()), theirs.mean(), rtol=1e-12)
    np.testing.assert_allclose(list(d.sd.values()), np.sqrt(theirs.var()), rtol=1e-12)
    assert d.describe() == "Dirichlet(B 350, C 116, D 17)"


def test_dirichlet_samples_have_the_moments():
    n, theirs = 200_000, st.dirichlet(list(COUNTS.values()))
    x = dirichlet(COUNTS).distribution.sample(n, generator(5))
    z = (x.mean(axis=1) - theirs.mean()) / np.sqrt(theirs.var() / n)
    assert np.abs(z).max() < 4
    np.testing.assert_allclose(np.cov(x), theirs.cov(), rtol=0.03)
    np.testing.assert_allclose(x.sum(axis=0), 1.0, rtol=1e-14)


def test_dirichlet_of_two_from_uniforms_is_a_beta():
    points = Parameters(p=dirichlet({"B": 4.0, "C": 9.0})).sample(4096, seed=1, method="sobol")
    u = (np.arange(4096) + 0.5) / 4096
    assert np.abs(st.beta(4, 9).cdf(np.sort(points.p.B)) - u).max() < 0.01
    np.testing.assert_allclose(points.p.B + points.p.C, 1.0, rtol=1e-14)


@settings(deadline=None, max_examples=100)
@given(
    counts=some.lists(some.floats(1e-4, 1e5), min_size=2, max_size=6),
    seed=some.integers(0, 2**32),
)
def test_dirichlet_shares_sum_to_one_however_small_the_counts(counts, seed):
    d = dirichlet({f"s{i}": c for i, c in enumerate(counts)}).distribution
    u = generator(seed).random((len(counts), 50))
    for shares in (d.ppf(u), d.sample(50, generator(seed))):
        assert shares.min() >= 0
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-12)


def test_dirichlet_quantiles_agree_with_plain_gamma_quantiles():
    u = generator(3).random((3, 500))
    g = st.gamma(np.array(list(COUNTS.values()))[:, None]).ppf(u)
    np.testing.assert_allclose(dirichlet(COUNTS).distribution.ppf(u), g / g.sum(axis=0), rtol=1e-10)


def test_dirichlet_count_of_zero_warns_and_stays_zero():
    with pytest.warns(PrioriteringWarning, match=r"1 Dirichlet counts are 0 \(C\).*prior count"):
        parameter = dirichlet({"B": 3, "C": 0, "D": 2})
    d = parameter.distribution
    assert d.mean == {"B": 0.6, "C": 0.0, "D": 0.4}
    assert d.sd["C"] == 0.0
    assert isinstance(d.marginals()["C"], Fixed)
    u = generator(0).random((3, 100))
    for shares in (d.sample(100, generator(0)), d.ppf(u)):
        assert not shares[1].any()
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-14)
    assert d.contains(np.array([0.5, 0.0, 0.5]))
    assert not d.contains(np.array([0.5, 0.1, 0.4]))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"B": 3, "C": -1}, r"counts are negative \(component C\).*found C -1"),
        ({"B": 3, "C": np.nan}, "count of 'C' is not finite"),
        ({"B": 3, "C": "2"}, "count of 'C' is not a number"),
        ({"B": 3}, "count needs named components.*found 1 names"),
        ({}, "count needs named components"),
        ({"B": 0, "C": 0}, "nothing to share; expected at least two components with a count above"),
        ({"B": 1, "": 2}, "component name is not usable.*found ''"),
        ({"B": 1, 2: 2}, "component name is not usable.*found 2"),
        ({"B": 1, "values": 2}, "component name is not usable.*none of array, get"),
        ([3, 4], r"counts has no component names.*found \[3, 4\]"),
    ],
)
def test_impossible_dirichlets_say_why(counts, message):
    with pytest.raises(ParameterError, match=message):
        dirichlet(counts)


def test_components_are_named_once_and_all_counted():
    with pytest.raises(ParameterError, match="component named twice.*found 'B'"):
        Dirichlet(("B", "B"), (1.0, 2.0))
    with pytest.raises(ParameterError, match="found 2 names, 3 numbers"):
        Dirichlet(("B", "C"), (1.0, 2.0, 3.0))


def test_multivariate_normal_moments_and_describe():
    d = multivariate_normal(MEAN, covariance=COVARIANCE).distribution
    assert d.mean == MEAN
    np.testing.assert_allclose(list(d.sd.values()), [0.2, 300.0, 0.1], rtol=1e-14)
    assert "cost 5000 (sd 300)" in d.describe()


def test_multivariate_normal_root_gives_back_the_covariance():
    d = multivariate_normal(MEAN, covariance=COVARIANCE).distribution
    np.testing.assert_allclose(d._root @ d._root.T, COVARIANCE, rtol=1e-12)


def test_multivariate_normal_equals_its_matrix_twin():
    d = multivariate_normal(MEAN, covariance=COVARIANCE).distribution
    mean = np.array(list(MEAN.values()))[:, None]
    sd = np.sqrt(np.diag(COVARIANCE))
    values, vectors = np.linalg.eigh(COVARIANCE / np.outer(sd, sd))
    root = sd[:, None] * (vectors @ np.diag(np.sqrt(values)) @ vectors.T)
    z = generator(4).standard_normal((1000, 3)).T
    np.testing.assert_allclose(d.sample(1000, generator(4)), mean + root @ z, rtol=1e-11)
    u = generator(4).random((3, 1000))
    np.testing.assert_allclose(d.ppf(u), mean + root @ ndtri(u), rtol=1e-11, atol=1e-13)


def test_multivariate_normal_samples_have_the_moments():
    n, mean = 200_000, np.array(list(MEAN.values()))
    x = multivariate_normal(MEAN, covariance=COVARIANCE).distribution.sample(n, generator(2))
    offset = x.mean(axis=1) - mean
    assert n * offset @ np.linalg.solve(COVARIANCE, offset) < st.chi2(3).ppf(1 - 1e-4)
    sd = np.sqrt(np.diag(COVARIANCE))
    np.testing.assert_allclose(
        np.cov(x) / np.outer(sd, sd), COVARIANCE / np.outer(sd, sd), atol=0.012
    )


def test_semidefinite_covariance_draws_on_its_plane():
    d = multivariate_normal({"a": 1.0, "b": 2.0}, covariance=[[1.0, 2.0], [2.0, 4.0]]).distribution
    a, b = d.sample(1000, generator(1))
    np.testing.assert_allclose(b - 2, 2 * (a - 1), atol=1e-7)
    assert d.contains(np.array([2.0, 4.0]))
    assert not d.contains(np.array([2.0, 3.9]))


def test_a_component_without_variance_is_fixed():
    d = multivariate_normal({"a": 1.0, "b": 2.0}, covariance=[[1.0, 0.0], [0.0, 0.0]]).distribution
    assert d.marginals() == {"a": Normal(1.0, 1.0), "b": Fixed(2.0)}
    assert (d.sample(100, generator(1))[1] == 2.0).all()
    assert not d.contains(np.array([1.0, 2.1]))
    assert d.contains(np.array([1.7, 2.0]))


def test_components_of_very_different_size_keep_their_digits():
    covariance = np.diag([1e12, 1e-8])
    d = multivariate_normal({"cost": 0.0, "share": 0.5}, covariance=covariance).distribution
    np.testing.assert_allclose(d._root, np.diag([1e6, 1e-4]), rtol=1e-14)


def test_scaling_a_multivariate_normal():
    d = multivariate_normal(MEAN, covariance=COVARIANCE).distribution
    u = generator(1).random((3, 20))
    np.testing.assert_allclose(d.scaled(1.3).ppf(u), 1.3 * d.ppf(u), rtol=1e-11, atol=1e-12)


def test_labelled_covariances_are_matched_by_label():
    names = ["hr", "shape", "cost"]
    order = [list(MEAN).index(k) for k in names]
    frame = pd.DataFrame(COVARIANCE[np.ix_(order, order)], index=names, columns=names)
    expected = multivariate_normal(MEAN, covariance=COVARIANCE)
    assert multivariate_normal(MEAN, covariance=frame) == expected
    assert multivariate_normal(MEAN, covariance=frame.to_dict()) == expected


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], r"not positive semidefinite.*smallest eigenvalue -1\b"),
        ([[1.0, 0.5], [0.4, 1.0]], r"not symmetric \(row 0, column 1\).*found 0.5 and 0.4"),
        ([[1.0, 0.0], [0.0, -2.0]], r"variance is negative \(component 'b'\).*found -2"),
        ([[0.0, 1e-9], [1e-9, 4.0]], "not positive semidefinite"),
        ([[1.0, 0.0]], r"wrong shape; expected 2 x 2; found shape \(1, 2\)"),
        ([[1.0, 0.0], [0.0]], "covariance is not an array"),
        ([[1.0, np.nan], [np.nan, 1.0]], r"covariance is not finite \(index \(0, 1\)\).*2 of 4"),
        ([["x", "y"], ["y", "x"]], "covariance is not numeric"),
        ({"a": {"a": 1, "c": 0}, "b": {"a": 0, "b": 1}}, r"other labels .*at row 'a'.*'a', 'c'"),
        ({"a": [1, 0], "b": [0, 1]}, r"other labels .*at row 'a'"),
        ({"a": {"a": 1, "b": 0}}, r"other labels .*at rows"),
        (
            pd.DataFrame(np.eye(2), index=["a", "b"], columns=["a", "x"]),
            "at columns.*found 'a', 'x'",
        ),
    ],
)
def test_impossible_covariances_say_why(covariance, message):
    with pytest.raises(ParameterError, match=message):
        multivariate_normal({"a": 0.0, "b": 0.0}, covariance=covariance)


def test_covariance_of_a_hidden_negative_direction_is_refused_whatever_the_scale():
    with pytest.raises(ParameterError, match=r"smallest eigenvalue -0\.5 of the correlation"):
        multivariate_normal({"a": 0, "b": 0}, covariance=[[1e-12, 1.5e-6], [1.5e-6, 1.0]])


@pytest.mark.parametrize("mean", [{"a": np.inf, "b": 0.0}, {"a": None, "b": 0.0}])
def test_impossible_means_say_which(mean):
    with pytest.raises(ParameterError, match="mean of 'a' is not"):
        multivariate_normal(mean, covariance=np.eye(2))


def test_joint_rows_stay_together():
    d = empirical(ROWS).distribution
    pairs = set(zip(*ROWS.values(), strict=True))
    a, b = d.sample(2000, generator(8))
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == pairs
    assert d.ppf([[0.0, 0.25, 0.26, 1.0]]).tolist() == [[1.0, 1.0, 2.0, 4.0], [10, 10, 20, 50]]
    assert d.mean == {"a": 2.5, "b": 27.5}
    assert d.sd["a"] == pytest.approx(np.std(ROWS["a"]), rel=1e-14)
    assert d.scaled(2.0).mean == {"a": 5.0, "b": 55.0}
    assert d.describe() == "joint empirical(4 rows of a, b)"


def test_joint_rows_from_a_frame_are_the_same():
    assert empirical(pd.DataFrame(ROWS)) == empirical(ROWS)
    assert empirical(ROWS).distribution != empirical(ROWS | {"a": [0.0, 2, 3, 4]}).distribution


def test_joint_support_is_the_range_of_each_column():
    d = empirical(ROWS).distribution
    assert d.contains(np.array([2.0, 45.0]))
    assert not d.contains(np.array([2.0, 51.0]))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, 2], "b": [1, 2, 3]}, r"do not make rows.*a of shape \(2,\), b of shape \(3,\)"),
        ({"a": [1], "b": [2]}, "at least two observations each"),
        ({"a": [[1, 2]], "b": [[2, 3]]}, "do not make rows"),
        ({"a": [1, np.nan], "b": [2, 3]}, r"column 'a' is not finite \(index 1\).*1 of 2"),
        ({"a": ["1", "2"], "b": [2, 3]}, "column 'a' is not numeric"),
        ({}, "do not make rows.*found no columns"),
    ],
)
def test_impossible_rows_say_why(columns, message):
    with pytest.raises(ParameterError, match=message):
        empirical(columns)


def test_joint_arrays_are_copies_and_read_only_through_pickle():
    mine = np.array([[1.0, 2.0], [3.0, 4.0]])
    d = JointEmpirical(("a", "b"), mine)
    mine[0, 0] = 99.0
    copy = pickle.loads(pickle.dumps(d))
    assert copy.columns[0, 0] == 1.0
    assert not copy.columns.flags.writeable


def test_marginals_of_a_dirichlet_are_betas():
    assert dirichlet(COUNTS).distribution.marginals()["D"] == Beta(17.0, 466.0)
    with pytest.raises(ParameterError, match="Dirichlet distribution cannot be multiplied"):
        dirichlet(COUNTS).distribution.scaled(2.0)


def test_direct_construction_checks_as_the_constructor_does():
    with pytest.raises(ParameterError, match="positive semidefinite"):
        MultivariateNormal(("a", "b"), (0.0, 0.0), ((1.0, 3.0), (3.0, 1.0)))
