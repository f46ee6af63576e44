"""Distributions as small frozen objects.

Each has ``mean``, ``sd``, ``sample(n, rng)``, ``ppf(u)`` and ``describe()``. They take their
natural parameters; the constructors of :mod:`prioritering.parameters` take what a paper prints.
"""

from prioritering.parameters.distributions.base import Distribution
from prioritering.parameters.distributions.beta import Beta
from prioritering.parameters.distributions.bounded import Triangular, Uniform
from prioritering.parameters.distributions.dirichlet import Dirichlet
from prioritering.parameters.distributions.empirical import Empirical, JointEmpirical
from prioritering.parameters.distributions.fixed import Fixed
from prioritering.parameters.distributions.gamma import Gamma
from prioritering.parameters.distributions.multivariate_normal import MultivariateNormal
from prioritering.parameters.distributions.normal import LogNormal, Normal

__all__ = [
    "Beta",
    "Dirichlet",
    "Distribution",
    "Empirical",
    "Fixed",
    "Gamma",
    "JointEmpirical",
    "LogNormal",
    "MultivariateNormal",
    "Normal",
    "Triangular",
    "Uniform",
]
