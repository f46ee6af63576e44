"""Read a case folder: the case file against its schema, and every CSV it names."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prioritering.dossier.files import CsvFile, read_csv
from prioritering.dossier.places import KeyPath, Source
from prioritering.errors import CaseError, PrioriteringError

if TYPE_CHECKING:
    from prioritering.dossier.schema import CaseSpec

CASE_FILE = "case.toml"
MAX_CASE_BYTES = 5 * 2**20

MAX_DEPTH = 50
"""Names in one key. Reading a key takes time that rises with the square of its names."""

_NAME = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_DEEP_KEY = re.compile(rf"(?<![\w-]){_NAME}(?:\.[ \t]*+{_NAME}){{{MAX_DEPTH}}}")


@dataclass(frozen=True, repr=False)
class Case:
    """A case as its folder holds it; nothing is computed yet.

    Attributes
    ----------
    folder
        Where it was read.
    spec
        Content of the case file.
    text
        The case file, to find the line of a key.
    csvs
        Every CSV the case names, by name.
    sha256
        Hash of every file that was read, by name.
    """

    folder: Path
    spec: CaseSpec
    text: Source
    csvs: Mapping[str, CsvFile]
    sha256: Mapping[str, str]

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name

    @property
    def title(self) -> str:
        """Title of the case."""
        return self.spec.title

    @property
    def description(self) -> str:
        """What the case is about."""
        return self.spec.description

    @property
    def source(self) -> str:
        """Where the model comes from."""
        return self.spec.source

    @property
    def language(self) -> str:
        """Language of the reports, ``"en"`` or ``"no"``."""
        return self.spec.language

    @property
    def currency(self) -> str:
        """Currency of every amount."""
        return self.spec.currency

    @property
    def reference(self) -> str:
        """Strategy the others are compared with."""
        return self.spec.model.reference

    @property
    def option(self) -> str:
        """Strategy that may be adopted."""
        model = self.spec.model
        return model.option or next(s for s in model.strategies if s != model.reference)

    def where(self, *path: str | int) -> dict[str, object]:
        """Place of a key of the case file, for errors."""
        return self.text.where(*path)

    def __repr__(self) -> str:
        return f"Case({self.title!r}, {self.folder})"


def load_case(folder: str | Path) -> Case:
    """Read a case folder.

    Parameters
    ----------
    folder
        Holds ``case.toml`` and the CSVs it names.

    Raises
    ------
    CaseError
        No such folder or case file, text that is not TOML, values the schema does not take,
        CSVs that are missing, outside the folder or broken. Names file, key and line.
    UnknownNameError
        A key or kind the schema does not know, with the nearest one it does.
    """
    case, faults = read_case(Path(folder))
    if case is None or faults:
        raise first_fault(faults)
    return case


def read_case(folder: Path) -> tuple[Case | None, list[PrioriteringError]]:
    """Read a case folder and return every fault found; the case is ``None`` if it has any."""
    from pydantic import ValidationError

    from prioritering.dossier.faults import schema_faults
    from prioritering.dossier.schema import CaseSpec

    raw = read_text(_case_file(folder))
    text = Source(CASE_FILE, raw.decode("utf-8"))
    data = parse_toml(text)
    try:
        spec = CaseSpec.model_validate(data)
    except ValidationError as error:
        return None, schema_faults(error, data, text)
    csvs, faults = _read_csvs(folder, spec, text)
    if faults:
        return None, faults
    hashes = {CASE_FILE: hashlib.sha256(raw).hexdigest(), **{n: c.sha256 for n, c in csvs.items()}}
    return Case(folder, spec, text, csvs, hashes), []


def _case_file(folder: Path) -> Path:
    path = folder / CASE_FILE
    if not path.is_file():
        raise CaseError(
            "this is not a case folder",
            expected=f"a folder that holds {CASE_FILE}",
            found=f"no file {path}" if folder.is_dir() else f"no folder {folder}",
            remedy="Run 'prioritering examples' for the cases that come with the package.",
        )
    return path


def read_text(path: Path) -> bytes:
    """Bytes of a file of a case, which must be UTF-8 and not too large."""
    if path.stat().st_size > MAX_CASE_BYTES:
        raise CaseError(
            "the case file is too large",
            expected=f"at most {MAX_CASE_BYTES // 2**20} MB",
            found=f"{path.stat().st_size / 2**20:.0f} MB",
            where={"file": path.name},
            remedy="Put data in CSV files beside it.",
        )
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CaseError(
            "the case file is not UTF-8 text", found=str(error), where={"file": path.name}
        ) from None
    return raw


def parse_toml(text: Source) -> dict[str, Any]:
    """Content of a file of a case, or an error if it is not TOML."""
    if _DEEP_KEY.search(text.text):
        raise CaseError(
            "the case file has a key that is too deep",
            expected=f"at most {MAX_DEPTH} names with points between them",
            found="more",
            where={"file": text.file},
        )
    try:
        return tomllib.loads(text.text)
    except tomllib.TOMLDecodeError as error:
        found = str(error)
    except ValueError:
        found = "a whole number of thousands of digits"
    except RecursionError:
        found = "brackets within brackets, deeper than can be followed"
    raise CaseError("the case file is not TOML", found=found, where={"file": text.file})


def _read_csvs(
    folder: Path, spec: CaseSpec, text: Source
) -> tuple[dict[str, CsvFile], list[PrioriteringError]]:
    files: dict[str, CsvFile] = {}
    faults: list[PrioriteringError] = []
    for path, name in _csv_names(spec):
        try:
            files[name] = files.get(name) or read_csv(folder, name, text.where(*path))
        except PrioriteringError as error:
            faults.append(error)
    return files, faults


def _csv_names(spec: CaseSpec) -> Iterator[tuple[KeyPath, str]]:
    """Key path and name of every CSV the case names."""
    sections: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("parameters", spec.parameters),
        ("tables", spec.tables),
        ("curves", spec.curves),
    )
    for section, entries in sections:
        for name, entry in entries.items():
            for key in ("csv", "covariance_csv"):
                file = getattr(entry, key, None)
                if file is not None:
                    yield (section, name, key), file


def first_fault(faults: list[PrioriteringError]) -> PrioriteringError:
    """Return the first fault, which says how many more there are."""
    error = faults[0]
    if len(faults) > 1:
        more = f"{len(faults) - 1} more faults: 'prioritering check' lists them all."
        error.remedy = f"{error.remedy} {more}" if error.remedy else more
    return type(error)(
        error.problem,
        expected=error.expected,
        found=error.found,
        where=error.where,
        remedy=error.remedy,
    )
