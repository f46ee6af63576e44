"""The assessment by hand, against closed forms, and its refusals."""

import json
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.stats import norm

from prioritering.decision import assess
from prioritering.errors import (
    GuidelineError,
    ResultError,
    UnknownNameError,
)

WTP = 385_000.0  # class 2, as of 2026


def normal_draws(mean, sd, n=4000):
    """Draws of a normal law at its quantile midpoints."""
    return mean + sd * norm.ppf((np.arange(n) + 0.5) / n)


@pytest.mark.parametrize(
    ("mean", "sd", "cell", "scenario", "favours"),
    [
        (200e3, 150e3, "scenario_1", 1, "adopt"),
        (-200e3, 150e3, "scenario_3", 3, "do not adopt"),
        (10e3, 50e3, "scenario_2", 2, "adopt"),
        (-10e3, 50e3, "scenario_2", 2, "do not adopt"),
        (100e3, 50e3, "both_low", None, "adopt"),
        (-100e3, 50e3, "both_low", None, "do not adopt"),
        (50e3, 150e3, "both_high", None, "adopt"),
    ],
)
def test_every_cell(increments, severity_of, rules, mean, sd, cell, scenario, favours):
    """Net benefit N(mean, sd) at a gain of one QALY: width 2 z sd / wtp, error Phi(-|m| / s)."""
    outcomes = increments(WTP - normal_draws(mean, sd), 1.0)
    found = assess(outcomes, severity_of(), rules, reference="standard")
    assert (found.cell, found.scenario, found.favours) == (cell, scenario, favours)
    assert found.name.en
    assert found.reading.no
    assert found.too_close == ()
    assert found.criteria is not None
    error = norm.cdf(-abs(mean) / sd)
    assert found.decision_index.value == pytest.approx(error, abs=0.5 / 4000)
    assert found.decision_index.level == ("high" if error >= 0.20 else "low")
    at = (0.975 * 3999 + 0.5) / 4000  # where the sample quantile lies between the midpoints
    width = 2 * norm.ppf(at) * sd / WTP
    assert found.documentation_index.value == pytest.approx(width, rel=1e-5)
    assert found.documentation_index.level == ("high" if width >= 1.0 else "low")


@pytest.mark.parametrize("mean", [-0.8, -0.1, 0.3, 1.5])
def test_expected_losses_of_a_normal_net_benefit(increments, severity_of, rules, mean):
    """E[max(0, b)] = s (phi(z) + z Phi(z)), z = m / s: the unit normal loss."""
    sd, z = 100e3, mean
    b = normal_draws(mean * sd, sd, 100_000)
    found = assess(increments(WTP - b, 1.0), severity_of(), rules, reference="standard")
    wrong_no = sd * (norm.pdf(z) + z * norm.cdf(z))
    wrong_yes = sd * (norm.pdf(z) - z * norm.sf(z))
    assert found.loss_of_wrong_no.amount.value == pytest.approx(wrong_no, rel=5e-5)
    assert found.loss_of_wrong_yes.amount.value == pytest.approx(wrong_yes, rel=5e-5)
    assert found.loss_of_wrong_no.qalys.value == pytest.approx(wrong_no / WTP, rel=5e-5)
    assert found.evpi.value == pytest.approx(min(wrong_yes, wrong_no), rel=5e-5)
    assert found.probability_cost_effective.value == pytest.approx(norm.cdf(z), abs=1e-5)


def test_width_error_of_a_normal_net_benefit(increments, severity_of, rules):
    """Var(Q.975 - Q.025) = 2 q (1 - 2 q) / (n f(Q)^2) with q = .025."""
    n, sd, q = 50_000, 100e3, 0.025
    found = assess(
        increments(WTP - normal_draws(0.0, sd, n), 1.0), severity_of(), rules, reference="standard"
    )
    density = norm.pdf(norm.ppf(q)) / sd
    exact = np.sqrt(2 * q * (1 - 2 * q) / n) / density / WTP
    assert found.documentation_index.se == pytest.approx(exact, rel=5e-3)


def test_random_draws_fall_within_their_monte_carlo_errors(increments, severity_of, rules):
    rng = np.random.default_rng(77)
    qaly = rng.normal(0.8, 0.2, 200_000)
    cost = rng.normal(250e3, 60e3, 200_000)
    found = assess(increments(cost, qaly), severity_of(), rules, reference="standard")
    mean, sd = WTP * 0.8 - 250e3, np.hypot(WTP * 0.2, 60e3)
    z = mean / sd
    assert abs(found.mean_net_benefit.value - mean) < 4 * found.mean_net_benefit.se
    error = found.decision_index
    assert abs(error.value - norm.sf(z)) < 4 * error.se
    loss = found.loss_of_wrong_yes.amount
    assert abs(loss.value - sd * (norm.pdf(z) - z * norm.sf(z))) < 4 * loss.se
    width = found.documentation_index
    absolute = 0.8  # E|N(.8, .2)| differs from it by 4e-7
    assert abs(width.value - 2 * norm.ppf(0.975) * sd / (WTP * absolute)) < 4 * width.se


def test_width_error_is_the_spread_over_repetitions(increments, severity_of, rules):
    rng = np.random.default_rng(9)
    found = []
    for _ in range(300):
        qaly = rng.normal(0.5, 0.4, 2000)
        cost = 2e5 * qaly + rng.normal(1e5, 5e4, 2000)
        found.append(
            assess(
                increments(cost, qaly), severity_of(), rules, reference="standard"
            ).documentation_index
        )
    spread = np.std([i.value for i in found], ddof=1)
    stated = np.mean([i.se for i in found])
    assert stated == pytest.approx(spread, rel=0.12)  # 1 / sqrt(2 x 300) = 4.1 %


def test_four_draws_by_hand(increments, severity_of, rules):
    """At 385 000: b = 285, -115, 0, 85 thousand."""
    cost = np.array([100e3, 500e3, 385e3, 300e3])
    found = assess(increments(cost, 1.0), severity_of(), rules, reference="standard")
    np.testing.assert_allclose(found.net_benefit, [285e3, -115e3, 0.0, 85e3])
    assert found.mean_net_benefit.value == 63_750
    assert found.mean_incremental_cost.value == 321_250
    assert found.icer == 321_250
    assert found.status == "north-east: more effect at more cost"
    assert found.probability_cost_effective.value == 0.625
    assert found.decision_index.value == 0.375
    assert found.probability_best["new"].value == 0.625
    assert found.loss_of_wrong_yes.amount.value == 28_750
    assert found.loss_of_wrong_no.amount.value == 92_500
    assert found.evpi.value == 28_750
    assert found.loss_of_wrong_yes.qalys.value == pytest.approx(28_750 / WTP, rel=1e-14)
    np.testing.assert_allclose(found.cost_per_qaly.values, cost)


def test_each_draw_is_judged_at_the_limit_of_its_own_class(increments, severity_of, rules):
    """Cost 400 000 a QALY: too much in class 2 (385 000), not in class 3 (495 000)."""
    severity = severity_of([5.0, 5.0, 7.0, 9.0])
    assert severity.expected.severity_class == 2
    outcomes = increments(np.full(4, 400e3), 1.0)
    found = assess(outcomes, severity, rules, reference="standard")
    assert found.probability_cost_effective.value == 0.0
    assert found.probability_cost_effective_by_severity.value == 0.25
    assert found.probability_best_by_severity["new"].value == 0.25
    assert found.wtp == WTP


def test_a_stated_adjustment_moves_every_limit(increments, severity_of, rules):
    severity = severity_of([5.0, 9.0])
    outcomes = increments(np.array([400e3, 400e3]), 1.0)
    found = assess(outcomes, severity, rules, reference="standard", wtp_adjustment=-100e3)
    assert found.wtp == WTP - 100e3
    assert found.wtp_adjustment == -100e3
    np.testing.assert_allclose(found.net_benefit, -115e3)
    assert found.probability_cost_effective_by_severity.value == 0.0
    assert found.probability_best_by_severity["new"].value == 0.0
    plain = assess(outcomes, severity, rules, reference="standard")
    assert plain.probability_best_by_severity["new"].value == 0.5
    assert plain.wtp_adjustment == 0.0
    assert plain.probability_cost_effective_by_severity.value == 0.5


def test_more_than_two_strategies(run, severity_of, rules):
    rng = np.random.default_rng(3)
    cost = np.stack([np.zeros(500), rng.normal(2e5, 5e4, 500), rng.normal(5e5, 9e4, 500)])
    qaly = np.stack([np.zeros(500), rng.normal(0.6, 0.1, 500), rng.normal(1.3, 0.3, 500)])
    outcomes = run(cost, qaly, strategies=("standard", "new", "newer"))
    found = assess(outcomes, severity_of(), rules, reference="standard", option="new")
    nmb = WTP * qaly - cost
    assert found.evpi.value == pytest.approx(nmb.max(axis=0).mean() - nmb.mean(axis=1).max())
    shares = [e.value for e in found.probability_best.values()]
    np.testing.assert_allclose(shares, np.bincount(nmb.argmax(axis=0), minlength=3) / 500)
    assert found.probability_cost_effective.value == np.mean(nmb[1] > nmb[0])
    with pytest.raises(ResultError, match=r"one of 'new', 'newer'; found None"):
        assess(outcomes, severity_of(), rules, reference="standard")


def test_figure_shares_agree_with_net_benefit_in_every_quadrant(increments, severity_of, rules):
    rng = np.random.default_rng(12)
    qaly = rng.normal(0.15, 0.3, 3000)  # a third of the draws lose QALYs
    cost = rng.normal(0.0, 1e5, 3000)
    found = assess(increments(cost, qaly), severity_of(), rules, reference="standard")
    figure = found.cost_per_qaly
    assert figure.axis == "cost per QALY"
    assert np.mean(figure.values < figure.limit) == found.probability_cost_effective.value
    assert figure.values.mean() == pytest.approx(cost.mean() / qaly.mean(), rel=1e-9)


def test_figure_is_net_benefit_when_the_gain_is_not_clear(increments, severity_of, rules):
    qaly = np.array([-0.2, 0.3, -0.1, 0.1])
    found = assess(increments(np.arange(4.0), qaly), severity_of(), rules, reference="standard")
    assert found.cost_per_qaly.axis == "net benefit"
    assert found.cost_per_qaly.limit == 0.0
    np.testing.assert_array_equal(found.cost_per_qaly.values, found.net_benefit)


def test_figure_is_net_benefit_when_the_gain_is_too_small_to_divide_by(
    increments, severity_of, rules
):
    outcomes = increments(np.array([1e5, 3e5]), 1e-305)
    found = assess(outcomes, severity_of(), rules, reference="standard")
    assert found.cost_per_qaly.axis == "net benefit"
    assert found.documentation_index.value is None
    assert found.icer is None


def test_no_difference_at_all_has_its_own_name(increments, severity_of, rules):
    found = assess(increments(np.zeros(50), 0.0), severity_of(), rules, reference="standard")
    assert (found.cell, found.scenario, found.favours) == ("no_difference", None, "neither")
    assert found.decision_index.value == 0.5
    assert found.evpi.value == 0.0
    assert found.documentation_index.value == 0.0
    assert found.status == "no difference in effect or cost"
    assert found.too_close == ()


def test_costs_that_vary_without_any_effect_are_badly_documented(increments, severity_of, rules):
    outcomes = increments(normal_draws(50e3, 20e3), 0.0)
    index = assess(outcomes, severity_of(), rules, reference="standard").documentation_index
    assert (index.value, index.se, index.level) == (None, None, "high")
    assert "cost per QALY has no value" in index.explanation.en
    frame = assess(outcomes, severity_of(), rules, reference="standard").to_frame()
    assert frame.set_index("quantity")["value"].isna()["documentation_index"]


def test_no_spread_is_perfect_documentation(increments, severity_of, rules):
    found = assess(increments(np.full(9, 1e5), 1.0), severity_of(), rules, reference="standard")
    assert (found.documentation_index.value, found.documentation_index.level) == (0.0, "low")
    assert (found.cell, found.favours) == ("both_low", "adopt")


def test_cut_offs_can_be_set_and_are_printed(increments, severity_of, rules):
    outcomes = increments(WTP - normal_draws(200e3, 150e3), 1.0)
    found = assess(
        outcomes,
        severity_of(),
        rules,
        reference="standard",
        criteria={"decision_error_high": 0.05, "documentation_width_high": 2.0},
    )
    assert found.cell == "scenario_2"
    assert found.decision_index.cutoff == 0.05
    assert found.criteria.documentation_width_high == 2.0
    assert found.provenance["criteria_changed"] == {
        "decision_error_high": 0.05,
        "documentation_width_high": 2.0,
    }
    assert "figure 7.4" in found.provenance["criteria_source"]
    with pytest.raises(UnknownNameError, match=r"unknown criterion.*'decision_error_high'"):
        assess(
            outcomes, severity_of(), rules, reference="standard", criteria={"decision_error": 0.1}
        )
    for bad in (
        {"decision_error_high": 1.5},
        {"documentation_width_high": np.nan},
        {"decision_error_high": "x"},
    ):
        with pytest.raises(GuidelineError, match=next(iter(bad))):
            assess(outcomes, severity_of(), rules, reference="standard", criteria=bad)


def test_close_to_a_cut_off_is_said(increments, severity_of, rules):
    """With 400 draws, 2 SE of a probability of .2 is .04."""
    for error, close in ((0.19, True), (0.15, False)):  # half and two and a half SE away
        b = normal_draws(-norm.ppf(error) * 150e3, 150e3, 400)
        found = assess(increments(WTP - b, 1.0), severity_of(), rules, reference="standard")
        assert ("decision index" in found.too_close) is close
    edge = normal_draws(200e3, WTP / (2 * norm.ppf(0.975)), 400)
    found = assess(increments(WTP - edge, 1.0), severity_of(), rules, reference="standard")
    assert "documentation index" in found.too_close
    zero = assess(
        increments(WTP - normal_draws(0.0, 50e3, 401) - 1.0, 1.0),
        severity_of(),
        rules,
        reference="standard",
    )
    assert zero.too_close == ("expected net benefit",)


def test_dictionary_frame_freeze_and_pickle(increments, severity_of, rules):
    outcomes = increments(WTP - normal_draws(200e3, 150e3), 1.0)
    found = assess(outcomes, severity_of(), rules, reference="standard")
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["scenario"] == 1
    assert plain["reading"]["no"] == found.reading.no
    assert plain["evpi"]["value"] == found.evpi.value
    frame = found.to_frame()
    assert list(frame.columns) == ["quantity", "value", "se", "unit"]
    assert frame["quantity"].is_unique
    again = pickle.loads(pickle.dumps(found))
    assert again.to_dict() == found.to_dict()
    with pytest.raises(FrozenInstanceError):
        found.scenario = 2
    for result in (found, again):
        arrays = (result.net_benefit, result.incremental_cost, result.cost_per_qaly.values)
        for array in (*arrays, result.severity.wtp):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0.0
        for mapping in (result.provenance, result.probability_best):
            with pytest.raises(TypeError, match="item assignment"):
                mapping["new"] = 1.0
    assert "Scenario 1" in repr(found)
    assert found.provenance["guideline"] == "no@2026-11-01"


def test_a_level_at_its_cut_off_is_high(increments, severity_of, rules):
    """One wrong draw in four, and a width that is exactly the cut-off."""
    outcomes = increments(np.array([100e3, 200e3, 300e3, 500e3]), 1.0)
    plain = assess(outcomes, severity_of(), rules, reference="standard")
    assert plain.decision_index.value == 0.25
    at = {"decision_error_high": 0.25, "documentation_width_high": plain.documentation_index.value}
    found = assess(outcomes, severity_of(), rules, reference="standard", criteria=at)
    assert (found.decision_index.level, found.documentation_index.level) == ("high", "high")
    above = {name: value * (1 + 1e-12) for name, value in at.items()}
    found = assess(outcomes, severity_of(), rules, reference="standard", criteria=above)
    assert (found.decision_index.level, found.documentation_index.level) == ("low", "low")


@pytest.mark.parametrize(
    ("cost", "qaly", "spread", "cell", "name"),
    [
        (-1e6, -0.5, 150e3, "scenario_1", "Scenario 1: net benefit clearly positive"),
        (-1e4, -0.5, 150e3, "scenario_3", "Scenario 3: net benefit clearly negative"),
        (-200e3, -0.5, 30e3, "scenario_2", "Scenario 2: net benefit near zero"),
        (-200e3, 0.5, 150e3, "scenario_1", "Scenario 1: net benefit clearly positive"),
        (100e3, -0.5, 150e3, "scenario_3", "Scenario 3: net benefit clearly negative"),
        (10e3, 1.0, 150e3, "scenario_1", "Scenario 1: cost per QALY far below the limit"),
    ],
)
def test_cost_per_qaly_is_named_only_where_it_tells_good_from_bad(
    increments, severity_of, rules, cost, qaly, spread, cell, name
):
    """South-west, dominant and dominated options are named by net benefit."""
    outcomes = increments(normal_draws(cost, spread), qaly)
    found = assess(outcomes, severity_of(), rules, reference="standard")
    assert (found.cell, found.name.en) == (cell, name)


def test_low_uncertainty_without_a_gain_is_read_by_net_benefit(increments, severity_of, rules):
    outcomes = increments(normal_draws(-1e6, 1e3), -0.5)
    found = assess(outcomes, severity_of(), rules, reference="standard")
    assert (found.cell, found.favours) == ("both_low", "adopt")
    assert found.reading.en.endswith("the expected net benefit can carry the decision")
    assert found.reading.no.endswith("forventet netto nytte kan bære beslutningen")
