"""A treatment effect that fades: the hazard moves from one curve's to another's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from prioritering.errors import CurveError
from prioritering.survival._inputs import NOT_NEGATIVE, POSITIVE, Floats, shown
from prioritering.survival._numeric import breaks_by_draw, each_draw, on_grid, running_integral
from prioritering.survival.curve import Curve

PANELS = 24


@dataclass(frozen=True, eq=False, repr=False)
class Waning(Curve):
    """``H`` of the curve to ``start``, then the integral of the fading hazard, then ``towards``.

    With ``w`` from 0 to 1 over the window of length ``L``, the linear form is integrated by parts,
    ``[(1 - w) H + w H_towards] + integral of (H - H_towards) / L``, since a cumulative hazard
    is smooth also where the hazard is not.
    """

    kind: ClassVar[str] = "a waning effect"
    curve: Curve
    towards: Curve
    start: Floats = field(metadata=NOT_NEGATIVE)
    end: Floats = field(metadata=POSITIVE)
    shape: Literal["linear", "log-linear"]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_hazard()
        if self.shape not in ("linear", "log-linear"):
            raise CurveError(
                "unknown shape of waning",
                expected="'linear' or 'log-linear'",
                found=repr(self.shape),
            )
        start, end = np.broadcast_arrays(self.start, self.end)
        wrong = start >= end
        if wrong.any():
            d = int(np.argmax(wrong))
            raise CurveError(
                "waning ends before it starts",
                expected="start < end",
                found=f"start {start[d]:g}, end {end[d]:g}",
                where={"draw": d},
                remedy="For an effect that stops at once, use switch(at=..., to=...).",
            )

    @property
    def loops_over_draws(self) -> bool:
        """Whether times that differ by draw take one draw after another: they do."""
        return True

    def _cumulative(self, t: Floats) -> Floats:
        if t.shape[1] > 1 or breaks_by_draw(self):
            return each_draw(self, t)
        start, end = float(self.start[0]), float(self.end[0])
        years = t[:, 0]
        edges = _edges(start, end, np.concatenate([years, self._breaks()]))
        inside = self._inside(edges, years)
        out = np.empty((years.size, inside.shape[1]))
        before, after = years <= start, years > end
        during = ~(before | after)
        if before.any():
            out[before] = self.curve._cumulative(t[before])
        out[during] = inside[np.searchsorted(edges, years[during])]
        if after.any():
            late = self.towards._cumulative(np.concatenate([[[end]], t[after]]))
            with np.errstate(invalid="ignore"):
                out[after] = inside[-1] + (late[1:] - late[0])
        return np.nan_to_num(out, copy=False, nan=np.inf, posinf=np.inf)

    def _inside(self, edges: Floats, years: Floats) -> Floats:
        """Cumulative hazard at every edge of the window, shape (edges, draws)."""
        start, length = edges[0], edges[-1] - edges[0]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if self.shape == "log-linear":
                gained = running_integral(lambda x: self._hazard(x[:, None]), edges)
                return on_grid(self.curve, edges[:1], years) + gained
            w = ((edges - start) / length)[:, None]
            own, other = (on_grid(c, edges, years) for c in (self.curve, self.towards))
            gap = running_integral(
                lambda x: on_grid(self.curve, x, years) - on_grid(self.towards, x, years), edges
            )
            return np.asarray((1 - w) * own + w * other + gap / length)

    def _hazard(self, t: Floats) -> Floats:
        w = np.clip((t - self.start) / (self.end - self.start), 0.0, 1.0)
        own, other = self.curve._hazard(t), self.towards._hazard(t)
        if self.shape == "linear":
            between = (1 - w) * own + w * other
        else:
            between = own ** (1 - w) * other**w
        return np.where(w == 0, own, np.where(w == 1, other, between))

    def _breaks(self) -> Floats:
        parts = self.curve._breaks(), self.towards._breaks(), self.start, self.end
        return np.concatenate(parts)

    def _describe(self) -> str:
        window = f"from year {shown(self.start)} to {shown(self.end)}"
        what = f"{self.curve._describe()}, waning {self.shape} {window}"
        return f"{what} towards {self.towards._describe()}"


def _edges(start: float, end: float, years: Floats) -> Floats:
    """Panel edges of the window; ever shorter towards time 0, where a hazard may be infinite."""
    even = np.linspace(start, end, PANELS + 1)
    graded = end * 0.5 ** np.arange(100) if start == 0 else np.empty(0)
    inside = years[(years > start) & (years < end)]
    return np.unique(np.concatenate([even, graded, inside]))
