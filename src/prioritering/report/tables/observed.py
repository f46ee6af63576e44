"""Observed survival: Kaplan-Meier, tests between groups, and data rebuilt from a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.labels import label
from prioritering.report.numbers import number, percent
from prioritering.report.tables._cells import build, confidence_level, p_value
from prioritering.report.tables.parameters import significant

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.survival.observed import (
        CoxHazardRatio,
        KaplanMeier,
        LogRank,
        ProportionalHazards,
        ReconstructionReport,
    )

MOST_TIMES = 6
"""Most times at which survival is stated."""
SHARE_DECIMALS, YEAR_DECIMALS, RATIO_DECIMALS, TEST_DECIMALS = 1, 1, 2, 2
SURVIVAL_DECIMALS = 4
"""Decimals of a distance between survival curves."""
YEAR_DIGITS = 4


def kaplan_meier_table(estimate: KaplanMeier, *, language: str = "en") -> pd.DataFrame:
    """Patients, events, follow-up, median, and survival at up to six even steps of time.

    Medians and survival have their confidence intervals, survival its number at risk.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    data = estimate.data
    followed = number(estimate.last_time, decimals=YEAR_DECIMALS, language=language)
    rows = [
        ("patients", number(data.n, language=language), "", ""),
        ("events", number(data.n_events, language=language), "", ""),
        ("follow_up", followed, "", ""),
        ("median_event", *_median(estimate, language), ""),
    ]
    named = [(label(f"row.{name}", language), *cells) for name, *cells in rows]
    index, values, intervals, at_risk = zip(*named, *_landmarks(estimate, language), strict=True)
    kind = label(f"interval_kind.{estimate.interval}", language)
    return build(
        {
            label("column.value", language): values,
            _confidence(estimate.level, language): intervals,
            label("column.at_risk", language): at_risk,
        },
        index=index,
        index_name=label("column.quantity", language),
        notes=[label("note.survival_interval", language, kind=kind)],
    )


def log_rank_table(test: LogRank, *, language: str = "en") -> pd.DataFrame:
    """Patients, events and expected events of each group, the test in a note.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    notes = [
        label(
            "note.log_rank",
            language,
            chi_square=number(test.chi_square, decimals=TEST_DECIMALS, language=language),
            degrees=number(test.degrees_of_freedom, language=language),
            p=p_value(test.p_value, language),
        )
    ]
    if test.rho or test.gamma:
        weights = {
            name: significant(value, digits=YEAR_DIGITS, language=language)
            for name, value in (("rho", test.rho), ("gamma", test.gamma))
        }
        notes.append(label("note.weights", language, **weights))
    return build(
        {
            label("column.patients", language): _counts(test.n, language),
            label("column.observed_events", language): _counts(test.observed, language),
            label("column.expected_events", language): [
                number(x, decimals=TEST_DECIMALS, language=language) for x in test.expected.tolist()
            ],
        },
        index=test.groups,
        index_name=label("column.group", language),
        notes=notes,
    )


def hazard_ratio_table(estimate: CoxHazardRatio, *, language: str = "en") -> pd.DataFrame:
    """Hazard ratio with its confidence interval and p-value.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    return build(
        {
            **_ratio(estimate, language),
            label("column.p_value", language): [p_value(estimate.p_value, language)],
        },
        index=[_pair(estimate, language)],
        index_name=label("column.comparison", language),
        notes=[label("note.cox", language, ties=estimate.ties.capitalize())],
    )


def proportional_hazards_table(test: ProportionalHazards, *, language: str = "en") -> pd.DataFrame:
    """Constant hazard ratio with its interval, and the test that it is constant.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    chi_square = number(test.chi_square, decimals=TEST_DECIMALS, language=language)
    transform = label(f"transform.{test.transform}", language)
    return build(
        {
            **_ratio(test.estimate, language),
            label("column.chi_square", language): [chi_square],
            label("column.degrees_of_freedom", language): [number(1, language=language)],
            label("column.p_value", language): [p_value(test.p_value, language)],
        },
        index=[_pair(test.estimate, language)],
        index_name=label("column.comparison", language),
        notes=[
            label("note.transform", language, transform=transform),
            label("note.not_proof", language),
        ],
    )


def reconstruction_table(report: ReconstructionReport, *, language: str = "en") -> pd.DataFrame:
    """Numbers at risk, published and rebuilt; the fit of the curve and the report's notes below.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    pairs = list(zip(report.numbers_given, report.numbers_rebuilt, strict=True))
    distances = {
        name: number(value, decimals=SURVIVAL_DECIMALS, language=language)
        for name, value in (("mean", report.mean_difference), ("most", report.max_difference))
    }
    return build(
        {
            label("column.published", language): [number(a, language=language) for a, _ in pairs],
            label("column.rebuilt", language): [number(b, language=language) for _, b in pairs],
            label("column.difference", language): [
                number(b - a, language=language) for a, b in pairs
            ],
        },
        index=[_year(t, language) for t in report.risk_times],
        index_name=label("column.year", language),
        notes=[
            label("note.numbers_at_risk", language),
            label("note.rebuilt_survival", language, **distances),
            _events(report, language),
            *report.notes,
        ],
    )


def _median(estimate: KaplanMeier, language: str) -> tuple[str, str]:
    """Median and its interval, in words where the curve does not reach it."""
    value, low, high = (
        label("title.not_reached", language)
        if x is None
        else number(x, decimals=YEAR_DECIMALS, language=language)
        for x in estimate.median
    )
    known = estimate.median.low is not None
    return value, label("format.range", language, low=low, high=high) if known else ""


def _landmarks(estimate: KaplanMeier, language: str) -> list[tuple[str, str, str, str]]:
    """Name, survival, interval and number at risk at each step of time."""
    at = estimate.at(_steps(estimate.last_time))
    return [
        (
            label("row.survival_at", language, year=_year(year, language)),
            _share(survival, language),
            label("format.range", language, low=_share(low, language), high=_share(high, language)),
            count,
        )
        for year, survival, low, high, count in zip(
            at.times.tolist(),
            at.survival.tolist(),
            at.low.tolist(),
            at.high.tolist(),
            _counts(at.at_risk, language),
            strict=True,
        )
    ]


def _steps(end: float) -> Floats:
    """Multiples of 1, 2 or 5 times a power of ten up to ``end``, at most ``MOST_TIMES``."""
    power = 10.0 ** np.floor(np.log10(end / MOST_TIMES))
    count, step = next(
        (count, k * power)
        for k in (1, 2, 5, 10)
        if (count := int(end / (k * power) + 1e-9)) <= MOST_TIMES
    )
    return np.asarray(np.minimum(step * np.arange(1, count + 1), end))


def _ratio(estimate: CoxHazardRatio, language: str) -> dict[str, list[str]]:
    value, low, high = (
        number(x, decimals=RATIO_DECIMALS, language=language)
        for x in (estimate.ratio, estimate.low, estimate.high)
    )
    return {
        label("column.hazard_ratio", language): [value],
        _confidence(estimate.level, language): [
            label("format.range", language, low=low, high=high)
        ],
    }


def _pair(estimate: CoxHazardRatio, language: str) -> str:
    return label("note.pair", language, option=estimate.group, reference=estimate.reference)


def _confidence(level: float, language: str) -> str:
    return label("column.confidence", language, level=confidence_level(level, language))


def _counts(values: Floats, language: str) -> list[str]:
    """Numbers of patients or events, with decimals if weights make them broken."""
    decimals = 0 if np.equal(values, np.round(values)).all() else TEST_DECIMALS
    return [number(x, decimals=decimals, language=language) for x in values.tolist()]


def _events(report: ReconstructionReport, language: str) -> str:
    events = number(report.events, language=language)
    if report.events_given is None:
        return label("note.rebuilt_events", language, events=events)
    given = number(report.events_given, language=language)
    return label("note.rebuilt_events_of", language, events=events, given=given)


def _share(value: float, language: str) -> str:
    return percent(value, decimals=SHARE_DECIMALS, language=language)


def _year(value: float, language: str) -> str:
    return significant(value, digits=YEAR_DIGITS, language=language)
