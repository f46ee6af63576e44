"""Perspectives and the impact inventory, on a run whose every cost is known."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from prioritering.cea import compare
from prioritering.decision.perspective.filled import impact_inventory
from prioritering.decision.perspective.inventory import Inventory, Row
from prioritering.decision.perspective.views import VIEWS, in_perspective, perspectives
from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

INCREMENTS = {
    "drug": 500.0,
    "care": -70.0,
    "home care": -30.0,
    "other disease": 11.0,
    "relatives": -13.0,
    "private help": 17.0,
    "time": 19.0,
    "taxi": 23.0,
    "work": -290.0,
    "chores": -31.0,
    "sick pay": -37.0,
    "school": 41.0,
}
ROWS = {
    "drug": Row("intervention_cost", level="national_insurance"),
    "care": Row("related_care_cost", level="specialist"),
    "home care": Row("related_care_cost", level="municipal"),
    "other disease": Row("unrelated_care_cost", level="specialist"),
    "relatives": Row("informal_care", level="patient"),
    "private help": Row("private_care", level="patient"),
    "time": Row("patient_time", level="patient"),
    "taxi": Row("transport", level="patient"),
    "work": Row("paid_production", level="other"),
    "chores": Row("unpaid_production", level="patient"),
    "sick pay": Row("transfers", level="national_insurance"),
    "school": Row("other_sectors", level="other"),
}
# Figure 4.1 of Meld. St. 21 (2024-2025), row by row.
COUNTED = {
    "health_service": {"drug", "care", "home care", "other disease"},
    "society": set(ROWS) - {"sick pay"},
    "extended": {"drug", "care", "home care", "relatives", "time", "taxi"},
}
PAIR = {"reference": "old", "option": "new"}


def run_of(costs, n=1, seed=0):
    rng = np.random.default_rng(seed)
    cost = {k: [1_000 + rng.random(n) * (n > 1), np.full(n, 1_000 + v)] for k, v in costs.items()}
    qaly = [np.full(n, 7.0), np.full(n, 8.0) + 0.1 * rng.normal(size=n) * (n > 1)]
    return Outcomes.from_arrays(["old", "new"], cost=cost, qaly=qaly, cost_undiscounted=cost)


@pytest.fixture(scope="module")
def whole():
    return run_of(INCREMENTS)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_counts_what_figure_4_1_says(whole, rules, view):
    found = in_perspective(whole, Inventory(ROWS), rules, view=view)
    assert set(found.cost_categories) == COUNTED[view]
    expected = sum(INCREMENTS[k] for k in COUNTED[view])
    assert found.cost[1, 0] - found.cost[0, 0] == pytest.approx(expected, rel=1e-12)
    assert found.cost_undiscounted[1, 0] == pytest.approx(found.cost[1, 0], rel=1e-12)
    assert found.qaly.tolist() == whole.qaly.tolist()
    record = found.provenance["perspective"]
    assert set(record["not_counted"]) == set(ROWS) - COUNTED[view]
    assert record["secondary"] == (view == "society")


def test_the_extended_view_is_the_base_case(whole, rules):
    found = in_perspective(whole, Inventory(ROWS), rules)
    assert found.provenance["perspective"]["view"] == "extended"
    assert next(iter(perspectives(whole, Inventory(ROWS), rules, **PAIR).rows)) == "extended"


@given(st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=12))
def test_counted_and_not_counted_are_the_whole(increments):
    run = run_of(dict(zip(ROWS, increments, strict=True)))
    rules = guideline("no", as_of="2026-11-01")
    for view in VIEWS:
        found = in_perspective(run, Inventory(ROWS), rules, view=view)
        left = [k for k in ROWS if k not in COUNTED[view]]
        rest = sum(run.cost_by_category[run.cost_categories.index(k)] for k in left)
        np.testing.assert_allclose(found.cost + rest, run.cost, rtol=1e-12)


def test_perspectives_side_by_side_equal_an_analysis_of_each(rules):
    run = run_of(INCREMENTS, n=500)
    found = perspectives(run, Inventory(ROWS), rules, **PAIR, wtp=275_000)
    for view, row in found.rows.items():
        kept = in_perspective(run, Inventory(ROWS), rules, view=view)
        assert row == compare(kept, reference="old", wtp=275_000).pairwise[0]
        assert found.incremental_cost[view].mean() == pytest.approx(row.incremental_cost)
    assert found.to_frame()["perspective"].tolist() == list(found.rows)


def test_carers_qalys_stand_beside_and_are_never_added(rules):
    rows = {k: v for k, v in ROWS.items() if k != "relatives"}
    run = run_of({k: INCREMENTS[k] for k in rows}, n=50)
    carers = np.array([np.linspace(0.0, 0.1, 50), np.linspace(0.2, 0.5, 50)])
    found = perspectives(run, Inventory(rows, carers=carers), rules, **PAIR)
    gain = carers[1] - carers[0]
    assert found.carers.value == pytest.approx(gain.mean(), rel=1e-12)
    assert found.carers.se == pytest.approx(gain.std(ddof=1) / np.sqrt(50), rel=1e-12)
    assert found.rows == perspectives(run, Inventory(rows), rules, **PAIR).rows
    other = Outcomes.from_arrays(["new", "old"], cost=np.ones((2, 50)), qaly=carers[::-1])
    from_run = perspectives(run, Inventory(rows, carers=other), rules, **PAIR)
    assert from_run.carers == found.carers


def test_informal_care_is_not_counted_twice(whole, rules):
    both = Inventory(ROWS, carers=[[0.1], [0.2]])
    with pytest.raises(
        ResultError, match=r"'relatives' and in the carers' QALYs.*='cost'\) or 'qaly'"
    ):
        in_perspective(whole, both, rules)
    with pytest.raises(ResultError, match="counted twice"):
        perspectives(whole, both, rules, **PAIR)
    kept = in_perspective(whole, both, rules, view="health_service")
    assert "relatives" not in kept.cost_categories


def test_one_way_to_count_informal_care_is_chosen(whole, rules):
    as_cost = Inventory(ROWS, carers=[[0.1], [0.2]], count_informal_care_as="cost")
    found = perspectives(whole, as_cost, rules, **PAIR)
    assert found.carers is None
    assert "relatives" not in found.not_counted["extended"]
    as_qaly = Inventory(ROWS, carers=[[0.1], [0.2]], count_informal_care_as="qaly")
    found = perspectives(whole, as_qaly, rules, **PAIR)
    assert found.carers.value == pytest.approx(0.1)
    assert "relatives" in found.not_counted["extended"]
    for inventory, words in ((as_cost, "counted as a cost"), (as_qaly, "in no perspective")):
        filled = impact_inventory(whole, inventory, rules, **PAIR)
        assert words in " ".join(filled.table().attrs["notes"])


def test_filled_inventory_has_every_row_of_the_guideline(whole, rules):
    inventory = Inventory(
        {k: v for k, v in ROWS.items() if k != "taxi"},
        left_out={"transport": "treated at home"},
        in_qalys={"other_health_gains": "adverse events lower utility"},
    )
    run = run_of({k: v for k, v in INCREMENTS.items() if k != "taxi"})
    found = impact_inventory(run, inventory, rules, **PAIR)
    by_key = {row.consequence.key: row for row in found.rows}
    assert list(by_key) == [c.key for c in rules.perspective.consequences]
    care = by_key["related_care_cost"].costs
    assert [(c.category, c.level, c.incremental.value) for c in care] == [
        ("care", "specialist", -70.0),
        ("home care", "municipal", -30.0),
    ]
    assert by_key["patient_qalys"].qalys.value == 1.0
    assert by_key["transport"].standing == "left out"
    assert by_key["other_health_gains"].text == "adverse events lower utility"
    assert by_key["indirect_protection"].standing == "not stated"
    frame = found.to_frame()
    assert len(frame) == 15
    total = frame.loc[frame["category"] != "", "incremental"].sum()
    assert total == pytest.approx(sum(INCREMENTS.values()) - 23.0)


@pytest.mark.parametrize(("language", "silent"), [("en", "not stated"), ("no", "ikke oppgitt")])
def test_inventory_table(whole, rules, language, silent):
    inventory = Inventory(ROWS, left_out={"indirect_protection": "not contagious"})
    found = impact_inventory(whole, inventory, rules, **PAIR)
    table = found.table(language)
    assert len(table) == len(rules.perspective.consequences) + 1
    text = table.to_string()
    assert silent in text
    assert "not contagious" in text
    views = [t.in_language(language) for t in rules.perspective.views]
    assert set(views) <= set(table.columns)
    assert "Meld. St. 21" in " ".join(table.attrs["notes"])
    assert found._repr_html_().count("<table") == 1


@pytest.mark.parametrize("language", ["en", "no"])
def test_perspectives_table_and_figure(rules, language):
    run = run_of(INCREMENTS, n=200)
    stated = Inventory(ROWS, societal_case="storting")
    found = perspectives(run, stated, rules, **PAIR, wtp=275_000)
    table = found.table(language)
    notes = " ".join(table.attrs["notes"])
    for case in rules.perspective.societal_analysis_for:
        assert case.in_language(language) in notes
    assert found._repr_html_().count("<table") == 1
    ax = Figure().subplots()
    assert found.plot(ax, language=language) is ax
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert points == [pytest.approx(found.incremental_cost[v].mean()) for v in found.rows]


def test_a_societal_analysis_without_a_case_says_so(whole, rules):
    found = perspectives(whole, Inventory(ROWS), rules, **PAIR)
    assert "No such case is stated" in " ".join(found.table().attrs["notes"])
    assert "secondary" in found.table().index[2]


def test_a_view_without_costs_has_none(rules):
    run = run_of({"work": 5.0})
    found = in_perspective(run, Inventory({"work": ROWS["work"]}), rules)
    assert found.cost_categories == ()
    assert not found.cost.any()


WITHOUT_DRUG = {k: v for k, v in ROWS.items() if k != "drug"}


@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        (WITHOUT_DRUG, ResultError, r"cost categories without a row.*found 'drug'.*Row\("),
        ({**ROWS, "drugs": ROWS["drug"]}, UnknownNameError, r"'drugs'.*Did you mean 'drug'"),
        (
            {**ROWS, "drug": Row("intervention", level="specialist")},
            UnknownNameError,
            r"unknown consequence 'intervention'.*Did you mean 'intervention_cost'",
        ),
        (
            {**ROWS, "drug": Row("intervention_cost", level="hospital")},
            UnknownNameError,
            r"unknown level of care or payer 'hospital'.*'municipal'",
        ),
        (
            {**ROWS, "drug": Row("patient_qalys", level="specialist")},
            ResultError,
            r"cost under a consequence that is counted in QALYs \(category 'drug'\)",
        ),
        ({**ROWS, "drug": "intervention_cost"}, ResultError, r"not a row of the inventory"),
    ],
)
def test_bad_rows_are_refused(whole, rules, rows, kind, message):
    with pytest.raises(kind, match=message):
        in_perspective(whole, Inventory(rows), rules)


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"left_out": {"transport": "near"}}, ResultError, r"both included and left out.*transp"),
        ({"left_out": {"trnsport": "near"}}, UnknownNameError, r"consequence 'trnsport'"),
        ({"in_qalys": {"transport": "somehow"}}, ResultError, r"in money said to be in the QALYs"),
        ({"carers": [[1.0, 1.0], [1.0, 1.0]]}, ResultError, r"carers' QALYs do not fit.*\(2, 1\)"),
        (
            {"carers": [[1.0], [np.nan]]},
            ResultError,
            r"carers' QALYs is not finite.*strategy 'new', draw 0",
        ),
        ({"societal_case": "fun"}, UnknownNameError, r"societal analysis 'fun'.*'storting'"),
        (
            {"carers": Outcomes.from_arrays(["a", "b"], cost=[[1], [1]], qaly=[[1], [1]])},
            ResultError,
            r"carers' run has other strategies",
        ),
    ],
)
def test_bad_statements_are_refused(whole, rules, settings, kind, message):
    with pytest.raises(kind, match=message):
        in_perspective(whole, Inventory(ROWS, **settings), rules)


def test_a_run_by_year_has_no_perspective(rules):
    run = YearlyOutcomes.from_arrays(["old", "new"], cost={"drug": np.ones((2, 1, 3))})
    with pytest.raises(ResultError, match=r"outcomes of the wrong kind.*found YearlyOutcomes"):
        perspectives(run, Inventory({"drug": ROWS["drug"]}), rules, **PAIR)


def test_statements_need_words():
    with pytest.raises(ResultError, match=r"'transport' without a reason"):
        Inventory(ROWS, left_out={"transport": " "})
    with pytest.raises(ResultError, match=r"carers' QALYs that are not given"):
        Inventory(ROWS, count_informal_care_as="qaly")
    with pytest.raises(ResultError, match=r"carers' QALYs is not numbers.*'many'"):
        Inventory(ROWS, carers="many")
    with pytest.raises(UnknownNameError, match=r"way to count informal care 'time'"):
        Inventory(ROWS, count_informal_care_as="time")


def test_unknown_view_and_strategy(whole, rules):
    with pytest.raises(UnknownNameError, match=r"unknown perspective 'social'"):
        in_perspective(whole, Inventory(ROWS), rules, view="social")
    with pytest.raises(UnknownNameError, match=r"unknown option 'newer'"):
        perspectives(whole, Inventory(ROWS), rules, reference="old", option="newer")


def test_no_inventory_in_force_before_the_white_paper(whole):
    early = guideline("no", as_of="2020-01-01")
    with pytest.raises(GuidelineError, match=r"no rule on 'perspective' in force on 2020-01-01"):
        in_perspective(whole, Inventory(ROWS), early)


def test_a_guideline_s_inventory_holds_together(rules):
    row = rules.perspective.consequence("informal_care")
    assert row.not_beside_separate_analysis_of == "patient_qalys"
    assert {c.measure for c in rules.perspective.consequences[:3]} == {"qaly"}
    assert {c.measure for c in rules.perspective.consequences[3:]} == {"cost"}
    assert [t.key for t in rules.perspective.levels][:3] == [
        "specialist",
        "municipal",
        "national_insurance",
    ]


def test_a_guideline_keeps_apart_only_what_has_a_separate_analysis(rules):
    rows = tuple(
        replace(c, not_beside_separate_analysis_of="transport") if c.key == "informal_care" else c
        for c in rules.perspective.consequences
    )
    with pytest.raises(GuidelineError, match=r"no separate analysis.*informal_care.*transport"):
        replace(rules.perspective, consequences=rows)


def test_results_survive_pickle(whole, rules):
    inventory = Inventory(ROWS, carers=[[0.1], [0.2]], count_informal_care_as="qaly")
    found = perspectives(whole, inventory, rules, **PAIR)
    filled = impact_inventory(whole, inventory, rules, **PAIR)
    again = pickle.loads(pickle.dumps((inventory, found, filled)))
    assert [repr(r) for r in again] == [repr(r) for r in (inventory, found, filled)]
    with pytest.raises(ValueError, match="read-only"):
        again[0].carers[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        again[1].incremental_cost["society"][0] = 1.0
