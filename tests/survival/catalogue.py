"""Every kind of curve, with the same number of draws, for the tests of what all curves share."""

from __future__ import annotations

import numpy as np

import prioritering.survival as ps
from prioritering.survival import Curve

DRAWS = 37


def catalogue(draws: int = DRAWS) -> dict[str, Curve]:
    rng = np.random.default_rng(20261121)

    def u(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, draws)

    weibull = ps.weibull(shape=u(0.8, 1.6), scale=u(3, 7))
    gompertz = ps.gompertz(shape=0.09, rate=0.012)
    table_times = np.array([0.0, 0.5, 1.0, 2.5, 4.0, 8.0, 15.0, 30.0, 60.0])
    table = np.exp(-np.outer(table_times, u(0.05, 0.1)))
    base = {
        "exponential": ps.exponential(rate=u(0.1, 0.3)),
        "weibull": weibull,
        "weibull_ph": ps.weibull_ph(shape=u(0.8, 1.6), scale=u(0.1, 0.3)),
        "gompertz": ps.gompertz(shape=u(-0.1, 0.1), rate=u(0.1, 0.3)),
        "loglogistic": ps.loglogistic(shape=u(0.8, 2), scale=u(2, 5)),
        "lognormal": ps.lognormal(meanlog=u(0.8, 1.8), sdlog=u(0.6, 1.3)),
        "gamma": ps.gamma(shape=u(0.7, 2), rate=u(0.2, 0.5)),
        "generalised_gamma": ps.generalised_gamma(
            mu=u(0.8, 1.8), sigma=u(0.6, 1.1), Q=np.append(u(-0.7, 1.2)[1:], 0.0)
        ),
        "generalised_f": ps.generalised_f(
            mu=u(0.8, 1.8), sigma=u(0.6, 1.1), Q=u(-0.7, 1.2), P=u(0.1, 1)
        ),
        **{
            f"spline_{scale}": ps.spline(
                gammas=np.stack([u(-1.4, -1), u(1.1, 1.4), u(0.03, 0.06), u(-0.02, 0.0)]),
                knots=[-2.0, 0.0, 1.0, 2.2],
                scale=scale,
            )
            for scale in ("hazard", "odds", "normal")
        },
        "table": ps.tabulated(table_times, survival=table),
        "table_linear": ps.tabulated(table_times, survival=table, interpolation="linear"),
    }
    treated = weibull.hazard_ratio(u(0.5, 0.9))
    return {
        **base,
        "hazard_ratio": treated,
        "acceleration_factor": base["spline_odds"].acceleration_factor(u(0.8, 2)),
        "acceleration_family": base["gamma"].acceleration_factor(u(0.8, 2)),
        "odds_ratio": base["loglogistic"].odds_ratio(u(0.4, 1.5)),
        "steps": weibull.hazard_ratio_by_time({0: u(0.5, 0.8), 2: 0.8, 5.5: 1.0}),
        "function": weibull.hazard_ratio_by_time(lambda years: 1.0 + 0.1 * np.sqrt(years)),
        "switch": weibull.switch(at=3.3, to=base["gompertz"]),
        "switch_draws": weibull.switch(at=u(2, 4), to=base["lognormal"]),
        "cure": weibull.cure(at=6.0),
        "cure_draws": weibull.cure(at=u(5, 7)),
        "delay": weibull.shift(u(0.2, 0.9)),
        "conditional": weibull.shift(-2.0),
        "mixture": weibull.mixture(base["exponential"], weight=u(0.1, 0.9)),
        "plus": weibull.plus_hazard_of(gompertz),
        "waning": treated.waning(start=3, end=5, towards=weibull),
        "waning_log": treated.waning(start=0, end=4, towards=weibull, shape="log-linear"),
        "waning_draws": treated.waning(start=u(1, 2), end=u(4, 6), towards=weibull),
        "waning_broken": weibull.switch(at=u(2, 5), to=base["gompertz"]).waning(
            start=3, end=5, towards=base["table"]
        ),
        "background": weibull.with_background_mortality_of(gompertz),
        "floor": treated.at_least_mortality_of(gompertz),
        "floor_accelerated": weibull.at_least_mortality_of(gompertz).acceleration_factor(u(1, 2)),
        "chain": treated.waning(start=3, end=5, towards=weibull)
        .switch(at=8, to=base["gompertz"])
        .at_least_mortality_of(gompertz)
        .hazard_ratio(1.1),
    }


NAMES = tuple(catalogue(1))
GRID_NAMES = ("floor", "floor_accelerated", "chain")
SMOOTH_NAMES = tuple(name for name in NAMES if name not in GRID_NAMES)
