"""Royston-Parmar curves: a natural cubic spline in log time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError
from prioritering.survival._inputs import Bounds, Floats, floats, refuse_outside
from prioritering.survival._predictor import Kernel, filled
from prioritering.survival.curve import Family
from prioritering.survival.families import log, ones

Scale = Literal["hazard", "odds", "normal"]
_WHAT = {"hazard": "log cumulative hazard", "odds": "log cumulative odds", "normal": "probit"}


def spline(*, gammas: ArrayLike, knots: ArrayLike, scale: Scale = "hazard") -> Family:
    """Royston-Parmar curve (Statistics in Medicine 2002;21:2175-2197).

    With ``x = log t``, ``lambda_j = (k_max - k_j) / (k_max - k_min)`` and positive parts ``(.)+``,
    ``eta = gamma_0 + gamma_1 x + sum_j gamma_{j+1} v_j(x)``,
    ``v_j = (x - k_j)+^3 - lambda_j (x - k_min)+^3 - (1 - lambda_j) (x - k_max)+^3``,
    and ``S = exp(-exp(eta))`` (hazard), ``1 / (1 + exp(eta))`` (odds) or ``Phi(-eta)`` (normal).

    Parameters
    ----------
    gammas
        Coefficients, one more than there are inner knots plus one: shape (k,) or (k, draws).
    knots
        Log times in rising order, boundary knots included, shape (k,).
    scale
        Scale of the spline.

    Raises
    ------
    CurveError
        Knots that do not rise, a number of coefficients other than of knots, or a spline that
        falls somewhere, so that survival would rise.

    Examples
    --------
    Without inner knots it is a Weibull curve:

    >>> spline(gammas=[0.0, 1.2], knots=[-1, 2]).survival([1]).round(6)
    array([[0.367879]])
    """
    k, g = floats("knots", knots), floats("gammas", gammas)
    g = g[:, None] if g.ndim == 1 else g
    if k.ndim != 1 or k.size < 2 or not np.isfinite(k).all() or (np.diff(k) <= 0).any():
        raise CurveError(
            "knots of a spline out of order",
            expected="two or more finite log times that rise",
            found=f"{knots!r:.80}",
        )
    if g.ndim != 2 or g.shape[0] != k.size or g.shape[1] == 0:
        raise CurveError(
            "gammas of a spline have the wrong shape",
            expected=f"({k.size},) or ({k.size}, draws), a coefficient per knot",
            found=f"shape {np.shape(gammas)}",
        )
    if scale not in _WHAT:
        raise CurveError("unknown scale of a spline", expected=tuple(_WHAT), found=repr(scale))
    refuse_outside(g, Bounds(), name="gammas", curve="a spline")
    return Spline(g, k[:, None], scale)


@dataclass(frozen=True, eq=False, repr=False)
class Spline(Family):
    """``H = g(eta)``, linear in the coefficients on the scale of the spline."""

    kind: ClassVar[str] = "spline"
    gammas: Floats  # shape (k, draws)
    knots: Floats  # shape (k, 1)
    scale: Scale

    def __post_init__(self) -> None:
        super().__post_init__()
        lowest = self._lowest_slope()
        wrong = (lowest < -1e-12 * np.abs(self.gammas).max(axis=0)) | (self.gammas[1] <= 0)
        if wrong.any():
            d = int(np.argmax(wrong))
            raise CurveError(
                "a spline falls, so its survival would rise",
                expected="a slope in log time of 0 or more, and above 0 before the first knot",
                found=f"slope {lowest[d]:.4g}",
                where={"draw": d},
                remedy="Use fewer knots, or other draws of the coefficients.",
            )

    def _cumulative(self, t: Floats) -> Floats:
        return self._filled(t, survival=False)

    def _survival(self, t: Floats) -> Floats:
        return self._filled(t, survival=True)

    def _filled(self, t: Floats, *, survival: bool) -> Floats:
        columns = [ones(t), *self._basis(log(t), power=3)]
        return filled(self._kernel(), columns, list(self.gammas), survival=survival)

    def _kernel(self) -> Kernel:
        from prioritering.survival import _kernels

        kernels: dict[str, Kernel] = {
            "hazard": _kernels.fill_exp,
            "odds": _kernels.fill_softplus,
            "normal": _kernels.fill_normal,
        }
        return kernels[self.scale]

    def _hazard(self, t: Floats) -> Floats:
        x = log(t)
        eta = self.gammas[0] + _dot(self._basis(x, power=3), self.gammas[1:])
        slope = self._slope(x)
        if self.scale == "normal":
            exponent = self._cumulative(t) - 0.5 * eta**2 - 0.5 * np.log(2 * np.pi)
            return np.where(t > 0, np.exp(exponent - x) * slope, 0.0)
        survived = self._cumulative(t) if self.scale == "odds" else 0.0
        first = self.gammas[1]
        at_zero = np.where(first > 1, 0.0, np.where(first < 1, np.inf, np.exp(self.gammas[0])))
        return np.where(t > 0, np.exp(eta - survived - x) * slope, at_zero)

    def _slope(self, x: Floats) -> Floats:
        return _dot(self._basis(x, power=2), self.gammas[1:])

    def _basis(self, x: Floats, *, power: int) -> list[Floats]:
        """Columns ``x, v_1, ...`` (power 3), or their derivatives (power 2)."""
        knots = self.knots[:, 0]
        low, high = knots[0], knots[-1]
        first, last = _part(x - low, power), _part(x - high, power)
        columns = [x if power == 3 else np.ones(x.shape)]
        for knot in knots[1:-1]:
            share = (high - knot) / (high - low)
            columns.append(_part(x - knot, power) - share * first - (1 - share) * last)
        return columns

    def _lowest_slope(self) -> Floats:
        """Smallest slope of the spline, which is quadratic between knots, shape (draws,)."""
        left, right = self.knots[:-1], self.knots[1:]
        at_left, middle, at_right = (self._slope(x) for x in (left, (left + right) / 2, right))
        bend = 2 * (at_left - 2 * middle + at_right)
        tilt = at_right - at_left - bend
        curved = np.where(bend == 0, 1.0, bend)
        turn = np.clip(-tilt / (2 * curved), 0.0, 1.0)
        lowest: Floats = np.minimum(at_left, at_left + tilt * turn + bend * turn**2)
        return np.asarray(np.minimum(lowest, at_right).min(axis=0))

    def _describe(self) -> str:
        return f"spline of the {_WHAT[self.scale]} with {len(self.knots) - 2} inner knots"


def _part(x: Floats, power: int) -> Floats:
    """``(x)+**3`` or its derivative ``3 (x)+**2``."""
    positive = np.maximum(x, 0.0)
    return positive**3 if power == 3 else 3 * positive**2


def _dot(columns: list[Floats], coefficients: Floats) -> Floats:
    return np.asarray(sum(c * g for c, g in zip(columns, coefficients, strict=True)))
