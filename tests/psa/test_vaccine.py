"""The vaccine example against BCEA, to the precision the figures were kept in."""

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.psa import acceptability, evpi, expected_loss, icer_error, incremental


def test_icer_and_expected_incremental_benefit(vaccine, vaccine_run):
    cea = compare(vaccine_run, reference="Status Quo")
    assert cea.pairwise[0].icer == pytest.approx(vaccine["icer"], rel=1e-11)
    assert cea.pairwise[0].incremental_cost == pytest.approx(
        -vaccine["expected_incremental_benefit"][0], rel=1e-12
    )
    for row, cost in zip(sorted(cea.rows, key=lambda r: r.cost), vaccine["mean_cost"], strict=True):
        assert row.cost == pytest.approx(cost, rel=1e-12)
    limits = zip(vaccine["limits"], vaccine["expected_incremental_benefit"], strict=True)
    for limit, expected in limits:
        if limit > 0:
            low, high = cea.net_benefit(limit).mean_nmb
            assert high - low == pytest.approx(expected, rel=1e-9)


def test_acceptability_curves_and_frontier(vaccine, vaccine_run):
    found = acceptability(vaccine_run, limits=vaccine["limits"])
    np.testing.assert_allclose(found.probability.T, vaccine["probability"], rtol=1e-12)
    np.testing.assert_allclose(found.probability[1], vaccine["probability_vaccination"], rtol=1e-12)
    np.testing.assert_allclose(found.frontier, vaccine["frontier"], rtol=1e-12)
    assert list(found.favoured) == vaccine["best"]


def test_evpi_over_the_whole_grid(vaccine, vaccine_run):
    g = vaccine["grid"]
    limits = np.arange(g["from"], g["to"] + 1, g["step"])
    np.testing.assert_allclose(
        evpi(vaccine_run, wtp=limits).value, vaccine["evpi_grid"], rtol=1e-10
    )
    np.testing.assert_allclose(
        evpi(vaccine_run, wtp=vaccine["limits"]).value, vaccine["evpi"], rtol=1e-10
    )


def test_break_even_point(vaccine, vaccine_run):
    g = vaccine["grid"]
    found = acceptability(vaccine_run, limits=np.arange(g["from"], g["to"] + 1, g["step"]))
    first = found.favoured.index("Vaccination")
    assert found.limits[first] == vaccine["break_even_on_grid"]


def test_losses_and_benefit_over_the_whole_grid(vaccine, vaccine_run):
    """Expected incremental benefit is a straight line, so the ten printed values give all 501."""
    g = vaccine["grid"]
    limits = np.arange(g["from"], g["to"] + 1, g["step"])
    curves = acceptability(vaccine_run, limits=limits)
    benefit = np.interp(limits, vaccine["limits"], vaccine["expected_incremental_benefit"])
    gain = curves.mean_nmb[1] - curves.mean_nmb[0]
    np.testing.assert_allclose(gain, benefit, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(curves.loss.loss[0] - curves.loss.loss[1], benefit, atol=1e-9)
    np.testing.assert_allclose(curves.loss.evpi, vaccine["evpi_grid"], rtol=1e-9)
    loss = expected_loss(vaccine_run, limits=limits)
    np.testing.assert_allclose(loss.loss.min(axis=0), vaccine["evpi_grid"], rtol=1e-9)


def test_increments_and_levels(vaccine, vaccine_run):
    found = incremental(
        vaccine_run, reference="Status Quo", levels=vaccine["limits"], wtp=vaccine["limits"][4]
    )
    assert found.icer == pytest.approx(vaccine["icer"], rel=1e-11)
    benefit = vaccine["expected_incremental_benefit"][4]
    assert found.spread("nmb").mean == pytest.approx(benefit, rel=1e-9)
    exceeds = [1 - level.exceeds.value for level in found.levels]
    np.testing.assert_allclose(exceeds, vaccine["probability_vaccination"], rtol=1e-12)


def test_errors_of_the_icer_agree(vaccine_run):
    found = icer_error(vaccine_run, reference="Status Quo", seed=1)
    assert found.bootstrap_se == pytest.approx(found.delta_se, rel=0.1)
