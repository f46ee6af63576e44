"""The price at which an option is cost-effective: at the mean, draw by draw, and how surely.

Cost is linear in the price of what it buys, so every price here is a closed form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.cea import mean_se
from prioritering.cea.montecarlo import ROUNDING
from prioritering.decision.price.result import (
    Bound,
    PriceAnalysis,
    PriceAtLevel,
    PriceEstimate,
    PriceForProbability,
)
from prioritering.decision.uncertainty.indices import share_positive
from prioritering.decision.uncertainty.question import check_kinds
from prioritering.errors import ResultError, unknown_name
from prioritering.outcomes import Outcomes
from prioritering.psa import quantile_se
from prioritering.psa.inputs import chosen_option
from prioritering.psa.severity_limits import check_strategy
from prioritering.severity.population import is_number

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline
    from prioritering.severity import Severity

Floats = NDArray[np.float64]
InReference = Literal["same price", "fixed"]

PROBABILITIES = (0.5, 0.8, 0.9)
"""Probabilities of being cost-effective a price is found for, unless others are asked for."""

_INTERVAL = (0.025, 0.5, 0.975)
"""Quantiles of the draws' own prices that are printed."""

_LINEAR = 1e-9
"""Relative difference up to which a second run counts as on the same line: rounding."""


def price_analysis(
    outcomes: Outcomes,
    *,
    reference: str,
    option: str | None = None,
    category: str | Sequence[str],
    price: float,
    rules: Guideline | None = None,
    severity: Severity | None = None,
    wtp: float | None = None,
    levels: ArrayLike | None = None,
    probabilities: Sequence[float] = PROBABILITIES,
    in_reference: InReference | None = None,
    check: tuple[Outcomes, float] | None = None,
    price_unit: str = "per unit",
) -> PriceAnalysis:
    r"""Find the price at which the option's cost per QALY meets each willingness to pay.

    The cost in ``category`` is taken to be proportional to the price, everything else not to
    depend on it. With ``a = dC_category / price`` the incremental cost per unit of price,
    ``r`` the rest of the incremental cost and ``dE`` the incremental QALYs, net benefit at
    price ``p`` is ``wtp * dE - r - a * p``, zero at

    .. math:: p^* = (\lambda\,\Delta E - r) / a

    of the means, and of each draw. With ``a > 0`` the option is cost-effective up to that
    price, with ``a < 0`` from it on. No division by ``dE``: draws that lose QALYs count for what
    they are. A price below 0 means: not at any price.

    Parameters
    ----------
    outcomes
        A run at ``price``; one draw gives no distribution.
    reference, option
        Standard treatment, and the one priced; ``option`` may be left out when the run has two.
    category
        Cost category, or several, that the price drives.
    price
        The price in the run, above 0, in the unit of ``price_unit``.
    rules
        Their reference levels are analysed.
    severity
        Of the reference; its class gives the case's own limit.
    wtp
        The case's own limit in place of the class's.
    levels
        Willingness to pay per QALY in place of the reference levels, rising, above 0.
    probabilities
        Wanted probabilities of being cost-effective, between 0 and 1.
    in_reference
        Required when the reference has cost in ``category`` too: ``"same price"``, it moves
        with the price; ``"fixed"``, it does not (another product in the same category).
    check
        A second run, of the same draws at another price, and that price: proportionality is
        then verified to a relative 1e-9 instead of assumed.
    price_unit
        What one price buys, for labels, for example ``"per package"``.

    Raises
    ------
    UnknownNameError
        A strategy or category that does not exist.
    ResultError
        Arguments of another kind; a price not above 0; no level and no limit, or two limits;
        levels that do not rise or are not above 0; a category that costs the same under both
        strategies; severity of another strategy; probabilities outside 0 to 1; a check that is
        not linear.

    Examples
    --------
    >>> out = Outcomes.from_arrays(["old", "new"], cost=[[0.0], [600.0]], qaly=[[1.0], [3.0]])
    >>> found = price_analysis(out, reference="old", category="total", price=200, levels=[450])
    >>> found.levels[0].price.value, found.levels[0].discount
    (300.0, -0.5)
    """
    given = {"severity": severity, "rules": rules}
    check_kinds(outcomes=outcomes, **{k: v for k, v in given.items() if v is not None})
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    categories = _categories(outcomes, category)
    _positive("price", price)
    limit = _limit(reference, severity, wtp)
    wanted = _probabilities(probabilities)
    line = _Line(outcomes, reference, option, categories, float(price), in_reference)
    checked = None if check is None else _verify(outcomes, line, check)
    amounts = _levels(levels, rules, limit)
    return PriceAnalysis(
        reference=reference,
        option=option,
        categories=categories,
        current_price=float(price),
        price_unit=price_unit,
        limit=limit,
        levels=tuple(line.at(amount, wanted) for amount in amounts),
        draw_prices=line.draw_prices(amounts),
        cost_per_price=line.a,
        other_cost=line.rest,
        incremental_qaly=line.effect,
        in_reference=in_reference,
        checked_at=checked,
        provenance=_provenance(outcomes, rules, severity),
    )


class _Line:
    """Incremental cost as a line in the price, by draw: ``rest + a * price``."""

    def __init__(
        self,
        outcomes: Outcomes,
        reference: str,
        option: str,
        categories: tuple[str, ...],
        price: float,
        in_reference: InReference | None,
    ) -> None:
        self.pair = [outcomes.index(reference), outcomes.index(option)]
        self.rows = [outcomes.cost_categories.index(c) for c in categories]
        self.categories, self.price = categories, price
        self.driven = outcomes.cost_by_category[self.rows].sum(axis=0)[self.pair]
        self.reference_moves = _reference_moves(self.driven[0], in_reference, reference, categories)
        moving = self.driven[1] - (self.driven[0] if self.reference_moves else 0.0)
        cost, qaly = outcomes.cost[self.pair], outcomes.qaly[self.pair]
        negligible = ROUNDING * float(np.abs(self.driven).max())
        moving = np.where(np.abs(moving) <= negligible, 0.0, moving)
        self.a = moving / price
        self.rest = cost[1] - cost[0] - moving
        self.effect = qaly[1] - qaly[0]
        self.mean_a = float(self.a.mean())
        if abs(self.mean_a) * price <= negligible:
            raise ResultError(
                "the price does not move incremental cost",
                expected="a category that costs more, or less, under the option",
                found=f"a mean incremental cost of 0 in {', '.join(map(repr, categories))}",
                remedy="No price is found where the price makes no difference.",
            )

    def at(self, wtp: float, wanted: Sequence[float]) -> PriceAtLevel:
        """Prices at one willingness to pay."""
        gain = wtp * self.effect - self.rest
        value = float(gain.mean()) / self.mean_a
        se = mean_se((gain - value * self.a) / self.mean_a)
        bound = _bound(self.mean_a, value)
        drawn = self.draw_prices(np.array([wtp]))
        many = self.a.size > 1
        return PriceAtLevel(
            wtp=wtp,
            price=PriceEstimate(value, se),
            bound=bound,
            discount=1.0 - value / self.price if bound == "at most" else None,
            probability_now=share_positive(gain - self.a * self.price) if many else None,
            quantiles=_quantiles(drawn[0]) if many and drawn is not None else None,
            for_probability=tuple(
                _for_probability(None if drawn is None else drawn[0], p) for p in wanted
            )
            if many
            else (),
        )

    def draw_prices(self, levels: Floats) -> Floats | None:
        """Highest price by level and draw; None where some draw has no highest price.

        A draw in which the price moves nothing is cost-effective at every price, infinity, or
        at none, minus infinity.
        """
        if (self.a < 0).any():
            return None
        gain = levels[:, None] * self.effect - self.rest
        still = np.where(gain > 0, np.inf, -np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.a > 0, gain / self.a, still)


def _bound(slope: float, value: float) -> Bound:
    if slope > 0:
        return "at most" if value >= 0 else "at no price"
    return "at least" if value > 0 else "at any price"


def _quantiles(drawn: Floats) -> tuple[float, float, float] | None:
    """Middle 95 % and median of the draws' own highest prices, when these are finite."""
    low, middle, high = np.quantile(drawn, _INTERVAL, method="inverted_cdf").tolist()
    return (low, middle, high) if math.isfinite(high - low) else None


def _for_probability(drawn: Floats | None, probability: float) -> PriceForProbability:
    """Highest price that a share of the draws can bear."""
    if drawn is None:
        return PriceForProbability(probability, None, None, "no highest price")
    needed = max(math.ceil(probability * drawn.size - 1e-9), 1)
    value = float(np.sort(drawn)[drawn.size - needed])
    if value == math.inf:
        return PriceForProbability(probability, None, None, "at any price")
    if value < 0:
        shown = value if math.isfinite(value) else None
        return PriceForProbability(probability, shown, None, "at no price")
    se = quantile_se(drawn, q=1.0 - probability) if np.isfinite(drawn).all() else None
    return PriceForProbability(probability, value, se, "at most")


def _reference_moves(
    driven: Floats,
    in_reference: InReference | None,
    reference: str,
    categories: tuple[str, ...],
) -> bool:
    if in_reference not in (None, "same price", "fixed"):
        raise unknown_name("in_reference", in_reference, ("same price", "fixed"))
    if in_reference is None and (driven != 0).any():
        raise ResultError(
            "the reference has cost in the category too",
            expected="in_reference='same price' or in_reference='fixed'",
            found=f"a mean of {driven.mean():.10g} in {', '.join(map(repr, categories))}",
            where={"reference": repr(reference)},
            remedy="'same price' when it buys the same product, 'fixed' when another.",
        )
    return in_reference != "fixed"


def _categories(outcomes: Outcomes, category: str | Sequence[str]) -> tuple[str, ...]:
    names = (category,) if isinstance(category, str) else tuple(category)
    if not names or len(set(names)) != len(names):
        raise ResultError(
            "no category, or one named twice", expected="distinct cost categories", found=names
        )
    for name in names:
        if name not in outcomes.cost_categories:
            raise unknown_name("cost category", name, outcomes.cost_categories)
    return names


def _limit(reference: str, severity: Severity | None, wtp: float | None) -> float | None:
    if severity is None:
        return None if wtp is None else _positive("willingness to pay", wtp)
    if wtp is not None:
        raise ResultError(
            "two limits", expected="severity, or wtp in its place", found="both of them"
        )
    check_strategy(severity, reference)
    return severity.expected.wtp


def _levels(levels: ArrayLike | None, rules: Guideline | None, limit: float | None) -> Floats:
    """Rising levels, with the case's own limit among them."""
    if levels is not None:
        amounts = _amounts(levels)
        fine = amounts.ndim == 1 and amounts.size and np.isfinite(amounts).all()
        if not fine or (amounts <= 0).any() or (np.diff(amounts) <= 0).any():
            raise ResultError(
                "the levels of willingness to pay are not usable",
                expected="finite amounts above 0, rising",
                found=repr(levels),
            )
    elif rules is not None:
        amounts = np.array([c.wtp for c in rules.severity.classes])
    elif limit is not None:
        amounts = np.array([limit])
    else:
        raise ResultError(
            "no willingness to pay to find a price for",
            expected="rules, levels, severity or wtp",
            found="none of them",
        )
    return np.unique(amounts if limit is None else np.append(amounts, limit))


def _amounts(levels: ArrayLike) -> Floats:
    try:
        return np.array(levels, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        return np.empty(0)


def _probabilities(probabilities: Sequence[float]) -> tuple[float, ...]:
    given: Sequence[Any] = [probabilities] if is_number(probabilities) else list(probabilities)
    for p in given:
        if not (is_number(p) and 0 < p < 1):
            raise ResultError(
                "a wanted probability out of range",
                expected="a number between 0 and 1",
                found=repr(p),
            )
    return tuple(sorted(set(map(float, given))))


def _positive(what: str, value: float) -> float:
    if not (is_number(value) and value > 0):
        raise ResultError(
            f"{what} is not usable", expected="a finite amount above 0", found=repr(value)
        )
    return float(value)


def _verify(outcomes: Outcomes, line: _Line, check: tuple[Outcomes, float]) -> float:
    """Hold a second run at another price against the line; the price when it fits."""
    if not (isinstance(check, tuple) and len(check) == 2 and isinstance(check[0], Outcomes)):
        raise ResultError(
            "check is of another kind",
            expected="a run at another price, and that price: (outcomes, price)",
            found=repr(check),
        )
    other, price = check
    _positive("price of the check", price)
    if price == line.price:
        raise ResultError(
            "the check is at the same price", expected="another price", found=f"{price:g}"
        )
    same = (other.strategies, other.cost_categories, other.qaly.shape) == (
        outcomes.strategies,
        outcomes.cost_categories,
        outcomes.qaly.shape,
    )
    if not same:
        raise ResultError("the check is another run", expected=repr(outcomes), found=repr(other))
    expected = np.array(outcomes.cost_by_category[:, line.pair])
    moving = [0, 1] if line.reference_moves else [1]
    for row in line.rows:
        expected[row, moving] *= price / line.price
    _same("cost", other.cost_by_category[:, line.pair], expected, line)
    _same("QALYs", other.qaly[line.pair], outcomes.qaly[line.pair], line)
    return float(price)


def _same(what: str, found: Floats, expected: Floats, line: _Line) -> None:
    scale = _LINEAR * float(np.abs(expected).max())
    off = np.abs(found - expected) > scale
    if off.any():
        at = tuple(np.argwhere(off)[0])
        raise ResultError(
            f"{what} is not linear in the price of {', '.join(map(repr, line.categories))}",
            expected=f"{expected[at]:.10g}",
            found=f"{found[at]:.10g} ({int(off.sum())} such values)",
            where={"draw": int(at[-1])},
            remedy="Put what the price buys in categories of its own, and name them all.",
        )


def _provenance(
    outcomes: Outcomes, rules: Guideline | None, severity: Severity | None
) -> dict[str, Any]:
    levels = {} if rules is None else {"levels_source": str(rules.rules["severity"].source)}
    own = None if severity is None else severity.expected.severity_class
    return {
        **outcomes.provenance,
        **levels,
        "guideline": None if rules is None else rules.id,
        "severity_class": own,
    }
