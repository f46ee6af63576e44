"""The hazard ratio between two groups by Cox's partial likelihood."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import DataError, unknown_name
from prioritering.shown import Shown
from prioritering.survival._inputs import Floats
from prioritering.survival.observed._checks import Bools
from prioritering.survival.observed._risk_sets import at_risk, require_exact_times
from prioritering.survival.observed.data import SurvivalData
from prioritering.survival.observed.kaplan_meier import normal_deviate

if TYPE_CHECKING:
    import pandas as pd

Ties = Literal["efron", "breslow"]
_TIES = ("efron", "breslow")
_MOST_STEPS = 100


@dataclass(frozen=True, repr=False)
class CoxHazardRatio(Shown):
    """Hazard ratio of a group to the reference; made by :func:`cox_hazard_ratio`.

    Attributes
    ----------
    group, reference
        Labels; a ratio below 1 means fewer events in ``group``.
    ratio, low, high
        Hazard ratio and its confidence limits.
    log_ratio, se
        Natural logarithm of the ratio and its standard error.
    p_value
        Of Wald's test that the ratio is 1.
    log_likelihood, log_likelihood_null
        Partial log-likelihood at the estimate and at a ratio of 1.
    level, ties
        Confidence of the limits, and how ties were handled.
    """

    group: str
    reference: str
    ratio: float
    low: float
    high: float
    log_ratio: float
    se: float
    p_value: float
    log_likelihood: float
    log_likelihood_null: float
    level: float
    ties: Ties

    def to_frame(self) -> pd.DataFrame:
        """Table with one row: the attributes by name."""
        import pandas as pd

        return pd.DataFrame([asdict(self)])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Hazard ratio with its confidence interval and p-value, rounded and labelled."""
        from prioritering.report.tables import hazard_ratio_table

        return hazard_ratio_table(self, language=language)

    def __repr__(self) -> str:
        return (
            f"<CoxHazardRatio: {self.group} against {self.reference}, "
            f"{self.ratio:.4g} ({self.low:.4g} to {self.high:.4g})>"
        )


class Deaths(NamedTuple):
    """Everyone at risk at each event, in the steps the handling of ties asks for.

    ``inside`` and ``outside`` are the weighted numbers at risk in the group and in the
    reference at each step, ``weight`` the weight of the step, and ``row`` the place of its event
    time in ``times``. With ``e = exp(log ratio)`` the group's share of the risk at a step is
    ``inside e / (inside e + outside)``.
    """

    times: Floats
    inside: Floats
    outside: Floats
    weight: Floats
    row: NDArray[np.intp]
    group_events: float


def cox_hazard_ratio(
    data: SurvivalData, *, reference: str, ties: Ties = "efron", level: float = 0.95
) -> CoxHazardRatio:
    """Estimate the hazard ratio of one group to another, with no assumed shape of the hazard.

    The log ratio ``b`` maximises Cox's partial likelihood, whose score is the sum over events of
    ``x - p(b)`` with ``x`` 1 for an event in the group and ``p(b)`` its share of the risk at that
    time, and whose information is the sum of ``p (1 - p)``; Newton's method.

    Parameters
    ----------
    data
        Exact and right-censored times in two groups, with left truncation and weights if any.
    reference
        Label of the group that the other is compared with.
    ties
        Efron's approximation, or Breslow's, where several have the event at the same time. With
        weights, tied events share their mean weight, as R's survival package has it.
    level
        Confidence of the limits ``exp(b -+ z se)``, between 0 and 1.

    Raises
    ------
    DataError
        Not two groups, no events, interval-censored rows, a level outside its range, or a ratio
        without a finite estimate, since one group has no event while the other is at risk.
    UnknownNameError
        A reference that is not a group, or an unknown way with ties.

    References
    ----------
    Cox (1972), J R Stat Soc B 34:187-220. Efron (1977), J Am Stat Assoc 72:557-565.
    """
    if ties not in _TIES:
        raise unknown_name("way with ties", ties, _TIES)
    z = normal_deviate(level)
    group = other_group(data, reference)
    deaths = deaths_of(data, group, ties)
    log_ratio = _maximum(deaths, group=group, reference=reference)
    se = float(1 / np.sqrt(information(deaths, log_ratio)))
    from scipy.special import ndtr

    return CoxHazardRatio(
        group=group,
        reference=reference,
        ratio=float(np.exp(log_ratio)),
        low=float(np.exp(log_ratio - z * se)),
        high=float(np.exp(log_ratio + z * se)),
        log_ratio=log_ratio,
        se=se,
        p_value=float(2 * ndtr(-abs(log_ratio) / se)),
        log_likelihood=_log_likelihood(deaths, log_ratio),
        log_likelihood_null=_log_likelihood(deaths, 0.0),
        level=level,
        ties=ties,
    )


def other_group(data: SurvivalData, reference: str) -> str:
    """Label of the group that is not the reference, of the two."""
    if reference not in data.groups:
        raise unknown_name("group", reference, data.groups)
    if len(data.groups) != 2:
        raise DataError(
            "a hazard ratio compares two groups",
            expected="two groups",
            found=", ".join(data.groups),
            remedy="Put two of them together with SurvivalData.concatenate.",
        )
    return next(group for group in data.groups if group != reference)


def deaths_of(data: SurvivalData, group: str, ties: Ties) -> Deaths:
    """Collect the risk sets at every event time, step by step through ties.

    With ``m`` tied events, Efron's step ``l = 0 ... m - 1`` has a share ``l / m`` of the events
    already out of the risk set; Breslow's steps have none.
    """
    require_exact_times(data, "a hazard ratio")
    data.require_events(purpose="a hazard ratio")
    dead = data.event & (data.weight > 0)
    member = data.in_group(group)
    times, place, m = np.unique(data.time[dead], return_inverse=True, return_counts=True)
    row = np.repeat(np.arange(times.size), m)
    first = np.cumsum(m) - m
    gone = (np.arange(row.size) - first[row]) / m[row] if ties == "efron" else 0.0

    def at_each(rows: Bools) -> Floats:
        risk = at_risk(times, data.time[rows], data.entry[rows], data.weight[rows])
        weights = data.weight[dead] * rows[dead]
        lost = np.bincount(place, weights=weights, minlength=times.size)
        return np.asarray(risk[row] - gone * lost[row])

    total = np.bincount(place, weights=data.weight[dead])
    return Deaths(
        times=times,
        inside=at_each(member),
        outside=at_each(~member),
        weight=(total / m)[row],
        row=row,
        group_events=float(data.weight[dead & member].sum()),
    )


def share_of_risk(deaths: Deaths, log_ratio: float) -> Floats:
    """Return the group's share of the risk at each step, shape (steps,)."""
    relative = deaths.inside * np.exp(log_ratio)
    return np.asarray(relative / (relative + deaths.outside))


def information(deaths: Deaths, log_ratio: float) -> float:
    """Information on the log ratio."""
    p = share_of_risk(deaths, log_ratio)
    return float(deaths.weight @ (p * (1 - p)))


def _log_likelihood(deaths: Deaths, log_ratio: float) -> float:
    risk = deaths.inside * np.exp(log_ratio) + deaths.outside
    return float(deaths.group_events * log_ratio - deaths.weight @ np.log(risk))


def _maximum(deaths: Deaths, *, group: str, reference: str) -> float:
    """Zero of the score, which falls with the log ratio: Newton's method inside a bracket."""
    certain = float(deaths.weight[deaths.outside <= 0].sum())
    possible = float(deaths.weight[deaths.inside > 0].sum())
    if not certain < deaths.group_events < possible:
        few = group if deaths.group_events <= certain else reference
        raise DataError(
            "the hazard ratio has no finite estimate",
            expected="events in each group while the other is at risk",
            found=f"none in group {few!r}",
            remedy="Take longer follow-up, or state a ratio from elsewhere.",
        )
    low, high, at = -np.inf, np.inf, 0.0
    for _ in range(_MOST_STEPS):
        p = share_of_risk(deaths, at)
        score = deaths.group_events - float(deaths.weight @ p)
        low, high = (at, high) if score > 0 else (low, at)
        step = float(np.clip(score / (deaths.weight @ (p * (1 - p))), -2.0, 2.0))
        new = at + step
        if not low <= new <= high:
            new = (low + high) / 2
        if abs(new - at) <= 1e-14 * max(1.0, abs(at)):
            break
        at = new
    return at
