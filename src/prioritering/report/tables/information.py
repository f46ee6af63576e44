"""Tables of the value of information: EVPI, EVPPI, EVSI and the net benefit of sampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from prioritering.outcomes import Floats
from prioritering.report.labels import label
from prioritering.report.numbers import (
    currency_of,
    money,
    money_decimals,
    number,
    percent,
)
from prioritering.report.tables._cells import build, cells, error_notes

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.psa.information import (
        Enbs,
        Evpi,
        Evppi,
        EvppiRanking,
        Evsi,
        NestedEvppi,
        OptimalSize,
        PopulationEvpi,
    )
    from prioritering.psa.information.misfit import Leftover


def evpi_table(evpi: Evpi, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """EVPI per patient, a row for each limit, with Monte Carlo standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(evpi.provenance, currency)
    notes = [label("information_note.monte_carlo", language)]
    if evpi.n_draws:
        notes.append(label("information_note.draws", language, n=count(evpi.n_draws, language)))
    return build(
        {
            label("information.evpi", language, currency=unit): amounts(
                evpi.value, evpi.se, language
            )
        },
        index=limits_of(evpi.wtp, language),
        index_name=label("axis.wtp", language, currency=unit),
        notes=[*notes, *error_notes(evpi.provenance, language)],
    )


def population_evpi_table(
    evpi: PopulationEvpi, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """EVPI or EVPPI of all patients, a row for each limit, with standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(evpi.provenance, currency)
    many = evpi.value.size
    known = None if evpi.wtp is None else limits_of(evpi.wtp, language)
    served = label(
        "information_note.population",
        language,
        patients=count(evpi.patients, language),
        present=count(evpi.discounted_patients, language),
    )
    name = label("information.population_evpi", language, currency=unit)
    of, errors = [], label("information_note.monte_carlo", language)
    if evpi.parameters:
        name = label("information.population_evppi", language, currency=unit)
        names = ", ".join(evpi.parameters)
        of = [label("information_note.parameters", language, names=names)]
        errors = label("information_note.errors_plain", language)
    return build(
        {name: amounts(evpi.value, evpi.se, language)},
        index=known or [count(i + 1, language) for i in range(many)],
        index_name=label("axis.wtp", language, currency=unit),
        notes=[
            *of,
            served,
            errors,
            label("information_note.known", language),
            *error_notes(evpi.provenance, language),
        ],
    )


def evppi_table(evppi: Evppi, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """EVPPI per patient beside EVPI, a row for each limit, with standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(evppi.provenance, currency)
    whole = np.atleast_1d(evppi.evpi)
    columns = {
        label("information.evppi", language, currency=unit): amounts(
            evppi.value, evppi.se, language
        ),
        label("information.evpi", language, currency=unit): amounts(whole, None, language),
        label("information.share", language): shares(evppi.value, whole, language),
    }
    notes = [
        label("information_note.parameters", language, names=", ".join(evppi.parameters)),
        label("information_note.errors", language, n=count(evppi.n_draws, language)),
        label("information_note.method", language, method=method_name(evppi.method, language)),
        *_bias_note(evppi.bias, language, unit),
        *structure_note(evppi.structure, language),
        *error_notes(evppi.provenance, language),
    ]
    return build(
        columns,
        index=limits_of(evppi.wtp, language),
        index_name=label("axis.wtp", language, currency=unit),
        notes=notes,
    )


def ranking_table(
    ranking: EvppiRanking, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """EVPPI of parameters and groups in order at ``ranked_at``, with standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(ranking.evpi.provenance, currency)
    items, k = list(ranking.items.values()), ranking.position
    values = np.array([item.value.flat[k] for item in items])
    errors = np.array([item.se.flat[k] for item in items])
    whole = np.full_like(values, ranking.evpi.value.flat[k])
    columns = {
        label("information.evppi", language, currency=unit): amounts(values, errors, language),
        label("information.share", language): shares(values, whole, language),
        label("information.method", language): [method_name(i.method, language) for i in items],
    }
    return build(
        columns,
        index=list(ranking.items),
        index_name=label("information.name", language),
        notes=[
            _limit_note(ranking.ranked_at, language, unit),
            label("information_note.errors", language, n=count(items[0].n_draws, language)),
            *ranking_structure_note(ranking, language),
            *error_notes(ranking.evpi.provenance, language),
        ],
    )


def nested_table(
    evppi: NestedEvppi, *, language: str = "en", currency: str | None = None
) -> pd.DataFrame:
    """EVPPI by two loops, a row for each limit, with Monte Carlo standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(evppi.provenance, currency)
    columns = {
        label("information.evppi", language, currency=unit): amounts(
            evppi.value, evppi.se, language
        ),
        label("information.plain", language, currency=unit): amounts(
            evppi.uncorrected, None, language
        ),
    }
    loops = label(
        "information_note.nested",
        language,
        outer=count(evppi.n_outer, language),
        inner=count(evppi.n_inner, language),
    )
    return build(
        columns,
        index=limits_of(evppi.wtp, language),
        index_name=label("axis.wtp", language, currency=unit),
        notes=[
            label("information_note.parameters", language, names=", ".join(evppi.parameters)),
            loops,
        ],
    )


def evsi_table(evsi: Evsi, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """EVSI per patient by size of the study, a column for each limit, with standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit = currency_of(evsi.provenance, currency)
    sizes = evsi.n.size
    values, errors = evsi.value.reshape(sizes, -1), evsi.se.reshape(sizes, -1)
    limits = np.atleast_1d(evsi.wtp)
    columns = {
        label("information.study_patients", language): [
            count(evsi.arms * n, language) for n in evsi.n
        ]
    }
    heading = label("information.evsi", language, currency=unit)
    for k, limit in enumerate(limits):
        at = _limit_note(float(limit), language, unit).rstrip(".")
        name = heading if limits.size == 1 else f"{heading}. {at}"
        columns[name] = amounts(values[:, k], errors[:, k], language)
    ceiling = ", ".join(amounts(evsi.ceiling, evsi.ceiling_se, language))
    notes = [_limit_note(float(limits[0]), language, unit)] if limits.size == 1 else []
    return build(
        columns,
        index=[count(n, language) for n in evsi.n],
        index_name=label("information.arm_size", language),
        notes=[
            *notes,
            label("information_note.study", language, study=evsi.study),
            label("information_note.errors", language, n=count(evsi.n_draws, language)),
            label("information_note.method", language, method=method_name(evsi.method, language)),
            label("information_note.ceiling", language, amount=ceiling),
            *error_notes(evsi.provenance, language),
        ],
    )


def enbs_table(enbs: Enbs, *, language: str = "en", currency: str | None = None) -> pd.DataFrame:
    """Value, cost and net benefit of a study by its size, with standard errors.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    unit, best = currency_of(enbs.provenance, currency), enbs.optimum
    columns = {
        label("information.study_patients", language): [
            count(enbs.arms * n, language) for n in enbs.n
        ],
        label("information.population_evsi", language, currency=unit): amounts(
            enbs.population_evsi, enbs.se, language
        ),
        label("information.study_cost", language, currency=unit): amounts(
            enbs.cost, None, language
        ),
        label("information.enbs", language, currency=unit): amounts(enbs.value, enbs.se, language),
    }
    written = {k: count(getattr(best, k), language) for k in ("n", "low", "high")}
    served = label(
        "information_note.population",
        language,
        patients=count(enbs.patients, language),
        present=count(enbs.discounted_patients, language),
    )
    choice = label("information_title.no_study", language) + "."
    if best.n:
        choice = label("information_note.best", language, **written)
    unsure = doubt_notes(best, language)
    edge = [label("information_note.edge", language)] if best.at_edge else []
    return build(
        columns,
        index=[count(n, language) for n in enbs.n],
        index_name=label("information.arm_size", language),
        notes=[
            _limit_note(enbs.wtp, language, unit),
            label("information_note.study", language, study=enbs.study),
            served,
            choice,
            *unsure,
            *edge,
            label("information_note.errors", language, n=count(enbs.n_draws, language)),
            *error_notes(enbs.provenance, language),
        ],
    )


_METHODS = {
    "spline": "information_method.spline",
    "many": "information_method.many",
    "gp": "information_method.gp",
    "regression": "information_method.regression",
    "moment_matching": "information_method.moment_matching",
}


def count(n: float, language: str) -> str:
    """Whole number as the language writes it."""
    return number(float(n), language=language)


def method_name(method: str, language: str) -> str:
    """Name of a method for the reader.

    Examples
    --------
    >>> method_name("gp", "en"), method_name("moment_matching, spline", "en")
    ('Gaussian process', 'moment matching: splines')
    """
    first, _, second = method.partition(", ")
    name = label(_METHODS[first], language)
    if not second:
        return name
    other = label(_METHODS[second], language)
    return label("information_method.joined", language, first=name, second=other)


def amounts(values: Floats, errors: Floats | None, language: str) -> list[str]:
    """Amounts of money with errors, all with the same decimals."""
    shown = np.atleast_1d(values).ravel().tolist()
    given = [None] * len(shown) if errors is None else np.atleast_1d(errors).ravel().tolist()
    return cells(shown, given, decimals=money_decimals(shown), language=language)


def limits_of(wtp: Floats, language: str) -> list[str]:
    """Willingness to pay as row names."""
    return [number(k, language=language) for k in np.atleast_1d(wtp).tolist()]


def shares(values: Floats, whole: Floats, language: str) -> list[str]:
    """Values as shares of a whole; a dash where there is nothing to share."""
    pairs = zip(np.atleast_1d(values).tolist(), np.atleast_1d(whole).tolist(), strict=True)
    return [percent(v / w if w > 0 else None, language=language) for v, w in pairs]


def _limit_note(limit: float, language: str, unit: str) -> str:
    amount = money(limit, language=language, currency=unit)
    return label("information_note.limit", language, limit=amount)


def _bias_note(bias: Floats, language: str, unit: str) -> list[str]:
    """Say how much noise raises the value, where it is the largest of the limits."""
    most = float(np.max(bias))
    if most <= 0:
        return []
    amount = money(most, decimals=money_decimals([most]), language=language, currency=unit)
    return [label("information_note.bias", language, amount=amount)]


def doubt_notes(best: OptimalSize, language: str) -> list[str]:
    """Say when study and no study cannot be told apart."""
    if best.n and not best.low:
        return [label("information_note.no_study_near", language)]
    if not best.n and best.high:
        return [label("information_note.may_be_worth", language, high=count(best.high, language))]
    return []


def structure_note(left: Sequence[Leftover], language: str) -> list[str]:
    """Say what the residuals still depend on, where they do."""
    return _too_low([_written(one, language) for one in left], language)


def ranking_structure_note(ranking: EvppiRanking, language: str) -> list[str]:
    """Say which values may be too low, and what their residuals still depend on."""
    left = [
        f"{name}: {', '.join(_written(one, language) for one in item.structure)}"
        for name, item in ranking.items.items()
        if item.structure
    ]
    return _too_low(left, language)


_LEFT = {"cost": "information_note.left_cost", "effect": "information_note.left_effect"}


def _written(left: Leftover, language: str) -> str:
    names = ", ".join(left.by) or label("information_note.fitted_mean", language)
    return label(_LEFT[left.outcome], language, names=names)


def _too_low(where: Sequence[str], language: str) -> list[str]:
    return [label("information_note.structure", language, where="; ".join(where))] if where else []
