"""What the smaller rules say: one frozen dataclass per topic.

Guideline files are read straight into these classes; a key they do not know is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from prioritering.conventions import Discounting, RateType
from prioritering.errors import GuidelineError, unknown_name

BudgetGroup = Literal["drug", "service", "elsewhere"]
"""Drug cost in the financing service, its other costs, costs elsewhere in health and care."""

Vat = Literal["included", "excluded"]


class Value:
    """Base of everything that is read from a guideline file."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True)
class Label(Value):
    """The same words in English and Norwegian."""

    en: str
    no: str

    def in_language(self, language: str) -> str:
        """Return the words in ``"en"`` or ``"no"``."""
        if language not in ("en", "no"):
            raise unknown_name("language", language, ("en", "no"))
        return self.en if language == "en" else self.no


@dataclass(frozen=True)
class Term(Label):
    """A key with its words."""

    key: str


@dataclass(frozen=True)
class Terms(Value):
    """The official words of the field, by key."""

    words: tuple[Term, ...]

    def __post_init__(self) -> None:
        unique_keys("term", [word.key for word in self.words])

    def label(self, key: str, *, language: str = "en") -> str:
        """Words of a key in one language; an unknown key is an error."""
        return find_term("term", key, self.words).in_language(language)


@dataclass(frozen=True)
class Step(Value):
    """An annual rate and the year it starts."""

    from_year: float
    rate: float


@dataclass(frozen=True)
class DiscountingRule(Value):
    """Stepped discount rates for costs and effects.

    Attributes
    ----------
    steps
        Rates and the years they start.
    rate_type
        How a rate becomes a factor.
    scenario_flat_rate
        The flat rate that is usual as a scenario analysis.
    """

    steps: tuple[Step, ...]
    rate_type: RateType
    scenario_flat_rate: float

    def __post_init__(self) -> None:
        self.discounting()
        Discounting.flat(self.scenario_flat_rate)

    def discounting(self) -> Discounting:
        """Return the rule as a discounting convention."""
        return Discounting.stepped(
            *((s.from_year, s.rate) for s in self.steps), rate_type=self.rate_type
        )


@dataclass(frozen=True)
class OpportunityCost(Value):
    """What a QALY costs where it is displaced, NOK per QALY."""

    nok_per_qaly: float

    def __post_init__(self) -> None:
        positive("opportunity cost", self.nok_per_qaly)


@dataclass(frozen=True)
class AuthorityLimit(Value):
    """Net growth in NOK, in one of the first years, above which parliament decides.

    Attributes
    ----------
    nok, first_years
        The limit, and the years it is held against.
    counts
        Cost groups of a budget whose net growth counts.
    vat
        Whether it counts prices with value-added tax.
    """

    nok: float
    first_years: int
    counts: tuple[BudgetGroup, ...]
    vat: Vat

    def __post_init__(self) -> None:
        positive("authority limit", self.nok)
        positive("number of years", self.first_years)
        unique_keys("cost group", list(self.counts))
        if not self.counts:
            raise GuidelineError("no cost group that the limit counts", expected="one or more")


@dataclass(frozen=True)
class SmallGroups(Value):
    """Guiding criteria of a very small patient group, all approximate and normally all met.

    Attributes
    ----------
    patients_per_100_000_worldwide, patients_in_country
        The group is smaller than this.
    absolute_shortfall
        QALYs lost, at least.
    expected_gain
        QALYs gained against standard treatment, at least.
    """

    patients_per_100_000_worldwide: float
    patients_in_country: float
    absolute_shortfall: float
    expected_gain: float

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            positive(name, getattr(self, name))


@dataclass(frozen=True)
class TableChoice(Value):
    """The shipped table (or value set) a rule points to."""

    table: str


def positive(what: str, number: float) -> None:
    """Refuse a number that is not finite and above 0."""
    if not 0 < number < float("inf"):
        raise GuidelineError(
            f"{what} out of range", expected="a finite number above 0", found=number
        )


def unique_keys(kind: str, keys: list[str]) -> None:
    """Refuse a key that stands twice."""
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise GuidelineError(f"{kind} named twice", expected="unique keys", found=twice)


def find_term(kind: str, key: str, terms: tuple[Term, ...]) -> Term:
    """Find a term by its key; an unknown key is an error."""
    for term in terms:
        if term.key == key:
            return term
    raise unknown_name(kind, key, [term.key for term in terms])
