"""Parameters: what is known about each number, and draws from it.

Constructors such as :func:`gamma` take what a paper prints and return a :class:`Parameter`;
:class:`Parameters` collects them and gives :class:`Draws`, one draw for a base case or many for
a probabilistic analysis. :class:`Expression` evaluates formulas from a case file safely;
:func:`rate_to_prob` and its siblings convert between rates, probabilities and odds.
"""

from prioritering.parameters.collection import Parameters
from prioritering.parameters.components import Components
from prioritering.parameters.constructors import (
    beta,
    fixed,
    gamma,
    lognormal,
    normal,
    triangular,
    uniform,
)
from prioritering.parameters.conversions import (
    apply_hazard_ratio,
    odds_to_prob,
    prob_to_odds,
    prob_to_rate,
    rate_to_prob,
)
from prioritering.parameters.draws import Draws
from prioritering.parameters.expressions import Expression
from prioritering.parameters.joint_constructors import dirichlet, empirical, multivariate_normal
from prioritering.parameters.parameter import Parameter, PriceConversion

__all__ = [
    "Components",
    "Draws",
    "Expression",
    "Parameter",
    "Parameters",
    "PriceConversion",
    "apply_hazard_ratio",
    "beta",
    "dirichlet",
    "empirical",
    "fixed",
    "gamma",
    "lognormal",
    "multivariate_normal",
    "normal",
    "odds_to_prob",
    "prob_to_odds",
    "prob_to_rate",
    "rate_to_prob",
    "triangular",
    "uniform",
]
