"""The one page a decision is made from: every criterion with its number, source and standing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from prioritering.decision.agreements import AgreementComparison, Priced
from prioritering.decision.budget.impact import BudgetImpact
from prioritering.decision.budget.opportunity_cost import DisplacedHealth
from prioritering.decision.budget.personnel import Personnel
from prioritering.decision.page.checks import check, check_net_budget, texts
from prioritering.decision.page.material import Cell, Material, PageRow
from prioritering.decision.page.net import NetPrice, net_price, say
from prioritering.decision.page.rows import page_rows
from prioritering.decision.perspective.filled import ImpactInventory
from prioritering.decision.perspective.views import Perspectives
from prioritering.decision.price.result import PriceAnalysis
from prioritering.decision.publication import (
    CONFIDENTIAL,
    PublicView,
    public_view,
    refuse_confidential,
)
from prioritering.decision.routes import SmallGroup
from prioritering.decision.uncertainty.assess import assess
from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline
from prioritering.outcomes import Outcomes
from prioritering.severity import Severity
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

PageView = Literal["public", "confidential"]

NET_PRICE = "net prices, from which discounts can be worked back"
"""Why a page with net prices is confidential."""

_SECRET = Cell(standing="not published")
_MOVED = frozenset(
    {
        "incremental_cost", "icer", "cost_per_life_year", "probability_cost_effective",
        "loss_of_wrong_yes", "loss_of_wrong_no", "decision_index", "documentation_index",
        "scenario", "too_close", "current_price", "agreed_discount", "net_growth", "limit_growth",
        "passed_in", "passing", "qalys_displaced", "qalys_net",
    }
)  # fmt: skip
"""Rows that move with the price."""


@dataclass(frozen=True, repr=False, eq=False)
class DecisionPage(Frozen, Shown):
    """One page for a decision. It reports; what to decide is not its word.

    Attributes
    ----------
    title
        What it is about.
    view
        ``"public"`` or ``"confidential"``.
    rows
        In the order of the page.
    decision
        What the figure shows: at the net price in a confidential view that has one, else at
        the prices of the run.
    has_net
        Whether rows that move with the price say something of a net price.
    publication
        What the public view says and refuses; ``None`` in the confidential view.
    guideline, as_of
        Rules behind the page, and their day.
    provenance
        Of the run; with the mark of what is confidential where it is.
    """

    title: str
    view: PageView
    rows: tuple[PageRow, ...]
    decision: Decision
    has_net: bool
    publication: PublicView | None
    guideline: str
    as_of: str
    provenance: Mapping[str, Any]

    @property
    def confidential(self) -> str:
        """Why the page is confidential; empty in the public view."""
        return str(self.provenance.get(CONFIDENTIAL, ""))

    @property
    def not_stated(self) -> tuple[str, ...]:
        """Names of the rows nothing was given for."""
        return tuple(row.name for row in self.rows if row.cell.standing == "not stated")

    @property
    def not_published(self) -> tuple[str, ...]:
        """Names of the rows whose number, at the net price or at all, is not published."""
        return tuple(
            row.name
            for row in self.rows
            if "not published" in (row.cell.standing, row.net.standing if row.net else "")
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the page as plain numbers and words."""
        return {
            "title": self.title,
            "view": self.view,
            "confidential": self.confidential,
            "guideline": self.guideline,
            "as_of": self.as_of,
            "n_draws": self.decision.n_draws,
            "rows": [asdict(row) for row in self.rows],
            "not_stated": list(self.not_stated),
            "not_published": list(self.not_published),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per number, unrounded; what has none is ``<NA>``."""
        import pandas as pd

        frame = pd.DataFrame([_flat(row) for row in self.rows])
        return frame.astype(dict.fromkeys(("value", "se", "net_value", "net_se"), "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the page."""
        from prioritering.report.page import page_table

        return page_table(self, language=language)

    def text(self, language: str = "en") -> str:
        """Write the page as plain text in markdown."""
        from prioritering.report.page import page_text

        return page_text(self, language=language)

    def html(self, language: str = "en") -> str:
        """Write the page as HTML to print on one sheet of A4, the figure inside it."""
        from prioritering.report.page import page_html

        return page_html(self, language=language)

    def __repr__(self) -> str:
        return (
            f"DecisionPage({self.title!r}, {self.view}: {len(self.rows)} rows, "
            f"{len(self.not_stated)} not stated, {len(self.not_published)} not published)"
        )


def decision_page(
    *,
    title: str,
    outcomes: Outcomes,
    decision: Decision,
    severity: Severity,
    rules: Guideline,
    patients: str = "",
    price: PriceAnalysis | None = None,
    budget: BudgetImpact | None = None,
    opportunity_cost: DisplacedHealth | None = None,
    personnel: Personnel | None = None,
    perspective: Perspectives | None = None,
    inventory: ImpactInventory | None = None,
    agreements: AgreementComparison | None = None,
    small_group: SmallGroup | None = None,
    documentation: DocumentationJudgement | None = None,
    assumptions: Iterable[str] = (),
    sources: Iterable[str] = (),
    net: Priced | None = None,
    net_budget: BudgetImpact | None = None,
    view: PageView = "public",
) -> DecisionPage:
    """Write the one page a decision is made from.

    What was not given is listed as not stated. In the public view every number at the prices
    of ``outcomes`` is published, and at the net price only answers that leave the net price
    open, whichever answer is the true one: on which side of the limit cost per QALY lies, the
    combination of the two uncertainties, whether the authority limit is passed, and whether
    the probability of being cost-effective is a half or more.

    Parameters
    ----------
    title
        What the page is about.
    outcomes, decision, severity, rules
        A run with costs by category, what :func:`assess` says of it, and what stands behind.
    patients
        For whom, in words.
    price, budget, opportunity_cost, personnel, perspective, inventory, agreements, small_group
        Results of the same comparison, each left out if there is none.
    documentation
        Judgement of the evidence; by default the one the decision holds.
    assumptions, sources
        In words, one text each.
    net
        The same run under a price agreement, from ``agreement.apply(outcomes, ...)``; always
        taken to be secret.
    net_budget
        Budget impact at the net price, with the same patients as ``budget``.
    view
        ``"public"`` or ``"confidential"``, with both prices side by side and marked.

    Raises
    ------
    ConfidentialError
        A public view of outcomes, or of a decision, that rest on a secret price.
    ResultError
        Results of other runs or comparisons, no title, or a net price not below the maximum.
    UnknownNameError
        A view that does not exist.
    """
    if view not in get_args(PageView):
        raise unknown_name("view", view, get_args(PageView))
    given = Material(
        outcomes, decision, severity, rules, patients, price, budget, opportunity_cost,
        personnel, perspective, inventory, agreements, small_group,
        documentation or (decision.documentation.detail if decision.documentation else None),
        texts("assumptions", assumptions), texts("sources", sources),
        None if net is None else 1.0,
    )  # fmt: skip
    check(title, given)
    check_net_budget(given, net, net_budget)
    secret = None if net is None else net_price(outcomes, net, decision, rules)
    if view == "public":
        return _public(title, given, secret, net_budget)
    return _confidential(title, given, secret, net, net_budget)


def _public(
    title: str,
    given: Material,
    secret: NetPrice | None,
    net_budget: BudgetImpact | None,
) -> DecisionPage:
    """Rows as published; nothing of the net price stays in the page but the answers."""
    refuse_confidential("outcomes", given.outcomes.provenance)
    refuse_confidential("decision", given.decision.provenance)
    view, rows = public_view(given.rules), []
    for row, provenance in page_rows(given):
        asked = view.ask(row.name, partial(_published, row=row, provenance=provenance))
        kept = len(asked.refused) > len(view.refused)
        rows.append(replace(row, cell=_SECRET) if kept else row)
        view = asked
    if secret is not None:
        view, answers = say(view, secret, budget=given.budget, net_budget=net_budget)
        rows = [_answered(row, answers, given.decision) for row in rows]
    return _page(title, given, given.decision, rows, view=view, net=secret is not None)


def _published(view: PublicView, *, row: PageRow, provenance: Mapping[str, Any]) -> PublicView:
    found = _cell(row.cell)
    text = found["words"] if row.cell.value is None else f"{row.cell.value:g}"
    rests_on = {**provenance, "origin": row.origin.status}
    return view.publish(row.name, text or row.cell.standing, rests_on)


def _answered(row: PageRow, answers: Mapping[str, str | None], decision: Decision) -> PageRow:
    """Put what is said at the net price beside a row that moves with the price."""
    if row.key not in _MOVED:
        return row
    answer = answers.get(row.key)
    if answer is None:
        return replace(row, net=_SECRET)
    if row.key != "scenario":
        return replace(row, net=Cell(words=(answer,)))
    names = {reading.key: reading.name for reading in decision.criteria.readings}
    return replace(row, net=Cell(text=names.get(answer, decision.name)))


def _confidential(
    title: str,
    given: Material,
    secret: NetPrice | None,
    net: Priced | None,
    net_budget: BudgetImpact | None,
) -> DecisionPage:
    """Rows at both prices."""
    rows = [row for row, _ in page_rows(given)]
    if secret is None or net is None:
        return _page(title, given, given.decision, rows, view=None, net=False)
    decision = given.decision
    at_net = assess(
        net.outcomes,
        given.severity,
        given.rules,
        reference=decision.reference,
        option=decision.option,
        criteria=decision.provenance.get("criteria_changed"),
        wtp_adjustment=decision.wtp_adjustment,
        documentation=decision.documentation.detail if decision.documentation else None,
    )
    there = replace(
        given,
        outcomes=net.outcomes,
        decision=at_net,
        budget=net_budget,
        opportunity_cost=_displaced(given, net),
        price=_net_price(given.price, secret),
        share=secret.share,
    )
    found = {(row.key, row.about): row.cell for row, _ in page_rows(there)}
    return _page(
        title,
        given,
        at_net,
        [
            replace(row, net=found.get((row.key, row.about), Cell(standing="not stated")))
            if row.key in _MOVED
            else row
            for row in rows
        ],
        view=None,
        net=True,
    )


def _displaced(given: Material, net: Priced) -> DisplacedHealth | None:
    """QALYs displaced at the net price: what is saved no longer displaces any."""
    found = given.opportunity_cost
    if found is None:
        return None
    option = given.outcomes.index(found.option)
    saved = given.outcomes.cost[option] - net.outcomes.cost[option]
    return replace(found, displaced=found.displaced - found.patients * saved / found.per_qaly)


def _net_price(price: PriceAnalysis | None, secret: NetPrice) -> PriceAnalysis | None:
    return (
        None if price is None else replace(price, current_price=secret.share * price.current_price)
    )


def _page(
    title: str,
    given: Material,
    decision: Decision,
    rows: list[PageRow],
    *,
    view: PublicView | None,
    net: bool,
) -> DecisionPage:
    provenance = dict(given.outcomes.provenance)
    if view is None:
        provenance.setdefault(CONFIDENTIAL, NET_PRICE)
    return DecisionPage(
        title=title,
        view="confidential" if view is None else "public",
        rows=tuple(rows),
        decision=decision,
        has_net=net,
        publication=view,
        guideline=given.rules.id,
        as_of=given.rules.as_of.isoformat(),
        provenance=provenance,
    )


def _flat(row: PageRow) -> dict[str, Any]:
    net = row.net or Cell()
    return {
        "section": row.section,
        "key": row.key,
        "about": "" if row.about is None else row.about.en,
        "unit": row.unit,
        **_cell(row.cell),
        **{f"net_{name}": value for name, value in _cell(net).items()},
        "source": row.origin.source,
        "date": row.origin.date,
        "status": row.origin.status,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    words = "; ".join([*cell.words, *([cell.text.en] if cell.text else [])])
    return {"value": cell.value, "se": cell.se, "words": words, "standing": cell.standing}
