"""One patient who differs from the group a no was said to: the same criteria, own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from prioritering.conventions import Discounting
from prioritering.decision.agreements import Agreement
from prioritering.decision.perspective.counted import check_one_view
from prioritering.decision.publication import CONFIDENTIAL
from prioritering.decision.routes.subgroups import Runner, Subgroup
from prioritering.decision.secrecy import secrecy
from prioritering.decision.uncertainty.assess import assess
from prioritering.decision.uncertainty.indices import Estimate
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.psa.inputs import chosen_option
from prioritering.severity import absolute_shortfall
from prioritering.shown import Shown
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class ExceptionalPatient(Frozen, Shown):
    """Benefit, resource use and severity of a patient, beside those of the group.

    Attributes
    ----------
    group, patient
        Ordinary assessments; everything in them holds for either.
    why
        What sets the patient apart, as stated.
    changes
        Parameters that are the patient's own.
    at_current_price
        Whether an agreement sets the price of both.
    """

    group: Decision
    patient: Decision
    why: str
    changes: Mapping[str, Any]
    at_current_price: bool

    @property
    def provenance(self) -> dict[str, Any]:
        """Of the group's assessment, marked if either rests on a secret price."""
        both = self.group.provenance, self.patient.provenance
        return {**both[0], **secrecy(*both)}

    @property
    def confidential(self) -> bool:
        """Whether either rests on a secret price."""
        return CONFIDENTIAL in self.provenance

    @property
    def figures(self) -> dict[str, tuple[Estimate, Estimate]]:
        """Group's and patient's figures, by name."""

        def both(name: str) -> tuple[Estimate, Estimate]:
            return getattr(self.group, name), getattr(self.patient, name)

        return {
            "incremental_qaly": both("mean_incremental_qaly"),
            "incremental_cost": both("mean_incremental_cost"),
            "net_benefit": both("mean_net_benefit"),
            "probability_cost_effective": both("probability_cost_effective"),
        }

    def to_frame(self) -> pd.DataFrame:
        """Long table: who ("group", "patient"), quantity, value, se."""
        import pandas as pd

        rows: list[tuple[str, str, float | None, float | None]] = []
        for who, decision in (("group", self.group), ("patient", self.patient)):
            point = decision.severity.expected
            rows.append((who, "absolute_shortfall", point.shortfall_rounded, None))
            rows.append((who, "severity_class", point.severity_class, None))
            rows.append((who, "limit", decision.wtp, None))
            rows.append((who, "icer", decision.icer, decision.icer_se))
        for quantity, pair in self.figures.items():
            for who, e in zip(("group", "patient"), pair, strict=True):
                rows.append((who, quantity, e.value, e.se))
        frame = pd.DataFrame(rows, columns=["who", "quantity", "value", "se"])
        return frame.astype({"value": "Float64", "se": "Float64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables.routes import exceptional_patient_table

        return exceptional_patient_table(self, language=language)

    def __repr__(self) -> str:
        return f"ExceptionalPatient({self.why!r}: {self.patient!r})"


def exceptional_patient(
    group: Subgroup,
    patient: Subgroup,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    why: str,
    model: Runner | None = None,
    draws: Draws | None = None,
    price: Agreement | None = None,
    yearly: tuple[YearlyOutcomes, YearlyOutcomes] | None = None,
    discounting: Discounting | None = None,
    **how: Any,
) -> ExceptionalPatient:
    """Assess one patient by the same model and criteria as the group, at the current price.

    Parameters
    ----------
    group, patient
        What each is run on, or ready results; both with an age.
    rules
        Guideline in force.
    reference, option
        The two strategies; ``option`` may be left out when the runs have no other.
    why
        What makes the patient differ from the group the decision was about.
    model, draws
        What runs, and on what, for those without ready results.
    price
        The agreement that sets the current price of both; list price if left out.
    yearly
        Yearly costs of group and patient, for a price that needs them.
    discounting
        Of costs; by default the guideline's.
    **how
        What else :func:`prioritering.decision.assess` takes.

    Raises
    ------
    ResultError
        No reason or no age, nothing to run, runs in different perspectives, or what the assessment
        refuses.
    UnknownNameError
        A strategy or parameter that does not exist.
    """
    if not isinstance(why, str) or not why.strip():
        raise ResultError(
            "no reason why the patient differs from the group",
            expected="a sentence that a reader can judge",
            found=repr(why),
        )

    def decide(who: str, subject: Subgroup, years: YearlyOutcomes | None) -> Decision:
        out = subject.run(model, draws, rules)
        new = chosen_option(out.strategies, reference=reference, option=option)
        age = _age(who, subject)
        severity = absolute_shortfall(
            out[reference], age=age, rules=rules, population=subject.population
        )
        here = _at_price(out, price, new, discounting or rules.discounting, years)
        return assess(here, severity, rules, reference=reference, option=new, **how)

    both = yearly or (None, None)
    decisions = {
        "group": decide("group", group, both[0]),
        "patient": decide("patient", patient, both[1]),
    }
    check_one_view({who: decision.provenance for who, decision in decisions.items()})
    return ExceptionalPatient(
        **decisions,
        why=why.strip(),
        changes=dict(patient.values),
        at_current_price=price is not None,
    )


def _age(who: str, subject: Subgroup) -> float:
    if subject.age is None:
        raise ResultError(
            "no age to count severity from",
            expected="Subgroup(..., age=...)",
            found="None",
            where={"of": who},
        )
    return subject.age


def _at_price(
    outcomes: Outcomes,
    price: Agreement | None,
    option: str,
    discounting: Discounting,
    yearly: YearlyOutcomes | None,
) -> Outcomes:
    if price is None:
        return outcomes
    found = price.apply(outcomes, option=option, discounting=discounting, yearly=yearly).outcomes
    if not price.confidential:
        return found
    mark = secrecy(found.provenance, {CONFIDENTIAL: "the price under agreement"})
    return replace(found, provenance={**found.provenance, **mark})
