"""Correlations, sensitivity analyses and value of information of a case."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from prioritering.cea import compare
from prioritering.dossier import (
    Case,
    CaseRun,
    case_uncertainty,
    load_case,
    results_json,
    run_case,
)

from .conftest import PARTITIONED, Write
from .sensitivity_case import ASKED, Load, run_asked, sections


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CaseRun:
    return run_asked(tmp_path_factory)


# Correlations


def test_correlations_reach_the_draws(run: CaseRun) -> None:
    assert dict(run.parameters.correlations) == {("rate", "rate_dead"): 0.5}
    draws = run.parameters.sample(20_000, seed=1)
    found = spearmanr(draws.rate, draws.rate_dead).statistic
    assert found == pytest.approx(0.5, abs=4 * 0.75 / np.sqrt(20_000))


def test_a_correlation_without_a_source_is_an_assumption(load: Load) -> None:
    run = run_case(load(sections(('rank = 0.5\nsource = "trial X"', "rank = 0.5"))), draws=0)
    (found,) = [a for a in run.assumptions if "correlation" in a.what]
    assert found.what == "rank correlation 0.5 of rate and rate_dead"
    assert found.why == "no source: assumed"


# Scenarios and thresholds against cases written that way


def increments(case: Case, wtp: float) -> tuple[float, float, float]:
    base = run_case(case, draws=0).base
    row = compare(base, reference="standard", wtp=wtp).pairwise[0]
    cost, qaly = row.incremental_cost, row.incremental_qaly
    return cost, qaly, wtp * qaly - cost


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cheap", [("value = 250_000", "value = 90_000")]),
        ("no discounting",
         [("[parameters.rate]", "[discounting]\ncosts = 0\n\n[parameters.rate]")]),
        ("only costs discounted as the guideline says",
         [("[parameters.rate]", "[discounting]\neffects = 0\n\n[parameters.rate]")]),
        ("ten years", [("horizon = { years = 20 }", "horizon = { years = 10 }")]),
        ("women", [("age = 61", 'age = 61\nsex = "female"')]),
    ],
)  # fmt: skip
def test_a_scenario_is_the_case_written_that_way(
    run: CaseRun, load: Load, name: str, changes: list[tuple[str, str]]
) -> None:
    assert run.uncertainty is not None
    assert run.uncertainty.scenarios is not None
    row = run.uncertainty.scenarios[name]
    expected = increments(load(*changes), run.limit.wtp)
    found = (row.result.incremental_cost, row.result.incremental_qaly, row.result.nmb)
    assert found == pytest.approx(expected, rel=1e-10)
    assert row.result != run.uncertainty.scenarios.base
    assert row.description == run.case.spec.sensitivity.scenarios[name].why


def test_at_the_threshold_net_benefit_is_zero(run: CaseRun, load: Load) -> None:
    assert run.uncertainty is not None
    price, effect = run.uncertainty.thresholds
    (crossing,) = price.crossings
    assert crossing.direction == "favourable below"
    _, _, benefit = increments(
        load(("value = 250_000", f"value = {crossing.value!r}")), run.limit.wtp
    )
    assert benefit == pytest.approx(0.0, abs=1e-6)
    assert (effect.name, effect.crossings) == ("hr", ())


def test_the_tornado_uses_what_the_case_states(run: CaseRun) -> None:
    assert run.uncertainty is not None
    assert run.uncertainty.tornado is not None
    tornado = run.uncertainty.tornado
    assert {row.name for row in tornado.rows} == {"cost_new", "hr", "u", "disease"}
    assert (tornado.wtp, tornado.interval) == (run.limit.wtp, 0.9)
    row = tornado["cost_new"]
    assert (row.low_values, row.high_values) == ((100_000.0,), (400_000.0,))
    law = run.parameters["hr"].distribution
    low, high = (float(x) for x in law.ppf([0.05, 0.95]))
    assert (tornado["hr"].low_values[0], tornado["hr"].high_values[0]) == (low, high)


def test_a_group_of_joint_parameters_is_valued_but_not_moved_together(load: Load) -> None:
    joint = (
        "[parameters.u]\n",
        '[parameters.joint]\ndistribution = "multivariate_normal"\nmean = { a = 0.1, b = 0.2 }\n'
        'covariance = [[1e-4, 0], [0, 1e-4]]\nsource = "x"\n\n[parameters.u]\n',
    )
    used = ("progressed = 0.6", 'progressed = "0.6 - joint.a"')
    grouped = sections(("[sensitivity.groups]\n", '[sensitivity.groups]\nboth = ["joint", "u"]\n'))
    run = run_case(load(joint, used, grouped), uncertainty=True)
    assert run.uncertainty is not None
    assert run.uncertainty.information is not None
    assert run.uncertainty.tornado is not None
    assert {"both", "disease", "joint", "u"} <= set(run.uncertainty.information.items)
    names = {row.name for row in run.uncertainty.tornado.rows}
    assert names >= {"joint.a", "joint.b", "u"}
    assert "both" not in names


# What rests on draws


def test_value_of_information_is_that_of_the_draws(run: CaseRun) -> None:
    from prioritering.psa.information import evppi

    found = run.uncertainty
    assert found is not None
    assert found.information is not None
    assert run.psa is not None
    assert run.psa_comparison is not None
    assert set(found.information.items) == {"rate", "rate_dead", "hr", "u", "disease"}
    draws = run.parameters.sample(400, seed=run.case.spec.run.seed)
    wtp = run.psa_comparison.wtp
    assert wtp is not None
    one = evppi(run.psa, draws, parameters=["rate", "rate_dead"], wtp=wtp)
    assert float(found.information.items["disease"].value) == float(one.value)
    assert found.drivers is not None
    assert {row.name for row in found.drivers.rows} == {"disease", "hr", "u"}
    assert found.drivers["disease"].evppi == float(one.value)
    assert found.drivers.n_sobol == 128  # 2 x 400 runs over 3 drivers and 2 samples, as 2^k


def test_the_other_analyses_are_at_the_limit_of_the_draws(run: CaseRun) -> None:
    found = run.uncertainty
    assert found is not None
    assert run.psa_comparison is not None
    assert run.psa is not None
    wtp = run.psa_comparison.wtp
    assert wtp is not None
    assert found.loss is not None
    assert found.settling is not None
    assert found.increments is not None
    assert found.loss.limits[[0, 50, 100]] == pytest.approx([0, wtp, 2 * wtp], rel=1e-12)
    benefit = wtp * (run.psa.qaly[1] - run.psa.qaly[0]) - (run.psa.cost[1] - run.psa.cost[0])
    assert found.settling.nmb is not None
    assert found.settling.nmb.mean[-1] == pytest.approx(benefit.mean(), rel=1e-12)
    assert len(found.increments.levels) == 6
    assert found.ranks is None  # two strategies
    assert found.severity is not None
    assert found.cutoffs is not None
    assert found.classification is not None
    assert found.price_path is None
    assert found.cutoffs.decision is run.decision


def test_ranks_need_more_than_two_strategies(load: Load) -> None:
    three = (
        'strategies = ["standard", "new"]',
        'strategies = ["standard", "new", "old"]\noption = "new"',
    )
    run = run_case(load(three), uncertainty=True)
    assert run.uncertainty is not None
    assert run.uncertainty.ranks is not None
    assert run.uncertainty.drivers is not None
    assert run.uncertainty.ranks.strategies == ("standard", "new", "old")
    assert run.uncertainty.drivers.has_evppi


def test_nothing_is_made_unless_asked_for(load: Load) -> None:
    run = run_case(load(ASKED), draws=50)
    assert run.uncertainty is None
    assert run.results["uncertainty"] is None
    later = case_uncertainty(run)
    again = run_case(load(ASKED), draws=50, uncertainty=True)
    assert again.uncertainty is not None
    assert later.notes == again.uncertainty.notes
    assert repr(later).startswith("CaseUncertainty(tornado, scenarios, thresholds, drivers")


def test_without_draws_only_what_rests_on_the_base_case_is_made(load: Load) -> None:
    run = run_case(load(ASKED), draws=0, uncertainty=True)
    made = {k for k, v in vars(run.uncertainty).items() if v}
    assert made == {"tornado", "scenarios", "thresholds"}


def test_what_cannot_be_made_is_noted(load: Load) -> None:
    run = run_case(load(), draws=10, uncertainty=True)
    found = run.uncertainty
    assert found is not None
    assert found.information is None
    assert found.settling is not None
    assert found.drivers is not None
    assert not found.drivers.has_evppi
    (note,) = [text for text in found.notes if "not made" in text]
    assert note.startswith("value of information: not made: fewer draws than")


def test_a_case_without_uncertain_parameters_runs(load: Load) -> None:
    fixed = 'distribution = "fixed"\nvalue = '
    run = run_case(
        load(
            ('distribution = "gamma"\nmean = 0.21\nse = 0.03', fixed + "0.21"),
            ('distribution = "gamma"\nmean = 0.4\nse = 0.05', fixed + "0.4"),
            ('distribution = "lognormal"\nmedian = 0.72\nci = [0.55, 0.94]\nvalue = 0.72',
             fixed + "0.72"),
            ('distribution = "beta"\nmean = 0.8\nse = 0.02', fixed + "0.8"),
        ),
        draws=10,
        uncertainty=True,
    )  # fmt: skip
    found = run.uncertainty
    assert found is not None
    assert found.tornado is None
    assert found.drivers is None
    assert len([text for text in found.notes if "not made" in text]) == 3


def test_warnings_become_notes_once(run: CaseRun) -> None:
    assert run.uncertainty is not None
    assert len(set(run.uncertainty.notes)) == len(run.uncertainty.notes)


# Price


PRICE = """\
[price]
category = "drug"
price = "cost_new"
unit = "year"
vat = "excluded"
source = "price list"

[decision]
wtp_adjustment = -50_000
adjustment_reason = "a test"

[decision.criteria]
decision_error_high = 0.3

"""


def test_the_path_over_price_is_that_of_the_decision(load: Load) -> None:
    run = run_case(load(sections(("[documentation]", PRICE + "[documentation]"))), uncertainty=True)
    assert run.uncertainty is not None
    assert run.decision is not None
    path = run.uncertainty.price_path
    assert path is not None
    assert (path.category, path.price, path.wtp) == ("drug", 250_000.0, run.decision.wtp)
    here = int(np.flatnonzero(np.isclose(path.factors, 1.0))[0])
    assert path.cells[here] == run.decision.cell
    assert path.net_benefit[here] == pytest.approx(run.decision.mean_net_benefit.value, rel=1e-10)
    assert path.criteria.decision_error_high == 0.3
    written = json.loads(results_json(run.results))["uncertainty"]["price_path"]
    assert [s["cell"] for s in written["stretches"]] == [s.reading.key for s in path.stretches]
    assert written["switches"][0]["factor"] == path.switches[0].factor
    assert written["break_even"] == path.break_even.value


def test_a_price_that_the_reference_follows_has_no_path(load: Load) -> None:
    shared = ("stable = { new = \"cost_new\", otherwise = 0 }",
              "stable = { new = \"cost_new\", otherwise = \"0.5 * cost_new\" }")  # fmt: skip
    told = PRICE.replace("source =", 'in_reference = "same price"\nsource =')
    changed = sections(("[documentation]", told + "[documentation]"))
    run = run_case(load(shared, changed), uncertainty=True)
    assert run.uncertainty is not None
    assert run.uncertainty.price_path is None
    (note,) = [text for text in run.uncertainty.notes if "not made" in text]
    assert note.startswith("classification by price: not made: the reference follows the price too")


# Results


def test_results_are_strict_json_with_every_analysis(run: CaseRun) -> None:
    found = json.loads(results_json(run.results), parse_constant=pytest.fail)["uncertainty"]
    assert set(found) == {*vars(run.uncertainty)}
    assert run.uncertainty is not None
    assert run.uncertainty.tornado is not None
    rows = {(row["name"], row["end"]): row for row in found["tornado"]["rows"]}
    high = run.uncertainty.tornado["hr"].high
    assert rows["hr", "high"]["nmb"] == high.nmb
    assert rows["disease", "low"]["value"] is None
    assert [row["scenario"] for row in found["scenarios"]][:2] == ["base case", "cheap"]
    assert found["thresholds"][0]["crossings"][0]["direction"] == "favourable below"
    assert found["thresholds"][1]["verdict"].endswith("throughout")
    loss = found["loss"]["strategies"]
    assert min(x["loss"] for x in loss.values()) == pytest.approx(run.results["psa"]["evpi"])
    levels = found["increments"]["levels"]
    assert [level["wtp"] for level in levels] == [275e3, 385e3, 495e3, 605e3, 715e3, 825e3]
    assert found["settling"]["nmb"]["se"] > 0
    assert found["ranks"] is None
    assert found["price_path"] is None
    assert sum(row["probability"] for row in found["classification"]) == pytest.approx(1)


def test_results_without_the_analyses_are_as_before(run: CaseRun) -> None:
    plain = run_case(run.case)
    assert {k: v for k, v in plain.results.items() if k != "uncertainty"} == {
        k: v for k, v in run.results.items() if k != "uncertainty"
    }


def test_everything_survives_a_pickle(run: CaseRun) -> None:
    again = pickle.loads(pickle.dumps((run.uncertainty, run.documentation)))
    assert run.uncertainty is not None
    assert run.documentation is not None
    assert again[0].notes == run.uncertainty.notes
    assert again[0].scenarios["cheap"].result == run.uncertainty.scenarios["cheap"].result  # type: ignore[index]
    assert again[1].judgement.to_dict() == run.documentation.judgement.to_dict()


def test_a_partitioned_case_has_them_too(write: Write) -> None:
    cut = "[documentation]\nfollow_up = { years = 2 }\nevent_share = 0.4\n\n"
    asked = '[sensitivity.scenarios.short]\nwhy = "x"\nhorizon = { years = 5 }\n'
    folder: Path = write(("[utilities]", f"{cut}{asked}\n[utilities]"), text=PARTITIONED)
    run = run_case(load_case(folder), draws=100, uncertainty=True)
    found: Any = run.uncertainty
    assert found.scenarios["short"].result.incremental_qaly < found.scenarios.base.incremental_qaly
    assert run.documentation is not None
    assert run.documentation.extrapolated is not None
    assert 0 < run.documentation.extrapolated.qaly.share < 1  # type: ignore[operator]
    assert set(found.information.items) == {"rate"}
    (note,) = [text for text in found.notes if "not made" in text]
    assert note.startswith("drivers: not made: there is nothing to rank; expected two or more")
