"""Incremental analysis, comparison with the reference and net benefit of runs."""

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prioritering.cea import compare, mean_se, quadrant, ratio
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes


def test_sick_sicker_table(published, run):
    case = published["sick_sicker"]
    outcomes = run(case["cost"], case["effect"], strategies=case["strategies"])
    rows = {row.strategy: row for row in compare(outcomes, reference="Standard of care").rows}
    for k, name in enumerate(case["strategies"]):
        row = rows[name]
        assert row.status == case["status"][k]
        for found, expected in (
            (row.incremental_cost, case["incremental_cost"][k]),
            (row.incremental_qaly, case["incremental_effect"][k]),
            (row.icer, case["icer"][k]),
        ):
            assert found == (None if expected is None else pytest.approx(expected, rel=1e-11))
    assert rows["Strategy A"].compared_with == ("Strategy B",)


def test_hiv_cost_per_life_year(published, run):
    case = published["hiv_chancellor"]
    outcomes = run(
        case["cost"], [1.0, 1.0], life_years=case["life_years"], strategies=case["strategies"]
    )
    (row,) = compare(outcomes, reference="mono").pairwise
    assert row.cost_per_life_year == pytest.approx(case["cost_per_life_year"], rel=1e-12)
    assert row.life_year_status == "north-east: more effect at more cost"
    assert row.status == "no difference in effect: costs more"
    assert row.icer is None


def test_herc_icers(published, run):
    case = published["herc_six_strategies"]
    outcomes = run(case["cost"], case["effect"], strategies=case["strategies"])
    cea = compare(outcomes, reference="UC")
    assert [row.icer for row in cea.frontier] == [None, *case["icer"]]
    assert [row.strategy for row in cea.rows] == ["UC", "B", "A", "C", "D", "E"]
    by_name = {row.strategy: row for row in cea.rows}
    assert by_name["C"].compared_with == ("B", "D")
    assert by_name["C"].icer is None


@pytest.mark.parametrize(
    ("cost", "qaly", "status", "icer"),
    [
        (10, 2, "north-east: more effect at more cost", 5.0),
        (0, 2, "dominant: more effect at the same cost", None),
        (-10, 2, "dominant: more effect at less cost", None),
        (10, 0, "no difference in effect: costs more", None),
        (0, 0, "no difference in effect or cost", None),
        (-10, 0, "no difference in effect: costs less", None),
        (10, -2, "dominated: less effect at more cost", None),
        (0, -2, "dominated: less effect at the same cost", None),
        (-10, -2, "south-west: savings per QALY lost", 5.0),
    ],
)
def test_quadrants_are_words(run, cost, qaly, status, icer):
    cea = compare(run([100, 100 + cost], [5, 5 + qaly]), reference="s0")
    (row,) = cea.pairwise
    assert (row.status, row.icer) == (status, icer)
    assert quadrant(cost, qaly) == status


def test_south_west_life_years_say_so(run):
    (row,) = compare(run([100, 90], [5, 5], life_years=[9, 7]), reference="s0").pairwise
    assert row.life_year_status == "south-west: savings per life year lost"
    assert row.cost_per_life_year == 5.0


def test_an_effect_too_small_for_a_ratio_has_none():
    tiny = ratio(1e10, 1e-300, cost=np.array([1e10]), effect=np.array([1e-300]))
    assert tiny.value is None


def test_monte_carlo_errors_are_those_of_means(run):
    rng = np.random.default_rng(11)
    cost, qaly = rng.gamma(4, 1000, (3, 500)), rng.normal(8, 0.4, (3, 500))
    cea = compare(run(cost, qaly), reference="s1", wtp=300.0)
    row = next(r for r in cea.pairwise if r.strategy == "s2")
    dc, de = cost[2] - cost[1], qaly[2] - qaly[1]
    expected = {
        "incremental_cost_se": np.std(dc, ddof=1),
        "incremental_qaly_se": np.std(de, ddof=1),
        "incremental_nmb_se": np.std(300 * de - dc, ddof=1),
        "incremental_nhb_se": np.std(de - dc / 300, ddof=1),
    }
    for name, sd in expected.items():
        assert getattr(row, name) == pytest.approx(sd / np.sqrt(500), rel=1e-12)
    assert row.incremental_nmb == pytest.approx((300 * de - dc).mean(), rel=1e-12)
    assert row.incremental_nhb == pytest.approx((de - dc / 300).mean(), rel=1e-12)


def test_icer_error_is_the_delta_method_and_close_to_the_bootstrap(run):
    rng = np.random.default_rng(5)
    de = rng.normal(1.0, 0.3, 4000)
    dc = 2e5 * de + rng.normal(1e5, 4e4, 4000)
    cost, qaly = np.stack([0 * dc, dc]), np.stack([0 * de, de])
    (row,) = compare(run(cost, qaly), reference="s0").pairwise
    gradient = np.array([1 / de.mean(), -dc.mean() / de.mean() ** 2])
    variance = gradient @ np.cov(dc, de) @ gradient / 4000
    assert row.icer_se == pytest.approx(np.sqrt(variance), rel=1e-10)
    pick = rng.integers(0, 4000, (2000, 4000))
    bootstrap = (dc[pick].mean(axis=1) / de[pick].mean(axis=1)).std()
    assert row.icer_se == pytest.approx(bootstrap, rel=0.06)  # 1 / sqrt(2 x 2000) = 1.6 %


def test_one_draw_has_no_monte_carlo_error(run):
    cea = compare(run([1, 5], [1, 2]), reference="s0", wtp=10.0)
    for row in (*cea.rows, *cea.pairwise):
        assert {v for k, v in vars(row).items() if k.endswith("_se")} == {None}
    assert cea.net_benefit().nmb_se == (None, None)


def test_net_benefit(run):
    cost, qaly = np.array([[1.0, 3.0], [9.0, 5.0]]), np.array([[1.0, 2.0], [1.5, 4.0]])
    cea = compare(run(cost, qaly), reference="s0", wtp=4.0)
    found = cea.net_benefit()
    np.testing.assert_array_equal(found.nmb, 4 * qaly - cost)
    np.testing.assert_array_equal(found.nhb, qaly - cost / 4)
    assert found.best == "s0"  # equal means: the first
    assert cea.net_benefit(100.0).best == "s1"
    assert [row.nmb for row in cea.rows] == pytest.approx([4.0, 4.0], rel=1e-14)
    frame = found.to_frame()
    assert list(frame.columns) == ["strategy", "draw", "nmb", "nhb"]
    assert len(frame) == 4


@settings(deadline=None)
@given(
    arrays(float, (2, 3, 6), elements=st.floats(-1e6, 1e6)),
    st.floats(1e-3, 1e6),
)
def test_icer_and_net_benefit_agree_on_the_better_option(values, wtp):
    """An ICER below the limit in the north-east is a positive net benefit, and so round."""
    cost, qaly = values
    outcomes = Outcomes.from_arrays(
        ["a", "b", "c"],
        cost=cost,
        qaly=qaly,
        life_years=qaly,
        cost_undiscounted=cost,
        qaly_undiscounted=qaly,
        life_years_undiscounted=qaly,
    )
    for row in compare(outcomes, reference="a", wtp=wtp).pairwise:
        rounding = 1e-9 * (wtp * np.abs(qaly).max() + np.abs(cost).max())
        if abs(row.incremental_nmb) <= rounding:
            continue
        good = row.incremental_nmb > 0
        if row.icer is not None:
            sign = 1 if row.status.startswith("north-east") else -1
            assert good == (sign * row.icer < sign * wtp)
        elif row.status.startswith("domina"):
            assert good == row.status.startswith("dominant")


def test_reference_and_option_swapped_change_the_signs_only(run):
    rng = np.random.default_rng(2)
    outcomes = run(rng.normal(0, 1, (2, 50)), rng.normal(0, 1, (2, 50)))
    (there,) = compare(outcomes, reference="s0", wtp=2.0).pairwise
    (back,) = compare(outcomes, reference="s1", wtp=2.0).pairwise
    assert there.incremental_cost == -back.incremental_cost
    assert there.incremental_nmb == pytest.approx(-back.incremental_nmb, rel=1e-12)
    assert there.icer == back.icer


def test_frames_mark_a_missing_icer_and_keep_words(run):
    cea = compare(run([1, 5, 9], [1, 2, 1.5]), reference="s0")
    frame = cea.to_frame()
    assert list(frame["status"]) == ["frontier", "frontier", "dominated"]
    assert frame["icer"][0] is pd.NA
    assert frame["icer"][1] == 4.0
    pairs = cea.pairwise_frame()
    assert list(pairs["strategy"]) == ["s1", "s2"]
    assert pairs["incremental_nmb"].isna().all()


def test_bad_questions(run):
    outcomes = run([1, 2], [1, 2], strategies=["standard", "new"])
    with pytest.raises(UnknownNameError, match=r"unknown reference 'standrad'.*'standard'"):
        compare(outcomes, reference="standrad")
    with pytest.raises(ResultError, match="two strategies or more"):
        compare(run([1], [1]), reference="s0")
    for wtp in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ResultError, match="finite amount above 0 per QALY"):
            compare(outcomes, reference="new", wtp=wtp)
    with pytest.raises(ResultError, match=r"no willingness to pay.*wtp="):
        compare(outcomes, reference="new").net_benefit()


def test_results_are_frozen_and_survive_pickle(run):
    cea = compare(run([[1, 2], [3, 5]], [[1, 2], [2, 4]]), reference="s0", wtp=3.0)
    again = pickle.loads(pickle.dumps(cea))
    assert again.rows == cea.rows
    assert again.pairwise == cea.pairwise
    with pytest.raises(FrozenInstanceError):
        cea.reference = "s1"
    with pytest.raises(ValueError, match="read-only"):
        cea.net_benefit().nmb[0, 0] = 1.0
    assert cea.provenance["reference"] == "s0"
    assert repr(cea) == "CEA(2 strategies, 2 draws, reference 's0', frontier s0 -> s1)"


def test_mean_se_of_equal_values_is_zero():
    assert mean_se(np.full(9, 3.0)) == 0.0


def test_costs_and_qalys_are_enough():
    run = Outcomes.from_arrays(["old", "new"], cost=[[1.0], [5.0]], qaly=[[1.0], [3.0]])
    found = compare(run, reference="old", wtp=3.0)
    (pair,) = found.pairwise
    assert (pair.icer, pair.incremental_nmb) == (2.0, 2.0)
    assert pair.incremental_life_years is pair.cost_per_life_year is pair.life_year_status is None
    assert [row.life_years for row in found.rows] == [None, None]
    assert found.pairwise_frame()["cost_per_life_year"].isna().all()


@pytest.mark.parametrize("wtp", ["x", [1.0]])
def test_willingness_to_pay_is_a_number(run, wtp):
    with pytest.raises(ResultError, match="willingness to pay is not usable.*above 0 per QALY"):
        compare(run([1.0, 2.0], [1.0, 2.0]), reference="s0", wtp=wtp)


def test_arrays_come_as_outcomes():
    with pytest.raises(ResultError, match=r"expected Outcomes; found tuple.*Outcomes.from_arrays"):
        compare(([1.0], [2.0]), reference="s0")


def test_net_benefit_stays_read_only(run):
    found = compare(run([1.0, 2.0], [1.0, 2.0]), reference="s0").net_benefit(1.0)
    for result in (found, pickle.loads(pickle.dumps(found))):
        assert not any(
            array.flags.writeable
            for array in (result.nmb, result.nhb, result.mean_nmb, result.mean_nhb)
        )
