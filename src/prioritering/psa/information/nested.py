"""EVPPI by two loops of model runs, the check on every regression."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.parameters import Components, Draws, Parameters
from prioritering.psa.information.columns import Names
from prioritering.psa.information.worth import gain, seeded
from prioritering.psa.inputs import checked_limits
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

DRAWS_AT_ONCE = 100_000
"""Runs handed to the model at a time, about."""


class Model(Protocol):
    """Anything that turns draws into outcomes."""

    def run(self, draws: Draws, rules: Any = None, /, **options: Any) -> Outcomes:
        """Run on draws."""
        ...


@dataclass(frozen=True, repr=False, eq=False)
class NestedEvppi(Frozen, Shown):
    """EVPPI by two loops, per patient.

    Attributes
    ----------
    parameters
        What would be known.
    wtp
        Willingness to pay per QALY, shape () or (limit,).
    value, se
        EVPPI corrected for the noise of the inner means, never below 0, and its standard error
        over the outer draws, shape of ``wtp``.
    uncorrected
        The plain estimate, which is too high on average.
    bias
        Estimate of how much too high: ``uncorrected - bias`` is ``value`` unless that is 0.
    n_outer, n_inner
        Draws of the parameters, and of the others for each of them.
    """

    parameters: tuple[str, ...]
    wtp: Floats
    value: Floats
    se: Floats
    uncorrected: Floats
    bias: Floats
    n_outer: int
    n_inner: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """One row per limit: wtp, evppi, evppi_se, uncorrected, bias."""
        import pandas as pd

        columns = {
            "wtp": self.wtp,
            "evppi": self.value,
            "evppi_se": self.se,
            "uncorrected": self.uncorrected,
            "bias": self.bias,
        }
        return pd.DataFrame({name: np.atleast_1d(array) for name, array in columns.items()})

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """EVPPI at each limit, rounded and labelled for a report."""
        from prioritering.report.tables.information import nested_table

        return nested_table(self, language=language, currency=currency)

    def __repr__(self) -> str:
        names = ", ".join(self.parameters)
        return f"NestedEvppi({names}; {self.n_outer} x {self.n_inner} draws)"


class Inner(NamedTuple):
    """Means over the inner draws, all and each half: (strategy - 1, outer) of cost and effect."""

    whole: Floats
    halves: tuple[Floats, Floats]


def nested_evppi(
    model: Model,
    *,
    params: Parameters,
    rules: Any = None,
    parameters: Names,
    wtp: ArrayLike,
    n_outer: int = 1000,
    n_inner: int = 1000,
    seed: int,
    progress: bool = False,
    **options: Any,
) -> NestedEvppi:
    """Value perfect information about some parameters by running the model in two loops.

    For each of ``n_outer`` draws of the parameters, ``n_inner`` draws of all others give the
    mean net benefit of each strategy; the value is the mean of the largest less the largest of
    the means. The draws of both loops go to the model as long vectors.

    Parameters
    ----------
    model
        Anything with ``run(draws, rules, **options)`` that returns :class:`Outcomes`.
    params
        All parameters of the model. The inner draws are of the others whatever the known ones
        are, so a joint parameter is valued whole, and correlated parameters together.
    rules, options
        Passed to the model.
    parameters
        One name or several among ``params``.
    wtp
        Willingness to pay per QALY, one amount or shape (limit,).
    n_outer, n_inner
        2 or more, and an even number of 2 or more.
    seed
        Of both loops.
    progress
        Show a bar.

    Raises
    ------
    ResultError
        A component of a joint parameter, a parameter correlated with one that is not named,
        one that does not vary or is named twice, numbers of draws that are too small, or a bad
        seed or limit.
    UnknownNameError
        A parameter that is not in ``params``.

    Notes
    -----
    The largest of noisy means is too high on average by about ``c / n_inner`` (Oakley, Brennan,
    Tappenden and Chilcott 2010, Journal of Health Economics 29:468-477). With halves of the
    inner draws the same bias is ``2 c / n_inner``, so ``2 * whole - mean of halves`` is free
    of it to first order (the antithetic estimate of Giles and Goda 2019, Statistics and
    Computing 29:739-751). The standard error is that of the mean over outer draws of the
    corrected values; it holds the noise of both loops.
    """
    names = _checked_names(params, parameters)
    limits = checked_limits(wtp, "wtp")
    _check_sizes(n_outer, n_inner)
    root = int(seeded(seed).integers(2**31))
    outer = params.sample(n_outer, seed=root)
    for name in names:
        _check_varies(name, outer[name])
    _check_independent(names, params)
    blocks = _blocks(n_outer, n_inner, progress=progress)
    parts, provenance = [], {}
    for start, stop in blocks:
        draws = _both_loops(params, outer, names, start, stop, n_inner, seed=root + 1 + start)
        run = model.run(draws, rules, **options)
        provenance = dict(run.provenance)
        parts.append(_inner_means(run, n_inner))
    whole = np.concatenate([p.whole for p in parts], axis=-1)
    halves = [np.concatenate([p.halves[h] for p in parts], axis=-1) for h in (0, 1)]
    found = [_at_limit(float(k), whole, *halves) for k in limits]
    value, se, plain, bias = (
        np.array(column).reshape(np.shape(wtp)) for column in zip(*found, strict=True)
    )
    return NestedEvppi(
        names, limits.reshape(np.shape(wtp)), value, se, plain, bias, n_outer, n_inner, provenance
    )


def _at_limit(
    limit: float, whole: Floats, first: Floats, second: Floats
) -> tuple[float, float, float, float]:
    """Corrected value, its error, the plain estimate and its bias at one limit."""
    benefit, *half = (limit * part[1] - part[0] for part in (whole, first, second))
    plain = gain(benefit)
    means = benefit.mean(axis=1)
    best = int(means.argmax()) if means.max() > 0 else -1
    noisy = np.mean([_gain_over(part, best) for part in half], axis=0)
    corrected = 2 * plain - noisy
    error = float(corrected.std(ddof=1) / np.sqrt(corrected.size))
    bias = float((noisy - plain).mean())
    return max(float(corrected.mean()), 0.0), error, float(plain.mean()), bias


def _gain_over(benefit: Floats, best: int) -> Floats:
    """Gain over one strategy: -1 is the first, whose benefit is 0."""
    favoured = benefit[best] if best >= 0 else 0.0
    return np.asarray(np.maximum(benefit.max(axis=0), 0.0) - favoured)


def _inner_means(run: Outcomes, n_inner: int) -> Inner:
    cost, effect = (a[1:] - a[0] for a in (run.cost, run.qaly))
    by_outer = np.stack([cost, effect]).reshape(2, len(cost), -1, 2, n_inner // 2)
    first, second = np.moveaxis(by_outer.mean(axis=-1), -1, 0)
    return Inner((first + second) / 2, (first, second))


def _both_loops(
    params: Parameters,
    outer: Draws,
    names: tuple[str, ...],
    start: int,
    stop: int,
    n_inner: int,
    *,
    seed: int,
) -> Draws:
    """Draws of everything, the chosen parameters constant within an outer draw."""
    inner = params.sample((stop - start) * n_inner, seed=seed)
    known: dict[str, Any] = {}
    for name in names:
        value = outer[name]
        if isinstance(value, Components):
            known[name] = {k: np.repeat(v[start:stop], n_inner) for k, v in value.items()}
        else:
            known[name] = np.repeat(value[start:stop], n_inner)
    return inner.with_values(**known)


def _blocks(n_outer: int, n_inner: int, *, progress: bool) -> Iterator[tuple[int, int]]:
    size = max(DRAWS_AT_ONCE // n_inner, 1)
    starts: Iterable[int] = range(0, n_outer, size)
    if progress:
        from tqdm.auto import tqdm

        starts = tqdm(starts, desc="outer draws", unit="block")
    return ((a, min(a + size, n_outer)) for a in starts)


def _checked_names(params: Parameters, parameters: Names) -> tuple[str, ...]:
    names = (parameters,) if isinstance(parameters, str) else tuple(parameters)
    if not names or len(set(names)) < len(names):
        raise ResultError(
            "parameters to learn about are not named once each",
            expected="one name or more, each once",
            found=names,
        )
    for name in names:
        if name in params:
            continue
        whole = name.partition(".")[0]
        if whole in params:
            raise ResultError(
                "a component cannot be fixed while the others of its joint parameter vary",
                expected="parameters that are independent of the rest",
                found=repr(name),
                remedy=f"Value {whole!r} whole, or use evppi on the draws of a run.",
            )
        raise unknown_name("parameter", name, params)
    return names


def _check_varies(name: str, value: Floats | Components) -> None:
    array = value.array if isinstance(value, Components) else value[None]
    if np.all(array == array[:, :1]):
        raise ResultError(
            "a parameter does not vary, so there is nothing to learn about it",
            expected="a parameter with a distribution",
            found="one value",
            where={"parameter": repr(name)},
        )


def _check_independent(names: tuple[str, ...], params: Parameters) -> None:
    """Refuse known parameters that are correlated with unknown ones."""
    for pair in params.correlations:
        inside = [name for name in pair if name in names]
        if len(inside) == 1:
            raise ResultError(
                "a parameter cannot be fixed while one it is correlated with varies freely",
                expected="parameters that are independent of the rest",
                found=" and ".join(map(repr, pair)) + " correlated",
                remedy="Value them together, or use evppi on the draws of a run.",
            )


def _check_sizes(n_outer: int, n_inner: int) -> None:
    whole = all(isinstance(n, numbers.Integral) for n in (n_outer, n_inner))
    if not whole or n_outer < 2 or n_inner < 2 or n_inner % 2:
        raise ResultError(
            "the loops are not of a usable size",
            expected="n_outer of 2 or more, n_inner even and 2 or more",
            found=f"n_outer {n_outer}, n_inner {n_inner}",
        )
