"""What a run warns of, kept as notes for the reader."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from prioritering.errors import PrioriteringWarning

_FOR_PYTHON = "; counts are in outcomes."
"""What follows in a warning is for those who hold the outcomes; the counts are told before it."""


@contextmanager
def noted(notes: list[str], *, about: str = "") -> Iterator[None]:
    """Add this package's warnings to the notes, each once; other warnings pass.

    ``about`` says what was done meanwhile, and is put before each note.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PrioriteringWarning)
        yield
    for warning in caught:
        if not issubclass(warning.category, PrioriteringWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        else:
            text = about + str(warning.message).partition(_FOR_PYTHON)[0]
            notes.extend([text] if text not in notes else [])
