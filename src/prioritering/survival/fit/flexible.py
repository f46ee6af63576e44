"""Laws with a form chosen by the user: splines, piecewise constant hazards, cured shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from prioritering.survival.fit._densities import (
    Eta,
    extreme_density,
    extreme_tail,
    logistic_density,
    logistic_tail,
    normal_density,
    normal_tail,
)
from prioritering.survival.fit._jets import Floats, Jet, exp, log, softplus
from prioritering.survival.fit._starts import Sketch
from prioritering.survival.fit.laws import Law, Link, Term, own_predictors

if TYPE_CHECKING:
    from prioritering.survival.curve import Curve

Scale = Literal["hazard", "odds", "normal"]
CureKind = Literal["mixture", "non-mixture"]
SCALES: tuple[str, ...] = get_args(Scale)
CURES: tuple[str, ...] = get_args(CureKind)

_TAILS = {"hazard": extreme_tail, "odds": logistic_tail, "normal": normal_tail}
_DENSITIES = {"hazard": extreme_density, "odds": logistic_density, "normal": normal_density}


@dataclass(frozen=True)
class SplineLaw:
    """Royston-Parmar law: a natural cubic spline in log time on one of three scales.

    Attributes
    ----------
    scale
        ``"hazard"``, ``"odds"`` or ``"normal"``.
    knots
        Log times, rising, boundary knots included.
    """

    location: ClassVar[str] = "gamma0"
    shared: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    rugged: ClassVar[bool] = False
    scale: Scale
    knots: tuple[float, ...]

    @property
    def name(self) -> str:
        """Scale and number of inner knots."""
        inner = len(self.knots) - 2
        return f"spline ({self.scale}, {inner} knot{'' if inner == 1 else 's'})"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Coefficients ``gamma0``, ``gamma1``, ..."""
        return tuple(f"gamma{j}" for j in range(len(self.knots)))

    @property
    def links(self) -> tuple[Link, ...]:
        """All estimated as they are."""
        links: tuple[Link, ...] = ("identity",)
        return links * len(self.knots)

    @property
    def unitless(self) -> tuple[bool, ...]:
        """None: the coefficients depend on the knots."""
        return (False,) * len(self.knots)

    def predictors(self, log_t: Floats) -> list[Term]:
        """Give the spline at ``log_t``, and its slope."""
        value, slope = spline_basis(log_t, self.knots)
        names = self.parameters
        line: Term = {
            "gamma0": None,
            **dict(zip(names[1:], value, strict=True)),
        }
        return [line, dict(zip(names[1:], slope, strict=True))]

    def log_density(self, log_t: Floats, eta: Eta) -> Jet:
        """``log f(eta) + log eta' - log t``."""
        return _DENSITIES[self.scale](eta[0]) + log(eta[1]) - log_t

    def log_survival(self, log_t: Floats, eta: Eta) -> Jet:
        """``log S(eta)``."""
        del log_t
        return _TAILS[self.scale](eta[0])

    def starts(self, sketch: Sketch) -> list[Floats]:
        """Least squares through the transformed Nelson-Aalen curve, and the straight line."""
        intercept, slope = sketch.line(self.scale)
        straight = np.array([intercept, slope, *np.zeros(len(self.knots) - 2)])
        if len(self.knots) == 2:
            return [straight]
        value, _ = spline_basis(sketch.x, self.knots)
        design = np.column_stack([np.ones(sketch.x.size), *value])
        root = np.sqrt(sketch.weight)
        y = sketch.transformed(self.scale)
        fitted = np.linalg.lstsq(root[:, None] * design, root * y, rcond=None)[0]
        blend = 0.5 * (fitted + straight)
        return [fitted, blend, straight]

    def curve(self, values: Mapping[str, Floats], *, flatten: bool = False) -> Curve:
        """Spline curve, with a hazard of 0 where draws of it fall if ``flatten``."""
        from prioritering.survival.fit.curves import count_falling, flattened_spline
        from prioritering.survival.splines import spline

        gammas = np.stack(np.broadcast_arrays(*(values[name] for name in self.parameters)))
        if flatten and count_falling(gammas, self.knots):
            return flattened_spline(gammas, self.knots, self.scale)
        return spline(gammas=gammas, knots=self.knots, scale=self.scale)


def spline_basis(log_t: Floats, knots: tuple[float, ...]) -> tuple[list[Floats], list[Floats]]:
    """Columns ``x, v_1, ...`` of the natural cubic spline, and their derivatives in ``x``."""
    low, high = knots[0], knots[-1]
    value, slope = [log_t], [np.ones(log_t.shape)]
    first, last = np.maximum(log_t - low, 0.0), np.maximum(log_t - high, 0.0)
    for knot in knots[1:-1]:
        share = (high - knot) / (high - low)
        own = np.maximum(log_t - knot, 0.0)
        value.append(own**3 - share * first**3 - (1 - share) * last**3)
        slope.append(3 * (own**2 - share * first**2 - (1 - share) * last**2))
    return value, slope


@dataclass(frozen=True)
class PiecewiseLaw:
    """Constant hazard between breaks.

    Attributes
    ----------
    breaks
        Times at which the hazard changes, rising, above 0.
    """

    name: ClassVar[str] = "piecewise_exponential"
    location: ClassVar[str] = "rate"
    rugged: ClassVar[bool] = False
    breaks: tuple[float, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """``rate0`` from time 0, ``rate1`` from the first break, ..."""
        return tuple(f"rate{j}" for j in range(len(self.breaks) + 1))

    @property
    def links(self) -> tuple[Link, ...]:
        """All logarithms."""
        links: tuple[Link, ...] = ("log",)
        return links * len(self.parameters)

    @property
    def unitless(self) -> tuple[bool, ...]:
        """All of them."""
        return (True,) * len(self.parameters)

    @property
    def shared(self) -> Mapping[str, tuple[str, ...]]:
        """``rate`` stands for all rates: covariates on it are proportional hazards."""
        return {"rate": self.parameters}

    def predictors(self, log_t: Floats) -> list[Term]:
        """Take every rate as a predictor of its own."""
        del log_t
        return own_predictors(self.parameters)

    def log_survival(self, log_t: Floats, eta: Eta) -> Jet:
        """Minus the sum over pieces of rate times time spent there."""
        t = np.exp(log_t)
        edges = np.array([0.0, *self.breaks, np.inf])
        spent = [np.clip(t, a, b) - a for a, b in pairwise(edges)]
        terms = [exp(rate) * time for rate, time in zip(eta, spent, strict=True)]
        return -_total(terms)

    def log_density(self, log_t: Floats, eta: Eta) -> Jet:
        """Log rate of the piece that ends at or after the time, plus log survival."""
        piece = np.searchsorted(np.array(self.breaks), np.exp(log_t) * (1 - 1e-12), side="left")
        own = [rate * (piece == j).astype(float) for j, rate in enumerate(eta)]
        return _total(own) + self.log_survival(log_t, eta)

    def starts(self, sketch: Sketch) -> list[Floats]:
        """Put the same rate in every piece."""
        return [np.full(len(self.parameters), sketch.log_rate)]

    def curve(self, values: Mapping[str, Floats], *, flatten: bool = False) -> Curve:
        """Piecewise constant hazard as ratios to a hazard of one per year."""
        from prioritering.survival.families import exponential

        del flatten
        rates = [values[name] for name in self.parameters]
        table = dict(zip((0.0, *self.breaks), rates, strict=True))
        return exponential(rate=1.0).hazard_ratio_by_time(table)


@dataclass(frozen=True)
class CureLaw:
    """A share ``cured`` never has the event; the rest follow another law, or its power.

    Mixture: ``S = c + (1 - c) S_0``. Non-mixture: ``S = c**(1 - S_0)``.
    """

    base: Law
    kind: CureKind

    @property
    def name(self) -> str:
        """Name of the base and of the kind."""
        return f"{self.base.name}, {self.kind} cure"

    @property
    def parameters(self) -> tuple[str, ...]:
        """``cured`` before those of the base."""
        return ("cured", *self.base.parameters)

    @property
    def links(self) -> tuple[Link, ...]:
        """Log odds of ``cured``."""
        return ("logit", *self.base.links)

    @property
    def unitless(self) -> tuple[bool, ...]:
        """The share is."""
        return (True, *self.base.unitless)

    @property
    def shared(self) -> Mapping[str, tuple[str, ...]]:
        """Those of the base."""
        return self.base.shared

    @property
    def rugged(self) -> bool:
        """A cured share and slow events are hard to tell apart."""
        return True

    @property
    def location(self) -> str:
        """Covariates act on the share, as a trial's arm does in flexsurvcure."""
        return "cured"

    def predictors(self, log_t: Floats) -> list[Term]:
        """Put the share's before those of the base."""
        return [{"cured": None}, *self.base.predictors(log_t)]

    def log_survival(self, log_t: Floats, eta: Eta) -> Jet:
        """Log of the survival above."""
        tail = self.base.log_survival(log_t, eta[1:])
        if self.kind == "mixture":
            return softplus(tail - eta[0]) - softplus(-eta[0])
        return -softplus(-eta[0]) * (1.0 - exp(tail))

    def log_density(self, log_t: Floats, eta: Eta) -> Jet:
        """Log of minus the derivative of that survival."""
        density = self.base.log_density(log_t, eta[1:])
        if self.kind == "mixture":
            return density - softplus(eta[0])
        return log(softplus(-eta[0])) + density + self.log_survival(log_t, eta)

    def starts(self, sketch: Sketch) -> list[Floats]:
        """Cured shares below the last of the curve, and the base fitted to the rest."""
        last = float(sketch.survival[-1])
        shares = [np.clip(part * last, 0.01, 0.95) for part in (0.95, 0.6, 0.2)]
        return [
            np.array([np.log(share / (1 - share)), *start])
            for share in shares
            for start in self.base.starts(sketch.uncured(share))[:2]
        ]

    def curve(self, values: Mapping[str, Floats], *, flatten: bool = False) -> Curve:
        """Mixture with a curve without events, or the power of the cured share."""
        from prioritering.survival.families import exponential
        from prioritering.survival.fit.curves import NonMixtureCure

        rest = dict(values)
        cured = rest.pop("cured")
        base = self.base.curve(rest, flatten=flatten)
        if self.kind == "mixture":
            return base.mixture(exponential(rate=0.0), weight=1 - cured)
        return NonMixtureCure(base, cured)


def _total(jets: list[Jet]) -> Jet:
    out = jets[0]
    for jet in jets[1:]:
        out = out + jet
    return out
