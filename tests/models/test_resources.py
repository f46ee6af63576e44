"""Resource use: NumPy twins, one declaration for hours and cost, and wrong input."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import prioritering as pr
from prioritering.models import priced
from prioritering.models.run import chunk_starts
from tests.models.resource_models import DRAWS, N_DRAWS, markov, partitioned, used

FLAT4 = pr.Discounting.flat(0.04)
OUT = markov().run(DRAWS, discounting=FLAT4)


def twin(draw, strategy, n=28, dt=0.25):
    """Hours and visits of one draw, written as loops."""
    p = {name: float(DRAWS[name][draw]) for name in DRAWS}
    extra = 2.0 if strategy == "new" else 1.0
    alive, ill, hours, visits = 1.0, 0.0, 0.0, 1.0
    for i in range(n):
        start = i * dt
        to_ill, to_dead = alive * p["progress"], alive * p["die"]
        ill_dead = ill * (2 * p["die"] + 0.001 * start)
        next_alive, next_ill = alive - to_ill - to_dead, ill + to_ill - ill_dead
        mid_alive, mid_ill = (alive + next_alive) / 2 * dt, (ill + next_ill) / 2 * dt
        hours += mid_alive * p["hours"] * extra + mid_ill * (p["hours"] + 0.5 * start)
        hours += to_dead * (3 + 0.1 * start)
        visits += (to_dead + ill_dead) * 2 * p["hours"] + mid_alive * (4 + start)
        alive, ill = next_alive, next_ill
    return hours, visits, 0.0


def test_markov_numpy_twin():
    assert OUT.resources == ("nurse hours", "visits", "none of these")
    assert OUT.resource_use.shape == (3, 2, N_DRAWS)
    for s, strategy in enumerate(OUT.strategies):
        for draw in (0, 7, 299):
            np.testing.assert_allclose(
                OUT.resource_use[:, s, draw], twin(draw, strategy), rtol=1e-12
            )


def test_partitioned_twin():
    """Occupancy of exponential curves by the trapezoid rule, in plain NumPy."""
    out = partitioned().run(DRAWS, discounting=FLAT4)
    t = np.arange(73)[:, None] / 12
    pfs, os = np.exp(-t / DRAWS.scale), np.exp(-0.5 * t / DRAWS.scale)
    on = np.exp(-2 * t / DRAWS.scale)

    def spent(curve, rate=1.0):
        return ((curve[:-1] + curve[1:]) / 24 * rate).sum(axis=0)

    palliative = (pfs[0] - pfs[-1]) * DRAWS.hours + (os[0] - os[-1]) * 6.0
    scans = spent(pfs, 4 + 0.1 * t[:-1]) + spent(os - pfs) * DRAWS.hours
    expected = {"doses": 1 + 17.4 * spent(on), "palliative days": palliative, "scans": scans}
    assert out.resources == tuple(expected)
    np.testing.assert_allclose(out.resource_use[:, 1], list(expected.values()), rtol=1e-11)
    np.testing.assert_allclose(out.resource_use[0, 0], 1.0, rtol=0)


def test_rates_count_moves_too():
    """Constant rate out of one state: expected moves are the share that has left."""
    model = pr.MarkovModel(
        states=("well", "dead"),
        strategies=("one",),
        cycle=pr.years(1),
        horizon=pr.years(5),
        transitions={("well", "dead"): 0.3},
        costs={"well": 0.0},
        utilities={"well": 1.0},
        kind="rates",
        resources={"burials": {("well", "dead"): 1.0}},
    )
    out = model.run(pr.Draws.from_arrays({"x": [0.0]}), discounting=FLAT4)
    assert out.resource_use[0, 0, 0] == pytest.approx(1 - np.exp(-1.5), rel=1e-12)


@pytest.mark.parametrize("make", [markov, partitioned])
@pytest.mark.parametrize("chunk", [1, 37, 128, 1000])
def test_chunks_do_not_matter_bit_for_bit(make, chunk):
    whole = make().run(DRAWS, discounting=FLAT4)
    split = make().run(DRAWS, discounting=FLAT4, chunk=chunk)
    np.testing.assert_array_equal(whole.resource_use, split.resource_use)
    np.testing.assert_array_equal(whole.cost, split.cost)


@pytest.mark.parametrize("make", [markov, partitioned])
def test_costs_and_qalys_are_the_same_with_and_without_resources(make):
    counted, not_counted = (
        make(**changes).run(DRAWS, discounting=FLAT4) for changes in ({}, {"resources": None})
    )
    assert (not_counted.resources, not_counted.resource_use) == ((), None)
    for name in ("cost_by_category", "qaly", "life_years", "state_years"):
        np.testing.assert_array_equal(getattr(counted, name), getattr(not_counted, name))


def test_resources_are_never_discounted():
    free = markov().run(DRAWS, discounting=pr.Discounting.none())
    np.testing.assert_array_equal(free.resource_use, OUT.resource_use)


def test_a_resource_of_one_strategy_is_zero_in_the_others():
    out = markov(
        resources=lambda p, s, t: {"infusions": {"stable": 26.0}} if s == "new" else {}
    ).run(DRAWS, discounting=FLAT4)
    assert (out.resource_use[0, 0] == 0).all()
    assert (out.resource_use[0, 1] > 0).all()


def test_hours_and_their_cost_come_from_one_declaration():
    prices = {"nurse hours": 620.0, "visits": 1500.0, "none of these": 7.0}

    def costs(p, strategy, t):
        by_draw = {**prices, "nurse hours": p.wage}
        return priced(used(p, strategy, t), prices=by_draw)

    out = markov(costs=costs).run(DRAWS, discounting=FLAT4)
    assert out.cost_categories == out.resources
    price = np.array([DRAWS.wage, np.full(N_DRAWS, 1500.0), np.full(N_DRAWS, 7.0)])
    np.testing.assert_allclose(
        out.cost_by_category_undiscounted, out.resource_use * price[:, None], rtol=1e-12
    )


def test_results_carry_resources_to_frames_and_copies():
    frame = OUT.to_frame()
    np.testing.assert_array_equal(frame["resource_nurse hours"], OUT.resource_use[0].ravel())
    again = pickle.loads(pickle.dumps(OUT))
    np.testing.assert_array_equal(again.resource_use, OUT.resource_use)
    with pytest.raises(ValueError, match="read-only"):
        again.resource_use[0] = 0.0


@pytest.mark.parametrize("make", [markov, partitioned])
@pytest.mark.parametrize(
    ("resources", "kind", "message"),
    [
        (
            {"hours": {"stable": np.nan}},
            pr.ModelError,
            r"not finite \(strategy 'old', resource 'hours', key 'stable'\).*found nan",
        ),
        (
            {"hours": {"stable": -1.0}},
            pr.ModelError,
            r"negative number of times \(.*resource 'hours', key 'stable'\).*0 or more.*found -1",
        ),
        (
            {"hours": {"stabel": 1.0}},
            pr.UnknownNameError,
            r"'stabel' \(.*resource 'hours'.*Did you mean 'stable'",
        ),
        ({"hours": 3.0}, pr.ModelError, r"the resource 'hours' must be a mapping.*found float"),
        (["hours"], pr.ModelError, r"resources must be a mapping.*found list"),
        ({"hours": {"stable": "ten"}}, pr.ModelError, r"not numeric \(.*resource 'hours'"),
        ({"hours": {"stable": np.ones(7)}}, pr.ModelError, r"fits neither.*resource 'hours'"),
        (
            {"hours": {pr.at_start: np.ones((2, 1))}},
            pr.ModelError,
            r"fits neither draws nor cycles \(.*resource 'hours', key at_start",
        ),
    ],
)
def test_wrong_resources(make, resources, kind, message):
    match = message.replace("fits neither.*", "fits neither draws nor cycles.*")
    with pytest.raises(kind, match=match):
        make(resources=resources).run(DRAWS, discounting=FLAT4)


def test_an_unknown_move_is_named_with_its_resource():
    with pytest.raises(pr.UnknownNameError, match=r"unknown move.*resource 'hours'"):
        markov(resources={"hours": {("dead", "stable"): 1.0}}).run(DRAWS, discounting=FLAT4)


@pytest.mark.parametrize(
    ("prices", "kind", "message"),
    [
        ({"a": 1.0}, pr.ModelError, r"resource has no price.*'a', 'b'; found none for 'b'"),
        ({"a": 1, "b": 1, "bb": 1}, pr.UnknownNameError, r"'bb' \(argument prices\).*mean 'b'"),
        ({"a": 1.0, "b": -2.0}, pr.ModelError, r"not a price \(resource 'b'\).*found -2"),
        ({"a": 1.0, "b": [1.0, np.nan]}, pr.ModelError, r"\(resource 'b'\).*found nan \(1 such\)"),
        ({"a": 1.0, "b": "dear"}, pr.ModelError, r"not a price \(resource 'b'\).*'dear'"),
    ],
)
def test_wrong_prices(prices, kind, message):
    with pytest.raises(kind, match=message):
        priced({"a": {"x": 1.0}, "b": {"x": 1.0}}, prices=prices)


def test_a_resource_without_keys_cannot_be_priced():
    with pytest.raises(pr.ModelError, match=r"the resource 'a' must be a mapping.*found float"):
        priced({"a": 12.0}, prices={"a": 1.0})


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("ten", r"do not go together \(resource 'a', key 'x'\).*found amount 'ten'"),
        ([1.0, 2.0, 3.0], r"do not go together \(resource 'a'.*found shapes \(3,\) and \(2,\)"),
    ],
)
def test_amounts_that_cannot_be_priced(amount, message):
    with pytest.raises(pr.ModelError, match=message):
        priced({"a": {"x": amount}}, prices={"a": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", "Used: visits, undiscounted"),
        ("no", "Forbruk: visits, udiskontert"),
    ],
)
def test_the_table_of_a_run_shows_what_is_used(language, row):
    shown = OUT.table(language).loc[row, "new"].replace(",", ".")
    assert shown.startswith(f"{OUT.resource_use[1, 1].mean():.2f} (")
    assert not any(
        name in " ".join(markov(resources=None).run(DRAWS, discounting=FLAT4).table(language).index)
        for name in ("Used", "Forbruk")
    )


@given(n=st.integers(1, 70), chunk=st.integers(1, 80), n_cycles=st.integers(1, 70))
def test_no_chunk_is_ambiguous(n, chunk, n_cycles):
    starts = chunk_starts(n, chunk, n_cycles=n_cycles)
    sizes = np.diff([*starts, n])
    assert starts[0] == 0
    assert (sizes > 0).all()
    assert n_cycles == 1 or n_cycles not in sizes
    if n > 3 or n != n_cycles:
        assert n == 1 or 1 not in sizes
