"""Survival: from patient data to extrapolated curves that a probabilistic analysis can draw.

Curves are here, patients in :mod:`~prioritering.survival.observed`, and what turns patients into
curves in :mod:`~prioritering.survival.fit`.

Every curve holds all draws at once and is evaluated on times in years:
``weibull(shape=1.2, scale=4).hazard_ratio(0.7).survival(times)`` has shape (times, draws).
Effects, waning, switching and the population's mortality are methods of :class:`Curve`
that return a new curve.

Examples
--------
Patients, observed without a model:

>>> import prioritering as pr
>>> from prioritering.survival import fit, observed
>>> months = [3, 5, 8, 12, 14, 17, 21, 25, 30, 36, 36, 36]
>>> died = [1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0]
>>> patients = observed.SurvivalData.from_arrays(months, event=died, unit="months")
>>> observed.kaplan_meier(patients).at([1, 2]).survival.round(3)
array([0.667, 0.476])

Families fitted and compared; ``review`` shows all that a reviewer asks for:

>>> review = fit.review(patients, families=("exponential", "weibull"), landmarks=(1, 2, 5))
>>> chosen = review.fits.best()
>>> chosen.family
'exponential'

Into a probabilistic analysis, with an effect that wanes from year 2 to year 5:

>>> parameters = pr.Parameters(
...     os_fit=chosen.parameter(source="the patients above"),
...     hr=pr.lognormal(median=0.7, ci=(0.5, 0.98), unit="ratio", source="an assumption"),
... )
>>> p = parameters.sample(1000, seed=1)
>>> standard = chosen.curve_from(p["os_fit"])
>>> new = standard.hazard_ratio(p["hr"]).waning(start=2, end=5, towards=standard)
>>> new.survival([1, 2, 5]).shape
(3, 1000)
"""

from prioritering.survival import fit, observed
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
    "fit",
    "gamma",
    "generalised_f",
    "generalised_gamma",
    "gompertz",
    "loglogistic",
    "lognormal",
    "observed",
    "spline",
    "tabulated",
    "weibull",
    "weibull_ph",
]
