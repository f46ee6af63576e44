"""Units in the words of a language."""

import pytest

from prioritering.errors import UnknownNameError
from prioritering.report.units import unit_text


@pytest.mark.parametrize(
    ("unit", "norwegian"),
    [
        ("NOK", "NOK"),
        ("NOK/year", "NOK/år"),
        ("QALYs/year", "QALY/år"),
        ("per year of treatment", "per behandlingsår"),
        ("utility", "nyttevekt"),
        ("per vial of 10 ml", "per vial of 10 ml"),
        ("", ""),
    ],
)
def test_common_units_are_translated_and_others_kept(unit, norwegian):
    assert unit_text(unit, "no") == norwegian
    assert unit_text(unit, "en") == unit


def test_a_language_without_words_is_refused():
    with pytest.raises(UnknownNameError, match="unknown language 'nn'"):
        unit_text("NOK/year", "nn")
