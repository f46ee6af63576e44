"""The chemotherapy example against the R package voi, and the vaccine example against BCEA."""

import json
from pathlib import Path

import numpy as np
import pytest

from prioritering.conventions import Discounting
from prioritering.psa.information import (
    Evsi,
    enbs,
    evpi,
    evppi,
    evsi_by_sample_size,
    two_arm_binomial,
)
from tests.reference import reference

CHEMO = reference("voi_chemo")
VACCINE = reference("voi_vaccine")


def within(found, expected, *, relative, errors, se):
    """Whether a value lies within a share of the expected, or within some standard errors."""
    return np.abs(found - expected) <= np.maximum(relative * np.abs(expected), errors * se)


def test_evpi_of_chemo(chemo_run, chemo):
    found = evpi(chemo_run, wtp=chemo["limits"])
    # Sums of 10 000 net benefits near 1e5: rounding is 1e-12 of those, not of the difference.
    np.testing.assert_allclose(found.value, chemo["evpi"], rtol=1e-12, atol=1e-10)
    assert float(evpi(chemo_run, wtp=20_000).value) == pytest.approx(368.6050962259178, rel=1e-12)


@pytest.mark.parametrize("case", CHEMO["gam"], ids=lambda c: "+".join(c["parameters"]))
def test_evppi_of_every_parameter_and_group(case, chemo_run, chemo_draws):
    found = evppi(chemo_run, chemo_draws, parameters=case["parameters"], wtp=20_000)
    error = case.get("se", 0.0)
    assert found.method == "spline"
    assert within(found.value, case["evppi"], relative=0.02, errors=2.0, se=error)
    assert not found.structure
    # The regressions differ by less than their error: half of one, or 1 %.
    assert within(found.value, case["evppi"], relative=0.01, errors=0.5, se=float(found.se))


@pytest.mark.parametrize("case", CHEMO["gam"][:14], ids=lambda c: "+".join(c["parameters"]))
def test_standard_error_is_that_of_gam(case, chemo_run, chemo_draws):
    found = evppi(chemo_run, chemo_draws, parameters=case["parameters"], wtp=20_000)
    if case["se"] > 2.0:  # where the value is near 0 the error hangs on the smoothing
        assert found.se_regression == pytest.approx(case["se"], rel=0.2)


@pytest.mark.parametrize("method", ["gp", "many"])
@pytest.mark.parametrize(
    "case", [c for c in CHEMO["gam"] if c["evppi"] > 200], ids=lambda c: "+".join(c["parameters"])
)
def test_other_regressions_agree(case, method, chemo_run, chemo_draws):
    found = evppi(chemo_run, chemo_draws, parameters=case["parameters"], wtp=20_000, method=method)
    assert found.method == method
    assert float(found.value) == pytest.approx(case["evppi"], rel=0.005)


def test_evppi_over_limits(chemo_run, chemo_draws, chemo):
    case = chemo["gam_over_limits"]
    found = evppi(chemo_run, chemo_draws, parameters=case["parameters"], wtp=chemo["limits"])
    assert within(found.value, case["evppi"], relative=0.02, errors=2.0, se=found.se).all()


def test_all_fourteen_parameters_at_once(chemo_run, chemo_draws, chemo):
    found = evppi(chemo_run, chemo_draws, parameters=list(chemo_draws), wtp=20_000)
    assert found.method == "many"
    assert float(found.value) == pytest.approx(chemo["bart_all"]["evppi"], rel=2e-3)
    assert float(found.value) == pytest.approx(float(found.evpi), rel=2e-3)
    assert found.r_squared.min() > 0.99


@pytest.mark.parametrize("method", ["regression", "moment_matching"])
def test_evsi_of_a_trial(chemo_run, chemo_draws, chemo, method):
    case = chemo["evsi"]
    found = evsi_by_sample_size(
        chemo_run,
        chemo_draws,
        study=two_arm_binomial("p_side_effects_t1", "p_side_effects_t2"),
        wtp=20_000,
        n=case["n"],
        method=method,
    )
    for theirs in ("gam_stored_data", "gam_seed_1", "earth_seed_1"):
        np.testing.assert_allclose(found.value, case[theirs], rtol=0.05)
    assert (np.diff(found.value) > 0).all()
    assert (found.value < found.ceiling).all()


def test_net_benefit_of_sampling_and_the_best_size(chemo):
    """voi discounts continuously over time; years at their middles are within 0.006 % of it."""
    case = chemo["enbs"]
    value = np.array(case["evsi"])
    sample = Evsi(
        study="made up", arms=1, parameters=("x",), n=np.array(case["n"]), wtp=np.array(2e4),
        value=value, se=0 * value, bias=0 * value, ceiling=np.array(0.5),
        ceiling_se=np.array(0.0), method="regression, spline", n_draws=10,
    )  # fmt: skip
    found = enbs(
        sample,
        fixed_cost=case["setup_cost"],
        cost_per_patient=case["cost_per_person"],
        incidence=case["incidence"],
        years=case["years"],
        discounting=Discounting.flat(case["continuous_rate"], rate_type="continuous").at("mid"),
    )
    np.testing.assert_allclose(found.value, case["enbs"], rtol=2e-4)
    assert found.optimum.n == case["best"]
    assert (found.optimum.low, found.optimum.high) == (100, 100)


@pytest.fixture(scope="module")
def vaccine_pair():
    path = Path(__file__).parents[1] / "reference" / "bcea_vaccine.json"
    run = json.loads(path.read_text(encoding="utf-8"))
    return np.array(run["cost"]), np.array(run["effect"])


@pytest.mark.parametrize("name", VACCINE["at_20000"])
def test_vaccine_evppi_of_one(name, vaccine_pair):
    found = evppi(vaccine_pair, VACCINE["draws"], parameters=name, wtp=20_000)
    expected = VACCINE["at_20000"][name]
    assert within(found.value, expected, relative=0.02, errors=1.2, se=float(found.se))


@pytest.mark.parametrize("case", VACCINE["gam"], ids=lambda c: "+".join(c["parameters"]))
def test_vaccine_evppi_over_limits(case, vaccine_pair):
    found = evppi(vaccine_pair, VACCINE["draws"], parameters=case["parameters"], wtp=case["limits"])
    assert within(found.value, case["evppi"], relative=0.02, errors=1.2, se=found.se).all()
