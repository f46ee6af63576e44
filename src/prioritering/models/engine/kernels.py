"""Compiled loops over cycles, then moves or curves, then draws in lanes of fixed width.

Every kernel is a pure function of C-contiguous float64 and int64 arrays: inputs, then
outputs. Draws are the last axis, padded to whole blocks of lanes (``LANES`` for moves,
``CURVE_LANES`` for curves), so each inner loop has a constant length and a draw is a SIMD
lane. Kernels hold no policy: discounting, cycle correction and age adjustment arrive as
weights.

Values that move the cohort or its rewards vary by cycle, by draw or by both (``CYCLE``,
``DRAW``, ``BOTH``), each kind in a stack of its own, so what does not vary is not copied.
Totals are linear in occupancy and accumulate while the cohort streams by: the three forms
of terms are described in :mod:`prioritering.models.engine.layout`.
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
)

LANES = 256
CURVE_LANES = 128
CYCLE, DRAW, BOTH = 0, 1, 2
OK, NEGATIVE, OVER_LIMIT, NOT_FINITE = 0, 1, 2, 3
LARGEST_RATE_PER_CYCLE = 500.0
_SMALLEST_WEIGHT = 1e-30

_jit = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
_inline = njit(inline="always", error_model="numpy", fastmath={"contract"})


@_jit
def _load(stacks: Stacks, kind: int, slot: int, i: int, b0: int, out: Floats) -> None:
    if kind == CYCLE:
        out[:] = stacks.cycle[slot, i]
    elif kind == DRAW:
        out[:] = stacks.draw[slot, b0 : b0 + LANES]
    else:
        out[:] = stacks.both[slot, i, b0 : b0 + LANES]


@_jit
def check_moves(
    moves: Moves, varies: Ints, stacks: Stacks, limit: float, status: Ints, place: Ints
) -> None:
    """Check the moves out of each state: each value 0 or more, their sum at most ``limit``.

    ``varies`` (states,) tells whether any of a state's moves varies by cycle; otherwise one
    cycle is enough. A draw's first fault goes to ``status`` (draws,) and ``place`` (2, draws):
    state and cycle.
    """
    total = np.empty(LANES)
    least = np.empty(LANES)
    value = np.empty(LANES)
    for block in range(status.shape[0] // LANES):
        b0 = block * LANES
        for s in range(moves.first.shape[0] - 1):
            for i in range(stacks.cycle.shape[1] if varies[s] else 1):
                total[:] = 0.0
                least[:] = 0.0
                for e in range(moves.first[s], moves.first[s + 1]):
                    _load(stacks, moves.kind[e], moves.slot[e], i, b0, value)
                    for j in range(LANES):
                        total[j] += value[j]
                        least[j] = min(least[j], value[j])
                faults = 0
                for j in range(LANES):
                    faults += not (total[j] <= limit and least[j] >= 0.0)
                if faults > 0:
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
def _add_nodes(i: int, lanes: int, m: Floats, terms: NodeTerms, acc: Floats) -> None:
    for t in range(terms.state.shape[0]):
        w = terms.weight[terms.row[t], i]
        if w != 0.0:
            s = terms.state[t]
            for j in range(lanes):
                acc[t, j] += w * m[s, j]


@_inline
def _add_slots(
    i: int,
    b0: int,
    lanes: int,
    m: Floats,
    new: Floats,
    terms: SlotTerms,
    both: Floats,
    acc: Floats,
) -> None:
    for t in range(terms.state.shape[0]):
        s = terms.state[t]
        slot = terms.slot[t]
        a = terms.start[terms.row[t], i]
        b = terms.end[terms.row[t], i]
        for j in range(lanes):
            acc[t, j] += both[slot, i, b0 + j] * (a * m[s, j] + b * new[s, j])


@_inline
def _add_flows(
    i: int,
    b0: int,
    source: Floats,
    moves: Moves,
    terms: FlowTerms,
    stacks: Stacks,
    value: Floats,
    acc: Floats,
) -> None:
    for t in range(terms.move.shape[0]):
        w = terms.weight[terms.row[t], i]
        if w == 0.0:
            continue
        e = terms.move[t]
        s = moves.source[e]
        _load(stacks, moves.kind[e], moves.slot[e], i, b0, value)
        if terms.slot[t] >= 0:
            paid = stacks.both[terms.slot[t], i, b0 : b0 + LANES]
            for j in range(LANES):
                acc[t, j] += w * paid[j] * (source[s, j] * value[j])
        else:
            for j in range(LANES):
                acc[t, j] += w * (source[s, j] * value[j])


@_inline
def _step_probabilities(
    i: int, b0: int, m: Floats, new: Floats, moves: Moves, stacks: Stacks
) -> None:
    draw = stacks.draw
    both = stacks.both
    new[:] = m
    for e in range(moves.source.shape[0]):
        a = moves.source[e]
        b = moves.target[e]
        slot = moves.slot[e]
        if moves.kind[e] == CYCLE:
            p = stacks.cycle[slot, i]
            for j in range(LANES):
                flow = m[a, j] * p
                new[a, j] -= flow
                new[b, j] += flow
        elif moves.kind[e] == DRAW:
            for j in range(LANES):
                flow = m[a, j] * draw[slot, b0 + j]
                new[a, j] -= flow
                new[b, j] += flow
        else:
            for j in range(LANES):
                flow = m[a, j] * both[slot, i, b0 + j]
                new[a, j] -= flow
                new[b, j] += flow


@_jit
def _fastest_exit(
    i: int, b0: int, moves: Moves, stacks: Stacks, value: Floats, total: Floats, fastest: Floats
) -> None:
    fastest[:] = 0.0
    for s in range(moves.first.shape[0] - 1):
        total[:] = 0.0
        for e in range(moves.first[s], moves.first[s + 1]):
            _load(stacks, moves.kind[e], moves.slot[e], i, b0, value)
            for j in range(LANES):
                total[j] += value[j]
        for j in range(LANES):
            fastest[j] = max(fastest[j], total[j])


@_jit
def _step_rates(
    i: int,
    b0: int,
    m: Floats,
    new: Floats,
    spent: Floats,
    cycle_years: float,
    moves: Moves,
    stacks: Stacks,
    v: Floats,
    dv: Floats,
    lanes: Floats,
) -> None:
    """Advance by ``expm(Q * cycle_years)`` applied to the occupancy, by uniformisation.

    ``new = sum_k Poisson(k; L) * v_k`` with ``v_0 = m``, ``v_{k+1} = v_k (I + Q / q)``, ``q``
    the fastest exit rate and ``L = q * cycle_years``: every term is non-negative. ``spent``
    receives the exact time in each state during the cycle, ``sum_k P(N > k) * v_k / q``.
    """
    value, total, fastest, weight, left = lanes[0], lanes[1], lanes[2], lanes[3], lanes[4]
    _fastest_exit(i, b0, moves, stacks, value, total, fastest)
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
            _load(stacks, moves.kind[e], moves.slot[e], i, b0, value)
            for j in range(LANES):
                flow = v[a, j] * (value[j] / fastest[j]) if fastest[j] > 0.0 else 0.0
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
    boundaries means: not kept) are filled.
    """
    n_states = initial.shape[0]
    m = np.empty((n_states, LANES))
    new = np.empty((n_states, LANES))
    spent = np.empty((n_states, LANES))
    v = np.empty((n_states, LANES))
    dv = np.empty((n_states, LANES))
    lanes = np.empty((5, LANES))
    node = np.empty((totals.node.shape[0], LANES))
    slot = np.empty((totals.slot.shape[0], LANES))
    flow = np.empty((totals.flow.shape[0], LANES))
    for block in range(initial.shape[1] // LANES):
        b0 = block * LANES
        m[:] = initial[:, b0 : b0 + LANES]
        node[:] = 0.0
        slot[:] = 0.0
        flow[:] = 0.0
        _add_nodes(0, LANES, m, node_terms, node)
        if trace.shape[0] > 0:
            trace[0, :, b0 : b0 + LANES] = m
        for i in range(stacks.cycle.shape[1]):
            if as_rates:
                _step_rates(i, b0, m, new, spent, cycle_years, moves, stacks, v, dv, lanes)
                _add_flows(i, b0, spent, moves, flow_terms, stacks, lanes[0], flow)
            else:
                _step_probabilities(i, b0, m, new, moves, stacks)
                _add_flows(i, b0, m, moves, flow_terms, stacks, lanes[0], flow)
            _add_nodes(i + 1, LANES, new, node_terms, node)
            _add_slots(i, b0, LANES, m, new, slot_terms, stacks.both, slot)
            if trace.shape[0] > 0:
                trace[i + 1, :, b0 : b0 + LANES] = new
            m, new = new, m
        totals.node[:, b0 : b0 + LANES] = node
        totals.slot[:, b0 : b0 + LANES] = slot
        totals.flow[:, b0 : b0 + LANES] = flow


@_jit
def _note_crossing(
    inner: Floats, outer: Floats, code: int, b0: int, tolerance: float, crossings: Ints, first: Ints
) -> None:
    for j in range(CURVE_LANES):
        if inner[j] - outer[j] > tolerance:
            crossings[b0 + j] += 1
            if first[b0 + j] < 0:
                first[b0 + j] = code


@_inline
def _split_curves(
    i: int,
    b0: int,
    curves: Floats,
    n_endpoints: int,
    cap: bool,
    tolerance: float,
    m: Floats,
    crossings: Ints,
    first: Ints,
) -> None:
    for c in range(n_endpoints):
        m[c] = curves[c, i, b0 : b0 + CURVE_LANES]
    for c in range(n_endpoints - 2, -1, -1):
        _note_crossing(m[c], m[c + 1], i * n_endpoints + c, b0, tolerance, crossings, first)
        if cap:
            for j in range(CURVE_LANES):
                m[c, j] = min(m[c, j], m[c + 1, j])
    alive = m[n_endpoints - 1]
    for d in range(n_endpoints, curves.shape[0]):
        m[d + 1] = curves[d, i, b0 : b0 + CURVE_LANES]
        _note_crossing(m[d + 1], alive, (i + 1) * n_endpoints - 1, b0, tolerance, crossings, first)
        if cap:
            for j in range(CURVE_LANES):
                m[d + 1, j] = min(m[d + 1, j], alive[j])
    for j in range(CURVE_LANES):
        m[n_endpoints, j] = 1.0 - alive[j]
    for c in range(n_endpoints - 1, 0, -1):
        for j in range(CURVE_LANES):
            m[c, j] -= m[c - 1, j]


@_jit
def run_partitioned(
    curves: Floats,
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
    durations, which the last endpoint bounds. Rows of occupancy are the states (endpoints +
    1, the last one dead), then the durations. ``crossings`` (draws,) counts boundaries at
    which an inner curve lies above its outer one by more than ``tolerance``; ``first``
    (draws,) is the first of them, ``boundary * n_endpoints + inner curve``, or -1.
    """
    m = np.empty((curves.shape[0] + 1, CURVE_LANES))
    new = np.empty((curves.shape[0] + 1, CURVE_LANES))
    node = np.empty((totals.node.shape[0], CURVE_LANES))
    slot = np.empty((totals.slot.shape[0], CURVE_LANES))
    for block in range(curves.shape[2] // CURVE_LANES):
        b0 = block * CURVE_LANES
        node[:] = 0.0
        slot[:] = 0.0
        for i in range(curves.shape[1]):
            _split_curves(i, b0, curves, n_endpoints, cap, tolerance, new, crossings, first)
            _add_nodes(i, CURVE_LANES, new, node_terms, node)
            if i > 0:
                _add_slots(i - 1, b0, CURVE_LANES, m, new, slot_terms, both, slot)
            if trace.shape[0] > 0:
                trace[i, :, b0 : b0 + CURVE_LANES] = new
            m, new = new, m
        totals.node[:, b0 : b0 + CURVE_LANES] = node
        totals.slot[:, b0 : b0 + CURVE_LANES] = slot
