"""A parameter: a distribution with what a reader of a dossier must know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypedDict

import numpy as np

from prioritering.errors import ParameterError, unknown_name
from prioritering.parameters._checks import number, positive, whole
from prioritering.parameters.distributions import Distribution

EARLIEST_YEAR = 1900


class Description(TypedDict, total=False):
    """Keywords every constructor takes beside the numbers of its distribution.

    Keys
    ----
    unit : str
        For example ``"NOK/year"`` or ``"per year"``.
    description : str
        What the number is.
    source : str
        Where it was read.
    price_year : int
        Year of the prices; only for money.
    assumption : bool
        The number is assumed, not estimated; shown as such wherever it is shown.
    """

    unit: str
    description: str
    source: str
    price_year: int
    assumption: bool


class Meta(Description, total=False):
    """The keywords of :class:`Description`, and the base-case value.

    Keys
    ----
    value : float or mapping
        Base-case value if it differs from the distribution's mean; must be possible under
        the distribution. A mapping over the components for a joint distribution.
    """

    value: float | Mapping[str, float]


@dataclass(frozen=True)
class PriceConversion:
    """One conversion of a parameter from the prices of a year to those of another."""

    from_year: int
    to_year: int
    factor: float
    index: str


@dataclass(frozen=True, repr=False)
class Parameter:
    """An uncertain number, or several uncertain numbers that belong together.

    Made by :func:`beta`, :func:`gamma` and their siblings.

    Attributes
    ----------
    distribution
        What is known about the number.
    stated
        Base-case value where it differs from the mean, one number per component.
    unit, description, source, price_year, assumption
        See :class:`Description`.
    conversions
        Price conversions done, oldest first.

    Raises
    ------
    ParameterError
        A stated value the distribution does not allow, a price year that is no year, or a
        price year on a share (beta, Dirichlet).
    """

    distribution: Distribution
    stated: tuple[float, ...] | None = None
    unit: str = ""
    description: str = ""
    source: str = ""
    price_year: int | None = None
    assumption: bool = False
    conversions: tuple[PriceConversion, ...] = ()

    def __post_init__(self) -> None:
        for name in ("unit", "description", "source"):
            _of_type(name, getattr(self, name), str, "text")
        _of_type("assumption", self.assumption, bool, "True or False")
        if self.price_year is not None:
            whole("price_year", self.price_year, at_least=EARLIEST_YEAR)
            if self.distribution.is_share:
                raise ParameterError(
                    f"a {self.distribution.family} distribution is of a share and has no prices",
                    expected="price_year only on amounts of money",
                    found=f"price_year {self.price_year}",
                )
        if self.stated is not None and not self.distribution.contains(np.array(self.stated)):
            raise ParameterError(
                "base-case value is impossible under the distribution",
                expected=f"a value of {self.distribution.describe()}",
                found=f"value {self.value}",
            )

    @property
    def value(self) -> float | dict[str, float]:
        """Base-case value: the stated one, else the mean; a dict for a joint distribution."""
        if self.stated is None:
            mean: float | dict[str, float] = self.distribution.mean
            return mean
        if not self.components:
            return self.stated[0]
        return dict(zip(self.components, self.stated, strict=True))

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the components; empty for a single number."""
        return self.distribution.components

    def converted(self, conversion: PriceConversion) -> Parameter:
        """Return the parameter in the prices of ``conversion.to_year``."""
        factor = conversion.factor
        return replace(
            self,
            distribution=self.distribution.scaled(factor),
            stated=None if self.stated is None else tuple(v * factor for v in self.stated),
            price_year=conversion.to_year,
            conversions=(*self.conversions, conversion),
        )

    def canonical(self) -> dict[str, Any]:
        """Everything that defines the parameter as nested dicts, for hashing."""
        law: Any = self.distribution
        distribution = {f.name: getattr(law, f.name) for f in fields(law)}
        rest = {f.name: getattr(self, f.name) for f in fields(self)}
        return rest | {
            "distribution": {"family": self.distribution.family, **distribution},
            "conversions": [vars(c) for c in self.conversions],
        }

    def __repr__(self) -> str:
        parts = [self.distribution.describe()]
        if self.stated is not None:
            parts.append(f"value {self.value}")
        parts += [text for text in (self.unit, self.source) if text]
        if self.price_year is not None:
            parts.append(f"prices of {self.price_year}")
        if self.assumption:
            parts.append("assumption")
        return f"<Parameter {', '.join(parts)}>"


def build(distribution: Distribution, meta: Meta | Description) -> Parameter:
    """Join a distribution with its meta keywords."""
    rest: dict[str, Any] = dict(meta)
    value = rest.pop("value", None)
    stated = None if value is None else _stated(value, distribution.components)
    return Parameter(distribution, stated, **rest)


def check_keywords(meta: Meta | Description, *, own: tuple[str, ...], value: bool = True) -> None:
    """Refuse a keyword that is neither the constructor's own nor a meta keyword."""
    known = (*own, *(Meta if value else Description).__annotations__)
    for name in meta:
        if name not in known:
            raise unknown_name("keyword", name, known)


def _stated(value: object, components: tuple[str, ...]) -> tuple[float, ...]:
    if not components:
        return (number("value", value),)
    if not isinstance(value, Mapping) or set(value) != set(components):
        raise ParameterError(
            "value does not name the components",
            expected="a mapping with exactly the keys " + ", ".join(map(repr, components)),
            found=repr(value),
        )
    return tuple(number(f"value of {name!r}", value[name]) for name in components)


def price_factor(index: Any, *, from_year: int, to_year: int) -> PriceConversion:
    """Ask a price index for the factor between two years, and keep the answer."""
    factor = positive("price index factor", index.factor(from_year=from_year, to_year=to_year))
    name = getattr(index, "name", None) or type(index).__name__
    return PriceConversion(from_year, to_year, factor, str(name))


def _of_type(name: str, value: object, kind: type, expected: str) -> None:
    if not isinstance(value, kind):
        raise ParameterError(f"{name} is not usable", expected=expected, found=repr(value))
