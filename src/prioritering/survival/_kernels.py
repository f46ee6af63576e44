"""Compiled loops that turn linear predictors into cumulative hazards.

Each ``fill_*`` kernel computes, for time ``i`` and draw ``j``,
``eta = sum_k design[i, k] * coefficients[k, j]``, a cumulative hazard ``scale[j] * g(eta)``
and writes it, or the survival ``exp(-hazard)``, into ``out[i, j]``. Draws are innermost and
contiguous, so a draw is a SIMD lane. The exponential, logarithm and normal tail below are
written as straight lines of fused multiply-adds without branches, which LLVM vectorises; a
fused multiply-add rounds the same way in a vector and in its scalar remainder, so a result
does not depend on how draws are cut into chunks.

The polynomial coefficients are Chebyshev interpolants, and the normal tail's a rational
minimax fit, both computed in 40-digit arithmetic; ``tests/survival/test_kernels.py`` holds
them against NumPy and SciPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic
from numpy import float64
from numpy.typing import NDArray

Floats = NDArray[float64]
F = TypeVar("F", bound=Callable[..., Any])

_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer held in the low bits
_MAGIC_BITS = 0x4338000000000000
_INVERSE_LN2 = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


def jit(function: F) -> F:
    """Compile on first call, keep on disk, release the interpreter lock."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile into every caller, so that the loop around it can be vectorised."""
    return cast(F, njit(nogil=True, error_model="numpy", forceinline=True)(function))


def lowered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register a function that emits LLVM instructions itself."""
    return cast(Callable[..., Any], intrinsic(function))


@lowered
def _fma(_context: Any, _x: Any, _y: Any, _z: Any) -> Any:
    """``x * y + z`` with one rounding."""
    f8 = types.float64
    return f8(f8, f8, f8), lambda _c, builder, _s, args: builder.fma(*args)


@lowered
def _bits(_context: Any, _x: Any) -> Any:
    """Read a float's bit pattern as an integer."""

    def emit(_c: Any, builder: Any, _s: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), emit


@lowered
def _from_bits(_context: Any, _x: Any) -> Any:
    """Read an integer as a float's bit pattern."""

    def emit(_c: Any, builder: Any, _s: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), emit


@inlined
def _reduce(x: float) -> tuple[float, float]:
    """``n`` and ``expm1(r)`` with ``x = n log 2 + r``, ``|r| <= log(2) / 2`` (Cody and Waite)."""
    n = _fma(x, _INVERSE_LN2, _MAGIC) - _MAGIC
    r = _fma(n, -_LN2_HIGH, x)
    r = _fma(n, -_LN2_LOW, r)
    q = _fma(2.510038549551032e-08, r, 2.7620088445409746e-07)
    q = _fma(q, r, 2.7557268459997064e-06)
    q = _fma(q, r, 2.4801521295954376e-05)
    q = _fma(q, r, 0.00019841269863053618)
    q = _fma(q, r, 0.0013888888917213717)
    q = _fma(q, r, 0.008333333333330062)
    q = _fma(q, r, 0.04166666666662413)
    q = _fma(q, r, 0.16666666666666669)
    q = _fma(q, r, 0.5000000000000001)
    return n, _fma(q * r, r, r)


@inlined
def _power_of_two(n: float) -> float:
    """``2**n`` for an integer ``n`` between -1023 (which gives 0) and 1024 (infinity)."""
    power: float = _from_bits((_bits(n + _MAGIC) + 1023) << 52)
    return power


@inlined
def _exp(x: float) -> float:
    """``exp(x)`` to one unit in the last place, with the usual limits, infinities and NaN."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    n, p = _reduce(x)
    half = _fma(n, 0.5, _MAGIC) - _MAGIC
    return (p + 1.0) * _power_of_two(half) * _power_of_two(n - half)


@inlined
def _expm1(x: float) -> float:
    """``exp(x) - 1`` without cancellation; infinite above 709."""
    over = x > 709.0
    x = 709.0 if over else x
    x = -60.0 if x < -60.0 else x
    n, p = _reduce(x)
    half = _fma(n, 0.5, _MAGIC) - _MAGIC
    low, high = _power_of_two(half), _power_of_two(n - half)
    value = _fma(p * low, high, _fma(low, high, -1.0))
    return float("inf") if over else value


@inlined
def _log1p(f: float) -> float:
    """``log(1 + f)`` for ``f`` between -1/2 and 1, as ``2 atanh(f / (2 + f))``."""
    s = f / (2.0 + f)
    v = s * s
    q = _fma(0.08082022805971766, v, 0.04400369243072337)
    q = _fma(q, v, 0.06000536404795356)
    q = _fma(q, v, 0.06657072104827468)
    q = _fma(q, v, 0.07692785032479312)
    q = _fma(q, v, 0.09090894718066429)
    q = _fma(q, v, 0.11111111358713932)
    q = _fma(q, v, 0.1428571428355438)
    q = _fma(q, v, 0.20000000000007292)
    q = _fma(q, v, 0.3333333333333333)
    value: float = 2.0 * _fma(q * v, s, s)
    return value


@inlined
def _log_parts(x: float) -> tuple[float, float]:
    """``k`` and ``f`` with ``x = 2**k (1 + f)`` and ``1 + f`` between sqrt(1/2) and sqrt(2)."""
    k = (_bits(x) - _SQRT_HALF_BITS) >> 52
    f = _from_bits(_bits(x) - (k << 52)) - 1.0
    return _from_bits(k + _MAGIC_BITS) - _MAGIC, f


@inlined
def _softplus(x: float) -> float:
    """``log(1 + exp(x))``."""
    tail = _log1p(_exp(-x if x > 0.0 else x))
    return x + tail if x > 0.0 else tail


@inlined
def _mills(w: float) -> float:
    """``exp(w**2 / 2) * Phi(-w)`` for ``w >= 0``: a ratio of positive polynomials, 1e-17 off."""
    w = 1e20 if w > 1e20 else w
    p = _fma(3.320521070940691e-07, w, 9.739687771511724e-06)
    p = _fma(p, w, 0.00014159580880032213)
    p = _fma(p, w, 0.0013224976134773305)
    p = _fma(p, w, 0.008710907414752174)
    p = _fma(p, w, 0.042070698142918354)
    p = _fma(p, w, 0.15056785125496436)
    p = _fma(p, w, 0.39453301736620633)
    p = _fma(p, w, 0.7270530257538754)
    p = _fma(p, w, 0.8578027583613402)
    p = _fma(p, w, 0.5)
    q = _fma(8.323312002927945e-07, w, 2.441377675414911e-05)
    q = _fma(q, w, 0.00035576038910841194)
    q = _fma(q, w, 0.0033394236878311226)
    q = _fma(q, w, 0.0221882702187386)
    q = _fma(q, w, 0.10872178387375533)
    q = _fma(q, w, 0.3985511064813742)
    q = _fma(q, w, 1.088017358292932)
    q = _fma(q, w, 2.159686485107256)
    q = _fma(q, w, 2.9595809780965125)
    q = _fma(q, w, 2.5134900775255478)
    q = _fma(q, w, 1.0)
    ratio: float = p / q
    return ratio


@inlined
def _normal_hazard(z: float) -> float:
    """``-log(Phi(-z))``, the cumulative hazard of a standard normal, to full precision."""
    z = -40.0 if z < -40.0 else z
    w = -z if z < 0.0 else z
    square = w * w
    lost = _fma(w, w, -square)
    mills = _mills(w)
    k, f = _log_parts(mills)
    below = _exp(-0.5 * square) * _fma(-0.5, lost, 1.0) * mills
    log = _log1p(-below if z < 0.0 else f)
    upper = _fma(0.5, square, -_fma(k, _LN2_LOW, log)) - k * _LN2_HIGH
    return -log if z < 0.0 else upper


@inlined
def _predict(design: Floats, coefficients: Floats, out: Floats) -> None:
    """``design @ coefficients`` for one time: shapes (k,), (k, draws), (draws,)."""
    n = out.shape[0]
    x = design[0]
    for j in range(n):
        out[j] = x * coefficients[0, j]
    for k in range(1, design.shape[0]):
        x = design[k]
        for j in range(n):
            out[j] = _fma(x, coefficients[k, j], out[j])


@inlined
def _survive(out: Floats) -> None:
    for j in range(out.shape[0]):
        out[j] = _exp(-out[j])


@jit
def fill_exp(
    design: Floats, coefficients: Floats, scale: Floats, survival: bool, out: Floats
) -> None:
    """Fill with g = exp: Weibull, and splines on the log cumulative hazard."""
    for i in range(out.shape[0]):
        row = out[i]
        _predict(design[i], coefficients, row)
        for j in range(row.shape[0]):
            row[j] = scale[j] * _exp(row[j])
        if survival:
            _survive(row)


@jit
def fill_softplus(
    design: Floats, coefficients: Floats, scale: Floats, survival: bool, out: Floats
) -> None:
    """Fill with g = log(1 + exp): log-logistic, and splines on the log cumulative odds."""
    for i in range(out.shape[0]):
        row = out[i]
        _predict(design[i], coefficients, row)
        for j in range(row.shape[0]):
            row[j] = scale[j] * _softplus(row[j])
        if survival:
            _survive(row)


@jit
def fill_normal(
    design: Floats, coefficients: Floats, scale: Floats, survival: bool, out: Floats
) -> None:
    """Fill with g = -log(Phi(-eta)): log-normal, and splines on the probit scale."""
    for i in range(out.shape[0]):
        row = out[i]
        _predict(design[i], coefficients, row)
        for j in range(row.shape[0]):
            row[j] = scale[j] * _normal_hazard(row[j])
        if survival:
            _survive(row)


@jit
def fill_expm1(
    design: Floats, coefficients: Floats, scale: Floats, survival: bool, out: Floats
) -> None:
    """Fill with g = exp - 1: Gompertz."""
    for i in range(out.shape[0]):
        row = out[i]
        _predict(design[i], coefficients, row)
        for j in range(row.shape[0]):
            row[j] = scale[j] * _expm1(row[j])
        if survival:
            _survive(row)


@jit
def add_product(x: Floats, coefficient: Floats, out: Floats) -> None:
    """``out += x * coefficient`` rounded once, shapes (times, draws), (draws,), (times, draws)."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = _fma(x[i, j], coefficient[j], out[i, j])


@jit
def survival_from_hazard(hazard: Floats) -> None:
    """Overwrite a cumulative hazard of shape (times, draws) with ``exp(-hazard)``."""
    for i in range(hazard.shape[0]):
        _survive(hazard[i])


@jit
def scale_odds(hazard: Floats, ratio: Floats) -> None:
    """Overwrite ``H`` with ``H + log(S + ratio (1 - S))``: event odds times ``ratio`` (draws,)."""
    for i in range(hazard.shape[0]):
        row = hazard[i]
        for j in range(row.shape[0]):
            event = -_expm1(-row[j])
            change = (ratio[j] - 1.0) * event
            k, f = _log_parts(_fma(ratio[j], event, 1.0 - event))
            small = -0.4 < change < 0.4
            log = _log1p(change if small else f)
            row[j] += _fma(0.0 if small else k, _LN2, log)


@jit
def mix_hazards(own: Floats, other: Floats, weight: Floats, out: Floats) -> None:
    """``-log(weight exp(-own) + (1 - weight) exp(-other))``, shapes (times, draws) and (draws,).

    With ``d`` the gap and ``v`` the weight of the larger hazard it is
    ``smaller - log(1 - v + v exp(-d))``.
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            a, b, w = own[i, j], other[i, j], weight[j]
            first = a <= b
            small, large = (a, b) if first else (b, a)
            rest, share = (w, 1.0 - w) if first else (1.0 - w, w)
            gap = large - small
            change = share * _expm1(-gap)
            k, f = _log_parts(_fma(share, _exp(-gap), rest))
            near = change > -0.4
            log = _fma(0.0 if near else k, _LN2, _log1p(change if near else f))
            known = rest == 0.0 or small == float("inf")
            out[i, j] = large if known else small - log


@inlined
def _larger(own: float, least: float) -> float:
    """Return the larger increment, 0 where both are NaN because the hazards are infinite."""
    step = own if own >= least else least
    return 0.0 if step != step else step


@jit
def raise_to_floor(hazard: Floats, floor: Floats, out: Floats) -> None:
    """Sum up, down the times, the larger increment of two cumulative hazards.

    Shapes (times, draws), ``floor`` also (times, 1); the first increment is from 0 at time 0.
    Where the sum is infinite it stays so.
    """
    n, draws = out.shape
    shared = floor.shape[1] == 1
    for j in range(draws):
        out[0, j] = max(hazard[0, j], floor[0, 0 if shared else j])
    for i in range(1, n):
        if shared:
            least = floor[i, 0] - floor[i - 1, 0]
            for j in range(draws):
                own = hazard[i, j] - hazard[i - 1, j]
                out[i, j] = out[i - 1, j] + _larger(own, least)
        else:
            for j in range(draws):
                own = hazard[i, j] - hazard[i - 1, j]
                out[i, j] = out[i - 1, j] + _larger(own, floor[i, j] - floor[i - 1, j])
