"""Parts of an estimate against plain NumPy: errors, groups of residuals, rounds, smoothing."""

from dataclasses import replace

import numpy as np
import pytest

from prioritering.conventions import Discounting
from prioritering.psa.information import (
    binomial_study,
    enbs,
    evpi,
    evppi,
    evsi_by_sample_size,
)
from prioritering.psa.information.columns import Columns, expand
from prioritering.psa.information.gaussian import _negative_likelihood
from prioritering.psa.information.misfit import structure_left
from prioritering.psa.information.regression import Surface
from prioritering.psa.information.ridge import FREE, fit_groups


def test_monte_carlo_error_is_that_of_the_mean_gain(line):
    """For evppi of the gains by fitted means, for evpi of the losses by draw."""
    pair, draws = line
    found = evppi(pair, draws, parameters="x", wtp=0.0)
    fitted = -found.fitted[0]
    gains = np.maximum(fitted, 0.0) - fitted
    assert fitted.mean() > 0
    assert found.value == pytest.approx(gains.mean(), rel=1e-12)
    expected = gains.std(ddof=1) / np.sqrt(gains.size)
    assert found.se_monte_carlo == pytest.approx(expected, rel=1e-12)
    few = evpi((pair[0][:, :5], pair[1][:, :5]), wtp=0.0)
    benefit = -pair[0][1, :5]
    loss = np.maximum(benefit, 0.0) - (benefit if benefit.mean() > 0 else 0.0)
    assert few.se == pytest.approx(loss.std(ddof=1) / np.sqrt(5), rel=1e-12)


def test_residuals_lose_the_degrees_of_freedom_that_the_terms_use():
    """Two free terms: the unbiased variance of ordinary least squares, RSS / (n - 2)."""
    x, noise, other = np.random.default_rng(1).normal(size=(3, 12))
    terms, outputs = np.column_stack([np.ones(12), x]), np.stack([x + noise, other])
    fit = fit_groups(terms, np.array([FREE, FREE]), outputs)
    beta = np.linalg.lstsq(terms, outputs.T, rcond=None)[0]
    residuals = outputs - (terms @ beta).T
    covariance = fit.residual_root @ fit.residual_root.T
    np.testing.assert_allclose(covariance, residuals @ residuals.T / 10, rtol=1e-6)
    np.testing.assert_allclose(fit.coefficients, beta, rtol=1e-6)


def test_structure_in_pairs_is_looked_for_cell_by_cell():
    """A pattern over the 25 cells that sums to 0 in every row, column and where i + j is one."""
    rng = np.random.default_rng(2)
    x, y = rng.uniform(size=(2, 20_000))
    i, j = (5 * x).astype(int), (5 * y).astype(int)
    pattern = np.zeros((5, 5))
    pattern[:3, :3] = [[0, 1, -1], [-1, 0, 1], [1, -1, 0]]
    benefit = pattern[i, j] + rng.normal(0, 0.1, x.size)
    outputs = np.stack([benefit, 0 * benefit])
    fitted = np.stack([np.full(x.size, benefit.mean()), 0 * benefit])
    surface = Surface("spline", outputs, fitted, None, np.array([True, False]))
    left = structure_left(surface, Columns(("x", "y"), np.column_stack([x, y])))
    assert [str(one) for one in left] == ["cost by x and y"]


def test_a_small_interaction_beside_a_large_one_is_found_in_the_second_round():
    """b = 5 x_1 x_2 + 0.1 x_3 x_4, of which the first hides the second."""
    x = np.random.default_rng(3).normal(size=(6, 2000))
    b = 5 * x[0] * x[1] + 0.1 * x[2] * x[3]
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    draws = {f"x{k}": row for k, row in enumerate(x)}
    found = evppi(pair, draws, parameters=list(draws), wtp=0.0)
    assert found.method == "many"
    residual = found.observed[0] - found.fitted[0]
    assert residual.std() < 0.01


def test_likelihood_of_a_process_is_that_of_the_normal_distribution():
    """Minus its logarithm at the best of 33 ratios of variances, up to a constant."""
    rng = np.random.default_rng(4)
    features, y = rng.normal(size=(40, 5)), rng.normal(size=(40, 1))
    values = []
    for ratio in np.logspace(-6, 2, 33):
        covariance = np.eye(40) + ratio * features @ features.T
        noise = float(y[:, 0] @ np.linalg.solve(covariance, y[:, 0])) / 40
        values.append(0.5 * (40 * np.log(noise) + np.linalg.slogdet(covariance)[1]))
    assert _negative_likelihood(features, y) == pytest.approx(min(values), rel=1e-10)


@pytest.fixture(scope="module")
def study():
    x, y = np.random.default_rng(1).uniform(size=(2, 400))
    pair = np.stack([0 * x, 0.5 - x - y]), np.zeros((2, 400))
    sample = evsi_by_sample_size(pair, {"x": x}, study=binomial_study("x"), wtp=1.0, n=[5, 20, 80])
    return enbs(
        sample, fixed_cost=0.0, cost_per_patient=0.0, incidence=1, years=1,
        discounting=Discounting.none(),
    )  # fmt: skip


def test_sizes_near_the_best_are_those_within_the_error_of_the_difference(study):
    """Differences of 3 and 2.5 at errors of 1 each: 1.96 sqrt(2) is 2.77."""
    found = replace(study, value=np.array([7.0, 10.0, 7.5]), se=np.ones(3)).optimum
    assert (found.n, found.low, found.high) == (20, 20, 80)
    assert not found.at_edge


@pytest.mark.parametrize(("best", "edge"), [(0, True), (1, False), (2, True)])
def test_a_best_size_at_either_end_is_said(best, edge, study):
    value = np.full(3, 5.0)
    value[best] = 9.0
    assert replace(study, value=value, se=np.ones(3)).optimum.at_edge is edge


def test_a_joint_parameter_is_not_every_name_it_begins():
    assert expand({"p.A": 0, "px": 0, "p.B": 0}, "p") == ("p.A", "p.B")
