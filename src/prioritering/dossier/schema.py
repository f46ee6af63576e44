"""Schema of a case file: what ``case.toml`` may hold, section by section."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from prioritering.dossier.schema_base import Amount, DiscountingSpec, DurationSpec, Section, Text
from prioritering.dossier.schema_curves import CurveSpec
from prioritering.dossier.schema_decision import (
    BudgetSpec,
    InventorySpec,
    PersonnelSpec,
    PriceSpec,
    ResourceSpec,
    SmallGroupSpec,
)
from prioritering.dossier.schema_parameters import ParameterSpec
from prioritering.dossier.schema_sensitivity import (
    CorrelationSpec,
    DocumentationSpec,
    SensitivitySpec,
)

Names = Annotated[list[Text], Field(min_length=1)]
Counting = Literal[
    "none-start", "none-end", "half-cycle", "life-table", "simpson", "simpson-misindexed"
]


class AssumptionSpec(Section):
    """``[[assumptions]]``: a choice without a source, shown with the results."""

    what: Text
    why: Text


class RuleSpec(Section):
    """``[guideline.rules.TOPIC]``: a rule of the guideline replaced, on the record."""

    value: Any
    source: Text


class GuidelineSpec(Section):
    """``[guideline]``: whose rules, as they stood on which day."""

    country: Text
    as_of: date | Text
    rules: dict[str, RuleSpec] = Field(default_factory=dict)


class ModelSpec(Section):
    """What both kinds of model have."""

    strategies: Annotated[list[Text], Field(min_length=2)]
    reference: Text
    option: Text | None = None
    cycle: DurationSpec
    horizon: DurationSpec
    age: float | None = None
    sex: Literal["pooled", "male", "female"] = "pooled"
    cycle_correction: Counting = "half-cycle"
    states: Names

    @model_validator(mode="after")
    def _needs_option(self) -> ModelSpec:
        if self.option is None and len(self.strategies) > 2:
            raise PydanticCustomError(
                "option", "the key option, naming the strategy that may be adopted"
            )
        return self


class MarkovSpec(ModelSpec):
    """``[model]`` of a cohort Markov model."""

    kind: Literal["markov"]
    dead: list[Text] = Field(default_factory=lambda: ["dead"])
    transitions_are: Literal["probabilities", "rates"] = "probabilities"


class PartitionedSpec(ModelSpec):
    """``[model]`` of a partitioned-survival model; the last state is dead."""

    kind: Literal["partitioned"]
    crossing: Literal["raise", "cap", "report"] = "raise"


class AgeAdjustmentSpec(Section):
    """``[age_adjustment]``: utilities follow the population norm."""

    reference_age: float


class ExtendedNormSpec(Section):
    """An assumed utility below the norm's first age."""

    age_from: float
    value: float
    note: Text


class NormSpec(Section):
    """``[norm]``: the guideline's norm extended, or a norm of your own by first age of band."""

    extend_below: ExtendedNormSpec | None = None
    bands: dict[str, float] | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> NormSpec:
        own = self.bands is not None and self.source is not None
        if own == (self.extend_below is not None) or (self.bands is None) != (self.source is None):
            raise PydanticCustomError("norm", "either extend_below, or bands and their source")
        return self


class PricesSpec(Section):
    """``[prices]``: convert all money to one year by the guideline's price index."""

    convert_to: int


class TableSpec(Section):
    """``[tables.NAME]``: a CSV column looked up by age or time in every cycle."""

    csv: Text
    by: Literal["age", "time"]
    key: Text
    column: Text
    source: str = ""


class SeveritySpec(Section):
    """``[severity]``: how the absolute shortfall is found, or why there is none."""

    age: float | None = None
    population: Literal["printed", "computed"] = "printed"
    qalys_population: float | None = None
    source: Text | None = None
    skip: Text | None = None

    @model_validator(mode="after")
    def _sourced(self) -> SeveritySpec:
        if (self.qalys_population is None) != (self.source is None):
            raise PydanticCustomError("severity", "qalys_population together with its source")
        if self.skip is not None and self.model_fields_set != {"skip"}:
            raise PydanticCustomError("severity", "skip alone, without other keys")
        return self


class CriteriaSpec(Section):
    """``[decision.criteria]``: cut-offs of the uncertainty indices instead of the guideline's."""

    documentation_width_high: float | None = None
    decision_error_high: float | None = None


class DecisionSpec(Section):
    """``[decision]``: the limit, its adjustment, and the patients the decision is for.

    ``wtp`` states a limit when the case skips severity, which otherwise sets it.
    """

    wtp: Annotated[float, Field(gt=0)] | None = None
    wtp_source: Text | None = None
    wtp_adjustment: float | None = None
    adjustment_reason: Text | None = None
    criteria: CriteriaSpec = CriteriaSpec()
    patients_per_year: Annotated[float, Field(gt=0)] | None = None
    years: Annotated[int, Field(ge=1)] | None = None
    patients_source: Text | None = None

    @model_validator(mode="after")
    def _pairs(self) -> DecisionSpec:
        if (self.wtp is None) != (self.wtp_source is None):
            raise PydanticCustomError("decision", "wtp together with wtp_source")
        if (self.wtp_adjustment is None) != (self.adjustment_reason is None):
            raise PydanticCustomError("decision", "wtp_adjustment together with adjustment_reason")
        if (self.patients_per_year is None) != (self.years is None):
            raise PydanticCustomError("decision", "patients_per_year together with years")
        if self.patients_source is not None and self.patients_per_year is None:
            raise PydanticCustomError("decision", "patients_source only with patients_per_year")
        return self


class RunSpec(Section):
    """``[run]``: how many draws, and from which seed."""

    draws: Annotated[int, Field(ge=0)] = 10_000
    seed: Annotated[int, Field(ge=0)] = 1


class CaseSpec(Section):
    """A whole case file."""

    schema_version: Literal[1]
    title: Text
    description: str = ""
    patients: str = ""
    source: str = ""
    language: Literal["en", "no"] = "en"
    currency: Text = "NOK"
    assumptions: list[AssumptionSpec] = Field(default_factory=list)
    guideline: GuidelineSpec
    model: Annotated[MarkovSpec | PartitionedSpec, Field(discriminator="kind")]
    discounting: DiscountingSpec | None = None
    age_adjustment: AgeAdjustmentSpec | None = None
    norm: NormSpec | None = None
    prices: PricesSpec | None = None
    parameters: dict[str, ParameterSpec]
    correlations: list[CorrelationSpec] = Field(default_factory=list)
    tables: dict[str, TableSpec] = Field(default_factory=dict)
    values: dict[str, Amount] = Field(default_factory=dict)
    initial: dict[str, Amount] = Field(default_factory=dict)
    transitions: dict[str, Amount] = Field(default_factory=dict)
    curves: dict[str, CurveSpec] = Field(default_factory=dict)
    endpoints: dict[str, Text | dict[str, Text]] = Field(default_factory=dict)
    durations: dict[str, Text | dict[str, Text]] = Field(default_factory=dict)
    resources: dict[str, ResourceSpec] = Field(default_factory=dict)
    costs: dict[str, dict[str, Amount]]
    utilities: dict[str, Amount]
    severity: SeveritySpec = SeveritySpec()
    decision: DecisionSpec = DecisionSpec()
    documentation: DocumentationSpec | None = None
    sensitivity: SensitivitySpec = SensitivitySpec()
    inventory: InventorySpec | None = None
    price: PriceSpec | None = None
    budget: BudgetSpec | None = None
    personnel: PersonnelSpec | None = None
    small_group: SmallGroupSpec | None = None
    run: RunSpec = RunSpec()

    @model_validator(mode="after")
    def _one_limit(self) -> CaseSpec:
        if (self.decision.wtp is None) == (self.severity.skip is not None):
            raise PydanticCustomError(
                "limit",
                "[decision] wtp and wtp_source exactly when [severity] skip says why there is "
                "no severity class to set the limit",
            )
        return self


def case_schema() -> dict[str, Any]:
    """JSON Schema of a case file, for editors that check while one types.

    Examples
    --------
    >>> case_schema()["properties"]["title"]["type"]
    'string'
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **CaseSpec.model_json_schema(),
    }
