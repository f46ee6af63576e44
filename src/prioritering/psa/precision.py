"""Draws needed for the Monte Carlo precision that is wanted."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import errors_are_upper_bounds
from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.psa.convergence import probability_se
from prioritering.psa.distributions import half_for_zero
from prioritering.psa.icer_error import pairwise_row
from prioritering.psa.inputs import CostEffect, Pair, pair_of
from prioritering.psa.loss import expected_loss
from prioritering.psa.severity_limits import check_severity
from prioritering.severity import Severity
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Aim = Literal["nmb", "icer", "probability", "evpi", "severity_class"]
_PRICED = ("nmb", "probability", "evpi")


@dataclass(frozen=True)
class Precision:
    """Wanted Monte Carlo standard errors; ``None``: not asked for.

    Attributes
    ----------
    nmb
        Of the mean incremental net monetary benefit, in the currency of the costs.
    icer
        Of the ICER, in the currency per QALY.
    probability
        Of the probability that the option is cost-effective, as a share: 0.005 is half a
        percentage point.
    evpi
        Of the expected value of perfect information per patient, over all strategies.
    severity_class
        Of the probability of every severity class, as a share.

    Raises
    ------
    ResultError
        Nothing asked for, or an error that is not a finite number above 0.

    Examples
    --------
    >>> Precision(icer=5_000, probability=0.005).wanted
    {'icer': 5000.0, 'probability': 0.005}
    """

    nmb: float | None = None
    icer: float | None = None
    probability: float | None = None
    evpi: float | None = None
    severity_class: float | None = None

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if value is None:
                continue
            real = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if not (real and math.isfinite(value) and float(value) > 0):
                raise ResultError(
                    f"the standard error wanted of {name} cannot be reached",
                    expected="a finite number above 0",
                    found=repr(value),
                )
        if not self.wanted:
            raise ResultError(
                "no precision asked for",
                expected="one standard error or more",
                remedy="Write Precision(icer=5_000), for example.",
            )

    @property
    def wanted(self) -> dict[str, float]:
        """What was asked for, by name."""
        return {k: float(v) for k, v in dataclasses.asdict(self).items() if v is not None}


@dataclass(frozen=True)
class Need:
    """One figure's precision.

    Attributes
    ----------
    aim
        What the error is of; every severity class has its own.
    severity_class
        Number of the class, ``None`` for the other aims.
    value
        The figure in this run; ``None`` for an ICER without a meaning.
    se, wanted
        Its standard error in this run, and the one wanted. For planning, a share of draws of
        exactly 0 or 1 counts as if half a draw had gone the other way; ``se`` is then not 0.
    draws
        Draws needed, ``n (se / wanted)^2`` rounded up; ``None`` where it cannot be said.
    """

    aim: Aim
    severity_class: int | None
    value: float | None
    se: float | None
    wanted: float
    draws: int | None


@dataclass(frozen=True, repr=False, eq=False)
class DrawsNeeded(Frozen, Shown):
    """Draws needed for every precision asked for.

    Attributes
    ----------
    needs
        One for every figure.
    n_draws
        Draws of the run behind them.
    provenance
        That of the run.
    """

    reference: str
    option: str
    needs: tuple[Need, ...]
    n_draws: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draws(self) -> int | None:
        """The most that any figure needs; ``None`` where one cannot be said."""
        counts = [need.draws for need in self.needs]
        return None if None in counts else max(c for c in counts if c is not None)

    @property
    def met(self) -> bool:
        """Whether the run has every precision asked for."""
        return self.draws is not None and self.draws <= self.n_draws

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether errors and draws needed are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row per figure: aim, severity_class, value, se, wanted, draws."""
        import pandas as pd

        frame = pd.DataFrame([dataclasses.asdict(need) for need in self.needs])
        return frame.astype(
            {"severity_class": "Int64", "draws": "Int64", "value": "Float64", "se": "Float64"}
        )

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label the figures and the draws they need."""
        from prioritering.report.tables.probabilistic import draws_needed_table

        return draws_needed_table(self, language=language)

    def __repr__(self) -> str:
        need = "cannot be said" if self.draws is None else f"{self.draws} needed"
        return f"DrawsNeeded({need}, {self.n_draws} drawn, {'met' if self.met else 'not met'})"


def draws_needed(
    outcomes: CostEffect,
    *,
    reference: str,
    option: str | None = None,
    wtp: float | None = None,
    precision: Precision,
    severity: Severity | None = None,
) -> DrawsNeeded:
    """Independent draws that would give the standard errors wanted.

    A Monte Carlo error falls as ``1 / sqrt(n)``, so a run of ``n`` draws with standard error
    ``se`` needs ``n (se / wanted)^2``. The estimate is as good as the run's own ``se``: from a
    few hundred draws on, its error is a few per cent. With Sobol's sequence or a Latin
    hypercube errors, and so the draws needed, are upper bounds.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    reference, option
        Names; the option may be left out with two strategies.
    wtp
        Willingness to pay per QALY, above 0, for net benefit, probability and EVPI.
    precision
        The standard errors wanted.
    severity
        Of the same draws, when a precision of its classes is asked for.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        Precision of net benefit, probability or EVPI without ``wtp``, of severity classes
        without ``severity``, a single draw, or no option.

    Examples
    --------
    >>> cost, effect = [[0.0, 0.0], [9.0, 11.0]], [[0.0, 0.0], [1.0, 1.0]]
    >>> draws_needed(
    ...     (cost, effect), reference="strategy 1", wtp=20, precision=Precision(nmb=0.1)
    ... ).draws
    200
    """
    check_precision(precision)
    pair = pair_of(outcomes, reference=reference, option=option)
    limit = _limit(precision, wtp)
    needs: list[Need] = []
    for aim, wanted in precision.wanted.items():
        if aim == "severity_class":
            needs += _classes(pair, severity, wanted)
        else:
            value, error = _figure(aim, outcomes, pair, limit)
            needs.append(_need(aim, value, error, wanted, pair.cost.size))
    n = pair.cost.size
    return DrawsNeeded(reference, pair.option, tuple(needs), n, dict(pair.provenance))


def check_precision(precision: object) -> None:
    """Refuse what does not say which standard errors are wanted."""
    if not isinstance(precision, Precision):
        raise ResultError(
            "it is not said which standard errors are wanted",
            expected="Precision(nmb=..., icer=..., probability=..., ...)",
            found=repr(precision),
        )


def _figure(
    aim: str, outcomes: CostEffect, pair: Pair, wtp: float
) -> tuple[float | None, float | None]:
    """Value and standard error of one aim in this run."""
    benefit = wtp * pair.effect - pair.cost
    if aim == "nmb":
        return float(benefit.mean()), float(benefit.std(ddof=1)) / math.sqrt(benefit.size)
    if aim == "probability":
        return _cautious_share(half_for_zero(benefit))
    if aim == "evpi":
        loss = expected_loss(outcomes, limits=wtp)
        return float(loss.evpi[0]), float(loss.evpi_se[0])
    row = pairwise_row(outcomes, reference=pair.reference, option=pair.option)
    return row.icer, row.icer_se


def _classes(pair: Pair, severity: Severity | None, wanted: float) -> list[Need]:
    n = pair.cost.size
    if severity is None:
        raise ResultError(
            "no severity to count the classes of",
            expected="Severity of the same draws",
            remedy="Write severity=absolute_shortfall(outcomes[reference], ...).",
        )
    check_severity(severity, n, pair.provenance)
    needs = []
    for group in severity.scale.classes:
        share, error = _cautious_share(severity.severity_class == group.number)
        needs.append(_need("severity_class", share, error, wanted, n, group.number))
    return needs


def _cautious_share(hits: Floats | NDArray[np.bool_]) -> tuple[float, float]:
    """Share, and its error as if half a draw had gone the other way where all went one."""
    share, half = float(np.mean(hits)), 0.5 / hits.size
    return share, float(probability_se(min(max(share, half), 1.0 - half), n=hits.size))


def _need(
    aim: Any,
    value: float | None,
    error: float | None,
    wanted: float,
    n: int,
    severity_class: int | None = None,
) -> Need:
    # a share of 1e-9 is rounding of an error that is met exactly
    draws = None if error is None else max(math.ceil(n * (error / wanted) ** 2 * (1 - 1e-9)), 2)
    return Need(aim, severity_class, value, error, wanted, draws)


def _limit(precision: Precision, wtp: float | None) -> float:
    priced = [aim for aim in precision.wanted if aim in _PRICED]
    if wtp is not None:
        return checked_wtp(wtp)
    if priced:
        raise ResultError(
            f"no willingness to pay for the precision of {', '.join(priced)}",
            expected="a finite amount above 0 per QALY",
            remedy="Give wtp.",
        )
    return 0.0
