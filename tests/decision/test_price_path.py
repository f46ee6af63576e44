"""Scenarios along a price, and changes of the limit, each checked by assessing on both sides."""

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from prioritering.decision import (
    adjustment_effect,
    assess,
    judge_documentation,
    scenario_by_price,
)
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes

WTP = 385_000.0  # class 2, as of 2026


def priced(drug, other, qaly):
    """A run in which the reference costs nothing and the option has a drug and other costs."""
    drug, other, qaly = np.broadcast_arrays(*(np.asarray(x, float) for x in (drug, other, qaly)))
    zero = np.zeros(drug.size)
    return Outcomes(
        strategies=("standard", "new"),
        cost_categories=("drug", "other"),
        cost_by_category=np.stack([np.stack([zero, drug]), np.stack([zero, other])]),
        cost_by_category_undiscounted=None,
        qaly=np.stack([zero, qaly]),
        qaly_undiscounted=None,
        life_years=None,
        life_years_undiscounted=None,
    )


def at_price(outcomes, factor):
    cost = outcomes.cost_by_category.copy()
    cost[0, 1] *= factor
    return replace(outcomes, cost_by_category=cost)


def normal_draws(mean, sd, n=4000):
    return mean + sd * norm.ppf((np.arange(n) + 0.5) / n)


@pytest.fixture(scope="module")
def wide():
    rng = np.random.default_rng(21)
    return priced(
        rng.gamma(25, 12e3, 3000), rng.normal(3e4, 2e4, 3000), rng.normal(0.9, 0.35, 3000)
    )


def test_switching_points_of_a_normal_net_benefit(severity_of, rules):
    """b(f) = WTP - f D - N(0, s): error Phi(-|WTP - f D| / s), constant width 2 z s / WTP.

    It reaches the cut-off 0.20 where f = (WTP -+ z(.8) s) / D.
    """
    sd, drug, n = 120e3, 500e3, 20_000
    outcomes = priced(drug, normal_draws(0.0, sd, n), 1.0)
    path = scenario_by_price(outcomes, severity_of(), rules, reference="standard", price=2000.0)
    cells = [stretch.reading.key for stretch in path.stretches]
    assert cells == ["scenario_1", "both_high", "scenario_3"]
    z = norm.ppf(0.8)
    exact = [(WTP - z * sd) / drug, (WTP + z * sd) / drug]
    assert [s.factor for s in path.switches] == pytest.approx(exact, abs=2e-4)
    assert [s.price for s in path.switches] == [2000.0 * s.factor for s in path.switches]
    assert [s.cause for s in path.switches] == [("decision index",)] * 2
    # A quantile's error: sqrt(q (1 - q) / n) over the density of WTP - N(0, s) over D.
    error = np.sqrt(0.16 / n) * sd / (norm.pdf(z) * drug)
    assert [s.se for s in path.switches] == pytest.approx([error] * 2, rel=1e-3)
    assert path.break_even.value == pytest.approx(WTP / drug, rel=1e-9)
    assert path.break_even.se == pytest.approx(sd / drug / np.sqrt(n), rel=1e-3)


def test_the_width_crosses_its_cut_off_where_it_must(severity_of, rules):
    """b(f) = 1 500 000 - f N(900 000, 120 000): width 2 z f s / WTP is 1 at WTP / (2 z s)."""
    n, sd = 20_000, 120e3
    outcomes = priced(normal_draws(900e3, sd, n), WTP - 1500e3, 1.0)
    path = scenario_by_price(outcomes, severity_of(), rules, reference="standard")
    spread = np.diff(np.quantile(normal_draws(900e3, sd, n), [0.025, 0.975])).item()
    (switch,) = path.switches
    assert switch.factor == pytest.approx(WTP / spread, rel=1e-9)
    assert switch.cause == ("documentation index",)
    assert (switch.below.key, switch.above.key) == ("both_low", "scenario_1")
    at = assess(at_price(outcomes, switch.factor), severity_of(), rules, reference="standard")
    # The width is a + b f with a = 0, so its relative error is that of the factor.
    assert switch.se / switch.factor == pytest.approx(at.documentation_index.se, rel=1e-6)


@pytest.mark.parametrize("factors", [None, [0.1, 0.5, 2.0, 5.0], [0.0, 4.0]])
@pytest.mark.parametrize("judged", [None, "single_arm", "rct_head_to_head"])
@pytest.mark.parametrize("adjustment", [0.0, -100e3])
def test_assessing_on_either_side_gives_either_cell(
    wide, severity_of, rules, factors, judged, adjustment
):
    documentation = None if judged is None else judge_documentation(rules, evidence=judged)
    options = {"reference": "standard", "documentation": documentation,
               "wtp_adjustment": adjustment}  # fmt: skip
    path = scenario_by_price(wide, severity_of(), rules, factors=factors, **options)
    assert path.switches
    for switch in path.switches:
        for side, reading in ((1 - 1e-10, switch.below), (1 + 1e-10, switch.above)):
            found = assess(at_price(wide, switch.factor * side), severity_of(), rules, **options)
            assert (found.cell, found.name) == (reading.key, reading.name)
    for i, factor in enumerate(path.factors):
        if i % 10:
            continue
        found = assess(at_price(wide, factor), severity_of(), rules, **options)
        assert path.cells[i] == found.cell
        assert path.decision_index[i] == found.decision_index.value
        assert path.documentation_index[i] == pytest.approx(
            found.documentation_index.value, rel=1e-12
        )
        assert path.net_benefit[i] == pytest.approx(
            found.mean_net_benefit.value, rel=1e-9, abs=1e-6
        )


def test_stretches_fill_the_range_and_change_at_each_switch(wide, severity_of, rules):
    path = scenario_by_price(wide, severity_of(), rules, reference="standard")
    ends = [(s.low, s.high) for s in path.stretches]
    assert (ends[0][0], ends[-1][1]) == (0.2, 1.2)
    assert [low for low, _ in ends[1:]] == [high for _, high in ends[:-1]]
    assert [s.factor for s in path.switches] == [low for low, _ in ends[1:]]
    keys = [s.reading.key for s in path.stretches]
    assert all(one != other for one, other in pairwise(keys))


def test_words_follow_the_price_where_cost_per_qaly_loses_its_meaning(severity_of, rules):
    """Free of charge the option saves money: scenario 1 by net benefit, later by cost per QALY."""
    outcomes = priced(500e3, normal_draws(-100e3, 120e3), 1.0)
    path = scenario_by_price(
        outcomes, severity_of(), rules, reference="standard", factors=np.linspace(0.0, 1.2, 61)
    )
    assert path.stretches[0].reading.name.en == "Scenario 1: net benefit clearly positive"
    assert path.switches[0].below.name.en == "Scenario 1: cost per QALY far below the limit"


def test_another_currency_moves_no_switching_point(wide, severity_of, rules):
    """Costs, limit and price times a power of two."""
    scale = rules.severity
    dear_scale = replace(scale, classes=tuple(replace(c, wtp=4 * c.wtp) for c in scale.classes))
    dear = rules.with_rule("severity", dear_scale, source="another currency")
    one = scenario_by_price(wide, severity_of(), rules, reference="standard", price=100.0)
    other = scenario_by_price(
        replace(wide, cost_by_category=4 * wide.cost_by_category),
        severity_of(rules=dear), dear, reference="standard", price=400.0,
    )  # fmt: skip
    assert [s.factor for s in one.switches] == [s.factor for s in other.switches]
    assert [4 * s.price for s in one.switches] == [s.price for s in other.switches]
    assert one.cells == other.cells


def test_names_of_strategies_change_nothing(wide, severity_of, rules):
    one = scenario_by_price(wide, severity_of(), rules, reference="standard")
    renamed = replace(
        wide,
        strategies=("b", "a"),
        cost_by_category=wide.cost_by_category[:, ::-1],
        qaly=wide.qaly[::-1],
    )
    other = scenario_by_price(renamed, severity_of(), rules, reference="a", option="b")
    assert [s.factor for s in one.switches] == [s.factor for s in other.switches]
    assert one.cells == other.cells


def test_the_sign_of_net_benefit_as_a_cause(severity_of, rules):
    """With a cut-off of 0.6 the decision is never uncertain: scenario 1 turns to 3 at once."""
    outcomes = priced(500e3, normal_draws(0.0, 120e3), 1.0)
    path = scenario_by_price(
        outcomes, severity_of(), rules, reference="standard", criteria={"decision_error_high": 0.6}
    )
    (switch,) = path.switches
    assert (switch.below.key, switch.above.key) == ("scenario_1", "scenario_3")
    assert switch.cause == ("expected net benefit",)
    assert switch.factor == pytest.approx(path.break_even.value, rel=1e-9)
    assert switch.se == path.break_even.se
    assert path.provenance["criteria_changed"] == {"decision_error_high": 0.6}


def test_uncertainty_that_comes_and_goes_between_two_factors(severity_of, rules):
    """Two factors far apart, both uncertainties low at both: the break-even point is looked at."""
    outcomes = priced(500e3, normal_draws(0.0, 20e3), 1.0)
    path = scenario_by_price(
        outcomes, severity_of(), rules, reference="standard", factors=[0.2, 1.2]
    )
    cells = [stretch.reading.key for stretch in path.stretches]
    assert cells == ["both_low", "scenario_2", "both_low"]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"category": "drugs"}, UnknownNameError, r"cost category 'drugs'.*mean 'drug'"),
        ({"category": "none"}, UnknownNameError, r"one of 'drug', 'other'"),
        ({"factors": [0.5, 0.4]}, ResultError, r"do not rise.*each larger.*\[0.5, 0.4\]"),
        ({"factors": [0.5, 0.5]}, ResultError, r"do not rise"),
        ({"factors": [-0.1, 0.5]}, ResultError, r"do not rise from 0"),
        ({"factors": [0.5]}, ResultError, r"two finite numbers or more"),
        ({"factors": [0.5, np.nan]}, ResultError, r"finite"),
        ({"factors": "half"}, ResultError, r"found 'half'.*np.linspace"),
        ({"price": 0.0}, ResultError, r"price out of range.*found 0.0"),
        ({"price": np.inf}, ResultError, r"price out of range"),
        ({"option": "newer"}, UnknownNameError, r"option 'newer'"),
    ],
)
def test_bad_questions(wide, severity_of, rules, options, kind, message):
    with pytest.raises(kind, match=message):
        scenario_by_price(wide, severity_of(), rules, **{"reference": "standard", **options})


def test_costs_that_cannot_follow_a_price(severity_of, rules):
    for drug in ([0.0, 0.0], [1.0, -1.0]):
        outcomes = priced(drug, 1.0, [1.0, 2.0])
        with pytest.raises(ResultError, match=r"category 'drug', strategy 'new'.*0 or above"):
            scenario_by_price(outcomes, severity_of(), rules, reference="standard")
    outcomes = priced([1.0, 2.0, 3.0], 1.0, [1.0, 2.0, 3.0])
    with pytest.raises(ResultError, match=r"other draws.*1 draw, or 3.*found 2.*same run"):
        scenario_by_price(outcomes, severity_of([5.0, 6.0]), rules, reference="standard")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Scenario 1 to Both uncertainties high"), ("no", "Scenario 1 til Begge usikkerheter")],
)
def test_table_figure_frame_and_pickle(wide, severity_of, rules, language, words):
    judged = judge_documentation(rules, evidence="single_arm")
    path = scenario_by_price(
        wide, severity_of(), rules, reference="standard", price=1500.0, documentation=judged
    )
    assert words in path.table(language).to_string()
    ax = path.plot(language=language)
    assert len(ax.lines) == 3 + len(path.switches)
    assert "1.96" in " ".join(t.get_text() for t in ax.texts) or language == "no"
    frame = path.to_frame()
    assert frame["price"].tolist() == (1500.0 * path.factors).tolist()
    again = pickle.loads(pickle.dumps(path))
    assert again.to_frame().equals(frame)
    with pytest.raises(ValueError, match="read-only"):
        again.factors[0] = 0.0
    assert path._repr_html_().count("<table") == 1
    assert "scenario_1" in repr(path)


def test_a_path_without_a_change_says_so(wide, severity_of, rules):
    path = scenario_by_price(wide, severity_of(), rules, reference="standard", factors=[0.1, 0.11])
    assert path.switches == ()
    assert "No change: Scenario 1 throughout." in path.table().attrs["notes"]
    assert path.table().empty


def test_adjustments_are_assessments_at_other_limits(wide, severity_of, rules):
    effect = adjustment_effect(
        wide, severity_of(), rules, adjustments=[-150e3, -50e3, 20e3], reference="standard"
    )
    assert [d.wtp_adjustment for d in effect.decisions] == [-150e3, -50e3, 0.0, 20e3]
    for decision in effect.decisions:
        alone = assess(
            wide, severity_of(), rules, reference="standard",
            wtp_adjustment=decision.wtp_adjustment,
        )  # fmt: skip
        assert decision.to_dict() == alone.to_dict()
    assert effect.plain.wtp == WTP
    benefit = effect.to_frame()["net_benefit"].to_numpy()
    gain = wide.qaly[1].mean()
    np.testing.assert_allclose(
        np.diff(benefit), gain * np.diff([-150e3, -50e3, 0.0, 20e3]), rtol=1e-9
    )
    at_zero = assess(
        wide, severity_of(), rules, reference="standard", wtp_adjustment=effect.break_even.value
    )
    assert abs(at_zero.mean_net_benefit.value) < 1e-6
    plain = (effect.plain.cell, effect.plain.favours)
    assert effect.changed == tuple(d for d in effect.decisions if (d.cell, d.favours) != plain)
    assert effect.changed


@pytest.mark.parametrize(
    "adjustments", [[], [np.nan], [1.0, 1.0], ["x"], 5.0, None, [True and np.inf]]
)
def test_adjustments_that_are_none(wide, severity_of, rules, adjustments):
    with pytest.raises(ResultError, match=r"adjustments are not amounts.*\[-50_000"):
        adjustment_effect(wide, severity_of(), rules, adjustments=adjustments, reference="standard")


def test_adjustments_that_leave_no_limit(wide, severity_of, rules):
    with pytest.raises(ResultError, match="above -385000 per QALY"):
        adjustment_effect(wide, severity_of(), rules, adjustments=[-400e3], reference="standard")


@pytest.mark.parametrize(
    ("language", "words", "line"),
    [
        ("en", "No amount is settled by the authority", "limit before the change"),
        ("no", "Myndighetene har ikke fastsatt noe beløp", "grense før endringen"),
    ],
)
def test_adjustments_in_words_and_in_the_figure(wide, severity_of, rules, language, words, line):
    effect = adjustment_effect(
        wide, severity_of(), rules, adjustments=[-10.0], reference="standard"
    )
    notes = " ".join(effect.table(language).attrs["notes"])
    assert words in notes
    assert effect.changed == ()
    turned = {"en": "None of the changes shown", "no": "Ingen av de viste endringene"}[language]
    assert turned in notes
    shown = [" ".join(t.get_text() for t in d.plot(language=language).texts)
             for d in effect.decisions]  # fmt: skip
    assert [line in text for text in shown] == [True, False]
    assert pickle.loads(pickle.dumps(effect)).to_frame().equals(effect.to_frame())
    assert effect._repr_html_().count("<table") == 1
    assert "+0: " in repr(effect)


@pytest.mark.parametrize("language", ["en", "no"])
def test_draws_beyond_the_axis_are_counted_in_the_small_print(wide, severity_of, rules, language):
    decision = assess(wide, severity_of(), rules, reference="standard")
    ax = decision.plot(language=language)
    low, high = ax.get_xlim()
    values = decision.cost_per_qaly.values
    left, right = int((values < low).sum()), int((values > high).sum())
    assert left + right > 0
    text = " ".join(" ".join(t.get_text() for t in ax.texts).split())
    if left and right:
        sides = {"en": f"{left} to the left, {right} to the right",
                 "no": f"{left} til venstre, {right} til høyre"}  # fmt: skip
    else:
        sides = {"en": f"widest bar: {left + right} (", "no": f"bredeste søylen: {left + right} ("}
    assert sides[language] in text
