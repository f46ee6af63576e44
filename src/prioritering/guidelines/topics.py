"""The topics a guideline speaks on: how each is written, and what it opens to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from prioritering.conventions import Discounting
from prioritering.data import (
    LifeTable,
    NormTable,
    PriceIndex,
    RemainingQalys,
    Sex,
    ValueSet,
    life_table,
    norm_table,
    price_index,
    remaining_qalys,
    value_set,
)
from prioritering.errors import unknown_name
from prioritering.guidelines.judgement import JudgementRule
from prioritering.guidelines.perspective import Perspective
from prioritering.guidelines.publication import PublicationRule
from prioritering.guidelines.severity import SeverityScale
from prioritering.guidelines.uncertainty import UncertaintyRule
from prioritering.guidelines.values import (
    AuthorityLimit,
    DiscountingRule,
    OpportunityCost,
    SmallGroups,
    TableChoice,
    Terms,
)


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes
    ----------
    written
        Class the ``value`` of a file's entry is read into.
    accepted
        Class of a ready-made object an analyst may put in its place.
    opens
        From either to what the guideline hands out.
    shorthand
        The one field a bare number or name stands for, "" if there is none.
    """

    written: type
    accepted: type
    opens: Callable[[Any], Any]
    shorthand: str = ""


def _itself(value: Any) -> Any:
    return value


def _discounting(value: DiscountingRule | Discounting) -> Discounting:
    return value.discounting() if isinstance(value, DiscountingRule) else value


def _table(load: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: load(value.table) if isinstance(value, TableChoice) else value


def _life_tables(value: TableChoice | LifeTable) -> Mapping[str, LifeTable]:
    if isinstance(value, LifeTable):
        return MappingProxyType(_BySex(pooled=value))
    return MappingProxyType(_BySex({s: life_table(value.table, sex=s) for s in get_args(Sex)}))


class _BySex(dict[str, LifeTable]):
    def __missing__(self, sex: str) -> LifeTable:
        raise unknown_name("sex", sex, self)


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "discounting": Topic(DiscountingRule, Discounting, _discounting),
        "severity": Topic(SeverityScale, SeverityScale, _itself),
        "opportunity_cost": Topic(OpportunityCost, OpportunityCost, _itself, "nok_per_qaly"),
        "perspective": Topic(Perspective, Perspective, _itself),
        "small_groups": Topic(SmallGroups, SmallGroups, _itself),
        "authority_limit": Topic(AuthorityLimit, AuthorityLimit, _itself),
        "norm": Topic(TableChoice, NormTable, _table(norm_table), "table"),
        "value_set": Topic(TableChoice, ValueSet, _table(value_set), "table"),
        "remaining_qalys": Topic(TableChoice, RemainingQalys, _table(remaining_qalys), "table"),
        "life_table": Topic(TableChoice, LifeTable, _life_tables, "table"),
        "prices": Topic(TableChoice, PriceIndex, _table(price_index), "table"),
        "decision_uncertainty": Topic(UncertaintyRule, UncertaintyRule, _itself),
        "documentation_judgement": Topic(JudgementRule, JudgementRule, _itself),
        "publication": Topic(PublicationRule, PublicationRule, _itself),
        "terms": Topic(Terms, Terms, _itself),
    }
)
