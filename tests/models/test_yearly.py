"""Costs and resources by year: sums, shorter horizons, divided cycles, and wrong input."""

import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from tests.models.resource_models import DRAWS, markov, partitioned
from tests.models.sick_sicker import NUMBERS
from tests.models.sick_sicker import model as sick_sicker

FEW = DRAWS.chunk(0, 20)
NONE = pr.Discounting.none()
CORRECTIONS = ("none-start", "none-end", "half-cycle", "life-table")


def corrected(make, rule, **changes):
    return make(correction=pr.CycleCorrection(rule), **changes)


def undiscounted(model, draws=FEW):
    discounting = NONE.at("mid") if model.correction.rule == "life-table" else NONE
    return model.run(draws, discounting=discounting)


@pytest.mark.parametrize("rule", CORRECTIONS)
@pytest.mark.parametrize("make", [markov, partitioned])
@pytest.mark.parametrize(
    "time",
    [
        {},
        {"cycle": pr.weeks(4), "horizon": pr.weeks(4 * 60)},
        {"cycle": pr.years(2), "horizon": pr.years(6)},
        {"cycle": pr.days(100), "horizon": pr.days(1300)},
    ],
    ids=["divides", "four weeks", "two years", "100 days"],
)
def test_all_years_add_up_to_the_undiscounted_totals(make, rule, time):
    model = corrected(make, rule, **time)
    years = int(np.ceil(model.horizon.years))
    by_year, total = model.run_by_year(FEW, years=years), undiscounted(model)
    assert by_year.cost_by_category.shape == (*total.cost_by_category.shape, years)
    np.testing.assert_allclose(
        by_year.cost_by_category.sum(axis=-1), total.cost_by_category_undiscounted, rtol=1e-12
    )
    np.testing.assert_allclose(by_year.resource_use.sum(axis=-1), total.resource_use, rtol=1e-12)


@pytest.mark.parametrize("rule", CORRECTIONS)
@pytest.mark.parametrize("make", [markov, partitioned])
def test_each_year_is_the_difference_of_two_shorter_horizons(make, rule):
    """Another way to the same numbers: whole runs, each a year longer than the last."""
    by_year = corrected(make, rule).run_by_year(FEW, years=5)
    runs = [undiscounted(corrected(make, rule, horizon=pr.years(k))) for k in range(1, 6)]
    cost = np.stack([run.cost_by_category_undiscounted for run in runs], axis=-1)
    use = np.stack([run.resource_use for run in runs], axis=-1)
    first = np.diff(cost, axis=-1, prepend=0.0), np.diff(use, axis=-1, prepend=0.0)
    np.testing.assert_allclose(by_year.cost_by_category, first[0], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(by_year.resource_use, first[1], rtol=1e-10, atol=1e-10)


def constant(cycle, n_cycles):
    """Everybody stays: an amount of 1 per year counts time itself."""
    return pr.MarkovModel(
        states=("well", "dead"),
        strategies=("one",),
        cycle=cycle,
        horizon=pr.models.Duration(cycle.exact_years * n_cycles, "so many cycles"),
        transitions={},
        costs={"care": {"well": 1.0}, "start": {pr.at_start: 7.0}},
        utilities={"well": 1.0},
        resources={"days": {"well": 365.25}},
    )


@settings(deadline=None, max_examples=40)
@given(days=st.integers(1, 1500), n_cycles=st.integers(1, 60))
def test_a_year_never_holds_more_than_a_year(days, n_cycles):
    model = constant(pr.days(days), n_cycles)
    found = model.run_by_year(pr.Draws.from_arrays({"x": [0.0]}), years=6)
    horizon = model.horizon.years
    expected = np.clip(horizon - np.arange(6.0), 0.0, 1.0)
    np.testing.assert_allclose(found.cost_by_category[0, 0, 0], expected, atol=1e-12)
    np.testing.assert_allclose(found.resource_use[0, 0, 0], 365.25 * expected, atol=1e-9)
    np.testing.assert_array_equal(found.cost_by_category[1, 0, 0], [7, 0, 0, 0, 0, 0])


def test_years_past_the_horizon_hold_zeros():
    found = constant(pr.months(1), 30).run_by_year(FEW, years=5)
    np.testing.assert_allclose(found.cost_by_category[0, 0, 0], [1, 1, 0.5, 0, 0], atol=1e-14)


def test_a_cycle_over_the_turn_of_the_year_is_divided_by_time():
    """Two cycles of 40 weeks: the year turns 365.25 - 280 days into the second."""
    found = constant(pr.weeks(40), 2).run_by_year(FEW, years=2)
    first = 280 / 365.25 + (365.25 - 280) / 365.25
    np.testing.assert_allclose(
        found.cost_by_category[0, 0, 0], [first, 560 / 365.25 - first], rtol=1e-12
    )


def test_chunks_do_not_matter_and_one_draw_is_a_base_case():
    whole = markov().run_by_year(DRAWS)
    split = markov().run_by_year(DRAWS, chunk=77)
    np.testing.assert_array_equal(whole.cost_by_category, split.cost_by_category)
    np.testing.assert_array_equal(whole.resource_use, split.resource_use)
    alone = markov().run_by_year(DRAWS.chunk(5, 6))
    np.testing.assert_array_equal(alone.cost_by_category, whole.cost_by_category[:, :, 5:6])


def test_sick_sicker_first_five_years():
    draws = pr.Draws.from_arrays({k: [v] for k, v in NUMBERS.items()})
    found = sick_sicker().run_by_year(draws)
    total = sick_sicker(horizon=pr.years(5)).run(draws, discounting=NONE)
    assert (found.n_years, found.resource_use) == (5, None)
    np.testing.assert_allclose(found.cost.sum(axis=-1), total.cost_undiscounted, rtol=1e-12)


@pytest.mark.parametrize("rule", ["simpson", "simpson-misindexed"])
def test_simpsons_rule_is_refused_with_the_way_out(rule):
    model = corrected(markov, rule)
    with pytest.raises(pr.ModelError, match=r"Simpson's rule cannot be split.*dataclasses\.repl"):
        model.run_by_year(FEW)
    other = dataclasses.replace(model, correction=pr.CycleCorrection("half-cycle"))
    assert other.run_by_year(FEW).n_years == 5


@pytest.mark.parametrize("years", [0, -1, 2.5, True, "five"])
def test_years_are_counted_in_whole_numbers(years):
    with pytest.raises(pr.ModelError, match=r"years is no number of years.*1 or more; found"):
        markov().run_by_year(FEW, years=years)


def test_draws_of_another_kind_are_refused():
    with pytest.raises(pr.ModelError, match=r"draws is of the wrong type.*params.expected"):
        markov().run_by_year({"x": 1.0})


def test_what_is_odd_is_warned_of_once():
    odd = markov(utilities={"stable": 1.5, "progressed": 0.6})
    with pytest.warns(pr.PrioriteringWarning, match=r"outside \[-1, 1\].*20 of 20") as caught:
        odd.run_by_year(FEW)
    assert len(caught) == 2  # one per strategy


def test_crossing_curves_are_warned_of_once():
    crossing = partitioned(
        crossing="cap",
        curves=lambda p, s, t: {
            "pfs": pr.survival.exponential(rate=0.5),
            "os": pr.survival.exponential(rate=1.0),
            "treatment": None,
        },
    )
    with pytest.warns(pr.PrioriteringWarning, match=r"curves cross and were capped") as caught:
        crossing.run_by_year(FEW)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_an_executor_changes_no_bit():
    with ThreadPoolExecutor(2) as pool:
        split = markov().run_by_year(DRAWS, chunk=64, executor=pool)
    whole = markov().run_by_year(DRAWS)
    np.testing.assert_array_equal(split.cost_by_category, whole.cost_by_category)
    np.testing.assert_array_equal(split.resource_use, whole.resource_use)


def test_frame_table_and_copy():
    found = markov().run_by_year(FEW, years=3)
    frame = found.to_frame()
    assert len(frame) == (1 + 3) * 2 * 20 * 3
    row = frame.query("name == 'visits' and strategy == 'new' and draw == 4 and year == 2")
    assert row["value"].item() == found.resource_use[1, 1, 4, 1]
    table = found.table()
    assert list(table.columns) == ["Year 1", "Year 2", "Year 3"]
    assert "old: cost (NOK)" in table.index
    assert "new: visits" in table.index
    assert found.table("no").index.name == "Per pasient"
    assert "Not discounted" in found._repr_html_()
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.cost, found.cost)
    with pytest.raises(ValueError, match="read-only"):
        again.cost_by_category[...] = 0.0


def test_another_programs_years():
    given = np.arange(12.0).reshape(2, 2, 3)
    found = type(markov().run_by_year(FEW, years=1)).from_arrays(
        ["old", "new"], cost={"drug": given}, resource_use={"hours": given + 1}
    )
    given[:] = 0.0
    assert found.cost[1, 0].tolist() == [6.0, 7.0, 8.0]
    assert found.resource_use[0, 1, 1, 2] == 12.0
    assert found.index("new") == 1
    with pytest.raises(pr.UnknownNameError, match="Did you mean 'new'"):
        found.index("nwe")


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (np.ones((2, 3)), r"cost has the wrong shape.*\(strategy, draw, year\).*found \(2, 3\)"),
        (np.ones((1, 2, 3)), r"wrong shape"),
        (np.full((2, 1, 3), np.nan), r"cost is not finite \(strategy 'old', draw 0\).*6 such"),
    ],
)
def test_another_programs_years_in_the_wrong_shape(cost, message):
    kind = type(constant(pr.years(1), 1).run_by_year(FEW, years=1))
    with pytest.raises(pr.ResultError, match=message):
        kind.from_arrays(["old", "new"], cost=cost)
