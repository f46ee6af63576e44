"""Population norms: average utility by age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prioritering.data.lookup import Floats, Lookup, content_hash, numbers
from prioritering.data.table import table_of_kind
from prioritering.errors import DataError


@dataclass(frozen=True, repr=False, eq=False)
class NormTable(Lookup):
    """Average utility of the population by age band; the last band is open-ended.

    Attributes
    ----------
    name
        Which norm this is.
    age_from
        First age of each band, rising. A band runs to the next one's first age.
    utility
        Average utility in each band; 1 is full health.
    source, second_hand, sha256
        Where the figures come from, whether they are a transcription, and their hash.
    note
        What is known about ages the norm does not cover.
    assumptions
        What an analyst has added to the published norm, in words.

    Raises
    ------
    DataError
        Bands out of order, utilities outside (0, 1], or values that are not finite.

    Examples
    --------
    >>> norm_table("no_norm_2025").at([40, 61.5, 95])
    array([0.853, 0.885, 0.811])
    """

    name: str
    age_from: Floats
    utility: Floats
    source: str
    second_hand: bool
    sha256: str
    note: str = ""
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where: dict[str, object] = {"norm": self.name}
        start = numbers("age", self.age_from, where=where)
        utility = numbers("utility", self.utility, where=where)
        if start.ndim != 1 or start.shape != utility.shape or not start.size:
            raise DataError(
                "age bands and utilities do not match",
                expected="one utility per band, at least one band",
                found=f"shapes {start.shape} and {utility.shape}",
                where=where,
            )
        if start[0] < 0 or (np.diff(start) <= 0).any():
            raise DataError(
                "age bands out of order",
                expected="rising first ages from 0 or more",
                found=start.tolist(),
                where=where,
            )
        outside = (utility <= 0) | (utility > 1)
        if outside.any():
            raise DataError(
                "norm utility outside (0, 1]",
                expected="an average utility, for example 0.853",
                found=float(utility[outside][0]),
                where=where | {"band from age": float(start[outside][0])},
            )
        self._freeze(age_from=start, utility=utility)

    @classmethod
    def from_bands(
        cls, bands: Mapping[float, float], *, source: str, name: str = "own norm"
    ) -> NormTable:
        """Build a norm of your own from ``{first age of the band: utility}``.

        Examples
        --------
        >>> NormTable.from_bands({0: 0.90, 40: 0.85}, source="survey X, table 2").at(39.9)
        np.float64(0.9)
        """
        start = numbers("age", list(bands))
        utility = numbers("utility", list(bands.values()))
        return cls(name, start, utility, source, False, content_hash(start, utility))

    def at(self, age: ArrayLike) -> Floats:
        """Norm utility at exact ages (same shape as ``age``).

        Raises
        ------
        DataError
            An age below the first band, negative or not finite.
        """
        ages = numbers("age", age, where={"norm": self.name})
        if (ages < self.age_from[0]).any():
            raise self._below(float(ages.min()))
        band = np.searchsorted(self.age_from, ages, side="right") - 1
        return self.utility[band]

    def extended_below(self, age_from: float, value: float, *, note: str) -> NormTable:
        """Return this norm with an assumed utility from ``age_from`` to its first band.

        Parameters
        ----------
        age_from
            First age the assumption covers.
        value
            The assumed utility.
        note
            Why this value; it is printed with the results.

        Raises
        ------
        DataError
            An age that is not below the first band, a utility outside (0, 1], or no note.

        Examples
        --------
        >>> norm = norm_table("no_norm_2025").extended_below(18, 0.853, note="as at ages 40-49")
        >>> norm.assumptions
        ('utility 0.853 assumed from age 18 to below 40: as at ages 40-49',)
        """
        first = float(self.age_from[0])
        if not note.strip():
            raise DataError(
                "an assumed norm without a reason",
                expected="a note on why this value",
                found="''",
                where={"norm": self.name},
            )
        start, utility = numbers("age", age_from), numbers("utility", value)
        if not 0 <= start < first:
            raise DataError(
                "the assumption does not lie below the norm's first band",
                expected=f"an age from 0 to below {first:g}",
                found=f"{age_from:g}",
                where={"norm": self.name},
            )
        text = f"utility {value:g} assumed from age {age_from:g} to below {first:g}: {note}"
        starts = np.concatenate([[start], self.age_from])
        utilities = np.concatenate([[utility], self.utility])
        assumptions = (*self.assumptions, text)
        return NormTable(
            self.name,
            starts,
            utilities,
            self.source,
            self.second_hand,
            content_hash(starts, utilities, assumptions),
            self.note,
            assumptions,
        )

    def __repr__(self) -> str:
        added = "".join(f"; ASSUMED: {a}" for a in self.assumptions)
        return f"NormTable({self.name}, from age {self.age_from[0]:g}; {self.source}{added})"

    def _below(self, age: float) -> DataError:
        return DataError(
            f"no norm at age {age:g}. {self.note}".rstrip(". "),
            expected=f"ages from {self.age_from[0]:g}",
            found=f"{age:g}",
            where={"norm": self.name},
            remedy="Use a norm table of your own (NormTable.from_bands), or record an assumption: "
            "norm.extended_below(age_from, value, note='why').",
        )


def norm_table(name: str) -> NormTable:
    """Return a shipped population norm.

    Raises
    ------
    UnknownNameError
        No norm of that name.
    """
    t = table_of_kind(name, kind="norm")
    return NormTable(
        name, t["age_from"], t["utility"], str(t.source), t.second_hand, t.sha256, t.note
    )
