"""Personnel consequences: staff hours by profession and level of care, never in money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.decision.budget.flow import Entry, accrue, number_years
from prioritering.decision.budget.impact import WORLDS, BudgetWorld
from prioritering.decision.budget.patients import Patients, flow_in
from prioritering.decision.budget.staff import StaffTime, WorkingYear
from prioritering.decision.means import Mean, mean, yearly_means
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline, Label
from prioritering.outcomes import Outcomes
from prioritering.plural import plural
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StaffGroup:
    """A profession at a level of care."""

    profession: str
    level: str
    level_name: Label


@dataclass(frozen=True, repr=False, eq=False)
class Personnel(Frozen, Shown):
    """Staff hours by profession and level of care; not discounted, not in money.

    Attributes
    ----------
    reference, option
        Standard treatment and the one the decision is about.
    staff
        Professions and levels, the first axis of the arrays.
    per_patient
        Hours over the whole run, of reference and option, shape (staff, 2, draw).
    horizon
        Years behind ``per_patient`` where the run is by year, else ``None``.
    years
        Calendar years; empty without patients.
    with_decision, without
        Hours by calendar year, shape (staff, draw, year); ``None`` without patients.
    entry
        How starts lie in the year.
    working_year
        Hours of a full-time employee, if given.
    no_staff
        Resources said to need no staff.
    sources
        Where hours come from, by resource.
    provenance
        What stands behind the numbers.
    """

    reference: str
    option: str
    staff: tuple[StaffGroup, ...]
    per_patient: Floats
    horizon: int | None
    years: tuple[int, ...]
    with_decision: Floats | None
    without: Floats | None
    entry: Entry
    working_year: WorkingYear | None
    no_staff: tuple[str, ...]
    sources: Mapping[str, tuple[str, ...]]
    provenance: Mapping[str, Any]

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        array = self.per_patient if self.with_decision is None else self.with_decision
        return int(array.shape[-1] if self.with_decision is None else array.shape[1])

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def hours(self, world: BudgetWorld) -> Floats:
        """Hours by calendar year, shape (staff, draw, year).

        Raises
        ------
        ResultError
            No patients were given.
        """
        if world not in WORLDS:
            raise unknown_name("world", world, WORLDS)
        if self.with_decision is None or self.without is None:
            raise ResultError(
                "no hours by calendar year",
                expected="patients",
                found="none",
                remedy="Write personnel(yearly, ..., patients=Patients(...)).",
            )
        net = self.with_decision - self.without
        return {"with": self.with_decision, "without": self.without, "net": net}[world]

    def means(self, world: BudgetWorld, staff: int | None = None) -> tuple[Mean, ...]:
        """Mean hours of each year, of the i-th staff group or of all together."""
        hours = self.hours(world)
        return yearly_means(hours.sum(axis=0) if staff is None else hours[staff])

    def patient_means(self, staff: int) -> dict[str, Mean]:
        """Mean hours per patient of a staff group: ``"without"``, ``"with"`` and ``"net"``."""
        base, new = self.per_patient[staff]
        return {"without": mean(base), "with": mean(new), "net": mean(new - base)}

    def to_frame(self) -> pd.DataFrame:
        """Long table: profession, level, per ("patient" or "year"), world, year, hours, se."""
        import pandas as pd

        rows: list[tuple[object, ...]] = []
        for i, group in enumerate(self.staff):
            who = (group.profession, group.level)
            for world, m in self.patient_means(i).items():
                rows.append((*who, "patient", world, None, m.value, m.se, m.low, m.high))
            if self.with_decision is not None:
                rows += [
                    (*who, "year", world, year, m.value, m.se, m.low, m.high)
                    for world in WORLDS
                    for year, m in zip(self.years, self.means(world, i), strict=True)
                ]
        columns = ["profession", "level", "per", "world", "year", "hours", "se", "low", "high"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"year": "Int64", **dict.fromkeys(columns[5:], "Float64")})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Hours by calendar year rounded and labelled, or per patient without patients."""
        if self.with_decision is None:
            return self.patient_table(language)
        from prioritering.report.tables.personnel import personnel_table

        return personnel_table(self, language=language)

    def patient_table(self, language: str = "en") -> pd.DataFrame:
        """Hours per patient, rounded and labelled for a report."""
        from prioritering.report.tables.personnel import hours_per_patient_table

        return hours_per_patient_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw hours with, without and net by year and profession, or per patient."""
        from prioritering.report.figures.personnel import plot_personnel

        return plot_personnel(self, ax, language=language)

    def __repr__(self) -> str:
        who = ", ".join(f"{group.profession} ({group.level})" for group in self.staff)
        pair = f"{self.option!r} against {self.reference!r}"
        return f"Personnel({pair}: {who}; {plural(self.n_draws, 'draw')})"


def personnel(
    outcomes: Outcomes | YearlyOutcomes,
    *,
    staff: Mapping[str, Sequence[StaffTime]],
    reference: str,
    option: str | None = None,
    rules: Guideline,
    no_staff: Iterable[str] = (),
    patients: Patients | None = None,
    years: int | None = None,
    first_year: int | None = None,
    entry: Entry = "start_of_year",
    working_year: WorkingYear | None = None,
) -> Personnel:
    """Staff hours by profession and level of care, per patient and by calendar year.

    Hours are resource use times hours per unit. With patients, they follow the same course as
    in :func:`~prioritering.decision.budget.impact.budget_impact`.

    Parameters
    ----------
    outcomes
        A run that counts resources; by year where patients are given.
    staff
        Staff time behind a unit of each resource.
    reference, option
        Standard treatment and the one the decision is about; ``option`` may be left out when
        the run has two strategies.
    rules
        Guideline with the levels of care.
    no_staff
        Resources that need no staff. Every resource is here or in ``staff``.
    patients, years, first_year, entry
        As in :func:`~prioritering.decision.budget.impact.budget_impact`.
    working_year
        Hours of a full-time employee; full-time equivalents are shown only with it.

    Raises
    ------
    UnknownNameError
        An unknown strategy, resource, level or entry.
    ResultError
        No or the wrong option, no resources in the run, a resource without a word on staff, hours
        of another number of draws, or patients with a run that is not by year.
    GuidelineError
        No levels of care in force on the day of the rules.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> run = Outcomes.from_arrays(
    ...     ["old", "new"], cost=[[1.0], [2.0]], qaly=[[7.0], [8.0]],
    ...     resource_use={"infusions": [[0.0], [12.0]]},
    ... )
    >>> nurse = StaffTime("nurse", level="specialist", hours=1.5, source="assumption")
    >>> hours = personnel(
    ...     run, staff={"infusions": [nurse]}, reference="old", option="new",
    ...     rules=guideline("no", as_of="2026-11-01"),
    ... )
    >>> hours.per_patient[0, :, 0].tolist()
    [0.0, 18.0]
    """
    if years is None:
        years = rules.rules["authority_limit"].value.first_years
    numbered = number_years(years, first_year=first_year)
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    free = (no_staff,) if isinstance(no_staff, str) else tuple(no_staff)
    use = _resources(outcomes, staff, free)
    groups = _groups(staff, rules)
    hours = _hours(outcomes, use, staff, groups)
    totals = hours.sum(axis=-1) if isinstance(outcomes, YearlyOutcomes) else hours
    pair = [outcomes.index(reference), outcomes.index(option)]
    with_decision = without = None
    if patients is not None:
        yearly = _by_year(outcomes)
        flow = flow_in(
            yearly, patients, reference=reference, option=option, years=years, entry=entry
        )
        with_decision = accrue(hours, flow.with_decision, entry=entry)
        without = accrue(hours, flow.without, entry=entry)
    return Personnel(
        reference=reference,
        option=option,
        staff=groups,
        per_patient=totals[:, pair],
        horizon=outcomes.n_years if isinstance(outcomes, YearlyOutcomes) else None,
        years=numbered if patients is not None else (),
        with_decision=with_decision,
        without=without,
        entry=entry,
        working_year=working_year,
        no_staff=free,
        sources={
            name: tuple(dict.fromkeys(t.source for t in times)) for name, times in staff.items()
        },
        provenance=outcomes.provenance,
    )


def _resources(
    outcomes: Outcomes | YearlyOutcomes,
    staff: Mapping[str, Sequence[StaffTime]],
    no_staff: tuple[str, ...],
) -> Floats:
    """Resource use of the run, when every resource is spoken for."""
    if outcomes.resource_use is None:
        raise ResultError(
            "the run counts no resources",
            expected="resource use in natural units",
            found="none",
            remedy="Count visits, days or hours in the model, or give resource_use={...}.",
        )
    for name in (*staff, *no_staff):
        if name not in outcomes.resources:
            raise unknown_name("resource", name, outcomes.resources)
    twice = sorted(set(staff) & set(no_staff))
    if twice:
        raise ResultError("resources with and without staff", expected="one", found=twice)
    silent = [name for name in outcomes.resources if name not in (*staff, *no_staff)]
    if silent:
        raise ResultError(
            "resources without staff time",
            expected="staff time for each resource, or its name in no_staff",
            found=", ".join(map(repr, silent)),
            remedy="Add StaffTime(...) for them, or say no_staff=[...].",
        )
    if not staff:
        raise ResultError("no staff time at all", expected="StaffTime of a resource", found="none")
    for name, times in staff.items():
        _check_times(name, times)
    return outcomes.resource_use


def _check_times(name: str, times: object) -> None:
    """Refuse what is not a list of staff times, and a resource with an empty one."""
    listed = isinstance(times, Sequence) and bool(times)
    if not listed or not all(isinstance(time, StaffTime) for time in cast(Sequence[object], times)):
        raise ResultError(
            "no staff time of a resource",
            expected="a list of StaffTime(...), one or more",
            found=repr(times),
            where={"resource": repr(name)},
            remedy="A resource that needs no staff belongs in no_staff.",
        )
    once = {id(time) for time in cast(Sequence[object], times)}
    if len(once) < len(cast(Sequence[object], times)):
        raise ResultError(
            "a staff time counted twice",
            expected="each StaffTime(...) once",
            found=repr(times),
            where={"resource": repr(name)},
        )


def _groups(staff: Mapping[str, Sequence[StaffTime]], rules: Guideline) -> tuple[StaffGroup, ...]:
    """Professions and levels in the order they are named."""
    perspective = rules.perspective
    keys = dict.fromkeys((t.profession, t.level) for times in staff.values() for t in times)
    return tuple(StaffGroup(who, level, perspective.level(level)) for who, level in keys)


def _hours(
    outcomes: Outcomes | YearlyOutcomes,
    use: Floats,
    staff: Mapping[str, Sequence[StaffTime]],
    groups: tuple[StaffGroup, ...],
) -> Floats:
    """Hours per patient, shape (staff, strategy, draw) or (staff, strategy, draw, year)."""
    place = {(group.profession, group.level): i for i, group in enumerate(groups)}
    hours = np.zeros((len(groups), *use.shape[1:]))
    for name, times in staff.items():
        amount = use[outcomes.resources.index(name)]
        for time in times:
            if time.hours.size not in (1, outcomes.n_draws):
                raise ResultError(
                    "staff hours and run have different draws",
                    expected=f"1 or {outcomes.n_draws} draws",
                    found=time.hours.size,
                    where={"resource": repr(name), "profession": repr(time.profession)},
                )
            each = time.hours.reshape(-1, *[1] * (amount.ndim - 2))
            hours[place[time.profession, time.level]] += amount * each
    return hours


def _by_year(outcomes: Outcomes | YearlyOutcomes) -> YearlyOutcomes:
    if isinstance(outcomes, YearlyOutcomes):
        return outcomes
    raise ResultError(
        "hours by calendar year need resource use by year",
        expected="YearlyOutcomes",
        found=type(outcomes).__name__,
        remedy="Give model.run_by_year(...), or leave out patients for hours per patient.",
    )
