"""Treatment effects on a curve: hazard, time and odds ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import CurveError
from prioritering.survival._inputs import (
    POSITIVE,
    Bounds,
    Floats,
    floats,
    in_place,
    picked,
    refuse_outside,
    shown,
    widened,
)
from prioritering.survival._numeric import breaks_by_draw, each_draw, on_grid, running_integral
from prioritering.survival.curve import Curve


@dataclass(frozen=True, eq=False, repr=False)
class HazardRatio(Curve):
    """``H_new = ratio * H``."""

    kind: ClassVar[str] = "a hazard ratio"
    curve: Curve
    ratio: Floats = field(metadata=POSITIVE)

    def _cumulative(self, t: Floats) -> Floats:
        return in_place(np.multiply, self.curve._cumulative(t), self.ratio)

    def _hazard(self, t: Floats) -> Floats:
        return self.curve._hazard(t) * self.ratio

    def _time_at(self, hazard: Floats) -> Floats:
        return self.curve._time_at(hazard / self.ratio)

    def _describe(self) -> str:
        return f"{self.curve._describe()}, hazard ratio {shown(self.ratio)}"


@dataclass(frozen=True, eq=False, repr=False)
class AccelerationFactor(Curve):
    """``H_new(t) = H(t / factor)``."""

    kind: ClassVar[str] = "an acceleration factor"
    curve: Curve
    factor: Floats = field(metadata=POSITIVE)

    def _cumulative(self, t: Floats) -> Floats:
        same = self.curve._stretched(self.factor)
        return self.curve._cumulative(t / self.factor) if same is None else same._cumulative(t)

    def _survival(self, t: Floats) -> Floats:
        same = self.curve._stretched(self.factor)
        return self.curve._survival(t / self.factor) if same is None else same._survival(t)

    def _hazard(self, t: Floats) -> Floats:
        return self.curve._hazard(t / self.factor) / self.factor

    def _time_at(self, hazard: Floats) -> Floats:
        return self.curve._time_at(hazard) * self.factor

    def _breaks(self) -> Floats:
        return np.multiply.outer(self.curve._breaks(), self.factor).reshape(-1)

    def _describe(self) -> str:
        return f"{self.curve._describe()}, acceleration factor {shown(self.factor)}"


@dataclass(frozen=True, eq=False, repr=False)
class OddsRatio(Curve):
    """``H_new = log(1 + ratio (exp(H) - 1)) = H + log(S + ratio (1 - S))``."""

    kind: ClassVar[str] = "an odds ratio"
    curve: Curve
    ratio: Floats = field(metadata=POSITIVE)

    def _cumulative(self, t: Floats) -> Floats:
        from prioritering.survival import _kernels

        hazard = widened(self.curve._cumulative(t), self.ratio.size)
        _kernels.scale_odds(hazard, np.full(hazard.shape[1], self.ratio))
        return hazard

    def _hazard(self, t: Floats) -> Floats:
        survival = self.curve._survival(t)
        return self.curve._hazard(t) * self.ratio / (survival + self.ratio * (1 - survival))

    def _time_at(self, hazard: Floats) -> Floats:
        event = -np.expm1(-hazard)
        return self.curve._time_at(hazard + np.log1p((1 / self.ratio - 1) * event))

    def _describe(self) -> str:
        return f"{self.curve._describe()}, odds ratio {shown(self.ratio)}"


@dataclass(frozen=True, eq=False, repr=False)
class HazardRatioSteps(Curve):
    """``H_new = sum_k ratio_k (H(b_k) - H(a_k))`` over the periods from ``a_k`` to ``b_k``."""

    kind: ClassVar[str] = "a hazard ratio by time"
    curve: Curve
    starts: Floats  # shape (steps, 1)
    ratios: Floats  # shape (steps, draws)

    def _cumulative(self, t: Floats) -> Floats:
        if self.curve.needs_grid and t.shape[1] > 1:
            return each_draw(self, t)
        years = np.union1d(self.starts, t) if self.curve.needs_grid else t
        own, reached = self._at_starts(np.minimum(self.starts[:, 0], t.max()), years)
        hazard = widened(self._inner(t, years), reached.shape[1])
        period = self._period(t)
        with np.errstate(invalid="ignore"):
            hazard -= picked(own, period)
            hazard *= picked(self.ratios, period)
            hazard += picked(reached, period)
        if not np.isfinite(own).all():
            hazard[np.isnan(hazard)] = np.inf
        return hazard

    def _inner(self, t: Floats, years: Floats) -> Floats:
        return on_grid(self.curve, t[:, 0], years) if years is not t else self.curve._cumulative(t)

    def _at_starts(self, starts: Floats, years: Floats) -> tuple[Floats, Floats]:
        """Cumulative hazard at every starting year, without and with the ratios (steps, draws)."""
        own = on_grid(self.curve, starts, years)
        reached = np.zeros((len(own), max(own.shape[1], self.ratios.shape[1])))
        with np.errstate(invalid="ignore"):
            for k in range(1, len(own)):
                reached[k] = reached[k - 1] + (own[k] - own[k - 1]) * self.ratios[k - 1]
        return own, np.where(np.isnan(reached), np.inf, reached)

    def _period(self, t: Floats) -> NDArray[np.intp]:
        return np.searchsorted(self.starts[:, 0], t, side="right") - 1

    def _hazard(self, t: Floats) -> Floats:
        return self.curve._hazard(t) * picked(self.ratios, self._period(t))

    def _time_at(self, hazard: Floats) -> Floats:
        starts = self.starts[:, 0]
        own, reached = self._at_starts(starts, starts)
        inner = hazard / self.ratios[0]
        for k in range(1, len(starts)):
            beyond = own[k] + (hazard - reached[k]) / self.ratios[k]
            inner = np.where(hazard > reached[k], beyond, inner)
        return self.curve._time_at(inner)

    def _breaks(self) -> Floats:
        return np.concatenate([self.curve._breaks(), self.starts[:, 0]])

    def _describe(self) -> str:
        pairs = zip(self.starts[:, 0], self.ratios, strict=True)
        table = ", ".join(f"{shown(ratio)} from year {start:g}" for start, ratio in pairs)
        return f"{self.curve._describe()}, hazard ratio {table}"


@dataclass(frozen=True, eq=False, repr=False)
class HazardRatioFunction(Curve):
    """``H_new`` is the integral of ``function(t) * h(t)``."""

    kind: ClassVar[str] = "a hazard ratio by time"
    curve: Curve
    function: Callable[[Floats], ArrayLike]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.curve._require_hazard()

    @property
    def loops_over_draws(self) -> bool:
        """Whether times that differ by draw take one draw after another: they do."""
        return True

    def _cumulative(self, t: Floats) -> Floats:
        if t.shape[1] > 1 or breaks_by_draw(self):
            return each_draw(self, t)
        edges = _graded(t[:, 0], self._breaks())
        with np.errstate(all="ignore"):
            total = running_integral(lambda x: self._hazard(x[:, None]), edges)
        return total[np.searchsorted(edges, t[:, 0])]

    def _hazard(self, t: Floats) -> Floats:
        return self.curve._hazard(t) * self._ratio(t)

    def _ratio(self, t: Floats) -> Floats:
        ratio = floats("hazard ratio", self.function(t))
        if ratio.shape != t.shape:
            raise CurveError(
                "a hazard ratio function has the wrong shape",
                expected=f"shape {t.shape}, that of the years it is given",
                found=f"shape {ratio.shape}",
                remedy="Give a table {year: ratio} if the ratio differs by draw.",
            )
        refuse_outside(ratio, Bounds(above=0), name="hazard ratio", curve="a function of time")
        return ratio

    def _describe(self) -> str:
        return f"{self.curve._describe()}, hazard ratio a function of time"


def hazard_ratio_steps(curve: Curve, table: Mapping[float, ArrayLike]) -> HazardRatioSteps:
    """Check a table from starting year to hazard ratio and apply it."""
    years = floats("starting years", list(table))
    if (
        years.size == 0
        or years[0] != 0
        or not np.isfinite(years).all()
        or (np.diff(years) <= 0).any()
    ):
        raise CurveError(
            "starting years of a hazard ratio out of order",
            expected="rising years, the first of them 0",
            found=list(table),
            remedy="Write for example {0: 0.6, 2: 0.8, 5: 1.0}.",
        )
    rows = [floats(f"hazard ratio from year {y:g}", table[y]).reshape(-1) for y in table]
    counts = {row.size for row in rows} - {1}
    if len(counts) > 1:
        raise CurveError(
            "hazard ratios by time have different numbers of draws",
            expected="one number each, or the same number of draws",
            found=[row.size for row in rows],
        )
    ratios = np.stack([np.broadcast_to(row, max(counts, default=1)) for row in rows])
    refuse_outside(ratios, Bounds(above=0), name="hazard ratio", curve="a table by time")
    return HazardRatioSteps(curve, years[:, None], ratios)


def _graded(times: Floats, breaks: Floats) -> Floats:
    """Panel edges through ``times`` and ``breaks``: quarter years, ever shorter towards 0."""
    last = max(float(times.max()), 1e-9)
    inside = breaks[(breaks > 0) & (breaks < last)]
    quarters, towards_zero = np.arange(0.0, last, 0.25), last * 0.5 ** np.arange(100)
    return np.unique(np.concatenate([quarters, times, towards_zero, inside]))
