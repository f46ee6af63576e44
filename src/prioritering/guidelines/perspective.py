"""The perspective of an analysis, and which consequences it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from prioritering.errors import GuidelineError, unknown_name
from prioritering.guidelines.values import Label, Term, Value, find_term, unique_keys

if TYPE_CHECKING:
    import pandas as pd

View = Literal["health_service", "society", "extended"]
Measure = Literal["qaly", "cost"]


@dataclass(frozen=True)
class Consequence(Term):
    """One row of the impact inventory: whether each perspective counts it.

    Attributes
    ----------
    measure
        What it is counted in: QALYs or money.
    health_service, society, extended
        Whether the perspective counts the consequence.
    separate_analysis
        What is counted only in an analysis of its own, or None.
    not_beside_separate_analysis_of
        Key of the consequence whose separate analysis counts the same thing again, or None.
    """

    measure: Measure
    health_service: bool
    society: bool
    extended: bool
    separate_analysis: Label | None = None
    not_beside_separate_analysis_of: str | None = None


@dataclass(frozen=True)
class Perspective(Value):
    """Default perspective and impact inventory.

    Attributes
    ----------
    default
        The perspective of a base case.
    views
        Key and name of each perspective.
    service_levels
        The levels of health and care services whose costs count, both ways.
    payers
        Who else may bear a cost.
    consequences
        The impact inventory, one row per consequence.
    societal_analysis_for
        The only cases in which a societal analysis may be added as a secondary one.
    """

    default: View
    views: tuple[Term, ...]
    service_levels: tuple[Term, ...]
    payers: tuple[Term, ...]
    consequences: tuple[Consequence, ...]
    societal_analysis_for: tuple[Term, ...]

    def __post_init__(self) -> None:
        unique_keys("consequence", [c.key for c in self.consequences])
        unique_keys("level of care or payer", [level.key for level in self.levels])
        for row in self.consequences:
            other = row.not_beside_separate_analysis_of
            if other is not None and self.consequence(other).separate_analysis is None:
                raise GuidelineError(
                    "no separate analysis to keep a consequence apart from",
                    expected="a consequence that has one",
                    found=other,
                    where={"consequence": row.key},
                )

    @property
    def levels(self) -> tuple[Term, ...]:
        """Everyone who may bear a cost: the levels of care, then other payers."""
        return self.service_levels + self.payers

    def consequence(self, key: str) -> Consequence:
        """Row of the impact inventory; an unknown key is an error."""
        return cast(Consequence, find_term("consequence", key, self.consequences))

    def level(self, key: str) -> Term:
        """Level of care or payer; an unknown key is an error."""
        return find_term("level of care or payer", key, self.levels)

    def view(self, key: str) -> Term:
        """Name of a perspective; an unknown key is an error."""
        return find_term("perspective", key, self.views)

    @property
    def name(self) -> Label:
        """Name of the default perspective."""
        return find_term("perspective", self.default, self.views)

    def counts(self, consequence: str, *, view: str | None = None) -> bool:
        """Whether a perspective (the default one if None) counts a consequence.

        Raises
        ------
        UnknownNameError
            No consequence or perspective of that name.
        """
        chosen = self.default if view is None else view
        if chosen not in get_args(View):
            raise unknown_name("perspective", chosen, get_args(View))
        return bool(getattr(self.consequence(consequence), chosen))

    def to_frame(self, *, language: str = "en") -> pd.DataFrame:
        """Return the impact inventory: a row per consequence, a boolean column per perspective."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "key": row.key,
                    "consequence": row.in_language(language),
                    **{view: getattr(row, view) for view in get_args(View)},
                    "separate_analysis": row.separate_analysis.in_language(language)
                    if row.separate_analysis
                    else "",
                }
                for row in self.consequences
            ]
        )
