"""What every section of a case file shares: strict keys, and the kinds of value it may hold."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A table of a case file: no unknown keys, no silent conversions, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        known = list(cls.model_fields)
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                raise PydanticCustomError(
                    "unknown_key", "unknown key", {"key": key, "known": known}
                )
        return data


def _amount(value: object) -> float | str | dict[str, float | str]:
    if isinstance(value, dict) and value:
        return {str(k): _single(v) for k, v in value.items()}
    return _single(value)


def _single(value: object) -> float | str:
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise PydanticCustomError(
        "amount", "a finite number, an expression in quotes, or {{strategy = ..., otherwise = ...}}"
    )


_SINGLE_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "minLength": 1}]}

Amount = Annotated[
    float | str | dict[str, float | str],
    PlainValidator(_amount),
    WithJsonSchema(
        {
            "description": "A number, an expression, or one of these by strategy (with "
            "'otherwise' for the strategies that are not named).",
            "anyOf": [
                *_SINGLE_SCHEMA["anyOf"],
                {"type": "object", "additionalProperties": _SINGLE_SCHEMA, "minProperties": 1},
            ],
        }
    ),
]
"""A number, an expression, or a table of these by strategy."""

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
"""Text that says something."""


class DurationSpec(Section):
    """A length of time in one unit, such as ``{months = 1}``."""

    days: float | None = None
    weeks: float | None = None
    months: float | None = None
    years: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_unit(cls, given: object) -> object:
        if isinstance(given, int | float | str):
            raise PydanticCustomError("duration", "a length of time such as { years = 40 }")
        return given

    @model_validator(mode="after")
    def _one_unit(self) -> DurationSpec:
        if len(self.model_fields_set) != 1:
            raise PydanticCustomError("duration", "one of days, weeks, months, years")
        return self


class StepSpec(Section):
    """One step of a discount schedule."""

    from_year: float
    rate: float


Rates = float | Annotated[list[StepSpec], Field(min_length=1)]


class DiscountingSpec(Section):
    """``[discounting]``: instead of the guideline's; effects follow costs unless given."""

    costs: Rates | None = None
    effects: Rates | None = None
    rate_type: Literal["discrete", "continuous"] = "discrete"
    timing: Literal["point", "start", "mid", "end"] = "point"
