"""Distribution of increments against NumPy, normal theory, and net benefit."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from prioritering.cea import compare
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.psa import acceptability, incremental, quantile_se
from prioritering.psa.distributions import QUANTILES
from prioritering.psa.icer_interval import fieller_interval


def pair(cost, effect):
    cost, effect = np.asarray(cost, float), np.asarray(effect, float)
    return np.stack([0 * cost, cost]), np.stack([0 * effect, effect])


def test_moments_and_quantiles_are_numpys(run):
    found = incremental(run, reference="standard", wtp=495_000)
    cost, qaly = run.cost[1] - run.cost[0], run.qaly[1] - run.qaly[0]
    nmb = 495_000 * qaly - cost
    for name, x in {"cost": cost, "qaly": qaly, "nmb": nmb, "nhb": nmb / 495_000}.items():
        spread = found.spread(name)
        np.testing.assert_array_equal(found.draws(name), x)
        assert spread.mean == pytest.approx(x.mean(), rel=1e-13)
        assert spread.sd == pytest.approx(x.std(ddof=1), rel=1e-12)
        assert spread.se == pytest.approx(x.std(ddof=1) / np.sqrt(x.size), rel=1e-12)
        np.testing.assert_allclose(spread.quantiles, np.quantile(x, QUANTILES), rtol=1e-14)
        errors = [quantile_se(x, q=q) for q in QUANTILES]
        np.testing.assert_allclose(spread.quantiles_se, errors, rtol=1e-10)


def test_icer_and_its_error_are_those_of_the_comparison(run):
    found = incremental(run, reference="standard")
    row = compare(run, reference="standard").pairwise[0]
    assert (found.icer, found.icer_se, found.status) == (row.icer, row.icer_se, row.status)


def test_a_level_is_the_acceptability_curve(run, rules):
    found = incremental(run, reference="standard", rules=rules, levels=[1e6])
    limits = [level.wtp for level in found.levels]
    curve = acceptability(run, limits=limits)
    worth = [level.cost_effective.value for level in found.levels]
    np.testing.assert_allclose(worth, curve.probability[1], rtol=1e-13)
    np.testing.assert_allclose(
        [level.exceeds.se for level in found.levels], curve.probability_se[1], rtol=1e-13
    )
    assert [level.severity_class for level in found.levels] == [1, 2, 3, 4, 5, 6, None]


def test_each_quadrant_is_judged_by_net_benefit_and_not_by_its_ratio():
    """NE at 50, SE, SW saving 50 a unit, NW: ratios 50, -50, 50, -50 say nothing of order."""
    found = incremental(
        pair([50, -50, -50, 50], [1, 1, -1, -1]), reference="strategy 1", levels=[20, 100]
    )
    assert [level.exceeds.value for level in found.levels] == [0.5, 0.5]
    low, high = (
        incremental(pair([c] * 2, [e] * 2), reference="strategy 1", levels=[20, 100])
        for c, e in ((50, 1), (-50, -1))
    )
    assert [level.exceeds.value for level in low.levels] == [1.0, 0.0]  # costs 50 a unit gained
    assert [level.exceeds.value for level in high.levels] == [0.0, 1.0]  # saves 50 a unit lost
    assert all(share.value == 0.25 for area, share in found.quadrants.items() if "-" in area)


@given(arrays(float, (2, 12), elements=st.integers(-2, 2).map(float)))
def test_quadrants_cover_every_draw(values):
    found = incremental(pair(*values), reference="strategy 1")
    assert sum(s.value for s in found.quadrants.values()) == pytest.approx(1.0, rel=1e-12)
    assert found.quadrants["on an axis"].value == np.mean((values == 0).any(axis=0))


def test_fieller_of_independent_normals_has_the_published_form():
    """With no covariance the ends are (C E -+ sqrt(C^2 E^2 - (E^2 - z^2 v_e)(C^2 - z^2 v_c))) / a.

    The draws are normal scores on a grid, so that sample moments are exact.
    """
    z = norm.ppf((np.arange(400) + 0.5) / 400)
    cost, effect = np.repeat(z, 400), np.tile(z, 400)
    cost, effect = 100 + 10 * cost, 2 + 0.3 * effect
    v_c, v_e = cost.var(ddof=1), effect.var(ddof=1)
    z2 = norm.ppf(0.975) ** 2
    a = 4 - z2 * v_e
    root = np.sqrt(200**2 - a * (100**2 - z2 * v_c))
    ends, why = fieller_interval(cost, effect)
    np.testing.assert_allclose(ends, [(200 - root) / a, (200 + root) / a], rtol=1e-9)
    assert why == ""


def test_the_two_intervals_agree_for_normal_increments():
    rng = np.random.default_rng(5)
    cost, effect = rng.normal(4e5, 4e4, 200_000), rng.normal(1.0, 0.1, 200_000)
    found = incremental(pair(cost, effect), reference="strategy 1").icer_interval
    np.testing.assert_allclose(found.percentile, found.fieller, rtol=5e-3)
    edge = acceptability(pair(cost, effect), limits=found.percentile).probability[1]
    np.testing.assert_allclose(edge, [0.025, 0.975], atol=1e-5)


@pytest.mark.parametrize(
    ("cost", "effect", "percentile", "fieller"),
    [
        ([3.0, 4.0, 5.0], [1.0, 0.9, -0.2], "1 of 3 draws have no effect", "set is unbounded"),
        ([3.0, 4.0, 5.0], [1.0, 1.0, 0.0], "1 of 3 draws have no effect", "set is unbounded"),
        ([-3.0, -4.0], [1.0, 0.9], "no meaning: dominant", "no meaning: dominant"),
        ([1e10, 1e10], [1e-300, 1.0], "too small to divide by", "set is unbounded"),
    ],
)
def test_an_interval_that_means_nothing_is_not_given(cost, effect, percentile, fieller):
    found = incremental(pair(cost, effect), reference="strategy 1").icer_interval
    assert found.percentile is None
    assert found.fieller is None
    assert percentile in found.why_no_percentile
    assert fieller in found.why_no_fieller


def test_fieller_ends_are_where_net_benefit_is_1_96_deviations_from_zero():
    """The definition, with cost and effect correlated one way and the other."""
    rng = np.random.default_rng(8)
    effect = rng.normal(1.0, 0.2, 500)
    for slope in (3e5, -3e5):
        cost = 4e5 + slope * (effect - 1.0) + rng.normal(0, 4e4, 500)
        ends, _ = fieller_interval(cost, effect)
        assert ends[0] < cost.mean() / effect.mean() < ends[1]
        for ratio in ends:
            benefit = cost - ratio * effect
            deviations = abs(benefit.mean()) / benefit.std(ddof=1)
            assert deviations == pytest.approx(1.959963984540054, rel=1e-10)


def test_a_fieller_set_that_is_unbounded_is_not_given(run):
    found = incremental(run, reference="standard").icer_interval
    assert found.percentile is None
    assert found.fieller is not None


def test_savings_per_qaly_lost_say_so():
    rng = np.random.default_rng(2)
    found = incremental(
        pair(rng.normal(-4e5, 4e4, 5000), rng.normal(-1, 0.1, 5000)),
        reference="strategy 1",
        levels=[2e5, 8e5],
    )
    assert found.status.startswith("south-west")
    assert "savings per QALY lost" in " ".join(found.table().attrs["notes"])
    low, high = found.levels  # saving 400 000 a QALY lost is enough at 200 000, not at 800 000
    assert low.exceeds.value < 0.01
    assert high.exceeds.value > 0.99
    edge = [
        1 - level.exceeds.value
        for level in incremental(
            (np.stack([0 * found.cost, found.cost]), np.stack([0 * found.qaly, found.qaly])),
            reference="strategy 1",
            levels=found.icer_interval.percentile,
        ).levels
    ]
    np.testing.assert_allclose(edge, [0.975, 0.025], atol=3e-4)


def test_identical_strategies():
    found = incremental(pair([0.0] * 4, [0.0] * 4), reference="strategy 1", levels=[5.0])
    assert found.icer is None
    assert found.status == "no difference in effect or cost"
    assert found.quadrants["on an axis"].value == 1.0
    assert found.levels[0].exceeds.value == 0.5
    assert "No interval" in " ".join(found.table().attrs["notes"])


def test_frames_table_and_pickle(run, rules, language):
    found = incremental(run, reference="standard", wtp=495_000, rules=rules)
    assert list(found.to_frame()["quantity"]) == ["cost", "qaly", "nmb", "nhb"]
    assert found.levels_frame()["severity_class"].tolist() == [1, 2, 3, 4, 5, 6]
    table = found.table(language)
    assert table.shape == (4 + 2 + 5 + 6, 7)
    assert (table.iloc[:, 0] != "").sum() == 16  # Fieller's row has ends only
    again = pickle.loads(pickle.dumps(found))
    assert again.quadrants == found.quadrants
    with pytest.raises(ValueError, match="read-only"):
        again.cost[0] = 1.0
    assert repr(found).startswith("Incremental(new against standard: ICER 4")


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"reference": "standrad"}, UnknownNameError, "unknown reference.*mean 'standard'"),
        ({"reference": "standard", "option": "nwe"}, UnknownNameError, "unknown option 'nwe'"),
        ({"reference": "standard", "option": "standard"}, ResultError, "Write option='new'"),
        ({"reference": "standard", "wtp": 0}, ResultError, "finite amount above 0"),
        ({"reference": "standard", "levels": [-1]}, ResultError, "levels cannot be a willingness"),
    ],
)
def test_bad_questions(run, asked, kind, message):
    with pytest.raises(kind, match=message):
        incremental(run, **asked)


def test_bad_runs(several):
    with pytest.raises(ResultError, match=r"no option.*expected one of 'B', 'A', 'AB'"):
        incremental(several, reference="SoC")
    with pytest.raises(ResultError, match="one draw has no uncertainty"):
        incremental(([[1.0], [2.0]], [[1.0], [2.0]]), reference="strategy 1")
    with pytest.raises(UnknownNameError, match="unknown quantity 'nmb'"):
        incremental(several, reference="SoC", option="B").draws("nmb")
    one = Outcomes.from_arrays(["a"], cost=[[1.0, 2.0]], qaly=[[1.0, 2.0]])
    with pytest.raises(ResultError, match="one strategy has no uncertainty"):
        incremental(one, reference="a")


def test_the_table_prints_how_often_the_icer_exceeds_a_level():
    cost, qaly = [[0.0] * 4, [90.0, 110.0, 90.0, 110.0]], [[0.0] * 4, [1.0, 1.0, 2.0, 2.0]]
    table = incremental((cost, qaly), reference="strategy 1", levels=[100]).table()
    row = table[table.index.str.contains("exceeds")]
    assert row.iloc[0, 0].startswith("25")
