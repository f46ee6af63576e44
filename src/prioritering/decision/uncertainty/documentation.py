"""Documentation judged domain by domain, to stand beside its statistical width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from prioritering.decision.uncertainty.extrapolation import ExtrapolatedGain
from prioritering.decision.uncertainty.indices import Level
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Guideline, Label
from prioritering.guidelines.judgement import CATEGORIES, SHARES, Concern, JudgementRule
from prioritering.severity.population import checked_rules, is_number
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

_DOMAINS = ("evidence", "follow_up", "surrogate", "comparator",
            "extrapolated_share", "event_share", "median")  # fmt: skip


@dataclass(frozen=True)
class JudgedDomain:
    """One domain and what was said of it.

    Attributes
    ----------
    key, name, definition
        The domain.
    answer
        The stated answer in words, ``None`` for a domain judged by a share.
    share
        The stated share, ``None`` for a domain judged by a word.
    concern
        ``"low"``, ``"some"``, ``"high"``, or ``None`` when it is not judged.
    note
        The analyst's own words.
    """

    key: str
    name: Label
    definition: Label
    answer: Label | None
    share: float | None
    concern: Concern | None
    note: str = ""


@dataclass(frozen=True)
class DocumentationLevel:
    """Level of documentation uncertainty where a judgement stands beside the width.

    Attributes
    ----------
    level
        What the scenario is read at.
    index, judgement
        Level by the statistical width, and by the judgement.
    made_by
        Which of them made the level: ``"index"``, ``"judgement"`` or ``"both"``.
    detail
        The judgement itself.
    """

    level: Level
    index: Level
    judgement: Level
    made_by: Literal["index", "judgement", "both"]
    detail: DocumentationJudgement

    @property
    def width_decides(self) -> bool:
        """Whether another statistical width could give another level."""
        turned: Level = "low" if self.index == "high" else "high"
        return self.detail.beside(turned).level != self.level


@dataclass(frozen=True, repr=False, eq=False)
class DocumentationJudgement(Frozen, Shown):
    """A judgement of the evidence behind an analysis.

    Attributes
    ----------
    domains
        Every domain, judged or not.
    concern
        Over the whole, from the domains that are judged.
    rule
        Levels, cut-offs and rules that were used.
    provenance
        Guideline, source of the rule, and whether the analyst has changed it.
    """

    domains: tuple[JudgedDomain, ...]
    concern: Concern
    rule: JudgementRule
    provenance: Mapping[str, Any]

    @property
    def not_judged(self) -> tuple[str, ...]:
        """Keys of the domains nothing was said of."""
        return tuple(d.key for d in self.domains if d.concern is None)

    @property
    def at_least(self) -> bool:
        """Whether the domains that are not judged could raise the concern over the whole."""
        return bool(self.not_judged) and self.concern != "high"

    @property
    def level(self) -> Level:
        """What the concern counts as beside the statistical width."""
        return self.rule.level(self.concern)

    def beside(self, index: Level) -> DocumentationLevel:
        """Combine with the level of the statistical width, by the rule."""
        mine = self.level
        made_by: Literal["index", "judgement", "both"]
        if self.rule.combination == "higher":
            level: Level = "high" if "high" in (mine, index) else "low"
            made_by = "both" if mine == index else "judgement" if mine == level else "index"
        else:
            made_by = self.rule.combination
            level = index if made_by == "index" else mine
        return DocumentationLevel(level, index, mine, made_by, self)

    def to_frame(self) -> pd.DataFrame:
        """One row per domain: key, answer, share, concern, note."""
        import pandas as pd

        rows = [
            (d.key, d.answer.en if d.answer else None, d.share, d.concern, d.note)
            for d in self.domains
        ]
        frame = pd.DataFrame(rows, columns=["domain", "answer", "share", "concern", "note"])
        return frame.astype({"share": "Float64", "answer": "string", "concern": "string"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Label the judgement for a report, with its levels and rules below."""
        from prioritering.report.tables.documentation import judgement_table

        return judgement_table(self, language=language)

    def to_dict(self) -> dict[str, Any]:
        """Return the judgement as plain numbers and words."""
        return {
            "concern": self.concern,
            "at_least": self.at_least,
            "level": self.level,
            "domains": {
                d.key: {"answer": d.answer.en if d.answer else None, "share": d.share,
                        "concern": d.concern, "note": d.note}
                for d in self.domains
            },
        }  # fmt: skip

    def __repr__(self) -> str:
        least = "at least " if self.at_least else ""
        missing = f"; not judged: {', '.join(self.not_judged)}" if self.not_judged else ""
        return f"DocumentationJudgement({least}{self.concern} concern{missing})"


def judge_documentation(
    rules: Guideline,
    *,
    evidence: str | None = None,
    follow_up: object = None,
    horizon: object = None,
    surrogate: str | None = None,
    comparator: str | None = None,
    extrapolated_share: float | ExtrapolatedGain | None = None,
    event_share: float | None = None,
    median: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> DocumentationJudgement:
    """Judge the documentation, domain by domain.

    What is not stated is *not judged* and listed as such; it never counts as good. Levels,
    cut-offs and the rule over the whole are the guideline's topic ``"documentation_judgement"``,
    a choice of this package that ``rules.with_rule`` changes.

    Parameters
    ----------
    rules
        Guideline in force.
    evidence
        What relative effect rests on, for example ``"rct_head_to_head"`` or
        ``"single_arm_external_control"``.
    follow_up, horizon
        Of the studies and the model: years, or durations such as ``pr.years(7)``. Both or none.
    surrogate
        ``"none"``, ``"validated"`` or ``"unvalidated"``.
    comparator
        ``"relevant"``, ``"partly_relevant"`` or ``"not_relevant"``.
    extrapolated_share
        Share of the QALY gain after the follow-up, 0 to 1, or the result of
        :func:`extrapolated_share`, judged by the size of its share. Where that has no share,
        the domain is not judged and the note says why.
    event_share, median
        Maturity of survival: share of the patients with an event, 0 to 1, or ``"reached"``,
        ``"reached_in_one_arm"``, ``"not_reached"``. One of them, since they are one domain.
    notes
        Words of the analyst by domain.

    Raises
    ------
    UnknownNameError
        An answer or a domain that does not exist.
    ResultError
        Rules or notes of another kind, a share outside 0 to 1, a follow-up below 0 or beyond
        the horizon, or without it, or maturity stated twice.
    GuidelineError
        Nothing stated, or no rule in force.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> rules = guideline("no", as_of="2026-11-01")
    >>> judge_documentation(rules, evidence="single_arm_external_control", event_share=0.7)
    DocumentationJudgement(high concern; not judged: follow_up, surrogate, comparator, \
extrapolated_share)
    """
    checked_rules(rules)
    rule = cast(JudgementRule, rules.rules["documentation_judgement"].value)
    if event_share is not None and median is not None:
        raise ResultError(
            "maturity of survival is stated twice",
            expected="event_share or median",
            found="both",
            remedy="State event_share, which says more, and median in notes.",
        )
    words = {"evidence": evidence, "surrogate": surrogate, "comparator": comparator,
             "median": median}  # fmt: skip
    own_notes = _notes(notes)
    share = _extrapolated(extrapolated_share, own_notes)
    shares = {
        "follow_up": _follow_up(follow_up, horizon),
        "extrapolated_share": share,
        "event_share": None if event_share is None else _checked("event_share", event_share),
    }
    left_out = "event_share" if median is not None else "median"
    domains = tuple(
        _by_word(rule, key, words[key], own_notes)
        if key in CATEGORIES
        else _by_share(rule, key, shares[key], own_notes)
        for key in _DOMAINS
        if key != left_out
    )
    judged = [d.concern for d in domains if d.concern is not None]
    return DocumentationJudgement(domains, rule.overall(judged), rule, _provenance(rules))


def _by_word(
    rule: JudgementRule, key: str, stated: str | None, notes: Mapping[str, str]
) -> JudgedDomain:
    domain = rule.category(key)
    answer = None if stated is None else domain.answer(stated)
    return JudgedDomain(
        key=key,
        name=domain.name,
        definition=domain.definition,
        answer=answer.name if answer else None,
        share=None,
        concern=answer.concern if answer else None,
        note=notes.get(key, ""),
    )


def _by_share(
    rule: JudgementRule, key: str, share: float | None, notes: Mapping[str, str]
) -> JudgedDomain:
    domain = rule.share(key)
    return JudgedDomain(
        key=key,
        name=domain.name,
        definition=domain.definition,
        answer=None,
        share=share,
        concern=None if share is None else domain.concern(abs(share)),
        note=notes.get(key, ""),
    )


def _notes(notes: Mapping[str, str] | None) -> dict[str, str]:
    known = (*CATEGORIES, *SHARES)
    given = {} if notes is None else notes
    texts = isinstance(given, Mapping) and all(isinstance(x, str) for x in given.values())
    if not texts:
        raise ResultError("notes are not text", expected="words by domain", found=repr(notes))
    for key in given:
        if key not in known:
            raise unknown_name("domain", key, known, where={"argument": "notes"})
    return dict(given)


def _extrapolated(stated: float | ExtrapolatedGain | None, notes: dict[str, str]) -> float | None:
    """Return the share, and note why a result has none."""
    if stated is None:
        return None
    if not isinstance(stated, ExtrapolatedGain):
        return _checked("extrapolated_share", stated)
    if stated.qaly.share is None:
        notes.setdefault("extrapolated_share", f"QALY gain: {stated.qaly.status}")
    return stated.qaly.share


def _checked(name: str, share: Any) -> float:
    if not is_number(share) or not 0 <= share <= 1:
        raise ResultError(f"{name} is no share", expected="a number from 0 to 1", found=repr(share))
    return float(share)


def _follow_up(follow_up: object, horizon: object) -> float | None:
    """Follow-up as a share of the horizon; both in years, or with their length in ``.years``."""
    if follow_up is None and horizon is None:
        return None
    seen: Any = getattr(follow_up, "years", follow_up)
    whole: Any = getattr(horizon, "years", horizon)
    if not (is_number(seen) and is_number(whole) and 0 <= seen <= whole and whole > 0):
        raise ResultError(
            "follow-up and horizon do not fit",
            expected="both in years, the follow-up from 0 to the horizon",
            found=f"follow_up {seen!r}, horizon {whole!r}",
        )
    return float(seen / whole)


def _provenance(rules: Guideline) -> dict[str, Any]:
    rule = rules.rules["documentation_judgement"]
    return {"guideline": rules.id, "source": str(rule.source), "status": rule.status}
