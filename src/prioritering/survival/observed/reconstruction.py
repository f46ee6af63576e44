"""Patient data rebuilt from a published Kaplan-Meier figure."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import DataError, PrioriteringWarning
from prioritering.frozen import Frozen
from prioritering.survival._inputs import Floats
from prioritering.survival.observed import _checks as check
from prioritering.survival.observed._digitised import (
    Points,
    RiskTable,
    read_points,
    read_risk_table,
)
from prioritering.survival.observed._rebuild import Rebuilt, rebuild
from prioritering.survival.observed.data import SurvivalData, Unit
from prioritering.survival.observed.kaplan_meier import KaplanMeier, kaplan_meier

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

POOR_MATCH = 0.02
"""A rebuilt curve further than this from the points somewhere is warned of."""
EVENTS_OFF = 0.02
"""Rebuilt events that differ by more than this share, and more than one, are warned of."""


@dataclass(frozen=True)
class ReconstructionReport:
    """How well rebuilt data match the figure.

    Attributes
    ----------
    max_difference, mean_difference
        Largest and mean absolute difference in survival between the rebuilt Kaplan-Meier curve
        and the points as read.
    risk_times
        Years with a published number at risk.
    numbers_given, numbers_rebuilt
        Numbers at risk then, published and in the rebuilt data.
    events, events_given
        Events in the rebuilt data, and as published, ``None`` if not given.
    notes
        What was changed, left out or assumed.
    """

    max_difference: float
    mean_difference: float
    risk_times: tuple[float, ...]
    numbers_given: tuple[int, ...]
    numbers_rebuilt: tuple[int, ...]
    events: int
    events_given: int | None
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Table with a row per number at risk: year, given, rebuilt, difference."""
        import pandas as pd

        frame = pd.DataFrame(
            {"year": self.risk_times, "given": self.numbers_given, "rebuilt": self.numbers_rebuilt}
        )
        return frame.assign(difference=frame["rebuilt"] - frame["given"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Numbers at risk, published and rebuilt, and how well the curve fits, labelled."""
        from prioritering.report.tables import reconstruction_table

        return reconstruction_table(self, language=language)

    def __str__(self) -> str:
        given = "" if self.events_given is None else f" ({self.events_given} published)"
        risks = zip(self.risk_times, self.numbers_given, self.numbers_rebuilt, strict=True)
        table = ", ".join(f"year {t:.4g}: {a} given, {b} rebuilt" for t, a, b in risks)
        lines = (
            f"survival differs by {self.mean_difference:.4f} on average, "
            f"{self.max_difference:.4f} at most",
            f"{self.events} events{given}",
            f"at risk: {table}",
            *self.notes,
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table())


@dataclass(frozen=True, eq=False, repr=False)
class ReconstructedData(Frozen):
    """Patient data rebuilt from a figure; made by :func:`reconstruct`.

    Attributes
    ----------
    data
        One row per patient.
    report
        How well the data match the figure.
    estimate
        Kaplan-Meier curve of the data.
    times, survival
        Points of the figure as read, in years, sorted, shape (points,).
    """

    data: SurvivalData
    report: ReconstructionReport
    estimate: KaplanMeier
    times: Floats
    survival: Floats

    def table(self, language: str = "en") -> pd.DataFrame:
        """Table of the report."""
        return self.report.table(language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the points over the rebuilt curve, with both numbers at risk."""
        from prioritering.report.figures import plot_reconstruction

        return plot_reconstruction(self, ax=ax, language=language)

    def __repr__(self) -> str:
        return f"<ReconstructedData: {self.data!r}\n{self.report}>"

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table(), caption=repr(self.data))


def reconstruct(
    times: ArrayLike,
    survival: ArrayLike,
    *,
    risk_times: ArrayLike,
    numbers_at_risk: Sequence[float | None] | ArrayLike,
    total_events: int | None = None,
    group: str | None = None,
    unit: Unit = "years",
) -> ReconstructedData:
    """Rebuild patient data from points read off a Kaplan-Meier figure.

    Between two numbers at risk, the censored are spread evenly and as many as make the number
    at risk come out; at each point, the number of events is the whole number that brings the
    rebuilt curve nearest to it. After the last number at risk, as many are censored as make the
    total number of events come out. Without a total, censoring goes on at its earlier pace per
    unit of time (less if the curve could not be followed), and with nothing but the number at
    the start, nobody is censored before the end of the curve. Who is left then is censored
    there.

    Parameters
    ----------
    times, survival
        Points read off the curve, best where it falls, shape (points,); survival as shares. In
        any order. Where a vertical line gave several points at one time, the lowest counts.
        (0, 1) is added if it is missing.
    risk_times, numbers_at_risk
        The figure's numbers at risk, from time 0; ``None`` or NaN for those that are missing,
        all but the first.
    total_events
        Events in this group as published.
    group
        Label for the rows.
    unit
        Unit of all times.

    Raises
    ------
    DataError
        Survival in per cent or outside [0, 1]; a curve that rises by more than 0.05 or does not
        start at 1; numbers at risk that rise, are not whole, or do not start at time 0; a curve
        that falls after nobody is at risk; more events than patients.
    UnknownNameError
        A unit that does not exist.

    Warns
    -----
    PrioriteringWarning
        Points changed to make a survival curve, with their count: rises of at most 0.05 levelled
        out by least squares, survival up to 0.02 outside [0, 1], times just below 0. Events
        after the last number at risk that rest on an assumption. Numbers at risk, the total of
        events (by more than 1 and 2 %) or the curve (by more than 0.02) not matched.

    References
    ----------
    Guyot, Ades, Ouwens and Welton (2012), BMC Medical Research Methodology 12:9.

    Examples
    --------
    >>> rebuilt = reconstruct(
    ...     [4, 9, 12, 20],
    ...     [0.9, 0.8, 0.6, 0.6],
    ...     risk_times=[0, 10, 20],
    ...     numbers_at_risk=[10, 8, 3],
    ...     unit="months",
    ... )
    >>> rebuilt.data
    <SurvivalData: 10 patients, 4 events, 12.083 years of follow-up>
    """
    points, table = read_points(times, survival), read_risk_table(risk_times, numbers_at_risk)
    _check_total(total_events, table.numbers[0])
    _check_somebody_left(points, table)
    rebuilt = rebuild(points, table, total_events)
    data = _data(rebuilt, group, unit)
    read = (check.in_years(points.read[0], unit), points.read[1])
    estimate = _estimate(data)
    years = check.in_years(np.array(table.times), unit)
    difference = np.abs(_survival_at(estimate, read[0]) - read[1])
    report = ReconstructionReport(
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        risk_times=tuple(years.tolist()),
        numbers_given=table.numbers,
        numbers_rebuilt=tuple(int(n) for n in estimate.numbers_at_risk(years)),
        events=data.n_events,
        events_given=total_events,
        notes=(*points.notes, *table.notes, *rebuilt.notes),
    )
    _warn(report, rebuilt)
    return ReconstructedData(data, report, estimate, *read)


def _data(rebuilt: Rebuilt, group: str | None, unit: Unit) -> SurvivalData:
    time = np.concatenate([rebuilt.events, rebuilt.censored])
    event = np.arange(time.size) < rebuilt.events.size
    order = np.lexsort((~event, time))
    labels = None if group is None else np.full(time.size, group)
    return SurvivalData.from_arrays(time[order], event=event[order], group=labels, unit=unit)


def _survival_at(estimate: KaplanMeier, years: Floats) -> Floats:
    """Survival of a rebuilt curve, whose last value holds to the end of the figure."""
    step = np.searchsorted(estimate.times, years, side="right")
    return np.append(1.0, estimate.survival)[step]


def _estimate(data: SurvivalData) -> KaplanMeier:
    """Kaplan-Meier estimate, also of data in which nobody has the event."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="no events", category=PrioriteringWarning)
        return kaplan_meier(data)


def _warn(report: ReconstructionReport, rebuilt: Rebuilt) -> None:
    texts = list(rebuilt.notes)
    pairs = list(zip(report.numbers_given, report.numbers_rebuilt, strict=True))
    wrong = [abs(a - b) for a, b in pairs if a != b]
    if wrong:
        texts.append(
            f"rebuilt numbers at risk differ at {len(wrong)} of {len(pairs)} times "
            f"(by up to {max(wrong)}): curve and table do not agree"
        )
    given = report.events_given
    if given is not None and abs(report.events - given) > max(1.0, EVENTS_OFF * given):
        texts.append(f"{report.events} events rebuilt, {given} published")
    if report.max_difference > POOR_MATCH:
        texts.append(f"rebuilt survival is up to {report.max_difference:.3f} from the points")
    for text in texts:
        warnings.warn(text, PrioriteringWarning, stacklevel=3)


def _check_total(total_events: int | None, n: int) -> None:
    if total_events is None:
        return
    if total_events != int(total_events) or not 0 <= total_events <= n:
        raise DataError(
            "the total number of events is impossible",
            expected=f"a whole number from 0 to the {n} patients",
            found=total_events,
        )


def _check_somebody_left(points: Points, table: RiskTable) -> None:
    """Refuse a curve that falls although the table has nobody at risk any more."""
    gone = [t for t, n in zip(table.times, table.numbers, strict=True) if n == 0]
    if not gone:
        return
    falls = np.append(0.0, -np.diff(points.survival)) > 0
    late = points.times[falls & (points.times >= gone[0])]
    if late.size:
        raise DataError(
            "the curve falls after nobody is at risk",
            expected=f"no events from time {gone[0]:g} on, where the number at risk is 0",
            found=f"{late.size} falls",
            where={"time": f"{late[0]:g}"},
            remedy="Check the last number at risk and the time axis.",
        )
