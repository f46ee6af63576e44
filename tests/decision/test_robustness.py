"""Expected loss, probability of the classification, and its cut-offs, against closed forms."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from prioritering.decision import (
    adjustment_effect,
    assess,
    classification_probability,
    cutoff_sensitivity,
    judge_documentation,
)
from prioritering.errors import ResultError

WTP = 385_000.0  # class 2, as of 2026
CELLS = {"scenario_1", "scenario_2", "scenario_3", "both_low", "both_high"}


def normal_draws(mean, sd, n=4000):
    return mean + sd * norm.ppf((np.arange(n) + 0.5) / n)


@pytest.fixture
def decide(increments, severity_of, rules):
    """Assess draws of net benefit at a gain of one QALY."""

    def assessed(b, **options):
        outcomes = increments(WTP - np.asarray(b), 1.0)
        return assess(outcomes, severity_of(), rules, reference="standard", **options)

    return assessed


@pytest.mark.parametrize("z", [-1.5, -0.6, 0.4, 1.1])
def test_expected_loss_of_the_favoured_decision(decide, z):
    """Unit normal loss: E[max(0, -b)] = s (phi(z) - z Phi(-z)) at |z| = |m| / s."""
    sd, n = 100e3, 100_000
    found = decide(normal_draws(z * sd, sd, n))
    lost = norm.pdf(z) - abs(z) * norm.sf(abs(z))
    assert found.expected_loss.amount.value == pytest.approx(sd * lost, rel=5e-5)
    assert found.expected_loss.qalys.value == pytest.approx(sd * lost / WTP, rel=5e-5)
    assert found.relative_loss.value == pytest.approx(lost / abs(z), rel=5e-5)
    # Delta method in closed form: with y the gain of the favoured decision and x = max(0, -y),
    # var(x - R y) = E[x^2] - E[x]^2 + R^2 + 2 R (E[x^2] + E[x] m) in units of the deviation.
    m, ratio = abs(z), lost / abs(z)
    squared = (1 + m * m) * norm.sf(m) - m * norm.pdf(m)
    variance = squared - lost**2 + ratio**2 + 2 * ratio * (squared + lost * m)
    assert found.relative_loss.se == pytest.approx(np.sqrt(variance / n) / m, rel=2e-4)
    assert found.expected_loss.amount.value == min(
        found.loss_of_wrong_yes.amount.value, found.loss_of_wrong_no.amount.value
    )
    quantities = found.to_frame()["quantity"].tolist()
    assert {"expected_loss", "expected_loss_qalys", "relative_loss"} <= set(quantities)


def test_no_clear_net_benefit_is_nothing_to_divide_by(decide):
    found = decide(normal_draws(1.0, 50e3, 401))
    assert found.relative_loss is None
    assert "relative_loss" not in found.to_frame()["quantity"].tolist()
    text = found.table().to_string()
    assert "Expected loss of the favoured decision" in text
    assert "share of expected net benefit" not in text


def test_probability_of_error_under_other_draws_is_binomial(decide):
    """All widths are high and the mean far from 0: high error is Binomial(n, p) >= cut-off."""
    n, wrong = 400, 76  # 19 % wrong, cut-off 20 %
    b = np.where(np.arange(n) < wrong, -300e3, 700e3) + np.linspace(-1e3, 1e3, n)
    found = classification_probability(decide(b), resamples=4000, seed=3)
    exact = binom.sf(79, n, wrong / n)
    estimate = found.probability["both_high"]
    assert abs(estimate.value - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000)
    assert estimate.se == pytest.approx(
        np.sqrt(estimate.value * (1 - estimate.value) / 4000), rel=1e-12
    )
    assert found.decision.cell == "scenario_1"
    assert not found.clear
    assert "too close to call" in repr(found)
    assert found.decision.cells_within_reach == ("scenario_1", "both_high")
    notes = " ".join(found.decision.table().attrs["notes"])
    assert "other draws could also give Both uncertainties high" in notes


def test_resampling_agrees_with_a_plain_loop(increments, severity_of, rules):
    rng = np.random.default_rng(8)
    qaly = rng.normal(0.5, 0.3, 200)
    cost = rng.normal(1.0e5, 5e4, 200)
    decision = assess(increments(cost, qaly), severity_of(), rules, reference="standard")
    found = classification_probability(decision, resamples=150, seed=11)
    assert f": {round(150 * found.found.value)} of 150 resamples; " in repr(found)
    index = np.random.default_rng(11).integers(0, 200, (150, 200), dtype=np.int32)
    counts = dict.fromkeys(CELLS, 0)
    for rows in index:
        one = assess(increments(cost[rows], qaly[rows]), severity_of(), rules, reference="standard")
        counts[one.cell] += 1
    assert {key: e.value for key, e in found.probability.items()} == {
        key: count / 150 for key, count in counts.items()
    }
    assert len([key for key in counts if counts[key]]) > 1


@settings(deadline=None, max_examples=30)
@given(st.floats(-3e5, 3e5), st.floats(1e3, 5e5), st.integers(2, 60), st.integers(0, 1000))
def test_probabilities_sum_to_one(increments, severity_of, rules, mean, sd, n, seed):
    outcomes = increments(WTP - normal_draws(mean, sd, n), 1.0)
    decision = assess(outcomes, severity_of(), rules, reference="standard")
    found = classification_probability(decision, resamples=100, seed=seed)
    assert sum(e.value for e in found.probability.values()) == pytest.approx(1.0, abs=1e-12)
    assert set(found.probability) == CELLS
    values = [e.value for e in found.probability.values()]
    assert values == sorted(values, reverse=True)
    assert found.found is found.probability[decision.cell]


def test_a_seed_gives_the_same_answer_whatever_the_chunks(decide, monkeypatch):
    decision = decide(normal_draws(150e3, 180e3, 300))
    one = classification_probability(decision, seed=5)
    monkeypatch.setattr("prioritering.decision.uncertainty.robustness._CHUNK", 7 * 300)
    other = classification_probability(decision, seed=5)
    assert dict(one.probability) == dict(other.probability)


def test_another_currency_or_other_names_change_no_probability(run, severity_of, rules):
    """Costs and limit times a power of two; strategies renamed and in another order."""
    rng = np.random.default_rng(13)
    cost, qaly = rng.normal(1e5, 6e4, (2, 400)), rng.normal(5.0, 0.3, (2, 400))
    cost[1] += 150e3
    qaly[1] += 0.6
    dear_scale = replace(
        rules.severity, classes=tuple(replace(c, wtp=8 * c.wtp) for c in rules.severity.classes)
    )
    dear = rules.with_rule("severity", dear_scale, source="another currency")
    decisions = (
        assess(run(cost, qaly), severity_of(), rules, reference="standard"),
        assess(run(8 * cost, qaly), severity_of(rules=dear), dear, reference="standard"),
        assess(run(cost[::-1], qaly[::-1], ("b", "a")), severity_of(), rules, reference="a"),
    )
    first, *others = (dict(classification_probability(d, seed=2).probability) for d in decisions)
    assert others == [first, first]
    assert len({repr(cutoff_sensitivity(d).regions) for d in decisions}) == 1


def test_strategies_without_difference_are_always_that(increments, severity_of, rules):
    decision = assess(increments(np.zeros(9), 0.0), severity_of(), rules, reference="standard")
    found = classification_probability(decision, resamples=100)
    assert found.found.value == 1.0
    assert (found.clear, decision.cells_within_reach) == (True, ("no_difference",))
    assert cutoff_sensitivity(decision).regions[0].cell == "no_difference"


def test_a_share_of_errors_that_is_the_cut_off_is_high(decide):
    """80 of 400 draws: 1 - 320 / 400 is a digit below 0.2, 80 / 400 is not."""
    b = np.where(np.arange(400) < 80, -300e3, 700e3)
    index = decide(b).decision_index
    assert (index.value, index.level) == (0.2, "high")


def test_a_width_without_value_stays_high(increments, severity_of, rules):
    outcomes = increments(normal_draws(50e3, 20e3), 0.0)
    decision = assess(outcomes, severity_of(), rules, reference="standard")
    found = classification_probability(decision, resamples=100)
    assert (decision.cell, found.found.value) == ("scenario_3", 1.0)
    chart = cutoff_sensitivity(decision)
    assert chart.holds_width == chart.width
    assert "the width has no value" in " ".join(t.get_text() for t in chart.plot().texts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resamples": 99}, r"resamples out of range.*100 or more; found 99"),
        ({"resamples": 200.0}, r"resamples out of range.*200.0"),
        ({"seed": -1}, r"seed out of range.*0 or more; found -1"),
        ({"seed": True}, r"seed out of range"),
    ],
)
def test_resampling_refuses(decide, arguments, message):
    with pytest.raises(ResultError, match=message):
        classification_probability(decide([1.0, 2.0, 3.0]), **arguments)


def test_map_holds_up_to_the_indices(decide):
    decision = decide(normal_draws(200e3, 150e3))
    found = cutoff_sensitivity(decision)
    error, width = decision.decision_index.value, decision.documentation_index.value
    assert decision.cell == "scenario_1"
    assert found.holds_error == (error, 0.5)
    assert found.holds_width == (0.1, width)
    areas = {
        r.cell: (r.error.high - r.error.low) * (r.width.high - r.width.low) for r in found.regions
    }
    assert set(areas) == {"scenario_1", "scenario_2", "both_low", "both_high"}
    assert sum(areas.values()) == pytest.approx(0.49 * 2.9, rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.floats(-3e5, 3e5), st.floats(2e4, 5e5), st.floats(0.011, 0.49), st.floats(0.11, 2.9))
def test_the_map_is_the_assessment_at_other_cut_offs(
    increments, severity_of, rules, mean, sd, error, width
):
    outcomes = increments(WTP - normal_draws(mean, sd, 100), 1.0)
    at = {"decision_error_high": error, "documentation_width_high": width}
    chart = cutoff_sensitivity(assess(outcomes, severity_of(), rules, reference="standard"))
    found = assess(outcomes, severity_of(), rules, reference="standard", criteria=at)
    assert chart.cell(**at) == found.cell
    holding = [
        r for r in chart.regions
        if r.error.low < error <= r.error.high and r.width.low < width <= r.width.high
    ]  # fmt: skip
    assert [r.cell for r in holding] == [found.cell]


def test_a_judgement_takes_the_width_out_of_the_map(decide, rules):
    judged = judge_documentation(rules, evidence="single_arm")
    found = cutoff_sensitivity(decide(normal_draws(200e3, 30e3), documentation=judged))
    assert found.holds_width == found.width
    assert {r.cell for r in found.regions} == {"scenario_1"}


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"decision_error_high": (0.5, 0.1)}, r"decision_error_high is no range.*below 1"),
        ({"decision_error_high": (0.1, 1.0)}, r"decision_error_high is no range"),
        ({"decision_error_high": (0.0, 0.4)}, r"above 0"),
        ({"decision_error_high": 0.3}, r"decision_error_high is no range.*found 0.3"),
        ({"decision_error_high": (0.3, 0.4)}, r"leaves out the cut-off in use.*holds 0.2"),
        ({"documentation_width_high": (0.1, np.inf)}, r"documentation_width_high is no range"),
        ({"documentation_width_high": (2.0, 3.0)}, r"leaves out.*holds 1;"),
    ],
)
def test_ranges_that_cannot_be(decide, ranges, message):
    with pytest.raises(ResultError, match=message):
        cutoff_sensitivity(decide([1.0, 2.0, 3.0]), **ranges)


def test_only_decisions_are_taken():
    for ask in (cutoff_sensitivity, classification_probability):
        with pytest.raises(ResultError, match=r"expected Decision, from assess.*found int"):
            ask(3)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Scenario 1 holds for error cut-offs from 9.1 % to 50.0 %, given the width cut-off"),
        ("no", "Scenario 1 gjelder for grenseverdier for feil fra 9,1 % til 50,0 %, gitt grense"),
    ],
)
def test_tables_and_figure_say_it_in_words(decide, language, words):
    chart = cutoff_sensitivity(decide(normal_draws(200e3, 150e3)))
    notes = " ".join(chart.table(language).attrs["notes"]).replace("\N{NO-BREAK SPACE}", " ")
    assert words in notes
    small = " ".join(" ".join(t.get_text() for t in chart.plot(language=language).texts).split())
    assert words in small.replace("\N{NO-BREAK SPACE}", " ")
    probability = classification_probability(chart.decision, resamples=100)
    clear = {"en": "The classification is clear", "no": "Klassifiseringen er klar"}[language]
    assert clear in probability.table(language).attrs["notes"][0]
    for found in (chart, probability):
        again = pickle.loads(pickle.dumps(found))
        assert again.to_frame().equals(found.to_frame())
        assert found._repr_html_().count("<table") == 1


def test_adjustments_may_be_an_array(rules, increments, severity_of):
    out = increments([1e5, 2e5, 1.5e5], [1.0, 1.2, 0.8])
    effect = adjustment_effect(
        out, severity_of(), rules, adjustments=np.array([-5e4, -1e5]), reference="standard"
    )
    assert [d.wtp_adjustment for d in effect.decisions] == [-1e5, -5e4, 0.0]


def test_its_provenance_is_that_of_the_decision_and_the_resamples(decide):
    decision = decide(normal_draws(1e4, 1e5))
    found = classification_probability(decision, resamples=200, seed=4)
    own = {"resamples": 200, "resampling_seed": 4}
    assert found.provenance == {**decision.provenance, **own}
