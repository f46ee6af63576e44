"""The scenario as the price falls or rises, and the prices at which it changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.decision.price.line import (
    PriceLine,
    Stretch,
    Switch,
    stretches_of,
    switches_of,
)
from prioritering.decision.uncertainty.documentation import DocumentationJudgement
from prioritering.decision.uncertainty.indices import Estimate, estimate, ratio_of_means
from prioritering.decision.uncertainty.pair import Combination
from prioritering.decision.uncertainty.question import pose
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline, UncertaintyRule
from prioritering.outcomes import Outcomes
from prioritering.severity import Severity
from prioritering.severity.population import is_number
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class ScenarioPath(Frozen, Shown):
    """Both uncertainties and their combination along a price. From :func:`scenario_by_price`.

    Attributes
    ----------
    reference, option, category
        Strategies compared, and the cost of the option that follows the price.
    wtp
        The limit.
    price
        Price at factor 1, or ``None``.
    factors
        Price factors, shape (factor,).
    net_benefit, decision_index, documentation_index
        Mean net benefit and both indices at each factor, shape (factor,); the last is NaN where
        cost per QALY has no value. Each with its Monte Carlo standard error in ``..._se``.
    stretches, switches
        Combinations along the factors, and the points between them.
    break_even
        Factor at which expected net benefit is 0, in the range or not.
    criteria
        Cut-offs and readings.
    documentation
        Judgement of the evidence, where one was given.
    provenance
        Of the run.
    """

    reference: str
    option: str
    category: str
    wtp: float
    price: float | None
    factors: Floats
    net_benefit: Floats
    net_benefit_se: Floats
    decision_index: Floats
    decision_index_se: Floats
    documentation_index: Floats
    documentation_index_se: Floats
    stretches: tuple[Stretch, ...]
    switches: tuple[Switch, ...]
    break_even: Estimate
    n_draws: int
    criteria: UncertaintyRule
    documentation: DocumentationJudgement | None
    provenance: Mapping[str, Any]

    @property
    def cells(self) -> tuple[str, ...]:
        """Key of the combination at each factor."""
        ends = [stretch.high for stretch in self.stretches[:-1]]
        return tuple(
            self.stretches[i].reading.key for i in np.searchsorted(ends, self.factors, side="left")
        )

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row per factor: price, mean net benefit, both indices, their errors, cell."""
        import pandas as pd

        names = ("net_benefit", "decision_index", "documentation_index")
        columns: dict[str, Any] = {"factor": self.factors}
        if self.price is not None:
            columns["price"] = self.price * self.factors
        for name in names:
            columns[name] = getattr(self, name)
            columns[f"{name}_se"] = getattr(self, f"{name}_se")
        return pd.DataFrame({**columns, "cell": self.cells})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the switching points."""
        from prioritering.report.tables.classification import path_table

        return path_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw both indices along the price, over bands of the combinations."""
        from prioritering.report.figures.classification import plot_path

        return plot_path(self, ax, language=language)

    def __repr__(self) -> str:
        steps = [f"{s.low:.4g} to {s.high:.4g} {s.reading.key}" for s in self.stretches]
        return f"ScenarioPath({self.option!r}, {self.category} x {'; '.join(steps)})"


def scenario_by_price(
    outcomes: Outcomes,
    severity: Severity,
    rules: Guideline,
    *,
    reference: str,
    option: str | None = None,
    category: str = "drug",
    factors: ArrayLike | None = None,
    price: float | None = None,
    criteria: Mapping[str, float] | None = None,
    wtp_adjustment: float = 0.0,
    documentation: DocumentationJudgement | None = None,
) -> ScenarioPath:
    """Follow a decision through the scenarios as the price changes.

    Cost is linear in the price: at factor ``f`` the option's cost of ``category`` is ``f``
    times that of the run, and everything else stays, the reference and its cost of the same
    category included. Net benefit per draw is then ``b(f) = b(1) + (1 - f) * cost``.

    Between neighbouring factors (and the one where expected net benefit is 0) every change of
    the combination is bisected on the draws. Only a width that leaves its level and returns to
    it between two neighbours is not seen; more factors show it.

    Parameters
    ----------
    outcomes, severity, rules, reference, option, criteria, wtp_adjustment, documentation
        As in :func:`assess`.
    category
        Cost category of the option that follows the price.
    factors
        Rising price factors, 0 or above; 0.20 to 1.20 in steps of 0.01 unless given.
    price
        Price at factor 1, per pack or per year, to show prices in money.

    Raises
    ------
    UnknownNameError
        A strategy, category or criterion that does not exist.
    ResultError
        Factors that do not rise or lie below 0, a price not above 0, an option without cost in
        the category or with a cost below 0 there, and what :func:`assess` refuses.
    """
    question = pose(
        outcomes, severity, rules, reference=reference, option=option, criteria=criteria,
        wtp_adjustment=wtp_adjustment, documentation=documentation,
    )  # fmt: skip
    grid = _factors(factors)
    _check_price(price)
    _check_draws(severity, outcomes)
    line = PriceLine(outcomes, question, category, documentation)
    found = [line.at(f) for f in grid]
    stretches = tuple(stretches_of(line, grid))
    points = tuple(switches_of(line, stretches, price, span=float(grid[-1] - grid[0])))
    return ScenarioPath(
        reference=reference,
        option=question.option,
        category=category,
        wtp=question.wtp,
        price=None if price is None else float(price),
        factors=grid,
        **_columns(line, grid, found),
        stretches=stretches,
        switches=points,
        break_even=ratio_of_means(line.free, line.spent),
        n_draws=outcomes.n_draws,
        criteria=question.rule,
        documentation=documentation,
        provenance={**outcomes.provenance, "criteria_changed": dict(criteria or {})},
    )


def _columns(line: PriceLine, grid: Floats, found: list[Combination]) -> dict[str, Floats]:
    benefit = [estimate(line.pair(f).b) for f in grid]
    return {
        "net_benefit": _array([e.value for e in benefit]),
        "net_benefit_se": _array([e.se for e in benefit]),
        "decision_index": _array([c.decision.value for c in found]),
        "decision_index_se": _array([c.decision.se for c in found]),
        "documentation_index": _array([c.documentation.value for c in found]),
        "documentation_index_se": _array([c.documentation.se for c in found]),
    }


def _array(values: list[Any]) -> Floats:
    return np.array([math.nan if v is None else v for v in values])


def _factors(factors: ArrayLike | None) -> Floats:
    if factors is None:
        return np.linspace(0.2, 1.2, 101)
    try:
        grid = np.array(factors, dtype=np.float64)
    except (TypeError, ValueError):
        grid = np.empty(0)
    rises = grid.ndim == 1 and grid.size > 1 and np.isfinite(grid).all()
    if not rises or grid[0] < 0 or not (np.diff(grid) > 0).all():
        raise ResultError(
            "price factors do not rise from 0 or above",
            expected="two finite numbers or more, 0 or above, each larger than the one before",
            found=repr(factors),
            remedy="Write np.linspace(0.2, 1.2, 101).",
        )
    return grid


def _check_price(price: float | None) -> None:
    if price is not None and not (is_number(price) and price > 0):
        raise ResultError(
            "price out of range", expected="a finite amount above 0", found=repr(price)
        )


def _check_draws(severity: Severity, outcomes: Outcomes) -> None:
    if severity.n_draws not in (1, outcomes.n_draws):
        raise ResultError(
            "severity over other draws than the run",
            expected=f"1 draw, or {outcomes.n_draws} as in the run",
            found=severity.n_draws,
            remedy="Take severity and outcomes from the same run.",
        )
