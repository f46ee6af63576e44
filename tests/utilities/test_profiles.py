"""EQ-5D answers to utilities: every way to write them, and what is refused with its count."""

import itertools

import numpy as np
import pandas as pd
import pytest

import prioritering as pr
from prioritering.data import list_value_sets, load_table, value_set
from prioritering.utilities import DIMENSIONS, eq5d_values

LEVELS = np.array(list(itertools.product(range(1, 6), repeat=5)))
PROFILES = ["".join(map(str, row)) for row in LEVELS]
# Garratt et al., doi 10.1007/s11136-024-03837-3: decrements of levels 2 to 5 in the order
# mobility, self-care, usual activities, pain/discomfort, anxiety/depression.
NORWAY = np.array(
    [
        [0, 0.03116, 0.064985, 0.158875, 0.205],
        [0, 0.031312, 0.065302, 0.15965, 0.206],
        [0, 0.027208, 0.056743, 0.138725, 0.179],
        [0, 0.059432, 0.123947, 0.303025, 0.391],
        [0, 0.071744, 0.149624, 0.3658, 0.472],
    ]
)


def test_all_3125_norwegian_states_from_levels():
    found = eq5d_values(LEVELS, values="norway_5l")
    expected = 1 - sum(NORWAY[d][LEVELS[:, d] - 1] for d in range(5))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)
    assert (found[0], found[-1]) == (1.0, pytest.approx(-0.453, abs=1e-14))


@pytest.mark.parametrize("name", list_value_sets())
def test_every_state_of_every_set_against_its_table(name):
    """Recomputed from the shipped rows by name, in loops of its own."""
    table = load_table("eq5d_value_sets")
    rows = zip(table["value_set"], table["term"], table["coefficient"], strict=True)
    terms = {term: value for owner, term, value in rows if owner == name}
    worst = value_set(name).n_levels
    levels = LEVELS[LEVELS.max(axis=1) <= worst]
    expected = []
    for row in levels.tolist():
        value = terms["full_health"]
        for dimension, level in zip(("MO", "SC", "UA", "PD", "AD"), row, strict=True):
            value += terms.get(f"{dimension}{level}", 0.0)
        value += terms.get("any_problem", 0.0) if max(row) > 1 else 0.0
        value += terms.get("any_worst", 0.0) if worst in row else 0.0
        expected.append(value)
    np.testing.assert_allclose(eq5d_values(levels, values=name), expected, rtol=0, atol=1e-14)


# Aalborg University, Danish Center for Health Services Research, page "The Danish EQ-5D-5L value
# set", table 1: decrements of levels 2 to 5 in the order of the dimensions.
DENMARK = np.array(
    [
        [0, 0.041, 0.054, 0.157, 0.220],
        [0, 0.035, 0.050, 0.144, 0.209],
        [0, 0.033, 0.040, 0.139, 0.174],
        [0, 0.048, 0.094, 0.381, 0.537],
        [0, 0.072, 0.191, 0.430, 0.618],
    ]
)


def test_all_3125_danish_states():
    """The worst is printed as -0.757 (Jensen et al. 2021); five rounded terms give -0.758."""
    found = eq5d_values(LEVELS, values="denmark_5l")
    expected = 1 - sum(DENMARK[d][LEVELS[:, d] - 1] for d in range(5))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)
    assert found.min() == pytest.approx(-0.757, abs=5 * 0.0005)


def frame(levels):
    return pd.DataFrame(levels, columns=list(DIMENSIONS))


@pytest.mark.parametrize(
    "answers",
    [
        LEVELS,
        LEVELS.astype(float),
        LEVELS.astype(str),
        LEVELS.astype(object),
        LEVELS.tolist(),
        frame(LEVELS),
        frame(LEVELS).astype("Int64"),
        PROFILES,
        np.array(PROFILES, dtype=object),
        pd.Series(PROFILES, dtype="string"),
        [int(profile) for profile in PROFILES],
        [float(profile) for profile in PROFILES],
        pd.Series(PROFILES).astype(float),
    ],
    ids=lambda a: type(a).__name__,
)
def test_every_way_to_write_answers_gives_the_same(answers):
    expected = value_set("norway_5l").value(PROFILES)
    np.testing.assert_array_equal(eq5d_values(answers, values="norway_5l"), expected)


def test_shapes():
    rules = pr.guideline("no", as_of="2026-11-01")
    assert eq5d_values([["11111", "55555"]], values=rules.value_set).shape == (1, 2)
    assert eq5d_values(["11111"] * 5, values="norway_5l").shape == (5,)
    assert eq5d_values([["11111"] * 5] * 2, values="norway_5l").shape == (2, 5)
    assert eq5d_values([], values="norway_5l").shape == (0,)
    assert eq5d_values("11111", values="norway_5l") == 1.0


@pytest.mark.parametrize("nothing", [None, np.nan, "", pd.NA])
def test_missing_levels_are_counted_by_dimension(nothing):
    answers = LEVELS[:10].astype(object)
    answers[2, 1] = answers[2, 4] = answers[7, 4] = nothing
    message = (
        r"answers are missing \(first at \(2, 1\)\).*2 of 10 profiles incomplete "
        r"\(self-care 1, anxiety/depression 2\).*nothing is imputed"
    )
    with pytest.raises(pr.DataError, match=message):
        eq5d_values(answers, values="norway_5l")


@pytest.mark.parametrize("nothing", [None, np.nan, " "])
def test_missing_profiles_are_counted(nothing):
    with pytest.raises(pr.DataError, match=r"missing \(first at \(1,\)\).*2 of 3 profiles"):
        eq5d_values(["11111", nothing, nothing], values="norway_5l")


@pytest.mark.parametrize(("bad", "found"), [(6, "'6'"), (0, "'0'"), ("a", "'a'"), (9.0, "'9'")])
def test_impossible_levels_are_named_and_counted(bad, found):
    answers = LEVELS[:6].astype(object)
    answers[3, 2] = answers[5, 0] = bad
    message = (
        rf"not an EQ-5D-5L level \(row 3, dimension usual activities\).*from 1 to 5; "
        rf"found {found} \(2 such"
    )
    with pytest.raises(pr.DataError, match=message):
        eq5d_values(answers, values="norway_5l")


@pytest.mark.parametrize("bad", ["11116", "01111", "1111a", "111", 11110, 1.5, "good"])
def test_impossible_profiles(bad):
    with pytest.raises(pr.DataError, match=r"not an EQ-5D-5L profile.*five digits from 1 to 5"):
        eq5d_values(["11111", bad], values="norway_5l")


def test_levels_of_the_wrong_instrument_and_unknown_sets():
    with pytest.raises(pr.DataError, match=r"not an EQ-5D-3L level.*1 to 3; found '4'"):
        eq5d_values([[1, 2, 3, 4, 3]], values="uk_3l")
    with pytest.raises(pr.UnknownNameError, match="Did you mean 'norway_5l'"):
        eq5d_values("11111", values="norway")
