"""The judgement of documentation, and the share of a gain that is extrapolated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prioritering.report.labels import label
from prioritering.report.numbers import ABSENT, percent, percent_with_error, with_error
from prioritering.report.tables._cells import QALY_DECIMALS, build, draws_notes
from prioritering.report.units import length_text

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.decision import (
        DocumentationJudgement,
        DocumentationLevel,
        ExtrapolatedGain,
        GainShare,
        JudgedDomain,
    )

_CONCERNS = {
    "low": "concern.low",
    "some": "concern.some",
    "high": "concern.high",
    None: "concern.none",
}
_MADE_BY = {
    "index": "judgement.by_index",
    "judgement": "judgement.by_judgement",
    "both": "judgement.by_both",
}
_MEASURES = {
    "qaly": "extrapolation.qaly",
    "qaly_undiscounted": "extrapolation.qaly_undiscounted",
    "life_years": "extrapolation.life_years",
    "life_years_undiscounted": "extrapolation.life_years_undiscounted",
}
_STATUSES = {
    "gain": "extrapolation.is_gain",
    "gain only after follow-up": "extrapolation.only_after",
    "gain shrinks after follow-up": "extrapolation.shrinks",
    "loss": "extrapolation.is_loss",
    "not clearly different from 0": "extrapolation.unclear",
    "no difference": "extrapolation.nothing",
}


def judgement_table(judgement: DocumentationJudgement, *, language: str = "en") -> pd.DataFrame:
    """Write every domain with what was stated, its concern and cut-offs, and the whole.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    domains = judgement.domains
    whole = concern_text(judgement, language)
    columns = {
        label("judgement.stated", language): [*(_stated(d, language) for d in domains), ABSENT],
        label("judgement.concern", language): [
            *(label(_CONCERNS[d.concern], language) for d in domains),
            whole,
        ],
        label("judgement.cutoffs", language): [
            *(_cutoffs(judgement, d, language) for d in domains),
            ABSENT,
        ],
        label("column.note", language): [*(d.note or ABSENT for d in domains), ABSENT],
    }
    names = [d.name.in_language(language) for d in domains]
    return build(
        columns,
        index=[*names, label("judgement.whole", language)],
        index_name=label("judgement.domain", language),
        notes=_judgement_notes(judgement, language),
    )


def concern_text(judgement: DocumentationJudgement, language: str) -> str:
    """Concern over the whole, ``at least`` where domains that are not judged could raise it."""
    concern = label(_CONCERNS[judgement.concern], language)
    return label("concern.at_least", language, concern=concern) if judgement.at_least else concern


def level_text(found: DocumentationLevel, language: str) -> str:
    """Level of documentation uncertainty, and which of the two made it."""
    level = label(f"word.{found.level}", language)
    return label(_MADE_BY[found.made_by], language, level=level)


def level_notes(found: DocumentationLevel, language: str) -> list[str]:
    """Write the rule for both together, and what stands below the judgement."""
    text = found.detail.rule.combination_text.in_language(language)
    return [
        label("judgement.rule", language, text=text),
        *_judgement_notes(found.detail, language),
    ]


def extrapolation_table(gain: ExtrapolatedGain, *, language: str = "en") -> pd.DataFrame:
    """Gains within and after the follow-up, and the share after it, by measure.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    shares = list(gain.shares.values())
    columns = {
        label("extrapolation.gain", language): [_mean(s, "gain", language) for s in shares],
        label("extrapolation.within", language): [_mean(s, "within", language) for s in shares],
        label("extrapolation.after", language): [_mean(s, "after", language) for s in shares],
        label("extrapolation.share", language): [_share(s, language) for s in shares],
        label("extrapolation.interval", language): [_interval(s, language) for s in shares],
        label("extrapolation.meaning", language): [
            label(_STATUSES[s.status], language) for s in shares
        ],
    }
    pair = {"option": gain.option, "reference": gain.reference}
    return build(
        columns,
        index=[label(_MEASURES[s.measure], language) for s in shares],
        index_name=label("note.pair", language, **pair),
        notes=_extrapolation_notes(gain, language),
    )


def _stated(domain: JudgedDomain, language: str) -> str:
    if domain.answer is not None:
        return domain.answer.in_language(language)
    return percent(domain.share, language=language)


def _cutoffs(judgement: DocumentationJudgement, domain: JudgedDomain, language: str) -> str:
    shares = [d for d in judgement.rule.shares if d.key == domain.key]
    if not shares:
        return label("judgement.by_word", language)
    some, high = (percent(x, language=language) for x in (shares[0].some, shares[0].high))
    key = "judgement.above" if shares[0].worse == "high" else "judgement.below"
    return label(key, language, some=some, high=high)


def _judgement_notes(judgement: DocumentationJudgement, language: str) -> list[str]:
    mine = judgement.provenance["status"] == "choice"
    notes = [label("judgement.choice" if mine else "judgement.changed", language)]
    missing = [d.name.in_language(language) for d in judgement.domains if d.concern is None]
    if missing:
        notes.append(label("judgement.not_judged", language, names="; ".join(missing)))
    rule = judgement.rule.overall_text.in_language(language)
    return [*notes, label("judgement.overall_rule", language, text=rule)]


def _mean(share: GainShare, which: str, language: str) -> str:
    from prioritering.psa import mean_se

    values = {"gain": share.gain, "after": share.after, "within": share.gain - share.after}[which]
    return with_error(
        float(values.mean()), mean_se(values), decimals=QALY_DECIMALS, language=language
    )


def _share(share: GainShare, language: str) -> str:
    if share.share is None or share.share_se is None:
        return percent(share.share, decimals=1, language=language)
    return percent_with_error(share.share, share.share_se, language=language)


def _interval(share: GainShare, language: str) -> str:
    if share.interval is None:
        return ABSENT
    low, high = (percent(x, language=language) for x in share.interval)
    return label("format.range", language, low=low, high=high)


def _extrapolation_notes(gain: ExtrapolatedGain, language: str) -> list[str]:
    notes = [label("extrapolation.ratio", language)]
    follow_up, horizon = gain.provenance.get("follow_up"), gain.provenance.get("horizon")
    if follow_up and horizon:
        words = {
            "follow_up": length_text(follow_up, language),
            "horizon": length_text(horizon, language),
        }
        notes.insert(0, label("extrapolation.follow_up", language, **words))
    if gain.n_draws > 1 and any(s.share is not None and not s.interval for s in _all(gain)):
        notes.append(label("extrapolation.no_interval", language))
    return [*notes, *draws_notes(gain.n_draws, gain.provenance, language)]


def _all(gain: ExtrapolatedGain) -> list[GainShare]:
    return list(gain.shares.values())
