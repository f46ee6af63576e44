"""EQ-5D value sets: from an answer profile to a utility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.data.lookup import Floats, Ints, Lookup, numbers
from prioritering.data.table import Table, load_table
from prioritering.errors import DataError, unknown_name

_TABLE = "eq5d_value_sets"
_DIMENSIONS = ("MO", "SC", "UA", "PD", "AD")


@dataclass(frozen=True, repr=False, eq=False)
class ValueSet(Lookup):
    """Utility of every EQ-5D state.

    The value of a state is ``full_health`` plus the coefficient of each dimension's level,
    plus ``any_problem`` unless all five are at level 1, plus ``any_worst`` if one is at the
    worst level. Coefficients are mostly negative.

    Attributes
    ----------
    name, instrument
        For example ``"norway_5l"`` and ``"EQ-5D-5L"``.
    full_health
        Value of 11111.
    coefficients
        Shape (dimension, level) in the order mobility, self-care, usual activities,
        pain/discomfort, anxiety/depression; level 1 is 0.
    any_problem, any_worst
        Terms some sets add; 0 where a set has none.
    source, second_hand, sha256
        Where the figures come from, whether they are a transcription, and their hash.

    Examples
    --------
    >>> norway = value_set("norway_5l")
    >>> norway.value(["11111", "21345", "55555"]).round(6)
    array([ 1.      ,  0.137072, -0.453   ])
    """

    name: str
    instrument: str
    full_health: float
    coefficients: Floats
    any_problem: float
    any_worst: float
    source: str
    second_hand: bool
    sha256: str

    def __post_init__(self) -> None:
        self._freeze(coefficients=numbers("coefficient", self.coefficients))

    @property
    def n_levels(self) -> int:
        """Levels per dimension, 3 or 5."""
        return int(self.coefficients.shape[1])

    def value(self, profile: ArrayLike) -> Floats:
        """Return the utility of profiles such as ``"21345"`` (same shape as ``profile``).

        Raises
        ------
        DataError
            A profile that is not five levels from 1 to the worst.
        """
        profiles = np.asarray(profile).astype(str)
        states, which = np.unique(profiles, return_inverse=True)
        levels = self._levels(states)
        value = self.full_health + self.coefficients[np.arange(5), levels - 1].sum(axis=1)
        value += self.any_problem * (levels > 1).any(axis=1)
        value += self.any_worst * (levels == self.n_levels).any(axis=1)
        return np.asarray(value[which].reshape(profiles.shape))

    def __repr__(self) -> str:
        return f"ValueSet({self.name}, {self.instrument}; {self.source})"

    def _levels(self, states: NDArray[np.str_]) -> Ints:
        allowed = "".join(str(level) for level in range(1, self.n_levels + 1))
        for state in states:
            if len(state) != 5 or set(state) - set(allowed):
                raise DataError(
                    f"not an {self.instrument} profile",
                    expected=f"five digits from 1 to {self.n_levels}, such as '21{allowed[:3]}'",
                    found=repr(str(state)),
                    where={"value set": self.name},
                )
        digits = [[int(level) for level in state] for state in states]
        return np.array(digits, dtype=np.int64).reshape(-1, 5)


def list_value_sets() -> tuple[str, ...]:
    """Names of the shipped value sets."""
    return tuple(dict.fromkeys(load_table(_TABLE)["value_set"]))


def value_set(name: str) -> ValueSet:
    """Return a shipped EQ-5D value set.

    Raises
    ------
    UnknownNameError
        No value set of that name.
    """
    if name not in list_value_sets():
        raise unknown_name("value set", name, list_value_sets())
    table = load_table(_TABLE)
    rows = [i for i, owner in enumerate(table["value_set"]) if owner == name]
    terms = {table["term"][i]: float(table["coefficient"][i]) for i in rows}
    instrument = table["instrument"][rows[0]]
    return ValueSet(
        name=name,
        instrument=instrument,
        full_health=terms["full_health"],
        coefficients=_coefficients(terms, n_levels=int(instrument[-2])),
        any_problem=terms.get("any_problem", 0.0),
        any_worst=terms.get("any_worst", 0.0),
        source=_source(table, doi=table["doi"][rows[0]]),
        second_hand=table.second_hand,
        sha256=table.sha256,
    )


def _coefficients(terms: dict[str, float], *, n_levels: int) -> Floats:
    return np.array(
        [[0.0] + [terms[f"{d}{level}"] for level in range(2, n_levels + 1)] for d in _DIMENSIONS]
    )


def _source(table: Table, *, doi: str) -> str:
    return f"doi {doi}; {table.source.read}"
