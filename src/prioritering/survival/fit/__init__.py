"""Maximum-likelihood fits of survival distributions, ready for a probabilistic analysis.

:func:`fit` fits one family to one group, :func:`fit_all` several families to every arm,
:func:`bootstrap_fits` to resampled patients, and :func:`choose_family` lets every draw follow
one of several families. :func:`review` collects what a reviewer of an extrapolation asks for.
"""

from prioritering.survival.fit._against import BelowPopulation, Landmark, Mean
from prioritering.survival.fit.criticism import Review, review
from prioritering.survival.fit.fitting import fit
from prioritering.survival.fit.resampling import BootstrapFits, bootstrap_fits, choose_family
from prioritering.survival.fit.result import Fit
from prioritering.survival.fit.specification import FAMILIES, STANDARD, Specification
from prioritering.survival.fit.table import FitTable, fit_all

__all__ = [
    "FAMILIES",
    "STANDARD",
    "BelowPopulation",
    "BootstrapFits",
    "Fit",
    "FitTable",
    "Landmark",
    "Mean",
    "Review",
    "Specification",
    "bootstrap_fits",
    "choose_family",
    "fit",
    "fit_all",
    "review",
]
