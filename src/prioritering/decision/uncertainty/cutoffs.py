"""The classification as a function of its own cut-offs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from prioritering.decision.uncertainty.indices import Level
from prioritering.decision.uncertainty.pair import NO_DIFFERENCE
from prioritering.decision.uncertainty.result import Decision
from prioritering.decision.uncertainty.robustness import documentation_level
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Label, Reading
from prioritering.severity.population import is_number
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ERROR_RANGE = (0.01, 0.50)
"""Cut-offs of the probability of error looked at unless others are asked for."""

WIDTH_MULTIPLES = (0.1, 3.0)
"""The same for the width, as multiples of the cut-off in use."""


class Span(NamedTuple):
    """Cut-offs from ``low`` to ``high``.

    A level is high from its cut-off on, so a span that ends where the index lies includes its
    end, and one that starts there does not include its start.
    """

    low: float
    high: float


class Region(NamedTuple):
    """One combination and the rectangle of cut-offs that gives it."""

    cell: str
    name: Label
    scenario: int | None
    error: Span
    width: Span


@dataclass(frozen=True, repr=False, eq=False)
class CutoffMap(Frozen, Shown):
    """Which combination every pair of cut-offs gives. From :func:`cutoff_sensitivity`.

    Attributes
    ----------
    decision
        The decision whose cut-offs are moved.
    error, width
        Cut-offs looked at: of the probability of error, and of the width.
    regions
        The rectangles, which fill the ranges.
    holds_error, holds_width
        Cut-offs for which the combination found holds while the other one stays: part of the
        ranges.
    provenance
        Of the decision.
    """

    decision: Decision
    error: Span
    width: Span
    regions: tuple[Region, ...]
    holds_error: Span
    holds_width: Span
    provenance: Mapping[str, Any]

    def cell(self, *, decision_error_high: float, documentation_width_high: float) -> str:
        """Return the key of the combination at a pair of cut-offs, in the ranges or not."""
        return _reading(self.decision, decision_error_high, documentation_width_high).key

    def to_frame(self) -> pd.DataFrame:
        """One row per region: cell and the cut-offs it covers."""
        import pandas as pd

        rows = [(r.cell, *r.error, *r.width) for r in self.regions]
        columns = ["cell", "error_low", "error_high", "width_low", "width_high"]
        return pd.DataFrame(rows, columns=columns)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the regions, with the sentence on what holds for which cut-offs."""
        from prioritering.report.tables.classification import cutoff_table

        return cutoff_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the regions, with the cut-offs in use marked."""
        from prioritering.report.figures.classification import plot_cutoffs

        return plot_cutoffs(self, ax, language=language)

    def __repr__(self) -> str:
        return (
            f"CutoffMap({self.decision.name.en}: holds for error cut-offs "
            f"{self.holds_error.low:.3g} to {self.holds_error.high:.3g} and width cut-offs "
            f"{self.holds_width.low:.3g} to {self.holds_width.high:.3g})"
        )


def cutoff_sensitivity(
    decision: Decision,
    *,
    decision_error_high: tuple[float, float] = ERROR_RANGE,
    documentation_width_high: tuple[float, float] | None = None,
) -> CutoffMap:
    """Find which combination each pair of cut-offs gives.

    The level of an index turns exactly where the cut-off equals it, so the map is exact: at
    most four rectangles that meet at the two indices.

    Parameters
    ----------
    decision
        From :func:`assess`.
    decision_error_high, documentation_width_high
        Lowest and highest cut-off to look at; the range holds the cut-off in use. By default
        0.01 to 0.50, and 0.1 to 3 times the cut-off in use.

    Raises
    ------
    ResultError
        Another kind of argument, or a range that is no range, or without the cut-off in use.
    """
    if not isinstance(decision, Decision):
        raise ResultError(
            "decision is of another kind",
            expected="Decision, from assess(...)",
            found=type(decision).__name__,
        )
    criteria = decision.criteria
    at_error, at_width = criteria.decision_error_high, criteria.documentation_width_high
    if documentation_width_high is None:
        low, high = WIDTH_MULTIPLES
        documentation_width_high = (low * at_width, high * at_width)
    error = _span("decision_error_high", decision_error_high, at_error, most=1.0)
    width = _span("documentation_width_high", documentation_width_high, at_width)
    errors = _parts(error, decision.decision_index.value)
    widths = _parts(width, decision.documentation_index.value)
    regions = tuple(_region(decision, one, other) for one in errors for other in widths)
    return CutoffMap(
        decision=decision,
        error=error,
        width=width,
        regions=regions,
        holds_error=_holding(decision, [(e, _reading(decision, e.high, at_width)) for e in errors]),
        holds_width=_holding(decision, [(w, _reading(decision, at_error, w.high)) for w in widths]),
        provenance=decision.provenance,
    )


def _span(name: str, span: tuple[float, float], used: float, *, most: float | None = None) -> Span:
    ends = tuple(span) if isinstance(span, tuple | list) else ()
    good = len(ends) == 2 and all(is_number(x) for x in ends)
    top = "" if most is None else f" below {most:g}"
    if not (good and 0 < ends[0] < ends[1] and (most is None or ends[1] < most)):
        raise ResultError(
            f"{name} is no range of cut-offs",
            expected=f"a lower and a higher number above 0{top}",
            found=repr(span),
        )
    if not ends[0] <= used <= ends[1]:
        raise ResultError(
            f"the range of {name} leaves out the cut-off in use",
            expected=f"a range that holds {used:.10g}",
            found=repr(span),
        )
    return Span(float(ends[0]), float(ends[1]))


def _parts(span: Span, index: float | None) -> list[Span]:
    """Split a range where the level turns; without a value the level never does."""
    if index is None or not span.low <= index < span.high:
        return [span]
    return [Span(span.low, index), Span(index, span.high)]


def _region(decision: Decision, error: Span, width: Span) -> Region:
    reading = _reading(decision, error.high, width.high)
    return Region(reading.key, reading.name, reading.scenario, error, width)


def _reading(decision: Decision, error: float, width: float) -> Reading:
    """Read the decision at two cut-offs."""
    if decision.cell == "no_difference":
        return NO_DIFFERENCE
    index = decision.documentation_index
    wide: Level = index.level if index.value is None else _level(index.value, width)
    return decision.criteria.read(
        documentation=documentation_level(decision, wide),
        decision=_level(decision.decision_index.value or 0.0, error),
        below=decision.favours == "adopt",
    )


def _level(value: float, cutoff: float) -> Level:
    return "high" if value >= cutoff else "low"


def _holding(decision: Decision, parts: list[tuple[Span, Reading]]) -> Span:
    """Join the parts that give the combination found; the cut-off in use lies in one of them."""
    same = [span for span, reading in parts if reading.key == decision.cell]
    return Span(same[0].low, same[-1].high)
