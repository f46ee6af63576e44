"""Schema of ``[[correlations]]``, ``[sensitivity]`` and ``[documentation]``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from prioritering.dossier.schema_base import DiscountingSpec, DurationSpec, Section, Text

Pair = Annotated[list[Text], Field(min_length=2, max_length=2)]
Ends = Annotated[list[float], Field(min_length=2, max_length=2)]


class CorrelationSpec(Section):
    """``[[correlations]]``: Spearman's rank correlation of two parameters.

    Without a source it is an assumption, and shown as one.
    """

    parameters: Pair
    rank: Annotated[float, Field(gt=-1, lt=1)]
    source: Text | None = None


class ScenarioSpec(Section):
    """``[sensitivity.scenarios.NAME]``: what differs from the base case, and why.

    ``values`` are in the prices the case runs on. ``discounting`` replaces that of the case:
    what it does not state is the guideline's.
    """

    why: Text
    values: dict[str, float | dict[str, float]] = Field(default_factory=dict)
    discounting: DiscountingSpec | None = None
    horizon: DurationSpec | None = None
    sex: Literal["pooled", "male", "female"] | None = None

    @model_validator(mode="after")
    def _differs(self) -> ScenarioSpec:
        if not (self.values or self.discounting or self.horizon or self.sex):
            raise PydanticCustomError(
                "scenario", "a scenario with other values, discounting, horizon or sex"
            )
        return self


class SensitivitySpec(Section):
    """``[sensitivity]``: how the sensitivity analyses are made.

    ``interval`` is the share of each distribution between the ends of the one-way analysis,
    ``ranges`` are ends stated instead, also for fixed parameters. Parameters of one of the
    ``groups`` are valued together, and moved together where none of them is a joint parameter.
    ``thresholds`` are ranges searched for values at which the decision changes.
    """

    interval: Annotated[float, Field(gt=0, lt=1)] = 0.95
    ranges: dict[str, Ends] = Field(default_factory=dict)
    groups: dict[str, Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=dict)
    scenarios: dict[str, ScenarioSpec] = Field(default_factory=dict)
    thresholds: dict[str, Ends] = Field(default_factory=dict)


class DocumentationSpec(Section):
    """``[documentation]``: the evidence judged domain by domain, beside its statistical width.

    Answers are those of the guideline's topic ``documentation_judgement``; a domain that is
    left out is not judged. With ``follow_up`` the share of the QALY gain that arises after it
    is computed from the model.
    """

    evidence: Text | None = None
    follow_up: DurationSpec | None = None
    surrogate: Text | None = None
    comparator: Text | None = None
    event_share: float | None = None
    median: Text | None = None
    notes: dict[str, Text] = Field(default_factory=dict)
