import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering import ConventionError, CycleCorrection, Discounting, PrioriteringWarning

NORWAY = Discounting.stepped((0, 0.04), (40, 0.03), (75, 0.02))
SUMMING = ("none-start", "none-end", "half-cycle", "life-table", "simpson")


def test_norwegian_steps_equal_the_product_formula():
    t = np.array([0.0, 0.5, 39.0, 40.0, 41.5, 75.0, 90.0])
    by_hand = 1 / (
        1.04 ** np.minimum(t, 40)
        * 1.03 ** np.clip(t - 40, 0, 35)
        * 1.02 ** np.clip(t - 75, 0, None)
    )
    np.testing.assert_allclose(NORWAY.factor(t), by_hand, rtol=1e-14)
    # Rundskriv R-109 (2021) as printed with six decimals
    np.testing.assert_allclose(NORWAY.factor([40, 75]), [0.208289, 0.074022], atol=5e-7)


def test_continuous_and_discrete_differ_as_they_should():
    assert Discounting.flat(0.06, rate_type="continuous").factor(2.5) == pytest.approx(
        np.exp(-0.15), rel=1e-14
    )
    assert Discounting.flat(0.06).factor(2.5) == pytest.approx(1.06**-2.5, rel=1e-14)


@pytest.mark.parametrize(
    ("timing", "moments"),
    [("start", (0, 0, 0)), ("mid", (0.5, 0.5, 0.5)), ("end", (1, 1, 1)), ("point", (0, 1, 0.5))],
)
def test_timing_places_each_part_of_a_cycle(timing, moments):
    factors = Discounting.flat(0.05).at(timing).cycle_factors(3, 0.25)
    for factor, moment in zip(factors, moments, strict=True):
        np.testing.assert_allclose(factor, 1.05 ** -((np.arange(3) + moment) * 0.25), rtol=1e-14)


@given(st.integers(1, 60), st.sampled_from(SUMMING))
def test_every_correct_rule_counts_each_cycle_once(n, rule):
    weights = CycleCorrection(rule).weights(n)
    assert weights.shape == (n, 2)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-14)


@given(st.integers(2, 40), st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_simpson_integrates_cubics_exactly(n, coefficients):
    nodes = np.arange(n + 1) / n
    f = np.polynomial.polynomial.polyval(nodes, coefficients)
    w = CycleCorrection("simpson").weights(n) / n
    exact = sum(c / (k + 1) for k, c in enumerate(coefficients))
    assert (w[:, 0] * f[:-1] + w[:, 1] * f[1:]).sum() == pytest.approx(exact, abs=1e-12)


def test_misindexed_simpson_repeats_the_published_weights():
    w = CycleCorrection("simpson-misindexed").weights(75)
    node = np.zeros(76)
    node[:-1] += w[:, 0]
    node[1:] += w[:, 1]
    published = [1 / 3] + [2 / 3, 4 / 3] * 37 + [1 / 3]
    np.testing.assert_allclose(node, published, rtol=1e-15)
    # ten undiscounted years in full health come to 9.33 under these weights
    assert CycleCorrection("simpson-misindexed").weights(10).sum() == pytest.approx(28 / 3)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (((1.0, 0.04),), "rising starting years, the first of them 0"),
        (((0.0, 0.04), (0.0, 0.03)), "out of order"),
        (((0.0, -0.01),), "found -0.01"),
        (((0.0, float("nan")),), "found nan"),
        ((), "out of order"),
    ],
)
def test_impossible_steps_are_refused(steps, message):
    with pytest.raises(ConventionError, match=message):
        Discounting(steps)


def test_unknown_names_are_refused():
    with pytest.raises(ConventionError, match="'half-cycle'"):
        CycleCorrection("halfcycle")
    with pytest.raises(ConventionError, match="timing"):
        Discounting.flat(0.04, timing="begin")
    with pytest.raises(ConventionError, match="rate_type"):
        Discounting.flat(0.04, rate_type="exp")


def test_life_table_counting_needs_a_moment_of_discounting():
    with pytest.raises(ConventionError, match="timing 'point'"):
        CycleCorrection("life-table").discounted(NORWAY, 10, 1.0)
    inside = CycleCorrection("life-table").discounted(NORWAY.at("mid"), 10, 1.0)
    np.testing.assert_allclose(inside[:, 0], 0.5 * 1.04 ** -(np.arange(10) + 0.5), rtol=1e-14)


def test_conventions_print_themselves():
    steps = "0.04 from year 0, 0.03 from year 40, 0.02 from year 75"
    assert str(NORWAY) == f"discounted at {steps} (discrete, timing point)"
    assert str(Discounting.none()) == "not discounted"
    assert "replication only" in str(CycleCorrection("simpson-misindexed"))


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda: Discounting.flat(4), "1 of 1 discount rates above 100 % a year .400%."),
        (lambda: Discounting.stepped((0, 4), (40, 3), (75, 0.02)), "2 of 3 discount rates"),
    ],
)
def test_rates_in_percent_are_warned_of(make, count):
    with pytest.warns(PrioriteringWarning, match=count) as warned:
        make()
    assert warned[0].filename == __file__
