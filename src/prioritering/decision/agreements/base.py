"""What every agreement is, and how agreements combine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from prioritering.decision.agreements.priced import AGREEMENTS, Priced, priced
from prioritering.decision.publication import CONFIDENTIAL
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    from prioritering.conventions import Discounting


class Agreement(Frozen, ABC):
    """Base of agreements between payer and supplier on what one option costs.

    Prices under an agreement are secret unless it says otherwise: ``confidential`` is carried
    into every table and figure of a comparison, and marks the provenance of totals and yearly
    costs under ``"confidential"``, which results taken from them carry on.
    """

    confidential: bool

    def apply(
        self,
        outcomes: Outcomes,
        *,
        option: str,
        discounting: Discounting,
        yearly: YearlyOutcomes | None = None,
        patients: ArrayLike | None = None,
    ) -> Priced:
        """Results with the option's costs under the agreement; effects are untouched.

        Parameters
        ----------
        outcomes, yearly
            A run, and its undiscounted costs by year since a patient's start.
        option
            The strategy the agreement is about.
        discounting
            Of costs, such as ``rules.discounting``.
        patients
            Who start the option in each calendar year, shape (calendar year,).

        Raises
        ------
        UnknownNameError
            A strategy, cost category or resource that does not exist.
        ResultError
            Yearly costs or patients that the agreement needs and that are missing, of other
            draws, or out of range.
        """
        start = priced(
            outcomes, option=option, discounting=discounting, yearly=yearly, patients=patients
        )
        return self.applied_to(start)

    def applied_to(self, before: Priced) -> Priced:
        """Go on from what earlier agreements left."""
        after = self._change(before)
        outcomes, yearly = after.outcomes, after.yearly
        return replace(
            after,
            outcomes=replace(outcomes, provenance=self._marked(outcomes.provenance)),
            yearly=yearly and replace(yearly, provenance=self._marked(yearly.provenance)),
        )

    def _marked(self, provenance: Mapping[str, Any]) -> dict[str, Any]:
        """Add the agreement, and that it is secret; an earlier mark stays."""
        marks = (*provenance.get(AGREEMENTS, ()), type(self).__name__)
        secret = {CONFIDENTIAL: "prices under a confidential agreement"}
        return {**(secret if self.confidential else {}), **provenance, AGREEMENTS: marks}

    def then(self, other: Agreement) -> Combined:
        """Combine with an agreement that works on what this one leaves.

        Order matters: a discount before a cap lowers what counts towards it; after the cap it
        lowers what the cap left.
        """
        return Combined((self, other))

    def parts(self) -> Iterator[Agreement]:
        """Go through the single agreements in the order they apply."""
        yield self

    def describe(self, language: str = "en", *, currency: str = "NOK") -> str:
        """Terms in a sentence, ``"en"`` or ``"no"``."""
        from prioritering.report.tables.agreements import agreement_text

        return agreement_text(self, language=language, currency=currency)

    def __repr__(self) -> str:
        """Terms, unless they are secret: what is printed ends up in logs and notebooks."""
        kind = type(self).__name__
        if self.confidential:
            return f"{kind}(confidential)"
        terms = (f"{key}={value!r}" for key, value in vars(self).items() if key != "confidential")
        return f"{kind}({', '.join(terms)})"

    @abstractmethod
    def _change(self, before: Priced) -> Priced:
        """Costs after the agreement."""


@dataclass(frozen=True, repr=False, eq=False)
class Combined(Agreement):
    """Agreements one after the other, each on what the one before it leaves.

    Attributes
    ----------
    agreements
        In the order they apply. Those per patient come before those on national volume.

    Raises
    ------
    ResultError
        Something else than agreements, or none.
    """

    agreements: tuple[Agreement, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.agreements if isinstance(self.agreements, tuple | list) else ()
        if not given or not all(isinstance(a, Agreement) for a in given):
            raise ResultError(
                "not a combination of agreements",
                expected="one agreement or more, such as Combined((first, second))",
                found=repr(self.agreements),
            )
        parts = tuple(part for agreement in given for part in agreement.parts())
        object.__setattr__(self, "agreements", parts)

    @property
    def confidential(self) -> bool:  # type: ignore[override]
        """Whether any part is."""
        return any(agreement.confidential for agreement in self.agreements)

    def parts(self) -> Iterator[Agreement]:
        """Go through the single agreements in the order they apply."""
        for agreement in self.agreements:
            yield from agreement.parts()

    def applied_to(self, before: Priced) -> Priced:
        """Go on from what earlier agreements left."""
        return self._change(before)

    def _change(self, before: Priced) -> Priced:
        for agreement in self.agreements:
            before = agreement.applied_to(before)
        return before
