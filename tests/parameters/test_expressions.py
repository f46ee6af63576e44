"""The safe language: what it computes, and everything it refuses."""

import pickle
import time

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


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("__import__('os').system('ls')", 1, "'__import__' is not part of the language"),
        ("().__class__", 2, r"unexpected '\)'"),
        ("(1).__class__", 4, r"unexpected '\.'"),
        ("a.__class__", 3, "'__class__' is not part of the language"),
        ("a._hidden", 3, "'_hidden' is not part of the language"),
        ("a.b.c", 4, r"unexpected '\.'.* expected an operator or the end; names have one dot"),
        ("a.real()", 7, r"unexpected '\('.*no methods"),
        ("a.b(1)", 4, "no methods"),
        ("lambda: 1", 1, "'lambda' is not part of the language"),
        ("lambda x: x", 1, "'lambda'"),
        ("[x for x in a]", 1, r"character '\['"),
        ("(x for x in a)", 4, "unexpected 'for'"),
        ("{x}", 1, "character '{'"),
        ("f'{a}'", 2, "unexpected"),
        ("(y := 5)", 4, "character ':'"),
        ("a[0]", 2, r"character '\['.*Write p.B for a component"),
        ("exp(a, out=b)", 11, "character '='.*Write == to compare"),
        ("exp(*x)", 5, r"unexpected '\*'"),
        ("exp(**x)", 5, r"unexpected '\*\*'"),
        ("eval('1')", 1, "unknown function 'eval'"),
        ("exec(a)", 1, "unknown function 'exec'"),
        ("open(a)", 1, "unknown function 'open'"),
        ("getattr(a, b)", 1, "unknown function 'getattr'"),
        ("exp(a)(b)", 7, r"unexpected '\('"),
        ("(exp)(a)", 6, r"unexpected '\('"),
        ("a; b", 2, "character ';'"),
        ("a = 3", 3, "Write == to compare"),
        ("import os", 1, "'import' is not part of the language"),
        ("yield a", 1, "'yield'"),
        ("await a", 1, "'await'"),
        ("a is b", 3, "unexpected 'is'"),
        ("a in b", 3, "unexpected 'in'"),
        ("True", 1, "'True' is not part of the language"),
        ("None", 1, "'None'"),
        ("...", 1, r"unexpected '\.'"),
        ("a @ b", 3, "character '@'"),
        ("a ^ 2", 3, r"Write \*\* for a power"),
        ("a % 2", 3, "character '%'"),
        ("a // 2", 3, "unexpected '//'"),
        ("a & b", 3, "character '&'"),
        ("~a", 1, "character '~'"),
        ("a != b != c", 8, "comparisons do not chain.*a < b and b < c"),
        ("0 < a < 1", 7, "comparisons do not chain"),
        ("'text'", 1, "text stands alone"),
        ("'a' + 'b'", 1, "text stands alone"),
        ("exp('a')", 5, "text stands alone"),
        ("'a' == 'b'", 5, 'text is compared wrongly.*name == "text"'),
        ("strategy < 'b'", 10, "text is compared wrongly"),
        ("a + 1 == 'b'", 7, "text is compared wrongly"),
        ("strategy == 'new' == 'old'", 19, "comparisons do not chain"),
        ("strategy == 'ne\\x77'", 13, "character"),
        ("strategy == 'new", 13, "character"),
        ("1j", 2, "number runs into 'j'"),
        ("0x10", 2, "number runs into 'x10'"),
        ("1__0", 1, "'1__0' is not a number"),
        ("1e", 2, "number runs into 'e'"),
        ("1..2", 3, "number runs into"),
        ("1e400", 1, "too large for a number"),
        ("2 3", 3, "unexpected '3'.* expected an operator or the end"),
        ("0,5", 2, "unexpected ','"),
        ("٣", 1, "character"),
        ("", 1, "unexpected end.* expected a number, a name"),
        ("   ", 4, "unexpected end"),
        ("1 +", 4, "unexpected end"),
        ("(1", 3, r"unexpected end.* expected '\)'"),
        ("1)", 2, r"unexpected '\)'"),
        ("exp(1", 6, "unexpected end"),
        ("exp(1,)", 7, r"unexpected '\)'"),
        ("exp()", 1, "exp was given 0 arguments.* expected 1"),
        ("exp(1, 2)", 1, "exp was given 2 arguments"),
        ("min(1)", 1, "min was given 1 arguments.* expected at least 2"),
        ("where(1, 2)", 1, "expected 3"),
        ("1 if 2", 7, "unexpected end.* expected 'else'"),
        ("if 1", 1, "unexpected 'if'"),
        ("a.", 3, "unexpected end.* expected a name"),
        ("a.if", 3, "unexpected 'if'"),
        ("not", 4, "unexpected end"),
        ("a\x00b", 2, "character"),
        ("a\\\n+ b", 2, "character"),
        ("# comment", 1, "character '#'"),
        ("expp(1)", 1, "unknown function 'expp'.* expected one of abs, .*Did you mean 'exp'"),
    ],
)
def test_everything_else_is_refused_with_its_column(text, column, message):
    with pytest.raises(ExpressionError, match=message) as caught:
        Expression.parse(text)
    assert caught.value.where == {"column": column}
    assert caught.value.found == repr(text)


@pytest.mark.parametrize("bad", [3, None, b"1", ["1"]])
def test_only_text_is_parsed(bad):
    with pytest.raises(ExpressionError, match="expression is not text"):
        Expression.parse(bad)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60 + "1" + ")" * 60,
        "(" * 999 + "1" + ")" * 999,
        "-" * 60 + "1",
        "+" * 1999 + "1",
        "not " * 60 + "1",
        "2" + "**1" * 60,
        "1" + " if 1 else 1" * 60,
        "exp(" * 60 + "1" + ")" * 60,
        "1" + "*1" * 60,
        "1" + "/1" * 900,
        "1" + " and 1" * 60,
        "min(1," * 250 + "1" + ")" * 250,
        "(1*" * 30 + "(2" + "/2" * 30 + ")" + ")" * 30,
    ],
)
def test_deep_nesting_is_refused(text):
    with pytest.raises(ExpressionError, match="nested too deep.*expected depth up to 50"):
        Expression.parse(text)


def test_long_text_is_refused():
    with pytest.raises(
        ExpressionError, match="too long; expected at most 2000 characters; found 2001"
    ):
        Expression.parse("1" * 2001)


def test_long_sums_are_fine():
    assert Expression.parse("+".join(["1"] * 900)).evaluate({}) == 900.0
    assert Expression.parse("0" + "-1" * 900).evaluate({}) == -900.0


@pytest.mark.parametrize(
    "text", ["9**9**9**9", "10**10**10", "9" * 1900 + "." + "9", "exp(exp(exp(9)))"]
)
def test_huge_powers_end_at_once_in_an_error(text):
    start = time.perf_counter()
    with pytest.raises(ExpressionError, match="no finite value|too large"):
        Expression.parse(text).evaluate({})
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "1 / x",
        "log(x)",
        "sqrt(x)",
        "x ** 0.5",
        "exp(x * 1e4)",
        "rate_to_prob(x, 1)",
        "prob_to_rate(x, 1)",
        "prob_to_odds(x)",
        "odds_to_prob(x)",
        "apply_hazard_ratio(x, 1)",
        "apply_hazard_ratio(0.5, x)",
        "rate_to_prob(1, x)",
        "prob_to_rate(0.5, x)",
        "log1p(x)",
        "clip(0.5, x, 1)",
        # What is not finite stays so, whatever is done to it:
        "min(1 / abs(x), 1)",
        "max(log(x), 0)",
        "exp(-1 / abs(x))",
        "1 / (1 / x)",
        "0 * log(x)",
        "log(x) ** 0",
        "1 ** log(x)",
        "log(x) > 0",
        "log(x) < 0 or 1",
        "not log(x)",
        "log(x) == log(x)",
        "1 if log(x) > 0 else 2",
        "where(log(x), 1, 2)",
        "clip(1 / x, 0, 1)",
        "floor(1 / x) * 0",
        "rate_to_prob(1 / abs(x), 1)",
        "odds_to_prob(1 / abs(x))",
    ],
)
def test_values_that_are_not_finite_are_refused(text):
    with pytest.raises(ExpressionError, match="has no finite value.*of 4 values are not.*Look for"):
        Expression.parse(text).evaluate(SPACE)


def test_refusal_names_the_expression_the_first_index_and_the_count():
    with pytest.raises(ExpressionError) as caught:
        Expression.parse("1 / x").evaluate({"x": np.array([1.0, 0.0, 2.0, 0.0])})
    assert caught.value.where == {"index": 1}
    assert "'1 / x'" in str(caught.value)
    assert "2 of 4 values" in str(caught.value)
    with pytest.raises(ExpressionError) as caught:
        Expression.parse("1 / x").evaluate({"x": np.array([[1.0, 1.0], [1.0, 0.0]])})
    assert caught.value.where == {"index": (1, 1)}
    with pytest.raises(ExpressionError, match="1 of 1 values"):
        Expression.parse("1 / 0").evaluate({})


@pytest.mark.parametrize(
    ("text", "space", "message"),
    [
        (
            "hr * 2",
            {"hrr": 1.0},
            r"unknown name 'hr' \(column 1\); expected one of hrr.*mean 'hrr'",
        ),
        ("2 * p_A.B", {"p_A": {"C": 1.0, "BB": 2.0}}, r"unknown name 'p_A.B' \(column 5\).*p_A.BB"),
        ("a.b", {"a": 1.0}, "unknown name 'a.b'"),
        ("x", {}, "unknown name 'x'.*expected no names"),
        ("strateg == 'new'", {"strategy": "new"}, "unknown name 'strateg'.*'strategy'"),
        (
            "strategy + 1",
            {"strategy": "new"},
            "'strategy' is not a number but str.*only be compared",
        ),
        ("a == 'new'", {"a": 1.0}, r"'a' is compared with text but is not text"),
        ("p * 2", {"p": {"B": 1.0}}, "'p' is not a number but dict.*Name one component: p.B"),
        ("f + 1", {"f": print}, "'f' is not a number but builtin_function"),
        ("f + 1", {"f": None}, "'f' is not a number but NoneType"),
        ("f + 1", {"f": 1j}, "'f' is not a number but complex"),
        ("x + 1", {"x": [1.0, np.nan]}, r"'x' holds 1 values that are not finite \(column 1\)"),
        ("1 if 1 else x", {"x": np.inf}, "'x' holds 1 values that are not finite"),
    ],
)
def test_names_that_cannot_be_used_say_why(text, space, message):
    with pytest.raises(ExpressionError, match=message):
        Expression.parse(text).evaluate(space)


def test_names_can_be_checked_when_parsing():
    known = ("hr_new", "p_A.B", "strategy")
    assert Expression.parse("hr_new * p_A.B", names=known).names == {"hr_new", "p_A.B"}
    message = r"unknown name 'hr_nwe' \(column 5\); expected one of hr_new.*Did you mean 'hr_new'"
    with pytest.raises(ExpressionError, match=message):
        Expression.parse("1 + hr_nwe", names=known)
    with pytest.raises(ExpressionError, match=r"unknown name 'p_A\.C'"):
        Expression.parse("p_A.C", names=iter(known))
    with pytest.raises(ExpressionError, match="unknown name 'arm'"):
        Expression.parse("arm == 'x'", names=known)


def test_shapes_that_do_not_broadcast_are_an_expression_error():
    with pytest.raises(ExpressionError, match=r"do not fit together.*x \(3,\), y \(2,\)"):
        Expression.parse("x + y").evaluate({"x": np.ones(3), "y": np.ones(2)})
