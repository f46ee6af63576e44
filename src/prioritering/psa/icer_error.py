"""Monte Carlo error of an ICER, by the delta method and by the bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.cea import PairwiseRow, Quadrant, compare, errors_are_upper_bounds
from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.psa.inputs import CostEffect, cost_and_effect, pair_of
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

_INDICES_AT_ONCE = 1 << 21
_TAILS = (0.025, 0.975)


@dataclass(frozen=True, repr=False, eq=False)
class IcerError(Frozen, Shown):
    """Monte Carlo error of an ICER: what other draws of the same size would give.

    Attributes
    ----------
    status
        Quadrant of the mean increments, in words.
    icer
        Ratio of mean increments; ``None`` where it has no meaning.
    delta_se
        Standard error by the delta method, the one :func:`prioritering.cea.compare` gives.
    bootstrap_se, bootstrap_interval
        Standard deviation, and 2.5 and 97.5 % quantiles, of the ICERs of resampled draws;
        ``None`` where ``why_not`` says why.
    n_changing
        Resamples whose mean increments lie in another quadrant.
    why_not
        Why there is no error, in words; empty where there is.
    n_draws, n_bootstrap, seed
        Size of the run, number of resamples and the seed behind them.
    provenance
        That of the run.
    """

    reference: str
    option: str
    status: Quadrant
    icer: float | None
    delta_se: float | None
    bootstrap_se: float | None
    bootstrap_interval: tuple[float, float] | None
    n_changing: int
    why_not: str
    n_draws: int
    n_bootstrap: int
    seed: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors_are_upper_bounds(self) -> bool:
        """Whether both errors are upper bounds, since draws are not independent."""
        return errors_are_upper_bounds(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row: names, status, icer, errors, interval; ``<NA>`` where there is none."""
        import pandas as pd

        low, high = self.bootstrap_interval or (None, None)
        numbers = {
            "icer": self.icer,
            "delta_se": self.delta_se,
            "bootstrap_se": self.bootstrap_se,
            "bootstrap_low": low,
            "bootstrap_high": high,
        }
        words = {"reference": self.reference, "option": self.option, "status": self.status}
        frame = pd.DataFrame([{**words, **numbers, "n_changing": self.n_changing}])
        return frame.astype(dict.fromkeys(numbers, "Float64"))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Round and label both errors."""
        from prioritering.report.tables.probabilistic import icer_error_table

        return icer_error_table(self, language=language)

    def __repr__(self) -> str:
        if self.icer is None:
            return f"IcerError({self.option} against {self.reference}: {self.status})"
        boot = "none" if self.bootstrap_se is None else f"{self.bootstrap_se:g}"
        return (
            f"IcerError({self.option} against {self.reference}: {self.icer:g}, "
            f"delta {self.delta_se:g}, bootstrap {boot})"
        )


def icer_error(
    outcomes: CostEffect,
    *,
    reference: str,
    option: str | None = None,
    n_bootstrap: int = 2000,
    seed: int,
) -> IcerError:
    """How far an ICER may move with other draws, in two ways that should agree.

    The delta method, ``sd(c_k - R e_k) / (sqrt(n) |E|)`` with ``R = C / E`` the ratio of
    means, takes the ratio as straight near the means. The bootstrap takes nothing for
    straight: it draws ``n`` of the ``n`` draws with replacement, ``n_bootstrap`` times (the
    weights of the draws are multinomial), and looks at the spread of the ratios. Where the
    error of the mean effect is small beside the effect they agree; where they do not, more
    draws are needed, and the bootstrap interval is the one to read.

    Both are the error of stopping at ``n`` draws, not the uncertainty of the parameters; that
    is in :func:`incremental`.

    Parameters
    ----------
    outcomes
        A run, or ``(cost, effect)`` of shape (strategy, draw).
    reference, option
        Names; the option may be left out with two strategies.
    n_bootstrap
        Number of resamples, 100 or more.
    seed
        Integer of 0 or more; the same seed gives the same error.

    Raises
    ------
    UnknownNameError
        A reference or option that is not among the strategies.
    ResultError
        A single draw, no option, fewer than 100 resamples, or a seed that is none.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> cost, effect = rng.normal(4e5, 1e5, 5000), rng.normal(1.0, 0.2, 5000)
    >>> found = icer_error(
    ...     ([0 * cost, cost], [0 * cost, effect]), reference="strategy 1", seed=1
    ... )
    >>> round(found.bootstrap_se / found.delta_se, 1)
    1.0
    """
    _check_resampling(n_bootstrap, seed)
    pair = pair_of(outcomes, reference=reference, option=option)
    row = pairwise_row(outcomes, reference=reference, option=pair.option)
    ratios, n_changing = np.empty(0), 0
    if row.icer is not None:
        cost, effect = _bootstrap_means(pair.cost, pair.effect, n_bootstrap, seed)
        # the signs of both means tell the two quadrants in which a ratio has a meaning
        moved = (cost * row.incremental_cost <= 0) | (effect * row.incremental_qaly <= 0)
        n_changing = int(moved.sum())
        ratios = ratios if n_changing else cost / effect
    low, high = np.quantile(ratios, _TAILS).tolist() if ratios.size else (0.0, 0.0)
    return IcerError(
        reference=reference,
        option=pair.option,
        status=row.status,
        icer=row.icer,
        delta_se=row.icer_se,
        bootstrap_se=float(ratios.std(ddof=1)) if ratios.size else None,
        bootstrap_interval=(low, high) if ratios.size else None,
        n_changing=n_changing,
        why_not=_why_not(row, n_changing, n_bootstrap),
        n_draws=pair.cost.size,
        n_bootstrap=n_bootstrap,
        seed=seed,
        provenance=dict(pair.provenance),
    )


def pairwise_row(outcomes: CostEffect, *, reference: str, option: str) -> PairwiseRow:
    """Comparison of two strategies as :func:`prioritering.cea.compare` makes it."""
    if not isinstance(outcomes, Outcomes):
        draws = cost_and_effect(outcomes)
        outcomes = Outcomes.from_arrays(draws.strategies, cost=draws.cost, qaly=draws.effect)
    rows = compare(outcomes, reference=reference).pairwise
    return next(row for row in rows if row.strategy == option)


def _bootstrap_means(cost: Floats, effect: Floats, n_bootstrap: int, seed: int) -> Floats:
    """Mean increments of resampled draws, a block of resamples at a time."""
    rng, n = np.random.default_rng(seed), cost.size
    means = np.empty((2, n_bootstrap))
    at_once = max(_INDICES_AT_ONCE // n, 1)
    for start in range(0, n_bootstrap, at_once):
        stop = min(start + at_once, n_bootstrap)
        chosen = rng.integers(0, n, (stop - start, n), dtype=np.int64)
        means[0, start:stop] = cost[chosen].mean(axis=1)
        means[1, start:stop] = effect[chosen].mean(axis=1)
    return means


def _why_not(row: PairwiseRow, n_changing: int, n_bootstrap: int) -> str:
    if row.icer is None:
        return f"the ICER has no meaning: {row.status}"
    if n_changing:
        return (
            f"in {n_changing} of {n_bootstrap} resamples the mean increments lie in another "
            "quadrant, where the ratio means something else"
        )
    return ""


def _check_resampling(n_bootstrap: int, seed: int) -> None:
    for name, value, least in (("n_bootstrap", n_bootstrap, 100), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise ResultError(
                f"{name} cannot be used",
                expected=f"an integer of {least} or more",
                found=repr(value),
            )
