"""Survival curves of a case: how each is made, and which endpoint it serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prioritering.dossier.compile import Amount, Compiler, refuse_cycles
from prioritering.dossier.faults import placed
from prioritering.dossier.formulas import Formula, Program, Scope, Where
from prioritering.dossier.schema_curves import (
    NOBODY,
    POPULATION,
    AddHazardSpec,
    CurveBase,
    FloorSpec,
    SwitchSpec,
)
from prioritering.errors import CaseError, unknown_name

if TYPE_CHECKING:
    from prioritering.models import Time
    from prioritering.parameters import Draws
    from prioritering.survival import Curve


@dataclass(frozen=True)
class Effect:
    """Change the curve by a number, with the curve's method of that name."""

    method: str
    formula: Formula

    def apply(self, curve: Curve, kitchen: Kitchen) -> Curve:
        """Return the changed curve."""
        changed: Curve = getattr(curve, self.method)(self.formula.value(kitchen.scope))
        return changed


@dataclass(frozen=True)
class Switch:
    """Follow another curve's hazard from a time on."""

    formula: Formula
    other: str

    def apply(self, curve: Curve, kitchen: Kitchen) -> Curve:
        """Return the joined curve."""
        return curve.switch(at=self.formula.value(kitchen.scope), to=kitchen.curve(self.other))


@dataclass(frozen=True)
class AddHazard:
    """Add the hazard of another curve or of the population."""

    other: str

    def apply(self, curve: Curve, kitchen: Kitchen) -> Curve:
        """Return the curve with both causes."""
        if self.other == POPULATION:
            return curve.with_background_mortality_of(kitchen.time.population)
        return curve.plus_hazard_of(kitchen.curve(self.other))


@dataclass(frozen=True)
class Floor:
    """Never let the hazard fall below the population's."""

    def apply(self, curve: Curve, kitchen: Kitchen) -> Curve:
        """Return the curve above the floor."""
        return curve.at_least_mortality_of(kitchen.time.population)


Step = Effect | Switch | AddHazard | Floor


@dataclass(frozen=True)
class Recipe:
    """How one curve is made: constructor, its arguments by formula or from a CSV, and steps."""

    family: str
    arguments: Mapping[str, Formula]
    table: Mapping[str, Any]
    steps: tuple[Step, ...]
    where: Where

    @property
    def others(self) -> tuple[str, ...]:
        """Curves this one takes."""
        taken = [s.other for s in self.steps if isinstance(s, Switch | AddHazard)]
        return tuple(name for name in taken if name != POPULATION)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Every formula of the curve and its steps."""
        steps = (s.formula for s in self.steps if isinstance(s, Effect | Switch))
        return (*self.arguments.values(), *steps)


@dataclass(frozen=True)
class CurveFunction:
    """A partitioned model's curves: ``f(p, strategy, t) -> {endpoint or duration: Curve}``.

    A duration of nobody is ``None``.
    """

    program: Program
    recipes: Mapping[str, Recipe]
    roles: Mapping[str, Mapping[str, str]]

    def __call__(self, p: Draws, strategy: str, t: Time) -> dict[str, Curve | None]:
        """Make the curves of one strategy."""
        kitchen = Kitchen(self.recipes, Scope(self.program, p, strategy, t), t)
        chosen = {role: names[strategy] for role, names in self.roles.items()}
        return {
            role: None if name == NOBODY else kitchen.curve(name) for role, name in chosen.items()
        }


class Kitchen:
    """Makes each curve once, for one strategy and chunk of draws."""

    def __init__(self, recipes: Mapping[str, Recipe], scope: Scope, time: Time) -> None:
        self.recipes, self.scope, self.time = recipes, scope, time
        self.made: dict[str, Curve] = {}

    def curve(self, name: str) -> Curve:
        """Return the curve of that name."""
        if name not in self.made:
            self.made[name] = self._make(self.recipes[name])
        return self.made[name]

    def _make(self, recipe: Recipe) -> Curve:
        import prioritering.survival as survival

        values = {name: f.value(self.scope) for name, f in recipe.arguments.items()}
        with placed({**recipe.where, "strategy": repr(self.scope.strategy)}):
            curve: Curve = getattr(survival, recipe.family)(**values, **recipe.table)
            for step in recipe.steps:
                curve = step.apply(curve, self)
        return curve


def read_curves(compiler: Compiler) -> CurveFunction:
    """Compile ``[curves]`` and who follows them, ``[endpoints]`` and ``[durations]``.

    Raises
    ------
    CaseError
        Curves that need each other, or a broken table.
    UnknownNameError
        A curve that does not exist.
    """
    spec = compiler.case.spec
    for word, meaning in ((POPULATION, "the general population"), (NOBODY, "an empty duration")):
        if word in spec.curves:
            raise CaseError(
                f"{word!r} stands for {meaning}",
                expected="another name for the curve",
                where=compiler.case.where("curves", word),
            )
    recipes = {name: _recipe(compiler, name) for name in spec.curves}
    refuse_cycles({name: r.others for name, r in recipes.items()}, compiler.case, "curves")
    roles = {}
    for section, entries in (("endpoints", spec.endpoints), ("durations", spec.durations)):
        for role, raw in entries.items():
            where = compiler.case.where(section, role)
            roles[role] = compiler.by_strategy(raw, where)
            for name in roles[role].values():
                nobody = section == "durations" and name == NOBODY
                if name not in recipes and not nobody:
                    raise unknown_name("curve", name, recipes, where=where)
    return CurveFunction(compiler.program, recipes, roles)


def _recipe(compiler: Compiler, name: str) -> Recipe:
    case = compiler.case
    spec: Any = case.spec.curves[name]
    where = case.where("curves", name)
    steps = tuple(_steps(compiler, name, spec))
    if spec.family == "table":
        csv = case.csvs[spec.csv]
        table = {
            "times": csv.numbers(spec.time, where),
            "survival": csv.numbers(spec.survival, where),
            "interpolation": spec.interpolation,
        }
        return Recipe("tabulated", {}, table, steps, where)
    own = [
        name for name in type(spec).model_fields if name not in (*CurveBase.model_fields, "family")
    ]
    arguments = {a: _constant(compiler, getattr(spec, a), ("curves", name, a)) for a in own}
    return Recipe(spec.family, arguments, {}, steps, where)


def _constant(compiler: Compiler, amount: Amount, path: tuple[str | int, ...]) -> Formula:
    return compiler.refuse_time(compiler.formula(amount, *path))


def _steps(compiler: Compiler, name: str, spec: Any) -> Iterator[Step]:
    for k, step in enumerate(spec.then):
        path = ("curves", name, "then", k)
        if isinstance(step, FloorSpec):
            yield Floor()
        elif isinstance(step, AddHazardSpec):
            other = step.add_hazard_of
            if other != POPULATION:
                _check_curve(compiler, other, (*path, "add_hazard_of"))
            yield AddHazard(other)
        elif isinstance(step, SwitchSpec):
            _check_curve(compiler, step.to, (*path, "to"))
            yield Switch(_constant(compiler, step.switch_at, (*path, "switch_at")), step.to)
        else:
            ((method, amount),) = step.model_dump().items()
            yield Effect(method, _constant(compiler, amount, (*path, method)))


def _check_curve(compiler: Compiler, name: str, path: tuple[str | int, ...]) -> None:
    known = compiler.case.spec.curves
    if name not in known:
        raise unknown_name("curve", name, known, where=compiler.case.where(*path))
