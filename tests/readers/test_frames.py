"""Long tables go to outcomes and back; anything that is no such table is refused."""

import numpy as np
import pandas as pd
import pytest

from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from tests.readers.tables import COST, EFFECT, NAMES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cost": [True, False]}, r"cost is not a finite number.*row 1\).*found True"),
        ({"cost": pd.to_datetime(["2024-01-01"] * 2)}, "cost is not a finite number"),
        ({"cost": pd.to_timedelta([1, 2], unit="D")}, "cost is not a finite number"),
        ({"cost": pd.array([1, None], dtype="Int64")}, r"row 2\).*found <NA>"),
        ({"draw": [0, np.nan]}, r"draw is missing \(row 2\)"),
        ({"strategy": ["a", None]}, r"strategy is missing \(row 2\)"),
        ({"draw": [0, "x"]}, "draw holds several kinds of values.*found int, str"),
    ],
)
def test_a_frame_of_something_else_is_refused(change, message):
    frame = pd.DataFrame({"strategy": ["a", "b"], "draw": 0, "cost": 1.0, "qaly": 2.0})
    assert Outcomes.from_frame(frame).n_strategies == 2
    with pytest.raises(ResultError, match=message):
        Outcomes.from_frame(frame.assign(**change))


def test_what_is_no_frame_and_columns_named_twice_are_refused():
    frame = pd.DataFrame({"strategy": ["a", "b"], "draw": 0, "cost": 1.0, "qaly": 2.0})
    with pytest.raises(ResultError, match=r"not a table.*found dict"):
        Outcomes.from_frame({"cost": 1.0})
    with pytest.raises(ResultError, match=r"a column is named twice.*found 'cost'"):
        Outcomes.from_frame(pd.concat([frame, frame[["cost"]]], axis=1))
    with pytest.raises(UnknownNameError, match=r"unknown array of outcomes 'lifeyears'"):
        Outcomes.from_frame(frame, lifeyears="qaly")


def test_a_frame_goes_round_in_any_order_of_rows():
    out = Outcomes.from_arrays(NAMES, cost=COST, qaly=EFFECT, life_years=np.abs(EFFECT))
    frame = out.to_frame().sample(frac=1.0, random_state=2).sort_values("strategy")
    again = Outcomes.from_frame(frame, life_years="life_years")
    assert np.array_equal(again.cost, COST)
    assert np.array_equal(again.qaly, EFFECT)
    assert np.array_equal(again.life_years, out.life_years)


def test_a_frame_with_a_strategy_twice_in_a_draw_is_refused():
    frame = Outcomes.from_arrays(["a", "b"], cost=np.ones((2, 3)), qaly=np.ones((2, 3))).to_frame()
    with pytest.raises(ResultError, match=r"\(strategy 'a', draw 0\).*1 there more than once"):
        Outcomes.from_frame(pd.concat([frame, frame.iloc[:1]]))
    with pytest.raises(UnknownNameError, match=r"unknown column 'QALY'.*'qaly'"):
        Outcomes.from_frame(frame, qaly="QALY")
