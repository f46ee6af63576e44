"""Log-likelihood of a law on patient data, with gradient and Hessian in all coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.survival.fit import _jets
from prioritering.survival.fit._jets import Floats, Jet, variables
from prioritering.survival.fit.laws import Law

Kind = Literal["event", "censored", "entry", "between", "before"]
Rows = NDArray[np.intp]
Predictor = tuple[Rows, Floats | None]


@dataclass(frozen=True)
class Layout:
    """Coefficients of a fit: an intercept per parameter, then the effects of covariates.

    Attributes
    ----------
    parameters
        Names of the law's parameters.
    covariates
        By parameter, or name shared by several, the covariates that act on it.
    shared
        Names that stand for several parameters.
    """

    parameters: tuple[str, ...]
    covariates: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, tuple[str, ...]]

    @property
    def effects(self) -> tuple[tuple[str, str], ...]:
        """Pairs of parameter and covariate, in the order of their coefficients."""
        names = (*self.parameters, *self.shared)
        return tuple((p, c) for p in names for c in self.covariates.get(p, ()))

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return len(self.parameters) + len(self.effects)

    def acting(self, parameter: str) -> list[tuple[int, str]]:
        """Positions and covariates of the effects that act on a parameter."""
        first = len(self.parameters)
        return [
            (first + i, covariate)
            for i, (name, covariate) in enumerate(self.effects)
            if name == parameter or parameter in self.shared.get(name, ())
        ]

    def used(self) -> tuple[str, ...]:
        """Names of all covariates, each once."""
        return tuple(dict.fromkeys(c for _, c in self.effects))


@dataclass(frozen=True, eq=False)
class Block:
    """Rows that contribute to the likelihood in one way; ``log_t2`` is the end of an interval."""

    kind: Kind
    log_t: Floats
    log_t2: Floats
    weight: Floats
    background: Floats | None
    covariates: Mapping[str, Floats]


class Likelihood:
    """Callable from coefficients (p,) to log-likelihood, gradient (p,) and Hessian (p, p)."""

    def __init__(self, law: Law, layout: Layout, blocks: list[Block]) -> None:
        self.law, self.layout = law, layout
        self.parts = [(block, _predictors(law, layout, block)) for block in blocks]

    def __call__(self, at: Floats) -> tuple[float, Floats, Floats]:
        """Log-likelihood and its derivatives; minus infinity or NaN where it does not exist."""
        value, gradient = 0.0, np.zeros(at.size)
        hessian = np.zeros((at.size, at.size))
        with np.errstate(all="ignore"):
            for block, predictors in self.parts:
                eta = variables([_eta(p, at) for p in predictors])
                jet = _contribution(self.law, block, eta)
                value += float(np.dot(block.weight, np.broadcast_to(jet.value, block.weight.shape)))
                if not np.isfinite(value):
                    return -np.inf, gradient, hessian
                _accumulate(jet, predictors, block.weight, gradient, hessian)
        return value, gradient, hessian


def _contribution(law: Law, block: Block, eta: list[Jet]) -> Jet:
    if block.kind == "event":
        density = law.log_density(block.log_t, eta)
        if block.background is None:
            return density
        tail = law.log_survival(block.log_t, eta)
        return _jets.log_add(density - tail, block.background) + tail
    if block.kind == "censored":
        return law.log_survival(block.log_t, eta)
    if block.kind == "entry":
        return -law.log_survival(block.log_t, eta)
    if block.kind == "before":
        return _jets.log_one_minus_exp(law.log_survival(block.log_t, eta))
    half = len(eta) // 2
    start = law.log_survival(block.log_t, eta[:half])
    end = law.log_survival(block.log_t2, eta[half:])
    return start + _jets.log_one_minus_exp(end - start)


def _predictors(law: Law, layout: Layout, block: Block) -> list[Predictor]:
    """Positions of the coefficients and design matrix (None: one intercept) of each predictor."""
    terms = law.predictors(block.log_t)
    if block.kind == "between":
        terms = terms + law.predictors(block.log_t2)
    return [_predictor(term, layout, block) for term in terms]


def _predictor(term: Mapping[str, Floats | None], layout: Layout, block: Block) -> Predictor:
    rows: list[int] = []
    columns: list[Floats] = []
    for parameter, factor in term.items():
        one = np.ones(block.log_t.size) if factor is None else factor
        acting = layout.acting(parameter)
        rows += [layout.parameters.index(parameter), *(i for i, _ in acting)]
        columns += [one, *(one * block.covariates[c] for _, c in acting)]
    index = np.array(rows)
    if len(columns) == 1 and next(iter(term.values())) is None:
        return index, None
    return index, np.column_stack(columns)


def _eta(predictor: Predictor, at: Floats) -> Floats:
    rows, design = predictor
    return at[rows] if design is None else np.asarray(design @ at[rows])


def _accumulate(
    jet: Jet, predictors: list[Predictor], weight: Floats, gradient: Floats, hessian: Floats
) -> None:
    """Add a block's gradient and Hessian by the chain rule through its predictors."""
    k, n = len(predictors), weight.size
    d = np.broadcast_to(jet.d, (k, n)) * weight
    h = np.broadcast_to(jet.h, (k, k, n)) * weight
    if all(design is None for _, design in predictors):
        rows = np.array([r[0] for r, _ in predictors])
        np.add.at(gradient, rows, d.sum(axis=1))
        np.add.at(hessian, (rows[:, None], rows), h.sum(axis=2))
        return
    for i, (rows, design) in enumerate(predictors):
        left = np.ones((n, 1)) if design is None else design
        np.add.at(gradient, rows, left.T @ d[i])
        for j, (others, second) in enumerate(predictors):
            right = np.ones((n, 1)) if second is None else second
            np.add.at(hessian, (rows[:, None], others), left.T @ (h[i, j][:, None] * right))
