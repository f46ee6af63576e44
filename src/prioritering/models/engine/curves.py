"""Compiled loops over cycle boundaries, then curves, then draws in lanes of fixed width.

Arrays, lanes and terms are as in :mod:`prioritering.models.engine.cohort`, and so is the rule
that jitted code calls jitted code of its own file only: the two ``_add_*`` are its twins.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from prioritering.models.engine.layout import (
    Floats,
    Ints,
    NodeTerms,
    SlotTerms,
    Totals,
)

LANES = 128
TILE = 4

_jit = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
_inline = njit(forceinline=True, error_model="numpy", fastmath={"contract"})


@_inline
def _add_nodes(i: int, at: int, m: Floats, terms: NodeTerms, acc: Floats) -> None:
    """Add a tile of boundaries, ``i`` to ``i + 3``, which stand in ``m`` from ``at`` on."""
    for t in range(terms.state.shape[0]):
        row = terms.row[t]
        s = terms.state[t]
        w0, w1 = terms.weight[row, i], terms.weight[row, i + 1]
        w2, w3 = terms.weight[row, i + 2], terms.weight[row, i + 3]
        for j in range(LANES):
            acc[t, j] += (w0 * m[at, s, j] + w1 * m[at + 1, s, j]) + (
                w2 * m[at + 2, s, j] + w3 * m[at + 3, s, j]
            )


@_inline
def _add_slots(
    i: int,
    b0: int,
    k: int,
    m: Floats,
    terms: SlotTerms,
    both: Floats,
    acc: Floats,
) -> None:
    for t in range(terms.state.shape[0]):
        s = terms.state[t]
        a = terms.start[terms.row[t], i]
        b = terms.end[terms.row[t], i]
        slot = terms.slot[t]
        for j in range(LANES):
            acc[t, j] += both[slot, i, b0 + j] * (a * m[k, s, j] + b * m[k + 1, s, j])


@_jit
def _note_crossings(
    k: int,
    inner: int,
    outer: int,
    pair: int,
    code: int,
    b0: int,
    tolerance: float,
    m: Floats,
    crossings: Ints,
    first: Ints,
) -> None:
    for j in range(LANES):
        if m[k, inner, j] - m[k, outer, j] > tolerance:
            crossings[pair, b0 + j] += 1
            if first[b0 + j] < 0:
                first[b0 + j] = code


@_inline
def _bound(
    k: int,
    inner: int,
    outer: int,
    pair: int,
    code: int,
    b0: int,
    cap: bool,
    tolerance: float,
    m: Floats,
    crossings: Ints,
    first: Ints,
) -> None:
    """Count where an inner curve lies above its outer one, and cap it there if asked to."""
    above = 0
    for j in range(LANES):
        above += m[k, inner, j] - m[k, outer, j] > tolerance
    if above > 0:
        _note_crossings(k, inner, outer, pair, code, b0, tolerance, m, crossings, first)
    if cap:
        for j in range(LANES):
            m[k, inner, j] = min(m[k, inner, j], m[k, outer, j])


@_inline
def _split_curves(
    i: int,
    b0: int,
    offset: int,
    k: int,
    curves: Floats,
    n_endpoints: int,
    cap: bool,
    tolerance: float,
    m: Floats,
    crossings: Ints,
    first: Ints,
) -> None:
    alive = n_endpoints - 1
    for c in range(curves.shape[0]):
        s = c if c < n_endpoints else c + 1
        for j in range(LANES):
            m[k, s, j] = curves[c, i, b0 - offset + j]
    for c in range(n_endpoints - 2, -1, -1):
        _bound(k, c, c + 1, c, i * n_endpoints + c, b0, cap, tolerance, m, crossings, first)
    for d in range(n_endpoints + 1, m.shape[1]):
        code = i * n_endpoints + alive
        _bound(k, d, alive, d - 2, code, b0, cap, tolerance, m, crossings, first)
    for j in range(LANES):
        m[k, n_endpoints, j] = 1.0 - m[k, alive, j]
    for c in range(alive, 0, -1):
        for j in range(LANES):
            m[k, c, j] -= m[k, c - 1, j]


@_jit
def run_partitioned(
    curves: Floats,
    offset: int,
    n_endpoints: int,
    cap: bool,
    tolerance: float,
    both: Floats,
    node_terms: NodeTerms,
    slot_terms: SlotTerms,
    totals: Totals,
    trace: Floats,
    crossings: Ints,
    first: Ints,
) -> None:
    """Split nested curves into state occupancy and accumulate its terms.

    ``curves`` (curve, cycles + 1, draws): the endpoints from the innermost out, then the
    durations, which the last endpoint bounds; its first draw is draw ``offset`` of the other
    arrays. Rows of occupancy are the states (endpoints + 1, the last one dead), then the
    durations. ``crossings`` (curve but the last endpoint, draws) counts boundaries at which a
    curve lies above its outer one by more than ``tolerance``; ``first`` (draws,) is the first
    of them, ``boundary * n_endpoints + inner curve``, or -1.
    """
    n_boundaries = curves.shape[1]
    m = np.zeros((TILE + 1, curves.shape[0] + 1, LANES))
    node = np.empty((totals.node.shape[0], LANES))
    slot = np.empty((totals.slot.shape[0], LANES))
    for block in range(curves.shape[2] // LANES):
        b0 = offset + block * LANES
        node[:] = 0.0
        slot[:] = 0.0
        for start in range(0, n_boundaries, TILE):
            for k in range(1, min(TILE, n_boundaries - start) + 1):
                i = start + k - 1
                _split_curves(
                    i, b0, offset, k, curves, n_endpoints, cap, tolerance, m, crossings, first
                )
                if i > 0:
                    _add_slots(i - 1, b0, k - 1, m, slot_terms, both, slot)
                if trace.shape[0] > 0:
                    trace[i, :, b0 : b0 + LANES] = m[k]
            _add_nodes(start, 1, m, node_terms, node)
            m[0] = m[TILE]
        totals.node[:, b0 : b0 + LANES] = node
        totals.slot[:, b0 : b0 + LANES] = slot
