"""How sure the classification is: other draws, and other cut-offs."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.decision.uncertainty.indices import INTERVAL, Estimate, Level
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Label
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CLEAR = 0.95
"""Probability of its combination from which a classification is called clear."""

_CHUNK = 2_000_000
"""Draws resampled at a time."""


@dataclass(frozen=True, repr=False, eq=False)
class ClassificationProbability(Frozen, Shown):
    """Probability of each combination under Monte Carlo error alone.

    It says what another set of as many draws could give, not how uncertain the parameters are.

    Attributes
    ----------
    decision
        The decision whose draws were resampled.
    probability
        Share of the resamples with each combination, by key, with its standard error from the
        number of resamples; the shares sum to one.
    names
        Words of each combination.
    resamples, seed
        How many, and the seed of the random numbers.
    """

    decision: Decision
    probability: Mapping[str, Estimate]
    names: Mapping[str, Label]
    resamples: int
    seed: int

    @property
    def found(self) -> Estimate:
        """Probability of the combination that was found."""
        return self.probability[self.decision.cell]

    @property
    def provenance(self) -> dict[str, Any]:
        """Provenance of the decision, with the resamples and their seed."""
        own = {"resamples": self.resamples, "resampling_seed": self.seed}
        return {**self.decision.provenance, **own}

    @property
    def clear(self) -> bool:
        """Whether the combination found has a probability of 0.95 or more."""
        return self.found.value >= CLEAR

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether draws depend on each other, so that the classification is surer than shown."""
        return errors_are_upper_bounds(self.decision.provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row per combination: cell, probability, se."""
        import pandas as pd

        rows = [(key, e.value, e.se) for key, e in self.probability.items()]
        return pd.DataFrame(rows, columns=["cell", "probability", "se"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the probabilities, and say whether the classification is clear."""
        from prioritering.report.tables.classification import classification_table

        return classification_table(self, language=language)

    def __repr__(self) -> str:
        verdict = "clear" if self.clear else "too close to call"
        return (
            f"ClassificationProbability({self.decision.name.en}: "
            f"{round(self.found.value * self.resamples)} of {self.resamples} resamples; {verdict})"
        )


def classification_probability(
    decision: Decision, *, resamples: int = 1000, seed: int = 1
) -> ClassificationProbability:
    """Probability of each combination of the two uncertainties under Monte Carlo error.

    The draws are resampled with replacement (bootstrap); in each resample both indices and the
    sign of expected net benefit are computed anew and read by the same rule.

    Parameters
    ----------
    decision
        From :func:`assess`.
    resamples
        Number of resamples.
    seed
        Of numpy's default generator.

    Raises
    ------
    ResultError
        Another kind of argument, fewer than 100 resamples or a seed below 0.
    """
    _check_decision(decision)
    _check_whole("resamples", resamples, at_least=100)
    _check_whole("seed", seed, at_least=0)
    names = {r.key: r.name for r in decision.criteria.readings}
    if decision.cell == "no_difference":
        counts = {decision.cell: resamples, **dict.fromkeys(names, 0)}
        names[decision.cell] = decision.name
    else:
        counts = dict.fromkeys(names, 0)
        for chunk in _resampled(decision, resamples, seed):
            for key, count in _cells(decision, *chunk):
                counts[key] += count
    probability = {
        key: Estimate(count / resamples, _share_se(count / resamples, resamples))
        for key, count in sorted(counts.items(), key=lambda pair: -pair[1])
    }
    return ClassificationProbability(decision, probability, names, resamples, seed)


def _resampled(
    decision: Decision, resamples: int, seed: int
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Mean net benefit, probability of error and width of each resample, chunk by chunk."""
    b, size = decision.net_benefit, np.abs(decision.incremental_qaly)
    positive = (b > 0) + 0.5 * (b == 0)
    rng, n = np.random.default_rng(seed), b.size
    rows = max(_CHUNK // n, 1)
    for start in range(0, resamples, rows):
        shape = (min(rows, resamples - start), n)
        index = rng.integers(0, n, shape, dtype=np.int32)
        benefit = b[index]
        mean, right = benefit.mean(axis=1), positive[index].sum(axis=1)
        error = np.where(mean > 0, n - right, np.where(mean < 0, right, 0.5 * n)) / n
        low, high = np.quantile(
            benefit, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2], axis=1, overwrite_input=True
        )
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            width = (high - low) / (decision.wtp * size[index].mean(axis=1))
        yield mean, error, width


def _cells(
    decision: Decision, mean: Floats, error: Floats, width: Floats
) -> Iterator[tuple[str, int]]:
    """Read each resample: the combinations met and how often."""
    criteria, index = decision.criteria, decision.documentation_index
    wide = width >= criteria.documentation_width_high
    if not index.value:
        wide = np.full(width.shape, index.level == "high")
    wrong, below = error >= criteria.decision_error_high, mean > 0
    for is_wide in (False, True):
        documentation = documentation_level(decision, "high" if is_wide else "low")
        for is_wrong in (False, True):
            level: Level = "high" if is_wrong else "low"
            for is_below in (False, True):
                here: Bools = (wide == is_wide) & (wrong == is_wrong) & (below == is_below)
                reading = criteria.read(documentation=documentation, decision=level, below=is_below)
                yield reading.key, int(here.sum())


def documentation_level(decision: Decision, width: Level) -> Level:
    """Return the level of documentation uncertainty at a level of the width."""
    found = decision.documentation
    return width if found is None else found.detail.beside(width).level


def _share_se(share: float, n: int) -> float:
    return math.sqrt(share * (1.0 - share) / n)


def _check_decision(decision: Any) -> None:
    if not isinstance(decision, Decision):
        raise ResultError(
            "decision is of another kind",
            expected="Decision, from assess(...)",
            found=type(decision).__name__,
        )


def _check_whole(name: str, value: object, *, at_least: int) -> None:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or int(value) < at_least:  # type: ignore[call-overload]
        raise ResultError(
            f"{name} out of range",
            expected=f"a whole number, {at_least} or more",
            found=repr(value),
        )
