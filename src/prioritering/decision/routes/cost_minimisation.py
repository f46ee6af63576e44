"""Cost minimisation: effects shown to be comparable, and costs compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.decision.given import above_zero
from prioritering.decision.uncertainty.indices import Estimate, estimate, share_positive
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class CostMinimisation(Frozen, Shown):
    """Difference in QALYs held against a margin, and difference in cost.

    Attributes
    ----------
    reference, option
        The two strategies.
    margin, reason
        QALYs within which effects count as comparable, and why.
    level
        Coverage of the intervals: the middle of the draws.
    qaly_difference, qaly_low, qaly_high
        Option less reference, discounted.
    comparable
        Whether the whole interval lies within the margin.
    despite
        Why costs are compared though it does not; ``None`` if it does.
    cost_difference, cost_low, cost_high
        Option less reference, discounted.
    cost_by_category
        Difference in each category.
    probability_cheaper
        That the option costs less; equal costs count one half.
    provenance
        Origin of the draws.
    """

    reference: str
    option: str
    margin: float
    reason: str
    level: float
    qaly_difference: Estimate
    qaly_low: float
    qaly_high: float
    comparable: bool
    despite: str | None
    cost_difference: Estimate
    cost_low: float
    cost_high: float
    cost_by_category: Mapping[str, Estimate]
    probability_cheaper: Estimate
    n_draws: int
    provenance: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Long table: quantity, value, se, low, high."""
        import pandas as pd

        q, c, p = self.qaly_difference, self.cost_difference, self.probability_cheaper
        rows: list[tuple[str, float, float | None, float | None, float | None]] = [
            ("qaly_difference", q.value, q.se, self.qaly_low, self.qaly_high),
            ("margin", self.margin, None, None, None),
            ("cost_difference", c.value, c.se, self.cost_low, self.cost_high),
            *(
                (f"cost_difference[{name}]", e.value, e.se, None, None)
                for name, e in self.cost_by_category.items()
            ),
            ("probability_cheaper", p.value, p.se, None, None),
        ]
        frame = pd.DataFrame(rows, columns=["quantity", "value", "se", "low", "high"])
        return frame.astype(dict.fromkeys(["value", "se", "low", "high"], "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables.routes import cost_minimisation_table

        return cost_minimisation_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Difference in QALYs with its interval, against the margin."""
        from prioritering.report.figures.routes import plot_cost_minimisation

        return plot_cost_minimisation(self, ax, language=language)

    def __repr__(self) -> str:
        return (
            f"CostMinimisation({self.option!r} against {self.reference!r}: "
            f"{self.cost_difference.value:.6g}, effects "
            f"{'within' if self.comparable else 'not shown to be within'} {self.margin:g} QALYs)"
        )


def cost_minimisation(
    outcomes: Outcomes,
    *,
    reference: str,
    option: str | None = None,
    margin: float,
    reason: str,
    level: float = 0.95,
    despite: str | None = None,
) -> CostMinimisation:
    """Compare costs alone, once effects are shown to be comparable. No severity is needed.

    Effects are comparable when the interval of the difference in QALYs, the middle ``level``
    of the draws, lies between ``-margin`` and ``margin``.

    Parameters
    ----------
    outcomes
        A run with two draws or more: a single difference shows nothing about its interval.
    reference, option
        The two strategies; ``option`` may be left out when the run has no other.
    margin
        QALYs, above 0. Nobody prescribes one.
    reason
        Why a difference of this size does not matter.
    level
        Coverage, between 0 and 1.
    despite
        A statement of why costs are compared even where the interval passes the margin.

    Raises
    ------
    ResultError
        No margin above 0, no reason, a level outside 0 to 1, one draw, no or the wrong option,
        or effects that are not shown to be comparable and no statement.
    UnknownNameError
        A strategy that does not exist.
    """
    above_zero("margin", margin)
    _check_words("reason for the margin", reason)
    if despite is not None:
        _check_words("statement", despite)
    if not 0.0 < level < 1.0:
        raise ResultError("level out of range", expected="between 0 and 1", found=level)
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    i, k = outcomes.index(reference), outcomes.index(option)
    by_category = outcomes.cost_by_category[:, k] - outcomes.cost_by_category[:, i]
    qaly, cost = outcomes.qaly[k] - outcomes.qaly[i], by_category.sum(axis=0)
    difference = estimate(qaly)
    low, high = _middle(qaly, level)
    comparable = -margin < low and high < margin
    if not comparable and despite is None:
        raise _not_comparable(low, high, margin)
    cost_low, cost_high = _middle(cost, level)
    return CostMinimisation(
        reference=reference,
        option=option,
        margin=float(margin),
        reason=reason.strip(),
        level=float(level),
        qaly_difference=difference,
        qaly_low=low,
        qaly_high=high,
        comparable=comparable,
        despite=None if comparable else despite,
        cost_difference=estimate(cost),
        cost_low=cost_low,
        cost_high=cost_high,
        cost_by_category={
            name: estimate(row)
            for name, row in zip(outcomes.cost_categories, by_category, strict=True)
        },
        probability_cheaper=share_positive(-cost),
        n_draws=outcomes.n_draws,
        provenance=dict(outcomes.provenance),
    )


def _middle(values: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check_words(what: str, words: object) -> None:
    if not isinstance(words, str) or not words.strip():
        raise ResultError(
            f"no {what}", expected="a sentence that a reader can judge", found=repr(words)
        )


def _not_comparable(low: float, high: float, margin: float) -> ResultError:
    return ResultError(
        "effects are not shown to be comparable",
        expected=f"an interval of the difference in QALYs within {-margin:g} to {margin:g}",
        found=f"{low:.4g} to {high:.4g}",
        remedy="Use a cost-utility analysis, or state why costs are compared: despite='...'.",
    )
