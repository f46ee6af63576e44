"""Body weight or surface of patients, as a distribution a dose is multiplied by."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from prioritering.costing._inputs import Floats, by_draw, count_draws, one_of
from prioritering.errors import ParameterError
from prioritering.frozen import Frozen

_TAIL = 8.3
"""Standard deviations beyond which lies less than 1e-16 of a normal distribution."""
_SAME = 1e-9
"""Relative difference under which an observed size counts as equal to a limit."""


class BodySize(ABC, Frozen):
    """Distribution of body weight (kg) or body surface (m2) in the patients treated."""

    @property
    @abstractmethod
    def n_draws(self) -> int:
        """Number of draws, 1 where the distribution is the same in all."""

    @property
    @abstractmethod
    def mean(self) -> Floats:
        """Mean size, shape (1,) or (draws,)."""

    @property
    @abstractmethod
    def largest(self) -> Floats:
        """Size that at most 1e-16 of patients exceed, shape (1,) or (draws,)."""

    @abstractmethod
    def share_up_to(self, limits: Floats) -> Floats:
        """Share of patients of at most a size, one ``limit`` per draw: shape (1,) or (draws,)."""


@dataclass(frozen=True, eq=False, repr=False)
class NormalSize(BodySize):
    """Normally distributed size.

    Parameters
    ----------
    mean_size, sd
        Mean and standard deviation over patients (not a standard error), each one number or
        one per draw.

    Raises
    ------
    ParameterError
        Numbers not above 0, or a mean less than four standard deviations above 0, where the
        distribution would hold people of no size.

    Examples
    --------
    >>> NormalSize(76.0, sd=15.0)
    NormalSize(mean 76, sd 15)
    """

    mean_size: Floats
    sd: Floats

    def __init__(self, mean: ArrayLike, *, sd: ArrayLike) -> None:
        numbers = _mean_and_sd(mean, sd)
        if (numbers[0] < 4 * numbers[1]).any():
            raise ParameterError(
                "a normal distribution of size reaches zero",
                expected="a mean of at least four standard deviations",
                found=f"mean {numbers[0].min():g}, sd {numbers[1].max():g}",
                remedy="Use LogNormalSize(mean, sd=...), or ObservedSizes(values).",
            )
        self.__setstate__({"mean_size": numbers[0], "sd": numbers[1]})

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return count_draws({"mean": self.mean_size, "sd": self.sd})

    @property
    def mean(self) -> Floats:
        """Mean of the part above zero: ``m Phi(m / s) + s phi(m / s)``."""
        from scipy.special import ndtr

        z = self.mean_size / self.sd
        density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
        return np.asarray(self.mean_size * ndtr(z) + self.sd * density)

    @property
    def largest(self) -> Floats:
        """Mean and 8.3 standard deviations."""
        return self.mean_size + _TAIL * self.sd

    def share_up_to(self, limits: Floats) -> Floats:
        """Evaluate the normal distribution function."""
        from scipy.special import ndtr

        return np.asarray(ndtr((limits - self.mean_size) / self.sd))

    def __repr__(self) -> str:
        return f"NormalSize(mean {self.mean_size.mean():g}, sd {self.sd.mean():g})"


@dataclass(frozen=True, eq=False, repr=False)
class LogNormalSize(BodySize):
    """Lognormally distributed size, given its mean and standard deviation over patients.

    Parameters
    ----------
    mean_size, sd
        On the natural scale, each one number or one per draw;
        ``sdlog^2 = log(1 + sd^2 / mean^2)``, ``meanlog = log(mean) - sdlog^2 / 2``.

    Raises
    ------
    ParameterError
        Numbers not above 0.

    Examples
    --------
    >>> LogNormalSize(1.9, sd=0.2).share_up_to(np.array([1.9])).round(3)
    array([0.521])
    """

    mean_size: Floats
    sd: Floats

    def __init__(self, mean: ArrayLike, *, sd: ArrayLike) -> None:
        numbers = _mean_and_sd(mean, sd)
        self.__setstate__({"mean_size": numbers[0], "sd": numbers[1]})

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return count_draws({"mean": self.mean_size, "sd": self.sd})

    @property
    def mean(self) -> Floats:
        """Mean size."""
        return self.mean_size

    @property
    def largest(self) -> Floats:
        """``exp(meanlog + 8.3 sdlog)``."""
        meanlog, sdlog = self._logs()
        return np.exp(meanlog + _TAIL * sdlog)

    def share_up_to(self, limits: Floats) -> Floats:
        """Evaluate the lognormal distribution function."""
        from scipy.special import ndtr

        meanlog, sdlog = self._logs()
        with np.errstate(divide="ignore"):
            log_limits = np.log(np.maximum(limits, 0.0))
        return np.asarray(ndtr((log_limits - meanlog) / sdlog))

    def _logs(self) -> tuple[Floats, Floats]:
        variance = np.log1p((self.sd / self.mean_size) ** 2)
        return np.log(self.mean_size) - variance / 2, np.sqrt(variance)

    def __repr__(self) -> str:
        return f"LogNormalSize(mean {self.mean_size.mean():g}, sd {self.sd.mean():g})"


@dataclass(frozen=True, eq=False, repr=False)
class ObservedSizes(BodySize):
    """The patients themselves, each counting alike.

    Parameters
    ----------
    values
        Weight or surface of each patient, all above 0.

    Raises
    ------
    ParameterError
        No patient, or sizes that are not positive and finite.

    Examples
    --------
    >>> ObservedSizes([61.0, 74.5, 90.0]).mean.round(2)
    array([75.17])
    """

    values: Floats

    def __init__(self, values: ArrayLike) -> None:
        sizes = np.sort(by_draw("observed size", values, above=True))
        self.__setstate__({"values": sizes})

    @property
    def n_draws(self) -> int:
        """One: the same patients in every draw."""
        return 1

    @property
    def mean(self) -> Floats:
        """Mean over patients."""
        return np.array([self.values.mean()])

    @property
    def largest(self) -> Floats:
        """Largest patient."""
        return self.values[-1:]

    def share_up_to(self, limits: Floats) -> Floats:
        """Share of patients of at most each size; a size equal to within 1e-9 is not above."""
        below = np.searchsorted(self.values, limits * (1 + _SAME), side="right")
        return np.asarray(below / self.values.size)

    def __repr__(self) -> str:
        return f"ObservedSizes({self.values.size} patients, mean {self.values.mean():g})"


def body_surface(
    weight: ArrayLike, *, height: ArrayLike, formula: Literal["mosteller", "du bois"]
) -> Floats:
    """Body surface in m2 from weight in kg and height in cm.

    Parameters
    ----------
    weight, height
        Shapes that broadcast.
    formula
        ``"mosteller"``: ``sqrt(weight height / 3600)`` (Mosteller, N Engl J Med 1987;317:1098).
        ``"du bois"``: ``0.007184 weight^0.425 height^0.725`` (Du Bois and Du Bois, Arch Intern
        Med 1916;17:863).

    Raises
    ------
    ParameterError
        Sizes that are not positive and finite, or another formula.

    Examples
    --------
    >>> body_surface(80, height=180, formula="mosteller")
    array(2.)
    """
    one_of("formula", formula, ("mosteller", "du bois"))
    kilos, centimetres = np.asarray(weight, dtype=float), np.asarray(height, dtype=float)
    by_draw("weight", kilos.ravel(), above=True)
    by_draw("height", centimetres.ravel(), above=True)
    if formula == "mosteller":
        return np.asarray(np.sqrt(kilos * centimetres / 3600.0))
    return np.asarray(0.007184 * kilos**0.425 * centimetres**0.725)


def _mean_and_sd(mean: ArrayLike, sd: ArrayLike) -> tuple[Floats, Floats]:
    numbers = (
        by_draw("mean body size", mean, above=True),
        by_draw("standard deviation of body size", sd, above=True),
    )
    count_draws({"mean": numbers[0], "sd": numbers[1]})
    return numbers
