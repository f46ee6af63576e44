"""One rule: a value, the day it came into force, and where that stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from typing import Any, Literal

from prioritering.data import Source
from prioritering.data.lookup import Lookup

Status = Literal["law", "secondary", "choice", "user"]


@dataclass(frozen=True)
class Rule:
    """A rule on one topic.

    Attributes
    ----------
    topic
        What it is about, for example ``"severity"``.
    in_force_from
        First day it applies.
    status
        ``"law"``: read in the authority's own document. ``"secondary"``: as somebody quotes
        it; the original was not seen. ``"choice"``: nobody prescribes it, the package
        chooses. ``"user"``: set by the analyst.
    source
        Document, section, date and how it was read.
    value
        What the rule says.
    note
        What else a reader should know.
    """

    topic: str
    in_force_from: date
    status: Status
    source: Source
    value: Any
    note: str = ""

    @property
    def second_hand(self) -> bool:
        """Whether the original was not seen."""
        return self.status == "secondary"

    def content(self) -> dict[str, Any]:
        """Everything the rule says, as plain data for hashing."""
        return {
            "topic": self.topic,
            "in_force_from": self.in_force_from.isoformat(),
            "status": self.status,
            "source": asdict(self.source),
            "value": _plain(self.value),
            "note": self.note,
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Lookup):
        return {"object": repr(value), "sha256": value.sha256}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value
