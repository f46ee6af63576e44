"""What to fit: a family and the choices that make it one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prioritering.errors import CurveError, DataError, unknown_name
from prioritering.survival.fit._prepare import Prepared
from prioritering.survival.fit.flexible import (
    CURES,
    SCALES,
    CureKind,
    CureLaw,
    PiecewiseLaw,
    Scale,
    SplineLaw,
)
from prioritering.survival.fit.laws import CLOSED, Law

STANDARD = (
    "exponential",
    "weibull",
    "gompertz",
    "gamma",
    "lognormal",
    "loglogistic",
    "generalised_gamma",
)
"""The seven families of a usual submission."""
FAMILIES = (*CLOSED, "spline", "piecewise_exponential")
"""Names of all families."""


@dataclass(frozen=True)
class Specification:
    """A family with its choices, for fits of several families at once.

    Attributes
    ----------
    family
        One of :data:`FAMILIES`.
    knots
        Spline: number of inner knots, put at quantiles of the log times of events; or times of the
        inner knots. Boundary knots are the first and the last time of an event.
    scale
        Spline: ``"hazard"``, ``"odds"`` or ``"normal"``.
    breaks
        Piecewise exponential: times at which the hazard changes.
    cure
        ``"mixture"``: ``S = c + (1 - c) S_0``. ``"non-mixture"``: ``S = c**(1 - S_0)``.
    fixed_knots
        Spline: log times of all knots, boundary knots included, whatever the data.
    """

    family: str
    knots: int | Sequence[float] | None = None
    scale: Scale = "hazard"
    breaks: Sequence[float] | None = None
    cure: CureKind | None = None
    fixed_knots: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise unknown_name("family", self.family, FAMILIES)
        if self.scale not in SCALES:
            raise unknown_name("scale", self.scale, SCALES)
        if self.cure is not None and self.cure not in CURES:
            raise unknown_name("kind of cure", self.cure, CURES)
        _belongs("knots", self.knots, self.family, "spline")
        _belongs("breaks", self.breaks, self.family, "piecewise_exponential")

    def law(self, prepared: Prepared) -> Law:
        """Build the law, with knots from the data where they are to come from there."""
        if self.family == "spline":
            knots = self.fixed_knots or _knots(self.knots, prepared)
            base: Law = SplineLaw(self.scale, knots)
        elif self.family == "piecewise_exponential":
            base = PiecewiseLaw(_breaks(self.breaks, prepared))
        else:
            base = CLOSED[self.family]
        return base if self.cure is None else CureLaw(base, self.cure)


def _belongs(option: str, value: object, family: str, owner: str) -> None:
    if (value is None) == (family == owner):
        raise CurveError(
            f"{option} {'missing' if value is None else 'given'} for {family}",
            expected=f"{option} for the family {owner!r}, and only for it",
            found=repr(value),
        )


def _knots(knots: int | Sequence[float] | None, prepared: Prepared) -> tuple[float, ...]:
    x = np.unique(prepared.log_event_times)
    if isinstance(knots, int | np.integer):
        inner = np.quantile(prepared.log_event_times, np.linspace(0, 1, int(knots) + 2)[1:-1])
        if knots < 0:
            raise CurveError("number of knots", expected="0 or more", found=knots)
    else:
        inner = np.log(_rising("knots", knots))
    if x.size < inner.size + 2:
        raise DataError(
            "more knots than events allow",
            expected=f"at least {inner.size + 2} different times of events",
            found=f"{x.size}",
            where={"inner knots": inner.size},
            remedy="Use fewer knots.",
        )
    all_knots = np.array([x[0], *inner, x[-1]])
    if (np.diff(all_knots) <= 0).any():
        raise DataError(
            "knots of a spline out of order",
            expected=f"inner knots that rise between the first and last event, "
            f"{np.exp(x[0]):g} and {np.exp(x[-1]):g}",
            found=[float(f"{np.exp(k):.6g}") for k in inner],
            remedy="Ties between events can put two quantiles at one time: use fewer knots.",
        )
    return tuple(all_knots.tolist())


def _breaks(breaks: Sequence[float] | None, prepared: Prepared) -> tuple[float, ...]:
    times = _rising("breaks", breaks)
    known = prepared.middle[prepared.happened]
    piece = np.searchsorted(times, known * (1 - 1e-12), side="left")
    counts = np.bincount(piece, minlength=times.size + 1)
    if (counts == 0).any():
        empty = int(np.argmax(counts == 0))
        raise DataError(
            "a piece of a piecewise exponential has no events",
            expected="at least one event between neighbouring breaks, and after the last",
            found="none",
            where={"piece": empty},
            remedy="Its rate would be 0. Move or drop a break.",
        )
    return tuple(times.tolist())


def _rising(name: str, times: Sequence[float] | None) -> np.ndarray:
    values = np.asarray([] if times is None else times, dtype=np.float64)
    wrong = values.ndim != 1 or not np.isfinite(values).all() or (values <= 0).any()
    if wrong or (np.diff(values) <= 0).any():
        raise CurveError(
            f"{name} out of order",
            expected="times above 0 that rise, or none",
            found=f"{times!r:.80}",
        )
    return values
