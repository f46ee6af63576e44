"""Acceptability when severity is uncertain too: every draw at the limit of its own class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.psa.convergence import probability_se
from prioritering.psa.distributions import Share, half_for_zero, share_of
from prioritering.psa.inputs import CostEffect, Draws, cost_and_effect, pair_of, rising_limits
from prioritering.psa.tally import tally_limits
from prioritering.severity import Severity
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassShare:
    """Draws of one severity class.

    Attributes
    ----------
    number, wtp
        The class, and its reference willingness to pay per QALY.
    probability
        Share of all draws in the class.
    cost_effective, not_cost_effective
        Share of all draws in the class whose option is, and is not, cost-effective at ``wtp``;
        they sum to ``probability``.
    within
        Share of the draws of the class whose option is cost-effective; ``None`` without draws.
    """

    number: int
    wtp: float
    probability: Share
    cost_effective: Share
    not_cost_effective: Share
    within: Share | None


@dataclass(frozen=True, repr=False, eq=False)
class SeverityAcceptability(Frozen, Shown):
    """Severity class and cost-effectiveness together, over draws.

    Attributes
    ----------
    classes
        The joint table: one :class:`ClassShare` per class of the guideline.
    cost_effective
        Probability that the option is cost-effective, each draw at its own class's limit.
    at_expected_class, expected_class
        The same with every draw at the limit of the class of the mean prognosis, the one a
        dossier states, and that class.
    n_draws
        Number of draws.
    provenance
        That of the run.
    """

    reference: str
    option: str
    classes: tuple[ClassShare, ...]
    cost_effective: Share
    at_expected_class: Share
    expected_class: int
    n_draws: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether standard errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row per class: wtp, and each share with its error; none is ``<NA>``."""
        import pandas as pd

        rows = []
        for c in self.classes:
            row: dict[str, Any] = {"severity_class": c.number, "wtp": c.wtp}
            for name in ("probability", "cost_effective", "not_cost_effective", "within"):
                share = getattr(c, name)
                row[name], row[f"{name}_se"] = (share.value, share.se) if share else (None, None)
            rows.append(row)
        return pd.DataFrame(rows).astype(dict.fromkeys(("within", "within_se"), "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the joint table."""
        from prioritering.report.tables.probabilistic import severity_acceptability_table

        return severity_acceptability_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw one bar per class, divided by whether the option is cost-effective."""
        from prioritering.report.figures.probabilistic_severity import plot_severity_acceptability

        return plot_severity_acceptability(self, ax, language=language)

    def __repr__(self) -> str:
        p = self.cost_effective
        return (
            f"SeverityAcceptability({self.option} against {self.reference}: cost-effective in "
            f"{p.value:.3g} of {self.n_draws} draws, each at its own class's limit)"
        )


@dataclass(frozen=True, repr=False, eq=False)
class MultiplierCurves(Frozen, Shown):
    """Acceptability over a common multiplier of the limits of the draws' own classes.

    Attributes
    ----------
    multipliers
        Shape (multiplier,); 1 is the guideline's levels as they stand.
    probability, probability_se
        Share of draws in which a strategy has the highest net benefit, shape
        (strategy, multiplier), with its Monte Carlo standard error.
    mean_nmb
        Mean net benefit, each draw at its own limit, shape (strategy, multiplier).
    favoured
        The strategy of highest mean net benefit; the first when equal.
    frontier, frontier_se
        Probability that the favoured strategy is best, shape (multiplier,).
    n_draws
        Number of draws.
    provenance
        That of the run.
    """

    strategies: tuple[str, ...]
    multipliers: Floats
    probability: Floats
    probability_se: Floats
    mean_nmb: Floats
    favoured: tuple[str, ...]
    frontier: Floats
    frontier_se: Floats
    n_draws: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether standard errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """Long table: strategy, multiplier, probability, probability_se, favoured."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.strategies, self.multipliers.tolist()], names=["strategy", "multiplier"]
        )
        favoured = np.array(self.strategies)[:, None] == np.array(self.favoured)
        columns = {
            "probability": self.probability.ravel(),
            "probability_se": self.probability_se.ravel(),
            "favoured": favoured.ravel(),
        }
        return pd.DataFrame(columns, index=index).reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the probabilities at up to nine of the multipliers, evenly spaced."""
        from prioritering.report.tables.probabilistic import multiplier_table

        return multiplier_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw curves and frontier over the multiplier, with Monte Carlo bands."""
        from prioritering.report.figures.probabilistic_severity import plot_multiplier_curves

        return plot_multiplier_curves(self, ax, language=language)

    def __repr__(self) -> str:
        return (
            f"MultiplierCurves({len(self.strategies)} strategies, {self.multipliers.size} "
            f"multipliers {self.multipliers.min():g} to {self.multipliers.max():g}, "
            f"{self.n_draws} draws)"
        )


def severity_acceptability(
    outcomes: CostEffect, severity: Severity, *, reference: str, option: str | None = None
) -> SeverityAcceptability:
    """Severity class and cost-effectiveness together.

    A draw in which the patients lose more healthy years has a higher class and a higher limit,
    and its costs and effects differ too; judging every draw at one limit leaves that out. Net
    benefit of exactly 0 counts one half cost-effective.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    severity
        Of the same draws, from the reference.
    reference, option
        Names; the option may be left out with two strategies.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        A severity of another number of draws or of another strategy, a single draw, no option.
    """
    pair = pair_of(outcomes, reference=reference, option=option)
    check_severity(severity, pair.cost.size, pair.provenance)
    check_strategy(severity, reference)
    worth = half_for_zero(severity.wtp * pair.effect - pair.cost)
    expected = half_for_zero(severity.expected.wtp * pair.effect - pair.cost)
    return SeverityAcceptability(
        reference=reference,
        option=pair.option,
        classes=tuple(
            _class_share(c.number, c.wtp, severity.severity_class == c.number, worth)
            for c in severity.scale.classes
        ),
        cost_effective=share_of(worth),
        at_expected_class=share_of(expected),
        expected_class=severity.expected.severity_class,
        n_draws=pair.cost.size,
        provenance=dict(pair.provenance),
    )


def multiplier_curves(
    outcomes: CostEffect, severity: Severity, *, multipliers: ArrayLike
) -> MultiplierCurves:
    """Draw acceptability over a common multiplier of every draw's own limit.

    Net benefit is ``m * wtp_k * effect - cost`` with ``wtp_k`` the reference willingness to pay
    of draw ``k``'s class: the curves say how far the whole scale of levels would have to move
    for the answer to change. At ``m = 1`` they are :func:`severity_adjusted_best`.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    severity
        Of the same draws.
    multipliers
        0 or more and rising, shape (multiplier,).

    Raises
    ------
    ResultError
        A severity of another number of draws, multipliers that are negative, not finite or
        not rising, or as for :func:`acceptability`.
    """
    draws, values = cost_and_effect(outcomes), rising_limits(multipliers, "multipliers")
    n = draws.n_draws
    check_severity(severity, n, draws.provenance)
    priced = Draws(draws.strategies, draws.cost, severity.wtp * draws.effect)
    tally = tally_limits(priced, values)
    probability = tally.share / n
    frontier = probability[tally.favoured, np.arange(values.size)]
    return MultiplierCurves(
        strategies=draws.strategies,
        multipliers=values,
        probability=probability,
        probability_se=probability_se(probability, n=n),
        mean_nmb=tally.mean_nmb,
        favoured=tuple(draws.strategies[i] for i in tally.favoured),
        frontier=frontier,
        frontier_se=probability_se(frontier, n=n),
        n_draws=n,
        provenance=dict(draws.provenance),
    )


def _class_share(number: int, wtp: float, inside: NDArray[np.bool_], worth: Floats) -> ClassShare:
    return ClassShare(
        number=number,
        wtp=wtp,
        probability=share_of(inside),
        cost_effective=share_of(inside * worth),
        not_cost_effective=share_of(inside * (1.0 - worth)),
        within=share_of(worth[inside]) if inside.any() else None,
    )


def check_severity(severity: Severity, n_draws: int, provenance: Mapping[str, Any]) -> None:
    """Refuse a severity whose draws are not those of the run."""
    if not isinstance(severity, Severity):
        raise ResultError(
            "severity is of another kind",
            expected="Severity",
            found=type(severity).__name__,
            remedy="It comes from absolute_shortfall(outcomes[reference], ...).",
        )
    if severity.n_draws != n_draws:
        raise ResultError(
            "severity does not follow the draws",
            expected=f"{n_draws} draws",
            found=severity.n_draws,
            remedy="Write absolute_shortfall(outcomes[reference], ...) with the same run.",
        )
    check_same_draws(severity, provenance)


def check_same_draws(severity: Severity, provenance: Mapping[str, Any]) -> None:
    """Refuse a severity of another seed or other parameters, where both say theirs."""
    theirs, ours = severity.provenance.get("draws"), provenance.get("draws")
    if theirs is not None and ours is not None and theirs != ours:
        raise ResultError(
            "severity is of other draws than the run",
            expected=f"draws of seed {ours.get('seed')}",
            found=f"draws of seed {theirs.get('seed')}, or of other parameters",
            remedy="Write absolute_shortfall(outcomes[reference], ...) with the same run.",
        )


def check_strategy(severity: Severity, reference: str) -> None:
    """Refuse a severity from the prognosis of another strategy than the reference."""
    strategy = severity.provenance.get("strategy")
    if strategy not in (None, reference):
        raise ResultError(
            "severity of another strategy than the reference",
            expected=f"the prognosis under {reference!r}",
            found=f"that under {strategy!r}",
            remedy=f"Write absolute_shortfall(outcomes[{reference!r}], ...).",
        )
