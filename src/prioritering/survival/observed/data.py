"""The one container of patient data: who was followed from when to when, and what happened."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import DataError, PrioriteringWarning, unknown_name
from prioritering.survival.observed import _checks as check
from prioritering.survival.observed._checks import Bools, Floats
from prioritering.survival.observed._frozen import FrozenColumns

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["years", "months", "weeks", "days"]


@dataclass(frozen=True, eq=False, repr=False)
class SurvivalData(FrozenColumns):
    """Times to event of patients, in years; make it with :meth:`from_frame` or :meth:`from_arrays`.

    A row is one of three: an **event** at ``time``; **right-censored** at ``time``, event-free
    so far; or **interval-censored**, the event having happened after ``time`` and no later than
    ``upper``. A patient enters the study at ``entry`` and counts only from then on (left
    truncation).

    Attributes
    ----------
    time
        Time of the event or of censoring, or the lower bound of the interval, shape (n,).
    event
        Whether the event was at exactly ``time``, shape (n,).
    upper
        ``None`` if no row is interval-censored. Otherwise shape (n,): the upper bound of
        interval-censored rows, infinite in right-censored ones, ``time`` in rows with an event.
    entry
        Time from which the patient was observed, shape (n,), 0 unless given.
    weight
        Weight of the row, shape (n,), 1 unless given. A weight counts as that many patients.
    group
        Label of the row's group as text, shape (n,), or ``None``.
    covariates
        Name to values, each of shape (n,).

    Examples
    --------
    >>> data = SurvivalData.from_arrays([12, 30, 18], event=[1, 0, 1], unit="months")
    >>> data
    <SurvivalData: 3 patients, 2 events, 5 years of follow-up>
    """

    time: Floats
    event: Bools
    upper: Floats | None
    entry: Floats
    weight: Floats
    group: NDArray[np.str_] | None
    covariates: Mapping[str, Floats]

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        time: str,
        event: str,
        entry: str | None = None,
        upper: str | None = None,
        weight: str | None = None,
        group: str | None = None,
        covariates: Sequence[str] = (),
        unit: Unit = "years",
    ) -> SurvivalData:
        """Read the columns of a table with one row per patient.

        Parameters
        ----------
        frame
            Table with one row per patient.
        time, event, entry, upper, weight, group, covariates
            Names of columns; what they hold is told under :meth:`from_arrays`.
        unit
            Unit of ``time``, ``entry`` and ``upper``.

        Raises
        ------
        UnknownNameError
            A column or unit that does not exist.
        DataError
            A row that cannot be, named by its position counted from 0.
        """
        named = {"time": time, "event": event, "entry": entry, "upper": upper, "weight": weight}
        names = {field: name for field, name in {**named, "group": group}.items() if name}
        for name in (*names.values(), *covariates):
            if name not in frame:
                raise unknown_name("column", name, map(str, frame))
        columns = {field: np.asarray(frame[name]) for field, name in names.items()}
        return _build(columns, {c: np.asarray(frame[c]) for c in covariates}, names, unit)

    @classmethod
    def from_arrays(
        cls,
        time: ArrayLike,
        *,
        event: ArrayLike,
        entry: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        group: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
        unit: Unit = "years",
    ) -> SurvivalData:
        """Read arrays with one value per patient.

        Parameters
        ----------
        time
            Time of the event or of censoring, above 0; for interval-censored rows the lower
            bound, which may be 0.
        event
            1 or True for an event at exactly ``time``, otherwise 0 or False.
        entry
            Time from which the patient was observed, before ``time``.
        upper
            Upper bound of interval-censored rows (which have event 0), infinite elsewhere.
        weight
            0 or more.
        group
            Labels, kept as text.
        covariates
            Name to numbers.
        unit
            Unit of ``time``, ``entry`` and ``upper``. A year has 12 months and 365.25 days.

        Raises
        ------
        UnknownNameError
            A unit that does not exist.
        DataError
            Lengths that differ; a value that is missing, not a number or not finite; times of
            0 or below; entry not before time; an upper bound not above the lower; an interval
            for an event at a known time; event codes other than 0 and 1; weights that are
            negative or all 0.

        Warns
        -----
        PrioriteringWarning
            Times that can hardly be in ``unit``: rows above 100 years, counted, or a median
            follow-up above 40 years that ends before a lifespan (80 years).
        """
        given = {"time": time, "event": event, "entry": entry, "upper": upper, "weight": weight}
        columns = {k: v for k, v in {**given, "group": group}.items() if v is not None}
        return _build(columns, covariates or {}, {k: k for k in columns}, unit)

    @classmethod
    def concatenate(cls, parts: Sequence[SurvivalData]) -> SurvivalData:
        """Put the rows of several data sets under each other.

        Raises
        ------
        DataError
            No parts, groups in some parts only, or different covariates.
        """
        _check_alike(parts)
        groups = [p.group for p in parts if p.group is not None]
        uppers = [p.upper for p in parts if p.upper is not None]
        return cls(
            time=np.concatenate([p.time for p in parts]),
            event=np.concatenate([p.event for p in parts]),
            upper=np.concatenate([p.upper_bounds for p in parts]) if uppers else None,
            entry=np.concatenate([p.entry for p in parts]),
            weight=np.concatenate([p.weight for p in parts]),
            group=np.concatenate(groups) if groups else None,
            covariates={
                name: np.concatenate([p.covariates[name] for p in parts])
                for name in parts[0].covariates
            },
        )

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.time.size

    @property
    def n_events(self) -> int:
        """Number of rows of weight above 0 with an event, at a known time or within an interval."""
        known = self.event | np.isfinite(self.upper_bounds)
        return int((known & (self.weight > 0)).sum())

    @property
    def groups(self) -> tuple[str, ...]:
        """Labels of the groups, sorted; empty if there are none."""
        return () if self.group is None else tuple(np.unique(self.group).tolist())

    @property
    def is_interval_censored(self) -> bool:
        """Whether any row is interval-censored."""
        return self.upper is not None

    @property
    def upper_bounds(self) -> Floats:
        """Latest time of the event: ``time`` if known, infinite if censored, shape (n,)."""
        return np.where(self.event, self.time, np.inf) if self.upper is None else self.upper

    def subset(self, *, group: object) -> SurvivalData:
        """Return the rows of one group.

        Raises
        ------
        UnknownNameError
            A group that is not in the data.
        """
        return self.take(np.flatnonzero(self.in_group(group)))

    def in_group(self, group: object) -> Bools:
        """Tell which rows belong to a group, shape (n,).

        Raises
        ------
        UnknownNameError
            A group that is not in the data.
        """
        if self.group is None or str(group) not in self.groups:
            raise unknown_name("group", group, self.groups)
        return np.equal(self.group, str(group))

    def take(self, index: ArrayLike) -> SurvivalData:
        """Return the rows at ``index`` (integers from 0), with repetitions if it has any."""
        rows = np.asarray(index)
        if rows.dtype.kind not in "iu" or rows.ndim != 1 or rows.size == 0:
            raise DataError("rows to take", expected="integers in one axis", found=repr(index)[:60])
        picked: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            picked[item.name] = value[rows] if isinstance(value, np.ndarray) else value
        picked["covariates"] = {name: x[rows] for name, x in self.covariates.items()}
        if self.upper is not None and not _interval(picked["event"], picked["upper"]).any():
            picked["upper"] = None
        return SurvivalData(**picked)

    def bootstrap(self, rng: np.random.Generator) -> SurvivalData:
        """Resample rows with replacement, within each group, so that groups keep their sizes."""
        return self.take(bootstrap_index(self.n, rng, group=self.group))

    def require_events(self, *, purpose: str) -> None:
        """Refuse data without events, and warn of data with a single one.

        Parameters
        ----------
        purpose
            What the events are for, as in ``"a Weibull fit"``.

        Raises
        ------
        DataError
            No events.

        Warns
        -----
        PrioriteringWarning
            One event.
        """
        if self.n_events == 0:
            raise DataError(
                f"no events for {purpose}",
                expected="at least one patient with the event",
                found=f"{self.n} patients, all censored",
                where={"group": self.groups[0]} if len(self.groups) == 1 else None,
            )
        if self.n_events == 1:
            text = f"1 event only among {self.n} patients for {purpose}"
            warnings.warn(text, PrioriteringWarning, stacklevel=3)

    def to_frame(self) -> pd.DataFrame:
        """One row per patient, times in years; ``upper`` and ``group`` only if there are any."""
        import pandas as pd

        columns: dict[str, Any] = {"entry": self.entry, "time": self.time, "event": self.event}
        if self.upper is not None:
            columns["upper"] = self.upper
        columns["weight"] = self.weight
        if self.group is not None:
            columns["group"] = self.group
        return pd.DataFrame({**columns, **self.covariates})

    def __repr__(self) -> str:
        years = float((self.time - self.entry) @ self.weight)
        groups = f", groups {', '.join(self.groups)}" if self.group is not None else ""
        return (
            f"<SurvivalData: {self.n} patients, {self.n_events} events, "
            f"{years:.5g} years of follow-up{groups}>"
        )


def bootstrap_index(
    n: int, rng: np.random.Generator, *, group: ArrayLike | None = None
) -> NDArray[np.intp]:
    """Rows of a bootstrap sample: ``n`` draws from 0 to ``n - 1`` with replacement.

    Give the same index to :meth:`SurvivalData.take` of two endpoints of the same patients and
    they stay paired.

    Parameters
    ----------
    n
        Number of patients.
    rng
        Random number generator.
    group
        Labels of shape (n,); if given, every group is resampled within itself.

    Raises
    ------
    DataError
        No patients, or labels of another length.
    """
    if n < 1:
        raise DataError("nobody to resample", expected="at least one patient", found=n)
    if group is None:
        return rng.integers(n, size=n)
    labels = np.asarray(group)
    check.same_length({"patients": n, "group": labels.size})
    index = np.arange(n)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        index[rows] = rng.choice(rows, size=rows.size)
    return index


def _build(
    columns: Mapping[str, ArrayLike],
    covariates: Mapping[str, ArrayLike],
    names: dict[str, str],
    unit: str,
) -> SurvivalData:
    """Check columns in the unit they came in, then convert to years."""
    event = check.event_codes(columns["event"], names["event"])
    time = check.numbers(columns["time"], names["time"])
    sizes = {names[k]: np.size(v) for k, v in columns.items()}
    check.same_length({**sizes, **{k: np.size(v) for k, v in covariates.items()}})
    names = {"entry": "entry", "upper": "upper", "weight": "weight", **names}
    entry, upper, weight = np.zeros(time.size), np.full(time.size, np.inf), np.ones(time.size)
    if "entry" in columns:
        entry = check.numbers(columns["entry"], names["entry"])
    if "upper" in columns:
        upper = check.numbers(columns["upper"], names["upper"], infinite=True)
    if "weight" in columns:
        weight = check.numbers(columns["weight"], names["weight"])
    check.check_times(time, event, upper, entry, names)
    check.check_weights(weight, names["weight"])
    bounds = np.where(event, time, upper)
    years = check.in_years(time, unit)
    check.warn_if_unit_looks_wrong(time, entry, np.where(event, np.inf, upper), unit, names)
    group = check.labels(columns["group"], names["group"]) if "group" in columns else None
    if group is not None:
        check.warn_if_units_look_mixed(time, group, names["time"])
    return SurvivalData(
        time=years,
        event=event,
        upper=check.in_years(bounds, unit) if _interval(event, bounds).any() else None,
        entry=check.in_years(entry, unit),
        weight=weight,
        group=group,
        covariates={str(k): check.numbers(v, str(k)) for k, v in covariates.items()},
    )


def _interval(event: Bools, upper: Floats) -> Bools:
    return ~event & np.isfinite(upper)


def _check_alike(parts: Sequence[SurvivalData]) -> None:
    if not parts:
        raise DataError("nothing to put together", expected="at least one data set", found="none")
    if len({part.group is None for part in parts}) > 1:
        raise DataError(
            "groups in some data sets only",
            expected="groups in all of them or in none",
            found=", ".join("none" if p.group is None else "/".join(p.groups) for p in parts),
        )
    known = set(parts[0].covariates)
    for part in parts[1:]:
        if set(part.covariates) != known:
            raise DataError(
                "data sets have different covariates",
                expected=", ".join(sorted(known)) or "none",
                found=", ".join(sorted(part.covariates)) or "none",
            )
