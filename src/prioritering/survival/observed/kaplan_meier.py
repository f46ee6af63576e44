"""The Kaplan-Meier curve with its intervals, quantiles and restricted mean."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import DataError, PrioriteringWarning, unknown_name
from prioritering.frozen import Frozen
from prioritering.shown import Shown
from prioritering.survival._inputs import Floats, as_times
from prioritering.survival.observed._risk_sets import RiskSets, at_risk, risk_sets
from prioritering.survival.observed.data import SurvivalData

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.survival.curve import Curve

IntervalKind = Literal["log-log", "log", "plain"]
_KINDS = ("log-log", "log", "plain")
_SAME = 1e-8


class SurvivalAt(NamedTuple):
    """Kaplan-Meier estimates at chosen times, every array of shape (times,)."""

    times: Floats
    survival: Floats
    se: Floats
    low: Floats
    high: Floats
    at_risk: Floats


class QuantileEstimate(NamedTuple):
    """Time by which a share has had the event, with its interval; ``None``: not reached."""

    value: float | None
    low: float | None
    high: float | None


class MeanEstimate(NamedTuple):
    """A mean in years and its standard error."""

    value: float
    se: float


@dataclass(frozen=True, eq=False, repr=False)
class KaplanMeier(Frozen, Shown):
    """Kaplan-Meier estimate of survival; made by :func:`kaplan_meier`.

    Attributes
    ----------
    data
        What it was estimated from.
    times
        Distinct times of events and censoring in years, rising, shape (times,).
    survival
        Survival from each time until the next, shape (times,); 1 before the first.
    se
        Greenwood's standard error of ``survival``, shape (times,).
    low, high
        Pointwise confidence limits, shape (times,).
    at_risk, events, censored
        Weighted numbers at risk just before each time, and with each fate at it, shape (times,).
    interval, level
        Kind of interval and its confidence.
    """

    data: SurvivalData
    times: Floats
    survival: Floats
    se: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    interval: IntervalKind
    level: float

    @property
    def last_time(self) -> float:
        """Longest follow-up in years; the curve is not known beyond it unless it is 0 there."""
        return float(self.times[-1])

    @property
    def median(self) -> QuantileEstimate:
        """Median survival in years with its interval."""
        return self.quantile(0.5)

    def at(self, times: ArrayLike) -> SurvivalAt:
        """Survival, standard error, limits and numbers at risk at ``times`` (years).

        Raises
        ------
        DataError
            A time beyond the longest follow-up while survival is above 0 there.
        CurveError
            A time that is negative or not finite.
        """
        years = as_times(times)[:, 0]
        self._require_followed(float(years.max()))
        step = np.searchsorted(self.times, years, side="right")
        survival, low, high = (
            np.append(1.0, x)[step] for x in (self.survival, self.low, self.high)
        )
        se = np.append(0.0, self.se)[step]
        return SurvivalAt(years, survival, se, low, high, self.numbers_at_risk(years))

    def numbers_at_risk(self, times: ArrayLike) -> Floats:
        """Weighted number of patients under observation just before each time, shape (times,).

        Who enters at a time counts only after it; at time 0, all who enter then count.
        """
        years = as_times(times)[:, 0]
        data = self.data
        count = at_risk(years, data.time, data.entry, data.weight)
        count[years == 0] = data.weight[data.entry == 0].sum()
        return count

    def quantile(self, p: float) -> QuantileEstimate:
        """Time by which a share ``p`` has had the event.

        The first time at which survival is ``1 - p`` or less, and the middle of the stretch if
        it is exactly ``1 - p`` there. The limits are those times for the confidence limits of
        survival (Brookmeyer and Crowley 1982).

        Raises
        ------
        DataError
            A share not between 0 and 1.
        """
        if not 0 < p < 1:
            raise DataError("a quantile outside its range", expected="0 < p < 1", found=p)
        value, low, high = (
            _crossing(self.times, s, 1 - p) for s in (self.survival, self.low, self.high)
        )
        return QuantileEstimate(value, low, high)

    def restricted_mean(self, horizon: float) -> MeanEstimate:
        """Mean survival within ``horizon`` years: the area under the curve.

        With ``A_i`` the area from event time ``t_i`` to the horizon, the variance is
        ``sum_i A_i**2 d_i / (n_i (n_i - d_i))``.

        Raises
        ------
        DataError
            A horizon of 0 or less, or beyond follow-up while survival is above 0.
        """
        if not (np.isfinite(horizon) and horizon > 0):
            raise DataError("a horizon outside its range", expected="years above 0", found=horizon)
        self._require_followed(horizon)
        inside = self.times < horizon
        edges = np.concatenate([[0.0], self.times[inside], [horizon]])
        pieces = np.diff(edges) * np.append(1.0, self.survival[inside])
        beyond = np.append(np.cumsum(pieces[::-1])[::-1], 0.0)[1:-1]
        variance = np.sum(beyond**2 * _greenwood_terms(self.at_risk, self.events)[inside])
        return MeanEstimate(float(pieces.sum()), float(np.sqrt(variance)))

    def curve(self) -> Curve:
        """Give the estimate as a step curve, which ``.switch(at=..., to=...)`` can continue."""
        from prioritering.survival.tables import tabulated

        kept = (self.events > 0) | (self.times == self.last_time)
        times, survival = np.append(0.0, self.times[kept]), np.append(1.0, self.survival[kept])
        return tabulated(times, survival=survival, interpolation="step")

    def to_frame(self) -> pd.DataFrame:
        """Table with a row per time: year, at_risk, events, censored, survival, se, low, high."""
        import pandas as pd

        names = ("at_risk", "events", "censored", "survival", "se", "low", "high")
        return pd.DataFrame({"year": self.times, **{name: getattr(self, name) for name in names}})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Patients, events, median and survival at even steps of time, rounded and labelled."""
        from prioritering.report.tables import kaplan_meier_table

        return kaplan_meier_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the curve with its interval, censoring marks and numbers at risk."""
        from prioritering.report.figures import plot_kaplan_meier

        return plot_kaplan_meier(self, ax=ax, language=language)

    def __repr__(self) -> str:
        median = self.median.value
        reached = "not reached" if median is None else f"{median:.4g} years"
        return (
            f"<KaplanMeier: {self.data.n} patients, {self.data.n_events} events, "
            f"median {reached}, followed to year {self.last_time:.4g}>"
        )

    def _require_followed(self, horizon: float) -> None:
        if horizon > self.last_time and self.survival[-1] > 0:
            raise DataError(
                "asked beyond the longest follow-up",
                expected=f"years up to {self.last_time:.6g}",
                found=f"{horizon:.6g}",
                remedy="Continue .curve() with .switch(at=..., to=a fitted curve).",
            )


def kaplan_meier(
    data: SurvivalData, *, interval: IntervalKind = "log-log", level: float = 0.95
) -> KaplanMeier:
    """Estimate survival of all patients together, without a model.

    ``S(t) = prod(1 - d_i / n_i)`` over event times ``t_i <= t``, with ``d_i`` events among
    ``n_i`` at risk, who entered before ``t_i`` and were followed at least to it.

    Parameters
    ----------
    data
        Exact and right-censored times, with left truncation and weights if any. Weights count
        as numbers of patients; standard errors are not meant for weights of other kinds.
    interval
        How the limits are built from Greenwood's ``v = sum(d_i / (n_i (n_i - d_i)))``:
        ``"log-log"`` ``S**exp(-+ z sqrt(v) / log S)``, ``"log"`` ``S exp(-+ z sqrt(v))``, or
        ``"plain"`` ``S (1 -+ z sqrt(v))``, cut off at 0 and 1. Where survival is 0 the
        lower limit is 0 and the upper that of the time before.
    level
        Confidence, between 0 and 1.

    Raises
    ------
    DataError
        Interval-censored rows, or a level outside its range.
    UnknownNameError
        An interval of another name.

    Warns
    -----
    PrioriteringWarning
        No events; or, with late entries, everyone at risk having the event while others are yet
        to enter, which keeps survival at 0 from then on.

    References
    ----------
    Kaplan and Meier (1958), J Am Stat Assoc 53:457-481. Klein and Moeschberger (2003), Survival
    Analysis, 2nd edition, sections 4.2 to 4.6 and equation 4.5.2.

    Examples
    --------
    >>> data = SurvivalData.from_arrays([1, 2, 2, 3, 5], event=[1, 1, 0, 1, 0])
    >>> kaplan_meier(data).at([2.5]).survival
    array([0.6])
    """
    if interval not in _KINDS:
        raise unknown_name("interval", interval, _KINDS)
    z = normal_deviate(level)
    counts = risk_sets(data, purpose="a Kaplan-Meier curve")
    _warn_if_odd(data, counts)
    survival = _product(counts)
    sigma = np.sqrt(np.cumsum(_greenwood_terms(counts.at_risk, counts.events)))
    low, high = _limits(survival, sigma, interval, z)
    return KaplanMeier(
        data=data,
        times=counts.times,
        survival=survival,
        se=survival * sigma,
        low=low,
        high=high,
        at_risk=counts.at_risk,
        events=counts.events,
        censored=counts.censored,
        interval=interval,
        level=level,
    )


def kaplan_meier_by_group(
    data: SurvivalData, *, interval: IntervalKind = "log-log", level: float = 0.95
) -> dict[str, KaplanMeier]:
    """Estimate survival of each group with :func:`kaplan_meier`, in the order of the labels.

    Raises
    ------
    DataError
        Data without groups.
    """
    if not data.groups:
        raise DataError("data without groups", expected="a group in every row", found="none")
    return {
        group: kaplan_meier(data.subset(group=group), interval=interval, level=level)
        for group in data.groups
    }


def normal_deviate(level: float) -> float:
    """Two-sided standard normal deviate of a confidence level."""
    if not 0 < level < 1:
        raise DataError(
            "a confidence level outside its range", expected="between 0 and 1", found=level
        )
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def _warn_if_odd(data: SurvivalData, counts: RiskSets) -> None:
    if not counts.events.any():
        where = f" in group {data.groups[0]}" if len(data.groups) == 1 else ""
        text = f"no events among {data.n} patients{where}: survival stays at 1"
        warnings.warn(text, PrioriteringWarning, stacklevel=3)
    early = np.flatnonzero(counts.last[:-1])
    if early.size:
        text = (
            f"everyone at risk at {counts.times[early[0]]:.4g} years has the event then, before "
            f"others enter: survival stays at 0 ({early.size} such times)"
        )
        warnings.warn(text, PrioriteringWarning, stacklevel=3)


def _product(counts: RiskSets) -> Floats:
    share = np.zeros(counts.times.size)
    np.divide(counts.events, counts.at_risk, out=share, where=counts.events > 0)
    share[counts.last] = 1.0
    return np.cumprod(1.0 - share, dtype=np.float64)


def _greenwood_terms(at_risk: Floats, events: Floats) -> Floats:
    """``d / (n (n - d))``; 0 where there is no event or where all at risk have it."""
    left = at_risk - events
    some = (events > 0) & (left > 0)
    return np.divide(events, at_risk * left, out=np.zeros(events.size), where=some)


def _limits(survival: Floats, sigma: Floats, kind: str, z: float) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if kind == "plain":
            low, high = survival * (1 - z * sigma), survival * (1 + z * sigma)
        elif kind == "log":
            low, high = survival * np.exp(-z * sigma), survival * np.exp(z * sigma)
        else:
            width = z * sigma / np.log(survival)
            low, high = survival ** np.exp(-width), survival ** np.exp(width)
    low[survival == 1] = high[survival == 1] = 1.0
    positive = survival > 0
    low[~positive] = 0.0
    high[~positive] = high[positive][-1] if positive.any() else 1.0
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def _crossing(times: Floats, curve: Floats, level: float) -> float | None:
    """First time a falling step curve is at ``level`` or below; the middle if it rests there."""
    reached = np.flatnonzero(curve <= level + _SAME)
    if not reached.size:
        return None
    start = times[reached[0]]
    below = np.flatnonzero(curve < level - _SAME)
    if below.size and below[0] == reached[0]:
        return float(start)
    end = times[below[0]] if below.size else times[-1]
    return float((start + end) / 2)
