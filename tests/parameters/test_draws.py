"""Draws: reading, slicing, changing into copies, and taking draws made elsewhere."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from prioritering.errors import ParameterError, UnknownNameError
from prioritering.parameters import Draws

VALUES = {
    "hr": [0.7, 0.8, 0.9, 1.0],
    "p_A": {"B": [0.1, 0.2, 0.3, 0.4], "to dead": [0.9, 0.8, 0.7, 0.6]},
    "n": [1, 2, 3, 4],
}


@pytest.fixture
def draws() -> Draws:
    return Draws.from_arrays(VALUES)


def test_reading_by_item_and_attribute(draws):
    assert draws.hr is draws["hr"]
    assert draws.hr.tolist() == VALUES["hr"]
    assert draws.p_A.B is draws["p_A"]["B"]
    assert draws.p_A["to dead"].tolist() == [0.9, 0.8, 0.7, 0.6]
    assert draws.p_A.names == ("B", "to dead")
    assert draws.p_A.array.shape == (2, 4)
    assert draws.n.dtype == np.float64
    assert draws.names == ("hr", "p_A", "n")
    assert (draws.n_draws, len(draws), draws.seed, draws.method) == (4, 3, None, "given")
    assert dict(draws).keys() == VALUES.keys()
    assert list(draws.p_A) == ["B", "to dead"]
    assert "hr" in draws
    assert "B" in draws.p_A
    assert "x" not in draws.p_A
    assert repr(draws) == "Draws(3 parameters x 4 draws, given)"
    assert repr(draws.p_A) == "Components(B, to dead x 4 draws)"


def test_unknown_names_are_both_kinds_of_error(draws):
    with pytest.raises(UnknownNameError, match="unknown parameter 'hrr'.*Did you mean 'hr'"):
        draws["hrr"]
    with pytest.raises(UnknownNameError, match="unknown parameter 'hrr'.*Did you mean 'hr'"):
        _ = draws.hrr
    with pytest.raises(AttributeError, match="Did you mean 'hr'"):
        _ = draws.hrr
    with pytest.raises(
        UnknownNameError, match="unknown component 'C'; expected one of 'B', 'to dead'"
    ):
        draws.p_A["C"]
    with pytest.raises(AttributeError, match="unknown component 'C'"):
        _ = draws.p_A.C
    assert not hasattr(draws, "hrr")
    assert hasattr(draws, "hr")
    assert not hasattr(draws.p_A, "C")
    assert getattr(draws, "hrr", None) is None
    with pytest.raises(AttributeError):
        _ = draws._hidden


def test_errors_of_unknown_attributes_survive_pickle(draws):
    with pytest.raises(UnknownNameError) as caught:
        _ = draws.hrr
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))


def test_nothing_can_be_written(draws):
    for array in (draws.hr, draws.p_A.B, draws.p_A.array, draws.chunk(0, 2).hr, draws.take([0]).hr):
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = 5.0
    with pytest.raises(ParameterError, match=r"Draws cannot be changed.*draws.with_values"):
        draws.hr = np.ones(4)
    with pytest.raises(ParameterError, match="Components cannot be changed"):
        draws.p_A.B = np.ones(4)
    with pytest.raises(TypeError):
        draws["hr"] = np.ones(4)


def test_input_arrays_are_copied():
    mine = np.array([1.0, 2.0])
    draws = Draws.from_arrays({"x": mine})
    mine[0] = 9.0
    assert draws.x.tolist() == [1.0, 2.0]


def test_chunks_are_views(draws):
    chunk = draws.chunk(1, 3)
    assert chunk.n_draws == 2
    assert chunk.hr.tolist() == [0.8, 0.9]
    assert np.shares_memory(chunk.hr, draws.hr)
    assert np.shares_memory(chunk.p_A.B, draws.p_A.B)
    assert chunk.p_A.B.tolist() == [0.2, 0.3]
    assert chunk.provenance == {**draws.provenance, "n_draws": 2}


@settings(deadline=None, max_examples=50)
@given(cuts=some.lists(some.integers(1, 99), unique=True))
def test_chunks_put_together_are_the_draws(cuts):
    whole = Draws.from_arrays(
        {"x": np.arange(100.0), "v": {"a": np.arange(100.0), "b": -np.ones(100)}}
    )
    edges = [0, *sorted(cuts), 100]
    chunks = [whole.chunk(i, j) for i, j in pairwise(edges)]
    assert np.array_equal(np.concatenate([c.x for c in chunks]), whole.x)
    assert np.array_equal(np.concatenate([c.v.array for c in chunks], axis=1), whole.v.array)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 5), (2, 2), (3, 1)])
def test_chunks_outside_are_refused(draws, start, stop):
    with pytest.raises(ParameterError, match=f"0 <= start < stop <= 4; found start {start}, stop"):
        draws.chunk(start, stop)


def test_taking_positions_or_a_mask(draws):
    assert draws.take([3, 0, 0]).hr.tolist() == [1.0, 0.7, 0.7]
    assert draws.take([-1]).p_A.B.tolist() == [0.4]
    assert draws.take(draws.hr > 0.8).n.tolist() == [3.0, 4.0]
    assert draws.take([0]).provenance["taken"] != draws.take([1]).provenance["taken"]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ([4], r"integers below 4.*int64 of shape \(1,\), 4 to 4"),
        ([-5], "-5 to -5"),
        ([0.0], "float64 of shape"),
        (["a"], "positions are not within"),
        ([], "positions are not within"),
        (0, r"shape \(\)"),
        ([True, False], r"bool of shape \(2,\)"),
        ([False] * 4, "True somewhere"),
    ],
)
def test_positions_outside_are_refused(draws, index, message):
    with pytest.raises(ParameterError, match=message):
        draws.take(index)


def test_with_values_replaces_and_adds_in_a_copy(draws):
    new = draws.with_values(hr=0.5, extra=[1, 2, 3, 4], p_A={"B": 0.3, "C": [1, 1, 0, 0]})
    assert new.hr.tolist() == [0.5] * 4
    assert new.extra.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert new.p_A.C.tolist() == [1, 1, 0, 0]
    assert new.p_A.B.tolist() == [0.3] * 4
    assert new.n is draws.n
    assert draws.hr.tolist() == VALUES["hr"]
    assert set(new.provenance["changed"]) == {"hr", "extra", "p_A"}
    assert set(new.with_values(n=1).provenance["changed"]) == {"hr", "extra", "p_A", "n"}
    assert not new.hr.flags.writeable
    assert new.with_values(p_A=draws.p_A).p_A == draws.p_A


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"hr": [1, 2]},
            r"hr does not fit the draws; expected one number or shape \(4,\); found shape \(2,",
        ),
        ({"hr": np.nan}, "hr is not finite"),
        ({"hr": [1, 2, np.inf, np.nan]}, r"hr is not finite \(index 2\).*2 of 4 values"),
        ({"hr": "x"}, "hr is not numeric"),
        ({"p_A": {"B": [1, 2]}}, r"p_A.B does not fit the draws"),
        ({"p_A": {"": 1.0}}, "component name is not usable"),
        ({"p_A": {}}, "components of p_A"),
        ({"seed": 1}, "'seed' is taken"),
        ({"_x": 1}, "'_x' is not usable"),
    ],
)
def test_values_that_do_not_fit_are_refused(draws, values, message):
    with pytest.raises(ParameterError, match=message):
        draws.with_values(**values)


def test_frames_there_and_back(draws):
    frame = draws.to_frame()
    assert list(frame.columns) == ["hr", "p_A.B", "p_A.to dead", "n"]
    again = Draws.from_frame(frame)
    assert again == draws
    assert again.provenance == draws.provenance
    frame.loc[0, "hr"] = 99.0
    assert again.hr[0] == 0.7


def test_hash_of_given_draws_sees_numbers_and_names(draws):
    other = Draws.from_arrays(VALUES | {"hr": [0.7, 0.8, 0.9, 1.1]})
    renamed = Draws.from_arrays({("hr2" if k == "hr" else k): v for k, v in VALUES.items()})
    backwards = Draws.from_arrays(dict(reversed(VALUES.items())))
    prints = [d.provenance["parameters"] for d in (draws, other, renamed, backwards)]
    assert len(set(prints)) == 3
    assert prints[0] == prints[3]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": [1, 2], "b": [1, 2, 3]}, "not equally many.*found a: 2, b: 3"),
        ({"a": [1, 2], "v": {"x": [1], "y": [2]}}, "not equally many.*found a: 2, v: 1"),
        ({"v": {"x": [1], "y": [2, 3]}}, "components of v are not equally many.*x: 1, y: 2"),
        ({"a": [1, np.nan, np.nan]}, r"draws of a is not finite \(index 1\).*2 of 3"),
        ({"v": {"x": [np.inf]}}, "draws of v.x is not finite"),
        ({"a": ["1", "2"]}, "draws of a is not numeric"),
        ({"a": [None, 2]}, "draws of a is not numeric.*type object"),
        ({"a": [True, False]}, "draws of a is not numeric.*type bool"),
        ({"a": [[1, 2]]}, "wrong shape.*one dimension"),
        ({"a": 3.0}, "wrong shape"),
        ({"a": []}, "at least one draw"),
        ({}, "found no parameters"),
        ({"a b": [1]}, "'a b' is not usable"),
        ({"chunk": [1]}, "'chunk' is taken"),
    ],
)
def test_impossible_draws_say_why(values, message):
    with pytest.raises(ParameterError, match=message):
        Draws.from_arrays(values)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["a", "a"], r"clashes with an earlier one \(column 1\).*found 'a'"),
        (["v.x", "v.x"], "found 'v.x'"),
        (["v", "v.x"], "found 'v.x'"),
        (["v.x", "v"], "found 'v'"),
        (["v.", "v.x"], "component name is not usable"),
    ],
)
def test_frames_with_clashing_columns_are_refused(columns, message):
    with pytest.raises(ParameterError, match=message):
        Draws.from_frame(pd.DataFrame([[1.0, 2.0]], columns=columns))


def test_frames_with_missing_values_are_counted():
    frame = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, 3.0]})
    with pytest.raises(ParameterError, match=r"draws of a is not finite \(index 1\).*nan \(1 of 3"):
        Draws.from_frame(frame)


def test_copies_are_equal_and_stay_read_only(draws):
    for again in (pickle.loads(pickle.dumps(draws)), copy.deepcopy(draws), copy.copy(draws)):
        assert again == draws
        assert again.provenance == draws.provenance
        assert not again.hr.flags.writeable
        assert not again.p_A.B.flags.writeable


def test_equality_compares_names_kinds_and_numbers(draws):
    assert draws == Draws.from_arrays(VALUES)
    assert draws != draws.with_values(hr=0.5)
    assert draws != draws.with_values(p_A=0.5)
    assert draws != draws.with_values(p_A={"B": 0.5})
    assert draws != Draws.from_arrays(dict(reversed(VALUES.items())))
    assert draws != 3
    assert draws.p_A != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(draws)
