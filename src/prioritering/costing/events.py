"""Adverse events: what they cost, and the QALYs they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from prioritering.costing._inputs import (
    Floats,
    Money,
    by_draw,
    count_draws,
    money,
    one_currency,
    one_of,
    one_price_year,
)
from prioritering.errors import ParameterError, unknown_name
from prioritering.frozen import Frozen
from prioritering.plural import plural
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Counted = Literal["share of patients", "events per patient", "events per year"]
_COUNTED = ("share of patients", "events per patient", "events per year")


@dataclass(frozen=True, repr=False, eq=False)
class AdverseEvents(Frozen, Shown):
    """Cost and QALYs lost to adverse events, by event and draw.

    Attributes
    ----------
    names
        Events.
    counted
        ``"share of patients"`` or ``"events per patient"``: amounts are one-off, to be keyed by
        ``pr.at_start``. ``"events per year"``: amounts are per year, to be keyed by the
        treated state or a duration.
    occurrence, cost_by_event, qaly_loss_by_event
        Shape (event, draws). The loss is 0 or more: subtract it.
    price_year
        Year of the prices, None where they do not say.
    currency
        Currency of the prices, None where they do not say.
    """

    names: tuple[str, ...]
    counted: Counted
    occurrence: Floats
    cost_by_event: Floats
    qaly_loss_by_event: Floats
    price_year: int | None
    currency: str | None = None

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.cost_by_event.shape[1])

    @property
    def cost(self) -> Floats:
        """Cost over all events, shape (draws,)."""
        return np.asarray(self.cost_by_event.sum(axis=0))

    @property
    def qaly_loss(self) -> Floats:
        """QALYs lost over all events, shape (draws,)."""
        return np.asarray(self.qaly_loss_by_event.sum(axis=0))

    def to_frame(self) -> pd.DataFrame:
        """Long table: event, draw, occurrence, cost, qaly_loss."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.names, range(self.n_draws)], names=["event", "draw"]
        )
        columns = {
            "occurrence": self.occurrence.ravel(),
            "cost": self.cost_by_event.ravel(),
            "qaly_loss": self.qaly_loss_by_event.ravel(),
        }
        return pd.DataFrame(columns, index=index).reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """Occurrence, cost and QALYs lost by event, rounded and labelled."""
        from prioritering.report.tables.costing import adverse_events_table

        return adverse_events_table(self, language=language)

    def __repr__(self) -> str:
        return (
            f"AdverseEvents({plural(len(self.names), 'event')}, {self.counted}: cost "
            f"{self.cost.mean():,.0f}, {self.qaly_loss.mean():.4f} QALYs lost, "
            f"{plural(self.n_draws, 'draw')})"
        )


def adverse_event_costs(
    occurrence: Mapping[str, ArrayLike],
    *,
    counted: Counted,
    unit_costs: Mapping[str, Money],
    disutility: Mapping[str, ArrayLike] | None = None,
    duration: Mapping[str, ArrayLike] | None = None,
) -> AdverseEvents:
    """Adverse events as cost and QALYs lost, ``occurrence x unit cost`` summed over events.

    Parameters
    ----------
    occurrence
        ``{event: how often}``, numbers or arrays by draw.
    counted
        What that is: ``"share of patients"`` (at most 1), ``"events per patient"`` or
        ``"events per year"``.
    unit_costs
        Cost of one event, for every event: a number, an array by draw, or a fixed parameter.
    disutility, duration
        Utility lost while an event lasts, 0 to 2, and how many years it lasts:
        ``QALYs lost = occurrence x disutility x duration``. Both or neither for each event.

    Raises
    ------
    ParameterError
        No events, an event without its cost, a disutility without its duration, numbers
        outside their range, prices of different years or currencies, different numbers of
        draws.
    UnknownNameError
        A cost, disutility or duration of an event that is not there.

    Examples
    --------
    >>> events = adverse_event_costs(
    ...     {"neutropenia": 0.2, "nausea": 0.4}, counted="share of patients",
    ...     unit_costs={"neutropenia": 30_000, "nausea": 500},
    ...     disutility={"neutropenia": 0.09}, duration={"neutropenia": 15 / 365.25},
    ... )
    >>> events.cost, events.qaly_loss.round(6)
    (array([6200.]), array([0.000739]))
    """
    one_of("counted", counted, _COUNTED)
    names = tuple(occurrence)
    if not names:
        raise ParameterError("no adverse events", expected="{event: how often}", found="none")
    high = 1.0 if counted == "share of patients" else np.inf
    often = {k: by_draw(f"{counted} with {k!r}", v, high=high) for k, v in occurrence.items()}
    prices = {
        k: money(f"unit cost of {k!r}", v)
        for k, v in _of_events("unit cost", unit_costs, names, all_of_them=True).items()
    }
    lost = _qalys_per_event(names, disutility or {}, duration or {})
    arrays = {
        **{f"occurrence of {k}": v for k, v in often.items()},
        **{f"unit cost of {k}": price.amount for k, price in prices.items()},
        **{f"QALYs lost to {k}": v for k, v in lost.items()},
    }
    n = count_draws(arrays)

    def stacked(each: Mapping[str, Floats]) -> Floats:
        return np.array([np.broadcast_to(each[name], n) for name in names])

    return AdverseEvents(
        names=names,
        counted=counted,
        occurrence=stacked(often),
        cost_by_event=stacked(often) * stacked({k: p.amount for k, p in prices.items()}),
        qaly_loss_by_event=stacked(often) * stacked(lost),
        price_year=one_price_year({k: price.year for k, price in prices.items()}),
        currency=one_currency({k: price.currency for k, price in prices.items()}),
    )


def _qalys_per_event(
    names: tuple[str, ...], disutility: Mapping[str, ArrayLike], duration: Mapping[str, ArrayLike]
) -> dict[str, Floats]:
    """Multiply utility lost by years for each event; 0 for one without a disutility."""
    loss = _of_events("disutility", disutility, names, all_of_them=False)
    lasts = _of_events("duration", duration, names, all_of_them=False)
    alone = sorted(set(loss) ^ set(lasts))
    if alone:
        raise ParameterError(
            "a disutility and its duration belong together",
            expected="both, or neither, for each event",
            found=f"one of them for {', '.join(map(repr, alone))}",
        )
    found = {name: np.zeros(1) for name in names}
    for name in loss:
        years = by_draw(f"duration of {name!r} in years", lasts[name])
        drop = by_draw(f"disutility of {name!r}", loss[name], high=2.0)
        count_draws({f"disutility of {name}": drop, f"duration of {name}": years})
        found[name] = drop * years
    return found


def _of_events(
    what: str, given: Mapping[str, object], names: tuple[str, ...], *, all_of_them: bool
) -> dict[str, ArrayLike]:
    for name in given:
        if name not in names:
            raise unknown_name("adverse event", name, names, where={"argument": what})
    missing = [name for name in names if name not in given]
    if all_of_them and missing:
        raise ParameterError(
            f"an adverse event has no {what}",
            expected=f"one for each of {', '.join(map(repr, names))}",
            found=f"none for {', '.join(map(repr, missing))}",
            remedy="Write 0 for an event that costs nothing.",
        )
    return dict(given)  # type: ignore[arg-type]
