"""Schema of ``[parameters.NAME]``: the arguments of the constructor of the same name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from prioritering.dossier.schema_base import Section, Text

Interval = Annotated[list[float], Field(min_length=2, max_length=2)]


class Described(Section):
    """What a reader must know of any parameter."""

    unit: str = ""
    description: str = ""
    source: str = ""
    price_year: int | None = None
    assumption: bool = False


class FixedSpec(Described):
    """A number without uncertainty."""

    distribution: Literal["fixed"]
    value: float


class BetaSpec(Described):
    """Beta: ``mean`` with ``se`` or ``ci``, or the shapes ``a`` and ``b``."""

    distribution: Literal["beta"]
    mean: float | None = None
    se: float | None = None
    ci: Interval | None = None
    level: float | None = None
    a: float | None = None
    b: float | None = None
    value: float | None = None


class GammaSpec(Described):
    """Gamma: ``mean`` with ``se`` or ``ci``, or ``shape`` with ``rate`` or ``scale``."""

    distribution: Literal["gamma"]
    mean: float | None = None
    se: float | None = None
    ci: Interval | None = None
    level: float | None = None
    shape: float | None = None
    rate: float | None = None
    scale: float | None = None
    value: float | None = None


class LogNormalSpec(Described):
    """Lognormal: ``median`` or ``mean`` with its spread, or ``meanlog`` and ``sdlog``."""

    distribution: Literal["lognormal"]
    mean: float | None = None
    se: float | None = None
    median: float | None = None
    ci: Interval | None = None
    level: float | None = None
    meanlog: float | None = None
    sdlog: float | None = None
    value: float | None = None


class NormalSpec(Described):
    """Normal: ``mean`` with ``se`` or ``ci``."""

    distribution: Literal["normal"]
    mean: float | None = None
    se: float | None = None
    ci: Interval | None = None
    level: float | None = None
    value: float | None = None


class UniformSpec(Described):
    """Uniform from ``low`` to ``high``."""

    distribution: Literal["uniform"]
    low: float
    high: float
    value: float | None = None


class TriangularSpec(Described):
    """Triangular: ``low``, ``mode``, ``high``."""

    distribution: Literal["triangular"]
    low: float
    mode: float
    high: float
    value: float | None = None


class DirichletSpec(Described):
    """Dirichlet: shares of named components, from their counts."""

    distribution: Literal["dirichlet"]
    counts: dict[str, float]
    value: dict[str, float] | None = None


class MultivariateNormalSpec(Described):
    """Multivariate normal: named means, and their covariance here or in a CSV.

    The CSV has the component names as its header and one row per component, in that order.
    """

    distribution: Literal["multivariate_normal"]
    mean: dict[str, float]
    covariance: list[list[float]] | None = None
    covariance_csv: Text | None = None
    value: dict[str, float] | None = None


class EmpiricalSpec(Described):
    """Draw rows of a CSV again, with replacement; one column, or several kept together."""

    distribution: Literal["empirical"]
    csv: Text
    columns: Annotated[list[Text], Field(min_length=1)]
    value: float | dict[str, float] | None = None


class SurvivalFitSpec(Described):
    """Coefficients of a survival family fitted to the patients of a CSV, drawn jointly.

    ``time`` and ``event`` (0 or 1) name columns; ``rows`` keeps the patients whose cells have
    the given text, for example ``rows = { arm = "control" }``. The components are the
    coefficients on their scale of estimation, such as ``meanlog`` and ``log_sdlog``.
    """

    distribution: Literal["survival_fit"]
    csv: Text
    time: Text
    event: Text
    time_unit: Literal["days", "weeks", "months", "years"]
    family: Literal[
        "weibull",
        "weibull_ph",
        "gompertz",
        "gamma",
        "lognormal",
        "loglogistic",
        "generalised_gamma",
        "exponential",
    ]
    rows: dict[str, str] = Field(default_factory=dict)


ParameterSpec = Annotated[
    FixedSpec
    | BetaSpec
    | GammaSpec
    | LogNormalSpec
    | NormalSpec
    | UniformSpec
    | TriangularSpec
    | DirichletSpec
    | MultivariateNormalSpec
    | EmpiricalSpec
    | SurvivalFitSpec,
    Field(discriminator="distribution"),
]
"""Any of the distributions, chosen by ``distribution``."""
