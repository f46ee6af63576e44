"""The vaccine example against BCEA, to the precision the figures were kept in."""

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.psa import acceptability, evpi


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
