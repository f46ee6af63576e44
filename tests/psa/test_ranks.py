"""Ranks against a sort of every draw, and what must always hold."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import rankdata

from prioritering.errors import ResultError
from prioritering.psa import acceptability, incremental, rank_probabilities

VALUES = st.integers(-3, 3).map(float)  # a small grid, so that ties are common
PAIRS = array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=6).flatmap(
    lambda shape: st.tuples(
        arrays(float, shape, elements=VALUES), arrays(float, shape, elements=VALUES)
    )
)


def twin(nmb):
    """Each draw gives an equal part to every rank its ties occupy."""
    n_strategies, n_draws = nmb.shape
    low, high = (rankdata(-nmb, method=m, axis=0).astype(int) for m in ("min", "max"))
    probability = np.zeros((n_strategies, n_strategies))
    for i in range(n_strategies):
        for k in range(n_draws):
            shared = slice(low[i, k] - 1, high[i, k])
            probability[i, shared] += 1 / (high[i, k] - low[i, k] + 1) / n_draws
    return probability


@given(PAIRS, st.sampled_from([0.0, 1.0, 2.5]))
def test_every_draw_sorted(pair, wtp):
    cost, effect = pair
    found, nmb = rank_probabilities(pair, wtp=wtp), wtp * effect - cost
    np.testing.assert_allclose(found.probability, twin(nmb), atol=1e-14)
    np.testing.assert_allclose(found.mean_rank, rankdata(-nmb, axis=0).mean(axis=1), rtol=1e-14)


@given(PAIRS)
def test_rows_and_columns_sum_to_one_and_the_first_is_acceptability(pair):
    found = rank_probabilities(pair, wtp=1.0)
    np.testing.assert_allclose(found.probability.sum(axis=0), 1, rtol=1e-13)
    np.testing.assert_allclose(found.probability.sum(axis=1), 1, rtol=1e-13)
    best = acceptability(pair, limits=1.0).probability[:, 0]
    np.testing.assert_allclose(found.probability[:, 0], best, atol=1e-14)
    ranks = np.arange(1, len(found.strategies) + 1)
    np.testing.assert_allclose(found.probability @ ranks, found.mean_rank, rtol=1e-13)
    assert found.share_outranked.mean() == pytest.approx(0.5, rel=1e-13)


def test_share_outranked_is_the_area_under_cumulative_ranks(several):
    """Salanti, Ades, Ioannidis 2011: mean of the first S - 1 cumulative probabilities."""
    found = rank_probabilities(several, wtp=8e4)
    area = np.cumsum(found.probability, axis=1)[:, :-1].mean(axis=1)
    np.testing.assert_allclose(found.share_outranked, area, rtol=1e-12)


def test_errors_of_the_means_are_those_of_each_draw(several):
    found = rank_probabilities(several, wtp=8e4)
    rank = rankdata(several.cost - 8e4 * several.qaly, axis=0)
    beaten = (len(rank) - rank) / (len(rank) - 1)
    root = np.sqrt(rank.shape[1])
    for error, draws in ((found.mean_rank_se, rank), (found.share_outranked_se, beaten)):
        np.testing.assert_allclose(error, draws.std(axis=1, ddof=1) / root, rtol=1e-12)


def test_identical_strategies_share_every_rank():
    x = np.arange(8.0)[None].repeat(4, axis=0)
    found = rank_probabilities((x, x), wtp=3.0)
    np.testing.assert_allclose(found.probability, 0.25, rtol=1e-15)
    assert found.mean_rank.tolist() == [2.5] * 4
    assert not found.mean_rank_se.any()


def test_limits_of_the_draws_own(run, severity):
    found = rank_probabilities(run, wtp=severity.wtp)
    worth = severity.wtp * (run.qaly[1] - run.qaly[0]) > run.cost[1] - run.cost[0]
    assert found.probability[1, 0] == pytest.approx(worth.mean(), rel=1e-13)
    assert "own limit" in " ".join(found.table().attrs["notes"])


def test_frame_table_and_pickle(several):
    found = rank_probabilities(several, wtp=8e4)
    assert found.to_frame().shape == (16, 6)
    assert list(found.table().index) == ["SoC", "B", "A", "AB"]
    assert repr(found) == "RankProbabilities(4 strategies, 1500 draws, best mean rank: B)"
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.probability, found.probability)
    with pytest.raises(ValueError, match="read-only"):
        again.probability[0, 0] = 1.0


def test_bad_amounts(several):
    with pytest.raises(ResultError, match="wtp does not follow the draws; expected 1500 amounts"):
        rank_probabilities(several, wtp=[1.0, 2.0])
    with pytest.raises(ResultError, match="wtp cannot be a willingness to pay.*found -1"):
        rank_probabilities(several, wtp=-1.0)
    with pytest.raises(ResultError, match="one strategy has no uncertainty"):
        rank_probabilities((np.ones((1, 4)), np.ones((1, 4))), wtp=1.0)


@pytest.mark.parametrize("later", [np.inf, -np.inf])
def test_a_last_digit_is_no_difference(later):
    """The same strategy with sums taken in another order: equal in every draw and on average."""
    rng = np.random.default_rng(1)
    cost, effect = rng.normal(1e5, 1e4, 200), rng.normal(8, 1, 200)
    pair = [cost, np.nextafter(cost, later)], [effect, np.nextafter(effect, -later)]
    limits = [0.0, 5e4, 1e6]
    curves = acceptability(pair, limits=limits)
    np.testing.assert_array_equal(curves.probability, 0.5)
    assert set(curves.favoured) == {"strategy 1"}
    table = curves.table()
    assert set(table.iloc[:, 2]) == {"strategy 1, strategy 2"}
    assert "equal" in table.attrs["notes"][-1]
    np.testing.assert_array_equal(rank_probabilities(pair, wtp=5e4).probability, 0.5)
    found = incremental(pair, reference="strategy 1", levels=[5e4])
    assert found.levels[0].exceeds.value == 0.5
    assert found.icer is None


def test_a_real_difference_is_kept_however_small():
    cost = np.repeat([[1e5], [1e5 + 1e-5]], 50, axis=1)
    curves = acceptability((cost, np.ones_like(cost)), limits=[5e4])
    assert curves.probability.tolist() == [[1.0], [0.0]]
    assert curves.best_on_average(0) == ("strategy 1",)
    assert "equal" not in " ".join(curves.table("en").attrs["notes"])
