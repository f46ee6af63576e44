"""The judgement of documentation, alone and beside the statistical width."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from prioritering.decision import assess, extrapolated_share, judge_documentation
from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.models import years

WTP = 385_000.0  # class 2, as of 2026
GOOD = {
    "evidence": "rct_head_to_head",
    "follow_up": 8,
    "horizon": 10,
    "surrogate": "none",
    "comparator": "relevant",
    "extrapolated_share": 0.1,
    "event_share": 0.8,
}


def normal_draws(mean, sd, n=4000):
    return mean + sd * norm.ppf((np.arange(n) + 0.5) / n)


def test_everything_stated_and_good(rules):
    found = judge_documentation(rules, **GOOD)
    assert (found.concern, found.at_least, found.level) == ("low", False, "low")
    assert found.not_judged == ()
    assert {d.key: d.concern for d in found.domains} == dict.fromkeys(
        ["evidence", "follow_up", "surrogate", "comparator", "extrapolated_share", "event_share"],
        "low",
    )
    share = {d.key: d.share for d in found.domains}["follow_up"]
    assert share == pytest.approx(0.8, rel=1e-15)


def test_what_is_not_stated_is_not_judged_and_never_good(rules):
    found = judge_documentation(rules, evidence="rct_head_to_head")
    assert found.not_judged == (
        "follow_up", "surrogate", "comparator", "extrapolated_share", "event_share"
    )  # fmt: skip
    assert (found.concern, found.at_least) == ("low", True)
    assert "at least low concern" in repr(found)
    assert "not taken as good" in " ".join(found.table().attrs["notes"])
    with pytest.raises(GuidelineError, match="no domain is judged"):
        judge_documentation(rules)


def test_a_high_concern_cannot_be_raised_further(rules):
    found = judge_documentation(rules, evidence="single_arm")
    assert (found.concern, found.at_least, found.level) == ("high", False, "high")


@pytest.mark.parametrize(
    ("change", "concern"),
    [
        ({"surrogate": "validated"}, "some"),
        ({"surrogate": "unvalidated"}, "high"),
        ({"extrapolated_share": 0.3, "event_share": 0.5}, "some"),
        ({"extrapolated_share": 0.3, "event_share": 0.5, "surrogate": "validated"}, "high"),
        ({"follow_up": 1}, "high"),
        ({"event_share": None, "median": "not_reached"}, "high"),
        ({"event_share": None, "median": "reached_in_one_arm"}, "some"),
    ],
)
def test_concern_over_the_whole(rules, change, concern):
    assert judge_documentation(rules, **{**GOOD, **change}).concern == concern


def test_durations_are_years(rules):
    one = judge_documentation(rules, follow_up=years(7), horizon=years(40))
    other = judge_documentation(rules, follow_up=7, horizon=40)
    assert one.domains == other.domains
    assert judge_documentation(rules, follow_up=0, horizon=1).concern == "high"


@pytest.mark.parametrize(
    ("stated", "kind", "message"),
    [
        ({"extrapolated_share": 1.01}, ResultError, r"extrapolated_share is no share.*from 0 to 1"),
        ({"event_share": -0.01}, ResultError, r"event_share is no share.*found -0.01"),
        ({"event_share": np.nan}, ResultError, r"event_share is no share.*found nan"),
        ({"event_share": "half"}, ResultError, r"event_share is no share.*'half'"),
        ({"event_share": True}, ResultError, r"event_share is no share.*True"),
        ({"follow_up": 11, "horizon": 10}, ResultError, r"from 0 to the horizon.*follow_up 11"),
        ({"follow_up": -1, "horizon": 10}, ResultError, r"follow_up -1, horizon 10"),
        ({"follow_up": 5}, ResultError, r"follow_up 5, horizon None"),
        ({"horizon": 5}, ResultError, r"follow_up None, horizon 5"),
        ({"follow_up": 0, "horizon": 0}, ResultError, r"horizon 0"),
        ({"evidence": "rct_head"}, UnknownNameError, r"'rct_head'.*mean 'rct_head_to_head'"),
        ({"surrogate": "valid"}, UnknownNameError, r"surrogate level 'valid'.*'validated'"),
        ({"comparator": "some"}, UnknownNameError, r"comparator level 'some'.*'partly_relevant'"),
        ({"median": "yes"}, UnknownNameError, r"median level 'yes'.*'reached'"),
        ({"event_share": 0.5, "median": "reached"}, ResultError, r"maturity.*stated twice.*notes"),
        ({"notes": {"evidnce": "x"}}, UnknownNameError, r"domain 'evidnce'.*argument notes"),
    ],
)
def test_statements_that_cannot_be(rules, stated, kind, message):
    with pytest.raises(kind, match=message):
        judge_documentation(rules, **stated)


def test_a_day_before_the_rule_names_its_date():
    early = guideline("no", as_of="2024-01-01")
    with pytest.raises(GuidelineError, match=r"documentation_judgement.*2025-06-04"):
        judge_documentation(early, evidence="single_arm")


def test_a_computed_share_is_judged_by_its_size(rules, run):
    whole = run([[0.0] * 3, [1.0] * 3], [[5.0] * 3, [6.0, 7.0, 8.0]])
    seen = run([[0.0] * 3, [1.0] * 3], [[3.0] * 3, [3.8, 4.4, 4.8]])
    share = extrapolated_share(whole, seen, reference="standard")
    assert share.qaly.share == pytest.approx(1 - 4.0 / 6.0, rel=1e-12)
    found = judge_documentation(rules, extrapolated_share=share)
    assert found.domains[4].share == share.qaly.share
    assert found.concern == "some"
    equal, shorter = run([[0.0], [1.0]], [[5.0], [5.0]]), run([[0.0], [1.0]], [[3.0], [3.0]])
    none = extrapolated_share(equal, shorter, reference="standard")
    found = judge_documentation(rules, extrapolated_share=none, evidence="rct_head_to_head")
    assert "extrapolated_share" in found.not_judged
    assert found.domains[4].note == "QALY gain: no difference"


@pytest.mark.parametrize(
    ("sd", "judged", "level", "made_by", "cell"),
    [
        (30e3, "rct_head_to_head", "low", "both", "both_low"),
        (30e3, "single_arm", "high", "judgement", "scenario_1"),
        (150e3, "rct_head_to_head", "high", "index", "scenario_1"),
        (150e3, "single_arm", "high", "both", "scenario_1"),
    ],
)
def test_the_higher_of_the_two_makes_the_level(
    increments, severity_of, rules, sd, judged, level, made_by, cell
):
    outcomes = increments(WTP - normal_draws(200e3, sd), 1.0)
    judgement = judge_documentation(rules, **{**GOOD, "evidence": judged})
    found = assess(outcomes, severity_of(), rules, reference="standard", documentation=judgement)
    assert (found.documentation.level, found.documentation.made_by) == (level, made_by)
    assert (found.documentation_level, found.cell) == (level, cell)
    plain = assess(outcomes, severity_of(), rules, reference="standard")
    assert plain.documentation is None
    assert plain.documentation_index == found.documentation_index
    assert found.to_dict()["documentation"]["made_by"] == made_by
    assert plain.to_dict()["documentation"] is None
    text = found.table().loc["Documentation uncertainty, both together", "Value"]
    assert text.startswith(level)
    words = {"both": "alike", "judgement": "judgement alone", "index": "width alone"}
    assert words[made_by] in text


@pytest.mark.parametrize(("rule", "level"), [("index", "low"), ("judgement", "high")])
def test_the_combined_rule_is_data(increments, severity_of, rules, rule, level):
    changed = rules.with_rule(
        "documentation_judgement",
        replace(rules.rules["documentation_judgement"].value, combination=rule),
        source="one alone",
    )
    judgement = judge_documentation(changed, evidence="single_arm")
    outcomes = increments(WTP - normal_draws(200e3, 30e3), 1.0)
    found = assess(outcomes, severity_of(), rules, reference="standard", documentation=judgement)
    assert (found.documentation.level, found.documentation.made_by) == (level, rule)
    assert "set by the analyst" in " ".join(judgement.table().attrs["notes"])


def test_a_width_that_does_not_make_the_level_is_not_too_close(increments, severity_of, rules):
    edge = normal_draws(200e3, WTP / (2 * norm.ppf(0.975)), 400)
    outcomes, severity = increments(WTP - edge, 1.0), severity_of()
    plain = assess(outcomes, severity, rules, reference="standard")
    assert plain.too_close == ("documentation index",)
    assert set(plain.cells_within_reach) == {"scenario_1", "both_low"}
    judged = judge_documentation(rules, evidence="single_arm")
    found = assess(outcomes, severity, rules, reference="standard", documentation=judged)
    assert found.documentation_index.too_close
    assert (found.too_close, found.cells_within_reach) == ((), ("scenario_1",))


def test_another_kind_is_refused(increments, severity_of, rules):
    outcomes = increments(np.array([1.0, 2.0]), 1.0)
    with pytest.raises(ResultError, match=r"documentation.*found str.*judge_documentation\("):
        assess(outcomes, severity_of(), rules, reference="standard", documentation="good")


def test_frame_dictionary_and_pickle(rules):
    found = judge_documentation(rules, **GOOD, notes={"evidence": "trial X"})
    frame = found.to_frame().set_index("domain")
    assert frame.loc["evidence", "note"] == "trial X"
    assert frame.loc["event_share", "share"] == 0.8
    assert json.loads(json.dumps(found.to_dict()))["concern"] == "low"
    again = pickle.loads(pickle.dumps(found))
    assert again.domains == found.domains
    with pytest.raises(TypeError, match="item assignment"):
        again.provenance["guideline"] = "x"
    for language in ("en", "no"):
        table = found.table(language)
        assert len(table) == len(found.domains) + 1
    assert found._repr_html_().count("<table") == 1


def test_rules_and_notes_of_another_kind_are_refused(rules):
    with pytest.raises(ResultError, match="rules is of another kind"):
        judge_documentation("no", evidence="single_arm")
    for notes in ({"evidence": 3}, "thin"):
        with pytest.raises(ResultError, match="notes are not text"):
            judge_documentation(rules, evidence="single_arm", notes=notes)
