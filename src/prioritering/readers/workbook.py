"""Cells of one sheet of an Excel workbook."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from zipfile import BadZipFile

from prioritering.errors import DataError
from prioritering.readers.cells import Cells


def workbook_cells(file: Path, sheet: str | int | None) -> Cells:
    """Read the cells of a sheet as the values last computed; formulas are not evaluated.

    Raises
    ------
    DataError
        openpyxl is missing, the file is no workbook, or the sheet is not named or not there.
    """
    import pandas as pd

    if importlib.util.find_spec("openpyxl") is None:
        raise DataError(
            "workbooks need another package",
            expected="openpyxl",
            found="not installed",
            remedy="pip install 'prioritering[excel]', or save the sheet as CSV.",
        )
    try:
        book = pd.ExcelFile(file, engine="openpyxl")
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(
            "the file is not a workbook",
            expected="a workbook as Excel writes it",
            found=str(error),
            where={"file": file.name},
        ) from error
    with book:
        chosen = _chosen([str(name) for name in book.sheet_names], sheet, file)
        cells = pd.read_excel(book, sheet_name=chosen, header=None, dtype=object, na_filter=False)
    rows = cells.to_numpy(dtype=object).tolist()
    return Cells(rows[0] if rows else [], rows[1:], range(2, len(rows) + 1), "row")


def _chosen(names: list[str], sheet: str | int | None, file: Path) -> str:
    """Name of the sheet asked for, or of the only one; hidden sheets count."""
    known = "one of " + ", ".join(map(repr, names))
    if sheet is None:
        if len(names) == 1:
            return names[0]
        raise DataError(
            "the workbook has several sheets",
            expected=f"sheet=, {known}",
            found="none named",
            where={"file": file.name},
        )
    if isinstance(sheet, str) and sheet in names:
        return sheet
    if isinstance(sheet, int) and not isinstance(sheet, bool) and 0 <= sheet < len(names):
        return names[sheet]
    raise DataError(
        f"no sheet {sheet!r}",
        expected=f"{known}, or its number from 0",
        found=repr(sheet),
        where={"file": file.name},
    )
