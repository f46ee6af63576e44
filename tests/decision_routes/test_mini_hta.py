import pickle
from dataclasses import replace

import pytest

from prioritering.conventions import Discounting
from prioritering.decision import (
    Patients,
    StaffTime,
    assess,
    budget_impact,
    personnel,
)
from prioritering.decision.routes import SECTIONS, Device, mini_hta, small_group
from prioritering.decision.routes.mini_hta import QUESTIONS
from prioritering.errors import ResultError, UnknownNameError
from prioritering.guidelines import Label
from prioritering.yearly import YearlyOutcomes

PAIR = {"reference": "standard", "option": "new"}
ANSWERS = {
    "what_is_it": "A laser.",
    "who": Label(en="Adults with glaucoma", no="Voksne med glaukom"),
}


@pytest.fixture(scope="module")
def decision(outcomes, severity, rules):
    return assess(outcomes, severity, rules, **PAIR)


@pytest.fixture(scope="module")
def device():
    return Device(
        investment=1_000_000,
        lifetime=10,
        uses_per_year=200,
        capacity_per_year=250,
        shares={"eye": 1.0},
    ).cost(Discounting.flat(0.04))


@pytest.fixture(scope="module")
def form(decision, device, outcomes, severity, rules):
    group = small_group(outcomes, severity, rules, **PAIR, patients_in_country=40)
    return mini_hta(
        "Laser",
        ANSWERS,
        setting="hospital",
        decision=decision,
        device=device,
        small_group=group,
    )


def test_what_nobody_answered_is_listed_in_the_order_of_the_form():
    bare = mini_hta("Laser", ANSWERS, setting="hospital")
    assert bare.unanswered == tuple(q for q in QUESTIONS if q not in ANSWERS)
    table = bare.table()
    assert (table["Answer"] == "UNANSWERED").sum() == len(QUESTIONS) - 2
    assert "23 of 25 questions are unanswered" in table.attrs["notes"][0]


def test_results_fill_in_their_questions(form, decision):
    filled = {"compared_with", "how_many", "severity", "gain", "uncertainty"} | {
        "per_patient", "cost_per_qaly", "investment",
    }  # fmt: skip
    assert {q for q, o in form.origins.items() if "from results" in o} == filled
    answers = form.table()["Answer"]
    assert f"{decision.icer:,.0f}" in answers["What is the cost per QALY?"]
    per_patient = answers["What does it cost per patient?"]
    assert f"{decision.mean_incremental_cost.value:,.0f}" in per_patient
    assert "eye" in per_patient
    assert "35.00 QALYs, class 6" in answers["How severe is the condition?"]
    assert answers["How many patients are there?"] == "From results: 40"


@pytest.fixture(scope="module")
def by_year(rules):
    """Budget and hours of two strategies, worked out by hand in the test below."""
    yearly = YearlyOutcomes.from_arrays(
        ["standard", "new"],
        cost={"drug": [[[0.0, 0.0]], [[9e4, 3e4]]]},
        resource_use={"visits": [[[1.0, 1.0]], [[3.0, 2.0]]]},
    )
    nurse = StaffTime("nurse", level="specialist", hours=0.5, source="a test")
    return {
        "budget": budget_impact(
            yearly,
            **PAIR,
            years=2,
            first_year=2027,
            groups={"drug": "drug"},
            patients=Patients(incidence=100, uptake=1.0),
            rules=rules,
        ),
        "personnel": personnel(yearly, **PAIR, rules=rules, staff={"visits": [nurse]}),
    }


@pytest.mark.parametrize(
    ("language", "million", "hours"),
    [
        ("en", "net growth in million NOK, 2027: 9.0; 2028: 12.0", "beyond those of standard, "),
        ("no", "netto vekst i millioner NOK, 2027: 9,0; 2028: 12,0", "utover standard, "),
    ],
)
def test_budget_and_staff_fill_in_their_questions(by_year, language, million, hours):
    form = mini_hta("Laser", {}, setting="hospital", **by_year)
    assert form.origins["budget"] == form.origins["staff"] == ("from results",)
    text = form.text(language)
    assert million in text
    assert hours in text
    assert {"en": ": 1.5", "no": ": 1,5"}[language] in text
    assert pickle.loads(pickle.dumps(form)).origins == form.origins


def test_results_of_other_strategies_are_refused(by_year, decision):
    budget = replace(by_year["budget"], option="newer")
    with pytest.raises(ResultError, match="different strategies in one form.*found 'newer'"):
        mini_hta("Laser", {}, setting="hospital", decision=decision, budget=budget)


def test_a_small_group_of_other_strategies_is_refused(form, decision):
    group = replace(form.small_group, option="newer")
    with pytest.raises(ResultError, match="different strategies in one form.*found 'newer'"):
        mini_hta("Laser", {}, setting="hospital", decision=decision, small_group=group)


def test_a_statement_stands_before_the_number(decision):
    form = mini_hta("Laser", {"gain": "Large."}, setting="hospital", decision=decision)
    assert form.origins["gain"] == ("stated", "from results")
    assert form.table()["Answer"]["How large is the health gain?"].startswith(
        "Large. From results: 1."
    )


@pytest.mark.parametrize(
    ("setting", "question"),
    [("hospital", "affect the municipalities"), ("municipality", "affect the hospitals")],
)
def test_each_setting_asks_about_the_other_service(setting, question):
    assert question in mini_hta("Laser", {}, setting=setting).text()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Mini-HTA, hospital: Laser", "Adults with glaucoma", "UNANSWERED", "ETHICS")),
     ("no", ("Mini-metodevurdering, sykehus: Laser", "Voksne med glaukom", "UBESVART", "ETIKK"))],
)  # fmt: skip
def test_the_form_reads_in_both_languages(form, language, words):
    text = form.text(language)
    assert all(word in text for word in words)
    assert len(form.table(language)) == len(QUESTIONS) == sum(map(len, SECTIONS.values()))


def test_a_form_with_every_answer_says_so():
    form = mini_hta("Laser", dict.fromkeys(QUESTIONS, "Yes."), setting="municipality")
    assert form.unanswered == ()
    assert "All questions are answered." in form.text()


def test_views(form):
    assert pickle.loads(pickle.dumps(form)).to_frame().equals(form.to_frame())
    assert "<table" in form._repr_html_()
    assert repr(form) == "MiniHta('Laser': 10 of 25 questions answered)"


def test_bad_input_is_refused():
    with pytest.raises(UnknownNameError, match=r"unknown question 'effekt'"):
        mini_hta("Laser", {"effekt": "Good."}, setting="hospital")
    with pytest.raises(UnknownNameError, match=r"unknown setting 'clinic'"):
        mini_hta("Laser", {}, setting="clinic")
    with pytest.raises(ResultError, match="no title"):
        mini_hta(" ", {}, setting="hospital")
    with pytest.raises(ResultError, match=r"an answer without words \(question 'who'\)"):
        mini_hta("Laser", {"who": " "}, setting="hospital")
