from datetime import date
from importlib.resources import files

import pytest

from prioritering.errors import GuidelineError
from prioritering.guidelines.schema import read_topic
from prioritering.guidelines.topics import TOPICS

ENTRY = """
[[entry]]
in_force_from = 2021-06-25
status = "secondary"
note = "as quoted"
[entry.source]
document = "Circular"
section = "5"
date = "2021-06-25"
read = "as quoted by a model"
[entry.value]
nok_per_qaly = 275000
"""
LATER = ENTRY.replace("in_force_from = 2021-06-25", "in_force_from = 2024-01-01").replace(
    "275000", "300000"
)


def test_entries_in_order_of_date():
    first, second = read_topic("opportunity_cost", ENTRY + LATER)
    assert (first.in_force_from, first.value.nok_per_qaly) == (date(2021, 6, 25), 275_000)
    assert (second.in_force_from, second.value.nok_per_qaly) == (date(2024, 1, 1), 300_000)
    assert first.second_hand
    assert first.note == "as quoted"
    assert str(first.source) == "Circular, 5 (2021-06-25); as quoted by a model"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LATER + ENTRY, r"out of order.*'2024-01-01', '2021-06-25'"),
        (ENTRY + ENTRY, r"out of order"),
        ("", r"topic opportunity_cost, at entry"),
        ("entry = []", r"out of order.*at least one entry"),
        ("entry = ", r"not TOML"),
        ("country = 'no'\n" + ENTRY, r"at country.*unexpected"),
    ],
)
def test_files_that_are_not_in_order(text, message):
    with pytest.raises(GuidelineError, match=message):
        read_topic("opportunity_cost", text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("nok_per_qaly = 275000", "nok_per_qaly = 275000\nunit = 'NOK'", r"at unit.*unexpected"),
        ("nok_per_qaly = 275000", "nok_per_qaly = '275000'", r"at nok_per_qaly.*valid number"),
        ("nok_per_qaly = 275000", "nok_per_qaly = 0", r"opportunity cost out of range.*above 0"),
        ("nok_per_qaly = 275000", "nok_per_qaly = inf", r"cannot stand in a guideline file"),
        ("nok_per_qaly = 275000", "", r"at nok_per_qaly.*required"),
        ('section = "5"', "", r"at entry\.0\.source\.section.*required"),
        ('section = "5"', 'section = "5"\npage = 3', r"at entry\.0\.source\.page.*unexpected"),
        ('section = "5"', 'section = ""', r"a source without its section.*at entry\.0\.source"),
        ('date = "2021-06-25"', 'date = "last year"', r"date is not a date.*'last year'"),
        ('status = "secondary"', 'status = "rumour"', r"at entry\.0\.status.*'law'.*'rumour'"),
        ('status = "secondary"', 'status = "user"', r"at entry\.0\.status.*'user'"),
        ("in_force_from = 2021-06-25", 'in_force_from = "soon"', r"in_force_from.*'soon'"),
        ("in_force_from = 2021-06-25", "", r"in_force_from.*required"),
        ("note =", "remark =", r"at entry\.0\.remark.*unexpected"),
        ("in_force_from = 2021-06-25", "in_force_from = 12:30:00", r"cannot stand.*a time"),
    ],
)
def test_entries_that_do_not_fit(old, new, message):
    assert old in ENTRY
    with pytest.raises(GuidelineError, match=message):
        read_topic("opportunity_cost", ENTRY.replace(old, new, 1))


def shipped(topic):
    return (files("prioritering.guidelines") / "no" / f"{topic}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_shipped_file_is_strict(topic):
    text = shipped(topic)
    assert read_topic(topic, text)
    with pytest.raises(GuidelineError, match=f"topic {topic}.*unexpected"):
        read_topic(topic, text.replace("[entry.value]", "[entry.value]\nsurprise = 1", 1))


def test_every_shipped_file_has_a_topic():
    folder = files("prioritering.guidelines") / "no"
    assert {f.name for f in folder.iterdir()} == {f"{topic}.toml" for topic in TOPICS}


@pytest.mark.parametrize(
    ("topic", "old", "new", "message"),
    [
        ("severity", "lower = 8,", "lower = 9,", r"gap or overlap.*class 2.*8\.0 and 9"),
        ("severity", "decimals = 2", "decimals = -2", r"decimals below 0"),
        ("severity", "weight = 1.4", "waight = 1.4", r"at classes\.1\.weight.*required"),
        ("discounting", "from_year = 0", "from_year = 1", r"discount steps out of order"),
        ("discounting", "rate = 0.03", "rate = -0.03", r"discount rate outside its range"),
        ("discounting", "rate = 0.04\n", "rate = -1\n", r"discount rate outside its range"),
        ("discounting", '"discrete"', '"annual"', r"at rate_type.*'annual'"),
        ("small_groups", "expected_gain = 2", "expected_gain = 0", r"expected_gain out of range"),
        ("perspective", '"extended"', '"everything"', r"at default.*'everything'"),
        ("perspective", '"transport"', '"informal_care"', r"consequence named twice"),
        ("terms", '"severity"', '"benefit"', r"term named twice.*\['benefit'\]"),
        ("decision_uncertainty", "= 0.20", "= 1.20", r"decision_error_high out of range"),
        ("decision_uncertainty", "_high = 1.0", "_high = 0.0", r"documentation_width_high out"),
        ("decision_uncertainty", '"above"', '"below"', r"without exactly one reading"),
        ("decision_uncertainty", '"any"', '"below"', r"without exactly one reading.*cost above"),
        ("decision_uncertainty", '"both_high"', '"both_low"', r"reading named twice"),
    ],
)
def test_values_that_cannot_be(topic, old, new, message):
    text = shipped(topic)
    assert old in text
    with pytest.raises(GuidelineError, match=message):
        read_topic(topic, text.replace(old, new, 1))
