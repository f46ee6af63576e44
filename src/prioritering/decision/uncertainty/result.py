"""The assessed decision: everything behind it, under names that a report can print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import Quadrant, errors_are_upper_bounds
from prioritering.decision.uncertainty.documentation import DocumentationLevel
from prioritering.decision.uncertainty.indices import (
    TOO_CLOSE,
    Estimate,
    ExpectedLoss,
    Index,
    Level,
    ratio_of_means,
)
from prioritering.frozen import Frozen
from prioritering.guidelines import Label, UncertaintyRule
from prioritering.severity import Severity
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Verdict = Literal["adopt", "do not adopt", "neither"]


@dataclass(frozen=True, eq=False)
class CostPerQaly(Frozen):
    """What the figure of the decision shows: one value per draw and the limit it is held against.

    Attributes
    ----------
    axis
        ``"cost per QALY"``: ``wtp - b / mean(dE)``, the cost per QALY at the mean gain with
        the draw's net benefit. A draw lies below the limit exactly when its net benefit
        is positive, in every quadrant. ``"net benefit"``: net benefit per patient, when the
        mean gain is not clearly above 0; here above the limit is good.
    values
        Shape (draw,).
    limit
        Willingness to pay, or 0 for net benefit.
    """

    axis: Literal["cost per QALY", "net benefit"]
    values: Floats
    limit: float


@dataclass(frozen=True, repr=False, eq=False)
class Decision(Frozen, Shown):
    """Uncertainty of a decision between two strategies at a willingness to pay.

    Attributes
    ----------
    reference, option
        Standard treatment and the one that may be adopted.
    wtp
        The limit per QALY: that of the severity class at the mean prognosis, plus
        ``wtp_adjustment``.
    wtp_adjustment
        Stated change of the limit for uncertainty, 0 unless asked for.
    severity
        Severity behind the limit.
    incremental_cost, incremental_qaly, net_benefit
        Option less reference by draw, and ``wtp * incremental_qaly - incremental_cost``,
        shape (draw,).
    mean_incremental_cost, mean_incremental_qaly, mean_net_benefit
        Their means, with Monte Carlo standard errors like every estimate here.
    status, icer, icer_se
        Quadrant in words; ratio of mean cost to mean QALYs, ``None`` where it has no meaning.
    favours
        What the expectation favours.
    probability_best, probability_best_by_severity
        Probability that each strategy of the run is best at the limit; and with each draw
        judged at the limit of its own severity class.
    probability_cost_effective, probability_cost_effective_by_severity
        The same for option against reference alone; ties count one half.
    loss_of_wrong_yes, loss_of_wrong_no
        Expected loss of adopting, ``E[max(0, -b)]``, and of not adopting, ``E[max(0, b)]``.
    evpi
        Expected value of perfect information per patient, over all strategies of the run;
        with two it is the smaller of the two losses.
    decision_index, documentation_index
        The two uncertainties.
    cell
        Key of the combination: ``"scenario_1"`` to ``"scenario_3"``, ``"both_low"``,
        ``"both_high"``, or ``"no_difference"`` when cost and QALYs are equal in every draw.
    scenario
        1, 2 or 3, or ``None`` for a combination outside the three.
    name, reading
        The combination's name and what may be concluded, in English and Norwegian; in words of
        net benefit unless the option is more effect at more cost and its gain is clear.
    too_close
        What other draws could turn: ``"decision index"``, ``"documentation index"``,
        ``"expected net benefit"``. Empty when nothing.
    cost_per_qaly
        What the figure shows.
    criteria
        Cut-offs and readings that were used.
    provenance
        Guideline, criteria and origin of the draws.
    documentation
        Level of documentation uncertainty where a judgement of the evidence stands beside its
        statistical width, and which of the two made it; ``None`` without a judgement.
    """

    reference: str
    option: str
    wtp: float
    wtp_adjustment: float
    severity: Severity
    incremental_cost: Floats
    incremental_qaly: Floats
    net_benefit: Floats
    mean_incremental_cost: Estimate
    mean_incremental_qaly: Estimate
    mean_net_benefit: Estimate
    status: Quadrant
    icer: float | None
    icer_se: float | None
    favours: Verdict
    probability_best: Mapping[str, Estimate]
    probability_best_by_severity: Mapping[str, Estimate]
    probability_cost_effective: Estimate
    probability_cost_effective_by_severity: Estimate
    loss_of_wrong_yes: ExpectedLoss
    loss_of_wrong_no: ExpectedLoss
    evpi: Estimate
    decision_index: Index
    documentation_index: Index
    cell: str
    scenario: int | None
    name: Label
    reading: Label
    too_close: tuple[str, ...]
    cost_per_qaly: CostPerQaly
    criteria: UncertaintyRule
    provenance: Mapping[str, Any]
    documentation: DocumentationLevel | None = None

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.net_benefit.size)

    @property
    def documentation_level(self) -> Level:
        """Level of documentation uncertainty the scenario is read at."""
        return self.documentation.level if self.documentation else self.documentation_index.level

    @property
    def expected_loss(self) -> ExpectedLoss:
        """Expected loss of the favoured decision; of either where none is favoured."""
        refused = self.favours == "do not adopt"
        return self.loss_of_wrong_no if refused else self.loss_of_wrong_yes

    @property
    def relative_loss(self) -> Estimate | None:
        """Expected loss of the favoured decision over its expected net benefit.

        0.1: for every 10 expected to be gained by the favoured decision rather than the other,
        1 is expected to be lost to its being wrong. ``None`` where expected net benefit is not
        clearly different from 0, since then it is nothing to divide by.
        """
        mean = self.mean_net_benefit
        if self.favours == "neither" or abs(mean.value) <= TOO_CLOSE * mean.se:
            return None
        gain = self.net_benefit if self.favours == "adopt" else -self.net_benefit
        return ratio_of_means(np.maximum(-gain, 0.0), gain)

    @property
    def cells_within_reach(self) -> tuple[str, ...]:
        """Keys of every combination other draws could give, the found one first.

        Each level or side that lies within two Monte Carlo standard errors of its cut-off may
        turn. One key alone: the classification is not too close to call.
        """
        if self.cell == "no_difference":
            return (self.cell,)
        turned = {"low": "high", "high": "low"}
        below = self.favours == "adopt"
        documentation: list[Any] = [self.documentation_level]
        decision: list[Any] = [self.decision_index.level]
        if "documentation index" in self.too_close:
            documentation.append(turned[self.documentation_level])
        if "decision index" in self.too_close:
            decision.append(turned[self.decision_index.level])
        sides = [below, not below] if "expected net benefit" in self.too_close else [below]
        cells = [
            self.criteria.read(documentation=width, decision=error, below=side).key
            for width in documentation
            for error in decision
            for side in sides
        ]
        return tuple(dict.fromkeys(cells))

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_dict(self) -> dict[str, Any]:
        """Return every figure but the draws, as plain numbers and words."""
        return {
            "reference": self.reference,
            "option": self.option,
            "n_draws": self.n_draws,
            "wtp": self.wtp,
            "wtp_adjustment": self.wtp_adjustment,
            "severity_class": self.severity.expected.severity_class,
            "status": self.status,
            "icer": self.icer,
            "icer_se": self.icer_se,
            "favours": self.favours,
            **{name: {"value": e.value, "se": e.se} for name, e, _ in self._estimates()},
            "decision_index": _index(self.decision_index),
            "documentation_index": _index(self.documentation_index),
            "documentation": _documentation(self.documentation),
            "cell": self.cell,
            "scenario": self.scenario,
            "name": {"en": self.name.en, "no": self.name.no},
            "reading": {"en": self.reading.en, "no": self.reading.no},
            "too_close": list(self.too_close),
            "cells_within_reach": list(self.cells_within_reach),
            "errors_are_upper_bounds": self.errors_are_upper_bounds,
        }

    def to_frame(self) -> pd.DataFrame:
        """Long table of figures: quantity, value, se, unit; no value is ``<NA>``."""
        import pandas as pd

        decision, documentation = self.decision_index, self.documentation_index
        rows: list[tuple[str, float | None, float | None, str]] = [
            *((name, e.value, e.se, unit) for name, e, unit in self._estimates()),
            ("icer", self.icer, self.icer_se, "per QALY"),
            ("decision_index", decision.value, decision.se, "probability"),
            ("documentation_index", documentation.value, documentation.se, "multiple of the limit"),
        ]
        frame = pd.DataFrame(rows, columns=["quantity", "value", "se", "unit"])
        return frame.astype({"value": "Float64", "se": "Float64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables import decision_table

        return decision_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the distribution of cost per QALY against the limit."""
        from prioritering.report.figures import plot_decision

        return plot_decision(self, ax, language=language)

    def __repr__(self) -> str:
        close = f", too close to call: {', '.join(self.too_close)}" if self.too_close else ""
        return (
            f"Decision({self.option!r} against {self.reference!r} at {self.wtp:g} per QALY: "
            f"{self.name.en}; favours {self.favours!r}{close}; {self.n_draws} draws)"
        )

    def _estimates(self) -> Iterator[tuple[str, Estimate, str]]:
        """Name, estimate and unit of every figure that has a value and an error."""
        yield "mean_incremental_cost", self.mean_incremental_cost, "amount"
        yield "mean_incremental_qaly", self.mean_incremental_qaly, "QALYs"
        yield "mean_net_benefit", self.mean_net_benefit, "amount"
        yield "probability_cost_effective", self.probability_cost_effective, "probability"
        by_severity = self.probability_cost_effective_by_severity
        yield "probability_cost_effective_by_severity", by_severity, "probability"
        for strategy, share in self.probability_best.items():
            yield f"probability_best[{strategy}]", share, "probability"
        for strategy, share in self.probability_best_by_severity.items():
            yield f"probability_best_by_severity[{strategy}]", share, "probability"
        yield "loss_of_wrong_yes", self.loss_of_wrong_yes.amount, "amount"
        yield "loss_of_wrong_yes_qalys", self.loss_of_wrong_yes.qalys, "QALYs"
        yield "loss_of_wrong_no", self.loss_of_wrong_no.amount, "amount"
        yield "loss_of_wrong_no_qalys", self.loss_of_wrong_no.qalys, "QALYs"
        yield "expected_loss", self.expected_loss.amount, "amount"
        yield "expected_loss_qalys", self.expected_loss.qalys, "QALYs"
        if (relative := self.relative_loss) is not None:
            yield "relative_loss", relative, "share of expected net benefit"
        yield "evpi", self.evpi, "amount"


def _index(index: Index) -> dict[str, Any]:
    return {
        "value": index.value,
        "se": index.se,
        "cutoff": index.cutoff,
        "level": index.level,
        "too_close": index.too_close,
        "explanation": None if index.explanation is None else index.explanation.en,
    }


def _documentation(found: DocumentationLevel | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "level": found.level,
        "index": found.index,
        "made_by": found.made_by,
        "judgement": found.detail.to_dict(),
    }
