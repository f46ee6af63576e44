import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from tests.models.sick_sicker import NUMBERS, model

FLAT3 = pr.Discounting.flat(0.03)


def noisy_draws(n, seed=1):
    rng = np.random.default_rng(seed)
    return pr.Draws.from_arrays({k: v * rng.uniform(0.8, 1.0, n) for k, v in NUMBERS.items()})


DRAWS = noisy_draws(300)
WHOLE = model().run(DRAWS, discounting=FLAT3)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 400))
def test_the_split_into_chunks_changes_no_bit(chunk):
    out = model().run(DRAWS, discounting=FLAT3, chunk=chunk)
    for name in ("cost", "qaly", "life_years", "cost_undiscounted", "state_years"):
        assert np.array_equal(getattr(out, name), getattr(WHOLE, name)), name


def test_threads_change_no_bit():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        out = model().run(DRAWS, discounting=FLAT3, chunk=64, executor=pool)
    assert np.array_equal(out.cost, WHOLE.cost)


def test_processes_change_no_bit():
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(2) as pool:
        out = model().run(DRAWS, discounting=FLAT3, chunk=150, executor=pool)
    assert np.array_equal(out.qaly, WHOLE.qaly)


def test_a_draw_is_the_same_alone_and_in_company():
    alone = model().run(DRAWS.chunk(17, 18), discounting=FLAT3)
    assert np.array_equal(alone.cost[:, 0], WHOLE.cost[:, 17])


def test_zero_discount_rate_equals_undiscounted():
    out = model().run(DRAWS, discounting=pr.Discounting.flat(0.0))
    assert np.array_equal(out.cost, out.cost_undiscounted)
    assert np.array_equal(out.qaly, out.qaly_undiscounted)


@settings(max_examples=6, deadline=None)
@given(st.permutations(["H", "S1", "S2", "D"]))
def test_relabelling_states_changes_nothing(order):
    out = model(states=tuple(order), initial={"H": 1.0}).run(DRAWS, discounting=FLAT3)
    np.testing.assert_allclose(out.cost, WHOLE.cost, rtol=1e-12)
    np.testing.assert_allclose(out.qaly, WHOLE.qaly, rtol=1e-12)


@pytest.mark.parametrize("rule", ["half-cycle", "simpson"])
def test_shorter_cycles_converge_on_continuous_time(rule):
    # one state left at rate r, discounted at d: the integral of exp(-(r + log(1 + d)) t)
    force = 0.15 + np.log(1.03)
    error = {}
    grids = {1: (pr.years(1), 40), 12: (pr.months(1), 480), 52: (pr.weeks(1), 2087)}
    for per_year, (cycle, n) in grids.items():
        m = pr.MarkovModel(
            states=("well", "dead"),
            strategies=("only",),
            cycle=cycle,
            horizon=pr.Duration(cycle.exact_years * n, f"{n} cycles"),
            transitions={("well", "dead"): 0.15},
            costs={"well": 0.0},
            utilities={"well": 1.0},
            kind="rates",
            correction=pr.CycleCorrection(rule),
        )
        out = m.run(pr.Draws.from_arrays({"x": [0.0]}), discounting=FLAT3)
        exact = -np.expm1(-force * n * cycle.years) / force
        error[per_year] = abs(out.qaly[0, 0] / exact - 1)
    order = 2 if rule == "half-cycle" else 4
    assert error[12] < error[1] / 12 ** (order - 0.1) + 1e-14
    assert error[52] < 1e-6


def test_age_adjustment_multiplies_utilities_by_the_norm():
    rules = pr.guideline("no", as_of="2026-11-01")
    common = {
        "states": ("well", "dead"),
        "strategies": ("only",),
        "cycle": pr.years(1),
        "horizon": pr.years(45),
        "transitions": lambda p, s, t: {("well", "dead"): t.mortality},
        "costs": {"well": 1.0},
        "utilities": {"well": 0.7},
        "age": 55,
    }
    draws = pr.Draws.from_arrays({"x": [0.0]})
    adjusted = pr.MarkovModel(**common, age_adjustment=pr.AgeAdjustment(reference_age=61)).run(
        draws, rules, trace=True
    )
    alive = adjusted.trace.occupancy[0, 0, :, 0]
    bands = [(50, 0.870), (60, 0.885), (70, 0.859), (80, 0.811)]  # DMP 2025 norms by age band
    norm = np.array([next(v for a, v in reversed(bands) if age >= a) for age in range(55, 100)])
    by_hand = (0.5 * (alive[:-1] + alive[1:]) * 0.7 * norm / 0.885).sum()
    assert adjusted.qaly_undiscounted[0, 0] == pytest.approx(by_hand, rel=1e-13)
    np.testing.assert_allclose(
        adjusted.life_years_undiscounted, (0.5 * (alive[:-1] + alive[1:])).sum(), rtol=1e-13
    )


def test_background_mortality_follows_the_life_table():
    rules = pr.guideline("no", as_of="2026-11-01")
    m = pr.MarkovModel(
        states=("well", "dead"),
        strategies=("only",),
        cycle=pr.months(1),
        horizon=pr.years(50),
        age=53,
        transitions=lambda p, s, t: {("well", "dead"): t.mortality},
        costs={"well": 0.0},
        utilities={"well": 1.0},
    )
    out = m.run(pr.Draws.from_arrays({"x": [0.0]}), rules, trace=True)
    table = rules.life_table
    q = np.array([table.q(a) for a in range(53, 103)])
    np.testing.assert_allclose(
        out.trace.occupancy[0, 0, ::12, 0], np.concatenate([[1.0], np.cumprod(1 - q)]), rtol=1e-12
    )


def test_results_are_read_only_and_survive_pickling():
    import pickle

    with pytest.raises(ValueError, match="read-only"):
        WHOLE.qaly[0, 0] = 1.0
    again = pickle.loads(pickle.dumps(WHOLE))
    assert np.array_equal(again.qaly, WHOLE.qaly)
    assert pickle.loads(pickle.dumps(model())).states == ("H", "S1", "S2", "D")


def test_the_frame_is_long_and_complete():
    frame = WHOLE.to_frame()
    assert len(frame) == 4 * 300
    row = frame[(frame.strategy == "Strategy B") & (frame.draw == 7)].iloc[0]
    assert row.cost == WHOLE.cost[2, 7]
    assert row.cost_drug == WHOLE.cost_by_category[1, 2, 7]


def test_lanes_that_pad_the_last_block_never_leak():
    lanes = model().lanes
    for n in (1, lanes - 1, lanes, lanes + 1):
        out = model().run(DRAWS.chunk(0, n), discounting=FLAT3)
        assert np.array_equal(out.cost, WHOLE.cost[:, :n])
