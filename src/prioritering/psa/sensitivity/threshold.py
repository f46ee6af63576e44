"""Threshold analysis: the values of a parameter at which the decision changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import ParameterError
from prioritering.frozen import Frozen
from prioritering.parameters import Parameters
from prioritering.psa.sensitivity.batch import (
    Comparison,
    Floats,
    Increments,
    Question,
    Runs,
    run_batch,
)
from prioritering.psa.sensitivity.choice import checked_ends
from prioritering.psa.sensitivity.moves import draws_of, find_number, point_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline

RTOL = 1e-10
"""Width of the last bracket, as a share of the larger of its value and of the range searched."""

PIECES = 32
"""Pieces each bracket is cut into, in every round."""

Direction = Literal["favourable above", "favourable below"]
Verdict = Literal[
    "changes", "favourable throughout", "unfavourable throughout", "no difference throughout"
]


@dataclass(frozen=True)
class Crossing:
    """A value at which the decision changes.

    Attributes
    ----------
    value
        Where incremental net monetary benefit is 0 (or jumps over 0).
    direction
        On which side of it the option has the higher net benefit.
    """

    value: float
    direction: Direction


@dataclass(frozen=True, repr=False, eq=False)
class Threshold(Frozen, Shown):
    """Where incremental net monetary benefit changes sign over one parameter.

    Attributes
    ----------
    reference, option, wtp
        What is compared, and the willingness to pay per QALY.
    name, unit, base_value
        The number that moves, and its base-case value.
    low, high
        The range searched.
    base
        The base case.
    verdict
        Whether the decision changes, in words.
    crossings
        By rising value; empty when the decision does not change.
    values, nmb
        The grid and its net monetary benefits, shape (value,).
    """

    reference: str
    option: str
    wtp: float
    name: str
    unit: str
    base_value: float
    low: float
    high: float
    base: Comparison
    verdict: Verdict
    crossings: tuple[Crossing, ...]
    values: Floats
    nmb: Floats
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """One row per crossing: name, value, direction, base value."""
        import pandas as pd

        rows = [
            {
                "name": self.name,
                "value": c.value,
                "direction": c.direction,
                "base_value": self.base_value,
            }
            for c in self.crossings
        ]
        return pd.DataFrame(rows, columns=["name", "value", "direction", "base_value"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Crossings as a dossier prints them, or that there is none."""
        from prioritering.report.tables.sensitivity import threshold_table

        return threshold_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Net monetary benefit against the value, with the crossings."""
        from prioritering.report.figures.sensitivity_grid import plot_threshold

        return plot_threshold(self, ax, language=language)

    def __repr__(self) -> str:
        found = ", ".join(f"{c.value:g}" for c in self.crossings) or self.verdict
        return f"Threshold({self.name}: {found})"


def threshold(
    model: Runs,
    *,
    params: Parameters,
    rules: Guideline | None = None,
    reference: str,
    option: str | None = None,
    wtp: float,
    name: str,
    low: float,
    high: float,
    n_grid: int = 101,
    **run_options: Any,
) -> Threshold:
    """Find every value between ``low`` and ``high`` at which the decision changes.

    A grid is run as one batch; each pair of neighbours between which net monetary benefit
    changes sign is then cut into 32 pieces, all brackets in one batch a round, until it is
    narrower than 1e-10 of the value or the range, and interpolated linearly. Two changes
    between the same two neighbours of the grid are not seen: give a finer one.

    Parameters
    ----------
    name
        A single number, fixed ones included; a component such as ``"p_A.B"`` moves as in
        :func:`one_way`.
    low, high
        Range searched, both included.
    n_grid
        Values in the first batch, 2 or more.

    Other parameters are those of :func:`one_way`.

    Notes
    -----
    Where net benefit is 0 over a stretch, the crossing is where the stretch begins; a 0 with
    the same sign on both sides changes no decision.

    Raises
    ------
    ParameterError
        A range that does not rise, or a grid of fewer than two values.
    UnknownNameError, ResultError
        As :func:`one_way`.
    """
    number = find_number(params, name)
    low, high = checked_ends(f"range of {name}", (low, high))
    if isinstance(n_grid, bool) or not isinstance(n_grid, int) or n_grid < 2:
        raise ParameterError(
            "n_grid makes no grid", expected="an integer of 2 or more", found=repr(n_grid)
        )
    limit = checked_wtp(wtp)
    question = Question(reference, option, limit)

    def run(values: Sequence[float]) -> Increments:
        points = [{} if v is None else point_of(params, {number: v}) for v in (None, *values)]
        labels = ["base case", *(f"{name} {v:g}" for v in values)]
        return run_batch(
            model,
            draws_of(params, points),
            labels,
            question=question,
            rules=rules,
            options=run_options,
        )

    values = np.linspace(low, high, n_grid)
    first = run(values.tolist())
    nmb = first.nmb[1:]
    crossings = _crossings(values, nmb, lambda v: run(v).nmb[1:])
    return Threshold(
        reference=reference,
        option=first.option,
        wtp=limit,
        name=name,
        unit=number.unit,
        base_value=number.base,
        low=low,
        high=high,
        base=first.at(0),
        verdict=_verdict(nmb, crossings),
        crossings=crossings,
        values=values,
        nmb=nmb,
        provenance=first.outcomes.provenance,
    )


@dataclass
class _Bracket:
    """Two values with the sign of net benefit at ``a`` changed at ``b``."""

    a: float
    b: float
    f_a: float
    f_b: float
    rising: bool

    def narrow(self, values: Floats, nmb: Floats) -> None:
        """Keep the piece in which the sign first changes."""
        x = np.array([self.a, *values, self.b])
        f = np.array([self.f_a, *nmb, self.f_b])
        k = int(np.argmax(np.sign(f) != np.sign(self.f_a)))
        self.a, self.b = float(x[k - 1]), float(x[k])
        self.f_a, self.f_b = float(f[k - 1]), float(f[k])

    def inside(self) -> Floats:
        """Values that cut the bracket into pieces."""
        return np.linspace(self.a, self.b, PIECES + 1)[1:-1]

    def crossing(self) -> Crossing:
        """Linear interpolation between the ends."""
        value = self.a + (self.b - self.a) * self.f_a / (self.f_a - self.f_b)
        value = min(max(value, self.a), self.b)
        return Crossing(value, "favourable above" if self.rising else "favourable below")


def _crossings(
    values: Floats, nmb: Floats, evaluate: Callable[[Sequence[float]], Floats]
) -> tuple[Crossing, ...]:
    brackets = _brackets(values, nmb)
    span = float(values[-1] - values[0])
    open_ones = list(brackets)
    while open_ones := [k for k in open_ones if _is_wide(k, span)]:
        pieces = [bracket.inside() for bracket in open_ones]
        found = evaluate(np.concatenate(pieces).tolist()).reshape(len(pieces), -1)
        for bracket, x, f in zip(open_ones, pieces, found, strict=True):
            bracket.narrow(x, f)
    return tuple(bracket.crossing() for bracket in brackets)


def _brackets(values: Floats, nmb: Floats) -> list[_Bracket]:
    """Neighbours between which a sign ends, if the next sign that is not 0 is the other."""
    signs = np.sign(nmb)
    nonzero = np.flatnonzero(signs)
    return [
        _Bracket(
            float(values[i]), float(values[i + 1]), float(nmb[i]), float(nmb[i + 1]),
            rising=bool(signs[j] > 0),
        )
        for i, j in pairwise(nonzero)
        if signs[i] != signs[j]
    ]  # fmt: skip


def _is_wide(bracket: _Bracket, span: float) -> bool:
    scale = max(abs(bracket.a), abs(bracket.b), span)
    return bracket.b - bracket.a > RTOL * scale


def _verdict(nmb: Floats, crossings: Sequence[Crossing]) -> Verdict:
    if crossings:
        return "changes"
    if not nmb.any():
        return "no difference throughout"
    return "favourable throughout" if nmb.max() > 0 else "unfavourable throughout"
