"""What a fit knows of a family: parameters and links, log density, log survival, starts, curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from prioritering.survival import families, gamma_families
from prioritering.survival.fit import _densities, _guesses
from prioritering.survival.fit._densities import Eta
from prioritering.survival.fit._jets import Floats, Jet
from prioritering.survival.fit._starts import Sketch

if TYPE_CHECKING:
    from prioritering.survival.curve import Curve

Link = Literal["identity", "log", "logit"]
Term = dict[str, Floats | None]
"""A linear predictor: from parameter to the factor it is multiplied by, ``None`` for 1."""


class Law(Protocol):
    """A family of distributions as the likelihood sees it.

    Attributes
    ----------
    name
        Name in calls and tables.
    parameters
        Names, in order.
    links
        Scale on which each parameter is estimated.
    location
        The parameter covariates act on unless told otherwise.
    unitless
        Whether each estimated parameter is free of the unit of time and of the knots, so that a
        standard error of many units shows a flat likelihood.
    shared
        Names that stand for several parameters, on which covariates then act alike.
    rugged
        Whether the likelihood may have several maxima, so that all starts are tried.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def parameters(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def links(self) -> tuple[Link, ...]: ...  # noqa: D102
    @property
    def location(self) -> str: ...  # noqa: D102
    @property
    def unitless(self) -> tuple[bool, ...]: ...  # noqa: D102
    @property
    def shared(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102
    @property
    def rugged(self) -> bool: ...  # noqa: D102

    def predictors(self, log_t: Floats, /) -> list[Term]:
        """Linear predictors that the density is written in."""
        ...

    def log_density(self, log_t: Floats, eta: Eta, /) -> Jet:
        """Log density at ``exp(log_t)``."""
        ...

    def log_survival(self, log_t: Floats, eta: Eta, /) -> Jet:
        """Log survival at ``exp(log_t)``."""
        ...

    def starts(self, sketch: Sketch, /) -> list[Floats]:
        """Give starting values on the scale of estimation, the most promising first."""
        ...

    def curve(self, values: Mapping[str, Floats], /, *, flatten: bool = False) -> Curve:
        """Curve of parameters on their natural scale, each of shape (draws,).

        ``flatten`` lets a spline that falls have a hazard of 0 there; no other law needs it.
        """
        ...


def own_predictors(parameters: tuple[str, ...]) -> list[Term]:
    """Take every parameter as a predictor of its own."""
    return [{name: None} for name in parameters]


LogDensity = Callable[[Floats, Eta], Jet]


@dataclass(frozen=True)
class ClosedLaw:
    """A family with a fixed set of parameters."""

    name: str
    parameters: tuple[str, ...]
    links: tuple[Link, ...]
    location: str
    density: LogDensity
    tail: LogDensity
    guess: Callable[[Sketch], list[list[float]]]
    make: Callable[..., Curve]
    unitless: tuple[bool, ...]
    rugged: bool = False

    @property
    def shared(self) -> Mapping[str, tuple[str, ...]]:
        """None."""
        return {}

    def predictors(self, log_t: Floats) -> list[Term]:
        """Take every parameter as a predictor of its own."""
        del log_t
        return own_predictors(self.parameters)

    def log_density(self, log_t: Floats, eta: Eta) -> Jet:
        """Log density at ``exp(log_t)``."""
        return self.density(log_t, eta)

    def log_survival(self, log_t: Floats, eta: Eta) -> Jet:
        """Log survival at ``exp(log_t)``."""
        return self.tail(log_t, eta)

    def starts(self, sketch: Sketch) -> list[Floats]:
        """Give starting values on the scale of estimation."""
        return [np.array(guess) for guess in self.guess(sketch)]

    def curve(self, values: Mapping[str, Floats], *, flatten: bool = False) -> Curve:
        """Curve of parameters on their natural scale."""
        del flatten
        return self.make(**values)


_SHAPE_SCALE = ("shape", "scale")
_TWO_LOGS: tuple[Link, ...] = ("log", "log")

CLOSED: dict[str, ClosedLaw] = {
    law.name: law
    for law in (
        ClosedLaw(
            name="exponential",
            parameters=("rate",),
            links=("log",),
            location="rate",
            density=_densities.exponential_density,
            tail=_densities.exponential_tail,
            guess=_guesses.start_rate,
            make=families.exponential,
            unitless=(True,),
        ),
        ClosedLaw(
            name="weibull",
            parameters=_SHAPE_SCALE,
            links=_TWO_LOGS,
            location="scale",
            density=_densities.weibull_density,
            tail=_densities.weibull_tail,
            guess=_guesses.start_shape_scale,
            make=families.weibull,
            unitless=(True, True),
        ),
        ClosedLaw(
            name="weibull_ph",
            parameters=_SHAPE_SCALE,
            links=_TWO_LOGS,
            location="scale",
            density=_densities.weibull_ph_density,
            tail=_densities.weibull_ph_tail,
            guess=_guesses.start_weibull_ph,
            make=families.weibull_ph,
            unitless=(True, True),
        ),
        ClosedLaw(
            name="gompertz",
            parameters=("shape", "rate"),
            links=("identity", "log"),
            location="rate",
            density=_densities.gompertz_density,
            tail=_densities.gompertz_tail,
            guess=_guesses.start_gompertz,
            make=families.gompertz,
            unitless=(False, True),
        ),
        ClosedLaw(
            name="gamma",
            parameters=("shape", "rate"),
            links=_TWO_LOGS,
            location="rate",
            density=_densities.gamma_density,
            tail=_densities.gamma_tail,
            guess=_guesses.start_gamma,
            make=gamma_families.gamma,
            unitless=(True, True),
        ),
        ClosedLaw(
            name="lognormal",
            parameters=("meanlog", "sdlog"),
            links=("identity", "log"),
            location="meanlog",
            density=_densities.lognormal_density,
            tail=_densities.lognormal_tail,
            guess=_guesses.start_normal,
            make=families.lognormal,
            unitless=(True, True),
        ),
        ClosedLaw(
            name="loglogistic",
            parameters=_SHAPE_SCALE,
            links=_TWO_LOGS,
            location="scale",
            density=_densities.loglogistic_density,
            tail=_densities.loglogistic_tail,
            guess=_guesses.start_odds,
            make=families.loglogistic,
            unitless=(True, True),
        ),
        ClosedLaw(
            name="generalised_gamma",
            parameters=("mu", "sigma", "Q"),
            links=("identity", "log", "identity"),
            location="mu",
            density=_densities.generalised_gamma_density,
            tail=_densities.generalised_gamma_tail,
            guess=_guesses.start_generalised_gamma,
            make=gamma_families.generalised_gamma,
            unitless=(True, True, True),
        ),
        ClosedLaw(
            name="generalised_f",
            parameters=("mu", "sigma", "Q", "P"),
            links=("identity", "log", "identity", "log"),
            location="mu",
            density=_densities.generalised_f_density,
            tail=_densities.generalised_f_tail,
            guess=_guesses.start_generalised_f,
            make=gamma_families.generalised_f,
            unitless=(True, True, True, True),
            rugged=True,
        ),
    )
}
