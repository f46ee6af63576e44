"""Acceptability curves against a plain NumPy twin, closed forms and their own invariants."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import norm

from prioritering.errors import ResultError, UnknownNameError
from prioritering.psa import acceptability, evpi, severity_adjusted_best

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=7)
VALUES = st.integers(-4, 4).map(float)  # a small grid, so that ties are common
PAIRS = SHAPES.flatmap(
    lambda shape: st.tuples(
        arrays(float, shape, elements=VALUES), arrays(float, shape, elements=VALUES)
    )
)
LIMITS = np.array([0.0, 0.5, 1.0, 3.0, 1e6])


def twin(cost, effect, limits):
    """Shares, losses and their spread in plain NumPy, shape (strategy, limit) and (limit,)."""
    nmb = limits[:, None, None] * effect - cost
    wins = nmb == nmb.max(axis=1, keepdims=True)
    share = (wins / wins.sum(axis=1, keepdims=True)).mean(axis=2).T
    favoured = nmb.mean(axis=2).argmax(axis=1)
    loss = nmb.max(axis=1) - np.take_along_axis(nmb, favoured[:, None, None], axis=1)[:, 0]
    return share, loss.mean(axis=1), loss.std(axis=1, ddof=1) / np.sqrt(cost.shape[1])


@settings(deadline=None)
@given(PAIRS)
def test_kernel_and_numpy_twin_agree_with_ties(pair):
    share, _, _ = twin(*pair, LIMITS)
    np.testing.assert_allclose(acceptability(pair, limits=LIMITS).probability, share, atol=1e-15)


@pytest.mark.parametrize("n_draws", [2, 511, 512, 513, 3000])
def test_kernel_and_numpy_twin_agree_across_blocks(n_draws):
    rng = np.random.default_rng(n_draws)
    cost, effect = rng.normal(1e5, 3e4, (4, n_draws)), rng.normal(8, 0.5, (4, n_draws))
    limits = np.linspace(0, 1e6, 23)
    share, loss, error = twin(cost, effect, limits)
    np.testing.assert_allclose(
        acceptability((cost, effect), limits=limits).probability, share, rtol=1e-12, atol=1e-15
    )
    value = evpi((cost, effect), wtp=limits)
    np.testing.assert_allclose(value.value, loss, rtol=1e-11)
    np.testing.assert_allclose(value.se, error, rtol=1e-10)


@settings(deadline=None)
@given(PAIRS)
def test_shares_of_a_limit_sum_to_one(pair):
    found = acceptability(pair, limits=LIMITS)
    np.testing.assert_allclose(found.probability.sum(axis=0), 1.0, rtol=1e-14)
    assert (found.probability >= 0).all()


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_order_of_draws_changes_nothing(pair, random):
    cost, effect = pair
    order = list(range(cost.shape[1]))
    random.shuffle(order)
    one = acceptability(pair, limits=LIMITS).probability
    other = acceptability((cost[:, order], effect[:, order]), limits=LIMITS).probability
    np.testing.assert_allclose(one, other, atol=1e-14)


def test_ties_are_shared_equally():
    cost = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 9.0]])
    found = acceptability((cost, 0 * cost), limits=10.0)
    np.testing.assert_allclose(found.probability[:, 0], [5 / 12, 5 / 12, 1 / 6], rtol=1e-15)


def test_normal_net_benefit_has_the_closed_form():
    """With b ~ N(m, s) at its quantile midpoints, P(b > 0) = Phi(m / s) within 1 / (2 n)."""
    n, m, s = 20_000, 0.4, 1.3
    b = m + s * norm.ppf((np.arange(n) + 0.5) / n)
    pair = (np.stack([0 * b, -b]), np.zeros((2, n)))
    found = acceptability(pair, limits=0.0)
    assert found.probability[1, 0] == pytest.approx(norm.cdf(m / s), abs=0.5 / n)
    assert found.probability_se[1, 0] == pytest.approx(
        np.sqrt(norm.cdf(m / s) * norm.sf(m / s) / n), rel=1e-4
    )


def test_frontier_follows_the_mean_not_the_majority():
    cost = np.zeros((2, 4))
    effect = np.array([[0.0, 0.0, 0.0, 0.0], [-1.0, -1.0, -1.0, 9.0]])
    found = acceptability((cost, effect), limits=1.0)
    assert found.favoured == ("strategy 2",)
    assert found.frontier[0] == 0.25
    assert found.mean_nmb[1, 0] == 1.5


def test_frame_and_pickle(vaccine_run):
    found = acceptability(vaccine_run, limits=[0, 20_000])
    frame = found.to_frame()
    assert list(frame["wtp"]) == [0, 20_000, 0, 20_000]
    assert list(frame["favoured"]) == [True, True, False, False]
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.probability, found.probability)
    with pytest.raises(ValueError, match="read-only"):
        found.probability[0, 0] = 0.0
    assert repr(found) == "Acceptability(2 strategies, 2 limits 0 to 20000, 1000 draws)"


def test_the_callers_arrays_stay_theirs():
    cost, effect, limits = np.ones((2, 3)), np.ones((2, 3)), np.array([1.0])
    acceptability((cost, effect), limits=limits)
    assert cost.flags.writeable
    assert limits.flags.writeable


def test_per_draw_limits_by_hand():
    cost = np.array([[0.0] * 4, [10.0] * 4])
    effect = np.array([[0.0] * 4, [1.0] * 4])
    found = severity_adjusted_best((cost, effect), wtp_per_draw=[5.0, 10.0, 20.0, 20.0])
    assert found.probability == (0.375, 0.625)  # the second draw is a tie
    assert found.of("strategy 2") == 0.625
    with pytest.raises(UnknownNameError, match="unknown strategy 'strategy 3'"):
        found.of("strategy 3")
    assert found.probability_se[0] == pytest.approx(np.sqrt(0.375 * 0.625 / 4), rel=1e-15)


def test_frame_and_table_of_per_draw_limits(run, severity, language):
    found = severity_adjusted_best(run, wtp_per_draw=severity.wtp)
    assert found.to_frame()["probability"].tolist() == list(found.probability)
    assert found.table(language).shape == (2, 1)
    assert "<table" in found._repr_html_()


@settings(deadline=None)
@given(PAIRS, st.sampled_from(LIMITS.tolist()))
def test_one_limit_for_all_draws_is_the_acceptability_curve(pair, limit):
    same = severity_adjusted_best(pair, wtp_per_draw=np.full(pair[0].shape[1], limit))
    np.testing.assert_allclose(
        same.probability, acceptability(pair, limits=limit).probability[:, 0], atol=1e-15
    )


@pytest.mark.parametrize(
    ("cost", "effect", "message"),
    [
        (np.ones((2, 1)), np.ones((2, 1)), r"one draw has no uncertainty.*sampled parameters"),
        (np.ones((1, 5)), np.ones((1, 5)), "one strategy has no uncertainty"),
        (np.ones((2, 5)), np.ones((2, 4)), r"one shape.*found \(2, 5\) and \(2, 4\)"),
        (np.ones(5), np.ones(5), r"two arrays of one shape \(strategy, draw\)"),
        (
            [[1, 2], [3, np.nan]],
            np.ones((2, 2)),
            r"cost is.*\(strategy 'strategy 2', draw 1\)",
        ),
        (
            np.ones((2, 2)),
            [[np.inf, 2], [3, 4]],
            r"effect is.*\(strategy 'strategy 1', draw 0\)",
        ),
    ],
)
def test_bad_draws(cost, effect, message):
    with pytest.raises(ResultError, match=message):
        acceptability((cost, effect), limits=1.0)


@pytest.mark.parametrize("limits", [-1.0, [1.0, np.nan], [], [[1.0]], np.inf])
def test_bad_limits(limits):
    pair = np.ones((2, 2)), np.ones((2, 2))
    for question in (lambda: acceptability(pair, limits=limits), lambda: evpi(pair, wtp=limits)):
        with pytest.raises(ResultError, match="finite and 0 or more"):
            question()


def test_limits_that_do_not_follow_the_draws():
    pair = np.ones((2, 4)), np.ones((2, 4))
    with pytest.raises(ResultError, match=r"4 amounts, one per draw.*found 3.*same run"):
        severity_adjusted_best(pair, wtp_per_draw=[1.0, 2.0, 3.0])


def test_rounding_shares_a_draw_at_its_own_limit_too():
    pair = np.array([[0.1 + 0.2] * 2, [0.3] * 2]), np.ones((2, 2))
    assert severity_adjusted_best(pair, wtp_per_draw=0.1).probability == (0.5, 0.5)
