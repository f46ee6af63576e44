"""EVPPI, EVSI and their errors where the answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering.psa.information import (
    binomial_study,
    evpi,
    evppi,
    evppi_all,
    evsi,
    evsi_by_sample_size,
    normal_mean_study,
    rate_study,
)

from .closed_forms import unit_normal_loss


def test_linear_benefit_of_normal_parameters(line):
    pair, draws = line
    for name, sd in (("x", 2.0), ("y", 3.0)):
        found = evppi(pair, draws, parameters=name, wtp=0.0)
        assert abs(float(found.value) - unit_normal_loss(1.0, sd)) < 2.5 * found.se
        assert found.r_squared[0] == pytest.approx(sd**2 / 13, abs=0.02)
        assert not found.structure
    both = evppi(pair, draws, parameters=["x", "y"], wtp=0.0)
    perfect = evpi(pair, wtp=0.0)
    np.testing.assert_allclose(both.value, perfect.value, rtol=1e-6)
    assert abs(float(both.value) - unit_normal_loss(1.0, np.sqrt(13))) < 2.5 * perfect.se


@pytest.mark.parametrize("method", ["spline", "many", "gp"])
def test_a_noiseless_surface_is_found(method):
    """b = x^2 - 1 + x y: regressions that know everything give the EVPI."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 6000))
    b = x**2 - 1 + x * y
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    found = evppi(pair, {"x": x, "y": y}, parameters=["x", "y"], wtp=0.0, method=method)
    np.testing.assert_allclose(found.value, evpi(pair, wtp=0.0).value, rtol=2e-3)


def test_twelve_parameters_with_interactions():
    """b = sum of x_k / 3 + x_1 x_2 + x_3 x_4 + noise; the inner means are known exactly."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(12, 10_000))
    inner = 0.2 + x.sum(axis=0) / 3 + x[0] * x[1] + x[2] * x[3]
    b = inner + rng.normal(0, 2, inner.size)
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    draws = {f"x{k + 1}": row for k, row in enumerate(x)}
    found = evppi(pair, draws, parameters=list(draws), wtp=0.0)
    exact = np.maximum(inner, 0).mean() - max(inner.mean(), 0)
    assert found.method == "many"
    assert abs(float(found.value) - exact) < 2.5 * found.se_regression
    assert float(found.value) == pytest.approx(exact, rel=0.02)
    assert not found.structure


def test_four_parameters_with_a_product_of_three():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(4, 8000))
    inner = 0.3 + x[0] * x[1] * x[2] + np.sin(2 * x[3])
    b = inner + rng.normal(0, 1, inner.size)
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    draws = dict(zip("abcd", x, strict=True))
    found = evppi(pair, draws, parameters=list("abcd"), wtp=0.0)
    exact = np.maximum(inner, 0).mean() - inner.mean()
    assert abs(float(found.value) - exact) < 2.5 * found.se_regression


def test_standard_error_is_the_spread_over_repetitions():
    rng = np.random.default_rng(9)
    found = []
    for _ in range(150):
        x, noise = rng.normal(size=(2, 1000))
        b = 0.5 + x + 2 * noise
        pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
        found.append(evppi(pair, {"x": x}, parameters="x", wtp=0.0))
    values, stated = np.array([f.value for f in found]), np.mean([f.se for f in found])
    assert stated == pytest.approx(values.std(ddof=1), rel=0.18)  # 1 / sqrt(300) = 6 %
    assert values.mean() == pytest.approx(unit_normal_loss(0.5, 1.0), abs=3 * stated / 150**0.5)


def test_bias_is_how_much_noise_raises_a_value_near_zero():
    """Nothing is to be learnt from x and means are equal: the value is in proportion to |slope|.

    A slope of pure noise, b ~ N(0, s), is simulated as N(b, s) and the mean as N(0, s), so the
    estimate is E L(N(0, s), |N(0, sqrt(2) s)|) - E L(0, |N(0, s)|) with L the unit normal loss.
    """
    rng = np.random.default_rng(10)
    found = []
    for _ in range(150):
        x, b = rng.normal(size=(2, 400))
        b -= b.mean()
        found.append(evppi(([0 * b, -b], np.zeros((2, 400))), {"x": x}, parameters="x", wtp=0.0))
    raised = np.mean([f.value for f in found])
    assert raised > 0.01  # the truth is 0
    one, two, mean = rng.normal(size=(3, 400_000))
    plain = unit_normal_loss(0.0, np.abs(one)).mean()
    simulated = unit_normal_loss(mean, np.abs(one + two)).mean()
    stated = np.mean([f.bias for f in found])
    assert stated / raised == pytest.approx(simulated / plain - 1, abs=0.07)


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.integers(2, 4), st.floats(0, 1e5))
def test_never_negative_and_below_evpi_within_error(seed, strategies, wtp):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 300))
    effect = rng.normal(size=(strategies, 1)) + rng.normal(size=(strategies, 2)) @ x
    cost = 1e4 * rng.normal(size=(strategies, 300))
    found = evppi((cost, effect), {"x": x[0], "y": x[1]}, parameters="x", wtp=wtp)
    assert found.value >= 0
    assert found.value <= found.evpi + 4 * found.se + 1e-9


def test_many_limits_are_one_regression(line):
    pair, draws = line
    effect = np.stack([0 * draws["x"], draws["x"] * draws["y"]])
    limits = np.array([3.0, 0.0, 1.0])
    together = evppi((pair[0], effect), draws, parameters="x", wtp=limits)
    for k, limit in enumerate(limits):
        alone = evppi((pair[0], effect), draws, parameters="x", wtp=limit)
        np.testing.assert_allclose(together.value[k], alone.value, rtol=1e-12)
        np.testing.assert_allclose(together.se[k], alone.se, rtol=1e-12)


def test_the_first_strategy_is_not_special(line):
    pair, draws = line
    cost = np.vstack([pair[0], 0.3 * pair[0][1:] + 0.5])
    one = evppi((cost, np.zeros_like(cost)), draws, parameters="x", wtp=0.0)
    other = evppi((cost[::-1], np.zeros_like(cost)), draws, parameters="x", wtp=0.0)
    np.testing.assert_allclose(one.value, other.value, rtol=1e-12)


def test_identical_strategies_have_nothing_to_choose(line):
    pair, draws = line
    same = np.stack([pair[0][1], pair[0][1]])
    found = evppi((same, np.zeros_like(same)), draws, parameters="x", wtp=[0.0, 5.0])
    assert found.value.tolist() == found.se.tolist() == [0.0, 0.0]
    ranked = evppi_all((same, np.zeros_like(same)), draws, wtp=5.0)
    assert np.isnan(ranked.to_frame()["share_of_evpi"]).all()
    assert ranked.table().iloc[0, 1] == "–"


def test_components_that_sum_to_one():
    rng = np.random.default_rng(2)
    p = rng.dirichlet([4, 3, 3], 4000).T
    b = p[0] - 0.4
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    draws = {f"p.{k}": row for k, row in zip("ABC", p, strict=True)}
    found = evppi(pair, draws, parameters="p", wtp=0.0)
    assert found.parameters == ("p.A", "p.B", "p.C")
    np.testing.assert_allclose(found.value, evpi(pair, wtp=0.0).value, rtol=1e-4)


def test_a_parameter_of_few_values():
    rng = np.random.default_rng(2)
    for levels in (2, 3, 4, 6):
        x = rng.integers(0, levels, 3000).astype(float)
        inner = np.where(x == 0, -1.0, 0.8 / (levels - 1))
        b = inner + rng.normal(0, 0.1, x.size)
        pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
        found = evppi(pair, {"x": x}, parameters="x", wtp=0.0)
        exact = np.maximum(inner, 0).mean() - max(inner.mean(), 0)
        assert float(found.value) == pytest.approx(exact, rel=0.05)


def test_structure_left_over_is_said():
    rng = np.random.default_rng(7)
    x = rng.uniform(-1, 1, 5000)
    b = np.sign(np.sin(40 * x)) + 0.1 * rng.normal(size=x.size)
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    with pytest.warns(UserWarning, match=r"spline regression leaves structure.*cost by x"):
        found = evppi(pair, {"x": x}, parameters="x", wtp=0.0)
    assert str(found.structure[-1]) == "cost by x"
    assert any("too low" in note for note in found.table().attrs["notes"])


@pytest.mark.parametrize("method", ["regression", "moment_matching"])
@pytest.mark.parametrize("mean", [0.0, 0.4])
def test_study_of_a_normal_mean(method, mean):
    """The posterior mean of x ~ N(0, 1) after n measurements has variance n / (n + sd^2)."""
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(2, 20_000))
    pair = np.stack([0 * x, -(mean + x + 0.5 * y)]), np.zeros((2, x.size))
    sizes, sd = np.array([2, 8, 32]), 3.0
    found = evsi_by_sample_size(
        pair, {"x": x}, study=normal_mean_study("x", sd=sd), wtp=0.0, n=sizes, method=method
    )
    exact = unit_normal_loss(mean, np.sqrt(sizes / (sizes + sd**2)))
    assert (np.abs(found.value - exact) < 3 * found.se).all()
    np.testing.assert_allclose(found.value, exact, rtol=0.08)
    assert abs(float(found.ceiling) - unit_normal_loss(mean, 1.0)) < 3 * found.ceiling_se


def test_a_study_does_not_repeat_the_random_numbers_of_the_draws():
    """Draws made by hand with the same seed: data of x plus noise that is x again."""
    x = np.random.default_rng(1).normal(size=5000)
    pair = np.stack([0 * x, -x]), np.zeros((2, x.size))
    found = evsi(pair, {"x": x}, study=normal_mean_study("x", sd=2.0), wtp=0.0, n=4, seed=1)
    assert abs(float(found.value) - unit_normal_loss(0.0, 0.5**0.5)) < 3 * found.se


def test_study_with_a_spread_that_is_a_parameter(line):
    pair, draws = line
    known = {**draws, "sd": np.full(10_000, 3.0)}
    by_name = evsi(pair, known, study=normal_mean_study("x", sd="sd"), wtp=0.0, n=5)
    by_number = evsi(pair, known, study=normal_mean_study("x", sd=3.0), wtp=0.0, n=5)
    np.testing.assert_allclose(by_name.value, by_number.value, rtol=1e-12)


@pytest.mark.parametrize("method", ["regression", "moment_matching"])
def test_study_of_a_rate(method):
    """A gamma rate is conjugate: the posterior mean is (a + events) / (b + n t)."""
    rng = np.random.default_rng(12)
    a, b, years = 8.0, 20.0, 2.0
    rate = rng.gamma(a, 1 / b, 20_000)
    pair = np.stack([0 * rate, rate]), np.full((2, rate.size), [[0.0], [0.38]])
    found = evsi(
        pair, {"rate": rate}, study=rate_study("rate", follow_up=years), wtp=1.0, n=15,
        method=method,
    )  # fmt: skip
    events = np.random.default_rng(1).poisson(rng.gamma(a, 1 / b, 2_000_000) * 15 * years)
    gains = 0.38 - (a + events) / (b + 15 * years)
    exact = np.maximum(gains, 0).mean() - max(gains.mean(), 0.0)
    assert abs(float(found.value) - exact) < 3 * found.se
    assert float(found.value) == pytest.approx(exact, rel=0.06)


def test_several_strategies_by_both_methods():
    rng = np.random.default_rng(13)
    x, y = rng.normal(size=(2, 10_000))
    cost = np.stack([0 * x, -x, -(0.5 * x + 0.8 * y)])
    draws = {"x": x, "y": y}
    study = normal_mean_study("x", sd=2.0)
    one, two = (
        evsi((cost, 0 * cost), draws, study=study, wtp=[0.0, 7.0], n=6, method=m)
        for m in ("regression", "moment_matching")
    )
    assert one.value.shape == (2,)
    assert (np.abs(one.value - two.value) < 3 * np.hypot(one.se, two.se)).all()


def value_per_qaly(cost, effect, draws, **given):
    return evppi((cost, effect), draws, wtp=[0.0, 4e5], **given)


def test_small_effects_beside_large_costs_still_vary():
    """Effects near 1e-6 QALY among costs of 1e9: units of one say nothing about the other."""
    x, noise = np.random.default_rng(3).normal(size=(2, 4000))
    effect = 1e-6 * np.stack([0 * x, x + noise])
    large = np.full((2, x.size), 1e9)
    found, plain = (
        evppi((cost, effect), {"x": x}, parameters="x", wtp=1e6) for cost in (large, 0 * large)
    )
    assert float(found.value) > 0.3
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:the spline regression leaves structure")
@pytest.mark.parametrize("spread", [1.0, 2.0, 3.0])
def test_a_skewed_parameter(spread):
    """The logarithm of a lognormal parameter, whose range is up to 10 000 times its median.

    For the widest a warning says that bends are left, but the value is within its error.
    """
    z, noise = np.random.default_rng(1).normal(size=(2, 5000))
    inner = 0.2 + z
    exact = np.maximum(inner, 0).mean() - inner.mean()
    pair = np.stack([0 * z, -inner - noise]), np.zeros((2, z.size))
    found = evppi(pair, {"x": np.exp(spread * z)}, parameters="x", wtp=0.0)
    assert abs(float(found.value) - exact) < 2 * found.se_regression


def test_a_parameter_that_is_mostly_zero():
    """Nine in ten draws are 0; the rest bend, and the knots lie among them."""
    rng = np.random.default_rng(4)
    x = np.where(rng.uniform(size=8000) < 0.9, 0.0, rng.uniform(0, 6, 8000))
    inner = np.where(x > 0, np.sin(2 * x), 0.0)
    pair = np.stack([0 * x, -inner]), np.zeros((2, x.size))
    found = evppi(pair, {"x": x}, parameters="x", wtp=0.0)
    exact = np.maximum(inner, 0).mean() - max(inner.mean(), 0.0)
    assert float(found.value) == pytest.approx(exact, rel=0.02)
    assert found.r_squared[0] > 0.99


@settings(max_examples=10)
@given(
    st.integers(0, 2**31), st.permutations(range(3)), st.floats(-1e4, 1e4),
    st.floats(1e-6, 1e6), st.sampled_from([-1.0, 1.0]),
)  # fmt: skip
def test_values_do_not_depend_on_labels_units_or_what_all_share(seed, order, shift, scale, sign):
    """Strategies in any order, an amount added to all, and a parameter in other units."""
    rng = np.random.default_rng(seed)
    x, y, noise = rng.normal(size=(3, 400))
    cost = 1e5 * np.stack([0 * x, x + noise, x * y])
    effect = 0.1 * np.stack([0 * x, y, x + noise])
    given = {"parameters": ["x", "y"]}
    plain = value_per_qaly(cost, effect, {"x": x, "y": y}, **given)
    other = {"x": sign * scale * x + shift, "y": y}
    for found in (
        value_per_qaly(cost + 1e5 * noise, effect + y, {"x": x, "y": y}, **given),
        value_per_qaly(cost, effect, other, **given),
    ):
        np.testing.assert_allclose(found.value, plain.value, rtol=1e-5, atol=1e-2)
    relabelled = value_per_qaly(cost[order], effect[order], {"x": x, "y": y}, **given)
    tolerance = np.max(0.3 * plain.se_regression)
    np.testing.assert_allclose(relabelled.value, plain.value, rtol=0.02, atol=tolerance)


def test_more_parameters_are_worth_more_and_no_study_more_than_knowing():
    rng = np.random.default_rng(3)
    x, y, noise = rng.gamma(2.0, 1.0, (3, 3000))
    cost = np.stack([0 * x, 1e5 * (x - y), 2e5 * (noise - x * y / 2)])
    effect = np.stack([0 * x, x / 10, y / 10])
    draws = {"x": x, "y": y, "p": x / 30}
    one, both = (value_per_qaly(cost, effect, draws, parameters=k) for k in ("x", ["x", "y"]))
    assert (one.value < both.value).all()
    assert (both.value < both.evpi).all()
    studies = evsi_by_sample_size(
        (cost, effect), draws, study=binomial_study("p"), wtp=4e5, n=[1, 5, 20, 100, 1000, 10_000]
    )
    assert (np.diff(studies.value) > 0).all()
    assert studies.value[-1] < studies.ceiling + 0.1 * studies.ceiling_se


@pytest.mark.filterwarnings("ignore:a posterior of study")
@pytest.mark.parametrize(("method", "least"), [("regression", 0.90), ("moment_matching", 0.83)])
def test_standard_error_of_a_study_covers(method, least):
    """Of 120 intervals of 1.96 errors; 95 % would be 114 with a spread of 2.4."""
    inside, exact = 0, unit_normal_loss(0.5, 0.5**0.5)
    study = normal_mean_study("x", sd=2.0)
    for seed in range(120):
        x, y = np.random.default_rng(seed).normal(size=(2, 2000))
        pair = np.stack([0 * x, -(0.5 + x + 0.5 * y)]), np.zeros((2, x.size))
        found = evsi(pair, {"x": x}, study=study, wtp=0.0, n=4, method=method, seed=seed)
        inside += abs(float(found.value) - exact) < 1.96 * found.se
    assert inside >= least * 120
