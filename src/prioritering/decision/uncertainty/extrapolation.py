"""How much of a gain arises after the follow-up of the studies: what is extrapolated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.cea.montecarlo import ROUNDING
from prioritering.decision.uncertainty.indices import INTERVAL, TOO_CLOSE
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.psa import mean_se
from prioritering.psa.inputs import chosen_option
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Measure = Literal["qaly", "qaly_undiscounted", "life_years", "life_years_undiscounted"]
ShareStatus = Literal[
    "gain",
    "gain only after follow-up",
    "gain shrinks after follow-up",
    "loss",
    "not clearly different from 0",
    "no difference",
]

MEASURES: tuple[Measure, ...] = (
    "qaly", "qaly_undiscounted", "life_years", "life_years_undiscounted"
)  # fmt: skip
_LONGER = 1e-9
"""Relative slack when life years of the shorter run are held against those of the longer."""


@dataclass(frozen=True, eq=False)
class GainShare(Frozen):
    """Share of one increment that arises after the follow-up.

    Attributes
    ----------
    measure
        ``"qaly"``, ``"life_years"`` or one of them ``"..._undiscounted"``.
    gain, after
        Option less reference over the whole horizon, and the part of it after the follow-up,
        by draw, shape (draw,).
    share
        ``mean(after) / mean(gain)``; ``None`` where the mean gain is not clearly different
        from 0. Above 1 when the option loses within the follow-up, below 0 when the gain
        shrinks after it.
    share_se
        Monte Carlo standard error by the delta method; ``None`` with one draw.
    interval
        Middle 95 % of the share by draw; ``None`` with one draw, and where draws lie on both
        sides of no gain, so that a share by draw has no meaning.
    status
        What the share is a share of.
    """

    measure: Measure
    gain: Floats
    after: Floats
    share: float | None
    share_se: float | None
    interval: tuple[float, float] | None
    status: ShareStatus


@dataclass(frozen=True, repr=False, eq=False)
class ExtrapolatedGain(Frozen, Shown):
    """Shares of the gains of an option that arise after the follow-up.

    Attributes
    ----------
    reference, option
        Strategies compared.
    shares
        A :class:`GainShare` for each measure that both runs have.
    provenance
        Of the run over the whole horizon; ``"follow_up"`` is the horizon of the other.
    """

    reference: str
    option: str
    shares: Mapping[str, GainShare]
    provenance: Mapping[str, Any]

    @property
    def qaly(self) -> GainShare:
        """Share of the discounted QALYs, the one a judgement uses."""
        return self.shares["qaly"]

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.qaly.gain.size)

    def to_frame(self) -> pd.DataFrame:
        """One row per measure: means, share, its error and interval, and status."""
        import pandas as pd

        frame = pd.DataFrame([_row(share) for share in self.shares.values()])
        numbers = frame.columns.difference(["measure", "status"])
        return frame.astype(dict.fromkeys(numbers, "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the shares for a report."""
        from prioritering.report.tables.documentation import extrapolation_table

        return extrapolation_table(self, language=language)

    def __repr__(self) -> str:
        share = self.qaly.share
        text = self.qaly.status if share is None else f"{share:.3g} of the QALY {self._kind()}"
        return f"ExtrapolatedGain({self.option!r} against {self.reference!r}: {text})"

    def _kind(self) -> str:
        return "loss" if self.qaly.status == "loss" else "gain"


def extrapolated_share(
    outcomes: Outcomes, truncated: Outcomes, *, reference: str, option: str | None = None
) -> ExtrapolatedGain:
    """Share of the incremental QALYs and life years that arises after the follow-up.

    With ``G`` the increment over the whole horizon and ``W`` that within the follow-up, the
    share is ``mean(G - W) / mean(G)``, a ratio of means over draws. Its Monte Carlo standard
    error is ``sd(A - R G) / (sqrt(n) |mean(G)|)`` with ``A = G - W`` and ``R`` the share.

    Parameters
    ----------
    outcomes
        The run over the whole horizon, one draw or more.
    truncated
        The same model and draws with the follow-up as horizon:
        ``dataclasses.replace(model, horizon=pr.years(7)).run(draws, rules)``.
    reference, option
        Strategies compared; ``option`` may be left out when the run has two.

    Raises
    ------
    UnknownNameError
        A strategy that does not exist.
    ResultError
        Runs of other strategies, draws or settings, of the same horizon, or swapped.

    Examples
    --------
    >>> whole = Outcomes.from_arrays(["old", "new"], cost=[[1.0], [2.0]], qaly=[[5.0], [7.0]])
    >>> seen = Outcomes.from_arrays(["old", "new"], cost=[[1.0], [2.0]], qaly=[[2.0], [2.5]])
    >>> extrapolated_share(whole, seen, reference="old").qaly.share
    0.75
    """
    option = chosen_option(outcomes.strategies, reference=reference, option=option)
    _check_pair(outcomes, truncated)
    rows = [outcomes.index(reference), outcomes.index(option)]
    shares: dict[str, GainShare] = {
        measure: _share(measure, whole[rows], within[rows])
        for measure, whole, within in _measures(outcomes, truncated)
    }
    follow_up = truncated.provenance.get("horizon")
    provenance = {**outcomes.provenance, "follow_up": follow_up}
    return ExtrapolatedGain(reference, option, shares, provenance)


def _measures(whole: Outcomes, within: Outcomes) -> Iterator[tuple[Measure, Floats, Floats]]:
    for measure in MEASURES:
        one, other = getattr(whole, measure), getattr(within, measure)
        if one is not None and other is not None:
            yield measure, one, other


def _share(measure: Measure, whole: Floats, within: Floats) -> GainShare:
    gain = whole[1] - whole[0]
    after = gain - (within[1] - within[0])
    mean, error = float(gain.mean()), mean_se(gain)
    status = _unclear(mean, error, ROUNDING * float(np.abs(whole).max()))
    if status is not None:
        return GainShare(measure, gain, after, None, None, None, status)
    share = float(after.mean()) / mean
    share_se = mean_se((after - share * gain) / mean)
    return GainShare(
        measure, gain, after, share, share_se, _interval(gain, after), _status(mean, share)
    )


def _unclear(mean: float, error: float | None, negligible: float) -> ShareStatus | None:
    if abs(mean) <= negligible:
        return "no difference"
    return "not clearly different from 0" if abs(mean) <= TOO_CLOSE * (error or 0.0) else None


def _status(mean: float, share: float) -> ShareStatus:
    if mean < 0:
        return "loss"
    if share > 1:
        return "gain only after follow-up"
    return "gain shrinks after follow-up" if share < 0 else "gain"


def _interval(gain: Floats, after: Floats) -> tuple[float, float] | None:
    if gain.size < 2 or not ((gain > 0).all() or (gain < 0).all()):
        return None
    with np.errstate(over="ignore"):
        low, high = np.quantile(after / gain, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return (float(low), float(high)) if math.isfinite(low) and math.isfinite(high) else None


def _row(share: GainShare) -> dict[str, Any]:
    low, high = share.interval or (None, None)
    return {
        "measure": share.measure,
        "gain": float(share.gain.mean()),
        "gain_se": mean_se(share.gain),
        "within": float((share.gain - share.after).mean()),
        "within_se": mean_se(share.gain - share.after),
        "after": float(share.after.mean()),
        "after_se": mean_se(share.after),
        "share": share.share,
        "share_se": share.share_se,
        "share_low": low,
        "share_high": high,
        "status": share.status,
    }


def _check_pair(whole: Outcomes, within: Outcomes) -> None:
    """Refuse runs that differ in anything but their horizon."""
    if not isinstance(within, Outcomes):
        raise ResultError(
            "truncated is of another kind", expected="Outcomes", found=type(within).__name__
        )
    for what, one, other in (
        ("strategies", whole.strategies, within.strategies),
        ("numbers of draws", whole.n_draws, within.n_draws),
    ):
        if one != other:
            raise ResultError(
                f"the two runs have different {what}",
                expected=f"{one}, as over the whole horizon",
                found=other,
                remedy="Run the same model twice on the same draws, once with a shorter horizon.",
            )
    _check_settings(whole.provenance, within.provenance, same=within is whole)
    _check_order(whole, within)


def _check_settings(whole: Mapping[str, Any], within: Mapping[str, Any], *, same: bool) -> None:
    keys = sorted({*whole, *within} - {"horizon"})
    other = [key for key in keys if whole.get(key) != within.get(key)]
    if other:
        raise ResultError(
            "the two runs differ in more than their horizon",
            expected="the same model, draws and rules",
            found=", ".join(other) + " differ",
        )
    if same or ("horizon" in whole and whole["horizon"] == within.get("horizon")):
        raise ResultError(
            "the two runs have the same horizon",
            expected="a second run that stops at the follow-up",
            found=whole.get("horizon", "one run given twice"),
            remedy="Write dataclasses.replace(model, horizon=pr.years(...)).run(draws, rules).",
        )


def _check_order(whole: Outcomes, within: Outcomes) -> None:
    for measure, one, other in _measures(whole, within):
        if measure.startswith("life_years") and (other > one * (1 + _LONGER)).any():
            raise ResultError(
                f"{measure} of the truncated run exceed those of the whole horizon",
                expected="the whole horizon first, the run that stops at the follow-up second",
                found=f"{other.mean():.6g} against {one.mean():.6g} on average",
                remedy="Swap the two runs.",
            )
