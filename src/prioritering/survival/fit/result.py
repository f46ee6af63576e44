"""A fitted distribution: estimates, their joint uncertainty, and curves made of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from prioritering.conventions import NORMAL_95
from prioritering.errors import CurveError, PrioriteringWarning, unknown_name
from prioritering.frozen import Frozen
from prioritering.survival.fit._coefficients import (
    Values,
    covariate_values,
    drawn,
    named_rows,
    predictors_of,
    refuse_overflow,
    refuse_two_sources,
)
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit._likelihood import Layout
from prioritering.survival.fit._scales import (
    effect_name,
    judge_spline,
    on_natural_scale,
    scale_name,
)
from prioritering.survival.fit.flexible import CureLaw, SplineLaw
from prioritering.survival.fit.laws import Law

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.parameters import Parameter
    from prioritering.parameters.parameter import Description
    from prioritering.survival.curve import Curve, Mortality
    from prioritering.survival.observed import SurvivalData


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Frozen):
    """A family fitted by maximum likelihood. Made by :func:`fit`.

    Attributes
    ----------
    optimum
        Coefficients on the scale of estimation, shape (p,): an intercept per parameter (logarithm
        of positive ones, log odds of a cured share), then the effects of covariates. Their order
        is that of :attr:`names`.
    covariance
        Inverse of the observed information there, shape (p, p); ``None`` if it is singular.
    gradient
        Of the log-likelihood there, shape (p,).
    loglik
        Log-likelihood, in the unit of time of the data.
    n_patients, n_events
        Number of patients (sum of weights) and of rows with an event.
    last_time
        Longest follow-up, years.
    relative
        Whether the fit is of the excess over a background hazard.
    arm
        Label of the group fitted, or ``""``.
    converged, message
        Whether a proper maximum was reached, and a sentence on it.
    """

    law: Law
    layout: Layout
    optimum: Floats
    covariance: Floats | None
    gradient: Floats
    loglik: float
    n_patients: float
    n_events: int
    last_time: float
    relative: bool
    arm: str
    converged: bool
    message: str

    @property
    def family(self) -> str:
        """Name of the family, with its choices."""
        return self.law.name

    @property
    def names(self) -> tuple[str, ...]:
        """Coefficients on the scale of estimation, such as ``log_shape`` and ``scale_age``."""
        own = map(scale_name, self.law.parameters, self.law.links)
        return (*own, *(effect_name(p, c) for p, c in self.layout.effects))

    @property
    def estimates(self) -> dict[str, float]:
        """Parameters on their natural scale (at covariates of 0), then effects as estimated."""
        k = len(self.law.parameters)
        values = on_natural_scale(self.optimum[:k, None], self.law)
        intercepts = {name: float(v[0]) for name, v in values.items()}
        return intercepts | dict(zip(self.names[k:], self.optimum[k:].tolist(), strict=True))

    @property
    def standard_errors(self) -> dict[str, float]:
        """Of the coefficients, on the scale of estimation.

        Raises
        ------
        CurveError
            A singular information.
        """
        deviations = np.sqrt(np.diag(self._covariance()))
        return dict(zip(self.names, deviations.tolist(), strict=True))

    @property
    def aic(self) -> float:
        """Akaike's criterion, ``2 p - 2 loglik``."""
        return 2.0 * self.optimum.size - 2.0 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, ``p log(n) - 2 loglik`` with n the number of patients.

        Not of events: this is what flexsurv's ``BIC`` uses.
        """
        return self.optimum.size * float(np.log(self.n_patients)) - 2.0 * self.loglik

    def curve(self, *, covariates: Values = None, flatten: bool = False) -> Curve:
        """Curve at the estimates.

        Parameters
        ----------
        covariates
            Value of every covariate in the fit: one number, or one per draw.
        flatten
            As in :meth:`sample`, for a spline whose estimate falls.

        Raises
        ------
        UnknownNameError, DataError
            Covariates that are not in the fit, or missing.

        Notes
        -----
        A relative-survival fit gives the excess hazard: add the population with
        ``.with_background_mortality_of``.
        """
        return self._curves(self.optimum[:, None], [covariates], flatten=flatten)[0]

    def sample(
        self,
        n: int,
        *,
        seed: int,
        covariates: Values = None,
        flatten: bool = False,
        allow_not_converged: bool = False,
    ) -> Curve:
        """Curve with ``n`` joint draws of its parameters, multivariate normal around the optimum.

        Parameters
        ----------
        n, seed
            Number of draws, and the seed they follow from.
        covariates
            As in :meth:`curve`.
        flatten
            A spline with draws that fall somewhere is an error; True gives these a hazard of 0
            where they fall (a constant hazard before the first knot, if they fall there), and
            warns with their number.
        allow_not_converged
            Draw although the fit did not converge; a warning records it.

        Raises
        ------
        CurveError
            A fit that did not converge, draws of a spline that fall, or no whole number of draws
            of 1 or more.
        """
        parameter = self.parameter(allow_not_converged=allow_not_converged)
        draws = drawn(parameter, n, seed)
        return self._curves(draws, [covariates], flatten=flatten)[0]

    def parameter(
        self, *, allow_not_converged: bool = False, **meta: Unpack[Description]
    ) -> Parameter:
        """Joint parameter of the coefficients, so that a PSA draws them with all others.

        ``pr.Parameters(os_fit=fit.parameter())`` and then, in the model,
        ``fit.curve_from(p.os_fit)``. A multivariate normal distribution on the scale of
        estimation; a normal one for a fit with one coefficient.

        Parameters
        ----------
        allow_not_converged
            Make it although the fit did not converge; a warning and the description record it.
        **meta
            Unit, description and source, as for every parameter.

        Raises
        ------
        CurveError
            A fit that did not converge, or has no covariance.
        """
        from prioritering.parameters import multivariate_normal, normal

        about: dict[str, Any] = dict(meta)
        about.setdefault("description", self._title())
        if not self.converged:
            self._refuse_unless(allow_not_converged)
            about["description"] += f" (not converged: {self.message})"
        if self.optimum.size == 1:
            deviation = float(np.sqrt(self._covariance()[0, 0]))
            return normal(mean=float(self.optimum[0]), se=deviation, **about)
        mean = dict(zip(self.names, self.optimum.tolist(), strict=True))
        return multivariate_normal(mean, covariance=self._covariance(), **about)

    def curve_from(
        self,
        components: Mapping[str, ArrayLike] | ArrayLike,
        *,
        covariates: Values = None,
        flatten: bool = False,
    ) -> Curve:
        """Curve of draws of :meth:`parameter`.

        Parameters
        ----------
        components
            Coefficient name to draws, shape (draws,): the joint parameter as a model sees it. For
            a fit with one coefficient its draws will do.

        Raises
        ------
        UnknownNameError, DataError
            Names other than those of the fit, or numbers of draws that differ.
        CurveError
            Coefficients too large for a curve, or draws of a spline that fall.
        """
        return self._curves(self._rows(components), [covariates], flatten=flatten)[0]

    def marginal(
        self,
        data: SurvivalData,
        *,
        components: Mapping[str, ArrayLike] | ArrayLike | None = None,
        n: int | None = None,
        seed: int | None = None,
        flatten: bool = False,
    ) -> Curve:
        """Survival averaged over the covariates of ``data``, by weight.

        Parameters
        ----------
        data
            Patients with every covariate of the fit.
        components
            Draws as for :meth:`curve_from`; the estimates if not given.
        n, seed
            In place of ``components``: as in :meth:`sample`.
        flatten
            As in :meth:`sample`.

        Raises
        ------
        UnknownNameError
            A covariate that ``data`` do not have.
        CurveError
            As :meth:`sample`; ``n`` without ``seed``, or beside ``components``.
        """
        from prioritering.survival.fit.curves import Average

        names = self.layout.used()
        for name in names:
            if name not in data.covariates:
                raise unknown_name("covariate", name, data.covariates)
        refuse_two_sources(components, n, seed)
        if n is not None:
            coefficients = drawn(self.parameter(), n, seed)
        else:
            coefficients = self.optimum[:, None] if components is None else self._rows(components)
        if not names:
            return self._curves(coefficients, [None], flatten=flatten)[0]
        table = np.column_stack([data.covariates[name] for name in names])
        patterns, place = np.unique(table, axis=0, return_inverse=True)
        weight = np.bincount(place.reshape(-1), weights=data.weight) / data.weight.sum()
        values = [dict(zip(names, row, strict=True)) for row in patterns]
        curves = self._curves(coefficients, values, flatten=flatten)
        return Average(tuple(curves), tuple(weight.tolist()))

    def to_frame(self) -> pd.DataFrame:
        """One row per coefficient: natural-scale estimate and 95 % interval, optimum, its se."""
        import pandas as pd

        k = len(self.law.parameters)
        deviation = np.sqrt(np.diag(self._covariance()))
        ends = self.optimum + NORMAL_95 * np.array([[0.0], [-1.0], [1.0]]) * deviation
        natural = ends.copy()
        natural[:, :k] = np.stack(list(on_natural_scale(ends[:, :k].T, self.law).values()), axis=1)
        names = [*self.law.parameters, *self.names[k:]]
        columns = {"estimate": natural[0], "lower": natural[1], "upper": natural[2]}
        scale = {"scale_of_estimation": self.names, "optimum": self.optimum, "se": deviation}
        return pd.DataFrame({"parameter": names, **columns, **scale})

    def table(self, *, language: str = "en") -> pd.DataFrame:
        """Estimates as a dossier prints them."""
        from prioritering.report.figures.survival_fits import fit_table

        return fit_table(self, language=language)

    def plot(
        self,
        data: SurvivalData,
        *,
        population: Mortality | None = None,
        ax: Axes | None = None,
        language: str = "en",
    ) -> Axes:
        """Fitted survival against Kaplan-Meier, both of all causes.

        Parameters
        ----------
        data
            The patients.
        population
            Mortality of the general population from the patients' age on; needed by a
            relative-survival fit, whose own curve is net survival, and refused by any other.

        Raises
        ------
        CurveError
            A relative-survival fit without a population, or another fit with one.
        """
        from prioritering.report.figures.survival_fits import plot_fits
        from prioritering.survival.fit.curves import all_cause

        curve = all_cause(self.marginal(data), population, relative=self.relative)
        return plot_fits({self.family: curve}, data, ax=ax, language=language)

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table(), caption=self._title())

    def __repr__(self) -> str:
        values = ", ".join(f"{k} {v:.5g}" for k, v in self.estimates.items())
        state = "" if self.converged else "; not converged"
        return f"<Fit of {self._title()}: {values}; log-likelihood {self.loglik:.6g}{state}>"

    def _title(self) -> str:
        arm = f" to {self.arm}" if self.arm else ""
        excess = ", excess hazard" if self.relative else ""
        return f"{self.family}{arm}{excess}"

    def _covariance(self) -> Floats:
        if self.covariance is None:
            raise CurveError(
                f"the fit of {self.family} has no covariance",
                expected="a positive definite information at the maximum",
                found=self.message,
                remedy="Use a simpler family.",
            )
        return self.covariance

    def _refuse_unless(self, allowed: bool) -> None:
        if not allowed:
            raise CurveError(
                f"the fit of {self.family} did not converge and is not drawn from",
                expected="a fit that converged",
                found=self.message,
                remedy="Choose another family, or state allow_not_converged=True.",
            )
        warnings.warn(
            f"1 fit that did not converge is drawn from: {self._title()}, {self.message}",
            PrioriteringWarning,
            stacklevel=4,
        )

    def _rows(self, components: Mapping[str, ArrayLike] | ArrayLike) -> Floats:
        return named_rows(self.names, components, family=self.family)

    def _curves(
        self, coefficients: Floats, patterns: Sequence[Values], *, flatten: bool
    ) -> list[Curve]:
        """Curve of coefficients of shape (p, draws) for each pattern of covariates."""
        checked = [covariate_values(self.layout, values) for values in patterns]
        with np.errstate(over="ignore", invalid="ignore"):
            predictors = [predictors_of(self.layout, coefficients, values) for values in checked]
            natural = [on_natural_scale(own, self.law) for own in predictors]
        refuse_overflow(natural, family=self.family)
        base = self.law.base if isinstance(self.law, CureLaw) else self.law
        if isinstance(base, SplineLaw):
            judge_spline(np.concatenate(predictors, axis=1), base.knots, flatten=flatten)
        return [self.law.curve(values, flatten=flatten) for values in natural]
