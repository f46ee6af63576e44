"""The survival curve, and the grammar by which curves become other curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Literal, Protocol

from numpy.typing import ArrayLike

from prioritering.survival._evaluation import Evaluated
from prioritering.survival._inputs import Floats, bounds_of, floats, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Mortality(Protocol):
    """A population whose deaths are known: a life table, or another curve."""

    def cumulative_hazard(self, times: Floats, /) -> ArrayLike:
        """Cumulative hazard at rising ``times`` (years), shape (times,) or (times, draws)."""
        ...


class Curve(Evaluated):
    """A survival curve per draw, which combines with others into new curves.

    Evaluation: :meth:`survival`, :meth:`cumulative_hazard`, :meth:`hazard`, :meth:`density`,
    :meth:`quantile`, :meth:`restricted_mean`, :meth:`random`; times are years, results have
    shape (times, draws).

    Every method below returns a new curve and leaves this one as it is. Effects and other
    numbers may be one number or an array of shape (draws,). The usual order is: the disease
    curve, treatment effect, waning, then the population's mortality last.
    """

    def _stretched(self, _factor: Floats) -> Curve | None:
        """Return this curve with time stretched, if it is the family with other parameters."""
        return None

    def hazard_ratio(self, ratio: ArrayLike) -> Curve:
        """Multiply the hazard: ``H_new(t) = ratio * H(t)``.

        Examples
        --------
        >>> from prioritering.survival import exponential
        >>> exponential(rate=0.2).hazard_ratio(0.5).cumulative_hazard([10])
        array([[1.]])
        """
        from prioritering.survival.effects import HazardRatio

        return HazardRatio(self, floats("ratio", ratio))

    def hazard_ratio_by_time(
        self, ratio: Mapping[float, ArrayLike] | Callable[[Floats], ArrayLike]
    ) -> Curve:
        """Multiply the hazard by a ratio that changes over time.

        Parameters
        ----------
        ratio
            A table from starting year to ratio, its first year 0, for example
            ``{0: 0.6, 2: 0.8, 5: 1.0}``: exact. Or a function of years, the same for all
            draws, which takes and returns an array of shape (times, 1): integrated to about
            1e-10 where the function is smooth.

        Raises
        ------
        CurveError
            Years that do not rise from 0, or a ratio that is not above 0.
        """
        from prioritering.survival.effects import HazardRatioFunction, hazard_ratio_steps

        if callable(ratio):
            return HazardRatioFunction(self, ratio)
        return hazard_ratio_steps(self, ratio)

    def acceleration_factor(self, factor: ArrayLike) -> Curve:
        """Stretch time: ``S_new(t) = S(t / factor)``; a factor above 1 lengthens survival."""
        from prioritering.survival.effects import AccelerationFactor

        return AccelerationFactor(self, floats("factor", factor))

    def odds_ratio(self, ratio: ArrayLike) -> Curve:
        """Multiply the odds of the event.

        ``(1 - S_new) / S_new = ratio * (1 - S) / S``; a ratio below 1 lengthens survival.
        """
        from prioritering.survival.effects import OddsRatio

        return OddsRatio(self, floats("ratio", ratio))

    def waning(
        self,
        *,
        start: ArrayLike,
        end: ArrayLike,
        towards: Curve,
        shape: Literal["linear", "log-linear"] = "linear",
    ) -> Curve:
        """Let a treatment effect fade between two times.

        Until ``start`` the hazard is this curve's, from ``end`` on it is that of
        ``towards``. Between, with ``w`` rising from 0 to 1, it is ``(1 - w) h + w h_towards``
        (linear) or ``h**(1 - w) * h_towards**w`` (log-linear). If this curve is
        ``towards.hazard_ratio(hr)``, the hazard ratio so moves to 1 along a straight line, or
        along a straight line on the log scale.

        Parameters
        ----------
        start, end
            Years, ``0 <= start < end``.
        towards
            The curve without the effect.

        Raises
        ------
        CurveError
            Times out of order, a step curve, or an unknown shape.

        Notes
        -----
        The fading is integrated to about 1e-10, whatever times are asked for.
        """
        from prioritering.survival.waning import Waning

        return Waning(self, towards, floats("start", start), floats("end", end), shape)

    def switch(self, *, at: ArrayLike, to: Curve) -> Curve:
        """Follow the hazard of another curve from ``at`` on.

        ``S_new(t) = S(t)`` up to ``at`` and ``S(at) * S_to(t) / S_to(at)`` beyond it.

        Raises
        ------
        CurveError
            A negative time, one that either curve does not cover, or nobody left on ``to`` then.

        Warns
        -----
        PrioriteringWarning
            Survival is already 0 at that time in some draws, counted.
        """
        from prioritering.survival.sequences import Switch

        return Switch(self, to, floats("at", at))

    def cure(self, *, at: ArrayLike) -> Curve:
        """Let the hazard be 0 from ``at`` on: who is still event-free is cured.

        Raises
        ------
        CurveError
            A negative time, or one that the curve does not cover.
        """
        from prioritering.survival.sequences import Cure

        return Cure(self, floats("at", at))

    def shift(self, years: ArrayLike) -> Curve:
        """Move the curve in time.

        Positive years delay it: nobody has the event before, ``S_new(t) = S(t - years)``.
        Negative years condition on having come so far, ``S_new(t) = S(t + |years|) / S(|years|)``.

        Raises
        ------
        CurveError
            Nobody left to condition on.
        """
        from prioritering.survival.sequences import Shift

        return Shift(self, floats("years", years))

    def mixture(self, other: Curve, *, weight: ArrayLike) -> Curve:
        """Mix two groups: ``S_new = weight * S + (1 - weight) * S_other``.

        ``weight`` is the share, from 0 to 1, that follows this curve.
        """
        from prioritering.survival.sequences import Mixture

        return Mixture(self, other, floats("weight", weight))

    def plus_hazard_of(self, other: Curve) -> Curve:
        """Add the hazard of an independent cause: ``H_new = H + H_other``."""
        from prioritering.survival.sequences import HazardSum

        return HazardSum(self, other)

    def with_background_mortality_of(self, population: Mortality) -> Curve:
        """Add a population's mortality to this curve's excess hazard (relative survival).

        ``H_new = H + H_population``. Use it when this curve is disease-specific; when it is
        all-cause survival use :meth:`at_least_mortality_of`.

        Parameters
        ----------
        population
            Anything with ``cumulative_hazard(times)``.
        """
        from prioritering.survival.background import PopulationCurve
        from prioritering.survival.sequences import HazardSum

        return HazardSum(self, PopulationCurve(population))

    def at_least_mortality_of(self, population: Mortality) -> Curve:
        """Never let the hazard fall below a population's.

        Over each interval of the times it is evaluated at, the cumulative hazard grows by
        the larger of this curve's and the population's increment. The curve therefore depends on
        those times, which must not fall; in a model they are the cycle boundaries.

        Parameters
        ----------
        population
            Anything with ``cumulative_hazard(times)``.
        """
        from prioritering.survival.background import MortalityFloor, PopulationCurve

        return MortalityFloor(self, PopulationCurve(population))

    def plot(self, times: ArrayLike, *, ax: Axes | None = None, language: str = "en") -> Axes:
        """Draw survival over ``times``, with the spread over draws."""
        from prioritering.report.figures import plot_curves

        return plot_curves({self.kind: self}, times, ax=ax, language=language)


class Family(Curve):
    """A curve with parameters of its own."""

    def _describe(self) -> str:
        parts = [f"{f.name} {shown(getattr(self, f.name))}" for f in fields(self) if bounds_of(f)]
        return f"{self.kind} ({', '.join(parts)})"
