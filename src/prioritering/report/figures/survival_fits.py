"""Fitted survival: curves over Kaplan-Meier, hazards, and the tables beside them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.errors import PrioriteringWarning, ResultError
from prioritering.outcomes import Floats
from prioritering.report.figures._canvas import INK, MUTED, SMALL, canvas, finish, look, nice_above
from prioritering.report.figures._survival_parts import band, steps
from prioritering.report.labels import label
from prioritering.report.numbers import number, percent
from prioritering.report.tables._cells import build, p_value
from prioritering.report.tables.parameters import significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.survival.curve import Curve
    from prioritering.survival.fit import Fit, FitTable
    from prioritering.survival.fit.criticism import Review
    from prioritering.survival.observed import SurvivalData

POINTS = 401
TIP = 1.9
"""The hazard axis ends at this many times the highest observed and the usual fitted hazard."""
UNLIKE = 6
"""From this line on dashes repeat, so that lines get marks."""


def plot_fits(
    curves: Mapping[str, Curve],
    data: SurvivalData,
    *,
    horizon: float | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Fitted curves over the Kaplan-Meier curve of the patients they were fitted to.

    Parameters
    ----------
    curves
        Curves by the name they are shown under; of draws, the median is shown.
    data
        The patients; interval-censored ones have no Kaplan-Meier curve here.
    horizon
        Last year shown; a quarter beyond the longest follow-up if not given.

    Raises
    ------
    ResultError
        No curve.
    UnknownNameError
        A language without labels.
    """
    _require(curves)
    last = float(data.time.max())
    end = 1.25 * last if horizon is None else float(horizon)
    years = np.linspace(0, end, POINTS)
    with canvas(ax) as axes:
        _kaplan_meier(axes, data, language)
        at_end = _lines(axes, years, {n: _median(c.survival(years)) for n, c in curves.items()})
        axes.set(xlim=(0, end), ylim=(0, 1.02))
        _follow_up(axes, last, end)
        axes.legend(loc="upper right", frameon=False, fontsize=SMALL, handlelength=3.2)
        finish(
            axes,
            language,
            title=_spread_title(at_end, end, language),
            x=label("axis.years", language),
            y=label("axis.survival", language),
            small_print=label("note.fits", language, end=_years(last, language)),
            most_x_ticks=8,
            y_percent=True,
        )
    return axes


def plot_fitted_hazards(
    curves: Mapping[str, Curve],
    data: SurvivalData,
    *,
    population: Curve | None = None,
    horizon: float | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Fitted hazards, the smoothed observed hazard, and that of the general population.

    Parameters are those of :func:`plot_fits`; ``population`` is a curve from the patients' age on.

    Raises
    ------
    ResultError
        No curve.
    UnknownNameError
        A language without labels.
    """
    _require(curves)
    last = float(data.time.max())
    end = 1.25 * last if horizon is None else float(horizon)
    years = np.linspace(0, end, POINTS)
    middle = 0.5 * (years[1:] + years[:-1])
    with canvas(ax) as axes:
        observed, width = _smoothed(axes, data, language)
        lines = {name: _median(_rates(curve, years)) for name, curve in curves.items()}
        _lines(axes, middle, lines)
        usual = float(np.median([line.max() for line in lines.values()]))
        top = TIP * max(observed, usual, 1e-9)
        if population is not None:
            top = max(top, _population(axes, population, years, language))
        axes.set(xlim=(0, end), ylim=(0, nice_above(top)))
        _follow_up(axes, last, end)
        axes.legend(loc="upper left", frameon=False, fontsize=SMALL, handlelength=3.2, ncols=2)
        note = "note.hazards" if width else "note.hazards_only"
        finish(
            axes,
            language,
            title=label("title.hazards", language),
            x=label("axis.years", language),
            y=label("axis.hazard", language),
            small_print=label(
                note, language, end=_years(last, language), width=_years(width, language)
            ),
            most_x_ticks=8,
        )
    return axes


def fit_table(fit: Fit, *, language: str = "en") -> pd.DataFrame:
    """Estimates of a fit with their 95 % intervals."""
    frame = fit.to_frame()

    def written(column: str) -> list[str]:
        return [significant(float(x), digits=5, language=language) for x in frame[column]]

    limits = zip(written("lower"), written("upper"), strict=True)
    loglik = number(fit.loglik, decimals=3, language=language)
    return build(
        {
            label("column.estimate", language): written("estimate"),
            label("column.interval", language): [f"{low} – {high}" for low, high in limits],
        },
        index=frame["parameter"].tolist(),
        index_name=label("column.parameter", language),
        notes=[label("note.fit", language, loglik=loglik, message=fit.message)],
    )


def criteria_table(table: FitTable, *, language: str = "en") -> pd.DataFrame:
    """AIC and BIC of every fit, with the gap to the lowest of its arm."""
    frame = table.to_frame()
    columns: dict[str, Sequence[str]] = {}
    if table.arms != ("",):
        columns[label("column.arm", language)] = frame["arm"].tolist()
    columns[label("column.coefficients", language)] = frame["coefficients"].astype(str).tolist()
    columns[label("column.loglik", language)] = _column(frame["loglik"], 2, language)
    for criterion in ("aic", "bic"):
        name = criterion.upper()
        columns[name] = _column(frame[criterion], 1, language)
        gap = label("column.gap", language, criterion=name)
        columns[gap] = _column(frame[f"{criterion}_gap"], 1, language)
    columns[label("column.converged", language)] = [
        label("format.yes" if ok else "format.no", language) for ok in frame["converged"]
    ]
    return build(
        columns,
        index=frame["family"].tolist(),
        index_name=label("column.family", language),
        notes=[label("note.bic", language)],
    )


def review_table(review: Review, *, language: str = "en") -> pd.DataFrame:
    """AIC, BIC, landmark survival, restricted mean and the comparison with the population."""
    frame = review.fits.to_frame()
    columns: dict[str, list[str]] = {}
    if review.fits.arms != ("",):
        columns[label("column.arm", language)] = frame["arm"].tolist()
    for criterion in ("aic", "bic"):
        columns[criterion.upper()] = _column(frame[criterion], 1, language)
    for year in dict.fromkeys(row.year for row in review.landmarks):
        own = [row for row in review.landmarks if row.year == year]
        heading = label("column.survival_at", language, year=_years(year, language))
        columns[heading] = [
            _interval(row.survival, row.low, row.high, language, share=True) for row in own
        ]
    heading = label("column.mean", language, horizon=_years(review.horizon, language))
    columns[heading] = [_interval(m.mean, m.low, m.high, language) for m in review.means]
    if review.below_population:
        columns[label("column.below", language)] = [
            _spans(row.spans, language) for row in review.below_population
        ]
    drawn = number(review.n_draws, language=language)
    return build(
        columns,
        index=frame["family"].tolist(),
        index_name=label("column.family", language),
        notes=[
            label("note.review", language, n=drawn),
            label("note.bic", language),
            *_proportionality(review, language),
        ],
    )


def _proportionality(review: Review, language: str) -> list[str]:
    """Write a sentence per test of proportional hazards, and what p-values do not say."""
    if not review.proportional_hazards:
        return []
    tests = [
        label(
            "note.proportional",
            language,
            group=test.estimate.group,
            reference=test.estimate.reference,
            ratio=number(test.estimate.ratio, decimals=2, language=language),
            p=p_value(test.p_value, language),
        )
        for test in review.proportional_hazards.values()
    ]
    return [*tests, label("note.not_proof", language)]


def _require(curves: Mapping[str, Curve]) -> None:
    if not curves:
        raise ResultError("no curve to draw", expected="a name and a curve, or several", found={})


def _median(values: Floats) -> Floats:
    return np.asarray(np.median(values, axis=1))


def _rates(curve: Curve, years: Floats) -> Floats:
    """Mean hazard between neighbouring years; 0 once nobody is left."""
    hazard = curve.cumulative_hazard(years)
    with np.errstate(invalid="ignore"):
        gained = np.diff(hazard, axis=0)
    return np.nan_to_num(gained, nan=0.0, posinf=0.0) / np.diff(years)[:, None]


def _lines(ax: Axes, years: Floats, lines: Mapping[str, Floats]) -> dict[str, float]:
    """Draw lines by name; returns where they end."""
    for i, (name, line) in enumerate(lines.items()):
        style = look(i)
        marks: dict[str, Any] = {}
        if i >= UNLIKE:
            marks = {"marker": "os^v"[(i - UNLIKE) % 4], "markersize": 4, "markevery": 40}
        ax.plot(
            years, line, color=style.colour, linestyle=style.dashes, label=name, zorder=3, **marks
        )
    return {name: float(line[-1]) for name, line in lines.items()}


def _kaplan_meier(ax: Axes, data: SurvivalData, language: str) -> None:
    from prioritering.survival.observed import kaplan_meier

    if data.is_interval_censored:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        estimate = kaplan_meier(data)
    times, survival = steps(estimate.times, estimate.survival, start=1.0)
    _, low = steps(estimate.times, estimate.low, start=1.0)
    _, high = steps(estimate.times, estimate.high, start=1.0)
    style: dict[str, Any] = {"drawstyle": "steps-post", "linewidth": 2.6, "alpha": 0.45}
    ax.plot(
        times, survival, color=INK, label=label("mark.kaplan_meier", language), zorder=2, **style
    )
    band(ax, times, low, high, MUTED, step=True)


def _smoothed(ax: Axes, data: SurvivalData, language: str) -> tuple[float, float]:
    """Draw the observed hazard; returns its highest value and bandwidth, 0 if there is none."""
    from prioritering.survival.observed import smoothed_hazard

    if data.is_interval_censored or data.n_events < 2:
        return 0.0, 0.0
    hazard = smoothed_hazard(data)
    ax.plot(
        hazard.times,
        hazard.hazard,
        color=INK,
        linewidth=2.6,
        alpha=0.45,
        label=label("mark.smoothed", language),
        zorder=2,
    )
    band(ax, hazard.times, hazard.low, hazard.high, MUTED, step=False)
    return float(hazard.hazard.max()), float(hazard.bandwidth)


def _population(ax: Axes, population: Curve, years: Floats, language: str) -> float:
    """Draw the population's hazard; returns how high the axis must reach."""
    rates = _median(_rates(population, years))
    middle = 0.5 * (years[1:] + years[:-1])
    ax.plot(middle, rates, color=MUTED, linewidth=2.6, label=label("mark.population", language))
    return 1.1 * float(rates.max())


def _follow_up(ax: Axes, last: float, end: float) -> None:
    if last < end:
        ax.axvline(last, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)


def _spread_title(at_end: Mapping[str, float], end: float, language: str) -> str:
    if len(at_end) == 1:
        return label("title.fits", language)
    low, high = (percent(f(at_end.values()), language=language) for f in (min, max))
    years = _years(end, language)
    return label("title.fits_at", language, years=years, low=low, high=high)


def _spans(spans: Sequence[tuple[float, float]], language: str) -> str:
    texts = (
        label("word.span", language, start=_years(a, language), end=_years(b, language))
        for a, b in spans
    )
    return "; ".join(texts) or label("word.never", language)


def _years(value: float, language: str) -> str:
    return significant(
        round(value, 1) if value >= 1 else round(value, 2), digits=3, language=language
    )


def _column(values: pd.Series[float], decimals: int, language: str) -> list[str]:
    return [number(float(x), decimals=decimals, language=language) for x in values]


def _interval(
    value: float, low: float | None, high: float | None, language: str, *, share: bool = False
) -> str:
    def written(x: float) -> str:
        if share:
            return percent(x, decimals=1, language=language)
        return number(x, decimals=2, language=language)

    if low is None or high is None:
        return written(value)
    ends = {"low": written(low), "high": written(high)}
    return label("format.with_range", language, value=written(value), **ends)
