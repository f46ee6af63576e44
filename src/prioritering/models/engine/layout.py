"""Bundles of arrays that kernels take, so that a call reads as what it does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Stacks(NamedTuple):
    """Values by how they vary; draws are padded to whole lanes.

    ``cycle`` (slot, cycles), ``draw`` (slot, draws), ``both`` (slot, cycles, draws).
    """

    cycle: Floats
    draw: Floats
    both: Floats


class Moves(NamedTuple):
    """Allowed moves, sorted by the state they leave.

    The value of move ``e`` stands in the stack ``kind[e]`` at ``slot[e]``;
    ``first[s]:first[s + 1]`` are the moves out of state ``s``.
    """

    source: Ints
    target: Ints
    kind: Ints
    slot: Ints
    first: Ints


class NodeTerms(NamedTuple):
    """``sum_i weight[row, i] * occupancy[i, state]`` over boundaries; weight (row, cycles + 1)."""

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
