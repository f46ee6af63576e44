"""How documentation and decision uncertainty are cut into high and low, and read together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from prioritering.errors import GuidelineError
from prioritering.guidelines.values import Label, Value, positive, unique_keys

Level = Literal["low", "high"]
Side = Literal["below", "near", "above", "any"]


@dataclass(frozen=True)
class Reading(Value):
    """What a combination of the two uncertainties means for the decision.

    Attributes
    ----------
    key
        ``"scenario_1"`` to ``"scenario_3"``, ``"both_low"`` or ``"both_high"``.
    scenario
        Number of the scenario in the figure, None for a cell the figure leaves out.
    documentation, decision
        Level of each uncertainty.
    cost
        Where cost per QALY lies against the limit.
    status
        ``"law"`` if the figure says it, ``"choice"`` if this package does.
    name, reading
        A short name, and what may be concluded.
    name_by_net_benefit, reading_by_net_benefit
        The same where cost per QALY does not say on which side of the limit an option lies:
        dominant, dominated, saving per QALY lost, or without a clear gain. None: the words
        hold there too.
    """

    key: str
    documentation: Level
    decision: Level
    cost: Side
    status: Literal["law", "choice"]
    name: Label
    reading: Label
    scenario: int | None = None
    name_by_net_benefit: Label | None = None
    reading_by_net_benefit: Label | None = None

    def by_net_benefit(self) -> Reading:
        """Return the same reading in words of net benefit."""
        return replace(
            self,
            name=self.name_by_net_benefit or self.name,
            reading=self.reading_by_net_benefit or self.reading,
        )


@dataclass(frozen=True)
class UncertaintyRule(Value):
    """Cut-offs between low and high uncertainty, and the reading of each combination.

    Attributes
    ----------
    documentation_width_high
        Documentation uncertainty is high from this width of the 95 % interval of cost per
        QALY, as a multiple of the limit.
    decision_error_high
        Decision uncertainty is high from this probability that the decision the expectation
        favours is wrong.
    documentation_width_text, decision_error_text
        The definitions in words, to print with every result.
    readings
        One per combination and side of the limit.
    """

    documentation_width_high: float
    decision_error_high: float
    documentation_width_text: Label
    decision_error_text: Label
    readings: tuple[Reading, ...]

    def __post_init__(self) -> None:
        positive("documentation_width_high", self.documentation_width_high)
        if not 0 < self.decision_error_high < 1:
            raise GuidelineError(
                "decision_error_high out of range",
                expected="a probability between 0 and 1",
                found=self.decision_error_high,
            )
        unique_keys("reading", [r.key for r in self.readings])
        levels: tuple[Level, ...] = ("low", "high")
        for documentation in levels:
            for decision in levels:
                for below in (True, False):
                    self.read(documentation=documentation, decision=decision, below=below)

    def read(self, *, documentation: Level, decision: Level, below: bool) -> Reading:
        """Return the reading of a combination.

        Parameters
        ----------
        documentation, decision
            ``"low"`` or ``"high"``.
        below
            Whether expected cost per QALY lies below the limit.

        Raises
        ------
        GuidelineError
            No reading, or more than one, fits the combination.
        """
        sides = ("below" if below else "above", "near", "any")
        found = [
            r
            for r in self.readings
            if (r.documentation, r.decision) == (documentation, decision) and r.cost in sides
        ]
        if len(found) != 1:
            raise GuidelineError(
                "a combination of uncertainties without exactly one reading",
                expected="one reading",
                found=[r.key for r in found],
                where={"documentation": documentation, "decision": decision, "cost": sides[0]},
            )
        return found[0]
