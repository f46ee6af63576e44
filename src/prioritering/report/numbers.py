"""Numbers as a reader of each language writes them; the only place that rounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from prioritering.errors import ResultError
from prioritering.report.labels import check_language, label

DEFAULT_CURRENCY = "NOK"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
ABSENT = "\N{EN DASH}"
"""Stands where there is no number; the reason is in words beside it."""


def number(value: float | None, *, decimals: int = 0, language: str = "en") -> str:
    """Round a number and write it in a language.

    English groups thousands with a comma and has a decimal point; Norwegian has a no-break
    space and a decimal comma. ``None`` is written as a dash.

    Raises
    ------
    ResultError
        A value that is NaN or infinite.
    UnknownNameError
        A language without labels.

    Examples
    --------
    >>> number(-1234567.891, decimals=1)
    '-1,234,567.9'
    >>> number(1234567.891, decimals=1, language="no").split()
    ['1', '234', '567,9']
    """
    check_language(language)
    if value is None:
        return ABSENT
    if not math.isfinite(value):
        raise ResultError("a number to print is not finite", expected="finite", found=value)
    text = f"{value:,.{decimals}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    if language == "en":
        return text
    return text.replace(",", NO_BREAK_SPACE).replace(".", ",")


def with_error(
    value: float | None, se: float | None, *, decimals: int = 0, language: str = "en"
) -> str:
    """Write a number with its Monte Carlo standard error in brackets, if it has one.

    An error below the last printed digit gets the decimals its first digit needs.

    Examples
    --------
    >>> with_error(8.1234, 0.0312, decimals=2), with_error(8.1234, 0.00049, decimals=2)
    ('8.12 (0.03)', '8.12 (0.0005)')
    >>> with_error(8.1234, None, decimals=2)
    '8.12'
    """
    text = number(value, decimals=decimals, language=language)
    if value is None or se is None:
        return text
    return f"{text} ({standard_error(se, decimals=decimals, language=language)})"


def standard_error(se: float, *, decimals: int = 0, language: str = "en") -> str:
    """Write a standard error with ``decimals``, or as many as its first digit needs."""
    if se > 0 and round(se, decimals) == 0:
        decimals = -math.floor(math.log10(se))
    return number(se, decimals=decimals, language=language)


def money(
    value: float | None,
    *,
    decimals: int = 0,
    language: str = "en",
    currency: str = DEFAULT_CURRENCY,
) -> str:
    """Write an amount with its currency.

    Examples
    --------
    >>> money(495000).split(), money(495000, language="no", currency="GBP").split()
    (['NOK', '495,000'], ['495', '000', 'GBP'])
    """
    amount = number(value, decimals=decimals, language=language)
    return label("format.money", language, amount=amount, currency=currency)


def currency_of(provenance: Mapping[str, Any], currency: str | None) -> str:
    """Take the currency asked for, else the one a result carries, else NOK.

    Examples
    --------
    >>> currency_of({"currency": "GBP"}, None), currency_of({}, "EUR"), currency_of({}, None)
    ('GBP', 'EUR', 'NOK')
    """
    return currency or str(provenance.get("currency", DEFAULT_CURRENCY))


def percent(share: float | None, *, decimals: int = 0, language: str = "en") -> str:
    """Write a share as a percentage; one that is not quite 0 or 1 is never rounded to it.

    Raises
    ------
    ResultError
        A share that is not finite.

    Examples
    --------
    >>> [percent(p).split() for p in (0.8731, 0.99999, 1.0)]
    [['87', '%'], ['>99', '%'], ['100', '%']]
    """
    if share is None:
        return ABSENT
    step = 10.0**-decimals
    text, sign = number(100 * share, decimals=decimals, language=language), ""
    if 0 < share < 1 and round(100 * share, decimals) in (0, 100):
        edge = step if share < 0.5 else 100 - step
        text, sign = number(edge, decimals=decimals, language=language), "<" if share < 0.5 else ">"
    return sign + label("format.percent", language, amount=text)


def percent_with_error(share: float, se: float, *, decimals: int = 1, language: str = "en") -> str:
    """Write a share as a percentage with its standard error in percentage points.

    Examples
    --------
    >>> percent_with_error(0.7591, 0.0043).split()
    ['75.9', '%', '(0.4)']
    """
    error = standard_error(100 * se, decimals=1, language=language)
    return f"{percent(share, decimals=decimals, language=language)} ({error})"


def money_decimals(amounts: Iterable[float | None]) -> int:
    """Decimals for a column of amounts: none from 1 000 on, two where all are smaller.

    Examples
    --------
    >>> money_decimals([151.29, 77.75]), money_decimals([151.29, 44663.5])
    (2, 0)
    """
    return 0 if max((abs(a) for a in amounts if a is not None), default=0.0) >= 1000 else 2
