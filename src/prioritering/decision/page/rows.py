"""The rows of the page of a decision: one number or word each, with where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

from prioritering.cea import compare, mean_se
from prioritering.decision.agreements import LIST_PRICE
from prioritering.decision.means import Mean
from prioritering.decision.page.material import (
    ASSUMED,
    NOT_STATED,
    PATIENTS_SOURCE,
    PRICE_SOURCE,
    Cell,
    Draft,
    Material,
    Origin,
    PageRow,
    Section,
    Status,
    Unit,
)
from prioritering.decision.uncertainty.indices import Estimate
from prioritering.guidelines import Label

_GUIDING = Label("guiding number", "veiledende tall")
_STATED, _ASSUMED = Origin("", "", "stated"), Origin("", "", "assumption")


def page_rows(given: Material) -> list[Draft]:
    """Every row in the order of the page."""
    return sorted(_drafts(given), key=lambda draft: get_args(Section).index(draft[0].section))


def _drafts(given: Material) -> Iterator[Draft]:
    yield from _of_outcomes(given)
    parts = (
        (given.severity, _severity(given)),
        (given.decision, _limit(given)),
        (given.decision, _uncertainty(given)),
        (given.price or given.outcomes, _price(given)),
        (given.budget or given.outcomes, _budget(given)),
        (given.opportunity_cost or given.outcomes, _opportunity_cost(given)),
        (given.personnel or given.outcomes, _personnel(given)),
        (given.inventory or given.perspective or given.outcomes, _perspective(given)),
        (given.small_group or given.outcomes, _route(given)),
    )
    for result, rows in parts:
        yield from ((row, result.provenance) for row in rows)
    yield from _agreements(given)
    for section in ("assumptions", "sources"):
        yield from ((row, {}) for row in _listed(section, getattr(given, section)))


def _of_outcomes(given: Material) -> Iterator[Draft]:
    decision = given.decision
    words = {
        "option": decision.option,
        "reference": decision.reference,
        "patients": given.patients,
    }
    for key, text in words.items():
        yield PageRow("comparison", key, "words", _text(text), _STATED), {}
    run = _computed(given)
    pairwise = compare(given.outcomes, reference=decision.reference).pairwise
    row = next(r for r in pairwise if r.strategy == decision.option)
    years = Cell(row.incremental_life_years, row.incremental_life_years_se)
    per_year = Cell(row.cost_per_life_year, row.cost_per_life_year_se, _word(row.life_year_status))
    lacking = row.incremental_life_years is None
    icer = Cell(decision.icer, decision.icer_se, (decision.status,))
    rows = (
        PageRow("benefit", "incremental_qaly", "QALYs", _e(decision.mean_incremental_qaly), run),
        PageRow("benefit", "life_years", "years", NOT_STATED if lacking else years, run),
        PageRow("resources", "incremental_cost", "amount", _e(decision.mean_incremental_cost), run),
        PageRow("resources", "icer", "amount per QALY", icer, run),
        PageRow(
            "resources",
            "cost_per_life_year",
            "amount per life year",
            NOT_STATED if lacking else per_year,
            run,
        ),
    )
    yield from ((row, given.outcomes.provenance) for row in rows)


def _severity(given: Material) -> Iterator[PageRow]:
    severity, point = given.severity, given.severity.expected
    people = severity.population
    status: Status = "secondary" if people.second_hand else "computed"
    classes = _rule(given, "severity")
    shortfall = Cell(point.shortfall_rounded, mean_se(severity.shortfall))
    yield PageRow("severity", "shortfall", "QALYs", shortfall, Origin(people.source, "", status))
    yield PageRow("severity", "severity_class", "class", Cell(point.severity_class), classes)
    yield PageRow("severity", "reference_wtp", "amount per QALY", Cell(point.wtp), classes)
    for number, share in severity.probability_of_class.items():
        if share > 0 and severity.n_draws > 1:
            cell = Cell(share, severity.probability_of_class_se[number])
            yield PageRow("severity", "class_probability", "share", cell, classes, _same(number))


def _limit(given: Material) -> Iterator[PageRow]:
    decision = given.decision
    origin = _rule(given, "severity")
    yield PageRow("limit", "limit", "amount per QALY", Cell(decision.wtp), origin)
    if decision.wtp_adjustment:
        cell = Cell(decision.wtp_adjustment)
        yield PageRow("limit", "limit_adjustment", "amount per QALY", cell, _ASSUMED)


def _uncertainty(given: Material) -> Iterator[PageRow]:
    decision, run = given.decision, _computed(given)
    cutoffs = _rule(given, "decision_uncertainty")
    likely = _e(decision.probability_cost_effective)
    yield PageRow("uncertainty", "probability_cost_effective", "share", likely, run)
    for key in ("loss_of_wrong_yes", "loss_of_wrong_no"):
        yield PageRow("uncertainty", key, "amount", _e(getattr(decision, key).amount), run)
    for key, unit in (("decision_index", "share"), ("documentation_index", "multiple")):
        index = getattr(decision, key)
        cell = Cell(index.value, index.se, (index.level,))
        yield PageRow("uncertainty", key, unit, cell, cutoffs)  # type: ignore[arg-type]
    yield from _documentation(given)
    yield PageRow("uncertainty", "scenario", "words", Cell(text=decision.name), cutoffs)
    close = Cell(words=decision.too_close or ("none",))
    yield PageRow("uncertainty", "too_close", "words", close, run)


def _documentation(given: Material) -> Iterator[PageRow]:
    judged = given.documentation
    if judged is None:
        cell, origin = NOT_STATED, _STATED
    else:
        least = ("at least",) if judged.at_least else ()
        cell = Cell(words=(*least, f"{judged.concern} concern"))
        origin = _rule(given, "documentation_judgement")
    yield PageRow("uncertainty", "judgement", "words", cell, origin)


def _price(given: Material) -> Iterator[PageRow]:
    price, run = given.price, _computed(given)
    if given.share is not None:
        agreed = Cell(1.0 - given.share) if given.share < 1.0 else Cell(words=("no_agreement",))
        yield PageRow("price", "agreed_discount", "share", agreed, _STATED)
    if price is None or price.own is None:
        yield PageRow("price", "price", "words", NOT_STATED, _STATED)
        return
    own, unit = price.own, _same(price.price_unit)
    stated = _stated([price.provenance.get(PRICE_SOURCE, "")])
    yield PageRow("price", "current_price", "price", Cell(price.current_price), stated, unit)
    found = own.price.value if own.bound in ("at most", "at least") else None
    highest = Cell(found, own.price.se if found is not None else None, (own.bound,))
    yield PageRow("price", "price_at_limit", "price", highest, run, unit)
    if own.discount is not None:
        needed = Cell(own.discount) if own.discount > 0 else Cell(words=("no_discount",))
        yield PageRow("price", "required_discount", "share", needed, run)


def _budget(given: Material) -> Iterator[PageRow]:
    budget = given.budget
    if budget is None:
        yield PageRow("budget", "budget", "words", NOT_STATED, _STATED)
        return
    run, rule = _computed(given), _rule(given, "authority_limit")
    for year, mean in zip(budget.years, budget.means("net"), strict=True):
        yield PageRow("budget", "net_growth", "amount", _e(mean), run, _same(year))
    check = budget.limit
    for year, mean in zip(check.years, check.expected, strict=True):
        yield PageRow("budget", "limit_growth", "amount", _e(mean), run, _same(year))
    limit = Cell(check.nok, words=tuple(f"counts {group}" for group in check.groups))
    yield PageRow("budget", "authority_limit", "amount", limit, rule)
    passed = Cell(words=("not_passed",)) if check.passed_in is None else Cell(check.passed_in)
    yield PageRow("budget", "passed_in", "year", passed, run)
    if check.probability_any is not None:
        yield PageRow("budget", "passing", "share", _e(check.probability_any), run)


def _opportunity_cost(given: Material) -> Iterator[PageRow]:
    found = given.opportunity_cost
    if found is None:
        yield PageRow("opportunity_cost", "opportunity_cost", "words", NOT_STATED, _STATED)
        return
    run, rule = _computed(given), _rule(given, "opportunity_cost")
    at_rule = replace(rule, status="computed")
    for key, mean in found.means().items():
        origin = run if key == "gained" else at_rule
        yield PageRow("opportunity_cost", f"qalys_{key}", "QALYs", _e(mean), origin)


def _personnel(given: Material) -> Iterator[PageRow]:
    found = given.personnel
    if found is None:
        yield PageRow("personnel", "personnel", "words", NOT_STATED, _STATED)
        return
    stated = _stated(source for texts in found.sources.values() for source in texts)
    for i, group in enumerate(found.staff):
        who = Label(f"{group.profession}, {group.level_name.en}",
                    f"{group.profession}, {group.level_name.no}")  # fmt: skip
        cell = _e(found.patient_means(i)["net"])
        yield PageRow("personnel", "hours_per_patient", "hours", cell, stated, who)
    if found.with_decision is not None:
        for year, mean in zip(found.years, found.means("net"), strict=True):
            row = PageRow("personnel", "hours_per_year", "hours", _e(mean), stated, _same(year))
            yield row


def _perspective(given: Material) -> Iterator[PageRow]:
    rule = _rule(given, "perspective")
    record = given.outcomes.provenance.get("perspective")
    key = record["view"] if record else given.perspective.default if given.perspective else None
    cell = NOT_STATED if key is None else Cell(text=given.rules.perspective.view(key))
    yield PageRow("perspective", "perspective", "words", cell, rule)
    if given.inventory is None:
        yield PageRow("perspective", "left_out", "words", NOT_STATED, _STATED)
        return
    view = key or given.rules.perspective.default
    counted = [row for row in given.inventory.rows if row.counted(view)]
    for name, standing in (("left_out", "left out"), ("silent", "not stated")):
        for row in counted:
            if row.standing == standing:
                reason = Cell(text=_same(row.text)) if row.text else NOT_STATED
                yield PageRow("perspective", name, "words", reason, rule, row.consequence)


def _route(given: Material) -> Iterator[PageRow]:
    if given.small_group is None:
        return
    rule, run = _rule(given, "small_groups"), _computed(given)
    stated = _stated([given.small_group.provenance.get(PATIENTS_SOURCE, "")])
    for c in given.small_group.criteria:
        key = f"criterion_{c.key}"
        cell = NOT_STATED if c.value is None else Cell(c.value, c.se, (c.standing,))
        computed = c.key in ("absolute_shortfall", "expected_gain")
        unit: Unit = "QALYs" if computed else "patients"
        yield PageRow("route", key, unit, cell, run if computed else stated)
        bound = Cell(c.bound, words=("under about" if c.below else "at least about",))
        yield PageRow("route", key, unit, bound, rule, _GUIDING)


def _agreements(given: Material) -> Iterator[Draft]:
    """Cost per QALY under each agreement; secret ones carry their mark."""
    for result in given.agreements.results if given.agreements else ():
        if result.name != LIST_PRICE:
            decision = result.decision
            cell = Cell(decision.icer, decision.icer_se, (decision.status,))
            about = _same(result.name)
            row = PageRow("price", "icer_under", "amount per QALY", cell, _computed(given), about)
            yield row, decision.provenance


def _listed(section: Any, texts: tuple[str, ...]) -> Iterator[PageRow]:
    origin = _ASSUMED if section == "assumptions" else _STATED
    for text in texts or ("",):
        yield PageRow(section, section, "words", _text(text), origin)


def _stated(sources: Iterable[str]) -> Origin:
    """Origin of what was given: its sources, and whether some of it has none."""
    found = dict.fromkeys(sources)
    status: Status = "assumption" if ASSUMED in found else "stated"
    return Origin("; ".join(text for text in found if text != ASSUMED), "", status)


def _rule(given: Material, topic: str) -> Origin:
    rule = given.rules.rules[topic]
    place = f"{rule.source.document}, {rule.source.section}"
    return Origin(place, rule.in_force_from.isoformat(), rule.status)


def _computed(given: Material) -> Origin:
    return Origin(str(given.outcomes.provenance.get("source", "")), "", "computed")


def _word(word: str | None) -> tuple[str, ...]:
    return () if word is None else (word,)


def _text(text: str) -> Cell:
    return Cell(text=_same(text)) if text.strip() else NOT_STATED


def _same(text: object) -> Label:
    return Label(str(text), str(text))


def _e(estimate: Estimate | Mean) -> Cell:
    return Cell(estimate.value, estimate.se)
