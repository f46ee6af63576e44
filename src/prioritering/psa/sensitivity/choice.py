"""What a one-way analysis moves, and between which ends."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Literal

from prioritering.arrays import array_of_numbers
from prioritering.errors import ParameterError, PrioriteringWarning
from prioritering.parameters import Parameters
from prioritering.parameters.distributions import JointEmpirical
from prioritering.psa.sensitivity.moves import Number, all_numbers, find_number

Range = tuple[float, float]
Reason = Literal["fixed", "rows drawn together", "no width"]


class Choice:
    """What is moved, and between which ends."""

    def __init__(
        self,
        params: Parameters,
        ranges: Mapping[str, Range],
        groups: Mapping[str, Sequence[str]],
        interval: float,
    ) -> None:
        self.params, self.interval = params, interval
        self.numbers = all_numbers(params)
        self.given = {
            find_number(params, name).name: checked_ends(f"range of {name}", ends)
            for name, ends in ranges.items()
        }
        self.groups = {name: self._group(name, members) for name, members in groups.items()}
        self.excluded: dict[str, Reason] = {}
        self._ends: dict[str, Range] = {}

    def members(self, names: list[str] | None) -> dict[str, tuple[Number, ...]]:
        """Numbers to move together, by the name of the row."""
        if names is None:
            alone = self._uncertain()
        else:
            alone = [find_number(self.params, name) for name in dict.fromkeys(names)]
        moved = {n.name: (n,) for n in alone} | self.groups
        for number in {n.name: n for numbers in moved.values() for n in numbers}.values():
            self._check_range(number)
        if not moved:
            raise ParameterError(
                "nothing to move",
                expected="at least one uncertain parameter, or a range for a fixed one",
                found="; ".join(f"{k}: {why}" for k, why in self.excluded.items())
                or "no parameters",
                remedy="Give distributions, or ranges={'name': (low, high)}.",
            )
        self._warn_of_base(moved)
        return moved

    def range_of(self, number: Number) -> Range:
        """Return the ends of a number: those given, or quantiles of its distribution."""
        if number.name in self.given:
            return self.given[number.name]
        if number.name not in self._ends:
            tail = (1 - self.interval) / 2
            low, high = (float(x) for x in number.law.ppf([tail, 1 - tail]))
            self._ends[number.name] = low, high
        return self._ends[number.name]

    def _uncertain(self) -> list[Number]:
        """Every number that moves by itself; the others are noted with the reason."""
        grouped = {n.name for numbers in self.groups.values() for n in numbers}
        found = []
        for number in self.numbers.values():
            if number.name in grouped:
                continue
            reason = None if number.name in self.given else self._reason(number)
            if reason is None:
                found.append(number)
            else:
                self.excluded[number.name] = reason
        return found

    def _reason(self, number: Number) -> Reason | None:
        """Why a number has no range of its own to move over, if it has none."""
        if number.law.dimensions == 0:
            return "fixed"
        if isinstance(self.params[number.parameter].distribution, JointEmpirical):
            return "rows drawn together"
        low, high = self.range_of(number)
        return None if low < high else "no width"

    def _check_range(self, number: Number) -> None:
        low, high = self.range_of(number)
        if not low < high:
            raise ParameterError(
                f"{number.name} has no range to move over",
                expected="an uncertain parameter, or a range for it",
                found=number.law.describe(),
                remedy=f"Give ranges={{{number.name!r}: (low, high)}}.",
            )

    def _group(self, name: str, members: Sequence[str]) -> tuple[Number, ...]:
        listed = isinstance(members, Sequence) and not isinstance(members, str)
        if name in self.numbers or not listed or not members:
            raise ParameterError(
                f"group {name!r} does not hold together",
                expected="a name no parameter has, and a sequence of parameters",
                found=repr(members),
            )
        found = tuple(find_number(self.params, member) for member in dict.fromkeys(members))
        joint = [n.name for n in found if n.component is not None]
        if joint:
            raise ParameterError(
                f"group {name!r} holds components of a joint parameter",
                expected="single numbers, which can move together",
                found=", ".join(joint),
                remedy="A joint parameter moves by component; give its values in a scenario.",
            )
        return found

    def _warn_of_base(self, moved: Mapping[str, tuple[Number, ...]]) -> None:
        outside = [
            n.name
            for n in {n.name: n for numbers in moved.values() for n in numbers}.values()
            if not self.range_of(n)[0] <= n.base <= self.range_of(n)[1]
        ]
        if outside:
            warnings.warn(
                f"the base case lies outside the range of {len(outside)}: {', '.join(outside)}",
                PrioriteringWarning,
                stacklevel=4,
            )


def checked_ends(what: str, ends: object) -> Range:
    """Two finite numbers, the lower first.

    Raises
    ------
    ParameterError
        Anything else; the ends are never put in order silently.
    """
    try:
        low, high = array_of_numbers(ends).tolist()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ParameterError(
            f"{what} does not rise",
            expected="two finite numbers, (low, high), the lower first",
            found=repr(ends),
        )
    return low, high
