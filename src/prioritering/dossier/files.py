"""Files of a case folder: paths that stay inside it, and tables of finite numbers."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import CaseError, unknown_name

Where = Mapping[str, object]

MAX_BYTES = 50 * 2**20
"""Largest file a case may refer to."""

CONFIDENTIAL_FILE = "confidential.toml"
"""Holds a secret agreement; no public result may hold anything of it, not even a hash."""

MAX_NAME = 200
"""Characters of a file name, below what file systems take."""


@dataclass(frozen=True)
class CsvFile:
    """A CSV of a case folder: its header and its rows of text, and what it was hashed to."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sha256: str

    def numbers(self, column: str, where: Where) -> NDArray[np.float64]:
        """Return one column as finite numbers.

        Raises
        ------
        UnknownNameError
            No such column.
        CaseError
            A cell that is not a finite number; names the line.
        """
        if column not in self.header:
            raise unknown_name("column", column, self.header, where={**where, "csv": self.name})
        k = self.header.index(column)
        return np.array([self._number(i, row[k], column, where) for i, row in enumerate(self.rows)])

    def keep(self, cells: Mapping[str, str], where: Where) -> CsvFile:
        """Return the rows whose cells have these texts.

        Raises
        ------
        UnknownNameError
            No such column.
        CaseError
            No row left.
        """
        for column in cells:
            if column not in self.header:
                raise unknown_name("column", column, self.header, where={**where, "csv": self.name})
        wanted = [(self.header.index(column), text) for column, text in cells.items()]
        kept = tuple(row for row in self.rows if all(row[k] == text for k, text in wanted))
        if not kept:
            raise CaseError(
                "no row of a CSV is left",
                expected=", ".join(f"{column} = {text!r}" for column, text in cells.items()),
                found=f"none among {len(self.rows)} rows",
                where={**where, "csv": self.name},
            )
        return replace(self, rows=kept)

    def matrix(self, columns: Sequence[str], where: Where) -> NDArray[np.float64]:
        """Return the columns as finite numbers, shape (row, column)."""
        return np.column_stack([self.numbers(c, where) for c in columns])

    def _number(self, row: int, cell: str, column: str, where: Where) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise CaseError(
                "a cell of a CSV is not a finite number",
                expected="a number",
                found=repr(cell),
                where={**where, "csv": self.name, "column": repr(column), "csv line": row + 2},
                remedy="Fill in or leave out that row; nothing is dropped silently.",
            )
        return value


def inside(folder: Path, name: str, where: Where) -> Path:
    """Path of a file of the case folder; links are followed before the check.

    Raises
    ------
    CaseError
        A path that is absolute or leaves the folder, text that is no file name, or a file that
        is missing.
    """
    parts = PureWindowsPath(name)
    root = folder.resolve()
    if not name.isprintable() or len(name) > MAX_NAME:
        raise CaseError(
            "a file name that no file can have",
            expected=f"at most {MAX_NAME} characters that can be printed",
            found=_shortened(name),
            where=where,
        )
    path = Path(os.path.realpath(root / name))
    if parts.drive or parts.root or ".." in parts.parts or not path.is_relative_to(root):
        raise CaseError(
            "a path leaves the case folder",
            expected="the name of a file inside the case folder",
            found=repr(name),
            where=where,
            remedy="Copy the file into the case folder and give its name.",
        )
    if not path.is_file():
        present = sorted(p.name for p in root.glob("*.csv"))
        raise CaseError(
            "a file is missing",
            expected=f"{name!r} in {folder}",
            found="CSV files " + ", ".join(present) if present else "no CSV file there",
            where=where,
        )
    return path


def read_csv(folder: Path, name: str, where: Where) -> CsvFile:
    """Read a CSV of the case folder.

    Raises
    ------
    CaseError
        A path outside the folder, the confidential file, a missing or too large file, text
        that is not UTF-8, a header that is empty or repeats a name, no rows, or rows of
        unequal length.
    """
    path = inside(folder, name, where)
    secret = folder / CONFIDENTIAL_FILE
    if path.name == CONFIDENTIAL_FILE or (secret.is_file() and path.samefile(secret)):
        raise CaseError(
            "a case reads its confidential file as data",
            expected="a CSV file",
            found=repr(name),
            where=where,
            remedy="Only --view confidential reads that file.",
        )
    if path.stat().st_size > MAX_BYTES:
        raise CaseError(
            "a file is too large",
            expected=f"at most {MAX_BYTES // 2**20} MB",
            found=f"{path.stat().st_size / 2**20:.0f} MB",
            where={**where, "csv": name},
        )
    data = path.read_bytes()
    rows = [tuple(cell.strip() for cell in row) for row in _rows(data, name, where) if any(row)]
    header = rows[0] if rows else ()
    if not all(header) or len(set(header)) != len(header) or len(rows) < 2:
        raise CaseError(
            "a CSV has no usable header and rows",
            expected="a first line with different column names, then at least one row",
            found=f"{len(rows)} lines, header {', '.join(header) or 'empty'}",
            where={**where, "csv": name},
        )
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise CaseError(
                "a row of a CSV has the wrong length",
                expected=f"{len(header)} cells",
                found=len(row),
                where={**where, "csv": name, "csv line": number},
            )
    return CsvFile(name, header, tuple(rows[1:]), hashlib.sha256(data).hexdigest())


def _shortened(name: str) -> str:
    return repr(name) if len(name) <= MAX_NAME else f"{len(name)} characters"


def _rows(data: bytes, name: str, where: Where) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CaseError(
            "a CSV cannot be read",
            expected="comma-separated text in UTF-8",
            found=str(error),
            where={**where, "csv": name},
        ) from None
