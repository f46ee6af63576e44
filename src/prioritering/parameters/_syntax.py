"""The safe language of case files: words, grammar, and the tree they become.

Grammar, loosest first::

    choice     = either ["if" either "else" choice]
    either     = both {"or" both}
    both       = negation {"and" negation}
    negation   = "not" negation | comparison
    comparison = sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
    sum        = product {("+" | "-") product}
    product    = sign {("*" | "/") sign}
    sign       = ("-" | "+") sign | power
    power      = atom ["**" sign]
    atom       = number | name ["." name] | name "(" [choice {"," choice}] ")" | "(" choice ")"

It reads as Python does. A sum is one call of ``"+"`` on its terms, in order, a term after a
minus sign being a call of ``"neg"``; every other chain nests to the left. Text in quotes
stands only beside ``==`` or ``!=`` and a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from keyword import iskeyword
from math import isfinite

from prioritering.errors import ExpressionError

MAX_LENGTH = 2000
MAX_DEPTH = 50


@dataclass(frozen=True)
class Number:
    """A number, always float64."""

    value: float


@dataclass(frozen=True)
class Name:
    """A value by name, ``"hr"`` or ``"p_A.B"``; ``column`` counts from 1."""

    name: str
    column: int = field(compare=False, default=0)


@dataclass(frozen=True)
class TextTest:
    """Whether a named text equals a literal; ``equal`` False for ``!=``."""

    name: str
    text: str
    equal: bool
    column: int = field(compare=False, default=0)


@dataclass(frozen=True)
class Call:
    """A function or an operator (``"+"``, ``"neg"``, ``"if"``, ...) on its arguments."""

    function: str
    arguments: tuple[Node, ...]
    column: int = field(compare=False, default=0)
    depth: int = field(compare=False, default=1)


Node = Number | Name | TextTest | Call

Arity = tuple[int, int | None]


def parse(text: str, functions: Mapping[str, Arity]) -> Node:
    """Parse ``text`` into a tree that calls only ``functions``.

    Raises
    ------
    ExpressionError
        Text too long, nested too deep, or outside the grammar; names the column.
    """
    if not isinstance(text, str):
        raise ExpressionError("expression is not text", expected="text", found=repr(text))
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            "expression is too long",
            expected=f"at most {MAX_LENGTH} characters",
            found=f"{len(text)} characters",
        )
    return _Parser(text, functions).whole()


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree, the root first."""
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from walk(argument)


def refusal(
    text: str, problem: str, column: int, *, expected: str | None = None, remedy: str | None = None
) -> ExpressionError:
    """Build the error for a fault at a column of an expression."""
    return ExpressionError(
        problem, expected=expected, found=repr(text), where={"column": column}, remedy=remedy
    )


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


_TOKEN = re.compile(
    r"""(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
      | (?P<operator>\*\*|//|<=|>=|==|!=|[-+*/<>(),.])
      | (?P<space>[\ \t\r\n]+)""",
    re.VERBOSE,
)
_WORDS = frozenset({"if", "else", "and", "or", "not"})
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_TOO_DEEP = "expression is nested too deep"
_HINTS = {
    "=": "Write == to compare.",
    "^": "Write ** for a power.",
    "[": "Write p.B for a component.",
    "%": "Write 0.05 for 5 %.",
    ":": "A conditional is written: a if condition else b.",
}


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield _Token("bad", text[position], position + 1)
            position += 1
            continue
        kind, found = str(match.lastgroup), match.group()
        if kind == "name" and found in _WORDS:
            kind = "operator"
        if kind != "space":
            yield _Token(kind, found, position + 1)
        position = match.end()
    yield _Token("end", "", len(text) + 1)


class _Parser:
    """Recursive descent over the tokens; refuses what is nested deeper than MAX_DEPTH."""

    def __init__(self, text: str, functions: Mapping[str, Arity]) -> None:
        self.text = text
        self.functions = functions
        self.tokens = list(_tokens(text))
        self.position = 0
        self.nesting = 0

    def whole(self) -> Node:
        tree = self.choice()
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")
        return tree

    # The grammar, one method per rule.

    def choice(self) -> Node:
        column = self.token.column
        value = self.nested(self.either)
        if not self.accept("if"):
            return value
        condition = self.either()
        self.require("else")
        return self.call("if", (condition, value, self.nested(self.choice)), column)

    def either(self) -> Node:
        return self.chain(self.both, ("or",))

    def both(self) -> Node:
        return self.chain(self.negation, ("and",))

    def negation(self) -> Node:
        column = self.token.column
        if self.accept("not"):
            return self.call("not", (self.nested(self.negation),), column)
        return self.comparison()

    def comparison(self) -> Node:
        left_token, left = self.token, self.operand()
        operator = self.token
        if operator.kind != "operator" or operator.text not in _COMPARISONS:
            return self.number_only(left, left_token)
        self.position += 1
        right = self.operand()
        if self.token.kind == "operator" and self.token.text in _COMPARISONS:
            raise self.refuse("comparisons do not chain", remedy="Write a < b and b < c.")
        if isinstance(left, str) or isinstance(right, str):
            return self.text_test(left, right, operator)
        return self.call(operator.text, (left, right), operator.column)

    def sum(self) -> Node:
        column = self.token.column
        terms = [self.product()]
        while (operator := self.token).text in ("+", "-") and operator.kind == "operator":
            self.position += 1
            term = self.product()
            terms.append(
                term if operator.text == "+" else self.call("neg", (term,), operator.column)
            )
        return terms[0] if len(terms) == 1 else self.call("+", tuple(terms), column)

    def product(self) -> Node:
        return self.chain(self.sign, ("*", "/"))

    def sign(self) -> Node:
        column = self.token.column
        if self.accept("-"):
            return self.call("neg", (self.nested(self.sign),), column)
        if self.accept("+"):
            return self.nested(self.sign)
        return self.power()

    def power(self) -> Node:
        base, column = self.atom(), self.token.column
        if self.accept("**"):
            return self.call("**", (base, self.nested(self.sign)), column)
        return base

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            return self.name()
        if self.accept("("):
            inside = self.choice()
            self.require(")")
            return inside
        raise self.unexpected("a number, a name or '('")

    # Pieces of the rules.

    def operand(self) -> Node | str:
        if self.token.kind == "text":
            self.position += 1
            return self.tokens[self.position - 1].text[1:-1]
        return self.sum()

    def number_only(self, operand: Node | str, token: _Token) -> Node:
        if isinstance(operand, str):
            raise self.refuse("text stands alone", token, remedy='Compare it: strategy == "new".')
        return operand

    def text_test(self, left: Node | str, right: Node | str, operator: _Token) -> Node:
        name, text = (right, left) if isinstance(left, str) else (left, right)
        if (
            not isinstance(name, Name)
            or not isinstance(text, str)
            or operator.text not in ("==", "!=")
        ):
            raise self.refuse(
                "text is compared wrongly",
                operator,
                remedy='Write name == "text" or name != "text".',
            )
        return TextTest(name.name, text, operator.text == "==", name.column)

    def number(self) -> Node:
        token = self.token
        self.position += 1
        follows = self.token
        if follows.kind in ("name", "number") and follows.column == token.column + len(token.text):
            raise self.refuse(f"number runs into {follows.text!r}", follows)
        try:
            value = float(token.text)
        except ValueError:
            raise self.refuse(f"{token.text!r} is not a number", token) from None
        if not isfinite(value):
            raise self.refuse(f"{token.text} is too large for a number", token)
        return Number(value)

    def name(self) -> Node:
        token = self.identifier()
        if self.accept("("):
            return self.function(token)
        if self.accept("."):
            part = self.identifier()
            if self.token.text in (".", "("):
                raise self.unexpected("an operator or the end; names have one dot and no methods")
            return Name(f"{token.text}.{part.text}", token.column)
        return Name(token.text, token.column)

    def identifier(self) -> _Token:
        token = self.token
        if token.kind != "name":
            raise self.unexpected("a name")
        if iskeyword(token.text) or token.text.startswith("_"):
            raise self.refuse(f"{token.text!r} is not part of the language")
        self.position += 1
        return token

    def function(self, token: _Token) -> Node:
        if token.text not in self.functions:
            close = get_close_matches(token.text, self.functions, n=1, cutoff=0.5)
            raise self.refuse(
                f"unknown function {token.text!r}",
                token,
                expected="one of " + ", ".join(sorted(self.functions)),
                remedy=f"Did you mean {close[0]!r}?" if close else None,
            )
        arguments: list[Node] = []
        if not self.accept(")"):
            arguments.append(self.choice())
            while self.accept(","):
                arguments.append(self.choice())
            self.require(")")
        least, most = self.functions[token.text]
        if len(arguments) < least or (most is not None and len(arguments) > most):
            wanted = f"{least}" if least == most else f"at least {least}"
            raise self.refuse(
                f"{token.text} was given {len(arguments)} arguments", token, expected=wanted
            )
        return self.call(token.text, tuple(arguments), token.column)

    def chain(self, part: Callable[[], Node], operators: tuple[str, ...]) -> Node:
        left = part()
        while self.token.kind == "operator" and self.token.text in operators:
            operator = self.token
            self.position += 1
            left = self.call(operator.text, (left, part()), operator.column)
        return left

    def call(self, function: str, arguments: tuple[Node, ...], column: int) -> Node:
        depth = 1 + max((getattr(part, "depth", 1) for part in arguments), default=0)
        if depth > MAX_DEPTH:
            raise refusal(self.text, _TOO_DEEP, column, expected=f"depth up to {MAX_DEPTH}")
        return Call(function, arguments, column, depth)

    # Movement and refusal.

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def accept(self, text: str) -> bool:
        matches = self.token.kind == "operator" and self.token.text == text
        self.position += matches
        return matches

    def require(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected(repr(text))

    def nested(self, rule: Callable[[], Node]) -> Node:
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise self.refuse(_TOO_DEEP, expected=f"depth up to {MAX_DEPTH}")
        tree = rule()
        self.nesting -= 1
        return tree

    def unexpected(self, expected: str) -> ExpressionError:
        token = self.token
        if token.kind == "bad":
            problem = f"character {token.text!r} is not part of the language"
            return self.refuse(problem, remedy=_HINTS.get(token.text))
        found = repr(token.text) if token.text else "end"
        return self.refuse(f"unexpected {found}", expected=expected)

    def refuse(
        self,
        problem: str,
        token: _Token | None = None,
        *,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> ExpressionError:
        column = (token or self.token).column
        return refusal(self.text, problem, column, expected=expected, remedy=remedy)
