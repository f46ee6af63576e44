"""Prices for resources, so that what is used and what it costs come from one declaration."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ModelError, unknown_name
from prioritering.models.values import as_mapping

Floats = NDArray[np.float64]


def priced(
    resources: Mapping[str, Mapping[Hashable, ArrayLike]], *, prices: Mapping[str, ArrayLike]
) -> dict[str, dict[Hashable, Floats]]:
    """Costs of the resources a model uses: ``{resource: {key: amount * price}}``.

    Return it from a model's ``costs`` and its argument from ``resources``: hours and costs then
    follow the same amounts.

    Parameters
    ----------
    resources
        ``{resource: {key: amount}}`` as a model's ``resources`` takes it.
    prices
        Price per natural unit of each resource: a number, or an array by draw (draws,) or by
        cycle (cycles, 1).

    Raises
    ------
    ModelError
        A resource without a price, a price that is negative, not finite or no number, or an
        amount that is no number or has a shape that does not go with its price.
    UnknownNameError
        A price of no resource.

    Examples
    --------
    >>> used = {"nurse hours": {"stable": 12.0}, "scans": {("stable", "progressed"): 1.0}}
    >>> costs = priced(used, prices={"nurse hours": 620.0, "scans": 5448.0})
    >>> float(costs["nurse hours"]["stable"])
    7440.0
    """
    for name in prices:
        if name not in resources:
            raise unknown_name("resource", name, resources, where={"argument": "prices"})
    missing = [name for name in resources if name not in prices]
    if missing:
        raise ModelError(
            "a resource has no price",
            expected=f"a price for each of {', '.join(map(repr, resources))}",
            found=f"none for {', '.join(map(repr, missing))}",
            remedy="Give 0 for what another item already pays.",
        )
    by_name = {name: _price(name, prices[name]) for name in resources}
    return {
        name: {
            key: _times(amount, by_name[name], {"resource": repr(name), "key": repr(key)})
            for key, amount in as_mapping(
                used, f"the resource {name!r}", {"resource": repr(name)}
            ).items()
        }
        for name, used in resources.items()
    }


def _times(amount: ArrayLike, price: Floats, where: Mapping[str, object]) -> Floats:
    try:
        return np.asarray(amount, dtype=np.float64) * price
    except (TypeError, ValueError) as error:
        raise ModelError(
            "an amount and its price do not go together",
            expected="numbers, by draw (draws,), by cycle (cycles, 1) or both",
            found=f"amount {amount!r}"
            if np.asarray(amount).dtype.kind in "OUS"
            else f"shapes {np.shape(amount)} and {price.shape}",
            where=where,
        ) from error


def _price(name: str, raw: ArrayLike) -> Floats:
    try:
        price = np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError):
        price = np.array(np.nan)
    good = np.isfinite(price) & (price >= 0)
    if not good.all():
        raise ModelError(
            "a price is not a price",
            expected="finite numbers of 0 or more, per natural unit",
            found=repr(raw) if price.ndim == 0 else f"{price[~good][0]} ({(~good).sum()} such)",
            where={"resource": repr(name)},
        )
    return price
