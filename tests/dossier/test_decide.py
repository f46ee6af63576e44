"""Sections on the decision: each against a calculation of its own, all on the run's draws."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import prioritering as pr
from prioritering.dossier import Case, CaseRun, build_case, results_json, run_case

from .conftest import MARKOV
from .decision_case import DECISION

Load = Callable[..., Case]


@pytest.fixture
def run(load: Load) -> CaseRun:
    return run_case(load(text=DECISION))


def totals(run: CaseRun) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Costs by category of every draw, also those the perspective leaves out."""
    built = build_case(run.case)
    draws = built.parameters.sample(200, seed=3)
    outcomes = built.model.run(draws, built.rules)
    return outcomes.cost, dict(
        zip(outcomes.cost_categories, outcomes.cost_by_category, strict=True)
    )


def test_a_resource_with_a_price_is_the_cost_of_its_amounts(run: CaseRun) -> None:
    _, costs = totals(run)
    visits = '{ new = 12, otherwise = 4 }, "-> progressed" = 2 }'
    assert visits in DECISION
    written = MARKOV.replace(
        "[utilities]",
        '[costs.visits]\nstable = { new = 18_000, otherwise = 6_000 }\n"-> progressed" = 3_000\n'
        "[utilities]",
    )
    folder = run.case.folder
    (folder / "case.toml").write_text(written, "utf-8")
    plain = build_case(pr.dossier.load_case(folder))
    # the parameters of the sections are drawn after the model's, which keep their numbers
    same = plain.model.run(plain.parameters.sample(200, seed=3), plain.rules)
    row = same.cost_categories.index("visits")
    np.testing.assert_allclose(costs["visits"], same.cost_by_category[row], rtol=1e-12)


def test_a_resource_without_a_price_makes_no_cost(run: CaseRun) -> None:
    assert run.base.resources == ("visits", "calls")
    assert run.base.cost_categories == ("drug", "care", "visits")


def test_the_main_analysis_counts_what_the_perspective_counts(run: CaseRun) -> None:
    whole, costs = totals(run)
    assert run.psa is not None
    np.testing.assert_allclose(run.psa.cost, whole - costs["work"], rtol=1e-12)
    assert run.decisions is not None
    seen = run.decisions.perspectives
    assert seen is not None
    np.testing.assert_allclose(seen.incremental_cost["society"], whole[1] - whole[0], rtol=1e-9)
    assert seen.not_counted["extended"] == ("work",)
    assert run.results["provenance"]["perspective"]["not_counted"] == ["work"]


def test_carers_are_a_separate_analysis(run: CaseRun) -> None:
    assert run.decisions is not None
    assert run.decisions.inventory is not None
    carers = run.decisions.inventory.carers
    built = build_case(run.case)
    utilities = {"stable": 0.0, "progressed": -0.1}
    model = replace(built.model, utilities=utilities, age_adjustment=None)
    qaly = model.run(built.parameters.sample(200, seed=3), built.rules).qaly
    assert carers is not None
    assert carers.value == pytest.approx((qaly[1] - qaly[0]).mean(), rel=1e-12)
    assert carers.value > 0


def test_the_price_meets_the_limit_when_the_case_runs_at_it(run: CaseRun, load: Load) -> None:
    assert run.decisions is not None
    assert run.decisions.price is not None
    price, own = run.decisions.price, run.decisions.price.own
    assert own is not None
    assert price.checked_at == 500_000
    change = ("value = 250_000", f"value = {own.price.value!r}")
    again = run_case(load(change, text=DECISION))
    assert again.decision is not None
    assert again.decision.wtp == own.wtp
    np.testing.assert_allclose(again.decision.net_benefit.mean(), 0.0, atol=1e-6)


def test_the_budget_is_patients_times_their_years(run: CaseRun) -> None:
    built = build_case(run.case)
    draws = built.parameters.sample(200, seed=3)
    years = built.model.run_by_year(draws, built.rules, years=3)
    drug = years.cost_by_category[years.cost_categories.index("drug"), 1]
    starts = np.stack([(draws.incidence + 50) * 0.25, draws.incidence * 0.5, draws.incidence * 1.0])
    expected = [
        starts[0] * drug[:, 0],
        starts[0] * drug[:, 1] + starts[1] * drug[:, 0],
        starts[0] * drug[:, 2] + starts[1] * drug[:, 1] + starts[2] * drug[:, 0],
    ]
    assert run.decisions is not None
    budget = run.decisions.budget
    assert budget is not None
    assert (budget.years, budget.vat, budget.price_year) == ((2027, 2028, 2029), "excluded", 2024)
    np.testing.assert_allclose(budget.amounts("net", group="drug"), np.transpose(expected))
    displaced = run.decisions.displaced
    assert displaced is not None
    assert run.psa is not None
    gain = run.psa.qaly[1] - run.psa.qaly[0]
    np.testing.assert_allclose(displaced.gained, starts.sum(axis=0) * gain, rtol=1e-12)


def test_hours_follow_the_amounts_that_cost_does(run: CaseRun) -> None:
    assert run.decisions is not None
    found = run.decisions.personnel
    assert found is not None
    assert [(g.profession, g.level) for g in found.staff] == [
        ("doctor", "specialist"),
        ("nurse", "municipal"),
    ]
    assert found.no_staff == ("calls",)
    assert found.working_year is not None
    assert found.working_year.hours == 1_700
    # an amount costs 1 500 and takes half an hour of a doctor, a quarter of a nurse
    budget = run.decisions.budget
    assert budget is not None
    for world in ("with", "without"):
        visits = budget.amounts(world, group="service") / 1_500  # type: ignore[arg-type]
        hours = found.hours(world)  # type: ignore[arg-type]
        np.testing.assert_allclose(hours[0], 0.5 * visits, rtol=1e-12)
        np.testing.assert_allclose(hours[1], 0.25 * visits, rtol=1e-12)


def test_the_small_group_states_each_criterion(run: CaseRun) -> None:
    assert run.decisions is not None
    group = run.decisions.small_group
    assert group is not None
    assert group["worldwide"].standing == "met"
    assert group["in_country"].standing == "not met"
    assert group["in_country"].margin == -10
    severity = run.severity_psa
    assert severity is not None
    assert group["absolute_shortfall"].value == severity.expected.shortfall_rounded


def test_what_is_assumed_is_listed_with_the_rest(run: CaseRun) -> None:
    told = {a.what: a.why for a in run.assumptions}
    assert "nurse_hours hours of a nurse per visit (visits)" in told
    assert "budget: patients, uptake and who pays" in told
    assert not any(what.startswith(("price:", "small group:")) for what in told)


def test_results_hold_every_section_in_plain_words(run: CaseRun) -> None:
    results = json.loads(results_json(run.results))
    for key in ("price", "perspectives", "inventory", "budget", "opportunity_cost", "personnel"):
        assert results[key], key
    first = next(
        row
        for row in results["budget"]
        if (row["world"], row["group"], row["year"]) == ("net", "drug", 2027)
    )
    assert run.decisions is not None
    assert run.decisions.budget is not None
    mean = run.decisions.budget.amounts("net", group="drug")[:, 0].mean()
    assert first["mean"] == pytest.approx(mean, rel=1e-12)
    assert results["page"]["view"] == "public"
    assert results["page"]["confidential"] == ""
    assert {row["key"] for row in results["page"]["rows"]} >= {
        "icer",
        "net_growth",
        "criterion_in_country",
    }


def test_a_case_without_the_sections_has_none_of_them(load: Load) -> None:
    run = run_case(load())
    assert repr(run.decisions) == "Decisions(none)"
    assert {run.results[key] for key in ("price", "budget", "personnel", "small_group")} == {None}
    assert run.page is not None


def test_without_draws_the_sections_stand_on_the_base_case(load: Load) -> None:
    run = run_case(load(text=DECISION), draws=0)
    assert run.page is None
    assert run.decisions is not None
    assert run.decisions.budget is not None
    assert run.decisions.budget.n_draws == 1
    assert run.decisions.price is not None
    assert run.decisions.price.n_draws == 1


def test_a_price_that_is_drawn_is_noted(load: Load) -> None:
    drawn = (
        'distribution = "fixed"\nvalue = 250_000',
        'distribution = "gamma"\nmean = 250_000\nse = 1e4',
    )
    run = run_case(load(drawn, text=DECISION))
    assert any("the price under [price] (cost_new) varies over the draws" in n for n in run.notes)


def test_shares_of_several_strategies_may_be_stated(load: Load) -> None:
    shares = (
        "uptake = [0.25, 0.5, 1]\nuptake_without = 0\n",
        "shares = { with_decision = { new = 0.5, standard = 0.5 }, without = { standard = 1 } }\n",
    )
    run = run_case(load(shares, text=DECISION))
    assert run.decisions is not None
    assert run.decisions.budget is not None
    flow = run.decisions.budget.flow
    np.testing.assert_allclose(flow.with_decision[0], flow.with_decision[1])


def test_a_run_with_its_sections_survives_pickle(run: CaseRun) -> None:
    again = pickle.loads(pickle.dumps(run))
    assert again.results == run.results
    assert repr(again.decisions) == repr(run.decisions)
    assert again.page.to_dict() == run.page.to_dict()


COUNTED = """
[guideline.rules.authority_limit]
source = "a rule of another kind"
value = { nok = 100_000_000, first_years = 5, counts = ["drug", "service"], vat = "included" }

[model]"""


@pytest.mark.parametrize(
    ("said", "groups"), [("", ("drug", "service")), ('limit_on = ["elsewhere"]\n', ("elsewhere",))]
)
def test_the_rule_says_what_the_limit_counts_unless_the_case_does(
    load: Load, said: str, groups: tuple[str, ...]
) -> None:
    named = ("[budget.groups]", f"{said}\n[budget.groups]")
    run = run_case(load(("[model]", COUNTED), named, text=DECISION), draws=20)
    assert run.decisions is not None
    assert run.decisions.budget is not None
    assert run.decisions.budget.limit.groups == groups


def test_patients_of_a_small_group_have_a_source_of_their_own(run: CaseRun) -> None:
    assert run.page is not None
    rows = {row.name: row for row in run.page.rows if row.section == "route"}
    stated, bound = rows["criterion_in_country"], rows["criterion_in_country[guiding number]"]
    assert (stated.origin.source, stated.origin.status) == ("a register", "stated")
    assert bound.cell.value == run.rules.small_groups.patients_in_country
    assert bound.origin.status == run.rules.rules["small_groups"].status
    assert rows["criterion_expected_gain"].origin.status == "computed"
    assert "60, not met; guiding number: under about 50" in run.page.text("en")
    assert "60, ikke oppfylt; veiledende tall: under om lag 50" in run.page.text("no")
    assert run.decisions is not None
    assert run.decisions.small_group is not None
    notes = run.decisions.small_group.table("no").attrs["notes"]
    assert "Pasienttall: a register." in notes


def test_what_has_no_source_is_an_assumption_in_norwegian_too(run: CaseRun) -> None:
    assert run.decisions is not None
    assert run.decisions.personnel is not None
    for language, word in (("en", "assumption"), ("no", "antakelse")):
        said = " ".join(run.decisions.personnel.table(language).attrs["notes"])
        assert f": a count; {word}." in said
