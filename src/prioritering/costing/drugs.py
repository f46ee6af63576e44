"""What a drug costs per administration, with the vials it takes and what is thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from prioritering.costing._inputs import (
    Floats,
    Money,
    Price,
    by_draw,
    count_draws,
    money,
    one_currency,
    one_number,
    one_of,
    one_price_year,
)
from prioritering.costing.sizes import BodySize, ObservedSizes
from prioritering.costing.vials import Opened, open_vials
from prioritering.errors import ParameterError
from prioritering.frozen import Frozen
from prioritering.plural import plural
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Vat = Literal["included", "excluded"]
Per = Literal["administration", "kg", "m2"]
Intensity = Literal["smaller doses", "fewer administrations"]
HIGHEST_INTENSITY = 1.5
"""Dose given over dose planned above which a slip is assumed: this package's choice."""


@dataclass(frozen=True, repr=False, eq=False)
class DrugCost(Frozen, Shown):
    """Expected cost of one planned administration, and where it comes from.

    Attributes
    ----------
    cost
        Per planned administration, shape (draws,), in the money of the vial prices.
    mg_needed, mg_dispensed
        Given to the patient, and taken from the pharmacy, shape (draws,).
    vial_sizes
        Content of each vial in mg.
    vials
        Expected number of each vial, shape (size, draws).
    sharing
        Whether what is left in a vial goes to the next patient.
    vat
        Whether the cost includes value-added tax.
    price_year
        Year of the prices, None where the prices do not say.
    provenance
        Dose, body size, intensity and prices behind the numbers.
    """

    cost: Floats
    mg_needed: Floats
    mg_dispensed: Floats
    vial_sizes: Floats
    vials: Floats
    sharing: bool
    vat: Vat
    price_year: int | None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.cost.size)

    @property
    def mg_wasted(self) -> Floats:
        """Dispensed and not given, shape (draws,)."""
        return self.mg_dispensed - self.mg_needed

    @property
    def wasted_share(self) -> Floats:
        """Share of what is dispensed that is not given, shape (draws,)."""
        return self.mg_wasted / self.mg_dispensed

    def per_year(self, administrations: ArrayLike) -> Floats:
        """Cost per year on treatment, shape (draws,).

        In a model, a cost keyed by the treated state, or by a partitioned model's duration
        such as time on treatment, is paid for as long as the treatment lasts. What else an
        administration takes, an infusion or a nurse's hour, is best counted as a resource and
        priced by :func:`prioritering.models.priced`.

        Parameters
        ----------
        administrations
            Planned administrations per year, see :func:`administrations_per_year`.

        Raises
        ------
        ParameterError
            A negative number, or another number of draws.
        """
        number = by_draw("administrations per year", administrations)
        count_draws({"cost": self.cost, "administrations per year": number})
        return self.cost * number

    def at_vat(self, vat: Vat, *, rate: float) -> DrugCost:
        """Return the same with value-added tax included or excluded.

        Parameters
        ----------
        rate
            Tax as a share of the price without it, see :func:`vat_rate`.

        Raises
        ------
        ParameterError
            Another word, or a rate outside 0 to 1.

        Examples
        --------
        >>> cost = drug_cost(200, per="administration", vials={100: 1250.0}, sharing=False,
        ...                  vat="included")
        >>> cost.at_vat("excluded", rate=0.25).cost
        array([2000.])
        """
        one_of("vat", vat, ("included", "excluded"))
        share = one_number("VAT rate", rate, high=1.0)
        factor = {("included", "excluded"): 1 / (1 + share), ("excluded", "included"): 1 + share}
        provenance = {**self.provenance, "vat_rate": share}
        return replace(
            self,
            cost=self.cost * factor.get((self.vat, vat), 1.0),
            vat=vat,
            provenance=provenance,
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per draw: cost, mg needed, dispensed and wasted, and vials by size."""
        import pandas as pd

        columns = {
            "cost": self.cost,
            "mg_needed": self.mg_needed,
            "mg_dispensed": self.mg_dispensed,
            "mg_wasted": self.mg_wasted,
        }
        for size, number in zip(self.vial_sizes, self.vials, strict=True):
            columns[f"vials_{size:g}_mg"] = number
        return pd.DataFrame(columns).rename_axis("draw").reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Cost, milligrams and vials per administration, rounded and labelled."""
        from prioritering.report.tables.costing import drug_cost_table

        return drug_cost_table(self, language=language)

    def __repr__(self) -> str:
        shared = "vials shared" if self.sharing else "whole vials"
        return (
            f"DrugCost({self.cost.mean():,.2f} per administration, VAT {self.vat}, {shared}, "
            f"{self.wasted_share.mean():.1%} wasted, {plural(self.n_draws, 'draw')})"
        )


def drug_cost(
    dose: ArrayLike,
    *,
    per: Per,
    vials: Mapping[float, Money],
    sharing: bool,
    vat: Vat,
    size: BodySize | None = None,
    relative_dose_intensity: ArrayLike = 1.0,
    intensity: Intensity | None = None,
) -> DrugCost:
    """Return the expected drug cost of a planned administration, over the patients treated.

    Parameters
    ----------
    dose
        Milligrams per administration, per kg or per m2: a number, or one per draw.
    per
        ``"administration"`` for a fixed dose, ``"kg"`` or ``"m2"``.
    vials
        ``{milligrams in it: price}``: a number, an array by draw, or a fixed parameter. Tablets
        and syringes count as vials.
    sharing
        False: each patient has the cheapest whole vials that cover the dose, and the rest is
        thrown away. True: nothing is, and every milligram costs what it costs in the vial that
        is cheapest per milligram.
    vat
        Whether the vial prices include value-added tax. Norwegian maximum pharmacy retail
        prices do; maximum pharmacy purchase prices do not.
    size
        Distribution of body weight or surface, for a dose per kg or m2.
    relative_dose_intensity
        Dose given over dose planned, above 0 and at most 1.5.
    intensity
        How it differs from 1, which must then be said: ``"smaller doses"`` (each dose is
        multiplied before vials are counted) or ``"fewer administrations"`` (that share of the
        planned administrations takes place).

    Returns
    -------
    DrugCost
        Per draw; expectations over patients are exact (see
        :func:`prioritering.costing.vials.open_vials`).

    Raises
    ------
    ParameterError
        A dose or body size not above 0, no vials, a vial size not above 0, a negative price,
        prices of different years or currencies, an intensity outside (0, 1.5], a choice not
        made, arrays of different numbers of draws, or vial sizes without a workable common
        measure.

    Examples
    --------
    >>> from prioritering.costing import NormalSize
    >>> cost = drug_cost(6.0, per="kg", vials={150: 4000.0, 420: 11000.0}, sharing=False,
    ...                  vat="excluded", size=NormalSize(72.0, sd=14.0))
    >>> cost.cost.round(2), cost.wasted_share.round(4)
    (array([12745.5]), array([0.107]))
    """
    one_of("per", per, ("administration", "kg", "m2"))
    one_of("vat", vat, ("included", "excluded"))
    _is_stated("sharing of vials", sharing)
    planned, ratio = by_draw("dose", dose, above=True), _ratio(relative_dose_intensity, intensity)
    people = _people(per, size)
    sizes, prices, known = _vials(vials)
    n = count_draws(
        {
            "dose": planned,
            "relative dose intensity": ratio,
            "prices": prices,
            "body size": np.empty(people.n_draws),
        }
    )
    smaller, often = (ratio, 1.0) if intensity == "smaller doses" else (np.ones(1), ratio)
    given = np.broadcast_to(planned * smaller * people.mean, (n,))
    if sharing:
        opened = _share_vials(given, sizes, prices)
    else:
        opened = open_vials(planned * smaller, size=people, sizes=sizes, prices=prices, n_draws=n)
    return DrugCost(
        cost=opened.cost * often,
        mg_needed=given * often,
        mg_dispensed=(opened.vials * sizes[:, None]).sum(axis=0) * often,
        vial_sizes=sizes,
        vials=opened.vials * often,
        sharing=sharing,
        vat=vat,
        price_year=known.year,
        provenance={
            **({"currency": known.currency} if known.currency else {}),
            "dose": f"{planned.mean():g} mg per {per}",
            "size": None if size is None else repr(size),
            "relative_dose_intensity": float(ratio.mean()),
            "intensity": intensity,
        },
    )


def administrations_per_year(
    number: ArrayLike = 1.0,
    *,
    every_days: float | None = None,
    every_weeks: float | None = None,
    every_months: float | None = None,
) -> Floats:
    """Return administrations per year of ``number`` administrations in every interval.

    A year has 365.25 days and 12 months, as in the models. The interval is given in one unit.

    Raises
    ------
    ParameterError
        No interval or several, or numbers that are not above 0.

    Examples
    --------
    >>> administrations_per_year(2, every_days=21).round(3)
    array([34.786])
    """
    intervals = {
        365.25: ("every_days", every_days),
        365.25 / 7: ("every_weeks", every_weeks),
        12.0: ("every_months", every_months),
    }
    given = [(per_year, *item) for per_year, item in intervals.items() if item[1] is not None]
    if len(given) != 1:
        raise ParameterError(
            "the interval between administrations is not stated once",
            expected="one of every_days, every_weeks and every_months",
            found=", ".join(name for _, name, _ in given) or "none of them",
        )
    [(per_year, name, interval)] = given
    amount = by_draw("number of administrations", number, above=True)
    return amount * per_year / one_number(name, interval or 0.0, above=True)


def _is_stated(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ParameterError(f"{name} is not stated", expected="True or False", found=repr(value))


def _ratio(value: ArrayLike, intensity: Intensity | None) -> Floats:
    ratio = by_draw("relative dose intensity", value, above=True, high=HIGHEST_INTENSITY)
    if (ratio != 1).any() or intensity is not None:
        one_of("intensity", intensity, ("smaller doses", "fewer administrations"))
    return ratio


def _people(per: Per, size: BodySize | None) -> BodySize:
    if per == "administration" and size is None:
        return ObservedSizes([1.0])
    if per == "administration" or not isinstance(size, BodySize):
        raise ParameterError(
            "dose and body size do not match",
            expected="a body size for a dose per kg or m2, and none for a fixed dose",
            found=f"per {per!r}, size {size!r}",
            remedy="Write size=NormalSize(mean, sd=...), LogNormalSize(mean, sd=...) or "
            "ObservedSizes(values).",
        )
    return size


def _vials(vials: Mapping[float, Money]) -> tuple[Floats, Floats, Price]:
    """Sizes (size,) in rising order, prices (size, 1 or draws) and what is known of them."""
    if not isinstance(vials, Mapping) or not vials:
        raise ParameterError(
            "no vials to give the dose from",
            expected="{milligrams: price}, at least one vial",
            found=repr(vials),
        )
    sizes = by_draw("vial size", list(vials), above=True)
    read = {f"{size:g} mg": money(f"price of a {size:g} mg vial", vials[size]) for size in vials}
    n = count_draws({name: price.amount for name, price in read.items()})
    prices = np.array([np.broadcast_to(price.amount, n) for price in read.values()])
    year = one_price_year({name: price.year for name, price in read.items()})
    currency = one_currency({name: price.currency for name, price in read.items()})
    order = np.argsort(sizes)
    return sizes[order], prices[order], Price(prices, year, currency)


def _share_vials(given: Floats, sizes: Floats, prices: Floats) -> Opened:
    """Spend milligrams of the vial that is cheapest per milligram."""
    per_mg = np.broadcast_to(prices / sizes[:, None], (len(sizes), given.size))
    best = per_mg.argmin(axis=0)
    draws = np.arange(given.size)
    vials = np.zeros(per_mg.shape)
    vials[best, draws] = given / sizes[best]
    return Opened(vials, per_mg[best, draws] * given)
