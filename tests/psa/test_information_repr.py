"""What a value of information says of itself in one line."""

from dataclasses import replace

import numpy as np

from prioritering.conventions import Discounting
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.psa import evpi, population_evpi
from prioritering.psa.information import evppi

COST, EFFECT = [[0.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [1.0, 3.0]]


def test_one_limit_and_several():
    one = evpi((COST, EFFECT), wtp=6)
    assert repr(one) == "Evpi(1 limit, 2 draws)"
    assert repr(evpi((COST, EFFECT), wtp=np.array([6.0, 7.0]))) == "Evpi(2 limits, 2 draws)"
    assert repr(one) in one._repr_html_()
    many = population_evpi(one, incidence=10, years=2, discounting=Discounting.flat(0.04))
    assert repr(many).startswith("PopulationEvpi(1 limit, 20 patients, ")
    assert "provenance" not in repr(many)


def test_counts_agree_with_their_nouns():
    draws = Draws.from_arrays({"a": np.linspace(-1.0, 1.0, 200)})
    qaly = np.stack([0.0 * draws.a, draws.a])
    told = {"parameters": ["a"], "wtp": 6, "method": "spline"}
    found = evppi((0.0 * qaly, qaly), draws, **told)
    assert repr(found).startswith("Evppi(a; 1 limit, 200 draws, ")
    assert repr(replace(found, wtp=np.array([6.0, 7.0]))).startswith("Evppi(a; 2 limits, ")


def test_outcomes_count_strategies_and_draws():
    one = Outcomes.from_arrays(["only"], cost=[[1.0]], qaly=[[1.0]])
    assert repr(one) == "Outcomes(1 strategy x 1 draw: only)"
    two = Outcomes.from_arrays(["a", "b"], cost=np.ones((2, 3)), qaly=np.ones((2, 3)))
    assert repr(two) == "Outcomes(2 strategies x 3 draws: a, b)"
