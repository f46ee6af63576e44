"""The safe language: everything it refuses, and where it says the fault is."""

import numpy as np
import pytest

from prioritering.errors import ExpressionError
from prioritering.parameters import (
    Expression,
)

SPACE = {"x": np.array([-1.5, 0.0, 0.25, 2.0])}


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


@pytest.mark.parametrize(
    "text", ["9**9**9**9", "10**10**10", "9" * 1900 + "." + "9", "exp(exp(exp(9)))"]
)
def test_huge_powers_end_at_once_in_an_error(text):
    with pytest.raises(ExpressionError, match="no finite value|too large"):
        Expression.parse(text).evaluate({})


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
