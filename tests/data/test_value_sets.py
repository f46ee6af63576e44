import itertools
import pickle

import numpy as np
import pytest

from prioritering.data import list_value_sets, value_set
from prioritering.errors import DataError, UnknownNameError

# Garratt et al., doi 10.1007/s11136-024-03837-3: decrements of levels 2 to 5 in the order
# mobility, self-care, usual activities, pain/discomfort, anxiety/depression.
NORWAY = (
    (0, 0.03116, 0.064985, 0.158875, 0.205),
    (0, 0.031312, 0.065302, 0.15965, 0.206),
    (0, 0.027208, 0.056743, 0.138725, 0.179),
    (0, 0.059432, 0.123947, 0.303025, 0.391),
    (0, 0.071744, 0.149624, 0.3658, 0.472),
)


def states(n_levels):
    return ["".join(map(str, s)) for s in itertools.product(range(1, n_levels + 1), repeat=5)]


def test_all_3125_norwegian_states():
    expected = [1 - sum(NORWAY[d][int(s[d]) - 1] for d in range(5)) for s in states(5)]
    found = value_set("norway_5l").value(states(5))
    assert found.shape == (3125,)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)
    assert found.max() == value_set("norway_5l").value("11111") == 1.0
    assert found.min() == pytest.approx(-0.453, abs=1e-14)
    assert (found < 0).any()
    assert states(5)[int(found.argmin())] == "55555"


@pytest.mark.parametrize(
    ("name", "worst", "value"),
    [  # the worst state as each valuation paper prints it
        ("norway_5l", "55555", -0.453),  # Garratt et al. 2025
        ("england_5l", "55555", -0.285),  # Devlin et al. 2018
        ("sweden_5l_2020", "55555", 0.243),  # Burstroem et al. 2020, experience-based
        ("sweden_5l_2022", "55555", -0.314),  # Sun et al. 2022
        ("uk_3l", "33333", -0.594),  # Dolan 1997
        ("denmark_3l", "33333", -0.624),  # Wittrup-Jensen et al. 2009
        ("sweden_3l", "33333", 0.340),  # Burstroem et al. 2014, experience-based
    ],
)
def test_worst_states(name, worst, value):
    assert value_set(name).value(worst) == pytest.approx(value, abs=5e-4)


def test_terms_of_the_3l_sets():
    # Dolan 1997: 1 - 0.081 for any problem, - 0.269 once a dimension is at level 3.
    uk = value_set("uk_3l")
    found = uk.value(["11111", "11121", "22222", "11131"])
    np.testing.assert_allclose(found, [1, 0.796, 0.516, 0.264], atol=1e-12)


@pytest.mark.parametrize("name", list_value_sets())
def test_a_worse_answer_is_never_worth_more(name):
    chosen = value_set(name)
    values = dict(zip(states(chosen.n_levels), chosen.value(states(chosen.n_levels)), strict=True))
    for state, value in values.items():
        for d in range(5):
            if int(state[d]) < chosen.n_levels:
                worse = state[:d] + str(int(state[d]) + 1) + state[d + 1 :]
                assert values[worse] <= value


def test_names_and_instruments():
    assert set(list_value_sets()) == {
        "norway_5l", "denmark_5l", "sweden_5l_2022", "sweden_5l_2020", "england_5l", "uk_5l",
        "denmark_3l", "sweden_3l", "uk_3l",
    }  # fmt: skip
    assert value_set("uk_3l").instrument == "EQ-5D-3L"
    assert "10.1007/s11136-024-03837-3" in value_set("norway_5l").source


def test_shapes_and_kinds_of_profiles():
    norway = value_set("norway_5l")
    assert norway.value([["11111", "55555"]]).shape == (1, 2)
    np.testing.assert_array_equal(norway.value([11111, 21345]), norway.value(["11111", "21345"]))
    assert norway.value([]).shape == (0,)


@pytest.mark.parametrize("bad", ["1111", "111111", "11116", "01111", "1111a", "", None, 1.5])
def test_bad_profiles(bad):
    with pytest.raises(DataError, match=r"not an EQ-5D-5L profile \(value set norway_5l\).*1 to 5"):
        value_set("norway_5l").value(["11111", bad])


def test_a_5l_profile_is_not_a_3l_profile():
    with pytest.raises(DataError, match=r"not an EQ-5D-3L profile.*from 1 to 3.*'21345'"):
        value_set("uk_3l").value("21345")


def test_unknown_value_set():
    with pytest.raises(UnknownNameError, match="Did you mean 'norway_5l'"):
        value_set("norway")


def test_pickle_and_read_only():
    copy = pickle.loads(pickle.dumps(value_set("norway_5l")))
    assert copy.value("55555") == value_set("norway_5l").value("55555")
    with pytest.raises(ValueError, match="read-only"):
        copy.coefficients[0] = 0
