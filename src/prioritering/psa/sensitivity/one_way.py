"""One-way sensitivity: each parameter, or group, at the ends of its range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from prioritering.errors import ParameterError, ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.parameters import Parameters
from prioritering.psa.sensitivity.batch import (
    Comparison,
    Increments,
    Outcome,
    Question,
    Runs,
    run_batch,
)
from prioritering.psa.sensitivity.choice import Choice, Range, Reason
from prioritering.psa.sensitivity.moves import Number, Point, draws_of, point_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline

INSIDE = 8
"""Runs between the two ends, which see whether the decision changes within the range."""


@dataclass(frozen=True)
class OneWayRow:
    """One parameter, component or group at both ends of its range.

    Attributes
    ----------
    name
        Parameter, ``parameter.component``, or group.
    members
        Numbers moved together; one, unless it is a group.
    low_values, base_values, high_values
        Their values, in the order of ``members``.
    low, base, high
        Option against reference at these values.
    decision_changes
        Whether the sign of net monetary benefit differs anywhere between the ends (seen at
        the base case, the ends and 8 values evenly between them); ``None`` without
        willingness to pay.
    """

    name: str
    members: tuple[str, ...]
    units: tuple[str, ...]
    low_values: tuple[float, ...]
    base_values: tuple[float, ...]
    high_values: tuple[float, ...]
    low: Comparison
    base: Comparison
    high: Comparison
    decision_changes: bool | None

    def swing(self, outcome: Outcome) -> float | None:
        """Largest less smallest of the outcome at low, base and high.

        ``None`` for an outcome that was not asked for, and for an ICER that does not mean the
        same at all three (another quadrant, or none).
        """
        three = (self.low, self.base, self.high)
        values = [c.value(outcome) for c in three if c.value(outcome) is not None]
        if len(values) < 3 or (outcome == "icer" and len({c.status for c in three}) > 1):
            return None
        return float(np.ptp(np.array(values, dtype=np.float64)))


@dataclass(frozen=True, repr=False, eq=False)
class OneWay(Frozen, Shown):
    """One-way sensitivity analysis, the parameters with the widest swing first.

    Attributes
    ----------
    reference, option, wtp
        What is compared, and the willingness to pay per QALY or ``None``.
    base
        The base case.
    rows
        By falling swing of net monetary benefit, or of incremental cost without ``wtp``.
    excluded
        Numbers that were not moved, each with the reason in words.
    interval
        Share of each distribution between the ends that were not given.
    """

    reference: str
    option: str
    wtp: float | None
    base: Comparison
    rows: tuple[OneWayRow, ...]
    excluded: Mapping[str, Reason]
    interval: float
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> OneWayRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise unknown_name("row", name, [row.name for row in self.rows])

    def sorted(self, outcome: Outcome) -> tuple[OneWayRow, ...]:
        """Rows by falling swing of an outcome, those without one (their ICER changes) first.

        Raises
        ------
        UnknownNameError
            An outcome that does not exist.
        ResultError
            Net monetary benefit without willingness to pay.
        """
        check_outcome(outcome, self.wtp)
        return _by_swing(self.rows, outcome)

    def to_frame(self) -> pd.DataFrame:
        """One row per name and end (low, base, high).

        ``value`` is ``<NA>`` for a group, whose members have values each; what has no value,
        such as the ICER of a dominant option, is ``<NA>``.
        """
        import pandas as pd

        frame = pd.DataFrame([_record(row, end) for row in self.rows for end in _ENDS])
        numbers = ("value", "icer", "nmb", "swing_nmb", "swing_icer", "swing_cost", "swing_qaly")
        return frame.astype({**dict.fromkeys(numbers, "Float64"), "decision_changes": "boolean"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Rows as a dossier prints them, rounded and labelled."""
        from prioritering.report.tables.sensitivity import one_way_table

        return one_way_table(self, language=language)

    def plot(
        self, outcome: Outcome | None = None, ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Tornado of an outcome; net monetary benefit unless there is no willingness to pay."""
        from prioritering.report.figures.sensitivity import plot_tornado

        return plot_tornado(self, outcome, ax, language=language)

    def __repr__(self) -> str:
        return f"OneWay({len(self.rows)} rows, {self.option!r} against {self.reference!r})"


def one_way(
    model: Runs,
    *,
    params: Parameters,
    rules: Guideline | None = None,
    reference: str,
    option: str | None = None,
    wtp: float | None = None,
    ranges: Mapping[str, Range] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    names: Iterable[str] | None = None,
    interval: float = 0.95,
    **run_options: Any,
) -> OneWay:
    """Move each uncertain parameter to both ends of its range, the others at the base case.

    All runs are draws of one batch: one call of ``model.run``.

    Parameters
    ----------
    model
        Anything with ``run(draws, rules, **run_options)``.
    params
        Parameters whose expected values are the base case.
    reference, option
        Comparator, and the strategy compared with it; the option may be left out where there
        are two strategies.
    wtp
        Willingness to pay per QALY, above 0, for net monetary benefit.
    ranges
        Ends ``(low, high)`` by name, instead of quantiles; also makes a fixed parameter move.
    groups
        Names moved together, all to their low ends and then all to their high ends. A member
        is not moved on its own too unless ``names`` says so. Single numbers only.
    names
        What to move on its own: parameters, or components such as ``"p_A.B"``; every
        uncertain number that is in no group if omitted.
    interval
        Share of the distribution between the ends, in equal tails.

    Notes
    -----
    Joint parameters move by component: Dirichlet shares are rescaled so that they sum to 1,
    and the other components of a multivariate normal go to their conditional means. Columns
    of joint empirical rows are moved only on request, without the others. Rank correlated
    parameters are moved one at a time, the others staying at the base case.

    Raises
    ------
    ParameterError
        Nothing uncertain to move, a range that does not rise, a fixed parameter asked for
        without a range, or groups that do not hold together.
    UnknownNameError, ResultError
        As for the comparison of strategies: names, one strategy only, willingness to pay.

    Warns
    -----
    PrioriteringWarning
        Base-case values outside their ranges.
    """
    if not (isinstance(interval, Real) and 0 < interval < 1):
        raise ParameterError(
            "interval is not a share", expected="above 0 and below 1", found=repr(interval)
        )
    if isinstance(names, str):
        raise ParameterError("names are no list", expected="a sequence of names", found=repr(names))
    choice = Choice(params, ranges or {}, groups or {}, interval)
    moved = choice.members(None if names is None else list(names))
    points, labels = _points(params, moved, choice)
    batch = run_batch(
        model,
        draws_of(params, points),
        labels,
        question=Question(reference, option, wtp),
        rules=rules,
        options=run_options,
    )
    rows = [
        _row(name, numbers, batch, k, choice) for k, (name, numbers) in enumerate(moved.items())
    ]
    return OneWay(
        reference=reference,
        option=batch.option,
        wtp=batch.wtp,
        base=batch.at(0),
        rows=_by_swing(rows, "cost" if wtp is None else "nmb"),
        excluded=choice.excluded,
        interval=interval,
        provenance=batch.outcomes.provenance,
    )


def check_outcome(outcome: str, wtp: float | None) -> None:
    """Refuse an outcome that does not exist, or net benefit without willingness to pay."""
    known = ("nmb", "icer", "cost", "qaly")
    if outcome not in known:
        raise unknown_name("outcome", outcome, known)
    if outcome == "nmb" and wtp is None:
        raise ResultError(
            "no willingness to pay to value QALYs at",
            expected="wtp, above 0 per QALY, for net monetary benefit",
            found=None,
            remedy="Give wtp, or ask for 'icer', 'cost' or 'qaly'.",
        )


_ENDS: tuple[Literal["low", "base", "high"], ...] = ("low", "base", "high")


def _row(
    name: str, numbers: tuple[Number, ...], batch: Increments, k: int, choice: Choice
) -> OneWayRow:
    """Row of the k-th block of runs, which goes from the low ends to the high ends."""
    first = 1 + k * (INSIDE + 2)
    last = first + INSIDE + 1
    signs = None if batch.wtp is None else np.sign(batch.nmb[[0, *range(first, last + 1)]])
    ends = [choice.range_of(n) for n in numbers]
    return OneWayRow(
        name=name,
        members=tuple(n.name for n in numbers),
        units=tuple(n.unit for n in numbers),
        low_values=tuple(low for low, _ in ends),
        base_values=tuple(n.base for n in numbers),
        high_values=tuple(high for _, high in ends),
        low=batch.at(first),
        base=batch.at(0),
        high=batch.at(last),
        decision_changes=None if signs is None else bool(np.ptp(signs)),
    )


def _points(
    params: Parameters, moved: Mapping[str, tuple[Number, ...]], choice: Choice
) -> tuple[list[Point], list[str]]:
    """Return the base case, and each row from its low end to its high end in even steps."""
    points: list[Point] = [{}]
    labels = ["base case"]
    for numbers in moved.values():
        for values in zip(*(_steps(*choice.range_of(n)) for n in numbers), strict=True):
            changes = dict(zip(numbers, values, strict=True))
            points.append(point_of(params, changes))
            labels.append(", ".join(f"{n.name} {value:g}" for n, value in changes.items()))
    return points, labels


def _steps(low: float, high: float) -> Iterator[float]:
    return iter([low, *np.linspace(low, high, INSIDE + 2)[1:-1].tolist(), high])


def _by_swing(rows: Iterable[OneWayRow], outcome: Outcome) -> tuple[OneWayRow, ...]:
    def falling(row: OneWayRow) -> float:
        swing = row.swing(outcome)
        return -np.inf if swing is None else -swing

    return tuple(sorted(rows, key=falling))


def _record(row: OneWayRow, end: Literal["low", "base", "high"]) -> dict[str, Any]:
    found: Comparison = getattr(row, end)
    values: tuple[float, ...] = getattr(row, f"{end}_values")
    return {
        "name": row.name,
        "end": end,
        "value": values[0] if len(values) == 1 else None,
        **vars(found),
        **{f"swing_{o}": row.swing(o) for o in ("nmb", "icer", "cost", "qaly")},
        "decision_changes": row.decision_changes,
    }
