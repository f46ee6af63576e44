import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from prioritering.data import NormTable
from prioritering.models.engine import cohort, curves, layout
from prioritering.models.engine.layout import LANES
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
    for n in (1, LANES - 1, LANES, LANES + 1):
        out = model().run(DRAWS.chunk(0, n), discounting=FLAT3)
        assert np.array_equal(out.cost, WHOLE.cost[:, :n])


@pytest.mark.parametrize("kernels", [cohort, curves])
def test_kernels_take_draws_and_boundaries_in_the_sizes_arrays_are_padded_to(kernels):
    assert (kernels.LANES, kernels.TILE) == (layout.LANES, layout.TILE)


@pytest.mark.parametrize("n_cycles", [1, 2, 3, 4, 5, 8])
def test_horizons_that_do_not_fill_a_tile_of_boundaries(n_cycles):
    m = model(horizon=pr.years(n_cycles))
    out, whole = (m.run(DRAWS, discounting=FLAT3, trace=kept) for kept in (True, False))
    years = out.trace.occupancy.astype(float)
    by_hand = 0.5 * (years[:, :, :-1] + years[:, :, 1:]).sum(axis=2)
    np.testing.assert_allclose(out.state_years, by_hand, rtol=1e-13)
    assert np.array_equal(out.state_years, whole.state_years)


@pytest.mark.parametrize("kind", ["probabilities", "rates"])
def test_a_value_that_several_moves_share_equals_a_value_for_each(kind):
    def transitions(p, strategy, t):
        sick, dies = 0.1 * p.k, 0.01 * p.k * (1.0 + t.start / 40)
        copied = (lambda x: x) if strategy == "shared" else np.copy
        moves = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")]
        to_dead = [(s, "dead") for s in "abc"]
        return {m: copied(sick) for m in moves} | {m: copied(dies) for m in to_dead}

    m = pr.MarkovModel(
        states=("a", "b", "c", "dead"),
        strategies=("shared", "copied"),
        cycle=pr.years(1),
        horizon=pr.years(37),
        transitions=transitions,
        costs={("b", "c"): 3.0, pr.entry("dead"): 5.0},
        utilities={"a": 1.0, "b": 0.8, "c": 0.5},
        kind=kind,
    )
    draws = pr.Draws.from_arrays({"k": np.linspace(0.5, 2.0, 300)})
    out = m.run(draws, discounting=FLAT3)
    assert np.array_equal(out.cost[0], out.cost[1])
    assert np.array_equal(out.qaly[0], out.qaly[1])


def test_one_off_qalys_are_discounted_as_effects_and_not_as_costs():
    costs, effects = pr.Discounting.flat(0.06), pr.Discounting.flat(0.015)
    one_off = {("well", "dead"): 2.0, pr.entry("dead"): 3.0}
    m = pr.MarkovModel(
        states=("well", "dead"),
        strategies=("only",),
        cycle=pr.years(1),
        horizon=pr.years(30),
        transitions={("well", "dead"): 0.2},
        costs=one_off,
        utilities={"well": 0.0, **one_off},
    )
    draws = pr.Draws.from_arrays({"x": [0.0]})
    out = m.run(draws, discounting=costs, discounting_effects=effects)
    n = np.arange(30)
    for found, rate in ((out.cost, 0.06), (out.qaly, 0.015)):
        by_hand = (5.0 * 0.2 * 0.8**n * (1 + rate) ** -(n + 0.5)).sum()
        assert found[0, 0] == pytest.approx(by_hand, rel=1e-13)


def test_provenance_names_the_people_and_the_tables_they_follow():
    rules = pr.guideline("no", as_of="2026-11-01")
    own = NormTable.from_bands({0: 0.9, 40: 0.85}, source="survey X", name="norm X")
    extended = rules.norm.extended_below(0, 0.9, note="as the youngest band")

    def adjusted(adjustment):
        given = model(age=55, sex="female", horizon=pr.years(40), age_adjustment=adjustment)
        return given.run(DRAWS.chunk(0, 1), rules).provenance

    plain = adjusted(None)
    assert (plain["sex"], plain["age"], plain["age_adjustment"]) == ("female", 55, None)
    assert plain["life_table"] == rules.life_tables["female"].name
    assert adjusted(pr.AgeAdjustment(50))["age_adjustment"]["norm"] == rules.norm.name
    assert adjusted(pr.AgeAdjustment(50, norm=own))["age_adjustment"] == {
        "reference_age": 50,
        "norm": "norm X",
        "source": "survey X",
        "sha256": own.sha256,
        "second_hand": False,
        "assumptions": [],
    }
    found = adjusted(pr.AgeAdjustment(50, norm=extended))["age_adjustment"]
    assert found["assumptions"] == list(extended.assumptions) != []
    assert str(pr.AgeAdjustment(50, norm=own)).startswith("utilities follow the norm 'norm X'")
    assert model().run(DRAWS, discounting=FLAT3).provenance["life_table"] is None
