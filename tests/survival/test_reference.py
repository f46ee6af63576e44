"""Every family against R (tests/reference/psm_generic.json names the source)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import prioritering.survival as ps
from prioritering.survival import Curve

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "psm_generic.json").read_text(encoding="utf-8")
)
FAMILIES = {
    "exp": ps.exponential,
    "weibull": ps.weibull,
    "weibullPH": ps.weibull_ph,
    "gompertz": ps.gompertz,
    "gompertz_negative_shape": ps.gompertz,
    "gamma": ps.gamma,
    "lnorm": ps.lognormal,
    "llogis": ps.loglogistic,
    "gengamma_Qpos": ps.generalised_gamma,
    "gengamma_Qneg": ps.generalised_gamma,
    "gengamma_Qzero": ps.generalised_gamma,
    "genf": ps.generalised_f,
}


def curve_of(entry: dict[str, Any]) -> Curve:
    parameters = entry["parameters"]
    if entry["family"].startswith("spline"):
        scale = entry["family"].split("_")[1]
        return ps.spline(gammas=parameters["gamma"], knots=parameters["knots"], scale=scale)
    return FAMILIES[entry["family"]](**parameters)


@pytest.fixture(params=REFERENCE["curves"])
def entry(request: pytest.FixtureRequest) -> dict[str, Any]:
    return REFERENCE["curves"][request.param]


@pytest.mark.parametrize("what", ["survival", "cumulative_hazard", "density", "hazard"])
def test_functions_of_time(entry: dict[str, Any], what: str) -> None:
    """R takes logs of the rounded survival, so its small hazards carry an error of 1e-16."""
    expected = np.array(entry[what], dtype=float)
    got = getattr(curve_of(entry), what)(REFERENCE["times"])[:, 0]
    known = np.isfinite(expected)
    assert known[1:].all()
    np.testing.assert_allclose(got[known], expected[known], rtol=2e-12, atol=5e-16)


def test_restricted_means(entry: dict[str, Any]) -> None:
    curve = curve_of(entry)
    for horizon, expected in entry["restricted_mean"].items():
        assert curve.restricted_mean(float(horizon))[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", REFERENCE["quantiles"])
def test_quantiles(name: str) -> None:
    curve = curve_of(REFERENCE["curves"][name])
    got = curve.quantile(REFERENCE["quantiles_at"])[:, 0]
    np.testing.assert_allclose(got, REFERENCE["quantiles"][name], rtol=1e-9)
