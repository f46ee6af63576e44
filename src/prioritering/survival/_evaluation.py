"""What every curve can be asked, and safe ways to answer from the cumulative hazard alone."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError
from prioritering.survival._inputs import Bounds, Floats, as_times, bounds_of, per_draw

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Evaluated(ABC):
    """A survival curve for every draw, described by its cumulative hazard.

    Subclasses give ``_cumulative(t)`` and may give closed forms of the rest. Inside the
    package times are columns: shape (times, 1), or (times, draws) where an operation
    makes them differ by draw; every array kept in a field has draws on its last axis, of
    length 1 where the value is the same for all.
    """

    kind: ClassVar[str] = "a curve"

    def __post_init__(self) -> None:
        for item in fields(self):
            bounds = bounds_of(item)
            if bounds is not None:
                value = getattr(self, item.name)
                checked = per_draw(value, name=item.name, curve=self.kind, bounds=bounds)
                self._set(item.name, checked)
        self._match_draws()

    # What a subclass provides.

    @abstractmethod
    def _cumulative(self, t: Floats) -> Floats:
        """Cumulative hazard, a fresh C-contiguous array of shape (times, draws)."""

    @abstractmethod
    def _describe(self) -> str:
        """Text of :meth:`describe`."""

    def _survival(self, t: Floats) -> Floats:
        from prioritering.survival import _kernels

        hazard = self._cumulative(t)
        _kernels.survival_from_hazard(hazard)
        return hazard

    def _hazard(self, t: Floats) -> Floats:
        from prioritering.survival._numeric import right_derivative

        return right_derivative(self._cumulative, t)

    def _time_at(self, hazard: Floats) -> Floats:
        """Time at which the cumulative hazard reaches ``hazard`` (n, 1 or draws); inf if never."""
        from prioritering.survival._inversion import invert

        return invert(self, hazard)

    def _restricted_mean(self, horizon: float) -> Floats:
        from prioritering.survival._numeric import area_under

        return area_under(self, horizon)

    def _breaks(self) -> Floats:
        """Return the times at which the hazard is not smooth, in any order."""
        return np.concatenate([np.empty(0), *(c._breaks() for c in self._children())])

    # What a user asks.

    def cumulative_hazard(self, times: ArrayLike) -> Floats:
        """Cumulative hazard H at ``times`` (years), shape (times, draws).

        H(0) = 0; infinite where survival is 0. One column if every parameter is one number.

        Raises
        ------
        CurveError
            Times that are negative, not finite, or outside what the curve covers.
        """
        return self._cumulative(as_times(times))

    def survival(self, times: ArrayLike) -> Floats:
        """Survival S = exp(-H) at ``times`` (years), shape (times, draws)."""
        return self._survival(as_times(times))

    def hazard(self, times: ArrayLike) -> Floats:
        """Hazard per year at ``times``, shape (times, draws); the right-hand value at a jump.

        Raises
        ------
        CurveError
            A step curve (Kaplan-Meier), which has no hazard.
        """
        self._require_hazard()
        with np.errstate(all="ignore"):
            return self._hazard(as_times(times))

    def density(self, times: ArrayLike) -> Floats:
        """Density of the time to event, hazard times survival, shape (times, draws)."""
        survival, hazard = self.survival(times), self.hazard(times)
        return np.multiply(hazard, survival, out=survival, where=survival > 0)

    def quantile(self, p: ArrayLike) -> Floats:
        """Time by which a share ``p`` has had the event, shape (len(p), draws).

        Infinite where survival never falls to ``1 - p``.

        Raises
        ------
        CurveError
            A share outside [0, 1].
        """
        share = per_draw(p, name="p", curve="a quantile", bounds=Bounds(at_least=0, at_most=1))
        with np.errstate(all="ignore"):
            times = self._time_at(-np.log1p(-share)[:, None])
        return np.array(np.broadcast_to(times, (share.size, self.n_draws)))

    def restricted_mean(self, horizon: float) -> Floats:
        """Mean time to event within ``horizon`` years, the area under survival, shape (draws,).

        Closed form where there is one, otherwise adaptive Gauss-Legendre to about 1e-11 of
        the horizon. A curve that depends on its evaluation grid (a mortality floor) is
        evaluated weekly, with a constant hazard within the week.

        Raises
        ------
        CurveError
            A horizon that is not a finite number above 0.
        """
        years = per_draw(horizon, name="horizon", curve="a mean", bounds=Bounds(above=0))
        if years.size > 1:
            raise CurveError("one horizon for all draws", expected="a number", found=horizon)
        return self._restricted_mean(float(years[0]))

    def random(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` event times for every parameter draw, shape (n, draws).

        The time at which the cumulative hazard reaches a standard exponential number;
        infinite for those who never have the event.
        """
        with np.errstate(all="ignore"):
            return self._time_at(rng.standard_exponential((n, self.n_draws)))

    @property
    def n_draws(self) -> int:
        """Number of draws; 1 if every parameter is one number."""
        return max((size for _, size in self._draw_counts()), default=1)

    def chunk(self, start: int, stop: int) -> Self:
        """Return the same curve for the draws ``start`` to ``stop - 1``; arrays are views.

        A curve with one draw is the same for all, and returns itself.
        """
        if self.n_draws == 1:
            return self
        if not 0 <= start < stop <= self.n_draws:
            raise CurveError(
                "draws outside the curve",
                expected=f"0 <= start < stop <= {self.n_draws}",
                found=f"start {start}, stop {stop}",
            )
        part = copy.copy(self)
        for item in fields(self):
            part._set(item.name, _restricted(getattr(self, item.name), start, stop))
        return part

    def describe(self) -> str:
        """Say in one line what the curve is."""
        return self._describe()

    def __repr__(self) -> str:
        n = self.n_draws
        return f"<{self.describe()}{f'; {n} draws' if n > 1 else ''}>"

    def to_frame(self, times: ArrayLike) -> pd.DataFrame:
        """Long table: draw, year, survival, cumulative_hazard."""
        import pandas as pd

        years = as_times(times)[:, 0]
        index = pd.MultiIndex.from_product([years, range(self.n_draws)], names=["year", "draw"])
        columns = {
            "survival": self.survival(years).ravel(),
            "cumulative_hazard": self.cumulative_hazard(years).ravel(),
        }
        return pd.DataFrame(columns, index=index).reset_index()

    # How parts of a curve are found.

    @property
    def needs_grid(self) -> bool:
        """Whether the value at a time depends on the other times it is evaluated at."""
        return any(child.needs_grid for child in self._children())

    @property
    def loops_over_draws(self) -> bool:
        """Whether evaluation at times that differ by draw takes one draw after another."""
        return any(child.loops_over_draws for child in self._children())

    @property
    def has_hazard(self) -> bool:
        """Whether there is a hazard at every time; not so for a step curve."""
        return all(child.has_hazard for child in self._children())

    def _require_hazard(self) -> None:
        if not self.has_hazard:
            raise CurveError(
                "a step curve has no hazard",
                expected="a curve whose cumulative hazard is continuous",
                found=self.describe(),
                remedy="Tabulate it with interpolation='log-linear', or fit a distribution.",
            )

    def _children(self) -> Iterator[Evaluated]:
        return (v for f in fields(self) if isinstance(v := getattr(self, f.name), Evaluated))

    def _draw_counts(self) -> Iterator[tuple[str, int]]:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                yield item.name, value.shape[-1]
            else:
                yield item.name, int(getattr(value, "n_draws", 1))

    def _match_draws(self) -> None:
        counts = {name: size for name, size in self._draw_counts() if size > 1}
        if len(set(counts.values())) > 1:
            raise CurveError(
                f"numbers of draws of {self.kind} do not match",
                expected="one number each, or the same number of draws",
                found=", ".join(f"{name} {size}" for name, size in counts.items()),
                remedy="Take every parameter from the same sample of draws.",
            )

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def _restricted(value: Any, start: int, stop: int) -> Any:
    """Slice the draws of an array (last axis) or of anything that has a ``chunk``."""
    if isinstance(value, np.ndarray):
        return value if value.shape[-1] == 1 else value[..., start:stop]
    return value.chunk(start, stop) if hasattr(value, "chunk") else value
