"""What must hold whatever the draws are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prioritering.decision import assess
from prioritering.guidelines import SeverityScale

N = 12
COSTS = arrays(float, (2, N), elements=st.floats(-1e6, 1e6, allow_subnormal=False))
QALYS = arrays(
    float,
    (2, N),
    elements=st.one_of(
        st.floats(-3, 3, allow_subnormal=False),
        st.sampled_from([0.0, 1.0, 1e-12, -1e-12, 1e-300]),
    ),
)


@settings(deadline=None, max_examples=150)
@given(COSTS, QALYS)
def test_any_draws_give_a_whole_answer(run, severity_of, rules, cost, qaly):
    """South-west draws, tiny effects and equal draws included."""
    found = assess(run(cost, qaly), severity_of(), rules, reference="standard")
    assert 0.0 <= found.decision_index.value <= 1.0
    assert found.documentation_index.value is None or 0 <= found.documentation_index.value < np.inf
    assert np.isfinite(found.cost_per_qaly.values).all()
    assert found.evpi.value >= 0
    for loss in (found.loss_of_wrong_yes, found.loss_of_wrong_no):
        assert loss.amount.value >= 0
        assert np.isfinite(loss.amount.se)
    assert sum(e.value for e in found.probability_best.values()) == pytest.approx(1.0, rel=1e-14)
    if found.cell.startswith("scenario"):
        assert found.cell == f"scenario_{found.scenario}"
    else:
        assert found.scenario is None
        assert found.cell in ("both_low", "both_high", "no_difference")


@settings(deadline=None)
@given(COSTS, QALYS)
def test_information_is_worth_the_smaller_loss(run, severity_of, rules, cost, qaly):
    found = assess(run(cost, qaly), severity_of(), rules, reference="standard")
    yes, no = found.loss_of_wrong_yes.amount.value, found.loss_of_wrong_no.amount.value
    scale = found.wtp * np.abs(qaly).max() + np.abs(cost).max()
    assert found.evpi.value == pytest.approx(min(yes, no), rel=1e-9, abs=1e-12 * scale + 1e-300)
    assert found.mean_net_benefit.value == pytest.approx(no - yes, rel=1e-9, abs=1e-12 * scale)


@settings(deadline=None)
@given(COSTS, QALYS)
def test_option_and_reference_swapped(run, severity_of, rules, cost, qaly):
    outcomes = run(cost, qaly)
    there = assess(outcomes, severity_of(), rules, reference="standard")
    back = assess(outcomes, severity_of(), rules, reference="new")
    np.testing.assert_array_equal(there.net_benefit, -back.net_benefit)
    verdicts = {"adopt": "do not adopt", "do not adopt": "adopt", "neither": "neither"}
    assert back.favours == verdicts[there.favours]
    assert back.loss_of_wrong_yes == there.loss_of_wrong_no
    assert back.decision_index.value == pytest.approx(there.decision_index.value, abs=1e-15)
    assert _same(back.documentation_index.value, there.documentation_index.value)
    swapped = {"scenario_1": "scenario_3", "scenario_3": "scenario_1"}
    assert back.cell == swapped.get(there.cell, there.cell)


@settings(deadline=None)
@given(COSTS, QALYS, st.permutations(range(N)))
def test_order_of_draws_changes_nothing(run, severity_of, rules, cost, qaly, order):
    one = assess(run(cost, qaly), severity_of(), rules, reference="standard")
    other = assess(run(cost[:, order], qaly[:, order]), severity_of(), rules, reference="standard")
    scale = one.wtp * np.abs(qaly).max() + np.abs(cost).max()
    assume(abs(one.mean_net_benefit.value) > 1e-11 * scale)
    assert other.cell == one.cell
    assert other.decision_index.value == one.decision_index.value
    assert _same(other.documentation_index.value, one.documentation_index.value)


@settings(deadline=None)
@given(COSTS, QALYS, st.sampled_from([0.125, 0.5, 2.0, 8.0]))
def test_another_currency_changes_no_index(run, severity_of, rules, cost, qaly, k):
    """Costs and willingness to pay times k; a power of two, so that not a bit is rounded."""
    dear = rules.with_rule("severity", _scaled(rules.severity, k), source="another currency")
    one = assess(run(cost, qaly), severity_of(), rules, reference="standard")
    other = assess(run(k * cost, qaly), severity_of(rules=dear), dear, reference="standard")
    assert other.decision_index == one.decision_index
    assert other.documentation_index == one.documentation_index
    assert other.cell == one.cell
    assert other.loss_of_wrong_yes.amount.value == k * one.loss_of_wrong_yes.amount.value
    assert other.loss_of_wrong_yes.qalys.value == pytest.approx(
        one.loss_of_wrong_yes.qalys.value, rel=1e-14
    )


@settings(deadline=None)
@given(COSTS, QALYS)
def test_identical_strategies(run, severity_of, rules, cost, qaly):
    same = run(np.stack([cost[0]] * 2), np.stack([qaly[0]] * 2))
    found = assess(same, severity_of(), rules, reference="standard")
    assert found.cell == "no_difference"
    assert found.probability_best["new"].value == 0.5
    assert found.evpi.value == 0.0


def _same(one, other):
    return one is other is None or one == pytest.approx(other, rel=1e-9)


def _scaled(scale, k):
    return SeverityScale(
        classes=tuple(replace(c, wtp=k * c.wtp) for c in scale.classes), decimals=scale.decimals
    )
