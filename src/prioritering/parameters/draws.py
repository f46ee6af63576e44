"""Draws: the numbers a model runs on, one array per parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ParameterError, unknown_name
from prioritering.parameters._checks import Floats, check_components, check_name, finite, frozen
from prioritering.parameters.components import Components, attribute, read_only

if TYPE_CHECKING:
    import pandas as pd


class Draws(Mapping[str, Any]):
    """Parameter values over draws; one draw is a base case.

    Read as ``p["hr_new"]`` or ``p.hr_new``: a read-only array of shape (draw,), or
    :class:`Components` for a joint parameter. Made by :meth:`Parameters.expected`,
    :meth:`Parameters.sample`, :meth:`from_arrays` or :meth:`from_frame`.

    Examples
    --------
    >>> p = Draws.from_arrays({"hr": [0.7, 0.8], "p_A": {"B": [0.1, 0.2], "C": [0.9, 0.8]}})
    >>> p.hr, p.p_A.B, p.n_draws
    (array([0.7, 0.8]), array([0.1, 0.2]), 2)
    """

    __slots__ = ("_provenance", "_values", "n_draws")

    n_draws: int

    def __init__(
        self, values: Mapping[str, Floats | Components], n_draws: int, provenance: Mapping[str, Any]
    ) -> None:
        for value in values.values():
            if isinstance(value, np.ndarray):
                frozen(value)
        object.__setattr__(self, "_values", dict(values))
        object.__setattr__(self, "n_draws", n_draws)
        object.__setattr__(self, "_provenance", MappingProxyType(dict(provenance)))

    @classmethod
    def from_arrays(cls, values: Mapping[str, ArrayLike | Mapping[str, ArrayLike]]) -> Draws:
        """Take draws made elsewhere, each of shape (draw,); a mapping gives a joint parameter.

        Raises
        ------
        ParameterError
            Names that cannot be used, arrays of unequal length, values that are not finite.
        """
        columns = {
            name: _components(name, value) if isinstance(value, Mapping) else _column(name, value)
            for name, value in values.items()
        }
        for name in columns:
            check_name(name, reserved=RESERVED)
        lengths = {name: _length(column) for name, column in columns.items()}
        if len(set(lengths.values())) != 1 or not min(lengths.values()):
            raise ParameterError(
                "draws are not equally many",
                expected="at least one draw, and the same number for every parameter",
                found=", ".join(f"{k}: {v}" for k, v in lengths.items()) or "no parameters",
            )
        n = next(iter(lengths.values()))
        provenance = {"seed": None, "method": "given", "parameters": _digest(columns)}
        return cls(columns, n, provenance)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Draws:
        """Take draws from a data frame, one row per draw.

        Columns named ``"p_A.B"`` and ``"p_A.C"`` become the joint parameter ``p_A``.

        Raises
        ------
        ParameterError
            As :meth:`from_arrays`; also a column named twice, or ``p_A`` beside ``p_A.B``.
        """
        values: dict[str, Any] = {}
        for position, column in enumerate(frame.columns):
            name, dot, component = str(column).partition(".")
            inside = values.setdefault(name, {}) if dot else values
            key = component if dot else name
            if not isinstance(inside, dict) or key in inside:
                raise ParameterError(
                    "column clashes with an earlier one",
                    expected="each parameter once, as one column or as one per component",
                    found=repr(str(column)),
                    where={"column": position},
                )
            inside[key] = frame.iloc[:, position].to_numpy()
        return cls.from_arrays(values)

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters, in order."""
        return tuple(self._values)

    @property
    def seed(self) -> int | None:
        """Seed behind the draws; None for a base case and for draws made elsewhere."""
        seed: int | None = self._provenance["seed"]
        return seed

    @property
    def method(self) -> str:
        """``"random"``, ``"sobol"``, ``"latin_hypercube"``, ``"expected"`` or ``"given"``."""
        return str(self._provenance["method"])

    @property
    def provenance(self) -> dict[str, Any]:
        """Seed, method, number of draws, hash of the parameters, and what was changed since.

        Draws of :class:`Parameters` also name the ``"assumptions"`` among them.
        """
        return {**self._provenance, "n_draws": self.n_draws}

    def chunk(self, start: int, stop: int) -> Draws:
        """Draws from ``start`` up to ``stop``, as views on the same memory.

        Raises
        ------
        ParameterError
            Limits that do not hold at least one draw of this object.
        """
        if not 0 <= start < stop <= self.n_draws:
            raise ParameterError(
                "chunk is not within the draws",
                expected=f"0 <= start < stop <= {self.n_draws}",
                found=f"start {start}, stop {stop}",
            )
        return self._map(lambda array: array[..., start:stop], stop - start, {})

    def take(self, index: ArrayLike) -> Draws:
        """Draws at the positions ``index`` (or where a boolean mask is True), as a copy.

        Raises
        ------
        ParameterError
            No position, positions outside the draws, or a mask of another length.
        """
        positions = _positions(index, self.n_draws)
        return self._map(
            lambda array: array[..., positions], positions.size, {"taken": _hash(positions)}
        )

    def with_values(self, **values: ArrayLike | Mapping[str, ArrayLike]) -> Draws:
        """Replace or add parameters; a single number is repeated over the draws.

        Raises
        ------
        ParameterError
            Names that cannot be used, values that are not finite, or neither one value nor
            one per draw.
        """
        new: dict[str, Floats | Components] = {}
        for name, value in values.items():
            check_name(name, reserved=RESERVED)
            new[name] = self._fitted(name, value)
        changed = {
            **self._provenance.get("changed", {}),
            **{k: _digest({k: v}) for k, v in new.items()},
        }
        return Draws(
            {**self._values, **new}, self.n_draws, {**self._provenance, "changed": changed}
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per draw; a joint parameter has a column per component, ``"p_A.B"``."""
        import pandas as pd

        columns: dict[str, Floats] = {}
        for name, value in self._values.items():
            if isinstance(value, Components):
                columns |= {f"{name}.{part}": array for part, array in value.items()}
            else:
                columns[name] = value
        return pd.DataFrame(columns)

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise unknown_name("parameter", name, self._values) from None

    def __getattr__(self, name: str) -> Any:
        return attribute(self, "parameter", name)

    def __setattr__(self, name: str, value: object) -> None:
        raise read_only("Draws", name, remedy="draws.with_values(...) returns a copy.")

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Draws):
            return NotImplemented
        return self.names == other.names and all(
            type(value) is type(other[name])
            and (
                value == other[name]
                if isinstance(value, Components)
                else np.array_equal(value, other[name])
            )
            for name, value in self.items()
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        seed = f", seed {self.seed}" if self.seed is not None else ""
        return f"Draws({len(self)} parameters x {self.n_draws} draws, {self.method}{seed})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self._values, self.n_draws, dict(self._provenance))

    def _map(self, pick: Callable[[Floats], Floats], n: int, changes: Mapping[str, Any]) -> Draws:
        values = {
            name: Components(value.names, pick(value.array))
            if isinstance(value, Components)
            else pick(value)
            for name, value in self._values.items()
        }
        return Draws(values, n, {**self._provenance, **changes})

    def _fitted(self, name: str, value: ArrayLike | Mapping[str, ArrayLike]) -> Floats | Components:
        if isinstance(value, Mapping):
            parts = {k: self._fitted(f"{name}.{k}", v) for k, v in value.items()}
            return _components(name, parts)
        array = finite(name, value)
        if array.shape not in ((), (self.n_draws,)):
            raise ParameterError(
                f"{name} does not fit the draws",
                expected=f"one number or shape ({self.n_draws},)",
                found=f"shape {array.shape}",
            )
        return np.array(np.broadcast_to(array, self.n_draws))


RESERVED = frozenset(name for name in dir(Draws) if not name.startswith("_"))


def _positions(index: ArrayLike, n: int) -> NDArray[np.int64]:
    chosen = np.asarray(index)
    if chosen.dtype.kind == "b" and chosen.shape == (n,):
        chosen = np.flatnonzero(chosen)
    integers = chosen.dtype.kind in "iu" and chosen.ndim == 1 and chosen.size > 0
    if not integers or chosen.min() < -n or chosen.max() >= n:
        span = f", {chosen.min()} to {chosen.max()}" if integers else ""
        raise ParameterError(
            "positions are not within the draws",
            expected=f"integers below {n}, at least one, or a mask of {n} that is True somewhere",
            found=f"{chosen.dtype} of shape {chosen.shape}{span}",
        )
    return chosen.astype(np.int64)


def _column(name: str, values: ArrayLike) -> Floats:
    array = finite(f"draws of {name}", values)
    if array.ndim != 1:
        raise ParameterError(
            f"draws of {name} have the wrong shape",
            expected="one dimension, (draw,)",
            found=f"shape {array.shape}",
            remedy="Give a mapping of names to arrays for a joint parameter.",
        )
    return array.copy()


def _components(name: str, values: Mapping[str, Any]) -> Components:
    check_components(tuple(values))
    columns = [_column(f"{name}.{part}", column) for part, column in values.items()]
    lengths = [column.size for column in columns]
    if len(set(lengths)) != 1:
        raise ParameterError(
            f"components of {name} are not equally many",
            expected="the same number of draws in each",
            found=", ".join(f"{k}: {v}" for k, v in zip(values, lengths, strict=True)) or "none",
        )
    return Components(tuple(values), np.array(columns))


def _length(column: Floats | Components) -> int:
    return column.array.shape[1] if isinstance(column, Components) else column.size


def _digest(columns: Mapping[str, Floats | Components]) -> str:
    """Hash of names and numbers, the same in every process."""
    digest = blake2b(digest_size=16)
    for name, column in sorted(columns.items()):
        labels = column.names if isinstance(column, Components) else ()
        array = column.array if isinstance(column, Components) else column
        digest.update(repr((name, labels, array.shape)).encode())
        digest.update(np.asarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


def _hash(positions: NDArray[np.int64]) -> str:
    return blake2b(positions.astype("<i8").tobytes(), digest_size=16).hexdigest()
