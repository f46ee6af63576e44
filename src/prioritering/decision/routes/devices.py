"""A device whose investment is shared over its lifetime and its indications."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from prioritering.conventions import Discounting
from prioritering.costing import drg_cost
from prioritering.decision.given import above_zero, amount, check_shares_of_one, number
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.parameters import Parameter
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class DeviceCost(Frozen, Shown):
    """What a device costs a year, and a use of it in each indication.

    Attributes
    ----------
    device
        The inputs.
    annuity_factor
        Present value of 1 a year over the lifetime.
    annual_investment
        Equivalent annual cost of the investment less what it is worth at the end.
    annual
        The same with maintenance.
    cost_per_use, cost_per_use_at_capacity
        Fixed cost of a use at the uses expected, and at full capacity, without what is used up
        each time.
    unused
        Uses a year the device could give and does not.
    cost_of_unused
        Annual cost that falls on them: ``annual x unused / capacity``.
    uses, annual_by_indication, cost_per_patient
        By indication: uses a year, share of the annual cost, and cost per patient with
        consumables.
    drg_by_indication
        Full unit price times weight, by indication; empty where none was given.
    provenance
        Discounting, and the source of the unit price where weights were given.
    """

    device: Device
    annuity_factor: float
    annual_investment: float
    annual: float
    cost_per_use: float
    cost_per_use_at_capacity: float
    unused: float
    cost_of_unused: float
    uses: Mapping[str, float]
    annual_by_indication: Mapping[str, float]
    cost_per_patient: Mapping[str, float]
    drg_by_indication: Mapping[str, float]
    provenance: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Long table: indication (``None`` for the device), quantity, value."""
        import pandas as pd

        rows: list[tuple[str | None, str, float]] = [
            (None, name, getattr(self, name))
            for name in (
                "annuity_factor", "annual_investment", "annual", "cost_per_use",
                "cost_per_use_at_capacity", "unused", "cost_of_unused",
            )
        ]  # fmt: skip
        for name in ("uses", "annual_by_indication", "cost_per_patient", "drg_by_indication"):
            rows += [(indication, name, x) for indication, x in getattr(self, name).items()]
        return pd.DataFrame(rows, columns=["indication", "quantity", "value"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables.routes import device_table

        return device_table(self, language=language)

    def __repr__(self) -> str:
        return f"DeviceCost({self.annual:.6g} a year, {self.cost_per_use:.6g} per use)"


@dataclass(frozen=True, eq=False)
class Device(Frozen):
    """A device that several indications share.

    Parameters
    ----------
    investment
        Paid at the start, above 0.
    lifetime
        Years in use, above 0; 10 to 15 is usual.
    uses_per_year
        Expected, above 0.
    shares
        Indication -> share of the uses; they sum to one.
    capacity_per_year
        Uses the device could give, at least ``uses_per_year``.
    maintenance
        A year, 0 or more.
    residual
        What the device is worth at the end, from 0 to ``investment``.
    consumables
        Indication -> what each use takes, such as single-use parts.
    uses_per_patient
        Indication -> uses a patient needs, 1 where left out.
    drg_weights, drg_year
        Indication -> DRG weight, and the year of the full unit price of activity-based
        financing, to show beside, as :func:`prioritering.costing.drg_cost` has it. The
        reimbursed share of it is financing, not cost.

    Raises
    ------
    ResultError
        A lifetime or uses that are not above 0, shares that do not sum to one, uses above
        capacity, amounts out of range, or weights without a year.
    DataError
        A year without a unit price of a DRG point.
    UnknownNameError
        An indication without a share.

    Examples
    --------
    >>> laser = Device(
    ...     investment=1_000_000, lifetime=10, uses_per_year=200, capacity_per_year=250,
    ...     shares={"eye": 0.75, "skin": 0.25}, maintenance=50_000,
    ... )
    >>> cost = laser.cost(Discounting.flat(0.04))
    >>> round(cost.annual_investment, 2), round(cost.cost_per_use, 2), cost.unused
    (123290.94, 866.45, 50.0)
    """

    investment: float
    lifetime: float
    uses_per_year: float
    shares: Mapping[str, float]
    capacity_per_year: float
    maintenance: float = 0.0
    residual: float = 0.0
    consumables: Mapping[str, float] = field(default_factory=dict)
    uses_per_patient: Mapping[str, float] = field(default_factory=dict)
    drg_weights: Mapping[str, float] = field(default_factory=dict)
    drg_year: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("investment", "lifetime", "uses_per_year", "capacity_per_year"):
            above_zero(name, getattr(self, name))
        amount("maintenance", self.maintenance)
        number(
            "residual",
            self.residual,
            low=0.0,
            high=self.investment,
            expected="an amount from 0 to the investment",
        )
        check_shares_of_one("shares of indications", dict(self.shares))
        if self.uses_per_year > self.capacity_per_year:
            raise ResultError(
                "more uses than the device can give",
                expected=f"at most {self.capacity_per_year:g} a year",
                found=self.uses_per_year,
            )
        self._check_indications()

    def cost(self, discounting: Discounting) -> DeviceCost:
        """Spread the investment evenly in present value, and over uses and indications.

        ``annual = (investment - residual x factor(n)) / a + maintenance`` with
        ``a = factor(1) + ... + factor(n)``, payments at the end of each year; of a last part
        of a year, that part at the end of the lifetime. At one rate ``r`` and whole ``n`` this
        is ``(1 - (1 + r)^-n) / r``. Drummond et al., Methods for the Economic Evaluation of
        Health Care Programmes, 4th ed. (2015), chapter 7.

        Every use bears the same fixed cost, so capacity nobody uses is paid by the uses made.
        """
        drg = self._drg_costs()
        a = annuity_factor(self.lifetime, discounting=discounting)
        end = float(discounting.factor(self.lifetime))
        investment = (self.investment - self.residual * end) / a
        annual = investment + self.maintenance
        per_use = annual / self.uses_per_year
        unused = float(self.capacity_per_year - self.uses_per_year)
        uses = {name: share * self.uses_per_year for name, share in self.shares.items()}
        return DeviceCost(
            device=self,
            annuity_factor=a,
            annual_investment=investment,
            annual=annual,
            cost_per_use=per_use,
            cost_per_use_at_capacity=annual / self.capacity_per_year,
            unused=unused,
            cost_of_unused=annual * unused / self.capacity_per_year,
            uses=uses,
            annual_by_indication={name: share * annual for name, share in self.shares.items()},
            cost_per_patient={
                name: self.uses_per_patient.get(name, 1.0)
                * (per_use + self.consumables.get(name, 0.0))
                for name in self.shares
            },
            drg_by_indication={name: cast(float, cost.value) for name, cost in drg.items()},
            provenance={
                "discounting": discounting.to_dict(),
                **({"drg": next(iter(drg.values())).source} if drg else {}),
            },
        )

    def _check_indications(self) -> None:
        for what in ("consumables", "uses_per_patient", "drg_weights"):
            check = above_zero if what == "uses_per_patient" else amount
            for name, value in getattr(self, what).items():
                if name not in self.shares:
                    raise unknown_name("indication", name, self.shares, where={"in": what})
                check(f"{what} of {name!r}", value)
        self._drg_costs()

    def _drg_costs(self) -> dict[str, Parameter]:
        if not self.drg_weights:
            return {}
        if self.drg_year is None:
            raise ResultError(
                "DRG weights without a unit price",
                expected="drg_year, the year of the unit price of a DRG point",
                found="None",
            )
        return {name: drg_cost(w, year=self.drg_year) for name, w in self.drg_weights.items()}


def annuity_factor(lifetime: float, *, discounting: Discounting) -> float:
    """Present value of 1 at the end of every year of a lifetime, and of its last part.

    Raises
    ------
    ResultError
        A lifetime that is not above 0.

    Examples
    --------
    >>> round(annuity_factor(10, discounting=Discounting.flat(0.04)), 6)
    8.110896
    """
    above_zero("lifetime", lifetime)
    whole = math.floor(lifetime)
    years = discounting.factor([float(k) for k in range(1, whole + 1)])
    return float(years.sum() + (lifetime - whole) * discounting.factor(lifetime))
