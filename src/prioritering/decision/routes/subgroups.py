"""Subgroups: the same model on each, the whole indication first, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from prioritering.cea.montecarlo import ROUNDING
from prioritering.decision.given import amount, check_shares_of_one
from prioritering.decision.perspective.counted import check_one_view
from prioritering.decision.secrecy import secrecy
from prioritering.decision.uncertainty.assess import assess
from prioritering.decision.uncertainty.indices import Estimate, estimate
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.severity import PopulationQalys, Severity, absolute_shortfall
from prioritering.severity.population import Method
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

WHOLE = "whole indication"
"""Name of the row that holds everybody."""

THIN = {"patients": 100.0, "events": 30.0}
"""Evidence is called thin below these; this package's choice, since nobody prescribes any."""


class Runner(Protocol):
    """Anything that turns draws into results, such as a model of this package."""

    def run(self, draws: Draws, rules: Guideline, /) -> Outcomes:
        """Run every strategy on every draw."""
        ...


@dataclass(frozen=True, eq=False)
class Subgroup(Frozen):
    """What sets a subgroup apart.

    Attributes
    ----------
    values
        Parameters that differ: one number, or one per draw, each.
    age
        Mean age at the start of the new treatment; another age is another severity.
    population
        Remaining QALYs of the general population at that age, as for
        :func:`prioritering.severity.absolute_shortfall`.
    model
        A model of its own, where age or structure stand in the model.
    outcomes
        Ready results in place of a run.
    share
        Of the whole indication, 0 to 1. All subgroups or none; they sum to one.
    patients, events
        In the evidence on this subgroup.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    age: float | None = None
    population: Method | PopulationQalys = "printed"
    model: Runner | None = None
    outcomes: Outcomes | None = None
    share: float | None = None
    patients: float | None = None
    events: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("patients", "events"):
            if getattr(self, name) is not None:
                amount(f"number of {name}", getattr(self, name))
        if self.outcomes is not None and (self.values or self.model):
            raise ResultError(
                "a subgroup with ready results and a run of its own",
                expected="outcomes, or values and model",
                found="both",
            )

    def run(self, model: Runner | None, draws: Draws | None, rules: Guideline) -> Outcomes:
        """Results of the subgroup: the ready ones, or a run with its values."""
        if self.outcomes is not None:
            return self.outcomes
        own = self.model or model
        if own is None or draws is None:
            raise ResultError(
                "no results and nothing to run",
                expected="outcomes, or a model and draws",
                found="neither" if own is None and draws is None else "one of the two",
                remedy="Write Subgroup(outcomes=...), or give model and draws.",
            )
        for name in self.values:
            if name not in draws.names:
                raise unknown_name("parameter", name, draws.names)
        return own.run(draws.with_values(**self.values) if self.values else draws, rules)


@dataclass(frozen=True, repr=False, eq=False)
class SubgroupResult(Frozen):
    """One row: a subgroup, or the whole indication.

    Attributes
    ----------
    name, share, patients, events
        As stated.
    decision
        The ordinary assessment, at the limit of this row's own severity.
    thin
        What there is too little of: ``"patients"``, ``"events"``, or nothing.
    """

    name: str
    share: float | None
    patients: float | None
    events: float | None
    decision: Decision
    thin: tuple[str, ...]


@dataclass(frozen=True, repr=False, eq=False)
class Subgroups(Frozen, Shown):
    """The whole indication and its subgroups.

    Attributes
    ----------
    whole, groups
        Rows, the subgroups in the order given.
    cutoffs
        Below how many patients and events the evidence is called thin.
    cost_difference, qaly_difference
        Share-weighted mean of the subgroups' increments less those of the whole, by the same
        draws; ``None`` without shares. Far from 0, subgroups and whole are not one analysis.
    provenance
        Guideline and origin of the draws.
    """

    whole: SubgroupResult
    groups: tuple[SubgroupResult, ...]
    cutoffs: Mapping[str, float]
    cost_difference: Estimate | None
    qaly_difference: Estimate | None
    provenance: Mapping[str, Any]

    @property
    def rows(self) -> tuple[SubgroupResult, ...]:
        """The whole indication first."""
        return (self.whole, *self.groups)

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """Subgroups in which expected net benefit favours another decision than in the whole."""
        favoured = self.whole.decision.favours
        return tuple(g.name for g in self.groups if g.decision.favours != favoured)

    def __getitem__(self, name: str) -> SubgroupResult:
        for row in self.rows:
            if row.name == name:
                return row
        raise unknown_name("subgroup", name, [row.name for row in self.rows])

    def to_frame(self) -> pd.DataFrame:
        """Long table: subgroup, quantity, value, se, low, high (middle 95 % of draws)."""
        import pandas as pd

        columns = ["subgroup", "quantity", "value", "se", "low", "high"]
        frame = pd.DataFrame(list(self._figures()), columns=columns)
        return frame.astype(dict.fromkeys(columns[2:], "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables.routes import subgroups_table

        return subgroups_table(self, language=language)

    def plot(
        self, ax: Axes | None = None, *, quantity: str = "net_benefit", language: str = "en"
    ) -> Axes:
        """Forest plot of ``"net_benefit"``, ``"cost_per_qaly"`` or ``"qaly"``, whole first."""
        from prioritering.report.figures.routes import plot_subgroups

        return plot_subgroups(self, ax, quantity=quantity, language=language)

    def _figures(self) -> Iterator[tuple[str, str, float | None, float | None, Any, Any]]:
        for row in self.rows:
            d = row.decision
            for quantity, e, draws in (
                ("incremental_cost", d.mean_incremental_cost, d.incremental_cost),
                ("incremental_qaly", d.mean_incremental_qaly, d.incremental_qaly),
                ("net_benefit", d.mean_net_benefit, d.net_benefit),
            ):
                low, high = np.quantile(draws, [0.025, 0.975])
                yield row.name, quantity, e.value, e.se, float(low), float(high)
            yield row.name, "icer", d.icer, d.icer_se, None, None
            yield row.name, "limit", d.wtp, None, None, None

    def __repr__(self) -> str:
        return f"Subgroups({', '.join(row.name for row in self.rows)})"


def subgroups(
    whole: Subgroup,
    groups: Mapping[str, Subgroup],
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    age: float | None = None,
    severity: Severity | None = None,
    model: Runner | None = None,
    draws: Draws | None = None,
    thin_below: Mapping[str, float] | None = None,
    **how: Any,
) -> Subgroups:
    """Run the same model on the whole indication and on each subgroup.

    Parameters
    ----------
    whole
        The whole indication: its results, or what to run.
    groups
        Subgroups by name.
    rules
        Guideline in force.
    reference, option
        The two strategies of every run; ``option`` may be left out when there is no other.
    age
        Mean age of the whole; a subgroup's own age goes before it.
    severity
        In place of an age, for results without undiscounted QALYs: holds for the whole, and
        for every subgroup without an age of its own.
    model, draws
        What runs, and on what, for those without ready results.
    thin_below
        Numbers of ``"patients"`` and ``"events"`` below which evidence is called thin, in
        place of this package's choice (:data:`THIN`).
    **how
        What else :func:`prioritering.decision.assess` takes.

    Raises
    ------
    ResultError
        No subgroup, no age and no severity or both, shares for some only or that do not sum
        to one, runs of differing numbers of draws or in different perspectives, or nothing to
        run.
    UnknownNameError
        A strategy, parameter or cut-off that does not exist.
    """
    if age is not None and severity is not None:
        raise ResultError(
            "an age and a severity", expected="one of them, for the whole", found="both"
        )
    cutoffs = _cutoffs(thin_below)
    shares = _shares(groups)
    rows = []
    for name, group in {WHOLE: whole, **groups}.items():
        out = group.run(model, draws, rules)
        sev = _severity(group, out, rules, reference=reference, age=age, severity=severity)
        decision = assess(out, sev, rules, reference=reference, option=option, **how)
        numbers = {"patients": group.patients, "events": group.events}
        thin = tuple(k for k, n in numbers.items() if n is not None and n < cutoffs[k])
        rows.append(SubgroupResult(name, group.share, **numbers, decision=decision, thin=thin))
    check_one_view({row.name: row.decision.provenance for row in rows})
    cost, qaly = _differences(rows, shares)
    whole_runs = rows[0].decision.provenance
    provenance = {**whole_runs, **secrecy(*(row.decision.provenance for row in rows))}
    return Subgroups(rows[0], tuple(rows[1:]), cutoffs, cost, qaly, provenance)


def _cutoffs(changes: Mapping[str, float] | None) -> dict[str, float]:
    for name, value in (changes or {}).items():
        if name not in THIN:
            raise unknown_name("cut-off of thin evidence", name, THIN)
        amount(f"cut-off of {name}", value)
    return {**THIN, **(changes or {})}


def _shares(groups: Mapping[str, Subgroup]) -> Floats | None:
    if not groups or WHOLE in groups:
        raise ResultError(
            "no subgroups beside the whole",
            expected=f"subgroups by name, none of them {WHOLE!r}",
            found=", ".join(map(repr, groups)) or "none",
        )
    given = {name: g.share for name, g in groups.items() if g.share is not None}
    if not given:
        return None
    if len(given) < len(groups):
        raise ResultError(
            "shares of some subgroups only",
            expected="a share for every subgroup, or for none",
            found=", ".join(map(repr, given)),
        )
    check_shares_of_one("shares of subgroups", given)
    return np.array(list(given.values()))


def _severity(
    group: Subgroup,
    outcomes: Outcomes,
    rules: Guideline,
    *,
    reference: str,
    age: float | None,
    severity: Severity | None,
) -> Severity:
    if group.age is None and severity is not None:
        return severity
    own = age if group.age is None else group.age
    if own is None:
        raise ResultError(
            "no severity to take the limit from",
            expected="an age, or a severity",
            found="neither",
            remedy="Give age=... or severity=....",
        )
    return absolute_shortfall(
        outcomes[reference], age=own, rules=rules, population=group.population
    )


def _differences(
    rows: list[SubgroupResult], shares: Floats | None
) -> tuple[Estimate | None, Estimate | None]:
    """Weighted mean of the subgroups less the whole, draw by draw; what is rounding is 0."""
    if shares is None:
        return None, None
    sizes = {row.name: row.decision.n_draws for row in rows}
    if len(set(sizes.values())) > 1:
        raise ResultError(
            "subgroups of differing numbers of draws",
            expected="the same draws in every run",
            found=", ".join(f"{name}: {n}" for name, n in sizes.items()),
        )

    def difference(name: str) -> Estimate:
        whole, *parts = (getattr(row.decision, name) for row in rows)
        gap = shares @ np.array(parts) - whole
        rounding = np.abs(gap) <= ROUNDING * np.abs([whole, *parts]).max(axis=0)
        return estimate(np.where(rounding, 0.0, gap))

    return difference("incremental_cost"), difference("incremental_qaly")
