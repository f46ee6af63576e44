"""Partitioned models: a NumPy twin, properties, events, durations, crossing and wrong input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from prioritering import survival

FLAT4 = pr.Discounting.flat(0.04)
RNG = np.random.default_rng(3)
DRAWS = pr.Draws.from_arrays(
    {
        "pfs": RNG.uniform(1.0, 3.0, 300),
        "gap": RNG.uniform(1.2, 2.0, 300),
        "ttd": RNG.uniform(0.3, 0.9, 300),
        "price": RNG.uniform(5, 9, 300),
    }
)


def curves(p, strategy, t):
    gain = 1.3 if strategy == "new" else 1.0
    return {
        "pfs": survival.weibull(shape=1.2, scale=p.pfs * gain),
        "os": survival.weibull(shape=1.2, scale=p.pfs * p.gap * gain),
        "treatment": survival.weibull(shape=1.2, scale=p.pfs * p.ttd),
    }


def costs(p, strategy, t):
    return {
        "drug": {"treatment": p.price, pr.at_start: 2.0},
        "care": {"stable": 1.0, "progressed": 3.0 + 0.1 * t.start},
        "events": {pr.leaving("pfs"): 10.0, pr.entry("dead"): 4.0 * p.price},
    }


GOOD = {
    "states": ("stable", "progressed", "dead"),
    "endpoints": ("pfs", "os"),
    "strategies": ("old", "new"),
    "durations": ("treatment",),
    "cycle": pr.months(1),
    "horizon": pr.years(10),
    "curves": curves,
    "costs": costs,
    "utilities": {"stable": 0.8, "progressed": 0.6, pr.entry("dead"): -0.05},
}


def model(**changes):
    return pr.PartitionedModel(**{**GOOD, **changes})


OUT = model().run(DRAWS, discounting=FLAT4)


def test_numpy_twin():
    t = np.arange(121) / 12
    d = 1.04**-t
    mid = 1.04 ** -(t[:-1] + 1 / 24)

    def area(row, weight):
        f = row * weight[:, None]
        return (0.5 * (f[:-1] + f[1:])).sum(axis=0) / 12

    p = {k: DRAWS[k] for k in ("pfs", "gap", "ttd", "price")}
    for s, gain in enumerate((1.0, 1.3)):
        pfs = np.exp(-((t[:, None] / (p["pfs"] * gain)) ** 1.2))
        alive = np.exp(-((t[:, None] / (p["pfs"] * p["gap"] * gain)) ** 1.2))
        on = np.exp(-((t[:, None] / (p["pfs"] * p["ttd"])) ** 1.2))
        progressed = alive - pfs
        drug = 2.0 + p["price"] * area(on, d)
        growing = 3.0 + 0.1 * t[:-1, None]
        discounted = progressed * d[:, None]
        care = area(pfs, d) + (growing * 0.5 * (discounted[:-1] + discounted[1:])).sum(axis=0) / 12
        deaths = (mid[:, None] * -np.diff(alive, axis=0)).sum(axis=0)
        events = 10 * (mid[:, None] * -np.diff(pfs, axis=0)).sum(axis=0) + 4 * p["price"] * deaths
        for k, by_hand in enumerate((drug, care, events)):
            np.testing.assert_allclose(OUT.cost_by_category[k, s], by_hand, rtol=1e-11)
        qaly = 0.8 * area(pfs, d) + 0.6 * area(progressed, d) - 0.05 * deaths
        np.testing.assert_allclose(OUT.qaly[s], qaly, rtol=1e-11)
        np.testing.assert_allclose(OUT.life_years[s], area(alive, d), rtol=1e-11)
        np.testing.assert_allclose(OUT.state_years[s, :, 3], area(on, np.ones(121)), rtol=1e-11)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 400))
def test_the_split_into_chunks_changes_no_bit(chunk):
    out = model().run(DRAWS, discounting=FLAT4, chunk=chunk)
    assert np.array_equal(out.cost, OUT.cost)
    assert np.array_equal(out.qaly, OUT.qaly)


def test_zero_discount_rate_equals_undiscounted():
    out = model().run(DRAWS, discounting=pr.Discounting.flat(0.0))
    assert np.array_equal(out.qaly, out.qaly_undiscounted)
    assert np.array_equal(out.cost, out.cost_undiscounted)


def test_occupancy_sums_to_one_and_years_to_the_horizon():
    out = model().run(DRAWS, discounting=FLAT4, trace=True)
    np.testing.assert_allclose(out.trace.occupancy.sum(axis=-1), 1.0, atol=1e-15)
    np.testing.assert_allclose(out.state_years[..., :3].sum(axis=-1), 10.0, rtol=1e-13)


def crossing_curves(p, strategy, t):
    """Progression-free survival above overall survival from year 2 on, in draws of index over 9."""
    pfs = survival.exponential(rate=np.where(p.k > 9, 0.1, 0.3))
    return {
        "pfs": pfs,
        "os": survival.exponential(rate=0.2).switch(at=2.0, to=survival.exponential(rate=0.2)),
    }


CROSSING = {
    **GOOD,
    "curves": crossing_curves,
    "durations": (),
    "costs": {"stable": 1.0},
    "strategies": ("only",),
}
TWELVE = pr.Draws.from_arrays({"k": np.arange(12.0)})


def in_small_blocks(monkeypatch):
    """Evaluate the curves of one block of lanes at a time."""
    monkeypatch.setattr("prioritering.models.partitioned._BLOCK_BYTES", 1)


def test_the_split_into_blocks_of_curves_changes_no_bit(monkeypatch):
    in_small_blocks(monkeypatch)
    out = model().run(DRAWS, discounting=FLAT4)
    for name in ("cost", "qaly", "life_years", "cost_undiscounted", "state_years"):
        assert np.array_equal(getattr(out, name), getattr(OUT, name)), name


def test_crossings_in_a_later_block_are_placed_and_counted_over_the_chunk(monkeypatch):
    in_small_blocks(monkeypatch)
    many = pr.Draws.from_arrays({"k": np.where(np.arange(400) > 250, 10.0, 0.0)})
    with pytest.raises(pr.CurveError, match="'pfs' at or below 'os'") as caught:
        pr.PartitionedModel(**CROSSING).run(many, discounting=FLAT4)
    where = caught.value.where
    assert (where["cycle"], where["draw"]) == (1, 251)
    assert where["draws that cross in this chunk"] == 149


def test_a_curve_that_is_no_survival_function_in_a_later_block_is_placed(monkeypatch):
    in_small_blocks(monkeypatch)

    class Wrong(type(survival.weibull(shape=1.2, scale=1.0))):
        def survival(self, times):
            return np.where(self.scale == 7.0, 1.5, super().survival(times))

    wrong = Wrong(shape=1.2, scale=np.where(np.arange(300) == 200, 7.0, 9.0))
    with pytest.raises(pr.CurveError, match="not a survival function.*found 1.5") as caught:
        model(curves=lambda p, s, t: {**curves(p, s, t), "os": wrong}).run(DRAWS, discounting=FLAT4)
    assert caught.value.where["draw"] == 200


def test_crossing_curves_raise_with_the_place():
    with pytest.raises(pr.CurveError, match="'pfs' at or below 'os'") as caught:
        pr.PartitionedModel(**CROSSING).run(TWELVE, discounting=FLAT4, chunk=4)
    where = caught.value.where
    assert (where["strategy"], where["cycle"], where["draw"]) == ("'only'", 1, 10)
    assert where["draws that cross in this chunk"] == 2


@pytest.mark.parametrize("policy", ["cap", "report"])
def test_crossing_curves_are_counted_per_draw(policy):
    with pytest.warns(
        pr.PrioriteringWarning, match="'only', 'pfs' above 'os': 2 of 12 draws"
    ) as warned:
        out = pr.PartitionedModel(**{**CROSSING, "crossing": policy}).run(TWELVE, discounting=FLAT4)
    assert warned[0].filename == __file__
    assert out.diagnostics["crossings"][0].tolist() == [0.0] * 10 + [120.0, 120.0]
    assert out.diagnostics["'pfs' above 'os'"][0].tolist() == [0.0] * 10 + [120.0, 120.0]
    occupied = out.state_years[0, 11]
    if policy == "cap":
        assert occupied[1] == 0.0
        assert occupied[0] == pytest.approx(out.life_years_undiscounted[0, 11], rel=1e-14)
    else:
        assert occupied[1] < 0
        assert occupied[:2].sum() == pytest.approx(out.life_years_undiscounted[0, 11], rel=1e-12)


def test_a_duration_above_overall_survival_crosses_too():
    def late(p, strategy, t):
        return {**curves(p, strategy, t), "treatment": survival.exponential(rate=0.001)}

    with pytest.raises(pr.CurveError, match="'treatment' at or below 'os'"):
        model(curves=late).run(DRAWS, discounting=FLAT4)


def test_a_duration_above_overall_survival_is_capped_at_it():
    def late(p, strategy, t):
        return {**curves(p, strategy, t), "treatment": survival.exponential(rate=0.001)}

    with pytest.warns(pr.PrioriteringWarning, match="capped at the outer curve"):
        out = model(curves=late, crossing="cap").run(DRAWS, discounting=FLAT4)
    np.testing.assert_allclose(out.state_years[..., 3], out.life_years_undiscounted, rtol=1e-13)


def test_leaving_the_outer_endpoint_is_dying():
    def paid(key):
        return model(costs={key: 3.0 * DRAWS.price}).run(DRAWS, discounting=FLAT4).cost

    np.testing.assert_allclose(paid(pr.leaving("os")), paid(pr.entry("dead")), rtol=1e-14)
    alive = model().run(DRAWS, discounting=FLAT4, trace=True).trace.occupancy[..., :2].sum(axis=-1)
    mid = 1.04 ** -((np.arange(120) + 0.5) / 12)
    deaths = (-np.diff(alive, axis=2) * mid).sum(axis=2)
    np.testing.assert_allclose(paid(pr.leaving("os")), 3.0 * DRAWS.price * deaths, rtol=1e-12)


def test_the_population_floor_holds_in_every_cycle():
    rules = pr.guideline("no", as_of="2026-11-01")

    def immortal(p, strategy, t):
        floor = survival.exponential(rate=1e-6).at_least_mortality_of(t.population)
        return {
            "pfs": survival.exponential(rate=0.5).at_least_mortality_of(t.population),
            "os": floor,
        }

    m = pr.PartitionedModel(**{**CROSSING, "curves": immortal, "age": 53, "horizon": pr.years(50)})
    out = m.run(pr.Draws.from_arrays({"k": [0.0]}), rules, trace=True)
    alive = 1 - out.trace.occupancy[0, 0, :, 2]
    population = rules.life_table.survival(53, out.trace.years)
    assert (alive <= population + 1e-12).all()
    np.testing.assert_allclose(alive[:12], population[:12], rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"states": ("stable", "dead")}, pr.ModelError, "3 states"),
        ({"durations": ("stable",)}, pr.ModelError, "name of a state"),
        ({"crossing": "ignore"}, pr.ModelError, "'raise', 'cap' or 'report'"),
        (
            {"curves": lambda p, s, t: {"pfs": survival.exponential(rate=1.0)}},
            pr.CurveError,
            "missing",
        ),
        (
            {"curves": lambda p, s, t: {**curves(p, s, t), "oss": 1}},
            pr.UnknownNameError,
            "Did you mean 'os'",
        ),
        ({"costs": {"stabel": 1.0}}, pr.UnknownNameError, "Did you mean 'stable'"),
        ({"costs": {pr.leaving("pf"): 1.0}}, pr.UnknownNameError, "Did you mean 'pfs'"),
        ({"costs": {pr.entry("progressed"): 1.0}}, pr.ModelError, "not identified by the curves"),
        ({"utilities": {"stable": 1.0}}, pr.ModelError, "none for 'progressed'"),
        ({"horizon": pr.days(100)}, pr.ModelError, "whole number of cycles"),
        ({"correction": "half-cycle"}, pr.ModelError, "correction is of the wrong type"),
        ({"age": -1}, pr.ModelError, "age is not an age"),
    ],
)
def test_wrong_descriptions(changes, kind, message):
    with pytest.raises(kind, match=message):
        model(**changes).run(DRAWS, discounting=FLAT4)


def test_curves_with_another_number_of_draws():
    def three(p, s, t):
        return {**curves(p, s, t), "os": survival.exponential(rate=np.array([0.1, 0.2, 0.3]))}

    with pytest.raises(pr.CurveError, match="wrong number of draws.*expected 300; found 3"):
        model(curves=three).run(DRAWS, discounting=FLAT4)


def test_a_duration_may_be_nobodys():
    def untreated(p, s, t):
        return {
            **curves(p, s, t),
            "treatment": None if s == "old" else curves(p, s, t)["treatment"],
        }

    out = model(curves=untreated).run(DRAWS, discounting=FLAT4)
    assert (out.state_years[0, :, 3] == 0.0).all()
    assert (out.cost_by_category[0, 0] == 2.0).all()
    assert np.array_equal(out.cost[1], OUT.cost[1])
    with pytest.raises(pr.CurveError, match="not a survival curve.*'os'.*found None"):
        model(curves=lambda p, s, t: {**curves(p, s, t), "os": None}).run(DRAWS, discounting=FLAT4)


def test_one_name_is_one_name():
    one = model(durations="treatment", strategies="new")
    assert (one.durations, one.strategies) == (("treatment",), ("new",))
    out = one.run(DRAWS, discounting=FLAT4)
    assert np.array_equal(out.cost[0], OUT.cost[1])
    two_states = model(
        states=("alive", "dead"), endpoints="os", durations=(), costs={}, utilities={"alive": 1.0},
        curves=lambda p, s, t: {"os": curves(p, s, t)["os"]},
    )  # fmt: skip
    np.testing.assert_allclose(
        two_states.run(DRAWS, discounting=FLAT4).qaly, OUT.life_years, rtol=1e-13
    )


def test_utilities_outside_their_range_are_counted():
    with pytest.warns(pr.PrioriteringWarning, match=r"'stable' is outside.*'new' \(300 of 300"):
        model(strategies="new", utilities={"stable": -1.1, "progressed": 0.6}).run(
            DRAWS, discounting=FLAT4
        )


def test_each_pair_of_curves_that_cross_is_named_and_counted():
    def both(p, strategy, t):
        return {**crossing_curves(p, strategy, t), "treatment": survival.exponential(rate=0.001)}

    crossed = {**CROSSING, "curves": both, "durations": ("treatment",), "crossing": "cap"}
    said = r"'pfs' above 'os': 2 of 12 draws; 'only', 'treatment' above 'os': 12 of 12 draws\)"
    with pytest.warns(pr.PrioriteringWarning, match=said):
        out = pr.PartitionedModel(**crossed).run(TWELVE, discounting=FLAT4)
    found = out.diagnostics
    assert found["'treatment' above 'os'"][0].tolist() == [120.0] * 12
    pairs = found["'pfs' above 'os'"] + found["'treatment' above 'os'"]
    np.testing.assert_array_equal(found["crossings"], pairs)
