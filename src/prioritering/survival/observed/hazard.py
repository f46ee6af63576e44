"""The hazard without a model: Nelson-Aalen's cumulative hazard and its smoothed rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import DataError
from prioritering.frozen import Frozen
from prioritering.survival._inputs import Floats, as_times
from prioritering.survival.observed._risk_sets import RiskSets, risk_sets
from prioritering.survival.observed.data import SurvivalData
from prioritering.survival.observed.kaplan_meier import normal_deviate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

N_TIMES = 101
MANY_AT_RISK = 10


class CumulativeHazardAt(NamedTuple):
    """Nelson-Aalen estimates at chosen times, every array of shape (times,)."""

    times: Floats
    cumulative_hazard: Floats
    se: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False, repr=False)
class NelsonAalen(Frozen):
    """Nelson-Aalen estimate of the cumulative hazard; made by :func:`nelson_aalen`.

    Attributes
    ----------
    times
        Distinct times of events and censoring in years, rising, shape (times,).
    cumulative_hazard
        From each time until the next, shape (times,); 0 before the first.
    se, low, high
        Standard error and pointwise confidence limits, shape (times,).
    at_risk, events
        Weighted numbers at risk just before each time, and with the event at it, shape (times,).
    level
        Confidence of the limits.
    """

    times: Floats
    cumulative_hazard: Floats
    se: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    events: Floats
    level: float

    def at(self, times: ArrayLike) -> CumulativeHazardAt:
        """Cumulative hazard, standard error and limits at ``times`` (years).

        Raises
        ------
        DataError
            A time beyond the longest follow-up.
        CurveError
            A time that is negative or not finite.
        """
        years = as_times(times)[:, 0]
        _require_within(years, 0.0, float(self.times[-1]), "the longest follow-up")
        step = np.searchsorted(self.times, years, side="right")
        columns = (self.cumulative_hazard, self.se, self.low, self.high)
        return CumulativeHazardAt(years, *(np.append(0.0, column)[step] for column in columns))

    def to_frame(self) -> pd.DataFrame:
        """Table with a row per time: year, at_risk, events, cumulative_hazard, se, low, high."""
        import pandas as pd

        names = ("at_risk", "events", "cumulative_hazard", "se", "low", "high")
        return pd.DataFrame({"year": self.times, **{name: getattr(self, name) for name in names}})

    def __repr__(self) -> str:
        return (
            f"<NelsonAalen: cumulative hazard {self.cumulative_hazard[-1]:.4g} "
            f"at year {self.times[-1]:.4g}>"
        )


@dataclass(frozen=True, eq=False, repr=False)
class SmoothedHazard(Frozen):
    """Smoothed hazard rate; made by :func:`smoothed_hazard`.

    Attributes
    ----------
    times
        Years, shape (times,).
    hazard
        Events per year, shape (times,).
    se, low, high
        Standard error and pointwise confidence limits, shape (times,). They tell of the events'
        randomness only, not of the bias that smoothing brings.
    bandwidth
        Half-width of the kernel in years.
    level
        Confidence of the limits.
    """

    times: Floats
    hazard: Floats
    se: Floats
    low: Floats
    high: Floats
    bandwidth: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Table with a row per time: year, hazard, se, low, high."""
        import pandas as pd

        names = ("hazard", "se", "low", "high")
        return pd.DataFrame({"year": self.times, **{name: getattr(self, name) for name in names}})

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the hazard with its interval."""
        from prioritering.report.figures import plot_smoothed_hazard

        return plot_smoothed_hazard(self, ax=ax, language=language)

    def __repr__(self) -> str:
        return (
            f"<SmoothedHazard: years {self.times[0]:.4g} to {self.times[-1]:.4g}, "
            f"bandwidth {self.bandwidth:.4g}>"
        )


def nelson_aalen(data: SurvivalData, *, level: float = 0.95) -> NelsonAalen:
    """Estimate the cumulative hazard of all patients together, without a model.

    ``H(t) = sum(d_i / n_i)`` over event times ``t_i <= t``, with variance
    ``sum(d_i / n_i**2)`` and limits ``H exp(-+ z se / H)``.

    Parameters
    ----------
    data
        Exact and right-censored times, with left truncation and weights if any.
    level
        Confidence of the limits, between 0 and 1.

    Raises
    ------
    DataError
        Interval-censored rows, or a level outside its range.

    References
    ----------
    Klein and Moeschberger (2003), Survival Analysis, 2nd edition, equations 4.2.3, 4.2.4 and 4.3.4.

    Examples
    --------
    >>> data = SurvivalData.from_arrays([1, 2, 4, 5], event=[1, 1, 0, 1])
    >>> nelson_aalen(data).at([2]).cumulative_hazard.round(6)
    array([0.583333])
    """
    z = normal_deviate(level)
    counts = risk_sets(data, purpose="a Nelson-Aalen estimate")
    steps, variances = _steps(counts)
    total, se = np.cumsum(steps), np.sqrt(np.cumsum(variances))
    width = np.divide(z * se, total, out=np.zeros(total.size), where=total > 0)
    low, high = total * np.exp(-width), total * np.exp(width)
    return NelsonAalen(counts.times, total, se, low, high, counts.at_risk, counts.events, level)


def smoothed_hazard(
    data: SurvivalData,
    *,
    bandwidth: float | None = None,
    times: ArrayLike | None = None,
    level: float = 0.95,
) -> SmoothedHazard:
    """Estimate the hazard rate by smoothing the steps of Nelson-Aalen's estimate.

    ``h(t) = sum_i K((t - t_i) / b) d_i / n_i / b`` over event times, with Epanechnikov's kernel
    ``K(x) = 0.75 (1 - x**2)``. Within a bandwidth ``b`` of the first entry and of the last event
    the kernel is multiplied by ``alpha + beta x``, such that over the part inside it integrates
    to 1 with mean 0; an estimate below 0, which this allows, is set to 0.

    Parameters
    ----------
    data
        Exact and right-censored times, with left truncation and weights if any.
    bandwidth
        Half-width of the kernel in years. Default: ``2.34 s m**-0.2`` with ``m`` events whose
        times have standard deviation ``s``, and no more than half the time from the first entry
        to the last event. It is the width that is best for a density of normal shape (Silverman
        1986, section 3.4), an assumption to look at: try half and twice of it.
    times
        Years from the first entry to the last event. Default: 101, evenly spaced, to the last
        event with at least 10 patients at risk (to the last event if there is none such).
    level
        Confidence of the limits ``h -+ z se``, cut off at 0, between 0 and 1.

    Raises
    ------
    DataError
        No events, interval-censored rows, a bandwidth or level outside its range, or times
        outside the first entry and the last event.

    References
    ----------
    Müller and Wang (1994), Biometrics 50:61-76. Klein and Moeschberger (2003), Survival
    Analysis, 2nd edition, section 6.2.
    """
    z = normal_deviate(level)
    data.require_events(purpose="a smoothed hazard")
    counts = risk_sets(data, purpose="a smoothed hazard")
    some = counts.events > 0
    at, steps, variances = (x[some] for x in (counts.times, *_steps(counts)))
    start, end = float(data.entry.min()), float(at[-1])
    if bandwidth is None:
        bandwidth = _default_bandwidth(at, counts.events[some], end - start)
    if not (np.isfinite(bandwidth) and bandwidth > 0):
        raise DataError("a bandwidth outside its range", expected="years above 0", found=bandwidth)
    if times is None:
        many = at[counts.at_risk[some] >= MANY_AT_RISK]
        years = np.linspace(start, many[-1] if many.size else end, N_TIMES)
    else:
        years = as_times(times)[:, 0]
    _require_within(years, start, end, "the last event")
    weights = _kernel(years, at, start, end, bandwidth)
    hazard, se = np.maximum(weights @ steps, 0.0), np.sqrt(weights**2 @ variances)
    low, high = np.maximum(hazard - z * se, 0.0), hazard + z * se
    return SmoothedHazard(years, hazard, se, low, high, bandwidth, level)


def _steps(counts: RiskSets) -> tuple[Floats, Floats]:
    """Return the steps ``d / n`` of the cumulative hazard and ``d / n**2`` of its variance."""
    some, size = counts.events > 0, counts.events.size
    steps = np.divide(counts.events, counts.at_risk, out=np.zeros(size), where=some)
    return steps, np.divide(steps, counts.at_risk, out=np.zeros(size), where=some)


def _kernel(years: Floats, at: Floats, start: float, end: float, bandwidth: float) -> Floats:
    """Weight of each event time in each estimate, shape (times, events)."""
    x = (years[:, None] - at) / bandwidth
    before = np.minimum((end - years) / bandwidth, 1.0)
    after = np.minimum((years - start) / bandwidth, 1.0)
    m0, m1, m2 = (_moment(after, j) - _moment(-before, j) for j in range(3))
    scale = bandwidth * (m0 * m2 - m1**2)
    weight = 0.75 * (1 - x**2) * (m2[:, None] - m1[:, None] * x) / scale[:, None]
    return np.where(np.abs(x) < 1, weight, 0.0)


def _moment(x: Floats, j: int) -> Floats:
    """Antiderivative of ``x**j`` times Epanechnikov's kernel."""
    return np.asarray(0.75 * (x ** (j + 1) / (j + 1) - x ** (j + 3) / (j + 3)))


def _default_bandwidth(at: Floats, events: Floats, length: float) -> float:
    mean = np.average(at, weights=events)
    spread = float(np.sqrt(np.average((at - mean) ** 2, weights=events)))
    rule = 2.34 * spread * float(events.sum()) ** -0.2
    return min(rule, length / 2) if rule > 0 else length / 2


def _require_within(years: Floats, start: float, end: float, what: str) -> None:
    wrong = (years < start) | (years > end)
    if wrong.any():
        raise DataError(
            "a time outside what was observed",
            expected=f"years from {start:.6g} to {what} at {end:.6g}",
            found=f"{years[np.argmax(wrong)]:.6g}",
        )
