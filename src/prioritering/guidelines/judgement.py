"""How documentation is judged beside its statistical width: domains, levels and the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prioritering.errors import GuidelineError, unknown_name
from prioritering.guidelines.values import Label, Value, unique_keys

Concern = Literal["low", "some", "high"]
Combination = Literal["higher", "index", "judgement"]

CATEGORIES = ("evidence", "surrogate", "comparator", "median")
"""Domains answered by a word."""

SHARES = ("follow_up", "extrapolated_share", "event_share")
"""Domains answered by a share between 0 and 1."""

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Answer(Value):
    """One possible answer to a domain, and how much concern it gives."""

    key: str
    concern: Concern
    name: Label


@dataclass(frozen=True)
class CategoryDomain(Value):
    """A domain answered by one of a few words.

    Attributes
    ----------
    key, name
        One of :data:`CATEGORIES`, and its words.
    definition
        What is judged.
    answers
        The words that are known.
    """

    key: str
    name: Label
    definition: Label
    answers: tuple[Answer, ...]

    def __post_init__(self) -> None:
        unique_keys("answer", [answer.key for answer in self.answers])

    def answer(self, key: object) -> Answer:
        """Find an answer; an unknown one is an error that lists those there are."""
        for answer in self.answers:
            if answer.key == key:
                return answer
        raise unknown_name(f"{self.key} level", key, [answer.key for answer in self.answers])


@dataclass(frozen=True)
class ShareDomain(Value):
    """A domain answered by a share between 0 and 1.

    Attributes
    ----------
    key, name
        One of :data:`SHARES`, and its words.
    definition
        What is judged.
    worse
        Whether concern rises as the share does (``"high"``) or as it falls (``"low"``).
    some, high
        Shares from which there is some and high concern; the cut-off itself belongs to the
        worse side.
    """

    key: str
    name: Label
    definition: Label
    worse: Literal["low", "high"]
    some: float
    high: float

    def __post_init__(self) -> None:
        first, last = (self.some, self.high) if self.worse == "high" else (self.high, self.some)
        if not 0 <= first < last <= 1:
            raise GuidelineError(
                f"cut-offs of {self.key} out of order",
                expected="shares between 0 and 1, the one for high concern on the worse side",
                found={"some": self.some, "high": self.high, "worse": self.worse},
            )

    def concern(self, share: float) -> Concern:
        """Return the concern a share gives; a share within 1e-12 of a cut-off is at it."""
        sign = 1 if self.worse == "high" else -1
        if sign * (share - self.high) >= -_ROUNDING:
            return "high"
        return "some" if sign * (share - self.some) >= -_ROUNDING else "low"


@dataclass(frozen=True)
class JudgementRule(Value):
    """Domains of documentation, their levels, and how they make one.

    Attributes
    ----------
    categories, shares
        The domains.
    high_from_high
        The whole gives high concern from this many domains of high concern on.
    high_from_some
        And from this many domains of some or high concern on.
    counts_as_high
        Concern over the whole from which documentation uncertainty counts as high.
    combination
        How the judgement meets the statistical width: ``"higher"``, the higher of the two;
        or one of them alone, ``"index"`` or ``"judgement"``.
    overall_text, combination_text
        Both rules in words, to print with every result.
    """

    categories: tuple[CategoryDomain, ...]
    shares: tuple[ShareDomain, ...]
    high_from_high: int
    high_from_some: int
    counts_as_high: Literal["some", "high"]
    combination: Combination
    overall_text: Label
    combination_text: Label

    def __post_init__(self) -> None:
        _complete("category domains", [d.key for d in self.categories], CATEGORIES)
        _complete("share domains", [d.key for d in self.shares], SHARES)
        for name in ("high_from_high", "high_from_some"):
            if getattr(self, name) < 1:
                raise GuidelineError(
                    f"{name} out of range",
                    expected="a number of domains, 1 or more",
                    found=getattr(self, name),
                )

    def category(self, key: str) -> CategoryDomain:
        """Return a domain answered by a word."""
        return next(d for d in self.categories if d.key == key)

    def share(self, key: str) -> ShareDomain:
        """Return a domain answered by a share."""
        return next(d for d in self.shares if d.key == key)

    def overall(self, concerns: Sequence[Concern]) -> Concern:
        """Return the concern over the whole.

        Raises
        ------
        GuidelineError
            No domain is judged.
        """
        if not concerns:
            raise GuidelineError(
                "no domain is judged",
                expected="an answer to one domain at least",
                found="none",
                remedy="State what is known, for example evidence='rct_head_to_head'.",
            )
        high, raised = concerns.count("high"), len(concerns) - concerns.count("low")
        if high >= self.high_from_high or raised >= self.high_from_some:
            return "high"
        return "some" if raised else "low"

    def level(self, concern: Concern) -> Literal["low", "high"]:
        """Return what a concern counts as beside the statistical width."""
        return "high" if concern in ("high", self.counts_as_high) else "low"


def _complete(what: str, found: list[str], known: tuple[str, ...]) -> None:
    if sorted(found) != sorted(known):
        raise GuidelineError(
            f"{what} that are not the known ones, each once",
            expected=", ".join(known),
            found=", ".join(found),
        )
