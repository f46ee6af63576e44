"""Bundles of arrays that kernels take, so that a call reads as what it does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LANES = 128
"""Draws are padded to a whole number of these; kernels take so many at a time."""
TILE = 4
"""Weights of node terms are padded to a whole number of boundaries of this size."""


class Stacks(NamedTuple):
    """Values by how they vary; draws are padded to whole lanes.

    ``cycle`` (slot, cycles), ``draw`` (slot, draws), ``both`` (slot, cycles, draws).
    """

    cycle: Floats
    draw: Floats
    both: Floats


class Values(NamedTuple):
    """The different values that moves take; value ``v`` stands in stack ``kind[v]`` at ``slot[v]``.

    ``changes[v]`` is 1 if it varies by cycle; the others are read once.
    """

    kind: Ints
    slot: Ints
    changes: Ints


class Moves(NamedTuple):
    """Allowed moves, sorted by the state they leave.

    ``first[s]:first[s + 1]`` are the moves out of state ``s``; ``into[arrive[s]:arrive[s + 1]]``
    are the moves into it. ``value[e]`` is the value of move ``e``; ``varies[s]`` tells whether
    any move out of ``s`` varies by cycle.
    """

    source: Ints
    target: Ints
    value: Ints
    first: Ints
    into: Ints
    arrive: Ints
    varies: Ints


class NodeTerms(NamedTuple):
    """``sum_i weight[row, i] * occupancy[i, state]`` over boundaries.

    ``weight`` (row, boundaries), zeros filling it up to a whole number of tiles.
    """

    state: Ints
    row: Ints
    weight: Floats


class SlotTerms(NamedTuple):
    """``sum_i both[slot, i] * (start[row, i] * occupancy[i] + end[row, i] * occupancy[i + 1])``."""

    state: Ints
    slot: Ints
    row: Ints
    start: Floats
    end: Floats


class FlowTerms(NamedTuple):
    """``sum_i weight[row, i] * flow[i, move]``, times ``both[slot, i]`` where slot >= 0."""

    move: Ints
    slot: Ints
    row: Ints
    weight: Floats


class Totals(NamedTuple):
    """Accumulated terms, each (term, draws), filled by a kernel."""

    node: Floats
    slot: Floats
    flow: Floats
