"""What a reviewer asks of an extrapolation, in one call."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from prioritering.errors import CurveError, PrioriteringWarning
from prioritering.survival.background import PopulationCurve
from prioritering.survival.curve import Curve, Mortality
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit.result import Fit
from prioritering.survival.fit.specification import STANDARD
from prioritering.survival.fit.table import Families, FitTable, fit_all
from prioritering.survival.observed import SurvivalData, kaplan_meier

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MONTH = 1 / 12
_PERCENTILES = (0.025, 0.975)


class Landmark(NamedTuple):
    """Survival of one fit at one time, with its 95 % interval and the Kaplan-Meier estimate.

    ``low`` and ``high`` are ``None`` for a fit that did not converge, ``observed`` beyond the
    follow-up.
    """

    arm: str
    family: str
    year: float
    survival: float
    low: float | None
    high: float | None
    observed: float | None


class Mean(NamedTuple):
    """Restricted mean of one fit in years, with its 95 % interval (``None``: not converged)."""

    arm: str
    family: str
    horizon: float
    mean: float
    low: float | None
    high: float | None


class BelowPopulation(NamedTuple):
    """Where a fit's hazard is below the population's, month by month.

    ``spans`` are the stretches of such months, in years from and to; ``share`` is their share
    of all months up to the horizon.
    """

    arm: str
    family: str
    spans: tuple[tuple[float, float], ...]
    share: float


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
    """

    data: SurvivalData
    fits: FitTable
    landmarks: tuple[Landmark, ...]
    means: tuple[Mean, ...]
    below_population: tuple[BelowPopulation, ...]
    populations: Mapping[str, Curve]
    horizon: float
    n_draws: int

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

    def table(self, *, language: str = "en") -> pd.DataFrame:
        """One row per arm and family, as a dossier prints it."""
        from prioritering.report.figures.survival_fits import review_table

        return review_table(self, language=language)

    def curves(self, arm: str) -> dict[str, Curve]:
        """Fitted curves of one arm at the estimates, by family."""
        return {family: fit.curve() for family, fit in self.fits.arm(arm).items()}

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
        Fits that did not converge, and draws of splines that were flattened.
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
        rows += _landmarks(fit, drawn, years, _observed(own, years))
        means.append(_mean(fit, drawn, end))
        if fit.arm in populations:
            below.append(_below(fit, populations[fit.arm], end))
    return Review(data, fits, tuple(rows), tuple(means), tuple(below), populations, end, n_draws)


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


def _landmarks(
    fit: Fit, drawn: Curve | None, years: Floats, observed: list[float | None]
) -> list[Landmark]:
    estimate = fit.curve().survival(years)[:, 0]
    limits: list[tuple[float | None, float | None]] = [(None, None)] * years.size
    if drawn is not None:
        low, high = np.quantile(drawn.survival(years), _PERCENTILES, axis=1)
        limits = list(zip(low.tolist(), high.tolist(), strict=True))
    return [
        Landmark(fit.arm, fit.family, float(year), float(s), a, b, seen)
        for year, s, (a, b), seen in zip(years, estimate, limits, observed, strict=True)
    ]


def _observed(data: SurvivalData, years: Floats) -> list[float | None]:
    """Kaplan-Meier survival within the follow-up; none for interval-censored data."""
    if data.is_interval_censored:
        return [None] * years.size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        curve = kaplan_meier(data)
    return [
        float(curve.at([year]).survival[0]) if year <= curve.last_time else None for year in years
    ]


def _mean(fit: Fit, drawn: Curve | None, horizon: float) -> Mean:
    estimate = float(fit.curve().restricted_mean(horizon)[0])
    if drawn is None:
        return Mean(fit.arm, fit.family, horizon, estimate, None, None)
    low, high = np.quantile(drawn.restricted_mean(horizon), _PERCENTILES)
    return Mean(fit.arm, fit.family, horizon, estimate, float(low), float(high))


def _below(fit: Fit, population: Curve, horizon: float) -> BelowPopulation:
    """Compare the hazard collected in each month."""
    months = np.arange(0, np.floor(horizon / MONTH + 1e-9) + 1) * MONTH
    own = np.diff(fit.curve().cumulative_hazard(months)[:, 0])
    least = np.diff(population.cumulative_hazard(months)[:, 0])
    lower = own < least
    turns = np.flatnonzero(np.diff(np.r_[False, lower, False].astype(int)))
    edges = months[turns].tolist()
    spans = tuple(zip(edges[::2], edges[1::2], strict=True))
    return BelowPopulation(fit.arm, fit.family, spans, float(lower.mean()))
