"""Compiled loops over cycles, then moves, then draws in lanes of fixed width.

Every kernel is a pure function of C-contiguous float64 and int64 arrays: inputs, then
outputs. Draws are the last axis, padded to whole blocks of lanes, so each inner loop has a
constant length and a draw is a SIMD lane. Kernels hold no policy: discounting, cycle
correction and age adjustment arrive as weights.

Values that move the cohort or its rewards vary by cycle, by draw or by both (``CYCLE``,
``DRAW``, ``BOTH``), each kind in a stack of its own, so what does not vary is not copied.
Totals are linear in occupancy and accumulate while the cohort streams by: the three forms
of terms are described in :mod:`prioritering.models.engine.layout`.

Jitted code here calls jitted code of this file only, and reads no constant of another: a
compiled kernel is kept on disk until its own file changes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from prioritering.models.engine.layout import (
    Floats,
    FlowTerms,
    Ints,
    Moves,
    NodeTerms,
    SlotTerms,
    Stacks,
    Totals,
    Values,
)

LANES = 128
TILE = 4
CYCLE, DRAW, BOTH = 0, 1, 2
OK, NEGATIVE, OVER_LIMIT, NOT_FINITE = 0, 1, 2, 3
LARGEST_RATE_PER_CYCLE = 500.0
_SMALLEST_WEIGHT = 1e-30

_jit = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
_inline = njit(forceinline=True, error_model="numpy", fastmath={"contract"})


@_inline
def _load(v: int, i: int, b0: int, values: Values, stacks: Stacks, out: Floats) -> None:
    slot = values.slot[v]
    if values.kind[v] == CYCLE:
        for j in range(LANES):
            out[v, j] = stacks.cycle[slot, i]
    elif values.kind[v] == DRAW:
        for j in range(LANES):
            out[v, j] = stacks.draw[slot, b0 + j]
    else:
        for j in range(LANES):
            out[v, j] = stacks.both[slot, i, b0 + j]


@_jit
def check_moves(
    moves: Moves, values: Values, stacks: Stacks, limit: float, status: Ints, place: Ints
) -> None:
    """Check the moves out of each state: each value 0 or more, their sum at most ``limit``.

    A draw's first fault goes to ``status`` (draws,) and ``place`` (2, draws): state and cycle.
    A state whose largest values over all cycles add up to no more than the limit needs no look
    at single cycles.
    """
    n_values = values.kind.shape[0]
    now = np.empty((n_values, LANES))
    highest = np.empty((n_values, LANES))
    total = np.empty(LANES)
    bad = np.empty(n_values, np.int64)
    for block in range(status.shape[0] // LANES):
        b0 = block * LANES
        for v in range(n_values):
            _load(v, 0, b0, values, stacks, highest)
            bad[v] = 0
            for j in range(LANES):
                bad[v] += not highest[v, j] >= 0.0
        for v in range(n_values):
            for i in range(1, stacks.cycle.shape[1] if values.changes[v] else 1):
                _load(v, i, b0, values, stacks, now)
                faults = 0
                for j in range(LANES):
                    faults += not now[v, j] >= 0.0
                    highest[v, j] = now[v, j] if now[v, j] > highest[v, j] else highest[v, j]
                bad[v] += faults
        for s in range(moves.first.shape[0] - 1):
            faults = 0
            for j in range(LANES):
                total[j] = 0.0
            for e in range(moves.first[s], moves.first[s + 1]):
                v = moves.value[e]
                faults += bad[v]
                for j in range(LANES):
                    total[j] += highest[v, j]
            for j in range(LANES):
                faults += not total[j] <= limit
            if faults > 0:
                _find_faults(s, b0, moves, values, stacks, limit, now, status, place)


@_jit
def _find_faults(
    s: int,
    b0: int,
    moves: Moves,
    values: Values,
    stacks: Stacks,
    limit: float,
    now: Floats,
    status: Ints,
    place: Ints,
) -> None:
    total = np.empty(LANES)
    least = np.empty(LANES)
    for i in range(stacks.cycle.shape[1] if moves.varies[s] else 1):
        total[:] = 0.0
        least[:] = 0.0
        for e in range(moves.first[s], moves.first[s + 1]):
            v = moves.value[e]
            _load(v, i, b0, values, stacks, now)
            for j in range(LANES):
                total[j] += now[v, j]
                least[j] = min(least[j], now[v, j])
        _note_faults(total, least, limit, s, i, b0, status, place)


@_jit
def _note_faults(
    total: Floats, least: Floats, limit: float, s: int, i: int, b0: int, status: Ints, place: Ints
) -> None:
    for j in range(LANES):
        if status[b0 + j] != OK:
            continue
        code = OK
        if not math.isfinite(total[j]):
            code = NOT_FINITE
        elif least[j] < 0.0:
            code = NEGATIVE
        elif total[j] > limit:
            code = OVER_LIMIT
        if code != OK:
            status[b0 + j] = code
            place[0, b0 + j] = s
            place[1, b0 + j] = i


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


@_inline
def _add_flows(
    i: int,
    b0: int,
    k: int,
    source: Floats,
    moves: Moves,
    terms: FlowTerms,
    both: Floats,
    p: Floats,
    acc: Floats,
) -> None:
    for t in range(terms.move.shape[0]):
        w = terms.weight[terms.row[t], i]
        if w == 0.0:
            continue
        s = moves.source[terms.move[t]]
        v = moves.value[terms.move[t]]
        slot = terms.slot[t]
        if slot >= 0:
            for j in range(LANES):
                acc[t, j] += w * both[slot, i, b0 + j] * (source[k, s, j] * p[v, j])
        else:
            for j in range(LANES):
                acc[t, j] += w * (source[k, s, j] * p[v, j])


@_inline
def _complement(moves: Moves, values: Values, p: Floats, stay: Floats) -> None:
    """Complement of the constant moves out of each state."""
    for s in range(moves.varies.shape[0]):
        for j in range(LANES):
            stay[s, j] = 1.0
        for e in range(moves.first[s], moves.first[s + 1]):
            v = moves.value[e]
            if not values.changes[v]:
                for j in range(LANES):
                    stay[s, j] -= p[v, j]


@_inline
def _step_probabilities(
    k: int, m: Floats, moves: Moves, values: Values, p: Floats, stay: Floats
) -> None:
    for s in range(moves.varies.shape[0]):
        for j in range(LANES):
            m[k + 1, s, j] = m[k, s, j] * stay[s, j]
        if moves.varies[s]:
            for e in range(moves.first[s], moves.first[s + 1]):
                v = moves.value[e]
                if values.changes[v]:
                    for j in range(LANES):
                        m[k + 1, s, j] -= m[k, s, j] * p[v, j]
        for x in range(moves.arrive[s], moves.arrive[s + 1]):
            e = moves.into[x]
            a = moves.source[e]
            v = moves.value[e]
            for j in range(LANES):
                m[k + 1, s, j] += m[k, a, j] * p[v, j]


@_jit
def _fastest_exit(moves: Moves, p: Floats, total: Floats, fastest: Floats) -> None:
    fastest[:] = 0.0
    for s in range(moves.first.shape[0] - 1):
        total[:] = 0.0
        for e in range(moves.first[s], moves.first[s + 1]):
            x = moves.value[e]
            for j in range(LANES):
                total[j] += p[x, j]
        for j in range(LANES):
            fastest[j] = max(fastest[j], total[j])


@_jit
def _step_rates(
    m: Floats,
    new: Floats,
    spent: Floats,
    cycle_years: float,
    moves: Moves,
    p: Floats,
    v: Floats,
    dv: Floats,
    lanes: Floats,
) -> None:
    """Advance by ``expm(Q * cycle_years)`` applied to the occupancy, by uniformisation.

    ``new = sum_k Poisson(k; L) * v_k`` with ``v_0 = m``, ``v_{k+1} = v_k (I + Q / q)``, ``q``
    the fastest exit rate and ``L = q * cycle_years``: every term is non-negative. ``spent``
    receives the exact time in each state during the cycle, ``sum_k P(N > k) * v_k / q``.
    """
    total, fastest, weight, left = lanes[0], lanes[1], lanes[2], lanes[3]
    _fastest_exit(moves, p, total, fastest)
    longest = 0.0
    for j in range(LANES):
        mean = fastest[j] * cycle_years
        longest = max(longest, mean)
        weight[j] = math.exp(-mean)
        left[j] = -math.expm1(-mean)
        total[j] = left[j] / fastest[j] if mean > 0.0 else cycle_years
    for s in range(m.shape[0]):
        for j in range(LANES):
            v[s, j] = m[s, j]
            new[s, j] = weight[j] * m[s, j]
            spent[s, j] = total[j] * m[s, j]
    for k in range(1, int(longest + 12.0 * math.sqrt(longest) + 40.0)):
        dv[:] = 0.0
        for e in range(moves.source.shape[0]):
            a = moves.source[e]
            b = moves.target[e]
            x = moves.value[e]
            for j in range(LANES):
                flow = v[a, j] * (p[x, j] / fastest[j]) if fastest[j] > 0.0 else 0.0
                dv[a, j] -= flow
                dv[b, j] += flow
        active = 0
        for j in range(LANES):
            mean = fastest[j] * cycle_years
            weight[j] = weight[j] * mean / k
            left[j] = max(left[j] - weight[j], 0.0)
            if k > mean and weight[j] < _SMALLEST_WEIGHT:
                weight[j] = 0.0
                left[j] = 0.0
            else:
                active += 1
            total[j] = left[j] / fastest[j] if left[j] > 0.0 else 0.0
        for s in range(m.shape[0]):
            for j in range(LANES):
                v[s, j] += dv[s, j]
                new[s, j] += weight[j] * v[s, j]
                spent[s, j] += total[j] * v[s, j]
        if active == 0:
            break


@_jit
def run_markov(
    initial: Floats,
    moves: Moves,
    values: Values,
    stacks: Stacks,
    as_rates: bool,
    cycle_years: float,
    node_terms: NodeTerms,
    slot_terms: SlotTerms,
    flow_terms: FlowTerms,
    totals: Totals,
    trace: Floats,
) -> None:
    """Follow a cohort through all cycles and accumulate its terms.

    ``initial`` (states, draws); ``totals`` and ``trace`` (cycles + 1, states, draws; no
    boundaries means: not kept) are filled. Occupancy is kept for a tile of boundaries at a
    time, and node terms add a tile in one pass.
    """
    n_states, n_values, n_cycles = initial.shape[0], values.kind.shape[0], stacks.cycle.shape[1]
    m = np.zeros((TILE + 1, n_states, LANES))
    spent = np.empty((1, n_states, LANES))
    p = np.empty((n_values, LANES))
    stay = np.empty((n_states, LANES))
    v = np.empty((n_states, LANES))
    dv = np.empty((n_states, LANES))
    lanes = np.empty((4, LANES))
    node = np.empty((totals.node.shape[0], LANES))
    slot = np.empty((totals.slot.shape[0], LANES))
    flow = np.empty((totals.flow.shape[0], LANES))
    for block in range(initial.shape[1] // LANES):
        b0 = block * LANES
        m[0] = initial[:, b0 : b0 + LANES]
        node[:] = 0.0
        slot[:] = 0.0
        flow[:] = 0.0
        for x in range(n_values):
            _load(x, 0, b0, values, stacks, p)
        _complement(moves, values, p, stay)
        for start in range(0, n_cycles + 1, TILE):
            for k in range(min(TILE, n_cycles - start)):
                i = start + k
                for x in range(n_values):
                    if values.changes[x]:
                        _load(x, i, b0, values, stacks, p)
                if as_rates:
                    _step_rates(m[k], m[k + 1], spent[0], cycle_years, moves, p, v, dv, lanes)
                    _add_flows(i, b0, 0, spent, moves, flow_terms, stacks.both, p, flow)
                else:
                    _step_probabilities(k, m, moves, values, p, stay)
                    _add_flows(i, b0, k, m, moves, flow_terms, stacks.both, p, flow)
                _add_slots(i, b0, k, m, slot_terms, stacks.both, slot)
            _add_nodes(start, 0, m, node_terms, node)
            if trace.shape[0] > 0:
                for k in range(min(TILE, n_cycles + 1 - start)):
                    trace[start + k, :, b0 : b0 + LANES] = m[k]
            m[0] = m[TILE]
        totals.node[:, b0 : b0 + LANES] = node
        totals.slot[:, b0 : b0 + LANES] = slot
        totals.flow[:, b0 : b0 + LANES] = flow
