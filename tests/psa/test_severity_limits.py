"""Severity class and cost-effectiveness together, against counts by hand."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from prioritering.errors import ResultError, UnknownNameError
from prioritering.psa import (
    acceptability,
    multiplier_curves,
    severity_acceptability,
    severity_adjusted_best,
)
from prioritering.severity import absolute_shortfall

MULTIPLIERS = np.linspace(0, 3, 31)


@pytest.fixture(scope="module")
def worth(run, severity):
    cost, qaly = run.cost, run.qaly
    return severity.wtp * (qaly[1] - qaly[0]) - (cost[1] - cost[0]) > 0


def test_the_joint_table_counts_draws(run, severity, worth):
    found = severity_acceptability(run, severity, reference="standard")
    for group in found.classes:
        inside = severity.severity_class == group.number
        assert group.wtp == severity.scale.classes[group.number - 1].wtp
        assert group.probability.value == inside.mean()
        assert group.probability.value == severity.probability_of_class[group.number]
        assert group.probability.se == severity.probability_of_class_se[group.number]
        assert group.cost_effective.value == (inside & worth).mean()
        assert group.not_cost_effective.value == (inside & ~worth).mean()
        if inside.any():
            p, n = worth[inside].mean(), inside.sum()
            assert group.within.value == pytest.approx(p, rel=1e-13)
            assert group.within.se == pytest.approx(np.sqrt(p * (1 - p) / n), rel=1e-12)
        else:
            assert group.within is None


def test_the_table_adds_up(run, severity, worth):
    found = severity_acceptability(run, severity, reference="standard")
    assert sum(c.probability.value for c in found.classes) == pytest.approx(1, rel=1e-14)
    joint = sum(c.cost_effective.value for c in found.classes)
    assert joint == pytest.approx(found.cost_effective.value, rel=1e-13)
    assert found.cost_effective.value == pytest.approx(worth.mean(), rel=1e-13)
    best = severity_adjusted_best(run, wtp_per_draw=severity.wtp)
    assert found.cost_effective.value == pytest.approx(best.of("new"), rel=1e-13)


def test_at_the_expected_class_it_is_the_acceptability_curve(run, severity):
    found = severity_acceptability(run, severity, reference="standard")
    curve = acceptability(run, limits=severity.expected.wtp)
    assert found.expected_class == severity.expected.severity_class
    assert found.at_expected_class.value == pytest.approx(curve.probability[1, 0], rel=1e-13)


def test_one_class_for_all_draws_gives_one_row(run, rules):
    prognosis = np.full(run.n_draws, 5.0)
    severity = absolute_shortfall(prognosis, age=61, rules=rules)
    found = severity_acceptability(run, severity, reference="standard")
    assert [c.probability.value for c in found.classes if c.within] == [1.0]
    assert found.cost_effective == found.at_expected_class


def test_multipliers_scale_every_draws_limit(run, severity):
    found = multiplier_curves(run, severity, multipliers=MULTIPLIERS)
    for k, m in enumerate(MULTIPLIERS):
        best = severity_adjusted_best(run, wtp_per_draw=m * severity.wtp)
        np.testing.assert_allclose(found.probability[:, k], best.probability, rtol=1e-12)
    nmb = severity.wtp * run.qaly - run.cost
    np.testing.assert_allclose(found.mean_nmb[:, 10], nmb.mean(axis=1), rtol=1e-11)
    assert found.favoured[10] == run.strategies[int(nmb.mean(axis=1).argmax())]


def test_one_class_makes_multipliers_limits(run, rules):
    severity = absolute_shortfall(np.full(run.n_draws, 5.0), age=61, rules=rules)
    found = multiplier_curves(run, severity, multipliers=MULTIPLIERS)
    curve = acceptability(run, limits=MULTIPLIERS * severity.expected.wtp)
    np.testing.assert_allclose(found.probability, curve.probability, atol=1e-12)
    assert found.favoured == curve.favoured


def test_frames_tables_and_pickle(run, severity, language):
    joint = severity_acceptability(run, severity, reference="standard")
    curves = multiplier_curves(run, severity, multipliers=MULTIPLIERS)
    assert len(joint.to_frame()) == 6
    assert joint.to_frame()["within"].isna().sum() == sum(c.within is None for c in joint.classes)
    assert curves.to_frame().shape == (62, 5)
    assert joint.table(language).shape == (8, 5)
    assert curves.table(language).shape == (9, 3)
    for found in (joint, curves):
        assert repr(pickle.loads(pickle.dumps(found))) == repr(found)
        assert "<table" in found._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        curves.probability[0, 0] = 1.0


def test_severity_of_other_draws(run, several, severity, rules):
    few = absolute_shortfall(run.qaly_undiscounted[0, :100], age=61, rules=rules)
    one = absolute_shortfall(9.0, age=61, rules=rules)
    for other, count in ((few, 100), (one, 1)):
        with pytest.raises(ResultError, match=f"expected 4000 draws; found {count}.*same run"):
            severity_acceptability(run, other, reference="standard")
        with pytest.raises(ResultError, match="severity does not follow the draws"):
            multiplier_curves(run, other, multipliers=[1.0])
    drawn = replace(severity, provenance={**severity.provenance, "draws": {"seed": 1}})
    ours = replace(run, provenance={"draws": {"seed": 2}})
    with pytest.raises(ResultError, match="expected draws of seed 2; found draws of seed 1"):
        severity_acceptability(ours, drawn, reference="standard")


def test_bad_questions(run, severity, rules):
    theirs = absolute_shortfall(run["new"], age=61, rules=rules)
    with pytest.raises(ResultError, match=r"another strategy than the reference.*under 'standard'"):
        severity_acceptability(run, theirs, reference="standard")
    with pytest.raises(ResultError, match="severity is of another kind; expected Severity"):
        severity_acceptability(run, 495_000, reference="standard")
    with pytest.raises(UnknownNameError, match="unknown reference 'old'"):
        severity_acceptability(run, severity, reference="old")
    with pytest.raises(ResultError, match="multipliers are not in rising order"):
        multiplier_curves(run, severity, multipliers=[2, 1])
    with pytest.raises(ResultError, match="multipliers cannot be.*found -1"):
        multiplier_curves(run, severity, multipliers=[-1, 1])
