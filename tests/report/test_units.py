"""Units in the words of a language."""

import pytest

from prioritering.errors import UnknownNameError
from prioritering.report.units import length_text, unit_text


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


@pytest.mark.parametrize(
    ("length", "norwegian"),
    [
        ("7 years", "7 år"),
        ("1 month", "1 måned"),
        ("1.5 months", "1,5 måneder"),
        ("10 weeks", "10 uker"),
        ("30 days", "30 dager"),
    ],
)
def test_a_length_of_time_is_written_in_the_language(length, norwegian):
    assert length_text(length, "no") == norwegian
    assert length_text(length, "en") == length
