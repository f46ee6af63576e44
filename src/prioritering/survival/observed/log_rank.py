"""The log-rank test and its Fleming-Harrington weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prioritering.errors import DataError
from prioritering.frozen import Frozen
from prioritering.shown import Shown
from prioritering.survival._inputs import Floats
from prioritering.survival.observed._risk_sets import at_risk, risk_sets
from prioritering.survival.observed.data import SurvivalData

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class LogRank(Frozen, Shown):
    """A log-rank test of equal hazards in all groups; made by :func:`log_rank`.

    Attributes
    ----------
    groups
        Labels, shape (groups,) in the arrays below.
    n, observed, expected
        Patients, events seen and events expected if hazards were equal; the events weighted if
        ``rho`` or ``gamma`` is not 0.
    covariance
        Covariance of ``observed - expected``, shape (groups, groups).
    chi_square, degrees_of_freedom, p_value
        The test.
    rho, gamma
        Fleming-Harrington weights.
    """

    groups: tuple[str, ...]
    n: Floats
    observed: Floats
    expected: Floats
    covariance: Floats
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    rho: float
    gamma: float

    def to_frame(self) -> pd.DataFrame:
        """Table with a row per group: group, n, observed, expected."""
        import pandas as pd

        names = ("n", "observed", "expected")
        return pd.DataFrame({"group": self.groups, **{name: getattr(self, name) for name in names}})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Events seen and expected in each group, and the test, rounded and labelled."""
        from prioritering.report.tables import log_rank_table

        return log_rank_table(self, language=language)

    def __repr__(self) -> str:
        return (
            f"<LogRank: chi-square {self.chi_square:.4g} on {self.degrees_of_freedom} "
            f"degree(s) of freedom, p = {self.p_value:.3g}>"
        )


def log_rank(data: SurvivalData, *, rho: float = 0.0, gamma: float = 0.0) -> LogRank:
    """Test whether the hazards of all groups are equal.

    At every event time, given ``d`` events among ``n`` at risk, group ``j`` with ``n_j`` at risk
    expects ``d n_j / n`` of them, with hypergeometric covariance
    ``d (n - d) / (n - 1) n_j / n (1[j = k] - n_k / n)``. Each time counts with weight
    ``S(t-)**rho (1 - S(t-))**gamma``, ``S`` being Kaplan-Meier's estimate of all patients.

    Parameters
    ----------
    data
        Exact and right-censored times in two or more groups, with left truncation and weights
        if any.
    rho, gamma
        0 or more. Both 0: log-rank. ``rho=1``: Peto and Peto's Wilcoxon test, early times count
        most. ``gamma=1``: late times count most.

    Raises
    ------
    DataError
        Fewer than two groups, no events, a group that is never at risk when somebody has the
        event, interval-censored rows, or negative ``rho`` or ``gamma``.

    References
    ----------
    Fleming and Harrington (1991), Counting Processes and Survival Analysis, section 7.2. Klein
    and Moeschberger (2003), Survival Analysis, 2nd edition, section 7.3.
    """
    _check(data, rho, gamma)
    counts = risk_sets(data, purpose="a log-rank test")
    some = counts.events > 0
    times, n, d = counts.times[some], counts.at_risk[some], counts.events[some]
    before = np.append(1.0, np.cumprod(np.maximum(1 - d / n, 0.0))[:-1])
    weight = before**rho * (1 - before) ** gamma
    members = [data.subset(group=group) for group in data.groups]
    share = np.array([at_risk(times, m.time, m.entry, m.weight) for m in members]) / n
    observed = np.array([_events(m, times) @ weight for m in members])
    expected = share @ (weight * d)
    spread = np.divide(d * (n - d), n - 1, out=np.zeros(n.size), where=n > 1) * weight**2
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    chi_square = _statistic(observed - expected, covariance, expected, data.groups)
    return LogRank(
        groups=data.groups,
        n=np.array([m.weight.sum() for m in members]),
        observed=observed,
        expected=expected,
        covariance=covariance,
        chi_square=chi_square,
        degrees_of_freedom=len(members) - 1,
        p_value=chi_square_tail(chi_square, len(members) - 1),
        rho=rho,
        gamma=gamma,
    )


def chi_square_tail(value: float, degrees_of_freedom: int) -> float:
    """Probability that a chi-square variable exceeds ``value``."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees_of_freedom, value))


def _events(data: SurvivalData, times: Floats) -> Floats:
    """Weighted events at each of ``times``, which hold every event time."""
    place = np.searchsorted(times, data.time[data.event])
    weights = data.weight[data.event]
    inside = weights > 0
    return np.bincount(place[inside], weights=weights[inside], minlength=times.size).astype(float)


def _statistic(
    excess: Floats, covariance: Floats, expected: Floats, groups: tuple[str, ...]
) -> float:
    idle = np.flatnonzero(expected <= 0)
    if idle.size:
        raise DataError(
            "a group is never at risk when somebody has the event",
            expected="follow-up of every group that reaches an event of any group",
            found="none",
            where={"group": groups[idle[0]]},
            remedy="Leave the group out.",
        )
    inner = covariance[1:, 1:]
    if np.linalg.matrix_rank(inner) < len(inner):
        raise DataError(
            "the groups are not at risk at the same times",
            expected="event times at which several groups are at risk",
            found="none that tells the groups apart",
        )
    return float(excess[1:] @ np.linalg.solve(inner, excess[1:]))


def _check(data: SurvivalData, rho: float, gamma: float) -> None:
    if len(data.groups) < 2:
        raise DataError(
            "a log-rank test compares groups",
            expected="two groups or more",
            found=", ".join(data.groups) or "no groups",
        )
    for name, value in (("rho", rho), ("gamma", gamma)):
        if not (np.isfinite(value) and value >= 0):
            raise DataError(f"{name} outside its range", expected="0 or more", found=value)
    data.require_events(purpose="a log-rank test")
