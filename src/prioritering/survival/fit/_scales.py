"""Names and values on the scale of estimation and on the natural scale."""

from __future__ import annotations

import warnings

import numpy as np

from prioritering.errors import CurveError, PrioriteringWarning
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit.laws import Law, Link


def scale_name(parameter: str, link: Link) -> str:
    """Name of a parameter on its scale of estimation."""
    return parameter if link == "identity" else f"{link}_{parameter}"


def effect_name(parameter: str, covariate: str) -> str:
    """Name of a covariate's effect on a parameter."""
    return f"{parameter}_{covariate}"


def on_natural_scale(predictors: Floats, law: Law) -> dict[str, Floats]:
    """From the scale of estimation (parameters, draws) to the natural one, by parameter."""
    from scipy.special import expit

    natural = {}
    for name, link, row in zip(law.parameters, law.links, predictors, strict=True):
        natural[name] = row if link == "identity" else np.exp(row) if link == "log" else expit(row)
    return natural


def judge_spline(predictors: Floats, knots: tuple[float, ...], *, flatten: bool) -> None:
    """Refuse, or count, draws in which a spline falls."""
    from prioritering.survival.fit.curves import count_falling

    gammas = predictors[-len(knots) :]
    falling, n = count_falling(gammas, knots), gammas.shape[1]
    if not falling:
        return
    if not flatten:
        raise CurveError(
            "a spline falls, so its survival would rise",
            expected="a spline that rises in every draw",
            found=f"{falling} of {n} draws fall somewhere",
            remedy="Use fewer knots, or state flatten=True: the hazard is then 0 where it falls.",
        )
    warnings.warn(
        f"{falling} of {n} draws of a spline fall somewhere: their hazard is 0 there",
        PrioriteringWarning,
        stacklevel=4,
    )
