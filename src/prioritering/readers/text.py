"""Cells of a text file: commas, semicolons or tabs between them, lines counted."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from prioritering.errors import DataError
from prioritering.readers.cells import Cells

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def text_cells(file: Path) -> Cells:
    """Read the cells of a text file, numbers as numbers and everything else as text.

    Raises
    ------
    DataError
        Not a text file, lines of unequal length, an open quotation mark, or both decimal
        points and decimal commas.
    """
    text = _decoded(file)
    separator = _separator(text)
    header: list[str] = []
    rows: list[list[float | int | str]] = []
    positions: list[int] = []
    decimals = _Decimals(comma=separator != ",", file=file)
    for line, cells in _lines(text.rstrip("\n "), separator, file):
        if not header:
            header = cells
        elif len(cells) != len(header):
            raise DataError(
                "a line has another number of values than there are names",
                expected=f"{len(header)} values, as in the first line",
                found=f"{len(cells)}" if cells else "a blank line",
                where={"file": file.name, "line": line},
                remedy="Look for a missing value, a separator at the end of the lines, a comma "
                "inside a number, or row numbers whose column has no name (write.csv in R "
                "gives it one).",
            )
        else:
            rows.append([decimals.read(cell, line) for cell in cells])
            positions.append(line)
    return Cells(header, rows, positions, "line")


def _decoded(file: Path) -> str:
    raw = file.read_bytes()
    if raw.startswith(_UTF_16):
        text = raw.decode("utf-16", errors="replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
    if "\0" in text:
        raise DataError(
            "the file is not a table",
            expected="text",
            found="bytes that no text has",
            where={"file": file.name},
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _separator(text: str) -> str:
    """Return what divides both the first line and the one below it; a comma otherwise."""
    for separator in (";", "\t"):
        reader = csv.reader(StringIO(text), delimiter=separator)
        try:
            first = [next(reader, []), next(reader, [])]
        except csv.Error:
            continue
        if all(len(cells) > 1 for cells in first if cells) and first[0]:
            return separator
    return ","


def _lines(text: str, separator: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(
            "the file is not a table",
            expected="one line of names, then lines with as many values",
            found=str(error),
            where={"file": file.name, "line": reader.line_num},
        ) from None


class _Decimals:
    """Numbers of one file, which has decimal points or decimal commas, not both."""

    def __init__(self, *, comma: bool, file: Path) -> None:
        self.comma, self.file = comma, file
        self.seen: dict[str, tuple[str, int]] = {}

    def read(self, cell: str, line: int) -> float | int | str:
        """Return the number in a cell, or its text where there is none."""
        text = cell.strip()
        if _WHOLE.fullmatch(text):
            return int(text)
        if not _NUMBER.fullmatch(text) or ("," in text and not self.comma):
            return text
        for mark in (".", ","):
            if mark in text:
                self.seen.setdefault(mark, (text, line))
        if len(self.seen) > 1:
            self._refuse()
        return float(text.replace(",", "."))

    def _refuse(self) -> None:
        (point, first), (comma, second) = self.seen["."], self.seen[","]
        raise DataError(
            "the file has both decimal points and decimal commas",
            expected="one of them throughout, and no mark between thousands",
            found=f"{point!r} in line {first} and {comma!r} in line {second}",
            where={"file": self.file.name},
            remedy="If the points stand between thousands, export the numbers without them.",
        )
