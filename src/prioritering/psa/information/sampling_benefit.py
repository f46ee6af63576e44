"""Whether a study is worth its cost, and how large it should be."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.conventions import NORMAL_95, Discounting
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.plural import plural
from prioritering.psa.information.population import present_patients
from prioritering.psa.information.sample import Evsi
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OptimalSize:
    """Size of the study with the highest expected net benefit of sampling.

    Attributes
    ----------
    n
        Patients an arm; 0 where no size considered is worth its cost.
    value, se
        Expected net benefit of sampling there and its standard error; 0 for no study.
    low, high
        Smallest and largest size considered whose net benefit is not clearly lower: within
        1.96 standard errors of the difference, the sizes' errors taken as independent. ``low``
        is 0 where doing no study is not clearly worse.
    at_edge
        Whether ``n`` is the smallest or largest size considered, so that more should be.
    """

    n: int
    value: float
    se: float
    low: int
    high: int
    at_edge: bool


@dataclass(frozen=True, repr=False, eq=False)
class Enbs(Frozen, Shown):
    """Expected net benefit of sampling for all patients, by size of the study.

    Attributes
    ----------
    n
        Patients an arm, shape (size,).
    population_evsi
        EVSI of all patients served, discounted, shape (size,).
    cost
        Cost of the study, shape (size,).
    value, se
        ``population_evsi - cost`` and its standard error, shape (size,).
    patients, discounted_patients
        Patients served once the study has reported, as they are and at present value.
    """

    study: str
    wtp: float
    n: NDArray[np.int64]
    arms: int
    population_evsi: Floats
    cost: Floats
    value: Floats
    se: Floats
    patients: float
    discounted_patients: float
    discounting: str
    n_draws: int
    errors_are_upper_bounds: bool = False
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def optimum(self) -> OptimalSize:
        """The best size; see :func:`optimal_sample_size`."""
        return optimal_sample_size(self)

    def to_frame(self) -> pd.DataFrame:
        """One row per size: n, patients, population_evsi, cost, enbs, enbs_se."""
        import pandas as pd

        return pd.DataFrame(
            {
                "n": self.n,
                "patients": self.arms * self.n,
                "population_evsi": self.population_evsi,
                "cost": self.cost,
                "enbs": self.value,
                "enbs_se": self.se,
            }
        )

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """Value, cost and net benefit by size, rounded and labelled for a report."""
        from prioritering.report.tables.information import enbs_table

        return enbs_table(self, language=language, currency=currency)

    def plot(
        self, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
    ) -> Axes:
        """Net benefit against patients an arm, the best size marked."""
        from prioritering.report.figures.information_study import plot_enbs

        return plot_enbs(self, ax, language=language, currency=currency)

    def __repr__(self) -> str:
        sizes = plural(self.n.size, "size")
        return f"Enbs({self.study}; {sizes}, best n = {self.optimum.n})"


def enbs(
    evsi: Evsi,
    *,
    fixed_cost: float,
    cost_per_patient: float,
    incidence: ArrayLike,
    years: int,
    discounting: Discounting,
    time_to_report: float = 0.0,
) -> Enbs:
    """Take the study's cost from its EVSI for all patients: expected net benefit of sampling.

    Parameters
    ----------
    evsi
        From :func:`evsi_by_sample_size` or :func:`evsi`, at one willingness to pay.
    fixed_cost, cost_per_patient
        Paid now, in the currency of the costs; patients are counted over all arms.
    incidence, years, discounting
        As for :func:`population_evpi`; years count from now.
    time_to_report
        Years until the study reports, fewer than ``years``; patients who start before are not
        served.

    Raises
    ------
    ResultError
        More than one willingness to pay, costs below 0 or not finite, or as for
        :func:`population_evpi`.

    Notes
    -----
    Incidence, costs and the time to report count as known, and enrolled patients as served.
    """
    _check(evsi, fixed_cost, cost_per_patient)
    patients, present = present_patients(
        incidence, years=years, discounting=discounting, from_year=time_to_report
    )
    cost = np.asarray(fixed_cost + cost_per_patient * evsi.arms * evsi.n, dtype=np.float64)
    whole = evsi.value.ravel() * present
    return Enbs(
        study=evsi.study,
        wtp=float(evsi.wtp.flat[0]),
        n=evsi.n,
        arms=evsi.arms,
        population_evsi=whole,
        cost=cost,
        value=whole - cost,
        se=evsi.se.ravel() * present,
        patients=patients,
        discounted_patients=present,
        discounting=str(discounting),
        n_draws=evsi.n_draws,
        errors_are_upper_bounds=evsi.errors_are_upper_bounds,
        provenance=evsi.provenance,
    )


def optimal_sample_size(enbs: Enbs) -> OptimalSize:
    """Size with the highest expected net benefit, and sizes not clearly worse.

    Parameters
    ----------
    enbs
        From :func:`enbs`. Only the sizes in it are considered, and no study at all.
    """
    i = int(enbs.value.argmax())
    margin = NORMAL_95 * np.hypot(enbs.se, enbs.se[i])
    margin[i] = 0.0
    near = enbs.n[enbs.value >= enbs.value[i] - margin]
    low = 0 if enbs.value[i] <= NORMAL_95 * enbs.se[i] else int(near.min())
    if enbs.value[i] <= 0:
        worth_it = enbs.n[enbs.value + NORMAL_95 * enbs.se > 0]
        high = int(worth_it.max()) if worth_it.size else 0
        return OptimalSize(0, 0.0, 0.0, 0, high, at_edge=False)
    edge = enbs.n.size > 1 and i in (0, enbs.n.size - 1)
    best = int(enbs.n[i])
    return OptimalSize(best, float(enbs.value[i]), float(enbs.se[i]), low, int(near.max()), edge)


def _check(evsi: Evsi, fixed_cost: float, cost_per_patient: float) -> None:
    if not isinstance(evsi, Evsi):
        raise ResultError(
            "net benefit of sampling is that of a study",
            expected="an Evsi, from evsi_by_sample_size or evsi",
            found=type(evsi).__name__,
        )
    if evsi.wtp.size != 1:
        raise ResultError(
            "net benefit of sampling is for one willingness to pay",
            expected="an EVSI at one amount",
            found=f"{evsi.wtp.size} amounts",
        )
    for name, amount in (("fixed_cost", fixed_cost), ("cost_per_patient", cost_per_patient)):
        if not (isinstance(amount, numbers.Real) and 0 <= amount < math.inf):
            raise ResultError(
                f"{name} cannot be a cost",
                expected="a finite amount of 0 or more",
                found=repr(amount),
            )
