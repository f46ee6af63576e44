"""Prices at which an option is cost-effective, under names that a report can print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.decision.uncertainty.indices import Estimate
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.plural import plural
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Bound = Literal["at most", "at no price", "at least", "at any price"]


@dataclass(frozen=True)
class PriceEstimate:
    """A price and its Monte Carlo standard error, ``None`` with one draw."""

    value: float
    se: float | None


@dataclass(frozen=True)
class PriceForProbability:
    """The highest price at which the option is cost-effective with a wanted probability.

    Attributes
    ----------
    probability
        Share of draws that are cost-effective at the price, at least.
    price, se
        The price and its Monte Carlo standard error; ``None`` where there is none. With
        ``"at no price"`` the price is the one below 0 that would do, without an error.
    status
        ``"at most"`` the price; ``"at no price"`` when even a gift is not cost-effective that
        surely; ``"at any price"``; ``"no highest price"`` when incremental cost falls with the
        price in some draws.
    """

    probability: float
    price: float | None
    se: float | None
    status: Literal["at most", "at no price", "at any price", "no highest price"]


@dataclass(frozen=True)
class PriceAtLevel:
    """Prices at one willingness to pay.

    Attributes
    ----------
    wtp
        Willingness to pay per QALY.
    price
        Where net benefit of the means is zero; below 0 when no price is low enough.
    bound
        What the price is: cost-effective ``"at most"`` at it, ``"at least"`` at it (incremental
        cost falls with the price), ``"at no price"`` or ``"at any price"``.
    discount
        ``1 - price / current price``: the discount required, below 0 when the price may rise;
        ``None`` unless the price is a highest one.
    probability_now
        Probability of being cost-effective at the current price.
    quantiles
        2.5 %, 50 % and 97.5 % of the draws' own highest prices.
    for_probability
        Prices for wanted probabilities. These three are ``None`` or empty with one draw.
    """

    wtp: float
    price: PriceEstimate
    bound: Bound
    discount: float | None
    probability_now: Estimate | None
    quantiles: tuple[float, float, float] | None
    for_probability: tuple[PriceForProbability, ...]


@dataclass(frozen=True, repr=False, eq=False)
class PriceAnalysis(Frozen, Shown):
    """The price of an option against willingness to pay.

    Attributes
    ----------
    reference, option, categories
        What is compared, and the cost categories the price drives.
    current_price, price_unit
        The price of the run, and what it buys.
    limit
        The case's own willingness to pay, ``None`` if none was given.
    levels
        Prices at each willingness to pay, rising; the case's own is one of them.
    draw_prices
        Highest price by level and draw, shape (level, draw); below 0 no price will do. Infinite
        in a draw where the price moves nothing. ``None`` when incremental cost falls with the
        price in some draw, so that it has no highest price.
    cost_per_price, other_cost, incremental_qaly
        By draw: incremental cost is ``other_cost + cost_per_price * price``; shape (draw,).
    in_reference
        How cost of the reference in the categories was treated.
    checked_at
        Price of the second run that proved cost linear; ``None``: linearity is assumed.
    provenance
        Guideline and origin of the draws.
    """

    reference: str
    option: str
    categories: tuple[str, ...]
    current_price: float
    price_unit: str
    limit: float | None
    levels: tuple[PriceAtLevel, ...]
    draw_prices: Floats | None
    cost_per_price: Floats
    other_cost: Floats
    incremental_qaly: Floats
    in_reference: str | None
    checked_at: float | None
    provenance: Mapping[str, Any]

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.cost_per_price.size)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether every standard error is an upper bound, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    @property
    def own(self) -> PriceAtLevel | None:
        """Prices at the case's own limit, if it has one."""
        return next((level for level in self.levels if level.wtp == self.limit), None)

    def cost_per_qaly(self, prices: ArrayLike) -> Floats:
        """Ratio of mean incremental cost to mean QALYs at prices (same shape).

        Raises
        ------
        ResultError
            A mean gain in QALYs that is not above 0: a ratio would mislead.
        """
        gain = float(self.incremental_qaly.mean())
        if gain <= 0:
            raise ResultError(
                "cost per QALY has no meaning here",
                expected="a mean gain in QALYs above 0",
                found=f"{gain:.6g}",
                remedy="The prices rest on net benefit, which has.",
            )
        slope, rest = float(self.cost_per_price.mean()), float(self.other_cost.mean())
        return np.asarray((rest + slope * np.asarray(prices, dtype=np.float64)) / gain)

    def probability(self, prices: ArrayLike, *, wtp: float) -> tuple[Floats, Floats]:
        """Probability of being cost-effective at prices, and its standard errors.

        Draws with net benefit zero count one half. Shapes as ``prices``, shape (price,).
        """
        at = np.atleast_1d(np.asarray(prices, dtype=np.float64))
        gain = wtp * self.incremental_qaly - self.other_cost
        share = np.array([_share(gain - self.cost_per_price * p) for p in at])
        return share, np.sqrt(share * (1.0 - share) / self.n_draws)

    def to_frame(self) -> pd.DataFrame:
        """Long table: wtp, quantity, value, se, status; no value is ``<NA>``."""
        import pandas as pd

        rows: list[tuple[float, str, float | None, float | None, str]] = []
        for level in self.levels:
            price, now = level.price, level.probability_now
            rows.append((level.wtp, "price", price.value, price.se, level.bound))
            rows.append((level.wtp, "discount", level.discount, None, level.bound))
            if now is not None:
                rows.append((level.wtp, "probability_now", now.value, now.se, ""))
            for name, value in zip(("q025", "q500", "q975"), level.quantiles or (), strict=False):
                rows.append((level.wtp, name, value, None, ""))
            for wanted in level.for_probability:
                name = f"price_for[{wanted.probability:g}]"
                rows.append((level.wtp, name, wanted.price, wanted.se, wanted.status))
        frame = pd.DataFrame(rows, columns=["wtp", "quantity", "value", "se", "status"])
        return frame.astype({"value": "Float64", "se": "Float64"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the prices for a report."""
        from prioritering.report.tables.price import price_table

        return price_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw cost per QALY against the price, with the levels of willingness to pay."""
        from prioritering.report.figures.price import plot_price

        return plot_price(self, ax, language=language)

    def plot_probability(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the probability of being cost-effective against the price."""
        from prioritering.report.figures.price import plot_price_probability

        return plot_price_probability(self, ax, language=language)

    def __repr__(self) -> str:
        own = self.own or self.levels[-1]
        return (
            f"PriceAnalysis({self.option!r} against {self.reference!r}: {own.bound} "
            f"{own.price.value:.6g} {self.price_unit} for {own.wtp:g} per QALY, now "
            f"{self.current_price:g}; {plural(self.n_draws, 'draw')})"
        )


def _share(benefit: Floats) -> float:
    return float(np.mean((benefit > 0) + 0.5 * (benefit == 0)))
