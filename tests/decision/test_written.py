"""Numbers and words of the tables of personnel and of what may be published."""

import numpy as np
import pytest

from prioritering.decision import StaffTime, WorkingYear, personnel, public_view
from prioritering.decision.budget.patients import Patients
from prioritering.decision.means import Mean
from prioritering.report.labels import label
from prioritering.report.tables.personnel import hours_cells
from prioritering.yearly import YearlyOutcomes


@pytest.mark.parametrize(
    ("value", "se", "text"),
    [
        (0.97, 0.0010, "0.970 (0.001)"),
        (0.0000, 0.00003, "0.000 (<0.001)"),
        (0.00004, 0.00003, "<0.001 (<0.001)"),
        (-0.00004, 0.00003, ">-0.001 (<0.001)"),
        (-0.018, 0.0002, "-0.018 (<0.001)"),
        (0.0123, 0.004, "0.012 (0.004)"),
        (20.174, 0.031, "20.17 (0.03)"),
        (-340.2, 1.2, "-340 (1)"),
        (161.44, 0.21, "161.4 (0.2)"),
        (0.0, None, "0.00"),
        (1.5, 0.0, "1.50 (0.00)"),
    ],
)
def test_a_value_and_its_error_have_digits_that_fit(value, se, text):
    assert hours_cells([Mean(value, se, None, None)], "en") == [text]


def test_digits_are_written_as_norwegian_has_them():
    assert hours_cells([Mean(-0.00004, 0.00003, None, None)], "no") == [">-0,001 (<0,001)"]


def test_full_time_equivalents_keep_their_sign(rules):
    """Two visits less a year for each of 100: 200 hours saved of 1750 are 0.114 of a year."""
    rng = np.random.default_rng(1)
    spread = rng.normal(0, 0.02, 400)
    use = np.array([4.0 + spread, 2.0 + spread * 2])[..., None]
    found = personnel(
        YearlyOutcomes.from_arrays(["old", "new"], cost=use, resource_use={"visits": use}),
        staff={"visits": [StaffTime("nurse", level="specialist", hours=1, source="x")]},
        reference="old",
        rules=rules,
        patients=Patients(incidence=100, uptake=1.0),
        years=1,
        working_year=WorkingYear(1_750, source="x"),
    )
    cell = found.table().filter(like="full-time", axis=0).iloc[0, 0]
    assert cell.startswith("-0.114 (")


GROWTH = label("page_row.net_growth", "en", currency="NOK").replace("\N{NO-BREAK SPACE}", " ")
STATEMENTS = (
    ("incremental_qaly", "1.23456789", "QALYs gained", "1.235"),
    ("incremental_cost", "614917.0237997578", "Incremental cost", "614,917"),
    ("life_years", "None", "Life years gained", "not stated"),
    ("probability_cost_effective", "0.4321", "Probability cost-effective", "43.2 %"),
    ("net_growth[2027]", "3.51e+07", GROWTH + ": 2027", "35.1"),
    ("passed_in", "2027", label("page_row.passed_in", "en"), "2027"),
    ("severity_class", "4", "Severity class", "4"),
    ("icer at net price", "within", "Cost per QALY gained (ICER), at net price",
     "at or below the limit"),
    ("scenario at net price", "scenario_2", "The two combined, at net price", "Scenario 2"),
    ("ICER", "NOK 500,000", "ICER", "NOK 500,000"),
    ("QALYs", "1.2", "QALYs", "1.2"),
)  # fmt: skip


def test_the_public_table_has_words_for_keys_and_rounded_numbers(rules):
    view = public_view(rules)
    for name, text, *_ in STATEMENTS:
        view = view.publish(name, text, {"guideline": "no"})
    table = view.table()
    written = [(name, cell) for name, cell in zip(table.index, table.iloc[:, 0], strict=True)]
    plain = [tuple(t.replace("\N{NO-BREAK SPACE}", " ") for t in pair) for pair in written]
    assert plain == [(words, cell) for *_, words, cell in STATEMENTS]
    norwegian = view.table("no")
    assert norwegian.index[0] == "Vunne QALY"
    assert norwegian.iloc[1, 0].replace("\N{NO-BREAK SPACE}", " ") == "614 917"
    assert norwegian.iloc[2, 0] == "ikke oppgitt"
