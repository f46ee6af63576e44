"""Expected value of perfect information, per patient and for the patients to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.conventions import Discounting
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.plural import plural
from prioritering.psa.acceptability import tally_limits
from prioritering.psa.information.population import present_patients
from prioritering.psa.inputs import CostEffect, checked_limits, cost_and_effect
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.psa.information.nested import NestedEvppi
    from prioritering.psa.information.partial import Evppi

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Evpi(Frozen, Shown):
    """Expected value of perfect information per patient.

    Attributes
    ----------
    wtp
        Willingness to pay per QALY, shape () for one amount or (limit,).
    value, se
        EVPI and its Monte Carlo standard error in the currency of the costs, shape of ``wtp``.
    errors_are_upper_bounds
        Whether ``se`` is an upper bound, since draws are not independent.
    n_draws
        Number of draws; 0 where it is not known.
    """

    wtp: Floats
    value: Floats
    se: Floats
    errors_are_upper_bounds: bool = False
    n_draws: int = 0
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """One row per limit: wtp, evpi, evpi_se."""
        import pandas as pd

        columns = {"wtp": self.wtp, "evpi": self.value, "evpi_se": self.se}
        return pd.DataFrame({name: np.atleast_1d(array) for name, array in columns.items()})

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """EVPI at each limit, rounded and labelled for a report."""
        from prioritering.report.tables.information import evpi_table

        return evpi_table(self, language=language, currency=currency)

    def plot(
        self, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
    ) -> Axes:
        """EVPI over willingness to pay with its Monte Carlo band; needs two limits or more."""
        from prioritering.report.figures.information import plot_evpi

        return plot_evpi(self, ax, language=language, currency=currency)

    def __repr__(self) -> str:
        draws = f", {plural(self.n_draws, 'draw')}" if self.n_draws else ""
        return f"Evpi({plural(self.wtp.size, 'limit')}{draws})"


@dataclass(frozen=True, repr=False, eq=False)
class PopulationEvpi(Frozen, Shown):
    """Expected value of perfect information, or of some of it, over the patients it would serve.

    Attributes
    ----------
    value, se
        EVPI or EVPPI of all patients, discounted, with its standard error; same shape as the
        value per patient. Incidence counts as known.
    patients
        Number of patients, undiscounted.
    discounted_patients
        Number of patients, each counted at the present value of 1 in the year it starts.
    discounting
        How it was discounted, in words.
    errors_are_upper_bounds
        Whether ``se`` is an upper bound, since draws are not independent.
    wtp
        Willingness to pay per QALY, shape of ``value``; ``None`` where it is not known.
    parameters
        What would be known, of an EVPPI; empty for an EVPI, where all would be.
    """

    value: Floats
    se: Floats
    patients: float
    discounted_patients: float
    discounting: str
    errors_are_upper_bounds: bool = False
    wtp: Floats | None = None
    parameters: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """EVPI or EVPPI of all patients at each limit, rounded and labelled for a report."""
        from prioritering.report.tables.information import population_evpi_table

        return population_evpi_table(self, language=language, currency=currency)

    def __repr__(self) -> str:
        limits = plural(self.value.size, "limit")
        return f"PopulationEvpi({limits}, {self.patients:g} patients, {self.discounting})"


def evpi(outcomes: CostEffect, *, wtp: ArrayLike) -> Evpi:
    """Value perfect information about the parameters, per patient.

    The mean over draws of ``max_s NMB_s - NMB_favoured``: what is lost on average by giving
    everybody the strategy of highest mean net benefit. It equals
    ``E[max_s NMB_s] - max_s E[NMB_s]`` and is never negative. The standard error is
    ``sd(loss) / sqrt(n)``, the influence function of that difference; it does not
    cover a change of the favoured strategy, which matters only where two means are nearly equal.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    wtp
        Willingness to pay per QALY, 0 or more, one amount or shape (limit,).

    Raises
    ------
    ResultError
        As for :func:`acceptability`.

    Examples
    --------
    >>> cost, effect = [[0.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [1.0, 3.0]]
    >>> float(evpi((cost, effect), wtp=6).value)  # new loses 4 in one of two draws
    2.0
    """
    draws, limits = cost_and_effect(outcomes), checked_limits(wtp, "wtp")
    tally, n = tally_limits(draws, limits), draws.cost.shape[1]
    mean = tally.loss / n
    variance = np.clip(tally.loss_square - n * mean**2, 0.0, None) / (n - 1)
    shape = np.shape(wtp)
    value, error = mean.reshape(shape), np.sqrt(variance / n).reshape(shape)
    known = dict(outcomes.provenance) if isinstance(outcomes, Outcomes) else {}
    return Evpi(limits.reshape(shape), value, error, draws.even, n, known)


def population_evpi(
    evpi: Evpi | Evppi | NestedEvppi, *, incidence: ArrayLike, years: int, discounting: Discounting
) -> PopulationEvpi:
    """EVPI, or EVPPI, for the patients of the years in which the decision stands.

    ``EVPI x sum_t incidence_t x factor(t)``. A patient who starts in year ``t`` counts from
    the moment ``discounting.timing`` names: start, middle or end of the year; ``"point"``
    spreads the year's patients around its middle.

    Parameters
    ----------
    evpi
        Per patient, from :func:`evpi`, :func:`evppi` or :func:`nested_evppi`.
    incidence
        Patients a year: one number, or shape (year,) with one number for each.
    years
        How many years the information would be used, 1 or more.
    discounting
        Present value of later patients; ``Discounting.none()`` for none.

    Raises
    ------
    ResultError
        No whole year, an incidence that is negative or not finite, or of another length, or
        what is no value of information.

    Examples
    --------
    >>> one = Evpi(np.array(4e5), np.array(100.0), np.array(5.0))
    >>> total = population_evpi(one, incidence=50, years=10, discounting=Discounting.none())
    >>> float(total.value), total.patients
    (50000.0, 500.0)
    """
    _check_value(evpi)
    starting, present = present_patients(incidence, years=years, discounting=discounting)
    value, se = np.asarray(evpi.value * present), np.asarray(evpi.se * present)
    return PopulationEvpi(
        value=value,
        se=se,
        patients=starting,
        discounted_patients=present,
        discounting=str(discounting),
        errors_are_upper_bounds=getattr(evpi, "errors_are_upper_bounds", False),
        wtp=evpi.wtp,
        parameters=getattr(evpi, "parameters", ()),
        provenance=evpi.provenance,
    )


def _check_value(value: object) -> None:
    from prioritering.psa.information.nested import NestedEvppi
    from prioritering.psa.information.partial import Evppi

    if not isinstance(value, Evpi | Evppi | NestedEvppi):
        raise ResultError(
            "not a value of information per patient",
            expected="what evpi, evppi or nested_evppi gives",
            found=type(value).__name__,
        )
