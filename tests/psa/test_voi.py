"""Expected value of perfect information."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from prioritering.conventions import Discounting
from prioritering.errors import ResultError
from prioritering.outcomes import Outcomes
from prioritering.psa import (
    Evpi,
    acceptability,
    evpi,
    population_evpi,
    running_mean,
    severity_adjusted_best,
)

AMOUNTS = st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(arrays(float, (2, 3, 9), elements=AMOUNTS), st.floats(0, 1e6))
def test_never_negative_and_the_textbook_difference(values, wtp):
    cost, effect = values
    found = evpi((cost, effect), wtp=wtp)
    nmb = wtp * effect - cost
    textbook = nmb.max(axis=0).mean() - nmb.mean(axis=1).max()
    assert found.value >= 0
    assert found.value == pytest.approx(textbook, rel=1e-9, abs=1e-12 * (1 + np.abs(nmb).max()))
    assert found.value.shape == ()


@settings(deadline=None)
@given(arrays(float, (2, 2, 9), elements=AMOUNTS), st.floats(0, 1e6))
def test_two_strategies_is_the_smaller_expected_loss(values, wtp):
    cost, effect = values
    b = wtp * (effect[1] - effect[0]) - (cost[1] - cost[0])
    smaller = min(np.maximum(-b, 0).mean(), np.maximum(b, 0).mean())
    scale = wtp * np.abs(effect).max() + np.abs(cost).max()
    assert float(evpi((cost, effect), wtp=wtp).value) == pytest.approx(
        smaller, rel=1e-9, abs=1e-12 * (1 + scale)
    )


def test_normal_benefit_is_the_unit_normal_loss():
    """E[max(0, -b)] = s (phi(m / s) - (m / s) Phi(-m / s)) for b ~ N(m, s), m > 0."""
    n, m, s = 200_000, 0.7, 2.0
    b = m + s * norm.ppf((np.arange(n) + 0.5) / n)
    found = evpi((np.stack([0 * b, -b]), np.zeros((2, n))), wtp=0.0)
    closed = s * (norm.pdf(m / s) - m / s * norm.sf(m / s))
    assert float(found.value) == pytest.approx(closed, rel=2e-5)


def test_standard_error_is_the_spread_over_repetitions():
    rng = np.random.default_rng(8)
    b = rng.normal(0.5, 1.0, (600, 2000))
    runs = [evpi((np.stack([0 * x, -x]), np.zeros((2, 2000))), wtp=0.0) for x in b]
    spread = np.std([r.value for r in runs], ddof=1)
    stated = np.mean([r.se for r in runs])
    assert stated == pytest.approx(spread, rel=0.09)  # 1 / sqrt(2 x 600) = 2.9 %


def test_shapes_follow_the_limits():
    pair = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 3.0]])
    assert evpi(pair, wtp=1.0).value.shape == ()
    found = evpi(pair, wtp=[0.0, 1.0])
    assert found.value.shape == found.se.shape == (2,)
    assert list(found.to_frame().columns) == ["wtp", "evpi", "evpi_se"]
    assert found.value.tolist() == [0.0, 0.5]  # at 1, new: -1 or 2, so half of 1 is lost


def test_population_sums_the_discounted_years():
    one = Evpi(np.array([1e5, 2e5]), np.array([10.0, 20.0]), np.array([1.0, 2.0]))
    four = Discounting.flat(0.04)
    patients = np.array([100.0, 80.0, 60.0])
    for timing, shift in (("start", 0.0), ("mid", 0.5), ("end", 1.0), ("point", 0.5)):
        found = population_evpi(one, incidence=patients, years=3, discounting=four.at(timing))
        present = sum(p * 1.04 ** -(t + shift) for t, p in enumerate(patients))
        assert found.discounted_patients == pytest.approx(present, rel=1e-13)
        np.testing.assert_allclose(found.value, np.array([10.0, 20.0]) * present, rtol=1e-13)
        np.testing.assert_allclose(found.se, np.array([1.0, 2.0]) * present, rtol=1e-13)
        assert found.patients == 240.0
        assert "0.04" in found.discounting


def test_constant_incidence_is_the_annuity():
    one = Evpi(np.array(1e5), np.array(1.0), np.array(0.1))
    found = population_evpi(
        one, incidence=7, years=10, discounting=Discounting.flat(0.03).at("end")
    )
    assert float(found.value) == pytest.approx(7 * (1 - 1.03**-10) / 0.03, rel=1e-13)


@pytest.mark.parametrize(
    ("incidence", "years", "message"),
    [
        (5, 0, "no year to use the information in"),
        (5, 2.5, "a whole number of years, 1 or more; found 2.5"),
        (5, "10", "a whole number of years, 1 or more; found '10'"),
        (-1, 3, "0 or more, or 3 of them"),
        (np.nan, 3, "how many patients start each year"),
        ([1, 2], 3, "or 3 of them"),
    ],
)
def test_bad_population(incidence, years, message):
    one = Evpi(np.array(1e5), np.array(1.0), np.array(0.1))
    with pytest.raises(ResultError, match=message):
        population_evpi(one, incidence=incidence, years=years, discounting=Discounting.none())


def test_dependent_draws_make_errors_upper_bounds():
    cost, qaly = [[0.0, 1.0, 2.0], [3.0, 5.0, 4.0]], [[1.0, 1.0, 1.0], [2.0, 3.0, 2.0]]
    for method, upper in (("sobol", True), ("latin_hypercube", True), ("random", False)):
        run = Outcomes.from_arrays(
            ["a", "b"], cost=cost, qaly=qaly, provenance={"draws": {"method": method}}
        )
        one = evpi(run, wtp=3.0)
        all_patients = population_evpi(one, incidence=1, years=1, discounting=Discounting.none())
        curve = acceptability(run, limits=[1.0, 3.0])
        best = severity_adjusted_best(run, wtp_per_draw=3.0)
        for found in (one, all_patients, curve, best):
            assert found.errors_are_upper_bounds is upper


def test_arrays_stay_read_only_after_pickling():
    one = evpi(([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 3.0]]), wtp=[0.0, 1.0])
    curve = acceptability(([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 3.0]]), limits=[0.0, 1.0])
    everyone = population_evpi(one, incidence=2, years=3, discounting=Discounting.none())
    settled = running_mean([1.0, 2.0, 4.0])
    for result in (one, curve, everyone, settled):
        for found in (result, pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
            arrays = [a for a in vars(found).values() if isinstance(a, np.ndarray)]
            assert arrays
            assert not any(a.flags.writeable for a in arrays)
