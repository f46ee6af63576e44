"""A country's rules as they stood on one day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast, get_args

from prioritering.conventions import Discounting
from prioritering.data import LifeTable, NormTable, PriceIndex, RemainingQalys, Source, ValueSet
from prioritering.data.lookup import Lookup
from prioritering.errors import GuidelineError, unknown_name
from prioritering.guidelines.perspective import Perspective
from prioritering.guidelines.publication import PublicationRule
from prioritering.guidelines.rule import Rule, Status
from prioritering.guidelines.severity import SeverityScale
from prioritering.guidelines.topics import TOPICS
from prioritering.guidelines.uncertainty import UncertaintyRule
from prioritering.guidelines.values import AuthorityLimit, OpportunityCost, SmallGroups, Terms

if TYPE_CHECKING:
    import pandas as pd


def guideline(country: str, *, as_of: str | date) -> Guideline:
    """Return a country's rules as they stood on a day.

    Parameters
    ----------
    country
        ``"no"`` for Norway.
    as_of
        The day, as a date or ISO text such as ``"2026-11-01"``.

    Raises
    ------
    UnknownNameError
        No rules for that country.
    GuidelineError
        Not a date, or a day before every rule. A topic that came into force later raises
        when it is asked for.

    Examples
    --------
    >>> rules = guideline("no", as_of="2026-11-01")
    >>> rules.id, rules.opportunity_cost, rules.severity.wtp_of([1, 6])
    ('no@2026-11-01', 275000.0, array([275000., 825000.]))
    """
    if country not in _countries():
        raise unknown_name("guideline country", country, _countries())
    return _guideline(country, _day(as_of))


class Rules(Mapping[str, Rule]):
    """Rules in force by topic; asking for one that is not raises and names the first date."""

    def __init__(self, guideline: Guideline) -> None:
        self._owner = guideline
        self._by_topic = {rule.topic: rule for rule in guideline.entries}

    def __getitem__(self, topic: str) -> Rule:
        if topic in self._by_topic:
            return self._by_topic[topic]
        later = dict(self._owner.pending)
        if topic not in later:
            raise unknown_name("topic", topic, TOPICS)
        raise GuidelineError(
            f"no rule on {topic!r} in force on {self._owner.as_of}",
            expected=f"a day from {later[topic]}, when the first one known came into force",
            found=self._owner.as_of.isoformat(),
            where={"country": self._owner.country},
            remedy=f"Choose a later as_of, or state one: with_rule({topic!r}, ..., source=...).",
        )

    def __contains__(self, topic: object) -> bool:
        return topic in self._by_topic

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_topic)

    def __len__(self) -> int:
        return len(self._by_topic)


@dataclass(frozen=True, repr=False, eq=False)
class Guideline:
    """A country's rules on one day. Built by :func:`guideline`, changed by :meth:`with_rule`.

    Attributes
    ----------
    country, as_of
        Whose rules, and on which day.
    entries
        The rules in force, one per topic.
    pending
        Topics without a rule yet, and the day the first one comes into force.
    changed
        Topics the analyst has changed.
    """

    country: str
    as_of: date
    entries: tuple[Rule, ...]
    pending: tuple[tuple[str, date], ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Country, day and changed topics, for example ``"no@2026-11-01+severity"``."""
        return "+".join([f"{self.country}@{self.as_of}", *self.changed])

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the rules in force; the same on two days with the same rules."""
        content = [rule.content() for rule in sorted(self.entries, key=lambda r: r.topic)]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def rules(self) -> Rules:
        """Every rule in force, by topic."""
        return Rules(self)

    @property
    def sources(self) -> Mapping[str, Source]:
        """Source of every rule in force, by topic."""
        return MappingProxyType({rule.topic: rule.source for rule in self.entries})

    @property
    def second_hand(self) -> tuple[str, ...]:
        """Topics whose original was not seen."""
        return tuple(rule.topic for rule in self.entries if rule.second_hand)

    @cached_property
    def discounting(self) -> Discounting:
        """Discount rates of costs and effects."""
        return cast(Discounting, self._open("discounting"))

    @cached_property
    def severity(self) -> SeverityScale:
        """Severity classes, weights and reference willingness to pay."""
        return cast(SeverityScale, self._open("severity"))

    @cached_property
    def opportunity_cost(self) -> float:
        """Opportunity cost in NOK per QALY."""
        return cast(OpportunityCost, self._open("opportunity_cost")).nok_per_qaly

    @cached_property
    def perspective(self) -> Perspective:
        """Default perspective and impact inventory."""
        return cast(Perspective, self._open("perspective"))

    @cached_property
    def small_groups(self) -> SmallGroups:
        """Criteria of a very small patient group."""
        return cast(SmallGroups, self._open("small_groups"))

    @cached_property
    def authority_limit(self) -> float:
        """Net budget growth in NOK above which parliament decides."""
        return cast(AuthorityLimit, self._open("authority_limit")).nok

    @cached_property
    def norm(self) -> NormTable:
        """Population norm of utility by age."""
        return cast(NormTable, self._open("norm"))

    @cached_property
    def value_set(self) -> ValueSet:
        """EQ-5D value set for adults."""
        return cast(ValueSet, self._open("value_set"))

    @cached_property
    def remaining_qalys(self) -> RemainingQalys:
        """Expected remaining QALYs of the population as printed."""
        return cast(RemainingQalys, self._open("remaining_qalys"))

    @cached_property
    def life_tables(self) -> Mapping[str, LifeTable]:
        """Population life tables by sex: ``"male"``, ``"female"``, ``"pooled"``."""
        return cast(Mapping[str, LifeTable], self._open("life_table"))

    @property
    def life_table(self) -> LifeTable:
        """Population life table, sexes pooled."""
        return self.life_tables["pooled"]

    @cached_property
    def prices(self) -> PriceIndex:
        """Index that moves amounts between price years."""
        return cast(PriceIndex, self._open("prices"))

    @cached_property
    def uncertainty(self) -> UncertaintyRule:
        """Cut-offs and readings of documentation and decision uncertainty."""
        return cast(UncertaintyRule, self._open("decision_uncertainty"))

    @cached_property
    def publication(self) -> PublicationRule:
        """How open a secret price must stay in what is published."""
        return cast(PublicationRule, self._open("publication"))

    def term(self, key: str, language: str = "en") -> str:
        """Official words of a key, for example ``"absolute_shortfall"``, in one language."""
        return cast(Terms, self._open("terms")).label(key, language=language)

    def with_rule(
        self,
        topic: str,
        value: Any,
        *,
        source: str | Source,
        status: Status = "user",
        note: str = "",
    ) -> Guideline:
        """Return the guideline with one rule changed, on the record.

        Parameters
        ----------
        topic
            A topic of :attr:`rules`, in force or not.
        value
            What a guideline file would say (a mapping), or a ready-made object of the topic:
            :class:`~prioritering.conventions.Discounting`, :class:`SeverityScale`,
            :class:`~prioritering.data.NormTable`, ... For ``opportunity_cost`` a number, and
            for a topic that points to a table its name, will do.
        source
            Where the value comes from, or why it is changed.
        status
            ``"user"``, or what the source is: ``"law"``, ``"secondary"``, ``"choice"``.

        Raises
        ------
        UnknownNameError
            No such topic or status.
        GuidelineError
            A value that does not fit the topic.

        Examples
        --------
        >>> rules = guideline("no", as_of="2026-11-01")
        >>> higher = rules.with_rule("opportunity_cost", 350_000, source="scenario analysis")
        >>> higher.id, higher.opportunity_cost, higher.rules["opportunity_cost"].status
        ('no@2026-11-01+opportunity_cost', 350000.0, 'user')
        """
        if topic not in TOPICS:
            raise unknown_name("topic", topic, TOPICS)
        if status not in get_args(Status):
            raise unknown_name("status", status, get_args(Status))
        if isinstance(source, str):
            source = Source(source, "stated by the analyst", self.as_of.isoformat(), "as stated")
        rule = Rule(topic, self.as_of, status, source, _read(topic, value), note)
        return replace(
            self,
            entries=(*(r for r in self.entries if r.topic != topic), rule),
            pending=tuple(p for p in self.pending if p[0] != topic),
            changed=tuple(sorted({*self.changed, topic})),
        )

    def sources_frame(self) -> pd.DataFrame:
        """Return a row per rule in force: dates, status, source, and the table it points to."""
        import pandas as pd

        return pd.DataFrame([self._source_row(rule) for rule in self.entries])

    def __reduce__(self) -> tuple[Any, ...]:
        return Guideline, (self.country, self.as_of, self.entries, self.pending, self.changed)

    def __repr__(self) -> str:
        return f"Guideline({self.id}: {len(self.entries)} rules in force, hash {self.hash[:12]})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.sources_frame().to_html(index=False)}"

    def _open(self, topic: str) -> Any:
        return TOPICS[topic].opens(self.rules[topic].value)

    def _source_row(self, rule: Rule) -> dict[str, object]:
        opened = self._open(rule.topic)
        data = opened["pooled"] if isinstance(opened, Mapping) else opened
        shipped = isinstance(data, Lookup)
        return {
            "topic": rule.topic,
            "in_force_from": rule.in_force_from.isoformat(),
            "status": rule.status,
            "second_hand": rule.second_hand,
            "document": rule.source.document,
            "section": rule.source.section,
            "date": rule.source.date,
            "read": rule.source.read,
            "note": rule.note,
            "data": getattr(data, "name", "") if shipped else "",
            "data_second_hand": getattr(data, "second_hand", False) if shipped else False,
            "data_sha256": data.sha256 if shipped else "",
        }


@cache
def _guideline(country: str, day: date) -> Guideline:
    by_topic = _all_rules(country)
    in_force = [[r for r in rules if r.in_force_from <= day] for rules in by_topic.values()]
    entries = tuple(rules[-1] for rules in in_force if rules)
    if not entries:
        first = min(rules[0].in_force_from for rules in by_topic.values())
        raise GuidelineError(
            f"no rules known for {day}",
            expected=f"a day from {first}, the date of the first rule",
            found=day.isoformat(),
            where={"country": country},
        )
    later = tuple((t, r[0].in_force_from) for t, r in by_topic.items() if r[0].in_force_from > day)
    return Guideline(country, day, entries, later)


@cache
def _all_rules(country: str) -> Mapping[str, tuple[Rule, ...]]:
    from prioritering.guidelines.schema import read_topic

    folder = files(__package__) / country
    return MappingProxyType(
        {t: read_topic(t, (folder / f"{t}.toml").read_text(encoding="utf-8")) for t in TOPICS}
    )


@cache
def _countries() -> tuple[str, ...]:
    folders = (f for f in files(__package__).iterdir() if f.is_dir())
    return tuple(sorted(f.name for f in folders if (f / "discounting.toml").is_file()))


def _day(as_of: str | date) -> date:
    if isinstance(as_of, datetime):
        return as_of.date()
    if isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except (TypeError, ValueError):
        raise GuidelineError(
            "as_of is not a date",
            expected="a datetime.date or ISO text such as '2026-11-01'",
            found=repr(as_of),
        ) from None


def _read(topic: str, value: Any) -> Any:
    from prioritering.guidelines.schema import read_value

    form = TOPICS[topic]
    if form.shorthand and isinstance(value, str | int | float):
        value = {form.shorthand: value}
    if isinstance(value, Mapping):
        value = read_value(topic, value, where={"topic": topic})
    if not isinstance(value, form.accepted | form.written):
        raise GuidelineError(
            "a value that does not fit its topic",
            expected=f"a {form.accepted.__name__}, or the mapping a guideline file would hold",
            found=type(value).__name__,
            where={"topic": topic},
        )
    form.opens(value)  # a table that does not exist is an error now, not when it is asked for
    return value
