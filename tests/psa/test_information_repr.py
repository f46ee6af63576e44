"""What a value of information says of itself in one line."""

import numpy as np

from prioritering.conventions import Discounting
from prioritering.psa import evpi, population_evpi

COST, EFFECT = [[0.0, 0.0], [10.0, 10.0]], [[0.0, 0.0], [1.0, 3.0]]


def test_one_limit_and_several():
    one = evpi((COST, EFFECT), wtp=6)
    assert repr(one) == "Evpi(1 limit, 2 draws)"
    assert repr(evpi((COST, EFFECT), wtp=np.array([6.0, 7.0]))) == "Evpi(2 limits, 2 draws)"
    assert repr(one) in one._repr_html_()
    many = population_evpi(one, incidence=10, years=2, discounting=Discounting.flat(0.04))
    assert repr(many).startswith("PopulationEvpi(1 limit, 20 patients, ")
    assert "provenance" not in repr(many)
