"""Survival curves: families, splines, tables, and the grammar that combines them.

Every curve holds all draws at once and is evaluated on times in years:
``weibull(shape=1.2, scale=4).hazard_ratio(0.7).survival(times)`` has shape (times, draws).
Effects, waning, switching and the population's mortality are methods of :class:`Curve`
that return a new curve.
"""

from prioritering.survival.curve import Curve, Family, Mortality
from prioritering.survival.families import (
    exponential,
    gompertz,
    loglogistic,
    lognormal,
    weibull,
    weibull_ph,
)
from prioritering.survival.gamma_families import gamma, generalised_f, generalised_gamma
from prioritering.survival.splines import spline
from prioritering.survival.tables import tabulated

__all__ = [
    "Curve",
    "Family",
    "Mortality",
    "exponential",
    "gamma",
    "generalised_f",
    "generalised_gamma",
    "gompertz",
    "loglogistic",
    "lognormal",
    "spline",
    "tabulated",
    "weibull",
    "weibull_ph",
]
