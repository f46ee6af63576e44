"""The two uncertainties as numbers, and the expected losses behind them.

Plain functions of arrays over draws: ``b = wtp * dE - dC`` is the incremental net benefit,
``dE`` the incremental QALYs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError
from prioritering.guidelines import Label
from prioritering.psa import mean_se, quantile_se

Floats = NDArray[np.float64]
Level = Literal["low", "high"]

INTERVAL = 0.95
"""Coverage of the interval behind the documentation index."""

TOO_CLOSE = 2.0
"""Monte Carlo standard errors within which an index is too close to its cut-off to call."""

_NO_EFFECT = Label(
    en="QALYs do not differ, or too little to divide by, while costs vary: cost per QALY has no "
    "value, and its uncertainty counts as high.",
    no="Kvalitetsjusterte leveår er like, eller for like til å dele på, mens kostnadene varierer: "
    "kostnad per kvalitetsjusterte leveår har ingen verdi, og usikkerheten regnes som høy.",
)


@dataclass(frozen=True)
class Estimate:
    """A figure from draws and its Monte Carlo standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class ExpectedLoss:
    """What one of the two possible errors costs on average, per patient.

    Attributes
    ----------
    amount
        In the currency of the costs.
    qalys
        The same divided by willingness to pay.
    """

    amount: Estimate
    qalys: Estimate


@dataclass(frozen=True)
class Index:
    """An uncertainty as a number, set against its cut-off.

    Attributes
    ----------
    value
        The index; ``None`` where it has no finite value.
    se
        Monte Carlo standard error; ``None`` without a value.
    cutoff
        The level is ``"high"`` from this value on.
    level
        ``"low"`` or ``"high"``.
    too_close
        Whether the index lies within two Monte Carlo standard errors of the cut-off, so
        that other draws could give the other level.
    explanation
        Why there is no value, where there is none.
    """

    value: float | None
    se: float | None
    cutoff: float
    level: Level
    too_close: bool
    explanation: Label | None = None


def share_positive(b: Floats) -> Estimate:
    """Share of draws with ``b > 0``; a draw with ``b == 0`` counts one half."""
    p = float(np.mean((b > 0) + 0.5 * (b == 0)))
    return Estimate(p, math.sqrt(p * (1.0 - p) / b.size))


def estimate(values: Floats) -> Estimate:
    """Mean over draws with its Monte Carlo standard error.

    Raises
    ------
    ResultError
        A single draw.
    """
    error = mean_se(values)
    if error is None:
        raise ResultError(
            "one draw has no distribution",
            expected="two draws or more",
            found=1,
            remedy="Run the model on sampled parameters: params.sample(n, seed=...).",
        )
    return Estimate(float(values.mean()), error)


def ratio_of_means(numerator: Floats, denominator: Floats) -> Estimate:
    """``mean(x) / mean(y)`` with its delta-method error ``sd(x - R y) / (sqrt(n) |mean(y)|)``."""
    mean = float(denominator.mean())
    value = float(numerator.mean()) / mean
    return Estimate(value, estimate((numerator - value * denominator) / mean).se)


def expected_loss(b: Floats, *, wtp: float) -> ExpectedLoss:
    """``E[max(0, b)]``, the loss of not choosing what gains ``b``; ``-b`` for the other error."""
    loss = np.maximum(b, 0.0)
    return ExpectedLoss(estimate(loss), estimate(loss / wtp))


def decision_index(b: Floats, *, favours: int, cutoff: float) -> Index:
    """Probability that the decision the expectation favours is wrong; ties count one half.

    Parameters
    ----------
    b
        Incremental net benefit, shape (draw,).
    favours
        Sign of its expectation. At 0 either decision is as good as the toss of a coin,
        which is wrong one time in two.
    cutoff
        Probability from which the uncertainty is high.

    Notes
    -----
    ``too_close`` uses the standard error the index would have at the cut-off,
    ``sqrt(c (1 - c) / n)``, which does not vanish when few draws show no error at all.
    """
    value = 0.5 if favours == 0 else share_positive(-favours * b).value
    at_cutoff = math.sqrt(cutoff * (1.0 - cutoff) / b.size)
    return Index(
        value=value,
        se=math.sqrt(value * (1.0 - value) / b.size),
        cutoff=cutoff,
        level=_level(value, cutoff),
        too_close=abs(value - cutoff) <= TOO_CLOSE * at_cutoff,
    )


def documentation_index(
    b: Floats,
    *,
    effect: Floats,
    wtp: float,
    cutoff: float,
    negligible_effect: float = 0.0,
    negligible_benefit: float = 0.0,
) -> Index:
    """Width of the 95 % interval of cost per QALY, as a multiple of the limit.

    ``(Q.975(b) - Q.025(b)) / (wtp * mean |dE|)``: the width of net benefit brought to the
    scale of cost per QALY by the mean absolute difference in QALYs, which stays away from
    zero when draws lie on both sides of it.

    Parameters
    ----------
    b, effect
        Incremental net benefit and QALYs, shape (draw,).
    wtp
        The limit.
    cutoff
        Multiple of the limit from which the uncertainty is high.
    negligible_effect, negligible_benefit
        A mean absolute difference in QALYs, and a width of net benefit, up to these are
        floating-point rounding.
    """
    low, high = np.quantile(b, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    width, scale = float(high - low), float(np.abs(effect).mean())
    if width <= negligible_benefit:
        return Index(0.0, 0.0, cutoff, _level(0.0, cutoff), too_close=False)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        value = width / np.float64(wtp * scale)
        influence = (
            _quantile_influence(b, (1 + INTERVAL) / 2, float(high))
            - _quantile_influence(b, (1 - INTERVAL) / 2, float(low))
            - width * (np.abs(effect) / scale - 1.0)
        ) / (wtp * scale)
        error = estimate(influence).se
    if scale <= negligible_effect or not math.isfinite(value + error):
        return Index(None, None, cutoff, "high", too_close=False, explanation=_NO_EFFECT)
    return Index(
        value=float(value),
        se=error,
        cutoff=cutoff,
        level=_level(float(value), cutoff),
        too_close=bool(abs(value - cutoff) <= TOO_CLOSE * error),
    )


def _quantile_influence(b: Floats, q: float, quantile: float) -> Floats:
    """Influence of each draw on a quantile, ``(q - [b <= Q]) / f(Q)``.

    The density ``f`` is the one that gives the quantile its Maritz-Jarrett standard error.
    """
    inverse_density = quantile_se(b, q=q) * math.sqrt(b.size / (q * (1.0 - q)))
    return np.asarray((q - (b <= quantile)) * inverse_density)


def _level(value: float, cutoff: float) -> Level:
    return "high" if value >= cutoff else "low"
