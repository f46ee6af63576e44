"""Agreements side by side: cost per QALY, budget, and what is left of the uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import mean_se
from prioritering.conventions import Discounting
from prioritering.decision.agreements.base import Agreement
from prioritering.decision.agreements.priced import (
    AGREEMENTS,
    Priced,
    by_calendar_year,
    priced,
)
from prioritering.decision.agreements.temporary import AdoptionTiming, TemporaryAdoption
from prioritering.decision.secrecy import secrecy
from prioritering.decision.uncertainty.assess import assess
from prioritering.decision.uncertainty.indices import Estimate
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.severity import Severity
from prioritering.shown import Shown
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LIST_PRICE = "list price"
"""Name of the row without an agreement."""


@dataclass(frozen=True, repr=False, eq=False)
class AgreementResult(Frozen):
    """One agreement's figures.

    Attributes
    ----------
    name, agreement
        ``None`` for the list price.
    priced
        The run with the option's costs under it. Without prices that follow national volume,
        its ``yearly`` serves :func:`prioritering.decision.budget_impact`, which splits the
        budget by service.
    decision
        The decision at these costs.
    budget
        Net national cost of giving patients the option rather than the reference,
        undiscounted, shape (draw, calendar year); ``None`` without yearly costs and patients.
    hours_by_year
        Staff hours of following up in each calendar year the patients start in; ``None``
        without patients.
    timing
        Adopting now, waiting and temporary adoption, if the agreement has an assessment and
        there are patients.
    """

    name: str
    agreement: Agreement | None
    priced: Priced
    decision: Decision
    budget: Floats | None
    hours_by_year: Floats | None
    timing: AdoptionTiming | None

    @property
    def confidential(self) -> bool:
        """Whether the figures rest on a secret price."""
        return self.agreement is not None and self.agreement.confidential

    @property
    def budget_by_year(self) -> tuple[Estimate, ...]:
        """Mean of the net national cost in each calendar year, empty without it."""
        if self.budget is None:
            return ()
        return tuple(Estimate(float(x.mean()), mean_se(x) or 0.0) for x in self.budget.T)


@dataclass(frozen=True, repr=False, eq=False)
class AgreementComparison(Frozen, Shown):
    """List price and agreements side by side, in the order given.

    Attributes
    ----------
    results
        List price first.
    reference, option
        The two strategies.
    provenance
        Guideline and origin of the draws; with the mark of what is confidential where some
        figures are.
    """

    results: tuple[AgreementResult, ...]
    reference: str
    option: str
    provenance: Mapping[str, Any]

    @property
    def confidential(self) -> bool:
        """Whether some figures rest on secret prices."""
        return any(result.confidential for result in self.results)

    def __getitem__(self, name: str) -> AgreementResult:
        for result in self.results:
            if result.name == name:
                return result
        raise unknown_name("agreement", name, [result.name for result in self.results])

    def to_frame(self) -> pd.DataFrame:
        """Long table: agreement, quantity, year (``<NA>`` if none), value, se, confidential."""
        import pandas as pd

        columns = ["agreement", "quantity", "year", "value", "se", "confidential"]
        frame = pd.DataFrame(list(self._figures()), columns=columns)
        return frame.astype({"year": "Int64", "value": "Float64", "se": "Float64"})

    def table(self, language: str = "en", *, public: bool = False) -> pd.DataFrame:
        """Round and label the figures for a report; ``public`` leaves secret prices out."""
        from prioritering.report.tables.agreements import agreements_table

        return agreements_table(self, language=language, public=public)

    def plot(self, ax: Axes | None = None, *, language: str = "en", public: bool = False) -> Axes:
        """Net benefit under each agreement; ``public`` leaves secret prices out."""
        from prioritering.report.figures.agreements import plot_agreements

        return plot_agreements(self, ax, language=language, public=public)

    def _figures(self) -> Iterator[tuple[str, str, int | None, float | None, float | None, bool]]:
        for result in self.results:
            decision, name, secret = result.decision, result.name, result.confidential
            quantities = {
                "incremental_cost": decision.mean_incremental_cost,
                "net_benefit": decision.mean_net_benefit,
                "probability_cost_effective": decision.probability_cost_effective,
                "loss_of_wrong_yes": decision.loss_of_wrong_yes.amount,
                "loss_of_wrong_no": decision.loss_of_wrong_no.amount,
            }
            yield name, "icer", None, decision.icer, decision.icer_se, secret
            for quantity, e in quantities.items():
                yield name, quantity, None, e.value, e.se, secret
            for year, e in enumerate(result.budget_by_year, start=1):
                yield name, "budget", year, e.value, e.se, secret
            yield name, "staff_hours_per_patient", None, result.priced.hours, None, secret

    def __repr__(self) -> str:
        names = ", ".join(result.name for result in self.results)
        return f"AgreementComparison({self.option!r} against {self.reference!r}: {names})"


def compare_agreements(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    agreements: Mapping[str, Agreement],
    yearly: YearlyOutcomes | None = None,
    patients: ArrayLike | None = None,
    discounting: Discounting | None = None,
    **how: Any,
) -> AgreementComparison:
    """Set an option at list price beside the same option under each agreement.

    Effects, and so severity and the limit, are the same throughout: an agreement moves costs
    and, where what is paid follows what is gained, uncertainty.

    Parameters
    ----------
    outcomes
        A run at list price, two draws or more, costs by category.
    severity, rules
        As for :func:`prioritering.decision.assess`.
    reference, option
        Standard treatment, and the one the agreements are about; ``option`` may be left out
        when the run has two strategies.
    agreements
        By name, which a report prints; a name must not tell what is secret.
    yearly
        Undiscounted yearly costs of the same draws, for budgets and agreements over time.
    patients
        Patients who get the option instead of the reference, by calendar year of their start.
    discounting
        Of costs; by default the guideline's.
    **how
        What else :func:`prioritering.decision.assess` takes, such as ``criteria``.

    Raises
    ------
    ResultError
        No agreement, something else than an agreement, a name taken by the list price, a run
        that is under an agreement already, or what an agreement or the assessment refuses.
    UnknownNameError
        A strategy, category or resource that does not exist.
    """
    _check(agreements)
    _check_list_price(outcomes)
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    start = priced(
        outcomes,
        option=option,
        discounting=discounting or rules.discounting,
        yearly=yearly,
        patients=patients,
    )

    def result(name: str, agreement: Agreement | None) -> AgreementResult:
        after = start if agreement is None else agreement.applied_to(start)
        decision = assess(
            after.outcomes, severity, rules, reference=reference, option=option, **how
        )
        counts = after.patients
        return AgreementResult(
            name=name,
            agreement=agreement,
            priced=after,
            decision=decision,
            budget=_budget(after, reference),
            hours_by_year=None if counts is None else after.hours * counts,
            timing=_timing(agreement, decision, after),
        )

    results = [result(LIST_PRICE, None), *(result(n, a) for n, a in agreements.items())]
    return AgreementComparison(tuple(results), reference, option, _provenance(results))


def _provenance(results: Sequence[AgreementResult]) -> dict[str, Any]:
    """Provenance of the list price, marked where a figure beside it is secret."""
    found = [r.decision.provenance for r in results]
    return {**found[0], **secrecy(*found)}


def _check_list_price(outcomes: Outcomes) -> None:
    found = getattr(outcomes, "provenance", {}).get(AGREEMENTS)
    if found:
        raise ResultError(
            "the run is under an agreement already",
            expected="a run at list price",
            found=", ".join(found),
            remedy="Combine agreements with first.then(second), and give the run of the model.",
        )


def _check(agreements: Mapping[str, Agreement]) -> None:
    if not agreements or LIST_PRICE in agreements:
        raise ResultError(
            "no agreements to compare"
            if not agreements
            else "an agreement named as the list price",
            expected=f"agreements by name, none of them {LIST_PRICE!r}",
            found=", ".join(map(repr, agreements)) or "none",
        )
    for name, agreement in agreements.items():
        if not isinstance(agreement, Agreement):
            raise ResultError(
                "not an agreement",
                expected="such as FlatDiscount(0.25, 'drug')",
                found=repr(agreement),
                where={"agreement": repr(name)},
            )


def _budget(after: Priced, reference: str) -> Floats | None:
    if after.yearly is None or after.patients is None:
        return None
    replaced = after.yearly.cost[after.yearly.index(reference)]
    return np.asarray(after.spend() - by_calendar_year(replaced, after.patients))


def _timing(
    agreement: Agreement | None, decision: Decision, after: Priced
) -> AdoptionTiming | None:
    parts = () if agreement is None or after.patients is None else tuple(agreement.parts())
    for part in parts:
        if isinstance(part, TemporaryAdoption) and after.patients is not None:
            timing = part.timing(
                decision.net_benefit, patients=after.patients, discounting=after.discounting
            )
            return replace(timing, provenance={**decision.provenance, **timing.provenance})
    return None
