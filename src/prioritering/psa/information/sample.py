"""Expected value of sample information: what a study of given size is worth."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.plural import plural
from prioritering.psa.information.columns import Columns, Table, pick
from prioritering.psa.information.misfit import structure_left, warn_of_structure
from prioritering.psa.information.moments import by_moments
from prioritering.psa.information.partial import provenance_of
from prioritering.psa.information.regression import Method, Surface, regress
from prioritering.psa.information.studies import Study, check_study
from prioritering.psa.information.worth import Worth, seeded, worth
from prioritering.psa.inputs import CostEffect, Draws, checked_limits, cost_and_effect
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Way = Literal["regression", "moment_matching"]

MOST_PATIENTS = 10**9


@dataclass(frozen=True, repr=False, eq=False)
class Evsi(Frozen, Shown):
    """Expected value of sample information per patient, by size of the study.

    Attributes
    ----------
    study
        Name of the study.
    arms
        Arms of ``n`` patients each.
    n
        Patients an arm, shape (size,); one size from :func:`evsi`.
    wtp
        Willingness to pay per QALY, shape () or (limit,).
    value, se
        EVSI and its standard error, shape (size,) or (size, limit); from :func:`evsi` the
        shape of ``wtp``. The error holds regression, simulated data and Monte Carlo mean as
        far as the method knows them.
    bias
        By how much noise is estimated to raise ``value``; not subtracted.
    ceiling, ceiling_se
        EVPPI of the parameters the study's data depend on, shape of ``wtp``: the value of an
        endless study.
    method
        ``"regression"`` or ``"moment_matching"``, and the regression used.
    """

    study: str
    arms: int
    parameters: tuple[str, ...]
    n: NDArray[np.int64]
    wtp: Floats
    value: Floats
    se: Floats
    bias: Floats
    ceiling: Floats
    ceiling_se: Floats
    method: str
    n_draws: int
    errors_are_upper_bounds: bool = False
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """Long table: n, patients, wtp, evsi, evsi_se, bias, evppi."""
        import pandas as pd

        limits, sizes = np.atleast_1d(self.wtp), np.atleast_1d(self.n)
        index = pd.MultiIndex.from_product([sizes, limits], names=["n", "wtp"])
        columns = {
            "evsi": self.value.ravel(),
            "evsi_se": self.se.ravel(),
            "bias": self.bias.ravel(),
            "evppi": np.tile(np.atleast_1d(self.ceiling), sizes.size),
        }
        frame = pd.DataFrame(columns, index=index).reset_index()
        frame.insert(1, "patients", self.arms * frame["n"])
        return frame

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """EVSI by size of the study and limit, rounded and labelled for a report."""
        from prioritering.report.tables.information import evsi_table

        return evsi_table(self, language=language, currency=currency)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        wtp: float | None = None,
        language: str = "en",
        currency: str | None = None,
    ) -> Axes:
        """EVSI against patients an arm, below its ceiling.

        ``wtp`` is one of the limits; it may be left out where there is one.
        """
        from prioritering.report.figures.information_study import plot_evsi

        return plot_evsi(self, ax, wtp=wtp, language=language, currency=currency)

    def __repr__(self) -> str:
        counts = f"{plural(np.size(self.n), 'size')}, {plural(self.n_draws, 'draw')}"
        return f"Evsi({self.study}; {counts}, {self.method})"


def evsi(
    outcomes: CostEffect,
    draws: Table,
    *,
    study: Study,
    wtp: ArrayLike,
    n: int,
    method: Way = "regression",
    regression: Method = "auto",
    seed: int = 1,
) -> Evsi:
    """Value a study of ``n`` patients an arm, per patient who is treated afterwards.

    Parameters
    ----------
    outcomes, draws
        As for :func:`evppi`.
    study
        From :func:`binomial_study` and its siblings, or a :class:`Study` of one's own.
    wtp
        Willingness to pay per QALY, one amount or shape (limit,).
    n
        Patients an arm.
    method
        ``"regression"``: one data set is simulated per draw and increments are regressed on
        its summaries (Strong, Oakley, Brennan and Breeze 2015, Medical Decision Making
        35:570-583). ``"moment_matching"``: the fitted means of EVPPI are shrunk to the variance
        of posterior means (Heath, Manolopoulou and Baio 2018, Medical Decision Making
        38:163-173); posteriors come from weighting the draws by the study's likelihood, so
        no model run is needed, but the study must have one.
    regression
        As ``method`` of :func:`evppi`.
    seed
        Of the simulated data and the standard errors.

    Raises
    ------
    ResultError
        A study of a parameter the draws lack, a size below 1, data that do not vary, moment
        matching without a likelihood, or as for :func:`evppi`.

    Warns
    -----
    PrioriteringWarning
        A regression that leaves structure in its residuals, or a posterior on few draws.

    Examples
    --------
    >>> from prioritering.psa.information import normal_mean_study
    >>> x = np.random.default_rng(1).normal(size=5000)
    >>> pair = np.stack([0 * x, -x]), np.zeros((2, 5000))
    >>> study = normal_mean_study("x", sd=2.0)
    >>> found = evsi(pair, {"x": x}, study=study, wtp=0, n=4)
    >>> bool(abs(found.value - 0.2821) < 3 * found.se)  # sqrt(1 / 2) / sqrt(2 pi)
    True
    """
    if np.ndim(n):
        raise ResultError(
            "one study has one size",
            expected="a whole number of patients an arm",
            found=n,
            remedy="Write evsi_by_sample_size for several sizes.",
        )
    sizes = _checked_sizes([n])
    one = _evsi(outcomes, draws, study, wtp, sizes, method, regression, seed)
    shape = np.shape(wtp)
    arrays = {k: getattr(one, k).reshape(shape) for k in ("value", "se", "bias")}
    return Evsi(**{**vars(one), **arrays})


def evsi_by_sample_size(
    outcomes: CostEffect,
    draws: Table,
    *,
    study: Study,
    wtp: ArrayLike,
    n: Sequence[int] | NDArray[np.int64],
    method: Way = "regression",
    regression: Method = "auto",
    seed: int = 1,
) -> Evsi:
    """Value a study at several sizes; every size starts from the same random numbers.

    Parameters
    ----------
    n
        Patients an arm, two sizes or more in rising order.

    Raises
    ------
    ResultError
        Sizes that do not rise, or as for :func:`evsi`.
    """
    sizes = _checked_sizes(n)
    return _evsi(outcomes, draws, study, wtp, sizes, method, regression, seed)


def _evsi(
    outcomes: CostEffect,
    draws: Table,
    study: Study,
    wtp: ArrayLike,
    sizes: NDArray[np.int64],
    method: str,
    regression: str,
    seed: int,
) -> Evsi:
    run, limits = cost_and_effect(outcomes), checked_limits(wtp, "wtp")
    check_study(study, draws)
    _check_method(method, study)
    n_draws = run.cost.shape[1]
    values = study.values(draws, n_draws)
    known = tuple(name for name, v in values.items() if np.any(v != v[0]))
    columns = pick(draws, known or tuple(values), n=n_draws)
    rng = seeded(seed)
    surface = regress(run.cost, run.effect, columns, method=regression, rng=rng)
    ceiling = worth(surface, limits, rng)
    by_size = [
        _of_size(run, surface, study, values, limits, n, method, regression, seeded(seed))
        for n in sizes.tolist()
    ]
    found, labels = zip(*by_size, strict=True)
    one, shape = np.shape(wtp), (sizes.size, *np.shape(wtp))
    return Evsi(
        study=study.name,
        arms=study.arms,
        parameters=tuple(values),
        n=sizes,
        wtp=limits.reshape(one),
        value=np.array([w.value for w in found]).reshape(shape),
        se=np.array([w.se for w in found]).reshape(shape),
        bias=np.array([w.bias for w in found]).reshape(shape),
        ceiling=ceiling.value.reshape(one),
        ceiling_se=ceiling.se.reshape(one),
        method=f"{method}, {labels[-1]}",
        n_draws=n_draws,
        errors_are_upper_bounds=run.even,
        provenance=provenance_of(outcomes),
    )


def _of_size(
    run: Draws,
    surface: Surface,
    study: Study,
    values: Mapping[str, Floats],
    limits: Floats,
    n: int,
    method: str,
    regression: str,
    rng: np.random.Generator,
) -> tuple[Worth, str]:
    """Value of one size, and the regression it rests on."""
    if method == "moment_matching":
        return by_moments(surface, study, values, limits, n, rng), surface.method
    on_data = _on_data(run, study, values, n, regression, rng)
    return worth(on_data, limits, rng), on_data.method


def _on_data(
    run: Draws,
    study: Study,
    values: Mapping[str, Floats],
    n: int,
    regression: str,
    rng: np.random.Generator,
) -> Surface:
    """Means of the increments given simulated summaries of the data."""
    data = study.data(values, n, rng)
    varies = (data != data[0]).any(axis=0)
    if not varies.any():
        raise ResultError(
            "the study's data are the same whatever the parameters are",
            expected="summaries that vary over the draws",
            found=f"{data[0, 0]:g} in all {len(data)} draws",
            where={"study": repr(study.name), "n": n},
            remedy="Ask about a larger study.",
        )
    names = tuple(f"summary {k + 1}" for k in np.flatnonzero(varies))
    columns = Columns(names, data[:, varies])
    surface = regress(run.cost, run.effect, columns, method=regression, rng=rng)
    warn_of_structure(structure_left(surface, columns), surface.method)
    return surface


def _checked_sizes(n: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = np.asarray(n, dtype=object).ravel().tolist()
    whole = all(isinstance(k, numbers.Integral) and 1 <= int(k) <= MOST_PATIENTS for k in sizes)
    if not sizes or not whole or any(b <= a for a, b in pairwise(sizes)):
        raise ResultError(
            "sizes of the study cannot be used",
            expected="whole numbers of patients an arm, 1 to a billion, in rising order",
            found=sizes,
        )
    return np.array(sizes, dtype=np.int64)


def _check_method(method: str, study: Study) -> None:
    if method not in get_args(Way):
        raise ResultError(
            "unknown method for the value of a study",
            expected="one of " + ", ".join(map(repr, get_args(Way))),
            found=repr(method),
        )
    if method == "moment_matching" and study.log_likelihood is None:
        raise ResultError(
            "moment matching needs the likelihood of the study's data",
            expected="a Study with log_likelihood",
            found="None",
            where={"study": repr(study.name)},
            remedy='Give Study(log_likelihood=...), or write method="regression".',
        )
