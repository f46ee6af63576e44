"""Mean utility of each health state in patient data, with standard errors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from prioritering.data import ValueSet
from prioritering.errors import DataError, unknown_name
from prioritering.frozen import Frozen
from prioritering.parameters import Parameters, beta, multivariate_normal
from prioritering.shown import Shown
from prioritering.utilities.profiles import eq5d_values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, repr=False, eq=False)
class StateUtilities(Frozen, Shown):
    """Mean utility by state.

    Attributes
    ----------
    states
        In the order they first occur.
    mean, se
        Shape (state,).
    covariance
        Of the means, shape (state, state); states share patients, so it is not diagonal
        where measurements are repeated.
    n, n_patients
        Measurements and patients in each state, shape (state,).
    clustered
        Whether standard errors allow for repeated measurements of a patient.
    provenance
        Columns and value set behind the numbers.
    """

    states: tuple[str, ...]
    mean: Floats
    covariance: Floats
    n: Ints
    n_patients: Ints
    clustered: bool
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def se(self) -> Floats:
        """Standard errors of the means, shape (state,)."""
        return np.sqrt(np.diag(self.covariance))

    def parameters(
        self, *, kind: Literal["correlated", "beta"], source: str, prefix: str = "utility"
    ) -> Parameters:
        """Return the means as parameters of a model.

        Parameters
        ----------
        kind
            ``"correlated"``: one multivariate normal parameter called ``prefix``, read as
            ``p.utility["stable"]``. ``"beta"``: an independent beta parameter per state by the
            method of moments, called ``prefix`` and the state, ``p.utility_stable``.
        source
            Where the data come from.
        prefix
            Beginning of the names.

        Raises
        ------
        DataError
            Another kind, or states whose names become the same.
        ParameterError
            A mean or standard error that no beta distribution has; use ``"correlated"``.
        """
        if kind == "correlated":
            means = dict(zip(self.states, self.mean.tolist(), strict=True))
            joint = multivariate_normal(
                means, covariance=self.covariance, unit="utility", source=source
            )
            return Parameters({prefix: joint})
        if kind != "beta":
            raise DataError(
                "unknown kind of parameters", expected="'correlated' or 'beta'", found=repr(kind)
            )
        names = [f"{prefix}_{re.sub(r'[^0-9A-Za-z]+', '_', s).strip('_')}" for s in self.states]
        if len(set(names)) != len(names):
            raise DataError(
                "states have the same name as parameters",
                expected="names that differ in letters or digits",
                found=", ".join(map(repr, self.states)),
            )
        return Parameters(
            {
                name: beta(mean=float(m), se=float(s), unit="utility", source=source)
                for name, m, s in zip(names, self.mean, self.se, strict=True)
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per state: state, mean, se, n, n_patients."""
        import pandas as pd

        return pd.DataFrame(
            {
                "state": self.states,
                "mean": self.mean,
                "se": self.se,
                "n": self.n,
                "n_patients": self.n_patients,
            }
        )

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return means with standard errors and numbers, rounded and labelled."""
        from prioritering.report.tables.costing import state_utilities_table

        return state_utilities_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw means and 95 % confidence intervals."""
        from prioritering.report.figures.costing import plot_state_utilities

        return plot_state_utilities(self, ax=ax, language=language)

    def __repr__(self) -> str:
        means = ", ".join(
            f"{s} {m:.3f} ({e:.3f})"
            for s, m, e in zip(self.states, self.mean, self.se, strict=True)
        )
        return f"StateUtilities({means})"


def utility_by_state(
    frame: pd.DataFrame,
    *,
    state: str,
    utility: str | None = None,
    profile: str | Sequence[str] | None = None,
    values: ValueSet | str | None = None,
    patient: str | None = None,
) -> StateUtilities:
    """Estimate the mean utility of each state, one row of the data per measurement.

    Parameters
    ----------
    state
        Column with the patient's state at the measurement.
    utility
        Column of utilities; or instead
    profile, values
        a column of EQ-5D profiles, or five columns of levels, and the value set to use.
    patient
        Column that identifies the patient. With it, standard errors allow for repeated
        measurements; without it, every row counts as a patient of its own.

    Returns
    -------
    StateUtilities
        ``cov(s, t) = c sum_g E_gs E_gt / (n_s n_t)``, with ``E_gs`` the sum of patient g's
        deviations from the mean of state s and ``c^2 = G_s G_t / ((G_s - 1) (G_t - 1))`` for
        ``G_s`` patients: the cluster-robust ("sandwich") covariance of the means (Liang and
        Zeger, Biometrika 1986;73:13-22), which with one measurement per patient is
        ``sd^2 / n``.

    Raises
    ------
    UnknownNameError
        A column that is not there.
    DataError
        Utilities and profiles both or neither given, missing or non-finite values (counted),
        utilities above 1, or a state with fewer than two patients, which has no standard error.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"who": [1, 1, 2, 2], "state": ["a", "b", "a", "b"],
    ...                      "eq5d": ["11111", "21211", "11121", "22222"]})
    >>> utility_by_state(data, state="state", profile="eq5d", values="norway_5l", patient="who")
    StateUtilities(a 0.970 (0.030), b 0.860 (0.081))
    """
    given = [state, *([patient] if patient else []), *([utility] if utility else [])]
    for column in given + _columns(profile):
        if column not in frame.columns:
            raise unknown_name("column", column, map(str, frame.columns))
    score = _utilities(frame, utility, profile, values)
    names, which = _codes(frame, state)
    people = np.arange(len(score)) if patient is None else _codes(frame, patient)[1]
    n = np.bincount(which, minlength=len(names))
    mean = np.bincount(which, weights=score, minlength=len(names)) / n
    covariance, patients = _clustered(score - mean[which], which, people, names)
    return StateUtilities(
        states=names,
        mean=mean,
        covariance=covariance,
        n=n,
        n_patients=patients,
        clustered=patient is not None,
        provenance={
            "columns": given + _columns(profile),
            "value_set": values.name if isinstance(values, ValueSet) else values,
        },
    )


def _clustered(
    deviation: Floats, which: Ints, people: Ints, names: tuple[str, ...]
) -> tuple[Floats, Ints]:
    """Covariance of the means (state, state), and the number of patients in each state."""
    sums = np.zeros((people.max() + 1, len(names)))
    np.add.at(sums, (people, which), deviation)
    seen = np.zeros(sums.shape, dtype=bool)
    seen[people, which] = True
    patients = seen.sum(axis=0)
    _refuse_lonely(names, patients)
    scaled = sums * np.sqrt(patients / (patients - 1.0)) / np.bincount(which)
    return scaled.T @ scaled, patients


def _columns(profile: str | Sequence[str] | None) -> list[str]:
    return [profile] if isinstance(profile, str) else list(profile or ())


def _utilities(
    frame: pd.DataFrame,
    utility: str | None,
    profile: str | Sequence[str] | None,
    values: ValueSet | str | None,
) -> Floats:
    if (utility is None) == (profile is None) or (profile is None) != (values is None):
        raise DataError(
            "utilities are not stated once",
            expected="utility=column, or profile=column(s) with values=value set",
            found=f"utility {utility!r}, profile {profile!r}, values {values!r}",
        )
    if not len(frame):
        raise DataError("no measurements", expected="at least two patients", found="no rows")
    if values is not None:
        answers = frame[profile if isinstance(profile, str) else list(profile or ())]
        return eq5d_values(answers.to_numpy(), values=values)
    return _scores(frame, str(utility))


def _scores(frame: pd.DataFrame, utility: str) -> Floats:
    import pandas as pd

    score = pd.to_numeric(frame[utility], errors="coerce").to_numpy(dtype=np.float64)
    bad = ~np.isfinite(score)
    if bad.any():
        raise DataError(
            "utilities are missing or not finite",
            expected="a number in every row",
            found=f"{int(bad.sum())} of {bad.size} rows without one",
            where={"column": repr(utility), "first row": int(np.flatnonzero(bad)[0])},
            remedy="Leave these rows out or impute them yourself, and say so.",
        )
    if score.max() > 1:
        raise DataError(
            "a utility is above 1",
            expected="at most 1, the value of full health",
            found=float(score.max()),
            where={"column": repr(utility), "row": int(score.argmax())},
        )
    return score


def _codes(frame: pd.DataFrame, column: str) -> tuple[tuple[str, ...], Ints]:
    """Names in order of appearance, and the number of each row's."""
    import pandas as pd

    codes, names = pd.factorize(frame[column])
    if (codes < 0).any():
        raise DataError(
            f"the column {column!r} has gaps",
            expected="a value in every row",
            found=f"{int((codes < 0).sum())} of {codes.size} rows without one",
            where={"first row": int(np.flatnonzero(codes < 0)[0])},
        )
    return tuple(map(str, names)), np.asarray(codes, dtype=np.int64)


def _refuse_lonely(names: tuple[str, ...], patients: Ints) -> None:
    for name, count in zip(names, patients, strict=True):
        if count < 2:
            raise DataError(
                "a state's utility has no standard error",
                expected="at least two patients in every state",
                found=f"{count} patient",
                where={"state": repr(name)},
                remedy="Pool it with another state, or take its utility from the literature.",
            )
