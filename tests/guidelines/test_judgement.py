"""Levels and cut-offs of the judgement of documentation: this package's choice, as data."""

from dataclasses import replace
from importlib.resources import files

import pytest

from prioritering.errors import GuidelineError, UnknownNameError
from prioritering.guidelines import JudgementRule, guideline
from prioritering.guidelines.judgement import CATEGORIES, SHARES
from prioritering.guidelines.schema import read_topic


@pytest.fixture(scope="module")
def rules():
    return guideline("no", as_of="2026-11-01")


@pytest.fixture(scope="module")
def rule(rules):
    return rules.rules["documentation_judgement"].value


def test_the_rule_is_a_choice_with_a_source_and_both_languages(rules, rule):
    found = rules.rules["documentation_judgement"]
    assert isinstance(rule, JudgementRule)
    assert found.status == "choice"
    assert "gives no levels" in found.source.read
    domains = (*rule.categories, *rule.shares)
    labels = [d.name for d in domains] + [d.definition for d in domains]
    labels += [a.name for d in rule.categories for a in d.answers]
    labels += [rule.overall_text, rule.combination_text]
    assert len(labels) > 30
    assert all(words.en and words.no and words.en != words.no for words in labels)


@pytest.mark.parametrize(
    ("key", "share", "concern"),
    [
        ("follow_up", 1.0, "low"),
        ("follow_up", 0.5000001, "low"),
        ("follow_up", 0.5, "some"),
        ("follow_up", 0.1, "high"),
        ("follow_up", 0.0, "high"),
        ("extrapolated_share", 0.0, "low"),
        ("extrapolated_share", 0.2499, "low"),
        ("extrapolated_share", 0.25, "some"),
        ("extrapolated_share", 0.5, "high"),
        ("event_share", 0.61, "low"),
        ("event_share", 0.6, "some"),
        ("event_share", 0.3, "high"),
    ],
)
def test_a_cut_off_belongs_to_the_worse_side(rule, key, share, concern):
    assert rule.share(key).concern(share) == concern


def test_every_domain_has_an_answer_without_concern_and_one_of_high(rule):
    for key in CATEGORIES:
        concerns = {answer.concern for answer in rule.category(key).answers}
        assert {"low", "high"} <= concerns, key
    assert {d.key for d in rule.shares} == set(SHARES)


@pytest.mark.parametrize(
    ("concerns", "whole"),
    [
        (["low"], "low"),
        (["low", "low", "some"], "some"),
        (["some", "some"], "some"),
        (["some", "some", "some"], "high"),
        (["low", "high"], "high"),
    ],
)
def test_the_rule_over_the_whole(rule, concerns, whole):
    assert rule.overall(concerns) == whole


def test_the_rule_can_be_changed_on_the_record(rules, rule):
    assert (rule.level("some"), rule.level("high"), rule.level("low")) == ("low", "high", "low")
    strict = replace(rule, high_from_some=1, counts_as_high="some")
    changed = rules.with_rule("documentation_judgement", strict, source="stricter")
    found = changed.rules["documentation_judgement"]
    assert (found.status, found.value.overall(["some"])) == ("user", "high")
    assert found.value.level("some") == "high"
    mild = replace(rule, high_from_high=2)
    assert mild.overall(["high"]) == "some"
    assert mild.overall(["high", "high"]) == "high"


def test_nothing_judged_is_no_judgement(rule):
    with pytest.raises(GuidelineError, match=r"no domain is judged.*at least.*State what is known"):
        rule.overall([])


def test_an_unknown_answer_lists_those_there_are(rule):
    with pytest.raises(UnknownNameError, match=r"evidence level 'rct'.*'rct_head_to_head'"):
        rule.category("evidence").answer("rct")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("some = 0.25", "some = 0.75", r"cut-offs of extrapolated_share out of order"),
        ("some = 0.50\nhigh = 0.10", "some = 0.10\nhigh = 0.50", r"follow_up out of order"),
        ("high = 0.30", "high = -0.30", r"event_share out of order.*between 0 and 1"),
        ("high_from_some = 3", "high_from_some = 0", r"high_from_some out of range"),
        ("high_from_high = 1", "high_from_high = -1", r"high_from_high out of range"),
        ('counts_as_high = "high"', 'counts_as_high = "low"', r"at counts_as_high"),
        ('combination = "higher"', 'combination = "lower"', r"at combination"),
        ('key = "surrogate"', 'key = "end_points"', r"category domains that are not the known"),
        ('key = "event_share"', 'key = "follow_up"', r"share domains that are not the known"),
        ('key = "single_arm",', 'key = "rct_head_to_head",', r"answer named twice"),
        ('concern = "some"', 'concern = "middling"', r"concern"),
    ],
)
def test_rules_that_cannot_be(old, new, message):
    folder = files("prioritering.guidelines") / "no"
    text = (folder / "documentation_judgement.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(GuidelineError, match=message):
        read_topic("documentation_judgement", text.replace(old, new, 1))


def test_a_share_that_only_rounding_keeps_from_a_cut_off_is_at_it(rules):
    follow_up = rules.rules["documentation_judgement"].value.share("follow_up")
    extrapolated = rules.rules["documentation_judgement"].value.share("extrapolated_share")
    assert follow_up.high < (0.1 + 0.2) / 3  # equal in decimal numbers
    assert follow_up.concern((0.1 + 0.2) / 3) == "high"
    assert follow_up.concern(0.1 + 1e-9) == "some"
    assert extrapolated.concern(0.5 - 1e-16) == "high"
    assert extrapolated.concern(0.5 - 1e-9) == "some"
