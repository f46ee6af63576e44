"""Rank correlation between parameters: a Gaussian copula that leaves every marginal as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import pi, sin
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from prioritering.errors import ParameterError, unknown_name
from prioritering.parameters._checks import Floats, number
from prioritering.parameters.distributions import Distribution, Empirical

if TYPE_CHECKING:
    from prioritering.parameters.parameter import Parameter

Pair: TypeAlias = tuple[str, str]

ROUNDING = 1e-12
"""Eigenvalues above minus this are 0 but for floating point."""

MOST_TIES = 0.01
"""Largest sum of cubed shares of equal values; it lowers a rank correlation by half a per cent."""


class RankCorrelation:
    """Spearman's correlations between single parameters.

    Parameters
    ----------
    pairs
        Rank correlation of each pair of names, above -1 and below 1; pairs not named are 0.

    Raises
    ------
    ParameterError
        A pair that is not two different names, a pair named twice, a correlation outside
        (-1, 1), or correlations that no joint distribution has.

    Notes
    -----
    Each block of connected parameters is drawn as ``x_i = F_i^-1(Phi(y_i))`` with
    ``y = R^(1/2) z``, ``z`` independent standard normals and ``R_ij = 2 sin(pi rho_ij / 6)``,
    the Pearson correlation of normals whose Spearman correlation is ``rho_ij`` (Pearson 1907;
    Kruskal 1958, J Am Stat Assoc 53, p. 827). Ranks do not change under increasing functions,
    so the correlation holds whatever the marginals. The symmetric root does not depend on the
    order of the names.
    """

    def __init__(self, pairs: Mapping[Pair, float]) -> None:
        checked: dict[Pair, float] = {}
        for key, value in pairs.items():
            pair = _pair(key)
            if pair in checked:
                raise _named_twice(pair)
            checked[pair] = _open_unit(pair, value)
        self._pairs = dict(sorted(checked.items()))
        for block in self.blocks:
            self._check(block)

    @property
    def pairs(self) -> Mapping[Pair, float]:
        """Rank correlation of each pair, the names of a pair and the pairs in sorted order."""
        return MappingProxyType(self._pairs)

    @cached_property
    def names(self) -> frozenset[str]:
        """Parameters that are correlated with another."""
        return frozenset(name for pair in self._pairs for name in pair)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @cached_property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """Parameters connected through correlations, each block in sorted order."""
        blocks: list[set[str]] = []
        for pair in self._pairs:
            touched = [block for block in blocks if block & set(pair)]
            blocks = [block for block in blocks if block not in touched]
            blocks.append(set(pair).union(*touched))
        return tuple(sorted(tuple(sorted(block)) for block in blocks))

    def joined(self, pairs: Mapping[Pair, float]) -> RankCorrelation:
        """Return the correlations with further pairs.

        Raises
        ------
        ParameterError
            A pair that is there already; otherwise as for the class.
        """
        for key in pairs:
            if _pair(key) in self._pairs:
                raise _named_twice(_pair(key))
        return RankCorrelation({**self._pairs, **pairs})

    def mix(self, normals: Mapping[str, Floats]) -> dict[str, Floats]:
        """Turn independent standard normals by name into correlated ones, shape (draw,) each.

        Summed term by term, so that a draw depends on itself only.
        """
        mixed = {}
        for block in self.blocks:
            root = self._root(block)
            for name, row in zip(block, root, strict=True):
                mixed[name] = sum(
                    (weight * normals[other] for weight, other in zip(row, block, strict=True)),
                    start=np.zeros_like(normals[name]),
                )
        return mixed

    def canonical(self) -> list[list[str | float]]:
        """Pairs and their correlation as plain lists, for hashing and provenance."""
        return [[a, b, rho] for (a, b), rho in self._pairs.items()]

    def _matrix(self, block: Sequence[str]) -> Floats:
        """Pearson correlations of the normals behind a block."""
        matrix = np.eye(len(block))
        for (a, b), rho in self._pairs.items():
            if a in block:
                i, j = block.index(a), block.index(b)
                matrix[i, j] = matrix[j, i] = 2 * sin(pi * rho / 6)
        return matrix

    def _root(self, block: Sequence[str]) -> Floats:
        values, vectors = np.linalg.eigh(self._matrix(block))
        return np.asarray((vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T)

    def _check(self, block: Sequence[str]) -> None:
        """Refuse a block whose matrix has a negative eigenvalue; names the pairs behind it."""
        matrix = self._matrix(block)
        values, vectors = np.linalg.eigh(matrix)
        if values[0] >= -ROUNDING:
            return
        pull = matrix * np.outer(vectors[:, 0], vectors[:, 0])
        guilty = [
            f"{a} and {b} {rho:g}"
            for (a, b), rho in self._pairs.items()
            if a in block and pull[block.index(a), block.index(b)] < -ROUNDING
        ]
        raise ParameterError(
            "rank correlations contradict each other",
            expected="a positive semidefinite matrix; pairs that are not named count as 0",
            found=f"smallest eigenvalue {values[0]:.6g}, from the pairs " + ", ".join(guilty),
            remedy="Correct these correlations, or name the pairs missing between them; "
            "nothing is adjusted.",
        )


def check_correlated(correlation: RankCorrelation, parameters: Mapping[str, Parameter]) -> None:
    """Refuse correlations of parameters that have no ranks of their own.

    Raises
    ------
    UnknownNameError
        A name that is not among the parameters.
    ParameterError
        A fixed or joint parameter, or an empirical one with too many equal values.
    """
    for name in sorted(correlation.names):
        if name not in parameters:
            raise unknown_name("parameter", name, parameters)
        law = parameters[name].distribution
        if law.components or law.dimensions != 1:
            raise ParameterError(
                f"{name} cannot be rank correlated",
                expected="a single uncertain number",
                found=law.describe(),
                remedy="State the dependence inside the joint distribution itself."
                if law.components
                else "Give it a distribution, or take it out of the correlations.",
            )
        _refuse_ties(name, law)


def correlated_quantiles(
    correlation: RankCorrelation,
    distributions: Mapping[str, Distribution],
    normals: Mapping[str, Floats],
) -> dict[str, Floats]:
    """Draws of the correlated parameters from independent standard normals by name."""
    from scipy.special import ndtr

    return {
        name: distributions[name].ppf(ndtr(mixed))
        for name, mixed in correlation.mix(normals).items()
    }


def _pair(key: object) -> Pair:
    names = key if isinstance(key, tuple) else ()
    if len(names) != 2 or names[0] == names[1] or not all(isinstance(n, str) for n in names):
        raise ParameterError(
            "a correlation does not name two parameters",
            expected="a pair of different names such as ('a', 'b')",
            found=repr(key),
        )
    a, b = sorted(names)
    return a, b


def _open_unit(pair: Pair, value: object) -> float:
    rho = number(f"rank correlation of {pair[0]} and {pair[1]}", value)
    if not -1 < rho < 1:
        raise ParameterError(
            f"rank correlation of {pair[0]} and {pair[1]} is outside its range",
            expected="a number above -1 and below 1",
            found=rho,
            remedy="Two parameters that always move together are one parameter.",
        )
    return rho


def _named_twice(pair: Pair) -> ParameterError:
    return ParameterError(
        "a pair is correlated twice",
        expected="each pair once, in either order",
        found=f"{pair[0]} and {pair[1]}",
        remedy="Start from parameters without that correlation.",
    )


def _refuse_ties(name: str, law: Distribution) -> None:
    if not isinstance(law, Empirical):
        return
    shares = _shares(law.values)
    ties = float((shares**3).sum())
    if ties > MOST_TIES * (1 + ROUNDING):
        raise ParameterError(
            f"{name} has too many equal values to be rank correlated",
            expected="values whose cubed shares sum to 0.01 or less, such as ten different values",
            found=f"{shares.size} different values, cubed shares sum to {ties:.4g}",
            remedy="Describe it by a continuous distribution.",
        )


def _shares(values: Iterable[float]) -> Floats:
    _, counts = np.unique(np.asarray(values), return_counts=True)
    return np.asarray(counts / counts.sum())
