"""Uncertainty by resampling patients, and over the choice of family."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError, DataError, PrioriteringWarning, unknown_name
from prioritering.frozen import Frozen, read_only
from prioritering.survival.curve import Curve
from prioritering.survival.fit._coefficients import Values
from prioritering.survival.fit._jets import Floats
from prioritering.survival.fit._prepare import Covariates, prepare, whole
from prioritering.survival.fit.curves import ChosenByDraw
from prioritering.survival.fit.fitting import fit_prepared
from prioritering.survival.fit.result import Fit
from prioritering.survival.fit.specification import Specification
from prioritering.survival.observed import SurvivalData, bootstrap_index

if TYPE_CHECKING:
    from prioritering.parameters import Parameter
    from prioritering.parameters.parameter import Description


@dataclass(frozen=True, eq=False, repr=False)
class BootstrapFits(Frozen):
    """Coefficients fitted to resampled patients. Made by :func:`bootstrap_fits`.

    Attributes
    ----------
    fits
        Endpoint to the fit of the patients as they are.
    coefficients
        Endpoint to the coefficients of every resample, shape (p, n); column ``i`` of all
        endpoints comes from the same resample of patients.
    n_failed
        Resamples left out since a fit failed.
    """

    fits: Mapping[str, Fit]
    coefficients: Mapping[str, Floats]
    n_failed: int

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        rows = {endpoint: read_only(array) for endpoint, array in state["coefficients"].items()}
        super().__setstate__({**state, "coefficients": rows})

    @property
    def n_draws(self) -> int:
        """Number of resamples kept."""
        return int(next(iter(self.coefficients.values())).shape[1])

    def curve(self, endpoint: str, *, covariates: Values = None, flatten: bool = False) -> Curve:
        """Curve of one endpoint with a draw per resample.

        Raises
        ------
        UnknownNameError
            An endpoint that was not fitted.
        """
        if endpoint not in self.fits:
            raise unknown_name("endpoint", endpoint, self.fits)
        fit = self.fits[endpoint]
        rows = dict(zip(fit.names, self.coefficients[endpoint], strict=True))
        return fit.curve_from(rows, covariates=covariates, flatten=flatten)

    def parameter(self, **meta: Unpack[Description]) -> Parameter:
        """Joint parameter of the coefficients of all endpoints, so that a PSA draws them too.

        ``pr.Parameters(fits=boot.parameter())`` and then, in the model,
        ``boot.curves_from(p.fits)``. A draw is a resample of the patients, taken whole, so the
        endpoints stay paired and their value of information can be asked for: ``"fits"`` is
        all of it. Components are called ``endpoint.coefficient``.

        Parameters
        ----------
        **meta
            Unit, description and source, as for every parameter.

        Raises
        ------
        ParameterError
            Fewer than two resamples.
        """
        from prioritering.parameters import empirical

        about: dict[str, Any] = dict(meta)
        about.setdefault("description", f"{self.n_draws} resamples of patients")
        rows = {
            f"{endpoint}.{name}": row
            for endpoint, fit in self.fits.items()
            for name, row in zip(fit.names, self.coefficients[endpoint], strict=True)
        }
        return empirical(rows, **about)

    def curves_from(
        self,
        components: Mapping[str, ArrayLike],
        *,
        covariates: Values = None,
        flatten: bool = False,
    ) -> dict[str, Curve]:
        """Curves of all endpoints of draws of :meth:`parameter`, draws paired.

        Raises
        ------
        UnknownNameError, DataError
            Components other than those of :meth:`parameter`.
        """
        named = {f"{e}.{name}" for e, fit in self.fits.items() for name in fit.names}
        for name in components:
            if name not in named:
                raise unknown_name("coefficient", name, sorted(named))
        curves = {}
        for endpoint, fit in self.fits.items():
            own = {
                name: components[f"{endpoint}.{name}"]
                for name in fit.names
                if f"{endpoint}.{name}" in components
            }
            curves[endpoint] = fit.curve_from(own, covariates=covariates, flatten=flatten)
        return curves

    def curves(self, *, covariates: Values = None, flatten: bool = False) -> dict[str, Curve]:
        """Curves of all endpoints, draws paired."""
        return {e: self.curve(e, covariates=covariates, flatten=flatten) for e in self.fits}

    def __repr__(self) -> str:
        named = ", ".join(f"{e}: {fit.family}" for e, fit in self.fits.items())
        return f"<BootstrapFits: {named}; {self.n_draws} resamples, {self.n_failed} failed>"


def bootstrap_fits(
    data: Mapping[str, SurvivalData],
    families: Mapping[str, str | Specification],
    *,
    n: int,
    seed: int,
    covariates: Mapping[str, Covariates] | None = None,
    allow_failed: bool = False,
) -> BootstrapFits:
    """Fit one family per endpoint to ``n`` bootstrap samples of the same patients.

    Parameters
    ----------
    data
        Endpoint to its data, for example ``{"progression-free": pfs, "alive": os}``, all of the
        same patients in the same order, so that a resample takes the same patients for each.
    families
        Endpoint to family. Knots of a spline stay those of the patients as they are.
    n, seed
        Number of resamples, and the seed they follow from.
    covariates
        Endpoint to covariates, as in :func:`fit`.
    allow_failed
        Leave out resamples with a fit that failed, with a counted warning, instead of an error:
        leaving them out changes the distribution.

    Raises
    ------
    DataError
        Endpoints of different patients (other numbers, groups or weights).
    UnknownNameError
        Families or covariates of an endpoint that has no data.
    CurveError
        Fits that failed; no whole number of resamples of 1 or more.

    Notes
    -----
    Groups are resampled within themselves. Efron and Tibshirani, An Introduction to the
    Bootstrap, 1993, chapter 6.
    """
    whole("n", n, at_least=1)
    whole("seed", seed, at_least=0)
    first = _check_same_patients(data, families)
    for endpoint in covariates or {}:
        if endpoint not in data:
            raise unknown_name("endpoint", endpoint, data, where={"argument": "covariates"})
    wanted = {e: _specification(families[e]) for e in data}
    acting = {e: (covariates or {}).get(e) for e in data}
    fits = {e: fit_prepared(prepare(data[e], None), wanted[e], acting[e]) for e in data}
    for fit in fits.values():
        if not fit.converged:
            fit._refuse_unless(allowed=False)
    wanted = {e: _with_fixed_knots(wanted[e], fits[e]) for e in data}
    rng = np.random.default_rng(seed)
    kept: dict[str, list[Floats]] = {e: [] for e in data}
    reasons: list[str] = []
    for _ in range(n):
        rows = bootstrap_index(first.n, rng, group=first.group)
        try:
            found = {e: _refit(data[e].take(rows), wanted[e], acting[e]) for e in data}
        except (CurveError, DataError) as error:
            reasons.append(error.problem)
            continue
        for e, coefficients in found.items():
            kept[e].append(coefficients)
    _judge_failures(reasons, n, allow_failed)
    return BootstrapFits(
        fits, {e: np.stack(rows, axis=1) for e, rows in kept.items()}, len(reasons)
    )


def choose_family(
    fits: Sequence[Fit],
    *,
    weights: Sequence[float] | Mapping[str, float],
    n: int,
    seed: int,
    covariates: Values = None,
    flatten: bool = False,
) -> Curve:
    """Structural uncertainty: every draw follows one family, chosen with stated weights.

    Parameters
    ----------
    fits
        Fits of several families to the same patients, all of their hazard or all of its excess.
    weights
        Probability of each, in the order of ``fits`` or by family; they sum to 1.
    n, seed
        Number of draws, and the seed they follow from.
    covariates, flatten
        As in :meth:`Fit.sample`.

    Returns
    -------
    Curve
        With ``n`` draws: a family by weight, then its parameters from their joint distribution.

    Raises
    ------
    CurveError
        Weights that are negative or do not sum to 1; a fit that did not converge; no whole number
        of draws of 1 or more.
    DataError
        Fits of other patients, or relative-survival fits among others.
    """
    whole("n", n, at_least=1)
    whole("seed", seed, at_least=0)
    shares = _weights(fits, weights)
    _check_alike(fits)
    rng = np.random.default_rng(seed)
    choice = rng.choice(len(fits), size=n, p=shares)
    curves, names = [], []
    for k, (fit, own) in enumerate(zip(fits, rng.spawn(len(fits)), strict=True)):
        count = max(int((choice == k).sum()), 1)
        draw_seed = int(own.integers(2**63))
        curves.append(fit.sample(count, seed=draw_seed, covariates=covariates, flatten=flatten))
        names.append(fit.family)
    choice.flags.writeable = False
    return ChosenByDraw(tuple(curves), tuple(names), choice)


def _refit(data: SurvivalData, wanted: Specification, covariates: Covariates) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        fit = fit_prepared(prepare(data, None), wanted, covariates)
    if not fit.converged:
        raise CurveError(fit.message)
    return fit.optimum


def _specification(family: str | Specification) -> Specification:
    return family if isinstance(family, Specification) else Specification(family)


def _with_fixed_knots(wanted: Specification, fit: Fit) -> Specification:
    """Keep inner knots where the patients as they are put them."""
    from prioritering.survival.fit.flexible import CureLaw, SplineLaw

    law = fit.law.base if isinstance(fit.law, CureLaw) else fit.law
    if not isinstance(law, SplineLaw):
        return wanted
    return replace(wanted, knots=None, fixed_knots=law.knots)


def _judge_failures(reasons: list[str], n: int, allowed: bool) -> None:
    if not reasons:
        return
    common = max(set(reasons), key=reasons.count)
    text = f"{len(reasons)} of {n} bootstrap fits failed (most often: {common})"
    if not allowed or len(reasons) == n:
        raise CurveError(
            text,
            expected="a fit of every resample",
            found=f"{n - len(reasons)} fits",
            remedy="Use a simpler family, or state allow_failed=True to leave them out.",
        )
    warnings.warn(f"{text}: left out", PrioriteringWarning, stacklevel=3)


def _check_same_patients(
    data: Mapping[str, SurvivalData], families: Mapping[str, object]
) -> SurvivalData:
    for endpoint in (*data, *families):
        if endpoint not in data or endpoint not in families:
            known = data if endpoint not in data else families
            raise unknown_name("endpoint", endpoint, known)
    if not data:
        raise DataError("no endpoints", expected="a name and data, or several", found="none")
    first = next(iter(data.values()))
    for endpoint, other in data.items():
        labels = [[] if d.group is None else d.group.tolist() for d in (first, other)]
        same = labels[0] == labels[1] and np.array_equal(first.weight, other.weight)
        if other.n != first.n or not same:
            raise DataError(
                "endpoints are not of the same patients",
                expected="the same rows, groups and weights in the same order",
                found=f"{other.n} rows against {first.n}",
                where={"endpoint": endpoint},
            )
    return first


def _check_alike(fits: Sequence[Fit]) -> None:
    """Refuse fits that cannot be alternatives to each other."""
    first = _patients_of(fits[0])
    for fit in fits[1:]:
        own = _patients_of(fit)
        differing = [name for name in first if own[name] != first[name]]
        if differing:
            name = differing[0]
            raise DataError(
                "fits are not of the same patients, or not of the same hazard",
                expected=f"{name} {first[name]!r}, as {fits[0].family}",
                found=f"{own[name]!r}",
                where={"fit": fit.family},
                remedy="Choose among fits of one arm, all with the background hazard or all "
                "without it.",
            )


def _patients_of(fit: Fit) -> dict[str, object]:
    return {
        "relative": fit.relative,
        "n_patients": fit.n_patients,
        "n_events": fit.n_events,
        "last_time": fit.last_time,
        "arm": fit.arm,
    }


def _weights(fits: Sequence[Fit], weights: Sequence[float] | Mapping[str, float]) -> Floats:
    families = [fit.family for fit in fits]
    if isinstance(weights, Mapping):
        for name in (*weights, *families):
            if name not in families or name not in weights:
                raise unknown_name("family", name, families if name not in families else weights)
        weights = [weights[name] for name in families]
    shares = np.asarray(weights, dtype=np.float64)
    bad = shares.shape != (len(fits),) or not np.isfinite(shares).all() or (shares < 0).any()
    if bad or abs(shares.sum() - 1) > 1e-9:
        raise CurveError(
            "weights of families are not probabilities",
            expected=f"{len(fits)} numbers of 0 or more that sum to 1",
            found=f"{weights!r:.80}",
        )
    return np.asarray(shares / shares.sum())
