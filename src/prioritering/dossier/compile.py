"""Turn the expressions of a case file into formulas, checking every name they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

import numpy as np

from prioritering.dossier.faults import placed
from prioritering.dossier.formulas import (
    BUILT_IN,
    STRATEGY,
    TIME_NAMES,
    Formula,
    Program,
    StepTable,
    Where,
)
from prioritering.dossier.load import Case
from prioritering.errors import CaseError, ExpressionError, unknown_name
from prioritering.parameters import Expression, Parameters

Amount = float | str | Mapping[str, float | str]
OTHERWISE = "otherwise"

T = TypeVar("T")


class Compiler:
    """Compiles what a case file writes, against the names the case defines.

    Parameters
    ----------
    case
        The case; its values and tables become the program.
    parameters
        Its parameters.

    Raises
    ------
    CaseError
        A name used twice or not usable, or values that need each other.
    ExpressionError, UnknownNameError
        An expression outside the language, or a name, strategy or column that does not exist.
    """

    def __init__(self, case: Case, parameters: Parameters) -> None:
        self.case = case
        self.strategies = tuple(case.spec.model.strategies)
        _check_own_names(case, parameters)
        self.names = (
            *_parameter_names(parameters),
            *case.spec.values,
            *case.spec.tables,
            *BUILT_IN,
        )
        tables = {name: self._table(name) for name in case.spec.tables}
        values = {name: self.formula(raw, "values", name) for name, raw in case.spec.values.items()}
        refuse_cycles({k: f.names & set(values) for k, f in values.items()}, case, "values")
        self.program = Program(values, tables)

    def formula(self, amount: Amount, *path: str | int) -> Formula:
        """Compile a number, an expression, or one of these by strategy."""
        where = self.case.where(*path)
        parts: dict[str, float | str] = self.by_strategy(amount, where)
        return Formula({s: self._part(raw, where) for s, raw in parts.items()}, where)

    def by_strategy(self, raw: T | Mapping[str, T], where: Where) -> dict[str, T]:
        """Spread a value, or a table by strategy with ``otherwise``, over the strategies."""
        if not isinstance(raw, Mapping):
            return dict.fromkeys(self.strategies, raw)
        for name in raw:
            if name not in (*self.strategies, OTHERWISE):
                raise unknown_name("strategy", name, (*self.strategies, OTHERWISE), where=where)
        missing = [s for s in self.strategies if s not in raw]
        if missing and OTHERWISE not in raw:
            raise CaseError(
                "a strategy has no value",
                expected="a value for " + ", ".join(map(repr, self.strategies)),
                found="none for " + ", ".join(map(repr, missing)),
                where=where,
                remedy=f"Name them, or write {OTHERWISE} = ... for the rest.",
            )
        return {s: raw[s] if s in raw else raw[OTHERWISE] for s in self.strategies}

    def refuse_time(self, formula: Formula) -> Formula:
        """Return the formula if it does not vary by cycle, as a curve's parameters may not."""
        for name in sorted(self.all_names([formula])):
            if name in TIME_NAMES or name in self.program.tables:
                raise ExpressionError(
                    f"{name!r} varies by cycle",
                    expected="a value that is the same in every cycle",
                    found=", ".join(repr(str(p)) for p in set(formula.by_strategy.values())),
                    where=formula.where,
                    remedy="A curve's parameters may vary by draw and strategy only.",
                )
        return formula

    def all_names(self, formulas: Iterable[Formula]) -> set[str]:
        """Names the formulas use, directly or through values."""
        found: set[str] = set()
        waiting = [name for formula in formulas for name in formula.names]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                value = self.program.values.get(name)
                waiting += value.names if value is not None else ()
        return found

    def _part(self, raw: float | str, where: Where) -> Expression | float:
        if isinstance(raw, float):
            return raw
        with placed(where):
            expression = Expression.parse(raw, names=self.names)
        for name, text in expression.texts:
            if name != STRATEGY:
                raise ExpressionError(
                    f"{name!r} is compared with text",
                    expected=f"text compared only with {STRATEGY!r}",
                    found=repr(raw),
                    where=where,
                )
            if text not in self.strategies:
                found = {**where, "expression": repr(raw)}
                raise unknown_name("strategy", text, self.strategies, where=found)
        return expression

    def _table(self, name: str) -> StepTable:
        spec, where = self.case.spec.tables[name], self.case.where("tables", name)
        csv = self.case.csvs[spec.csv]
        keys, values = csv.numbers(spec.key, where), csv.numbers(spec.column, where)
        if len(keys) < 2 or bool((np.diff(keys) <= 0).any()):
            raise CaseError(
                "the keys of a table do not rise",
                expected="two rows or more, each key above the one before",
                found=", ".join(f"{k:g}" for k in keys[:6]) + (", ..." if len(keys) > 6 else ""),
                where={**where, "csv": spec.csv, "column": repr(spec.key)},
            )
        return StepTable(spec.by, keys, values, where)


def refuse_cycles(uses: Mapping[str, Iterable[str]], case: Case, section: str) -> None:
    """Refuse entries of a section that need each other."""
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        raise CaseError(
            f"entries of [{section}] need each other",
            expected="entries that can be computed one after the other",
            found=" -> ".join(reversed(cycle)),
            where=case.where(section, cycle[0]),
        ) from None


def _parameter_names(parameters: Parameters) -> Iterator[str]:
    for name, parameter in parameters.items():
        yield from [f"{name}.{part}" for part in parameter.components] or [name]


def _check_own_names(case: Case, parameters: Parameters) -> None:
    spec = case.spec
    taken = dict.fromkeys(BUILT_IN, "the built-in names")
    entries = [("parameters", n) for n in parameters]
    entries += [("values", n) for n in spec.values]
    entries += [("tables", n) for n in spec.tables]
    for section, name in entries:
        if not name.isidentifier() or name.startswith("_"):
            raise CaseError(
                f"the name {name!r} is not usable",
                expected="letters, digits and underscores, a letter first",
                where=case.where(section, name),
            )
        if name in taken:
            raise CaseError(
                f"the name {name!r} is used twice",
                expected="a name of its own",
                found=f"also among {taken[name]}",
                where=case.where(section, name),
            )
        taken[name] = f"[{section}]"
