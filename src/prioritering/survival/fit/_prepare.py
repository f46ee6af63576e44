"""From patient data to the blocks of a likelihood, with every check on the way."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError, DataError, PrioriteringWarning, unknown_name
from prioritering.survival._inputs import floats
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit._likelihood import Block, Kind, Layout
from prioritering.survival.fit._starts import Sketch, sketch
from prioritering.survival.fit.laws import Law
from prioritering.survival.observed import SurvivalData

Covariates = str | Sequence[str] | Mapping[str, str | Sequence[str]] | None
LEAST_BACKGROUND = 1e-6
"""Background hazard per year below which no population of any age dies."""
MOST_BACKGROUND = 5.0
"""Background hazard per year above which no population of any age dies."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Patient data ready for fits, shared by all families.

    Attributes
    ----------
    data
        The patients.
    background
        Known hazard at each time per year, shape (n,), or None.
    """

    data: SurvivalData
    background: Floats | None

    @cached_property
    def middle(self) -> Floats:
        """Event times, midpoints for events within an interval, shape (n,)."""
        upper = self.data.upper_bounds
        within = ~self.data.event & np.isfinite(upper)
        return np.where(within, 0.5 * (self.data.time + np.where(within, upper, 0)), self.data.time)

    @cached_property
    def happened(self) -> np.ndarray:
        """Whether the event happened, at a known time or within an interval, shape (n,)."""
        return (self.data.event | np.isfinite(self.data.upper_bounds)) & (self.data.weight > 0)

    @cached_property
    def log_event_times(self) -> Floats:
        """Log times of events at known times; midpoints of intervals if there are none."""
        known = self.data.event & (self.data.weight > 0)
        return np.log(self.middle[known if known.any() else self.happened])

    @cached_property
    def sketch(self) -> Sketch:
        """Rough cumulative hazard to start from."""
        d = self.data
        return sketch(self.middle, self.happened, d.entry, d.weight)

    @property
    def n_patients(self) -> float:
        """Number of patients: the sum of weights."""
        return float(self.data.weight.sum())

    def blocks(self, covariates: Mapping[str, Floats]) -> list[Block]:
        """Rows by the way they contribute."""
        d, upper = self.data, self.data.upper_bounds
        between = ~d.event & np.isfinite(upper)
        masks: dict[Kind, np.ndarray] = {
            "event": d.event,
            "censored": ~d.event & ~np.isfinite(upper) & (d.time > 0),
            "between": between & (d.time > 0),
            "before": between & (d.time == 0),
            "entry": d.entry > 0,
        }
        return [
            self._block(kind, np.flatnonzero(mask & (d.weight > 0)), covariates)
            for kind, mask in masks.items()
            if (mask & (d.weight > 0)).any()
        ]

    def _block(self, kind: Kind, rows: np.ndarray, covariates: Mapping[str, Floats]) -> Block:
        d = self.data
        end = d.upper_bounds[rows] if kind in ("between", "before") else d.time[rows]
        start = {"entry": d.entry[rows], "before": end}.get(kind, d.time[rows])
        known = self.background is not None and kind == "event"
        return Block(
            kind,
            np.log(start),
            np.log(end),
            d.weight[rows],
            self.background[rows] if known and self.background is not None else None,
            {name: x[rows] for name, x in covariates.items()},
        )


def prepare(data: SurvivalData, background_hazard: ArrayLike | str | None) -> Prepared:
    """Check data and background hazard."""
    data.require_events(purpose="a fit")
    if not (data.event & (data.time <= 0)).any() and not (data.time < 0).any():
        return Prepared(data, _background(data, background_hazard))
    row = int(np.argmax((data.time < 0) | (data.event & (data.time <= 0))))
    raise DataError(
        "an event time is not above 0",
        expected="times above 0",
        found=float(data.time[row]),
        where={"row": row},
    )


def warn_of_background(prepared: Prepared) -> None:
    """Warn the caller's caller of a background hazard that no population has per year."""
    hazard = prepared.background
    if hazard is None or (hazard.max() >= LEAST_BACKGROUND and hazard.max() <= MOST_BACKGROUND):
        return
    high = int((hazard > MOST_BACKGROUND).sum())
    found = (
        f"{high} of {hazard.size} are above {MOST_BACKGROUND:g}"
        if high
        else f"all are below {LEAST_BACKGROUND:g}"
    )
    warnings.warn(
        f"the background hazard is implausible per year: {found} (from {hazard.min():.3g} to "
        f"{hazard.max():.3g}); is it per year, and a hazard?",
        PrioriteringWarning,
        stacklevel=3,
    )


def whole(name: str, value: object, *, at_least: int) -> int:
    """Return a whole number that is no smaller than ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < at_least:
        raise CurveError(
            f"{name} is not usable",
            expected=f"a whole number of {at_least} or more",
            found=repr(value),
        )
    return int(value)


def layout_of(law: Law, covariates: Covariates, prepared: Prepared) -> Layout:
    """Read which covariates act on which parameters, and check that the data can tell them."""
    given = _by_parameter(covariates, law)
    known = (*law.parameters, *law.shared)
    for parameter, names in given.items():
        if parameter not in known:
            raise unknown_name("parameter", parameter, known, where={"family": law.name})
        for name in names:
            if name not in prepared.data.covariates:
                raise unknown_name("covariate", name, prepared.data.covariates)
    layout = Layout(law.parameters, given, law.shared)
    _check_events(law, layout, prepared)
    for name in layout.used():
        _check_covariate(name, prepared)
    for parameter in law.parameters:
        _check_rank(parameter, [c for _, c in layout.acting(parameter)], prepared)
    return layout


def _by_parameter(covariates: Covariates, law: Law) -> dict[str, tuple[str, ...]]:
    if covariates is None:
        return {}
    if not isinstance(covariates, Mapping):
        covariates = {law.location: covariates}
    return {p: (c,) if isinstance(c, str) else tuple(c) for p, c in covariates.items()}


def _background(data: SurvivalData, given: ArrayLike | str | None) -> Floats | None:
    if given is None:
        return None
    if isinstance(given, str):
        if given not in data.covariates:
            raise unknown_name("covariate", given, data.covariates)
        given = data.covariates[given]
    hazard = floats("background_hazard", given)
    if hazard.shape != (data.n,) or not np.isfinite(hazard).all() or (hazard < 0).any():
        raise DataError(
            "the background hazard is not usable",
            expected=f"{data.n} finite numbers of 0 or more, one per patient",
            found=f"shape {hazard.shape}, least {hazard.min() if hazard.size else 'none'}",
        )
    if data.is_interval_censored:
        raise DataError(
            "a background hazard with interval-censored patients",
            expected="events at known times",
            found="intervals",
            remedy="The hazard at the unknown time of the event would be needed.",
        )
    return hazard


def _check_events(law: Law, layout: Layout, prepared: Prepared) -> None:
    times = np.unique(prepared.middle[prepared.happened])
    if prepared.happened.sum() < layout.size or times.size < min(layout.size, 2):
        raise DataError(
            f"too few events for {law.name}",
            expected=f"at least {layout.size} events, one per coefficient, at different times",
            found=f"{int(prepared.happened.sum())} events at {times.size} times",
            remedy="Use a family with fewer parameters, fewer knots or fewer covariates.",
        )


def _check_covariate(name: str, prepared: Prepared) -> None:
    used = prepared.data.weight > 0
    x, happened = prepared.data.covariates[name][used], prepared.happened[used]
    if np.ptp(x) == 0:
        raise DataError(
            "a covariate does not vary",
            expected="at least two values",
            found=f"{float(x[0]):g} in every row",
            where={"covariate": name},
        )
    seen = x[happened]
    if np.ptp(seen) == 0 and seen[0] in (x.min(), x.max()):
        raise DataError(
            "a covariate separates events from censoring",
            expected="events at more than one value, or censoring on both sides of it",
            found=f"all {seen.size} events at {float(seen[0]):g}, from {x.min():g} to {x.max():g}",
            where={"covariate": name},
            remedy="Its effect would be infinite. Leave it out, or merge categories.",
        )


def _check_rank(parameter: str, names: Sequence[str], prepared: Prepared) -> None:
    if len(names) < 2:
        return
    columns = [prepared.data.covariates[name] for name in names]
    table = np.column_stack([np.ones(prepared.data.n), *(standard(x)[0] for x in columns)])
    if np.linalg.matrix_rank(table[prepared.data.weight > 0]) < table.shape[1]:
        raise DataError(
            "covariates cannot be told apart",
            expected="covariates none of which follows from the others",
            found=", ".join(names),
            where={"parameter": parameter},
            remedy="Leave one of them out.",
        )


def standard(x: Floats) -> tuple[Floats, float, float]:
    """Covariate with mean 0 and standard deviation 1, its mean and its deviation."""
    mean, deviation = float(x.mean()), float(x.std())
    return (x - mean) / deviation, mean, deviation
