"""Example cases that come with the package, in a source checkout and in an installed wheel."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from prioritering.dossier.load import CASE_FILE
from prioritering.errors import CaseError, unknown_name


def examples() -> dict[str, Path]:
    """Names and folders of the bundled cases, in alphabetical order."""
    return {path.parent.name: path.parent for path in sorted(_folder().glob(f"*/{CASE_FILE}"))}


def example_title(folder: Path) -> str:
    """Title of a case without reading the rest of it."""
    return str(tomllib.loads((folder / CASE_FILE).read_text(encoding="utf-8"))["title"])


def find_case(case: str | Path) -> Path:
    """Return the folder ``case``, that of its case file, or the bundled case of that name.

    Raises
    ------
    UnknownNameError
        Neither a folder nor a bundled case.
    """
    path = Path(case)
    if path.is_dir():
        return path
    if path.name == CASE_FILE and path.is_file():
        return path.parent
    known = examples()
    if str(case) not in known:
        raise unknown_name("case", str(case), known, where={"folder": "not found"})
    return known[str(case)]


def copy_example(name: str, *, to: str | Path) -> Path:
    """Copy a bundled case into a new folder and return it.

    Raises
    ------
    UnknownNameError
        No such case.
    CaseError
        A folder that already exists.
    """
    known, target = examples(), Path(to)
    if name not in known:
        raise unknown_name("example", name, known)
    if target.exists():
        raise CaseError(
            "the folder already exists",
            expected="a folder to be made",
            found=str(target),
            remedy="Choose another name.",
        )
    shutil.copytree(known[name], target)
    return target


def _folder() -> Path:
    package = Path(__file__).resolve().parents[1]
    installed, checkout = package / "examples", package.parents[1] / "examples"
    return installed if installed.is_dir() else checkout
