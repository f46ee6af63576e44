"""What perfect information would be worth to all patients of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.conventions import discounting_text
from prioritering.report.labels import label
from prioritering.report.numbers import currency_of, money_decimals, number, with_error
from prioritering.report.tables._cells import build

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.dossier.case_run import CaseRun


def population_evpi_table(case_run: CaseRun, *, language: str = "en") -> pd.DataFrame | None:
    """Patients the decision is for, and the value of perfect information to all of them.

    ``None`` when the run has no draws or the case does not say how many patients there are.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    total, spec = case_run.population_evpi, case_run.case.spec.decision
    if total is None or case_run.psa is None:
        return None
    origin, value = case_run.base.provenance, float(total.value)
    rows = {
        "patients_per_year": number(spec.patients_per_year, language=language),
        "years": number(spec.years, language=language),
        "patients": number(total.patients, language=language),
        "value": with_error(
            value, float(total.se), decimals=money_decimals([value]), language=language
        ),
    }
    currency = currency_of(origin, None)
    discounting = discounting_text(origin["discounting_costs"], language)
    return build(
        {label("column.value", language): list(rows.values())},
        index=[label(f"population_evpi.{key}", language, currency=currency) for key in rows],
        index_name=label("column.quantity", language),
        notes=[
            label("population_evpi.discounted", language, text=discounting),
            label("note.many_draws", language, n=number(case_run.psa.n_draws, language=language)),
        ],
    )
