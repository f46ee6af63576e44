"""Coefficients and covariates as a user gives them, checked, and what they predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError, DataError, unknown_name
from prioritering.survival._inputs import floats
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit._likelihood import Layout
from prioritering.survival.fit._prepare import whole

if TYPE_CHECKING:
    from prioritering.parameters import Parameter

Values = Mapping[str, ArrayLike] | None


def drawn(parameter: Parameter, n: int | None, seed: int | None) -> Floats:
    """Draws of coefficients, shape (p, n)."""
    rng = np.random.default_rng(whole("seed", seed, at_least=0))
    return np.atleast_2d(parameter.distribution.sample(whole("n", n, at_least=1), rng))


def named_rows(
    names: Sequence[str], components: Mapping[str, ArrayLike] | ArrayLike, *, family: str
) -> Floats:
    """Coefficients in the order of ``names``, shape (p, draws); one needs no name."""
    if not isinstance(components, Mapping):
        if len(names) > 1:
            raise DataError(
                "draws of a fit have no names",
                expected="a mapping with " + ", ".join(names),
                found=type(components).__name__,
            )
        components = {names[0]: components}
    for name in components:
        if name not in names:
            raise unknown_name("coefficient", name, names)
    missing = [name for name in names if name not in components]
    if missing:
        raise DataError(
            "coefficients are missing",
            expected=", ".join(names),
            found=", ".join(components) or "none",
            where={"fit": family},
        )
    rows = {name: np.atleast_1d(floats(name, components[name])) for name in names}
    draws = _common_draws({name: row.shape for name, row in rows.items()})
    return np.stack([np.broadcast_to(row, (draws,)) for row in rows.values()])


def refuse_two_sources(components: object, n: int | None, seed: int | None) -> None:
    """Refuse draws of which it is not clear where they come from."""
    if (n is None) != (seed is None) or (components is not None and n is not None):
        raise CurveError(
            "draws of a marginal curve",
            expected="components, or n and seed together, or none of them",
            found=f"components {'not ' * (components is None)}given, n {n}, seed {seed}",
        )


def covariate_values(layout: Layout, values: Values) -> dict[str, Floats]:
    """Value of every covariate of a fit, each of shape (1,) or (draws,)."""
    known, given = layout.used(), values or {}
    for name in given:
        if name not in known:
            raise unknown_name("covariate", name, known)
    missing = [name for name in known if name not in given]
    if missing:
        raise DataError(
            "covariates are missing",
            expected="a value for " + ", ".join(known),
            found="none for " + ", ".join(missing),
            remedy="Write curve(covariates={...}), or average with marginal(data).",
        )
    arrays = {name: np.atleast_1d(floats(name, x)) for name, x in given.items()}
    for name, x in arrays.items():
        if x.ndim != 1 or not np.isfinite(x).all():
            raise DataError(
                "a covariate is not usable",
                expected="finite numbers, one or one per draw",
                found=f"{given[name]!r:.60}",
                where={"covariate": name},
            )
    return arrays


def predictors_of(layout: Layout, coefficients: Floats, covariates: Mapping[str, Floats]) -> Floats:
    """Linear predictors of the parameters, shape (parameters, draws)."""
    shapes = {name: x.shape for name, x in covariates.items()}
    draws = _common_draws({"coefficients": coefficients.shape[1:], **shapes})
    out = np.empty((len(layout.parameters), draws))
    for row, (k, parameter) in zip(out, enumerate(layout.parameters), strict=True):
        row[:] = coefficients[k]
        for i, covariate in layout.acting(parameter):
            row += coefficients[i] * covariates[covariate]
    return out


def refuse_overflow(natural: Sequence[Mapping[str, Floats]], *, family: str) -> None:
    """Refuse parameters on their natural scale that are not finite."""
    for values in natural:
        for name, row in values.items():
            if not np.isfinite(row).all():
                raise CurveError(
                    "a parameter of a curve is not finite",
                    expected="coefficients and covariates whose parameters are finite",
                    found=f"{int((~np.isfinite(row)).sum())} of {row.size} draws not finite",
                    where={"fit": family, "parameter": name},
                )


def _common_draws(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Count the draws that arrays of shape (1,) or (draws,) have in common."""
    sizes = {shape for shape in shapes.values() if shape != (1,)}
    if len(sizes) > 1 or any(len(shape) != 1 or shape[0] == 0 for shape in sizes):
        raise DataError(
            "numbers of draws differ",
            expected="one number, or the same number of draws, in each",
            found=", ".join(f"{name} {shape}" for name, shape in shapes.items()),
        )
    return sizes.pop()[0] if sizes else 1
