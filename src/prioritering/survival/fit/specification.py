"""What to fit: a family and the choices that make it one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prioritering.errors import CurveError, DataError, unknown_name
from prioritering.survival._inputs import Floats, floats
from prioritering.survival.fit._prepare import Prepared, whole
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
        inner knots, years. Boundary knots are the first and the last time of an event.
    scale
        Spline: ``"hazard"`` (also if not given), ``"odds"`` or ``"normal"``.
    breaks
        Piecewise exponential: times at which the hazard changes, years.
    cure
        ``"mixture"``: ``S = c + (1 - c) S_0``. ``"non-mixture"``: ``S = c**(1 - S_0)``.
    fixed_knots
        Spline, in place of ``knots``: log years of all knots, boundary knots included, whatever the
        data.

    Raises
    ------
    UnknownNameError
        An unknown family, scale or kind of cure.
    CurveError
        Choices that do not belong to the family; knots or breaks that are not usable.
    """

    family: str
    knots: int | Sequence[float] | None = None
    scale: Scale | None = None
    breaks: Sequence[float] | None = None
    cure: CureKind | None = None
    fixed_knots: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise unknown_name("family", self.family, FAMILIES)
        if self.scale is not None and self.scale not in SCALES:
            raise unknown_name("scale", self.scale, SCALES)
        if self.cure is not None and self.cure not in CURES:
            raise unknown_name("kind of cure", self.cure, CURES)
        _belongs("scale", self.scale, self.family, "spline", needed=False)
        _belongs("fixed_knots", self.fixed_knots, self.family, "spline", needed=False)
        _belongs("knots", self.knots, self.family, "spline", needed=self.fixed_knots is None)
        _belongs("breaks", self.breaks, self.family, "piecewise_exponential")
        _check_knots(self.knots, self.fixed_knots)

    def law(self, prepared: Prepared) -> Law:
        """Build the law, with knots from the data where they are to come from there."""
        if self.family == "spline":
            fixed = self.fixed_knots
            knots = _knots(self.knots, prepared) if fixed is None else tuple(map(float, fixed))
            base: Law = SplineLaw(self.scale or "hazard", knots)
        elif self.family == "piecewise_exponential":
            base = PiecewiseLaw(_breaks(self.breaks, prepared))
        else:
            base = CLOSED[self.family]
        return base if self.cure is None else CureLaw(base, self.cure)


def _belongs(option: str, value: object, family: str, owner: str, *, needed: bool = True) -> None:
    if (value is None and needed) if family == owner else value is not None:
        raise CurveError(
            f"{option} {'missing' if value is None else 'given'} for {family}",
            expected=f"{option} for the family {owner!r}, and only for it",
            found=repr(value),
        )


def _check_knots(knots: int | Sequence[float] | None, fixed: Sequence[float] | None) -> None:
    if fixed is not None:
        if knots is not None:
            raise CurveError(
                "both knots and fixed_knots given", expected="one of them", found=f"{knots!r:.80}"
            )
        values = floats("fixed_knots", fixed)
        usable = values.ndim == 1 and values.size >= 2 and np.isfinite(values).all()
        if not usable or (np.diff(values) <= 0).any():
            raise CurveError(
                "fixed_knots out of order",
                expected="two or more finite log times that rise",
                found=f"{fixed!r:.80}",
            )
    elif isinstance(knots, Sequence | np.ndarray) and not isinstance(knots, str):
        _rising("knots", knots)
    elif knots is not None:
        whole("number of knots", knots, at_least=0)


def _knots(knots: int | Sequence[float] | None, prepared: Prepared) -> tuple[float, ...]:
    x = np.unique(prepared.log_event_times)
    if isinstance(knots, int | np.integer):
        inner = np.quantile(prepared.log_event_times, np.linspace(0, 1, int(knots) + 2)[1:-1])
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


def _rising(name: str, times: Sequence[float] | None) -> Floats:
    values = floats(name, [] if times is None else times)
    wrong = values.ndim != 1 or not np.isfinite(values).all() or (values <= 0).any()
    if wrong or (np.diff(values) <= 0).any():
        raise CurveError(
            f"{name} out of order",
            expected="times above 0 that rise, or none",
            found=f"{times!r:.80}",
        )
    return values
