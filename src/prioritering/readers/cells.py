"""What a file holds before it is a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Cells(NamedTuple):
    """Cells of a file: names of columns, rows below, and where each row stands in the file.

    ``place`` says what the numbers in ``positions`` count: ``"line"`` or ``"row"``, from 1.
    """

    header: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    positions: Sequence[int]
    place: str
