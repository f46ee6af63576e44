"""Several families fitted to every arm, side by side."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import CurveError, PrioriteringWarning, UnknownNameError, unknown_name
from prioritering.survival.fit._prepare import prepare, warn_of_background
from prioritering.survival.fit.fitting import fit_prepared
from prioritering.survival.fit.result import Fit
from prioritering.survival.fit.specification import STANDARD, Specification
from prioritering.survival.observed import SurvivalData

if TYPE_CHECKING:
    import pandas as pd

Criterion = Literal["aic", "bic"]
Families = Sequence[str | Specification]


@dataclass(frozen=True, eq=False, repr=False)
class FitTable:
    """Fits by arm and family. Made by :func:`fit_all`.

    Read one as ``table["tamoxifen", "weibull"]``, or ``table["weibull"]`` if there is one arm.

    Attributes
    ----------
    fits
        All fits, arm by arm in the order of families.
    """

    fits: tuple[Fit, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """Labels of the arms; ``("",)`` if the data have no groups."""
        return tuple(dict.fromkeys(fit.arm for fit in self.fits))

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families."""
        return tuple(dict.fromkeys(fit.family for fit in self.fits))

    def __getitem__(self, key: str | tuple[str, str]) -> Fit:
        arm, family = key if isinstance(key, tuple) else (self._only_arm(), key)
        return self.arm(arm)[family] if family in self.families else self._unknown(family)

    def __iter__(self) -> Iterator[Fit]:
        return iter(self.fits)

    def __len__(self) -> int:
        return len(self.fits)

    def arm(self, arm: str) -> dict[str, Fit]:
        """Fits of one arm, by family."""
        if arm not in self.arms:
            raise unknown_name("arm", arm, self.arms)
        return {fit.family: fit for fit in self.fits if fit.arm == arm}

    def best(self, *, arm: str | None = None, by: Criterion = "aic") -> Fit:
        """Fit with the lowest criterion among those of an arm that converged.

        Raises
        ------
        CurveError
            None converged.
        UnknownNameError
            An arm or criterion that does not exist.
        """
        if by not in ("aic", "bic"):
            raise unknown_name("criterion", by, ("aic", "bic"))
        own = self.arm(self._only_arm() if arm is None else arm).values()
        good = [fit for fit in own if fit.converged]
        if not good:
            raise CurveError("no fit converged", expected="at least one", found=self.families)
        return min(good, key=lambda fit: fit.aic if by == "aic" else fit.bic)

    def to_frame(self) -> pd.DataFrame:
        """One row per fit: arm, family, coefficients, loglik, aic, bic, their gaps, converged.

        ``aic_gap`` and ``bic_gap`` are to the lowest of the arm. BIC counts patients.
        """
        import pandas as pd

        rows = [
            {
                "arm": fit.arm,
                "family": fit.family,
                "coefficients": fit.optimum.size,
                "loglik": fit.loglik,
                "aic": fit.aic,
                "bic": fit.bic,
                "converged": fit.converged,
            }
            for fit in self.fits
        ]
        frame = pd.DataFrame(rows)
        for criterion in ("aic", "bic"):
            lowest = frame.groupby("arm", sort=False)[criterion].transform("min")
            frame[f"{criterion}_gap"] = frame[criterion] - lowest
        return frame

    def table(self, *, language: str = "en") -> pd.DataFrame:
        """AIC and BIC as a dossier prints them."""
        from prioritering.report.figures.survival_fits import criteria_table

        return criteria_table(self, language=language)

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table())

    def __repr__(self) -> str:
        arms = ", ".join(self.arms) if self.arms != ("",) else "one arm"
        return f"<FitTable: {len(self.families)} families, {arms}>"

    def _only_arm(self) -> str:
        if len(self.arms) > 1:
            raise UnknownNameError(
                "an arm is needed",
                expected="one of " + ", ".join(map(repr, self.arms)),
                found="none",
                remedy="Write table[arm, family].",
            )
        return self.arms[0]

    def _unknown(self, family: str) -> Fit:
        raise unknown_name("family", family, self.families)


def fit_all(
    data: SurvivalData,
    families: Families = STANDARD,
    *,
    covariates: str | Sequence[str] | None = None,
    background_hazard: ArrayLike | str | None = None,
) -> FitTable:
    """Fit several families to every group of the data.

    Parameters
    ----------
    data
        Patients; every group is fitted on its own.
    families
        Names, or a :class:`Specification` each; the seven standard families if not given.
    covariates
        Names of covariates that act on each family's location parameter.
    background_hazard
        As in :func:`fit`, per year, one value per patient of ``data``.

    Raises
    ------
    DataError
        As :func:`fit`, naming the group.

    Warns
    -----
    PrioriteringWarning
        Fits that did not converge, with their number; an implausible background hazard.
    """
    if not families:
        raise CurveError("no families to fit", expected="at least one name", found=families)
    wanted = [f if isinstance(f, Specification) else Specification(f) for f in families]
    whole = prepare(data, background_hazard)
    warn_of_background(whole)
    fits: list[Fit] = []
    for arm in data.groups or ("",):
        rows = np.arange(data.n) if data.group is None else np.flatnonzero(data.group == arm)
        known = None if whole.background is None else whole.background[rows]
        part = whole if data.group is None else prepare(data.take(rows), known)
        fits += [fit_prepared(part, family, covariates, arm=arm) for family in wanted]
    _warn(fits)
    return FitTable(tuple(fits))


def _warn(fits: list[Fit]) -> None:
    failed = [fit for fit in fits if not fit.converged]
    if failed:
        named = "; ".join(f"{fit._title()}: {fit.message}" for fit in failed)
        text = f"{len(failed)} of {len(fits)} fits did not converge ({named})"
        warnings.warn(text, PrioriteringWarning, stacklevel=3)
