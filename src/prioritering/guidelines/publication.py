"""What may be published of results that rest on a secret price."""

from __future__ import annotations

from dataclasses import dataclass

from prioritering.errors import GuidelineError
from prioritering.guidelines.values import Label, Value


@dataclass(frozen=True)
class PublicationRule(Value):
    """How open a secret price must stay.

    Attributes
    ----------
    narrowest_price_range
        Width of the net prices that all published figures together must leave possible, as a
        share of the maximum price, above 0 and at most 1.
    explanation
        The rule in words, to print beside what was refused.
    """

    narrowest_price_range: float
    explanation: Label

    def __post_init__(self) -> None:
        if not 0 < self.narrowest_price_range <= 1:
            raise GuidelineError(
                "narrowest_price_range out of range",
                expected="a share of the maximum price, above 0 and at most 1",
                found=self.narrowest_price_range,
            )
