"""What a newcomer gets wrong in a sensitivity analysis is told in the library's own errors."""

import numpy as np
import pytest

import prioritering as pr
from prioritering.errors import ParameterError, ResultError
from prioritering.psa import Scenario, drivers, one_way, scenarios, two_way
from tests.psa_sensitivity.conftest import Formula

PARAMS = pr.Parameters(
    x=pr.normal(mean=1, se=0.1),
    y=pr.gamma(mean=2, se=0.2),
    p=pr.dirichlet({"A": 3, "B": 4, "C": 5}),
)
MODEL = Formula(lambda p: 10.0 * p.x + p.y * p.p.B, lambda p: p.p.A)
ASKED = {"params": PARAMS, "reference": "old", "wtp": 30.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"interval": "0.95"}, r"interval is not a share.*found '0\.95'"),
        ({"interval": np.nan}, "interval is not a share"),
        ({"names": "x"}, "names are no list.*found 'x'"),
        ({"ranges": {"x": ("0.5", "1.5")}}, "range of x does not rise"),
        ({"ranges": {"x": "59"}}, "range of x does not rise.*found '59'"),
        ({"groups": {"both": 3}}, "group 'both' does not hold together"),
        ({"params": PARAMS.expected()}, "params are no Parameters.*found Draws"),
        ({"params": {"x": 1.0}}, "params are no Parameters"),
    ],
)
def test_one_way(change, message):
    with pytest.raises(ParameterError, match=message):
        one_way(MODEL, **{**ASKED, **change})


def test_model_and_parameters_in_each_others_place():
    with pytest.raises(ParameterError, match="params are no Parameters"):
        one_way(PARAMS, **{**ASKED, "params": MODEL})


@pytest.mark.parametrize("values", [["1", "2"], "12", [[1, 2]], [1, np.inf]])
def test_two_way_values(values):
    with pytest.raises(ParameterError, match="x_values make no grid"):
        two_way(MODEL, **ASKED, x="x", y="y", x_values=values, y_values=[1, 2])


def test_groups_of_drivers():
    for members in (3, "xy"):
        with pytest.raises(ParameterError, match=rf"does not hold together.*found {members!r}"):
            drivers(MODEL, **ASKED, seed=1, n_sobol=16, groups={"g": members})


def test_scenarios_in_a_list():
    with pytest.raises(ResultError, match=r"no scenario; expected \{name: Scenario"):
        scenarios(MODEL, **ASKED, scenarios=[Scenario(values={"x": 2.0})])


@pytest.mark.parametrize("shares", [(1.0, 1.0, 1.0), (1.2, -0.2, 0.0), (0.3, 0.3, 0.3)])
def test_scenario_with_shares_that_are_no_whole(shares):
    values = {"p": dict(zip("ABC", shares, strict=True))}
    with pytest.raises(ParameterError, match=r"values of p are no shares.*scenario 'a'.*sum to 1"):
        scenarios(MODEL, **ASKED, scenarios={"a": Scenario(values=values)})
