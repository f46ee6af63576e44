"""Schema of ``[curves.NAME]``: a family or a table, and what is then done to the curve."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from prioritering.dossier.schema_base import Amount, Section, Text

POPULATION = "population"
NOBODY = "nobody"
"""Name that stands for the general population where a curve is asked for."""


class HazardRatioSpec(Section):
    """Multiply the hazard."""

    hazard_ratio: Amount


class AccelerationFactorSpec(Section):
    """Stretch time; above 1 lengthens survival."""

    acceleration_factor: Amount


class OddsRatioSpec(Section):
    """Multiply the odds of the event."""

    odds_ratio: Amount


class SwitchSpec(Section):
    """Follow the hazard of another curve from a year on."""

    switch_at: Amount
    to: Text


class AddHazardSpec(Section):
    """Add the hazard of another curve, or of the population, as an independent cause."""

    add_hazard_of: Text


class FloorSpec(Section):
    """Never let the hazard fall below the population's."""

    floor: Literal["population"]


_STEPS = {
    "hazard_ratio": HazardRatioSpec,
    "acceleration_factor": AccelerationFactorSpec,
    "odds_ratio": OddsRatioSpec,
    "switch_at": SwitchSpec,
    "add_hazard_of": AddHazardSpec,
    "floor": FloorSpec,
}


def _step_of(data: Any) -> str | None:
    fields = data if isinstance(data, dict) else type(data).model_fields
    return next((name for name in _STEPS if name in fields), None)


StepSpec = Annotated[
    Annotated[HazardRatioSpec, Tag("hazard_ratio")]
    | Annotated[AccelerationFactorSpec, Tag("acceleration_factor")]
    | Annotated[OddsRatioSpec, Tag("odds_ratio")]
    | Annotated[SwitchSpec, Tag("switch_at")]
    | Annotated[AddHazardSpec, Tag("add_hazard_of")]
    | Annotated[FloorSpec, Tag("floor")],
    Discriminator(
        _step_of,
        custom_error_type="curve_step",
        custom_error_message="a step with one of the keys " + ", ".join(_STEPS),
    ),
]
"""One thing done to a curve, named by its key."""


class CurveBase(Section):
    """What is done to any curve, in order."""

    then: list[StepSpec] = Field(default_factory=list)
    source: str = ""


class ExponentialCurveSpec(CurveBase):
    """``S(t) = exp(-rate t)``."""

    family: Literal["exponential"]
    rate: Amount


class WeibullCurveSpec(CurveBase):
    """``S(t) = exp(-(t / scale)**shape)``."""

    family: Literal["weibull"]
    shape: Amount
    scale: Amount


class WeibullPHCurveSpec(CurveBase):
    """``S(t) = exp(-scale * t**shape)``."""

    family: Literal["weibull_ph"]
    shape: Amount
    scale: Amount


class GompertzCurveSpec(CurveBase):
    """Hazard ``rate * exp(shape t)``."""

    family: Literal["gompertz"]
    shape: Amount
    rate: Amount


class LogLogisticCurveSpec(CurveBase):
    """``S(t) = 1 / (1 + (t / scale)**shape)``."""

    family: Literal["loglogistic"]
    shape: Amount
    scale: Amount


class LogNormalCurveSpec(CurveBase):
    """``S(t) = Phi((meanlog - log t) / sdlog)``."""

    family: Literal["lognormal"]
    meanlog: Amount
    sdlog: Amount


class GammaCurveSpec(CurveBase):
    """Gamma with shape and rate."""

    family: Literal["gamma"]
    shape: Amount
    rate: Amount


class GeneralisedGammaCurveSpec(CurveBase):
    """Generalised gamma in Prentice's form."""

    family: Literal["generalised_gamma"]
    mu: Amount
    sigma: Amount
    Q: Amount


class TableCurveSpec(CurveBase):
    """A curve read from a CSV: survival at rising years, the first year 0."""

    family: Literal["table"]
    csv: Text
    time: Text
    survival: Text
    interpolation: Literal["log-linear", "linear", "step"] = "log-linear"


CurveSpec = Annotated[
    ExponentialCurveSpec
    | WeibullCurveSpec
    | WeibullPHCurveSpec
    | GompertzCurveSpec
    | LogLogisticCurveSpec
    | LogNormalCurveSpec
    | GammaCurveSpec
    | GeneralisedGammaCurveSpec
    | TableCurveSpec,
    Field(discriminator="family"),
]
"""Any of the curves, chosen by ``family``."""
