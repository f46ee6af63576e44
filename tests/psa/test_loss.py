"""Expected-loss curves against plain NumPy, the EVPI, and what must always hold."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prioritering.errors import ResultError
from prioritering.psa import acceptability, evpi, expected_loss

LIMITS = np.linspace(0, 2e5, 41)
AMOUNTS = st.floats(-1e6, 1e6)


def twin(cost, effect, limits):
    nmb = limits[:, None, None] * effect - cost
    loss = (nmb.max(axis=1, keepdims=True) - nmb).transpose(1, 0, 2)
    return loss.mean(axis=2), loss.std(axis=2, ddof=1) / np.sqrt(cost.shape[1])


@pytest.mark.parametrize("n_draws", [2, 511, 512, 513, 3000])
def test_numpy_twin(n_draws):
    rng = np.random.default_rng(n_draws)
    cost, effect = rng.normal(1e5, 3e4, (4, n_draws)), rng.normal(8, 0.5, (4, n_draws))
    found = expected_loss((cost, effect), limits=LIMITS)
    loss, error = twin(cost, effect, LIMITS)
    np.testing.assert_allclose(found.loss, loss, rtol=1e-10, atol=1e-6)
    np.testing.assert_allclose(found.loss_se, error, rtol=1e-9, atol=1e-8)


@given(arrays(float, (2, 3, 9), elements=AMOUNTS))
def test_never_negative_lowest_for_the_favoured_and_apart_by_means(values):
    pair = tuple(values)
    found, curves = (f(pair, limits=[0, 1, 1e5]) for f in (expected_loss, acceptability))
    scale = 1e5 * np.abs(values).max() + 1
    assert (found.loss >= 0).all()
    assert found.lowest == curves.favoured
    np.testing.assert_allclose(found.loss.min(axis=0), found.evpi, atol=1e-12 * scale)
    np.testing.assert_allclose(np.ptp(found.loss + curves.mean_nmb, axis=0), 0, atol=1e-11 * scale)


def test_its_lowest_edge_is_the_evpi(several):
    found, information = expected_loss(several, limits=LIMITS), evpi(several, wtp=LIMITS)
    np.testing.assert_allclose(found.evpi, information.value, rtol=1e-13)
    np.testing.assert_allclose(found.evpi_se, information.se, rtol=1e-10)


def test_one_pass_gives_probabilities_and_losses(several):
    both, alone = acceptability(several, limits=LIMITS).loss, expected_loss(several, limits=LIMITS)
    np.testing.assert_array_equal(both.loss, alone.loss)
    np.testing.assert_array_equal(both.loss_se, alone.loss_se)


def test_a_constant_loss_has_no_error():
    """Costs that differ by the same amount in every draw; squares of 1e9 would drown it."""
    rng = np.random.default_rng(1)
    effect = rng.normal(8, 1, 5000)
    found = expected_loss(([0 * effect, 0 * effect + 1e9], [effect, effect]), limits=1e5)
    assert found.loss[:, 0].tolist() == [0.0, 1e9]
    np.testing.assert_allclose(found.loss_se[:, 0], 0, atol=1e-6)


def test_identical_strategies_lose_nothing():
    x = np.random.default_rng(3).normal(size=(1, 50)).repeat(3, axis=0)
    found = expected_loss((x, x), limits=[0, 7])
    assert not found.loss.any()
    assert not found.loss_se.any()
    assert found.lowest == ("strategy 1",) * 2


def test_frame_pickle_and_words(several):
    found = expected_loss(several, limits=[0, 1e5])
    frame = found.to_frame()
    assert list(frame.columns) == ["strategy", "wtp", "loss", "loss_se", "lowest"]
    assert frame[frame["lowest"]]["strategy"].tolist() == ["SoC", "B"]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).loss, found.loss)
    with pytest.raises(ValueError, match="read-only"):
        found.loss[0, 0] = 1.0
    assert repr(found) == "ExpectedLossCurves(4 strategies, 2 limits 0 to 100000, 1500 draws)"
    assert "USD" in found._repr_html_()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ([0, 5, 3], r"not in rising order \(position 2\).*found 3 after 5\. Write limits=np.sort"),
        ([-1, 5], "finite and 0 or more; found -1"),
        ([0, np.nan], "finite and 0 or more"),
        ([], "finite and 0 or more"),
    ],
)
@pytest.mark.parametrize("function", [expected_loss, acceptability])
def test_bad_limits(several, function, limits, message):
    with pytest.raises(ResultError, match=message):
        function(several, limits=limits)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((np.ones((1, 5)), np.ones((1, 5))), "one strategy has no.*comparator as a strategy"),
        ((np.ones((2, 1)), np.ones((2, 1))), "one draw has no.*sampled parameters"),
        (([[1, np.nan], [np.nan, 1]], np.ones((2, 2))), r"cost is not finite.*nan \(2 such values"),
    ],
)
def test_bad_draws(pair, message):
    with pytest.raises(ResultError, match=message):
        expected_loss(pair, limits=1.0)
