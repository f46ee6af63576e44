"""Two loops of model runs against closed forms and against the regressions."""

import numpy as np
import pytest
from benchmarks.models import FLAT_3, SICK_SICKER_PARAMETERS, sick_sicker

import prioritering as pr
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.psa.information import evppi, nested_evppi

from .closed_forms import unit_normal_loss


class Line:
    """Incremental net benefit mean + 2 x + 3 y at wtp 0, in any runs of draws."""

    def __init__(self, mean):
        self.mean = mean
        self.sizes = []

    def run(self, draws, rules=None, /, **options):
        self.sizes.append(draws.n_draws)
        b = self.mean + 2 * draws.x + 3 * draws.y
        return Outcomes.from_arrays(["old", "new"], cost=[0 * b, -b], qaly=[0 * b, 0 * b])


NORMALS = pr.Parameters(x=pr.normal(mean=0, se=1), y=pr.normal(mean=0, se=1), z=1.0)


@pytest.mark.parametrize("mean", [0.0, 1.0, -2.0])
def test_linear_benefit_of_normal_parameters(mean):
    model = Line(mean)
    found = nested_evppi(
        model, params=NORMALS, parameters="x", wtp=0.0, n_outer=2000, n_inner=100, seed=1
    )
    assert abs(float(found.value) - unit_normal_loss(mean, 2.0)) < 3 * found.se
    assert sum(model.sizes) == 2000 * 100
    assert max(model.sizes) <= 100_000


def test_inner_noise_is_corrected():
    """The plain estimate is that of a sum with the inner mean's noise, 9 / n_inner."""
    plain, corrected, exact = [], [], unit_normal_loss(1.0, 2.0)
    for seed in range(30):
        found = nested_evppi(
            Line(1.0), params=NORMALS, parameters=["x"], wtp=0.0, n_outer=1000, n_inner=4, seed=seed
        )
        plain.append(float(found.uncorrected))
        corrected.append(float(found.value))
        assert found.uncorrected - found.bias == pytest.approx(float(found.value), rel=1e-9)
    raised = unit_normal_loss(1.0, np.sqrt(4 + 9 / 4))
    assert np.mean(plain) == pytest.approx(raised, rel=0.02)
    assert abs(np.mean(corrected) - exact) < 0.35 * (raised - exact)


def test_standard_error_is_the_spread_over_seeds():
    runs = [
        nested_evppi(
            Line(0.5), params=NORMALS, parameters="y", wtp=0.0, n_outer=100, n_inner=20, seed=s
        )
        for s in range(200)
    ]
    spread = np.std([r.value for r in runs], ddof=1)
    assert np.mean([r.se for r in runs]) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("names", ["u_S1", ["u_trtA", "c_trtA"]])
def test_sick_sicker_agrees_with_regression(names):
    model, params = sick_sicker(), SICK_SICKER_PARAMETERS
    draws = params.sample(5000, seed=1)
    run = model.run(draws, discounting=FLAT_3)
    by_regression = evppi(run, draws, parameters=names, wtp=100_000.0)
    nested = nested_evppi(
        model, params=params, parameters=names, wtp=100_000.0, n_outer=300, n_inner=100,
        seed=2, discounting=FLAT_3,
    )  # fmt: skip
    assert nested.value > 0
    both = np.hypot(nested.se, by_regression.se)
    assert abs(float(nested.value - by_regression.value)) < 2.5 * both


def test_a_joint_parameter_is_fixed_whole():
    params = pr.Parameters(p=pr.dirichlet({"A": 5, "B": 3, "C": 2}), y=pr.normal(mean=0, se=0.01))

    class Shares:
        def run(self, draws, rules=None, /, **options):
            b = draws.p.A - 0.5 + draws.y
            return Outcomes.from_arrays(["old", "new"], cost=[0 * b, -b], qaly=[0 * b, 0 * b])

    found = nested_evppi(
        Shares(), params=params, parameters="p", wtp=[0.0, 9.0], n_outer=2000, n_inner=10, seed=1
    )
    share = np.random.default_rng(1).beta(5, 5, 1_000_000)
    exact = np.maximum(share - 0.5, 0).mean()
    assert abs(float(found.value[0]) - exact) < 3 * found.se[0]
    assert found.to_frame()["wtp"].tolist() == [0.0, 9.0]
    with pytest.raises(ResultError, match=r"component cannot be fixed.*'p.A'.*Value 'p' whole"):
        nested_evppi(Shares(), params=params, parameters="p.A", wtp=0.0, seed=1)


def test_correlated_parameters_are_fixed_together():
    params = pr.Parameters(x=pr.normal(mean=0, se=1), y=pr.normal(mean=0, se=1))
    params = params.correlated({("x", "y"): 0.5})
    given = {"params": params, "wtp": 0.0, "n_outer": 2000, "n_inner": 2, "seed": 1}
    with pytest.raises(ResultError, match=r"correlated with varies.*'x' and 'y' correlated"):
        nested_evppi(Line(0.0), parameters="x", **given)
    both = nested_evppi(Line(0.0), parameters=["x", "y"], **given)
    spread = np.sqrt(4 + 9 + 12 * 2 * np.sin(np.pi / 12))  # Pearson's r of Spearman's 0.5
    assert abs(float(both.value) - unit_normal_loss(0.0, spread)) < 3 * both.se


def test_progress_is_shown(capsys):
    nested_evppi(
        Line(0.0), params=NORMALS, parameters="x", wtp=0.0, n_outer=4, n_inner=2, seed=1,
        progress=True,
    )  # fmt: skip
    assert "outer draws" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"n_inner": 5}, ResultError, "n_inner even and 2 or more; found n_outer 10, n_inner 5"),
        ({"n_outer": 1}, ResultError, "n_outer of 2 or more"),
        ({"n_inner": 4.0}, ResultError, "loops are not of a usable size"),
        ({"parameters": []}, ResultError, "not named once each"),
        ({"parameters": ["x", "x"]}, ResultError, "not named once each"),
        ({"parameters": "xx"}, UnknownNameError, "Did you mean 'x'"),
        ({"parameters": "z"}, ResultError, r"does not vary.*parameter 'z'"),
        ({"seed": -1}, ResultError, "seed"),
        ({"wtp": -1.0}, ResultError, "willingness to pay"),
    ],
)
def test_bad_input(changes, kind, message):
    given = {"parameters": "x", "wtp": 0.0, "n_outer": 10, "n_inner": 4, "seed": 1}
    with pytest.raises(kind, match=message):
        nested_evppi(Line(0.0), params=NORMALS, **{**given, **changes})
