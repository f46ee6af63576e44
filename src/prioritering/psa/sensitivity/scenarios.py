"""Scenarios: named sets of other values, conventions or models, beside the base case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.conventions import Discounting
from prioritering.errors import ParameterError, ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.parameters import Parameters
from prioritering.parameters.distributions import Dirichlet
from prioritering.parameters.distributions.dirichlet import SUM_TOLERANCE
from prioritering.psa.sensitivity.batch import Comparison, Question, Runs, run_batch
from prioritering.psa.sensitivity.moves import Point, draws_of, find_number, point_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline


@dataclass(frozen=True, eq=False)
class Scenario(Frozen):
    """What differs from the base case; what is not given stays as it is.

    Attributes
    ----------
    description
        What the scenario is, in a sentence a reader of the dossier understands.
    values
        Other values by name: a number, or for a joint parameter a mapping of all its
        components (or one component as ``"p_A.B"``, which moves the others as in
        :func:`one_way`).
    params
        Other parameters altogether; ``values`` are put on top.
    model
        Another model, for example with other survival curves.
    rules, discounting, discounting_effects
        Other conventions.
    options
        Other keywords of ``model.run``.
    """

    description: str = ""
    values: Mapping[str, float | Mapping[str, float]] = field(default_factory=dict)
    params: Parameters | None = None
    model: Runs | None = None
    rules: Guideline | None = None
    discounting: Discounting | None = None
    discounting_effects: Discounting | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def only_values(self) -> bool:
        """Whether the base case's model, parameters and conventions are kept."""
        return (
            self.params is None
            and self.model is None
            and self.rules is None
            and not self.run_options
        )

    @property
    def run_options(self) -> dict[str, Any]:
        """Keywords of ``model.run`` that differ."""
        conventions = {
            "discounting": self.discounting,
            "discounting_effects": self.discounting_effects,
        }
        given = {name: value for name, value in conventions.items() if value is not None}
        return {**self.options, **given}

    @property
    def changes(self) -> dict[str, Any]:
        """Everything that differs, as plain values: new values by name, then what else.

        ``"params"`` and ``"model"`` are ``True``, ``"rules"`` the guideline's id, a discounting
        its ``to_dict()``; an option is written out.
        """
        found: dict[str, Any] = dict(self.values)
        for what in ("params", "model"):
            if getattr(self, what) is not None:
                found[what] = True
        if self.rules is not None:
            found["rules"] = self.rules.id
        for what, value in self.run_options.items():
            found[what] = value.to_dict() if isinstance(value, Discounting) else str(value)
        return found


@dataclass(frozen=True, eq=False)
class ScenarioRow(Frozen):
    """One scenario's comparison, and its distance from the base case.

    ``changes`` is what differs, as :attr:`Scenario.changes` gives it.
    ``nmb_difference`` and ``decision_changes`` (whether the sign of net monetary benefit
    differs) are ``None`` without willingness to pay.
    """

    name: str
    description: str
    changes: Mapping[str, Any]
    result: Comparison
    cost_difference: float
    qaly_difference: float
    nmb_difference: float | None
    decision_changes: bool | None


@dataclass(frozen=True, repr=False, eq=False)
class Scenarios(Frozen, Shown):
    """Scenarios beside the base case, in the order given.

    Attributes
    ----------
    reference, option, wtp
        What is compared, and the willingness to pay per QALY or ``None``.
    base
        The base case.
    rows
        The scenarios.
    """

    reference: str
    option: str
    wtp: float | None
    base: Comparison
    rows: tuple[ScenarioRow, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ScenarioRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise unknown_name("scenario", name, [row.name for row in self.rows])

    def to_frame(self) -> pd.DataFrame:
        """One row per scenario, the base case first; no value is ``<NA>``."""
        import pandas as pd

        first = {"scenario": "base case", **vars(self.base)}
        frame = pd.DataFrame([*(_record(row) for row in self.rows), first]).iloc[
            [-1, *range(len(self.rows))]
        ]
        frame = frame.reset_index(drop=True)
        numbers = ("icer", "nmb", "cost_difference", "qaly_difference", "nmb_difference")
        return frame.astype({**dict.fromkeys(numbers, "Float64"), "decision_changes": "boolean"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Scenarios as a dossier prints them, rounded and labelled."""
        from prioritering.report.tables.sensitivity import scenarios_table

        return scenarios_table(self, language=language)

    def plot(
        self, outcome: str | None = None, ax: Axes | None = None, *, language: str = "en"
    ) -> Axes:
        """Dots of an outcome by scenario, and the base case as a line."""
        from prioritering.report.figures.scenarios import plot_scenarios

        return plot_scenarios(self, outcome, ax, language=language)

    def __repr__(self) -> str:
        return f"Scenarios({len(self.rows)}, {self.option!r} against {self.reference!r})"


def scenarios(
    model: Runs,
    *,
    params: Parameters,
    rules: Guideline | None = None,
    reference: str,
    option: str | None = None,
    wtp: float | None = None,
    scenarios: Mapping[str, Scenario],
    **run_options: Any,
) -> Scenarios:
    """Compare the strategies under each scenario, and with the base case.

    Scenarios that change values only are run with the base case as one batch; each of the
    others is run by itself.

    Parameters
    ----------
    scenarios
        By name.

    Other parameters are those of :func:`one_way`.

    Raises
    ------
    ResultError
        No scenario, something else than a :class:`Scenario`, or one that changes nothing.
    ParameterError
        Values that do not fit a parameter.
    UnknownNameError
        Names that do not exist.
    """
    _check(scenarios)
    question = Question(reference, option, wtp)
    batched = {name: s for name, s in scenarios.items() if s.only_values}
    points = [{}, *(_point(params, s, name) for name, s in batched.items())]
    batch = run_batch(
        model,
        draws_of(params, points),
        ["base case", *(f"scenario {name!r}" for name in batched)],
        question=question,
        rules=rules,
        options=run_options,
    )
    results = {name: batch.at(k) for k, name in enumerate(batched, start=1)}
    for name, scenario in scenarios.items():
        if name not in results:
            own = params if scenario.params is None else scenario.params
            results[name] = run_batch(
                model if scenario.model is None else scenario.model,
                draws_of(own, [_point(own, scenario, name)]),
                [f"scenario {name!r}"],
                question=question,
                rules=rules if scenario.rules is None else scenario.rules,
                options={**run_options, **scenario.run_options},
            ).at(0)
    base = batch.at(0)
    return Scenarios(
        reference=reference,
        option=batch.option,
        wtp=batch.wtp,
        base=base,
        rows=tuple(_row(name, s, results[name], base) for name, s in scenarios.items()),
        provenance=batch.outcomes.provenance,
    )


def _check(scenarios: Mapping[str, Scenario]) -> None:
    if not isinstance(scenarios, Mapping) or not scenarios:
        raise ResultError(
            "no scenario", expected="{name: Scenario(...)}, at least one", found=repr(scenarios)
        )
    for name, scenario in scenarios.items():
        if not isinstance(scenario, Scenario):
            raise ResultError(
                f"scenario {name!r} is of another kind",
                expected="Scenario(values=..., model=..., discounting=..., ...)",
                found=repr(scenario),
            )
        if not scenario.changes:
            raise ResultError(
                f"scenario {name!r} changes nothing",
                expected="values, params, model, rules, discounting or options",
                found="none of them",
            )


def _point(params: Parameters, scenario: Scenario, name: str) -> Point:
    """Values of a scenario as a point: whole joint parameters, and numbers."""
    whole: dict[str, Any] = {}
    single = {}
    for key, value in scenario.values.items():  # noqa: PD011 - no data frame
        if isinstance(value, Mapping):
            whole[key] = _components(params, key, value, name)
        else:
            single[find_number(params, key)] = _number(key, value, name)
    moved = point_of(params, single)
    twice = set(whole) & set(moved)
    if twice:
        raise ParameterError(
            f"{min(twice)} is given twice",
            expected="a joint parameter whole, or one component of it",
            found="both",
            where={"scenario": repr(name)},
        )
    return {**moved, **whole}


def _components(
    params: Parameters, key: str, value: Mapping[str, float], scenario: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    parts = params[key].components
    if set(value) != set(parts):
        raise ParameterError(
            f"values of {key} do not name its components",
            expected=", ".join(map(repr, parts)) or "one number",
            found=", ".join(map(repr, value)),
            where={"scenario": repr(scenario)},
        )
    numbers = np.array([_number(f"{key}.{part}", value[part], scenario) for part in parts])
    shares = isinstance(params[key].distribution, Dirichlet)
    if shares and not (abs(numbers.sum() - 1) <= SUM_TOLERANCE and (numbers >= 0).all()):
        raise ParameterError(
            f"values of {key} are no shares of a whole",
            expected="shares of 0 or more that sum to 1",
            found=", ".join(f"{part} {value[part]:g}" for part in parts),
            where={"scenario": repr(scenario)},
        )
    return numbers


def _number(key: str, value: object, scenario: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ParameterError(
            f"value of {key} is not a number",
            expected="a number",
            found=repr(value),
            where={"scenario": repr(scenario)},
        )
    return float(value)


def _row(name: str, scenario: Scenario, result: Comparison, base: Comparison) -> ScenarioRow:
    known = result.nmb is not None and base.nmb is not None
    return ScenarioRow(
        name=name,
        description=scenario.description,
        changes=scenario.changes,
        result=result,
        cost_difference=result.incremental_cost - base.incremental_cost,
        qaly_difference=result.incremental_qaly - base.incremental_qaly,
        nmb_difference=result.nmb - base.nmb if known else None,  # type: ignore[operator]
        decision_changes=bool(np.sign(result.nmb) != np.sign(base.nmb)) if known else None,  # type: ignore[arg-type]
    )


def _record(row: ScenarioRow) -> dict[str, Any]:
    return {
        "scenario": row.name,
        **vars(row.result),
        "cost_difference": row.cost_difference,
        "qaly_difference": row.qaly_difference,
        "nmb_difference": row.nmb_difference,
        "decision_changes": row.decision_changes,
    }
