"""Rank correlation between parameters: achieved, contradicted, kept and refused."""

import pickle
from math import sqrt
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats as st
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from prioritering.errors import ParameterError, UnknownNameError
from prioritering.parameters import (
    Parameters,
    beta,
    dirichlet,
    empirical,
    fixed,
    gamma,
    lognormal,
    multivariate_normal,
    uniform,
)
from prioritering.parameters.correlation import RankCorrelation

PARAMS = Parameters(
    hr=lognormal(median=0.7, ci=(0.5, 0.98)),
    u=beta(mean=0.8, se=0.05),
    cost=gamma(mean=12_000, se=2_000, price_year=2022),
    share=uniform(low=0.1, high=0.4),
    seen=empirical(np.arange(200.0) ** 2),
    p=dirichlet({"A": 3, "B": 5}),
    fit=multivariate_normal({"s": 0.2, "t": 1.1}, covariance=[[0.04, 0.01], [0.01, 0.09]]),
    discount=fixed(0.04),
)
PAIRS = {("hr", "u"): -0.6, ("cost", "u"): 0.3, ("seen", "share"): 0.8}
METHODS = ["random", "sobol", "latin_hypercube"]


@pytest.mark.parametrize("method", METHODS)
def test_the_wanted_correlation_is_achieved(method):
    """Within 5 standard errors of Spearman's rho, at most about 1.06 (1 - rho^2) / sqrt(n)."""
    n = 1 << 14
    draws = PARAMS.correlated(PAIRS).sample(n, seed=3, method=method)
    for (a, b), rho in {**PAIRS, ("hr", "cost"): 0.0, ("hr", "seen"): 0.0}.items():
        found = st.spearmanr(draws[a], draws[b]).statistic
        assert abs(found - rho) < 5 * 1.06 / sqrt(n), (a, b)


@settings(max_examples=25)
@given(some.floats(-0.97, 0.97), some.integers(0, 1000))
def test_any_single_correlation_is_achieved(rho, seed):
    n = 4096
    params = PARAMS.correlated({("hr", "cost"): rho})
    draws = params.sample(n, seed=seed)
    found = st.spearmanr(draws.hr, draws.cost).statistic
    assert abs(found - rho) < 6 * 1.06 / sqrt(n)


@pytest.mark.parametrize("method", METHODS)
def test_marginals_are_unchanged(method):
    n = 1 << 13
    draws = PARAMS.correlated(PAIRS).sample(n, seed=5, method=method)
    shares = (np.arange(n) + 0.5) / n
    for name in ("hr", "u", "cost", "share"):
        below = np.searchsorted(np.sort(draws[name]), PARAMS[name].distribution.ppf(shares)) / n
        assert np.abs(below - shares).max() < 1.95 / sqrt(n)  # Kolmogorov's limit at p = 0.001


@pytest.mark.parametrize("method", METHODS)
def test_parameters_without_correlation_keep_their_draws(method):
    """Also those of another block: what is correlated elsewhere does not touch them."""
    before = PARAMS.sample(256, seed=1, method=method)
    one = PARAMS.correlated({("hr", "u"): 0.5}).sample(256, seed=1, method=method)
    two = PARAMS.correlated({("hr", "u"): 0.5, ("cost", "share"): 0.9})
    after = two.sample(256, seed=1, method=method)
    for name in ("cost", "share", "seen", "p", "fit", "discount"):
        found, usual = (getattr(draws[name], "array", draws[name]) for draws in (one, before))
        assert np.array_equal(found, usual)
    for name in ("hr", "u"):
        assert np.array_equal(after[name], one[name])
        assert not np.array_equal(one[name], before[name])


def test_the_first_draws_of_many_are_the_draws():
    params = PARAMS.correlated(PAIRS)
    assert params.sample(10_000, seed=4).chunk(0, 1000) == params.sample(1000, seed=4)


def test_order_of_names_and_pairs_does_not_matter():
    turned = {(b, a): rho for (a, b), rho in reversed(PAIRS.items())}
    one, two = PARAMS.correlated(PAIRS), PARAMS.correlated(turned)
    backwards = Parameters({name: PARAMS[name] for name in reversed(PARAMS.names)}).correlated(
        PAIRS
    )
    assert one.fingerprint == two.fingerprint == backwards.fingerprint
    assert one.sample(64, seed=1) == two.sample(64, seed=1)
    assert np.array_equal(one.sample(64, seed=1).u, backwards.sample(64, seed=1).u)


def test_normals_behind_the_ranks_have_the_correlation_of_the_formula():
    """Equal normals of four points give the symmetric root itself: R^(1/2) R^(1/2) = R."""
    rank = RankCorrelation({("a", "b"): 0.4, ("b", "c"): -0.3})
    unit = {name: np.eye(3)[k] for k, name in enumerate("abc")}
    root = np.array([rank.mix(unit)[name] for name in "abc"])
    ab, bc = 2 * np.sin(np.pi * 0.4 / 6), -2 * np.sin(np.pi * 0.3 / 6)
    expected = [[1, ab, 0], [ab, 1, bc], [0, bc, 1]]
    np.testing.assert_allclose(root @ root.T, expected, rtol=1e-13, atol=1e-14)


def test_base_case_fingerprint_and_provenance():
    params = PARAMS.correlated(PAIRS)
    assert params.expected() == PARAMS.expected()
    assert params.fingerprint != PARAMS.fingerprint
    assert params.fingerprint != PARAMS.correlated({**PAIRS, ("hr", "u"): -0.59}).fingerprint
    assert params.sample(8, seed=1).provenance["rank_correlation"] == [
        ["cost", "u", 0.3],
        ["hr", "u", -0.6],
        ["seen", "share", 0.8],
    ]
    assert "rank_correlation" not in PARAMS.sample(8, seed=1).provenance
    assert params.correlations[("hr", "u")] == -0.6
    assert params != PARAMS
    assert params == PARAMS.correlated(PAIRS)
    assert repr(params).endswith("; 3 correlated)")
    with pytest.raises(TypeError):
        params.correlations[("hr", "u")] = 0.1


def test_copies_keep_the_correlation():
    params = PARAMS.correlated(PAIRS)
    index = SimpleNamespace(factor=lambda from_year, to_year: 1.1)
    again = pickle.loads(pickle.dumps(params))
    assert again == params
    assert again.sample(64, seed=2) == params.sample(64, seed=2)
    assert params.replace(u=beta(mean=0.7, se=0.05)).correlations == params.correlations
    assert params.at_price_year(2025, index).correlations == params.correlations
    assert Parameters(params, extra=1.0).correlations == params.correlations
    assert not Parameters(dict(params)).correlations
    further = params.correlated({("hr", "share"): 0.1})
    assert set(further.correlations) == {*params.correlations, ("hr", "share")}


def test_amounts_converted_to_other_prices_keep_their_ranks():
    params = PARAMS.correlated(PAIRS)
    index = SimpleNamespace(factor=lambda from_year, to_year: 1.1)
    old, new = params.sample(100, seed=1), params.at_price_year(2025, index).sample(100, seed=1)
    np.testing.assert_allclose(new.cost, 1.1 * old.cost, rtol=1e-12)


@pytest.mark.parametrize(
    ("pairs", "error", "says"),
    [
        ({("hr", "discount"): 0.3}, ParameterError, "discount cannot be rank.*uncertain.*fixed"),
        ({("hr", "p"): 0.3}, ParameterError, "p cannot be rank.*Dirichlet.*joint distribution"),
        ({("fit", "hr"): 0.3}, ParameterError, "fit cannot be rank correlated.*multivariate"),
        ({("hr", "uu"): 0.3}, UnknownNameError, "unknown parameter 'uu'.*Did you mean 'u'"),
        ({("hr", "p.A"): 0.3}, UnknownNameError, "unknown parameter 'p.A'"),
        ({("hr", "u"): 1.0}, ParameterError, "hr and u is outside its range.*above -1.*found 1"),
        ({("hr", "u"): -1}, ParameterError, "outside its range"),
        ({("hr", "u"): float("nan")}, ParameterError, "hr and u is not finite"),
        ({("hr", "u"): "0.3"}, ParameterError, "hr and u is not a number"),
        ({("hr", "hr"): 0.3}, ParameterError, "does not name two parameters"),
        ({("hr", "u", "p"): 0.3}, ParameterError, "pair of different names"),
        ({"hr": 0.3}, ParameterError, "does not name two parameters.*found 'hr'"),
        ({("hr", "u"): 0.3, ("u", "hr"): 0.3}, ParameterError, "correlated twice.*hr and u"),
    ],
)
def test_what_cannot_be_correlated_is_refused(pairs, error, says):
    with pytest.raises(error, match=says):
        PARAMS.correlated(pairs)


def test_a_pair_added_again_is_refused():
    with pytest.raises(ParameterError, match=r"correlated twice.*hr and u.*without that"):
        PARAMS.correlated({("hr", "u"): 0.3}).correlated({("u", "hr"): 0.3})


def test_contradictory_correlations_name_the_pairs_and_the_eigenvalue():
    """With a and b alike 0.9 and c against both -0.9 and 0.9: eigenvalue 1 - 2 r, near -0.82."""
    pairs = {("hr", "u"): 0.9, ("cost", "hr"): 0.9, ("cost", "u"): -0.9, ("seen", "share"): 0.2}
    r = 2 * np.sin(np.pi * 0.9 / 6)
    with pytest.raises(ParameterError, match="contradict each other") as caught:
        PARAMS.correlated(pairs)
    assert f"smallest eigenvalue {1 - 2 * r:.6g}" in caught.value.found
    assert "cost and hr 0.9, cost and u -0.9, hr and u 0.9" in caught.value.found
    assert "seen" not in caught.value.found
    assert "nothing is adjusted" in caught.value.remedy


@pytest.mark.parametrize("other", [fixed(1.0), dirichlet({"A": 1, "B": 2}), 3.0])
def test_a_correlated_parameter_is_not_replaced_by_one_without_ranks(other):
    params = PARAMS.correlated(PAIRS)
    with pytest.raises(ParameterError, match="hr cannot be rank correlated"):
        params.replace(hr=other)
    assert params.replace(discount=0.03)["discount"].value == 0.03


def test_values_with_many_ties_are_refused_and_few_ties_are_harmless():
    """Ten equal shares lower the correlation by 0.5 %; nine are refused."""
    ten = PARAMS.replace(seen=empirical(np.repeat(np.arange(10.0), 5)))
    n = 1 << 16
    draws = ten.correlated({("hr", "seen"): 0.9}).sample(n, seed=1)
    found = st.spearmanr(draws.hr, draws.seen).statistic
    assert abs(found - 0.9 * sqrt(0.99)) < 5 * 1.06 / sqrt(n)
    nine = PARAMS.replace(seen=empirical(np.arange(9.0)))
    with pytest.raises(ParameterError, match=r"seen has too many equal.*9 different.*0.01235"):
        nine.correlated({("hr", "seen"): 0.9})


@settings(max_examples=40)
@given(some.lists(some.floats(-0.99, 0.99), min_size=6, max_size=6))
def test_correlations_are_refused_exactly_when_the_matrix_is_indefinite(rhos):
    names = ("hr", "u", "cost", "share")
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    matrix = np.eye(4)
    for (a, b), rho in zip(pairs, rhos, strict=True):
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = 2 * np.sin(np.pi * rho / 6)
    smallest = np.linalg.eigvalsh(matrix)[0]
    assume(abs(smallest) > 1e-9)
    wanted = dict(zip(pairs, rhos, strict=True))
    if smallest > 0:
        assert PARAMS.correlated(wanted).sample(16, seed=1).n_draws == 16
    else:
        with pytest.raises(ParameterError, match="smallest eigenvalue"):
            PARAMS.correlated(wanted)


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "(Spearman): cost and u 0.3; hr and u -0.6; seen and share 0.8."),
        ("no", "(Spearman): cost og u 0,3; hr og u -0,6; seen og share 0,8."),
    ],
)
def test_the_table_names_the_correlations(language, note):
    with_pairs = PARAMS.correlated(PAIRS).table(language).attrs["notes"]
    assert note in with_pairs[-1]
    assert len(with_pairs) == len(PARAMS.table(language).attrs["notes"]) + 1


def test_the_root_behind_the_normals_is_the_symmetric_one():
    correlation = RankCorrelation({("a", "b"): 0.6, ("a", "c"): -0.3, ("b", "c"): 0.2})
    (block,) = correlation.blocks
    root = correlation._root(block)
    np.testing.assert_allclose(root, root.T, atol=1e-14)
    np.testing.assert_allclose(root @ root, correlation._matrix(block), atol=1e-14)
