"""Price agreements: what each does to cost per QALY, budget, and the uncertainty of a decision.

An agreement is a frozen object that changes what one option costs over time and volume; effects
stay as they are. Agreements work on finished results, so on those of any program.
"""

from prioritering.decision.agreements.base import Agreement, Combined
from prioritering.decision.agreements.comparison import (
    LIST_PRICE,
    AgreementComparison,
    AgreementResult,
    compare_agreements,
)
from prioritering.decision.agreements.national import NationalCap, VolumeStep, VolumeSteps
from prioritering.decision.agreements.per_patient import (
    FlatDiscount,
    FreeInitiation,
    OutcomeRefund,
    PatientCap,
)
from prioritering.decision.agreements.priced import Priced, priced
from prioritering.decision.agreements.temporary import AdoptionTiming, TemporaryAdoption

__all__ = [
    "LIST_PRICE",
    "AdoptionTiming",
    "Agreement",
    "AgreementComparison",
    "AgreementResult",
    "Combined",
    "FlatDiscount",
    "FreeInitiation",
    "NationalCap",
    "OutcomeRefund",
    "PatientCap",
    "Priced",
    "TemporaryAdoption",
    "VolumeStep",
    "VolumeSteps",
    "compare_agreements",
    "priced",
]
