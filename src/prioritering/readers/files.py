"""Tables from CSV files and Excel workbooks, exactly as they stand there."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import DataError
from prioritering.frames import column_of_numbers
from prioritering.readers.cells import Cells
from prioritering.readers.text import text_cells
from prioritering.readers.workbook import workbook_cells

if TYPE_CHECKING:
    import pandas as pd

EXCEL = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")


def read_table(path: str | Path, *, sheet: str | int | None = None) -> pd.DataFrame:
    """Read a CSV file or one sheet of a workbook, its first row being the names of columns.

    Text files may have commas, or semicolons or tabs with decimal points or decimal commas, as
    Norwegian Excel writes them. A first column without a name that counts 1, 2, 3, ..., as R
    writes it, is left out, and so are columns at the side and rows at the end that are wholly
    empty. Cells of a workbook give the values that were last computed; nothing in the file is
    evaluated. ``"NA"`` and the like stay text. The index is the line of the file or the row of
    the sheet, for errors.

    Raises
    ------
    DataError
        A file that is not there, of another kind, empty, with lines of unequal length, without
        names of columns or with a name twice, with both decimal points and decimal commas, or
        a sheet that does not exist.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if not file.is_file():
        raise DataError("no such file", expected="a CSV file or a workbook", found=str(file))
    if kind in OTHER_WORKBOOKS:
        raise DataError(
            "workbooks of this kind are not read",
            expected=f"a CSV file, or a workbook that ends in {' or '.join(EXCEL)}",
            found=file.name,
            remedy="Save it as .xlsx or CSV.",
        )
    if kind in EXCEL:
        return _frame(workbook_cells(file, sheet), file)
    if sheet is not None:
        raise DataError("a sheet of a file that has none", expected="a workbook", found=str(file))
    return _frame(text_cells(file), file)


def digest(*paths: str | Path) -> dict[str, str]:
    """Name -> SHA-256 of each file; files of one name are told apart by their folders."""
    files = [Path(p) for p in paths]
    names = [file.name for file in files]
    return {
        file.name if names.count(file.name) == 1 else "/".join(file.parts[-2:]): sha256(
            file.read_bytes()
        ).hexdigest()
        for file in files
    }


def numbers(frame: pd.DataFrame, column: str, *, file: str | Path) -> NDArray[np.float64]:
    """Read a column as numbers; the first bad one is told with its place in the file."""
    return column_of_numbers(frame, column, where={"file": Path(file).name})


def _frame(cells: Cells, file: Path) -> pd.DataFrame:
    """Put cells into a table, without row numbers and what is wholly empty."""
    import pandas as pd

    rows, positions = list(cells.rows), list(cells.positions)
    while rows and all(_is_blank(cell) for cell in rows[-1]):
        rows.pop()
        positions.pop()
    names = [str(name).strip() for name in cells.header]
    columns = [[row[k] for row in rows] for k in range(len(names))]
    kept = [k for k, name in enumerate(names) if name or not all(_is_blank(c) for c in columns[k])]
    if kept and rows and not names[kept[0]]:
        kept = kept[1:] if _counts_rows(columns[kept[0]]) else kept
    _check_names([names[k] for k in kept], len(rows), file)
    frame = pd.DataFrame({names[k]: columns[k] for k in kept}, index=positions)
    frame.index.name = cells.place
    return frame


def _check_names(names: Sequence[str], n_rows: int, file: Path) -> None:
    where = {"file": file.name}
    if not names or not n_rows:
        raise DataError(
            "the table is empty",
            expected="names of columns and at least one row",
            found=f"{len(names)} columns, {n_rows} rows",
            where=where,
        )
    if all(_is_number(name) for name in names):
        raise DataError(
            "the table has no names of columns",
            expected="names in the first row",
            found=", ".join(names[:3]),
            where=where,
        )
    if "" in names:
        raise DataError(
            "a column without a name",
            expected="a name in the first row of every column",
            found=f"none in column {names.index('') + 1}",
            where=where,
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            "a column is named twice",
            expected="each name once",
            found=", ".join(map(repr, twice)),
            where=where,
        )


def _is_blank(cell: object) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _counts_rows(column: Sequence[object]) -> bool:
    return [str(cell) for cell in column] == [str(k + 1) for k in range(len(column))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
