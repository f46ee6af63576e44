"""Checks shared by the room: numbers by draw, amounts of money, their years and currencies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ParameterError
from prioritering.parameters import Parameter

Floats = NDArray[np.float64]
T = TypeVar("T", int, str)
CURRENCIES = ("NOK", "EUR", "SEK", "DKK", "GBP", "USD")
Money = ArrayLike | Parameter
"""An amount, one per draw, or a fixed parameter that knows the year of its price."""


def by_draw(
    name: str,
    value: ArrayLike,
    *,
    low: float = 0.0,
    high: float = np.inf,
    above: bool = False,
) -> Floats:
    """Return numbers of shape (1,) or (draws,) within limits, as an array of their own.

    Parameters
    ----------
    low, high
        Limits, both allowed; with ``above``, ``low`` itself is not.

    Raises
    ------
    ParameterError
        No numbers, more than one dimension, not finite, or outside the limits.
    """
    try:
        array = np.atleast_1d(np.array(value, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"{name} is not a number", expected="a number, or one per draw", found=repr(value)
        ) from error
    if array.ndim != 1 or array.size == 0:
        raise ParameterError(
            f"{name} has the wrong shape",
            expected="a number, or an array of shape (draws,)",
            found=f"shape {np.shape(value)}",
        )
    good = np.isfinite(array) & (array <= high) & ((array > low) if above else (array >= low))
    if not good.all():
        raise ParameterError(
            f"{name} is outside its range",
            expected=_range(low, high, above=above),
            found=f"{array[~good][0]:g}"
            + (f" ({int((~good).sum())} of {array.size} draws)" if array.size > 1 else ""),
            where={"draw": int(np.flatnonzero(~good)[0])} if array.size > 1 else None,
        )
    return array


def one_number(name: str, value: ArrayLike, *, high: float = np.inf, above: bool = False) -> float:
    """Return the only number there is, of 0 (or above it) or more.

    Raises
    ------
    ParameterError
        Several numbers, or as :func:`by_draw`.
    """
    array = by_draw(name, value, high=high, above=above)
    if array.size > 1:
        raise ParameterError(
            f"{name} is more than one number",
            expected="one number, the same in every draw",
            found=f"{array.size} of them",
        )
    return float(array[0])


@dataclass(frozen=True)
class Price:
    """An amount by draw, with the year of its price and its currency where they are known."""

    amount: Floats
    year: int | None = None
    currency: str | None = None


def money(name: str, value: Money) -> Price:
    """Return an amount by draw, with what is known of it.

    Raises
    ------
    ParameterError
        A parameter with a distribution, a negative amount, or as :func:`by_draw`.
    """
    if not isinstance(value, Parameter):
        return Price(by_draw(name, value))
    if value.distribution.family != "fixed":
        raise ParameterError(
            f"{name} is uncertain, so it has no one amount",
            expected="a number, an array by draw, or a fixed parameter",
            found=repr(value),
            remedy="Use its draws inside the model's function: p.name.",
        )
    amount = by_draw(name, np.asarray(value.value, dtype=np.float64))
    return Price(amount, value.price_year, currency_in(value.unit))


def currency_in(unit: str) -> str | None:
    """Return the currency a unit begins with, None for what is no money.

    Examples
    --------
    >>> currency_in("NOK/year"), currency_in("NOK per hour"), currency_in("DRG points")
    ('NOK', 'NOK', None)
    """
    first = re.split(r"[\s/]", unit.strip(), maxsplit=1)[0]
    return first if first in CURRENCIES else None


def one_price_year(years: Mapping[str, int | None]) -> int | None:
    """Return the one year of all prices that have one.

    Raises
    ------
    ParameterError
        Prices of different years; names what is in each.
    """
    return _only(
        years,
        "prices are of different years",
        expected="one price year",
        remedy="Convert them to one year first, for example with Parameters.at_price_year.",
    )


def one_currency(currencies: Mapping[str, str | None]) -> str | None:
    """Return the one currency of all prices that have one.

    Raises
    ------
    ParameterError
        Prices in different currencies; names what is in each.
    """
    return _only(
        currencies,
        "prices are in different currencies",
        expected="one currency",
        remedy="Convert them to one currency first.",
    )


def count_draws(arrays: Mapping[str, Floats]) -> int:
    """Return the number of draws of arrays of which each has one or all of them.

    Raises
    ------
    ParameterError
        Arrays of other lengths.
    """
    lengths = {name: array.shape[-1] for name, array in arrays.items()}
    many = {n for n in lengths.values() if n > 1}
    if len(many) > 1:
        raise ParameterError(
            "draws are not equally many",
            expected="one value, or one per draw, the same number everywhere",
            found=", ".join(f"{name}: {n}" for name, n in lengths.items()),
        )
    return many.pop() if many else 1


def one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not among those allowed."""
    if value not in allowed:
        raise ParameterError(
            f"{name} is not stated",
            expected="one of " + ", ".join(map(repr, allowed)),
            found=repr(value),
        )


def _only(found: Mapping[str, T | None], problem: str, *, expected: str, remedy: str) -> T | None:
    names: dict[T, list[str]] = {}
    for name, value in found.items():
        if value is not None:
            names.setdefault(value, []).append(name)
    if len(names) > 1:
        raise ParameterError(
            problem,
            expected=expected,
            found="; ".join(f"{value}: {', '.join(names[value])}" for value in sorted(names)),
            remedy=remedy,
        )
    return next(iter(names), None)


def _range(low: float, high: float, *, above: bool) -> str:
    start = f"above {low:g}" if above else f"of {low:g} or more"
    return f"finite numbers {start}" + ("" if high == np.inf else f", at most {high:g}")
