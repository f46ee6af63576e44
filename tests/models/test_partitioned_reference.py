"""Totals of three-state partitioned models, every family, against R."""

import numpy as np
import pytest

import prioritering as pr
from prioritering import survival
from tests.reference import reference

REFERENCE = reference("psm_totals")
FAMILIES = {
    "exp": survival.exponential,
    "weibull": survival.weibull,
    "weibullPH": survival.weibull_ph,
    "gompertz": survival.gompertz,
    "gompertz_negative_shape": survival.gompertz,
    "gamma": survival.gamma,
    "lnorm": survival.lognormal,
    "llogis": survival.loglogistic,
    "gengamma_Qpos": survival.generalised_gamma,
    "gengamma_Qneg": survival.generalised_gamma,
    "gengamma_Qzero": survival.generalised_gamma,
    "genf": survival.generalised_f,
}
SPLINES = {f"spline_{scale}_k1": scale for scale in ("hazard", "odds", "normal")}
DISCOUNTING = {
    "undiscounted": pr.Discounting.none(),
    "discount_exp_minus_rt": pr.Discounting.flat(0.03, rate_type="continuous"),
    "discount_annual_power": pr.Discounting.flat(0.03),
}
COUNTING = {"trapz": "half-cycle", "left_riemann": "none-start"}
NOTHING_DRAWN = pr.Draws.from_arrays({"unused": [0.0]})


def curve(name, parameters):
    if name in SPLINES:
        return survival.spline(
            gammas=parameters["gamma"], knots=parameters["knots"], scale=SPLINES[name]
        )
    return FAMILIES[name](**parameters)


def model(name, rule="half-cycle"):
    curves = {k: curve(name, v) for k, v in REFERENCE["models"][name]["curves"].items()}
    return pr.PartitionedModel(
        states=("PF", "PD", "D"),
        endpoints=("PFS", "OS"),
        strategies=("only",),
        cycle=pr.months(1),
        horizon=pr.years(20),
        curves=lambda p, strategy, t: curves,
        costs=REFERENCE["inputs"]["annual_costs"],
        utilities=REFERENCE["inputs"]["utilities"],
        crossing="cap",
        correction=pr.CycleCorrection(rule),
    )


@pytest.mark.filterwarnings("ignore:curves cross")
@pytest.mark.parametrize("name", [*FAMILIES, *SPLINES])
@pytest.mark.parametrize("discounting", list(DISCOUNTING))
@pytest.mark.parametrize("counting", list(COUNTING))
def test_totals(name, discounting, counting):
    out = model(name, COUNTING[counting]).run(NOTHING_DRAWN, discounting=DISCOUNTING[discounting])
    expected = REFERENCE["models"][name][discounting]
    assert out.qaly[0, 0] == pytest.approx(expected[f"qaly_{counting}_monthly"], rel=1e-9)
    assert out.cost[0, 0] == pytest.approx(expected[f"cost_{counting}_monthly"], rel=1e-9)


@pytest.mark.filterwarnings("ignore:curves cross")
@pytest.mark.parametrize("name", [*FAMILIES, *SPLINES])
def test_occupancy(name):
    out = model(name).run(NOTHING_DRAWN, discounting=pr.Discounting.none(), trace=True)
    expected = REFERENCE["models"][name]["PD_at"]
    rows = np.round(np.array(expected["times"]) * 12).astype(int)
    np.testing.assert_allclose(out.trace.occupancy[0, 0, rows, 0], expected["PF"], atol=1e-11)
    np.testing.assert_allclose(out.trace.occupancy[0, 0, rows, 1], expected["PD"], atol=1e-11)
