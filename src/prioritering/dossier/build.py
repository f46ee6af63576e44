"""From a case to rules, parameters and a model that runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from prioritering.conventions import CycleCorrection, Discounting
from prioritering.dossier.build_parameters import build_parameters
from prioritering.dossier.compile import Compiler
from prioritering.dossier.curve_recipes import CurveFunction, read_curves
from prioritering.dossier.faults import placed
from prioritering.dossier.formulas import CostFormulas, Formula, Formulas, ResourceFormulas
from prioritering.dossier.given import names_given
from prioritering.dossier.inventory import inventory_of
from prioritering.dossier.load import Case
from prioritering.dossier.schema_base import DiscountingSpec, DurationSpec, Rates
from prioritering.errors import CaseError, unknown_name
from prioritering.models import (
    AgeAdjustment,
    Duration,
    MarkovModel,
    PartitionedModel,
    at_start,
    days,
    entry,
    leaving,
    months,
    weeks,
    years,
)
from prioritering.parameters import Parameters

if TYPE_CHECKING:
    from prioritering.decision import Inventory
    from prioritering.guidelines import Guideline

ARROW, AT_START, LEAVING = "->", "at start", "leaving "
_UNITS = {"days": days, "weeks": weeks, "months": months, "years": years}


@dataclass(frozen=True)
class BuiltCase:
    """A case ready to run.

    Attributes
    ----------
    rules, parameters, model
        What the model runs on.
    discounting, discounting_effects
        The guideline's, unless the case has its own.
    unused
        Parameters that neither the model nor another section uses.
    carers
        What carers gain or lose in each state, in QALYs a year, if the case says so.
    inventory
        What each cost category is, if the case says so.
    """

    rules: Guideline
    parameters: Parameters
    model: MarkovModel | PartitionedModel
    discounting: Discounting
    discounting_effects: Discounting
    unused: tuple[str, ...]
    carers: Formulas | None = None
    inventory: Inventory | None = None


def build_case(case: Case) -> BuiltCase:
    """Make everything a run needs; computes nothing of the model yet.

    Raises
    ------
    CaseError, UnknownNameError, ExpressionError, ParameterError, GuidelineError, ModelError
        A part that does not hold together, with its place in the case file.
    """
    rules = build_rules(case)
    parameters = build_parameters(case, rules)
    _check_strategies(case)
    compiler = Compiler(case, parameters)
    with placed(case.where("discounting")):
        costs, discount_effects = build_discounting(case.spec.discounting, rules)
    with placed(case.where("model")):
        model = _markov(compiler) if case.spec.model.kind == "markov" else _partitioned(compiler)
    carers = _carers(compiler, model)
    formulas = [*_formulas(model), *(carers.entries.values() if carers else ())]
    names = compiler.all_names(formulas) | names_given(case)
    used = {name.partition(".")[0] for name in names}
    unused = tuple(name for name in parameters if name not in used)
    return BuiltCase(
        rules, parameters, model, costs, discount_effects, unused, carers, inventory_of(case)
    )


def build_rules(case: Case) -> Guideline:
    """Guideline of the case, with the rules and the norm the case replaces."""
    from prioritering.data import NormTable
    from prioritering.guidelines import guideline

    spec = case.spec.guideline
    with placed(case.where("guideline")):
        rules = guideline(spec.country, as_of=spec.as_of)
    for topic, rule in spec.rules.items():
        with placed(case.where("guideline", "rules", topic)):
            rules = rules.with_rule(topic, rule.value, source=rule.source)
    norm = case.spec.norm
    if norm is None:
        return rules
    with placed(case.where("norm")):
        if norm.extend_below is not None:
            added = norm.extend_below
            table = rules.norm.extended_below(added.age_from, added.value, note=added.note)
            return rules.with_rule("norm", table, source=added.note)
        bands = {_age(band): utility for band, utility in (norm.bands or {}).items()}
        table = NormTable.from_bands(bands, source=str(norm.source))
        return rules.with_rule("norm", table, source=str(norm.source))


def _age(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CaseError(
            "a norm's band does not begin with an age", expected="a number", found=repr(text)
        ) from None


def _check_strategies(case: Case) -> None:
    model = case.spec.model
    for key in ("reference", "option"):
        name = getattr(model, key)
        if name is not None and name not in model.strategies:
            raise unknown_name(key, name, model.strategies, where=case.where("model", key))
    if model.option is not None and model.option == model.reference:
        raise CaseError(
            "option and reference are the same strategy",
            expected="two different strategies",
            found=repr(model.option),
            where=case.where("model", "option"),
        )


def build_discounting(
    spec: DiscountingSpec | None, rules: Guideline
) -> tuple[Discounting, Discounting]:
    """Discounting of costs and of effects: the guideline's, with what a section changes."""
    if spec is None:
        return rules.discounting, rules.discounting
    chosen = {key: getattr(spec, key) for key in ("rate_type", "timing")}
    costs = replace(rules.discounting, **chosen)
    if spec.costs is not None:
        costs = Discounting(_steps(spec.costs), **chosen)
    if spec.effects is None:
        return costs, costs
    return costs, Discounting(_steps(spec.effects), **chosen)


def _steps(rates: Rates) -> tuple[tuple[float, float], ...]:
    if isinstance(rates, float):
        return ((0.0, rates),)
    return tuple((step.from_year, step.rate) for step in rates)


def build_duration(spec: DurationSpec) -> Duration:
    """Length of time in the unit it is given in."""
    (unit,) = spec.model_fields_set
    return _UNITS[unit](getattr(spec, unit))


def _markov(compiler: Compiler) -> MarkovModel:
    case, spec = compiler.case, compiler.case.spec
    model: Any = spec.model
    _refuse_sections(case, "markov", ("curves", "endpoints", "durations"))
    states = tuple(model.states)
    moves = _keyed(compiler, ("transitions",), spec.transitions, partial(_pair, states=states))
    initial = {
        _known(case, ("initial", state), state, states): compiler.formula(a, "initial", state)
        for state, a in spec.initial.items()
    }
    return MarkovModel(
        states=states,
        transitions=Formulas(compiler.program, moves),
        initial=Formulas(compiler.program, initial) if initial else None,
        dead=tuple(model.dead),
        kind=model.transitions_are,
        **_common(compiler, states),
    )


def _partitioned(compiler: Compiler) -> PartitionedModel:
    case, spec = compiler.case, compiler.case.spec
    model: Any = spec.model
    _refuse_sections(case, "partitioned", ("transitions", "initial"))
    return PartitionedModel(
        states=tuple(model.states),
        endpoints=tuple(spec.endpoints),
        durations=tuple(spec.durations),
        curves=read_curves(compiler),
        crossing=model.crossing,
        **_common(compiler, (*model.states, *spec.durations)),
    )


def _common(compiler: Compiler, earners: tuple[str, ...]) -> dict[str, Any]:
    """Arguments both kinds of model take; ``earners`` are the states and durations."""
    spec = compiler.case.spec
    model, adjustment = spec.model, spec.age_adjustment
    utilities = _rewards(compiler, ("utilities",), spec.utilities, earners)
    costs = {
        category: _rewards(compiler, ("costs", category), entries, earners)
        for category, entries in spec.costs.items()
    }
    amounts = {
        name: _rewards(compiler, ("resources", name, "amounts"), resource.amounts, earners)
        for name, resource in spec.resources.items()
    }
    prices = _resource_prices(compiler)
    bought = {name: amounts[name] for name in prices}
    return {
        "strategies": tuple(model.strategies),
        "cycle": build_duration(model.cycle),
        "horizon": build_duration(model.horizon),
        "costs": CostFormulas(compiler.program, costs, bought, prices),
        "resources": ResourceFormulas(compiler.program, amounts) if amounts else None,
        "utilities": Formulas(compiler.program, utilities),
        "age": model.age,
        "correction": CycleCorrection(model.cycle_correction),
        "age_adjustment": None if adjustment is None else AgeAdjustment(adjustment.reference_age),
        "sex": model.sex,
    }


def _carers(compiler: Compiler, model: MarkovModel | PartitionedModel) -> Formulas | None:
    spec = compiler.case.spec.inventory
    if spec is None or spec.carers is None:
        return None
    entries = _rewards(compiler, ("inventory", "carers"), spec.carers, tuple(model.rows))
    return Formulas(compiler.program, entries)


def _resource_prices(compiler: Compiler) -> dict[str, Formula]:
    """Price of each resource that has one, and so makes a cost category of its name."""
    case, found = compiler.case, {}
    for name, resource in case.spec.resources.items():
        if resource.price is None:
            continue
        if name in case.spec.costs:
            raise CaseError(
                f"the cost category {name!r} is given both ways",
                expected=f"[costs.{name}], or the price of the resource of that name",
                found="both",
                where=case.where("resources", name, "price"),
                remedy="Leave one out, so that costs and hours follow the same amounts.",
            )
        found[name] = compiler.formula(resource.price, "resources", name, "price")
    return found


def _rewards(
    compiler: Compiler, path: tuple[str, ...], entries: Mapping[str, Any], earners: tuple[str, ...]
) -> dict[Any, Formula]:
    return _keyed(compiler, path, entries, partial(_reward_key, earners=earners))


def _keyed(
    compiler: Compiler,
    path: tuple[str, ...],
    entries: Mapping[str, Any],
    read: Callable[[Case, tuple[str, ...]], Any],
) -> dict[Any, Formula]:
    """Compile the entries of a section under what their keys mean, each meaning once."""
    found: dict[Any, Formula] = {}
    for text, amount in entries.items():
        place = (*path, text)
        key = read(compiler.case, place)
        if key in found:
            raise CaseError(
                "the same key is written twice",
                expected="each move, state and event once",
                found=repr(text),
                where=compiler.case.where(*place),
            )
        found[key] = compiler.formula(amount, *place)
    return found


def _reward_key(case: Case, path: tuple[str, ...], earners: tuple[str, ...]) -> Any:
    text = path[-1].strip()
    if text in earners:
        return text
    if text == AT_START:
        return at_start
    if text.startswith(LEAVING):
        endpoint = text.removeprefix(LEAVING).strip()
        return leaving(_known(case, path, endpoint, tuple(case.spec.endpoints), "endpoint"))
    if text.startswith(ARROW):
        return entry(_known(case, path, text.removeprefix(ARROW).strip(), earners))
    if ARROW in text:
        return _pair(case, path, earners)
    raise unknown_name("state or duration", text, (*earners, AT_START), where=case.where(*path))


def _pair(case: Case, path: tuple[str, ...], states: tuple[str, ...]) -> tuple[str, str]:
    source, arrow, target = (part.strip() for part in path[-1].partition(ARROW))
    if not arrow:
        raise CaseError(
            "a move is not written as one",
            expected="'FROM -> TO'",
            found=repr(path[-1]),
            where=case.where(*path),
        )
    return _known(case, path, source, states), _known(case, path, target, states)


def _known(
    case: Case, path: tuple[str, ...], name: str, names: tuple[str, ...], kind: str = "state"
) -> str:
    if name not in names:
        raise unknown_name(kind, name, names, where=case.where(*path))
    return name


def _refuse_sections(case: Case, kind: str, sections: tuple[str, ...]) -> None:
    for section in sections:
        if getattr(case.spec, section):
            raise CaseError(
                f"a {kind} model has no [{section}]",
                expected="sections of its own kind",
                found=f"[{section}]",
                where=case.where(section),
                remedy="Remove the section, or choose the other kind of model.",
            )


def _formulas(model: MarkovModel | PartitionedModel) -> list[Formula]:
    """Every formula of a built model."""
    functions = [
        getattr(model, name, None)
        for name in ("transitions", "initial", "utilities", "costs", "resources", "curves")
    ]
    found: list[Formula] = []
    for function in functions:
        if isinstance(function, Formulas):
            found += function.entries.values()
        elif isinstance(function, CostFormulas):
            found += [f for entries in function.categories.values() for f in entries.values()]
            found += function.prices.values()
        elif isinstance(function, ResourceFormulas):
            found += [f for entries in function.resources.values() for f in entries.values()]
        elif isinstance(function, CurveFunction):
            found += [f for recipe in function.recipes.values() for f in recipe.formulas]
    return found
