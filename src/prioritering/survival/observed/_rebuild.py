"""The arithmetic of reconstruction: events and censorings that give a curve and a risk table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from prioritering.survival._inputs import Floats
from prioritering.survival.observed._digitised import Points, RiskTable

READING_ERROR = 0.002
"""Survival this close to the curve is close enough to leave censoring evenly spread."""
MOST_TRIES = 60
"""Numbers of censored patients tried in an interval."""
NEAR = 15
"""How far around the bisected number of censored patients the total of events is looked for."""


class Walk(NamedTuple):
    """One interval, rebuilt: events and times of censoring, patients and survival at its end."""

    events: Floats
    censored: Floats
    n: int
    survival: float


class Rebuilt(NamedTuple):
    """Times of events and of censoring, and what had to be assumed."""

    events: Floats
    censored: Floats
    notes: tuple[str, ...]


class Stretch(NamedTuple):
    """Falls of the curve in one interval; ``n`` at risk and ``survival`` rebuilt at its start."""

    start: float
    end: float
    times: Floats
    levels: Floats
    n: int
    survival: float

    def walk(self, censored: int, *, at_most: int) -> Walk:
        """Rebuild the interval with about ``censored`` patients censored in it.

        At each fall to survival ``s``, with ``n`` at risk and survival ``S`` rebuilt so far,
        ``d`` events are the whole number nearest to ``n (1 - s / S)``. The censored are spread
        evenly over the time left, unless no ``d`` then comes within the reading error of ``s``:
        then as many are censored before the fall, up to ``at_most`` in all, as make the height
        of the step come out.
        """
        n, survival, now, used = self.n, self.survival, self.start, 0
        events: list[Floats] = []
        moments: list[Floats] = []
        for t, level in zip(self.times.tolist(), self.levels.tolist(), strict=True):
            if n == 0:
                break
            left = max(censored - used, 0)
            even = _even_before(left, now, t, self.end)
            most = min(at_most - used, n - 1) if t > now else 0
            lost, d = _height(n, survival, level, even, most)
            moments.append(_spread(lost, now, t))
            events.append(np.full(d, t))
            n, used, now = n - lost - d, used + lost, t
            survival *= 1 - d / (n + d)
        lost = min(max(censored - used, 0), n)
        moments.append(_spread(lost, now, self.end))
        return Walk(_joined(events), _joined(moments), n - lost, survival)


def rebuild(points: Points, table: RiskTable, total_events: int | None) -> Rebuilt:
    """Go through the intervals between numbers at risk, the last one to the end of the curve."""
    fall = np.diff(points.survival) < 0
    times, levels = points.times[1:][fall], points.survival[1:][fall]
    end = max(float(points.times[-1]), table.times[-1])
    place = np.searchsorted(table.times, times, side="right") - 1
    n, survival, walks = table.numbers[0], 1.0, list[Walk]()
    notes: tuple[str, ...] = ()
    for k, start in enumerate(table.times):
        here = times[place == k], levels[place == k]
        if k + 1 < len(table.times):
            stretch = Stretch(start, table.times[k + 1], *here, n, survival)
            walk = _to_number(stretch, table.numbers[k + 1])
        else:
            stretch = Stretch(start, end, *here, n, survival)
            walk, notes = _last(stretch, walks, total_events)
        walks.append(walk)
        n, survival = walk.n, walk.survival
    censored = [walk.censored for walk in walks]
    return Rebuilt(
        _joined([walk.events for walk in walks]), _joined([*censored, np.full(n, end)]), notes
    )


def _to_number(stretch: Stretch, target: int) -> Walk:
    """Censor as many as bring the number at risk at the end to what the table says."""
    ending = float(stretch.levels[-1]) if stretch.levels.size else stretch.survival
    expected = stretch.n * ending / stretch.survival if stretch.survival > 0 else 0.0
    return _search(
        lambda censored: stretch.walk(censored, at_most=censored),
        lambda walk: walk.n - target,
        start=max(round(expected) - target, 0),
        most=stretch.n,
    )


def _last(
    stretch: Stretch, before: list[Walk], total_events: int | None
) -> tuple[Walk, tuple[str, ...]]:
    """Rebuild what follows the last number at risk."""
    if stretch.times.size == 0 or stretch.n == 0:
        return stretch.walk(0, at_most=0), ()
    if total_events is not None:
        return _to_events(stretch, total_events - sum(w.events.size for w in before)), ()
    pace = sum(w.censored.size for w in before) / stretch.start if before else 0.0
    censored = min(round(pace * (stretch.end - stretch.start)), stretch.n)
    walk = stretch.walk(censored, at_most=stretch.n)
    how = "censoring at its earlier pace" if before else "no censoring before the curve's end"
    found = walk.events.size
    text = f"events after the last number at risk ({found}) rest on an assumption: {how}"
    return walk, (text,) if found else ()


def _to_events(stretch: Stretch, wanted: int) -> Walk:
    """Censor as many as bring the number of events to what was reported: more censored, fewer."""
    low, high = 0, stretch.n
    best = stretch.walk(0, at_most=stretch.n)
    while low < high and best.events.size != wanted:
        middle = (low + high) // 2
        walk = stretch.walk(middle, at_most=stretch.n)
        if abs(walk.events.size - wanted) < abs(best.events.size - wanted):
            best = walk
        low, high = (middle + 1, high) if walk.events.size > wanted else (low, middle)
    if best.events.size == wanted:
        return best
    near = range(max(low - NEAR, 0), min(low + NEAR, stretch.n) + 1)
    walks = [best, *(stretch.walk(censored, at_most=stretch.n) for censored in near)]
    return min(walks, key=lambda w: abs(w.events.size - wanted))


def _search(
    walk: Callable[[int], Walk], gap: Callable[[Walk], int], *, start: int, most: int
) -> Walk:
    """Walk with the gap nearest to 0, moving by the gap until it is 0 or comes round again."""
    tried: dict[int, Walk] = {}
    censored = min(start, most)
    while censored not in tried and len(tried) < MOST_TRIES:
        tried[censored] = walk(censored)
        censored = min(max(censored + gap(tried[censored]), 0), most)
    return min(tried.values(), key=lambda w: (abs(gap(w)), w.censored.size))


def _height(n: int, survival: float, level: float, even: int, most: int) -> tuple[int, int]:
    """Numbers censored before a fall and with the event at it."""
    lost = np.arange(max(most, 0) + 1)
    left = n - lost
    events = np.floor(left * (1 - level / survival) + 0.5)
    excess = np.abs(survival * (1 - events / left) - level) - READING_ERROR
    best = int(np.lexsort((np.abs(lost - even), np.maximum(excess, 0.0)))[0])
    return best, int(events[best])


def _even_before(count: int, now: float, t: float, end: float) -> int:
    """How many of ``count`` moments spread evenly from ``now`` to ``end`` lie before ``t``."""
    if t <= now:
        return 0
    return int(np.ceil((count + 1) * (t - now) / (end - now) - 1e-9)) - 1


def _spread(count: int, start: float, end: float) -> Floats:
    """``count`` moments spread evenly between two times, neither of them included."""
    return np.asarray(start + (end - start) * np.arange(1, count + 1) / (count + 1))


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])
