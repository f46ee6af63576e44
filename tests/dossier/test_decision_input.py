"""What the sections on the decision refuse, with its place; and damage that is never a crash."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering.dossier import Case, check_case, load_case, run_case
from prioritering.dossier.check import Finding
from prioritering.errors import CaseError, PrioriteringError, PrioriteringWarning

from .conftest import Write
from .decision_case import DECISION

Load = Callable[..., Case]

COMPUTED = [
    (
        "uptake = [0.25, 0.5, 1]",
        "uptake = [0.25, 1.5, 1]",
        r"key budget, line.*year 2.*0 to 1.*1.5",
    ),
    ("uptake = [0.25, 0.5, 1]", "uptake = [0.5, 1]", "another number of calendar years.*1 or 3"),
    ("uptake = [0.25, 0.5, 1]", 'uptake = "uptak"', "unknown parameter 'uptak'.*budget.uptake"),
    ("prevalence = 50", "prevalence = -1", "prevalence out of range.*found -1"),
    (
        'work = { consequence = "paid_production", level = "other" }\n',
        "",
        r"key inventory, line.*found 'work'. Add them under \[inventory.costs\]",
    ),
    ('"paid_production"', '"paid_producton"', "unknown consequence 'paid_producton'.*Did you mean"),
    ('level = "other"', 'level = "others"', "unknown level of care or payer 'others'"),
    ('"intervention_cost"', '"patient_qalys"', "counted in QALYs.*'drug'"),
    ('informal_care = "no data"', 'informal_car = "no data"', "unknown consequence 'informal_car'"),
    ('drug = "drug"\n', "", r"without a budget group.*Add them under \[budget.groups\]"),
    ('drug = "drug"', 'drug = "drugs"', "unknown cost group 'drugs'"),
    ('drug = "drug"', 'drugs = "drug"', "unknown cost category 'drugs'.*Did you mean 'drug'"),
    (
        'level = "municipal", hours',
        'level = "municipality", hours',
        r"unknown level of care or payer 'municipality'.*resources.visits.staff\[1\]",
    ),
    ("hours = 0.5", "hours = -0.5", r"staff hours out of range.*resources.visits.staff\[0\]"),
    ('"nurse_hours"', '"nurse_hour"', r"unknown parameter 'nurse_hour'.*staff\[1\]"),
    ("staff = []\n", "", "without staff time.*'calls'. Write staff for them, or staff = "),
    ("first_year = 2027", "first_year = 0", "greater than or equal to 1900"),
    ("years = 3", "years = 3\nprice_year = 2023", "prices of different years.*2024; found 2023"),
    ('category = "drug"', 'category = "drugs"', "unknown cost category 'drugs'.*price"),
    ('price = "cost_new"', "price = 0", "price is not usable.*above 0"),
    ('price = "cost_new"', 'price = "cost_old"', "unknown parameter 'cost_old'.*price.price"),
    ("price = 1_500", "price = -1", r"a price is not a price.*resources.visits.price"),
    ("amounts = { stable = 2 }", "amounts = { stable = -2 }", "negative number of times.*'calls'"),
    ("amounts = { stable = 2 }", "amounts = { stabel = 2 }", "unknown state.*'stabel'.*resources"),
    (
        "uptake = [0.25, 0.5, 1]\nuptake_without = 0\n",
        "shares = { with_decision = { new = 0.5, standard = 0.4 }, without = { standard = 1 } }\n",
        "market shares do not add up to 1.*found 0.9",
    ),
    (
        "[costs.work]",
        "[costs.visits]\nstable = 1\n[costs.work]",
        "'visits' is given both ways.*resources.visits.price.*Leave one out",
    ),
]

WRITTEN = [
    ('vat = "excluded"', 'vat = "some"', r"price.vat.*'included' or 'excluded'"),
    ('vat = "excluded"\n', "", "a key is missing.*'vat'"),
    ('"cost_new"\nunit = "per year"\n', '"cost_new"\n', "a key is missing.*'unit'"),
    ('source = "price list"\n\n[budget]', "[budget]", "expected source, or assumption = true"),
    ("uptake = [0.25, 0.5, 1]\n", "", "either uptake or shares"),
    ("years = 3", "years = 0", "budget.years"),
    ("working_year = 1_700", "working_year = 0", "personnel.working_year"),
    ("patients_in_norway = 60", "patients_in_norway = -1", "small_group.patients_in_norway"),
    ("patients_in_norway = 60", "patients = 60", "unknown key 'patients'"),
    ('unit = "visit"\n', "", "a key is missing.*'unit'"),
    ("[inventory.carers]", "[inventory.carer]", "unknown key 'carer'.*Did you mean 'carers'"),
    ("hours = 0.5, ", "", "a key is missing.*'hours'"),
    ('hours = 0.5, source = "a count"', "hours = 0.5", "source, or assumption = true"),
]


@pytest.mark.parametrize(("old", "new", "said"), COMPUTED)
def test_what_does_not_hold_together_is_refused_in_its_place(
    write: Write, old: str, new: str, said: str
) -> None:
    folder = write((old, new), text=DECISION)
    with pytest.raises(PrioriteringError, match=said):
        run_case(load_case(folder), draws=50)
    assert any(f.level == "error" for f in check_case(folder))


@pytest.mark.parametrize(("old", "new", "said"), WRITTEN)
def test_what_the_schema_does_not_take_is_refused_with_its_line(
    load: Load, old: str, new: str, said: str
) -> None:
    with pytest.raises(PrioriteringError, match=said) as caught:
        load((old, new), text=DECISION)
    assert isinstance(caught.value.where["line"], int)


def test_a_price_that_other_costs_follow_is_not_linear(load: Load) -> None:
    other = ("progressed = 100_000", 'progressed = "cost_new"')
    with pytest.raises(PrioriteringError, match="cost is not linear in the price of 'drug'"):
        run_case(load(other, text=DECISION), draws=50)


def test_a_small_group_needs_severity(load: Load) -> None:
    skip = '[severity]\nskip = "none"\n[decision]\nwtp = 3e5\nwtp_source = "stated"\n[run]'
    with pytest.raises(CaseError, match="small patient group without severity.*small_group"):
        run_case(load(("[run]", skip), text=DECISION), draws=50)


def test_money_needs_a_price_year_for_the_opportunity_cost(load: Load) -> None:
    with pytest.raises(CaseError, match="no price level.*budget"):
        run_case(load(("price_year = 2024\n", ""), text=DECISION), draws=50)


def test_an_age_beyond_the_tables_is_refused(load: Load) -> None:
    with pytest.raises(PrioriteringError, match="120"):
        run_case(load(("age = 61", "age = 120"), text=DECISION), draws=50)


def test_a_whole_case_passes_its_check(write: Write) -> None:
    findings: tuple[Finding, ...] = check_case(write(text=DECISION))
    assert not [f.text for f in findings if f.level == "error"]
    bare = [f.text.split(" is ")[0] for f in findings if "bare number" in f.text]
    assert "resources.visits.price" in bare
    assert "resources.visits.amounts.stable" in bare


PIECES = ["", "nan", "-1", '"x"', "{}", "[]", "true", "0", "1e400", "[0.5, 2]", "=", '"cost_new"']
START = DECISION.index("[resources.visits]")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_section_is_never_a_crash(data: st.DataObject) -> None:
    head, lines = DECISION[:START], DECISION[START:].splitlines()
    k = data.draw(st.integers(0, len(lines) - 1))
    key, equals, value = lines[k].partition(" = ")
    piece = data.draw(st.sampled_from(PIECES))
    lines[k] = data.draw(st.sampled_from([f"{key} = {piece}", f"{piece}{equals}{value}", piece]))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", PrioriteringWarning)
        (Path(folder) / "case.toml").write_text(head + "\n".join(lines), encoding="utf-8")
        assert check_case(folder)
