"""The safe language: what it computes."""

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from prioritering.errors import ExpressionError
from prioritering.parameters import (
    Draws,
    Expression,
    apply_hazard_ratio,
    odds_to_prob,
    prob_to_odds,
    prob_to_rate,
    rate_to_prob,
)

SPACE = {"a": 0.5, "b": -2.0, "c": 3.0, "x": np.array([-1.5, 0.0, 0.25, 2.0]), "strategy": "new"}


def value(text: str, **names: object) -> object:
    return Expression.parse(text).evaluate({**SPACE, **names}).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1.0),
        ("1_000.5e-1", 100.05),
        (".5 + 1.", 1.5),
        ("1 - 2 - 3", -4.0),
        ("1 - (2 - 3)", 2.0),
        ("8 / 4 / 2", 1.0),
        ("2 * 3 + 4 * 5", 26.0),
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("--2", 2.0),
        ("+2 - +3", -1.0),
        ("a * c", 1.5),
        ("x + 1", [-0.5, 1.0, 1.25, 3.0]),
        ("x > 0", [0.0, 0.0, 1.0, 1.0]),
        ("(x > 0) + (x > 1)", [0.0, 0.0, 1.0, 2.0]),
        ("x >= 0 and x < 1", [0.0, 1.0, 1.0, 0.0]),
        ("x < 0 or x > 1", [1.0, 0.0, 0.0, 1.0]),
        ("not x > 0", [1.0, 1.0, 0.0, 0.0]),
        ("not not a", 1.0),
        ("x == 0.25", [0.0, 0.0, 1.0, 0.0]),
        ("x != 0.25", [1.0, 1.0, 0.0, 1.0]),
        ("x <= 0", [1.0, 1.0, 0.0, 0.0]),
        ("1 if x > 0 else 2 if x < 0 else 3", [2.0, 3.0, 1.0, 1.0]),
        ("where(x > 0, x, 0)", [0.0, 0.0, 0.25, 2.0]),
        ("clip(x, 0, 1)", [0.0, 0.0, 0.25, 1.0]),
        ("min(x, 0.2, 1)", [-1.5, 0.0, 0.2, 0.2]),
        ("max(x, 0.2)", [0.2, 0.2, 0.25, 2.0]),
        ("abs(x)", [1.5, 0.0, 0.25, 2.0]),
        ("floor(x)", [-2.0, 0.0, 0.0, 2.0]),
        ("ceil(x)", [-1.0, 0.0, 1.0, 2.0]),
        ("sqrt(16)", 4.0),
        ("strategy == 'new'", 1.0),
        ('strategy != "new"', 0.0),
        ('"old" == strategy', 0.0),
        ("a if strategy == 'new' else 1", 0.5),
        ("a\n  + c", 3.5),
        ("1 / x if x != 0 else 7", [-1 / 1.5, 7.0, 4.0, 0.5]),
        ("where(x >= 0, sqrt(x), -1)", [-1.0, 0.0, 0.5, 2**0.5]),
    ],
)
def test_values(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "function", "arguments"),
    [
        ("exp(u)", np.exp, 1),
        ("expm1(u)", np.expm1, 1),
        ("log(u)", np.log, 1),
        ("log1p(u)", np.log1p, 1),
        ("rate_to_prob(u, v)", rate_to_prob, 2),
        ("prob_to_rate(u, v)", prob_to_rate, 2),
        ("apply_hazard_ratio(u, v)", apply_hazard_ratio, 2),
        ("prob_to_odds(u)", prob_to_odds, 1),
        ("odds_to_prob(u)", odds_to_prob, 1),
    ],
)
def test_functions_equal_their_public_twins(text, function, arguments):
    u, v = np.array([0.1, 0.5, 0.9]), np.array([[0.5], [2.0]])
    ours = Expression.parse(text).evaluate({"u": u, "v": v})
    assert np.array_equal(ours, function(*(u, v)[:arguments]))


numeric = some.deferred(
    lambda: (
        some.sampled_from(["1.0", "2.0", "0.5", "3.0", "a", "b", "c"])
        | some.tuples(numeric, some.sampled_from(["+", "-", "*", "/"]), numeric).map(" ".join)
        | numeric.map(lambda s: f"({s})")
        | numeric.map(lambda s: f"-{s}")
        | numeric.map(lambda s: f"({s}) ** 2.0")
        | some.tuples(numeric, logical, numeric).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
    )
)
compared = some.tuples(numeric, some.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numeric)
logical = some.deferred(
    lambda: (
        compared.map(" ".join)
        | some.tuples(logical, some.sampled_from(["and", "or"]), logical).map(" ".join)
        | logical.map(lambda s: f"not {s}")
        | logical.map(lambda s: f"({s})")
    )
)


@settings(deadline=None, max_examples=150)
@given(text=numeric | logical)
def test_it_reads_as_python_does(text):
    """Whenever our value exists it is Python's; when Python finds none, neither do we."""
    assume(len(text) < 1500)
    try:
        ours = float(Expression.parse(text).evaluate(SPACE))
    except ExpressionError as error:
        assume("nested too deep" not in str(error))
        ours = None
    try:
        theirs = float(eval(text, {"__builtins__": {}}, SPACE))  # noqa: S307
    except (ZeroDivisionError, OverflowError):
        theirs = None
    if ours is not None:
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-300)
    elif " and " not in text and " or " not in text:
        assert theirs is None or abs(theirs) > 1e200


def test_names_and_texts_used():
    formula = Expression.parse("p_A.B * x if strategy == 'new' and arm != 'z' else exp(y)")
    assert formula.names == {"p_A.B", "x", "strategy", "arm", "y"}
    assert formula.texts == {("strategy", "new"), ("arm", "z")}
    assert Expression.parse("1 + 2").names == frozenset()


def test_draws_and_components_as_namespace():
    draws = Draws.from_arrays({"hr": [0.5, 1.0], "p_A": {"B": [0.1, 0.2], "C": [0.9, 0.8]}})
    assert Expression.parse("p_A.B * hr").evaluate(draws).tolist() == [0.05, 0.2]
    assert Expression.parse("p_A.B").evaluate({"p_A.B": 3}).tolist() == 3.0
    both = {**draws, "strategy": "new", "age": np.array([[60.0], [61.0]])}
    assert Expression.parse("age * p_A.C").evaluate(both).shape == (2, 2)


def test_text_in_arrays_is_compared_element_by_element():
    space = {"sex": np.array(["f", "m", "f"])}
    assert Expression.parse("2 if sex == 'f' else 3").evaluate(space).tolist() == [2, 3, 2]


def test_result_is_always_float64():
    assert Expression.parse("n").evaluate({"n": np.array([1, 2])}).dtype == np.float64
    assert Expression.parse("n > 1").evaluate({"n": np.array([1, 2])}).dtype == np.float64
    assert Expression.parse("n").evaluate({"n": True}).dtype == np.float64
    assert Expression.parse("n / 0.0 if n < 0 else n").evaluate({"n": np.uint8(3)}) == 3.0
    assert Expression.parse("-n").evaluate({"n": np.uint8(3)}) == -3.0


def test_result_is_not_the_input_itself():
    mine = np.array([1.0, 2.0])
    Expression.parse("x").evaluate({"x": mine})[0] = 9.0
    assert mine[0] == 1.0


def test_expressions_survive_pickle_and_compare_by_text_and_tree():
    formula = Expression.parse("a + b * 2")
    assert pickle.loads(pickle.dumps(formula)) == formula
    assert hash(formula) == hash(Expression.parse("a + b * 2"))
    assert formula.tree == Expression.parse("a+b*2").tree
    assert formula.tree != Expression.parse("a+b*3").tree
    assert str(formula) == "a + b * 2"


def test_long_sums_are_fine():
    assert Expression.parse("+".join(["1"] * 900)).evaluate({}) == 900.0
    assert Expression.parse("0" + "-1" * 900).evaluate({}) == -900.0
