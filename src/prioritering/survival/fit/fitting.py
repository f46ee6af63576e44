"""Maximum-likelihood fits of one family to one group of patients."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError, PrioriteringWarning
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit._likelihood import Layout, Likelihood
from prioritering.survival.fit._newton import Optimum, maximise
from prioritering.survival.fit._prepare import (
    Covariates,
    Prepared,
    layout_of,
    prepare,
    standard,
    warn_of_background,
)
from prioritering.survival.fit._scales import effect_name, scale_name
from prioritering.survival.fit.flexible import CureKind, CureLaw, Scale
from prioritering.survival.fit.laws import Law
from prioritering.survival.fit.result import Fit
from prioritering.survival.fit.specification import Specification
from prioritering.survival.observed import SurvivalData

FLAT = 30.0
"""Standard error, in logarithms or standard deviations, above which the likelihood is flat."""

NEAR_ZERO = -2.0
"""Logarithm, or log odds, below which a parameter the data cannot place is going to 0."""


def fit(
    data: SurvivalData,
    family: str | Specification,
    *,
    covariates: Covariates = None,
    knots: int | Sequence[float] | None = None,
    scale: Scale | None = None,
    breaks: Sequence[float] | None = None,
    cure: CureKind | None = None,
    background_hazard: ArrayLike | str | None = None,
) -> Fit:
    """Fit a survival distribution by maximum likelihood.

    The log-likelihood is the weighted sum of ``log f(t)`` over events, ``log S(t)`` over
    right-censored patients, ``log(S(t) - S(upper))`` over interval-censored ones, less
    ``log S(entry)`` for those who entered late. It is maximised by Newton's method with exact
    derivatives; the covariance is the inverse of the observed information at the maximum.

    Parameters
    ----------
    data
        Patients; one group, or several fitted as one.
    family
        One of :data:`FAMILIES`; or a :class:`Specification`, which then holds knots, scale, breaks
        and cure.
    covariates
        Names of covariates that act on the location parameter (rate, scale, meanlog, mu, gamma0,
        or the cured share of a cure model); or a mapping from parameter to names. Effects are
        linear on the scale of estimation: on logarithms of positive parameters and on log odds
        of a cured share. For ``piecewise_exponential`` the name ``"rate"`` is all rates at once.
    knots, scale, breaks, cure
        See :class:`Specification`; knots and breaks are years.
    background_hazard
        Known hazard of the population per year at each patient's time, shape (n,), or the
        covariate that holds it: the fit is then of the excess hazard, ``log(h(t) + background)``
        in place of ``log h(t)`` (relative survival). Only the values of events are used.

    Returns
    -------
    Fit

    Raises
    ------
    UnknownNameError
        An unknown family, scale, parameter or covariate.
    DataError
        No events; fewer events than coefficients; more knots than events allow; covariates that
        do not vary, follow from each other, or separate events from censoring.
    CurveError
        Choices that do not belong to the family, or beside a :class:`Specification`; a likelihood
        without a finite start.

    Warns
    -----
    PrioriteringWarning
        One event only; a fit that did not converge; a background hazard that no population has
        per year (all below 1e-6, or any above 5).

    Notes
    -----
    Parameters and their scales of estimation are those of the R package flexsurv (Jackson,
    Journal of Statistical Software 2016;70(8)): Weibull by shape and scale, gamma by shape and
    rate, Gompertz by shape and rate, generalised gamma and F in the forms of Prentice (1974, 1975),
    splines as in Royston and Parmar (2002).

    Examples
    --------
    >>> import numpy as np
    >>> from prioritering.survival.observed import SurvivalData
    >>> years = np.array([0.5, 1.1, 1.9, 2.4, 3.0, 3.0, 4.2, 5.0])
    >>> data = SurvivalData.from_arrays(years, event=[1, 1, 1, 0, 1, 0, 1, 0])
    >>> fit(data, "exponential").estimates["rate"].__round__(6)
    0.236967
    """
    choices = {"knots": knots, "scale": scale, "breaks": breaks, "cure": cure}
    specification = _specification(family, {k: v for k, v in choices.items() if v is not None})
    prepared = prepare(data, background_hazard)
    warn_of_background(prepared)
    result = fit_prepared(prepared, specification, covariates)
    if not result.converged:
        text = f"the fit of {result.family} did not converge: {result.message}"
        warnings.warn(text, PrioriteringWarning, stacklevel=2)
    return result


def fit_prepared(
    prepared: Prepared, specification: Specification, covariates: Covariates, *, arm: str = ""
) -> Fit:
    """Fit to data that are ready, without warnings."""
    law = specification.law(prepared)
    layout = layout_of(law, covariates, prepared)
    columns = {name: standard(prepared.data.covariates[name]) for name in layout.used()}
    likelihood = Likelihood(law, layout, prepared.blocks({k: c[0] for k, c in columns.items()}))
    with np.errstate(all="ignore"):
        guesses = law.starts(prepared.sketch)
    padding = np.zeros(len(layout.effects))
    optimum = _best(likelihood, [np.concatenate([g, padding]) for g in guesses], law.rugged)
    if optimum is None:
        raise CurveError(
            f"{law.name} cannot be fitted",
            expected="a starting point with a finite likelihood",
            found=f"none of {len(guesses)}",
            remedy="Check the times, or use another family.",
        )
    back = _back_transform(layout, {k: c[1:] for k, c in columns.items()})
    return _result(prepared, law, layout, optimum, back, arm)


def _specification(family: str | Specification, choices: dict[str, Any]) -> Specification:
    if not isinstance(family, Specification):
        return Specification(family, **choices)
    if choices:
        raise CurveError(
            "choices beside a Specification",
            expected="none: the Specification holds them",
            found=", ".join(f"{name}={value!r:.40}" for name, value in choices.items()),
            remedy="Write them into the Specification.",
        )
    return family


def _best(likelihood: Likelihood, starts: list[Floats], rugged: bool) -> Optimum | None:
    """Best proper maximum from the starts; the first one will do if the surface is smooth."""
    found: list[Optimum] = []
    for start in starts:
        optimum = maximise(likelihood, start)
        if optimum is None:
            continue
        found.append(optimum)
        if optimum.settled and not rugged:
            break
    return max(found, key=lambda o: (o.settled, o.value), default=None)


def _back_transform(layout: Layout, scaling: Mapping[str, tuple[float, float]]) -> Floats:
    """Matrix from coefficients of standardised covariates to those of the covariates as given."""
    back = np.eye(layout.size)
    for parameter in layout.parameters:
        for i, covariate in layout.acting(parameter):
            mean, deviation = scaling[covariate]
            back[i, i] = 1 / deviation
            back[layout.parameters.index(parameter), i] = -mean / deviation
    return back


def _result(
    prepared: Prepared, law: Law, layout: Layout, optimum: Optimum, back: Floats, arm: str
) -> Fit:
    covariance = None
    if optimum.regular:
        scale = 1 / np.sqrt(np.diag(optimum.information))
        inner = np.linalg.inv(optimum.information * scale * scale[:, None])
        covariance = back @ (inner * scale * scale[:, None]) @ back.T
        covariance = 0.5 * (covariance + covariance.T)
    gradient = np.asarray(np.linalg.solve(back.T, optimum.gradient), dtype=np.float64)
    converged, message = _verdict(law, layout, optimum, back)
    data = prepared.data
    return Fit(
        law=law,
        layout=layout,
        optimum=back @ optimum.at,
        covariance=covariance,
        gradient=gradient,
        loglik=optimum.value,
        n_patients=prepared.n_patients,
        n_events=data.n_events,
        last_time=float(np.where(np.isfinite(data.upper_bounds), prepared.middle, data.time).max()),
        relative=prepared.background is not None,
        arm=arm,
        converged=converged,
        message=message,
    )


def _verdict(law: Law, layout: Layout, optimum: Optimum, back: Floats) -> tuple[bool, str]:
    """Whether the optimum is a maximum one may draw from, and a sentence on it."""
    names = [*map(scale_name, law.parameters, law.links)]
    names += [effect_name(p, c) for p, c in layout.effects]
    if not optimum.settled:
        singular = "" if optimum.regular else ", its information singular (a singular Hessian)"
        most = int(np.argmax(np.abs(optimum.drift)))
        at, onwards = (back @ optimum.at)[most], (back @ optimum.drift)[most]
        where = f"after {optimum.steps} steps {names[most]} at {at:.3g}"
        way = f" still goes towards {'plus' if onwards > 0 else 'minus'} infinity"
        limit = _limit(law, optimum.at, [most])
        return False, f"the likelihood is flat{singular}: {where}{limit or way}"
    deviation = np.sqrt(np.diag(np.linalg.inv(optimum.information)))
    judged = np.array([*law.unitless, *(True,) * len(layout.effects)])
    flat = np.flatnonzero(judged & (deviation > FLAT))
    if flat.size:
        named = ", ".join(names[k] for k in flat)
        limit = _limit(law, optimum.at, flat)
        return False, f"the likelihood is flat in {named}: the data cannot place it{limit}"
    return True, f"maximum reached in {optimum.steps} Newton steps"


def _limit(law: Law, at: Floats, flat: Iterable[int]) -> str:
    """Name the smaller family that the law becomes as one of its flat parameters falls to 0.

    Where it stands tells, not its next step: on a flat surface that has no direction.
    """
    own = {law.parameters[k] for k in flat if k < len(law.parameters) and at[k] < NEAR_ZERO}
    if isinstance(law, CureLaw) and "cured" in own:
        return f"; the cured share is going to 0: use {law.base.name}"
    base = law.base if isinstance(law, CureLaw) else law
    if base.name == "generalised_f" and "P" in own:
        return "; P is going to 0: use generalised_gamma"
    return ""
