"""Adopt for some years and assess again: the value of adopting now, waiting, or both in turn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.conventions import Discounting
from prioritering.decision.agreements import _checks
from prioritering.decision.agreements.base import Agreement
from prioritering.decision.agreements.per_patient import first_years
from prioritering.decision.agreements.priced import Priced
from prioritering.decision.uncertainty.indices import Estimate, estimate
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Course = Literal["reject", "adopt", "wait", "temporary"]

_NOISE = 3.0
"""Monte Carlo standard errors by which information may seem worth more than perfect."""


@dataclass(frozen=True, repr=False, eq=False)
class AdoptionTiming(Frozen, Shown):
    """Expected net benefit of each course for all patients, against never adopting.

    Attributes
    ----------
    value
        Course -> present value with its Monte Carlo standard error. ``"reject"`` is 0.
    best
        The course of the highest expected net benefit.
    patients_before, patients_after
        Discounted patients who start before and after the assessment.
    probability_of_reversal
        That adoption is reversed at the assessment, given that information arrives.
    information
        Expected value of the information per later patient, on which it rests.
    perfect
        Whether that is perfect information, which makes ``"wait"`` and ``"temporary"`` upper
        bounds.
    terms
        The agreement.
    provenance
        Discounting.
    """

    value: Mapping[Course, Estimate]
    best: Course
    patients_before: float
    patients_after: float
    probability_of_reversal: float
    information: Estimate
    perfect: bool
    terms: TemporaryAdoption
    provenance: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """One row per course: course, value, se."""
        import pandas as pd

        rows = [(course, e.value, e.se) for course, e in self.value.items()]
        return pd.DataFrame(rows, columns=["course", "value", "se"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures for a report."""
        from prioritering.report.tables.agreements import timing_table

        return timing_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Each course with its Monte Carlo interval."""
        from prioritering.report.figures.agreements import plot_timing

        return plot_timing(self, ax, language=language)

    def __repr__(self) -> str:
        values = ", ".join(f"{course} {e.value:.6g}" for course, e in self.value.items())
        return f"AdoptionTiming({values})"


@dataclass(frozen=True, repr=False, eq=False)
class TemporaryAdoption(Agreement):
    """Adopt for some years, then assess again with what has been learnt.

    It changes no cost; :meth:`timing` sets it against adopting for good and waiting.

    Parameters
    ----------
    years
        Until the assessment, above 0.
    information
        Expected value of the information per patient decided for after it (EVSI). ``None``:
        perfect information (EVPI), an upper bound.
    reversal_cost
        National cost of reversing at the assessment, 0 or more.
    research_cost
        National cost of the information, paid at the start, 0 or more.
    treated_while_waiting
        Share of patients who get the option while the decision waits, such as in research.
    chance_of_information
        Probability that the information also arrives when the option is already adopted.
    confidential
        Whether the terms are secret; unlike those of a price they are not unless it is said.

    Raises
    ------
    ResultError
        Terms out of range.
    """

    years: float
    information: float | None = field(default=None, kw_only=True)
    reversal_cost: float = field(default=0.0, kw_only=True)
    research_cost: float = field(default=0.0, kw_only=True)
    treated_while_waiting: float = field(default=0.0, kw_only=True)
    chance_of_information: float = field(default=1.0, kw_only=True)
    confidential: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        _checks.above_zero("years until the assessment", self.years)
        if self.information is not None:
            _checks.amount("value of information", self.information)
        _checks.amount("reversal cost", self.reversal_cost)
        _checks.amount("research cost", self.research_cost)
        _checks.share("share treated while waiting", self.treated_while_waiting)
        _checks.share("chance of information", self.chance_of_information)

    def _change(self, before: Priced) -> Priced:
        return before

    def timing(
        self, net_benefit: ArrayLike, *, patients: ArrayLike, discounting: Discounting
    ) -> AdoptionTiming:
        """Value never adopting, adopting now, waiting, and temporary adoption for all patients.

        With ``b`` the incremental net benefit of a patient, ``B`` its mean after the
        information, ``P1`` and ``P2`` the discounted patients before and after the assessment
        at ``T``, reversal cost ``K = factor(T) x reversal_cost``, research cost ``R``, share
        treated while waiting ``s`` and chance of information ``p``:

        * adopt: ``(P1 + P2) E[b]``
        * wait: ``s P1 E[b] + P2 E[max(0, B)] - R``
        * temporary: ``P1 E[b] + p E[max(P2 B, -K)] + (1 - p) max(P2 E[b], -K) - R``

        With perfect information ``B`` is ``b``. A given value of information is spread as a
        normal ``B`` around ``E[b]``: its spread is the one at which
        ``E[max(0, B)] - max(0, E[b])`` is that value.

        Parameters
        ----------
        net_benefit
            By draw, such as ``assess(...).net_benefit``, shape (draw,), two draws or more.
        patients
            Who would start in each calendar year the decision stands for, shape (year,). They
            count from mid-year, unless ``discounting`` has another timing.
        discounting
            Of net benefit.

        Raises
        ------
        ResultError
            Net benefit that is not finite numbers over two draws or more, patients out of
            range or none after the assessment, or information worth more than perfect
            information.

        Notes
        -----
        Eckermann S, Willan AR. The option value of delay in health technology assessment. Med
        Decis Making 2008;28:300-305: delay and trial, adopt and trial, adopt and no trial; costs
        of reversal lower both how often and how much reversing gains. Claxton K et al. Health
        Technol Assess 2012;16(46): only in research, and approval with research.
        """
        b = _by_draw(net_benefit)
        mean = estimate(b)
        counts = _checks.amounts("patients", patients)
        before, after = self._patients(counts, discounting)
        fate = self._after(b, mean, after, float(discounting.factor(self.years)))
        waiting = self.treated_while_waiting * before
        value: dict[Course, Estimate] = {
            "reject": Estimate(0.0, 0.0),
            "adopt": estimate((before + after) * b),
            "wait": _less(estimate(waiting * b + fate.free), self.research_cost),
            "temporary": _less(estimate(before * b + fate.adopted), self.research_cost),
        }
        return AdoptionTiming(
            value=value,
            best=max(get_args(Course), key=lambda course: value[course].value),
            patients_before=before,
            patients_after=after,
            probability_of_reversal=fate.reversed,
            information=fate.information,
            perfect=self.information is None,
            terms=self,
            provenance={"discounting": discounting.to_dict(), "n_draws": b.size},
        )

    def _patients(self, patients: Floats, discounting: Discounting) -> tuple[float, float]:
        """Discounted patients who start before the assessment and after it."""
        present = patients * discounting.cycle_factors(patients.size, 1.0)[-1]
        early = first_years(self.years, patients.size)
        after = float(present @ (1.0 - early))
        if after == 0:
            raise ResultError(
                "no patient starts after the assessment",
                expected=f"patients in years after year {self.years:g}",
                found=f"patients in {patients.size} years",
                remedy="Give patients for every year the decision stands for.",
            )
        return float(present @ early), after

    def _after(self, b: Floats, mean: Estimate, patients: float, factor: float) -> _Fate:
        """Find what later patients gain, by draw, after waiting and after adoption."""
        reversal = factor * self.reversal_cost
        unchanged = (
            b * patients if mean.value * patients >= -reversal else np.full_like(b, -reversal)
        )
        fate = (
            _perfect(b, mean, patients, reversal)
            if self.information is None
            else _normal(b, mean, patients, reversal, self._information(b, mean))
        )
        p = self.chance_of_information
        return fate._replace(adopted=p * fate.adopted + (1.0 - p) * unchanged)

    def _information(self, b: Floats, mean: Estimate) -> float:
        given = float(self.information or 0.0)
        perfect = estimate(np.maximum(b if mean.value <= 0 else -b, 0.0))
        if given > perfect.value + _NOISE * perfect.se:
            raise ResultError(
                "information worth more than perfect information",
                expected=f"at most {perfect.value:.6g} per patient",
                found=given,
            )
        return given


def _by_draw(net_benefit: ArrayLike) -> Floats:
    try:
        b = np.array(net_benefit, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        b = np.empty(0)
    if b.ndim != 1 or not b.size or not np.isfinite(b).all():
        raise ResultError(
            "net benefit is not usable",
            expected="finite amounts of shape (draw,)",
            found=f"shape {b.shape}, {int((~np.isfinite(b)).sum())} values not finite",
            remedy="Give assess(...).net_benefit.",
        )
    return b


class _Fate(NamedTuple):
    """Later patients' gain by draw, shape (draw,): free to choose, and after adoption."""

    free: Floats
    adopted: Floats
    reversed: float
    information: Estimate


def _perfect(b: Floats, mean: Estimate, patients: float, reversal: float) -> _Fate:
    total = patients * b
    loss = np.maximum(b if mean.value <= 0 else -b, 0.0)
    return _Fate(
        free=np.maximum(total, 0.0),
        adopted=np.maximum(total, -reversal),
        reversed=float(np.mean(total < -reversal)),
        information=estimate(loss),
    )


def _normal(
    b: Floats, mean: Estimate, patients: float, reversal: float, information: float
) -> _Fate:
    """Use the closed form for a normal mean, and the slope that carries its error."""
    spread = spread_of_information(mean.value, information)

    def gain(floor: float) -> tuple[Floats, float]:
        """``E[max(P B, -floor)]``, moved along its slope with each draw; chance of the floor."""
        shift = floor / patients
        value, above = _above_zero(mean.value + shift, spread)
        return patients * (value - shift + above * (b - mean.value)), 1.0 - above

    adopted, reversed_ = gain(reversal)
    return _Fate(gain(0.0)[0], adopted, reversed_, Estimate(information, 0.0))


def spread_of_information(mean: float, information: float) -> float:
    """Find the standard deviation of a normal mean that gives information its value.

    Solves ``E[max(0, B)] - max(0, mean) = information`` for ``B ~ Normal(mean, sd)``; the left
    side is ``sd phi(z) - |mean| Phi(-z)`` with ``z = |mean| / sd`` and rises with ``sd``.

    Examples
    --------
    >>> import math
    >>> round(spread_of_information(0.0, 1 / math.sqrt(2 * math.pi)), 12)
    1.0
    """
    from scipy.optimize import brentq

    if information == 0:
        return 0.0

    def excess(spread: float) -> float:
        return _above_zero(-abs(mean), spread)[0] - information

    high = 4.0 * information + abs(mean)
    while excess(high) < 0:
        high *= 2.0
    return float(brentq(excess, 0.0, high, xtol=1e-14 * high, rtol=1e-14))


def _above_zero(mean: float, spread: float) -> tuple[float, float]:
    """``E[max(0, B)]`` and ``P(B > 0)`` of a normal ``B``; without spread, of its mean."""
    if spread == 0:
        return max(mean, 0.0), float(mean >= 0)
    from scipy.special import ndtr

    z = mean / spread
    above = float(ndtr(z))
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return mean * above + spread * density, above


def _less(value: Estimate, amount: float) -> Estimate:
    return Estimate(value.value - amount, value.se)
