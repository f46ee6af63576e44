"""What is frozen stays frozen, whichever way it was copied, and the caller's own stays free."""

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from prioritering.frozen import Frozen


@dataclass(frozen=True, eq=False)
class Result(Frozen):
    values: np.ndarray
    figures: dict[str, Any]
    name: str = "result"


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))]
)
def test_arrays_and_dictionaries_are_read_only(again):
    for found in (one := Result(np.arange(3.0), {"a": 1}), again(one)):
        assert (found.values.tolist(), found.figures, found.name) == ([0, 1, 2], {"a": 1}, "result")
        with pytest.raises(ValueError, match="read-only"):
            found.values[0] = 9.0
        with pytest.raises(TypeError, match="item assignment"):
            found.figures["a"] = 2


def test_what_the_caller_holds_stays_writable():
    mine, figures = np.zeros(2), {"a": 1}
    found = Result(mine, figures)
    mine[0], figures["a"] = 5.0, 2
    assert found.figures == {"a": 1}
    assert mine.flags.writeable
