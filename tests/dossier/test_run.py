"""Running a case: the same numbers as a model written in Python, and what belongs to a run."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.decision import assess
from prioritering.dossier import Case, build_case, results_json, run_case
from prioritering.dossier.results import plain
from prioritering.errors import (
    CaseError,
    DataError,
    PrioriteringError,
    ResultError,
)
from prioritering.models import MarkovModel, at_start, entry, months, years
from prioritering.parameters import rate_to_prob
from prioritering.severity import absolute_shortfall

Load = Callable[..., Case]


def transitions(p: Any, strategy: str, t: Any) -> dict[tuple[str, str], Any]:
    effect = p.hr if strategy == "new" else 1.0
    return {
        ("stable", "progressed"): rate_to_prob(p.rate * effect, t.cycle_length),
        ("stable", "dead"): t.mortality,
        ("progressed", "dead"): rate_to_prob(p.rate_dead, t.cycle_length),
    }


def costs(p: Any, strategy: str, t: Any) -> dict[str, dict[Any, Any]]:
    return {
        "drug": {"stable": p.cost_new if strategy == "new" else 0.0},
        "care": {
            "progressed": 100_000.0,
            entry("progressed"): 30_000.0,
            ("stable", "dead"): 5_000.0,
            at_start: 1_000.0,
        },
    }


def test_a_case_is_the_model_it_describes_bit_for_bit(load: Load) -> None:
    run = run_case(load())
    model = MarkovModel(
        states=("stable", "progressed", "dead"),
        strategies=("standard", "new"),
        cycle=months(6),
        horizon=years(20),
        age=61,
        transitions=transitions,
        costs=costs,
        utilities=lambda p, s, t: {"stable": p.u, "progressed": 0.6},
    )
    draws, rules = run.parameters.sample(200, seed=3), run.rules
    base, psa = model.run(run.parameters.expected(), rules, trace=True), model.run(draws, rules)
    for mine, theirs in ((run.base, base), (run.psa, psa)):
        assert mine is not None
        np.testing.assert_array_equal(mine.cost_by_category, theirs.cost_by_category)
        np.testing.assert_array_equal(mine.qaly, theirs.qaly)
        np.testing.assert_array_equal(mine.qaly_undiscounted, theirs.qaly_undiscounted)
        np.testing.assert_array_equal(mine.life_years, theirs.life_years)
    assert run.base.trace is not None
    assert base.trace is not None
    np.testing.assert_array_equal(run.base.trace.occupancy, base.trace.occupancy)


def test_severity_comparison_and_decision_are_those_of_the_outcomes(load: Load) -> None:
    run = run_case(load())
    assert run.psa is not None
    severity = absolute_shortfall(run.base["standard"], age=61, rules=run.rules)
    by_draw = absolute_shortfall(run.psa["standard"], age=61, rules=run.rules)
    assert run.severity is not None
    assert run.severity_psa is not None
    assert run.severity.expected == severity.expected
    np.testing.assert_array_equal(run.severity_psa.shortfall, by_draw.shortfall)
    assert run.limit.wtp == severity.expected.wtp
    assert run.limit.source == f"severity class {severity.expected.severity_class}"
    assert run.comparison.rows == compare(run.base, reference="standard", wtp=run.limit.wtp).rows
    decision = assess(run.psa, by_draw, run.rules, reference="standard", option="new")
    assert run.decision is not None
    assert run.decision.to_dict() == decision.to_dict()


def test_results_repeat_the_run(load: Load) -> None:
    run = run_case(load())
    assert run.psa is not None
    assert run.decision is not None
    r = run.results
    assert [s["name"] for s in r["strategies"]] == ["standard", "new"]
    for i, row in enumerate(r["strategies"]):
        assert row["cost"] == run.base.cost[i, 0]
        assert row["qaly"] == run.base.qaly[i, 0]
        assert row["ly"] == run.base.life_years[i, 0]
        assert row["cost_undiscounted"] == run.base.cost_undiscounted[i, 0]
        assert row["qaly_undiscounted"] == run.base.qaly_undiscounted[i, 0]
        assert row["ly_undiscounted"] == run.base.life_years_undiscounted[i, 0]
        assert sum(row["cost_by_category"].values()) == pytest.approx(row["cost"], rel=1e-15)
    (new,) = [row for row in r["comparison"] if row["strategy"] == "new"]
    assert new["status"] == "frontier"
    assert new["icer"] == pytest.approx(
        new["incremental_cost"] / new["incremental_qaly"], rel=1e-15
    )
    assert r["severity"]["wtp"] == run.limit.wtp == r["limit"]["wtp"]
    gain = run.psa.qaly[1] - run.psa.qaly[0]
    cost = run.psa.cost[1] - run.psa.cost[0]
    b = run.decision.wtp * gain - cost
    psa = r["psa"]
    assert (psa["n_draws"], psa["seed"], psa["wtp"]) == (200, 3, run.decision.wtp)
    assert psa["probability_cost_effective"] == pytest.approx(np.mean(b > 0), rel=1e-14)
    assert psa["probability_cost_effective"] == pytest.approx(
        r["decision"]["probability_cost_effective"]["value"], rel=1e-14
    )
    assert psa["probability_best"]["new"] == pytest.approx(np.mean(b > 0), rel=1e-14)
    own = run.severity_psa.wtp * gain - cost  # type: ignore[union-attr]
    assert psa["probability_cost_effective_severity_adjusted"] == pytest.approx(
        np.mean(own > 0), rel=1e-14
    )
    p = psa["probability_cost_effective"]
    assert psa["probability_cost_effective_se"] == pytest.approx(np.sqrt(p * (1 - p) / 200))
    loss = np.maximum(b, 0) if b.mean() < 0 else np.maximum(-b, 0)
    assert psa["evpi"] == pytest.approx(loss.mean(), rel=1e-12)
    assert psa["evpi_se"] == pytest.approx(loss.std(ddof=1) / np.sqrt(200), rel=1e-10)
    assert set(r["decision"]["indices"]) == {"decision", "documentation"}
    assert "scenario" in r["decision"]
    assert r["provenance"]["guideline"]["hash"] == run.rules.hash
    assert r["provenance"]["draws"]["seed"] == 3
    assert r["provenance"]["files"] == dict(run.case.sha256)
    topics = {row["topic"] for row in r["provenance"]["rules"]}
    assert topics >= {"discounting", "severity", "norm", "life_table"}


def test_results_are_strict_json_and_the_same_twice(load: Load) -> None:
    first, second = (results_json(run_case(load()).results) for _ in range(2))
    assert first == second
    assert json.loads(first, parse_constant=pytest.fail)["title"] == "A small case"
    with pytest.raises(ResultError, match="not finite"):
        results_json({"x": float("nan")})


def test_plain_values_hold_only_what_json_knows() -> None:
    value = plain({1: np.arange(2), "b": (np.float64(0.5), None, True), "c": np.array(3.0)})
    assert value == {"1": [0, 1], "b": [0.5, None, True], "c": 3.0}
    assert type(value["1"][0]) is int


def test_a_run_without_draws_has_the_base_case_alone(load: Load) -> None:
    run = run_case(load(), draws=0)
    assert run.psa is run.psa_comparison is run.severity_psa is run.decision is None
    assert run.severity is not None
    assert run.results["psa"] is run.results["decision"] is None
    assert run.results["severity"]["severity_class"] == run.severity.expected.severity_class
    assert "0 draws" in repr(run)


@pytest.mark.parametrize("draws", [1, -1])
def test_a_number_of_draws_without_monte_carlo_error_is_refused(load: Load, draws: int) -> None:
    with pytest.raises(ResultError, match=f"0 for the base case alone.*found {draws}"):
        run_case(load(), draws=draws)


@pytest.mark.parametrize("draws", [10_000_001, 5_000_000_000, 10**400])
def test_more_draws_than_can_be_kept_are_refused(load: Load, draws: int) -> None:
    with pytest.raises(ResultError, match=r"more draws than can be kept; expected at most 10,000,"):
        run_case(load(), draws=draws)


def test_draws_that_the_memory_does_not_hold_are_told(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("prioritering.parameters.Parameters.sample", full)
    with pytest.raises(
        ResultError, match=r"more draws than can be kept.*found 200\. Ask for fewer"
    ):
        run_case(load())


def test_draws_and_seed_can_be_given(load: Load) -> None:
    case = load()
    run = run_case(case, draws=50, seed=9)
    expected = build_case(case).parameters.sample(50, seed=9)
    assert run.psa is not None
    assert run.psa.n_draws == 50
    assert run.psa.provenance["draws"] == expected.provenance


def test_an_executor_changes_nothing(load: Load) -> None:
    case, kept = load(), run_case(load())
    with (
        ThreadPoolExecutor(2) as threads,
        ProcessPoolExecutor(1, get_context("spawn")) as processes,
    ):
        for executor in (threads, processes):
            run = run_case(case, executor=executor)
            assert run.results == kept.results


def test_a_run_survives_pickle(load: Load) -> None:
    run = run_case(load(), draws=20)
    again = pickle.loads(pickle.dumps(run))
    assert again.results == run.results


def test_the_cohort_starts_where_the_case_says(load: Load) -> None:
    start = '[initial]\nstable = "1 - u / 4"\nprogressed = "u / 4"\n[run]'
    run = run_case(load(("[run]", start)), draws=0)
    assert run.base.trace is not None
    np.testing.assert_allclose(run.base.trace.occupancy[:, 0, 0], [[0.8, 0.2, 0]] * 2, rtol=1e-15)


def test_rates_are_followed_exactly(load: Load) -> None:
    changes = (
        ("age = 61", 'age = 61\ntransitions_are = "rates"'),
        ('"rate_to_prob(rate * effect, cycle_length)"', '"rate * effect"'),
        ('"mortality"', "0.02"),
        ('"rate_to_prob(rate_dead, cycle_length)"', '"rate_dead"'),
    )
    run = run_case(load(*changes), draws=0)
    assert run.base.trace is not None
    leave, die = 0.21 * 0.72 + 0.02, 0.4
    t = np.arange(41) * 0.5
    stable = np.exp(-leave * t)
    progressed = 0.21 * 0.72 / (die - leave) * (stable - np.exp(-die * t))
    np.testing.assert_allclose(run.base.trace.occupancy[1, 0, :, 0], stable, rtol=1e-12)
    np.testing.assert_allclose(
        run.base.trace.occupancy[1, 0, :, 1], progressed, rtol=1e-11, atol=1e-15
    )


# Severity and the limit


SKIP = """\
[severity]
skip = "no age is known"
[decision]
wtp = 300_000
wtp_source = "as agreed"
[run]"""


def test_a_case_without_severity_states_its_limit(load: Load) -> None:
    run = run_case(load(("[run]", SKIP)))
    assert run.severity is run.severity_psa is run.decision is None
    assert run.severity_skipped == "no age is known"
    assert (run.limit.wtp, run.limit.source) == (300_000, "as agreed")
    assert run.comparison.wtp == 300_000
    r = run.results
    assert r["severity"] is r["decision"] is r["psa"]["severity"] is None
    assert r["severity_skipped"] == "no age is known"
    assert r["psa"]["probability_cost_effective_severity_adjusted"] is None
    assert r["psa"]["probability_best_severity_adjusted"] is None
    assert r["psa"]["wtp"] == 300_000
    assert 0 <= r["psa"]["probability_cost_effective"] <= 1
    assert any("as agreed" in a.why for a in run.assumptions)


def test_another_currency_needs_a_limit_of_its_own(load: Load) -> None:
    with pytest.raises(CaseError, match="another currency .*key currency.*found currency 'EUR'"):
        run_case(load(("[guideline]", 'currency = "EUR"\n[guideline]')))
    skipped = load(("[guideline]", 'currency = "EUR"\n[guideline]'), ("[run]", SKIP))
    assert run_case(skipped).results["currency"] == "EUR"


def test_severity_needs_an_age_and_takes_one_of_its_own(load: Load) -> None:
    no_age = ("age = 61\n", ""), ('"mortality"', "0.01")
    with pytest.raises(CaseError, match="severity needs an age"):
        run_case(load(*no_age))
    run = run_case(load(*no_age, ("[run]", "[severity]\nage = 50\n[run]")), draws=0)
    assert run.results["severity"]["qalys_population"] == 29.6  # printed table, age 50


@pytest.mark.parametrize(
    ("section", "method"),
    [
        ('population = "computed"', "computed"),
        ('qalys_population = 19.5\nsource = "own"', "given"),
    ],
)
def test_population_qalys_may_be_computed_or_stated(load: Load, section: str, method: str) -> None:
    run = run_case(load(("[run]", f"[severity]\n{section}\n[run]")), draws=0)
    severity = run.results["severity"]
    assert severity["method"] == method
    shortfall = severity["qalys_population"] - severity["qalys_prognosis"]
    assert severity["absolute_shortfall"] == pytest.approx(shortfall, abs=0.005 + 1e-9)


def test_an_age_below_the_norm_names_the_ways_out_in_a_case_file(load: Load) -> None:
    young = ("age = 61", "age = 30"), ("[run]", "[age_adjustment]\nreference_age = 30\n[run]")
    with pytest.raises(DataError, match=r"no norm at age 30.*under \[norm\].*extend_below"):
        run_case(load(*young))
    with pytest.raises(DataError, match=r"key severity"):
        run_case(load(("age = 61", "age = 30")))


@pytest.mark.parametrize(
    ("changes", "way_out"),
    [
        ([("[run]", "[severity]\nage = 53.5\n[run]")], 'population = "computed" under'),
        ([("[run]", "[severity]\nage = 95\n[run]")], 'population = "computed" under'),
        ([("as_of = 2026-11-01", "as_of = 2024-06-01")], r"later as_of under \[guideline\]"),
        ([("years = 20", "years = 50")], "Shorten the horizon.$"),
    ],
)
def test_ways_out_are_told_as_a_case_file_writes_them(
    load: Load, changes: list[tuple[str, str]], way_out: str
) -> None:
    with pytest.raises(PrioriteringError, match=way_out):
        run_case(load(*changes), draws=0)


def test_the_limit_can_be_adjusted_on_the_record(load: Load) -> None:
    section = "[decision]\nwtp_adjustment = -50_000\nadjustment_reason = 'weak evidence'\n[run]"
    run, plain_run = run_case(load(("[run]", section))), run_case(load())
    assert run.limit.wtp == plain_run.limit.wtp - 50_000
    assert "weak evidence" in run.limit.source
    assert run.decision is not None
    assert run.decision.wtp_adjustment == -50_000
    assert run.results["psa"]["probability_cost_effective"] == pytest.approx(
        run.decision.probability_cost_effective.value, rel=1e-14
    )
    assert run.results["psa"]["probability_cost_effective_severity_adjusted"] == pytest.approx(
        run.decision.probability_cost_effective_by_severity.value, rel=1e-14
    )


def test_criteria_and_patients_of_the_decision_are_used(load: Load) -> None:
    section = (
        "[decision]\npatients_per_year = 100\nyears = 3\n"
        "criteria = { decision_error_high = 0.4 }\n[run]"
    )
    run = run_case(load(("[run]", section)))
    assert run.decision is not None
    assert run.decision.decision_index.cutoff == 0.4
    total = run.results["psa"]["population_evpi"]
    factors = 1.04 ** -np.array([0.5, 1.5, 2.5])
    assert total["patients"] == 300
    told = ("100 patients a year for 3 years", "no source: assumed")
    assert told in [(a.what, a.why) for a in run.assumptions]
    sourced = section.replace("years = 3", "years = 3\npatients_source = 'registry'")
    named = run_case(load(("[run]", sourced)), draws=0)
    assert not any("patients a year" in a.what for a in named.assumptions)
    assert total["value"] == pytest.approx(
        run.results["psa"]["evpi"] * 100 * factors.sum(), rel=1e-12
    )


def test_perfect_information_for_later_patients_is_discounted_as_the_case_discounts(
    load: Load,
) -> None:
    own = "[discounting]\ncosts = 0.1\neffects = 0.02\n"
    section = f"{own}[decision]\npatients_per_year = 100\nyears = 3\n[run]"
    run = run_case(load(("[run]", section)))
    total = run.results["psa"]["population_evpi"]
    present = 100 * (1.1 ** -np.array([0.5, 1.5, 2.5])).sum()
    assert total["discounted_patients"] == pytest.approx(present, rel=1e-13)
    assert total["value"] == pytest.approx(run.results["psa"]["evpi"] * present, rel=1e-13)
    assert run.population_evpi is not None
    assert total["value"] == float(run.population_evpi.value)
    assert run_case(load(("[run]", section)), draws=0).population_evpi is None


# What the reader is told


def test_everything_assumed_is_listed(load: Load) -> None:
    changes = (
        ("[guideline]", '[[assumptions]]\nwhat = "A"\nwhy = "B"\n[guideline]'),
        ("[run]", '[norm]\nextend_below = { age_from = 18, value = 0.9, note = "N" }\n[run]'),
        ("[run]", '[guideline.rules.opportunity_cost]\nvalue = 1e5\nsource = "S"\n[run]'),
    )
    run = run_case(load(*changes), draws=0)
    listed = [(a.what, a.why) for a in run.assumptions]
    assert listed[0] == ("A", "B")
    assert listed[1] == ("utility when stable (u)", "no source: assumed")
    assert ("rule 'opportunity_cost' replaced", "S") in listed
    assert ("population norm 0.9 from age 18 to where it begins", "N") in listed
    assert run.results["assumptions"][0] == {"what": "A", "why": "B"}


def test_a_norm_of_its_own_is_listed(load: Load) -> None:
    own = ("[run]", '[norm]\nbands = { 0 = 0.9 }\nsource = "survey"\n[run]')
    run = run_case(load(own), draws=0)
    assert ("population norm of the case's own", "survey") in [
        (a.what, a.why) for a in run.assumptions
    ]
