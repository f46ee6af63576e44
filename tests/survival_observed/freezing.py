"""Whether anything in a result can still be written to."""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import pytest


def assert_frozen(result):
    """Refuse a result with a writable array or dictionary, at any depth of dictionaries."""
    arrays = 0
    for item in fields(result):
        value = getattr(result, item.name)
        assert not isinstance(value, dict), item.name
        columns = value.values() if isinstance(value, Mapping) else [value]
        for array in columns:
            if isinstance(array, np.ndarray):
                assert not array.flags.writeable, item.name
                arrays += 1
    assert arrays > 0
    with pytest.raises(AttributeError):
        setattr(result, fields(result)[0].name, None)
