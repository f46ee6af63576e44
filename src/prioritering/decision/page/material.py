"""What a page is written from, and what its rows are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from prioritering.decision.agreements import AgreementComparison
from prioritering.decision.budget.impact import BudgetImpact
from prioritering.decision.budget.opportunity_cost import DisplacedHealth
from prioritering.decision.budget.personnel import Personnel
from prioritering.decision.perspective.filled import ImpactInventory
from prioritering.decision.perspective.views import Perspectives
from prioritering.decision.price.result import PriceAnalysis
from prioritering.decision.routes import SmallGroup
from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.decision.uncertainty.result import Decision
from prioritering.guidelines import Guideline, Label
from prioritering.outcomes import Outcomes
from prioritering.severity import Severity

Section = Literal[
    "comparison", "benefit", "resources", "severity", "limit", "uncertainty", "price", "budget",
    "opportunity_cost", "personnel", "perspective", "route", "assumptions", "sources",
]  # fmt: skip
Standing = Literal["stated", "not stated", "not published"]
Status = Literal["law", "secondary", "choice", "user", "computed", "stated", "assumption"]
Unit = Literal[
    "words", "QALYs", "years", "amount", "amount per QALY", "amount per life year", "share",
    "multiple", "hours", "class", "year", "patients", "price",
]  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Where a row comes from.

    Attributes
    ----------
    source
        Document and place in it, or what the number was computed from.
    date
        Day the rule came into force, ISO; empty for what is no rule.
    status
        As of a rule; ``"computed"`` from the run; ``"stated"`` by the analyst, or an
        ``"assumption"``.
    """

    source: str
    date: str
    status: Status


@dataclass(frozen=True)
class Cell:
    """A number or word of the page.

    Attributes
    ----------
    value, se
        Unrounded, and its Monte Carlo standard error; ``None`` where there is none.
    words
        Keys of words for a report.
    text
        Words as they are.
    standing
        Whether it is stated, not stated, or kept from the public view.
    """

    value: float | None = None
    se: float | None = None
    words: tuple[str, ...] = ()
    text: Label | None = None
    standing: Standing = "stated"


@dataclass(frozen=True)
class PageRow:
    """A row of the page.

    Attributes
    ----------
    section, key
        Criterion, and what of it. Rows of one key differ in ``about``.
    about
        Year, class, profession or name the number is about.
    unit
        Of the number.
    cell
        At the prices of the run: the maximum price where there is a net price too.
    net
        At the net price; ``None`` where the row does not rest on the price or no net price
        was given.
    origin
        Source, date and status.
    """

    section: Section
    key: str
    unit: Unit
    cell: Cell
    origin: Origin
    about: Label | None = None
    net: Cell | None = None

    @property
    def name(self) -> str:
        """Key and what it is about, in one word."""
        return self.key if self.about is None else f"{self.key}[{self.about.en}]"


@dataclass(frozen=True)
class Material:
    """What a page is written from, as :func:`decision_page` takes it."""

    outcomes: Outcomes
    decision: Decision
    severity: Severity
    rules: Guideline
    patients: str
    price: PriceAnalysis | None
    budget: BudgetImpact | None
    opportunity_cost: DisplacedHealth | None
    personnel: Personnel | None
    perspective: Perspectives | None
    inventory: ImpactInventory | None
    agreements: AgreementComparison | None
    small_group: SmallGroup | None
    documentation: DocumentationJudgement | None
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]
    share: float | None = None
    """Price of the run as a share of the maximum price, where there is a net price too."""


Draft = tuple[PageRow, Mapping[str, Any]]
"""A row, and the provenance of the result it is taken from."""

ASSUMED = "assumption"
"""Stands as the source of what has none."""

PRICE_SOURCE = "price_source"
"""Key of a price analysis's provenance: where the price itself comes from."""

PATIENTS_SOURCE = "patients_source"
"""Key of a small group's provenance: where its numbers of patients come from."""

NOT_STATED = Cell(standing="not stated")
