"""Schema of ``confidential.toml``: an agreement whose terms are secret."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from prioritering.dossier.schema_base import Section, Text

Share = Annotated[float, Field(ge=0, le=1)]
Use = Text | Annotated[list[float], Field(min_length=1)]
"""A resource of the case, or one number per year since start."""


class AgreementSpec(Section):
    """What every agreement has; without categories it is about the cost category of [price]."""

    categories: Annotated[list[Text], Field(min_length=1)] | None = None


class FlatDiscountSpec(AgreementSpec):
    """A share off the maximum price."""

    kind: Literal["flat_discount"]
    share: Share


class FreeInitiationSpec(AgreementSpec):
    """The first months of treatment are free."""

    kind: Literal["free_initiation"]
    months: Annotated[float, Field(gt=0)]


class PatientCapSpec(AgreementSpec):
    """At most an amount per treated patient and year since start."""

    kind: Literal["patient_cap"]
    amount: Annotated[float, Field(ge=0)]
    treated: Use


class OutcomeRefundSpec(AgreementSpec):
    """A share of what patients without response have cost is paid back.

    ``response`` is a number or the name of a parameter.
    """

    kind: Literal["outcome_refund"]
    response: float | Text
    measured_at: Annotated[float, Field(gt=0)]
    refund: Share
    administration: Annotated[float, Field(ge=0)] = 0.0
    hours: Annotated[float, Field(ge=0)] = 0.0


class StepSpec(Section):
    """From ``low`` units a calendar year to below ``high`` (no end without it): a discount."""

    low: Annotated[float, Field(ge=0)]
    high: float | None = None
    discount: Share


class VolumeStepsSpec(AgreementSpec):
    """A discount that steps with the national volume of a calendar year."""

    kind: Literal["volume_steps"]
    steps: Annotated[list[StepSpec], Field(min_length=1)]
    basis: Literal["units in the step", "all units"]
    unit: Text
    per_patient: Use


AnyAgreement = Annotated[
    FlatDiscountSpec | FreeInitiationSpec | PatientCapSpec | OutcomeRefundSpec | VolumeStepsSpec,
    Field(discriminator="kind"),
]


class ConfidentialSpec(Section):
    """A whole confidential file: what it is, and the agreement."""

    schema_version: Literal[1]
    label: Text
    agreement: AnyAgreement
