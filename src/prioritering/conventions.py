"""Conventions as objects: how time is discounted and how a cycle is counted.

Programs of this field disagree silently on both, so each choice is a small frozen
object that prints itself in the results.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ConventionError, PrioriteringWarning

NORMAL_95 = 1.959963984540054
"""Standard errors on either side of a mean that hold 95 % of a normal distribution."""

RateType = Literal["discrete", "continuous"]
Timing = Literal["point", "start", "mid", "end"]
Rule = Literal[
    "none-start", "none-end", "half-cycle", "life-table", "simpson", "simpson-misindexed"
]

_RULE_TEXT: dict[str, str] = {
    "none-start": "no correction, counted at the start of the cycle",
    "none-end": "no correction, counted at the end of the cycle",
    "half-cycle": "half-cycle (trapezoid) correction",
    "life-table": "life-table correction (mean of start and end, discounted once per cycle)",
    "simpson": "Simpson's rule (1/3; 3/8 over the last three cycles when their number is odd)",
    "simpson-misindexed": "the published mis-indexed Simpson weights, for replication only",
}


@dataclass(frozen=True)
class Discounting:
    """Stepped discounting of costs or effects.

    Parameters
    ----------
    steps
        ``(from_year, annual_rate)`` pairs, the first from year 0, in rising order.
    rate_type
        ``"discrete"``: the factor is the product of ``(1 + r)**-years`` over the steps.
        ``"continuous"``: the factor is ``exp(-r * years)`` over the steps.
    timing
        The moment a cycle's value is discounted to. ``"point"``: each occupancy at the
        moment it is read (start-of-cycle occupancy at the start, end-of-cycle at the end),
        one-off events in mid-cycle. ``"start"``, ``"mid"``, ``"end"``: everything that
        belongs to a cycle at that moment of it.

    Raises
    ------
    ConventionError
        Steps that do not start at year 0, do not rise, or a rate below zero or not finite.

    Warns
    -----
    PrioriteringWarning
        A rate above 1, that is above 100 % a year.

    Examples
    --------
    >>> Discounting.stepped((0, 0.04), (40, 0.03), (75, 0.02)).factor([40, 75]).round(6)
    array([0.208289, 0.074022])
    """

    steps: tuple[tuple[float, float], ...]
    rate_type: RateType = "discrete"
    timing: Timing = "point"

    def __post_init__(self) -> None:
        starts = [s for s, _ in self.steps]
        if not starts or starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
            raise ConventionError(
                "discount steps out of order",
                expected="rising starting years, the first of them 0",
                found=starts,
            )
        for start, rate in self.steps:
            if not (np.isfinite(rate) and np.isfinite(start) and rate >= 0):
                raise ConventionError(
                    "discount rate outside its range",
                    expected="a finite annual rate of 0 or more, for example 0.04",
                    found=rate,
                    where={"from year": start},
                )
        _warn_of_percent([rate for _, rate in self.steps])
        _one_of("rate_type", self.rate_type, ("discrete", "continuous"))
        _one_of("timing", self.timing, ("point", "start", "mid", "end"))

    @classmethod
    def stepped(
        cls, *steps: tuple[float, float], rate_type: RateType = "discrete", timing: Timing = "point"
    ) -> Discounting:
        """Discount at ``annual_rate`` from each ``from_year`` on."""
        return cls(tuple((float(s), float(r)) for s, r in steps), rate_type, timing)

    @classmethod
    def flat(
        cls, rate: float, *, rate_type: RateType = "discrete", timing: Timing = "point"
    ) -> Discounting:
        """Discount at one annual rate throughout."""
        return cls(((0.0, float(rate)),), rate_type, timing)

    @classmethod
    def none(cls) -> Discounting:
        """Do not discount."""
        return cls(((0.0, 0.0),))

    def at(self, timing: Timing) -> Discounting:
        """Return the same rates counted at another moment of the cycle."""
        return replace(self, timing=timing)

    def factor(self, years: ArrayLike) -> NDArray[np.float64]:
        """Present value of 1 at ``years`` from the start (same shape as ``years``).

        With steps ``(y_k, r_k)`` the log factor is
        ``-sum_k f(r_k) * max(0, min(t, y_{k+1}) - y_k)``, with
        ``f(r) = log(1 + r)`` if discrete and ``f(r) = r`` if continuous.
        """
        t = np.asarray(years, dtype=np.float64)
        ends = [*(s for s, _ in self.steps[1:]), np.inf]
        log_factor = np.zeros_like(t)
        for (start, rate), end in zip(self.steps, ends, strict=True):
            force = np.log1p(rate) if self.rate_type == "discrete" else rate
            log_factor -= force * np.clip(np.minimum(t, end) - start, 0.0, None)
        return np.exp(log_factor)

    def cycle_factors(self, n_cycles: int, cycle_years: float) -> tuple[NDArray[np.float64], ...]:
        """Return factors for start-of-cycle occupancy, end-of-cycle occupancy and events.

        Returns
        -------
        tuple of three arrays, each of shape (cycles,)
        """
        i = np.arange(n_cycles, dtype=np.float64)
        moments = {"start": i, "mid": i + 0.5, "end": i + 1.0}
        at = {name: self.factor(m * cycle_years) for name, m in moments.items()}
        if self.timing == "point":
            return at["start"], at["end"], at["mid"]
        return (at[self.timing],) * 3

    def to_dict(self) -> dict[str, Any]:
        """Return the steps, rate type and timing as plain values."""
        return {
            "steps": [{"from_year": year, "rate": rate} for year, rate in self.steps],
            "rate_type": self.rate_type,
            "timing": self.timing,
        }

    def __str__(self) -> str:
        if all(rate == 0 for _, rate in self.steps):
            return "not discounted"
        rates = ", ".join(f"{rate:.4g} from year {start:g}" for start, rate in self.steps)
        return f"discounted at {rates} ({self.rate_type}, timing {self.timing})"


@dataclass(frozen=True)
class CycleCorrection:
    """How occupancy at cycle boundaries becomes time spent within cycles.

    A cycle's time is ``cycle_length * (a * occupancy at its start + b * occupancy at its
    end)``; :meth:`weights` gives ``(a, b)`` per cycle, so a reward that differs between
    cycles is paid at the cycle's own value.

    Parameters
    ----------
    rule
        ``"none-start"``, ``"none-end"``, ``"half-cycle"`` (trapezoid), ``"life-table"``,
        ``"simpson"`` or ``"simpson-misindexed"``.

    Notes
    -----
    ``simpson`` uses the composite 1/3 rule, and 3/8 over the last three cycles when their
    number is odd (one cycle: trapezoid); its weights sum to the number of cycles.
    ``simpson-misindexed`` repeats the weights 1/3, 2/3, 4/3, 2/3, ..., 1/3 printed with the
    cohort tutorial of Alarid-Escudero et al. (2023): they sum to less than the number of
    cycles (ten undiscounted years in full health give 9.33 QALYs). Use it only to replicate.
    """

    rule: Rule = "half-cycle"

    def __post_init__(self) -> None:
        _one_of("rule", self.rule, tuple(_RULE_TEXT))

    def weights(self, n_cycles: int) -> NDArray[np.float64]:
        """Weights of start and end occupancy, shape (cycles, 2)."""
        if self.rule == "none-start":
            return np.tile([1.0, 0.0], (n_cycles, 1))
        if self.rule == "none-end":
            return np.tile([0.0, 1.0], (n_cycles, 1))
        if self.rule == "simpson":
            return _simpson(n_cycles)
        if self.rule == "simpson-misindexed":
            return _simpson_misindexed(n_cycles)
        return np.full((n_cycles, 2), 0.5)

    def discounted(
        self, discounting: Discounting, n_cycles: int, cycle_years: float
    ) -> NDArray[np.float64]:
        """Discounted years per unit of start and end occupancy, shape (cycles, 2).

        Raises
        ------
        ConventionError
            Life-table counting together with ``timing="point"``: it discounts once per cycle.
        """
        if self.rule == "life-table" and discounting.timing == "point":
            raise ConventionError(
                "life-table counting discounts each cycle once",
                expected="a discounting with timing 'start', 'mid' or 'end'",
                found="timing 'point'",
                remedy="Write discounting.at('mid') (or 'start', 'end'), or use rule 'half-cycle'.",
            )
        start, end, _ = discounting.cycle_factors(n_cycles, cycle_years)
        return self.weights(n_cycles) * np.column_stack([start, end]) * cycle_years

    def __str__(self) -> str:
        return _RULE_TEXT[self.rule]


def _simpson(n: int) -> NDArray[np.float64]:
    if n == 1:
        return np.full((1, 2), 0.5)
    thirds = np.array([[1.0, 2.0], [2.0, 1.0]]) / 3.0
    eighths = np.array([[3.0, 5.0], [4.0, 4.0], [5.0, 3.0]]) / 8.0
    if n % 2 == 0:
        return np.tile(thirds, (n // 2, 1))
    return np.vstack([np.tile(thirds, ((n - 3) // 2, 1)), eighths])


def _simpson_misindexed(n: int) -> NDArray[np.float64]:
    node = np.where(np.arange(n + 1) % 2 == 0, 4.0, 2.0) / 3.0
    node[0] = node[n] = 1.0 / 3.0
    share = node / 2.0
    share[0], share[n] = node[0], node[n]
    return np.column_stack([share[:-1], share[1:]])


def _warn_of_percent(rates: Sequence[float]) -> None:
    above = [rate for rate in rates if rate > 1]
    if above:
        warnings.warn(
            f"{len(above)} of {len(rates)} discount rates above 100 % a year ({above[0]:.0%}); "
            "write 0.04 for 4 %",
            PrioriteringWarning,
            stacklevel=5,
        )


def _one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ConventionError(
            f"unknown {field}",
            expected="one of " + ", ".join(map(repr, allowed)),
            found=repr(value),
        )


HALF_CYCLE = CycleCorrection("half-cycle")
