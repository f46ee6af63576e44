"""Other countries' classes at and around their bounds, and where the figures come from."""

import pickle

import pytest

from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import FOREIGN_SCALES, foreign_scale
from prioritering.guidelines.foreign import ForeignClass, ForeignScale, read_foreign
from prioritering.guidelines.values import Label
from prioritering.severity import (
    DiscountedQalys,
    PopulationQalys,
    absolute_shortfall,
    compare_abroad,
)

DAY = "2026-11-01"


def abroad(rules, shortfall, population=20.0):
    """Both scales at a shortfall, discounted and undiscounted alike."""
    own = PopulationQalys(population, age=61, source="a round number")
    case = absolute_shortfall(population - shortfall, age=61, rules=rules, population=own)
    discounted = DiscountedQalys(population, population - shortfall, 0.035, "round numbers")
    nice, dutch = compare_abroad(case, as_of=DAY, discounted=discounted).scales
    return nice, dutch


@pytest.mark.parametrize(
    ("shortfall", "population", "weight", "by"),
    [
        (11.99, 30.0, 1.0, None),
        (12.0, 30.0, 1.2, "absolute"),
        (17.99, 30.0, 1.2, "absolute"),
        (18.0, 30.0, 1.7, "absolute"),
        (8.4, 10.0, 1.0, None),
        (8.5, 10.0, 1.2, "proportional"),
        (9.5, 10.0, 1.7, "proportional"),
        (12.9, 15.0, 1.2, "both"),
        (18.0, 20.0, 1.7, "absolute"),
    ],
)
def test_nice_takes_the_more_severe_measure(rules, shortfall, population, weight, by):
    """Bounds 12 and 18 QALYs, 0.85 and 0.95: NICE manual PMG36, section 6.2."""
    nice, _ = abroad(rules, shortfall, population)
    assert (nice.weight, nice.decided_by) == (weight, by)


@pytest.mark.parametrize(
    ("shortfall", "wtp"),
    [
        (0.9, None),  # 0.09
        (0.96, 20_000),  # 0.096, printed 0.10
        (1.0, 20_000),
        (4.04, 20_000),
        (4.06, 50_000),  # 0.406, printed 0.41
        (7.0, 50_000),
        (7.1, 80_000),
        (10.0, 80_000),
    ],
)
def test_dutch_classes(rules, shortfall, wtp):
    """0.10-0.40, 0.41-0.70, 0.71-1.00: 20 000, 50 000, 80 000 EUR per QALY."""
    assert abroad(rules, shortfall, 10.0)[1].wtp == wtp


def test_without_discounted_qalys_nice_gives_no_class(rules):
    case = absolute_shortfall(15.89, age=61, rules=rules)
    found = compare_abroad(case, as_of=DAY)
    nice, dutch = found.scales
    assert (nice.severity_class, nice.needs) == (None, 0.035)
    assert dutch.severity_class == 2
    assert "not classified" in " ".join(found.table().attrs["notes"])
    assert found.to_frame()["severity_class"].isna().tolist() == [True, False]


def test_every_scale_is_dated_and_second_hand():
    for name in FOREIGN_SCALES:
        rule = foreign_scale(name, as_of=DAY)
        assert rule.second_hand
        assert rule.source.document
        assert rule.note.startswith("For comparison only")
        with pytest.raises(GuidelineError, match=f"'{name}' was not in use on 2010-01-01"):
            foreign_scale(name, as_of="2010-01-01")
    with pytest.raises(GuidelineError, match="a day from 2022-02-01"):
        foreign_scale("nice", as_of="2021-12-31")
    with pytest.raises(UnknownNameError, match="'nise'.*'nice'"):
        foreign_scale("nise", as_of=DAY)


def test_bad_discounted_qalys(rules):
    case = absolute_shortfall(15.89, age=61, rules=rules)
    other = DiscountedQalys(14.0, 9.0, 0.04, "own model")
    with pytest.raises(ResultError, match=r"rate of none of the scales; expected 0\.035; found"):
        compare_abroad(case, as_of=DAY, discounted=other)
    for figures in ((0.0, 1.0, 0.035), (1.0, float("nan"), 0.035), (1.0, 1.0, -0.1)):
        with pytest.raises(ResultError, match="discounted remaining QALYs are impossible"):
            DiscountedQalys(*figures, source="x")
    with pytest.raises(ResultError, match="without a source"):
        DiscountedQalys(1.0, 1.0, 0.035, " ")


def test_scales_are_checked():
    name = Label(en="x", no="x")
    for classes, message in [
        ((ForeignClass(2),), "not numbered in order"),
        ((ForeignClass(1), ForeignClass(2, absolute_from=0.0)), "absolute_from does not rise"),
        ((ForeignClass(1, weight=0.0),), "weight of class 1 out of range"),
    ]:
        with pytest.raises(GuidelineError, match=message):
            ForeignScale(name=name, currency="EUR", classes=classes)
    with pytest.raises(GuidelineError, match="discount rate out of range"):
        ForeignScale(name=name, currency="EUR", classes=(ForeignClass(1),), discount_rate=-1.0)
    with pytest.raises(GuidelineError, match="does not fit its schema"):
        read_foreign("x", "entry = 1")
    with pytest.raises(GuidelineError, match="entries out of order"):
        read_foreign("x", "entry = []")


def test_views(rules):
    case = absolute_shortfall(15.89, age=61, rules=rules)
    found = compare_abroad(
        case, as_of=DAY, discounted=DiscountedQalys(13.7, 10.0, 0.035, "round numbers")
    )
    assert "for comparison only" in repr(found)
    assert "NICEs alvorlighetsvekt" in found.table("no").to_string()
    assert "EUR" in found._repr_html_()
    assert pickle.loads(pickle.dumps(found)).scales == found.scales


def test_one_name_will_do_and_none_is_refused(rules):
    case = absolute_shortfall(15.89, age=61, rules=rules)
    one = compare_abroad(case, as_of="2026-11-01", scales="zorginstituut")
    assert [s.rule.topic for s in one.scales] == ["severity_zorginstituut"]
    with pytest.raises(ResultError, match="no scale to compare with"):
        compare_abroad(case, as_of="2026-11-01", scales=[])
    with pytest.raises(ResultError, match=r"severity is of another kind.*found int"):
        compare_abroad(3, as_of="2026-11-01")


def test_discounted_qalys_that_are_text_are_refused():
    with pytest.raises(ResultError, match=r"impossible.*population '10'"):
        DiscountedQalys("10", 3.0, 0.035, "x")


def test_the_least_severe_foreign_class_has_no_bounds():
    name = Label(en="x", no="x")
    for classes in ((), (ForeignClass(1, absolute_from=2.0),)):
        with pytest.raises(GuidelineError, match="a first class without bounds"):
            ForeignScale(name=name, currency="EUR", classes=classes)


@pytest.mark.parametrize(("language", "words"), [("en", "comparison only"), ("no", "bare til s")])
def test_the_user_is_told_that_it_is_for_comparison_only(rules, language, words):
    case = absolute_shortfall(15.89, age=61, rules=rules)
    found = compare_abroad(case, as_of="2026-11-01")
    assert "for comparison only" in repr(found)
    assert words in found.table(language).attrs["notes"][0]
