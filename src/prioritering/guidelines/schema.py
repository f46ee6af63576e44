"""Read guideline files strictly: an unknown key, a missing source or a wrong type is an error."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from prioritering.data import Source
from prioritering.errors import GuidelineError, PrioriteringError
from prioritering.guidelines.rule import Rule
from prioritering.guidelines.topics import TOPICS
from prioritering.guidelines.values import Value

if TYPE_CHECKING:
    from pydantic import ValidationError

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Value):
    """One dated entry of a topic's file, before its value is read."""

    in_force_from: date
    status: Literal["law", "secondary", "choice"]
    source: Source
    value: dict[str, Any]
    note: str = ""


@dataclass(frozen=True)
class TopicFile(Value):
    """A topic's file: its entries, oldest first."""

    entry: tuple[Entry, ...]


def read_topic(topic: str, text: str) -> tuple[Rule, ...]:
    """Read the text of a topic's TOML file into rules, oldest first.

    Raises
    ------
    GuidelineError
        Text that is not TOML, a key the schema does not know, a missing part, a value out of
        range, or entries that are not in rising order of date.
    """
    where: dict[str, object] = {"topic": topic}
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise GuidelineError(
            "a guideline file that is not TOML", found=str(problem), where=where
        ) from None
    entries = validate(TopicFile, raw, where=where).entry
    dates = [e.in_force_from for e in entries]
    if not dates or sorted(set(dates)) != dates:
        raise GuidelineError(
            "guideline entries out of order",
            expected="at least one entry, each of a later date than the one before",
            found=[d.isoformat() for d in dates],
            where=where,
        )
    return tuple(_rule(topic, entry) for entry in entries)


def read_value(topic: str, raw: Mapping[str, Any], *, where: Mapping[str, object]) -> Any:
    """Read a topic's value from plain data into its class."""
    return validate(TOPICS[topic].written, raw, where=where)


def validate(kind: type[T], raw: object, *, where: Mapping[str, object]) -> T:
    """Check plain data against a class, strictly, and build it.

    Raises
    ------
    GuidelineError
        The first thing that does not fit, with its path.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        text = json.dumps(raw, default=_iso_date, allow_nan=False)
        return TypeAdapter(kind).validate_json(text, strict=True)
    except ValidationError as problem:
        raise _misfit(problem, where) from None
    except (TypeError, ValueError) as problem:
        raise GuidelineError(
            "a rule with a value that cannot stand in a guideline file",
            expected="text, finite numbers, true or false, dates, and lists and tables of them",
            found=str(problem),
            where=where,
        ) from None


def _rule(topic: str, entry: Entry) -> Rule:
    where = {"topic": topic, "in force from": entry.in_force_from}
    value = read_value(topic, entry.value, where=where)
    return Rule(topic, entry.in_force_from, entry.status, entry.source, value, entry.note)


def _iso_date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} is a {type(value).__name__}")


def _misfit(problem: ValidationError, where: Mapping[str, object]) -> GuidelineError:
    first = problem.errors()[0]
    path = ".".join(str(part) for part in first["loc"])
    place = {**where, **({"at": path} if path else {})}
    own = first.get("ctx", {}).get("error")
    if isinstance(own, PrioriteringError):
        return GuidelineError(
            own.problem, expected=own.expected, found=own.found, where={**place, **own.where}
        )
    return GuidelineError(
        "a rule that does not fit its schema",
        expected=first["msg"][:1].lower() + first["msg"][1:],
        found=repr(first["input"]),
        where=place,
    )
