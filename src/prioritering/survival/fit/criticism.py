"""What a reviewer asks of an extrapolation, in one call."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from prioritering.errors import (
    CurveError,
    DataError,
    PrioriteringWarning,
    ResultError,
    unknown_name,
)
from prioritering.survival.background import PopulationCurve
from prioritering.survival.curve import Curve, Mortality
from prioritering.survival.fit._against import (
    BelowPopulation,
    Landmark,
    Mean,
    below_population,
    landmarks_of,
    mean_of,
    observed_at,
)
from prioritering.survival.fit.result import Fit
from prioritering.survival.fit.specification import STANDARD
from prioritering.survival.fit.table import Families, FitTable, fit_all
from prioritering.survival.observed import (
    LogCumulativeHazard,
    ProportionalHazards,
    SurvivalData,
    log_cumulative_hazard,
    proportional_hazards_test,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Review:
    """Criticism of parametric fits to the arms of a trial. Made by :func:`review`.

    Attributes
    ----------
    data
        The patients.
    fits
        All fits; their AIC and BIC are in ``fits.to_frame()``.
    landmarks, means
        Survival at landmark years, and restricted means, by arm and family.
    below_population
        Where fitted hazards fall below the population's; empty without a population.
    populations
        Arm to its population; empty if none was given.
    horizon
        Years of the restricted means and of the comparison with the population.
    n_draws
        Draws behind the intervals (multivariate normal on the scale of estimation).
    log_cumulative_hazard
        ``log(-log S)`` of each arm's Kaplan-Meier curve; ``None`` for interval-censored data.
    proportional_hazards
        Arm to the test of proportional hazards against the first arm, with Schoenfeld's
        residuals; ``None`` with one arm or interval-censored data. An arm that shares too few
        events with the first one has none, and a warning says so.
    """

    data: SurvivalData
    fits: FitTable
    landmarks: tuple[Landmark, ...]
    means: tuple[Mean, ...]
    below_population: tuple[BelowPopulation, ...]
    populations: Mapping[str, Curve]
    horizon: float
    n_draws: int
    log_cumulative_hazard: LogCumulativeHazard | None
    proportional_hazards: Mapping[str, ProportionalHazards] | None

    def to_frame(self) -> pd.DataFrame:
        """Landmark survival: arm, family, year, survival, low, high, observed."""
        import pandas as pd

        return pd.DataFrame(self.landmarks)

    def means_frame(self) -> pd.DataFrame:
        """Restricted means: arm, family, horizon, mean, low, high."""
        import pandas as pd

        return pd.DataFrame(self.means)

    def below_population_frame(self) -> pd.DataFrame:
        """One row per stretch below the population's mortality: arm, family, start, end."""
        import pandas as pd

        rows = [(b.arm, b.family, *span) for b in self.below_population for span in b.spans]
        return pd.DataFrame(rows, columns=["arm", "family", "start", "end"])

    def proportional_hazards_frame(self) -> pd.DataFrame:
        """One row per test: group, reference, hazard_ratio, chi_square, p_value."""
        import pandas as pd

        tests = (self.proportional_hazards or {}).values()
        rows = [
            (t.estimate.group, t.estimate.reference, t.estimate.ratio, t.chi_square, t.p_value)
            for t in tests
        ]
        names = ["group", "reference", "hazard_ratio", "chi_square", "p_value"]
        return pd.DataFrame(rows, columns=names)

    def table(self, *, language: str = "en") -> pd.DataFrame:
        """One row per arm and family, as a dossier prints it."""
        from prioritering.report.figures.survival_fits import review_table

        return review_table(self, language=language)

    def curves(self, arm: str) -> dict[str, Curve]:
        """Fitted curves of one arm at the estimates, by family."""
        return {family: fit.curve(flatten=True) for family, fit in self.fits.arm(arm).items()}

    def arm_data(self, arm: str) -> SurvivalData:
        """Patients of one arm."""
        return self.data if self.data.group is None else self.data.subset(group=arm)

    def plot_survival(
        self,
        arm: str | None = None,
        *,
        horizon: float | None = None,
        ax: Axes | None = None,
        language: str = "en",
    ) -> Axes:
        """Fitted curves of an arm over its Kaplan-Meier curve, to ``horizon`` years."""
        from prioritering.report.figures.survival_fits import plot_fits

        own = self._arm(arm)
        years = self.horizon if horizon is None else horizon
        return plot_fits(
            self.curves(own), self.arm_data(own), horizon=years, ax=ax, language=language
        )

    def plot_hazard(
        self,
        arm: str | None = None,
        *,
        horizon: float | None = None,
        ax: Axes | None = None,
        language: str = "en",
    ) -> Axes:
        """Fitted hazards of an arm, its smoothed observed hazard and the population's."""
        from prioritering.report.figures.survival_fits import plot_fitted_hazards

        own = self._arm(arm)
        return plot_fitted_hazards(
            self.curves(own),
            self.arm_data(own),
            population=self.populations.get(own),
            horizon=self.horizon if horizon is None else horizon,
            ax=ax,
            language=language,
        )

    def plot_log_cumulative_hazard(self, *, ax: Axes | None = None, language: str = "en") -> Axes:
        """Log cumulative hazard of each arm against time on a logarithmic axis.

        Raises
        ------
        ResultError
            Interval-censored data.
        """
        if self.log_cumulative_hazard is None:
            raise ResultError(
                "no log cumulative hazard to draw",
                expected="exact and right-censored event times",
                found="interval-censored patients",
            )
        return self.log_cumulative_hazard.plot(ax, language=language)

    def plot_schoenfeld(
        self, arm: str | None = None, *, ax: Axes | None = None, language: str = "en"
    ) -> Axes:
        """Scaled Schoenfeld residuals of an arm against the first, with their smoothed trend.

        ``arm`` may be left out with two arms.

        Raises
        ------
        ResultError
            One arm, or interval-censored data.
        UnknownNameError
            An arm without a test.
        """
        tests = self.proportional_hazards
        if not tests:
            raise ResultError(
                "no test of proportional hazards to draw",
                expected="two or more arms with exact and right-censored event times",
                found=f"{len(self.fits.arms)} arm(s)",
            )
        own = next(iter(tests)) if arm is None and len(tests) == 1 else arm
        if own is None or own not in tests:
            raise unknown_name("arm with a test of proportional hazards", own, tests)
        return tests[own].plot(ax, language=language)

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table())

    def __repr__(self) -> str:
        return f"<Review of {self.fits!r}; horizon {self.horizon:g} years, {self.n_draws} draws>"

    def _arm(self, arm: str | None) -> str:
        return self.fits._only_arm() if arm is None else arm


def review(
    data: SurvivalData,
    *,
    families: Families = STANDARD,
    landmarks: Sequence[float] = (1, 2, 5, 10, 20),
    population: Mortality | Mapping[str, Mortality] | None = None,
    horizon: float | None = None,
    n_draws: int = 1000,
    seed: int = 1,
) -> Review:
    """Fit all families to each arm and hold them against what is known.

    Parameters
    ----------
    data
        Patients; every group is an arm.
    families
        As in :func:`fit_all`.
    landmarks
        Years at which survival is compared.
    population
        Mortality of the general population from the patients' age on, for all arms or by arm:
        anything with ``cumulative_hazard(years)``.
    horizon
        Years of the restricted means; the last landmark if not given.
    n_draws, seed
        Draws behind the 95 % intervals, and their seed.

    Raises
    ------
    CurveError
        Landmarks that are not above 0.
    DataError
        As :func:`fit_all`.

    Warns
    -----
    PrioriteringWarning
        Fits that did not converge, and splines whose estimate or draws were flattened.
    """
    years = np.asarray(landmarks, dtype=np.float64)
    if years.ndim != 1 or years.size == 0 or not (np.isfinite(years) & (years > 0)).all():
        raise CurveError("landmarks are not usable", expected="years above 0", found=landmarks)
    fits = fit_all(data, families)
    end = float(years.max()) if horizon is None else float(horizon)
    populations = _populations(population, fits.arms)
    rows: list[Landmark] = []
    means: list[Mean] = []
    below: list[BelowPopulation] = []
    for fit in fits:
        drawn = _drawn(fit, n_draws, seed)
        own = data if data.group is None else data.subset(group=fit.arm)
        rows += landmarks_of(fit, drawn, years, observed_at(own, years))
        means.append(mean_of(fit, drawn, end))
        if fit.arm in populations:
            below.append(below_population(fit, populations[fit.arm], end))
    return Review(
        data=data,
        fits=fits,
        landmarks=tuple(rows),
        means=tuple(means),
        below_population=tuple(below),
        populations=populations,
        horizon=end,
        n_draws=n_draws,
        log_cumulative_hazard=_log_cumulative_hazard(data),
        proportional_hazards=_proportionality(data),
    )


def _log_cumulative_hazard(data: SurvivalData) -> LogCumulativeHazard | None:
    if data.is_interval_censored:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        return log_cumulative_hazard(_grouped(data))


def _grouped(data: SurvivalData) -> SurvivalData:
    """Patients without groups as one group."""
    if data.group is not None:
        return data
    return replace(data, group=np.full(data.n, ""))


def _proportionality(data: SurvivalData) -> dict[str, ProportionalHazards] | None:
    """Test of each group against the first; those that cannot be made are warned of."""
    if data.is_interval_censored or data.group is None or len(data.groups) < 2:
        return None
    first, *others = data.groups
    tests = {}
    for other in others:
        pair = data.take(np.flatnonzero(data.in_group(first) | data.in_group(other)))
        try:
            tests[other] = proportional_hazards_test(pair, reference=first)
        except DataError as reason:
            warnings.warn(
                f"no test of proportional hazards of {other} against {first}: {reason}",
                PrioriteringWarning,
                stacklevel=3,
            )
    return tests


def _populations(
    population: Mortality | Mapping[str, Mortality] | None, arms: tuple[str, ...]
) -> dict[str, Curve]:
    if population is None:
        return {}
    by_arm = population if isinstance(population, Mapping) else dict.fromkeys(arms, population)
    for arm in arms:
        if arm not in by_arm:
            raise CurveError(
                "an arm has no population",
                expected="a population for " + ", ".join(map(repr, arms)),
                found=", ".join(map(repr, by_arm)),
            )
    return {arm: _as_curve(by_arm[arm]) for arm in arms}


def _as_curve(population: Mortality) -> Curve:
    return population if isinstance(population, Curve) else PopulationCurve(population)


def _drawn(fit: Fit, n: int, seed: int) -> Curve | None:
    """Draws of a fit, or None if it did not converge."""
    return fit.sample(n, seed=seed, flatten=True) if fit.converged else None
