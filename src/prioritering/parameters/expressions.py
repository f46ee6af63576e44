"""Safe expressions: formulas from a case file, parsed to a tree and never run as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from typing import Any

import numpy as np

from prioritering.errors import ExpressionError
from prioritering.parameters import _formulas
from prioritering.parameters._checks import Floats
from prioritering.parameters._syntax import (
    Arity,
    Name,
    Node,
    Number,
    TextTest,
    parse,
    refusal,
    walk,
)


@dataclass(frozen=True)
class Expression:
    """A formula over named values.

    The language: numbers; names, and components as ``p_A.B``; ``+ - * / **``; comparisons,
    ``and``, ``or``, ``not`` and ``a if condition else b``, all element by element and with
    1 for true, 0 for false; ``strategy == "new"``; and the functions in :data:`FUNCTIONS`.

    Attributes
    ----------
    text
        As written.
    tree
        Nested numbers, names, tests of text and calls.

    Examples
    --------
    >>> formula = Expression.parse("rate_to_prob(rate * (hr if strategy == 'new' else 1), 1/12)")
    >>> sorted(formula.names)
    ['hr', 'rate', 'strategy']
    >>> formula.evaluate({"rate": 0.3, "hr": np.array([0.5, 1.0]), "strategy": "new"}).round(6)
    array([0.012422, 0.02469 ])
    """

    text: str
    tree: Node

    @classmethod
    def parse(cls, text: str, *, names: Iterable[str] | None = None) -> Expression:
        """Parse a formula.

        Parameters
        ----------
        text
            At most 2 000 characters, nested at most 50 deep.
        names
            Names that may occur, components as ``"p_A.B"``; any name if not given.

        Raises
        ------
        ExpressionError
            Anything outside the language, or a name not among ``names``; gives the column.
        """
        expression = cls(text, parse(text, {name: arity for name, (arity, _) in FUNCTIONS.items()}))
        if names is not None:
            expression._check_names(tuple(names))
        return expression

    @property
    def names(self) -> frozenset[str]:
        """Names used, a component as ``"p_A.B"``."""
        return frozenset(n.name for n in walk(self.tree) if isinstance(n, Name | TextTest))

    @property
    def texts(self) -> frozenset[tuple[str, str]]:
        """Pairs (name, text) compared, so that a caller can refuse a misspelt text."""
        return frozenset((n.name, n.text) for n in walk(self.tree) if isinstance(n, TextTest))

    def evaluate(self, namespace: Mapping[str, Any]) -> Floats:
        """Value of the formula.

        Parameters
        ----------
        namespace
            Numbers or arrays by name (they broadcast), text for names compared with text.
            ``p_A.B`` is looked up as that key, else as ``namespace["p_A"]["B"]``; draws fit.

        Returns
        -------
        ndarray
            float64, of the broadcast shape.

        Raises
        ------
        ExpressionError
            An unknown name, text where a number belongs, or a value that is not finite:
            division by zero, overflow, a logarithm or root of a negative number, a
            probability outside [0, 1]. Such a value counts unless an ``if`` or ``where``
            discards it; it is never turned into a number by ``min``, a comparison or ``0 *``.
        """
        self._check_shapes(namespace)
        with np.errstate(all="ignore"):
            result = np.array(self._value(self.tree, namespace), dtype=np.float64)
        bad = ~np.isfinite(result)
        if bad.any():
            first = tuple(int(i) for i in np.argwhere(bad)[0])
            raise ExpressionError(
                f"expression {self.text!r} has no finite value",
                expected="finite numbers",
                found=f"{int(bad.sum())} of {result.size} values are not",
                where={"index": first[0] if len(first) == 1 else first} if first else None,
                remedy=(
                    "Look for a division by zero, an overflow, the logarithm or root of a "
                    "negative number, or a probability outside [0, 1]."
                ),
            )
        return result

    def __str__(self) -> str:
        return self.text

    def _value(self, node: Node, namespace: Mapping[str, Any]) -> Any:
        if isinstance(node, Number):
            return np.float64(node.value)
        if isinstance(node, Name):
            return self._number(node, namespace)
        if isinstance(node, TextTest):
            return self._text_test(node, namespace)
        values = [self._value(argument, namespace) for argument in node.arguments]
        return _finite_or_nan(_OPERATIONS[node.function](*values))

    def _number(self, node: Name, namespace: Mapping[str, Any]) -> Any:
        found = self._look_up(node, namespace)
        value = np.asarray(found)
        if value.dtype.kind not in "fiub":
            raise refusal(
                self.text,
                f"{node.name!r} is not a number but {type(found).__name__}",
                node.column,
                remedy=_not_a_number(node.name, found),
            )
        value = value.astype(np.float64, copy=False)
        if not np.isfinite(value).all():
            count = int((~np.isfinite(value)).sum())
            raise refusal(
                self.text,
                f"{node.name!r} holds {count} values that are not finite",
                node.column,
                expected="finite numbers",
            )
        return value

    def _text_test(self, node: TextTest, namespace: Mapping[str, Any]) -> Any:
        value = np.asarray(self._look_up(node, namespace))
        if value.dtype.kind != "U":
            raise refusal(
                self.text, f"{node.name!r} is compared with text but is not text", node.column
            )
        return np.asarray((value == node.text) == node.equal, dtype=np.float64)

    def _look_up(self, node: Name | TextTest, namespace: Mapping[str, Any]) -> Any:
        if node.name in namespace:
            return namespace[node.name]
        owner, dot, part = node.name.partition(".")
        inside = namespace[owner] if dot and owner in namespace else None
        if isinstance(inside, Mapping) and part in inside:
            return inside[part]
        known = [f"{owner}.{k}" for k in inside] if isinstance(inside, Mapping) else namespace
        raise self._unknown(node, tuple(known))

    def _check_shapes(self, namespace: Mapping[str, Any]) -> None:
        nodes = [node for node in walk(self.tree) if isinstance(node, Name | TextTest)]
        shapes = {node.name: np.shape(self._look_up(node, namespace)) for node in nodes}
        try:
            np.broadcast_shapes(*shapes.values())
        except ValueError:
            raise ExpressionError(
                f"values of expression {self.text!r} do not fit together",
                expected="shapes that broadcast",
                found=", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape),
            ) from None

    def _check_names(self, known: tuple[str, ...]) -> None:
        for node in walk(self.tree):
            if isinstance(node, Name | TextTest) and node.name not in known:
                raise self._unknown(node, known)

    def _unknown(self, node: Name | TextTest, known: tuple[str, ...]) -> ExpressionError:
        close = get_close_matches(node.name, known, n=1, cutoff=0.5)
        return refusal(
            self.text,
            f"unknown name {node.name!r}",
            node.column,
            expected="one of " + ", ".join(known) if known else "no names",
            remedy=f"Did you mean {close[0]!r}?" if close else None,
        )


def _not_a_number(name: str, value: object) -> str | None:
    if isinstance(value, Mapping) and value:
        return f"Name one component: {name}.{next(iter(value))}."
    return f"Text can only be compared: {name} == 'text'." if isinstance(value, str) else None


# Values that are not finite become NaN at once and stay NaN, so that no later operation can
# make a number of them; only a choice between branches leaves them behind.


def _finite_or_nan(value: Any) -> Any:
    finite = np.isfinite(value)
    return value if finite.all() else np.where(finite, value, np.nan)


def _defined(value: Any, *arguments: Any) -> Any:
    """``value`` as float64, NaN where an argument is NaN."""
    missing = reduce(np.logical_or, [np.isnan(a) for a in arguments])
    return np.where(missing, np.nan, value)


def _compare(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: _defined(compare(a, b), a, b)


def _within(value: Any, inside: Any) -> Any:
    return np.where(inside, value, np.nan)


def _choose(condition: Any, a: Any, b: Any) -> Any:
    return _defined(np.where(condition != 0, a, b), condition)


def _rate_to_prob(rate: Any, time: Any) -> Any:
    return _within(_formulas.rate_to_prob(rate, time), (rate >= 0) & (time >= 0))


def _prob_to_rate(prob: Any, time: Any) -> Any:
    return _within(_formulas.prob_to_rate(prob, time), (prob >= 0) & (prob < 1) & (time > 0))


def _prob_to_odds(prob: Any) -> Any:
    return _within(_formulas.prob_to_odds(prob), (prob >= 0) & (prob < 1))


def _odds_to_prob(odds: Any) -> Any:
    return _within(_formulas.odds_to_prob(odds), odds >= 0)


def _apply_hazard_ratio(prob: Any, hr: Any) -> Any:
    inside = (prob >= 0) & (prob <= 1) & (hr >= 0)
    return _within(_formulas.apply_hazard_ratio(prob, hr), inside)


def _clip(value: Any, low: Any, high: Any) -> Any:
    return _within(np.clip(value, low, high), low <= high)


_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": lambda *terms: reduce(np.add, terms),
    "neg": np.negative,
    "*": np.multiply,
    "/": np.divide,
    "**": lambda a, b: _defined(np.power(a, b), a, b),
    "<": _compare(np.less),
    "<=": _compare(np.less_equal),
    ">": _compare(np.greater),
    ">=": _compare(np.greater_equal),
    "==": _compare(np.equal),
    "!=": _compare(np.not_equal),
    "and": _compare(np.logical_and),
    "or": _compare(np.logical_or),
    "not": lambda a: _defined(np.logical_not(a), a),
    "if": _choose,
}

FUNCTIONS: dict[str, tuple[Arity, Callable[..., Any]]] = {
    "abs": ((1, 1), np.abs),
    "apply_hazard_ratio": ((2, 2), _apply_hazard_ratio),
    "ceil": ((1, 1), np.ceil),
    "clip": ((3, 3), _clip),
    "exp": ((1, 1), np.exp),
    "expm1": ((1, 1), np.expm1),
    "floor": ((1, 1), np.floor),
    "log": ((1, 1), np.log),
    "log1p": ((1, 1), np.log1p),
    "max": ((2, None), lambda *values: reduce(np.maximum, values)),
    "min": ((2, None), lambda *values: reduce(np.minimum, values)),
    "odds_to_prob": ((1, 1), _odds_to_prob),
    "prob_to_odds": ((1, 1), _prob_to_odds),
    "prob_to_rate": ((2, 2), _prob_to_rate),
    "rate_to_prob": ((2, 2), _rate_to_prob),
    "sqrt": ((1, 1), np.sqrt),
    "where": ((3, 3), _choose),
}

_OPERATIONS = _OPERATORS | {name: function for name, (_, function) in FUNCTIONS.items()}
