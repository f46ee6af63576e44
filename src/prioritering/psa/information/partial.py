"""Expected value of perfect information about some of the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.plural import plural
from prioritering.psa.information.columns import Names, Table, pick
from prioritering.psa.information.misfit import Leftover, structure_left, warn_of_structure
from prioritering.psa.information.perfect import evpi
from prioritering.psa.information.regression import Method, Surface, regress
from prioritering.psa.information.worth import seeded, worth
from prioritering.psa.inputs import CostEffect, checked_limits, cost_and_effect
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class Evppi(Frozen, Shown):
    """Expected value of perfect information about some parameters, per patient.

    Attributes
    ----------
    parameters
        What would be known: columns of the draws.
    wtp
        Willingness to pay per QALY, shape () for one amount or (limit,).
    value, se
        EVPPI and its standard error in the currency of the costs, shape of ``wtp``. The error
        holds that of the regression and that of the Monte Carlo mean.
    se_regression, se_monte_carlo
        The two parts; ``se`` is the root of the sum of their squares.
    bias
        By how much noise in the fitted means is estimated to raise ``value``; not subtracted.
    evpi
        Expected value of perfect information about everything, from the same draws.
    method
        Regression used: ``"spline"``, ``"many"`` or ``"gp"``.
    strategies
        The first is what increments are taken against.
    observed, fitted
        Incremental costs, then incremental effects, of the other strategies, and their fitted
        means given the parameters, shape (2 * (strategies - 1), draw).
    r_squared
        Share of the variance of each of these that the fitted means have.
    structure
        What the residuals still depend on; empty where the fit is adequate.
    n_draws
        Number of draws.
    errors_are_upper_bounds
        Whether the Monte Carlo error is an upper bound, since draws are not independent.
    """

    parameters: tuple[str, ...]
    wtp: Floats
    value: Floats
    se: Floats
    se_regression: Floats
    se_monte_carlo: Floats
    bias: Floats
    evpi: Floats
    method: str
    strategies: tuple[str, ...]
    observed: Floats
    fitted: Floats
    r_squared: Floats
    structure: tuple[Leftover, ...]
    n_draws: int
    errors_are_upper_bounds: bool = False
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """One row per limit: wtp, evppi, evppi_se, bias, evpi."""
        import pandas as pd

        columns = {
            "wtp": self.wtp,
            "evppi": self.value,
            "evppi_se": self.se,
            "bias": self.bias,
            "evpi": self.evpi,
        }
        return pd.DataFrame({name: np.atleast_1d(array) for name, array in columns.items()})

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """EVPPI at each limit beside EVPI, rounded and labelled for a report."""
        from prioritering.report.tables.information import evppi_table

        return evppi_table(self, language=language, currency=currency)

    def plot(
        self, ax: Axes | None = None, *, language: str = "en", currency: str | None = None
    ) -> Axes:
        """EVPPI over willingness to pay below EVPI; needs two limits or more."""
        from prioritering.report.figures.information import plot_evppi

        return plot_evppi(self, ax, language=language, currency=currency)

    def plot_residuals(
        self,
        ax: Axes | None = None,
        *,
        wtp: float | None = None,
        language: str = "en",
        currency: str | None = None,
    ) -> Axes:
        """Residuals of net benefit against fitted means: a band around 0 where the fit is right.

        ``wtp`` is one of the limits; it may be left out where there is one.
        """
        from prioritering.report.figures.information import plot_residuals

        return plot_residuals(self, ax, wtp=wtp, language=language, currency=currency)

    def __repr__(self) -> str:
        names = ", ".join(self.parameters)
        counts = f"{plural(self.wtp.size, 'limit')}, {plural(self.n_draws, 'draw')}"
        return f"Evppi({names}; {counts}, {self.method})"


def evppi(
    outcomes: CostEffect,
    draws: Table,
    *,
    parameters: Names,
    wtp: ArrayLike,
    method: Method = "auto",
    seed: int = 1,
) -> Evppi:
    """Value perfect information about some parameters, per patient.

    ``E_x[max_s E[NMB_s | x]] - max_s E[NMB_s]`` for parameters ``x``. The inner means are
    regressions of incremental costs and effects on ``x`` over the draws, done once and good
    for every willingness to pay (Strong, Oakley and Brennan 2014, Medical Decision Making
    34:311-326). Never negative.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    draws
        The parameters of the same draws, in the same order.
    parameters
        One name or several; ``"p_A.B"`` is a component of a joint parameter and ``"p_A"`` all
        of it.
    wtp
        Willingness to pay per QALY, 0 or more, one amount or shape (limit,), in any order.
    method
        ``"spline"``: penalised cubic splines with products of every two, up to four parameters.
        ``"many"``: splines of any number of parameters with those interactions that show in
        the residuals. ``"gp"``: a Gaussian process with a length scale per parameter.
        ``"auto"``: ``"spline"`` up to four parameters, else ``"many"``; the result says which.
    seed
        Of the random numbers behind the standard error, and the reference points of ``"gp"``.

    Raises
    ------
    UnknownNameError
        A parameter that is not among the draws.
    ResultError
        Draws and outcomes of unequal length or not finite, a parameter that does not vary or
        is named twice, fewer draws than the regression has terms, an unknown method, or as
        for :func:`evpi`.

    Warns
    -----
    PrioriteringWarning
        The residuals still depend on the parameters.

    Notes
    -----
    The fitted means carry noise, and a maximum over noisy means is too high on average, most
    where the value is near 0. ``bias`` is a first-order estimate of it: a guide where it is
    small beside the value, not where both are near 0. The standard error takes the chosen
    smoothing as known.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(2, 5000))
    >>> pair = np.stack([0 * x, -x - y]), np.zeros((2, 5000))
    >>> found = evppi(pair, {"x": x, "y": y}, parameters="x", wtp=0)
    >>> bool(abs(found.value - 0.3989) < 3 * found.se), found.method  # 1 / sqrt(2 pi)
    (True, 'spline')
    """
    run, limits = cost_and_effect(outcomes), checked_limits(wtp, "wtp")
    columns = pick(draws, parameters, n=run.cost.shape[1])
    rng = seeded(seed)
    surface = regress(run.cost, run.effect, columns, method=method, rng=rng)
    found = worth(surface, limits, rng)
    left = structure_left(surface, columns)
    warn_of_structure(left, surface.method)
    shape = np.shape(wtp)
    return Evppi(
        parameters=columns.names,
        wtp=limits.reshape(shape),
        value=found.value.reshape(shape),
        se=found.se.reshape(shape),
        se_regression=found.se_regression.reshape(shape),
        se_monte_carlo=found.se_monte_carlo.reshape(shape),
        bias=found.bias.reshape(shape),
        evpi=evpi((run.cost, run.effect), wtp=wtp).value,
        strategies=run.strategies,
        n_draws=run.cost.shape[1],
        errors_are_upper_bounds=run.even,
        provenance=provenance_of(outcomes),
        structure=left,
        **_diagnostics(surface),
    )


def provenance_of(outcomes: CostEffect) -> dict[str, Any]:
    """Provenance of a run; empty for a pair of arrays."""
    return dict(outcomes.provenance) if isinstance(outcomes, Outcomes) else {}


def _diagnostics(surface: Surface) -> dict[str, Any]:
    return {
        "method": surface.method,
        "observed": surface.outputs,
        "fitted": surface.fitted,
        "r_squared": surface.r_squared,
    }
