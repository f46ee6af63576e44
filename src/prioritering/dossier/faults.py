"""Schema faults and errors from deeper rooms, told with their place in the case file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prioritering.dossier.places import KeyPath, Source
from prioritering.errors import CaseError, PrioriteringError, unknown_name

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

LONGEST_FOUND = 100
"""Characters of a wrong value that are shown."""

IN_A_CASE = {
    "computed": 'Write population = "computed" under [severity]: that takes any age the life '
    "table and the norm cover.",
    "NormTable.from_bands": "Write under [norm] a norm of your own (bands and source), or an "
    "assumption on the record (extend_below = {age_from, value, note}).",
    "LifeTable.from_arrays": "Shorten the horizon.",
    "with_rule": "Choose a later as_of under [guideline], or state the rule and its source "
    "under [guideline.rules].",
    "crossing=": 'Write crossing = "cap" or "report" under [model]: both count where curves cross.',
    ".switch(": "Continue the curve: then = [{ switch_at = its last time, to = another curve }].",
    "fixed()": 'Write distribution = "fixed" for a value without uncertainty.',
    "no_staff": "Write staff for them, or staff = [] where a resource needs none.",
    "Inventory({category": "Add them under [inventory.costs], each with consequence and level.",
    "groups={category": "Add them under [budget.groups].",
    "count_informal_care_as": 'Write count_informal_care_as = "cost" or "qaly" under [inventory].',
}
"""Ways out as a case file writes them, by what names them in Python."""


@contextmanager
def placed(where: Mapping[str, object]) -> Iterator[None]:
    """Add the place in the case file to any error raised inside."""
    try:
        yield
    except PrioriteringError as error:
        raise at_place(error, where) from error


def at_place(error: PrioriteringError, where: Mapping[str, object]) -> PrioriteringError:
    """Return the error with a place put before its own."""
    return type(error)(
        error.problem,
        expected=error.expected,
        found=error.found,
        where={**where, **error.where},
        remedy=error.remedy,
    )


@contextmanager
def in_case_terms() -> Iterator[None]:
    """Tell the way out of any error raised inside as a case file writes it."""
    try:
        yield
    except PrioriteringError as error:
        raise reworded(error, IN_A_CASE) from error


def reworded(error: PrioriteringError, remedies: Mapping[str, str]) -> PrioriteringError:
    """Return the error with the first of the remedies whose key its own remedy mentions."""
    own = error.remedy or ""
    return type(error)(
        error.problem,
        expected=error.expected,
        found=error.found,
        where=error.where,
        remedy=next((text for named, text in remedies.items() if named in own), error.remedy),
    )


def schema_faults(
    error: ValidationError, data: Mapping[str, Any], text: Source
) -> list[PrioriteringError]:
    """Turn every fault the schema found into an error with file, key and line.

    Where a value fits none of several alternatives, the first of them is told.
    """
    by_place: dict[KeyPath, PrioriteringError] = {}
    for detail in error.errors():
        path = _path(detail, data)
        by_place.setdefault(path, _fault(detail, path, text))
    return list(by_place.values())


def _path(detail: ErrorDetails, data: Any) -> KeyPath:
    """Key path in the file: the schema's location without its names of alternatives."""
    path: list[str | int] = []
    for part in detail["loc"]:
        if _holds(data, part):
            path.append(part)
            data = data[part]
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    if detail["type"] in ("unknown_key", "union_tag_invalid", "union_tag_not_found"):
        context = detail["ctx"]
        path.append(str(context.get("key") or context["discriminator"]).strip("'"))
    return tuple(path)


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, list) and part < len(data)
    return isinstance(data, dict) and part in data


def _fault(detail: ErrorDetails, path: KeyPath, text: Source) -> PrioriteringError:
    kind, context, where = detail["type"], detail.get("ctx", {}), text.where(*path)
    if kind == "unknown_key":
        return unknown_name("key", context["key"], context["known"], where=where)
    if kind == "union_tag_invalid":
        known = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
        return unknown_name(str(path[-1]), context["tag"], known, where=where)
    if kind in ("missing", "union_tag_not_found"):
        return CaseError("a key is missing", expected=f"the key {path[-1]!r}", where=where)
    return CaseError(
        "a value is not usable" if path else "the sections do not fit together",
        expected=detail["msg"].removeprefix("Input should be "),
        found=_shown(detail["input"]),
        where=where,
    )


def _shown(value: object) -> str:
    """Value as found; of a table only its keys."""
    if isinstance(value, Mapping):
        return "the keys " + ", ".join(map(str, value))
    text = repr(value)
    return text if len(text) <= LONGEST_FOUND else text[:LONGEST_FOUND] + "..."
