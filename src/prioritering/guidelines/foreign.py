"""Severity classes of other countries, for comparison only: dated, sourced data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from prioritering.errors import GuidelineError, unknown_name
from prioritering.guidelines.guideline import _day
from prioritering.guidelines.rule import Rule
from prioritering.guidelines.values import Label, Value, positive

FOREIGN_SCALES = ("nice", "zorginstituut")
"""Scales that ship: England's severity modifier and the Netherlands' burden of disease."""


@dataclass(frozen=True)
class ForeignClass(Value):
    """One class of another country's scale; it is reached by either measure it states.

    Attributes
    ----------
    number
        1 is the least severe; it has no bounds.
    absolute_from, proportional_from
        Least absolute shortfall (QALYs) and proportional shortfall (share) of the class;
        ``None`` where the scale does not use the measure.
    weight, wtp
        QALY weight, and reference value per QALY; ``None`` where the scale has none.
    """

    number: int
    absolute_from: float | None = None
    proportional_from: float | None = None
    weight: float | None = None
    wtp: float | None = None


@dataclass(frozen=True)
class ForeignScale(Value):
    """Another country's severity classes.

    Attributes
    ----------
    name
        Country and scale.
    currency
        Of the reference values.
    classes
        From the least severe.
    discount_rate
        Annual rate at which the scale discounts QALYs; ``None``: not discounted.
    decimals
        Decimals a shortfall is rounded to before it is placed; ``None``: not rounded.

    Raises
    ------
    GuidelineError
        Classes not numbered 1, 2, ..., a first class with bounds, bounds that do not rise, or
        amounts not above 0.
    """

    name: Label
    currency: str
    classes: tuple[ForeignClass, ...]
    discount_rate: float | None = None
    decimals: int | None = None

    def __post_init__(self) -> None:
        if [c.number for c in self.classes] != list(range(1, len(self.classes) + 1)):
            raise GuidelineError(
                "foreign classes not numbered in order",
                expected="1, 2, 3, ...",
                found=[c.number for c in self.classes],
            )
        if (rate := self.discount_rate) is not None:
            positive("discount rate", rate)
        first = self.classes[0] if self.classes else None
        if first is None or (first.absolute_from, first.proportional_from) != (None, None):
            raise GuidelineError(
                "foreign classes without one that everybody reaches",
                expected="a first class without bounds",
                found=first or "no class",
            )
        for measure in ("absolute_from", "proportional_from"):
            bounds = [b for c in self.classes if (b := getattr(c, measure)) is not None]
            if any(b <= a for a, b in zip([0.0, *bounds], bounds, strict=False)):
                raise GuidelineError(
                    f"{measure} does not rise", expected="rising bounds above 0", found=bounds
                )
        for c in self.classes:
            for what in ("weight", "wtp"):
                if (amount := getattr(c, what)) is not None:
                    positive(f"{what} of class {c.number}", amount)


def foreign_scale(name: str, *, as_of: str | date) -> Rule:
    """Return another country's severity classes as they stood on a day, with their source.

    Parameters
    ----------
    name
        One of :data:`FOREIGN_SCALES`.
    as_of
        The day, as a date or ISO text.

    Returns
    -------
    Rule
        Its ``value`` is a :class:`ForeignScale`.

    Raises
    ------
    UnknownNameError
        No such scale.
    GuidelineError
        Not a date, or a day before the scale's first entry.

    Examples
    --------
    >>> rule = foreign_scale("nice", as_of="2026-11-01")
    >>> [c.weight for c in rule.value.classes], rule.status
    ([1.0, 1.2, 1.7], 'secondary')
    """
    if name not in FOREIGN_SCALES:
        raise unknown_name("foreign scale", name, FOREIGN_SCALES)
    day, rules = _day(as_of), _scales()[name]
    in_force = [rule for rule in rules if rule.in_force_from <= day]
    if not in_force:
        raise GuidelineError(
            f"the scale {name!r} was not in use on {day}",
            expected=f"a day from {rules[0].in_force_from}, the first one known",
            found=day.isoformat(),
        )
    return in_force[-1]


@cache
def _scales() -> Mapping[str, tuple[Rule, ...]]:
    folder = files(__package__) / "comparison"
    return MappingProxyType(
        {
            name: read_foreign(name, (folder / f"{name}.toml").read_text(encoding="utf-8"))
            for name in FOREIGN_SCALES
        }
    )


def read_foreign(name: str, text: str) -> tuple[Rule, ...]:
    """Read a scale's TOML text into rules, oldest first; errors as for a guideline's topic."""
    from prioritering.guidelines.schema import TopicFile, validate

    where: dict[str, object] = {"scale": name}
    entries = validate(TopicFile, tomllib.loads(text), where=where).entry
    dates = [e.in_force_from for e in entries]
    if not dates or sorted(set(dates)) != dates:
        raise GuidelineError(
            "entries out of order",
            expected="at least one entry, each of a later date than the one before",
            found=[d.isoformat() for d in dates],
            where=where,
        )
    return tuple(
        Rule(
            f"severity_{name}",
            e.in_force_from,
            e.status,
            e.source,
            validate(ForeignScale, e.value, where=where),
            e.note,
        )
        for e in entries
    )
