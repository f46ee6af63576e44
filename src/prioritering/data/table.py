"""The tables that ship with the package: a CSV file and a sidecar that says what it is."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.data.source import Source
from prioritering.errors import DataError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[Any] | tuple[str, ...]

_TYPES = ("integer", "number", "text")
_EVIDENCE = ("original", "derived", "secondary")
_REQUIRED = {"title", "kind", "evidence", "licence", "rows", "sha256", "source", "columns"}
_OPTIONAL = {"period", "in_force_from", "note"}


@dataclass(frozen=True)
class Column:
    """Name, type (``integer``, ``number`` or ``text``) and unit of a column."""

    name: str
    type: str
    unit: str


@dataclass(frozen=True, repr=False, eq=False)
class Table:
    """A shipped table: columns by name, and where the figures come from.

    Attributes
    ----------
    name, kind, title, licence, note
        What the table is and how it may be used.
    source
        Document, section, date and how it was read.
    evidence
        ``"original"``: the issuer's own figures. ``"derived"``: computed from them.
        ``"secondary"``: somebody else's transcription; the original was not seen.
    period
        The years the figures describe, ``""`` where that has no meaning.
    in_force_from
        First day an authority uses the figures (ISO date), ``""`` where that has no meaning.
    sha256
        Hash of the CSV file with Unix line ends, checked when it is read.
    columns
        Names, types and units in file order.
    """

    name: str
    kind: str
    title: str
    source: Source
    evidence: str
    licence: str
    sha256: str
    columns: tuple[Column, ...]
    period: str
    in_force_from: str
    note: str
    _values: tuple[Values, ...]

    @property
    def second_hand(self) -> bool:
        """Whether the figures are somebody else's transcription."""
        return self.evidence == "secondary"

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self._values[0])

    def __getitem__(self, column: str) -> Any:
        """Return a column: a read-only array, or a tuple of strings for text."""
        names = [c.name for c in self.columns]
        if column not in names:
            raise unknown_name("column", column, names, where={"table": self.name})
        return self._values[names.index(column)]

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame of its own, free to edit."""
        import pandas as pd

        return pd.DataFrame({c.name: np.array(self[c.name]) for c in self.columns})

    def __reduce__(self) -> tuple[Any, ...]:
        return load_table, (self.name,)

    def __repr__(self) -> str:
        return f"Table({self.name}: {self.n_rows} rows, {self.evidence}; {self.source.document})"


def list_tables(*, kind: str | None = None) -> tuple[str, ...]:
    """Names of the shipped tables, all of them or those of one kind.

    Examples
    --------
    >>> list_tables(kind="life table")
    ('no_life_table_2019', 'no_life_table_2025')
    """
    names = sorted(f.name[:-5] for f in _folder().iterdir() if f.name.endswith(".toml"))
    return tuple(n for n in names if kind is None or load_table(n).kind == kind)


@cache
def load_table(name: str) -> Table:
    """Read a shipped table once, check it against its sidecar, and keep it.

    Parameters
    ----------
    name
        One of :func:`list_tables`.

    Raises
    ------
    UnknownNameError
        No table of that name.
    DataError
        The CSV file is missing or altered (hash), or does not hold what its sidecar says.

    Examples
    --------
    >>> load_table("no_norm_2025")["utility"]
    array([0.853, 0.87 , 0.885, 0.859, 0.811])
    """
    if name not in list_tables():
        raise unknown_name("table", name, list_tables())
    return read_table(name, folder=_folder())


def table_of_kind(name: str, *, kind: str) -> Table:
    """Load a table and insist on its kind (``"life table"``, ``"norm"``, ...)."""
    if name not in list_tables() or load_table(name).kind != kind:
        raise unknown_name(kind, name, list_tables(kind=kind))
    return load_table(name)


def read_table(name: str, *, folder: Traversable) -> Table:
    """Read ``NAME.csv`` and ``NAME.toml`` from a folder; see :func:`load_table`."""
    meta = _sidecar(name, folder)
    text = _text(name, folder, meta["sha256"])
    header, *rows = csv.reader(text.splitlines())
    columns = tuple(Column(c, spec["type"], spec["unit"]) for c, spec in meta["columns"].items())
    if header != [c.name for c in columns]:
        raise _misfit(name, "columns", expected=[c.name for c in columns], found=header)
    if len(rows) != meta["rows"]:
        raise _misfit(name, "row count", expected=meta["rows"], found=len(rows))
    for line, row in enumerate(rows, start=2):
        if len(row) != len(columns) or not all(cell.strip() for cell in row):
            raise _misfit(name, f"line {line}", expected=f"{len(columns)} filled cells", found=row)
    return Table(
        name=name,
        kind=meta["kind"],
        title=meta["title"],
        source=Source(**meta["source"]),
        evidence=meta["evidence"],
        licence=meta["licence"],
        sha256=meta["sha256"],
        columns=columns,
        period=str(meta.get("period", "")),
        in_force_from=str(meta.get("in_force_from", "")),
        note=meta.get("note", ""),
        _values=tuple(_parse(name, c, [r[i] for r in rows]) for i, c in enumerate(columns)),
    )


def _folder() -> Traversable:
    return files(__package__) / "tables"


def _sidecar(name: str, folder: Traversable) -> Mapping[str, Any]:
    meta = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    if not (_REQUIRED <= set(meta) <= _REQUIRED | _OPTIONAL):
        raise _misfit(
            name,
            "sidecar keys",
            expected=f"{sorted(_REQUIRED)} and optionally {sorted(_OPTIONAL)}",
            found=sorted(meta),
        )
    if meta["evidence"] not in _EVIDENCE:
        raise _misfit(name, "evidence", expected=f"one of {_EVIDENCE}", found=meta["evidence"])
    if set(meta["source"]) != {"document", "section", "date", "read"}:
        raise _misfit(
            name, "source", expected="document, section, date, read", found=sorted(meta["source"])
        )
    for column, spec in meta["columns"].items():
        if set(spec) != {"type", "unit"} or spec["type"] not in _TYPES:
            raise _misfit(
                name, f"column {column}", expected=f"a unit and a type of {_TYPES}", found=spec
            )
    return meta


def _text(name: str, folder: Traversable, sha256: str) -> str:
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise DataError(
            f"table {name!r} is missing",
            expected=f"the file {name}.csv beside its sidecar",
            found="no such file",
            remedy="Reinstall the package.",
        )
    content = path.read_bytes().replace(b"\r\n", b"\n")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(
            f"table {name!r} has been altered",
            expected=f"sha256 {sha256}",
            found=f"sha256 {found}",
            remedy="Reinstall the package; to use other figures, build your own table "
            "(LifeTable.from_arrays, NormTable.from_bands).",
        )
    return content.decode("utf-8")


def _parse(name: str, column: Column, cells: list[str]) -> Values:
    if column.type == "text":
        return tuple(cells)
    convert = int if column.type == "integer" else float
    try:
        array = np.array([convert(cell) for cell in cells])
    except ValueError as problem:
        raise _misfit(
            name, f"column {column.name}", expected=f"{column.type} cells", found=str(problem)
        ) from None
    if not np.isfinite(array).all():
        raise _misfit(
            name,
            f"column {column.name}",
            expected="finite numbers",
            found=array[~np.isfinite(array)][0],
        )
    array.flags.writeable = False
    return array


def _misfit(name: str, what: str, *, expected: object, found: object) -> DataError:
    return DataError(
        f"table {name!r} does not fit its sidecar",
        expected=expected,
        found=found,
        where={"part": what},
    )
