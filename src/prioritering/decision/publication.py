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
from prioritering.shown import Shown

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

_REASONS = {"narrow": "could give the net price away", "secret": _SECRET}

_NEAR = 0.01
"""Share of a figure's span over all net prices that an end keeps away from the figure itself."""


class _TooNarrowError(ConfidentialError):
    """Too few net prices would stay possible."""


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
    name
        What it is.
    kind
        ``"narrow"``: too few net prices would stay possible. ``"secret"``: the result rests on
        a secret price. How few, and what the agreement is called, would itself tell something.
    """

    name: str
    kind: Literal["narrow", "secret"]

    @property
    def reason(self) -> str:
        """The reason in words that hold for every refusal of its kind."""
        return _REASONS[self.kind]


@dataclass(frozen=True, repr=False, eq=False)
class PublicView(Frozen, Shown):
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
            A result that rests on a secret price, or one that does not say what it rests on.
        """
        refuse_confidential(name, provenance)
        if not provenance:
            raise ConfidentialError(
                f"{name} comes from nowhere, so that it may rest on a secret price",
                expected="the provenance of the result it is taken from",
                found="an empty one",
                remedy="Write view.publish(name, text, result.provenance).",
            )
        return replace(
            self, statements=(*self.statements, Statement(name, text, False, self.open_share))
        )

    def publish_range(
        self, name: str, low: float, high: float, *, value: float, at: AtPrice
    ) -> PublicView:
        """Publish that a figure lies in a range, both ends included.

        What is published is the range alone, ``"low to high"``. Choose its ends before the
        figure is known: an end laid at the figure would be the figure.

        Parameters
        ----------
        name
            What it is.
        low, high
            Ends of the range; infinite where it is open.
        value
            The figure at the net price: it is not published, but must lie in the range, and
            not by an end of it.
        at
            The figure at net prices, given as shares of the maximum price.

        Raises
        ------
        ConfidentialError
            What is published would leave too few net prices possible.
        ResultError
            A range the wrong way round, one that the figure does not lie in, or an end nearer
            to the figure than 1 % of its span over all net prices.
        """
        if not low <= high:
            raise ResultError(
                "a range the wrong way round", expected="low <= high", found=f"{low} to {high}"
            )
        values = np.asarray(at(_prices()), dtype=np.float64)
        margin = _NEAR * float(np.ptp(values))
        ends = [end for end in (low, high) if values.min() <= end <= values.max()]
        text, allowed = f"{low:g} to {high:g}", _touches(values, low, high)
        self._check_holds(name, text, allowed)
        for end in ends if margin else []:
            allowed &= ~_within(values, end - margin, end + margin)
        view = self._said(name, text, allowed)
        _check_range(name, value, low, high, ends, margin)
        return view

    def publish_answer(self, name: str, answer: str, *, at: AtPrice) -> PublicView:
        """Publish one of several answers, if every one of them would keep the price open.

        Whether it is published does not depend on which answer is the true one, so that a
        refusal tells nothing about the price either.

        Parameters
        ----------
        name, answer
            What is asked, and the answer at the net price.
        at
            The answer at net prices, given as shares of the maximum price.

        Raises
        ------
        ConfidentialError
            One of the answers that are still possible would leave too few net prices.
        ResultError
            An answer that never holds at a net price that earlier figures allow.
        """
        answers = np.asarray(at(_prices()))
        for other in np.unique(answers):
            holds = answers == other
            touched = self.possible & (holds[:-1] | holds[1:])
            left = float((self.possible & holds[:-1] & holds[1:]).mean())
            if touched.any() and left < self.narrowest:
                raise _TooNarrowError(
                    f"{name} could give the net price away",
                    expected=f"at least {self.narrowest:.0%} of net prices left by each answer",
                    found=f"{left:.1%} by one of them",
                    where=self._together(holds[:-1] & holds[1:]),
                    remedy="Leave it out, or ask a coarser question.",
                )
        allowed = (answers[:-1] == answer) | (answers[1:] == answer)
        self._check_holds(name, answer, allowed)
        return self._said(name, answer, allowed)

    def ask(self, name: str, publish: Callable[[PublicView], PublicView]) -> PublicView:
        """Publish if it may be published, else note the refusal and its reason."""
        try:
            return publish(self)
        except ConfidentialError as error:
            kind: Literal["narrow", "secret"] = (
                "narrow" if isinstance(error, _TooNarrowError) else "secret"
            )
            return replace(self, refused=(*self.refused, Refusal(name, kind)))

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

    def _check_holds(self, name: str, text: str, allowed: Bools) -> None:
        if not (self.possible & allowed).any():
            raise ResultError(
                f"{name} is never so at a net price that earlier figures allow",
                expected="a range or answer that holds at some net price",
                found=text,
            )

    def _said(self, name: str, text: str, allowed: Bools) -> PublicView:
        possible = self.possible & allowed
        left = float(possible.mean())
        if left < self.narrowest:
            raise _TooNarrowError(
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
    >>> view.publish_range("ICER", 0, 495_000, value=icer(0.3), at=icer)
    PublicView(1 published, 0 refused, 43% of net prices possible)
    >>> narrow = view.ask(
    ...     "ICER", lambda v: v.publish_range("ICER", 360_000, 380_000, value=icer(0.3), at=icer)
    ... )
    >>> narrow.refused
    (Refusal(name='ICER', kind='narrow'),)
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
        Its provenance, or that of a result within it, says so.
    """
    reason = secret_reason(provenance)
    if reason:
        raise ConfidentialError(
            f"{name} {_SECRET}",
            expected="a result at maximum prices",
            found=str(reason),
            remedy="Publish it at the maximum price, or as a range through publish_range.",
        )


def secret_reason(provenance: Mapping[str, Any]) -> str:
    """Reason why something here is secret, as deep as it lies; empty if nothing is.

    Examples
    --------
    >>> secret_reason({"cases": {"a": {"confidential": "agreement of 2026"}}})
    'agreement of 2026'
    """
    if provenance.get(CONFIDENTIAL):
        return str(provenance[CONFIDENTIAL])
    inner = (secret_reason(value) for value in provenance.values() if isinstance(value, Mapping))
    return next(filter(None, inner), "")


def _prices() -> Floats:
    return np.linspace(0.0, 1.0, CELLS + 1)


def _touches(values: Floats, low: float, high: float) -> Bools:
    """Find steps of net price in which the figure meets the range somewhere."""
    above = np.maximum(values[:-1], values[1:]) >= low
    return np.asarray(above & (np.minimum(values[:-1], values[1:]) <= high))


def _within(values: Floats, low: float, high: float) -> Bools:
    """Find steps of net price in which the figure lies in the range throughout."""
    inside = (values > low) & (values < high)
    return np.asarray(inside[:-1] & inside[1:])


def _check_range(
    name: str, value: float, low: float, high: float, ends: list[float], margin: float
) -> None:
    """Refuse a range that is untrue, or has an end where the figure is."""
    if not low <= value <= high:
        raise ResultError(f"{name} does not lie in the range", expected="a range that holds value")
    if any(abs(value - end) < margin for end in ends):
        raise ResultError(
            f"an end of the range of {name} is the figure itself, or next to it",
            expected=f"ends at least {margin:g} from it",
            remedy="Lay the ends at limits that were set without knowing the figure.",
        )
