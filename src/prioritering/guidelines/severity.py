"""Severity classes: from absolute shortfall to weight and willingness to pay."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import GuidelineError, ResultError
from prioritering.guidelines.values import Value, positive

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BINARY_NOISE = 9  # decimals of the last kept digit; far above float error, far below meaning


@dataclass(frozen=True)
class SeverityClass(Value):
    """One class: shortfall from ``lower`` up to but not including ``upper`` QALYs.

    Attributes
    ----------
    number
        1 is the least severe.
    lower, upper
        QALYs; ``upper`` is None in the last class.
    weight
        Severity weight.
    wtp
        Reference willingness to pay, NOK per QALY.
    """

    number: int
    lower: float
    weight: float
    wtp: float
    upper: float | None = None


@dataclass(frozen=True)
class SeverityScale(Value):
    """Severity classes and how a shortfall is rounded before it is placed in one.

    Attributes
    ----------
    classes
        From the least severe, without gaps; lower bound inclusive, upper exclusive.
    decimals
        Decimals the shortfall is rounded to, half away from zero as a spreadsheet does;
        None: not rounded.

    Raises
    ------
    GuidelineError
        Classes that leave a gap, overlap, are not numbered 1, 2, ..., do not start at 0 or
        do not end open; weights or willingness to pay not above 0; decimals below 0.

    Examples
    --------
    >>> two = SeverityScale(classes=(
    ...     SeverityClass(number=1, lower=0, upper=4, weight=1.0, wtp=275_000),
    ...     SeverityClass(number=2, lower=4, weight=1.4, wtp=385_000)), decimals=2)
    >>> two.classify([-1, 3.994, 3.995, 60])
    array([1, 1, 2, 2])
    """

    classes: tuple[SeverityClass, ...]
    decimals: int | None

    def __post_init__(self) -> None:
        if self.decimals is not None and self.decimals < 0:
            raise GuidelineError(
                "decimals below 0", expected="0, 1, 2, ... or None", found=self.decimals
            )
        if not self.classes:
            raise GuidelineError("no severity classes", expected="at least one", found="none")
        uppers = [c.upper for c in self.classes]
        if [c.number for c in self.classes] != list(range(1, len(self.classes) + 1)):
            raise GuidelineError(
                "severity classes not numbered in order",
                expected="1, 2, 3, ...",
                found=[c.number for c in self.classes],
            )
        if self.classes[0].lower != 0 or uppers[-1] is not None:
            raise GuidelineError(
                "severity classes do not cover every shortfall",
                expected="the first from 0, the last without an upper bound",
                found=f"from {self.classes[0].lower:g} to {uppers[-1]}",
            )
        for this, following in zip(self.classes, self.classes[1:], strict=False):
            if this.upper != following.lower or following.lower <= this.lower:
                raise GuidelineError(
                    "severity classes leave a gap or overlap",
                    expected=f"class {this.number} to end where class {following.number} starts",
                    found=f"{this.upper} and {following.lower:g}",
                )
        for c in self.classes:
            positive(f"weight of class {c.number}", c.weight)
            positive(f"willingness to pay of class {c.number}", c.wtp)

    def rounded(self, shortfall: ArrayLike) -> Floats:
        """Shortfall rounded to ``decimals``, half away from zero (same shape).

        A decimal half counts as a half although binary floating point cannot hold it:
        3.995 becomes 4.00 and -3.995 becomes -4.00, as in Excel; 3.994 becomes 3.99.

        Raises
        ------
        ResultError
            A shortfall that is not finite.
        """
        values = np.asarray(shortfall, dtype=np.float64)
        bad = ~np.isfinite(values)
        if bad.any():
            raise ResultError(
                "absolute shortfall is not finite",
                expected="finite QALYs",
                found=f"{values[bad][0]} ({int(bad.sum())} such values)",
                where={"draw": int(np.flatnonzero(bad)[0])},
            )
        if self.decimals is None:
            return values
        scale = 10.0**self.decimals
        size = np.floor(np.round(np.abs(values) * scale, _BINARY_NOISE) + 0.5)
        return np.asarray(np.copysign(size, values) / scale + 0.0)  # + 0.0: no negative zero

    def classify(self, shortfall: ArrayLike) -> Ints:
        """Class number of each shortfall after rounding (same shape); below 0 is class 1.

        Raises
        ------
        ResultError
            A shortfall that is not finite.
        """
        lower = np.array([c.lower for c in self.classes])
        place = np.searchsorted(lower, self.rounded(shortfall), side="right")
        return np.asarray(np.maximum(place, 1), dtype=np.int64)

    def entry(self, number: int) -> float:
        """Least shortfall, before rounding, that belongs to a class or a more severe one.

        With ``d`` decimals and the bound ``b`` itself a number of ``d`` decimals,
        ``b - 0.5 * 10**-d``: the half is rounded up. The first class has no least: ``-inf``.

        Raises
        ------
        GuidelineError
            A number that is not a class.

        Examples
        --------
        >>> SeverityScale(classes=(
        ...     SeverityClass(number=1, lower=0, upper=4, weight=1.0, wtp=275_000),
        ...     SeverityClass(number=2, lower=4, weight=1.4, wtp=385_000)), decimals=2).entry(2)
        3.995
        """
        self.wtp_of(number)
        lower = self.classes[number - 1].lower
        if number == 1:
            return -math.inf
        if self.decimals is None:
            return lower
        step = 10.0**-self.decimals
        return math.ceil(round(lower / step, _BINARY_NOISE)) * step - step / 2

    def wtp_of(self, number: ArrayLike) -> Floats:
        """Return the reference willingness to pay of class numbers, NOK per QALY (same shape).

        Raises
        ------
        GuidelineError
            A number that is not a class.
        """
        return self._pick(number, [c.wtp for c in self.classes])

    def weight_of(self, number: ArrayLike) -> Floats:
        """Severity weight of class numbers (same shape); errors as :meth:`wtp_of`."""
        return self._pick(number, [c.weight for c in self.classes])

    def _pick(self, number: ArrayLike, figures: Sequence[float]) -> Floats:
        numbers = np.asarray(number)
        unknown = ~np.isin(numbers, [c.number for c in self.classes])
        if unknown.any():
            raise GuidelineError(
                "no such severity class",
                expected=f"a class number from 1 to {len(self.classes)}",
                found=numbers[unknown][0],
            )
        return np.asarray(np.array(figures, dtype=np.float64)[numbers.astype(np.int64) - 1])
