"""Are the hazards of two groups proportional? A test, its residuals, and the figure to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import DataError, unknown_name
from prioritering.frozen import Frozen
from prioritering.shown import Shown
from prioritering.survival._inputs import Floats, as_times
from prioritering.survival.observed._frozen import FrozenColumns
from prioritering.survival.observed._risk_sets import risk_sets
from prioritering.survival.observed.cox import (
    CoxHazardRatio,
    Deaths,
    Ties,
    cox_hazard_ratio,
    deaths_of,
    information,
    share_of_risk,
)
from prioritering.survival.observed.data import SurvivalData
from prioritering.survival.observed.kaplan_meier import kaplan_meier_by_group, normal_deviate
from prioritering.survival.observed.log_rank import chi_square_tail

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Transform = Literal["km", "rank", "identity", "log"]
_TRANSFORMS = ("km", "rank", "identity", "log")


class SmoothedLogRatio(NamedTuple):
    """Log hazard ratio over time, every array of shape (times,)."""

    times: Floats
    log_ratio: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False, repr=False)
class ProportionalHazards(Frozen, Shown):
    """A test of proportional hazards; made by :func:`proportional_hazards_test`.

    Attributes
    ----------
    estimate
        The hazard ratio under proportional hazards.
    transform
        Which function of time the log hazard ratio was held to depend on.
    chi_square, p_value
        The test, on one degree of freedom.
    times
        Time of each event in years, rising, shape (events,).
    transformed
        The function of time at each event, shape (events,).
    residuals
        Schoenfeld's: 1 for an event in the group, 0 in the reference, less the group's share of
        the risk at that time; shape (events,).
    scaled
        Scaled residuals plus the log ratio: their trend over time is that of the log hazard
        ratio; shape (events,).
    """

    estimate: CoxHazardRatio
    transform: Transform
    chi_square: float
    p_value: float
    times: Floats
    transformed: Floats
    residuals: Floats
    scaled: Floats

    def smooth(
        self, *, times: ArrayLike | None = None, span: float = 0.75, level: float = 0.95
    ) -> SmoothedLogRatio:
        """Smooth the scaled residuals: how the log hazard ratio moves over time.

        Local straight lines with tricube weights over the nearest ``span`` of the events; limits
        from the residuals' variance if hazards are proportional, ``events * se**2``.

        Parameters
        ----------
        times
            Years from the first to the last event. Default: 60, evenly spaced.
        span
            Share of the events, above 0 and at most 1.
        level
            Confidence of the limits, between 0 and 1.

        Raises
        ------
        DataError
            A span or level outside its range, or so few events that they hold fewer than two
            times.
        """
        z = normal_deviate(level)
        if not 0 < span <= 1:
            raise DataError("a span outside its range", expected="0 < span <= 1", found=span)
        if times is None:
            years = np.linspace(self.times[0], self.times[-1], 60)
        else:
            years = as_times(times)[:, 0]
        lines = np.array([_local_line(self.times, year, span) for year in years])
        value = lines @ self.scaled
        spread = self.times.size * self.estimate.se**2
        margin = z * np.sqrt(spread * (lines**2).sum(axis=1))
        return SmoothedLogRatio(years, value, value - margin, value + margin)

    def to_frame(self) -> pd.DataFrame:
        """Table with a row per event: year, transformed, residual, scaled."""
        import pandas as pd

        return pd.DataFrame(
            {
                "year": self.times,
                "transformed": self.transformed,
                "residual": self.residuals,
                "scaled": self.scaled,
            }
        )

    def table(self, language: str = "en") -> pd.DataFrame:
        """Constant hazard ratio and the test, rounded and labelled."""
        from prioritering.report.tables import proportional_hazards_table

        return proportional_hazards_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the scaled residuals over time with their smoothed trend."""
        from prioritering.report.figures import plot_schoenfeld

        return plot_schoenfeld(self, ax=ax, language=language)

    def __repr__(self) -> str:
        return (
            f"<ProportionalHazards: {self.estimate.group} against {self.estimate.reference}, "
            f"{self.times.size} events, chi-square {self.chi_square:.4g}, p = {self.p_value:.3g}>"
        )


@dataclass(frozen=True, eq=False)
class LogCumulativeHazard(FrozenColumns):
    """Log cumulative hazards by group; made by :func:`log_cumulative_hazard`.

    Attributes
    ----------
    times
        Group to event times in years, each of shape (times of the group,).
    values
        Group to ``log(-log S)`` at those times.
    """

    times: Mapping[str, Floats]
    values: Mapping[str, Floats]

    def to_frame(self) -> pd.DataFrame:
        """Long table: group, year, log_year, log_cumulative_hazard."""
        import pandas as pd

        parts = [
            pd.DataFrame(
                {
                    "group": group,
                    "year": self.times[group],
                    "log_year": np.log(self.times[group]),
                    "log_cumulative_hazard": self.values[group],
                }
            )
            for group in self.times
        ]
        return pd.concat(parts, ignore_index=True)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw log cumulative hazard against time on a logarithmic axis."""
        from prioritering.report.figures import plot_log_cumulative_hazard

        return plot_log_cumulative_hazard(self, ax=ax, language=language)


def proportional_hazards_test(
    data: SurvivalData, *, reference: str, transform: Transform = "km", ties: Ties = "efron"
) -> ProportionalHazards:
    """Test whether the hazard ratio between two groups is constant over time.

    Score test of ``c = 0`` in a hazard ratio ``exp(b + c g(t))``, at the estimate of ``b`` under
    ``c = 0``: with ``r`` Schoenfeld's residuals and ``v = p (1 - p)`` at every event,
    ``U = sum(g r)`` and ``chi-square = U**2 / (sum(g**2 v) - sum(g v)**2 / sum(v))``. It is the
    test of R's ``cox.zph`` from version 3 of the survival package on.

    Parameters
    ----------
    data
        Exact and right-censored times in two groups, with left truncation and weights if any.
    reference
        Label of the group that the other is compared with.
    transform
        The function ``g``: ``"km"`` ``1 - S(t-)`` with Kaplan-Meier's estimate of all patients,
        ``"rank"`` the rank of the time among all times, ``"identity"`` years, ``"log"`` log
        years. The first two leave weights aside, as R does.
    ties
        As in :func:`cox_hazard_ratio`.

    Raises
    ------
    DataError
        As :func:`cox_hazard_ratio`, or events at one time only.
    UnknownNameError
        An unknown reference, transform or way with ties.

    References
    ----------
    Schoenfeld (1982), Biometrika 69:239-241. Grambsch and Therneau (1994), Biometrika
    81:515-526.
    """
    if transform not in _TRANSFORMS:
        raise unknown_name("transform", transform, _TRANSFORMS)
    estimate = cox_hazard_ratio(data, reference=reference, ties=ties)
    deaths = deaths_of(data, estimate.group, ties)
    dead = np.flatnonzero(data.event & (data.weight > 0))
    dead = dead[np.argsort(data.time[dead], kind="stable")]
    moments = _transformed(data, deaths.times, transform)
    residuals = _residuals(data, deaths, estimate, dead)
    weighted = data.weight[dead] * residuals
    chi_square = _score_statistic(weighted, moments[deaths.row], deaths, estimate.log_ratio)
    scale = dead.size / information(deaths, estimate.log_ratio)
    return ProportionalHazards(
        estimate=estimate,
        transform=transform,
        chi_square=chi_square,
        p_value=chi_square_tail(chi_square, 1),
        times=data.time[dead],
        transformed=moments[deaths.row],
        residuals=residuals,
        scaled=estimate.log_ratio + scale * residuals,
    )


def log_cumulative_hazard(data: SurvivalData) -> LogCumulativeHazard:
    """Log cumulative hazard ``log(-log S)`` of each group from its Kaplan-Meier curve.

    Given at event times where survival is above 0. Against log time, Weibull curves are straight
    lines, and proportional hazards lines a constant distance apart.

    Raises
    ------
    DataError
        Data without groups, or interval-censored rows.
    """
    times, values = {}, {}
    for group, estimate in kaplan_meier_by_group(data).items():
        kept = (estimate.events > 0) & (estimate.survival > 0)
        times[group] = estimate.times[kept]
        values[group] = np.log(-np.log(estimate.survival[kept]))
    return LogCumulativeHazard(times, values)


def _transformed(data: SurvivalData, times: Floats, transform: Transform) -> Floats:
    """Return the function of time at distinct event times."""
    if transform == "identity":
        return times.copy()
    if transform == "log":
        return np.log(times)
    if transform == "rank":
        ordered = np.sort(data.time)
        before = np.searchsorted(ordered, times, side="left")
        return np.asarray((before + np.searchsorted(ordered, times, side="right") + 1) / 2)
    unweighted = replace(data, weight=(data.weight > 0).astype(np.float64))
    counts = risk_sets(unweighted, purpose="a test of proportional hazards")
    some = counts.events > 0
    steps = 1 - counts.events[some] / counts.at_risk[some]
    return 1.0 - np.append(1.0, np.cumprod(steps)[:-1])


def _residuals(
    data: SurvivalData, deaths: Deaths, estimate: CoxHazardRatio, dead: NDArray[np.intp]
) -> Floats:
    """Schoenfeld's residual of each event, against the mean share of its tied steps."""
    share = share_of_risk(deaths, estimate.log_ratio)
    mean = np.bincount(deaths.row, weights=share) / np.bincount(deaths.row)
    member = data.in_group(estimate.group)[dead]
    return np.asarray(member - mean[deaths.row])


def _score_statistic(weighted: Floats, g: Floats, deaths: Deaths, log_ratio: float) -> float:
    p = share_of_risk(deaths, log_ratio)
    spread = deaths.weight * p * (1 - p)
    centred = g - spread @ g / spread.sum()
    information_left = float(spread @ centred**2)
    if information_left <= 1e-14 * float(spread.sum()):
        raise DataError(
            "events at one time cannot show a change over time",
            expected="events at two or more times while both groups are at risk",
            found=f"{np.unique(g).size} event time(s)",
        )
    return float((weighted @ centred) ** 2 / information_left)


def _local_line(x: Floats, at: float, span: float) -> Floats:
    """Weights that give the value at a point of a line fitted locally, shape (events,)."""
    distance = np.abs(x - at)
    reach = np.partition(distance, _nearest(x.size, span))[_nearest(x.size, span)] * (1 + 1e-9)
    weight = np.clip(1 - (distance / reach) ** 3, 0, None) ** 3 if reach > 0 else np.ones(x.size)
    centre = weight @ x / weight.sum()
    spread = float(weight @ (x - centre) ** 2)
    if spread <= 0:
        raise DataError(
            "too few event times to smooth",
            expected="two or more event times within the span",
            found=f"{np.unique(x).size} event time(s)",
            remedy="Take a larger span.",
        )
    return np.asarray(weight / weight.sum() + (at - centre) * weight * (x - centre) / spread)


def _nearest(n: int, span: float) -> int:
    return min(max(int(np.ceil(span * n)), 3), n) - 1
