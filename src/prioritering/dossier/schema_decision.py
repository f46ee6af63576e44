"""Schema of what a decision needs beside the model: resources, inventory, price, patients."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from prioritering.dossier.schema_base import Amount, Section, Text
from prioritering.guidelines.values import BudgetGroup

Given = float | Text
"""A number, or the name of a parameter."""

Yearly = float | Text | Annotated[list[float], Field(min_length=1)]
"""A number for every year, one per year, or the name of a parameter."""

Named = Annotated[dict[str, Amount], Field(min_length=1)]


class Sourced(Section):
    """A section whose numbers have a source, or are said to be assumed."""

    source: Text | None = None
    assumption: bool = False

    @model_validator(mode="after")
    def _stands_on_something(self) -> Sourced:
        if self.source is None and not self.assumption:
            raise PydanticCustomError("sourced", "source, or assumption = true")
        return self


class StaffSpec(Sourced):
    """Staff time behind one unit of a resource; hours are never turned into money."""

    profession: Text
    level: Text
    hours: Given


class ResourceSpec(Section):
    """``[resources.NAME]``: what is used, counted once for costs and for staff hours.

    ``amounts`` are keyed as costs are. With a ``price`` the cost category of the same name is
    amount times price. An empty ``staff`` says that no staff is needed.
    """

    unit: Text
    amounts: Named
    price: Amount | None = None
    staff: list[StaffSpec] | None = None


class RowSpec(Section):
    """What a cost category is in the guideline's inventory, and who bears it."""

    consequence: Text
    level: Text


class InventorySpec(Section):
    """``[inventory]``: each cost category's row, what is left out and why, carers' QALYs."""

    costs: dict[str, RowSpec]
    left_out: dict[str, Text] = Field(default_factory=dict)
    in_qalys: dict[str, Text] = Field(default_factory=dict)
    carers: Named | None = None
    count_informal_care_as: Literal["cost", "qaly"] | None = None
    societal_case: Text | None = None


class PriceSpec(Sourced):
    """``[price]``: the maximum price behind the run, and the cost category it drives."""

    category: Text
    price: Given
    unit: Text
    vat: Literal["included", "excluded"]
    kind: Literal["maximum"] = "maximum"
    in_reference: Literal["same price", "fixed"] | None = None


class SharesSpec(Section):
    """Market shares of those who start, by strategy, with and without the decision."""

    with_decision: Annotated[dict[str, Yearly], Field(min_length=1)]
    without: Annotated[dict[str, Yearly], Field(min_length=1)]


class BudgetSpec(Sourced):
    """``[budget]``: who starts treatment in which year, and which budget bears each cost."""

    first_year: Annotated[int, Field(ge=1900, le=2200)]
    years: Annotated[int, Field(ge=1)] = 5
    entry: Literal["start_of_year", "through_the_year"] = "start_of_year"
    incidence: Yearly
    prevalence: Yearly = 0.0
    uptake: Yearly | None = None
    uptake_without: Yearly = 0.0
    shares: SharesSpec | None = None
    groups: dict[str, Text]
    limit_on: Annotated[list[BudgetGroup], Field(min_length=1)] | None = None
    price_year: int | None = None

    @model_validator(mode="after")
    def _one_way(self) -> BudgetSpec:
        if (self.uptake is None) == (self.shares is None):
            raise PydanticCustomError("budget", "either uptake or shares")
        return self


class PersonnelSpec(Sourced):
    """``[personnel]``: a full-time working year, to show hours as positions too."""

    working_year: Annotated[float, Field(gt=0)]


class SmallGroupSpec(Sourced):
    """``[small_group]``: how many patients there are, worldwide and in Norway."""

    per_100_000_worldwide: Annotated[float, Field(ge=0)]
    patients_in_norway: Annotated[float, Field(ge=0)]
