import math
import pickle

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.decision import Patients, assess, budget_impact
from prioritering.decision.agreements import (
    LIST_PRICE,
    FlatDiscount,
    FreeInitiation,
    NationalCap,
    OutcomeRefund,
    PatientCap,
    TemporaryAdoption,
    VolumeSteps,
    compare_agreements,
)
from prioritering.errors import ResultError, UnknownNameError
from tests.decision_agreements.conftest import N_DRAWS, N_YEARS

PATIENTS = (100.0, 120.0, 80.0, 80.0)
AGREEMENTS = {
    "flat": FlatDiscount(0.25, "drug"),
    "open": FlatDiscount(0.05, "drug", confidential=False),
    "steps": VolumeSteps(
        [(0, 100, 0.0), (100, math.inf, 0.5)],
        "drug",
        basis="all units",
        unit="patients",
        per_patient="years treated",
    ),
    "patient cap": PatientCap(200_000, "drug", treated="years treated"),
    "national cap": NationalCap(45e6, "drug"),
    "refund": OutcomeRefund(
        0.6, "drug", measured_at=1.0, refund=1.0, administration=4_000, hours=2.5
    ),
    "free": FreeInitiation(6, "drug"),
    "temporary": FlatDiscount(0.1, "drug").then(TemporaryAdoption(2, reversal_cost=1e6)),
}


@pytest.fixture(scope="module")
def run(outcomes, severity, rules):
    def compare_them(agreements=AGREEMENTS, **how):
        return compare_agreements(
            outcomes,
            severity,
            rules,
            reference="standard",
            option="new",
            agreements=agreements,
            **how,
        )

    return compare_them


@pytest.fixture(scope="module")
def comparison(run, yearly):
    return run(yearly=yearly, patients=PATIENTS)


def test_list_price_comes_first_and_is_the_plain_assessment(comparison, outcomes, severity, rules):
    plain = assess(outcomes, severity, rules, reference="standard", option="new")
    first = comparison.results[0]
    assert first.name == LIST_PRICE
    assert first.decision.to_dict() == plain.to_dict()
    assert [r.name for r in comparison.results[1:]] == list(AGREEMENTS)


@pytest.mark.parametrize("name", list(AGREEMENTS))
def test_icer_and_error_are_those_of_the_priced_run(comparison, name):
    result = comparison[name]
    row = compare(result.priced.outcomes, reference="standard").pairwise[0]
    assert result.decision.icer == pytest.approx(row.icer, rel=1e-12)
    assert result.decision.icer_se == pytest.approx(row.icer_se, rel=1e-10)
    assert result.decision.wtp == comparison.results[0].decision.wtp


def test_budget_is_the_cost_of_the_cohorts_less_what_they_replace(comparison, yearly):
    old, new = yearly.cost
    twin = np.zeros((N_DRAWS, len(PATIENTS)))
    for start, patients in enumerate(PATIENTS):
        for year in range(len(PATIENTS) - start):
            twin[:, start + year] += patients * (new[:, year] - old[:, year])
    np.testing.assert_allclose(comparison[LIST_PRICE].budget, twin, rtol=1e-12)
    by_year = comparison[LIST_PRICE].budget_by_year
    assert [e.value for e in by_year] == pytest.approx(twin.mean(axis=0).tolist(), rel=1e-12)
    se = twin.std(axis=0, ddof=1) / math.sqrt(N_DRAWS)
    assert [e.se for e in by_year] == pytest.approx(se.tolist(), rel=1e-10)


@pytest.mark.parametrize("name", [LIST_PRICE, "flat", "patient cap", "refund", "free"])
def test_budget_is_that_of_the_budget_analysis(comparison, rules, name):
    result = comparison[name]
    groups = dict.fromkeys(result.priced.outcomes.cost_categories, "service")
    impact = budget_impact(
        result.priced.yearly,
        reference="standard",
        option="new",
        patients=Patients(incidence=PATIENTS, uptake=1.0),
        groups={**groups, "drug": "drug"},
        rules=rules,
        years=len(PATIENTS),
    )
    mine = [e.value for e in result.budget_by_year]
    assert impact.amounts("net").mean(axis=0).tolist() == pytest.approx(mine, rel=1e-10)


def test_a_budget_over_all_years_of_one_cohort_is_the_undiscounted_difference(
    run, outcomes, yearly
):
    once = [1.0] + [0.0] * (N_YEARS - 1)
    budget = run({"flat": AGREEMENTS["flat"]}, yearly=yearly, patients=once)["flat"].budget
    after = 0.75 * outcomes.cost_by_category_undiscounted[0, 1]
    care = outcomes.cost_by_category_undiscounted[1]
    np.testing.assert_allclose(budget.sum(axis=1), after + care[1] - care[0], rtol=1e-12)


def test_a_refund_that_follows_the_effect_lowers_the_uncertainty_of_the_decision(run, yearly):
    """Who responds gains: paying back without response moves cost with effect."""
    gain = yearly.resource_use[0, 1].sum(axis=1)
    response = (gain - gain.min()) / (gain.max() - gain.min())
    terms = {"measured_at": 1.0, "refund": 1.0}
    found = run(
        {
            "follows": OutcomeRefund(response, "drug", **terms),
            "same": OutcomeRefund(float(response.mean()), "drug", **terms),
        },
        yearly=yearly,
    )
    spread = {name: found[name].decision.incremental_cost.std() for name in ("follows", "same")}
    assert spread["follows"] > spread["same"]
    same, follows = (found[n].decision.mean_incremental_cost.value for n in ("same", "follows"))
    assert follows == pytest.approx(same, rel=1e-10)


def test_hours_stand_beside_and_are_no_cost(comparison):
    refund = comparison["refund"]
    assert refund.priced.hours == 2.5
    np.testing.assert_allclose(refund.hours_by_year, 2.5 * np.array(PATIENTS))
    assert "agreement follow-up" in refund.priced.outcomes.cost_categories


def test_timing_is_worked_out_at_the_price_agreed(comparison):
    result = comparison["temporary"]
    part = list(result.agreement.parts())[-1]
    alone = part.timing(
        result.decision.net_benefit, patients=PATIENTS, discounting=result.priced.discounting
    )
    assert result.timing.to_frame().equals(alone.to_frame())
    assert comparison["flat"].timing is None


def test_without_years_and_patients_there_is_no_budget(run):
    found = run({"flat": AGREEMENTS["flat"]})
    assert found["flat"].budget is None
    assert found["flat"].budget_by_year == ()
    assert found["flat"].hours_by_year is None
    assert not found.to_frame()["quantity"].eq("budget").any()


def test_confidential_prices_are_marked_and_left_out_of_the_public_view(comparison):
    assert comparison.confidential
    whole, public = comparison.table(), comparison.table(public=True)
    assert "CONFIDENTIAL" in whole.attrs["notes"][0]
    assert list(public.columns) == ["Maximum price", "open"]
    assert "left out" in public.attrs["notes"][0]
    assert not any("25" in str(cell) for cell in public.loc["Terms"])


@pytest.mark.parametrize("language", ["en", "no"])
def test_tables_terms_and_figure_in_both_languages(comparison, language):
    table = comparison.table(language)
    assert list(table.columns[1:]) == list(AGREEMENTS)
    assert not table.isna().any(axis=None)
    for agreement in AGREEMENTS.values():
        assert "drug" in agreement.describe(language)
    ax = comparison.plot(language=language)
    names = [tick.get_text().replace("\n", " ") for tick in ax.get_yticklabels()]
    assert names[1:] == list(AGREEMENTS)
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() in ("o", "s")]
    means = [r.decision.mean_net_benefit.value for r in comparison.results]
    assert points == pytest.approx(means, rel=1e-12)


def test_terms_read_as_sentences():
    nbsp = "\N{NO-BREAK SPACE}"
    combined = AGREEMENTS["flat"].then(AGREEMENTS["free"])
    assert combined.describe().replace(nbsp, " ") == (
        "25 % off the maximum price of drug; then the first 6 months of drug free"
    )
    assert AGREEMENTS["refund"].describe("no").replace(nbsp, " ") == (
        "100 % av det drug har kostet når respons måles (1 år etter start), betales tilbake for "
        "pasienter uten respons (60 % responderer); oppfølgingen krever 4 000 NOK og 2,5 "
        "arbeidstimer per pasient"
    )


def test_frame_holds_raw_numbers(comparison):
    frame = comparison.to_frame()
    icers = frame[frame["quantity"] == "icer"].set_index("agreement")
    assert icers.loc["flat", "value"] == comparison["flat"].decision.icer
    assert icers.loc["flat", "confidential"]
    assert not icers.loc["open", "confidential"]
    years = frame[(frame["quantity"] == "budget") & (frame["agreement"] == "flat")]["year"]
    assert years.tolist() == [1, 2, 3, 4]


def test_it_survives_pickle_and_prints_itself(comparison):
    copy = pickle.loads(pickle.dumps(comparison))
    assert copy.to_frame().equals(comparison.to_frame())
    assert "<table" in comparison._repr_html_()
    assert repr(comparison).startswith("AgreementComparison('new' against 'standard': list price")


def test_no_agreement_another_object_or_the_name_of_the_list_price_is_refused(run):
    with pytest.raises(ResultError, match="no agreements to compare"):
        run({})
    with pytest.raises(ResultError, match=r"not an agreement.*'flat'.*found 0\.25"):
        run({"flat": 0.25})
    with pytest.raises(ResultError, match="named as the list price"):
        run({LIST_PRICE: AGREEMENTS["flat"]})


def test_an_agreement_that_was_not_compared_is_refused(comparison):
    with pytest.raises(UnknownNameError, match=r"unknown agreement 'flatt'.*'flat'"):
        comparison["flatt"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "assumption: 30 % of the cost falls"), ("no", "antakelse: 30 % av kostnaden")],
)
def test_an_assumed_share_of_the_cost_is_printed(language, words):
    text = FreeInitiation(6, "drug", share_of_cost=0.3).describe(language)
    assert words in text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_assumption_behind_a_cap_per_patient_is_printed(comparison, run, yearly):
    assert any("mean patient" in note for note in comparison.table().attrs["notes"])
    flat = run({"flat": AGREEMENTS["flat"]}, yearly=yearly)
    assert not any("mean patient" in note for note in flat.table().attrs["notes"])
