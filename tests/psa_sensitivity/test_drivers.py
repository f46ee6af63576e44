"""Drivers: Sobol indices against a closed form, groups, value of information, ranking."""

import pickle
from dataclasses import dataclass
from math import pi

import numpy as np
import pytest

import prioritering as pr
from prioritering.errors import ParameterError, ResultError, UnknownNameError
from prioritering.psa.drivers import drivers
from prioritering.psa.information import evppi
from prioritering.psa.sensitivity import one_way
from prioritering.psa.sensitivity.variance import saltelli

from .conftest import UNCERTAIN, Formula

A, B = 7.0, 0.1
ISHIGAMI = Formula(lambda p: -np.sin(p.x1) - A * np.sin(p.x2) ** 2 - B * p.x3**4 * np.sin(p.x1))
THREE = pr.Parameters({f"x{i}": pr.uniform(low=-pi, high=pi) for i in (1, 2, 3)})
ASK = {"reference": "old", "wtp": 1.0, "seed": 1}


@dataclass
class Value:
    value: float
    se: float


def test_indices_of_the_ishigami_function():
    """Ishigami and Homma (1990); variances by hand from its terms."""
    total = A**2 / 8 + B * pi**4 / 5 + B**2 * pi**8 / 18 + 0.5
    v1, v2, v13 = 0.5 * (1 + B * pi**4 / 5) ** 2, A**2 / 8, 8 * B**2 * pi**8 / 225
    found = drivers(ISHIGAMI, params=THREE, n_sobol=1 << 14, **ASK)
    wanted = {"x1": (v1, v1 + v13), "x2": (v2, v2), "x3": (0.0, v13)}
    for name, (first, whole) in wanted.items():
        row = found[name]
        assert row.first_order == pytest.approx(first / total, abs=2e-3)
        assert row.total_order == pytest.approx(whole / total, abs=2e-3)
        assert abs(row.first_order - first / total) < 4 * row.first_order_se
        assert abs(row.total_order - whole / total) < 4 * row.total_order_se
    assert found.variance == pytest.approx(total, rel=1e-3)
    assert [row.name for row in found.rows] == ["x1", "x2", "x3"]


def test_a_group_has_the_indices_of_its_variance():
    """Of x1 + x2 x3 all variance of x2 and x3 belongs to their group, as first-order too."""
    params = pr.Parameters(x1=pr.normal(mean=0, se=1), x2=pr.normal(mean=0, se=1),
                           x3=pr.normal(mean=0, se=1))  # fmt: skip
    model = Formula(lambda p: p.x1 + 2 * p.x2 * p.x3)
    found = drivers(model, params=params, groups={"both": ("x2", "x3")}, n_sobol=1 << 12, **ASK)
    assert found["both"].members == ("x2", "x3")
    for row, share in (("both", 0.8), ("x1", 0.2)):
        assert found[row].first_order == pytest.approx(share, abs=0.03)
        assert found[row].total_order == pytest.approx(share, abs=0.03)


def test_parameters_that_depend_on_each_other_count_as_one():
    """Net benefit is a sum: the block's share is Var(a + b) with their covariance."""
    rho = 0.6
    params = pr.Parameters(
        a=pr.normal(mean=0, se=1),
        b=pr.normal(mean=0, se=1),
        c=pr.normal(mean=0, se=2),
        p=pr.dirichlet({"A": 1, "B": 1}),
    ).correlated({("a", "b"): rho})
    model = Formula(lambda p: p.a + p.b + p.c + 3 * p.p.A)
    found = drivers(model, params=params, n_sobol=1 << 12, **ASK)
    assert {row.name: row.members for row in found.rows} == {
        "a and b": ("a", "b"),
        "c": ("c",),
        "p": ("p",),
    }
    block, share = 2 + 2 * 2 * np.sin(pi * rho / 6), 9 / 12
    for name, variance in (("a and b", block), ("c", 4.0), ("p", share)):
        expected = variance / (block + 4 + share)
        assert found[name].total_order == pytest.approx(expected, abs=0.02)
    assert found["p"].swing == max(
        row.swing("nmb") for row in found.tornado.rows if row.name in ("p.A", "p.B")
    )


def test_the_samples_mix_whole_units_and_keep_correlations():
    params = THREE.correlated({("x1", "x3"): 0.9})
    draws = saltelli(params, {"x1 and x3": ("x1", "x3"), "x2": ("x2",)}, 256, seed=1)
    a, b, first, second = (draws.chunk(256 * k, 256 * (k + 1)) for k in range(4))
    for name, source in (("x1", b), ("x3", b), ("x2", a)):
        assert np.array_equal(first[name], source[name])
    for name, source in (("x1", a), ("x3", a), ("x2", b)):
        assert np.array_equal(second[name], source[name])
    assert abs(np.corrcoef(a.x1, b.x1)[0, 1]) < 0.2
    for sample in (a, b):
        assert np.corrcoef(sample.x1, sample.x3)[0, 1] > 0.8


def test_assumed_parameters_are_named_as_they_are():
    params = pr.Parameters(
        a=pr.normal(mean=0, se=1, assumption=True), b=pr.normal(mean=0, se=1, source="trial")
    )
    draws = saltelli(params, {"a": ("a",), "b": ("b",)}, 8, seed=1)
    assert draws.provenance["assumptions"] == ["a"]


def test_a_single_uncertain_parameter_has_all_the_variance():
    params = pr.Parameters(a=pr.normal(mean=1, se=1), b=2.0)
    found = drivers(Formula(lambda p: 3 * p.a + p.b), params=params, n_sobol=1 << 10, **ASK)
    assert found["a"].first_order == pytest.approx(1.0, abs=0.01)
    assert found["a"].total_order == pytest.approx(1.0, abs=0.01)


def test_swing_and_value_of_information_are_those_of_their_own_analyses(model, question):
    psa = question["params"].sample(1000, seed=3)
    outcomes = model.run(psa, discounting=question["discounting"])
    model.n_draws.clear()
    found = drivers(model, seed=2, n_sobol=64, draws=psa, outcomes=outcomes, **question)
    assert model.n_draws == [1 + 10 * len(UNCERTAIN), 64 * (len(UNCERTAIN) + 2)]
    tornado = one_way(model, **question)
    both = [outcomes.index(s) for s in ("Standard of care", "Strategy B")]
    pair = (outcomes.cost[both], outcomes.qaly[both])
    for row in found.rows:
        assert row.swing == tornado[row.name].swing("nmb")
        value = evppi(pair, psa, parameters=[row.name], wtp=80_000.0)
        assert row.evppi == pytest.approx(float(value.value), rel=1e-9)
        assert row.evppi_se == pytest.approx(float(value.se), rel=1e-9)
    values = [row.evppi for row in found.rows]
    assert values == sorted(values, reverse=True)
    assert found.rows[0].name == "hr_S1S2_trtB"


def test_values_computed_elsewhere_rank_the_rows():
    given = {"x3": Value(5.0, 0.1), "x2": Value(2.0, 0.2)}
    found = drivers(ISHIGAMI, params=THREE, n_sobol=64, evppi=given, **ASK)
    assert [row.name for row in found.rows] == ["x3", "x2", "x1"]
    assert (found["x3"].evppi, found["x1"].evppi) == (5.0, None)
    assert found.to_frame().evppi.isna().tolist() == [False, False, True]


def test_the_same_seed_gives_the_same_result_and_it_survives_pickle():
    one, two, other = (
        drivers(ISHIGAMI, params=THREE, n_sobol=64, **{**ASK, "seed": s}) for s in (1, 1, 2)
    )
    assert one.rows == two.rows == pickle.loads(pickle.dumps(one)).rows
    assert one.rows != other.rows
    assert repr(one).startswith("Drivers(3: x")
    with pytest.raises(UnknownNameError, match="unknown driver 'x4'"):
        one.sentence(name="x4")


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"n_sobol": 100}, ParameterError, "power of two, 16 or more; found 100"),
        ({"n_sobol": 8}, ParameterError, "power of two"),
        ({"wtp": -1.0}, ResultError, "above 0"),
        ({"groups": {"g": ("x1", "y")}}, UnknownNameError, "unknown parameter 'y'.*group 'g'"),
        ({"groups": {"x1": ("x2",)}}, ParameterError, "group 'x1' does not hold"),
        ({"groups": {"g": "x1"}}, ParameterError, "does not hold together.*found 'x1'"),
        ({"groups": {"g": ()}}, ParameterError, "group 'g' does not hold together"),
        (
            {"groups": {"g": ("x1",), "h": ("x1", "x2")}},
            ParameterError,
            "group 'h' does not hold.*another group; found x1",
        ),
        ({"evppi": {"x9": Value(1, 1)}}, UnknownNameError, "unknown driver 'x9'"),
        ({"draws": THREE.sample(9, seed=1)}, ResultError, "not clear where.*found draws"),
        ({"params": pr.Parameters(x1=1.0)}, ParameterError, "nothing is uncertain.*1 fixed"),
    ],
)
def test_what_cannot_be_ranked_is_refused(changes, error, says):
    with pytest.raises(error, match=says):
        drivers(ISHIGAMI, **{"params": THREE, "n_sobol": 64, **ASK, **changes})


def test_groups_do_not_cut_through_correlations():
    params = THREE.correlated({("x1", "x2"): 0.4})
    with pytest.raises(ParameterError, match=r"cuts through.*x1, x2.*x1 in g, x2 in no group"):
        drivers(ISHIGAMI, params=params, groups={"g": ("x1",)}, **ASK)


def test_identical_strategies_have_no_drivers():
    with pytest.raises(ResultError, match="net benefit does not vary"):
        drivers(Formula(lambda p: 0.0 * p.x1), params=THREE, **ASK)


def test_one_strategy_has_no_drivers():
    with pytest.raises(ResultError, match="one strategy only"):
        drivers(Formula(lambda p: p.x1, strategies=("old",)), params=THREE, **ASK)
