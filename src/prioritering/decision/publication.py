"""The public view of a case whose net price is secret.

Every figure that depends on the net price tells something about it: an exact one all, a range
some. The view keeps what has been said, works out which net prices it leaves possible, and
refuses the figure that would leave too few, naming those that give the price away with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ConfidentialError, ResultError
from prioritering.frozen import Frozen

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.guidelines import Guideline

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
AtPrice = Callable[[Floats], Any]
"""What a figure is at net prices, given as shares of the maximum price, shape (price,)."""

CELLS = 10_000
"""Equal steps of net price from 0 to the maximum price; each is possible as a whole or not."""

CONFIDENTIAL = "confidential"
"""Key in the provenance of results that rest on a secret price; its value says why."""

_SECRET = "rests on a secret price"


@dataclass(frozen=True)
class Statement:
    """One figure of the public view.

    Attributes
    ----------
    name, text
        What it is, and what is published of it.
    depends_on_price
        Whether it rests on the net price.
    open_share
        Share of net prices that it and all before it leave possible.
    """

    name: str
    text: str
    depends_on_price: bool
    open_share: float


@dataclass(frozen=True)
class Refusal:
    """A figure that was not published, and why.

    Attributes
    ----------
    name, reason
        What it is, and the reason in full.
    kind
        ``"narrow"``: too few net prices would stay possible. ``"secret"``: the result rests on
        a secret price.
    """

    name: str
    reason: str
    kind: Literal["narrow", "secret"]


@dataclass(frozen=True, repr=False, eq=False)
class PublicView(Frozen):
    """What may be published so far.

    Attributes
    ----------
    narrowest
        Share of net prices that must stay possible.
    statements
        What is published, in order.
    refused
        What was asked for and refused.
    possible
        Steps of net price from 0 to the maximum price that all statements allow, shape
        (step,).
    provenance
        Guideline and source of the rule.
    """

    narrowest: float
    statements: tuple[Statement, ...] = ()
    refused: tuple[Refusal, ...] = ()
    possible: Bools = field(default_factory=lambda: np.ones(CELLS, dtype=np.bool_))
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def open_share(self) -> float:
        """Share of net prices still possible."""
        return float(self.possible.mean())

    def publish(self, name: str, text: str, provenance: Mapping[str, Any]) -> PublicView:
        """Publish a figure that rests on maximum prices.

        Parameters
        ----------
        name, text
            What it is, and its value in words.
        provenance
            Of the result it is taken from.

        Raises
        ------
        ConfidentialError
            A result that rests on a secret price.
        """
        refuse_confidential(name, provenance)
        return replace(
            self, statements=(*self.statements, Statement(name, text, False, self.open_share))
        )

    def publish_range(
        self, name: str, low: float, high: float, *, at: AtPrice, text: str | None = None
    ) -> PublicView:
        """Publish that a figure lies in a range, both ends included.

        Parameters
        ----------
        name
            What it is.
        low, high
            Ends of the range; infinite where it is open. Equal ends are an exact figure.
        at
            The figure at net prices, given as shares of the maximum price.
        text
            The range in words; ``"low to high"`` if left out.

        Raises
        ------
        ConfidentialError
            What is published would leave too few net prices possible.
        ResultError
            A range the wrong way round, or one in which the figure never lies.
        """
        if not low <= high:
            raise ResultError(
                "a range the wrong way round", expected="low <= high", found=f"{low} to {high}"
            )
        values = np.asarray(at(_prices()), dtype=np.float64)
        allowed = (np.maximum(values[:-1], values[1:]) >= low) & (
            np.minimum(values[:-1], values[1:]) <= high
        )
        return self._said(name, text or f"{low:g} to {high:g}", allowed)

    def publish_word(self, name: str, word: str, *, at: AtPrice) -> PublicView:
        """Publish a word that depends on the price, such as the scenario.

        Parameters
        ----------
        name, word
            What it is, and what holds at the net price.
        at
            The word at net prices, given as shares of the maximum price.

        Raises
        ------
        ConfidentialError, ResultError
            As :meth:`publish_range`.
        """
        holds = np.asarray(at(_prices())) == word
        return self._said(name, word, holds[:-1] | holds[1:])

    def publish_answer(
        self, name: str, answer: str, *, at: AtPrice, text: str | None = None
    ) -> PublicView:
        """Publish one of several answers, if every one of them would keep the price open.

        Whether it is published does not depend on which answer is the true one, so that a
        refusal tells nothing about the price either.

        Parameters
        ----------
        name, answer
            What is asked, and the answer at the net price.
        at
            The answer at net prices, given as shares of the maximum price.
        text
            The answer in words; itself if left out.

        Raises
        ------
        ConfidentialError
            One of the answers that are still possible would leave too few net prices.
        ResultError
            As :meth:`publish_range`.
        """
        answers = np.asarray(at(_prices()))
        for other in np.unique(answers):
            holds = answers == other
            touched = self.possible & (holds[:-1] | holds[1:])
            left = float((self.possible & holds[:-1] & holds[1:]).mean())
            if touched.any() and left < self.narrowest:
                raise ConfidentialError(
                    f"{name} could give the net price away",
                    expected=f"at least {self.narrowest:.0%} of net prices left by each answer",
                    found=f"{left:.1%} by one of them",
                    where=self._together(holds[:-1] & holds[1:]),
                    remedy="Leave it out, or ask a coarser question.",
                )
        holds = answers == answer
        return self._said(name, text or answer, holds[:-1] | holds[1:])

    def ask(self, name: str, publish: Callable[[PublicView], PublicView]) -> PublicView:
        """Publish if it may be published, else note the refusal and its reason."""
        try:
            return publish(self)
        except ConfidentialError as error:
            kind: Literal["narrow", "secret"] = (
                "secret" if error.problem.endswith(_SECRET) else "narrow"
            )
            return replace(self, refused=(*self.refused, Refusal(name, str(error), kind)))

    def to_frame(self) -> pd.DataFrame:
        """One row per figure asked for: name, published, text (or reason), depends_on_price."""
        import pandas as pd

        rows = [
            *((s.name, True, s.text, s.depends_on_price) for s in self.statements),
            *((r.name, False, r.reason, True) for r in self.refused),
        ]
        return pd.DataFrame(rows, columns=["name", "published", "text", "depends_on_price"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Statements and refusals for a report."""
        from prioritering.report.tables.publication import publication_table

        return publication_table(self, language=language)

    def __repr__(self) -> str:
        return (
            f"PublicView({len(self.statements)} published, {len(self.refused)} refused, "
            f"{self.open_share:.0%} of net prices possible)"
        )

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table(), caption=repr(self))

    def _said(self, name: str, text: str, allowed: Bools) -> PublicView:
        possible = self.possible & allowed
        if not possible.any():
            raise ResultError(
                f"{name} is never so at a net price that earlier figures allow",
                expected="a range or word that holds at some net price",
                found=text,
            )
        left = float(possible.mean())
        if left < self.narrowest:
            raise ConfidentialError(
                f"{name} would give the net price away",
                expected=f"at least {self.narrowest:.0%} of net prices left possible",
                found=f"{left:.1%}",
                where=self._together(allowed),
                remedy="Publish a wider range, or leave it out.",
            )
        return replace(
            self,
            possible=possible,
            statements=(*self.statements, Statement(name, text, True, left)),
        )

    def _together(self, allowed: Bools) -> dict[str, object] | None:
        """Name the earlier figures that give the price away with this one, if it is not alone."""
        if float(allowed.mean()) < self.narrowest:
            return None
        said = [s.name for s in self.statements if s.depends_on_price]
        return {"together with": ", ".join(map(repr, said))}


def public_view(rules: Guideline) -> PublicView:
    """Start a public view in which nothing has been said yet.

    Examples
    --------
    >>> from prioritering import guideline
    >>> view = public_view(guideline("no", as_of="2026-11-01"))
    >>> icer = lambda price: 100_000 + 900_000 * price
    >>> view.publish_range("ICER", 0, 495_000, at=icer)
    PublicView(1 published, 0 refused, 44% of net prices possible)
    >>> view.publish_range("ICER", 495_000, 495_000, at=icer)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    prioritering.errors.ConfidentialError: ICER would give the net price away; expected ...
    """
    rule = rules.rules["publication"]
    return PublicView(
        narrowest=rules.publication.narrowest_price_range,
        provenance={"guideline": rules.id, "source": str(rule.source), "status": rule.status},
    )


def refuse_confidential(name: str, provenance: Mapping[str, Any]) -> None:
    """Refuse a result that rests on a secret price.

    Raises
    ------
    ConfidentialError
        Its provenance says so.
    """
    reason = provenance.get(CONFIDENTIAL)
    if reason:
        raise ConfidentialError(
            f"{name} {_SECRET}",
            expected="a result at maximum prices",
            found=str(reason),
            remedy="Publish it at the maximum price, or as a range through publish_range.",
        )


def _prices() -> Floats:
    return np.linspace(0.0, 1.0, CELLS + 1)
