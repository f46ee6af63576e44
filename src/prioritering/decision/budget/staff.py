"""Staff time behind a unit of a resource, and a full-time working year."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.decision.given import array_of
from prioritering.errors import ResultError
from prioritering.frozen import Frozen

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StaffTime(Frozen):
    """Staff time behind one unit of a resource.

    Attributes
    ----------
    profession
        Such as ``"nurse"``.
    level
        A level of care or payer of the guideline, such as ``"specialist"``.
    hours
        Hours per unit of the resource, a number or one per draw.
    source
        Where the hours come from.

    Raises
    ------
    ResultError
        Hours that are negative or not finite, or no profession or source.
    """

    profession: str
    level: str
    hours: Floats = field(repr=False)
    source: str

    def __init__(self, profession: str, *, level: str, hours: ArrayLike, source: str) -> None:
        array = array_of("staff hours", hours, expected="a number, or one per draw")
        where = {"profession": repr(profession)}
        if array.ndim > 1 or not array.size or not (np.isfinite(array) & (array >= 0)).all():
            raise ResultError(
                "staff hours out of range",
                expected="finite hours of 0 or more, a number or one per draw",
                found=repr(hours),
                where=where,
            )
        _words("profession", profession, where)
        _words("source", source, where)
        for name, value in (
            ("profession", profession),
            ("level", level),
            ("hours", array),
            ("source", source),
        ):
            object.__setattr__(self, name, value)
        self.__post_init__()


@dataclass(frozen=True)
class WorkingYear:
    """Hours a full-time employee works in a year, with the source of the figure."""

    hours: float
    source: str

    def __post_init__(self) -> None:
        number = isinstance(self.hours, int | float) and not isinstance(self.hours, bool)
        if not (number and math.isfinite(self.hours) and self.hours > 0):
            raise ResultError(
                "hours of a working year out of range",
                expected="finite hours above 0",
                found=repr(self.hours),
            )
        _words("source", self.source, {"in": "WorkingYear"})


def _words(name: str, text: str, where: Mapping[str, object]) -> None:
    if not (isinstance(text, str) and text.strip()):
        raise ResultError(f"staff time without a {name}", expected="words", found=text, where=where)
