"""Where a figure or a rule comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import ClassVar

from prioritering.errors import DataError

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|undated")


@dataclass(frozen=True)
class Source:
    """A document, the place in it, its date, and how it was read.

    Parameters
    ----------
    document, section
        What was read, and where in it.
    date
        Date of the document as far as it is known: ``"2021-06-25"``, ``"2015-10"``,
        ``"2010"`` or ``"undated"``.
    read
        How it was read: in the document itself, or as quoted by somebody.

    Raises
    ------
    DataError
        An empty part, or a date of another form.
    """

    # Guideline files are read through pydantic: a key it does not know is an error.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    document: str
    section: str
    date: str
    read: str

    def __post_init__(self) -> None:
        for part in fields(self):
            if not getattr(self, part.name).strip():
                raise DataError(
                    f"a source without its {part.name}", expected="some words", found="''"
                )
        if not _DATE.fullmatch(self.date):
            raise DataError(
                "a source's date is not a date",
                expected="'YYYY', 'YYYY-MM', 'YYYY-MM-DD' or 'undated'",
                found=repr(self.date),
            )

    def __str__(self) -> str:
        return f"{self.document}, {self.section} ({self.date}); {self.read}"
