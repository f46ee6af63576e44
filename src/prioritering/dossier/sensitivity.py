"""Sensitivity analyses of a case run: what its case asks for, and what every run can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from prioritering.decision import (
    ScenarioPath,
    classification_probability,
    cutoff_sensitivity,
    scenario_by_price,
)
from prioritering.dossier.build import (
    BuiltCase,
    build_case,
    build_discounting,
    build_duration,
)
from prioritering.dossier.case_model import CaseModel, drawn_again
from prioritering.dossier.case_run import CaseRun
from prioritering.dossier.documentation import judge_case
from prioritering.dossier.faults import in_case_terms, placed
from prioritering.dossier.load import Case
from prioritering.dossier.notes import noted
from prioritering.dossier.uncertainty import CaseUncertainty
from prioritering.errors import CaseError, PrioriteringError, ResultError
from prioritering.models.time import count_cycles
from prioritering.psa import (
    expected_loss,
    incremental,
    rank_probabilities,
    settling,
    severity_acceptability,
)
from prioritering.psa.drivers import Drivers, drivers
from prioritering.psa.information import EvppiRanking, evppi_all
from prioritering.psa.sensitivity import (
    OneWay,
    Scenario,
    Scenarios,
    Threshold,
    one_way,
    scenarios,
    threshold,
)
from prioritering.psa.sensitivity.choice import checked_ends
from prioritering.psa.sensitivity.moves import find_number
from prioritering.psa.sensitivity.units import independent_units

if TYPE_CHECKING:
    from prioritering.dossier.schema_sensitivity import ScenarioSpec
    from prioritering.outcomes import Outcomes
    from prioritering.parameters import Draws

SOBOL_SHARE = 2
"""Runs behind the Sobol indices, as a multiple of the draws."""

SOBOL_POINTS = (64, 1024)
"""Fewest and most points of a Sobol sample."""

LIMITS = 101
"""Amounts of willingness to pay, from 0 to twice the limit, in curves of expected loss."""

ABOUT = "sensitivity analyses: "
"""Stands before what was warned of meanwhile."""

FOUND = TypeVar("FOUND")


class Asked(NamedTuple):
    """What every analysis is about: the case's model and comparison, at one limit."""

    case: Case
    built: BuiltCase
    wtp: float

    @property
    def options(self) -> dict[str, Any]:
        """Arguments the deterministic analyses share."""
        return {
            "params": self.built.parameters,
            "rules": self.built.rules,
            "wtp": self.wtp,
            **self.pair,
        }

    @property
    def pair(self) -> dict[str, Any]:
        """Names of the two strategies compared."""
        return {"reference": self.case.reference, "option": self.case.option}

    @property
    def model(self) -> CaseModel:
        """The model under the case's conventions."""
        return CaseModel(self.case, self.built)


@in_case_terms()
def case_uncertainty(run: CaseRun) -> CaseUncertainty:
    """Make the sensitivity analyses of a case run, and value information.

    Analyses the case asks for under ``[sensitivity]`` are made or refused. The others are made
    where the run can carry them; where not, a note says which was not made and why. Sobol
    indices take about twice as many runs of the model as there are draws.

    Parameters
    ----------
    run
        From :func:`run_case`.

    Raises
    ------
    PrioriteringError
        Whatever does not hold together under ``[sensitivity]``, with its place in the case file.
    """
    built = replace(
        build_case(run.case), rules=run.rules, parameters=run.parameters, model=run.model
    )
    faults = list(sensitivity_faults(run.case, built))
    if faults:
        raise faults[0]
    notes: list[str] = []
    found = _deterministic(Asked(run.case, built, run.limit.wtp), notes)
    if run.psa is not None and run.psa_comparison is not None and run.psa_comparison.wtp:
        found |= _probabilistic(run, Asked(run.case, built, run.psa_comparison.wtp), notes)
    return CaseUncertainty(**found, notes=tuple(notes))


def sensitivity_faults(case: Case, built: BuiltCase) -> Iterator[PrioriteringError]:
    """Find everything wrong under ``[sensitivity]`` and ``[documentation]``, running nothing."""
    spec = case.spec.sensitivity
    for section in ("ranges", "thresholds"):
        for name, ends in getattr(spec, section).items():
            yield from _fault(case, (section, name), partial(_check_range, built, name, ends))
    if spec.groups:
        yield from _fault(
            case, ("groups",), partial(independent_units, built.parameters, spec.groups)
        )
    for name, scenario in spec.scenarios.items():
        check = partial(_check_scenario, CaseModel(case, built), name, scenario)
        yield from _fault(case, ("scenarios", name), check)
    try:
        judge_case(case, built, None, notes=[])
    except PrioriteringError as error:
        yield error


def unused_in_sensitivity(case: Case, built: BuiltCase) -> Iterator[tuple[str, str]]:
    """Place and parameter of each analysis that moves what the model does not use."""
    spec = case.spec.sensitivity
    moved = [("ranges", name) for name in spec.ranges]
    moved += [("thresholds", name) for name in spec.thresholds]
    moved += [(f"groups.{group}", name) for group, names in spec.groups.items() for name in names]
    moved += [
        (f"scenarios.{name}", key)
        for name, scenario in spec.scenarios.items()
        for key in scenario.values
    ]
    for place, name in moved:
        if name.partition(".")[0] in built.unused:
            yield f"sensitivity.{place}", name


def _fault(
    case: Case, path: tuple[str, ...], check: Callable[[], object]
) -> Iterator[PrioriteringError]:
    try:
        with placed(case.where("sensitivity", *path)):
            check()
    except PrioriteringError as error:
        yield error


def _check_range(built: BuiltCase, name: str, ends: list[float]) -> None:
    checked_ends(f"range of {find_number(built.parameters, name).name}", ends)


def _check_scenario(model: CaseModel, name: str, spec: ScenarioSpec) -> None:
    """Look for the names of a scenario, and count the cycles of its horizon."""
    parameters = model.built.parameters
    for key, value in spec.values.items():
        if not isinstance(value, dict):
            find_number(parameters, key)
        elif set(value) != set(parameters[key].components):
            raise CaseError(
                f"values of {key} do not name its components",
                expected=", ".join(map(repr, parameters[key].components)) or "one number",
                found=", ".join(map(repr, value)),
            )
    if spec.horizon is not None:
        count_cycles(build_duration(spec.horizon), model.built.model.cycle)
    _scenario(model, name, spec)


def _deterministic(asked: Asked, notes: list[str]) -> dict[str, Any]:
    spec = asked.case.spec.sensitivity
    found: dict[str, Any] = {}
    if not spec.ranges:
        found["tornado"] = _made("one-way sensitivity", lambda: _tornado(asked), notes)
    else:
        with noted(notes, about=ABOUT), placed(_where(asked)):
            found["tornado"] = _tornado(asked)
    if spec.scenarios:
        with noted(notes, about=ABOUT), placed(_where(asked, "scenarios")):
            found["scenarios"] = _scenarios(asked)
    if spec.thresholds:
        with noted(notes, about=ABOUT):
            found["thresholds"] = tuple(
                _threshold(asked, name, ends) for name, ends in spec.thresholds.items()
            )
    return found


def _where(asked: Asked, *path: str) -> dict[str, object]:
    return asked.case.where("sensitivity", *path)


def _probabilistic(run: CaseRun, asked: Asked, notes: list[str]) -> dict[str, Any]:
    psa = run.psa
    assert psa is not None
    draws = drawn_again(run.parameters, psa)
    information = _made("value of information", lambda: _information(asked, psa, draws), notes)
    return {
        "information": information,
        "drivers": _made("drivers", lambda: _drivers(asked, psa, draws, information), notes),
        **_distributions(run, asked, psa),
        **_classifications(run),
        "price_path": _made("classification by price", lambda: _price_path(run), notes),
    }


def _distributions(run: CaseRun, asked: Asked, psa: Outcomes) -> dict[str, Any]:
    """Analyses that any two draws can carry."""
    wtp, pair, severity = asked.wtp, asked.pair, run.severity_psa
    found = {
        "settling": settling(psa, wtp=wtp, **pair),
        "increments": incremental(
            psa, wtp=wtp, rules=None if severity is None else run.rules, **pair
        ),
        "loss": expected_loss(psa, limits=np.linspace(0.0, 2.0 * wtp, LIMITS)),
        "ranks": rank_probabilities(psa, wtp=wtp) if len(psa.strategies) > 2 else None,
    }
    joint = None if severity is None else severity_acceptability(psa, severity, **pair)
    return {**found, "severity": joint}


def _classifications(run: CaseRun) -> dict[str, Any]:
    if run.decision is None:
        return {}
    return {
        "cutoffs": cutoff_sensitivity(run.decision),
        "classification": classification_probability(run.decision),
    }


def _price_path(run: CaseRun) -> ScenarioPath | None:
    """Follow the classification over the price of ``[price]``, at maximum prices."""
    price = run.decisions.price if run.decisions is not None else None
    section = run.case.spec.price
    if price is None or section is None or run.decision is None or run.psa is None:
        return None
    if price.in_reference == "same price":
        raise ResultError(
            "the reference follows the price too",
            expected="a price that only the option's costs follow",
            found=f"in_reference {price.in_reference!r}",
        )
    spec = run.case.spec.decision
    return scenario_by_price(
        run.psa,
        run.decision.severity,
        run.rules,
        reference=run.case.reference,
        option=run.case.option,
        category=section.category,
        price=price.current_price,
        criteria=spec.criteria.model_dump(exclude_none=True),
        wtp_adjustment=spec.wtp_adjustment or 0.0,
        documentation=None if run.documentation is None else run.documentation.judgement,
    )


def _made(what: str, make: Callable[[], FOUND], notes: list[str]) -> FOUND | None:
    """Make an analysis nobody asked for by name; note why where it cannot be made."""
    try:
        with noted(notes, about=ABOUT):
            return make()
    except PrioriteringError as error:
        notes.append(f"{what}: not made: {error}")
        return None


def _uncertain(asked: Asked) -> list[str]:
    """Names of parameters with a distribution, or why there is nothing to analyse."""
    names = [name for name, p in asked.built.parameters.items() if p.distribution.dimensions]
    if not names:
        raise ResultError(
            "no parameter is uncertain", expected="at least one parameter with a distribution"
        )
    return names


def _tornado(asked: Asked) -> OneWay:
    spec, params = asked.case.spec.sensitivity, asked.built.parameters
    if not spec.ranges:
        _uncertain(asked)
    single = {
        group: members
        for group, members in spec.groups.items()
        if not any(params[name].components for name in members)
    }
    ranges = {name: (low, high) for name, (low, high) in spec.ranges.items()}
    return one_way(
        asked.model, ranges=ranges, groups=single, interval=spec.interval, **asked.options
    )


def _scenarios(asked: Asked) -> Scenarios:
    specs = asked.case.spec.sensitivity.scenarios
    told = {name: _scenario(asked.model, name, spec) for name, spec in specs.items()}
    return scenarios(asked.model, scenarios=told, **asked.options)


def _scenario(model: CaseModel, name: str, spec: ScenarioSpec) -> Scenario:
    case, built = model.case, model.built
    costs = effects = None
    if spec.discounting is not None:
        with placed(case.where("sensitivity", "scenarios", name, "discounting")):
            costs, effects = build_discounting(spec.discounting, built.rules)
    fields: dict[str, Any] = {}
    if spec.horizon is not None:
        fields["horizon"] = build_duration(spec.horizon)
    if spec.sex is not None:
        fields["sex"] = spec.sex
    return Scenario(
        description=spec.why,
        values=dict(spec.values),
        model=model.changed(**fields) if fields else None,
        discounting=costs,
        discounting_effects=effects,
    )


def _threshold(asked: Asked, name: str, ends: list[float]) -> Threshold:
    low, high = ends
    with placed(_where(asked, "thresholds", name)):
        return threshold(asked.model, name=name, low=low, high=high, **asked.options)


def _information(asked: Asked, psa: Outcomes, draws: Draws) -> EvppiRanking:
    """Value every uncertain parameter, every group, and what is correlated together."""
    units = independent_units(asked.built.parameters, asked.case.spec.sensitivity.groups)
    together = {name: members for name, members in units.items() if name not in members}
    names = _uncertain(asked)
    return evppi_all(psa, draws, wtp=asked.wtp, parameters=names, groups=together)


def _drivers(
    asked: Asked, psa: Outcomes, draws: Draws, information: EvppiRanking | None
) -> Drivers:
    """Rank the drivers; with two strategies the value of information is there already."""
    spec = asked.case.spec.sensitivity
    units = independent_units(asked.built.parameters, spec.groups)
    if len(units) < 2:
        raise ResultError(
            "there is nothing to rank",
            expected="two or more uncertain parameters that are independent of each other",
            found=", ".join(units),
        )
    value: dict[str, Any] = {}
    if information is not None and len(psa.strategies) > 2:
        value = {"draws": draws, "outcomes": psa}
    elif information is not None:
        value = {"evppi": {name: information.items[name] for name in units}}
    points = SOBOL_SHARE * psa.n_draws // (len(units) + 2)
    fewest, most = SOBOL_POINTS
    return drivers(
        asked.model,
        seed=psa.provenance["draws"]["seed"],
        n_sobol=min(max(1 << points.bit_length() - 1, fewest), most) if points else fewest,
        groups=spec.groups,
        interval=spec.interval,
        **value,
        **asked.options,
    )
