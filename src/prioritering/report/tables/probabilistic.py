"""Tables of probabilistic results: curves at some limits, ranks, severity, Monte Carlo error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.labels import label
from prioritering.report.numbers import (
    ABSENT,
    currency_of,
    money,
    money_decimals,
    number,
    percent,
    percent_with_error,
    with_error,
)
from prioritering.report.tables._cells import (
    QALY_DECIMALS,
    assumption_notes,
    build,
    error_notes,
)

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.psa import (
        Acceptability,
        BestProbability,
        DrawsNeeded,
        ExpectedLossCurves,
        IcerError,
        MultiplierCurves,
        Need,
        RankProbabilities,
        RunningMean,
        Settling,
        SeverityAcceptability,
        Share,
    )

MOST_ROWS = 9
"""Limits shown of a curve."""


def acceptability_table(
    curves: Acceptability, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Probability of highest net benefit by limit, who is favoured, and the EVPI.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(curves.provenance, currency)
    rows = some_of(curves.limits.size)
    columns = _shares(curves.strategies, curves.probability, curves.probability_se, rows, language)
    best = [curves.best_on_average(k) for k in rows]
    columns[label("psa_column.favoured", language)] = [", ".join(names) for names in best]
    tied = [label("psa_note.tied", language)] if any(len(names) > 1 for names in best) else []
    columns[label("psa_column.evpi", language, currency=unit)] = _amounts(
        curves.loss.evpi, curves.loss.evpi_se, rows, language
    )
    return build(
        columns,
        index=[number(curves.limits[k], language=language) for k in rows],
        index_name=label("psa_column.limit", language, currency=unit),
        notes=[*_notes("psa_note.shares", curves.n_draws, curves.provenance, language), *tied],
    )


def multiplier_table(curves: MultiplierCurves, *, language: str = "en") -> pd.DataFrame:
    """Probability of highest net benefit by multiplier of the draws' own limits."""
    rows = some_of(curves.multipliers.size)
    columns = _shares(curves.strategies, curves.probability, curves.probability_se, rows, language)
    columns[label("psa_column.favoured", language)] = [curves.favoured[k] for k in rows]
    return build(
        columns,
        index=[number(curves.multipliers[k], decimals=2, language=language) for k in rows],
        index_name=label("psa_column.multiplier", language),
        notes=_notes("psa_note.shares", curves.n_draws, curves.provenance, language),
    )


def expected_loss_table(
    curves: ExpectedLossCurves, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """List the expected loss of each strategy by limit, and whose is lowest."""
    unit = currency_of(curves.provenance, currency)
    rows = some_of(curves.limits.size)
    columns = {
        label("psa_column.loss", language, strategy=name, currency=unit): _amounts(
            curves.loss[i], curves.loss_se[i], rows, language
        )
        for i, name in enumerate(curves.strategies)
    }
    columns[label("psa_column.lowest", language)] = [curves.lowest[k] for k in rows]
    notes = _notes("psa_note.means", curves.n_draws, curves.provenance, language)
    return build(
        columns,
        index=[number(curves.limits[k], language=language) for k in rows],
        index_name=label("psa_column.limit", language, currency=unit),
        notes=[label("psa_note.loss", language), *notes],
    )


def ranks_table(
    ranks: RankProbabilities, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Probability of each rank, mean rank and share of the others beaten."""
    columns = {
        label("psa_column.rank", language, number=str(k + 1)): _percents(
            ranks.probability[:, k], ranks.probability_se[:, k], language
        )
        for k in range(len(ranks.strategies))
    }
    columns[label("psa_column.mean_rank", language)] = [
        with_error(mean, se, decimals=2, language=language)
        for mean, se in zip(ranks.mean_rank, ranks.mean_rank_se, strict=True)
    ]
    columns[label("psa_column.share_outranked", language)] = _percents(
        ranks.share_outranked, ranks.share_outranked_se, language
    )
    own = label("psa_note.ranks_own", language)
    if ranks.wtp.size == 1:
        unit = currency_of(ranks.provenance, currency)
        limit = money(float(ranks.wtp[0]), language=language, currency=unit)
        own = label("psa_note.ranks_at", language, limit=limit)
    notes = _notes("psa_note.shares", ranks.n_draws, ranks.provenance, language)
    return build(
        columns,
        index=ranks.strategies,
        index_name=label("column.strategy", language),
        notes=[own, label("psa_note.ranks", language), *notes],
    )


def severity_acceptability_table(
    joint: SeverityAcceptability, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Share of draws by severity class and cost-effectiveness, with both totals."""
    unit = currency_of(joint.provenance, currency)
    names = ("limit", "probability", "class_and_effective", "class_not_effective", "within")
    rows = [
        (
            number(c.number, language=language),
            number(c.wtp, language=language),
            write_share(c.probability, language),
            write_share(c.cost_effective, language),
            write_share(c.not_cost_effective, language),
            write_share(c.within, language),
        )
        for c in joint.classes
    ]
    expected = label("psa_row.expected_class", language, number=str(joint.expected_class))
    for name, share in (
        (label("psa_row.all_classes", language), joint.cost_effective),
        (expected, joint.at_expected_class),
    ):
        other = percent_with_error(1.0 - share.value, share.se, language=language)
        rows.append((name, "", "", write_share(share, language), other, ""))
    index, *cells = zip(*rows, strict=True)
    headings = {
        "limit": label("psa_column.limit", language, currency=unit),
        "probability": label("psa_column.probability", language),
        "class_and_effective": label("psa_column.class_and_effective", language),
        "class_not_effective": label("psa_column.class_not_effective", language),
        "within": label("psa_column.within", language),
    }
    pair = label("note.pair", language, option=joint.option, reference=joint.reference)
    notes = _notes("psa_note.shares", joint.n_draws, joint.provenance, language)
    return build(
        {headings[name]: column for name, column in zip(names, cells, strict=True)},
        index=index,
        index_name=label("psa_column.severity_class", language),
        notes=[f"{pair}.", *notes],
    )


def icer_error_table(
    error: IcerError, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Monte Carlo error of an ICER in two ways."""
    unit = currency_of(error.provenance, currency)
    decimals = money_decimals([error.icer])
    interval = ABSENT
    if error.bootstrap_interval is not None:
        low, high = (
            number(end, decimals=decimals, language=language) for end in error.bootstrap_interval
        )
        interval = label("format.range", language, low=low, high=high)
    rows = {
        label("column.icer", language, currency=unit): number(
            error.icer, decimals=decimals, language=language
        ),
        label("psa_row.delta", language): number(
            error.delta_se, decimals=decimals, language=language
        ),
        label("psa_row.bootstrap", language): number(
            error.bootstrap_se, decimals=decimals, language=language
        ),
        label("psa_row.bootstrap_interval", language): interval,
    }
    return build(
        {label("column.value", language): list(rows.values())},
        index=list(rows),
        index_name=label("note.pair", language, option=error.option, reference=error.reference),
        notes=_icer_error_notes(error, language),
    )


def _icer_error_notes(error: IcerError, language: str) -> list[str]:
    counts = {"resamples": error.n_bootstrap, "n": error.n_draws}
    written = {k: number(v, language=language) for k, v in counts.items()}
    notes = [label("psa_note.bootstrap", language, seed=str(error.seed), **written)]
    if error.icer is None:
        status = label(f"word.{error.status}", language)
        notes.append(label("psa_why.no_meaning", language, status=status))
    elif error.why_not:
        changed = number(error.n_changing, language=language)
        n = number(error.n_bootstrap, language=language)
        notes.append(label("psa_why.resamples", language, changed=changed, n=n))
    return [*notes, *error_notes(error.provenance, language)]


def draws_needed_table(
    needed: DrawsNeeded, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """Precision of each figure and the draws that would give what is wanted."""
    unit = currency_of(needed.provenance, currency)
    rows = [_need_row(need, unit, language) for need in needed.needs]
    index, values, errors, wanted, draws = zip(*rows, strict=True)
    n = number(needed.n_draws, language=language)
    return build(
        {
            label("column.value", language): values,
            label("psa_column.se", language): errors,
            label("psa_column.wanted", language): wanted,
            label("psa_column.draws", language): draws,
        },
        index=index,
        index_name=label("column.quantity", language),
        notes=[
            label("psa_note.needed", language, n=n),
            *error_notes(needed.provenance, language),
        ],
    )


def _need_row(need: Need, currency: str, language: str) -> tuple[str, ...]:
    share = need.aim in ("probability", "severity_class")
    names = {
        "nmb": label("column.incremental_nmb", language, currency=currency),
        "icer": label("column.icer", language, currency=currency),
        "evpi": label("psa_column.evpi", language, currency=currency),
        "probability": label("psa_row.probability_effective", language),
        "severity_class": label("psa_row.class_share", language, number=need.severity_class),
    }

    def write(value: float | None) -> str:
        if share:
            return percent(value, decimals=2, language=language)
        return number(value, decimals=money_decimals([need.value, need.wanted]), language=language)

    draws = number(need.draws, language=language)
    return names[need.aim], write(need.value), write(need.se), write(need.wanted), draws


def best_probability_table(best: BestProbability, *, language: str = "en") -> pd.DataFrame:
    """Probability that each strategy is best."""
    shares = zip(best.probability, best.probability_se, strict=True)
    cells = [percent_with_error(p, se, language=language) for p, se in shares]
    return build(
        {label("axis.probability_best", language): cells},
        index=best.strategies,
        index_name=label("column.strategy", language),
        notes=[label("note.brackets", language)],
    )


def settling_table(
    found: Settling, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """List running means with their errors at up to nine numbers of draws, evenly spaced."""
    unit = currency_of(found.provenance, currency)
    rows = found.cost.draws[some_of(found.cost.draws.size)].tolist()
    columns = {
        "column.incremental_cost": found.cost,
        "column.incremental_qaly": found.qaly,
        "column.incremental_nmb": found.nmb,
        "column.icer": found.icer,
    }
    pair = label("note.pair", language, option=found.option, reference=found.reference)
    return build(
        {
            label(key, language, currency=unit): _running(run, rows, key, language)
            for key, run in columns.items()
            if run is not None
        },
        index=[number(n, language=language) for n in rows],
        index_name=label("psa_axis.draws", language),
        notes=[
            f"{pair}.",
            label("note.brackets", language),
            *error_notes(found.provenance, language),
        ],
    )


def _running(run: RunningMean, rows: list[int], key: str, language: str) -> list[str]:
    """Cells of one running mean; a dash before it has a value."""
    last = float(run.mean[-1])
    decimals = QALY_DECIMALS if key == "column.incremental_qaly" else money_decimals([last])
    at = {int(n): k for k, n in enumerate(run.draws)}
    return [
        with_error(
            float(run.mean[at[n]]), float(run.se[at[n]]), decimals=decimals, language=language
        )
        if n in at
        else ABSENT
        for n in rows
    ]


def write_share(share: Share | None, language: str) -> str:
    """Per cent with its error, or a dash."""
    return ABSENT if share is None else percent_with_error(share.value, share.se, language=language)


def some_of(n: int) -> list[int]:
    """Positions of up to nine of ``n`` values, evenly spaced, first and last among them.

    Examples
    --------
    >>> some_of(3), some_of(101)[:3]
    ([0, 1, 2], [0, 12, 25])
    """
    return [int(k) for k in np.unique(np.linspace(0, n - 1, min(n, MOST_ROWS)).astype(int))]


def _shares(
    strategies: Sequence[str], shares: Floats, errors: Floats, rows: list[int], language: str
) -> dict[str, list[str]]:
    return {
        label("psa_column.probability_best", language, strategy=name): _percents(
            shares[i, rows], errors[i, rows], language
        )
        for i, name in enumerate(strategies)
    }


def _percents(shares: Floats, errors: Floats, language: str) -> list[str]:
    pairs = zip(shares.tolist(), errors.tolist(), strict=True)
    return [percent_with_error(p, se, language=language) for p, se in pairs]


def _amounts(values: Floats, errors: Floats, rows: list[int], language: str) -> list[str]:
    amounts = values[rows].tolist()
    decimals = money_decimals(amounts)
    pairs = zip(amounts, errors[rows].tolist(), strict=True)
    return [with_error(v, se, decimals=decimals, language=language) for v, se in pairs]


def _notes(key: str, n_draws: int, provenance: Mapping[str, Any], language: str) -> list[str]:
    counted = label(key, language, n=number(n_draws, language=language))
    return [
        counted,
        *error_notes(provenance, language),
        *assumption_notes(provenance, language),
    ]
