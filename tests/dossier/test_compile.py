"""Expressions of a case: names, strategies, values that use values, tables by age and time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from prioritering.dossier import BuiltCase, Case, build_case
from prioritering.errors import (
    CaseError,
    ExpressionError,
    ModelError,
    PrioriteringError,
    UnknownNameError,
)

from .conftest import PARTITIONED

Load = Callable[..., Case]


def transitions(built: BuiltCase, strategy: str = "new") -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = built.model.transitions(  # type: ignore[operator,union-attr]
        built.parameters.expected(), strategy, built.model.time(built.rules)
    )
    return found


def in_transition(expression: str) -> tuple[str, str]:
    return '"rate_to_prob(rate_dead, cycle_length)"', f'"{expression}"'


def value_of(load: Load, expression: str, strategy: str = "new", **more: str) -> np.ndarray:
    built = build_case(load(in_transition(expression), **more))
    return np.asarray(transitions(built, strategy)["progressed", "dead"])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("time", np.arange(40) * 0.5),
        ("time_mid", np.arange(40) * 0.5 + 0.25),
        ("time_end", np.arange(40) * 0.5 + 0.5),
        ("age", 61 + np.arange(40) * 0.5),
        ("cycle", np.arange(40)),
    ],
)
def test_names_of_time_vary_by_cycle(load: Load, expression: str, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(value_of(load, expression), expected[:, None])


def test_mortality_and_norm_are_the_guidelines(load: Load) -> None:
    built = build_case(load(in_transition("mortality")))
    table = built.rules.life_table
    start = np.arange(40)[:, None] * 0.5
    expected = table.probability(61.0, start, start + 0.5)
    np.testing.assert_array_equal(transitions(built)["progressed", "dead"], expected)
    rate = np.asarray(value_of(load, "mortality_rate"))
    np.testing.assert_allclose(rate, -np.log1p(-expected) / 0.5, rtol=1e-13)
    np.testing.assert_array_equal(value_of(load, "norm")[[0, 18, 38], 0], [0.885, 0.859, 0.811])


def test_cycle_length_and_strategy_are_names_too(load: Load) -> None:
    assert value_of(load, "cycle_length") == 0.5
    assert value_of(load, "1 if strategy == 'new' else 2") == 1.0
    assert value_of(load, "1 if strategy == 'new' else 2", strategy="standard") == 2.0


def test_a_value_by_strategy_is_used_in_other_values(load: Load) -> None:
    changes = ("[values]", '[values]\ntwice = "2 * effect"\n'), in_transition("twice + 0")
    built = build_case(load(*changes))
    assert transitions(built, "new")["progressed", "dead"] == pytest.approx(1.44, rel=1e-15)
    assert transitions(built, "standard")["progressed", "dead"] == 2.0


def test_components_of_a_joint_parameter_are_named_with_a_dot(load: Load) -> None:
    joint = '[parameters.p]\ndistribution = "dirichlet"\ncounts = { a = 1, b = 3 }\n[values]'
    assert build_case(load(("[values]", joint), in_transition("p.b"))).unused == ("rate_dead",)
    with pytest.raises(ExpressionError, match=r"unknown name 'p' .*column 1\).*Did you mean 'p\."):
        build_case(load(("[values]", joint), in_transition("p")))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("rate_ded", r"unknown name 'rate_ded' .*key transitions.*line 59.*'rate_dead'"),
        ("rate.x", "unknown name 'rate.x'"),
        ("__import__('os')", "not part of the language"),
        ("rate.__class__", "not part of the language"),
        ("open(rate)", "unknown function 'open'"),
        ("rate[0]", "not part of the language"),
        ("lambda: 1", "not part of the language"),
        ("rate +", "unexpected 'end'|unexpected end"),
        ("rate if strategy == 'nev' else 0", "unknown strategy 'nev' .*Did you mean 'new'"),
        ("rate if rate == 'new' else 0", "'rate' is compared with text .*key transitions"),
    ],
)
def test_an_expression_outside_the_language_is_refused_with_its_place(
    load: Load, expression: str, said: str
) -> None:
    with pytest.raises((ExpressionError, UnknownNameError), match=said) as caught:
        build_case(load(in_transition(expression)))
    assert caught.value.where["file"] == "case.toml"
    assert caught.value.where["key"] == 'transitions."progressed -> dead"'


def test_an_expression_without_a_finite_value_names_strategy_and_cycle(load: Load) -> None:
    built = build_case(load(in_transition("0.1 / (time - 2)")))
    said = r"no finite value .*line 59, strategy 'new', cycle 4, draw in chunk 0"
    with pytest.raises(ExpressionError, match=said):
        transitions(built)
    built = build_case(load(in_transition("0.1 / (rate - rate)")))
    with pytest.raises(ExpressionError, match="strategy 'new', draw in chunk 0"):
        transitions(built)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ('a = "b"\nb = "c + 1"\nc = "a"\n', "need each other .*a -> "),
        ('a = "a"\n', "need each other .*found a -> a"),
        ("a = { nu = 1, otherwise = 2 }\n", "unknown strategy 'nu' .*'new'"),
        ("a = { new = 1 }\n", "a strategy has no value .*found none for 'standard'.*otherwise"),
        ("rate = 1\n", r"'rate' is used twice .*also among \[parameters\]"),
        ("age = 1\n", "'age' is used twice .*the built-in names"),
        ('"two words" = 1\n', "'two words' is not usable"),
        ("_hidden = 1\n", "'_hidden' is not usable"),
    ],
)
def test_values_that_do_not_hold_together_are_refused(load: Load, values: str, said: str) -> None:
    with pytest.raises((CaseError, UnknownNameError), match=said):
        build_case(load(("[values]", f"[values]\n{values}")))


def test_a_parameter_may_not_take_a_built_in_name(load: Load) -> None:
    with pytest.raises(CaseError, match="'mortality' is used twice"):
        build_case(load(("[parameters.u]", "[parameters.mortality]"), ('"u"', '"mortality"')))


TABLE = """\
[tables.extra]
csv = "extra.csv"
by = "age"
key = "from_age"
column = "rate"
[values]"""


def test_a_table_is_read_at_the_age_of_each_cycle(load: Load) -> None:
    text = "from_age,rate\n60,0.1\n65,0.2\n75,0.3\n"
    found = value_of_table(load, text)
    age = 61 + np.arange(40) * 0.5
    np.testing.assert_array_equal(found, np.where(age < 65, 0.1, np.where(age < 75, 0.2, 0.3)))


def value_of_table(load: Load, text: str) -> np.ndarray:
    built = build_case(load(("[values]", TABLE), in_transition("extra"), extra=text))
    return np.asarray(transitions(built)["progressed", "dead"])[:, 0]


def test_a_table_is_read_at_the_time_of_each_cycle(load: Load) -> None:
    by_time = TABLE.replace('by = "age"', 'by = "time"').replace("from_age", "year")
    text = "year,rate\n0,0.1\n0.5,0.2\n12,0.3\n"
    built = build_case(load(("[values]", by_time), in_transition("extra"), extra=text))
    found = np.asarray(transitions(built)["progressed", "dead"])[:, 0]
    np.testing.assert_array_equal(found, np.r_[0.1, np.full(23, 0.2), np.full(16, 0.3)])


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("from_age,rate\n60,0.1\n70,0.2\n", ModelError, "age from 60 to below 80; found 80"),
        ("from_age,rate\n62,0.1\n90,0.2\n", ModelError, r"found 61 \(2 cycles outside"),
        ("from_age,rate\n60,0.1\n", CaseError, "keys of a table do not rise"),
        ("from_age,rate\n60,0.1\n60,0.2\n", CaseError, "keys of a table do not rise"),
        ("from_age,rte\n60,0.1\n70,0.2\n", UnknownNameError, "column 'rate' .*'rte'"),
        ("from_age,rate\n60,nan\n70,0.2\n", CaseError, "csv line 2"),
    ],
)
def test_a_table_that_does_not_serve_is_refused(
    load: Load, text: str, kind: type[PrioriteringError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        value_of_table(load, text)


@pytest.mark.parametrize("name", ["time", "age", "slow"])
def test_a_curve_may_not_vary_by_cycle(load: Load, name: str) -> None:
    slow = ("[values]", '[values]\nslow = "0.1 * cycle"')
    with pytest.raises(ExpressionError, match=r"varies by cycle .*key curves\.inner\.rate"):
        build_case(load(slow, ('rate = "rate"', f'rate = "rate + {name}"'), text=PARTITIONED))
