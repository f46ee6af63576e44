"""The impact inventory: which consequence each cost is, who bears it, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.arrays import refuse_nan
from prioritering.decision.given import array_of
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline, Perspective
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

Floats = NDArray[np.float64]
InformalCare = Literal["cost", "qaly"]


@dataclass(frozen=True)
class Row:
    """What a cost category is.

    Attributes
    ----------
    consequence
        Key of a row of the guideline's inventory, for example ``"intervention_cost"``.
    level
        Who bears the cost: a level of care or a payer of the guideline, for example
        ``"specialist"``, ``"municipal"``, ``"national_insurance"``, ``"patient"``, ``"other"``.
    """

    consequence: str
    level: str


@dataclass(frozen=True, repr=False, eq=False)
class Inventory(Frozen):
    """What an analysis holds, in the terms of the guideline's impact inventory.

    Attributes
    ----------
    rows
        Consequence and level of every cost category.
    in_qalys
        Consequences that the QALYs of the run hold besides the patient's own, each with how.
    left_out
        Consequences that are left out, each with the reason.
    carers
        Carers' own QALYs, for the separate analysis: an array (strategy, draw) in the order of
        the run's strategies, or the outcomes of a run with carers' utilities.
    count_informal_care_as
        ``"cost"`` or ``"qaly"``: which of the two is counted where both are given.
    societal_case
        Key of the kind of case that allows a societal analysis, if it is one.

    Raises
    ------
    ResultError
        A consequence left out or put into the QALYs without a word on why or how; informal care
        to be counted in carers' QALYs that are not given.
    """

    rows: Mapping[str, Row]
    in_qalys: Mapping[str, str]
    left_out: Mapping[str, str]
    carers: Floats | Outcomes | None
    count_informal_care_as: InformalCare | None
    societal_case: str | None

    def __init__(
        self,
        rows: Mapping[str, Row],
        *,
        in_qalys: Mapping[str, str] | None = None,
        left_out: Mapping[str, str] | None = None,
        carers: ArrayLike | Outcomes | None = None,
        count_informal_care_as: InformalCare | None = None,
        societal_case: str | None = None,
    ) -> None:
        words = (None, *get_args(InformalCare))
        if count_informal_care_as not in words:
            raise unknown_name("way to count informal care", count_informal_care_as, words[1:])
        if count_informal_care_as == "qaly" and carers is None:
            raise ResultError(
                "informal care to be counted in carers' QALYs that are not given",
                expected="carers=...",
                found=None,
            )
        given = carers is None or isinstance(carers, Outcomes)
        values = {
            "rows": dict(rows),
            "in_qalys": _reasons(in_qalys, "how it is in the QALYs"),
            "left_out": _reasons(left_out, "why it is left out"),
            "carers": carers if given else _carers_array(carers),
            "count_informal_care_as": count_informal_care_as,
            "societal_case": societal_case,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self.__post_init__()

    def check(self, outcomes: Outcomes | YearlyOutcomes, rules: Guideline) -> Perspective:
        """Hold the inventory against a run and the guideline, and return the guideline's.

        Raises
        ------
        UnknownNameError
            A cost category, consequence, level or kind of case that does not exist.
        ResultError
            Something else than a run, a category without a row, a cost under a consequence counted
            in QALYs, a consequence both included and left out, or carers' QALYs that do not fit the
            run.
        GuidelineError
            No inventory in force on the day of the rules.
        """
        _check_run(outcomes)
        perspective = rules.perspective
        _check_rows(self, outcomes, perspective)
        _check_reasons(self, perspective)
        _carers(self, outcomes)
        if self.societal_case is not None:
            known = [case.key for case in perspective.societal_analysis_for]
            if self.societal_case not in known:
                raise unknown_name("case for a societal analysis", self.societal_case, known)
        return perspective

    def carers_qalys(self, outcomes: Outcomes | YearlyOutcomes) -> Floats | None:
        """Carers' QALYs in the order of a run's strategies, shape (strategy, draw).

        ``None`` if there are none, or informal care is counted as a cost instead.

        Raises
        ------
        ResultError
            Another shape or number of draws than the run's.
        """
        return None if self.count_informal_care_as == "cost" else _carers(self, outcomes)

    def __repr__(self) -> str:
        return (
            f"Inventory({len(self.rows)} cost categories, {len(self.left_out)} consequences "
            f"left out, {'no ' if self.carers is None else ''}carers' QALYs)"
        )


def _carers_array(carers: Any) -> Floats:
    return np.atleast_2d(array_of("carers' QALYs", carers, expected="shape (strategy, draw)"))


def _reasons(given: Mapping[str, str] | None, what: str) -> dict[str, str]:
    for key, text in (given or {}).items():
        if not (isinstance(text, str) and text.strip()):
            raise ResultError(
                f"consequence {key!r} without a reason", expected=f"words on {what}", found=text
            )
    return dict(given or {})


def _check_run(outcomes: object) -> None:
    if not isinstance(outcomes, Outcomes | YearlyOutcomes):
        raise ResultError(
            "outcomes of the wrong kind",
            expected="Outcomes or YearlyOutcomes",
            found=type(outcomes).__name__,
            remedy="Give the result of model.run(...) or model.run_by_year(...).",
        )


def _check_rows(
    inventory: Inventory, outcomes: Outcomes | YearlyOutcomes, perspective: Perspective
) -> None:
    for category, row in inventory.rows.items():
        if category not in outcomes.cost_categories:
            raise unknown_name("cost category", category, outcomes.cost_categories)
        where = {"category": repr(category)}
        if not isinstance(row, Row):
            raise ResultError(
                "not a row of the inventory",
                expected="Row(consequence, level=...)",
                found=repr(row),
                where=where,
            )
        consequence = perspective.consequence(row.consequence)
        perspective.level(row.level)
        if consequence.measure != "cost":
            raise ResultError(
                "a cost under a consequence that is counted in QALYs",
                expected="a consequence counted in money",
                found=row.consequence,
                where=where,
            )
    missing = [c for c in outcomes.cost_categories if c not in inventory.rows]
    if missing:
        raise ResultError(
            "cost categories without a row in the inventory",
            expected="a consequence and level for each category of the run",
            found=", ".join(map(repr, missing)),
            remedy="Add them: Inventory({category: Row(consequence, level=...)}).",
        )


def _check_reasons(inventory: Inventory, perspective: Perspective) -> None:
    included = {row.consequence for row in inventory.rows.values()} | set(inventory.in_qalys)
    for key in (*inventory.in_qalys, *inventory.left_out):
        perspective.consequence(key)
    for key in inventory.in_qalys:
        if perspective.consequence(key).measure != "qaly":
            raise ResultError(
                "a consequence counted in money said to be in the QALYs",
                expected="a consequence counted in QALYs",
                found=key,
            )
    twice = sorted(included & set(inventory.left_out))
    if twice:
        raise ResultError(
            "a consequence both included and left out", expected="one of them", found=twice
        )


def _carers(inventory: Inventory, outcomes: Outcomes | YearlyOutcomes) -> Floats | None:
    carers = inventory.carers
    if carers is None:
        return None
    if isinstance(carers, Outcomes):
        unknown = set(outcomes.strategies) ^ set(carers.strategies)
        if unknown:
            raise ResultError(
                "the carers' run has other strategies",
                expected=outcomes.strategies,
                found=carers.strategies,
            )
        carers = carers.qaly[[carers.index(name) for name in outcomes.strategies]]
    shape = (len(outcomes.strategies), outcomes.n_draws)
    if carers.shape != shape:
        raise ResultError(
            "carers' QALYs do not fit the run",
            expected=f"shape (strategy, draw) {shape}",
            found=carers.shape,
            remedy="Use the draws of the run for the carers' QALYs too.",
        )
    refuse_nan("the array of carers' QALYs", carers, outcomes.strategies)
    return carers
